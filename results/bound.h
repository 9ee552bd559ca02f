/* bound.h - what no scheduler can beat, however much it knows.
 *
 * All bounds hold for cores of any speeds, for processes that may be stopped,
 * moved and run elsewhere at no cost, each on one core at a time, none faster
 * than on the fastest core; so also for every schedule that pays for these.
 *
 * Mean response. On one machine SRPT has the fewest processes in the system at
 * every instant (Schrage, Operations Research 16(3), 1968). One machine as fast
 * as all cores together can do whatever they can, so the k-th end of any
 * schedule comes no earlier than the k-th end of SRPT on it. Nor does it come
 * before the k-th smallest of submit + work / speed_max. The larger of the two,
 * summed over k, bounds the sum of ends.
 *
 * Mean slowdown. WSPT with preemption, the largest weight / work first, has the
 * least sum of weight x mean busy time on one machine (Goemans, Queyranne,
 * Schulz, Skutella and Wang, SIAM J. Discrete Math. 15(2), 2002, section 2);
 * the mean busy time of a process is the mean date of its work. Here the weight
 * is 1 / work and the machine that of above. At a rate of speed_max at the most
 * the end is at least work / (2 speed_max) later than the mean busy time. Nor
 * is the mean slowdown below 1 / speed_max.
 *
 * Largest slowdown. If it were x, every process would end by submit + x work.
 * Earliest deadline first meets all deadlines on one machine if any schedule
 * does (Horn, Naval Research Logistics Quarterly 21(1), 1974). The largest x of
 * a search at which it does not is a bound (Legrand, Su and Vivien, Journal of
 * Scheduling 11(5), 2008, search so for divisible loads).
 *
 * Makespan. Any k processes run on at most k cores: their work / (sum of the k
 * fastest speeds) is the least time for it (Horvath, Lam and Sethi, JACM 24(1),
 * 1977); here from every date of submission on, for the k largest of those that
 * are submitted then or later.
 *
 * Memory. A process that runs holds its memory. Work x memory of what runs on a
 * node proceeds by at most speed x (bytes resident x what thrashing leaves of
 * the speed); the largest that this can be, summed over the nodes, is
 * memory_speed. So work x memory takes the part of the work, and memory_speed
 * that of the pooled machine, in the bound on the response and in that from the
 * dates of submission on. It needs memory that is resident where it runs and
 * does not change, as in the simulator.
 */
#ifndef RESULTS_BOUND_H
#define RESULTS_BOUND_H

#include <stddef.h>
#include <stdint.h>

struct arrival
{
    double submit_us;
    double work_us; /* CPU time, of a reference core; > 0. */
};

struct core_group
{
    double speed; /* Of each; the reference is 1. */
    uint64_t count;
};

/* The sizes of bound_makespan_us() that it looks at: k up to so many, and all
 * cores. */
enum { BOUND_CORES_MAX = 1024 };

/* Mean response, in us; NAN if there are no arrivals. They need no order, and
 * are used up. pool_speed is at least speed_max. O(count log count). */
double bound_response_us(struct arrival *arrivals,
                         size_t count,
                         double pool_speed,
                         double speed_max);

/* Mean of response / work; NAN if there are none. They come out ordered by
 * submit. O(count log count). */
double bound_slowdown(struct arrival *arrivals,
                      size_t count,
                      double pool_speed,
                      double speed_max);

/* The largest of response / work, from least, which is one, up; NAN if there
 * are none. At most a ten thousandth below what the search could find. They
 * come out ordered by submit. O(count log count) for each step of it. */
double bound_stretch(struct arrival *arrivals,
                     size_t count,
                     double pool_speed,
                     double speed_max,
                     double least);

/* From the first submission to the last end, in us; NAN if there are none.
 * groups: at least one, the fastest first. They come out ordered by submit. */
double bound_makespan_us(struct arrival *arrivals,
                         size_t count,
                         const struct core_group *groups,
                         size_t group_count);

/* What has to be kept in memory: area_byte_us is work x memory, the others
 * as in struct arrival. memory_speed > 0, in bytes. */
struct memory_arrival
{
    double submit_us;
    double work_us;
    double area_byte_us;
};

double bound_memory_response_us(const struct memory_arrival *arrivals,
                                size_t count,
                                double memory_speed,
                                double speed_max);
double bound_memory_makespan_us(const struct memory_arrival *arrivals,
                                size_t count,
                                double memory_speed);

/* Shared by the files of bound*.c. */
void bound_sort(struct arrival *arrivals, size_t count);

#endif /* RESULTS_BOUND_H */
