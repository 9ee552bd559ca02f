/* style.c - the look that all figures share.
 *
 * Colours are those of Okabe and Ito (Color Universal Design, 2008), told apart
 * by the colour-blind; lines also differ in dashes and points, and what matters
 * is written beside it, so that figures can be read in grey.
 */
#include "figure.h"

const char figure_style[] =
    "set encoding utf8\n"
    "set datafile separator tab\n"
    "set datafile missing 'nan'\n"
    "unset key\n"
    "set border 3 linewidth 0.8 linecolor rgb '#404040'\n"
    "set tics nomirror out scale 0.5 textcolor rgb '#202020'\n"
    "set grid linetype 1 linecolor rgb '#E4E4E4' linewidth 0.8\n"
    "set style line 1 lc rgb '#000000' lw 1.6 dt 1 pt 7 ps 0.7\n"
    "set style line 2 lc rgb '#0072B2' lw 1.6 dt 2 pt 5 ps 0.7\n"
    "set style line 3 lc rgb '#D55E00' lw 1.6 dt 1 pt 9 ps 0.9\n"
    "set style line 4 lc rgb '#009E73' lw 1.6 dt 4 pt 11 ps 0.9\n"
    "set style line 5 lc rgb '#CC79A7' lw 1.6 dt 1 pt 13 ps 0.9\n"
    "set style line 6 lc rgb '#56B4E9' lw 1.6 dt 5 pt 6 ps 0.8\n"
    "set style line 7 lc rgb '#E69F00' lw 1.6 dt 1 pt 4 ps 0.8\n"
    "set style line 8 lc rgb '#808080' lw 1.6 dt 2 pt 8 ps 0.9\n"
    "grey = '#606060'\n"
    "first_colour = 0x9A9A9A\n"
    "lower_colour = 0x0072B2\n"
    "higher_colour = 0xD55E00\n"
    "same_colour = 0xBFD3E0\n";
