/* What owners want of their nodes, and when it is done: dates by hand. */
#include "two.h"

/* Three jobs at a; balance_mosix moves some to the idle node within seconds. */
#define THREE_JOBS                                               \
    "workload:\n  batch: {count: 3, cpu: 40 s, memory: 10 MiB, " \
    "home: 0}\n"

/* Gossip tells the home within seconds that b is open again. */
static void a_blocked_node_lets_no_guest_in(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 1 s, block: b}\n  - {at: 2 s, move: 0, "
              "to: 1}\n  - {at: 3 s, unblock: b}\n  - {at: 13 s, move: "
              "0, to: 1}\n" USHER,
              1);
    CU_ASSERT_EQUAL(refusals(s), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT(date(s, RECORD_MOVED, 0) > 13);
    free(s);
}

/* The guest leaves after a sample of at most a second; the node is down when it
 * has heard that the process runs at home. It is back at 20 s. */
static void a_node_goes_down_when_it_is_empty(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 1 s, move: 0, to: 1}\n  - {at: 5 s, "
              "leave: b}\n  - {at: 20 s, return: b}\n" USHER,
              1);
    double down = date(s, RECORD_DOWN, 0);
    CU_ASSERT(down > 5 + CARRY_S);
    CU_ASSERT(down < 6 + CARRY_S + 5 * WAY_S);
    CU_ASSERT_DOUBLE_EQUAL(down, date(s, RECORD_MOVED, 1), US / 2);
    CU_ASSERT_EQUAL(nth(s, RECORD_DOWN, 0)->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_UP, 0), 20, US / 2);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    free(s);
}

/* Capacity is what there was: node 1 is down from 5 s on. */
static void a_node_that_is_down_has_no_capacity(void)
{
    struct story *s =
        story(TWO ONE_JOB "events:\n  - {at: 5 s, leave: b}\n", 1);
    const struct record *tally = nth(s, RECORD_TALLY, 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 40, US);
    CU_ASSERT_EQUAL(tally->node, 1);
    CU_ASSERT_EQUAL(tally->values[TALLY_CAPACITY_US], 5000000);
    free(s);
}

/* Its job of 40 s would end at 40 s; it has until 10 s. */
static void at_the_deadline_its_own_die_with_it(void)
{
    struct story *s = story(TWO ONE_JOB
                            "events:\n  - {at: 5 s, leave: a, "
                            "deadline: 5 s, then: kill}\n",
                            1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_DOWN, 0), 10, US / 2);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_KILLED, 0), 10, US / 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 0);
    free(s);
}

static void what_is_left_there_may_take_its_time(void)
{
    struct story *s = story(
        TWO ONE_JOB "events:\n  - {at: 5 s, leave: a, deadline: 5 s}\n", 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 40, US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    free(s);
}

/* Two jobs of home 0; the second is to begin at 10 s and waits until 20 s. */
static void jobs_wait_for_a_home_that_is_down(void)
{
    struct story *s =
        story(TWO
              "workload:\n  - batch: {count: 1, cpu: 1 s, home: 0}\n  - batch: "
              "{count: 1, cpu: 1 s, at: 10 s, home: 0}\nevents:\n  - {at: 5 s, "
              "leave: a}\n  - {at: 20 s, return: a}\n",
              1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_DOWN, 0), 5, US / 2);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_SUBMIT, 1), 20, US / 2);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), 21, 2 * US);
    free(s);
}

