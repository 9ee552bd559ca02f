/* carried_out.c - which keys runs pass over; each goes when sim/ heeds it. */
#include <math.h>

#include "scenario.h"

static const char *fault_left_out(const struct scenario_faults *f)
{
    if (isfinite(f->node_mtbf_s))
        return "faults: node_mtbf";
    if (f->loss > 0)
        return "faults: loss";
    if (f->drift_ppm > 0)
        return "faults: drift";
    if (f->lost_after_us != USEC_NEVER)
        return "faults: lost-after";
    if (f->home_lost_after_us != USEC_NEVER)
        return "faults: home-lost-after";
    return f->count > 0 ? "faults: list" : NULL;
}

const char *scenario_not_carried_out(const struct scenario *scenario)
{
    const struct scenario_grid *grid = &scenario->grid;
    return fault_left_out(&grid->faults);
}
