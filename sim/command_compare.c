/* command_compare.c - vencejo sim compare: stacks of policies over seeds. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cli/terminal.h"
#include "../plots/plot.h"
#include "../scenarios/quantity.h"
#include "commands.h"
#include "compare.h"
#include "inputs.h"

enum { STACKS_MAX = 32, LOADS_MAX = 16, SEEDS_MAX = 10000, AT_ONCE_MAX = 1024 };

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
    if (o->load_count == 0)
        argp_error(state, "--loads needs loads, such as 0.5,0.7,0.9");
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
        default:
            return input_parse(&o->input, key, value, state);
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
    INPUT_OPTION,
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

/* ---- Running and reporting. ---------------------------------------------- */

struct errand
{
    const struct options *options;
    struct compare compare;
    struct progress progress;
    size_t failed_count;
};

static void show(void *who, size_t done, size_t count)
{
    struct errand *errand = who;
    (void)count;
    progress_show(&errand->progress, done);
}

static void tell_failure(void *who,
                         uint64_t seed,
                         const char *stack,
                         const char *why)
{
    struct errand *errand = who;
    errand->failed_count++;
    fprintf(stderr, "vencejo-sim: seed %llu, %s: %s\n",
            (unsigned long long)seed, stack, why);
}

/* folder: where the files of this comparison go; NULL: nowhere. */
static int report(const struct errand *errand,
                  const char *folder,
                  const struct comparison *c,
                  struct complaint *complaint)
{
    char *json = comparison_json(c);
    if (!json)
        return -ENOMEM;
    if (errand->options->json)
        fputs(json, stdout);
    else
        comparison_table(c, terminal_is_human(stdout) ? TABLE_HUMAN : TABLE_TSV,
                         terminal_has_colour(stdout), stdout);
    int error = 0;
    if (folder)
        error =
            compare_save(folder, errand->compare.scenario, c, json, complaint);
    free(json);
    return error;
}

/* load: 0 if it is as the scenario says. */
static int compare_once(struct errand *errand,
                        double load,
                        const char *folder,
                        struct comparison *ret_comparison,
                        struct complaint *complaint)
{
    const struct compare *compare = &errand->compare;
    struct inputs inputs;
    inputs_of(compare->scenario, compare->traces, &inputs);
    size_t count = compare->stack_count * compare->seed_count;
    progress_start(&errand->progress, stderr, "runs", count);
    enum compare_outcome outcome =
        compare_run(compare, inputs.list, ret_comparison, complaint);
    progress_finish(&errand->progress);
    ret_comparison->load = load;
    if (errand->failed_count > 0)
        fprintf(stderr, "vencejo-sim: %zu of %zu runs failed\n",
                errand->failed_count, count);
    errand->failed_count = 0;
    bool reported = outcome != COMPARE_FAILED &&
                    report(errand, folder, ret_comparison, complaint) == 0;
    ret_comparison->inputs = NULL; /* They end with this function. */
    if (!reported)
        return EXIT_FAILED;
    return outcome == COMPARE_PARTIAL ? EXIT_PARTIAL : EXIT_RAN;
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

/* With nothing that set_load() changes, all loads would be the same. */
static int check_loads(const struct options *o,
                       const struct scenario *scenario,
                       struct complaint *complaint)
{
    for (size_t i = 0; i < scenario->load_count; i++)
        if (scenario->loads[i].kind != LOAD_BATCH)
            return 0;
    if (o->load_count == 0)
        return 0;
    return complain(complaint, -EINVAL, scenario->path, 0, 0,
                    "--loads: this workload has no poisson or trace part to "
                    "scale; leave --loads out, or add such a part");
}

/* The worse of two exit codes: failed, then partial, then ran. */
static int worse(int a, int b)
{
    if (a == EXIT_FAILED || b == EXIT_FAILED)
        return EXIT_FAILED;
    return a == EXIT_RAN ? b : a;
}

/* What stands before the comparison of a load: JSON becomes one array. */
static void print_before(const struct options *o, size_t index)
{
    if (o->json)
        fputs(index == 0 ? "[\n" : ",\n", stdout);
    else if (terminal_is_human(stdout))
        printf("%sload %g\n\n", index > 0 ? "\n" : "", o->loads[index]);
}

static int compare_over_loads(struct errand *errand,
                              struct complaint *complaint)
{
    const struct options *o = errand->options;
    struct comparison all[LOADS_MAX] = {0};
    int code = EXIT_RAN;
    size_t done = 0;
    for (; done < o->load_count && code != EXIT_FAILED; done++) {
        char folder[4096];
        set_load(errand->compare.scenario, o->loads[done]);
        print_before(o, done);
        snprintf(folder, sizeof folder, "%s/load-%g", o->out ? o->out : "",
                 o->loads[done]);
        code = worse(
            code, compare_once(errand, o->loads[done], o->out ? folder : NULL,
                               &all[done], complaint));
    }
    if (o->json)
        puts("\n]");
    if (code != EXIT_FAILED && o->out &&
        plot_load_sweep(all, o->loads, o->load_count, o->out, "loads",
                        complaint))
        code = EXIT_FAILED;
    for (size_t i = 0; i < done; i++)
        compare_free(&all[i]);
    return code;
}

static int compare(struct errand *errand, struct complaint *complaint)
{
    if (errand->options->load_count > 0)
        return compare_over_loads(errand, complaint);
    struct comparison c;
    int code = compare_once(errand, 0, errand->options->out, &c, complaint);
    if (errand->options->json)
        putchar('\n');
    compare_free(&c);
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
    if (check_loads(&o, scenario, &complaint) ||
        check_stacks(&o, scenario, &own, &complaint)) {
        code = EXIT_BAD_INPUT;
    } else if (run_refuse_keys(scenario, &complaint)) {
        code = EXIT_REFUSED;
    } else {
        struct errand errand = {.options = &o,
                                .compare = {.scenario = scenario,
                                            .traces = traces,
                                            .stacks = o.stacks,
                                            .stack_count = o.stack_count,
                                            .seed_count = o.seed_count,
                                            .at_once = o.at_once,
                                            .progress = show,
                                            .failed = tell_failure,
                                            .who = &errand}};
        code = compare(&errand, &complaint);
    }
    if (complaint.text[0])
        terminal_complain(stderr, &complaint);
    free(own);
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
    return code;
}
