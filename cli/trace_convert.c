/* trace_convert.c - vencejo-trace convert: any trace to SWF. */
#include <argp.h>
#include <stdio.h>

#include "../traces/file.h"
#include "terminal.h"
#include "trace.h"
#include "trace_input.h"

struct request
{
    struct trace_input input;
    const char *out;
};

static const char doc[] =
    "Write a trace as SWF: cut, scaled, decompressed or compressed by the "
    "names "
    "(.gz, .zst). Bytes read and written, if known, go into the .tsv beside it."
    "\v"
    "Example:\n"
    "  vencejo trace convert --cut 1min,5min \\\n"
    "    traces/data/batch.swf.zst part.swf\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
        case ARGP_KEY_INIT:
            state->child_inputs[0] = &request->input;
            return 0;
        case ARGP_KEY_ARG:
            if (!request->input.path || request->out)
                return ARGP_ERR_UNKNOWN; /* The child's. */
            request->out = argument;
            return 0;
        case ARGP_KEY_END:
            if (!request->out)
                argp_usage(state);
            else if (!file_name_ends(request->out, ".swf", NULL))
                argp_error(state,
                           "%s: only SWF is written; end the name in .swf, "
                           ".swf.gz or .swf.zst",
                           request->out);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

int trace_convert(int argc, char **argv)
{
    static const struct argp argp = {.parser = parse,
                                     .args_doc = "IN OUT.swf",
                                     .doc = doc,
                                     .children = trace_input_children};
    struct request request = {.input = trace_input_default()};
    struct workload workload = {0};
    struct complaint complaint = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &request))
        return EXIT_BAD_INPUT;

    int code = trace_input_read(&request.input, &workload);
    if (code)
        return code;
    if (workload_write_swf(&workload, request.out, NULL, &complaint)) {
        terminal_complain(stderr, &complaint);
        code = EXIT_FAILED;
    }
    workload_finish(&workload);
    return code;
}
