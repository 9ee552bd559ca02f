/* trace_profile.h - a profile for people, for pipes, as JSON, as a figure. */
#ifndef CLI_TRACE_PROFILE_H
#define CLI_TRACE_PROFILE_H

#include <stdio.h>

#include "../traces/profile.h"

void profile_print_text(FILE *out,
                        const struct workload *workload,
                        const struct profile *profile);

/* Lines "quantity, statistic, value", tabs between. */
void profile_print_tsv(FILE *out,
                       const struct workload *workload,
                       const struct profile *profile);

/* 0 or a negative errno. */
int profile_print_json(FILE *out,
                       const struct workload *workload,
                       const struct profile *profile);

/* The survival function of work and the arrivals, as SVG by gnuplot. 0, or
 * negative errno and complaint. */
int profile_plot(const struct workload *workload,
                 const struct profile *profile,
                 const char *path,
                 struct complaint *ret_complaint);

#endif /* CLI_TRACE_PROFILE_H */
