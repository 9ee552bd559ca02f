/* Checkpoints and what begins again from them, against dates reckoned by hand.
 */
#include <math.h>

#include "story.h"

#define HEAD "vencejo: 1\nname: checkpoints\nseed: 1\nuntil: 2 h\n"
#define LAB(nodes, cores)                                                      \
    "clusters:\n  lab: {nodes: " nodes ", cores: " cores                       \
    ", speed: 1.0, "                                                           \
    "memory: 1 GiB, swap: 1 GiB, link: {bandwidth: 1 Gbps, latency: 50 us}}\n" \
    "process: {calls: 0 /s}\n"
/* 50 MiB are written or read in 1 s, and carried in 0.42 s and the way. */
#define BATCH(count, cpu, more)                                                \
    "workload:\n  batch: {count: " count ", cpu: " cpu ", memory: 50 MiB" more \
    "}\n"
#define EVERY(span, more) \
    "checkpoint: {every: " span ", disk: 50 MiB/s" more "}\n"
#define AT_HOME "policies: [place_home]\n"
#define CRASH(when, node, lasting)                                          \
    "faults:\n  list:\n    - {at: " when ", crash: " node ", for: " lasting \
    "}\n"
#define US 1e-6
#define DISK_S 1.0
#define FLOW_S (50 * 1048576 / 125e6 + 100e-6)
#define WORD_S 10.0 /* Between words of guests to their homes (node.h). */

static double seconds(const struct story *s,
                      enum record_kind kind,
                      size_t nth,
                      size_t value)
{
    return (double)story_nth(s, kind, nth)->values[value] * 1e-6;
}

/* ---- Taking them. -------------------------------------------------------- */

/* 3 s of work and 1 s of writing in turn; the last second is left. */
static void a_process_is_saved_again_and_again(void)
{
    struct story *s = story(
        HEAD LAB("1", "1") BATCH("1", "10 s", "") EVERY("3 s", "") AT_HOME, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_CHECKPOINT), 3);
    for (size_t i = 0; i < 3; i++) {
        double n = (double)i + 1;
        CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, i), 4 * n, US);
        CU_ASSERT_DOUBLE_EQUAL(
            seconds(s, RECORD_CHECKPOINT, i, CHECKPOINT_STOPPED_US), DISK_S,
            US);
        CU_ASSERT_DOUBLE_EQUAL(
            seconds(s, RECORD_CHECKPOINT, i, CHECKPOINT_DONE_US), 3 * n,
            2 * US);
        CU_ASSERT_EQUAL(
            story_nth(s, RECORD_CHECKPOINT, i)->values[CHECKPOINT_BYTES],
            50 << 20);
    }
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 13, US);
    free(s);
}

/* Both are due at 3 s, on two cores: the second waits for the disk, stopped. */
static void the_disk_writes_one_after_another(void)
{
    struct story *s = story(
        HEAD LAB("1", "2") BATCH("2", "5 s", "") EVERY("3 s", "") AT_HOME, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_CHECKPOINT), 2);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 0), 4, US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 1), 5, US);
    CU_ASSERT_DOUBLE_EQUAL(
        seconds(s, RECORD_CHECKPOINT, 1, CHECKPOINT_STOPPED_US), 2 * DISK_S,
        US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 6, US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 1), 7, US);
    free(s);
}

#define MOVED_AT(when)                                     \
    "policies: [gossip_window]\nmigration: {fixed: 0 s}\n" \
    "events:\n  - {at: " when ", move: 0, to: 1}\n"

/* Of a process that is away the image goes home first. The move at 1 s takes
 * some datagrams and the flow; it has been 3 s since its start at 3 s. */
static void an_image_travels_home(void)
{
    struct story *s = story(HEAD LAB("2", "1") BATCH("1", "5 s", ", home: 0")
                                EVERY("3 s", "") MOVED_AT("1 s"),
                            1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_CHECKPOINT), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_CHECKPOINT, 0)->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 0),
                           3 + FLOW_S + DISK_S, 2 * US);
    CU_ASSERT_DOUBLE_EQUAL(
        seconds(s, RECORD_CHECKPOINT, 0, CHECKPOINT_STOPPED_US),
        FLOW_S + DISK_S, 2 * US);
    free(s);
}

