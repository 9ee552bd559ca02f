#include "lublin.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_FIRST = 11, COUNT_MAX = 100000000 };

struct lublin lublin_default(double high)
{
    return (struct lublin){.serial = 0.244,
                           .pow2 = 0.576,
                           .low = 0.8,
                           .middle = high - 2.5,
                           .high = high,
                           .first = 0.86,
                           .a1 = 4.2,
                           .b1 = 0.94,
                           .a2 = 312,
                           .b2 = 0.03,
                           .pa = -0.0054,
                           .pb = 0.78,
                           .arrival = 10.2303 * 1.0225,
                           .arrival_scale = 0.4871,
                           .day = 8.1737,
                           .day_scale = 3.9631};
}

void lublin_weights(const struct lublin *model, double *ret_weights)
{
    double sum = 0;
    for (int i = DAY_FIRST; i < LUBLIN_BUCKETS + DAY_FIRST; i++) {
        double weight = gsl_cdf_gamma_P(i + 0.5, model->day, model->day_scale) -
                        gsl_cdf_gamma_P(i - 0.5, model->day, model->day_scale);
        ret_weights[(i - 1) % LUBLIN_BUCKETS] = weight;
        sum += weight;
    }
    for (int i = 0; i < LUBLIN_BUCKETS; i++)
        ret_weights[i] *= LUBLIN_BUCKETS / sum;
}

static double gamma_below(gsl_rng *rng, double shape, double scale, double most)
{
    double value;
    do {
        value = gsl_ran_gamma(rng, shape, scale);
    } while (value > most);
    return value;
}

static uint32_t draw_width(gsl_rng *rng, const struct lublin *m)
{
    double kind = gsl_rng_uniform(rng);
    if (kind <= m->serial)
        return 1;
    double u = gsl_rng_uniform(rng) <= m->first
                   ? gsl_ran_flat(rng, m->low, m->middle)
                   : gsl_ran_flat(rng, m->middle, m->high);
    if (kind <= m->serial + m->pow2)
        u = round(u);
    return (uint32_t)round(exp2(u));
}

static uint64_t draw_runtime_us(gsl_rng *rng,
                                const struct lublin *m,
                                uint32_t width)
{
    double p = fmin(1, fmax(0, m->pa * width + m->pb));
    double seconds;
    do {
        seconds = gsl_rng_uniform(rng) <= p ? gsl_ran_gamma(rng, m->a1, m->b1)
                                            : gsl_ran_gamma(rng, m->a2, m->b2);
    } while (seconds > LUBLIN_RUN_LOG_MAX);
    return (uint64_t)llround(exp(seconds) * 1e6);
}

/* Where the day is: a share of a half hour that has been paid for. */
struct clock
{
    uint64_t bucket; /* Half hours since the first midnight. */
    double share;    /* Of this one. */
    double weights[LUBLIN_BUCKETS];
};

/* The gap is time of a mean half hour; a half hour passes for its weight. */
static double pass(struct clock *clock, double gap_s)
{
    double points =
        gap_s / LUBLIN_BUCKET_S +
        clock->share * clock->weights[clock->bucket % LUBLIN_BUCKETS];
    while (points > clock->weights[clock->bucket % LUBLIN_BUCKETS])
        points -= clock->weights[clock->bucket++ % LUBLIN_BUCKETS];
    clock->share = points / clock->weights[clock->bucket % LUBLIN_BUCKETS];
    return ((double)clock->bucket + clock->share) * LUBLIN_BUCKET_S;
}

static void draw_all(gsl_rng *rng,
                     const struct lublin *m,
                     const struct synth *what,
                     struct workload *workload)
{
    struct clock clock = {.bucket = 0};
    lublin_weights(m, clock.weights);
    for (uint64_t i = 0; i < what->count; i++) {
        double gap_s = exp(
            gamma_below(rng, m->arrival, m->arrival_scale, LUBLIN_GAP_LOG_MAX));
        double now_s = pass(&clock, gap_s);
        uint32_t width = draw_width(rng, m);
        struct job *job = &workload->jobs[workload->count++];
        *job = (struct job){.number = i + 1,
                            .submit_us = (uint64_t)llround(now_s * 1e6),
                            .runtime_us = draw_runtime_us(rng, m, width),
                            .cpu_us = JOB_UNKNOWN,
                            .mem_bytes = synth_memory(rng, what),
                            .read_bytes = JOB_UNKNOWN,
                            .write_bytes = JOB_UNKNOWN,
                            .width = width,
                            .after = JOB_NONE};
        synth_user(rng, what, job);
    }
}

static const char *what_is_wrong_with(const struct lublin *m)
{
    if (!(0 <= m->serial) || !(0 <= m->pow2) || !(m->serial + m->pow2 <= 1) ||
        !(0 <= m->first && m->first <= 1))
        return "its probabilities must be from 0 to 1 together";
    if (!(0 <= m->low && m->low <= m->middle && m->middle <= m->high &&
          m->high <= 30))
        return "its widths must be in order, at most 2^30";
    if (!(m->a1 > 0 && m->b1 > 0 && m->a2 > 0 && m->b2 > 0 && m->arrival > 0 &&
          m->arrival_scale > 0 && m->day > 0 && m->day_scale > 0))
        return "shapes and scales must be above 0";
    /* Else drawing again what is too long would take forever. */
    if (!(gsl_cdf_gamma_P(LUBLIN_RUN_LOG_MAX, m->a1, m->b1) > 0.01 &&
          gsl_cdf_gamma_P(LUBLIN_RUN_LOG_MAX, m->a2, m->b2) > 0.01 &&
          gsl_cdf_gamma_P(LUBLIN_GAP_LOG_MAX, m->arrival, m->arrival_scale) >
              0.01))
        return "nearly all of its run times or gaps would be above the limit";
    return NULL;
}

int lublin_synth(const struct lublin *model,
                 const struct synth *what,
                 struct workload *ret_workload,
                 struct complaint *ret_complaint)
{
    const char *why = what_is_wrong_with(model);
    if (why)
        return complain(ret_complaint, -EINVAL, NULL, 0, 0,
                        "the model of Lublin and Feitelson: %s", why);
    if (what->count == 0 || what->count > COUNT_MAX)
        return complain(ret_complaint, -EINVAL, NULL, 0, 0,
                        "the model of Lublin and Feitelson needs a count of "
                        "jobs, at most %d",
                        COUNT_MAX);
    int error = synth_check_memory(what, ret_complaint);
    if (error)
        return error;
    struct workload workload = {.has_mem = true};
    workload.jobs = calloc(what->count, sizeof *workload.jobs);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (!workload.jobs || !rng ||
        asprintf(&workload.origin,
                 "the model of Lublin and Feitelson, seed "
                 "%llu",
                 (unsigned long long)what->seed) < 0) {
        workload.origin = NULL;
        workload_finish(&workload);
        gsl_rng_free(rng);
        return complain(ret_complaint, -ENOMEM, NULL, 0, 0,
                        "not enough memory for the jobs; make fewer");
    }
    gsl_rng_set(rng, what->seed);
    draw_all(rng, model, what, &workload);
    gsl_rng_free(rng);
    *ret_workload = workload;
    return 0;
}
