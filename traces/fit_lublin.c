/* fit_lublin.c - the model of Lublin and Feitelson, part by part: widths by
 * counting, run times, the day, and the gaps in time of a mean half hour. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

#include "fit.h"

static double share_error(double share, double count)
{
    return count > 0 ? sqrt(share * (1 - share) / count) : NAN;
}

/* Probability that u lies there, by the two stages of the model. */
static double stage_share(const struct lublin *m, double from, double to)
{
    double first = fmax(0, fmin(to, m->middle) - fmax(from, m->low));
    double second = fmax(0, fmin(to, m->high) - fmax(from, m->middle));
    return m->first * first / (m->middle - m->low) +
           (1 - m->first) * second / (m->high - m->middle);
}

/* How often 2^u, u not rounded, is rounded to a power of two all the same. */
static double chance_power(const struct lublin *m)
{
    double sum = 0;
    for (double k = 0; k <= ceil(m->high); k++)
        sum += stage_share(m, log2(exp2(k) - 0.5), log2(exp2(k) + 0.5));
    return sum;
}

static void fit_widths(const struct workload *w, struct fit_lublin *f)
{
    struct lublin *m = &f->model;
    double serial = 0;
    double powers = 0;
    double first = 0;
    double n = (double)w->count;
    uint32_t widest = 4;
    for (size_t i = 0; i < w->count; i++)
        widest = w->jobs[i].width > widest ? w->jobs[i].width : widest;
    *m = lublin_default(fmax(4, round(log2(widest))));
    for (size_t i = 0; i < w->count; i++) {
        uint32_t width = w->jobs[i].width;
        serial += width == 1;
        if (width == 1)
            continue;
        powers += (width & (width - 1)) == 0;
        first += log2(width) < m->middle;
    }
    double parallel = n - serial;
    m->serial = serial / n;
    f->errors.serial = share_error(m->serial, n);
    if (parallel == 0)
        return;
    m->first = first / parallel;
    f->errors.first = share_error(m->first, parallel);
    double chance = chance_power(m);
    double share = (powers / parallel - chance) / (1 - chance);
    m->pow2 = fmax(0, fmin(1, share)) * parallel / n;
    f->errors.pow2 =
        share_error(powers / parallel, parallel) / (1 - chance) * parallel / n;
}

/* ---- Run times. ---------------------------------------------------------- */

struct run
{
    double log_s;
    double log_log_s;
    double width;
};

struct runs
{
    struct run *runs;
    size_t count;
};

static double log_gamma_density(const struct run *r, double shape, double scale)
{
    return (shape - 1) * r->log_log_s - r->log_s / scale;
}

/* x: logarithms of a1, b1, a2, b2; then a hundred times pa, and pb. */
static double runs_likelihood(const double *x, const void *data)
{
    const struct runs *runs = data;
    double a1 = exp(x[0]);
    double b1 = exp(x[1]);
    double a2 = exp(x[2]);
    double b2 = exp(x[3]);
    if (a1 > 1e6 || a2 > 1e6)
        return -INFINITY;
    /* What is above the limit was drawn again. */
    double kept1 = gsl_cdf_gamma_P(LUBLIN_RUN_LOG_MAX, a1, b1);
    double kept2 = gsl_cdf_gamma_P(LUBLIN_RUN_LOG_MAX, a2, b2);
    double norm1 = -a1 * x[1] - gsl_sf_lngamma(a1);
    double norm2 = -a2 * x[3] - gsl_sf_lngamma(a2);
    double sum = 0;
    for (size_t i = 0; i < runs->count; i++) {
        const struct run *r = &runs->runs[i];
        double p = fmin(1, fmax(0, x[4] / 100 * r->width + x[5]));
        sum += log(p * exp(norm1 + log_gamma_density(r, a1, b1)) +
                   (1 - p) * exp(norm2 + log_gamma_density(r, a2, b2))) -
               log(p * kept1 + (1 - p) * kept2);
    }
    return sum;
}

static bool take_runs(const struct workload *w, struct runs *ret_runs)
{
    size_t step = 1 + (w->count - 1) / FIT_LUBLIN_RUNS;
    ret_runs->count = 0;
    ret_runs->runs = calloc(w->count / step + 1, sizeof *ret_runs->runs);
    if (!ret_runs->runs)
        return false;
    for (size_t i = 0; i < w->count; i += step) {
        const struct job *job = &w->jobs[i];
        uint64_t us =
            job->runtime_us != JOB_UNKNOWN ? job->runtime_us : job->cpu_us;
        double log_s = us == JOB_UNKNOWN ? 0 : log((double)us * 1e-6);
        /* The model has none of a second or less, and no longer ones. */
        if (log_s > 0 && log_s <= LUBLIN_RUN_LOG_MAX)
            ret_runs->runs[ret_runs->count++] =
                (struct run){log_s, log(log_s), job->width};
    }
    return ret_runs->count >= FIT_LUBLIN_MIN;
}