/* Its own job keeps it until 40 s; meanwhile its owner thinks better of it. */
static void who_expels_after_all_does_not_leave(void)
{
    struct story *s = story(
        TWO
        "workload:\n  - batch: {count: 1, cpu: 40 s, home: 0}\n  - batch: "
        "{count: 1, cpu: 1 s, at: 50 s, home: 0}\nevents:\n  - {at: 5 s, "
        "leave: a}\n  - {at: 6 s, expel: a}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_DOWN), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_SUBMIT), 2);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_SUBMIT, 1), 50, US);
    free(s);
}

/* If it never comes back there is nothing to wait for: at 5 s the other job has
 * ended, and so does the run, long before 300 s. */
static void a_run_does_not_wait_for_who_never_returns(void)
{
    struct story *s =
        story(TWO
              "workload:\n  - batch: {count: 1, cpu: 1 s, home: 0}\n  - batch: "
              "{count: 1, cpu: 1 s, at: 10 s, home: 0}\nevents:\n  - {at: 5 s, "
              "leave: a}\n" USHER,
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_SUBMIT), 1);
    CU_ASSERT_EQUAL(s->result.gone_count, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    free(s);
}

/* Nor for what goes on for ever and brings nobody up. */
static void a_run_does_not_wait_for_what_brings_nobody_up(void)
{
    struct story *s = story(
        "vencejo: 1\nname: two\nuntil: 10 h\nclusters:\n  a: {nodes: 1}\n  b: "
        "{nodes: 1}\nwan:\n" LINE("a", "b")
        "workload:\n  - batch: {count: 1, cpu: 1 s, home: 0}\n  - batch: "
        "{count: 1, cpu: 1 s, at: 10 s, home: 0}\nevents:\n  - {at: 5 s, "
        "leave: a}\n  - {at: 1 h, every: 1 h, block: b}\n  - {random: {do: "
        "block, nodes: b, after: 1 h, for: 1 h}}\n" USHER,
        1);
    CU_ASSERT_EQUAL(s->result.gone_count, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_OWNER), 1);
    free(s);
}

static void a_node_reboots_every_night(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 5 s, leave: b, every: 10 s, times: 3}\n"
              "  - {at: 6 s, return: b, every: 10 s}\n",
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_DOWN), 3);
    CU_ASSERT_EQUAL(story_count(s, RECORD_UP), 3);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_DOWN, i), 5 + 10.0 * (double)i,
                               US / 2);
        CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_UP, i), 6 + 10.0 * (double)i,
                               US / 2);
    }
    free(s);
}

/* Of b's two nodes the second, node 2, is not there before its cluster grows.
 */
#define GROWING                                                    \
    HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 2, later: 1}\n" \
         "wan:\n" LINE("a", "b")

static void a_cluster_grows(void)
{
    struct story *s = story(
        GROWING ONE_JOB
        "events:\n  - {at: 5 s, move: 0, to: 2}\n  - {at: 10 s, grow: b, by: "
        "1}\n  - {at: 11 s, move: 0, to: 2}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_UP), 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_UP, 0)->node, 2);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_UP, 0), 10, US / 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_DENIED), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 2);
    free(s);
}

static void nobody_is_at_home_on_a_node_that_is_to_come(void)
{
    struct story *s =
        story(GROWING
              "workload:\n  batch: {count: 4, cpu: 1 s, home: round-robin}\n"
              "events:\n  - {at: 100 s, grow: b, by: 1}\n",
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 4);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(nth(s, RECORD_SUBMIT, i)->node, i % 2);
    free(s);
}

static void nothing_leaves_a_node_by_itself_that_says_stay(void)
{
    struct story *s = story(TWO THREE_JOBS
                            "events:\n  - {at: 0 s, stay: a}\n  - {at: 20 s, "
                            "nostay: a}\n" BALANCE,
                            1);
    CU_ASSERT(story_count(s, RECORD_MOVED) > 0);
    CU_ASSERT(date(s, RECORD_MOVED, 0) > 20);
    CU_ASSERT(date(s, RECORD_MOVED, 0) < 30);
    free(s);
}

static void its_own_do_not_leave_a_node_that_says_lstay(void)
{
    struct story *s = story(TWO THREE_JOBS
                            "events:\n  - {at: 0 s, lstay: a}\n  - {at: 20 s, "
                            "nolstay: a}\n" BALANCE,
                            1);
    CU_ASSERT(date(s, RECORD_MOVED, 0) > 20);
    free(s);
}

/* Guests: 0 is heard with the next sample, at most a second later. */
static void another_limit_of_guests_drives_them_out(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 1 s, move: 0, to: 1}\n  - {at: 5 s, "
              "guests: b, to: 0}\n  - {at: 10 s, move: 0, to: 1}\n"
              "  - {at: 11 s, guests: b, to: 1}\n  - {at: 13 s, move: 0,"
              " to: 1}\n" USHER,
              1);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->node, 1);
    CU_ASSERT(date(s, RECORD_MOVED, 1) > 5 + CARRY_S);
    CU_ASSERT(date(s, RECORD_MOVED, 1) < 6 + CARRY_S + 5 * WAY_S);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 3);
    CU_ASSERT(date(s, RECORD_MOVED, 2) > 13);
    free(s);
}

