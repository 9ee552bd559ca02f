/* mover.c - what it takes to carry the image of a process.
 *
 *   stop      the process is stopped, all its memory goes over, and a fixed
 *             time passes: frozen for fixed + memory / bandwidth.
 *   precopy   memory goes over while it runs; then what it dirtied meanwhile,
 *             and so on, until little is left, the rounds are used up, or a
 *             round would carry no less than the one before (Clark et al. 2005,
 *             section 4.2: V0 = M, V(i+1) = D x V(i) / B). The last round and
 *             the fixed time pass with the process stopped.
 *   postcopy  a small state goes over with the process stopped; it then runs at
 *             the target, slowed down, while its pages follow (Hines and
 *             Gopalan 2009).
 *
 * Every byte is a flow over the platform's links and shares them. The target
 * holds the memory from the start of the carrying; the source until the target
 * runs it (postcopy: until the last page has come). While pages are still
 * coming a process cannot be moved again: such a move fails.
 *
 * A frozen process is carried as it is: its image is read from freeze space,
 * then goes over; its memory at the source is on disk.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "run.h"

static void flow(struct world *world, uint32_t index, double bytes)
{
    struct mover *m = world->processes[index].mover;
    m->round_began = world->now;
    m->round_bytes = bytes;
    m->copied_bytes += bytes;
    net_start(world->net, world->now, index, m->source, m->target, bytes);
}

static void wait_for(struct world *world, uint32_t index, double seconds)
{
    struct process *p = &world->processes[index];
    p->mover->phase = MOVER_FIXED;
    p->mover->due = world->now + seconds;
    heap_push(&world->heap, p->mover->due, HAPPENS_MOVER, p->place, index);
}

static void stop_for_last(struct world *world, uint32_t index, double bytes)
{
    struct process *p = &world->processes[index];
    p->mover->stopped_at = world->now;
    p->mover->phase = MOVER_LAST;
    process_stop(world, index, PROCESS_STOPPED);
    p->mover->left_s = p->left_s;
    flow(world, index, bytes);
}

static void carry_frozen(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    memory_take(world, p->mover->target, p->mem_bytes);
    p->mover->phase = MOVER_DISK;
    p->mover->due = freezer_image_read(world, index);
    heap_push(&world->heap, p->mover->due, HAPPENS_MOVER, p->place, index);
}

static void carry_running(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    const struct scenario_migration *how = &world->scenario->migration;
    memory_take(world, p->mover->target, p->mem_bytes);
    switch (how->mode) {
        case MOVE_STOP:
            stop_for_last(world, index, (double)p->mem_bytes);
            break;
        case MOVE_POSTCOPY:
            stop_for_last(world, index, (double)how->state_bytes);
            break;
        case MOVE_PRECOPY:
            p->mover->phase = MOVER_ROUND;
            flow(world, index, (double)p->mem_bytes);
            break;
    }
}

struct mover *mover_of(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (!p->mover) {
        p->mover = calloc(1, sizeof *p->mover);
        assert(p->mover);
        p->mover->inflation = 1;
        p->mover->process = index;
        p->mover->next = world->movers;
        world->movers = p->mover;
    }
    return p->mover;
}

void mover_carry(struct world *world,
                 uint32_t index,
                 const struct action *action)
{
    struct process *p = &world->processes[index];
    struct mover *m = mover_of(world, index);
    checkpoints_interrupt(world, index);
    checkpoints_epoch(world, index, action->epoch);
    bool can =
        m->phase == MOVER_IDLE && !p->pulling && !m->pages_lost &&
        !machine_is_down(world, action->peer) &&
        (action->start || memory_fits(world, action->peer, p->mem_bytes));
    if (!can) {
        m->refused_target = action->peer;
        m->refused_epoch = action->epoch;
        heap_push(&world->heap, world->now, HAPPENS_NO_CARRYING, p->place,
                  index);
        return;
    }
    *m = (struct mover){.source = p->place,
                        .target = action->peer,
                        .epoch = action->epoch,
                        .start = action->start,
                        .stopped_at = NAN,
                        .left_s = p->left_s,
                        .inflation = m->inflation,
                        .home_tax = m->home_tax,
                        .refused_target = m->refused_target,
                        .refused_epoch = m->refused_epoch,
                        .frozen = m->frozen,
                        .thaw_turn = m->thaw_turn,
                        .process = index,
                        .next = m->next};
    if (action->start) {
        m->phase = MOVER_LAST;
        bool has_begun = p->left_s < (double)p->work_us * 1e-6;
        flow(world, index,
             (double)world->scenario->migration.start_bytes +
                 (has_begun ? (double)p->mem_bytes : 0));
    } else if (process_is_frozen(p)) {
        carry_frozen(world, index);
    } else {
        carry_running(world, index);
    }
}

static void give_target_memory(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (!p->mover->start)
        memory_give(world, p->mover->target, p->mem_bytes);
}

static void cancel(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    switch (mover_phase(p)) {
        case MOVER_ROUND:
        case MOVER_LAST:
            net_cancel(world->net, world->now, index);
            give_target_memory(world, index);
            p->mover->phase = MOVER_IDLE;
            break;
        case MOVER_DISK:
        case MOVER_FIXED:
        case MOVER_ARRIVED:
            give_target_memory(world, index);
            p->mover->phase = MOVER_IDLE;
            break;
        case MOVER_PULL: /* That carrying is done: this one never began. */
        case MOVER_IDLE:
            break;
    }
}

