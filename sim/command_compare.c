/* command_compare.c - vencejo sim compare: stacks of policies over seeds.
 *
 * Every stack sees the same arrivals and home nodes for the same seed, so that
 * differences are paired (common random numbers).
 */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cli/save.h"
#include "../cli/terminal.h"
#include "../cli/version.h"
#include "../plots/plot.h"
#include "../results/comparison.h"
#include "../scenarios/quantity.h"
#include "commands.h"
#include "inputs.h"
#include "pool.h"

enum {
    STACKS_MAX = 32,
    LOADS_MAX = 16,
    SEEDS_MAX = 10000,
    AT_ONCE_MAX = 1024,
    VALUES_MAX = 64
};

struct options
{
    struct input input;
    const char *stacks[STACKS_MAX];
    size_t stack_count;
    uint64_t seed_count;
    uint64_t at_once;
    double loads[LOADS_MAX]; /* Ascending; none: as the scenario says. */
    size_t load_count;
    const char *out;
    bool json;
};

static void parse_loads(char *text, struct options *o, struct argp_state *state)
{
    for (char *piece = strtok(text, ","); piece; piece = strtok(NULL, ",")) {
        const char *what;
        double load;
        if (o->load_count == LOADS_MAX)
            argp_error(state, "--loads takes at most %d values", LOADS_MAX);
        if (quantity_parse(piece, QUANTITY_NUMBER, &load, &what))
            argp_error(state, "--loads `%s`: %s", piece, what);
        double before = o->load_count ? o->loads[o->load_count - 1] : 0;
        if (load <= before)
            argp_error(state, "--loads must be above 0 and ascend");
        o->loads[o->load_count++] = load;
    }
}