static void an_image_for_a_server_is_written_where_it_is(void)
{
    struct story *s = story(HEAD LAB("2", "1") BATCH("1", "6 s", ", home: 0")
                                EVERY("3 s", ", on: server") MOVED_AT("1 s"),
                            1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 0), 3 + DISK_S,
                           2 * US);
    free(s);
}

/* It is being written from 3 s on; at 3.5 s it is asked to move, and that goes
 * first. It is taken where it comes to, with the same work done. */
static void a_migration_breaks_one_off(void)
{
    struct story *s = story(HEAD LAB("2", "1") BATCH("1", "6 s", ", home: 0")
                                EVERY("3 s", ", on: server") MOVED_AT("3.5 s"),
                            1);
    const struct record *first = story_nth(s, RECORD_CHECKPOINT, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_CHECKPOINT), 1);
    CU_ASSERT_EQUAL(first->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(seconds(s, RECORD_CHECKPOINT, 0, CHECKPOINT_DONE_US),
                           3, 0.001);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 0),
                           3.5 + FLOW_S + DISK_S, 0.002);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0),
                           3.5 + FLOW_S + DISK_S + 3, 0.002);
    free(s);
}

/* Carried while it runs, from 2.9 s on, for 0.42 s: it waits a second. */
static void none_is_taken_while_it_is_carried(void)
{
    struct story *s = story(HEAD LAB("2", "1") BATCH("1", "6 s", ", home: 0")
                                EVERY("3 s", ", on: server")
                            "policies: [gossip_window]\nmigration: {mode: "
                            "precopy, fixed: 0 s}\nevents:\n  - {at: 2.9 s, move: 0, "
                            "to: 1}\n",
                            1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_CHECKPOINT, 0)->node, 1);
    CU_ASSERT(story_date(s, RECORD_CHECKPOINT, 0) > 3.3 + DISK_S);
    CU_ASSERT(story_date(s, RECORD_CHECKPOINT, 0) < 4 + DISK_S + 0.01);
    free(s);
}

/* ---- Beginning again. ---------------------------------------------------- */

#define SAFE ", on: server, restart-after-home: yes"

/* [3, 4] and [7, 8] are saved, and at 9.5 s 7.5 s are done. It is read from
 * 11.5 s on, and 4 s are left, with one more checkpoint after three. */
static void it_begins_again_from_the_last_one(void)
{
    struct story *s = story(HEAD LAB("1", "1") BATCH("1", "10 s", "") EVERY(
                                "3 s", SAFE) AT_HOME CRASH("9.5 s", "0", "2 s"),
                            1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_SUBMIT), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_RESTART, 0), 11.5 + DISK_S, US);
    CU_ASSERT_DOUBLE_EQUAL(seconds(s, RECORD_RESTART, 0, RESTART_LOST_US), 1.5,
                           2 * US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 2), 16.5, US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 17.5, 2 * US);
    CU_ASSERT_EQUAL(s->result.process_count, 1);
    CU_ASSERT_EQUAL(s->result.gone_count, 1);
    free(s);
}

/* Nothing is read; 7.5 s of work are lost, and 13 s come as in the first. */
static void what_a_home_kept_is_lost_with_it(void)
{
    struct story *s = story(HEAD LAB("1", "1") BATCH("1", "10 s", "") EVERY(
                                "3 s", ", on: home, restart-after-home: yes")
                                AT_HOME CRASH("9.5 s", "0", "2 s"),
                            1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_RESTART, 0), 11.5, US);
    CU_ASSERT_DOUBLE_EQUAL(seconds(s, RECORD_RESTART, 0, RESTART_LOST_US), 7.5,
                           2 * US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 11.5 + 13, 2 * US);
    free(s);
}

