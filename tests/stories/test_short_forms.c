/* test_short_forms.c - what a user relies on in each story of scenarios/, in
 * its short form. Bounds are from arithmetic, which stands beside them. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/run.h"
#include "tests/suite.h"

static struct run last; /* Too large for a stack. */

/* What a shell prints: one number. */
static double number(const char *command)
{
    run(&last, false, command);
    if (last.exit_code != 0)
        printf("\n%s\n%s", command, last.err);
    CU_ASSERT_EQUAL_FATAL(last.exit_code, 0);
    return strtod(last.out, NULL);
}

/* The metrics of a run; options may be empty. */
static json_t *told(const char *story, const char *options)
{
    char command[1024];
    snprintf(command, sizeof command,
             "\"$SOURCE/tests/stories/run.sh\" %s -i --json %s", story,
             options);
    run(&last, false, command);
    if (last.exit_code != 0)
        printf("\n%s\n%s", command, last.err);
    CU_ASSERT_EQUAL_FATAL(last.exit_code, 0);
    json_t *root = json_loads(last.out, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    return root;
}

static double metric(const json_t *root, const char *name)
{
    const json_t *value =
        json_object_get(json_object_get(root, "metrics"), name);
    if (!json_is_number(value))
        printf("\nno metric %s\n", name);
    CU_ASSERT_FATAL(json_is_number(value));
    return json_number_value(value);
}

/* One number of one run. */
static double only(const char *story, const char *options, const char *name)
{
    json_t *root = told(story, options);
    double value = metric(root, name);
    json_decref(root);
    return value;
}

/* Every process did its work. */
static void nothing_is_missing(const json_t *root)
{
    CU_ASSERT_EQUAL(metric(root, "lost_processes"), 0);
    CU_ASSERT_EQUAL(metric(root, "killed_processes"), 0);
    CU_ASSERT_EQUAL(metric(root, "unfinished_processes"), 0);
}

/* ---- Owners. ------------------------------------------------------------- */

/* Half a second: a question asked before the deadline may go unanswered. */
static const double ANSWER_S = 0.51;

static void disconnect(void)
{
    json_t *root = told("cluster-disconnect", "");
    nothing_is_missing(root);
    CU_ASSERT_EQUAL(metric(root, "reclaims"), 1);
    CU_ASSERT_EQUAL(metric(root, "unfinished_reclaims"), 0);
    CU_ASSERT(metric(root, "max_reclaim_s") <= 120 + ANSWER_S);
    /* Frozen from 22 min until it rejoins at 40, 1080 s, or by then on its way
     * home: eight times 128 MiB at 100 Mbps are 86 s. */
    double freezes = metric(root, "freezes");
    double frozen_s = metric(root, "frozen_s");
    CU_ASSERT(freezes > 0);
    CU_ASSERT(frozen_s >= freezes * (1080 - ANSWER_S));
    CU_ASSERT(frozen_s <= freezes * (1080 + 86));
    CU_ASSERT_EQUAL(metric(root, "frozen_by_owner_s"), frozen_s);
    json_decref(root);
}

static void students(void)
{
    json_t *root = told("student-lab", "");
    CU_ASSERT_EQUAL(metric(root, "lost_processes"), 0);
    CU_ASSERT_EQUAL(metric(root, "killed_processes"), 0);
    CU_ASSERT(metric(root, "reclaims") > 0);
    CU_ASSERT(metric(root, "max_reclaim_s") <= 30 + ANSWER_S);
    CU_ASSERT(metric(root, "mean_response_s") <
              only("student-lab", "--set partners.lab.group.take=no",
                   "mean_response_s"));
    json_decref(root);
}

static void reboot(void)
{
    json_t *root = told("nightly-reboot", "");
    nothing_is_missing(root);
    double downs = metric(root, "downs");
    CU_ASSERT(downs > 0);
    CU_ASSERT(downs <= 30);
    /* Nine minutes at most, each of thirty. */
    double down_share = downs * 540 / (30 * metric(root, "makespan_s"));
    CU_ASSERT(metric(root, "availability") >= 1 - down_share);
    json_decref(root);
}

static void campus(void)
{
    json_t *root = told("campus-grid", "");
    CU_ASSERT_EQUAL(metric(root, "lost_processes"), 0);
    CU_ASSERT_EQUAL(metric(root, "killed_processes"), 0);
    CU_ASSERT_EQUAL(metric(root, "reclaims"), 1);
    CU_ASSERT(metric(root, "max_reclaim_s") <= 120 + ANSWER_S);
    json_decref(root);
}

/* ---- Faults. ------------------------------------------------------------- */

/* 30 processes of 10 min on 12 cores: whoever ended within the first 10 min
 * would have had a core alone and never have been stopped. So all 24 of the
 * dead home are alive then. */
static void home(void)
{
    json_t *root = told("home-death", "");
    nothing_is_missing(root);
    CU_ASSERT_EQUAL(metric(root, "processes"), 30);
    CU_ASSERT_EQUAL(metric(root, "restarts"), 24);
    /* 3 min between checkpoints, and 1 min until guests are given up. */
    CU_ASSERT(metric(root, "wasted_work_s") <= 24 * (180 + 60));
    json_decref(root);
    root = told("home-death", "--set checkpoint.restart-after-home=no");
    CU_ASSERT_EQUAL(metric(root, "processes"), 6);
    CU_ASSERT_EQUAL(
        metric(root, "lost_processes") + metric(root, "killed_processes"), 24);
    json_decref(root);
}

static void partition(void)
{
    json_t *root = told("partition-and-heal", "");
    nothing_is_missing(root);
    CU_ASSERT_EQUAL(metric(root, "faults"), 2); /* Broken and mended. */
    CU_ASSERT(metric(root, "grid_guests") > 0);
    json_decref(root);
}

/* ---- Resources. ---------------------------------------------------------- */

/* Nobody decides: two on each node. Those on the four small nodes are ten times
 * slower besides: (8 x 20 + 24 x 2) / 32. */
static void squeeze(void)
{
    double nobody =
        only("memory-squeeze", "--set 'policies=[]'", "mean_slowdown");
    double load = only("memory-squeeze",
                       "--set 'policies=[gossip_window, balance_mosix]'",
                       "mean_slowdown");
    CU_ASSERT_DOUBLE_EQUAL(nobody, 6.5, 1e-9);
    CU_ASSERT(load < nobody);
    CU_ASSERT(only("memory-squeeze", "", "mean_slowdown") < load);
}

/* An old core that a process has alone gives it a slowdown of 1 / 0.5. */
static void old_and_new(void)
{
    CU_ASSERT(only("slow-and-fast-nodes", "", "mean_slowdown") < 2);
}

/* They come within 6 s, and take 30 s each: what does not wait has one of 256
 * cores, or is one of two of each of 30 users. */
static void storm(void)
{
    json_t *root = told("queue-storm", "");
    nothing_is_missing(root);
    CU_ASSERT_EQUAL(metric(root, "processes"), 3000);
    CU_ASSERT(metric(root, "held_processes") >= 3000 - (64 * 4 + 2 * 30));
    json_decref(root);
}

/* The lecture's own 16 cores cannot be done with the crowd before its work /
 * 16; with the others everything is over by then. */
static void crowd(void)
{
    double work_s = number(
        "d=$(mktemp -d) && \"$SOURCE/tests/stories/run.sh\" flash-crowd "
        "--out $d --journal >/dev/null && zstdcat $d/journal.tsv.zst | "
        "awk -F'\\t' '$3 == \"submit\" && $2 < 8 {s += $8} "
        "END {print s / 1e6}'; rm -r $d");
    json_t *root = told("flash-crowd", "");
    nothing_is_missing(root);
    CU_ASSERT(metric(root, "makespan_s") < work_s / 16);
    json_decref(root);
}

/* 14 calls for each second of CPU, each of them a round trip of 197 ms: 3.8 s
 * for a second, more than three on one core at home. */
static void far_away(void)
{
    double all = only("wan-grid", "", "mean_slowdown");
    double near = only("wan-grid",
                       "--set 'partners={site-a: {site-b: {go: no, take: no}}, "
                       "site-b: {others: {go: no, take: no}}}'",
                       "mean_slowdown");
    CU_ASSERT(near < all);
}

/* As many as the file has in the first six hours. */
static void replay(void)
{
    if (!getenv("VENCEJO_TRACES")) {
        printf("\n    skipped: VENCEJO_TRACES names no folder of traces\n");
        return;
    }
    double rows = number(
        "zstdcat \"$VENCEJO_TRACES/jobs/LCG.swf.zst\" | awk '!/^;/ && "
        "NF {if (!first) first = $2 + 1; if ($2 + 1 - first < 21600) "
        "n++} END {print n}'");
    json_t *root = told("lcg-replay", "");
    CU_ASSERT_EQUAL(
        metric(root, "processes") + metric(root, "unfinished_processes"), rows);
    CU_ASSERT_EQUAL(metric(root, "lost_processes"), 0);
    json_decref(root);
}

SUITE_MAIN(
    "stories",
    {"a cluster that disconnects is empty at its deadline, nothing is lost",
     disconnect},
    {"students have their PCs back in time, the group gains", students},
    {"machines that reboot at night lose nothing", reboot},
    {"a cluster of the campus is empty at its deadline", campus},
    {"processes of a dead home begin again, or die if told so", home},
    {"a partition that heals loses nothing", partition},
    {"ushering beats balancing where memory is short", squeeze},
    {"processes leave old machines for new ones", old_and_new},
    {"a storm of jobs waits in the queue and is done to the last", storm},
    {"a crowd is done sooner than its own machines could", crowd},
    {"who keeps to near sites fares better", far_away},
    {"the trace of the grid is replayed whole", replay})
