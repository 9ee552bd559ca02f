/* reading.c - metrics out: what the sums of a meter say. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "meter.h"
#include "room.h"
#include "statistics.h"

static double ratio(sum_t part, sum_t whole)
{
    return whole == 0 ? NAN : (double)part / (double)whole;
}

static double mean_of(double sum, uint64_t count)
{
    return count == 0 ? NAN : sum / (double)count;
}

static double seconds(sum_t span_us)
{
    return (double)span_us / 1e6;
}

/* Index of Jain, Chiu and Hawe (DEC-TR-301, 1984) over the mean slowdowns of
 * those who have any. NAN below two. */
static double fairness(const struct share *shares, size_t count)
{
    double *means = room_make(count, sizeof(double));
    size_t mean_count = 0;
    for (size_t index = 0; index < count; index++)
        if (shares[index].count > 0)
            means[mean_count++] =
                shares[index].slowdown_sum / (double)shares[index].count;
    double index = mean_count < 2 ? NAN : jain(means, mean_count);
    free(means);
    return index;
}

/* quantile() orders what it is given: here a copy. */
static void read_quantiles(const struct part *part, double *ret_values)
{
    size_t count = part->counts.outcomes[OUTCOME_ENDED];
    double *slowdowns = room_expect(count, sizeof(double));
    if (count > 0)
        memcpy(slowdowns, part->slowdowns, count * sizeof(double));
    static const double shares[] = {0.5, 0.95, 0.99, 1};
    double found[4];
    quantiles(slowdowns, count, shares, 4, found);
    ret_values[METRIC_MEDIAN_SLOWDOWN] = found[0];
    ret_values[METRIC_P95_SLOWDOWN] = found[1];
    ret_values[METRIC_P99_SLOWDOWN] = found[2];
    ret_values[METRIC_MAX_SLOWDOWN] = found[3];
    free(slowdowns);
}

static void read_ended(const struct meter *meter,
                       const struct part *part,
                       double *ret_values)
{
    size_t count = part->counts.outcomes[OUTCOME_ENDED];
    sum_t response_us = part->response_us;
    sum_t work_us = part->work_us;
    ret_values[METRIC_MEAN_SLOWDOWN] = mean_of(part->slowdown_sum, count);
    ret_values[METRIC_MEAN_BOUNDED_SLOWDOWN] =
        mean_of(part->bounded_sum, count);
    ret_values[METRIC_MEAN_RESPONSE] = mean_of(seconds(response_us), count);
    /* Negative where machines are faster than the reference. */
    ret_values[METRIC_MEAN_DELAY] =
        mean_of(response_us < work_us ? -seconds(work_us - response_us)
                                      : seconds(response_us - work_us),
                count);
    if (count > 0)
        ret_values[METRIC_MAKESPAN] = seconds(part->last_us - part->first_us);
    read_quantiles(part, ret_values);
    ret_values[METRIC_USER_FAIRNESS] = fairness(part->users, part->users_count);
    ret_values[METRIC_CLUSTER_FAIRNESS] =
        fairness(part->clusters, meter->cluster_count);
}

static void read_counts(const struct counts *counts, double *ret_values)
{
    const uint64_t *outcomes = counts->outcomes;
    uint64_t over = outcomes[OUTCOME_ENDED] + outcomes[OUTCOME_LOST] +
                    outcomes[OUTCOME_KILLED];
    double frozen_s = seconds(counts->frozen_us);
    ret_values[METRIC_PROCESSES] = (double)outcomes[OUTCOME_ENDED];
    ret_values[METRIC_LOST_PROCESSES] = (double)outcomes[OUTCOME_LOST];
    ret_values[METRIC_KILLED_PROCESSES] = (double)outcomes[OUTCOME_KILLED];
    ret_values[METRIC_UNFINISHED_PROCESSES] =
        (double)(outcomes[OUTCOME_NONE] - over);
    ret_values[METRIC_REMOTE_STARTS] = (double)counts->remote_starts;
    ret_values[METRIC_MIGRATIONS] = (double)counts->migrations;
    ret_values[METRIC_MIGRATIONS_PER_PROCESS] =
        ratio(counts->migrations, outcomes[OUTCOME_NONE]);
    ret_values[METRIC_USELESS_MIGRATION_SHARE] =
        ratio(counts->useless, counts->migrations);
    ret_values[METRIC_PING_PONGS] = (double)counts->ping_pongs;
    ret_values[METRIC_REFUSALS] = (double)counts->refusals;
    ret_values[METRIC_FAILED_MOVES] = (double)counts->failed_moves;
    ret_values[METRIC_MOVED_BYTES] = (double)counts->moved_bytes;
    ret_values[METRIC_FREEZE] = frozen_s;
    ret_values[METRIC_MEAN_FREEZE] = mean_of(frozen_s, counts->migrations);
    ret_values[METRIC_FREEZES] = (double)counts->freezes;
    ret_values[METRIC_FROZEN] = (double)counts->in_space_us / 1e6;
    const sum_t *by = counts->in_space_by_us;
    ret_values[METRIC_FROZEN_BY_POLICY] = seconds(by[FREEZE_BY_POLICY]);
    ret_values[METRIC_FROZEN_BY_USER] = seconds(by[FREEZE_BY_USER]);
    ret_values[METRIC_FROZEN_BY_OWNER] = seconds(by[FREEZE_BY_OWNER]);
    ret_values[METRIC_CHECKPOINTS] = (double)counts->checkpoints;
    ret_values[METRIC_CHECKPOINT_BYTES] = (double)counts->checkpoint_bytes;
    ret_values[METRIC_CHECKPOINT] = seconds(counts->checkpoint_us);
    ret_values[METRIC_RESTARTS] = (double)counts->restarts;
    ret_values[METRIC_KILLED_BY_OWNER] = (double)counts->killed_by_owner;
    ret_values[METRIC_WASTED_WORK] = seconds(counts->wasted_us);
}

