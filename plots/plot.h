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

#endif /* PLOTS_PLOT_H */
