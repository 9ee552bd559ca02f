/* machine.c - a machine goes down and comes up again.
 *
 * Only copies are removed here: what becomes of a process whose machine is down
 * its home decides (handoff.h).
 */
#include <assert.h>
#include <math.h>

#include "run.h"

static void record(struct world *world,
                   enum record_kind kind,
                   node_id node,
                   const char *why)
{
    struct record r = record_now(world, kind, node);
    r.why = why;
    world_record(world, &r);
}

/* Of the vanished processes of this home nobody knows any more. */
static void forget_vanished(struct world *world, node_id home)
{
    for (;;) {
        uint32_t at = world->vanished_list;
        while (at != PROCESS_NONE && world->processes[at].home != home) {
            at = world->processes[at].next;
            if (at == world->vanished_list)
                at = PROCESS_NONE;
        }
        if (at == PROCESS_NONE)
            return;
        if (!checkpoints_await_home(world, at))
            process_over(world, at, RECORD_KILLED, "its home went down");
    }
}

void machine_down(struct world *world, node_id node, const char *why)
{
    struct machine *m = &world->machines[node];
    assert(!m->down);
    record(world, RECORD_DOWN, node, why);
    m->down = true;
    m->fall_count++;
    m->down_since = world->now;
    world->down_count++;
    discovery_down(world, node);
    alarms_set(&world->alarms, node, INFINITY);
    mover_machine_down(world, node);
    while (m->process_list != PROCESS_NONE)
        process_vanish(world, m->process_list, "its machine went down");
    forget_vanished(world, node);
    checkpoints_home_down(world, node);
    memory_refresh(world, node);
    assert(m->resident_bytes == 0);
    assert(m->frozen_count == 0);
}

/* Measuring begins anew. */
static void reset_samples(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    struct node_info unused;
    measure_self(world, node, &unused);
    m->disk_free_at = world->now;
}

static void boot(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    struct node_config config = node_config_of(m->node);
    m->boot_count++;
    clock_restart(world, node);
    m->node = node_init(m->node, &config);
    if (world->sink.metrics)
        node_silence(m->node);
    reset_samples(world, node);
    adapter_start(world, node);
    owners_booted(world, node);
}

static void submit_waiting(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    while (m->submit_list != PROCESS_NONE) {
        uint32_t index = m->submit_list;
        process_waits_no_more(world, index);
        adapter_submit(world, index);
    }
}

void machine_up(struct world *world, node_id node, const char *why)
{
    struct machine *m = &world->machines[node];
    assert(m->down);
    record(world, RECORD_UP, node, why);
    m->down = false;
    m->down_s += world->now - m->down_since;
    m->down_since = NAN;
    world->down_count--;
    discovery_up(world, node);
    memory_refresh(world, node);
    boot(world, node);
    checkpoints_home_up(world, node);
    if (!m->closed)
        submit_waiting(world, node);
}

void machine_close(struct world *world, node_id node)
{
    world->closed_count += !world->machines[node].closed;
    world->machines[node].closed = true;
}

void machine_open(struct world *world, node_id node)
{
    world->closed_count -= world->machines[node].closed;
    world->machines[node].closed = false;
    if (!world->machines[node].down)
        submit_waiting(world, node);
}
