/* yardstick.c - the bounds of what a meter has seen. */
#include "yardstick.h"

#include <math.h>

#include "bound.h"
#include "meter.h"
#include "room.h"

const struct yardstick yardsticks[YARDSTICK_COUNT] = {
    [YARDSTICK_MEAN_SLOWDOWN] = {"mean_slowdown", "mean slowdown",
                                 METRIC_MEAN_SLOWDOWN},
    [YARDSTICK_MAX_SLOWDOWN] = {"max_slowdown", "largest slowdown",
                                METRIC_MAX_SLOWDOWN},
    [YARDSTICK_MEAN_RESPONSE] = {"mean_response_s", "mean response",
                                 METRIC_MEAN_RESPONSE},
    [YARDSTICK_MAKESPAN] = {"makespan_s", "makespan", METRIC_MAKESPAN},
    [YARDSTICK_MEMORY_RESPONSE] = {"memory_mean_response_s",
                                   "mean response by memory",
                                   METRIC_MEAN_RESPONSE},
    [YARDSTICK_MEMORY_MAKESPAN] = {"memory_makespan_s", "makespan by memory",
                                   METRIC_MAKESPAN},
};

/* The lives that it is about. */
struct sample
{
    struct arrival *arrivals;
    struct memory_arrival *areas;
    size_t count;
    double first_us;
};

static void take(const struct meter *meter,
                 enum yardstick_of of,
                 struct sample *ret_sample)
{
    struct sample s = {.first_us = INFINITY};
    s.arrivals = room_make(meter->procs.count, sizeof(*s.arrivals));
    s.areas = room_make(meter->procs.count, sizeof(*s.areas));
    for (size_t index = 0; index < meter->procs.count; index++) {
        const struct life *life = &meter->lives[index];
        if (of == YARDSTICK_OF_ENDED && life->outcome != OUTCOME_ENDED)
            continue;
        double submit_us = (double)life->submit_us;
        double work_us = (double)life->work_us;
        s.arrivals[s.count] = (struct arrival){submit_us, work_us};
        s.areas[s.count++] = (struct memory_arrival){
            submit_us, work_us, work_us * (double)meter->mem_bytes[index]};
        s.first_us = fmin(s.first_us, submit_us);
    }
    *ret_sample = s;
}

/* A makespan is counted from the first submission of all, whatever became of
 * it. */
static double before_us(const struct meter *meter, const struct sample *s)
{
    return s->first_us - (double)meter->all.first_us;
}

void meter_yardsticks(const struct meter *meter,
                      enum yardstick_of of,
                      double *ret_bounds)
{
    double pool = meter->pool_speed;
    double fastest = meter->speed_max;
    struct sample s;
    for (size_t yardstick = 0; yardstick < YARDSTICK_COUNT; yardstick++)
        ret_bounds[yardstick] = NAN;
    take(meter, of, &s);
    if (0 < s.count) {
        double *b = ret_bounds;
        double before = before_us(meter, &s);
        b[YARDSTICK_MEAN_SLOWDOWN] =
            bound_slowdown(s.arrivals, s.count, pool, fastest);
        b[YARDSTICK_MAX_SLOWDOWN] = bound_stretch(
            s.arrivals, s.count, pool, fastest, b[YARDSTICK_MEAN_SLOWDOWN]);
        if (0 < meter->core_group_count)
            b[YARDSTICK_MAKESPAN] =
                (before + bound_makespan_us(s.arrivals, s.count,
                                            meter->core_groups,
                                            meter->core_group_count)) /
                1e6;
        b[YARDSTICK_MEAN_RESPONSE] =
            bound_response_us(s.arrivals, s.count, pool, fastest) / 1e6;
        if (0 < meter->memory_speed) {
            b[YARDSTICK_MEMORY_RESPONSE] =
                bound_memory_response_us(s.areas, s.count, meter->memory_speed,
                                         fastest) /
                1e6;
            b[YARDSTICK_MEMORY_MAKESPAN] =
                (before + bound_memory_makespan_us(s.areas, s.count,
                                                   meter->memory_speed)) /
                1e6;
        }
    }
    free(s.arrivals);
    free(s.areas);
}

void meter_regrets(const struct meter *meter,
                   const double *values,
                   const double *bounds,
                   double *ret_regrets)
{
    double of_ended[YARDSTICK_COUNT];
    const struct counts *counts = &meter->all.counts;
    if (counts->outcomes[OUTCOME_ENDED] < counts->outcomes[OUTCOME_NONE]) {
        meter_yardsticks(meter, YARDSTICK_OF_ENDED, of_ended);
        bounds = of_ended;
    }
    for (size_t yardstick = 0; yardstick < YARDSTICK_COUNT; yardstick++)
        ret_regrets[yardstick] =
            0 < bounds[yardstick]
                ? values[yardsticks[yardstick].metric] / bounds[yardstick]
                : NAN;
}
