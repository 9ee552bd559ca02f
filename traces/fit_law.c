/* fit_law.c - laws of lifetimes. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "fit.h"

struct values
{
    const double *values;
    size_t count;
    double log_sum;
};

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static void fit_exponential(const struct values *v, struct fit_law *f)
{
    double sum = 0;
    double n = (double)v->count;
    for (size_t i = 0; i < v->count; i++)
        sum += v->values[i];
    f->kind = LAW_EXPONENTIAL;
    f->a = (struct fit_value){sum / n, sum / n / sqrt(n)};
    f->param_count = 1;
    f->log_likelihood = -n * (1 + log(sum / n));
    f->found = true;
}

static void fit_lognormal(const struct values *v, struct fit_law *f)
{
    double n = (double)v->count;
    double mean = v->log_sum / n;
    double squares = 0;
    for (size_t i = 0; i < v->count; i++)
        squares += pow(log(v->values[i]) - mean, 2);
    double sigma = sqrt(squares / n);
    f->kind = LAW_LOGNORMAL;
    f->a = (struct fit_value){exp(mean), exp(mean) * sigma / sqrt(n)};
    f->index = (struct fit_value){sigma, sigma / sqrt(2 * n)};
    f->param_count = 2;
    f->log_likelihood =
        -n * (log(sigma) + log(2 * M_PI) / 2 + 0.5) - v->log_sum;
    f->found = sigma > 0;
}

/* density k^a a x^(-a-1) / (1 - (k/p)^a) on k .. p; x: the logarithm of a. */
static double pareto_likelihood(const double *x, const void *data)
{
    const struct values *v = data;
    double index = exp(x[0]);
    double low = log(v->values[0]);
    double high = log(v->values[v->count - 1]);
    double n = (double)v->count;
    return n * (index * low + log(index) - log(-expm1(index * (low - high)))) -
           (index + 1) * v->log_sum;
}

/* Its limits are the least and the largest value, the likeliest there are. */
static void fit_pareto(const struct values *v, struct fit_law *f)
{
    double start = 0;
    struct fit_point point;
    f->kind = LAW_BOUNDED_PARETO;
    f->a = (struct fit_value){v->values[0], NAN};
    f->b = (struct fit_value){v->values[v->count - 1], NAN};
    f->param_count = 3;
    f->found = f->a.value < f->b.value &&
               fit_maximum(pareto_likelihood, v, 1, &start, &point);
    if (!f->found)
        return;
    double index = exp(point.x[0]);
    f->index = (struct fit_value){index, index * point.errors[0]};
    f->log_likelihood = point.log_likelihood;
}

/* x: the logarithm of the first mean; what is added to it for the second; the
 * first's probability as a logit. */
static double mixed_likelihood(const double *x, const void *data)
{
    const struct values *v = data;
    double mean1 = exp(x[0]);
    double mean2 = mean1 * (1 + exp(x[1]));
    double p = logistic(x[2]);
    double sum = 0;
    for (size_t i = 0; i < v->count; i++)
        sum += log(p / mean1 * exp(-v->values[i] / mean1) +
                   (1 - p) / mean2 * exp(-v->values[i] / mean2));
    return sum;
}

static void fit_mixed(const struct values *v, struct fit_law *f)
{
    double start[] = {log(v->values[v->count / 2]), 2, 1};
    struct fit_point point;
    f->kind = LAW_HYPEREXPONENTIAL;
    f->param_count = 3;
    f->found = fit_maximum(mixed_likelihood, v, 3, start, &point);
    if (!f->found)
        return;
    double mean1 = exp(point.x[0]);
    double more = exp(point.x[1]);
    double p = logistic(point.x[2]);
    f->a = (struct fit_value){mean1, mean1 * point.errors[0]};
    /* Of the second mean the two errors add up in squares: their covariance is
     * left out, which makes it no smaller where it is negative, as it is. */
    f->b = (struct fit_value){mean1 * (1 + more),
                              hypot(mean1 * (1 + more) * point.errors[0],
                                    mean1 * more * point.errors[1])};
    f->index = (struct fit_value){p, p * (1 - p) * point.errors[2]};
    f->log_likelihood = point.log_likelihood;
}

static double below(const struct fit_law *f, double value)
{
    double k = f->a.value;
    switch (f->kind) {
        case LAW_EXPONENTIAL:
            return -expm1(-value / k);
        case LAW_LOGNORMAL:
            return gsl_cdf_gaussian_P(log(value / k), f->index.value);
        case LAW_BOUNDED_PARETO:
            return -expm1(f->index.value * log(k / value)) /
                   -expm1(f->index.value * log(k / f->b.value));
        default:
            return -f->index.value * expm1(-value / k) -
                   (1 - f->index.value) * expm1(-value / f->b.value);
    }
}

static double distance_of(const struct fit_law *f, const struct values *v)
{
    double most = 0;
    double n = (double)v->count;
    for (size_t i = 0; i < v->count; i++) {
        double share = below(f, v->values[i]);
        most = fmax(most,
                    fmax(share - (double)i / n, (double)(i + 1) / n - share));
    }
    return most;
}

double fit_aic(const struct fit_law *fit)
{
    return fit->found ? 2 * (double)fit->param_count - 2 * fit->log_likelihood
                      : INFINITY;
}

static int by_aic(const void *left, const void *right)
{
    double a = fit_aic(left);
    double b = fit_aic(right);
    return (a > b) - (a < b);
}

void fit_laws(const double *values,
              size_t count,
              struct fit_law ret_fits[FIT_LAWS])
{
    static void (*const ways[FIT_LAWS])(const struct values *,
                                        struct fit_law *) = {
        fit_exponential, fit_lognormal, fit_pareto, fit_mixed};
    struct values v = {values, count, 0};
    for (size_t i = 0; i < count; i++)
        v.log_sum += log(values[i]);
    for (size_t i = 0; i < FIT_LAWS; i++) {
        ret_fits[i] = (struct fit_law){.distance = NAN};
        if (count > 1)
            ways[i](&v, &ret_fits[i]);
        if (ret_fits[i].found)
            ret_fits[i].distance = distance_of(&ret_fits[i], &v);
    }
    qsort(ret_fits, FIT_LAWS, sizeof *ret_fits, by_aic);
}
