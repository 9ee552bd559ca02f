/* traces.h - any bytes as a trace of one format: a workload in order, or a
 * complaint. */
#ifndef TESTS_FUZZ_TRACES_H
#define TESTS_FUZZ_TRACES_H

#include "../../traces/workload.h"

/* Reads it strictly, then leniently; text[count] is a NUL. A row waits only for
 * an earlier one, and for none in
 * GWF and Batsim's JSON. */
void traces_check(const char *text,
                  size_t count,
                  const struct workload_options *options);

#endif /* TESTS_FUZZ_TRACES_H */
