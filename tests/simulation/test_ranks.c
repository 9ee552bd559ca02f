/* test_ranks.c - how long the ranks of a job take that send to each other. */
#include "two.h"

#define ROUND_ROBIN "policies: [place_round_robin]\n"

/* To begin elsewhere or to be carried takes 50 ms or 10 ms, and a MiB. */
#define STARTS_S 0.2

/* Two nodes at one switch, 100 us and 1 Gbps apart. */
#define PAIR                                                                 \
    HEAD "clusters:\n  a: {nodes: 2, link: {bandwidth: 1 Gbps, latency: 50 " \
         "us}}\nworkload:\n  batch: {count: 1, cpu: 40 s, memory: 1 MiB, "   \
         "home: 0, width: 2, "

/* 1 MB for each second, in messages of 1 kB: a thousand times 100 us, and a
 * hundred and twenty-fifth of a second. The first is alone until the second has
 * come, the second after the first has ended. */
static void two_ranks_apart_wait_for_their_messages(void)
{
    struct story *s =
        story(PAIR "traffic: 1 MB/s, message: 1 kB}\n" ROUND_ROBIN, 1);
    double wait = 1000 * 100e-6 + 1e6 / 125e6;
    double first = date(s, RECORD_RUN, 0);
    double second = date(s, RECORD_RUN, 1);
    CU_ASSERT_NOT_EQUAL(nth(s, RECORD_RUN, 0)->node,
                        nth(s, RECORD_RUN, 1)->node);
    double first_end = second + (40 - (second - first)) * (1 + wait);
    double second_end = first_end + 40 - (first_end - second) / (1 + wait);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), first_end, 5 * US);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), second_end, 5 * US);
    free(s);
}

/* Both at home have half of the core and wait for nothing; since one has gone
 * they wait 100 us / 100 kB + 8 ns for each byte, 0.9 s for each second. */
static void a_rank_that_moves_away_makes_both_wait(void)
{
    struct story *s =
        story(PAIR "traffic: 100 MB/s, message: 100 kB}\n" BALANCE, 1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED), 1);
    double moved = date(s, RECORD_RUN, 2);
    double end = moved + (40 - moved / 2) * 1.9;
    CU_ASSERT_EQUAL(nth(s, RECORD_RUN, 2)->node, 1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), end, STARTS_S);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), end, STARTS_S);
    free(s);
}

static void two_ranks_on_one_node_wait_for_nothing(void)
{
    struct story *s = story(HEAD
                            "clusters:\n  a: {nodes: 1, cores: 2}\n"
                            "workload:\n  batch: {count: 1, cpu: 40 s, "
                            "width: 2, traffic: 100 MB/s}\n",
                            1);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 40, US);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), 40, US);
    free(s);
}

/* Three nodes at one switch, 100 us and 1 Gbps apart. A byte takes 100 us / 100
 * kB + 8 ns = 9 ns, so 100 MB/s wait 0.9 s for each second. */
#define THREE(by)                                                             \
    HEAD "clusters:\n  a: {nodes: 3, link: {bandwidth: 1 Gbps, latency: 50 "  \
         "us}}\nworkload:\n  batch: {count: 1, cpu: 40 s, memory: 1 MiB, "    \
         "home: 0, width: 3, traffic: 100 MB/s, message: 100 kB, traffic-by:" \
         " " by "}\n" ROUND_ROBIN

static void three_ranks_may_send_directly(void)
{
    struct story *s = story(THREE("direct"), 1);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, i), 40 * 1.9, STARTS_S);
    free(s);
}

/* The two that are away reach each other in two hops: 1.35 s of waiting, until
 * the one at home ends at 76 s; then half of the traffic is left, 0.9 s. They
 * have done 76 / 2.35 s by then. */
static void through_home_takes_two_hops(void)
{
    struct story *s = story(THREE("home"), 1);
    double away_end = 76 + (40 - 76 / 2.35) * 1.9;
    CU_ASSERT_EQUAL(nth(s, RECORD_ENDED, 0)->node, 0);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 0), 76, STARTS_S);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 1), away_end, STARTS_S);
    CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, 2), away_end, STARTS_S);
    free(s);
}

/* Two on each of two nodes: one of the three others is on the same node, also
 * if that is not their home; the two elsewhere are one hop away. */
static void ranks_on_one_node_do_not_send_through_home(void)
{
    struct story *s =
        story(HEAD
              "clusters:\n  a: {nodes: 2, cores: 2, link: {bandwidth: 1 Gbps, "
              "latency: 50 us}}\nworkload:\n  batch: {count: 1, cpu: 40 s, "
              "memory: 1 MiB, home: 0, width: 4, traffic: 100 MB/s, message: "
              "100 kB, traffic-by: home}\n" ROUND_ROBIN,
              1);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_DOUBLE_EQUAL(date(s, RECORD_ENDED, i), 40 * (1 + 0.9 * 2 / 3),
                               STARTS_S);
    free(s);
}

SUITE_MAIN("ranks",
           {"two ranks apart wait for their messages",
            two_ranks_apart_wait_for_their_messages},
           {"a rank that moves away makes both wait",
            a_rank_that_moves_away_makes_both_wait},
           {"two ranks on one node wait for nothing",
            two_ranks_on_one_node_wait_for_nothing},
           {"three ranks may send directly", three_ranks_may_send_directly},
           {"ranks on one node do not send through home",
            ranks_on_one_node_do_not_send_through_home},
           {"through home takes two hops", through_home_takes_two_hops})
