/* swarm_trouble.c - what happens in a run of the swarm. */
#include "tests/swarm.h"

uint64_t swarm_draw(struct swarm *swarm, uint64_t below)
{
    uint64_t z = swarm->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % below;
}

bool swarm_chance(struct swarm *swarm, uint64_t percent)
{
    return swarm_draw(swarm, 100) < percent;
}

static node_id draw_node(struct swarm *swarm)
{
    const struct cluster_part *part =
        &swarm->parts[swarm_draw(swarm, swarm->setup.part_count)];
    return part->first + (node_id)swarm_draw(swarm, part->node_count);
}

/* ---- Trouble. ------------------------------------------------------------ */

static void submit(struct swarm *swarm)
{
    struct cluster_job job = {.home = draw_node(swarm)};
    job.work_us = 1000 + swarm_draw(swarm, SECONDS(60));
    job.mem_bytes = (1 + swarm_draw(swarm, 64)) * MIB;
    job.pinned = swarm_chance(swarm, 5);
    job.locked = swarm_chance(swarm, 5);
    job.user = (uint32_t)swarm_draw(swarm, USERS_MAX);
    job.job = (uint32_t)swarm_draw(swarm, JOBS_MAX);
    if (swarm->proc_count < PROCS_MAX &&
        cluster_is_up(swarm->cluster, job.home))
        swarm->procs[swarm->proc_count++] =
            cluster_submit(swarm->cluster, &job);
}

static void burst(struct swarm *swarm)
{
    uint64_t count = 1 + swarm_draw(swarm, 6);
    for (uint64_t i = 0; i < count; i++)
        submit(swarm);
}

static proc_id draw_proc(struct swarm *swarm)
{
    return swarm->procs[swarm_draw(swarm, swarm->proc_count)];
}

static void somebody_moves_one(struct swarm *swarm)
{
    if (swarm->proc_count == 0)
        return;
    proc_id proc = draw_proc(swarm);
    if (swarm_chance(swarm, 10))
        cluster_move(swarm->cluster, proc, NODE_NONE);
    else if (swarm_chance(swarm, 50))
        cluster_move(swarm->cluster, proc, draw_node(swarm));
    else if (cluster_is_up(swarm->cluster, (node_id)(proc >> 32)))
        cluster_recall(swarm->cluster, proc);
}

static void change(struct proc_info *proc)
{
    /* A job that it shares with others of that width. */
    proc->locked = !proc->locked;
    proc->queue_rank = 7;
    proc->priority++;
}

/* More than once: an earlier wish may come after a later one. */
static void somebody_changes_his_mind(struct swarm *swarm, proc_id proc)
{
    for (uint64_t i = 1 + swarm_draw(swarm, 3); i > 0; i--) {
        cluster_run_for(swarm->cluster, swarm_draw(swarm, SECONDS(1)));
        cluster_change(swarm->cluster, proc, change);
    }
}

static void somebody_means_a_job(struct swarm *swarm)
{
    static const enum event_kind kinds[] = {EVENT_MOVE, EVENT_RECALL,
                                            EVENT_FREEZE, EVENT_THAW};
    uint32_t user = (uint32_t)swarm_draw(swarm, USERS_MAX);
    uint32_t job = 1 + (uint32_t)swarm_draw(swarm, JOBS_MAX - 1);
    enum event_kind kind = kinds[swarm_draw(swarm, 4)];
    node_id target = kind == EVENT_MOVE ? draw_node(swarm) : NODE_NONE;
    if (kind == EVENT_RECALL && swarm_chance(swarm, 50))
        user = job = 0;
    cluster_job_event(swarm->cluster, kind, draw_node(swarm), user, job,
                      target);
}

static void somebody_wishes(struct swarm *swarm)
{
    if (swarm->proc_count == 0)
        return;
    proc_id proc = draw_proc(swarm);
    switch (swarm_draw(swarm, 7)) {
        case 0:
            cluster_freeze(swarm->cluster, proc);
            break;
        case 1:
            cluster_thaw(swarm->cluster, proc);
            break;
        case 2:
            cluster_restart(swarm->cluster, proc);
            break;
        case 3:
            somebody_changes_his_mind(swarm, proc);
            break;
        case 4:
            cluster_move(swarm->cluster, proc, draw_node(swarm));
            somebody_changes_his_mind(swarm, proc);
            break;
        default:
            somebody_means_a_job(swarm);
            break;
    }
}

static void owner_says(struct swarm *swarm, node_id node)
{
    const struct cluster_part *part =
        &swarm->parts[swarm_draw(swarm, swarm->setup.part_count)];
    struct reservation group = {.cluster = part->id, .user = USER_ANY};
    if (swarm_chance(swarm, 20))
        group.cluster = 0;
    if (swarm_chance(swarm, 50))
        group.user = (uint32_t)swarm_draw(swarm, USERS_MAX);
    struct cluster_word word = {.reservation = NULL};
    word.state = (enum node_state)swarm_draw(swarm, NODE_DRAINING + 1);
    word.then = (enum leave_then)swarm_draw(swarm, THEN_KILL + 1);
    word.within_us = swarm_draw(swarm, SECONDS(20));
    if (swarm_chance(swarm, 30))
        word.reservation = &group;
    cluster_say(swarm->cluster, node, &word);
}

static void declare_dead(struct swarm *swarm, node_id node)
{
    node_id at = draw_node(swarm);
    if (at != node)
        cluster_dead(swarm->cluster, at, node);
}

