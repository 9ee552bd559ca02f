/* test_places.c - metrics of a grid, from journals written by hand: dates are
 * microseconds, and every value is worked out beside them.
 */
#include <errno.h>
#include <math.h>

#include "results/metrics.h"
#include "tests/results/lines.h"

/* Two clusters: nodes 0 and 1, nodes 2 to 4. */
static struct meter *make(void)
{
    static const node_id firsts[] = {0, 2};
    return meter_create(&(struct meter_options){.bound_us = 10000000,
                                                .speed_max = 1,
                                                .pool_speed = 5,
                                                .cluster_firsts = firsts,
                                                .cluster_count = 2,
                                                .node_count = 5});
}

/* One line; the meter's answer. */
static int add(struct meter *meter, const char *text)
{
    char line[LINE_BYTES];
    struct record record = record_of(text, line);
    return meter_add(meter, &record);
}

static struct meter *of(const char *const *lines, size_t count)
{
    struct meter *meter = make();
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(add(meter, lines[i]), 0);
    return meter;
}
#define OF(lines) of(lines, sizeof(lines) / sizeof(lines)[0])

static double value(const struct meter *meter, const char *name)
{
    double values[METRIC_COUNT];
    size_t metric = metric_index(name);
    CU_ASSERT_FATAL(metric < metric_count());
    meter_read(meter, values);
    return values[metric];
}

static bool shown(const struct meter *meter, const char *name)
{
    double values[METRIC_COUNT];
    meter_read(meter, values);
    return metric_shown(metric_index(name), values);
}

#define EXPECT(meter, name, expected) \
    CU_ASSERT_DOUBLE_EQUAL(value(meter, name), expected, 1e-9)

/* Two guests of the second cluster leave the first at 12 s and 15 s; it was
 * isolated at 10 s: 5 s. Node 3 expels its two guests, one of them of its own
 * cluster, at 20 s; the last is over at 21 s: 1 s. */
static void a_place_is_reclaimed_when_its_last_guest_is_gone(void)
{
    static const char *const lines[] = {
        "0|2|submit|1|0|0|0|100000000|1|",
        "0|3|submit|2|0|0|0|100000000|1|",
        "0|0|submit|3|0|0|0|100000000|1|",
        "0|2|run|1|1|",
        "0|3|run|2|1|",
        "0|0|run|3|1|",
        "1000000|2|moved|1|0|1|0|10|5|7|0|",
        "1000000|0|run|1|0|",
        "1000000|3|moved|2|1|1|0|10|5|7|0|",
        "1000000|1|run|2|0|",
        "10000000|-|owner|1|0|isolate",
        "11000000|-|owner|1|0|isolate", /* Said again: since the first. */
        "12000000|0|moved|1|3|2|0|10|5|7|0|",
        "12000000|3|run|1|0|",
        "15000000|1|moved|2|2|2|0|10|5|7|0|",
        "15000000|2|run|2|0|",
        "16000000|-|owner|1|1|rejoin",
        "17000000|0|moved|3|3|1|0|10|5|7|0|",
        "17000000|3|run|3|0|",
        "20000000|3|owner|2|4|expel",
        "20500000|3|moved|3|0|2|0|10|5|7|0|",
        "20500000|0|run|3|0|",
        "21000000|3|killed|1|5|1|its owner's deadline",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "owner_wishes", 4);
    EXPECT(meter, "reclaims", 2);
    EXPECT(meter, "mean_reclaim_s", 3);
    EXPECT(meter, "max_reclaim_s", 5);
    EXPECT(meter, "unfinished_reclaims", 0);
    EXPECT(meter, "killed_by_owner", 1);
    meter_destroy(meter);
}

/* A frozen guest takes nothing from the owner any more. A place without guests
 * has nothing to be reclaimed; what opens again, or goes on to the end of the
 * run, with a guest inside was not reclaimed. */
