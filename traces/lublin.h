/* lublin.h - rigid parallel jobs of a supercomputer, as Lublin and Feitelson
 * model them (Journal of Parallel and Distributed Computing 63(11), 2003),
 * without the division into batch and interactive jobs. */
#ifndef TRACES_LUBLIN_H
#define TRACES_LUBLIN_H

#include "synth.h"

enum {
    LUBLIN_BUCKETS = 48,
    LUBLIN_BUCKET_S = 1800,
    LUBLIN_RUN_LOG_MAX = 12,
    LUBLIN_GAP_LOG_MAX = 13
};

struct lublin
{
    /* Width: 1 with probability serial; else 2^u, u uniform on low .. middle
     * with probability first, else on middle .. high; u is rounded, for a power
     * of two, with probability pow2 (of all jobs). */
    double serial;
    double pow2;
    double low;
    double middle;
    double high;
    double first;
    /* Logarithm of the run time in s: gamma(a1, b1) with probability pa width +
     * pb, within 0 .. 1, else gamma(a2, b2). Above 12 it is drawn again. */
    double a1;
    double b1;
    double a2;
    double b2;
    double pa;
    double pb;
    /* Logarithm of the time to the next job in s, at a mean hour:
     * gamma(arrival, arrival_scale); above 13 drawn again. The half hours of a
     * day have weights by gamma(day, day_scale), the first one of it at 5:30.
     */
    double arrival;
    double arrival_scale;
    double day;
    double day_scale;
};

/* Their values for all jobs; the widest jobs have 2^high processors. */
struct lublin lublin_default(double high);

/* Weights of the half hours from midnight on; their mean is 1. */
void lublin_weights(const struct lublin *model, double *ret_weights);

/* count jobs with whole processors; mem, users and seed are those of what, the
 * rest of it means nothing. Submissions from midnight on. 0, or negative errno
 * and a complaint. */
int lublin_synth(const struct lublin *model,
                 const struct synth *what,
                 struct workload *ret_workload,
                 struct complaint *ret_complaint);

#endif /* TRACES_LUBLIN_H */
