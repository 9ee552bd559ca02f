/* metrics.h - what a run is measured by. Computed from journal records only,
 * whether streamed while it runs or read from a file. docs/metrics.md has every
 * metric with its unit and definition, and is checked against this table. */
#ifndef RESULTS_METRICS_H
#define RESULTS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../algorithms/node/journal.h"

/* In the order of output. */
enum metric_number {
    METRIC_MEAN_SLOWDOWN,
    METRIC_MEDIAN_SLOWDOWN,
    METRIC_P95_SLOWDOWN,
    METRIC_P99_SLOWDOWN,
    METRIC_MAX_SLOWDOWN,
    METRIC_MEAN_BOUNDED_SLOWDOWN,
    METRIC_MEAN_RESPONSE,
    METRIC_MEAN_DELAY,
    METRIC_MAKESPAN,
    METRIC_USER_FAIRNESS,
    METRIC_CLUSTER_FAIRNESS,
    METRIC_PROCESSES,
    METRIC_LOST_PROCESSES,
    METRIC_KILLED_PROCESSES,
    METRIC_UNFINISHED_PROCESSES,
    METRIC_REMOTE_STARTS,
    METRIC_MIGRATIONS,
    METRIC_MIGRATIONS_PER_PROCESS,
    METRIC_USELESS_MIGRATION_SHARE,
    METRIC_PING_PONGS,
    METRIC_REFUSALS,
    METRIC_FAILED_MOVES,
    METRIC_MOVED_BYTES,
    METRIC_FREEZE,
    METRIC_MEAN_FREEZE,
    METRIC_FREEZES,
    METRIC_FROZEN,
    METRIC_FROZEN_BY_POLICY,
    METRIC_FROZEN_BY_USER,
    METRIC_FROZEN_BY_OWNER,
    METRIC_HELD_PROCESSES,
    METRIC_MEAN_QUEUE_WAIT,
    METRIC_P95_QUEUE_WAIT,
    METRIC_MAX_QUEUE_WAIT,
    METRIC_GRID_GUESTS,
    METRIC_FOREIGN_THROUGHPUT,
    METRIC_OWNER_SLOWDOWN_WITH,
    METRIC_OWNER_SLOWDOWN_WITHOUT,
    METRIC_OWNER_WISHES,
    METRIC_RECLAIMS,
    METRIC_MEAN_RECLAIM,
    METRIC_MAX_RECLAIM,
    METRIC_UNFINISHED_RECLAIMS,
    METRIC_KILLED_BY_OWNER,
    METRIC_FAULTS,
    METRIC_DOWNS,
    METRIC_AVAILABILITY,
    METRIC_DISCOVERIES,
    METRIC_MEAN_DISCOVERY,
    METRIC_MAX_DISCOVERY,
    METRIC_CHECKPOINTS,
    METRIC_CHECKPOINT_BYTES,
    METRIC_CHECKPOINT,
    METRIC_RESTARTS,
    METRIC_WASTED_WORK,
    METRIC_MEAN_INFORMATION_AGE,
    METRIC_P95_INFORMATION_AGE,
    METRIC_MESSAGES_PER_NODE,
    METRIC_MESSAGE_BYTES_PER_NODE,
    METRIC_WAN_SHARE,
    METRIC_THRASH,
    METRIC_LOST_WORK,
    METRIC_UTILISATION,
    METRIC_COUNT
};

struct metric
{
    const char *name;  /* As in JSON: mean_slowdown. */
    const char *unit;  /* "s", "bytes", "1", ... */
    const char *title; /* For tables and axes, without the unit. */
    bool smaller_is_better;
    bool in_table; /* Shown in the human table without being asked for. */
    enum metric_number witness; /* Shown only if this is above 0; METRIC_COUNT:
                                 * always. */
};

/* By enum metric_number; ends with a NULL name. */
extern const struct metric metrics[];
size_t metric_count(void);
size_t metric_index(const char *name); /* SIZE_MAX if there is none. */

/* Is there anything to say of it? values: all of a run. */
bool metric_shown(size_t metric, const double *values);

struct core_group;
struct meter;

/* bound_us: tau of the bounded slowdown (10 s). class_count classes of size by
 * CPU time for metrics per size class, 0 for none; class i holds the processes
 * that need less than class_edges_us[i] and no less than the edge before. The
 * last class has no edge, so there are class_count - 1, ascending. */
struct meter_options
{
    uint64_t bound_us;
    const uint64_t *class_edges_us;
    size_t class_count;
    double speed_max;  /* Of the fastest core: for the clairvoyant bound; */
    double pool_speed; /* and the sum of cores x speed; */
    const struct core_group
        *core_groups;        /* the cores, the fastest first, for */
    size_t core_group_count; /* the bound on the makespan; or NULL and 0; */
    double memory_speed;     /* bytes x speed (bound.h), for those of memory; 0:
                              * none. */
    const node_id *cluster_firsts; /* First node of each cluster, ascending, */
    size_t cluster_count;          /* for fairness by owner; or NULL and 0. */
    uint32_t node_count;  /* Of the clusters: to follow who is where; 0: not. */
    size_t process_count; /* Room for so many at first; 0 if unknown. */
};

/* The options are copied. */
struct meter *meter_create(const struct meter_options *options);
void meter_destroy(struct meter *meter);

/* 0, or -EINVAL if the record contradicts those before it: its process was not
 * submitted, or twice, or ended before that; it then changes nothing. */
int meter_add(struct meter *meter, const struct record *record);

/* True if it follows who is where: then it needs the records `run` too. */
bool meter_wants_starts(const struct meter *meter);

/* METRIC_COUNT values; NAN where there is nothing to measure. */
void meter_read(const struct meter *meter, double *ret_values);

/* The same of one size class; processes in it. What belongs to nodes and not to
 * processes is NAN. */
size_t meter_read_class(const struct meter *meter,
                        size_t size_class,
                        double *ret_values);

/* Slowdown of every process that ended, in order of end; owned by the meter. */
const double *meter_slowdowns(const struct meter *meter, size_t *ret_count);

/* Clairvoyant lower bound on the mean response of these arrivals: SRPT on one
 * pooled machine, and nobody faster than on the fastest core (bound.h). NAN if
 * nothing was submitted. */
double meter_bound_response_s(const struct meter *meter);

#endif /* RESULTS_METRICS_H */
