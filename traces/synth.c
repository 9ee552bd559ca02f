/* synth.c - made-up arrivals: a Poisson process times laws of work and memory.
 *
 * The generator is MT19937, seeded once; each variate is rounded when drawn, so
 * that the last bit of a logarithm does not reach a result.
 */
#include "synth.h"

#include <assert.h>
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE_BYTES = 4096, COUNT_MAX = 100000000, FIRST_ROOM = 1024 };

static const double us_per_s = 1e6;
static const double quantity_max = 9e15; /* Doubles count on to there. */

/* Harchol-Balter, Crovella and Murta 1999: density k^a a x^(-a-1) / (1 -
 * (k/p)^a) on k .. p. */
static double bounded_pareto_mean(double low, double high, double index)
{
    double below = pow(low / high, index);
    if (fabs(index - 1) < 1e-9)
        return low * log(high / low) / (1 - below);
    return index * low / (index - 1) * (1 - pow(low / high, index - 1)) /
           (1 - below);
}

/* By inversion: 1 - u (1 - (k/p)^a) is how much of the tail is left. */
static double bounded_pareto(gsl_rng *rng,
                             double low,
                             double high,
                             double index)
{
    double below = pow(low / high, index);
    double left = 1 - gsl_rng_uniform(rng) * (1 - below);
    return low * pow(left, -1 / index);
}

double law_mean(const struct law *law)
{
    double sum = 0;
    switch (law->kind) {
        case LAW_FIXED:
        case LAW_EXPONENTIAL:
            return law->a;
        case LAW_UNIFORM:
            return (law->a + law->b) / 2;
        case LAW_BOUNDED_PARETO:
            return bounded_pareto_mean(law->a, law->b, law->index);
        case LAW_LOGNORMAL:
            return law->a * exp(law->index * law->index / 2);
        case LAW_HYPEREXPONENTIAL:
            return law->index * law->a + (1 - law->index) * law->b;
        case LAW_EMPIRICAL:
            for (size_t i = 0; i < law->value_count; i++)
                sum += (double)law->values[i];
            return sum / (double)law->value_count;
    }
    assert(false);
    return NAN;
}

static double draw(gsl_rng *rng, const struct law *law)
{
    switch (law->kind) {
        case LAW_FIXED:
            return law->a;
        case LAW_EXPONENTIAL:
            return gsl_ran_exponential(rng, law->a);
        case LAW_UNIFORM:
            return gsl_ran_flat(rng, law->a, law->b);
        case LAW_BOUNDED_PARETO:
            return bounded_pareto(rng, law->a, law->b, law->index);
        case LAW_LOGNORMAL:
            return gsl_ran_lognormal(rng, log(law->a), law->index);
        case LAW_HYPEREXPONENTIAL: {
            bool first = gsl_rng_uniform(rng) < law->index;
            return gsl_ran_exponential(rng, first ? law->a : law->b);
        }
        case LAW_EMPIRICAL:
            return (double)
                law->values[gsl_rng_uniform_int(rng, law->value_count)];
    }
    assert(false);
    return NAN;
}

/* A multiple of unit, at least one of it. */
static uint64_t draw_whole(gsl_rng *rng, const struct law *law, uint64_t unit)
{
    double units = round(draw(rng, law) / (double)unit);
    if (units < 1)
        return unit;
    return (units < quantity_max ? (uint64_t)units : (uint64_t)quantity_max) *
           unit;
}

uint64_t law_draw(const struct law *law, uint64_t seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    assert(rng);
    gsl_rng_set(rng, seed);
    uint64_t drawn = draw_whole(rng, law, 1);
    gsl_rng_free(rng);
    return drawn;
}

static const char *what_is_wrong_with(const struct law *law)
{
    bool positive = law->a > 0 && law->a < quantity_max;
    switch (law->kind) {
        case LAW_FIXED:
        case LAW_EXPONENTIAL:
            return positive ? NULL : "its mean must be above 0";
        case LAW_UNIFORM:
            return positive && law->a <= law->b && law->b < quantity_max
                       ? NULL
                       : "its bounds must be above 0 and in order";
        case LAW_BOUNDED_PARETO:
            return positive && law->a < law->b && law->b < quantity_max &&
                           law->index > 0
                       ? NULL
                       : "it needs 0 < lower bound < upper bound and an index "
                         "above 0";
        case LAW_LOGNORMAL:
            return positive && law->index >= 0 && law->index < 10
                       ? NULL
                       : "it needs a median above 0 and a sigma of 0 to 10";
        case LAW_HYPEREXPONENTIAL:
            return positive && law->b > 0 && law->b < quantity_max &&
                           law->index >= 0 && law->index <= 1
                       ? NULL
                       : "it needs two means above 0 and a probability";
        case LAW_EMPIRICAL:
            return law->values && law->value_count > 0 ? NULL
                                                       : "it has no values";
    }
    return "there is no such law";
}

double mmpp_rate_per_s(const struct mmpp *m)
{
    return (m->rates_per_s[0] * m->stays_s[0] +
            m->rates_per_s[1] * m->stays_s[1]) /
           (m->stays_s[0] + m->stays_s[1]);
}

static bool is_modulated(const struct synth *what)
{
    return what->mmpp.rates_per_s[0] > 0 || what->mmpp.rates_per_s[1] > 0;
}

static bool is_in_range(double value, double low, double high)
{
    return low <= value && value <= high;
}

static const char *wrong_mmpp(const struct synth *what)
{
    const struct mmpp *m = &what->mmpp;
    if (!is_modulated(what))
        return NULL;
    for (int i = 0; i < 2; i++)
        if (!is_in_range(m->rates_per_s[i], 0, us_per_s) ||
            !is_in_range(m->stays_s[i], 1e-6, 1e12))
            return "it needs two rates, at most one million a second, and two "
                   "times above 0";
    return NULL;
}

