#include <errno.h>
#include <math.h>
#include <string.h>

#include "results/metrics.h"
#include "tests/suite.h"

/* Two clusters, nodes 0 .. 99 and from 100 on; tau is 10 s. */
static struct meter *make(void)
{
    static const node_id firsts[] = {0, 100};
    return meter_create(&(struct meter_options){.bound_us = 10000000,
                                                .speed_max = 1,
                                                .pool_speed = 4,
                                                .cluster_firsts = firsts,
                                                .cluster_count = 2});
}

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
}

static int submit(struct meter *meter,
                  double at_s,
                  node_id home,
                  proc_id proc,
                  uint64_t user,
                  double work_s)
{
    struct record record = {.kind = RECORD_SUBMIT,
                            .at_us = us(at_s),
                            .node = home,
                            .proc = proc,
                            .why = ""};
    record.values[SUBMIT_USER] = user;
    record.values[SUBMIT_WORK_US] = us(work_s);
    return meter_add(meter, &record);
}

static int over(struct meter *meter,
                enum record_kind kind,
                double at_s,
                proc_id proc)
{
    struct record record = {
        .kind = kind, .at_us = us(at_s), .proc = proc, .why = ""};
    return meter_add(meter, &record);
}

struct move
{
    double at_s;
    node_id from;
    node_id to;
    double total_s;
    double frozen_s;
    uint64_t bytes;
    bool start;
};

static int moved(struct meter *meter, proc_id proc, struct move move)
{
    struct record record = {.kind = RECORD_MOVED,
                            .at_us = us(move.at_s),
                            .node = move.from,
                            .peer = move.to,
                            .proc = proc,
                            .why = ""};
    record.values[MOVED_START] = move.start;
    record.values[MOVED_TOTAL_US] = us(move.total_s);
    record.values[MOVED_FROZEN_US] = us(move.frozen_s);
    record.values[MOVED_BYTES] = move.bytes;
    return meter_add(meter, &record);
}

/* Reads one metric by its name in JSON. */
static double value(const struct meter *meter, const char *name)
{
    double values[METRIC_COUNT];
    meter_read(meter, values);
    CU_ASSERT_FATAL(metric_index(name) < metric_count());
    return values[metric_index(name)];
}

#define EXPECT(meter, name, expected) \
    CU_ASSERT_DOUBLE_EQUAL(value(meter, name), expected, 1e-9)
#define EXPECT_NOTHING(meter, name) CU_ASSERT(isnan(value(meter, name)))

static void slowdown_is_response_over_work(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 10);
    submit(meter, 5, 100, 2, 8, 5);
    over(meter, RECORD_ENDED, 10, 2); /* Response 5 s: slowdown 1. */
    over(meter, RECORD_ENDED, 20, 1); /* Response 20 s: slowdown 2. */
    EXPECT(meter, "mean_slowdown", 1.5);
    EXPECT(meter, "median_slowdown", 1.5);
    EXPECT(meter, "p95_slowdown", 1.95);
    EXPECT(meter, "p99_slowdown", 1.99);
    EXPECT(meter, "max_slowdown", 2);
    EXPECT(meter, "mean_response_s", 12.5);
    EXPECT(meter, "mean_delay_s", 5);
    EXPECT(meter, "makespan_s", 20);
    EXPECT(meter, "processes", 2);
    size_t count;
    const double *slowdowns = meter_slowdowns(meter, &count);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_EQUAL(slowdowns[0], 1);
    CU_ASSERT_EQUAL(slowdowns[1], 2);
    meter_destroy(meter);
}

/* max(1, response / max(work, 10 s)). */
static void bounded_slowdown_forgives_short_processes(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 1);
    submit(meter, 0, 0, 2, 7, 1);
    submit(meter, 0, 0, 3, 7, 20);
    over(meter, RECORD_ENDED, 5, 1);  /* Slowdown 5, bounded 1. */
    over(meter, RECORD_ENDED, 30, 2); /* Slowdown 30, bounded 3. */
    over(meter, RECORD_ENDED, 40, 3); /* Slowdown 2, bounded 2. */
    EXPECT(meter, "mean_bounded_slowdown", 2);
    EXPECT(meter, "mean_slowdown", 37.0 / 3);
    meter_destroy(meter);
}

static void delay_is_negative_on_fast_machines(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 10);
    over(meter, RECORD_ENDED, 4, 1);
    EXPECT(meter, "mean_delay_s", -6);
    EXPECT(meter, "mean_slowdown", 0.4);
    meter_destroy(meter);
}

