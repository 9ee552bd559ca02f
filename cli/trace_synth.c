/* trace_synth.c - vencejo-trace synth: made-up arrivals as SWF. */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../traces/file.h"
#include "../traces/lublin.h"
#include "terminal.h"
#include "trace.h"
#include "trace_input.h"
#include "trace_law.h"

enum { OPTION_CPU_FROM = 512, OPTION_MEM_FROM, OPTION_MMPP, OPTION_LUBLIN };

struct request
{
    struct synth what;
    const char *out;
    const char *cpu_from; /* A trace whose work is drawn from; or NULL. */
    const char *mem_from;
    double load_share; /* Instead of a rate. */
    double core_count;
    double widest; /* Model of Lublin and Feitelson: processors; 0: not that. */
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Write FILE (.swf, .swf.gz, .swf.zst)", 0},
    {"count", 'n', "N", 0, "N jobs", 0},
    {"span", 's', "TIME", 0, "All jobs that arrive in TIME, such as 2h", 0},
    {"rate", 'r', "RATE", 0, "Arrivals, such as 0.5/s or 30/min", 0},
    {"load", 'l', "S", 0, "In place of --rate: the share S of --cores", 0},
    {"cores", 'C', "N", 0, "Reference cores that --load means", 0},
    {"mmpp", OPTION_MMPP, "RATE1:RATE2:STAY1:STAY2", 0,
     "In place of --rate: two states with these rates that last these mean "
     "times, such as 10/s:0.1/s:1min:10min",
     0},
    {"lublin", OPTION_LUBLIN, "WIDEST", 0,
     "Arrivals, widths and run times by the model of Lublin and Feitelson, at "
     "most WIDEST processors; then --load stretches the dates",
     0},
    {"cpu", 'c', "LAW", 0, "CPU time, such as exponential:10s", 0},
    {"cpu-from", OPTION_CPU_FROM, "TRACE", 0,
     "CPU times drawn from those of TRACE, each equally likely", 0},
    {"memory", 'm', "LAW", 0, "Memory, such as fixed:20MiB (the default)", 0},
    {"memory-from", OPTION_MEM_FROM, "TRACE", 0, "Memory drawn from TRACE", 0},
    {"users", 'u', "N", 0, "Users 1 to N, each equally likely", 0},
    {"seed", 'S', "N", 0, "Of the random numbers (1)", 0},
    {0},
};

static const char doc[] =
    "Make a workload: Poisson arrivals, plain or modulated, CPU times and "
    "memory by laws; or parallel jobs by a model."
    "\v"
    "Laws: fixed:A, exponential:MEAN, uniform:A:B, pareto:LOW:HIGH:INDEX "
    "(bounded), lognormal:MEDIAN:SIGMA, hyperexponential:MEAN1:MEAN2:P.\n"
    "\n"
    "Example:\n"
    "  vencejo trace synth -n 10000 --load 80% --cores 16 \\\n"
    "    --cpu pareto:100ms:1h:1.1 -o pareto.swf.zst\n"
    "  vencejo trace synth -n 2000 --lublin 128 -o parallel.swf\n";

static double number(struct argp_state *state,
                     enum quantity_kind kind,
                     const char *text)
{
    double value = 0;
    const char *what;
    if (quantity_parse(text, kind, &value, &what))
        argp_error(state, "%s: %s", text, what);
    else if (!(value > 0))
        argp_error(state, "%s: it must be above 0", text);
    return value;
}

static void parse_law(struct argp_state *state,
                      const char *text,
                      enum quantity_kind kind,
                      double unit,
                      struct law *law)
{
    const char *what = trace_law_parse(text, kind, unit, law);
    if (what)
        argp_error(state, "%s: %s", text, what);
}

static void parse_mmpp(struct argp_state *state, char *text, struct mmpp *mmpp)
{
    char *rest = text;
    for (int i = 0; i < 4; i++) {
        char *word = strsep(&rest, ":");
        const char *what;
        double *value = i < 2 ? &mmpp->rates_per_s[i] : &mmpp->stays_s[i - 2];
        if (!word)
            argp_error(state, "--mmpp takes RATE1:RATE2:STAY1:STAY2");
        else if (quantity_parse(word,
                                i < 2 ? QUANTITY_FREQUENCY : QUANTITY_DURATION,
                                value, &what))
            argp_error(state, "--mmpp %s: %s", word, what);
    }
    if (rest)
        argp_error(state, "--mmpp takes RATE1:RATE2:STAY1:STAY2");
}

static bool is_modulated(const struct request *request)
{
    const double *rates = request->what.mmpp.rates_per_s;
    return rates[0] > 0 || rates[1] > 0;
}

/* The model has all but memory and users. */
static void check_model(struct argp_state *state, const struct request *request)
{
    const struct synth *what = &request->what;
    if (what->count == 0 || what->span_us > 0)
        argp_error(state, "--lublin needs --count");
    else if (what->rate_per_s > 0 || is_modulated(request) || what->cpu.a > 0 ||
             request->cpu_from)
        argp_error(state,
                   "--lublin has rates and run times of its own; leave --rate, "
                   "--mmpp and --cpu out");
    else if ((request->load_share > 0) != (request->core_count > 0))
        argp_error(state, "--load and --cores need each other");
}

