/* clocks.c - what the clocks of machines show.
 *
 * No two clocks show the same, so that a policy that compares dates of two
 * nodes fails at once. A clock that drifts by d shows origin + (1 + d) x date;
 * d is drawn for each machine, evenly from -drift to +drift, and stays its own
 * when the machine boots again. What the clock of a machine shows while it is
 * down nobody sees.
 */
#include <math.h>

#include "../algorithms/node/rng.h"
#include "run.h"

enum { ORIGIN_MIN_US = 1000000000, ORIGIN_SPAN_US = 1000000000 };

static usec_t draw_origin(struct rng *rng)
{
    return ORIGIN_MIN_US + rng_below(rng, ORIGIN_SPAN_US);
}

usec_t clock_at(const struct machine *m, usec_t at_us)
{
    if (m->drift == 0)
        return m->origin_us + at_us;
    return m->origin_us + at_us +
           (usec_t)(int64_t)floor((double)at_us * m->drift);
}

usec_t clock_us(const struct world *world, node_id node)
{
    return clock_at(&world->machines[node], world_us(world));
}

double clock_date(const struct world *world, node_id node, usec_t shown_us)
{
    const struct machine *m = &world->machines[node];
    if (shown_us == USEC_NEVER)
        return INFINITY;
    if (shown_us < m->origin_us)
        return world->now;
    usec_t passed_us = shown_us - m->origin_us;
    usec_t at_us = passed_us;
    if (m->drift != 0) {
        at_us = (usec_t)((double)passed_us / (1 + m->drift));
        while (at_us > 0 && clock_at(m, at_us - 1) >= shown_us)
            at_us--;
        while (clock_at(m, at_us) < shown_us)
            at_us++;
    }
    return fmax(world->now, (double)at_us * 1e-6);
}

void clocks_make(struct world *world)
{
    enum { PPB_OF_PPM = 1000 };
    uint32_t most = world->scenario->grid.faults.drift_ppm * PPB_OF_PPM;
    struct rng origins = rng_stream(world->seed, 0, "clocks");
    struct rng drifts = rng_stream(world->seed, 0, "drifts");
    for (node_id i = 0; i < world->machine_count; i++) {
        struct machine *m = &world->machines[i];
        m->origin_us = draw_origin(&origins);
        if (most > 0)
            m->drift =
                ((double)rng_below(&drifts, 2 * most + 1) - (double)most) *
                1e-9;
    }
}

void clock_restart(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    struct rng rng = rng_stream(world->seed, node, "boot");
    for (uint32_t i = 0; i < m->boot_count; i++)
        m->origin_us = draw_origin(&rng);
}
