/* yardstick.h - the bounds of a run beside its metrics: how far from what
 * nobody can beat. docs/metrics.md has them all, with their conditions. */
#ifndef RESULTS_YARDSTICK_H
#define RESULTS_YARDSTICK_H

#include "metrics.h"

/* In the order of output. */
enum yardstick_number {
    YARDSTICK_MEAN_SLOWDOWN,
    YARDSTICK_MAX_SLOWDOWN,
    YARDSTICK_MEAN_RESPONSE,
    YARDSTICK_MAKESPAN,
    YARDSTICK_MEMORY_RESPONSE,
    YARDSTICK_MEMORY_MAKESPAN,
    YARDSTICK_COUNT
};

struct yardstick
{
    const char *name;          /* As in JSON. */
    const char *title;         /* For tables. */
    enum metric_number metric; /* That it bounds, in the same unit. */
};

/* By enum yardstick_number. */
extern const struct yardstick yardsticks[YARDSTICK_COUNT];

enum yardstick_of {
    YARDSTICK_OF_SUBMITTED, /* The same for all policies, */
    YARDSTICK_OF_ENDED,     /* or of those only that metrics are about. */
};

/* YARDSTICK_COUNT bounds, in the units of the metrics; NAN where there is none:
 * no process, or options of the meter that do not tell cores or memory. Dates
 * of ends are rounded down to us, so a run may be 1 us for each process below.
 */
void meter_yardsticks(const struct meter *meter,
                      enum yardstick_of of,
                      double *ret_bounds);

/* Metrics as multiples of the bounds on the processes that ended: 1 is what
 * nobody can beat. values: of meter_read(). bounds: of those submitted; what
 * differs is computed anew. */
void meter_regrets(const struct meter *meter,
                   const double *values,
                   const double *bounds,
                   double *ret_regrets);

#endif /* RESULTS_YARDSTICK_H */
