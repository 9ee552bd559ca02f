/* faults_crash.c - machines that crash and are repaired.
 *
 * By node_mtbf each machine has a life of its own: up for a time drawn from an
 * exponential of that mean, then broken for one of mean `repair`, and so on,
 * whether or not the crash finds something to break. So availability is
 * mtbf / (mtbf + repair), and a run meets the same dates whatever its policies
 * do.
 */
#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "faults.h"
#include "run.h"

static bool is_broken(const struct world *world, node_id node)
{
    return world->faults->broken[node] > 0;
}

bool crash_begin(struct world *world, node_id node, const char *why)
{
    bool was_broken = is_broken(world, node);
    if (!was_broken && machine_is_down(world, node))
        return false;
    world->faults->broken[node]++;
    if (was_broken)
        return true;
    checkpoints_disk_lost(world, node);
    machine_down(world, node, why);
    return true;
}

void crash_end(struct world *world, node_id node, const char *why)
{
    assert(is_broken(world, node));
    if (--world->faults->broken[node] == 0)
        machine_up(world, node, why);
}

/* Seconds of a whole number of microseconds, at least one. */
static double draw(struct rng *rng, double mean_s)
{
    double share = rng_below(rng, UINT32_MAX) / (double)UINT32_MAX;
    double us = round(gsl_cdf_exponential_Pinv(share, mean_s) * 1e6);
    return fmax(us, 1) * 1e-6;
}

static void plan_crash(struct world *world, node_id node, double from)
{
    double up_s = draw(&world->faults->lives[node],
                       world->scenario->grid.faults.node_mtbf_s);
    heap_push(&world->heap, from + up_s, HAPPENS_CRASH, node, 0);
}

void crashes_start(struct world *world)
{
    if (!isfinite(world->scenario->grid.faults.node_mtbf_s))
        return;
    world->faults->lives =
        calloc(world->machine_count + 1u, sizeof *world->faults->lives);
    assert(world->faults->lives);
    for (node_id i = 0; i < world->machine_count; i++) {
        world->faults->lives[i] = rng_stream(world->seed, i, "crashes");
        plan_crash(world, i, 0);
    }
}

/* Do processes live that this machine is home to? What is away, or is here. */
static bool is_home(const struct world *world, node_id node)
{
    const struct machine *m = &world->machines[node];
    size_t away;
    node_away(m->node, &away);
    bool found = away > 0;
    for (uint32_t at = m->process_list; at != PROCESS_NONE && !found;) {
        found = world->processes[at].home == node;
        at = world->processes[at].next;
        if (at == m->process_list)
            break;
    }
    return found;
}

void faults_crash(struct world *world, node_id node)
{
    const struct scenario_faults *f = &world->scenario->grid.faults;
    double repair_s = draw(&world->faults->lives[node], f->repair_s);
    bool spared =
        !f->homes && !machine_is_down(world, node) && is_home(world, node);
    bool crashed = !spared && crash_begin(world, node, "it crashed");
    world->plan_count++;
    heap_push(&world->heap, world->now + repair_s, HAPPENS_REPAIRED, node,
              crashed);
}

void faults_repaired(struct world *world, node_id node, bool crashed)
{
    world->plan_count--;
    if (crashed)
        crash_end(world, node, "it is repaired");
    plan_crash(world, node, world->now);
}
