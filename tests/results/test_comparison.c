#include "results/comparison.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "tests/suite.h"

/* The mean slowdowns of stacks are Student's sleep data (Biometrika 6(1),
 * 1908): B - A is 1.58 with 95 % interval 0.7001 .. 2.4599 and p = 0.0028. */
static const double drug_one[] = {0.7, -1.6, -0.2, -1.2, -0.1,
                                  3.4, 3.7,  0.8,  0.0,  2.0};
static const double gains[] = {1.2, 2.4, 1.3, 1.3, 0.0,
                               1.0, 1.8, 0.8, 4.6, 1.4};
static const double gain_mean = 1.58;

/* With this mean and the same spread p is 0.03: t(9) = 2.5738, and the standard
 * error of the gains is 1.58 / 4.0621. */
static const double slight_gain_mean = 2.5738 * 1.58 / 4.0621;

enum { SEEDS = 10 };

static const char *const inputs[] = {"measured: arrivals and CPU time",
                                     "assumed: dirty rate 1 MiB/s", NULL};

static double *value_at(struct comparison *c, size_t stack, size_t seed)
{
    return &c->values[(stack * c->seed_count + seed) * metric_count()];
}

/* Stack 0 has drug_one, stack i its values and the gains moved to mean i. */
static struct comparison make(char **stacks,
                              const double *means,
                              size_t stack_count,
                              size_t seed_count)
{
    struct comparison c = {
        .scenario = "lab",
        .commit = "1234567",
        .first_seed = 3,
        .seed_count = seed_count,
        .stack_count = stack_count,
        .stacks = stacks,
        .values =
            calloc(stack_count * seed_count * metric_count(), sizeof(double)),
        .bounds = calloc(seed_count, YARDSTICK_COUNT * sizeof(double)),
        .regrets =
            calloc(stack_count * seed_count, YARDSTICK_COUNT * sizeof(double)),
        .inputs = inputs,
    };
    CU_ASSERT_PTR_NOT_NULL_FATAL(c.values);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c.bounds);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c.regrets);
    for (size_t stack = 0; stack < stack_count; stack++)
        for (size_t seed = 0; seed < seed_count; seed++) {
            double *values = value_at(&c, stack, seed);
            for (size_t metric = 0; metric < METRIC_COUNT; metric++)
                values[metric] =
                    metrics[metric].witness == METRIC_COUNT ? 0 : NAN;
            values[METRIC_PROCESSES] = 100;
            values[METRIC_MEAN_RESPONSE] = 20;
            values[METRIC_MEAN_INFORMATION_AGE] = NAN;
            values[METRIC_MEAN_SLOWDOWN] = drug_one[seed];
            if (0 < stack)
                values[METRIC_MEAN_SLOWDOWN] +=
                    gains[seed] - gain_mean + means[stack];
        }
    for (size_t index = 0; index < seed_count * YARDSTICK_COUNT; index++)
        c.bounds[index] =
            index % YARDSTICK_COUNT == YARDSTICK_MEAN_RESPONSE ? 10 : NAN;
    for (size_t run = 0; run < stack_count * seed_count; run++)
        for (size_t yardstick = 0; yardstick < YARDSTICK_COUNT; yardstick++)
            c.regrets[run * YARDSTICK_COUNT + yardstick] =
                yardstick == YARDSTICK_MEAN_RESPONSE ? 2 : NAN;
    return c;
}

static void finish(struct comparison *c)
{
    free(c->values);
    free(c->bounds);
    free(c->regrets);
}

static char *stacks[] = {"place_home", "gossip_vector:size=16,balance_mosix",
                         "gossip_window,balance_lifetime"};

static char *table(const struct comparison *c,
                   enum table_style style,
                   bool colour)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    comparison_table(c, style, colour, out);
    fclose(out);
    return text;
}

