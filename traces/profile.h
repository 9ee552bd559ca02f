/* profile.h - what a workload is like: load, spread, tails, ages. */
#ifndef TRACES_PROFILE_H
#define TRACES_PROFILE_H

#include "workload.h"

enum { PROFILE_QUANTILES = 7, PROFILE_AGES_MAX = 48, PROFILE_BINS_MAX = 48 };

/* 5, 25, 50, 75, 95, 99 and 100 %. */
extern const double profile_shares[PROFILE_QUANTILES];

/* Of what is known, one value for each row whatever its width. NAN where there
 * are too few. */
struct spread
{
    size_t count;
    double mean;
    double cv; /* Standard deviation / mean. */
    double quantiles[PROFILE_QUANTILES];
};

/* Hill 1975: a tail P(X > x) ~ x^-index, from the largest tenth. */
struct tail
{
    size_t count; /* Values in the tail; 0: too few, or all alike. */
    double index;
    double low; /* 95 % of the asymptotic normal law. */
    double high;
};

/* Does age predict remaining life? Harchol-Balter and Downey 1997, section 2:
 * in their processes P(T > 2t | T > t) was about 1/2 at every age t. */
struct age
{
    double age_s;
    size_t alive_count; /* Rows whose work exceeds the age. */
    double survival;    /* P(T > 2t | T > t) */
    double median_remaining_s;
};

struct profile
{
    size_t row_count;
    uint64_t process_count; /* Widths added up. */
    size_t parallel_count;  /* Rows wider than 1. */
    double span_s;          /* From the first submission to the last. */
    double arrivals_per_h;
    double gap_cv; /* Of the times between submissions; 1: Poisson. */
    struct spread runtime_s;
    struct spread cpu_s;
    struct spread work_s; /* CPU time, or run time where that is unknown. */
    struct spread mem_bytes;
    struct tail work_tail;
    struct age ages[PROFILE_AGES_MAX]; /* Doubling. */
    size_t age_count;
    /* Slope of log(median remaining) over log(age), by least squares: 1: in
     * proportion to age, 0: age says nothing. NAN with fewer than 3 ages. */
    double age_slope;
    double bin_low_s; /* Bin i of work is [low 2^i, low 2^(i+1)). */
    size_t bins[PROFILE_BINS_MAX];
    size_t bin_count;
    double work_total_s;  /* Of all processes. */
    double load_in_cores; /* work_total / span: reference cores kept busy. */
};

/* 0 or -ENOMEM. */
int profile_of(const struct workload *workload, struct profile *ret_profile);

/* Work of the rows in s, ascending; the caller frees it. NULL without memory,
 * or if there is none. */
double *sorted_work(const struct workload *workload, size_t *ret_count);

#endif /* TRACES_PROFILE_H */
