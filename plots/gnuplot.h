/* gnuplot.h - the program that draws. */
#ifndef PLOTS_GNUPLOT_H
#define PLOTS_GNUPLOT_H

#include "../traces/complaint.h"

/* Run STEM.gp in the folder; it has to leave STEM.svg, .pdf and .png there,
 * which are made to depend on nothing but the script, and synced. 0, or
 * negative errno and a complaint. */
int gnuplot_draw(const char *folder,
                 const char *stem,
                 struct complaint *ret_complaint);

#endif /* PLOTS_GNUPLOT_H */
