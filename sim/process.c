/* process.c - the life of a process: submitted, running, stopped, gone. */
#include <assert.h>
#include <math.h>

#include "invariants.h"
#include "run.h"

/* Unique in the grid, and turned into an index by one subtraction. */
proc_id process_id(const struct world *world, uint32_t index)
{
    return (proc_id)world->processes[index].home << 32 |
           (process_number(world, index) + 1);
}

uint32_t process_find(const struct world *world, proc_id id)
{
    uint32_t index = (uint32_t)id - 1;
    assert(index < world->process_count);
    return index;
}

/* The list that it is on. */
static uint32_t *list_of(struct world *world, const struct process *p)
{
    if (p->phase == PROCESS_VANISHED)
        return &world->vanished_list;
    if (p->phase == PROCESS_COMING)
        return &world->machines[p->home].submit_list;
    return &world->machines[p->place].process_list;
}

static void list_remove(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    uint32_t *list = list_of(world, p);
    if (p->next == index) {
        *list = PROCESS_NONE;
    } else {
        world->processes[p->next].previous = p->previous;
        world->processes[p->previous].next = p->next;
        if (*list == index)
            *list = p->next;
    }
    p->next = p->previous = PROCESS_NONE;
}

static void list_add(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    uint32_t *list = list_of(world, p);
    if (*list == PROCESS_NONE) {
        p->next = p->previous = *list = index;
        return;
    }
    struct process *head = &world->processes[*list];
    p->next = *list;
    p->previous = head->previous;
    world->processes[head->previous].next = index;
    head->previous = index;
}

void process_settle(struct world *world, uint32_t index, node_id place)
{
    struct process *p = &world->processes[index];
    if (p->next != PROCESS_NONE)
        list_remove(world, index);
    p->place = place;
    list_add(world, index);
}

void process_wait_for_home(struct world *world, uint32_t index)
{
    assert(world->processes[index].phase == PROCESS_COMING);
    list_add(world, index);
    world->waiting_count++;
}

void process_waits_no_more(struct world *world, uint32_t index)
{
    assert(world->processes[index].phase == PROCESS_COMING);
    list_remove(world, index);
    world->waiting_count--;
}

/* What it takes from its home while it is away and runs. */
static void set_home_tax(struct world *world, uint32_t index, double tax)
{
    const struct process *p = &world->processes[index];
    if (!p->mover || p->mover->home_tax == tax)
        return;
    world->machines[p->home].home_tax += tax - p->mover->home_tax;
    p->mover->home_tax = tax;
    memory_refresh(world, p->home);
}

/* The reference engine's own count of what runs, which measuring needs. */
static void count_running(struct world *world, node_id node, int change)
{
    struct machine *m = &world->machines[node];
    const struct scenario_cluster *c = &world->scenario->clusters[m->cluster];
    double passed_s = world->now - m->counted_at;
    m->counted.running_s += m->running_count * passed_s;
    m->counted.busy_s += fmin(m->running_count, c->core_count) * passed_s;
    m->counted_at = world->now;
    m->running_count += (uint32_t)change;
}

/* CPU time for each second of work, where it is. */
static double inflation_of(const struct process *p)
{
    return p->mover ? p->mover->inflation : 1;
}

/* Of its share of a core, beside processes of weight 1. */
static double weight_of(const struct world *world, const struct process *p)
{
    uint32_t host = world->machines[p->place].cluster;
    return host == world->machines[p->home].cluster
               ? 1
               : world->scenario->clusters[host].guest_weight_milli * 1e-3;
}

static void cpu_enter(struct world *world,
                      uint32_t index,
                      const struct forwarding *costs)
{
    struct process *p = &world->processes[index];
    /* It may have been stopped within a rounding of its end. */
    double work = fmax(p->left_s * costs->inflation, 1e-9);
    double weight = weight_of(world, p);
    double bound = costs->bound;
    if (p->pulling)
        bound *= 1.0 - world->scenario->migration.stall_share;
    if (world->cpu)
        cpu_add(world->cpu, world->now, p->place, index, work, weight, bound);
    else
        net_exec_start(world->net, world->now, index, p->place, work, weight,
                       bound);
    if (!world->cpu)
        count_running(world, p->place, 1);
}