static void as_in_mosix_they_die_with_their_home(void)
{
    struct story *s = story(HEAD LAB("1", "1") BATCH("1", "10 s", "")
                                EVERY("3 s", ", on: server")
                                    AT_HOME CRASH("9.5 s", "0", "2 s"),
                            1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_KILLED, 0), 9.5, US);
    free(s);
}

/* It is being written from 7 s to 8 s: of no use at 7.5 s. 3 s are done; 7 s
 * are left from 10.5 s on, with two checkpoints after three each. */
static void a_half_written_one_does_not_count(void)
{
    struct story *s = story(HEAD LAB("1", "1") BATCH("1", "10 s", "") EVERY(
                                "3 s", SAFE) AT_HOME CRASH("7.5 s", "0", "2 s"),
                            1);
    CU_ASSERT_DOUBLE_EQUAL(seconds(s, RECORD_RESTART, 0, RESTART_LOST_US), 3,
                           2 * US);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 10.5 + 7 + 2,
                           2 * US);
    free(s);
}

/* Down again at 12 s, while it is read: it is read from 14 s on. */
static void a_crash_while_it_is_read_delays_it(void)
{
    struct story *s = story(
        HEAD LAB("1", "1") BATCH("1", "10 s", "") EVERY("3 s", SAFE) AT_HOME
        "faults:\n  list:\n    - {at: 9.5 s, crash: 0, for: 2 s}\n    - {at: "
        "12 s, crash: 0, for: 2 s}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 14 + DISK_S + 5,
                           2 * US);
    free(s);
}

/* Saved at 3 s and lost at 6.1 s with node 1, of which its home hears within
 * four words; it begins again there, and is never lost. */
static void a_home_begins_again_what_it_lost(void)
{
    struct story *s =
        story(HEAD LAB("2", "1") BATCH("1", "20 s", ", home: 0")
                  EVERY("3 s", "") MOVED_AT("1 s") CRASH("6.1 s", "1", "1 s"),
              1);
    double again = story_date(s, RECORD_RESTART, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_RESTART, 0)->node, 0);
    CU_ASSERT(again > 6.1 + DISK_S);
    CU_ASSERT(again < 6.1 + 4 * WORD_S + DISK_S);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 0);
    double done = seconds(s, RECORD_CHECKPOINT, 0, CHECKPOINT_DONE_US);
    double lost = seconds(s, RECORD_RESTART, 0, RESTART_LOST_US);
    CU_ASSERT_DOUBLE_EQUAL(lost, 6.1 - 3 - FLOW_S - DISK_S, 2 * US);
    /* 20 s less what was done, and a second of writing after each 3 s. */
    double left = 20 - done;
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0),
                           again + left + floor(left / 3) * DISK_S, 4 * US);
    free(s);
}

/* The home hears nothing for 15 s from 10 s on and begins again, while the old
 * copy runs on behind the cut, for nothing; it is void when it hears. */
static void of_two_copies_the_younger_counts(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\nwan:\n  - {between: "
             "[a, b], bandwidth: 1 Gbps, latency: 5 ms}\nprocess: {calls: 0 "
             "/s}\n" BATCH("1", "100 s", ", home: 0")
                 EVERY("1000 s", "") MOVED_AT("1 s")
        "faults:\n  lost-after: 15 s\n  list:\n    - {at: 10 s, cut: [a, b], "
        "for: 60 s}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    double again = story_date(s, RECORD_RESTART, 0);
    CU_ASSERT(again >= 10 + 15 - WORD_S);
    CU_ASSERT(again <= 10 + 15 + WORD_S);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), again + 100, 2 * US);
    /* What ran on for nothing was stopped soon after the link came back. */
    const struct record *tally = story_nth(s, RECORD_TALLY, 1);
    CU_ASSERT(tally->values[TALLY_BUSY_US] > 60 * 1000000);
    CU_ASSERT(tally->values[TALLY_BUSY_US] < (70 + 11) * 1000000);
    free(s);
}