static void frozen_guests_are_gone_and_waiting_ones_are_not(void)
{
    static const char *const lines[] = {
        "0|2|submit|1|0|0|0|100000000|1|",
        "0|2|run|1|1|",
        "1000000|2|moved|1|0|1|0|10|5|7|0|",
        "1000000|0|run|1|0|",
        "2000000|-|owner|1|0|isolate",
        "5000000|0|freeze|1|4096|0|2|owner: deadline",
        "6000000|-|owner|1|1|rejoin",
        "7000000|0|thaw|1|4096|",
        "8000000|-|owner|2|0|isolate", /* No guest is there. */
        "9000000|-|owner|1|0|isolate",
        "10000000|-|owner|1|1|rejoin", /* In vain. */
        "11000000|0|owner|1|6|leave",  /* To the end. */
        "20000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "reclaims", 3);
    EXPECT(meter, "mean_reclaim_s", 3);
    EXPECT(meter, "max_reclaim_s", 3);
    EXPECT(meter, "unfinished_reclaims", 2);
    EXPECT(meter, "frozen_s", 2);
    EXPECT(meter, "frozen_by_owner_s", 2);
    EXPECT(meter, "frozen_by_policy_s", 0);
    EXPECT(meter, "frozen_by_user_s", 0);
    meter_destroy(meter);
}

/* A node that goes down is empty. */
static void a_crash_empties_a_place(void)
{
    static const char *const lines[] = {
        "0|2|submit|1|0|0|0|100000000|1|",
        "0|2|run|1|1|",
        "1000000|2|moved|1|0|1|0|10|5|7|0|",
        "1000000|0|run|1|0|",
        "2000000|-|owner|1|0|isolate",
        "4500000|0|down|crash",
        "9000000|2|lost|1|0|3000000|silent",
        "14500000|0|up|",
        "14500000|1|down|crash",
        "20000000|0|tally|0|0|0|0|0|0|0|0|",
        "20000000|1|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "mean_reclaim_s", 2.5);
    EXPECT(meter, "unfinished_reclaims", 0);
    EXPECT(meter, "downs", 2);
    /* 10 s and 5.5 s of 2 x 20 s. */
    EXPECT(meter, "availability", 1 - 15.5 / 40);
    EXPECT(meter, "wasted_work_s", 3);
    /* All of its work was done as a guest: after 0 s at home. */
    EXPECT(meter, "foreign_throughput", 3.0 / 20);
    meter_destroy(meter);
}

/* Node 0 has a grid guest from 10 s to 20 s. Of its owner's processes 1 was
 * there before (slowdown 1), 2 during (slowdown 2), 3 after (slowdown 1.5), and
 * 4 only on node 1, where the only guest is from the same cluster (slowdown 3);
 * 6 was away all the time and is neither. */
static void owners_processes_meet_guests_or_not(void)
{
    static const char *const lines[] = {
        "0|2|submit|5|0|0|0|100000000|1|",
        "0|2|run|5|1|",
        "0|0|submit|1|0|0|0|10000000|1|",
        "0|0|run|1|1|",
        "0|0|submit|4|0|0|0|10000000|1|",
        "0|0|moved|4|1|1|1|0|0|7|0|",
        "0|1|run|4|1|",
        "0|0|submit|6|0|0|0|4000000|1|",
        "0|0|moved|6|4|1|1|0|0|7|0|",
        "0|4|run|6|1|",
        "10000000|0|ended|1|10000000|",
        "10000000|2|moved|5|0|1|0|10|5|7|10000000|",
        "10000000|0|run|5|0|",
        "12000000|4|ended|6|4000000|",
        "14000000|0|submit|2|0|0|0|1500000|1|",
        "14000000|0|run|2|1|",
        "17000000|0|ended|2|1500000|",
        "20000000|0|moved|5|2|2|0|10|5|7|16000000|",
        "20000000|2|run|5|0|",
        "20000000|0|submit|3|0|0|0|2000000|1|",
        "20000000|0|run|3|1|",
        "23000000|0|ended|3|2000000|",
        "30000000|1|ended|4|10000000|",
        "40000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "owner_slowdown_with_guests", 2);
    EXPECT(meter, "owner_slowdown_without_guests", (1 + 1.5 + 3) / 3);
    EXPECT(meter, "grid_guests", 2);
    /* 6 s of process 5 on node 0 and 4 s of process 6 on node 4, in 40 s. */
    EXPECT(meter, "foreign_throughput", 10.0 / 40);
    meter_destroy(meter);
}

/* The guest comes while the owner's process runs, and is gone before it ends;
 * then it was not alone, though nobody is there at its begin or end. */
static void a_guest_in_between_is_met(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|10000000|1|",
        "0|0|run|1|1|",
        "0|2|submit|5|0|0|0|100000000|1|",
        "0|2|run|5|1|",
        "1000000|2|moved|5|0|1|0|10|5|7|0|",
        "1000000|0|run|5|0|",
        "2000000|0|killed|5|500000|0|out of memory",
        "40000000|0|ended|1|10000000|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "owner_slowdown_with_guests", 4);
    CU_ASSERT(isnan(value(meter, "owner_slowdown_without_guests")));
    EXPECT(meter, "wasted_work_s", 0.5);
    meter_destroy(meter);
}

/* Waits from submission to first start of 1 to 5 s; the second start of process
 * 1 counts no more. Percentile by type 7: 4 + 0.8 x (5 - 4). */
static void waits_are_from_submission_to_first_start(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|1000000|1|",
        "0|0|held|1|queue_fifo: full",
        "0|0|submit|2|0|0|0|1000000|1|",
        "0|0|held|2|queue_fifo: full",
        "0|0|submit|3|0|0|0|1000000|1|",
        "0|0|held|2|queue_fifo: full",
        "0|0|submit|4|0|0|0|1000000|1|",
        "0|0|submit|5|0|0|0|1000000|1|",
        "0|0|submit|6|0|0|0|1000000|1|",
        "1000000|0|run|1|1|",
        "2000000|0|run|2|1|",
        "3000000|0|run|3|1|",
        "4000000|0|moved|4|1|1|1|0|0|7|0|",
        "4000000|1|run|4|1|",
        "5000000|0|run|5|1|",
        "9000000|0|run|1|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "held_processes", 2);
    EXPECT(meter, "mean_queue_wait_s", 3);
    EXPECT(meter, "p95_queue_wait_s", 4.8);
    EXPECT(meter, "max_queue_wait_s", 5);
    meter_destroy(meter);
}

/* A guest with 2 s of work done has a checkpoint of that, works 3 s more, is
 * lost with its node, begins again with 2 s and ends on a third node: as a
 * guest it has worked for 5 s before and 8 s after. */
static void checkpoints_and_restarts_are_counted(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|10000000|1|",
        "0|0|moved|1|2|1|1|0|0|7|0|",
        "0|2|run|1|1|",
        "2000000|2|checkpoint|1|1000|500000|2000000|",
        "6000000|2|down|crash",
        "7000000|0|restart|1|3000000|2000000|",
        "7000000|0|moved|1|3|2|1|0|0|7|0|",
        "7000000|3|run|1|0|",
        "9000000|3|checkpoint|1|3000|250000|4000000|",
        "15000000|3|ended|1|10000000|",
        "20000000|0|fault|2|cut: the link between lab and field",
        "20000000|0|fault|-|loss: 1 %",
        "21000000|-|owner|2|0|isolate", /* No guest is left, nor fewer. */
        "26000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "checkpoints", 2);
    EXPECT(meter, "checkpoint_bytes", 4000);
    EXPECT(meter, "checkpoint_s", 0.75);
    EXPECT(meter, "restarts", 1);
    EXPECT(meter, "wasted_work_s", 3);
    EXPECT(meter, "foreign_throughput", 13.0 / 26);
    EXPECT(meter, "faults", 2);
    EXPECT(meter, "grid_guests", 1);
    EXPECT(meter, "reclaims", 0);
    meter_destroy(meter);
}

/* The checkpoint of 2 s was lost with the home: 5 s of work are lost, and all
 * 10 s are done again, at home: as a guest 5 s. */
static void a_restart_from_nothing_credits_no_checkpoint(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|10000000|1|",
        "0|0|moved|1|2|1|1|0|0|7|0|",
        "0|2|run|1|1|",
        "2000000|2|checkpoint|1|1000|500000|2000000|",
        "6000000|0|down|crash",
        "7000000|0|up|",
        "7000000|0|restart|1|5000000|0|",
        "7000000|0|run|1|0|",
        "17000000|0|ended|1|10000000|",
        "30000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "wasted_work_s", 5);
    EXPECT(meter, "foreign_throughput", 5.0 / 30);
    meter_destroy(meter);
}

static void discovery_is_from_up_to_known(void)
{
    static const char *const lines[] = {
        "1000000|0|known|1000000|",
        "3000000|1|known|3000000|",
        "9000000|2|known|2000000|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "discoveries", 3);
    EXPECT(meter, "mean_discovery_s", 2);
    EXPECT(meter, "max_discovery_s", 3);
    meter_destroy(meter);
}

/* A source that dies between handing over and hearing of it leaves no `moved`:
 * the process is where it runs. */
static void a_process_is_where_it_runs(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|10000000|1|",
        "0|0|run|1|1|",
        "1000000|2|run|1|0|",
        "2000000|0|down|crash",
        "3000000|-|owner|2|0|isolate",
        "5000000|2|ended|1|10000000|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "grid_guests", 1);
    EXPECT(meter, "mean_reclaim_s", 2);
    meter_destroy(meter);
}

/* The news of a move may come after the process runs at its target, or after it
 * has left that too. */
static void late_news_of_a_move_moves_nothing(void)
{
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|90000000|1|",
        "0|0|run|1|1|",
        "2000000|2|run|1|0|",
        "2000100|0|moved|1|2|1|0|10|5|7|2000000|",
        "6000000|-|owner|2|0|isolate",
        "9000000|1|run|1|0|",
        "9000100|2|moved|1|1|2|0|10|5|7|6000000|",
        /* A host that knows less than before takes nothing back. */
        "9500000|2|moved|1|3|3|0|10|5|7|5000000|",
        "10000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    EXPECT(meter, "mean_reclaim_s", 3);
    EXPECT(meter, "foreign_throughput", 4.0 / 10);
    meter_destroy(meter);
}

static void what_was_not_there_is_not_shown(void)
{
    static const char *const hidden[] = {"freezes",
                                         "frozen_s",
                                         "held_processes",
                                         "mean_queue_wait_s",
                                         "grid_guests",
                                         "foreign_throughput",
                                         "owner_slowdown_without_guests",
                                         "owner_wishes",
                                         "mean_reclaim_s",
                                         "killed_by_owner",
                                         "faults",
                                         "downs",
                                         "availability",
                                         "mean_discovery_s",
                                         "checkpoints",
                                         "restarts",
                                         "wasted_work_s"};
    static const char *const lines[] = {
        "0|0|submit|1|0|0|0|10000000|1|",
        "0|0|run|1|1|",
        "1000000|0|ended|1|10000000|",
        "1000000|0|tally|0|0|0|0|0|0|0|0|",
    };
    struct meter *meter = OF(lines);
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (shown(meter, hidden[i])) {
            printf("\n    %s is shown", hidden[i]);
            CU_FAIL("a metric of what was not there");
        }
    CU_ASSERT_TRUE(shown(meter, "mean_slowdown"));
    CU_ASSERT_TRUE(shown(meter, "migrations"));
    CU_ASSERT_EQUAL(add(meter, "2000000|0|submit|2|0|0|0|1000|1|"), 0);
    CU_ASSERT_EQUAL(add(meter, "2000000|0|held|2|"), 0);
    CU_ASSERT_TRUE(shown(meter, "mean_queue_wait_s"));
    meter_destroy(meter);
}

static void records_of_places_that_are_not_are_refused(void)
{
    struct meter *meter = make();
    CU_ASSERT_EQUAL(add(meter, "5|0|submit|1|0|0|0|1000|1|"), 0);
    CU_ASSERT_EQUAL(add(meter, "5|5|run|1|1|"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|-|run|1|1|"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|0|moved|1|5|1|0|1|1|1|1|"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|0|owner|0|0|isolate"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|0|owner|3|0|isolate"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|7|down|"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|0|freeze|1|0|0|3|"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "5|0|restart|2|0|0|"), -EINVAL);
    CU_ASSERT_EQUAL(add(meter, "4|0|run|1|1|"), -EINVAL);
    EXPECT(meter, "freezes", 0);
    EXPECT(meter, "restarts", 0);
    EXPECT(meter, "owner_wishes", 0);
    meter_destroy(meter);
}

SUITE_MAIN("places",
           {"A place is reclaimed when its last guest is gone",
            a_place_is_reclaimed_when_its_last_guest_is_gone},
           {"Frozen guests are gone and waiting ones are not",
            frozen_guests_are_gone_and_waiting_ones_are_not},
           {"A crash empties a place", a_crash_empties_a_place},
           {"Owners' processes meet guests or not",
            owners_processes_meet_guests_or_not},
           {"A guest in between is met", a_guest_in_between_is_met},
           {"Waits are from submission to first start",
            waits_are_from_submission_to_first_start},
           {"A restart from nothing credits no checkpoint",
            a_restart_from_nothing_credits_no_checkpoint},
           {"Checkpoints and restarts are counted",
            checkpoints_and_restarts_are_counted},
           {"Discovery is from up to known", discovery_is_from_up_to_known},
           {"A process is where it runs", a_process_is_where_it_runs},
           {"Late news of a move moves nothing",
            late_news_of_a_move_moves_nothing},
           {"What was not there is not shown", what_was_not_there_is_not_shown},
           {"Records of places that are not are refused",
            records_of_places_that_are_not_are_refused})