void process_run(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    assert(p->phase == PROCESS_WAITING || p->phase == PROCESS_STOPPED ||
           p->phase == PROCESS_SAVING || p->phase == PROCESS_THAWING);
    struct forwarding costs = forwarding_of(world, index);
    p->phase = PROCESS_RUNNING;
    if (p->mover)
        p->mover->inflation = costs.inflation;
    cpu_enter(world, index, &costs);
    set_home_tax(world, index, costs.home_tax);
    memory_refresh(world, p->place);
    checkpoints_runs(world, index);
    if (ranks_talk(world, index))
        ranks_changed(world, index);
}

static void cpu_leave(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    double left = world->cpu ? cpu_remove(world->cpu, world->now, index)
                             : net_exec_cancel(world->net, world->now, index);
    p->left_s = left / inflation_of(p);
    if (!world->cpu)
        count_running(world, p->place, -1);
}

void process_stop(struct world *world, uint32_t index, enum process_phase phase)
{
    struct process *p = &world->processes[index];
    assert(p->phase == PROCESS_RUNNING);
    cpu_leave(world, index);
    p->phase = (uint8_t)phase;
    set_home_tax(world, index, 0);
    memory_refresh(world, p->place);
}

void process_changed(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (p->phase != PROCESS_RUNNING)
        return;
    cpu_leave(world, index);
    struct forwarding costs = forwarding_of(world, index);
    if (p->mover)
        p->mover->inflation = costs.inflation;
    cpu_enter(world, index, &costs);
    set_home_tax(world, index, costs.home_tax);
}

double process_left_s(const struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    if (p->phase != PROCESS_RUNNING)
        return p->left_s;
    double left = world->cpu ? cpu_left(world->cpu, world->now, index)
                             : net_exec_left(world->net, world->now, index);
    return left / inflation_of(p);
}

uint64_t process_done_us(const struct process *p, double left_s)
{
    double done_s = fmax(0, (double)p->work_us * 1e-6 - left_s);
    return (uint64_t)(done_s * 1e6 + 1e-3); /* As world_us() does. */
}

/* Gives back what it holds where it is. */
static void let_go(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    checkpoints_break(world, index);
    bool held_memory =
        p->phase == PROCESS_RUNNING || p->phase == PROCESS_STOPPED;
    if (p->phase == PROCESS_RUNNING)
        process_stop(world, index, PROCESS_STOPPED);
    mover_over(world, index);
    if (process_is_frozen(p))
        freezer_leave(world, index);
    if (held_memory)
        memory_give(world, p->place, p->mem_bytes);
}

void process_clear(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    assert(p->phase != PROCESS_GONE);
    if (p->phase != PROCESS_VANISHED)
        let_go(world, index);
    list_remove(world, index);
    p->phase = PROCESS_GONE;
    if (ranks_talk(world, index))
        ranks_changed(world, index);
}

/* It is cleared, and is over. */
static void conclude(struct world *world,
                     uint32_t index,
                     enum record_kind kind,
                     enum killed_by by,
                     const char *why)
{
    const struct process *p = &world->processes[index];
    world->gone_count++;
    struct record r = record_now(world, kind, p->place);
    r.proc = process_id(world, index);
    r.values[ENDED_CPU_US] =
        kind == RECORD_ENDED ? p->work_us : process_done_us(p, p->left_s);
    if (kind == RECORD_KILLED)
        r.values[KILLED_BY] = by;
    r.why = why;
    world_record(world, &r);
    arrivals_job_over(world, p->job);
}

void process_over(struct world *world,
                  uint32_t index,
                  enum record_kind kind,
                  const char *why)
{
    process_clear(world, index);
    if (!process_is_stale(world, index))
        conclude(world, index, kind, KILLED_BY_HOST, why);
}

