/* trace_input.h - the options by which vencejo-trace's commands read a trace:
 * format, cut, lenient, parallel jobs, load. */
#ifndef CLI_TRACE_INPUT_H
#define CLI_TRACE_INPUT_H

#include <argp.h>

#include "../traces/workload.h"

struct trace_input
{
    const char *path; /* The trace; NULL until it is named. */
    struct workload_options options;
    double load_share; /* 0: as it is. */
    double core_count; /* Of the load; 0: not given. */
};

struct trace_input trace_input_default(void);

/* The children of a command's parser: one, whose input is a struct trace_input.
 * It takes the first argument, which must be there, as the path; what follows
 * is a mistake unless the command takes it. */
extern const struct argp_child trace_input_children[];

/* Read, then scale; what was left out is said on stderr. An exit code. */
int trace_input_read(const struct trace_input *input,
                     struct workload *ret_workload);

/* The duration in text, or argp_error(). */
uint64_t trace_input_us(struct argp_state *state, const char *text);

#endif /* CLI_TRACE_INPUT_H */