/* The old copy ends behind the cut before it hears: nobody takes its result. */
static void the_end_of_a_stale_copy_is_no_end(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\nwan:\n  - {between: "
             "[a, b], bandwidth: 1 Gbps, latency: 5 ms}\nprocess: {calls: 0 "
             "/s}\n" BATCH("1", "50 s", ", home: 0")
                 EVERY("1000 s", "") MOVED_AT("1 s")
        "faults:\n  lost-after: 15 s\n  list:\n    - {at: 10 s, cut: [a, b], "
        "for: 200 s}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0),
                           story_date(s, RECORD_RESTART, 0) + 50, 2 * US);
    free(s);
}

/* A guest runs on while its home is down. It begins again there at 17 s, from
 * its checkpoint at 3 s, and what ran on is void within a word. */
static void guests_of_a_dead_home_begin_again(void)
{
    struct story *s =
        story(HEAD LAB("2", "1") BATCH("1", "100 s", ", home: 0")
                  EVERY("3 s", SAFE) MOVED_AT("1 s") CRASH("6 s", "0", "10 s"),
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_RESTART, 0), 16 + DISK_S,
                           2 * US);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->node, 0);
    free(s);
}

/* post-copy: the source dies with pages that have not followed yet; the process
 * begins again at its home from nothing. */
static void what_lost_its_pages_begins_again(void)
{
    struct story *s = story(
        HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\nwan:\n  - {between: "
             "[a, b], bandwidth: 10 Mbps, latency: 5 ms}\nprocess: {calls: 0 "
             "/s}\n" BATCH("1", "30 s", ", home: 0")
                 EVERY("1000 s", "") "policies: [gossip_window]\n"
                                     "migration: {mode: postcopy, fixed: 0 s, "
                                     "state: 1 kB}\nevents:\n  - {at: 1 s, "
                                     "move: 0, to: 1}\nfaults:\n  list:\n    - "
                                     "{at: 10 s, cut: [a, b], for: 5 s}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_LOST), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT(story_date(s, RECORD_RESTART, 0) > 15);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0),
                           story_date(s, RECORD_RESTART, 0) + 30, 2 * US);
    free(s);
}

#define APART(bandwidth)                                           \
    HEAD "clusters:\n  a: {nodes: 1}\n  b: {nodes: 1}\nwan:\n  - " \
         "{between: [a, b], bandwidth: " bandwidth                 \
         ", latency: 5 ms}\n"                                      \
         "process: {calls: 0 /s}\n"

/* Its image is on its way home for 42 s when the home, deaf from 50 s on, has
 * given it up: it begins again from nothing, and what then comes in is no
 * checkpoint of anybody. */
static void an_image_of_a_stale_copy_counts_for_nothing(void)
{
    struct story *s = story(
        APART("10 Mbps") BATCH("1", "100 s", ", home: 0") EVERY("60 s", "")
            MOVED_AT("1 s")
        "faults:\n  lost-after: 15 s\n  list:\n    - {at: 62 s, loss: 1, "
        "for: 100 s}\n",
        1);
    double again = story_date(s, RECORD_RESTART, 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_CHECKPOINT), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_CHECKPOINT, 0)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 0),
                           again + 60 + DISK_S, 2 * US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), again + 100 + DISK_S,
                           2 * US);
    free(s);
}

/* The guest is written from 3 s to 13 s, and its home is up again at 7 s, where
 * it begins again from nothing. Its next life is written from 10 s to 20 s; the
 * old one is dropped meanwhile, and takes nothing with it. */
static void a_stale_copy_breaks_off_no_checkpoint_of_the_next_life(void)
{
    struct story *s = story(
        HEAD LAB("2", "1")
            BATCH("1", "5 s",
                  ", home: 0") "checkpoint: {every: 3 s, disk: 5 MiB/s" SAFE
                               "}\n" MOVED_AT("1 s") CRASH("6 s", "0", "1 s"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_CHECKPOINT), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_CHECKPOINT, 0), 20, 2 * US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_ENDED, 0), 22, 2 * US);
    free(s);
}

