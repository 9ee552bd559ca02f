/* carried_out.c - which keys a run would pass over, in one engine or in both.
 * Those of both go when sim/ heeds them. */
#include <math.h>

#include "scenario.h"

static const char *fault_given(const struct scenario_faults *f)
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
    if (f->trace_path)
        return "faults: trace";
    return f->count > 0 ? "faults: list" : NULL;
}

const char *scenario_not_carried_out(const struct scenario *scenario)
{
    const struct scenario_grid *grid = &scenario->grid;
    if (grid->checkpoint.every_us > 0)
        return "checkpoint";
    return fault_given(&grid->faults);
}

const char *scenario_beyond_simgrid(const struct scenario *scenario)
{
    const struct scenario_grid *grid = &scenario->grid;
    if (grid->event_count > 0 || grid->random_count > 0)
        return "events";
    if (grid->freeze.space_bytes > 0)
        return "freeze: space";
    if (grid->checkpoint.every_us > 0)
        return "checkpoint";
    return fault_given(&grid->faults);
}