static void read_nodes(const struct node_sums *sums, double *ret_values)
{
    ret_values[METRIC_MEAN_INFORMATION_AGE] =
        ratio(sums->age_us, sums->board_entries) / 1e6;
    ret_values[METRIC_P95_INFORMATION_AGE] =
        ratio(sums->p95_age_us, sums->boards) / 1e6;
    if (sums->tallies == 0)
        return;
    ret_values[METRIC_MESSAGES_PER_NODE] =
        ratio(sums->frames, sums->lived_us) * 1e6;
    ret_values[METRIC_MESSAGE_BYTES_PER_NODE] =
        ratio(sums->frame_bytes, sums->lived_us) * 1e6;
    ret_values[METRIC_WAN_SHARE] = ratio(sums->wan_bytes, sums->frame_bytes);
    ret_values[METRIC_THRASH] = seconds(sums->thrash_us);
    ret_values[METRIC_LOST_WORK] = seconds(sums->lost_work_us);
    ret_values[METRIC_UTILISATION] = ratio(sums->busy_us, sums->capacity_us);
}

static void read_waits(const struct places *places, double *ret_values)
{
    size_t count = places->waits_count;
    double *waits_s = room_make(count, sizeof(double));
    double sum_s = 0;
    for (size_t index = 0; index < count; index++)
        sum_s += waits_s[index] = places->waits_s[index];
    ret_values[METRIC_HELD_PROCESSES] = (double)places->held_count;
    ret_values[METRIC_MEAN_QUEUE_WAIT] = mean_of(sum_s, count);
    ret_values[METRIC_P95_QUEUE_WAIT] = quantile(waits_s, count, 0.95);
    ret_values[METRIC_MAX_QUEUE_WAIT] = quantile(waits_s, count, 1);
    free(waits_s);
}

static void read_places(const struct meter *meter, double *ret_values)
{
    const struct places *places = &meter->places;
    uint64_t end_us = places->last_us;
    if (!places_follow(places))
        return;
    read_waits(places, ret_values);
    ret_values[METRIC_GRID_GUESTS] = (double)places->grid_guest_count;
    ret_values[METRIC_FOREIGN_THROUGHPUT] = ratio(places->foreign_us, end_us);
    ret_values[METRIC_OWNER_SLOWDOWN_WITH] =
        mean_of(places->met_slowdown_sum, places->met_count);
    ret_values[METRIC_OWNER_SLOWDOWN_WITHOUT] =
        mean_of(places->alone_slowdown_sum, places->alone_count);
    ret_values[METRIC_RECLAIMS] = (double)places->reclaims;
    ret_values[METRIC_UNFINISHED_RECLAIMS] =
        (double)(places->reclaims - places->reclaimed);
    ret_values[METRIC_MEAN_RECLAIM] =
        mean_of(seconds(places->reclaim_us), places->reclaimed);
    if (places->reclaimed > 0)
        ret_values[METRIC_MAX_RECLAIM] = seconds(places->reclaim_max_us);
    ret_values[METRIC_DOWNS] = (double)places->down_count;
    sum_t lived_us = meter->nodes.lived_us;
    ret_values[METRIC_AVAILABILITY] =
        1 - ratio(places_down_us(places, end_us), lived_us);
}

static void read_grid(const struct grid_sums *sums, double *ret_values)
{
    ret_values[METRIC_OWNER_WISHES] = (double)sums->wishes;
    ret_values[METRIC_FAULTS] = (double)sums->faults;
    ret_values[METRIC_DISCOVERIES] = (double)sums->known;
    ret_values[METRIC_MEAN_DISCOVERY] =
        mean_of(seconds(sums->known_us), sums->known);
    if (sums->known > 0)
        ret_values[METRIC_MAX_DISCOVERY] = seconds((sum_t)sums->known_max_us);
}

static void read_part(const struct meter *meter,
                      const struct part *part,
                      double *ret_values)
{
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        ret_values[metric] = NAN;
    read_ended(meter, part, ret_values);
    read_counts(&part->counts, ret_values);
}

void meter_read(const struct meter *meter, double *ret_values)
{
    read_part(meter, &meter->all, ret_values);
    read_nodes(&meter->nodes, ret_values);
    read_grid(&meter->grid, ret_values);
    read_places(meter, ret_values);
}

size_t meter_read_class(const struct meter *meter,
                        size_t size_class,
                        double *ret_values)
{
    assert(size_class < meter->class_count);
    const struct part *part = &meter->classes[size_class];
    read_part(meter, part, ret_values);
    return part->counts.outcomes[OUTCOME_NONE];
}
