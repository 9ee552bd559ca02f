/* What breaks, against dates reckoned by hand. */
#include <math.h>

#include "story.h"

#define HEAD "vencejo: 1\nname: faults\nseed: 1\nuntil: 2 h\n"
#define LAB(nodes)                       \
    "clusters:\n  lab: {nodes: " nodes   \
    ", cores: 1, speed: 1.0, memory: 1 " \
    "GiB, swap: 1 GiB, link: {bandwidth: 1 Gbps, latency: 50 us}}\n"
/* 100 MiB take 83.9 s over their link. */
#define TWO_CLUSTERS                                                         \
    "clusters:\n  a: {nodes: 1, cores: 1, speed: 1.0, memory: 1 GiB, swap: " \
    "1 GiB}\n  b: {nodes: 1, cores: 1, speed: 1.0, memory: 1 GiB, swap: 1 "  \
    "GiB}\nwan:\n  - {between: [a, b], bandwidth: 10 Mbps, latency: 5 ms}\n"
#define SMALL(count, cpu)                              \
    "workload:\n  batch: {count: " count ", cpu: " cpu \
    ", memory: 10 MiB, home: 0}\n"
#define BATCH(count, cpu, more)                        \
    "workload:\n  batch: {count: " count ", cpu: " cpu \
    ", memory: 100 MiB" more "}\n"
#define AT_HOME "policies: [place_home]\n"
#define IN_TURN "policies: [place_round_robin]\n"
#define LIST(entries) "faults:\n  list:\n" entries
#define US 1e-6
#define WORD_S 10.0 /* Between words of guests to their homes (node.h). */

static double cpu_s(const struct record *r)
{
    return (double)r->values[ENDED_CPU_US] * 1e-6;
}

/* ---- Crashes. ------------------------------------------------------------ */

static void a_crash_takes_what_is_there_and_no_more(void)
{
    struct story *s =
        story(HEAD LAB("2") BATCH("2", "10 s", "")
                  AT_HOME LIST("    - {at: 4 s, crash: 1, for: 5 s}\n"),
              1);
    const struct record *killed = story_nth(s, RECORD_KILLED, 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_DOWN, 0), 4, US / 2);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_DOWN, 0)->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_KILLED, 0), 4, US / 2);
    CU_ASSERT_EQUAL(killed->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(cpu_s(killed), 4, US / 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 10, US);
    free(s);
}

static void a_node_is_up_when_it_is_repaired(void)
{
    struct story *s =
        story(HEAD LAB("1") BATCH("1", "10 s", ", at: 6 s")
                  AT_HOME LIST("    - {at: 4 s, crash: lab, for: 5 s}\n"),
              1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_UP, 0), 9, US / 2);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_SUBMIT, 0), 9, US / 2);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 19, US);
    free(s);
}

static void of_two_reasons_the_later_end_counts(void)
{
    struct story *s = story(
        HEAD LAB("1") BATCH("1", "1 s", ", at: 20 s")
            AT_HOME LIST("    - {at: 4 s, crash: 0, for: 5 s}\n    - {at: 6 s, "
                         "crash: 0, for: 10 s}\n"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_DOWN), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_UP), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_UP, 0), 16, US / 2);
    free(s);
}

/* Node 1 knows nothing any more when the home asks, which it does when it has
 * heard nothing for three words; node 2 is not concerned. */
static void a_home_loses_what_was_on_a_crashed_node(void)
{
    struct story *s =
        story(HEAD LAB("3") BATCH("3", "200 s", ", home: 0")
                  IN_TURN LIST("    - {at: 5 s, crash: 1, for: 1 s}\n"),
              1);
    const struct record *lost = story_nth(s, RECORD_LOST, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 1);
    CU_ASSERT_EQUAL(lost->node, 0);
    CU_ASSERT_EQUAL(lost->peer, 1);
    CU_ASSERT_DOUBLE_EQUAL(cpu_s(lost), 5, 0.1); /* It started when it came. */
    CU_ASSERT(story_date(s, RECORD_LOST, 0) > 5);
    CU_ASSERT(story_date(s, RECORD_LOST, 0) < 5 + 4 * WORD_S);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    free(s);
}

/* One is killed at its home; its guest elsewhere runs on until it says its word
 * to the home that has come up, and does not know it. */
