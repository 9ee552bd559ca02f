/* trace_info.c - vencejo-trace info: what is in a trace. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "terminal.h"
#include "trace.h"
#include "trace_input.h"
#include "trace_profile.h"

enum { OPTION_JSON = 512, OPTION_PLOT };

struct request
{
    struct trace_input input;
    const char *plot; /* SVG to write; or NULL. */
    bool json;
};

static const struct argp_option options[] = {
    {"json", OPTION_JSON, NULL, 0, "Print JSON", 0},
    {"plot", OPTION_PLOT, "FILE.svg", 0,
     "Draw the survival function of work and the arrivals, by gnuplot", 0},
    {0},
};

static const char doc[] =
    "Say what is in a trace: rows, arrivals, run times, CPU times, memory, how "
    "heavy the tail is, whether age predicts remaining life, offered load. A "
    "table on a terminal, tab-separated values in a pipe."
    "\v"
    "Example:\n"
    "  vencejo trace info --plot batch.svg traces/data/batch.swf.zst\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
        case ARGP_KEY_INIT:
            state->child_inputs[0] = &request->input;
            return 0;
        case OPTION_JSON:
            request->json = true;
            return 0;
        case OPTION_PLOT:
            if (strlen(argument) < 4 ||
                strcmp(argument + strlen(argument) - 4, ".svg") != 0)
                argp_error(state,
                           "--plot %s: only SVG is drawn; end its name in "
                           ".svg",
                           argument);
            request->plot = argument;
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static int print(const struct request *request,
                 const struct workload *workload,
                 const struct profile *profile)
{
    if (request->json && profile_print_json(stdout, workload, profile))
        return EXIT_FAILED;
    if (!request->json && terminal_is_human(stdout))
        profile_print_text(stdout, workload, profile);
    else if (!request->json)
        profile_print_tsv(stdout, workload, profile);
    return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : EXIT_RAN;
}

int trace_info(int argc, char **argv)
{
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "FILE",
                                     .doc = doc,
                                     .children = trace_input_children};
    struct request request = {.input = trace_input_default()};
    struct workload workload = {0};
    struct profile profile;
    struct complaint complaint = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &request))
        return EXIT_BAD_INPUT;
    int code = trace_input_read(&request.input, &workload);
    if (code)
        return code;

    if (profile_of(&workload, &profile)) {
        fprintf(stderr, "%s: not enough memory\n", request.input.path);
        code = EXIT_FAILED;
    } else {
        code = print(&request, &workload, &profile);
        if (request.plot &&
            profile_plot(&workload, &profile, request.plot, &complaint)) {
            terminal_complain(stderr, &complaint);
            code = EXIT_FAILED;
        }
    }
    workload_finish(&workload);
    return code;
}
