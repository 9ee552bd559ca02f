/* statistics.h - means, intervals and paired comparisons, by GSL. */
#ifndef RESULTS_STATISTICS_H
#define RESULTS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

struct estimate
{
    double mean;
    double ci95;  /* Half width, Student's t; NAN below two values. */
    size_t count; /* Values that are numbers; the others are left out. */
};

struct estimate estimate_of(const double *values, size_t count);

struct difference
{
    double mean; /* Of this - that, seed by seed. */
    double ci95;
    double p;         /* Two-sided, paired t; 1 if all differences are 0, NAN
                       * below two pairs. */
    bool significant; /* After Holm's correction; holm() sets it. */
};
struct difference difference_of(const double *these,
                                const double *those,
                                size_t count);

/* Holm 1979: of a family of differences, which are significant at level. Those
 * without a p are no part of the family. */
void holm(struct difference *differences, size_t count, double level);

/* Linear interpolation between order statistics (Hyndman-Fan type 7), 0 <=
 * share <= 1. Reorders values; O(count). NAN if there are none. */
double quantile(double *values, size_t count, double share);

/* The same for several shares, ascending; each costs less than the one before.
 */
void quantiles(double *values,
               size_t count,
               const double *shares,
               size_t share_count,
               double *ret_quantiles);

/* Fairness index of Jain, Chiu and Hawe (DEC-TR-301, 1984): 1 if all are equal,
 * 1 / count if one has all. NAN if there are none, or nobody has anything. */
double jain(const double *values, size_t count);

#endif /* RESULTS_STATISTICS_H */