void process_killed_by_owner(struct world *world,
                             uint32_t index,
                             const char *why)
{
    process_clear(world, index);
    if (!process_is_stale(world, index))
        conclude(world, index, RECORD_KILLED, KILLED_BY_OWNER, why);
}

void process_forgotten(struct world *world, uint32_t index, const char *why)
{
    conclude(world, index, RECORD_KILLED, KILLED_BY_HOST, why);
}

/* Will its home ever miss it? */
static bool home_knows(const struct world *world, uint32_t index)
{
    node_id home = world->processes[index].home;
    if (machine_is_down(world, home))
        return false;
    size_t count;
    proc_id id = process_id(world, index);
    const struct away *away = node_away(world->machines[home].node, &count);
    for (size_t i = 0; i < count; i++)
        if (away[i].proc == id)
            return true;
    return false;
}

void process_vanish(struct world *world, uint32_t index, const char *why)
{
    struct process *p = &world->processes[index];
    if (process_is_stale(world, index)) {
        process_clear(world, index);
        return;
    }
    if (!home_knows(world, index)) {
        if (checkpoints_await_home(world, index))
            return;
        if (world->isolations)
            invariants_lost(world, index);
        process_over(world, index, RECORD_KILLED, why);
        return;
    }
    let_go(world, index);
    list_remove(world, index);
    p->phase = PROCESS_VANISHED;
    list_add(world, index);
    if (ranks_talk(world, index))
        ranks_changed(world, index);
}

void process_lost(struct world *world, uint32_t index)
{
    if (world->isolations)
        invariants_lost(world, index);
    if (world->processes[index].phase != PROCESS_VANISHED)
        return;
    process_clear(world, index);
    world->gone_count++;
    arrivals_job_over(world, world->processes[index].job);
}

void process_finished(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    /* It is the last to hear of it: till then it is on its way. */
    node_fetch_core(world->machines[p->place].node);
    p->phase = PROCESS_STOPPED; /* The CPU model has let it go. */
    if (!world->cpu)
        count_running(world, p->place, -1);
    p->left_s = 0;
    set_home_tax(world, index, 0);
    memory_refresh(world, p->place);
    node_id place = p->place;
    process_over(world, index, RECORD_ENDED, "");
    struct event event = {.kind = EVENT_ENDED,
                          .proc = process_id(world, index)};
    adapter_step(world, place, &event);
}

void process_describe(const struct world *world,
                      uint32_t index,
                      struct proc_info *ret_info)
{
    const struct process *p = &world->processes[index];
    const struct job_state *j = &world->jobs[p->job];
    const struct scenario_load *load = &world->scenario->loads[j->load];
    const struct scenario_process *assumed = &world->scenario->process;
    double calls_per_s = assumed->home_calls_per_s;
    double used_s = (double)p->work_us * 1e-6 - process_left_s(world, index);
    *ret_info = (struct proc_info){
        .id = process_id(world, index),
        .home = p->home,
        .came_from = NODE_NONE,
        .home_cluster = (cluster_id)(world->machines[p->home].cluster + 1),
        .class_number = (uint16_t)load->class_number,
        .priority = j->priority,
        .queue_rank = j->queue_rank,
        .user = j->user,
        .job = load->group > 0 ? scenario_group_job(load->group) : p->job + 1,
        .program = j->program,
        .width = j->count,
        .cpu_milli = 1000,
        .pinned = p->pulling || load->native,
        .locked = j->locked,
        .held = j->held,
        .mem_bytes = p->mem_bytes,
        .mem_declared_bytes = p->mem_bytes,
        .dirty_bytes_per_s = (uint64_t)assumed->dirty_bytes_per_s,
        .home_calls_per_s = (uint32_t)calls_per_s,
        .sibling_node = NODE_NONE,
        .home_bytes_per_s = (uint64_t)(calls_per_s * p->call_bytes),
        .cpu_used_us = used_s > 0 ? (usec_t)(used_s * 1e6) : 0,
    };
    if (ranks_talk(world, index))
        ranks_describe(world, index, ret_info);
}