/* It was to run again here, and was to be carried before it was read. */
static void resume(struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    if (process_is_frozen(p) && !p->mover->frozen)
        freezer_thaw(world, index);
}

void mover_cancel(struct world *world, uint32_t index)
{
    bool carried = mover_phase(&world->processes[index]) != MOVER_IDLE;
    cancel(world, index);
    if (carried)
        resume(world, index);
}

/* The source need not keep its pages any more. */
static void end_pull(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    node_id source = p->mover->source;
    p->mover->phase = MOVER_IDLE;
    p->pulling = false;
    memory_give(world, source, p->mem_bytes);
    world->machines[source].pulled_count--;
    if (world->watch_count > 0)
        owners_look(world, source);
}

void mover_over(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    cancel(world, index);
    if (mover_phase(p) != MOVER_PULL)
        return;
    net_cancel(world->net, world->now, index);
    end_pull(world, index);
}

/* It was given up on the way: the process runs on at its source. */
static void give_up(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    give_target_memory(world, index);
    p->mover->phase = MOVER_IDLE;
    if (p->phase == PROCESS_STOPPED)
        process_run(world, index);
    resume(world, index);
    adapter_carried(world, index, false);
}

static void pull_over(struct world *world, uint32_t index)
{
    end_pull(world, index);
    process_changed(world, index);
}

static void end_without_pages(struct world *world, uint32_t index)
{
    if (!checkpoints_pages_lost(world, index))
        process_over(world, index, RECORD_LOST, "its pages are lost");
    adapter_ended(world, index);
}

/* Its source died with the pages. */
static void pull_failed(struct world *world, uint32_t index)
{
    end_pull(world, index);
    end_without_pages(world, index);
}

bool mover_misses_pages(struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    if (!p->mover || !p->mover->pages_lost)
        return false;
    heap_push(&world->heap, world->now, HAPPENS_NO_PAGES, p->place, index);
    return true;
}

void mover_no_pages(struct world *world, uint32_t index)
{
    if (world->processes[index].phase < PROCESS_VANISHED)
        end_without_pages(world, index);
}

static void next_round(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    const struct scenario_migration *how = &world->scenario->migration;
    double dirty_per_s = world->scenario->process.dirty_bytes_per_s;
    double dirty = dirty_per_s * (world->now - p->mover->round_began);
    dirty = fmin(dirty, (double)p->mem_bytes);
    p->mover->round++;
    if (dirty <= (double)how->threshold_bytes ||
        p->mover->round >= how->rounds_max || dirty >= p->mover->round_bytes)
        stop_for_last(world, index, dirty);
    else
        flow(world, index, dirty);
}

