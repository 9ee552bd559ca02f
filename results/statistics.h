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
    double p;         /* Two-sided, paired t; 1 if all differences are 0. */
    bool significant; /* After Holm's correction; holm() sets it. */
};
struct difference difference_of(const double *these,
                                const double *those,
                                size_t count);

/* Holm 1979: of a family of differences, which are significant at level. */
void holm(struct difference *differences, size_t count, double level);

/* Linear interpolation between order statistics (Hyndman-Fan type 7). Sorts
 * values. NAN if there are none. */
double quantile(double *values, size_t count, double share);

#endif /* RESULTS_STATISTICS_H */
