/* fit.c - the maximum of a likelihood, and how sharp it is. */
#include "fit.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multimin.h>
#include <math.h>

enum { STEPS_MAX = 5000, ROUNDS = 3 };
static const double SIZE_MIN = 1e-7;

struct problem
{
    fit_fn log_likelihood;
    const void *data;
    size_t count;
};

static double value_at(const struct problem *p, const double *x)
{
    double value = p->log_likelihood(x, p->data);
    return isnan(value) ? -INFINITY : value;
}

static double to_minimise(const gsl_vector *x, void *who)
{
    const struct problem *p = who;
    double point[FIT_PARAMS_MAX];
    for (size_t i = 0; i < p->count; i++)
        point[i] = gsl_vector_get(x, i);
    double value = value_at(p, point);
    return isinf(value) ? 1e300 : -value;
}

/* One simplex, from x on; x is where it ends. */
static bool descend(struct problem *p, double step, double *x)
{
    gsl_multimin_function function = {to_minimise, p->count, p};
    gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(
        gsl_multimin_fminimizer_nmsimplex2, p->count);
    gsl_vector *at = gsl_vector_alloc(p->count);
    gsl_vector *steps = gsl_vector_alloc(p->count);
    int status = GSL_CONTINUE;
    for (size_t i = 0; i < p->count; i++)
        gsl_vector_set(at, i, x[i]);
    gsl_vector_set_all(steps, step);
    gsl_multimin_fminimizer_set(m, &function, at, steps);
    for (int i = 0; i < STEPS_MAX && status == GSL_CONTINUE; i++) {
        if (gsl_multimin_fminimizer_iterate(m))
            break;
        status =
            gsl_multimin_test_size(gsl_multimin_fminimizer_size(m), SIZE_MIN);
    }
    for (size_t i = 0; i < p->count; i++)
        x[i] = gsl_vector_get(gsl_multimin_fminimizer_x(m), i);
    gsl_vector_free(steps);
    gsl_vector_free(at);
    gsl_multimin_fminimizer_free(m);
    return status == GSL_SUCCESS;
}

/* Second derivative by central differences. */
static double curvature(const struct problem *p,
                        const double *x,
                        size_t i,
                        size_t j)
{
    static const double STEP = 1e-3;
    double sum = 0;
    for (int a = -1; a <= 1; a += 2)
        for (int b = -1; b <= 1; b += 2) {
            double y[FIT_PARAMS_MAX];
            for (size_t k = 0; k < p->count; k++)
                y[k] = x[k] + STEP * (a * (k == i) + b * (k == j));
            sum += a * b * value_at(p, y);
        }
    return sum / (4 * STEP * STEP);
}

/* The inverse of the observed information. */
static void find_errors(const struct problem *p, struct fit_point *point)
{
    gsl_matrix *information = gsl_matrix_alloc(p->count, p->count);
    bool sharp = true;
    for (size_t i = 0; i < p->count; i++)
        for (size_t j = 0; j < p->count; j++) {
            double value = -curvature(p, point->x, i, j);
            sharp = sharp && isfinite(value);
            gsl_matrix_set(information, i, j, value);
        }
    for (size_t i = 0; i < p->count && sharp; i++)
        sharp = gsl_matrix_get(information, i, i) > 0;
    sharp = sharp && gsl_linalg_cholesky_decomp1(information) == 0 &&
            gsl_linalg_cholesky_invert(information) == 0;
    for (size_t i = 0; i < p->count; i++)
        point->errors[i] =
            sharp ? sqrt(gsl_matrix_get(information, i, i)) : NAN;
    gsl_matrix_free(information);
}

bool fit_maximum(fit_fn log_likelihood,
                 const void *data,
                 size_t count,
                 const double *start,
                 struct fit_point *ret_point)
{
    struct problem p = {log_likelihood, data, count};
    struct fit_point point = {.log_likelihood = NAN};
    bool ended = false;
    /* What overflows far from the maximum is no bug: it is worse there. */
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    for (size_t i = 0; i < count; i++)
        point.x[i] = start[i];
    /* A simplex may collapse beside the maximum: begin again where it ended. */
    for (int round = 0; round < ROUNDS; round++)
        ended = descend(&p, round == 0 ? 0.5 : 0.1, point.x);
    point.log_likelihood = value_at(&p, point.x);
    bool found = ended && isfinite(point.log_likelihood);
    if (found) {
        find_errors(&p, &point);
        *ret_point = point;
    }
    gsl_set_error_handler(before);
    return found;
}
