/* json.c - results for programs. */
#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "comparison.h"

/* Digits that a decimal keeps through a double and back. */
enum { DIGITS = 15 };
static const double WHOLE_MAX = 9007199254740992.0; /* 2^53. */

/* Counts are written without a point; what is no number is null. */
static json_t *number(double value)
{
    if (!isfinite(value))
        return json_null();
    if (value == floor(value) && fabs(value) < WHOLE_MAX)
        return json_integer((json_int_t)value);
    return json_real(value);
}

/* Text that is not UTF-8, such as a file's name, must not end the result. */
static json_t *text(const char *bytes)
{
    json_t *string = json_string(bytes);
    return string != NULL ? string : json_string_nocheck("(not UTF-8)");
}

static void set(json_t *object, const char *key, json_t *value)
{
    int error = json_object_set_new(object, key, value);
    assert(error == 0);
}

static json_t *input_list(const char *const *inputs)
{
    json_t *list = json_array();
    for (size_t index = 0; inputs != NULL && inputs[index] != NULL; index++)
        json_array_append_new(list, text(inputs[index]));
    return list;
}

static char *printed(json_t *root)
{
    char *json = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));
    assert(json != NULL);
    json_decref(root);
    return json;
}

static json_t *estimate_object(double mean, double ci95)
{
    json_t *object = json_object();
    set(object, "mean", number(mean));
    set(object, "ci95", number(ci95));
    return object;
}

static json_t *bounds_object(const struct comparison *c)
{
    json_t *object = json_object();
    for (size_t index = 0; index < YARDSTICK_COUNT; index++) {
        struct estimate bound =
            comparison_bound(c, (enum yardstick_number)index);
        set(object, yardsticks[index].name,
            estimate_object(bound.mean, bound.ci95));
    }
    return object;
}

static json_t *regret_object(const struct comparison *c, size_t stack)
{
    json_t *object = json_object();
    for (size_t index = 0; index < YARDSTICK_COUNT; index++) {
        struct estimate regret =
            comparison_regret(c, stack, (enum yardstick_number)index);
        set(object, yardsticks[index].name,
            estimate_object(regret.mean, regret.ci95));
    }
    return object;
}

static json_t *stack_object(const struct comparison *c,
                            const struct comparison_cell *cells,
                            size_t stack)
{
    json_t *object = json_object();
    json_t *means = json_object();
    json_t *differences = json_object();
    for (size_t metric = 0; metric < METRIC_COUNT; metric++) {
        const struct comparison_cell *cell =
            &cells[stack * METRIC_COUNT + metric];
        if (!comparison_shows(c, metric))
            continue;
        set(means, metrics[metric].name,
            estimate_object(cell->estimate.mean, cell->estimate.ci95));
        json_t *difference =
            estimate_object(cell->difference.mean, cell->difference.ci95);
        set(difference, "significant",
            json_boolean(cell->difference.significant));
        set(differences, metrics[metric].name, difference);
    }
    set(object, "policies", text(c->stacks[stack]));
    set(object, "metrics", means);
    set(object, "regret", regret_object(c, stack));
    if (0 < stack)
        set(object, "difference", differences);
    else
        json_decref(differences);
    return object;
}

char *comparison_json(const struct comparison *c)
{
    struct estimate bound = comparison_bound(c, YARDSTICK_MEAN_RESPONSE);
    struct comparison_cell *cells = comparison_cells(c);
    json_t *root = json_object();
    json_t *seeds = json_array();
    json_t *stacks = json_array();
    for (size_t seed = 0; seed < c->seed_count; seed++)
        json_array_append_new(seeds,
                              json_integer((json_int_t)(c->first_seed + seed)));
    for (size_t stack = 0; stack < c->stack_count; stack++)
        json_array_append_new(stacks, stack_object(c, cells, stack));
    free(cells);
    set(root, "scenario", text(c->scenario));
    set(root, "commit", text(c->commit));
    if (c->load > 0)
        set(root, "load", json_real(c->load));
    set(root, "seeds", seeds);
    set(root, "inputs", input_list(c->inputs));
    set(root, "bound_mean_response_s", estimate_object(bound.mean, bound.ci95));
    set(root, "bounds", bounds_object(c));
    set(root, "stacks", stacks);
    return printed(root);
}

static json_t *metrics_object(const double *values)
{
    json_t *object = json_object();
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        if (metric_shown(metric, values))
            set(object, metrics[metric].name, number(values[metric]));
    return object;
}

static json_t *class_list(const struct run_class *classes, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        set(object, "below_s", number(classes[i].below_s));
        set(object, "processes",
            json_integer((json_int_t)classes[i].process_count));
        set(object, "metrics", metrics_object(classes[i].values));
        json_array_append_new(list, object);
    }
    return list;
}

char *run_json(const char *scenario,
               uint64_t seed,
               const char *commit,
               const double *values,
               double bound_response_s,
               const char *const *inputs,
               const struct run_class *classes,
               size_t class_count)
{
    json_t *root = json_object();
    set(root, "scenario", text(scenario));
    set(root, "seed", json_integer((json_int_t)seed));
    set(root, "commit", text(commit));
    set(root, "metrics", metrics_object(values));
    set(root, "inputs", input_list(inputs));
    set(root, "bound_mean_response_s", number(bound_response_s));
    if (class_count > 0)
        set(root, "classes", class_list(classes, class_count));
    return printed(root);
}
