/* metrics.h - what a run is measured by. Computed from journal records only,
 * whether streamed while it runs or read from a file. docs/metrics.md has every
 * metric with its unit and definition, and is checked against this table. */
#ifndef RESULTS_METRICS_H
#define RESULTS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../algorithms/node/journal.h"

struct metric
{
    const char *name;  /* As in JSON: mean_slowdown. */
    const char *unit;  /* "s", "bytes", "1", ... */
    const char *title; /* For tables and axes. */
    bool smaller_is_better;
    bool in_table; /* Shown in the human table without being asked for. */
};

/* In the order of output; ends with a NULL name. */
extern const struct metric metrics[];
size_t metric_count(void);
size_t metric_index(const char *name); /* SIZE_MAX if there is none. */

struct meter;

/* bound_us: tau of the bounded slowdown (10 s). class_count classes of size by
 * CPU time, edges ascending, for metrics per size class; 0 for none. */
struct meter_options
{
    uint64_t bound_us;
    const uint64_t *class_edges_us;
    size_t class_count;
    double speed_max;  /* Of the fastest core: for slowdown against it. */
    double pool_speed; /* Sum of cores x speed: for the clairvoyant bound. */
    const char *const *cluster_names; /* For fairness by owner; or NULL. */
};

struct meter *meter_create(const struct meter_options *options);
void meter_destroy(struct meter *meter);
void meter_add(struct meter *meter, const struct record *record);

/* Values by the index of metrics[]; NAN where there is nothing to measure. */
void meter_read(const struct meter *meter, double *ret_values);

/* The same of one size class; processes in it. */
size_t meter_read_class(const struct meter *meter,
                        size_t size_class,
                        double *ret_values);

/* Slowdown of every process that ended, in order of end; owned by the meter. */
const double *meter_slowdowns(const struct meter *meter, size_t *ret_count);

/* Clairvoyant lower bound on the mean response of these arrivals: SRPT on one
 * pooled machine, and nobody faster than on the fastest core (literature.md 1h:
 * Schrage 1968). NAN if nothing was submitted. */
double meter_bound_response_s(const struct meter *meter);

#endif /* RESULTS_METRICS_H */
