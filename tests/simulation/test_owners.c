/* What owners and users want, and when it is done: dates reckoned by hand. */
#include <math.h>

#include "scenarios/grid.h"
#include "story.h"

/* A job of 100 MiB at home on node 0 of a; node 1 is b. */
#define TWO                                                                   \
    "vencejo: 1\nname: owners\nseed: 1\nuntil: 300 s\nclusters:\n  a: "       \
    "{nodes: "                                                                \
    "1, memory: 1 GiB}\n  b: {nodes: 1, memory: 1 GiB}\nwan:\n  - {between: " \
    "[a, b], bandwidth: 1 Gbps, latency: 1 ms}\nmigration: {mode: stop, "     \
    "fixed: 10 ms}\n"
#define ONE_JOB                                                   \
    "workload:\n  batch: {count: 1, cpu: 40 s, memory: 100 MiB, " \
    "home: 0}\n"
#define USHER "policies: [gossip_vector, usher_mosix]\n"

/* Way from node to node: two links of 50 us and the line between. */
#define WAY_S 0.0011
#define CARRY_S (WAY_S + 100.0 * 1048576 / 125e6 + 0.01)
#define US 1e-6

/* The n-th record of that kind, from 0; fails the test if there is none. */
static const struct record *nth(const struct story *s,
                                enum record_kind kind,
                                size_t n)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == kind && n-- == 0)
            return &s->records[i];
    CU_FAIL_FATAL("no such record");
    return NULL;
}

static double date(const struct story *s, enum record_kind kind, size_t n)
{
    return (double)nth(s, kind, n)->at_us * US;
}

/* Datagrams are small, but take bandwidth: less than that for each. */
#define DATAGRAM_S 20e-6

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

/* Gossip tells the home within seconds that b is open again. */
static void a_blocked_node_lets_no_guest_in(void)
{
    struct story *s =
        story(TWO ONE_JOB
              "events:\n  - {at: 1 s, block: b}\n  - {at: 2 s, move: 0, "
              "to: 1}\n  - {at: 3 s, unblock: b}\n  - {at: 13 s, move: "
              "0, to: 1}\n" USHER,
              1);
    CU_ASSERT_EQUAL(
        story_count(s, RECORD_REFUSED) + story_count(s, RECORD_DENIED), 1);
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

/* Of b's two nodes the second, node 2, is not there before 10 s. */
#define GROWING                                                           \
    "vencejo: 1\nname: owners\nseed: 1\nuntil: 300 s\nclusters:\n  a: "   \
    "{nodes: 1}\n  b: {nodes: 2, later: 1}\nwan:\n  - {between: [a, b], " \
    "bandwidth: 1 Gbps, latency: 1 ms}\n"

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

/* Three jobs at a; balance_mosix moves some to the idle node within seconds. */
#define THREE_JOBS                                               \
    "workload:\n  batch: {count: 3, cpu: 40 s, memory: 10 MiB, " \
    "home: 0}\n"
#define BALANCE "policies: [gossip_vector, balance_mosix]\n"

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

static void a_locked_job_stays(void)
{
    struct story *s = story(
        TWO THREE_JOBS "events:\n  - {at: 0 s, lock: [0, 1]}\n" BALANCE, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT_EQUAL((uint32_t)nth(s, RECORD_MOVED, 0)->proc, 3);
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

/* Three clusters of one node; c takes one guest, and prefers b's. */
#define THREE                                                                  \
    "vencejo: 1\nname: owners\nseed: 1\nuntil: 300 s\nclusters:\n  a: "        \
    "{nodes: "                                                                 \
    "1}\n  b: {nodes: 1}\n  c: {nodes: 1, guests: 1}\nwan:\n  - {between: [a," \
    " c], bandwidth: 1 Gbps, latency: 1 ms}\n  - {between: [b, c], bandwidth:" \
    " 1 Gbps, latency: 1 ms}\nworkload:\n  - batch: {count: 1, cpu: 40 s, "    \
    "home: 0}\n  - batch: {count: 1, cpu: 40 s, home: 1}\n"

/* At 5 s both are worth the same, and c is full. From 6 s on b's is better: it
 * comes in at 7 s, and a's goes. */
static void a_better_partner_displaces_at_once(void)
{
    struct story *s =
        story(THREE
              "events:\n  - {at: 1 s, move: 0, to: 2}\n  - {at: 5 s, move: 1, "
              "to: 2}\n  - {at: 6 s, partner: c, of: b, priority: 10}\n  - "
              "{at: 7 s, move: 1, to: 2}\n" USHER,
              1);
    CU_ASSERT_EQUAL(
        story_count(s, RECORD_REFUSED) + story_count(s, RECORD_DENIED), 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->peer, 2);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 1)->node, 1);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 2)->node, 2);
    CU_ASSERT_EQUAL((uint32_t)nth(s, RECORD_MOVED, 2)->proc, 1);
    CU_ASSERT(date(s, RECORD_MOVED, 2) < 10);
    free(s);
}