/* Users 7 and 8 have mean slowdowns 2 and 1, so do the clusters: 9 / 10. */
static void fairness_is_jains_over_mean_slowdowns(void)
{
    struct meter *meter = make();
    submit(meter, 0, 99, 1, 7, 10);
    submit(meter, 0, 0, 2, 7, 10);
    submit(meter, 0, 100, 3, 8, 10);
    EXPECT_NOTHING(meter, "user_fairness");
    over(meter, RECORD_ENDED, 10, 2);
    over(meter, RECORD_ENDED, 30, 1);
    EXPECT_NOTHING(meter, "user_fairness");
    EXPECT_NOTHING(meter, "cluster_fairness");
    over(meter, RECORD_ENDED, 10, 3);
    EXPECT(meter, "user_fairness", 0.9);
    EXPECT(meter, "cluster_fairness", 0.9);
    meter_destroy(meter);
}

static void every_process_has_one_outcome(void)
{
    struct meter *meter = make();
    for (proc_id proc = 1; proc <= 5; proc++)
        submit(meter, 1, 0, proc, 7, 10);
    over(meter, RECORD_ENDED, 11, 1);
    over(meter, RECORD_LOST, 12, 2);
    over(meter, RECORD_KILLED, 13, 3);
    over(meter, RECORD_KILLED, 14, 4);
    EXPECT(meter, "processes", 1);
    EXPECT(meter, "lost_processes", 1);
    EXPECT(meter, "killed_processes", 2);
    EXPECT(meter, "unfinished_processes", 1);
    EXPECT(meter, "mean_slowdown", 1);
    EXPECT(meter, "makespan_s", 10);
    /* A node that was cut off ends what its home has given up. */
    CU_ASSERT_EQUAL(over(meter, RECORD_ENDED, 20, 2), 0);
    EXPECT(meter, "processes", 1);
    EXPECT(meter, "lost_processes", 1);
    meter_destroy(meter);
}

static void migrations_and_remote_starts_are_told_apart(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 100);
    submit(meter, 0, 0, 2, 7, 100);
    moved(meter, 1, (struct move){1, 0, 1, 0.5, 0, 1000, true});
    moved(meter, 1, (struct move){20, 1, 2, 2, 0.5, 5000, false});
    moved(meter, 2, (struct move){30, 0, 3, 4, 0.1, 2000, false});
    moved(meter, 2, (struct move){60, 3, 4, 4, 0.3, 2000, false});
    over(meter, RECORD_REFUSED, 61, 1);
    over(meter, RECORD_FAILED, 62, 1);
    over(meter, RECORD_REFUSED, 63, 2);
    EXPECT(meter, "remote_starts", 1);
    EXPECT(meter, "migrations", 3);
    EXPECT(meter, "migrations_per_process", 1.5);
    EXPECT(meter, "moved_bytes", 10000);
    EXPECT(meter, "freeze_s", 0.9);
    EXPECT(meter, "mean_freeze_s", 0.3);
    EXPECT(meter, "refusals", 2);
    EXPECT(meter, "failed_moves", 1);
    meter_destroy(meter);
}

/* A move that took 2 s is useless if less than 2 s are spent there. */
static void a_useless_migration_stays_shorter_than_it_took(void)
{
    struct meter *meter = make();
    for (proc_id proc = 1; proc <= 5; proc++) {
        submit(meter, 0, 0, proc, 7, 100);
        moved(meter, proc, (struct move){10, 0, 1, 2, 0, 1, false});
    }
    over(meter, RECORD_ENDED, 11.9, 1); /* Useless. */
    over(meter, RECORD_ENDED, 12, 2);   /* Not. */
    /* Leaves at 14.5 - 3 = 11.5: useless; the second move is long enough. */
    moved(meter, 3, (struct move){14.5, 1, 2, 3, 0, 1, false});
    over(meter, RECORD_ENDED, 17.5, 3);
    /* Leaves at 12. */
    moved(meter, 4, (struct move){15, 1, 2, 3, 0, 1, false});
    EXPECT(meter, "migrations", 7);
    EXPECT(meter, "useless_migration_share", 2.0 / 7);
    /* Leaves at 11, and again at 14 after a move of 2 s: useless twice. */
    moved(meter, 5, (struct move){13, 1, 2, 2, 0, 1, false});
    moved(meter, 5, (struct move){16, 2, 3, 2, 0, 1, false});
    EXPECT(meter, "useless_migration_share", 4.0 / 9);
    meter_destroy(meter);
}

