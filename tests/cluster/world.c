/* world.c - what users, owners and bad luck do to the cluster. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

static void tell_fault(struct cluster *cluster, node_id node, const char *what)
{
    struct record record = {.at_us = cluster->now_us,
                            .node = node,
                            .peer = NODE_NONE,
                            .kind = RECORD_FAULT,
                            .why = what};
    story_record(cluster, &record);
}

static struct life *add_life(struct cluster *cluster,
                             const struct cluster_job *job)
{
    if (cluster->life_count == cluster->life_room) {
        cluster->life_room = cluster->life_room * 2 + 64;
        cluster->lives = realloc(cluster->lives,
                                 cluster->life_room * sizeof *cluster->lives);
        assert(cluster->lives);
    }
    struct life *life = &cluster->lives[cluster->life_count++];
    size_t part = machine_find(cluster, job->home)->part;
    *life = (struct life){
        .proc = (proc_id)job->home << 32 | cluster->life_count,
        .job = *job,
        .home_cluster = cluster->parts[part].id,
        .submitted_us = cluster->now_us,
        .running_on = NODE_NONE,
        .last_place = job->home,
        .left = NODE_NONE,
    };
    return life;
}

struct proc_info life_newborn(const struct cluster *cluster,
                              const struct machine *home,
                              const struct life *life)
{
    usec_t now = machine_clock(home, cluster->now_us);
    return (struct proc_info){
        .id = life->proc,
        .home = home->id,
        .came_from = NODE_NONE,
        .home_cluster = life->home_cluster,
        .class_number = 1,
        .width = 1,
        .cpu_milli = 1000,
        .state = PROC_WAITING,
        .pinned = life->job.pinned,
        .locked = life->job.locked,
        .user = life->job.user,
        .job = life->job.job,
        .mem_bytes = life->job.mem_bytes,
        .sibling_node = NODE_NONE,
        .submitted_us = now,
        .arrived_us = now,
    };
}

proc_id cluster_submit(struct cluster *cluster, const struct cluster_job *job)
{
    struct machine *home = machine_find(cluster, job->home);
    assert(cluster->started && home->up);
    struct life *life = add_life(cluster, job);
    proc_id proc = life->proc;
    struct copy copy = {.proc = proc,
                        .state = COPY_HELD,
                        .work_left = job->work_us * WORK_UNIT,
                        .mem_bytes = job->mem_bytes};
    machine_copy_add(cluster, home, &copy);
    cluster->counts.submitted++;
    struct proc_info info = life_newborn(cluster, home, life);
    struct event event = {
        .kind = EVENT_SUBMIT, .procs = &info, .proc_count = 1};
    cluster_step(cluster, home, &event);
    return proc;
}

static void step_if_up(struct cluster *cluster,
                       node_id node,
                       struct event *event)
{
    struct machine *machine = machine_find(cluster, node);
    if (machine->up)
        cluster_step(cluster, machine, event);
}

void cluster_move(struct cluster *cluster, proc_id proc, node_id target)
{
    struct event event = {.kind = EVENT_MOVE, .proc = proc, .peer = target};
    node_id place = cluster_place(cluster, proc);
    if (place != NODE_NONE)
        step_if_up(cluster, place, &event);
}

void cluster_recall(struct cluster *cluster, proc_id proc)
{
    struct event event = {.kind = EVENT_RECALL, .proc = proc};
    step_if_up(cluster, life_find(cluster, proc)->job.home, &event);
}

void cluster_state(struct cluster *cluster, node_id node, enum node_state to)
{
    struct cluster_word word = {.state = to, .within_us = USEC_NEVER};
    cluster_say(cluster, node, &word);
}

/* Whatever is true: here, what the dead node holds of this home is given up,
 * and guests whose home it is end. */
void cluster_dead(struct cluster *cluster, node_id at, node_id dead)
{
    tell_fault(cluster, dead, "declared dead");
    for (size_t i = 0; i < cluster->life_count; i++)
        if (cluster->lives[i].job.home == at ||
            cluster->lives[i].job.home == dead)
            cluster->lives[i].may_be_lost = true;
    struct event event = {.kind = EVENT_DEAD, .peer = dead};
    step_if_up(cluster, at, &event);
}