static bool fit_runs(const struct workload *w, struct fit_lublin *f)
{
    struct lublin *m = &f->model;
    struct lublin *e = &f->errors;
    double start[] = {log(m->a1), log(m->b1),  log(m->a2),
                      log(m->b2), 100 * m->pa, m->pb};
    struct fit_point point;
    struct runs runs;
    bool found = take_runs(w, &runs) &&
                 fit_maximum(runs_likelihood, &runs, 6, start, &point);
    free(runs.runs);
    if (!found)
        return false;
    m->a1 = exp(point.x[0]);
    m->b1 = exp(point.x[1]);
    m->a2 = exp(point.x[2]);
    m->b2 = exp(point.x[3]);
    m->pa = point.x[4] / 100;
    m->pb = point.x[5];
    e->a1 = m->a1 * point.errors[0];
    e->b1 = m->b1 * point.errors[1];
    e->a2 = m->a2 * point.errors[2];
    e->b2 = m->b2 * point.errors[3];
    e->pa = point.errors[4] / 100;
    e->pb = point.errors[5];
    return true;
}

/* ---- Arrivals. ----------------------------------------------------------- */

static double day_likelihood(const double *x, const void *data)
{
    const double *counts = data;
    struct lublin model = {.day = exp(x[0]), .day_scale = exp(x[1])};
    double weights[LUBLIN_BUCKETS];
    double sum = 0;
    lublin_weights(&model, weights);
    for (int i = 0; i < LUBLIN_BUCKETS; i++)
        if (counts[i] > 0)
            sum += counts[i] * log(weights[i]);
    return sum;
}

static bool fit_day(const struct workload *w, struct fit_lublin *f)
{
    double counts[LUBLIN_BUCKETS] = {0};
    double start[] = {log(f->model.day), log(f->model.day_scale)};
    struct fit_point point;
    for (size_t i = 0; i < w->count; i++)
        counts[w->jobs[i].submit_us / 1000000 / LUBLIN_BUCKET_S %
               LUBLIN_BUCKETS]++;
    if (!fit_maximum(day_likelihood, counts, 2, start, &point))
        return false;
    f->model.day = exp(point.x[0]);
    f->model.day_scale = exp(point.x[1]);
    f->errors.day = f->model.day * point.errors[0];
    f->errors.day_scale = f->model.day_scale * point.errors[1];
    return true;
}

/* Time of a mean half hour, from midnight on. */
static double paid_s(const double *weights, const double *sums, uint64_t us)
{
    double half_hours = (double)us * 1e-6 / LUBLIN_BUCKET_S;
    double whole = floor(half_hours);
    size_t bucket = (size_t)fmod(whole, LUBLIN_BUCKETS);
    double days = floor(whole / LUBLIN_BUCKETS);
    return LUBLIN_BUCKET_S * (days * LUBLIN_BUCKETS + sums[bucket] +
                              (half_hours - whole) * weights[bucket]);
}

struct gaps
{
    double log_sum;     /* Of the logarithms of the gaps, */
    double log_log_sum; /* and of theirs. */
    double count;
};

static double gap_likelihood(const double *x, const void *data)
{
    const struct gaps *g = data;
    double shape = exp(x[0]);
    double kept = gsl_cdf_gamma_P(LUBLIN_GAP_LOG_MAX, shape, exp(x[1]));
    return (shape - 1) * g->log_log_sum - g->log_sum / exp(x[1]) -
           g->count * (shape * x[1] + gsl_sf_lngamma(shape) + log(kept));
}

static bool fit_gaps(const struct workload *w, struct fit_lublin *f)
{
    double weights[LUBLIN_BUCKETS];
    double sums[LUBLIN_BUCKETS];
    double sum = 0;
    struct gaps g = {0};
    lublin_weights(&f->model, weights);
    for (int i = 0; i < LUBLIN_BUCKETS; sum += weights[i++])
        sums[i] = sum;
    for (size_t i = 1; i < w->count; i++) {
        double log_s = log(paid_s(weights, sums, w->jobs[i].submit_us) -
                           paid_s(weights, sums, w->jobs[i - 1].submit_us));
        if (!(log_s > 0 && log_s <= LUBLIN_GAP_LOG_MAX))
            continue;
        g.log_sum += log_s;
        g.log_log_sum += log(log_s);
        g.count++;
    }
    double start[] = {log(f->model.arrival), log(f->model.arrival_scale)};
    struct fit_point point;
    if (g.count < FIT_LUBLIN_MIN ||
        !fit_maximum(gap_likelihood, &g, 2, start, &point))
        return false;
    f->model.arrival = exp(point.x[0]);
    f->model.arrival_scale = exp(point.x[1]);
    f->errors.arrival = f->model.arrival * point.errors[0];
    f->errors.arrival_scale = f->model.arrival_scale * point.errors[1];
    return true;
}

void fit_lublin(const struct workload *w, struct fit_lublin *ret_fit)
{
    *ret_fit = (struct fit_lublin){.found = false};
    if (w->count < FIT_LUBLIN_MIN)
        return;
    fit_widths(w, ret_fit);
    ret_fit->found =
        fit_runs(w, ret_fit) && fit_day(w, ret_fit) && fit_gaps(w, ret_fit);
}
