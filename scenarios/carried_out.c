/* carried_out.c - which keys runs pass over; each goes when sim/ heeds it. */
#include "scenario.h"

static const char *fault_left_out(const struct scenario_faults *f)
{
    return f->home_lost_after_us != USEC_NEVER ? "faults: home-lost-after"
                                               : NULL;
}

const char *scenario_not_carried_out(const struct scenario *scenario)
{
    const struct scenario_grid *grid = &scenario->grid;
    for (size_t i = 0; i < scenario->cluster_count; i++)
        if (scenario->clusters[i].owner_first)
            return "clusters: owner-first";
    if (grid->freeze.flood_burst > 0)
        return "freeze: flood";
    return fault_left_out(&grid->faults);
}
