/* notes.h - what stands around the table of a comparison. */
#ifndef RESULTS_NOTES_H
#define RESULTS_NOTES_H

#include "comparison.h"

/* The scenario, and which policies A, B, ... are. */
void notes_stacks(const struct comparison *c, FILE *out);

/* What the signs mean, what is significant, the bound, the seeds, what did not
 * end, and the inputs. */
void notes_below(const struct comparison *c,
                 const struct comparison_cell *cells,
                 FILE *out);

#endif /* RESULTS_NOTES_H */
