/* trace_law.h - laws on the command line: exponential:10s. */
#ifndef CLI_TRACE_LAW_H
#define CLI_TRACE_LAW_H

#include "../scenarios/quantity.h"
#include "../traces/synth.h"

/* fixed:A, exponential:MEAN, uniform:A:B, pareto:LOW:HIGH:INDEX,
 * lognormal:MEDIAN:SIGMA, hyperexponential:MEAN1:MEAN2:P. Quantities of kind
 * times unit give the law's own (s to us: 1e6). NULL, or what is wrong. */
const char *trace_law_parse(const char *text,
                            enum quantity_kind kind,
                            double unit,
                            struct law *ret_law);

#endif /* CLI_TRACE_LAW_H */
