/* machine.c - processor and memory of one machine. The running processes share
 * its cores evenly, each at most one core. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

enum { SHARE_WHOLE_MILLI = 1000 };

struct copy *machine_copy(const struct machine *machine, proc_id proc)
{
    for (size_t i = 0; i < machine->copy_count; i++)
        if (machine->copies[i].proc == proc)
            return &machine->copies[i];
    return NULL;
}

bool machine_holds_stale(const struct cluster *cluster, const struct copy *copy)
{
    return copy->incarnation != life_find(cluster, copy->proc)->incarnation;
}

static uint32_t running_count(const struct machine *machine)
{
    uint32_t count = 0;
    for (size_t i = 0; i < machine->copy_count; i++)
        count += machine->copies[i].state == COPY_RUNNING;
    return count;
}

/* Work units for each microsecond that one running process gets. */
static uint64_t rate(const struct machine *machine)
{
    uint32_t running = running_count(machine);
    if (running == 0)
        return 0;
    uint64_t share =
        (uint64_t)machine->core_count * SHARE_WHOLE_MILLI / running;
    if (share > SHARE_WHOLE_MILLI)
        share = SHARE_WHOLE_MILLI;
    return share * machine->speed_milli;
}

void machine_advance(struct cluster *cluster, struct machine *machine)
{
    usec_t span = cluster->now_us - machine->advanced_us;
    machine->advanced_us = cluster->now_us;
    uint64_t done = span * rate(machine);
    uint32_t running = running_count(machine);
    machine->runnable_us += span * running;
    machine->busy_us +=
        span * (running < machine->core_count ? running : machine->core_count);
    for (size_t i = 0; i < machine->copy_count; i++) {
        struct copy *copy = &machine->copies[i];
        if (copy->state == COPY_RUNNING)
            copy->work_left -= copy->work_left < done ? copy->work_left : done;
    }
}

void machine_plan_exit(struct cluster *cluster, struct machine *machine)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < machine->copy_count; i++) {
        const struct copy *copy = &machine->copies[i];
        if (copy->state == COPY_RUNNING && copy->work_left < least)
            least = copy->work_left;
    }
    machine->exit_plan++;
    uint64_t each = rate(machine);
    if (least == UINT64_MAX || each == 0)
        return;
    struct item item = {.at_us = cluster->now_us + (least + each - 1) / each,
                        .kind = HAPPENS_EXIT,
                        .node = machine->id,
                        .incarnation = machine->incarnation,
                        .number = machine->exit_plan};
    queue_push(&cluster->queue, &item);
}

struct copy *machine_copy_add(struct cluster *cluster,
                              struct machine *machine,
                              const struct copy *copy)
{
    machine_advance(cluster, machine);
    if (machine->copy_count == machine->copy_room) {
        machine->copy_room = machine->copy_room * 2 + 8;
        machine->copies =
            realloc(machine->copies, machine->copy_room * sizeof *copy);
        assert(machine->copies);
    }
    struct copy *own = &machine->copies[machine->copy_count++];
    *own = *copy;
    struct life *life = life_find(cluster, copy->proc);
    if (machine_holds_stale(cluster, own))
        life->stale_count++;
    else
        life->copy_count++;
    return own;
}

void machine_copy_remove(struct cluster *cluster,
                         struct machine *machine,
                         proc_id proc)
{
    struct copy *copy = machine_copy(machine, proc);
    struct life *life = life_find(cluster, proc);
    machine_advance(cluster, machine);
    bool stale = machine_holds_stale(cluster, copy);
    if (copy->state == COPY_RUNNING && !stale)
        life->running_on = NODE_NONE;
    *copy = machine->copies[--machine->copy_count];
    uint32_t *count = stale ? &life->stale_count : &life->copy_count;
    assert(*count > 0);
    --*count;
    machine_plan_exit(cluster, machine);
}

