/* compare.h - stacks of policies over seeds, each run in a process of its own.
 *
 * Every stack sees the same jobs and home nodes for the same seed, so that
 * differences are paired (common random numbers).
 */
#ifndef SIM_COMPARE_H
#define SIM_COMPARE_H

#include "../results/comparison.h"
#include "run.h"

struct compare
{
    struct scenario *scenario;     /* Its seed is the first. */
    const struct workload *traces; /* Of run_traces_read(). */
    const char **stacks;           /* Checked lists of policies. */
    size_t stack_count;
    size_t seed_count;
    size_t at_once; /* Runs under way; results do not depend on it. */
    void (*progress)(void *who, size_t done, size_t count);
    void (*failed)(void *who,
                   uint64_t seed,
                   const char *stack,
                   const char *why);
    void *who;
};

enum compare_outcome { COMPARE_RAN, COMPARE_PARTIAL, COMPARE_FAILED };

/* Values of every run, as the scenario is now; NAN where one failed. inputs is
 * kept by pointer. The caller frees it with compare_free(). */
enum compare_outcome compare_run(const struct compare *compare,
                                 const char *const *inputs,
                                 struct comparison *ret_comparison,
                                 struct complaint *ret_complaint);
void compare_free(struct comparison *comparison);

/* Into a folder, which is made: scenario.yaml, comparison.json, values.tsv of
 * every run, table.tsv and the figure. 0, or negative errno and a complaint. */
int compare_save(const char *folder,
                 const struct scenario *scenario,
                 const struct comparison *comparison,
                 const char *json,
                 struct complaint *ret_complaint);

#endif /* SIM_COMPARE_H */
