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
#include "yardstick.h"

struct comparison
{
    const char *scenario;
    const char *commit;
    uint64_t first_seed;
    size_t seed_count;
    size_t stack_count;
    char **stacks;    /* Policies of each, as the command line has them. */
    double *values;   /* NAN where a run failed. */
    double *bounds;   /* [seed * YARDSTICK_COUNT + yardstick]: of what was
                       * submitted; NAN: none. */
    double *regrets;  /* [(stack * seed_count + seed) * YARDSTICK_COUNT +
                       * yardstick]; NAN: none. */
    double load;      /* Offered, where loads are compared; 0: as it is. */
    bool closed;      /* Jobs wait for others to end: the stacks have the same
                       * jobs and homes, not the same dates of arrival. */
    bool seeds_alike; /* Arrivals and homes do not depend on the seed. */
    const char *const *inputs; /* "measured: ...", "assumed: ..."; ends NULL. */
};

/* One metric of one stack. */
struct comparison_cell
{
    struct estimate estimate;
    struct difference difference; /* To the first stack; NAN for itself. */
};

/* cells[stack * metric_count() + metric]; the caller frees them. Significant:
 * paired t, Holm over all stacks of a metric, 5 %. */
struct comparison_cell *comparison_cells(const struct comparison *c);

/* Is there anything to say of this metric, in any of the runs? */
bool comparison_shows(const struct comparison *c, size_t metric);

struct estimate comparison_bound(const struct comparison *c,
                                 enum yardstick_number yardstick);
struct estimate comparison_regret(const struct comparison *c,
                                  size_t stack,
                                  enum yardstick_number yardstick);
size_t comparison_failed_runs(const struct comparison *c, size_t stack);

/* A, B, ... Z, AA, AB, ...: what a stack is called where its policies are too
 * long. */
enum { COMPARISON_LABEL_BYTES = 8 };
void comparison_label(size_t stack, char *ret_label);

enum table_style { TABLE_HUMAN, TABLE_TSV };

/* Rows are stacks, columns the metrics in the table, each with its interval,
 * the difference to the first stack and a mark where it is significant. colour:
 * the terminal may be coloured. */
void comparison_table(const struct comparison *c,
                      enum table_style style,
                      bool colour,
                      FILE *out);

/* {"scenario", "commit", "seeds": [...], "inputs", "bound_mean_response_s":
 * {"mean", "ci95"}, "bounds": {YARDSTICK: {"mean", "ci95"}}, "stacks":
 * [{"policies", "metrics": {NAME: {"mean", "ci95"}}, "regret": {YARDSTICK:
 * {"mean", "ci95"}}, "difference": {NAME: {"mean", "ci95", "significant"}}}]};
 * the caller frees it. The first stack has no "difference"; what is not a
 * number is null. bounds has bound_mean_response_s too, as mean_response_s. */
char *comparison_json(const struct comparison *c);

/* The processes of one class of CPU time. */
struct run_class
{
    double below_s; /* Its upper edge; INFINITY for the last. */
    size_t process_count;
    const double *values; /* By the index of metrics[]. */
};

/* {"scenario", "seed", "commit", "metrics": {NAME: value}, "inputs",
 * "bound_mean_response_s", "classes": [{"below_s", "processes", "metrics"}]};
 * classes only if there are any. The caller frees it. */
char *run_json(const char *scenario,
               uint64_t seed,
               const char *commit,
               const double *values,
               double bound_response_s,
               const char *const *inputs,
               const struct run_class *classes,
               size_t class_count);

#endif /* RESULTS_COMPARISON_H */
