/* synth.h - made-up arrivals: laws for times and sizes (GSL's generators). */
#ifndef TRACES_SYNTH_H
#define TRACES_SYNTH_H

#include "workload.h"

/* A law of a positive quantity, in the unit of its use (us or bytes). */
struct law
{
    enum law_kind {
        LAW_FIXED,            /* a */
        LAW_EXPONENTIAL,      /* mean a */
        LAW_UNIFORM,          /* a .. b */
        LAW_BOUNDED_PARETO,   /* a .. b, index */
        LAW_LOGNORMAL,        /* median a, sigma = index */
        LAW_HYPEREXPONENTIAL, /* mean a with probability index, else mean b */
        LAW_EMPIRICAL,        /* drawn from values, each equally likely */
    } kind;
    double a;
    double b;
    double index;
    const uint64_t *values; /* EMPIRICAL: owned by the caller. */
    size_t value_count;
};

double law_mean(const struct law *law);

/* One variate in the law's unit, rounded, at least 1: the first of a stream
 * with this seed. */
uint64_t law_draw(const struct law *law, uint64_t seed);

/* Arrivals of two states, each Poisson with a rate of its own, which last an
 * exponential time (Markov-modulated Poisson process; Fischer and Meier-
 * Hellstern, Performance Evaluation 18(2), 1993). They begin in either state by
 * its share of the time. */
struct mmpp
{
    double rates_per_s[2]; /* >= 0, not both 0; all zero: there is none. */
    double stays_s[2];     /* Mean time in each; > 0. */
};

double mmpp_rate_per_s(const struct mmpp *mmpp); /* In the long run. */

struct synth
{
    uint64_t count;      /* Jobs, if not 0; */
    uint64_t span_us;    /* else all that arrive in this span. */
    double rate_per_s;   /* Poisson; > 0, or with mmpp 0. */
    struct mmpp mmpp;    /* In its place. */
    struct law cpu;      /* us; rounded to us, at least 1. */
    struct law mem;      /* Bytes; rounded to 4 KiB pages, at least one. */
    uint32_t user_count; /* Users 1 .. n, each equally likely. */
    uint64_t seed;
};

/* Memory and user of one job, as synth() draws them; rng: a gsl_rng. */
uint64_t synth_memory(void *rng, const struct synth *what);
void synth_user(void *rng, const struct synth *what, struct job *job);
int synth_check_memory(const struct synth *what,
                       struct complaint *ret_complaint);

/* 0, or -EINVAL and a complaint. Every variate is rounded when drawn. */
int synth(const struct synth *what,
          struct workload *ret_workload,
          struct complaint *ret_complaint);

#endif /* TRACES_SYNTH_H */