static void an_end_before_the_news_of_the_move_is_useless(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 9);
    over(meter, RECORD_ENDED, 9.9, 1);
    CU_ASSERT_EQUAL(moved(meter, 1, (struct move){10, 0, 1, 2, 0, 1, false}),
                    0);
    EXPECT(meter, "useless_migration_share", 1);
    EXPECT(meter, "processes", 1);
    meter_destroy(meter);
}

static void a_ping_pong_goes_back_where_it_came_from(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 100);
    submit(meter, 0, 0, 2, 7, 100);
    moved(meter, 1, (struct move){10, 0, 1, 1, 0, 1, false});
    moved(meter, 2, (struct move){15, 1, 0, 1, 0, 1, false});
    EXPECT(meter, "ping_pongs", 0);
    moved(meter, 1, (struct move){20, 1, 0, 1, 0, 1, false}); /* 0 1 0 */
    moved(meter, 1, (struct move){30, 0, 2, 1, 0, 1, false}); /* 1 0 2 */
    moved(meter, 1, (struct move){40, 2, 1, 1, 0, 1, false}); /* 0 2 1 */
    EXPECT(meter, "ping_pongs", 1);
    /* The news of a move in between is missing: nobody saw it go back. */
    moved(meter, 1, (struct move){50, 3, 2, 1, 0, 1, false});
    EXPECT(meter, "ping_pongs", 1);
    meter_destroy(meter);
}

static void information_age_counts_every_entry_alike(void)
{
    struct meter *meter = make();
    static const uint64_t boards[][2] = {{1, 4}, {3, 2}, {0, 0}};
    for (size_t board = 0; board < 3; board++) {
        struct record record = {.kind = RECORD_BOARD, .why = ""};
        record.values[BOARD_COUNT] = boards[board][0];
        record.values[BOARD_MEAN_US] = boards[board][1] * 1000000;
        record.values[BOARD_P95_US] = boards[board][1] * 2000000;
        CU_ASSERT_EQUAL(meter_add(meter, &record), 0);
    }
    EXPECT(meter, "mean_information_age_s", 2.5); /* (1 x 4 + 3 x 2) / 4. */
    EXPECT(meter, "p95_information_age_s", 6);    /* (8 + 4) / 2. */
    meter_destroy(meter);
}

static void tallies_are_summed_over_nodes(void)
{
    struct meter *meter = make();
    for (uint64_t node = 1; node <= 2; node++) {
        struct record record = {
            .kind = RECORD_TALLY, .at_us = us(100), .why = ""};
        record.values[TALLY_FRAMES] = 200 * node;
        record.values[TALLY_BYTES] = 20000 * node;
        record.values[TALLY_WAN_FRAMES] = 1;
        record.values[TALLY_WAN_BYTES] = 6000;
        record.values[TALLY_BUSY_US] = us(50);
        record.values[TALLY_CAPACITY_US] = us(100);
        record.values[TALLY_THRASH_US] = us(3);
        record.values[TALLY_LOST_WORK_US] = us(2.5);
        CU_ASSERT_EQUAL(meter_add(meter, &record), 0);
    }
    EXPECT(meter, "messages_per_node_per_s", 3);
    EXPECT(meter, "message_bytes_per_node_per_s", 300);
    EXPECT(meter, "wan_share", 0.2);
    EXPECT(meter, "thrash_s", 6);
    EXPECT(meter, "lost_work_s", 5);
    EXPECT(meter, "utilisation", 0.5);
    meter_destroy(meter);
}

/* 100,000 nodes of 64 cores for a year have more core time than 2^64 us. */
static void sums_do_not_overflow(void)
{
    struct meter *meter = make();
    for (int node = 0; node < 8; node++) {
        struct record record = {
            .kind = RECORD_TALLY, .at_us = us(1), .why = ""};
        record.values[TALLY_BUSY_US] = UINT64_MAX / 2;
        record.values[TALLY_CAPACITY_US] = UINT64_MAX;
        CU_ASSERT_EQUAL(meter_add(meter, &record), 0);
    }
    EXPECT(meter, "utilisation", 0.5);
    meter_destroy(meter);
}