static void guests_of_a_dead_home_die_when_they_hear(void)
{
    struct story *s =
        story(HEAD LAB("2") BATCH("2", "200 s", ", home: 0")
                  IN_TURN LIST("    - {at: 5 s, crash: 0, for: 10 s}\n"),
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 0);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_KILLED, 0)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_KILLED, 0), 5, US);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_KILLED, 1)->node, 1);
    CU_ASSERT(story_date(s, RECORD_KILLED, 1) > 15);
    CU_ASSERT(story_date(s, RECORD_KILLED, 1) < 15 + WORD_S + 1);
    free(s);
}

/* The home stays silent for good: its guest is dropped after 30 s without an
 * answer, which it missed first within a word of the crash. */
static void guests_of_a_silent_home_are_dropped(void)
{
    struct story *s =
        story(HEAD LAB("2") BATCH("2", "200 s", ", home: 0") IN_TURN
              "faults:\n  home-lost-after: 30 s\n  list:\n    - {at: 5 s, "
              "crash: 0}\n",
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 2);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_KILLED, 1)->node, 1);
    CU_ASSERT(story_date(s, RECORD_KILLED, 1) > 5 + 30 - WORD_S);
    CU_ASSERT(story_date(s, RECORD_KILLED, 1) < 5 + 30 + 4 * WORD_S);
    free(s);
}

/* Its owner has taken node 1 out when the first crash comes, which breaks
 * nothing then, and mends nothing when it is over at 12 s. */
static void a_crash_that_broke_nothing_mends_nothing(void)
{
    struct story *s = story(
        HEAD LAB("2") BATCH("1", "1 s", ", at: 200 s, home: 0")
            AT_HOME LIST("    - {at: 2 s, crash: 1, for: 10 s}\n    - {at: 6 "
                         "s, crash: 1, for: 100 s}\n")
        "events:\n  - {at: 1 s, leave: 1}\n  - {at: 5 s, return: 1}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_UP), 2);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_UP, 0), 5, US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_UP, 1), 106, US);
    free(s);
}

/* Node 2 has the state of the process, and asks its home, half a second away,
 * who owns it, when node 1 dies with all pages. */
static void who_has_no_pages_yet_dies_with_its_source(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 2}\nwan:\n  - "
             "{between: [a, b], bandwidth: 1 Gbps, latency: 500 ms}\n"
             "process: {calls: 0 /s}\n" SMALL("1", "100 s")
        "policies: [gossip_window]\nmigration: {mode: postcopy, fixed: 0 s, "
        "state: 1 kB}\nevents:\n  - {at: 1 s, move: 0, to: 1}\n  - {at: 40 s, "
        "move: 0, to: 2}\n" LIST("    - {at: 41.2 s, crash: 1, for: 10 s}\n"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_LOST, 0)->node, 2);
    CU_ASSERT_EQUAL(s->result.gone_count, 1);
    free(s);
}

/* The user is at the home, in a; the process and the node it is to go to are
 * in b, and no word comes there. */
static void an_order_does_not_pass_a_cut(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 2}\nwan:\n  - "
             "{between: [a, b], bandwidth: 1 Gbps, latency: 5 ms}\n"
             "process: {calls: 0 /s}\n" SMALL("1", "100 s")
        "policies: [gossip_window]\nevents:\n  - {at: 1 s, move: 0, to: 1}\n  "
        "- {at: 25 s, move: 0, to: 2}\n" LIST("    - {at: 20 s, cut: [a, b], "
                                             "for: 20 s}\n"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 1);
    free(s);
}

static void both_engines_crash_alike(void)
{
    static const char *const engines[] = {"", "engine: simgrid\n"};
    double ends[2];
    for (int i = 0; i < 2; i++) {
        char text[2048];
        snprintf(text, sizeof text,
                 HEAD LAB("2") BATCH("5", "10 s", "")
                     AT_HOME LIST("    - {at: 4 s, crash: 1, for: 5 s}\n") "%s",
                 engines[i]);
        struct story *s = story(text, 1);
        CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 2);
        CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 3);
        ends[i] = story_makespan_s(s);
        free(s);
    }
    CU_ASSERT_DOUBLE_EQUAL(ends[0], 30, US);
    CU_ASSERT_DOUBLE_EQUAL(ends[1], 30, US);
}

/* ---- node_mtbf. ---------------------------------------------------------- */

#define MTBF(more) "faults: {node_mtbf: 100 s, repair: 10 s" more "}\n"

