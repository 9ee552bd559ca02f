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
    return fault_left_out(&grid->faults);
}