/* The home gave it up behind the cut, and dies while it reads its checkpoint:
 * as in MOSIX that is its end. What runs on is stale, and ends for nothing. */
static void who_died_with_its_home_does_not_end_as_well(void)
{
    struct story *s = story(
        APART("1 Gbps") "workload:\n  - batch: {count: 1, cpu: 30 s, memory: "
                        "50 MiB, home: 0}\n  - batch: {count: 1, cpu: 200 s, "
                        "home: 1}\n"
        "checkpoint: {every: 10 s, disk: 5 MiB/s, on: server}\n"
            MOVED_AT("1 s")
        "faults:\n  lost-after: 15 s\n  list:\n    - {at: 22 s, cut: [a, b], "
        "for: 400 s}\n    - {at: 42 s, crash: 0, for: 5 s}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 1);
    CU_ASSERT_DOUBLE_EQUAL(story_date(s, RECORD_KILLED, 0), 42, US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    CU_ASSERT_EQUAL(story_nth(s, RECORD_ENDED, 0)->proc >> 32, 1);
    CU_ASSERT_EQUAL(s->result.gone_count, 2);
    free(s);
}

/* It is read for 10 s when its home, whose owner takes it out at 60 s, has
 * heard that node 1 lost it: the home goes down when it has ended there. */
static void a_home_does_not_leave_while_it_reads_one(void)
{
    struct story *s = story(
        HEAD LAB("2", "1") BATCH("1", "30 s", ", home: 0")
            "checkpoint: {every: 3 s, disk: 2 MiB/s, on: server}\n"
            "policies: [gossip_window]\nmigration: {fixed: 0 s}\n"
            "events:\n  - {at: 1 s, move: 0, to: 1}\n  - {at: 60 s, leave: "
            "0}\n" CRASH("35 s", "1", "5 s"),
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 0);
    CU_ASSERT_EQUAL(story_count(s, RECORD_RESTART), 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    free(s);
}

static void simgrid_refuses_checkpoints(void)
{
    struct story *s = story(HEAD LAB("1", "1") BATCH("1", "10 s", "")
                                EVERY("3 s", "") AT_HOME "engine: simgrid\n",
                            1);
    CU_ASSERT_PTR_NOT_NULL(strstr(s->complaint, "checkpoint"));
    free(s);
}

SUITE_MAIN(
    "checkpoints",
    {"a process is saved again and again", a_process_is_saved_again_and_again},
    {"the disk writes one after another", the_disk_writes_one_after_another},
    {"an image travels home", an_image_travels_home},
    {"an image for a server is written where it is",
     an_image_for_a_server_is_written_where_it_is},
    {"a migration breaks one off", a_migration_breaks_one_off},
    {"none is taken while it is carried", none_is_taken_while_it_is_carried},
    {"it begins again from the last one", it_begins_again_from_the_last_one},
    {"what a home kept is lost with it", what_a_home_kept_is_lost_with_it},
    {"as in MOSIX they die with their home",
     as_in_mosix_they_die_with_their_home},
    {"a half-written one does not count", a_half_written_one_does_not_count},
    {"a crash while it is read delays it", a_crash_while_it_is_read_delays_it},
    {"a home begins again what it lost", a_home_begins_again_what_it_lost},
    {"of two copies the younger counts", of_two_copies_the_younger_counts},
    {"the end of a stale copy is no end", the_end_of_a_stale_copy_is_no_end},
    {"guests of a dead home begin again", guests_of_a_dead_home_begin_again},
    {"what lost its pages begins again", what_lost_its_pages_begins_again},
    {"an image of a stale copy counts for nothing",
     an_image_of_a_stale_copy_counts_for_nothing},
    {"a stale copy breaks off no checkpoint of the next life",
     a_stale_copy_breaks_off_no_checkpoint_of_the_next_life},
    {"who died with its home does not end as well",
     who_died_with_its_home_does_not_end_as_well},
    {"a home does not leave while it reads one",
     a_home_does_not_leave_while_it_reads_one},
    {"simgrid refuses checkpoints", simgrid_refuses_checkpoints})