/* c takes nothing of a's, though a's may go there; b's may come. */
static void partners_are_not_symmetric(void)
{
    struct story *s =
        story(THREE
              "partners:\n  c: {a: {take: false}}\nevents:\n  - {at: 1 s, move:"
              " 0, to: 2}\n  - {at: 5 s, move: 1, to: 2}\n",
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT_EQUAL((uint32_t)nth(s, RECORD_MOVED, 0)->proc, 2);
    free(s);
}

/* Two guests of a on b; from 5 s on only one of them may be there. */
static void a_cap_that_falls_drives_one_out(void)
{
    struct story *s = story(
        TWO
        "workload:\n  batch: {count: 2, cpu: 40 s, home: 0}\nevents:\n  - "
        "{at: 1 s, move: [0, 1], to: 1}\n  - {at: 5 s, partner: b, of: a, "
        "cap: 1}\n" USHER,
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 3);
    CU_ASSERT_EQUAL(nth(s, RECORD_MOVED, 2)->node, 1);
    CU_ASSERT(date(s, RECORD_MOVED, 2) > 5);
    CU_ASSERT(date(s, RECORD_MOVED, 2) < 7);
    free(s);
}

/* ---- The queue: four jobs of 10 s on one core. --------------------------- */

#define QUEUE                                                           \
    "vencejo: 1\nname: owners\nseed: 1\nuntil: 300 s\nclusters:\n  a: " \
    "{nodes: 1}\nworkload:\n  batch: {count: 4, cpu: 10 s, home: 0}\n"  \
    "policies: [queue_fifo]\n"

/* Numbers of the processes in the order of their ends, from 1. */
static void expect_order(const char *events, const char *order)
{
    char text[2048];
    snprintf(text, sizeof text, QUEUE "events:\n%s", events);
    struct story *s = story(text, 1);
    char found[16] = "";
    for (size_t i = 0; i < story_count(s, RECORD_ENDED); i++)
        found[i] = (char)('0' + (uint32_t)nth(s, RECORD_ENDED, i)->proc);
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

SUITE_MAIN(
    "owners",
    {"a job goes where its user sends it", a_job_goes_where_its_user_sends_it},
    {"and comes home again", and_comes_home_again},
    {"a blocked node lets no guest in", a_blocked_node_lets_no_guest_in},
    {"a node goes down when it is empty", a_node_goes_down_when_it_is_empty},
    {"a node that is down has no capacity",
     a_node_that_is_down_has_no_capacity},
    {"at the deadline its own die with it",
     at_the_deadline_its_own_die_with_it},
    {"what is left there may take its time",
     what_is_left_there_may_take_its_time},
    {"jobs wait for a home that is down", jobs_wait_for_a_home_that_is_down},
    {"a run does not wait for who never returns",
     a_run_does_not_wait_for_who_never_returns},
    {"a node reboots every night", a_node_reboots_every_night},
    {"a cluster grows", a_cluster_grows},
    {"nobody is at home on a node that is to come",
     nobody_is_at_home_on_a_node_that_is_to_come},
    {"nothing leaves a node by itself that says stay",
     nothing_leaves_a_node_by_itself_that_says_stay},
    {"its own do not leave a node that says lstay",
     its_own_do_not_leave_a_node_that_says_lstay},
    {"a locked job stays", a_locked_job_stays},
    {"another limit of guests drives them out",
     another_limit_of_guests_drives_them_out},
    {"a better partner displaces at once", a_better_partner_displaces_at_once},
    {"partners are not symmetric", partners_are_not_symmetric},
    {"a cap that falls drives one out", a_cap_that_falls_drives_one_out},
    {"who came first starts first", who_came_first_starts_first},
    {"an advanced job starts next", an_advanced_job_starts_next},
    {"a retarded job starts last", a_retarded_job_starts_last},
    {"a better priority starts before rank",
     a_better_priority_starts_before_rank},
    {"a held job waits until it is released",
     a_held_job_waits_until_it_is_released})
