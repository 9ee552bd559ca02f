/* fit_arrivals.c - Poisson, and Poisson with two states. */
#include <math.h>

#include "fit.h"

struct gaps
{
    const double *gaps_s;
    size_t count;
};

void fit_poisson(const double *gaps_s,
                 size_t count,
                 struct fit_poisson *ret_fit)
{
    double sum_s = 0;
    for (size_t i = 0; i < count; i++)
        sum_s += gaps_s[i];
    double rate = (double)count / sum_s;
    *ret_fit =
        (struct fit_poisson){.rate_per_s = {rate, rate / sqrt((double)count)},
                             .log_likelihood = (double)count * (log(rate) - 1)};
}

/* Of gaps after an arrival: phi prod exp((Q - L) gap) L 1, where Q changes the
 * states and L has the rates; phi is how the states are at arrivals (Ryden,
 * Stochastic Models 10(4), 1994). x: logarithms of rates and stays. exp of a
 * matrix of two by its eigenvalues, which are real and differ. */
static double log_likelihood(const double *x, const void *data)
{
    const struct gaps *g = data;
    double r1 = exp(x[0]);
    double r2 = exp(x[1]);
    double q1 = exp(-x[2]);
    double q2 = exp(-x[3]);
    double a = -(q1 + r1);
    double d = -(q2 + r2);
    double root = sqrt((a - d) * (a - d) + 4 * q1 * q2);
    double slow = (a + d + root) / 2;
    double fast = (a + d - root) / 2;
    double in1 = q2 * r1 / (q2 * r1 + q1 * r2);
    double in2 = 1 - in1;
    double sum = 0;
    for (size_t i = 0; i < g->count; i++) {
        double fade = exp(-root * g->gaps_s[i]);
        double e11 = ((a - fast) - fade * (a - slow)) / root;
        double e22 = ((d - fast) - fade * (d - slow)) / root;
        double e12 = q1 * (1 - fade) / root;
        double e21 = q2 * (1 - fade) / root;
        double v1 = (in1 * e11 + in2 * e21) * r1;
        double v2 = (in1 * e12 + in2 * e22) * r2;
        double all = v1 + v2;
        if (!(all > 0))
            return -INFINITY;
        sum += log(all) + slow * g->gaps_s[i];
        in1 = v1 / all;
        in2 = v2 / all;
    }
    return sum;
}

static struct fit_value of_logarithm(double x, double error)
{
    return (struct fit_value){exp(x), exp(x) * error};
}

void fit_mmpp(const double *gaps_s, size_t count, struct fit_mmpp *ret_fit)
{
    static const double spreads[] = {2, 10};
    static const double lengths[] = {5, 50, 500};
    struct gaps gaps = {gaps_s, count};
    struct fit_poisson poisson;
    struct fit_point best = {.log_likelihood = -INFINITY};
    *ret_fit = (struct fit_mmpp){.found = false};
    if (count < FIT_GAPS_MIN)
        return;
    fit_poisson(gaps_s, count, &poisson);
    double rate = log(poisson.rate_per_s.value);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++) {
            double stay = log(lengths[k]) - rate;
            double start[] = {rate + log(spreads[i]), rate - log(spreads[i]),
                              stay, stay};
            struct fit_point point;
            if (fit_maximum(log_likelihood, &gaps, 4, start, &point) &&
                point.log_likelihood > best.log_likelihood)
                best = point;
        }
    /* By Akaike's criterion: three parameters more must be worth it. */
    if (!(best.log_likelihood > poisson.log_likelihood + 3))
        return;
    int first = best.x[0] < best.x[1];
    for (int i = 0; i < 2; i++) {
        int from = first ^ i;
        ret_fit->rates_per_s[i] = of_logarithm(best.x[from], best.errors[from]);
        ret_fit->stays_s[i] =
            of_logarithm(best.x[2 + from], best.errors[2 + from]);
    }
    ret_fit->log_likelihood = best.log_likelihood;
    ret_fit->found = true;
}