static uint64_t parse_number(const char *value,
                             const char *option,
                             uint64_t most,
                             struct argp_state *state)
{
    uint64_t number = 0;
    if (!number_of(value, most, &number) || number == 0)
        argp_error(state, "%s takes a whole number from 1 to %llu, not `%s`",
                   option, (unsigned long long)most, value);
    return number;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 's':
            if (!input_set(&o->input, value))
                argp_error(state, "more than %d --set", SETTINGS_MAX);
            return 0;
        case 'p':
            if (o->stack_count == STACKS_MAX)
                argp_error(state, "more than %d --policies", STACKS_MAX);
            o->stacks[o->stack_count++] = value;
            return 0;
        case 'n':
            o->seed_count = parse_number(value, "--seeds", SEEDS_MAX, state);
            return 0;
        case 'j':
            o->at_once = parse_number(value, "-j", AT_ONCE_MAX, state);
            return 0;
        case 'o':
            o->out = value;
            return 0;
        case 'l':
            parse_loads(value, o, state);
            return 0;
        case 'J':
            o->json = true;
            return 0;
        case ARGP_KEY_ARG:
            if (o->input.path)
                return ARGP_ERR_UNKNOWN;
            o->input.path = value;
            return 0;
        case ARGP_KEY_NO_ARGS:
            argp_usage(state);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option option_table[] = {
    {"policies", 'p', "LIST", 0,
     "A stack: 'name[:key=value]...,name'; once for each stack. The first is "
     "what the others are compared with. Without it: the scenario's own",
     0},
    {"seeds", 'n', "N", 0, "Runs of each stack, from the scenario's seed (10)",
     0},
    {"jobs", 'j', "N", 0, "Runs at once (one for each processor)", 0},
    {"set", 's', "KEY=VALUE", 0,
     "Change the scenario: a dotted key and a YAML value", 0},
    {"loads", 'l', "LIST", 0,
     "Compare at each of these loads, such as 0.5,0.7,0.9: the share of the "
     "platform's cores that the workload needs (trace: scale-load, poisson: "
     "load); also draws how each stack does over the load",
     0},
    {"out", 'o', "DIR", 0,
     "Write table, JSON, values of every run, resolved scenario and figure "
     "into DIR",
     0},
    {"json", 'J', NULL, 0, "Print JSON", 0},
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "SCENARIO",
    .doc =
        "Compare stacks of policies: the same arrivals for all, means with "
        "95 % confidence intervals, paired differences to the first stack.\v"
        "Example:\n"
        "  vencejo sim compare scenarios/sixteen.yaml --seeds 5 \\\n"
        "      --policies place_home \\\n"
        "      --policies gossip_vector:size=16,balance_mosix"};

/* ---- One run, in a process of its own. ----------------------------------- */

struct errand
{
    struct options *options;
    struct scenario *scenario; /* With the policies of the file. */
    const struct workload *traces;
    struct progress progress;
};

struct result
{
    double values[VALUES_MAX];
    double bound_response_s;
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

static bool is_closed(const struct errand *errand)
{
    for (size_t i = 0; i < errand->scenario->load_count; i++)
        if (arrivals_closed(&errand->scenario->loads[i], &errand->traces[i]))
            return true;
    return false;
}

static void work(void *who, size_t index, void *ret_result)
{
    struct errand *errand = who;
    struct result *result = ret_result;
    size_t stack = index % errand->options->stack_count;
    uint64_t seed =
        errand->scenario->seed + index / errand->options->stack_count;
    struct complaint complaint = {.line = 0};
    struct world *world = NULL;
    if (scenario_set_policies(errand->scenario, errand->options->stacks[stack],
                              &complaint) ||
        world_create(errand->scenario, errand->traces, seed, &world,
                     &complaint)) {
        fail(result, complaint.text);
        return;
    }
    struct meter_options options = input_meter_options(errand->scenario);
    struct meter *meter = meter_create(&options);
    struct record_sink sink = {take, meter, false};
    struct run_result run;
    world_run(world, &sink, NULL, &run);
    meter_read(meter, result->values);
    /* Dates of arrival that depend on the stack have no common bound. */
    result->bound_response_s =
        is_closed(errand) ? NAN : meter_bound_response_s(meter);
    if (run.refusal)
        fail(result, run.refusal);
    meter_destroy(meter);
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
    struct errand *errand = who;
    progress_show(&errand->progress, done);
}

/* ---- All of them. -------------------------------------------------------- */

static void fill(const struct options *o,
                 const struct result *results,
                 struct comparison *c)
{
    size_t metric_total = metric_count();
    for (size_t seed = 0; seed < o->seed_count; seed++) {
        c->bound_response_s[seed] = NAN;
        for (size_t stack = 0; stack < o->stack_count; stack++) {
            const struct result *r = &results[seed * o->stack_count + stack];
            double *values =
                &c->values[(stack * o->seed_count + seed) * metric_total];
            for (size_t m = 0; m < metric_total; m++)
                values[m] = r->failed ? NAN : r->values[m];
            if (!r->failed)
                c->bound_response_s[seed] = r->bound_response_s;
        }
    }
}

static size_t complain_of_failures(const struct errand *errand,
                                   const struct result *results,
                                   size_t count)
{
    size_t failures = 0;
    for (size_t i = 0; i < count; i++) {
        if (!results[i].failed)
            continue;
        failures++;
        fprintf(stderr, "vencejo-sim: seed %llu, %s: %s\n",
                (unsigned long long)(errand->scenario->seed +
                                     i / errand->options->stack_count),
                errand->options->stacks[i % errand->options->stack_count],
                results[i].why);
    }
    if (failures > 0)
        fprintf(stderr, "vencejo-sim: %zu of %zu runs failed\n", failures,
                count);
    return failures;
}

static int save_file(const char *folder, const char *name, const char *text)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return -ENOMEM;
    int error = save_text(path, text);
    free(path);
    return error;
}

static int save_values(const char *folder, const struct comparison *c)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return -ENOMEM;
    fputs("policies\tseed\tmetric\tvalue\tunit\n", out);
    for (size_t stack = 0; stack < c->stack_count; stack++)
        for (size_t seed = 0; seed < c->seed_count; seed++)
            for (size_t m = 0; m < metric_count(); m++) {
                double value =
                    c->values[(stack * c->seed_count + seed) * metric_count() +
                              m];
                if (!isnan(value))
                    fprintf(out, "%s\t%llu\t%s\t%.17g\t%s\n", c->stacks[stack],
                            (unsigned long long)(c->first_seed + seed),
                            metrics[m].name, value, metrics[m].unit);
            }
    int error = fclose(out) ? -errno : save_file(folder, "values.tsv", text);
    free(text);
    return error;
}