static void difference_is_paired(void)
{
    double means[] = {0, gain_mean};
    struct comparison c = make(stacks, means, 2, SEEDS);
    struct comparison_cell *cells = comparison_cells(&c);
    struct difference difference =
        cells[metric_count() + METRIC_MEAN_SLOWDOWN].difference;
    CU_ASSERT_DOUBLE_EQUAL(difference.mean - difference.ci95, 0.7001, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(difference.mean + difference.ci95, 2.4599, 5e-5);
    CU_ASSERT_TRUE(difference.significant);
    CU_ASSERT(isnan(cells[METRIC_MEAN_SLOWDOWN].difference.mean));
    CU_ASSERT_FALSE(cells[METRIC_MEAN_SLOWDOWN].difference.significant);
    CU_ASSERT_FALSE(
        cells[metric_count() + METRIC_MEAN_RESPONSE].difference.significant);
    free(cells);
    finish(&c);
}

/* 0.03 < 0.05, but of two stacks the smaller p must be below 0.025. */
static void holm_is_over_the_stacks_of_a_metric(void)
{
    double means[] = {0, slight_gain_mean, slight_gain_mean};
    for (size_t stack_count = 2; stack_count <= 3; stack_count++) {
        struct comparison c = make(stacks, means, stack_count, SEEDS);
        struct comparison_cell *cells = comparison_cells(&c);
        struct difference difference =
            cells[metric_count() + METRIC_MEAN_SLOWDOWN].difference;
        CU_ASSERT_DOUBLE_EQUAL(difference.p, 0.03, 1e-4);
        CU_ASSERT_EQUAL(difference.significant, stack_count == 2);
        free(cells);
        finish(&c);
    }
}

static double number_at(json_t *object, const char *first, const char *second)
{
    json_t *inner = json_object_get(object, first);
    CU_ASSERT_PTR_NOT_NULL_FATAL(inner);
    json_t *number = json_object_get(inner, second);
    CU_ASSERT_FATAL(json_is_number(number));
    return json_number_value(number);
}

/* Metrics that every run has. */
static size_t plain_count(void)
{
    size_t count = 0;
    for (size_t metric = 0; metric < metric_count(); metric++)
        count += metrics[metric].witness == METRIC_COUNT;
    return count;
}

static void json_has_what_the_schema_says(void)
{
    double means[] = {0, gain_mean};
    struct comparison c = make(stacks, means, 2, SEEDS);
    char *text = comparison_json(&c);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(root, "scenario")),
                           "lab");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(root, "commit")),
                           "1234567");
    json_t *seeds = json_object_get(root, "seeds");
    CU_ASSERT_EQUAL_FATAL(json_array_size(seeds), SEEDS);
    CU_ASSERT_EQUAL(json_integer_value(json_array_get(seeds, 0)), 3);
    CU_ASSERT_EQUAL(json_integer_value(json_array_get(seeds, 9)), 12);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "inputs")), 2);
    CU_ASSERT_EQUAL(number_at(root, "bound_mean_response_s", "mean"), 10);
    CU_ASSERT_EQUAL(number_at(root, "bound_mean_response_s", "ci95"), 0);
    json_t *bounds = json_object_get(root, "bounds");
    CU_ASSERT_EQUAL(json_object_size(bounds), YARDSTICK_COUNT);
    CU_ASSERT_EQUAL(number_at(bounds, "mean_response_s", "mean"), 10);
    CU_ASSERT_TRUE(json_is_null(
        json_object_get(json_object_get(bounds, "makespan_s"), "mean")));
    json_t *list = json_object_get(root, "stacks");
    CU_ASSERT_EQUAL_FATAL(json_array_size(list), 2);
    json_t *first = json_array_get(list, 0);
    json_t *second = json_array_get(list, 1);
    CU_ASSERT_PTR_NULL(json_object_get(first, "difference"));
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_object_get(second, "policies")), stacks[1]);
    json_t *regret = json_object_get(second, "regret");
    CU_ASSERT_EQUAL(json_object_size(regret), YARDSTICK_COUNT);
    CU_ASSERT_EQUAL(number_at(regret, "mean_response_s", "mean"), 2);
    CU_ASSERT_EQUAL(number_at(regret, "mean_response_s", "ci95"), 0);
    json_t *measured = json_object_get(second, "metrics");
    json_t *differences = json_object_get(second, "difference");
    CU_ASSERT_EQUAL(json_object_size(measured), plain_count());
    CU_ASSERT_EQUAL(json_object_size(differences), plain_count());
    CU_ASSERT_DOUBLE_EQUAL(number_at(measured, "mean_slowdown", "mean"), 2.33,
                           1e-12);
    CU_ASSERT_DOUBLE_EQUAL(number_at(differences, "mean_slowdown", "ci95"),
                           0.87988, 1e-5);
    CU_ASSERT_TRUE(json_is_true(json_object_get(
        json_object_get(differences, "mean_slowdown"), "significant")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(
        json_object_get(measured, "mean_information_age_s"), "mean")));
    json_decref(root);
    free(text);
    finish(&c);
}

/* One run of B had a queue: four metrics. */
static void what_happened_in_one_run_is_shown_for_all(void)
{
    double means[] = {0, gain_mean};
    struct comparison c = make(stacks, means, 2, SEEDS);
    char *without = table(&c, TABLE_HUMAN, false);
    CU_ASSERT_PTR_NULL(strstr(without, "wait"));
    free(without);
    value_at(&c, 1, 4)[METRIC_HELD_PROCESSES] = 3;
    value_at(&c, 1, 4)[METRIC_MEAN_QUEUE_WAIT] = 12.5;
    char *with = table(&c, TABLE_HUMAN, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(with, "wait"));
    CU_ASSERT_PTR_NULL(strstr(with, "reclaim"));
    free(with);
    char *text = comparison_json(&c);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    for (size_t stack = 0; stack < 2; stack++) {
        json_t *measured = json_object_get(
            json_array_get(json_object_get(root, "stacks"), stack), "metrics");
        CU_ASSERT_EQUAL(json_object_size(measured), plain_count() + 4);
        CU_ASSERT_PTR_NOT_NULL(json_object_get(measured, "mean_queue_wait_s"));
        CU_ASSERT_PTR_NULL(json_object_get(measured, "restarts"));
    }
    json_decref(root);
    free(text);
    finish(&c);
}