void mover_flow_ended(struct world *world, uint32_t index, bool failed)
{
    struct process *p = &world->processes[index];
    const struct scenario_migration *how = &world->scenario->migration;
    switch (mover_phase(p)) {
        case MOVER_ROUND:
            if (failed)
                give_up(world, index);
            else
                next_round(world, index);
            break;
        case MOVER_LAST:
            if (failed)
                give_up(world, index);
            else
                wait_for(world, index,
                         p->mover->start ? how->start_fixed_s : how->fixed_s);
            break;
        case MOVER_PULL:
            if (failed)
                pull_failed(world, index);
            else
                pull_over(world, index);
            break;
        default:
            assert(false);
    }
}

void mover_due(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    bool waits = mover_phase(p) == MOVER_FIXED || mover_phase(p) == MOVER_DISK;
    if (p->phase == PROCESS_GONE || !waits || p->mover->due != world->now)
        return; /* Cancelled, perhaps begun anew. */
    if (p->mover->phase == MOVER_DISK) {
        p->mover->phase = MOVER_LAST;
        flow(world, index, (double)p->mem_bytes);
        return;
    }
    p->mover->phase = MOVER_ARRIVED;
    adapter_carried(world, index, true);
}

void mover_arrives(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    assert(mover_phase(p) == MOVER_ARRIVED);
    bool was_frozen = process_is_frozen(p);
    if (was_frozen)
        freezer_leave(world, index);
    process_settle(world, index, p->mover->target);
    p->mover->phase = MOVER_IDLE;
    if (p->mover->start)
        return; /* It starts like any other; its memory is new. */
    if (was_frozen)
        return;
    if (world->scenario->migration.mode == MOVE_POSTCOPY) {
        p->pulling = true;
        p->mover->phase = MOVER_PULL;
        world->machines[p->mover->source].pulled_count++;
        flow(world, index, (double)p->mem_bytes);
    } else {
        memory_give(world, p->mover->source, p->mem_bytes);
    }
}

bool mover_decided(struct world *world, uint32_t index, node_id runs_at)
{
    struct process *p = &world->processes[index];
    if (mover_phase(p) != MOVER_ARRIVED)
        return false;
    if (runs_at == p->mover->target) {
        mover_arrives(world, index);
        if (!p->mover->start)
            process_run(world, index);
        return !p->mover->start;
    }
    assert(runs_at == p->place);
    give_target_memory(world, index);
    p->mover->phase = MOVER_IDLE;
    return false;
}

bool mover_dropped(struct world *world, uint32_t index, node_id node)
{
    struct process *p = &world->processes[index];
    struct mover *m = p->mover;
    if (mover_phase(p) != MOVER_ARRIVED)
        return p->place == node;
    if (node == p->place) {
        m->source_dropped = true;
    } else if (node == m->target) {
        give_target_memory(world, index);
        m->phase = MOVER_IDLE;
        return m->source_dropped;
    }
    return false;
}

/* Its target went down. */
static void lose_target(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    switch (mover_phase(p)) {
        case MOVER_ROUND:
        case MOVER_LAST:
            net_cancel(world->net, world->now, index);
            give_up(world, index);
            break;
        case MOVER_DISK:
        case MOVER_FIXED:
            give_up(world, index);
            break;
        case MOVER_ARRIVED:
            if (mover_dropped(world, index, p->mover->target))
                process_vanish(world, index, "its machine went down");
            break;
        case MOVER_PULL: /* It is there. */
        case MOVER_IDLE:
            break;
    }
}

/* Its source went down: what is at the target is all that is left, by postcopy
 * a state without pages. */
static void lose_source(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (mover_phase(p) == MOVER_PULL) {
        net_cancel(world->net, world->now, index);
        pull_failed(world, index);
        return;
    }
    if (mover_phase(p) != MOVER_ARRIVED)
        return;
    p->mover->phase = MOVER_IDLE;
    p->mover->pages_lost = world->scenario->migration.mode == MOVE_POSTCOPY &&
                           !p->mover->start && !process_is_frozen(p);
    if (process_is_frozen(p))
        freezer_leave(world, index);
    else if (!p->mover->start)
        memory_give(world, p->place, p->mem_bytes);
    process_settle(world, index, p->mover->target);
}

void mover_machine_down(struct world *world, node_id node)
{
    for (struct mover *m = world->movers; m; m = m->next) {
        if (m->phase == MOVER_IDLE)
            continue;
        if (m->target == node)
            lose_target(world, m->process);
        else if (m->source == node)
            lose_source(world, m->process);
    }
}
