/* command_run.c - vencejo sim run: one scenario, one seed, its metrics. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../cli/terminal.h"
#include "../cli/version.h"
#include "../results/comparison.h"
#include "../scenarios/quantity.h"
#include "../traces/save.h"
#include "commands.h"
#include "inputs.h"
#include "journal_file.h"

enum { CLASS_EDGES_MAX = 16 };
enum journal_level { JOURNAL_NONE, JOURNAL_DECISIONS, JOURNAL_FULL };

struct options
{
    struct input input;
    bool has_seed;
    uint64_t seed;
    const char *out;
    bool json;
    bool timing;
    bool check;
    bool timeline;
    enum journal_level journal;
    uint64_t class_edges_us[CLASS_EDGES_MAX];
    size_t class_edge_count;
};

static void parse_classes(char *text,
                          struct options *o,
                          struct argp_state *state)
{
    for (char *edge = strtok(text, ","); edge; edge = strtok(NULL, ",")) {
        const char *what;
        double seconds;
        if (o->class_edge_count == CLASS_EDGES_MAX)
            argp_error(state, "--by-size takes at most %d edges",
                       CLASS_EDGES_MAX);
        if (quantity_parse(edge, QUANTITY_DURATION, &seconds, &what))
            argp_error(state, "--by-size `%s`: %s", edge, what);
        uint64_t edge_us = (uint64_t)llround(seconds * 1e6);
        size_t count = o->class_edge_count;
        if (count > 0 && edge_us <= o->class_edges_us[count - 1])
            argp_error(state, "--by-size: edges must ascend");
        o->class_edges_us[o->class_edge_count++] = edge_us;
    }
}

static void parse_journal(const char *text,
                          struct options *o,
                          struct argp_state *state)
{
    if (!text || strcmp(text, "decisions") == 0)
        o->journal = JOURNAL_DECISIONS;
    else if (strcmp(text, "full") == 0)
        o->journal = JOURNAL_FULL;
    else
        argp_error(state, "--journal takes decisions or full, not `%s`", text);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 'n':
            if (!number_of(value, UINT64_MAX, &o->seed))
                argp_error(state, "--seed takes a whole number, not `%s`",
                           value);
            o->has_seed = true;
            return 0;
        case 'o':
            o->out = value;
            return 0;
        case 'j':
            o->json = true;
            return 0;
        case 'i':
            o->check = true;
            return 0;
        case 't':
            o->timing = true;
            return 0;
        case 'T':
            o->timeline = true;
            return 0;
        case 'l':
            parse_journal(value, o, state);
            return 0;
        case 'c':
            parse_classes(value, o, state);
            return 0;
        case ARGP_KEY_END:
            if (o->journal != JOURNAL_NONE && !o->out)
                argp_error(state, "--journal needs --out DIR to write into");
            if (o->timeline && !o->out)
                argp_error(state, "--timeline needs --out DIR to write into");
            if (o->timeline && o->journal == JOURNAL_NONE)
                o->journal = JOURNAL_DECISIONS;
            return 0;
        default:
            return input_parse(&o->input, key, value, state);
    }
}

static const struct argp_option option_table[] = {
    INPUT_OPTION,
    {"seed", 'n', "N", 0, "Use this seed instead of the scenario's", 0},
    {"out", 'o', "DIR", 0,
     "Write metrics.json, scenario.yaml and the journal into DIR", 0},
    {"json", 'j', NULL, 0, "Print JSON", 0},
    {"journal", 'l', "LEVEL", OPTION_ARG_OPTIONAL,
     "Write DIR/journal.tsv.zst: decisions (default) or full, which "
     "`vencejo sim replay` reads",
     0},
    {"timeline", 'T', NULL, 0,
     "Draw DIR/timeline.svg, .pdf and .png too, of a journal, which is written",
     0},
    {"by-size", 'c', "EDGES", 0,
     "Metrics for each class of CPU time too, such as 1s,10s,100s", 0},
    {"check-invariants", 'i', NULL, 0,
     "Check at every step what must always hold, and stop where it does not",
     0},
    {"timing", 't', NULL, 0,
     "Say on standard error what the run cost: events, CPU time, memory", 0},
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "SCENARIO",
    .doc =
        "Run a scenario once and print what it measured.\v"
        "Examples:\n"
        "  vencejo sim run scenarios/sixteen.yaml\n"
        "  vencejo sim run scenarios/sixteen.yaml --seed 3 --json \\\n"
        "      --set clusters.lab.nodes=8"};

/* ---- The run. ------------------------------------------------------------ */