static int save_table(const char *folder, const struct comparison *c)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return -ENOMEM;
    comparison_table(c, TABLE_TSV, false, out);
    int error = fclose(out) ? -errno : save_file(folder, "table.tsv", text);
    free(text);
    return error;
}

static int save_all(const char *folder,
                    const struct scenario *scenario,
                    const struct comparison *c,
                    const char *json,
                    struct complaint *complaint)
{
    char *resolved = NULL;
    int error = save_folder(folder);
    if (!error)
        error = scenario_print_for(scenario, folder, &resolved);
    if (!error)
        error = save_file(folder, "scenario.yaml", resolved);
    if (!error)
        error = save_file(folder, "comparison.json", json);
    if (!error)
        error = save_values(folder, c);
    if (!error)
        error = save_table(folder, c);
    free(resolved);
    if (error)
        return complain(complaint, error, folder, 0, 0,
                        "the results could not be written: %s",
                        strerror(-error));
    return plot_comparison(c, folder, "comparison", complaint);
}

static void print(const struct options *o,
                  const struct comparison *c,
                  const char *json)
{
    if (o->json)
        puts(json);
    else
        comparison_table(c, terminal_is_human(stdout) ? TABLE_HUMAN : TABLE_TSV,
                         terminal_has_colour(stdout), stdout);
}

/* folder: where the files of this comparison go; NULL: nowhere. */
static int report(const struct options *o,
                  const char *folder,
                  const struct scenario *scenario,
                  const struct comparison *c,
                  struct complaint *complaint)
{
    char *json = comparison_json(c);
    if (!json)
        return -ENOMEM;
    print(o, c, json);
    int error = 0;
    if (folder)
        error = save_all(folder, scenario, c, json, complaint);
    free(json);
    return error;
}

static void comparison_free(struct comparison *c)
{
    free(c->values);
    free(c->bound_response_s);
}

/* Runs all stacks and seeds as the scenario is now. The exit code. */
static int run_all(struct errand *errand,
                   const struct inputs *inputs,
                   struct comparison *ret_comparison,
                   struct complaint *complaint)
{
    struct options *o = errand->options;
    size_t count = o->stack_count * o->seed_count;
    struct result *results = calloc(count, sizeof *results);
    struct comparison c = {
        .scenario = errand->scenario->name,
        .commit = VENCEJO_COMMIT,
        .first_seed = errand->scenario->seed,
        .seed_count = o->seed_count,
        .stack_count = o->stack_count,
        .stacks = (char **)o->stacks,
        .values = calloc(count * metric_count(), sizeof(double)),
        .bound_response_s = calloc(o->seed_count, sizeof(double)),
        .closed = is_closed(errand),
        .inputs = inputs->list};
    *ret_comparison = c;
    if (!results || !c.values || !c.bound_response_s) {
        free(results);
        return EXIT_FAILED;
    }
    struct pool pool = {.count = count,
                        .at_once = o->at_once,
                        .result_bytes = sizeof *results,
                        .work = work,
                        .died = died,
                        .progress = show,
                        .who = errand};
    progress_start(&errand->progress, stderr, "runs", count);
    int error = pool_run(&pool, results);
    progress_finish(&errand->progress);
    size_t failures = count;
    if (error) {
        complain(complaint, error, NULL, 0, 0, "no run could be started: %s",
                 strerror(-error));
    } else {
        failures = complain_of_failures(errand, results, count);
        fill(o, results, &c);
    }
    free(results);
    return failures == count ? EXIT_FAILED : failures ? EXIT_PARTIAL : EXIT_RAN;
}

