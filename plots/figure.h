/* figure.h - one figure on its way: its data, its script, and gnuplot.
 *
 * Everything is made in a folder of its own beside the result and renamed from
 * there, so that no half-drawn figure has a name that somebody could use.
 */
#ifndef PLOTS_FIGURE_H
#define PLOTS_FIGURE_H

#include <stdio.h>

#include "../traces/complaint.h"

struct figure
{
    FILE *data;   /* STEM.tsv, to be written by who draws, */
    FILE *script; /* and STEM.gp behind its head. */
    char *folder; /* Owned, as the others. */
    char *stem;
    char *workshop; /* The folder where it is made. */
};

/* 0, or negative errno and a complaint; then there is nothing to finish. */
int figure_begin(struct figure *figure,
                 const char *folder,
                 const char *stem,
                 struct complaint *ret_complaint);

/* What the script says between these draws the figure on the terminal that is
 * set, for each of them in turn. Width and height are in pixels. */
void figure_draw_begin(struct figure *figure, int width, int height);
void figure_draw_end(struct figure *figure);

/* Run gnuplot and put all files in place. Frees the figure in any case. */
int figure_finish(struct figure *figure, struct complaint *ret_complaint);

/* The look that all figures share, as a piece of gnuplot. */
extern const char figure_style[];

#endif /* PLOTS_FIGURE_H */
