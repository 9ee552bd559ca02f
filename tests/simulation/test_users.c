/* What users want of their jobs: dates by hand. */
#include "two.h"

/* Offer and answer, the image, the claim: MOVED is written when the home, which
 * is the source, hears the claim. */
static void a_job_goes_where_its_user_sends_it(void)
{
    struct story *s =
        story(TWO ONE_JOB "events:\n  - {at: 1 s, move: 0, to: 1}\n", 1);
    double moved = 1 + 2 * WAY_S + CARRY_S + WAY_S;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_MOVED, 0), moved, 3 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 0)->peer, 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_OWNER, 0)->node, 0);
    CU_ASSERT_EQUAL(nth(s, RECORD_OWNER, 0)->values[OWNER_CLUSTER], 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_OWNER, 0)->values[OWNER_WISH], WISH_MOVE);
    free(s);
}

/* The home asks node 1 for it; the image is the home's at once when it comes.
 */
static void and_comes_home_again(void)
{
    struct story *s = story(TWO ONE_JOB
                            "events:\n  - {at: 1 s, move: 0, to: 1}"
                            "\n  - {at: 10 s, move: 0, to: home}\n",
                            1);
    double home = 10 + WAY_S + 2 * WAY_S + CARRY_S;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, 2), home, 3 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, 2)->node, 0);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 0);
    free(s);
}

/* Three jobs at a; balance_mosix moves some to the idle node within seconds. */
#define THREE_JOBS                                               \
    "workload:\n  batch: {count: 3, cpu: 40 s, memory: 10 MiB, " \
    "home: 0}\n"

static void a_locked_job_stays(void)
{
    struct story *s = story(
        TWO THREE_JOBS "events:\n  - {at: 0 s, lock: [0, 1]}\n" BALANCE, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT_EQUAL(number_of(nth(s, RECORD_MOVED, 0)), 3);
    free(s);
}

/* It has run 5 s; reading takes 2 s. */
static void a_user_stops_and_goes_on(void)
{
    struct story *s = story(TWO ONE_JOB
                            "events:\n  - {at: 5 s, freeze: 0}\n  - "
                            "{at: 20 s, thaw: 0}\n" SPACE,
                            1);
    CU_ASSERT_EQUAL(nth(s, RECORD_FREEZE, 0)->values[FREEZE_BY],
                    FREEZE_BY_USER);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_FREEZE, 0), 5, US / 2);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 20 + 2 + 35, 2 * US);
    free(s);
}

/* It is at b when its user stops it: it comes home, does not run there, and is
 * written to disk; thawed it is read again. */
static void what_is_away_comes_home_and_is_frozen(void)
{
    struct story *s = story(
        TWO AT_B "  - {at: 10 s, freeze: 0}\n  - {at: 30 s, thaw: 0}\n" SPACE,
        1);
    const struct record *freeze = nth(s, RECORD_FREEZE, 0);
    CU_ASSERT_EQUAL(freeze->node, 0);
    CU_ASSERT_EQUAL(freeze->values[FREEZE_ARRIVED], 1);
    CU_ASSERT_DOUBLE_EQUAL((double)freeze->at_us * US, 10 + 3 * WAY_S + CARRY_S,
                           4 * DATAGRAM_S);
    double done = 10 + 3 * WAY_S - STOPPED_S;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 30 + 2 + 40 - done,
                           8 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 0);
    free(s);
}

/* Thawed at 10 s it is read until 12 s, and its user sends it to b meanwhile:
 * the disk reads it once more for that, until 14 s. It runs at b when that node
 * has asked its home. */
static void what_is_being_thawed_is_carried_from_disk(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 5 s, freeze: 0}\n  - {at: 10 s, thaw: 0}"
              "\n  - {at: 10.5 s, move: 0, to: 1}\n" SPACE,
              1);
    double runs = 14 + CARRY_S + 2 * WAY_S;
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_RUN, 1), runs, 4 * DATAGRAM_S);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), runs + 35, 4 * DATAGRAM_S);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 1);
    free(s);
}

/* Two come home at once, one may arrive each 10 s: the second arrives frozen,
 * and is thawed by the node when the next may. */
static void a_flood_arrives_frozen(void)
{
    struct story *s = story(
        TWO
        "workload:\n  batch: {count: 2, cpu: 40 s, memory: 100 MiB, home: "
        "0}\nevents:\n  - {at: 1 s, move: [0, 1], to: 1}\n  - {at: 10 s, "
        "bring: a}\nfreeze: {space: 1 GB, disk: 50 MiB/s, flood: {burst: "
        "1, rate: 0.1 /s}}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FREEZE), 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_FREEZE, 0)->values[FREEZE_ARRIVED], 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_FREEZE, 0)->node, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_THAW), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 2);
    free(s);
}

#define QUEUE                                                          \
    HEAD "clusters:\n  a: {nodes: 1}\nworkload:\n  batch: {count: 4, " \
         "cpu: 10 s, home: 0}\npolicies: [queue_fifo]\n"

/* Numbers of the processes in the order of their ends, from 1. */
static void expect_order(const char *events, const char *order)
{
    char text[2048];
    snprintf(text, sizeof text, QUEUE "events:\n%s", events);
    struct story *s = story(text, 1);
    char found[16] = "";
    for (size_t i = 0; i < story_count(s, RECORD_ENDED); i++)
        found[i] = (char)('0' + number_of(nth(s, RECORD_ENDED, i)));
    CU_ASSERT_STRING_EQUAL(found, order);
    free(s);
}

static void who_came_first_starts_first(void)
{
    expect_order("  - {at: 1 s, lock: 0}\n", "1234");
}

static void an_advanced_job_starts_next(void)
{
    expect_order("  - {at: 1 s, advance: 3}\n", "1423");
    expect_order("  - {at: 1 s, advance: 2}\n  - {at: 2 s, advance: 3}\n",
                 "1432");
    expect_order("  - {at: 1 s, advance: [2, 3]}\n", "1342");
}

static void a_retarded_job_starts_last(void)
{
    expect_order("  - {at: 1 s, retard: 1}\n", "1342");
}

static void a_better_priority_starts_before_rank(void)
{
    expect_order(
        "  - {at: 0 s, priority: [0, 3], to: 50}\n  - {at: 1 s, "
        "advance: 1}\n  - {at: 1 s, priority: 3, to: 40}\n",
        "1423");
}

static void a_held_job_waits_until_it_is_released(void)
{
    expect_order("  - {at: 0 s, hold: 1}\n  - {at: 15 s, release: 1}\n",
                 "1324");
}

SUITE_MAIN("users",
           {"a job goes where its user sends it",
            a_job_goes_where_its_user_sends_it},
           {"and comes home again", and_comes_home_again},
           {"a locked job stays", a_locked_job_stays},
           {"a user stops and goes on", a_user_stops_and_goes_on},
           {"what is away comes home and is frozen",
            what_is_away_comes_home_and_is_frozen},
           {"what is being thawed is carried from disk",
            what_is_being_thawed_is_carried_from_disk},
           {"a flood arrives frozen", a_flood_arrives_frozen},
           {"who came first starts first", who_came_first_starts_first},
           {"an advanced job starts next", an_advanced_job_starts_next},
           {"a retarded job starts last", a_retarded_job_starts_last},
           {"a better priority starts before rank",
            a_better_priority_starts_before_rank},
           {"a held job waits until it is released",
            a_held_job_waits_until_it_is_released})
