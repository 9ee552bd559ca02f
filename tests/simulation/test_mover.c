/* What a migration costs, against closed forms. */
#include <math.h>

#include "story.h"

/* Three processes of 100 MiB on one of two nodes: balance_mosix moves one. */
#define LAB                                                                  \
    "vencejo: 1\nname: mover\nseed: 1\nclusters:\n  lab: {nodes: 2, cores: " \
    "1, speed: 1.0, memory: 1 GiB, swap: 1 GiB, link: {bandwidth: 1 Gbps, "  \
    "latency: 50 us}}\nworkload:\n  batch: {count: 3, cpu: 60 s, memory: "   \
    "100 MiB, home: 0}\npolicies: [gossip_vector, balance_mosix]\n"

#define IMAGE_BYTES (100.0 * 1048576)
#define LINK_BYTES_PER_S 125e6
#define ROUTE_S 100e-6

/* The nodes' own exchange after the last byte: a few datagrams. */
enum { HANDOFF_US = 2000 };

static const struct record *first_move(const struct story *s)
{
    const struct record *r = story_find(s, RECORD_MOVED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    return r;
}

static void test_stop(void)
{
    struct story *s = story(LAB "migration: {mode: stop, fixed: 50 ms}\n", 1);
    const struct record *r = first_move(s);
    double frozen_s = 0.05 + ROUTE_S + IMAGE_BYTES / LINK_BYTES_PER_S;
    double measured_us = (double)r->values[MOVED_FROZEN_US];
    CU_ASSERT(measured_us >= frozen_s * 1e6 - 1);
    CU_ASSERT(measured_us <= frozen_s * 1e6 + HANDOFF_US);
    CU_ASSERT_EQUAL(r->values[MOVED_BYTES], (uint64_t)IMAGE_BYTES);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 3);
    free(s);
}

/* Three share the core of node 0 until one of them is stopped. */
static void test_work_done_before_a_move(void)
{
    struct story *s = story(LAB "migration: {mode: stop, fixed: 50 ms}\n", 1);
    const struct record *r = first_move(s);
    double stopped_us = (double)(r->at_us - r->values[MOVED_FROZEN_US]);
    CU_ASSERT_DOUBLE_EQUAL((double)r->values[MOVED_DONE_US], stopped_us / 3, 2);
    free(s);
}

/* V0 = M, V(i+1) = D x V(i) / B with D = 12.5 MB/s: a tenth each round (and
 * what is dirtied during the latency); three running rounds, then the last. */
static void test_precopy(void)
{
    struct story *s = story(LAB
                            "process: {dirty: 12.5 MB/s}\nmigration: "
                            "{mode: precopy, fixed: 20 ms, threshold: "
                            "200 kB, rounds: 30}\n",
                            1);
    const struct record *r = first_move(s);
    double round = IMAGE_BYTES, sum = 0;
    while (round > 200000) {
        sum += round;
        round = 12.5e6 * (ROUTE_S + round / LINK_BYTES_PER_S);
    }
    sum += round;
    double frozen_us = 1e6 * (0.02 + ROUTE_S + round / LINK_BYTES_PER_S);
    CU_ASSERT_DOUBLE_EQUAL((double)r->values[MOVED_BYTES], sum, 2);
    CU_ASSERT((double)r->values[MOVED_FROZEN_US] >= frozen_us - 1);
    CU_ASSERT((double)r->values[MOVED_FROZEN_US] <= frozen_us + HANDOFF_US);
    free(s);
}

static void test_precopy_that_does_not_converge(void)
{
    struct story *s = story(LAB
                            "process: {dirty: 500 MB/s}\nmigration: {mode: "
                            "precopy, fixed: 20 ms}\n",
                            1);
    const struct record *r = first_move(s);
    /* The second round would be as large as the first: it is the last. */
    CU_ASSERT_DOUBLE_EQUAL((double)r->values[MOVED_BYTES], 2 * IMAGE_BYTES, 2);
    free(s);
}

static void test_postcopy(void)
{
    struct story *s =
        story(LAB
              "migration: {mode: postcopy, fixed: 10 ms, state: 1 MB, "
              "stall: 0.5}\n",
              1);
    const struct record *r = first_move(s);
    double frozen_us = 1e6 * (0.01 + ROUTE_S + 1e6 / LINK_BYTES_PER_S);
    CU_ASSERT((double)r->values[MOVED_FROZEN_US] >= frozen_us - 1);
    CU_ASSERT((double)r->values[MOVED_FROZEN_US] <= frozen_us + HANDOFF_US);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 3);
    free(s);
}

/* Two starts at once from one node share its link: each takes twice as long. */
static void test_moves_share_links(void)
{
    struct story *s = story(
        "vencejo: 1\nname: share\nseed: 1\nclusters:\n  lab: {nodes: 3, "
        "cores: 1, speed: 1.0, memory: 1 GiB, swap: 0 B, link: {bandwidth: 1 "
        "Gbps, latency: 50 us}}\nmigration: {start-fixed: 0 s, start-bytes: "
        "125 MB}\nworkload:\n  batch: {count: 3, cpu: 10 s, memory: 1 MiB, "
        "home: 0}\npolicies: [place_round_robin]\n",
        1);
    size_t moves = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct record *r = &s->records[i];
        if (r->kind != RECORD_MOVED)
            continue;
        moves++;
        CU_ASSERT_DOUBLE_EQUAL((double)r->values[MOVED_TOTAL_US], 2e6, 2e4);
    }
    CU_ASSERT_EQUAL(moves, 2);
    free(s);
}

/* Pages follow for 8 s and more, and a newcomer makes the balancer move again:
 * what still waits for pages cannot be carried, and nothing is lost. */
static void test_moves_while_pages_follow(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct story *s = story(
            "vencejo: 1\nname: pull\nseed: 1\nclusters:\n  lab: {nodes: 3, "
            "cores: 1, speed: 1.0, memory: 1 GiB, swap: 1 GiB, link: "
            "{bandwidth: 10 Mbps, latency: 50 us}}\nmigration: {mode: "
            "postcopy, fixed: 1 ms}\nworkload:\n  poisson: {rate: 1 /s, "
            "count: 60, cpu: {exponential: 4 s}, memory: 10 MiB, home: "
            "random}\npolicies: [gossip_vector, balance_lifetime: {fixed: 1 "
            "ms}]\n",
            seed);
        CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 60);
        CU_ASSERT_TRUE(story_count(s, RECORD_MOVED) > 0);
        free(s);
    }
}

SUITE_MAIN("mover",
           {"stop-and-copy freezes for fixed + memory / bandwidth", test_stop},
           {"what was done before a move is told with it",
            test_work_done_before_a_move},
           {"pre-copy sends a geometric series", test_precopy},
           {"pre-copy stops when rounds do not shrink",
            test_precopy_that_does_not_converge},
           {"post-copy freezes for its state only", test_postcopy},
           {"images that go over one link share it", test_moves_share_links},
           {"a process whose pages still follow stays",
            test_moves_while_pages_follow})
