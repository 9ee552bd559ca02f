/* trace_input.h - the options by which vencejo-trace's commands read a trace:
 * format, cut, lenient, parallel jobs, load. */
#ifndef CLI_TRACE_INPUT_H
#define CLI_TRACE_INPUT_H

#include <argp.h>

#include "../traces/workload.h"

struct trace_input
{
    struct workload_options options;
    double load_share; /* 0: as it is. */
    double core_count; /* Of the load; 0: not given. */
};

struct trace_input trace_input_default(void);

/* A child of the commands' parsers; its input is a struct trace_input. */
extern const struct argp trace_input_argp;

/* Read, then scale; what was left out is said on stderr. An exit code. */
int trace_input_read(const struct trace_input *input,
                     const char *path,
                     struct workload *ret_workload);

/* Scale as --scale-load says, if it does. An exit code. */
int trace_input_scale(const struct trace_input *input,
                      const char *path,
                      struct workload *workload);

/* The duration in text, or argp_error(). */
uint64_t trace_input_us(struct argp_state *state, const char *text);

#endif /* CLI_TRACE_INPUT_H */
