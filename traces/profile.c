/* profile.c - what a workload is like. */
#include "profile.h"

#include <errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

enum {
    TAIL_DIVISOR = 10, /* The tail is the largest tenth, */
    TAIL_COUNT_MIN = 10,
    ALIVE_COUNT_MIN = 10, /* Fewer survivors say nothing of an age. */
    AGES_FOR_SLOPE_MIN = 3
};

static const double s_per_us = 1e-6;
static const double normal_97_5 = 1.959963984540054;

const double profile_shares[PROFILE_QUANTILES] = {.05, .25, .5, .75,
                                                  .95, .99, 1};

enum quantity { RUNTIME, CPU, WORK, MEMORY };

static double value_of(const struct job *job, enum quantity quantity)
{
    uint64_t value = JOB_UNKNOWN;
    switch (quantity) {
        case RUNTIME:
            value = job->runtime_us;
            break;
        case CPU:
            value = job->cpu_us;
            break;
        case WORK:
            value = job_work_us(job);
            break;
        case MEMORY:
            value = job->mem_bytes;
            break;
    }
    if (value == JOB_UNKNOWN)
        return NAN;
    return (double)value * (quantity == MEMORY ? 1 : s_per_us);
}

/* The known values, ascending, into room for all rows. */
static size_t collect(const struct workload *workload,
                      enum quantity quantity,
                      double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < workload->count; i++) {
        double value = value_of(&workload->jobs[i], quantity);
        if (!isnan(value))
            values[count++] = value;
    }
    gsl_sort(values, 1, count);
    return count;
}

double *sorted_work(const struct workload *workload, size_t *ret_count)
{
    double *values = calloc(workload->count, sizeof *values);
    if (values)
        *ret_count = collect(workload, WORK, values);
    return values;
}

static struct spread spread_of(const double *sorted, size_t count)
{
    struct spread spread = {.count = count, .mean = NAN, .cv = NAN};
    for (size_t i = 0; i < PROFILE_QUANTILES; i++)
        spread.quantiles[i] = count > 0
                                  ? gsl_stats_quantile_from_sorted_data(
                                        sorted, 1, count, profile_shares[i])
                                  : NAN;
    if (count > 0)
        spread.mean = gsl_stats_mean(sorted, 1, count);
    if (count > 1 && spread.mean > 0)
        spread.cv = gsl_stats_sd_m(sorted, 1, count, spread.mean) / spread.mean;
    return spread;
}

static struct tail tail_of(const double *sorted, size_t count)
{
    struct tail tail = {.index = NAN, .low = NAN, .high = NAN};
    size_t tail_count = count / TAIL_DIVISOR;
    if (tail_count < TAIL_COUNT_MIN)
        return tail;
    double threshold = sorted[count - tail_count - 1];
    double sum = 0;
    for (size_t i = count - tail_count; i < count; i++)
        sum += log(sorted[i] / threshold);
    if (!(threshold > 0) || !(sum > 0))
        return tail;
    tail.count = tail_count;
    tail.index = (double)tail_count / sum;
    double half = normal_97_5 * tail.index / sqrt((double)tail_count);
    tail.low = tail.index - half;
    tail.high = tail.index + half;
    return tail;
}

/* How many of the ascending values are above limit. */
static size_t count_above(const double *sorted, size_t count, double limit)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] <= limit)
            low = middle + 1;
        else
            high = middle;
    }
    return count - low;
}