static void time_in_freeze_space_ends_with_a_thaw_or_an_outcome(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 100);
    submit(meter, 0, 0, 2, 7, 100);
    over(meter, RECORD_FREEZE, 10, 1);
    over(meter, RECORD_THAW, 25, 1);
    over(meter, RECORD_FREEZE, 30, 1);
    over(meter, RECORD_KILLED, 37, 1);
    over(meter, RECORD_FREEZE, 40, 2);
    EXPECT(meter, "freezes", 3);
    EXPECT(meter, "frozen_s", 22);
    EXPECT_NOTHING(meter, "useless_migration_share");
    meter_destroy(meter);
}

static void freeze_at(struct meter *meter, double at_s, node_id node)
{
    struct record record = {.kind = RECORD_FREEZE,
                            .at_us = us(at_s),
                            .node = node,
                            .proc = 1,
                            .why = ""};
    CU_ASSERT_EQUAL(meter_add(meter, &record), 0);
}

/* Frozen from 10 s to 25 s at its target, whose word came before the source
 * heard of the arrival. Frozen from 30 s on and carried so, it runs elsewhere
 * at 42 s. */
static void a_move_ends_the_freeze_at_its_source_alone(void)
{
    struct meter *meter = make();
    submit(meter, 0, 0, 1, 7, 100);
    freeze_at(meter, 10, 3);
    moved(meter, 1,
          (struct move){.at_s = 11, .from = 2, .to = 3, .total_s = 4});
    over(meter, RECORD_THAW, 25, 1);
    EXPECT(meter, "frozen_s", 15);
    freeze_at(meter, 30, 3);
    moved(meter, 1,
          (struct move){.at_s = 42, .from = 3, .to = 4, .total_s = 4});
    over(meter, RECORD_KILLED, 60, 1);
    EXPECT(meter, "frozen_s", 15 + 12);
    meter_destroy(meter);
}

static void an_empty_run_measures_nothing(void)
{
    struct meter *meter = make();
    EXPECT(meter, "processes", 0);
    EXPECT(meter, "migrations", 0);
    static const char *const nothing[] = {"mean_slowdown",
                                          "p95_slowdown",
                                          "mean_response_s",
                                          "makespan_s",
                                          "user_fairness",
                                          "migrations_per_process",
                                          "useless_migration_share",
                                          "mean_freeze_s",
                                          "mean_information_age_s",
                                          "messages_per_node_per_s",
                                          "thrash_s",
                                          "utilisation"};
    for (size_t index = 0; index < sizeof(nothing) / sizeof(nothing[0]);
         index++)
        EXPECT_NOTHING(meter, nothing[index]);
    CU_ASSERT(isnan(meter_bound_response_s(meter)));
    meter_destroy(meter);
    meter_destroy(NULL);
}

static void contradictions_are_refused_and_change_nothing(void)
{
    struct meter *meter = make();
    CU_ASSERT_EQUAL(submit(meter, 5, 0, 1, 7, 10), 0);
    CU_ASSERT_EQUAL(submit(meter, 5, 0, 1, 7, 10), -EINVAL);
    CU_ASSERT_EQUAL(submit(meter, 5, 0, 2, 7, 0), -EINVAL);
    CU_ASSERT_EQUAL(over(meter, RECORD_ENDED, 9, 3), -EINVAL);
    CU_ASSERT_EQUAL(over(meter, RECORD_REFUSED, 9, 3), -EINVAL);
    CU_ASSERT_EQUAL(over(meter, RECORD_ENDED, 4, 1), -EINVAL);
    CU_ASSERT_EQUAL(moved(meter, 1, (struct move){6, 0, 1, 7, 0, 1, false}),
                    -EINVAL);
    EXPECT(meter, "processes", 0);
    EXPECT(meter, "unfinished_processes", 1);
    EXPECT(meter, "migrations", 0);
    EXPECT(meter, "refusals", 0);
    meter_destroy(meter);
}

