/* trace_input.c - the options by which a trace is read. */
#include "trace_input.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scenarios/quantity.h"
#include "terminal.h"

enum {
    OPTION_FORMAT = 256,
    OPTION_COLUMNS,
    OPTION_FLOPS,
    OPTION_LENIENT,
    OPTION_PARALLEL,
    OPTION_CUT,
    OPTION_MAX,
    OPTION_SCALE,
    OPTION_CORES
};

static const struct argp_option options[] = {
    {"format", OPTION_FORMAT, "swf|csv|gwf|batsim", 0,
     "Format of the input (default: by its name)", 1},
    {"columns", OPTION_COLUMNS, "KEY=NAME[:UNIT],...", 0,
     "Columns of a CSV, such as submit=submission_time:ms,runtime=duration:ms",
     1},
    {"flops", OPTION_FLOPS, "N", 0,
     "Operations per second of a reference core, for Batsim's cpu, such as 1e9",
     1},
    {"lenient", OPTION_LENIENT, NULL, 0,
     "Leave bad lines out, count them and show the first five", 1},
    {"parallel", OPTION_PARALLEL, "processes|serial-only|refuse", 0,
     "Parallel jobs become that many processes (default), are left out, or are "
     "an error",
     1},
    {"cut", OPTION_CUT, "FROM,UNTIL", 0,
     "Only what is submitted in between, such as 1h,2h; FROM becomes 0", 1},
    {"max", OPTION_MAX, "N", 0, "Only the first N rows", 1},
    {"scale-load", OPTION_SCALE, "S", 0,
     "Stretch the dates so that the work is the share S of --cores; 70% is 0.7",
     1},
    {"cores", OPTION_CORES, "N", 0, "Reference cores that --scale-load means",
     1},
    {0},
};

struct trace_input trace_input_default(void)
{
    return (struct trace_input){.options = workload_options_default()};
}

static double number(struct argp_state *state,
                     enum quantity_kind kind,
                     const char *text)
{
    double value = 0;
    const char *what;
    if (quantity_parse(text, kind, &value, &what))
        argp_error(state, "%s: %s", text, what);
    else if (value < 0)
        argp_error(state, "%s: below 0", text);
    return value;
}

uint64_t trace_input_us(struct argp_state *state, const char *text)
{
    double us = number(state, QUANTITY_DURATION, text) * 1e6;
    if (us >= 9e15)
        argp_error(state, "%s: longer than any trace", text);
    return (uint64_t)llround(us);
}

static void parse_cut(struct argp_state *state,
                      char *text,
                      struct workload_options *chosen)
{
    char *comma = strchr(text, ',');
    if (!comma) {
        argp_error(state,
                   "--cut %s: two dates with a comma between, such as "
                   "1h,2h",
                   text);
        return;
    }
    *comma = '\0';
    chosen->cut_from_us = trace_input_us(state, text);
    chosen->cut_until_us = trace_input_us(state, comma + 1);
    if (chosen->cut_until_us <= chosen->cut_from_us)
        argp_error(state, "--cut %s,%s: it ends before it begins", text,
                   comma + 1);
}

static void parse_format(struct argp_state *state,
                         const char *text,
                         struct workload_options *chosen)
{
    if (strcmp(text, "swf") == 0)
        chosen->format = FORMAT_SWF;
    else if (strcmp(text, "csv") == 0)
        chosen->format = FORMAT_CSV;
    else if (strcmp(text, "gwf") == 0)
        chosen->format = FORMAT_GWF;
    else if (strcmp(text, "batsim") == 0)
        chosen->format = FORMAT_BATSIM;
    else
        argp_error(state, "--format %s: swf, csv, gwf or batsim", text);
}