static void trouble_with_nodes(struct swarm *swarm)
{
    node_id node = draw_node(swarm);
    switch (swarm_draw(swarm, 6)) {
        case 0:
            cluster_kill(swarm->cluster, node);
            break;
        case 1:
            cluster_revive(swarm->cluster, node);
            break;
        case 2:
            cluster_kill(swarm->cluster, node);
            cluster_revive(swarm->cluster, node);
            break;
        case 3:
            cluster_side(swarm->cluster, node, (uint32_t)swarm_draw(swarm, 3));
            break;
        case 4:
            owner_says(swarm, node);
            break;
        default:
            declare_dead(swarm, node);
            break;
    }
}

/* An owner's next word, to one node of his, which may be down. */
static void owner_speaks(struct swarm *swarm, size_t part, bool open)
{
    /* Who knows where nobody gossips? */
    bool to_all = open && !swarm->gossips;
    struct cluster_record record = cluster_record_of(swarm->cluster, part);
    record.version = 2 + swarm->versions[part]++;
    if (!open) {
        record.state =
            swarm_chance(swarm, 30) ? CLUSTER_ISOLATED : CLUSTER_OPEN;
        record.then = (uint8_t)swarm_draw(swarm, THEN_KILL + 1);
        record.within_us = swarm_draw(swarm, SECONDS(20));
        record.others.go = swarm_chance(swarm, 70);
        record.others.take = swarm_chance(swarm, 70);
        record.others.expand = swarm_chance(swarm, 70);
        record.others.priority = (uint16_t)swarm_draw(swarm, 100);
        record.others.cap = (uint16_t)swarm_draw(swarm, 4);
    }
    node_id one = record.first + (node_id)swarm_draw(swarm, record.node_count);
    for (uint32_t i = 0; i < record.node_count; i++)
        if (to_all || record.first + i == one)
            cluster_owner_says(swarm->cluster, record.first + i, &record);
}

static void trouble_with_clusters(struct swarm *swarm)
{
    size_t which = swarm_draw(swarm, swarm->setup.part_count);
    const struct cluster_part *part = &swarm->parts[which];
    if (swarm->setup.owners_speak && swarm_chance(swarm, 80))
        owner_speaks(swarm, which, false);
    else if (swarm->setup.owners_speak)
        cluster_heal(swarm->cluster);
    else if (swarm_chance(swarm, 40))
        cluster_part_leaves(swarm->cluster, part->id);
    else if (swarm_chance(swarm, 60))
        cluster_part_returns(swarm->cluster, part->id);
    else
        cluster_heal(swarm->cluster);
}

void swarm_trouble(struct swarm *swarm)
{
    uint64_t drawn = swarm_draw(swarm, 100);
    if (drawn < 45)
        burst(swarm);
    else if (drawn < 62)
        somebody_moves_one(swarm);
    else if (drawn < 74)
        somebody_wishes(swarm);
    else if (drawn < 90)
        trouble_with_nodes(swarm);
    else
        trouble_with_clusters(swarm);
}

void swarm_make_peace(struct swarm *swarm)
{
    cluster_noise_set(swarm->cluster, 0, 0);
    cluster_heal(swarm->cluster);
    for (size_t i = 0; i < swarm->proc_count; i++)
        cluster_thaw(swarm->cluster, swarm->procs[i]);
    for (size_t i = 0; i < swarm->setup.part_count; i++) {
        if (swarm->setup.owners_speak)
            owner_speaks(swarm, i, true);
        else
            cluster_part_returns(swarm->cluster, swarm->parts[i].id);
        for (uint32_t k = 0; k < swarm->parts[i].node_count; k++) {
            node_id node = swarm->parts[i].first + k;
            cluster_revive(swarm->cluster, node);
            cluster_state(swarm->cluster, node, NODE_UP);
        }
    }
}

enum { SPREAD_S = 30, EMPTY_S = 150 };

static void say_to_all(struct swarm *swarm, size_t part, enum cluster_state to)
{
    struct cluster_record record = cluster_record_of(swarm->cluster, part);
    record.version = 2 + swarm->versions[part]++;
    record.state = (uint8_t)to;
    for (uint32_t i = 0; i < record.node_count; i++)
        cluster_owner_says(swarm->cluster, record.first + i, &record);
}

/* Long jobs at all homes, which spread before the owner speaks. */
const char *swarm_isolate_one(struct swarm *swarm)
{
    size_t part = swarm_draw(swarm, swarm->setup.part_count);
    cluster_id id = swarm->parts[part].id;
    for (size_t i = 0; i < swarm->setup.part_count; i++)
        for (uint32_t k = 0; k < swarm->parts[i].node_count; k++) {
            struct cluster_job job = {.home = swarm->parts[i].first + k,
                                      .work_us = SECONDS(120),
                                      .mem_bytes = 8 * MIB};
            proc_id proc = cluster_submit(swarm->cluster, &job);
            cluster_run_for(swarm->cluster, SECONDS(1));
            cluster_move(swarm->cluster, proc, draw_node(swarm));
        }
    cluster_run_for(swarm->cluster, SECONDS(SPREAD_S));
    say_to_all(swarm, part, CLUSTER_ISOLATED);
    cluster_run_for(swarm->cluster, SECONDS(EMPTY_S));
    const char *wrong = cluster_broken(swarm->cluster);
    if (!wrong && (cluster_grid_guests(swarm->cluster, id) > 0 ||
                   cluster_aways(swarm->cluster, id) > 0))
        wrong = "guests gone when isolated: not all have gone or come back";
    say_to_all(swarm, part, CLUSTER_OPEN);
    return wrong;
}
