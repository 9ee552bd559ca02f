/* colour.h - one colour for each cluster, in figures and exports alike. */
#ifndef RESULTS_COLOUR_H
#define RESULTS_COLOUR_H

#include <stddef.h>
#include <stdint.h>

/* Clusters beyond these share the colours of those before. */
enum { COLOUR_CLUSTERS = 21 };

/* 0xRRGGBB. The seven bright ones of Okabe and Ito (Color Universal Design,
 * 2008), which the colour-blind tell apart, then the same pale, then dark. */
uint32_t colour_of_cluster(size_t cluster);

#endif /* RESULTS_COLOUR_H */
