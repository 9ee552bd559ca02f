/* statistics.c - means, intervals and paired comparisons. */
#include "statistics.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "room.h"

/* Half width of the 95 % interval of the mean, Student's t. */
static double half_width(const double *values, size_t count, double mean)
{
    if (count < 2)
        return GSL_NAN;
    double error = gsl_stats_sd_m(values, 1, count, mean) / sqrt((double)count);
    return gsl_cdf_tdist_Pinv(0.975, (double)(count - 1)) * error;
}

static struct estimate estimate_numbers(const double *numbers, size_t count)
{
    double mean = count > 0 ? gsl_stats_mean(numbers, 1, count) : GSL_NAN;
    return (struct estimate){
        .mean = mean,
        .ci95 = half_width(numbers, count, mean),
        .count = count,
    };
}

struct estimate estimate_of(const double *values, size_t count)
{
    double *numbers = room_make(count, sizeof(double));
    size_t number_count = 0;
    for (size_t index = 0; index < count; index++)
        if (!isnan(values[index]))
            numbers[number_count++] = values[index];
    struct estimate estimate = estimate_numbers(numbers, number_count);
    free(numbers);
    return estimate;
}

static double paired_p(const double *differences, size_t count, double mean)
{
    if (count < 2)
        return GSL_NAN;
    double error =
        gsl_stats_sd_m(differences, 1, count, mean) / sqrt((double)count);
    if (!(0 < error))
        return 0 < fabs(mean) ? 0 : 1;
    return 2 * gsl_cdf_tdist_Q(fabs(mean) / error, (double)(count - 1));
}

struct difference difference_of(const double *these,
                                const double *those,
                                size_t count)
{
    double *differences = room_make(count, sizeof(double));
    size_t pair_count = 0;
    for (size_t index = 0; index < count; index++)
        if (!isnan(these[index]) && !isnan(those[index]))
            differences[pair_count++] = these[index] - those[index];
    struct estimate estimate = estimate_numbers(differences, pair_count);
    struct difference difference = {
        .mean = estimate.mean,
        .ci95 = estimate.ci95,
        .p = paired_p(differences, pair_count, estimate.mean),
        .significant = false,
    };
    free(differences);
    return difference;
}

/* Holm, Scandinavian Journal of Statistics 6(2), 1979: the i-th smallest p of m
 * is compared to level / (m - i); the first that is larger stops it. */
void holm(struct difference *differences, size_t count, double level)
{
    double *ps = room_make(count, sizeof(double));
    size_t *order = room_make(count, sizeof(size_t));
    size_t *members = room_make(count, sizeof(size_t));
    size_t family = 0;
    for (size_t index = 0; index < count; index++) {
        differences[index].significant = false;
        if (isnan(differences[index].p))
            continue;
        ps[family] = differences[index].p;
        members[family++] = index;
    }
    gsl_sort_index(order, ps, 1, family);
    for (size_t rank = 0; rank < family; rank++) {
        if (ps[order[rank]] > level / (double)(family - rank))
            break;
        differences[members[order[rank]]].significant = true;
    }
    free(ps);
    free(order);
    free(members);
}

/* The one at that place of the order, of those from `first` on, before which
 * are the least ones. Selecting leaves the least before it and the greatest
 * behind it. */
static double select_from(double *values,
                          size_t count,
                          size_t first,
                          size_t place)
{
    return gsl_stats_select(values + first, 1, count - first, place - first);
}

void quantiles(double *values,
               size_t count,
               const double *shares,
               size_t share_count,
               double *ret_quantiles)
{
    size_t first = 0;
    for (size_t i = 0; i < share_count; i++) {
        assert(0 <= shares[i]);
        assert(shares[i] <= 1);
        assert(i == 0 || shares[i - 1] <= shares[i]);
        ret_quantiles[i] = GSL_NAN;
        if (count == 0)
            continue;
        double place = shares[i] * (double)(count - 1);
        size_t below = (size_t)place;
        double low = select_from(values, count, first, below);
        double high = below + 1 < count
                          ? select_from(values, count, below, below + 1)
                          : low;
        first = below;
        ret_quantiles[i] = low + (place - (double)below) * (high - low);
    }
}

double quantile(double *values, size_t count, double share)
{
    double result;
    quantiles(values, count, &share, 1, &result);
    return result;
}

double jain(const double *values, size_t count)
{
    double sum = 0;
    double square_sum = 0;
    for (size_t index = 0; index < count; index++) {
        sum += values[index];
        square_sum += values[index] * values[index];
    }
    if (!(0 < square_sum))
        return GSL_NAN;
    return sum * sum / ((double)count * square_sum);
}
