/* fit.h - laws and processes fitted to a trace by maximum likelihood (GSL).
 *
 * Errors are standard errors, from the curvature of the likelihood at its
 * maximum; NAN where it has none. */
#ifndef TRACES_FIT_H
#define TRACES_FIT_H

#include "lublin.h"

enum { FIT_PARAMS_MAX = 6 };

/* Log-likelihood at x, which may be any numbers; -INFINITY where there is none.
 */
typedef double (*fit_fn)(const double *x, const void *data);

struct fit_point
{
    double x[FIT_PARAMS_MAX];
    double errors[FIT_PARAMS_MAX];
    double log_likelihood;
};

/* Nelder and Mead's simplex from start, with steps of 0.5 at first. False if it
 * did not come to an end. */
bool fit_maximum(fit_fn log_likelihood,
                 const void *data,
                 size_t count,
                 const double *start,
                 struct fit_point *ret_point);

struct fit_value
{
    double value;
    double error;
};

/* Arrivals from gaps, which begin at an arrival. */
struct fit_poisson
{
    struct fit_value rate_per_s;
    double log_likelihood;
};
struct fit_mmpp
{
    struct fit_value rates_per_s[2]; /* The first is the larger. */
    struct fit_value stays_s[2];
    double log_likelihood;
    bool found; /* False: no maximum that is better than Poisson's. */
};
enum { FIT_GAPS_MIN = 50 };
void fit_poisson(const double *gaps_s,
                 size_t count,
                 struct fit_poisson *ret_fit);
void fit_mmpp(const double *gaps_s, size_t count, struct fit_mmpp *ret_fit);

/* A law of lifetimes: its parameters as struct law has them, in s. */
struct fit_law
{
    enum law_kind kind;
    struct fit_value a;
    struct fit_value b;
    struct fit_value index;
    size_t param_count; /* That the data chose: for the AIC. */
    double log_likelihood;
    double distance; /* Largest between the law and the values (Kolmogorov). */
    bool found;
};
enum { FIT_LAWS = 4 };

/* Exponential, lognormal, bounded Pareto and hyperexponential, the best by
 * Akaike's criterion first. values: ascending, above 0. */
void fit_laws(const double *values,
              size_t count,
              struct fit_law ret_fits[FIT_LAWS]);
double fit_aic(const struct fit_law *fit);

/* The model of Lublin and Feitelson. Errors of what is estimated by counting
 * are those of the counts; the limits of widths are as in lublin_default(). At
 * most FIT_LUBLIN_RUNS run times are looked at, evenly over the trace. */
enum { FIT_LUBLIN_MIN = 200, FIT_LUBLIN_RUNS = 20000 };
struct fit_lublin
{
    struct lublin model;
    struct lublin errors;
    bool found; /* False: too few jobs, or no maximum. */
};
void fit_lublin(const struct workload *workload, struct fit_lublin *ret_fit);

#endif /* TRACES_FIT_H */