/* Node 1 is kept for c from 5 to 15 s: a's guest goes, c's come. */
static void a_reserved_node_is_for_its_group(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\n  c: {nodes: 1}\n"
             "wan:\n" LINE("a", "b") LINE("b", "c")
        "workload:\n  - batch: {count: 1, cpu: 40 s, home: 0}\n  - batch: "
        "{count: 1, cpu: 40 s, home: 2}\nevents:\n  - {at: 1 s, move: 0, to: 1}"
        "\n  - {at: 5 s, reserve: b, for: c}\n  - {at: 10 s, move: 0, to: 1}\n"
        "  - {at: 12 s, move: 1, to: 1}\n  - {at: 15 s, unreserve: b}\n  - "
        "{at: 25 s, move: 0, to: 1}\n" USHER,
        1);
    CU_ASSERT_EQUAL(refusals(s), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 4);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->node, 1);
    CU_ASSERT(date(s, RECORD_MOVED, 1) < 7);
    CU_ASSERT_EQUAL(number_of(nth(s, RECORD_MOVED, 2)), 2);
    CU_ASSERT(date(s, RECORD_MOVED, 3) > 25);
    free(s);
}

/* One core, and a job of its own from 10 s on: the guest leaves for it. */
static void owner_first_drives_the_guest_out(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1, owner-first: true}\n"
             "wan:\n" LINE("a", "b")
        "workload:\n  - batch: {count: 1, cpu: 40 s, home: 0}\n  - batch: "
        "{count: 1, cpu: 40 s, at: 10 s, home: 1}\nevents:\n  - {at: 1 s, "
        "move: 0, to: 1}\n" USHER,
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 2);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->node, 1);
    CU_ASSERT(date(s, RECORD_MOVED, 1) > 10);
    CU_ASSERT(date(s, RECORD_MOVED, 1) < 12);
    free(s);
}

SUITE_MAIN(
    "owners of nodes",
    {"a blocked node lets no guest in", a_blocked_node_lets_no_guest_in},
    {"a node goes down when it is empty", a_node_goes_down_when_it_is_empty},
    {"a node that is down has no capacity",
     a_node_that_is_down_has_no_capacity},
    {"at the deadline its own die with it",
     at_the_deadline_its_own_die_with_it},
    {"what is left there may take its time",
     what_is_left_there_may_take_its_time},
    {"jobs wait for a home that is down", jobs_wait_for_a_home_that_is_down},
    {"who expels after all does not leave",
     who_expels_after_all_does_not_leave},
    {"a run does not wait for who never returns",
     a_run_does_not_wait_for_who_never_returns},
    {"a run does not wait for what brings nobody up",
     a_run_does_not_wait_for_what_brings_nobody_up},
    {"a node reboots every night", a_node_reboots_every_night},
    {"a cluster grows", a_cluster_grows},
    {"nobody is at home on a node that is to come",
     nobody_is_at_home_on_a_node_that_is_to_come},
    {"nothing leaves a node by itself that says stay",
     nothing_leaves_a_node_by_itself_that_says_stay},
    {"its own do not leave a node that says lstay",
     its_own_do_not_leave_a_node_that_says_lstay},
    {"another limit of guests drives them out",
     another_limit_of_guests_drives_them_out},
    {"a reserved node is for its group", a_reserved_node_is_for_its_group},
    {"owner first drives the guest out", owner_first_drives_the_guest_out})