/* Ages are powers of two of a second, from below the median on. */
static void find_ages(const double *sorted,
                      size_t count,
                      struct profile *profile)
{
    double logs_of_age[PROFILE_AGES_MAX];
    double logs_of_rest[PROFILE_AGES_MAX];
    size_t age_count = 0;
    double median = gsl_stats_quantile_from_sorted_data(sorted, 1, count, .5);
    double age_s = median > 0 ? exp2(floor(log2(median))) : 1;
    for (; age_count < PROFILE_AGES_MAX; age_s *= 2) {
        size_t alive = count_above(sorted, count, age_s);
        if (alive < ALIVE_COUNT_MIN)
            break;
        double rest_s = gsl_stats_quantile_from_sorted_data(
                            sorted + count - alive, 1, alive, .5) -
                        age_s;
        profile->ages[age_count] = (struct age){
            .age_s = age_s,
            .alive_count = alive,
            .survival =
                (double)count_above(sorted, count, 2 * age_s) / (double)alive,
            .median_remaining_s = rest_s,
        };
        logs_of_age[age_count] = log(age_s);
        logs_of_rest[age_count] = log(rest_s);
        age_count++;
    }
    profile->age_count = age_count;
    double constant;
    double cov[3];
    double sum_of_squares;
    if (age_count >= AGES_FOR_SLOPE_MIN)
        gsl_fit_linear(logs_of_age, 1, logs_of_rest, 1, age_count, &constant,
                       &profile->age_slope, &cov[0], &cov[1], &cov[2],
                       &sum_of_squares);
}

static void fill_bins(const double *sorted,
                      size_t count,
                      struct profile *profile)
{
    if (count == 0 || !(sorted[0] > 0))
        return;
    int first = (int)floor(log2(sorted[0]));
    profile->bin_low_s = exp2(first);
    for (size_t i = 0; i < count; i++) {
        size_t bin = (size_t)((int)floor(log2(sorted[i])) - first);
        if (bin >= PROFILE_BINS_MAX)
            bin = PROFILE_BINS_MAX - 1;
        profile->bins[bin]++;
        if (profile->bin_count < bin + 1)
            profile->bin_count = bin + 1;
    }
}

static void find_load(const struct workload *workload, struct profile *profile)
{
    const struct job *jobs = workload->jobs;
    size_t count = workload->count;
    profile->row_count = count;
    for (size_t i = 0; i < count; i++) {
        double work_s = value_of(&jobs[i], WORK);
        profile->process_count += jobs[i].width;
        profile->parallel_count += jobs[i].width > 1;
        if (!isnan(work_s))
            profile->work_total_s += work_s * jobs[i].width;
    }
    if (count == 0)
        return;
    profile->span_s =
        (double)(jobs[count - 1].submit_us - jobs[0].submit_us) * s_per_us;
    if (profile->span_s > 0) {
        profile->arrivals_per_h = (double)(count - 1) / profile->span_s * 3600;
        profile->load_in_cores = profile->work_total_s / profile->span_s;
    }
}

static void find_gaps(const struct workload *workload,
                      double *room,
                      struct profile *profile)
{
    for (size_t i = 1; i < workload->count; i++)
        room[i - 1] = (double)(workload->jobs[i].submit_us -
                               workload->jobs[i - 1].submit_us);
    if (workload->count > 2 && profile->span_s > 0)
        profile->gap_cv = gsl_stats_sd(room, 1, workload->count - 1) /
                          gsl_stats_mean(room, 1, workload->count - 1);
}

int profile_of(const struct workload *workload, struct profile *ret_profile)
{
    double *values = calloc(workload->count + 1, sizeof *values);
    if (!values)
        return -ENOMEM;
    struct profile profile = {.arrivals_per_h = NAN,
                              .gap_cv = NAN,
                              .age_slope = NAN,
                              .load_in_cores = NAN};
    find_load(workload, &profile);
    find_gaps(workload, values, &profile);

    size_t count = collect(workload, RUNTIME, values);
    profile.runtime_s = spread_of(values, count);
    count = collect(workload, CPU, values);
    profile.cpu_s = spread_of(values, count);
    count = collect(workload, MEMORY, values);
    profile.mem_bytes = spread_of(values, count);
    count = collect(workload, WORK, values);
    profile.work_s = spread_of(values, count);
    profile.work_tail = tail_of(values, count);
    if (count > 0)
        find_ages(values, count, &profile);
    fill_bins(values, count, &profile);
    free(values);
    *ret_profile = profile;
    return 0;
}
