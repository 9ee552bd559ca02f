/* comparison.c - the statistics of stacks side by side. */
#include "comparison.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "room.h"

static const double LEVEL = 0.05;

static double value_of(const struct comparison *c,
                       size_t stack,
                       size_t seed,
                       size_t metric)
{
    return c->values[(stack * c->seed_count + seed) * METRIC_COUNT + metric];
}

static void collect(const struct comparison *c,
                    size_t stack,
                    size_t metric,
                    double *ret_values)
{
    for (size_t seed = 0; seed < c->seed_count; seed++)
        ret_values[seed] = value_of(c, stack, seed, metric);
}

static void fill_metric(const struct comparison *c,
                        size_t metric,
                        double *scratch,
                        struct difference *differences,
                        struct comparison_cell *cells)
{
    double *first = scratch;
    double *values = scratch + c->seed_count;
    collect(c, 0, metric, first);
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        collect(c, stack, metric, values);
        cells[stack * METRIC_COUNT + metric].estimate =
            estimate_of(values, c->seed_count);
        differences[stack] = difference_of(values, first, c->seed_count);
    }
    differences[0] = (struct difference){NAN, NAN, NAN, false};
    holm(differences, c->stack_count, LEVEL);
    for (size_t stack = 0; stack < c->stack_count; stack++)
        cells[stack * METRIC_COUNT + metric].difference = differences[stack];
}

bool comparison_shows(const struct comparison *c, size_t metric)
{
    for (size_t run = 0; run < c->stack_count * c->seed_count; run++)
        if (metric_shown(metric, &c->values[run * METRIC_COUNT]))
            return true;
    return false;
}

struct comparison_cell *comparison_cells(const struct comparison *c)
{
    assert(0 < c->stack_count);
    struct comparison_cell *cells =
        room_make(c->stack_count * METRIC_COUNT, sizeof(*cells));
    double *scratch = room_make(2 * c->seed_count, sizeof(double));
    struct difference *differences =
        room_make(c->stack_count, sizeof(*differences));
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        fill_metric(c, metric, scratch, differences, cells);
    free(differences);
    free(scratch);
    return cells;
}

/* Of every YARDSTICK_COUNT-th value. */
static struct estimate estimate_yardstick(const struct comparison *c,
                                          const double *values)
{
    double *of_seeds = room_make(c->seed_count, sizeof(double));
    for (size_t seed = 0; seed < c->seed_count; seed++)
        of_seeds[seed] = values[seed * YARDSTICK_COUNT];
    struct estimate estimate = estimate_of(of_seeds, c->seed_count);
    free(of_seeds);
    return estimate;
}

struct estimate comparison_bound(const struct comparison *c,
                                 enum yardstick_number yardstick)
{
    return estimate_yardstick(c, c->bounds + yardstick);
}

struct estimate comparison_regret(const struct comparison *c,
                                  size_t stack,
                                  enum yardstick_number yardstick)
{
    return estimate_yardstick(
        c, c->regrets + stack * c->seed_count * YARDSTICK_COUNT + yardstick);
}

/* A run that came to its end has counted its processes. */
size_t comparison_failed_runs(const struct comparison *c, size_t stack)
{
    size_t failed = 0;
    for (size_t seed = 0; seed < c->seed_count; seed++)
        failed += isnan(value_of(c, stack, seed, METRIC_PROCESSES)) != 0;
    return failed;
}

void comparison_label(size_t stack, char *ret_label)
{
    char reversed[COMPARISON_LABEL_BYTES];
    size_t length = 0;
    for (size_t rest = stack + 1; rest > 0; rest = (rest - 1) / 26) {
        assert(length + 1 < COMPARISON_LABEL_BYTES);
        reversed[length++] = (char)('A' + (rest - 1) % 26);
    }
    for (size_t at = 0; at < length; at++)
        ret_label[at] = reversed[length - 1 - at];
    ret_label[length] = '\0';
}
