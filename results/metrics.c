/* metrics.c - the table of metrics. */
#include "metrics.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
const struct metric metrics[] = {
    /*                                  name, unit, title, smaller is better, in the table, witness */
    [METRIC_MEAN_SLOWDOWN]           = {"mean_slowdown", "1", "mean slowdown", true, true, METRIC_COUNT},
    [METRIC_MEDIAN_SLOWDOWN]         = {"median_slowdown", "1", "median slowdown", true, false, METRIC_COUNT},
    [METRIC_P95_SLOWDOWN]            = {"p95_slowdown", "1", "95th percentile of slowdown", true, true, METRIC_COUNT},
    [METRIC_P99_SLOWDOWN]            = {"p99_slowdown", "1", "99th percentile of slowdown", true, false, METRIC_COUNT},
    [METRIC_MAX_SLOWDOWN]            = {"max_slowdown", "1", "largest slowdown", true, false, METRIC_COUNT},
    [METRIC_MEAN_BOUNDED_SLOWDOWN]   = {"mean_bounded_slowdown", "1", "mean bounded slowdown", true, false, METRIC_COUNT},
    [METRIC_MEAN_RESPONSE]           = {"mean_response_s", "s", "mean response", true, true, METRIC_COUNT},
    [METRIC_MEAN_DELAY]              = {"mean_delay_s", "s", "mean delay", true, false, METRIC_COUNT},
    [METRIC_MAKESPAN]                = {"makespan_s", "s", "makespan", true, true, METRIC_COUNT},
    [METRIC_USER_FAIRNESS]           = {"user_fairness", "1", "fairness over users", false, false, METRIC_COUNT},
    [METRIC_CLUSTER_FAIRNESS]        = {"cluster_fairness", "1", "fairness over clusters", false, false, METRIC_COUNT},
    [METRIC_PROCESSES]               = {"processes", "1", "processes that ended", false, false, METRIC_COUNT},
    [METRIC_LOST_PROCESSES]          = {"lost_processes", "1", "processes lost", true, false, METRIC_COUNT},
    [METRIC_KILLED_PROCESSES]        = {"killed_processes", "1", "processes killed", true, false, METRIC_COUNT},
    [METRIC_UNFINISHED_PROCESSES]    = {"unfinished_processes", "1", "processes unfinished", true, false, METRIC_COUNT},
    [METRIC_REMOTE_STARTS]           = {"remote_starts", "1", "remote starts", true, false, METRIC_COUNT},
    [METRIC_MIGRATIONS]              = {"migrations", "1", "migrations", true, false, METRIC_COUNT},
    [METRIC_MIGRATIONS_PER_PROCESS]  = {"migrations_per_process", "1", "migrations per process", true, true, METRIC_COUNT},
    [METRIC_USELESS_MIGRATION_SHARE] = {"useless_migration_share", "1", "useless migrations", true, false, METRIC_COUNT},
    [METRIC_PING_PONGS]              = {"ping_pongs", "1", "ping-pongs", true, false, METRIC_COUNT},
    [METRIC_REFUSALS]                = {"refusals", "1", "refusals", true, false, METRIC_COUNT},
    [METRIC_FAILED_MOVES]            = {"failed_moves", "1", "failed moves", true, false, METRIC_COUNT},
    [METRIC_MOVED_BYTES]             = {"moved_bytes", "bytes", "data moved", true, false, METRIC_COUNT},
    [METRIC_FREEZE]                  = {"freeze_s", "s", "time stopped by migrations", true, false, METRIC_COUNT},
    [METRIC_MEAN_FREEZE]             = {"mean_freeze_s", "s", "time stopped by a migration", true, false, METRIC_COUNT},
    [METRIC_FREEZES]                 = {"freezes", "1", "freezes", true, false, METRIC_FREEZES},
    [METRIC_FROZEN]                  = {"frozen_s", "s", "time in freeze space", true, true, METRIC_FREEZES},
    [METRIC_FROZEN_BY_POLICY]        = {"frozen_by_policy_s", "s", "frozen by a policy", true, false, METRIC_FREEZES},
    [METRIC_FROZEN_BY_USER]          = {"frozen_by_user_s", "s", "frozen by its user", true, false, METRIC_FREEZES},
    [METRIC_FROZEN_BY_OWNER]         = {"frozen_by_owner_s", "s", "frozen by the owner", true, false, METRIC_FREEZES},
    [METRIC_HELD_PROCESSES]          = {"held_processes", "1", "processes that waited in a queue", true, false, METRIC_HELD_PROCESSES},
    [METRIC_MEAN_QUEUE_WAIT]         = {"mean_queue_wait_s", "s", "mean wait for a start", true, true, METRIC_HELD_PROCESSES},
    [METRIC_P95_QUEUE_WAIT]          = {"p95_queue_wait_s", "s", "95th percentile of wait", true, false, METRIC_HELD_PROCESSES},
    [METRIC_MAX_QUEUE_WAIT]          = {"max_queue_wait_s", "s", "longest wait for a start", true, false, METRIC_HELD_PROCESSES},
    [METRIC_GRID_GUESTS]             = {"grid_guests", "1", "processes that were grid guests", false, false, METRIC_GRID_GUESTS},
    [METRIC_FOREIGN_THROUGHPUT]      = {"foreign_throughput", "1", "foreign throughput", false, true, METRIC_GRID_GUESTS},
    [METRIC_OWNER_SLOWDOWN_WITH]     = {"owner_slowdown_with_guests", "1", "owner slowdown with guests", true, true, METRIC_GRID_GUESTS},
    [METRIC_OWNER_SLOWDOWN_WITHOUT]  = {"owner_slowdown_without_guests", "1", "owner slowdown without guests", true, true, METRIC_GRID_GUESTS},
    [METRIC_OWNER_WISHES]            = {"owner_wishes", "1", "wishes of owners and users", true, false, METRIC_OWNER_WISHES},
    [METRIC_RECLAIMS]                = {"reclaims", "1", "places reclaimed from guests", true, false, METRIC_OWNER_WISHES},
    [METRIC_MEAN_RECLAIM]            = {"mean_reclaim_s", "s", "mean time to reclaim", true, true, METRIC_OWNER_WISHES},
    [METRIC_MAX_RECLAIM]             = {"max_reclaim_s", "s", "longest time to reclaim", true, false, METRIC_OWNER_WISHES},
    [METRIC_UNFINISHED_RECLAIMS]     = {"unfinished_reclaims", "1", "reclaims not finished", true, false, METRIC_OWNER_WISHES},
    [METRIC_KILLED_BY_OWNER]         = {"killed_by_owner", "1", "processes killed by an owner", true, false, METRIC_OWNER_WISHES},
    [METRIC_FAULTS]                  = {"faults", "1", "faults and repairs", true, false, METRIC_FAULTS},
    [METRIC_DOWNS]                   = {"downs", "1", "times that a node went down", true, false, METRIC_DOWNS},
    [METRIC_AVAILABILITY]            = {"availability", "1", "availability of nodes", false, false, METRIC_DOWNS},
    [METRIC_DISCOVERIES]             = {"discoveries", "1", "nodes that all have heard of", false, false, METRIC_DISCOVERIES},
    [METRIC_MEAN_DISCOVERY]          = {"mean_discovery_s", "s", "mean time till all know a node", true, false, METRIC_DISCOVERIES},
    [METRIC_MAX_DISCOVERY]           = {"max_discovery_s", "s", "longest time till all know a node", true, false, METRIC_DISCOVERIES},
    [METRIC_CHECKPOINTS]             = {"checkpoints", "1", "checkpoints", true, false, METRIC_CHECKPOINTS},
    [METRIC_CHECKPOINT_BYTES]        = {"checkpoint_bytes", "bytes", "data of checkpoints", true, false, METRIC_CHECKPOINTS},
    [METRIC_CHECKPOINT]              = {"checkpoint_s", "s", "time stopped for checkpoints", true, false, METRIC_CHECKPOINTS},
    [METRIC_RESTARTS]                = {"restarts", "1", "restarts from a checkpoint", true, false, METRIC_RESTARTS},
    [METRIC_WASTED_WORK]             = {"wasted_work_s", "s", "work lost with processes", true, true, METRIC_WASTED_WORK},
    [METRIC_MEAN_INFORMATION_AGE]    = {"mean_information_age_s", "s", "mean information age", true, false, METRIC_COUNT},
    [METRIC_P95_INFORMATION_AGE]     = {"p95_information_age_s", "s", "95th percentile of information age", true, false, METRIC_COUNT},
    [METRIC_MESSAGES_PER_NODE]       = {"messages_per_node_per_s", "1/s", "messages of a node", true, false, METRIC_COUNT},
    [METRIC_MESSAGE_BYTES_PER_NODE]  = {"message_bytes_per_node_per_s", "bytes/s", "message bytes of a node", true, false, METRIC_COUNT},
    [METRIC_WAN_SHARE]               = {"wan_share", "1", "message bytes over the WAN", true, false, METRIC_COUNT},
    [METRIC_THRASH]                  = {"thrash_s", "s", "time thrashing", true, false, METRIC_COUNT},
    [METRIC_LOST_WORK]               = {"lost_work_s", "s", "work lost to thrashing", true, false, METRIC_COUNT},
    [METRIC_UTILISATION]             = {"utilisation", "1", "utilisation", false, false, METRIC_COUNT},
    [METRIC_COUNT]                   = {NULL, NULL, NULL, false, false, METRIC_COUNT},
};
/* clang-format on */

static_assert(sizeof(metrics) / sizeof(metrics[0]) == METRIC_COUNT + 1,
              "every metric has its row");

size_t metric_count(void)
{
    return METRIC_COUNT;
}

bool metric_shown(size_t metric, const double *values)
{
    enum metric_number witness = metrics[metric].witness;
    return witness == METRIC_COUNT || values[witness] > 0;
}

size_t metric_index(const char *name)
{
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        if (strcmp(metrics[metric].name, name) == 0)
            return metric;
    return SIZE_MAX;
}
