/* plot.h - figures of results, drawn by gnuplot.
 *
 * Each figure is STEM.svg, STEM.pdf and STEM.png in a folder that is there,
 * with its data as STEM.tsv and its script as STEM.gp beside it. The script
 * needs no other file: `gnuplot STEM.gp` draws the figure again. The same
 * results give the same bytes, but for the date in a PDF where cairo packs it
 * (Debian 13). Each file is whole or as it was.
 *
 * Return 0, or a negative errno and a complaint: -ENOENT if there is no
 * gnuplot, -EIO with gnuplot's own words if it failed.
 */
#ifndef PLOTS_PLOT_H
#define PLOTS_PLOT_H

#include "../results/comparison.h"
#include "../results/history.h"
#include "../traces/complaint.h"

/* Bars of mean slowdown, 95th percentile of slowdown and mean response of each
 * stack, with intervals, and the clairvoyant bound on the mean response. */
int plot_comparison(const struct comparison *comparison,
                    const char *folder,
                    const char *stem,
                    struct complaint *ret_complaint);

/* Mean slowdown of each stack over the load, with intervals: one comparison of
 * the same stacks for each load, ascending. */
int plot_load_sweep(const struct comparison *comparisons,
                    const double *loads,
                    size_t load_count,
                    const char *folder,
                    const char *stem,
                    struct complaint *ret_complaint);

/* Who ran where and when, from a history: nodes or clusters in rows, processes
 * in the colour of their home's cluster, migrations from row to row, what was
 * frozen hatched, what was down or isolated shaded, owners' wishes and faults
 * as marked lines. Up to TIMELINE_NODES_MAX nodes and TIMELINE_SPELLS_MAX
 * spells every process has its stripe; up to TIMELINE_ROWS_MAX nodes each has a
 * row; beyond, each cluster. */
enum {
    TIMELINE_NODES_MAX = 48,
    TIMELINE_SPELLS_MAX = 4000,
    TIMELINE_ROWS_MAX = 500
};

struct timeline;

/* The grid and the texts are kept by pointer. */
struct timeline *timeline_create(const struct grid *grid,
                                 const struct history_run *run);
void timeline_destroy(struct timeline *timeline); /* Takes NULL. */

/* For history_create(); who is the timeline. */
void timeline_take(void *who, const struct history_event *event);

/* Behind history_end(). */
int plot_timeline(struct timeline *timeline,
                  const char *folder,
                  const char *stem,
                  struct complaint *ret_complaint);

#endif /* PLOTS_PLOT_H */
