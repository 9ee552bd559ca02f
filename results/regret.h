/* regret.h - the part of a comparison's table that is about bounds. */
#ifndef RESULTS_REGRET_H
#define RESULTS_REGRET_H

#include "comparison.h"

/* A row of bounds, then each stack as multiples of them; yardsticks that no run
 * has are left out, and all of it if there are none. */
void regret_print(const struct comparison *c, FILE *out);

#endif /* RESULTS_REGRET_H */