static void parse_parallel(struct argp_state *state,
                           const char *text,
                           struct workload_options *chosen)
{
    if (strcmp(text, "processes") == 0)
        chosen->parallel = PARALLEL_PROCESSES;
    else if (strcmp(text, "serial-only") == 0)
        chosen->parallel = PARALLEL_SERIAL_ONLY;
    else if (strcmp(text, "refuse") == 0)
        chosen->parallel = PARALLEL_REFUSE;
    else
        argp_error(state, "--parallel %s: processes, serial-only or refuse",
                   text);
}

static void check(struct argp_state *state, const struct trace_input *input)
{
    if ((input->load_share > 0) != (input->core_count > 0))
        argp_error(state,
                   "--scale-load and --cores need each other, both above "
                   "0");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct trace_input *input = state->input;
    switch (key) {
        case OPTION_FORMAT:
            parse_format(state, argument, &input->options);
            return 0;
        case OPTION_COLUMNS:
            input->options.columns = argument;
            return 0;
        case OPTION_FLOPS:
            input->options.flops_per_s =
                number(state, QUANTITY_NUMBER, argument);
            if (!(input->options.flops_per_s > 0))
                argp_error(state, "--flops %s: above 0", argument);
            return 0;
        case OPTION_LENIENT:
            input->options.lenient = true;
            return 0;
        case OPTION_PARALLEL:
            parse_parallel(state, argument, &input->options);
            return 0;
        case OPTION_CUT:
            parse_cut(state, argument, &input->options);
            return 0;
        case OPTION_MAX:
            input->options.max_count =
                (size_t)number(state, QUANTITY_COUNT, argument);
            return 0;
        case OPTION_SCALE:
            input->load_share = number(state, QUANTITY_NUMBER, argument);
            return 0;
        case OPTION_CORES:
            input->core_count = number(state, QUANTITY_NUMBER, argument);
            return 0;
        case ARGP_KEY_ARG:
            if (input->path)
                argp_usage(state);
            input->path = argument;
            return 0;
        case ARGP_KEY_END:
            check(state, input);
            if (!input->path)
                argp_usage(state);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp input_argp = {.options = options, .parser = parse};
const struct argp_child trace_input_children[] = {{&input_argp, 0, "", 0}, {0}};

static void say_what_was_left_out(const struct workload *workload)
{
    size_t shown = workload->bad_count < 5 ? workload->bad_count : 5;
    for (size_t i = 0; i < shown; i++)
        terminal_complain(stderr, &workload->bad[i]);
    if (workload->bad_count > 0)
        fprintf(stderr, "%s: %zu bad lines left out\n", workload->origin,
                workload->bad_count);
    if (workload->skipped_count > 0)
        fprintf(stderr,
                "%s: %zu rows left out that never ran, or were not "
                "asked for\n",
                workload->origin, workload->skipped_count);
}

/* As --scale-load says, if it does. An exit code. */
static int scale(const struct trace_input *input, struct workload *workload)
{
    double factor;
    if (!(input->load_share > 0))
        return EXIT_RAN;
    if (workload_scale_load(workload, input->load_share, input->core_count,
                            &factor)) {
        fprintf(stderr,
                "%s: cannot be scaled: all rows are submitted at once, "
                "or their work is unknown\n",
                input->path);
        return EXIT_BAD_INPUT;
    }
    fprintf(stderr, "%s: dates times %.6g for a load of %g of %g cores\n",
            input->path, factor, input->load_share, input->core_count);
    return EXIT_RAN;
}

int trace_input_read(const struct trace_input *input,
                     struct workload *ret_workload)
{
    struct complaint complaint = {0};
    int error =
        workload_read(input->path, &input->options, ret_workload, &complaint);
    if (error) {
        terminal_complain(stderr, &complaint);
        return error == -ENOMEM || error == -EIO ? EXIT_FAILED : EXIT_BAD_INPUT;
    }
    say_what_was_left_out(ret_workload);
    int code = scale(input, ret_workload);
    if (code)
        workload_finish(ret_workload);
    return code;
}
