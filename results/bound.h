/* bound.h - what no scheduler can beat, however much it knows.
 *
 * On one machine SRPT has the fewest processes in the system at every instant
 * (Schrage, Operations Research 16(3), 1968). One machine as fast as all cores
 * together can do whatever they can, so the k-th end of any schedule comes no
 * earlier than the k-th end of SRPT on it. Nor does it come before the k-th
 * smallest of submit + work / speed_max, for no process is faster than on the
 * fastest core. The larger of the two, summed over k, bounds the sum of ends.
 */
#ifndef RESULTS_BOUND_H
#define RESULTS_BOUND_H

#include <stddef.h>

struct arrival
{
    double submit_us;
    double work_us; /* CPU time, of a reference core; > 0. */
};

/* Mean response, in us; NAN if there are no arrivals. They need no order, and
 * are used up. pool_speed is at least speed_max. O(count log count). */
double bound_response_us(struct arrival *arrivals,
                         size_t count,
                         double pool_speed,
                         double speed_max);

#endif /* RESULTS_BOUND_H */
