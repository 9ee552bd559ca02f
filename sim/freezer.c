/* freezer.c - freezing writes the memory of a process to the disk of its node,
 * thawing reads it back.
 *
 * The process stops at once; its memory is given back when it is written. It
 * runs again when it is read, and waits for that until its memory fits. The
 * disk of a node does one thing after another, at freeze.disk. Room in freeze
 * space is taken when the writing is asked for and given back when it is read.
 * To be carried elsewhere an image is read first, and then goes over the net.
 */
#include <assert.h>
#include <math.h>

#include "run.h"

static const double WAIT_FOR_MEMORY_S = 1;

double disk_begins(struct world *world, node_id node, double seconds)
{
    struct machine *m = &world->machines[node];
    double begins = fmax(world->now, m->disk_free_at);
    m->disk_free_at = begins + seconds;
    return begins;
}

static double disk_s(const struct world *world, uint64_t bytes)
{
    return (double)bytes / world->scenario->grid.freeze.disk_bytes_per_s;
}

/* Events of a thaw that a later one has overtaken are void. */
static uint64_t turn_of(const struct process *p, uint32_t index)
{
    return (uint64_t)p->mover->thaw_turn << 32 | index;
}

static bool is_void(const struct world *world, uint64_t turn)
{
    uint32_t index = (uint32_t)turn;
    const struct process *p = &world->processes[index];
    return p->phase == PROCESS_GONE || turn != turn_of(p, index);
}

void freezer_freeze(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    mover_of(world, index)->frozen = true;
    checkpoints_interrupt(world, index);
    struct machine *m = &world->machines[p->place];
    if (p->phase == PROCESS_RUNNING)
        process_stop(world, index, PROCESS_FREEZING);
    else if (p->phase == PROCESS_STOPPED) /* It came to be frozen. */
        p->phase = PROCESS_FREEZING;
    else
        return; /* It is still being written or read; or killed at this date. */
    m->frozen_bytes += p->mem_bytes;
    m->frozen_count++;
    disk_begins(world, p->place, disk_s(world, p->mem_bytes));
    heap_push(&world->heap, m->disk_free_at, HAPPENS_WRITTEN, p->place, index);
}

void freezer_written(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    if (p->phase != PROCESS_FREEZING)
        return;
    p->phase = PROCESS_FROZEN;
    memory_give(world, p->place, p->mem_bytes);
}

void freezer_thaw(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    struct mover *m = mover_of(world, index);
    m->frozen = false;
    if (p->phase != PROCESS_FREEZING && p->phase != PROCESS_FROZEN)
        return; /* It is being read already. */
    m->thaw_turn++;
    double begins = disk_begins(world, p->place, disk_s(world, p->mem_bytes));
    heap_push(&world->heap, begins, HAPPENS_READING, p->place,
              turn_of(p, index));
}

void freezer_reading(struct world *world, uint64_t turn)
{
    if (is_void(world, turn))
        return;
    struct process *p = &world->processes[(uint32_t)turn];
    assert(p->phase == PROCESS_FROZEN);
    if (p->mover->frozen)
        return; /* It was frozen again before that. */
    if (!memory_fits(world, p->place, p->mem_bytes)) {
        heap_push(&world->heap, world->now + WAIT_FOR_MEMORY_S, HAPPENS_READING,
                  p->place, turn);
        return;
    }
    p->phase = PROCESS_THAWING;
    memory_take(world, p->place, p->mem_bytes);
    heap_push(&world->heap, world->now + disk_s(world, p->mem_bytes),
              HAPPENS_READ, p->place, turn);
}

void freezer_read(struct world *world, uint64_t turn)
{
    if (is_void(world, turn))
        return;
    uint32_t index = (uint32_t)turn;
    struct process *p = &world->processes[index];
    assert(p->phase == PROCESS_THAWING);
    if (p->mover->frozen) { /* Its image is still there: nothing is written. */
        p->phase = PROCESS_FROZEN;
        memory_give(world, p->place, p->mem_bytes);
        return;
    }
    world->machines[p->place].frozen_bytes -= p->mem_bytes;
    world->machines[p->place].frozen_count--;
    process_run(world, index);
}

double freezer_image_read(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    p->mover->thaw_turn++; /* It is not read to run here. */
    if (p->phase == PROCESS_THAWING) {
        p->phase = PROCESS_FROZEN;
        memory_give(world, p->place, p->mem_bytes);
    }
    disk_begins(world, p->place, disk_s(world, p->mem_bytes));
    return world->machines[p->place].disk_free_at;
}

void freezer_leave(struct world *world, uint32_t index)
{
    struct process *p = &world->processes[index];
    assert(process_is_frozen(p));
    if (p->phase != PROCESS_FROZEN)
        memory_give(world, p->place, p->mem_bytes);
    world->machines[p->place].frozen_bytes -= p->mem_bytes;
    world->machines[p->place].frozen_count--;
    p->mover->frozen = false;
    p->mover->thaw_turn++; /* What the disk had still to do is void. */
    p->phase = PROCESS_STOPPED;
}