int synth_check_memory(const struct synth *what,
                       struct complaint *ret_complaint)
{
    const char *mem = what_is_wrong_with(&what->mem);
    return mem ? complain(ret_complaint, -EINVAL, NULL, 0, 0,
                          "the law of memory: %s", mem)
               : 0;
}

static int check(const struct synth *what, struct complaint *ret_complaint)
{
    const char *cpu = what_is_wrong_with(&what->cpu);
    const char *mmpp = wrong_mmpp(what);
    if (cpu)
        return complain(ret_complaint, -EINVAL, NULL, 0, 0,
                        "the law of CPU times: %s", cpu);
    int error = synth_check_memory(what, ret_complaint);
    if (error)
        return error;
    if (mmpp)
        return complain(ret_complaint, -EINVAL, NULL, 0, 0,
                        "the modulated arrivals: %s", mmpp);
    double rate =
        is_modulated(what) ? mmpp_rate_per_s(&what->mmpp) : what->rate_per_s;
    if (!(rate > 0) || !(rate <= us_per_s))
        return complain(ret_complaint, -EINVAL, NULL, 0, 0,
                        "the rate of arrivals must be above 0 and at most one "
                        "million a second");
    double expected = what->count > 0 ? (double)what->count
                                      : (double)what->span_us / us_per_s * rate;
    if (!(expected > 0) || expected > (double)COUNT_MAX)
        return complain(ret_complaint, -EINVAL, NULL, 0, 0,
                        "it would be %.0f jobs; give a count or a span that "
                        "makes 1 to %d",
                        expected, COUNT_MAX);
    return 0;
}

static int add_job(struct workload *workload,
                   size_t *room,
                   const struct job *job)
{
    if (workload->count == *room) {
        size_t more = *room ? *room * 2 : FIRST_ROOM;
        struct job *jobs = reallocarray(workload->jobs, more, sizeof *jobs);
        if (!jobs)
            return -ENOMEM;
        workload->jobs = jobs;
        *room = more;
    }
    workload->jobs[workload->count++] = *job;
    return 0;
}

uint64_t synth_memory(void *rng, const struct synth *what)
{
    return draw_whole(rng, &what->mem, PAGE_BYTES);
}

void synth_user(void *rng, const struct synth *what, struct job *job)
{
    if (what->user_count == 0)
        return;
    job->user = 1 + (uint32_t)gsl_rng_uniform_int(rng, what->user_count);
    job->has_user = true;
}

static struct job draw_job(gsl_rng *rng,
                           const struct synth *what,
                           uint64_t number,
                           uint64_t submit_us)
{
    struct job job = {
        .number = number,
        .submit_us = submit_us,
        .runtime_us = JOB_UNKNOWN,
        .cpu_us = draw_whole(rng, &what->cpu, 1),
        .mem_bytes = synth_memory(rng, what),
        .read_bytes = JOB_UNKNOWN,
        .write_bytes = JOB_UNKNOWN,
        .width = 1,
        .after = JOB_NONE,
    };
    synth_user(rng, what, &job);
    return job;
}

/* In which state of an MMPP the process is. */
static int first_state(gsl_rng *rng, const struct synth *what)
{
    const double *stays_s = what->mmpp.stays_s;
    return is_modulated(what) &&
           gsl_rng_uniform(rng) * (stays_s[0] + stays_s[1]) >= stays_s[0];
}

/* Whichever comes first: an arrival, or the other state, where it waits on. */
static double draw_gap_us(gsl_rng *rng, const struct synth *what, int *state)
{
    const struct mmpp *m = &what->mmpp;
    double gap_s = 0;
    if (!is_modulated(what))
        return gsl_ran_exponential(rng, us_per_s / what->rate_per_s);
    for (;; *state = !*state) {
        double stay_s = gsl_ran_exponential(rng, m->stays_s[*state]);
        double arrival_s =
            m->rates_per_s[*state] > 0
                ? gsl_ran_exponential(rng, 1 / m->rates_per_s[*state])
                : INFINITY;
        gap_s += fmin(stay_s, arrival_s);
        if (arrival_s <= stay_s)
            return gap_s * us_per_s;
    }
}

static int draw_all(gsl_rng *rng,
                    const struct synth *what,
                    struct workload *workload)
{
    size_t room = 0;
    uint64_t now_us = 0;
    int state = first_state(rng, what);
    for (uint64_t number = 1;; number++) {
        /* A gap may be nothing; a law of work may not. */
        now_us += (uint64_t)round(draw_gap_us(rng, what, &state));
        if (what->count > 0 ? number > what->count : now_us >= what->span_us)
            return 0;
        struct job job = draw_job(rng, what, number, now_us);
        int error = add_job(workload, &room, &job);
        if (error)
            return error;
    }
}

int synth(const struct synth *what,
          struct workload *ret_workload,
          struct complaint *ret_complaint)
{
    int error = check(what, ret_complaint);
    if (error)
        return error;
    struct workload workload = {.has_cpu = true, .has_mem = true};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (!rng || asprintf(&workload.origin, "%s arrivals, seed %llu",
                         is_modulated(what) ? "modulated Poisson" : "Poisson",
                         (unsigned long long)what->seed) < 0) {
        workload.origin = NULL;
        error = -ENOMEM;
        goto finish;
    }
    gsl_rng_set(rng, what->seed);
    error = draw_all(rng, what, &workload);
finish:
    gsl_rng_free(rng);
    if (error) {
        workload_finish(&workload);
        return complain(ret_complaint, error, NULL, 0, 0,
                        "not enough memory for the jobs; make fewer");
    }
    *ret_workload = workload;
    return 0;
}
