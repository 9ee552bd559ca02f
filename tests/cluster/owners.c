/* owners.c - what owners and users say to the nodes of the cluster. */
#include <assert.h>
#include <string.h>

#include "inner.h"

static void tell(struct cluster *cluster,
                 enum record_kind kind,
                 node_id node,
                 proc_id proc,
                 const char *what)
{
    struct record record = {.at_us = cluster->now_us,
                            .node = node,
                            .peer = NODE_NONE,
                            .proc = proc,
                            .kind = kind,
                            .why = what};
    story_record(cluster, &record);
}

static void step_if_up(struct cluster *cluster,
                       node_id node,
                       struct event *event)
{
    struct machine *machine = machine_find(cluster, node);
    if (machine->up)
        cluster_step(cluster, machine, event);
}

/* ---- Owners. ------------------------------------------------------------- */

void cluster_say(struct cluster *cluster,
                 node_id node,
                 const struct cluster_word *word)
{
    static const char *const names[] = {"up", "blocked", "draining", "gone"};
    tell(cluster, RECORD_FAULT, node, 0, names[word->state]);
    struct event event = {.kind = EVENT_STATE,
                          .state = (uint8_t)word->state,
                          .then = (uint8_t)word->then,
                          .within_us = word->within_us,
                          .reservation = word->reservation};
    step_if_up(cluster, node, &event);
}

static size_t part_of(const struct cluster *cluster, cluster_id id)
{
    size_t part = 0;
    while (part < cluster->setup.part_count && cluster->parts[part].id != id)
        part++;
    assert(part < cluster->setup.part_count);
    return part;
}

static void say_record(struct cluster *cluster,
                       cluster_id id,
                       const struct cluster_record *word)
{
    size_t part = part_of(cluster, id);
    struct cluster_record record = *word;
    uint32_t version = 0;
    for (uint32_t i = 0; i < cluster->parts[part].node_count; i++) {
        uint32_t known =
            cluster_version(cluster, cluster->parts[part].first + i, id);
        version = version < known ? known : version;
    }
    record.version = version + 1;
    for (uint32_t i = 0; i < cluster->parts[part].node_count; i++)
        cluster_owner_says(cluster, cluster->parts[part].first + i, &record);
}

void cluster_isolate(struct cluster *cluster,
                     cluster_id id,
                     usec_t within_us,
                     enum leave_then then)
{
    struct cluster_record record =
        cluster_record_of(cluster, part_of(cluster, id));
    tell(cluster, RECORD_FAULT, record.first, 0, "isolated");
    record.state = CLUSTER_ISOLATED;
    record.then = (uint8_t)then;
    record.within_us = within_us;
    say_record(cluster, id, &record);
}

void cluster_rejoin(struct cluster *cluster, cluster_id id)
{
    struct cluster_record record =
        cluster_record_of(cluster, part_of(cluster, id));
    tell(cluster, RECORD_FAULT, record.first, 0, "rejoined");
    say_record(cluster, id, &record);
}

/* ---- Users. -------------------------------------------------------------- */

void cluster_freeze(struct cluster *cluster, proc_id proc)
{
    struct life *life = life_find(cluster, proc);
    struct event event = {
        .kind = EVENT_FREEZE, .proc = proc, .peer = NODE_NONE};
    life->user_froze = true;
    step_if_up(cluster, life->job.home, &event);
}

void cluster_thaw(struct cluster *cluster, proc_id proc)
{
    struct life *life = life_find(cluster, proc);
    struct event event = {.kind = EVENT_THAW, .proc = proc, .peer = NODE_NONE};
    life->user_froze = false;
    step_if_up(cluster, life->job.home, &event);
}

void cluster_change(struct cluster *cluster,
                    proc_id proc,
                    void (*change)(struct proc_info *proc))
{
    struct life *life = life_find(cluster, proc);
    if (!machine_find(cluster, life->job.home)->up)
        return;
    if (!life->wished)
        life->wish = (struct proc_info){.id = proc,
                                        .class_number = 1,
                                        .width = 1,
                                        .job = life->job.job,
                                        .locked = life->job.locked};
    life->wished = true;
    change(&life->wish);
    struct proc_info info = life->wish;
    struct event event = {
        .kind = EVENT_CHANGED, .procs = &info, .proc_count = 1};
    step_if_up(cluster, life->job.home, &event);
}

