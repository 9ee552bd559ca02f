/* A run is scenario + seed; nothing is lost in it. */
#include "story.h"

#define GRID                                                                  \
    "vencejo: 1\nname: grid\nseed: 1\nclusters:\n  a: {nodes: 5, cores: 2, "  \
    "speed: 1.0, memory: 512 MiB, swap: 4 GiB, link: {bandwidth: 1 Gbps, "    \
    "latency: 50 us}}\n  b: {nodes: 3, cores: 1, speed: 2.0, memory: 256 "    \
    "MiB, swap: 4 GiB, link: {bandwidth: 100 Mbps, latency: 100 us}}\nwan:\n" \
    "  - {between: [a, b], bandwidth: 100 Mbps, latency: 5 ms}\nworkload:\n"  \
    "  poisson: {load: 0.8, count: 300, cpu: {pareto: {min: 1 s, max: 100 "   \
    "s, index: 1.1}}, memory: {uniform: [4 MiB, 120 MiB]}, home: random}\n"

#define STACK                                                            \
    "policies: [gossip_window, usher_mosix, place_best, balance_mosix, " \
    "balance_lifetime]\n"

static void test_same_twice(void)
{
    struct story *one = story(GRID STACK, 7);
    struct story *two = story(GRID STACK, 7);
    struct story *other = story(GRID STACK, 8);
    CU_ASSERT_EQUAL(one->hash, two->hash);
    CU_ASSERT_NOT_EQUAL(one->hash, other->hash);
    CU_ASSERT_EQUAL(one->result.events, two->result.events);
    free(one);
    free(two);
    free(other);
}

static void test_nothing_is_lost(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct story *s = story(GRID STACK, seed);
        CU_ASSERT_EQUAL(story_count(s, RECORD_SUBMIT), 300);
        CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 300);
        CU_ASSERT_EQUAL(s->result.gone_count, 300);
        CU_ASSERT_TRUE(story_count(s, RECORD_MOVED) > 0);
        free(s);
    }
}

/* Common random numbers: the stack changes nothing of what is submitted. */
static void test_arrivals_do_not_depend_on_policies(void)
{
    struct story *one = story(GRID "policies: [place_home]\n", 3);
    struct story *two = story(GRID STACK, 3);
    size_t i = 0, k = 0, submits = 0;
    for (; submits < 300; submits++, i++, k++) {
        while (i < one->count && one->records[i].kind != RECORD_SUBMIT)
            i++;
        while (k < two->count && two->records[k].kind != RECORD_SUBMIT)
            k++;
        CU_ASSERT_FATAL(i < one->count && k < two->count);
        const struct record *a = &one->records[i], *b = &two->records[k];
        CU_ASSERT_EQUAL(a->at_us, b->at_us);
        CU_ASSERT_EQUAL(a->proc, b->proc);
        CU_ASSERT_EQUAL(a->values[SUBMIT_WORK_US], b->values[SUBMIT_WORK_US]);
        CU_ASSERT_EQUAL(a->values[SUBMIT_MEM_BYTES],
                        b->values[SUBMIT_MEM_BYTES]);
    }
    free(one);
    free(two);
}

/* A process never runs at two places: between its moves its records come from
 * the node where it is. */
static void test_one_place(void)
{
    struct story *s = story(GRID STACK, 2);
    for (size_t i = 0; i < s->count; i++) {
        const struct record *end = &s->records[i];
        if (end->kind != RECORD_ENDED)
            continue;
        node_id place = (node_id)(end->proc >> 32);
        for (size_t k = 0; k < i; k++) {
            const struct record *r = &s->records[k];
            if (r->kind == RECORD_MOVED && r->proc == end->proc)
                place = r->peer;
            if (r->kind == RECORD_ENDED)
                CU_ASSERT_NOT_EQUAL(r->proc, end->proc);
        }
        CU_ASSERT_EQUAL(place, end->node);
    }
    free(s);
}

static void test_perfect_information_has_no_age(void)
{
    struct story *s =
        story(GRID "information: perfect\npolicies: [balance_mosix]\n", 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 300);
    free(s);
}

static void test_until(void)
{
    struct story *s = story(GRID "until: 20 s\npolicies: [place_home]\n", 2);
    CU_ASSERT_DOUBLE_EQUAL(s->result.end_s, 20, 1e-9);
    CU_ASSERT_TRUE(s->result.gone_count < s->result.process_count);
    free(s);
}

SUITE_MAIN("world",
           {"the same scenario and seed give the same journal",
            test_same_twice},
           {"every process that is submitted ends", test_nothing_is_lost},
           {"policies do not change what arrives",
            test_arrivals_do_not_depend_on_policies},
           {"a process ends where its last move brought it", test_one_place},
           {"the yardstick of perfect information runs",
            test_perfect_information_has_no_age},
           {"a run ends at its deadline", test_until})