static void all_stacks_meet_the_same_crashes(void)
{
    static const char *const stacks[] = {AT_HOME,
                                         "policies: [gossip_window, "
                                         "balance_mosix]\n"};
    struct story *stories[2];
    for (int i = 0; i < 2; i++) {
        char text[2048];
        snprintf(text, sizeof text,
                 HEAD LAB("4") BATCH("40", "100 s", "") MTBF("") "%s",
                 stacks[i]);
        stories[i] = story(text, 1);
    }
    size_t count = story_count(stories[0], RECORD_DOWN);
    if (story_count(stories[1], RECORD_DOWN) < count)
        count = story_count(stories[1], RECORD_DOWN);
    CU_ASSERT(count > 4);
    for (size_t i = 0; i < count; i++) {
        const struct record *a = story_nth(stories[0], RECORD_DOWN, i);
        const struct record *b = story_nth(stories[1], RECORD_DOWN, i);
        CU_ASSERT_EQUAL(a->node, b->node);
        CU_ASSERT_EQUAL(a->at_us, b->at_us);
    }
    free(stories[0]);
    free(stories[1]);
}

static void homes_of_living_processes_may_be_spared(void)
{
    struct story *s = story(HEAD LAB("2") BATCH("1", "1000 s", ", home: 0")
                                AT_HOME MTBF(", home-crash: no"),
                            1);
    size_t downs = story_count(s, RECORD_DOWN);
    CU_ASSERT(downs > 3);
    for (size_t i = 0; i < downs; i++)
        CU_ASSERT_EQUAL(story_nth(s, RECORD_DOWN, i)->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 1000, US);
    free(s);
}

/* ---- Slow nodes. --------------------------------------------------------- */

/* 2 s of work until 2 s, half of 4 s until 6 s, and 6 s more. */
static void a_slow_node_does_less(void)
{
    struct story *s = story(
        HEAD LAB("1") BATCH("1", "10 s", "")
            AT_HOME LIST("    - {at: 2 s, slow: 0, factor: 0.5, for: 4 s}\n"),
        1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 12, US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FAULT), 2);
    free(s);
}

/* 2 s, 1 s until 4, a quarter of 2 s until 6, 1 s until 8: 4.5 s are done. */
static void reasons_to_be_slow_multiply(void)
{
    struct story *s = story(
        HEAD LAB("1") BATCH("1", "10 s", "")
            AT_HOME LIST("    - {at: 2 s, slow: 0, factor: 0.5, for: 4 s}\n    "
                         "- {at: 4 s, slow: lab, factor: 0.5, for: 4 s}\n"),
        1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 13.5, US);
    free(s);
}

static void simgrid_refuses_slow_nodes(void)
{
    struct story *s = story(
        HEAD LAB("1") BATCH("1", "10 s", "") AT_HOME LIST(
            "    - {at: 2 s, slow: 0, factor: 0.5}\n") "engine: simgrid\n",
        1);
    CU_ASSERT_PTR_NOT_NULL(strstr(s->complaint, "slow"));
    free(s);
}

/* ---- Ways. --------------------------------------------------------------- */

#define MOVE_AT_10_S "events:\n  - {at: 10 s, move: 0, to: 1}\n"

/* It is stopped from 10 s on, and runs on when the link is cut: 20 s later. */
static void check_broken_move(const char *fault)
{
    char text[2048];
    snprintf(
        text, sizeof text,
        HEAD TWO_CLUSTERS BATCH(
            "1", "60 s", ", home: 0") "policies: [gossip_window]\n" MOVE_AT_10_S
            LIST("    - {at: 30 "
                 "s, %s, for: 5 "
                 "s}\n"),
        fault);
    struct story *s = story(text, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_FAILED, 0), 30, US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 80, 0.1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_FAULT), 2);
    free(s);
}

static void a_cut_breaks_what_is_under_way(void)
{
    check_broken_move("cut: [a, b]");
}

static void a_partition_breaks_what_is_under_way(void)
{
    check_broken_move("partition: [[a], [b]]");
}

/* The image comes to b at 94.9 s, and b cannot claim it until 150 s. Its home,
 * which is also where it was, asks itself three times, each 0.5 s and the way
 * there and back, and takes it back: it may run once. */
