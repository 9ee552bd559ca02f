/* comparison.h - stacks of policies side by side: table, JSON, figure.
 *
 * values[(stack * seed_count + seed) * metric_count() + metric]: the same seed
 * has the same arrivals and homes in every stack (common random numbers).
 */
#ifndef RESULTS_COMPARISON_H
#define RESULTS_COMPARISON_H

#include <stdio.h>

#include "metrics.h"
#include "statistics.h"

struct comparison
{
    const char *scenario;
    const char *commit;
    uint64_t first_seed;
    size_t seed_count;
    size_t stack_count;
    char **stacks;  /* Policies of each, as the command line has them. */
    double *values; /* NAN where a run failed. */
    double *bound_response_s;  /* By seed: the clairvoyant bound. */
    const char *const *inputs; /* "measured: ...", "assumed: ..."; ends NULL. */
};

enum table_style { TABLE_HUMAN, TABLE_TSV };

/* Rows are stacks, columns the metrics in the table, each with its interval,
 * the difference to the first stack and a mark where it is significant. colour:
 * the terminal may be coloured. */
void comparison_table(const struct comparison *c,
                      enum table_style style,
                      bool colour,
                      FILE *out);

/* {"scenario", "commit", "seeds", "inputs", "bound_mean_response_s": {"mean",
 * "ci95"}, "stacks": [{"policies", "metrics": {NAME: {"mean", "ci95"}},
 * "difference": {NAME: {"mean", "ci95", "significant"}}}]}; the caller frees
 * it. Significant: paired t, Holm over all stacks of a metric, 5 %. */
char *comparison_json(const struct comparison *c);

/* {"scenario", "seed", "commit", "metrics": {NAME: value}, ...}; freed so too.
 */
char *run_json(const char *scenario,
               uint64_t seed,
               const char *commit,
               const double *values,
               double bound_response_s,
               const char *const *inputs);

#endif /* RESULTS_COMPARISON_H */
