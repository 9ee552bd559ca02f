#include "compare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli/version.h"
#include "commands.h"
#include "net.h"
#include "pool.h"

/* ---- One run, in a process of its own. ----------------------------------- */

struct result
{
    double values[METRIC_COUNT];
    double bounds[YARDSTICK_COUNT];
    double regrets[YARDSTICK_COUNT];
    bool failed;
    char why[512];
};

static void fail(struct result *result, const char *why)
{
    result->failed = true;
    snprintf(result->why, sizeof result->why, "%s", why);
}

static void take(void *sink, const struct record *record)
{
    meter_add(sink, record);
}

static bool is_closed(const struct compare *compare)
{
    const struct scenario *scenario = compare->scenario;
    for (size_t i = 0; i < scenario->load_count; i++)
        if (arrivals_closed(&scenario->loads[i], &compare->traces[i]))
            return true;
    return false;
}

static void measure(const struct compare *compare,
                    struct world *world,
                    struct result *result)
{
    struct meter *meter = input_meter(
        compare->scenario,
        (struct meter_options){.process_count = world->process_count});
    struct record_sink sink = {take, meter, .metrics = true,
                               .no_starts = !meter_wants_starts(meter)};
    struct run_result run;
    world_run(world, &sink, NULL, &run);
    meter_read(meter, result->values);
    /* Dates of arrival that depend on the stack have no common bound. */
    for (size_t index = 0; index < YARDSTICK_COUNT; index++)
        result->bounds[index] = result->regrets[index] = NAN;
    if (!is_closed(compare)) {
        meter_yardsticks(meter, YARDSTICK_OF_SUBMITTED, result->bounds);
        meter_regrets(meter, result->values, result->bounds, result->regrets);
    }
    if (run.refusal)
        fail(result, run.refusal);
    meter_destroy(meter);
}

static void work(void *who, size_t index, void *ret_result)
{
    const struct compare *compare = who;
    size_t stack = index % compare->stack_count;
    uint64_t seed = compare->scenario->seed + index / compare->stack_count;
    struct complaint complaint = {.line = 0};
    struct world *world = NULL;
    if (scenario_set_policies(compare->scenario, compare->stacks[stack],
                              &complaint) ||
        world_create(compare->scenario, compare->traces, seed, &world,
                     &complaint)) {
        fail(ret_result, complaint.text);
        return;
    }
    measure(compare, world, ret_result);
    world_destroy(world);
}

static void died(void *who, size_t index, const char *why, void *ret_result)
{
    (void)who;
    (void)index;
    fail(ret_result, why);
}

static void show(void *who, size_t done)
{
    const struct compare *compare = who;
    compare->progress(compare->who, done,
                      compare->stack_count * compare->seed_count);
}

/* ---- All of them. -------------------------------------------------------- */

static void fill(const struct compare *compare,
                 const struct result *results,
                 struct comparison *c)
{
    size_t metric_total = metric_count();
    for (size_t seed = 0; seed < c->seed_count; seed++) {
        double *bounds = &c->bounds[seed * YARDSTICK_COUNT];
        for (size_t y = 0; y < YARDSTICK_COUNT; y++)
            bounds[y] = NAN;
        for (size_t stack = 0; stack < c->stack_count; stack++) {
            const struct result *r =
                &results[seed * compare->stack_count + stack];
            double *values =
                &c->values[(stack * c->seed_count + seed) * metric_total];
            for (size_t m = 0; m < metric_total; m++)
                values[m] = r->failed ? NAN : r->values[m];
            double *regrets =
                &c->regrets[(stack * c->seed_count + seed) * YARDSTICK_COUNT];
            for (size_t y = 0; y < YARDSTICK_COUNT; y++) {
                regrets[y] = r->failed ? NAN : r->regrets[y];
                if (!r->failed)
                    bounds[y] = r->bounds[y];
            }
        }
    }
}

static size_t tell_failures(const struct compare *compare,
                            const struct result *results,
                            size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        if (!results[i].failed)
            continue;
        failures++;
        compare->failed(
            compare->who, compare->scenario->seed + i / compare->stack_count,
            compare->stacks[i % compare->stack_count], results[i].why);
    }
    return failures;
}

static size_t run_pool(const struct compare *compare,
                       struct result *results,
                       struct comparison *c,
                       struct complaint *ret_complaint)
{
    size_t count = compare->stack_count * compare->seed_count;
    int error = net_load(compare->scenario, ret_complaint);
    if (error)
        return count;
    struct pool pool = {.count = count,
                        .at_once = compare->at_once,
                        .result_bytes = sizeof *results,
                        .work = work,
                        .died = died,
                        .progress = show,
                        .who = (void *)(uintptr_t)compare};
    error = pool_run(&pool, results);
    if (error) {
        complain(ret_complaint, error, NULL, 0, 0,
                 "no run could be started: %s", strerror(-error));
        return count;
    }
    fill(compare, results, c);
    return tell_failures(compare, results, count);
}

enum compare_outcome compare_run(const struct compare *compare,
                                 const char *const *inputs,
                                 struct comparison *ret_comparison,
                                 struct complaint *ret_complaint)
{
    size_t count = compare->stack_count * compare->seed_count;
    struct result *results = calloc(count, sizeof *results);
    *ret_comparison = (struct comparison){
        .scenario = compare->scenario->name,
        .commit = VENCEJO_COMMIT,
        .first_seed = compare->scenario->seed,
        .seed_count = compare->seed_count,
        .stack_count = compare->stack_count,
        .stacks = (char **)(uintptr_t)compare->stacks,
        .values = calloc(count * metric_count(), sizeof(double)),
        .bounds = calloc(compare->seed_count, YARDSTICK_COUNT * sizeof(double)),
        .regrets = calloc(count, YARDSTICK_COUNT * sizeof(double)),
        .closed = is_closed(compare),
        .seeds_alike = !arrivals_vary(compare->scenario),
        .inputs = inputs};
    size_t failures = count;
    if (results && ret_comparison->values && ret_comparison->bounds &&
        ret_comparison->regrets)
        failures = run_pool(compare, results, ret_comparison, ret_complaint);
    free(results);
    if (failures == count)
        return COMPARE_FAILED;
    return failures > 0 ? COMPARE_PARTIAL : COMPARE_RAN;
}

void compare_free(struct comparison *comparison)
{
    free(comparison->values);
    free(comparison->bounds);
    free(comparison->regrets);
}