static void a_partition_that_heals_leaves_one_owner(void)
{
    struct story *s = story(
        HEAD TWO_CLUSTERS BATCH("1", "60 s", ", home: 0")
        "policies: [gossip_window]\nmigration: {fixed: 1 s}\n" MOVE_AT_10_S
            LIST("    - {at: 94.5 s, partition: [[a], [b]], for: 55.5 s}\n"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 94.9 + 2 + 50, 0.6);
    free(s);
}

/* From a to b within 84.9 s of 10 s, and on to c from 100 s. That image is
 * whole at 185 s, when the home cannot be asked: neither b nor c may run it
 * until 240 s. 10 s and 5 s of its 60 s are done. */
static void nobody_runs_it_whose_home_cannot_be_asked(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\n  c: {nodes: 1}\n"
             "process: {calls: 0 /s}\n"
             "wan:\n  - {between: [a, b], bandwidth: 10 Mbps, latency: 5 ms}\n"
             "  - {between: [b, c], bandwidth: 10 Mbps, latency: 5 ms}\n"
             "  - {between: [a, c], bandwidth: 10 Mbps, latency: 5 ms}\n" BATCH(
                 "1", "60 s", ", home: 0") "policies: [gossip_window]\n"
             "migration: {fixed: 1 s}\nevents:\n  - {at: 10 s, move: 0, to: "
             "1}\n  - {at: 100 s, move: 0, to: 2}\n" LIST(
                 "    - {at: 184.5 s, partition: [[a], [b, c]], for: 55.5 "
                 "s}\n"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
    CU_ASSERT(story_date(s, RECORD_ENDED, 0) > 240 + 44.5);
    CU_ASSERT(story_date(s, RECORD_ENDED, 0) < 240 + 45.5 + WORD_S);
    free(s);
}

/* ---- Loss. --------------------------------------------------------------- */

static void all_end_though_a_third_of_the_frames_is_lost(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct story *s = story(HEAD LAB("6") SMALL("60", "20 s")
                                "faults: {loss: 0.3}\npolicies: "
                                "[gossip_window, balance_mosix]\n",
                                seed);
        CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 60);
        CU_ASSERT(story_count(s, RECORD_MOVED) > 10);
        free(s);
    }
}

static void nothing_moves_while_all_frames_are_lost(void)
{
    struct story *s = story(
        HEAD LAB("2")
            BATCH("6", "60 s",
                  ", home: 0") "policies: [gossip_window, "
                               "balance_mosix]\n" LIST("    - {at: 0 s, loss: "
                                                       "1, for: 60 s}\n"),
        1);
    CU_ASSERT(story_count(s, RECORD_MOVED) > 0);
    CU_ASSERT(story_date(s, RECORD_MOVED, 0) > 60);
    free(s);
}

/* The list speaks in place of the base, as long as it lasts. */
static void loss_of_the_list_replaces_the_base(void)
{
    struct story *s =
        story(HEAD LAB("2") BATCH("6", "60 s", ", home: 0")
              "policies: [gossip_window, balance_mosix]\nfaults:\n  loss: 1\n  "
              "list:\n    - {at: 20 s, loss: 0, for: 40 s}\n",
              1);
    size_t moves = story_count(s, RECORD_MOVED);
    CU_ASSERT(moves > 0);
    for (size_t i = 0; i < moves; i++) {
        CU_ASSERT(story_date(s, RECORD_MOVED, i) > 20);
        CU_ASSERT(story_date(s, RECORD_MOVED, i) < 61);
    }
    free(s);
}

/* ---- Drift. -------------------------------------------------------------- */

/* After 1000 s a clock that is 100 ppm fast is 0.1 s ahead. */
static void a_clock_drifts_in_proportion(void)
{
    struct machine m = {.origin_us = 5000000, .drift = 100e-6};
    CU_ASSERT_EQUAL(clock_at(&m, 1000000000), 5000000 + 1000000000 + 100000);
    m.drift = -100e-6;
    CU_ASSERT_EQUAL(clock_at(&m, 1000000000), 5000000 + 1000000000 - 100000);
    m.drift = 0;
    CU_ASSERT_EQUAL(clock_at(&m, 1000000000), 5000000 + 1000000000);
}

/* Each comes at the first microsecond at which the clock shows it, so those
 * that are in order come in order. */
