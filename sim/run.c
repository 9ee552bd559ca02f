/* run.c - the loop of one run: what happens next.
 *
 * At one date the order is total and written down here: ends of work first,
 * then of transfers, then frames and other happenings in the order they were
 * made, submissions in the order of the workload, alarms and samples by node.
 */
#include "run.h"

#include <assert.h>
#include <math.h>

#include "../algorithms/node/rng.h"

usec_t world_us(const struct world *world)
{
    /* A nanosecond of tolerance: a date made from microseconds gives the same
     * microseconds back. */
    return (usec_t)(world->now * 1e6 + 1e-3);
}

struct record record_now(const struct world *world,
                         enum record_kind kind,
                         node_id node)
{
    return (struct record){.at_us = world_us(world),
                           .node = node,
                           .peer = NODE_NONE,
                           .kind = kind,
                           .why = ""};
}

void world_record(struct world *world, const struct record *record)
{
    world->sink.take(world->sink.sink, record);
}

/* ---- What can happen next. ----------------------------------------------- */

enum source {
    FROM_CPU,
    FROM_NET,
    FROM_HEAP,
    FROM_WORKLOAD,
    FROM_ALARM,
    FROM_SAMPLE,
    FROM_AGE,
};

static double sample_date(const struct world *world)
{
    if (world->sample_count == 0)
        return INFINITY;
    uint64_t at = world->sample_round * world->scenario->sample_us +
                  world->sample_phase_us[world->sample_next];
    return (double)at * 1e-6;
}

static double due_date(const struct world *world)
{
    if (world->due_next == world->due_count)
        return INFINITY;
    return world->jobs[world->due[world->due_next]].submit;
}

struct choice
{
    double date;
    enum source source;
};

/* Of equal dates the source asked first is taken. */
static void consider(struct choice *best, double date, enum source source)
{
    if (date < best->date)
        *best = (struct choice){date, source};
}

static enum source next_source(const struct world *world, double *ret_date)
{
    struct choice best = {INFINITY, FROM_CPU};
    if (world->cpu)
        best.date = cpu_next(world->cpu);
    if (world->net)
        consider(&best, net_next(world->net), FROM_NET);
    consider(&best, heap_date(&world->heap), FROM_HEAP);
    consider(&best, due_date(world), FROM_WORKLOAD);
    consider(&best, alarms_date(&world->alarms), FROM_ALARM);
    consider(&best, sample_date(world), FROM_SAMPLE);
    consider(&best, world->age_next, FROM_AGE);
    *ret_date = best.date;
    return best.source;
}

/* The job whose turn comes after so many others; the last one beyond it. */
static const struct job_state *job_ahead(const struct world *world,
                                         uint32_t count)
{
    uint32_t left = world->due_count - world->due_next - 1;
    uint32_t at = world->due_next + (count < left ? count : left);
    return &world->jobs[world->due[at]];
}

static node_id home_ahead(const struct world *world, uint32_t count)
{
    return world->processes[job_ahead(world, count)->first].home;
}

/* A run waits for memory more than for anything else. While one job is
 * submitted the memory for the next job and for the next end is on its way. To
 * know what the next job will read means to read three things one after the
 * other, so each of them is fetched some jobs earlier than the one after it. */
static void fetch_ahead(const struct world *world)
{
    enum { JOB_AHEAD = 16, PROCESS_AHEAD = 12, MACHINE_AHEAD = 8 };
    if (!world->cpu)
        return;
    __builtin_prefetch(job_ahead(world, JOB_AHEAD));
    __builtin_prefetch(
        &world->processes[job_ahead(world, PROCESS_AHEAD)->first]);
    node_id later = home_ahead(world, MACHINE_AHEAD);
    __builtin_prefetch(&world->machines[later]);
    cpu_fetch_host(world->cpu, later);
    node_id places[] = {home_ahead(world, 1), cpu_next_host(world->cpu)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        node_fetch_core(world->machines[places[i]].node);
        cpu_fetch(world->cpu, places[i]);
    }
}

static void submit_job(struct world *world)
{
    fetch_ahead(world);
    const struct job_state *j = &world->jobs[world->due[world->due_next++]];
    for (uint32_t i = 0; i < j->count; i++)
        adapter_submit(world, j->first + i);
}

static void refuse(struct world *world, uint32_t index)
{
    if (world->processes[index].phase >= PROCESS_VANISHED)
        return;
    process_over(world, index, RECORD_KILLED,
                 "refused: memory and swap are full");
    adapter_ended(world, index);
}

static void kill(struct world *world, node_id node, uint32_t index)
{
    const struct process *p = &world->processes[index];
    if (p->phase >= PROCESS_VANISHED || p->place != node)
        return;
    process_killed_by_owner(world, index, "the owner's deadline is over");
    adapter_ended(world, index);
}

static void handle_owner(struct world *world, const struct happening *h)
{
    switch ((enum happening_kind)h->kind) {
        case HAPPENS_WISH:
            owners_wish(world, h->what, h->node);
            break;
        case HAPPENS_TURN:
            owners_turn(world, (uint32_t)h->what);
            break;
        case HAPPENS_ORDER:
            owners_order(world, h->node, h->what);
            break;
        case HAPPENS_EMPTY:
            owners_empty(world, h->node);
            break;
        default:
            assert(h->kind == HAPPENS_DEADLINE);
            owners_deadline(world, h->node, h->what);
            break;
    }
}