static void set_load(struct scenario *scenario, double load)
{
    for (size_t i = 0; i < scenario->load_count; i++) {
        if (scenario->loads[i].kind == LOAD_POISSON)
            scenario->loads[i].load_share = load;
        else if (scenario->loads[i].kind == LOAD_TRACE)
            scenario->loads[i].scale_load = load;
    }
}

/* The worse of two exit codes: failed, then partial, then ran. */
static int worse(int a, int b)
{
    if (a == EXIT_FAILED || b == EXIT_FAILED)
        return EXIT_FAILED;
    return a == EXIT_RAN ? b : a;
}

static int compare_once(struct errand *errand,
                        const char *folder,
                        struct comparison *ret_comparison,
                        struct complaint *complaint)
{
    struct inputs inputs;
    inputs_of(errand->scenario, errand->traces, &inputs);
    int code = run_all(errand, &inputs, ret_comparison, complaint);
    if (code != EXIT_FAILED && report(errand->options, folder, errand->scenario,
                                      ret_comparison, complaint))
        code = EXIT_FAILED;
    ret_comparison->inputs = NULL;
    return code;
}

static int compare_over_loads(struct errand *errand,
                              struct complaint *complaint)
{
    struct options *o = errand->options;
    struct comparison all[LOADS_MAX] = {0};
    int code = EXIT_RAN;
    size_t done = 0;
    for (; done < o->load_count && code != EXIT_FAILED; done++) {
        char folder[4096];
        set_load(errand->scenario, o->loads[done]);
        if (!o->json && terminal_is_human(stdout))
            printf("%sload %g\n\n", done ? "\n" : "", o->loads[done]);
        snprintf(folder, sizeof folder, "%s/load-%g", o->out ? o->out : "",
                 o->loads[done]);
        code = worse(code, compare_once(errand, o->out ? folder : NULL,
                                        &all[done], complaint));
    }
    if (code != EXIT_FAILED && o->out &&
        plot_load_sweep(all, o->loads, o->load_count, o->out, "loads",
                        complaint))
        code = EXIT_FAILED;
    for (size_t i = 0; i < done; i++)
        comparison_free(&all[i]);
    return code;
}

static int compare(struct errand *errand, struct complaint *complaint)
{
    if (errand->options->load_count > 0)
        return compare_over_loads(errand, complaint);
    struct comparison c;
    int code = compare_once(errand, errand->options->out, &c, complaint);
    comparison_free(&c);
    return code;
}

/* Every stack must be right before anything runs. */
static int check_stacks(struct options *o,
                        struct scenario *scenario,
                        char **ret_own,
                        struct complaint *complaint)
{
    *ret_own = scenario_policies_text(scenario);
    if (!*ret_own)
        return -ENOMEM;
    for (size_t i = 0; i < o->stack_count; i++) {
        int error = scenario_set_policies(scenario, o->stacks[i], complaint);
        if (error)
            return error;
    }
    int error = scenario_set_policies(scenario, *ret_own, complaint);
    if (o->stack_count == 0)
        o->stacks[o->stack_count++] = *ret_own;
    return error;
}

int command_compare(int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct options o = {.seed_count = 10,
                        .at_once = processors > 0 ? (uint64_t)processors : 1};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct scenario *scenario;
    struct workload *traces;
    int code = input_read(&o.input, &scenario, &traces);
    if (code)
        return code;
    struct complaint complaint = {.line = 0};
    char *own = NULL;
    if (check_stacks(&o, scenario, &own, &complaint)) {
        code = EXIT_BAD_INPUT;
    } else {
        struct errand errand = {
            .options = &o, .scenario = scenario, .traces = traces};
        code = compare(&errand, &complaint);
    }
    if (complaint.text[0])
        terminal_complain(stderr, &complaint);
    free(own);
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
    return code;
}