static void check(struct argp_state *state, const struct request *request)
{
    const struct synth *what = &request->what;
    if (!request->out || !file_name_ends(request->out, ".swf", NULL))
        argp_error(state,
                   "give the output by -o, its name ending in .swf, "
                   ".swf.gz or .swf.zst");
    else if (request->widest > 0)
        check_model(state, request);
    else if ((what->count > 0) == (what->span_us > 0))
        argp_error(state, "give one of --count and --span");
    else if ((what->rate_per_s > 0) + (request->load_share > 0) +
                 is_modulated(request) !=
             1)
        argp_error(state, "give one of --rate, --load and --mmpp");
    else if ((request->load_share > 0) != (request->core_count > 0))
        argp_error(state, "--load and --cores need each other");
    else if ((what->cpu.a > 0) == (request->cpu_from != NULL))
        argp_error(state, "give one of --cpu and --cpu-from");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;
    struct synth *what = &request->what;
    switch (key) {
        case 'o':
            request->out = argument;
            return 0;
        case 'n':
            what->count = (uint64_t)number(state, QUANTITY_COUNT, argument);
            return 0;
        case 's':
            what->span_us = trace_input_us(state, argument);
            return 0;
        case 'r':
            what->rate_per_s = number(state, QUANTITY_FREQUENCY, argument);
            return 0;
        case 'l':
            request->load_share = number(state, QUANTITY_NUMBER, argument);
            return 0;
        case 'C':
            request->core_count = number(state, QUANTITY_NUMBER, argument);
            return 0;
        case OPTION_MMPP:
            parse_mmpp(state, argument, &what->mmpp);
            return 0;
        case OPTION_LUBLIN:
            request->widest = number(state, QUANTITY_COUNT, argument);
            if (request->widest < 8 || request->widest > 1 << 30)
                argp_error(state, "--lublin takes 8 to 2^30 processors");
            return 0;
        case 'c':
            parse_law(state, argument, QUANTITY_DURATION, 1e6, &what->cpu);
            return 0;
        case OPTION_CPU_FROM:
            request->cpu_from = argument;
            return 0;
        case 'm':
            parse_law(state, argument, QUANTITY_BYTES, 1, &what->mem);
            return 0;
        case OPTION_MEM_FROM:
            request->mem_from = argument;
            return 0;
        case 'u':
            what->user_count =
                (uint32_t)number(state, QUANTITY_COUNT, argument);
            return 0;
        case 'S':
            what->seed = (uint64_t)number(state, QUANTITY_COUNT, argument);
            return 0;
        case ARGP_KEY_ARG:
            argp_usage(state);
            return 0;
        case ARGP_KEY_END:
            check(state, request);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

/* The law that draws from what a trace has; its values are the caller's to
 * free. An exit code. */
static int empirical(const char *path,
                     bool memory,
                     uint64_t **ret_values,
                     struct law *ret_law)
{
    struct trace_input input = trace_input_default();
    struct workload workload = {0};
    input.path = path;
    int code = trace_input_read(&input, &workload);
    if (code)
        return code;
    uint64_t *values = calloc(workload.count, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; values && i < workload.count; i++) {
        const struct job *job = &workload.jobs[i];
        uint64_t value = memory ? job->mem_bytes : job_work_us(job);
        if (value != JOB_UNKNOWN)
            values[count++] = value;
    }
    workload_finish(&workload);
    if (count == 0) {
        fprintf(stderr, "%s: no row says its %s\n", path,
                memory ? "memory" : "CPU or run time");
        free(values);
        return EXIT_BAD_INPUT;
    }
    *ret_values = values;
    *ret_law = (struct law){
        .kind = LAW_EMPIRICAL, .values = values, .value_count = count};
    return EXIT_RAN;
}

static int write(const struct request *request, struct workload *workload)
{
    struct complaint complaint = {0};
    int error = workload_write_swf(workload, request->out, NULL, &complaint);
    workload_finish(workload);
    if (error)
        terminal_complain(stderr, &complaint);
    return error ? EXIT_FAILED : EXIT_RAN;
}

static int make_model(const struct request *request)
{
    struct lublin model = lublin_default(log2(request->widest));
    struct workload workload = {0};
    struct complaint complaint = {0};
    if (lublin_synth(&model, &request->what, &workload, &complaint)) {
        terminal_complain(stderr, &complaint);
        return EXIT_BAD_INPUT;
    }
    double factor;
    if (request->load_share > 0 &&
        workload_scale_load(&workload, request->load_share, request->core_count,
                            &factor)) {
        fputs("vencejo-trace: too few jobs to scale\n", stderr);
        workload_finish(&workload);
        return EXIT_BAD_INPUT;
    }
    return write(request, &workload);
}

static int make(struct request *request)
{
    struct workload workload = {0};
    struct complaint complaint = {0};
    if (request->widest > 0)
        return make_model(request);
    if (request->load_share > 0)
        request->what.rate_per_s = request->load_share * request->core_count /
                                   (law_mean(&request->what.cpu) * 1e-6);
    if (synth(&request->what, &workload, &complaint)) {
        terminal_complain(stderr, &complaint);
        return EXIT_BAD_INPUT;
    }
    return write(request, &workload);
}

int trace_synth(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options, .parser = parse, .doc = doc};
    struct request request = {
        .what = {.seed = 1, .mem = {.kind = LAW_FIXED, .a = 20 << 20}}};
    if (argp_parse(&argp, argc, argv, 0, NULL, &request))
        return EXIT_BAD_INPUT;

    uint64_t *cpu_values = NULL;
    uint64_t *mem_values = NULL;
    int code = EXIT_RAN;
    if (request.cpu_from)
        code =
            empirical(request.cpu_from, false, &cpu_values, &request.what.cpu);
    if (!code && request.mem_from)
        code =
            empirical(request.mem_from, true, &mem_values, &request.what.mem);
    if (!code)
        code = make(&request);
    free(cpu_values);
    free(mem_values);
    return code;
}