void cluster_frame(struct cluster *cluster,
                   node_id at,
                   node_id from,
                   const uint8_t *bytes,
                   size_t byte_count)
{
    struct event event = {.kind = EVENT_FRAME,
                          .peer = from,
                          .bytes = bytes,
                          .byte_count = byte_count};
    step_if_up(cluster, at, &event);
}

void cluster_kill(struct cluster *cluster, node_id node)
{
    struct machine *machine = machine_find(cluster, node);
    if (!machine->up)
        return;
    tell_fault(cluster, node, "killed");
    for (size_t i = 0; i < cluster->life_count; i++) {
        struct life *life = &cluster->lives[i];
        if (life->job.home == node)
            life->home_crashed = life->may_be_lost = true;
        /* Its end may be known here alone. */
        if (life->ended && life->last_place == node)
            life->may_be_lost = true;
    }
    while (machine->copy_count > 0) {
        proc_id proc = machine->copies[0].proc;
        struct life *life = life_find(cluster, proc);
        bool stale = machine_holds_stale(cluster, &machine->copies[0]);
        machine_copy_remove(cluster, machine, proc);
        if (!stale && life->running_on == NODE_NONE)
            life->may_be_lost = true;
    }
    machine->up = false;
    machine->node = NULL;
    free(machine->block);
    machine->block = NULL;
}

void cluster_revive(struct cluster *cluster, node_id node)
{
    struct machine *machine = machine_find(cluster, node);
    if (machine->up)
        return;
    tell_fault(cluster, node, "revived");
    machine_boot(cluster, machine);
}

void cluster_side(struct cluster *cluster, node_id node, uint32_t side)
{
    tell_fault(cluster, node, side > 0 ? "cut off" : "joined again");
    machine_find(cluster, node)->side = side;
}

void cluster_heal(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->machine_count; i++)
        if (cluster->machines[i].side != 0)
            cluster_side(cluster, cluster->machines[i].id, 0);
}

static void set_away(struct cluster *cluster, cluster_id id, bool away)
{
    assert(!cluster->setup.owners_speak);
    for (size_t part = 0; part < cluster->setup.part_count; part++)
        if (cluster->parts[part].id == id) {
            tell_fault(cluster, cluster->parts[part].first,
                       away ? "its cluster leaves" : "its cluster returns");
            cluster->part_away[part] = away;
        }
    map_draw(cluster);
}

void cluster_part_leaves(struct cluster *cluster, cluster_id id)
{
    set_away(cluster, id, true);
}

void cluster_part_returns(struct cluster *cluster, cluster_id id)
{
    set_away(cluster, id, false);
}

void cluster_machine_set(struct cluster *cluster,
                         node_id node,
                         uint16_t core_count,
                         uint32_t speed_milli,
                         uint64_t mem_bytes)
{
    assert(!cluster->started);
    struct machine *machine = machine_find(cluster, node);
    machine->core_count = core_count;
    machine->speed_milli = speed_milli;
    machine->mem_bytes = mem_bytes;
}

void cluster_noise_set(struct cluster *cluster,
                       uint32_t loss_milli,
                       uint32_t doubling_milli)
{
    cluster->setup.loss_milli = loss_milli;
    cluster->setup.doubling_milli = doubling_milli;
}

node_id cluster_place(const struct cluster *cluster, proc_id proc)
{
    return life_find(cluster, proc)->running_on;
}

bool cluster_ended(const struct cluster *cluster, proc_id proc)
{
    return life_find(cluster, proc)->ended;
}

bool cluster_is_up(const struct cluster *cluster, node_id node)
{
    return machine_find(cluster, node)->up;
}

const struct node *cluster_node(const struct cluster *cluster, node_id node)
{
    return machine_find(cluster, node)->node;
}

struct cluster_counts cluster_counts(const struct cluster *cluster)
{
    return cluster->counts;
}