struct sinks
{
    struct meter *meter;
    struct journal_file *journal;
};

static void take(void *sink, const struct record *record)
{
    struct sinks *s = sink;
    meter_add(s->meter, record);
    if (s->journal)
        journal_file_write(s->journal, record);
}

struct bar
{
    struct progress progress;
};

enum { BAR_STEPS = 1000 };

static void tell(void *who, double share)
{
    struct bar *bar = who;
    progress_show(&bar->progress, (uint64_t)(share * BAR_STEPS));
}

static char *path_in(const char *folder, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static int open_journal(const struct options *o,
                        const struct scenario *scenario,
                        struct sinks *sinks,
                        struct complaint *complaint)
{
    if (o->journal == JOURNAL_NONE)
        return 0;
    if (o->journal == JOURNAL_FULL &&
        scenario->information == INFORMATION_PERFECT)
        return complain(complaint, -ENOTSUP, scenario->path, 0, 0,
                        "--journal=full with information: perfect: what the "
                        "nodes are told is no event; use decisions");
    char *path = path_in(o->out, "journal.tsv.zst");
    int error = path ? journal_file_create(path, scenario, o->seed,
                                           o->journal == JOURNAL_FULL,
                                           &sinks->journal, complaint)
                     : -ENOMEM;
    free(path);
    return error;
}

static int save_results(const struct options *o,
                        const struct scenario *scenario,
                        const char *json,
                        struct complaint *complaint)
{
    if (!o->out)
        return 0;
    char *resolved = NULL;
    int error = scenario_print_for(scenario, o->out, &resolved);
    char *paths[] = {path_in(o->out, "metrics.json"),
                     path_in(o->out, "scenario.yaml")};
    if (!error)
        error = save_text(paths[0], json);
    if (!error)
        error = save_text(paths[1], resolved);
    if (error)
        complain(complaint, error, o->out, 0, 0,
                 "the results could not be written: %s", strerror(-error));
    free(resolved);
    free(paths[0]);
    free(paths[1]);
    return error;
}

static void print_human(const double *values, double bound, FILE *out)
{
    for (size_t i = 0; i < metric_count(); i++)
        if (!isnan(values[i]) && metric_shown(i, values))
            fprintf(out, "%-38s %14.6g %s\n", metrics[i].title, values[i],
                    strcmp(metrics[i].unit, "1") == 0 ? "" : metrics[i].unit);
    if (!isnan(bound))
        fprintf(out, "%-38s %14.6g s\n", "mean response, clairvoyant bound",
                bound);
}

static void print_tsv(const double *values, FILE *out)
{
    for (size_t i = 0; i < metric_count(); i++)
        if (!isnan(values[i]) && metric_shown(i, values))
            fprintf(out, "%s\t%.17g\t%s\n", metrics[i].name, values[i],
                    metrics[i].unit);
}

/* Metrics of every class of CPU time that was asked for. */
struct classes
{
    struct run_class list[CLASS_EDGES_MAX + 1];
    double values[CLASS_EDGES_MAX + 1][METRIC_COUNT];
    size_t count;
};

static void read_classes(const struct options *o,
                         const struct meter *meter,
                         struct classes *ret_classes)
{
    size_t edges = o->class_edge_count;
    ret_classes->count = edges > 0 ? edges + 1 : 0;
    for (size_t i = 0; i < ret_classes->count; i++) {
        double *values = ret_classes->values[i];
        size_t processes = meter_read_class(meter, i, values);
        double below =
            i < edges ? (double)o->class_edges_us[i] * 1e-6 : INFINITY;
        ret_classes->list[i] = (struct run_class){below, processes, values};
    }
}

static void print_classes(const struct classes *classes, bool human)
{
    if (classes->count == 0)
        return;
    printf(human ? "\n%-18s %10s %14s %14s\n" : "%s\t%s\t%s\t%s\n",
           human ? "CPU time" : "cpu_below_s", "processes",
           human ? "mean slowdown" : "mean_slowdown",
           human ? "p95 slowdown" : "p95_slowdown");
    for (size_t i = 0; i < classes->count; i++) {
        const struct run_class *c = &classes->list[i];
        char label[64];
        snprintf(label, sizeof label, human ? "below %g s" : "%g", c->below_s);
        if (human && isinf(c->below_s))
            snprintf(label, sizeof label, "the longer ones");
        printf(
            human ? "%-18s %10zu %14.6g %14.6g\n" : "%s\t%zu\t%.17g\t%.17g\n",
            label, c->process_count, c->values[METRIC_MEAN_SLOWDOWN],
            c->values[METRIC_P95_SLOWDOWN]);
    }
}

static void print_table(const struct meter *meter,
                        const struct classes *classes,
                        const double *values,
                        const struct inputs *inputs)
{
    if (!terminal_is_human(stdout)) {
        print_tsv(values, stdout);
        print_classes(classes, false);
        return;
    }
    print_human(values, meter_bound_response_s(meter), stdout);
    print_classes(classes, true);
    for (size_t i = 0; inputs->list[i]; i++)
        printf("%s\n", inputs->list[i]);
}

/* What is written to files and printed; the bound costs as much as a tenth of
 * a run, so it is computed only where it is shown. */
static int report(const struct options *o,
                  const struct scenario *scenario,
                  const struct inputs *inputs,
                  const struct meter *meter,
                  struct complaint *complaint)
{
    double *values = calloc(metric_count(), sizeof *values);
    if (!values)
        return -ENOMEM;
    meter_read(meter, values);
    struct classes classes;
    read_classes(o, meter, &classes);
    char *json = NULL;
    int error = 0;
    if (o->out || o->json) {
        json = run_json(scenario->name, o->seed, VENCEJO_COMMIT, values,
                        meter_bound_response_s(meter), inputs->list,
                        classes.list, classes.count);
        error = json ? save_results(o, scenario, json, complaint) : -ENOMEM;
    }
    if (!error && o->json)
        puts(json);
    else if (!error)
        print_table(meter, &classes, values, inputs);
    free(json);
    free(values);
    return error;
}

static int draw(const struct options *o, struct complaint *complaint)
{
    if (!o->timeline)
        return 0;
    char *path = path_in(o->out, "journal.tsv.zst");
    int error = path ? timeline_of_journal(path, o->out, complaint) : -ENOMEM;
    free(path);
    return error ? -EIO : 0;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* setup_s: CPU time before the first event. */
static void print_timing(const struct run_result *result, double setup_s)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double run_s = cpu_seconds() - setup_s;
    fprintf(stderr, "events\t%llu\t1\n", (unsigned long long)result->events);
    fprintf(stderr, "setup_cpu\t%.6f\ts\n", setup_s);
    fprintf(stderr, "run_cpu\t%.6f\ts\n", run_s);
    fprintf(stderr, "peak_memory\t%ld\tKiB\n", usage.ru_maxrss);
}

/* Where it broke, and the command that repeats it. */
static int tell_breach(const struct options *o,
                       const struct scenario *scenario,
                       const struct breach *breach,
                       struct complaint *complaint)
{
    char *command = NULL;
    size_t length;
    FILE *out = open_memstream(&command, &length);
    if (!out)
        return -errno;
    fprintf(out, "vencejo sim run %s", o->input.path);
    for (size_t i = 0; i < o->input.setting_count; i++)
        fprintf(out, " --set '%s'", o->input.settings[i].text);
    fprintf(out, " --seed %" PRIu64 " --check-invariants", o->seed);
    if (fclose(out) != 0) {
        free(command);
        return -ENOMEM;
    }
    int error = complain(complaint, -EPROTO, scenario->path, 0, 0,
                         "invariant '%s' is broken at %.6f s on node %" PRIu32
                         ", process %" PRIu64 ": %s; repeat it by: %s",
                         breach->name, (double)breach->at_us * 1e-6,
                         breach->node, breach->proc, breach->what, command);
    free(command);
    return error;
}

/* The traces are freed here, before the run: it takes their memory over, which
 * the system would else have to find and to clear. */
static int run_world(struct options *o,
                     struct scenario *scenario,
                     struct workload *traces,
                     struct complaint *complaint)
{
    struct inputs inputs;
    inputs_of(scenario, traces, &inputs);
    struct world *world;
    int error = world_create(scenario, traces, o->seed, &world, complaint);
    run_traces_finish(scenario, traces);
    if (error) {
        input_blame(scenario, complaint);
        return error;
    }
    struct meter_options meter_options = {.process_count =
                                              world->process_count};
    if (o->class_edge_count > 0) {
        meter_options.class_edges_us = o->class_edges_us;
        meter_options.class_count = o->class_edge_count + 1;
    }
    struct sinks sinks = {.meter = input_meter(scenario, meter_options)};
    error = open_journal(o, scenario, &sinks, complaint);
    if (!error) {
        struct record_sink sink = {
            take, &sinks, .full = o->journal == JOURNAL_FULL,
            .metrics = o->journal == JOURNAL_NONE,
            .no_starts =
                o->journal == JOURNAL_NONE && !meter_wants_starts(sinks.meter)};
        struct bar bar;
        progress_start(&bar.progress, stderr, "processes", BAR_STEPS);
        struct run_progress progress = {tell, &bar};
        struct run_result result;
        double setup_s = cpu_seconds();
        if (o->check)
            world_check(world);
        world_run(world, &sink, &progress, &result);
        progress_finish(&bar.progress);
        if (o->timing)
            print_timing(&result, setup_s);
        if (result.refusal)
            error = complain(complaint, -ENOTSUP, scenario->path, 0, 0, "%s",
                             result.refusal);
        else if (result.breach.name)
            error = tell_breach(o, scenario, &result.breach, complaint);
    }
    if (sinks.journal && error && error != -EPROTO)
        journal_file_abandon(sinks.journal);
    else if (sinks.journal && error) /* It tells how it came to the breach. */
        journal_file_close(sinks.journal, &(struct complaint){.line = 0});
    else if (sinks.journal)
        error = journal_file_close(sinks.journal, complaint);
    if (!error)
        error = report(o, scenario, &inputs, sinks.meter, complaint);
    if (!error)
        error = draw(o, complaint);
    meter_destroy(sinks.meter);
    world_destroy(world);
    return error;
}

int command_run(int argc, char **argv)
{
    struct options o = {.seed = 0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct scenario *scenario;
    struct workload *traces;
    int code = input_read(&o.input, &scenario, &traces);
    if (code)
        return code;
    if (!o.has_seed)
        o.seed = scenario->seed;
    scenario->seed = o.seed; /* The one that is saved repeats this run. */
    struct complaint complaint = {.line = 0};
    int error = o.out ? save_folder(o.out) : 0;
    if (error) {
        complain(&complaint, error, o.out, 0, 0, "cannot make this folder: %s",
                 strerror(-error));
        run_traces_finish(scenario, traces);
    } else {
        error = run_world(&o, scenario, traces, &complaint);
    }
    if (error)
        terminal_complain(stderr, &complaint);
    scenario_destroy(scenario);
    if (error == -ENOTSUP)
        return EXIT_REFUSED;
    return error == -EINVAL ? EXIT_BAD_INPUT : error ? EXIT_FAILED : EXIT_RAN;
}