static void a_run_has_its_values_by_name(void)
{
    double values[METRIC_COUNT];
    for (size_t metric = 0; metric < metric_count(); metric++)
        values[metric] = (double)metric + 0.25;
    values[METRIC_MIGRATIONS] = 12;
    values[METRIC_UTILISATION] = NAN;
    char *text =
        run_json("lab", UINT32_MAX, "1234567", values, 3.5, NULL, NULL, 0);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    json_t *measured = json_object_get(root, "metrics");
    CU_ASSERT_EQUAL(json_object_size(measured), metric_count());
    for (size_t metric = 0; metric < metric_count(); metric++) {
        json_t *value = json_object_get(measured, metrics[metric].name);
        if (metric == METRIC_UTILISATION) {
            CU_ASSERT_TRUE(json_is_null(value));
        } else {
            CU_ASSERT_EQUAL(json_number_value(value), values[metric]);
        }
    }
    CU_ASSERT_TRUE(json_is_integer(json_object_get(measured, "migrations")));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "seed")),
                    UINT32_MAX);
    CU_ASSERT_EQUAL(
        json_real_value(json_object_get(root, "bound_mean_response_s")), 3.5);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "inputs")), 0);
    json_decref(root);
    free(text);
}

static size_t columns_of(const char *line, size_t bytes)
{
    size_t columns = 0;
    for (size_t at = 0; at < bytes; at++)
        columns += ((unsigned char)line[at] & 0xC0) != 0x80;
    return columns;
}

static void expect_narrow(const char *text)
{
    for (const char *line = text; *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        CU_ASSERT(columns_of(line, bytes) <= 100);
        CU_ASSERT(bytes == 0 || line[bytes - 1] != '\t');
        line += bytes + (line[bytes] != '\0');
    }
}

static void six_long_stacks_fit_a_hundred_columns(void)
{
    static char wide[] =
        "gossip_window:youngest=12:period=500ms:any_every=4,place_best:near=1."
        "1,"
        "balance_mosix:ratio=1.3:settle=2s,usher_mosix:low=0.1:high=0.2,"
        "balance_threshold:threshold=2:probe_limit=3:timeout=100ms";
    char *six[] = {wide, wide, wide, wide, wide, wide};
    double means[] = {0, 1, 2, 3, 4, 5};
    struct comparison c = make(six, means, 6, SEEDS);
    for (double scale = 1; scale < 1e13; scale *= 1000) {
        for (size_t stack = 0; stack < 6; stack++)
            for (size_t seed = 0; seed < SEEDS; seed++)
                for (size_t metric = 0; metric < metric_count(); metric++)
                    value_at(&c, stack, seed)[metric] =
                        scale * (1 + (double)(seed * (stack + 3) % 7));
        char *text = table(&c, TABLE_HUMAN, false);
        expect_narrow(text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "F - A"));
        free(text);
    }
    finish(&c);
}

/* The line of the table that begins with label. */
static const char *line_of(const char *text, const char *label)
{
    const char *line = strstr(text, label);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    return line;
}