void machine_copy_state(struct cluster *cluster,
                        struct machine *machine,
                        struct copy *copy,
                        enum copy_state state)
{
    if (copy->state == state)
        return;
    machine_advance(cluster, machine);
    struct life *life = life_find(cluster, copy->proc);
    bool stale = machine_holds_stale(cluster, copy);
    if (copy->state == COPY_RUNNING && !stale)
        life->running_on = NODE_NONE;
    if (state == COPY_RUNNING && !stale)
        invariant_runs(cluster, machine, life);
    if (copy->state == COPY_HELD || copy->state == COPY_FROZEN)
        machine->home_came_us = cluster->now_us; /* It takes memory now. */
    copy->state = state;
    machine_plan_exit(cluster, machine);
}

/* What has not started or is frozen holds none. */
uint64_t machine_used_bytes(const struct machine *machine)
{
    uint64_t used = 0;
    for (size_t i = 0; i < machine->copy_count; i++)
        if (machine->copies[i].state == COPY_RUNNING ||
            machine->copies[i].state == COPY_STOPPED)
            used += machine->copies[i].mem_bytes;
    return used;
}

uint64_t machine_frozen_bytes(const struct machine *machine)
{
    uint64_t frozen = 0;
    for (size_t i = 0; i < machine->copy_count; i++)
        if (machine->copies[i].state == COPY_FROZEN)
            frozen += machine->copies[i].mem_bytes;
    return frozen;
}

void machine_measure_proc(const struct cluster *cluster,
                          const struct copy *copy,
                          struct proc_info *proc)
{
    uint64_t work =
        life_find(cluster, copy->proc)->job.work_us * (uint64_t)WORK_UNIT;
    proc->mem_bytes = copy->mem_bytes;
    proc->cpu_used_us = (work - copy->work_left) / WORK_UNIT;
    proc->cpu_milli = SHARE_WHOLE_MILLI; /* It would take a whole core. */
}

/* What a sample says: measured fields only; the node knows the rest. */
void machine_measure(struct cluster *cluster,
                     struct machine *machine,
                     struct node_info *ret_self,
                     size_t *ret_count)
{
    size_t count = 0;
    const struct proc_info *procs =
        machine->node ? node_procs(machine->node, &count) : NULL;
    if (count > cluster->sample_room) {
        cluster->sample_room = count * 2;
        cluster->sample =
            realloc(cluster->sample, cluster->sample_room * sizeof *procs);
        assert(cluster->sample);
    }
    for (size_t i = 0; i < count; i++) {
        cluster->sample[i] = procs[i];
        const struct copy *copy = machine_copy(machine, procs[i].id);
        if (copy)
            machine_measure_proc(cluster, copy, &cluster->sample[i]);
    }
    *ret_count = count;

    usec_t span = cluster->now_us - machine->sampled_us;
    uint64_t used = machine_used_bytes(machine);
    uint64_t frozen = machine_frozen_bytes(machine);
    *ret_self = (struct node_info){
        .id = machine->id,
        .cluster = cluster->parts[machine->part].id,
        .core_count = machine->core_count,
        .speed_milli = machine->speed_milli,
        .grid_guest_limit = machine->grid_guest_limit,
        .freeze_total_bytes = machine->freeze_bytes,
        .freeze_free_bytes =
            frozen < machine->freeze_bytes ? machine->freeze_bytes - frozen : 0,
        .mem_total_bytes = machine->mem_bytes,
        .mem_free_bytes =
            used < machine->mem_bytes ? machine->mem_bytes - used : 0,
        .paging_bytes_per_s =
            used > machine->mem_bytes ? used - machine->mem_bytes : 0,
    };
    if (span > 0) {
        ret_self->load_milli = (uint32_t)(machine->runnable_us * 1000 / span);
        ret_self->utilisation_milli =
            (uint16_t)(machine->busy_us * 1000 / span / machine->core_count);
    }
    machine->runnable_us = 0;
    machine->busy_us = 0;
    machine->sampled_us = cluster->now_us;
}