static void deadlines_stay_in_order(void)
{
    static const double drifts[] = {100e-6, -100e-6, 0.1, -0.1, 1e-9};
    for (size_t i = 0; i < sizeof drifts / sizeof *drifts; i++) {
        struct machine m = {.origin_us = 1234567890, .drift = drifts[i]};
        struct world world = {.machines = &m};
        double before = 0;
        for (usec_t at_us = 0; at_us < 4000000000; at_us += 999983) {
            usec_t deadline_us = m.origin_us + at_us;
            double date = clock_date(&world, 0, deadline_us);
            CU_ASSERT_FATAL(date >= before);
            before = date;
            usec_t there_us = (usec_t)llround(date * 1e6);
            CU_ASSERT_FATAL(clock_at(&m, there_us) >= deadline_us);
            CU_ASSERT_FATAL(there_us == 0 ||
                            clock_at(&m, there_us - 1) < deadline_us);
        }
    }
}

static void processes_end_whatever_the_clocks_say(void)
{
    struct story *s = story(HEAD LAB("6") SMALL("24", "60 s")
                            "faults: {drift: 100000}\npolicies: "
                            "[gossip_window, balance_mosix]\n",
                            1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 24);
    CU_ASSERT(story_count(s, RECORD_MOVED) > 10);
    free(s);
}

/* ---- All of it. ---------------------------------------------------------- */

static void what_may_never_be_mended_needs_an_end(void)
{
    struct story *s = story("vencejo: 1\nname: faults\nseed: 1\n" LAB("2")
                                BATCH("2", "10 s", "")
                                    AT_HOME LIST("    - {at: 4 s, crash: 1}\n"),
                            1);
    CU_ASSERT_PTR_NOT_NULL(strstr(s->complaint, "until"));
    free(s);
}

static void the_same_seed_breaks_the_same(void)
{
    static const char text[] =
        HEAD LAB("6") SMALL("60", "60 s")
        "faults: {node_mtbf: 100 s, repair: 10 s, loss: 0.1, drift: 100}\n"
        "policies: [gossip_window, balance_mosix]\n";
    struct story *a = story(text, 1), *b = story(text, 1), *c = story(text, 2);
    CU_ASSERT_EQUAL(a->hash, b->hash);
    CU_ASSERT_NOT_EQUAL(a->hash, c->hash);
    free(a);
    free(b);
    free(c);
}

SUITE_MAIN(
    "breaking",
    {"a crash takes what is there and no more",
     a_crash_takes_what_is_there_and_no_more},
    {"a node is up when it is repaired", a_node_is_up_when_it_is_repaired},
    {"of two reasons the later end counts",
     of_two_reasons_the_later_end_counts},
    {"a home loses what was on a crashed node",
     a_home_loses_what_was_on_a_crashed_node},
    {"guests of a dead home die when they hear",
     guests_of_a_dead_home_die_when_they_hear},
    {"guests of a silent home are dropped",
     guests_of_a_silent_home_are_dropped},
    {"a crash that broke nothing mends nothing",
     a_crash_that_broke_nothing_mends_nothing},
    {"who has no pages yet dies with its source",
     who_has_no_pages_yet_dies_with_its_source},
    {"an order does not pass a cut", an_order_does_not_pass_a_cut},
    {"both engines crash alike", both_engines_crash_alike},
    {"all stacks meet the same crashes", all_stacks_meet_the_same_crashes},
    {"homes of living processes may be spared",
     homes_of_living_processes_may_be_spared},
    {"a slow node does less", a_slow_node_does_less},
    {"reasons to be slow multiply", reasons_to_be_slow_multiply},
    {"simgrid refuses slow nodes", simgrid_refuses_slow_nodes},
    {"a cut breaks what is under way", a_cut_breaks_what_is_under_way},
    {"a partition breaks what is under way",
     a_partition_breaks_what_is_under_way},
    {"a partition that heals leaves one owner",
     a_partition_that_heals_leaves_one_owner},
    {"nobody runs it whose home cannot be asked",
     nobody_runs_it_whose_home_cannot_be_asked},
    {"all end though a third of the frames is lost",
     all_end_though_a_third_of_the_frames_is_lost},
    {"nothing moves while all frames are lost",
     nothing_moves_while_all_frames_are_lost},
    {"loss of the list replaces the base", loss_of_the_list_replaces_the_base},
    {"a clock drifts in proportion", a_clock_drifts_in_proportion},
    {"deadlines stay in order", deadlines_stay_in_order},
    {"processes end whatever the clocks say",
     processes_end_whatever_the_clocks_say},
    {"what may never be mended needs an end",
     what_may_never_be_mended_needs_an_end},
    {"the same seed breaks the same", the_same_seed_breaks_the_same})