static void the_table_shows_interval_difference_and_mark(void)
{
    double means[] = {0, gain_mean};
    struct comparison c = make(stacks, means, 2, SEEDS);
    char *text = table(&c, TABLE_HUMAN, false);
    const char *line = line_of(text, "\nB - A");
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "+1.58 \u00b10.88*"));
    line = line_of(text, "\nA  ");
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "2.33 \u00b1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "B against A: higher mean slowdown."));
    /* Only one yardstick has a bound: 10, and both stacks have 20. */
    const char *regret = strstr(text, "\nregret   mean response (s)\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(regret);
    CU_ASSERT_PTR_NOT_NULL(strstr(regret,
                                  "\nbound                10 \u00b10\n"
                                  "A                     2 \u00b10\n"
                                  "B                     2 \u00b10\n"));
    CU_ASSERT_PTR_NULL(strstr(regret, "makespan by memory"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Seeds 3 to 12"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, inputs[0]));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, inputs[1]));
    CU_ASSERT_PTR_NULL(strchr(text, '\033'));
    free(text);
    finish(&c);
}

/* An interval over runs of one workload says nothing of other workloads. */
static void seeds_that_are_alike_are_told(void)
{
    static const char note[] = "are the same for all seeds";
    double means[] = {0, gain_mean};
    for (int alike = 0; alike <= 1; alike++)
        for (size_t seed_count = 1; seed_count <= 2; seed_count++) {
            struct comparison c = make(stacks, means, 2, seed_count);
            c.seeds_alike = alike;
            char *text = table(&c, TABLE_HUMAN, false);
            bool told = strstr(text, note) != NULL;
            CU_ASSERT_EQUAL(told, alike && seed_count == 2);
            free(text);
            finish(&c);
        }
}

static void colour_says_better_or_worse(void)
{
    double means[] = {0, gain_mean, -gain_mean};
    struct comparison c = make(stacks, means, 3, SEEDS);
    char *text = table(&c, TABLE_HUMAN, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\033[31m+1.58 \u00b10.88*\033[0m"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\033[32m-1.58 \u00b10.88*\033[0m"));
    free(text);
    finish(&c);
}

static void what_did_not_end_is_said(void)
{
    double means[] = {0, gain_mean};
    struct comparison c = make(stacks, means, 2, SEEDS);
    for (size_t seed = 0; seed < SEEDS; seed++)
        value_at(&c, 1, seed)[METRIC_KILLED_PROCESSES] = 2;
    for (size_t metric = 0; metric < metric_count(); metric++)
        value_at(&c, 0, 4)[metric] = NAN;
    CU_ASSERT_EQUAL(comparison_failed_runs(&c, 0), 1);
    CU_ASSERT_EQUAL(comparison_failed_runs(&c, 1), 0);
    char *text = table(&c, TABLE_HUMAN, false);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "A: 1 of 10 runs failed and are left out."));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, "B: of a run's processes 0 were lost, 2 killed, 0 unfinished"));
    free(text);
    finish(&c);
}

static void one_seed_claims_nothing(void)
{
    double means[] = {0, gain_mean};
    struct comparison c = make(stacks, means, 2, 1);
    char *text = table(&c, TABLE_HUMAN, false);
    CU_ASSERT_PTR_NULL(strchr(text, '*'));
    CU_ASSERT_PTR_NULL(strstr(text, "\u00b1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "One seed gives no interval"));
    free(text);
    finish(&c);
}

static size_t count_of(const char *text, size_t bytes, char wanted)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes; at++)
        count += text[at] == wanted;
    return count;
}

static void tsv_has_a_row_for_each_stack(void)
{
    double means[] = {0, gain_mean, 0};
    struct comparison c = make(stacks, means, 3, SEEDS);
    char *text = table(&c, TABLE_TSV, true);
    size_t tabs = count_of(text, strcspn(text, "\n"), '\t');
    size_t rows = 0;
    for (char *line = text; *line != '\0'; rows++) {
        size_t bytes = strcspn(line, "\n");
        CU_ASSERT_EQUAL(count_of(line, bytes, '\t'), tabs);
        line += bytes + 1;
    }
    CU_ASSERT_EQUAL(rows, 4);
    CU_ASSERT_EQUAL(
        strncmp(text, "stack\tpolicies\tmean_slowdown\tmean_slowdown_ci95\t",
                48),
        0);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "\nB\tgossip_vector:size=16,balance_mosix\t2.33\t"));
    free(text);
    finish(&c);
}

static void labels_go_on_after_z(void)
{
    char label[COMPARISON_LABEL_BYTES];
    comparison_label(0, label);
    CU_ASSERT_STRING_EQUAL(label, "A");
    comparison_label(25, label);
    CU_ASSERT_STRING_EQUAL(label, "Z");
    comparison_label(26, label);
    CU_ASSERT_STRING_EQUAL(label, "AA");
    comparison_label(26 + 26 * 26, label);
    CU_ASSERT_STRING_EQUAL(label, "AAA");
}

SUITE_MAIN("comparison",
           {"A difference is paired", difference_is_paired},
           {"Holm is over the stacks of a metric",
            holm_is_over_the_stacks_of_a_metric},
           {"JSON has what the schema says", json_has_what_the_schema_says},
           {"What happened in one run is shown for all",
            what_happened_in_one_run_is_shown_for_all},
           {"A run has its values by name", a_run_has_its_values_by_name},
           {"Six long stacks fit a hundred columns",
            six_long_stacks_fit_a_hundred_columns},
           {"The table shows interval, difference and mark",
            the_table_shows_interval_difference_and_mark},
           {"A comparison whose seeds are alike says so",
            seeds_that_are_alike_are_told},
           {"Colour says better or worse", colour_says_better_or_worse},
           {"What did not end is said", what_did_not_end_is_said},
           {"One seed claims nothing", one_seed_claims_nothing},
           {"TSV has a row for each stack", tsv_has_a_row_for_each_stack},
           {"Labels go on after Z", labels_go_on_after_z})