static void size_classes_divide_the_processes(void)
{
    static const uint64_t edges[] = {1000000, 10000000};
    struct meter *meter =
        meter_create(&(struct meter_options){.bound_us = 10000000,
                                             .class_edges_us = edges,
                                             .class_count = 3,
                                             .speed_max = 1,
                                             .pool_speed = 1});
    submit(meter, 0, 0, 1, 7, 0.5);
    submit(meter, 0, 0, 2, 7, 1); /* An edge belongs to the class above. */
    submit(meter, 0, 0, 3, 7, 9);
    submit(meter, 2, 0, 4, 7, 1000);
    moved(meter, 3, (struct move){3, 0, 1, 1, 0.5, 1, false});
    over(meter, RECORD_ENDED, 5, 1);  /* Slowdown 10. */
    over(meter, RECORD_ENDED, 6, 2);  /* 6. */
    over(meter, RECORD_ENDED, 18, 3); /* 2. */
    double values[METRIC_COUNT];
    CU_ASSERT_EQUAL(meter_read_class(meter, 0, values), 1);
    CU_ASSERT_DOUBLE_EQUAL(values[METRIC_MEAN_SLOWDOWN], 10, 1e-9);
    CU_ASSERT_EQUAL(values[METRIC_MIGRATIONS], 0);
    CU_ASSERT_EQUAL(meter_read_class(meter, 1, values), 2);
    CU_ASSERT_DOUBLE_EQUAL(values[METRIC_MEAN_SLOWDOWN], 4, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(values[METRIC_MAKESPAN], 18, 1e-9);
    CU_ASSERT_EQUAL(values[METRIC_MIGRATIONS], 1);
    CU_ASSERT_EQUAL(values[METRIC_MIGRATIONS_PER_PROCESS], 0.5);
    CU_ASSERT_EQUAL(meter_read_class(meter, 2, values), 1);
    CU_ASSERT(isnan(values[METRIC_MEAN_SLOWDOWN]));
    CU_ASSERT_EQUAL(values[METRIC_UNFINISHED_PROCESSES], 1);
    CU_ASSERT(isnan(values[METRIC_UTILISATION]));
    EXPECT(meter, "mean_slowdown", 6);
    meter_destroy(meter);
}

/* Alone for 10 s on the fastest core of speed 1; the pool of 4 changes nothing.
 */
static void the_bound_is_that_of_the_arrivals(void)
{
    struct meter *meter = make();
    submit(meter, 3, 0, 1, 7, 10);
    CU_ASSERT_DOUBLE_EQUAL(meter_bound_response_s(meter), 10, 1e-12);
    meter_destroy(meter);
}

/* Ids of the simulator are the home node above a counter from 1. */
static void many_processes_keep_apart(void)
{
    enum { HOMES = 300, EACH = 50 };
    struct meter *meter = make();
    for (uint64_t counter = 1; counter <= EACH; counter++)
        for (uint64_t home = 0; home < HOMES; home++)
            CU_ASSERT_EQUAL(submit(meter, (double)counter, (node_id)home,
                                   home << 32 | counter, home, 1),
                            0);
    for (uint64_t home = 0; home < HOMES; home++)
        for (uint64_t counter = 1; counter <= EACH; counter++)
            CU_ASSERT_EQUAL(
                over(meter, RECORD_ENDED, (double)(counter + 1 + home % 2),
                     home << 32 | counter),
                0);
    EXPECT(meter, "processes", HOMES * EACH);
    EXPECT(meter, "mean_slowdown", 1.5);
    EXPECT(meter, "user_fairness", 0.9);
    meter_destroy(meter);
}

SUITE_MAIN(
    "meter",
    {"Slowdown is response over work", slowdown_is_response_over_work},
    {"Bounded slowdown forgives short processes",
     bounded_slowdown_forgives_short_processes},
    {"Delay is negative on fast machines", delay_is_negative_on_fast_machines},
    {"Fairness is Jain's over mean slowdowns",
     fairness_is_jains_over_mean_slowdowns},
    {"Every process has one outcome", every_process_has_one_outcome},
    {"Migrations and remote starts are told apart",
     migrations_and_remote_starts_are_told_apart},
    {"A useless migration stays shorter than it took",
     a_useless_migration_stays_shorter_than_it_took},
    {"An end before the news of the move is useless",
     an_end_before_the_news_of_the_move_is_useless},
    {"A ping-pong goes back where it came from",
     a_ping_pong_goes_back_where_it_came_from},
    {"Information age counts every entry alike",
     information_age_counts_every_entry_alike},
    {"Tallies are summed over nodes", tallies_are_summed_over_nodes},
    {"Sums do not overflow", sums_do_not_overflow},
    {"A move ends the freeze at its source alone",
     a_move_ends_the_freeze_at_its_source_alone},
    {"time in freeze space ends with a thaw or an outcome",
     time_in_freeze_space_ends_with_a_thaw_or_an_outcome},
    {"An empty run measures nothing", an_empty_run_measures_nothing},
    {"Contradictions are refused and change nothing",
     contradictions_are_refused_and_change_nothing},
    {"Size classes divide the processes", size_classes_divide_the_processes},
    {"The bound is that of the arrivals", the_bound_is_that_of_the_arrivals},
    {"Many processes keep apart", many_processes_keep_apart})
