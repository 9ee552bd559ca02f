/* metrics.c - the table of metrics. */
#include "metrics.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
const struct metric metrics[] = {
    /*                                  name, unit, title, smaller is better, in the table */
    [METRIC_MEAN_SLOWDOWN]           = {"mean_slowdown", "1", "mean slowdown", true, true},
    [METRIC_MEDIAN_SLOWDOWN]         = {"median_slowdown", "1", "median slowdown", true, false},
    [METRIC_P95_SLOWDOWN]            = {"p95_slowdown", "1", "95th percentile of slowdown", true, true},
    [METRIC_P99_SLOWDOWN]            = {"p99_slowdown", "1", "99th percentile of slowdown", true, false},
    [METRIC_MAX_SLOWDOWN]            = {"max_slowdown", "1", "largest slowdown", true, false},
    [METRIC_MEAN_BOUNDED_SLOWDOWN]   = {"mean_bounded_slowdown", "1", "mean bounded slowdown", true, false},
    [METRIC_MEAN_RESPONSE]           = {"mean_response_s", "s", "mean response", true, true},
    [METRIC_MEAN_DELAY]              = {"mean_delay_s", "s", "mean delay", true, false},
    [METRIC_MAKESPAN]                = {"makespan_s", "s", "makespan", true, true},
    [METRIC_USER_FAIRNESS]           = {"user_fairness", "1", "fairness over users", false, false},
    [METRIC_CLUSTER_FAIRNESS]        = {"cluster_fairness", "1", "fairness over clusters", false, false},
    [METRIC_PROCESSES]               = {"processes", "1", "processes that ended", false, false},
    [METRIC_LOST_PROCESSES]          = {"lost_processes", "1", "processes lost", true, false},
    [METRIC_KILLED_PROCESSES]        = {"killed_processes", "1", "processes killed", true, false},
    [METRIC_UNFINISHED_PROCESSES]    = {"unfinished_processes", "1", "processes unfinished", true, false},
    [METRIC_REMOTE_STARTS]           = {"remote_starts", "1", "remote starts", true, false},
    [METRIC_MIGRATIONS]              = {"migrations", "1", "migrations", true, false},
    [METRIC_MIGRATIONS_PER_PROCESS]  = {"migrations_per_process", "1", "migrations per process", true, true},
    [METRIC_USELESS_MIGRATION_SHARE] = {"useless_migration_share", "1", "useless migrations", true, false},
    [METRIC_PING_PONGS]              = {"ping_pongs", "1", "ping-pongs", true, false},
    [METRIC_REFUSALS]                = {"refusals", "1", "refusals", true, false},
    [METRIC_FAILED_MOVES]            = {"failed_moves", "1", "failed moves", true, false},
    [METRIC_MOVED_BYTES]             = {"moved_bytes", "bytes", "data moved", true, false},
    [METRIC_FREEZE]                  = {"freeze_s", "s", "time stopped by migrations", true, false},
    [METRIC_MEAN_FREEZE]             = {"mean_freeze_s", "s", "time stopped by a migration", true, false},
    [METRIC_FREEZES]                 = {"freezes", "1", "freezes", true, false},
    [METRIC_FROZEN]                  = {"frozen_s", "s", "time in freeze space", true, false},
    [METRIC_MEAN_INFORMATION_AGE]    = {"mean_information_age_s", "s", "mean information age", true, false},
    [METRIC_P95_INFORMATION_AGE]     = {"p95_information_age_s", "s", "95th percentile of information age", true, false},
    [METRIC_MESSAGES_PER_NODE]       = {"messages_per_node_per_s", "1/s", "messages of a node", true, false},
    [METRIC_MESSAGE_BYTES_PER_NODE]  = {"message_bytes_per_node_per_s", "bytes/s", "message bytes of a node", true, false},
    [METRIC_WAN_SHARE]               = {"wan_share", "1", "message bytes over the WAN", true, false},
    [METRIC_THRASH]                  = {"thrash_s", "s", "time thrashing", true, false},
    [METRIC_LOST_WORK]               = {"lost_work_s", "s", "work lost to thrashing", true, false},
    [METRIC_UTILISATION]             = {"utilisation", "1", "utilisation", false, false},
    [METRIC_COUNT]                   = {NULL, NULL, NULL, false, false},
};
/* clang-format on */

static_assert(sizeof(metrics) / sizeof(metrics[0]) == METRIC_COUNT + 1,
              "every metric has its row");

size_t metric_count(void)
{
    return METRIC_COUNT;
}

size_t metric_index(const char *name)
{
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        if (strcmp(metrics[metric].name, name) == 0)
            return metric;
    return SIZE_MAX;
}
