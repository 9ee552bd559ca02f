/* owners_jobs.c - wishes of users for their jobs.
 *
 * A user types at the home of the job, which knows by its ledger whom to tell.
 * Only a move of a process that is away is asked for where it is; the order
 * takes the latency of the way there, and is lost if that is closed.
 */
#include "owners.h"
#include "run.h"

/* ---- Standing wishes: they are part of the job, submitted or not. -------- */

static void change_job(struct job_state *job,
                       const struct scenario_event *event,
                       uint32_t rank)
{
    switch (event->wish) {
        case WISH_LOCK:
            job->locked = true;
            break;
        case WISH_UNLOCK:
            job->locked = false;
            break;
        case WISH_ADVANCE:
        case WISH_RETARD:
            job->queue_rank = rank;
            break;
        case WISH_PRIORITY:
            job->priority = (uint16_t)event->number;
            break;
        case WISH_HOLD:
            job->held = true;
            break;
        case WISH_MOVE:
            job->sent_out |= event->target == NODE_NONE && !event->target_home;
            break;
        case WISH_RELEASE:
            job->held = false;
            break;
        default:
            break;
    }
}

/* All jobs of one wish get one rank: among themselves they stay in order. */
static uint32_t next_rank(struct owners *owners, enum wish wish)
{
    if (wish == WISH_ADVANCE)
        return --owners->rank_low;
    if (wish == WISH_RETARD)
        return ++owners->rank_high;
    return QUEUE_RANK_MIDDLE;
}

/* ---- Orders. ------------------------------------------------------------- */

static void tell(struct world *world,
                 node_id node,
                 uint32_t process,
                 const struct scenario_event *order)
{
    struct proc_info info;
    struct event event = {.proc = process_id(world, process),
                          .peer = NODE_NONE};
    switch (order->wish) {
        case WISH_MOVE:
            event.kind = order->target_home ? EVENT_RECALL : EVENT_MOVE;
            event.peer = order->target;
            break;
        case WISH_FREEZE:
            event.kind = EVENT_FREEZE;
            break;
        case WISH_THAW:
            event.kind = EVENT_THAW;
            break;
        default:
            process_describe(world, process, &info);
            event.kind = EVENT_CHANGED;
            event.proc = 0;
            event.procs = &info;
            event.proc_count = 1;
            break;
    }
    adapter_step(world, node, &event);
}

static bool is_for_place(const struct scenario_event *order)
{
    return order->wish == WISH_MOVE && !order->target_home;
}

static void send(struct world *world,
                 uint32_t process,
                 const struct scenario_event *order)
{
    const struct process *p = &world->processes[process];
    if (p->phase == PROCESS_COMING || p->phase >= PROCESS_VANISHED)
        return;
    node_id node = is_for_place(order) ? p->place : p->home;
    if (node == p->home) {
        tell(world, node, process, order);
        return;
    }
    if (faults_closed(world, p->home, node))
        return;
    const struct scenario_event *events = world->scenario->grid.events;
    uint64_t index = (uint64_t)(order - events);
    heap_push(&world->heap,
              world->now + net_latency_s(world->net, p->home, node),
              HAPPENS_ORDER, node, index << 32 | process);
}

void owners_order(struct world *world, node_id node, uint64_t what)
{
    uint32_t process = (uint32_t)what;
    const struct process *p = &world->processes[process];
    if (!machine_is_down(world, node) && !faults_closed(world, p->home, node) &&
        p->phase < PROCESS_VANISHED)
        tell(world, node, process, &world->scenario->grid.events[what >> 32]);
}

/* ---- The jobs that are named. -------------------------------------------- */

static void do_to_job(struct world *world,
                      uint32_t number,
                      const struct scenario_event *event,
                      uint32_t rank)
{
    struct job_state *job = &world->jobs[number];
    node_id home = world->processes[job->first].home;
    if (machine_is_down(world, home))
        return;
    change_job(job, event, rank);
    owners_record_job(world, home, number, event);
    for (uint32_t i = 0; i < job->count; i++)
        send(world, process_current(world, job->first + i), event);
}

static uint32_t group_of(const struct world *world, uint32_t number)
{
    return world->scenario->loads[world->jobs[number].load].group;
}

void owners_jobs(struct world *world, const struct scenario_event *event)
{
    uint32_t rank = next_rank(world->owners, event->wish);
    for (uint32_t i = 0; i < world->job_count; i++) {
        bool named = event->job_group > 0
                         ? group_of(world, i) == event->job_group
                         : event->job_first <= i && i <= event->job_last;
        if (named)
            do_to_job(world, i, event, rank);
    }
}
