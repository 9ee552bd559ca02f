/* inputs.h - which inputs of a run were measured, and which assumed. */
#ifndef SIM_INPUTS_H
#define SIM_INPUTS_H

#include "run.h"

enum { INPUTS_MAX = 16, INPUT_BYTES_MAX = 320 };

struct inputs
{
    char texts[INPUTS_MAX][INPUT_BYTES_MAX];
    const char *list[INPUTS_MAX + 1]; /* Ends with NULL. */
    size_t count;
};

/* "measured: ..." for what a trace has, "assumed: ..." for what the scenario
 * says, "drawn: ..." for what comes from a law. */
void inputs_of(const struct scenario *scenario,
               const struct workload *traces,
               struct inputs *ret_inputs);

#endif /* SIM_INPUTS_H */