void cluster_job_event(struct cluster *cluster,
                       enum event_kind kind,
                       node_id at,
                       uint32_t user,
                       uint32_t job,
                       node_id target)
{
    for (size_t i = 0; i < cluster->life_count; i++) {
        struct life *life = &cluster->lives[i];
        bool named = life->job.home == at && life->job.user == user &&
                     life->job.job == job && job != 0;
        if (named && (kind == EVENT_FREEZE || kind == EVENT_THAW))
            life->user_froze = kind == EVENT_FREEZE;
    }
    struct event event = {
        .kind = kind, .peer = target, .user = user, .job = job};
    step_if_up(cluster, at, &event);
}

/* ---- From a checkpoint. -------------------------------------------------- */

enum { EPOCH_MARGIN = 1000 }; /* Beyond what nodes decided unheard. */

static bool node_has(const struct machine *machine, proc_id proc)
{
    size_t count;
    const struct proc_info *procs = node_procs(machine->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return true;
    return false;
}

/* All copies there are become void; what its home holds is thrown away. */
static void void_copies(struct cluster *cluster,
                        struct machine *home,
                        struct life *life)
{
    if (machine_copy(home, life->proc))
        machine_copy_remove(cluster, home, life->proc);
    life->stale_count += life->copy_count;
    life->copy_count = 0;
    life->flying_count = 0;
    life->running_on = NODE_NONE;
    life->incarnation++;
}

bool cluster_restart(struct cluster *cluster, proc_id proc)
{
    struct life *life = life_find(cluster, proc);
    struct machine *home = machine_find(cluster, life->job.home);
    if (!home->up || life->ended || (!life->told_lost && !life->home_crashed) ||
        node_has(home, proc))
        return false;
    tell(cluster, RECORD_RESTART, home->id, proc, "");
    void_copies(cluster, home, life);
    life->told_lost = life->may_be_lost = life->home_crashed = false;
    life->user_froze = life->wished = false;
    life->last_place = home->id;
    life->epoch_max += EPOCH_MARGIN;
    cluster->counts.restarts++;
    struct copy copy = {.proc = proc,
                        .state = COPY_HELD,
                        .incarnation = life->incarnation,
                        .work_left = life->job.work_us * WORK_UNIT,
                        .mem_bytes = life->job.mem_bytes};
    machine_copy_add(cluster, home, &copy);
    struct proc_info info = life_newborn(cluster, home, life);
    struct event event = {.kind = EVENT_SUBMIT,
                          .procs = &info,
                          .proc_count = 1,
                          .epoch = life->epoch_max};
    cluster_step(cluster, home, &event);
    return true;
}

/* ---- What is true of clusters. ------------------------------------------- */

static size_t count_strangers(const struct cluster *cluster,
                              cluster_id place,
                              cluster_id home)
{
    size_t count = 0;
    for (size_t i = 0; i < cluster->machine_count; i++) {
        const struct machine *machine = &cluster->machines[i];
        cluster_id here = cluster->parts[machine->part].id;
        for (size_t k = 0; machine->up && k < machine->copy_count; k++) {
            const struct copy *copy = &machine->copies[k];
            cluster_id from = life_find(cluster, copy->proc)->home_cluster;
            count += here != from && (place == 0 || here == place) &&
                     (home == 0 || from == home);
        }
    }
    return count;
}

size_t cluster_grid_guests(const struct cluster *cluster, cluster_id id)
{
    return count_strangers(cluster, id, 0);
}

size_t cluster_aways(const struct cluster *cluster, cluster_id id)
{
    return count_strangers(cluster, 0, id);
}

bool cluster_is_frozen(const struct cluster *cluster, proc_id proc)
{
    for (size_t i = 0; i < cluster->machine_count; i++) {
        const struct machine *machine = &cluster->machines[i];
        const struct copy *copy =
            machine->up ? machine_copy(machine, proc) : NULL;
        if (copy && copy->state == COPY_FROZEN &&
            !machine_holds_stale(cluster, copy))
            return true;
    }
    return false;
}
