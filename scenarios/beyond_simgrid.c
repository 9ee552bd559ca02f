/* beyond_simgrid.c - which keys the reference engine cannot heed. */
#include "scenario.h"

static const char *fault_beyond_simgrid(const struct scenario_faults *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].kind == FAULT_SLOW)
            return "faults: slow";
    return NULL;
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
    return fault_beyond_simgrid(&grid->faults);
}
