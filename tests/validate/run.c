/* run.c - one run of a scenario that a row writes, and what is summed up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/statistics.h"
#include "../../sim/run.h"
#include "rows.h"

static void take(void *sink, const struct record *record)
{
    struct row_sums *s = sink;
    if (s->meter)
        meter_add(s->meter, record);
    if (s->also)
        s->also(s->also_sink, record);
    if (record->kind == RECORD_TALLY)
        s->up_s += (double)record->values[TALLY_CAPACITY_US] * 1e-6;
    if (record->kind != RECORD_BOARD || record->at_us < s->from_us)
        return;
    s->age_s += (double)record->values[BOARD_MEAN_US] * 1e-6;
    s->age_max_s += (double)record->values[BOARD_MAX_US] * 1e-6;
    s->boards++;
}

bool row_run(const char *text,
             uint64_t seed,
             struct row_sums *sums,
             double *ret_values,
             const char **ret_why)
{
    static struct complaint complaint;
    struct scenario *scenario;
    *ret_why = complaint.text;
    if (scenario_parse(text, strlen(text), "row", NULL, 0, &scenario,
                       &complaint))
        return false;
    struct world *world;
    if (world_create(scenario, NULL, seed, &world, &complaint))
        return false;
    struct meter_options options = {.bound_us = 10000000,
                                    .speed_max = 1,
                                    .pool_speed = platform_cores(scenario)};
    if (ret_values)
        sums->meter = meter_create(&options);
    struct record_sink sink = {.take = take, .sink = sums};
    struct run_result result;
    world_run(world, &sink, NULL, &result);
    if (ret_values)
        meter_read(sums->meter, ret_values);
    meter_destroy(sums->meter);
    sums->meter = NULL;
    world_destroy(world);
    scenario_destroy(scenario);
    *ret_why = NULL;
    return true;
}

double row_metric(const char *text,
                  uint64_t seed,
                  const char *metric,
                  const char **ret_why)
{
    double *values = calloc(metric_count(), sizeof *values);
    struct row_sums sums = {0};
    double value = NAN;
    if (values && row_run(text, seed, &sums, values, ret_why))
        value = values[metric_index(metric)];
    free(values);
    return value;
}

/* Distance of the mean of the values from what is expected, in standard errors.
 */
double row_distance(const double *values, double expected)
{
    struct estimate e = estimate_of(values, ROW_SEEDS);
    double t = 2.2621571628; /* Student's t, 9 degrees, 97.5 %. */
    return (e.mean - expected) / (e.ci95 / t);
}
