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

/* The processes that a reading is about. */
struct choice
{
    const struct meter *meter;
    const struct counts *counts;
    bool everything;
    size_t size_class;
};

static bool chosen(const struct choice *choice, const struct life *life)
{
    return choice->everything || life->size_class == choice->size_class;
}

/* Index of Jain, Chiu and Hawe (DEC-TR-301, 1984) over the mean slowdowns of
 * those who have any. NAN below two. Uses shares up. */
static double fairness(struct share *shares, size_t count)
{
    double *means = room_make(count, sizeof(double));
    size_t mean_count = 0;
    for (size_t index = 0; index < count; index++)
        if (shares[index].count > 0)
            means[mean_count++] =
                shares[index].slowdown_sum / (double)shares[index].count;
    double index = mean_count < 2 ? NAN : jain(means, mean_count);
    free(means);
    free(shares);
    return index;
}

static void share_add(struct share *share, double slowdown)
{
    share->slowdown_sum += slowdown;
    share->count++;
}

static void read_quantiles(double *slowdowns, size_t count, double *ret_values)
{
    ret_values[METRIC_MEDIAN_SLOWDOWN] = quantile(slowdowns, count, 0.5);
    ret_values[METRIC_P95_SLOWDOWN] = quantile(slowdowns, count, 0.95);
    ret_values[METRIC_P99_SLOWDOWN] = quantile(slowdowns, count, 0.99);
    ret_values[METRIC_MAX_SLOWDOWN] = quantile(slowdowns, count, 1);
}

/* Bounded slowdown: Feitelson et al., Theory and Practice in Parallel Job
 * Scheduling, 1997. */
static double bounded_slowdown(const struct life *life, uint64_t bound_us)
{
    uint64_t work_us = life->work_us > bound_us ? life->work_us : bound_us;
    return fmax(1, (double)(life->end_us - life->submit_us) / (double)work_us);
}

static void read_ended(const struct choice *choice, double *ret_values)
{
    const struct meter *meter = choice->meter;
    size_t ended_count = meter->all.outcomes[OUTCOME_ENDED];
    struct share *users = room_make(meter->users.count, sizeof(*users));
    struct share *clusters =
        room_make(meter->cluster_count + 1, sizeof(*clusters));
    double *slowdowns = room_make(ended_count, sizeof(double));
    double slowdown_sum = 0;
    double bounded_sum = 0;
    sum_t response_us = 0;
    sum_t work_us = 0;
    size_t count = 0;
    for (size_t place = 0; place < ended_count; place++) {
        const struct life *life = &meter->lives[meter->ended[place]];
        if (!chosen(choice, life))
            continue;
        double slowdown = meter->slowdowns[place];
        slowdowns[count++] = slowdown;
        slowdown_sum += slowdown;
        bounded_sum += bounded_slowdown(life, meter->bound_us);
        response_us += life->end_us - life->submit_us;
        work_us += life->work_us;
        share_add(&users[life->user], slowdown);
        share_add(&clusters[life->cluster], slowdown);
    }
    ret_values[METRIC_MEAN_SLOWDOWN] = mean_of(slowdown_sum, count);
    ret_values[METRIC_MEAN_BOUNDED_SLOWDOWN] = mean_of(bounded_sum, count);
    ret_values[METRIC_MEAN_RESPONSE] = mean_of(seconds(response_us), count);
    /* Negative where machines are faster than the reference. */
    ret_values[METRIC_MEAN_DELAY] =
        mean_of(response_us < work_us ? -seconds(work_us - response_us)
                                      : seconds(response_us - work_us),
                count);
    read_quantiles(slowdowns, count, ret_values);
    free(slowdowns);
    ret_values[METRIC_USER_FAIRNESS] = fairness(users, meter->users.count);
    ret_values[METRIC_CLUSTER_FAIRNESS] =
        fairness(clusters, meter->cluster_count);
}

static double makespan_s(const struct choice *choice)
{
    uint64_t first_us = UINT64_MAX;
    uint64_t last_us = 0;
    if (choice->counts->outcomes[OUTCOME_ENDED] == 0)
        return NAN;
    for (size_t index = 0; index < choice->meter->procs.count; index++) {
        const struct life *life = &choice->meter->lives[index];
        if (!chosen(choice, life))
            continue;
        if (life->submit_us < first_us)
            first_us = life->submit_us;
        if (life->outcome == OUTCOME_ENDED && last_us < life->end_us)
            last_us = life->end_us;
    }
    return seconds(last_us - first_us);
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

static void read_choice(const struct choice *choice, double *ret_values)
{
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        ret_values[metric] = NAN;
    read_ended(choice, ret_values);
    ret_values[METRIC_MAKESPAN] = makespan_s(choice);
    read_counts(choice->counts, ret_values);
}

void meter_read(const struct meter *meter, double *ret_values)
{
    struct choice choice = {meter, &meter->all, true, 0};
    read_choice(&choice, ret_values);
    read_nodes(&meter->nodes, ret_values);
}

size_t meter_read_class(const struct meter *meter,
                        size_t size_class,
                        double *ret_values)
{
    assert(size_class < meter->class_count);
    const struct counts *counts = &meter->classes[size_class];
    struct choice choice = {meter, counts, false, size_class};
    read_choice(&choice, ret_values);
    return counts->outcomes[OUTCOME_NONE];
}
