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

struct synth
{
    uint64_t count;      /* Jobs, if not 0; */
    uint64_t span_us;    /* else all that arrive in this span. */
    double rate_per_s;   /* Poisson; > 0. */
    struct law cpu;      /* us; rounded to us, at least 1. */
    struct law mem;      /* Bytes; rounded to 4 KiB pages, at least one. */
    uint32_t user_count; /* Users 1 .. n, each equally likely. */
    uint64_t seed;
};

/* 0, or -EINVAL and a complaint. Every variate is rounded when drawn. */
int synth(const struct synth *what,
          struct workload *ret_workload,
          struct complaint *ret_complaint);

#endif /* TRACES_SYNTH_H */