static void handle(struct world *world, const struct happening *h)
{
    switch ((enum happening_kind)h->kind) {
        case HAPPENS_FRAME:
            adapter_frame(world, (uint32_t)h->what);
            break;
        case HAPPENS_SUBMIT:
            adapter_submit(world, (uint32_t)h->what);
            break;
        case HAPPENS_MOVER:
            mover_due(world, (uint32_t)h->what);
            break;
        case HAPPENS_NO_CARRYING:
            adapter_not_carried(world, (uint32_t)h->what);
            break;
        case HAPPENS_NO_PAGES:
            mover_no_pages(world, (uint32_t)h->what);
            break;
        case HAPPENS_REFUSAL:
            refuse(world, (uint32_t)h->what);
            break;
        case HAPPENS_SHORTAGE:
            memory_shortage(world, h->node);
            break;
        case HAPPENS_WRITTEN:
            freezer_written(world, (uint32_t)h->what);
            break;
        case HAPPENS_READING:
            freezer_reading(world, h->what);
            break;
        case HAPPENS_READ:
            freezer_read(world, h->what);
            break;
        case HAPPENS_KILL:
            kill(world, h->node, (uint32_t)h->what);
            break;
        case HAPPENS_WISH:
        case HAPPENS_TURN:
        case HAPPENS_ORDER:
        case HAPPENS_EMPTY:
        case HAPPENS_DEADLINE:
            handle_owner(world, h);
            break;
        case HAPPENS_FAULT:
            faults_fault(world, h->what);
            break;
        case HAPPENS_CRASH:
            faults_crash(world, h->node);
            break;
        case HAPPENS_REPAIRED:
            faults_repaired(world, h->node, h->what != 0);
            break;
        case HAPPENS_CHECKPOINT:
            checkpoints_due(world, (uint32_t)h->what);
            break;
        case HAPPENS_SAVED:
            checkpoints_written(world, h->what);
            break;
        case HAPPENS_RESTART:
            checkpoints_restart(world, h->what);
            break;
    }
}

static void network(struct world *world)
{
    uint32_t flow;
    bool failed;
    net_advance(world->net, world->now);
    while (net_pop(world->net, &flow, &failed)) {
        if (flow >= world->process_count)
            adapter_frame(world, flow - world->process_count);
        else if (world->processes[flow].phase == PROCESS_SAVING)
            checkpoints_flow_ended(world, flow, failed);
        else
            mover_flow_ended(world, flow, failed);
    }
    uint32_t task;
    while (!world->cpu && net_exec_pop(world->net, &task))
        process_finished(world, task);
}

/* While one node is sampled the memory for the next is on its way. */
static void sample(struct world *world)
{
    node_id node = world->sample_order[world->sample_next++];
    if (world->sample_next == world->sample_count) {
        world->sample_next = 0;
        world->sample_round++;
    }
    node_id next = world->sample_order[world->sample_next];
    __builtin_prefetch(&world->machines[next]);
    if (!machine_is_down(world, node))
        adapter_sample(world, node);
    node_fetch(world->machines[next].node, world->machines[node].node);
    if (world->cpu)
        cpu_fetch(world->cpu, next);
}

/* The next one is known, too. */
static void ring(struct world *world)
{
    node_id node = alarms_index(&world->alarms);
    adapter_alarm(world, node);
    if (alarms_date(&world->alarms) < INFINITY)
        node_fetch(world->machines[alarms_index(&world->alarms)].node,
                   world->machines[node].node);
}

static void happen(struct world *world, enum source source)
{
    switch (source) {
        case FROM_CPU: {
            uint32_t host;
            process_finished(world, cpu_pop(world->cpu, &host));
            break;
        }
        case FROM_NET:
            network(world);
            break;
        case FROM_HEAP: {
            struct happening h = heap_pop(&world->heap);
            handle(world, &h);
            break;
        }
        case FROM_WORKLOAD:
            submit_job(world);
            break;
        case FROM_ALARM:
            ring(world);
            break;
        case FROM_SAMPLE:
            sample(world);
            break;
        case FROM_AGE:
            world->age_next += (double)world->scenario->age_every_us * 1e-6;
            measure_boards(world);
            break;
    }
}

/* All that is left waits for machines that nobody will ever bring up. */
static bool is_stranded(const struct world *world)
{
    return world->waiting_count > 0 && world->plan_count == 0 &&
           world->gone_count + world->waiting_count == world->process_count;
}

void world_run(struct world *world,
               const struct record_sink *sink,
               const struct run_progress *progress,
               struct run_result *ret_result)
{
    enum { TELL_EVERY = 1 << 16 };
    world->sink = *sink;
    for (node_id i = 0; i < world->machine_count; i++) {
        if (sink->metrics)
            node_silence(world->machines[i].node);
        if (!machine_is_down(world, i))
            adapter_start(world, i);
    }
    owners_start(world);
    faults_start(world);
    uint64_t events = 0;
    double until = world->scenario->until_s;
    while ((world->gone_count < world->process_count ||
            (world->process_count == 0 && isfinite(until))) &&
           !world->refusal && !world->breach.name && !is_stranded(world)) {
        double date;
        enum source source = next_source(world, &date);
        if (date > until || !isfinite(date))
            break;
        assert(date >= world->now);
        world->now = date;
        happen(world, source);
        if (++events % TELL_EVERY == 0 && progress)
            progress->tell(progress->who, (double)world->gone_count /
                                              (world->process_count + 1));
    }
    if (world->gone_count < world->process_count && isfinite(until))
        world->now = fmax(world->now, until);
    measure_tallies(world);
    uint32_t again_count = checkpoints_lives(world);
    *ret_result =
        (struct run_result){.end_s = world->now,
                            .events = events,
                            .process_count = world->process_count - again_count,
                            .gone_count = world->gone_count - again_count,
                            .refusal = world->refusal,
                            .breach = world->breach};
}
