/* Flows against closed forms of max-min sharing (CM02: a flow takes the latency
 * of its route, then its share of each link). */
#include <math.h>
#include <string.h>

#include "sim/net.h"
#include "tests/net/child.h"
#include "tests/suite.h"

enum { FLOWS = 8 };

/* 100 MB/s and 0.1 ms to the switch: 0.2 ms from node to node. */
#define LOCAL_LINK                            \
    {                                         \
        .bytes_per_s = 1e8, .latency_s = 1e-4 \
    }
static const double LOCAL_S = 2e-4;

/* a (nodes 0-4), b (5-7) and c (8) in a row, a wan link between neighbours; d
 * (9, 10) on its own with links of no latency; e (11-14) with a backbone. */
static struct scenario_cluster clusters[] = {
    {.name = "a", .node_count = 5, .link = LOCAL_LINK},
    {.name = "b", .node_count = 3, .link = LOCAL_LINK},
    {.name = "c", .node_count = 1, .link = LOCAL_LINK},
    {.name = "d", .node_count = 2, .link = {.bytes_per_s = 1e8}},
    {.name = "e",
     .node_count = 4,
     .link = LOCAL_LINK,
     .has_backbone = true,
     .backbone = {.bytes_per_s = 1.2e8, .latency_s = 5e-5}},
};
static struct scenario_wan wans[] = {
    {.a = 0, .b = 1, .link = {.bytes_per_s = 4e7, .latency_s = 10e-3}},
    {.a = 2, .b = 1, .link = {.bytes_per_s = 3e7, .latency_s = 5e-3}},
    /* Longer than the way through b, so no traffic takes it. */
    {.a = 0, .b = 2, .link = {.bytes_per_s = 1e9, .latency_s = 16e-3}},
};

struct seen
{
    double dates[FLOWS];
    bool failed[FLOWS];
    uint32_t order[FLOWS];
    uint32_t order_count;
    double values[FLOWS];
};

static struct net *open_net(enum scenario_network network, struct scenario *s)
{
    for (size_t i = 0; i < sizeof clusters / sizeof clusters[0]; i++) {
        clusters[i].core_count = 1;
        clusters[i].speed_milli = 1000;
    }
    *s = (struct scenario){.path = "flows",
                           .network = network,
                           .clusters = clusters,
                           .cluster_count = 5,
                           .node_count = 15,
                           .wans = wans,
                           .wan_count = 3};
    struct net *net;
    struct complaint complaint;
    if (net_create(s, &net, &complaint) < 0)
        exit(EXIT_FAILURE);
    return net;
}

/* All that happens until a date, which may be INFINITY. */
static void run_until(struct net *net, double until, struct seen *seen)
{
    for (double date; (date = net_next(net)) < until;) {
        net_advance(net, date);
        uint32_t flow;
        bool failed;
        while (net_pop(net, &flow, &failed)) {
            seen->dates[flow] = date;
            seen->failed[flow] = failed;
            seen->order[seen->order_count++] = flow;
        }
    }
}

/* What a test does in its child between opening and closing. */
#define IN_CHILD(name)                                            \
    static void name##_flows(struct net *net, struct seen *seen); \
    static void name##_child(void *seen)                          \
    {                                                             \
        struct scenario scenario;                                 \
        struct net *net = open_net(NETWORK_CM02, &scenario);      \
        name##_flows(net, seen);                                  \
        run_until(net, INFINITY, seen);                           \
        net_destroy(net);                                         \
    }                                                             \
    static void name##_flows(struct net *net, struct seen *seen)

static struct seen watch(void (*child)(void *))
{
    struct seen *shared = child_seen_new(sizeof *shared);
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    CU_ASSERT_FATAL(child_run(child, shared));
    struct seen seen = *shared;
    munmap(shared, sizeof *shared);
    return seen;
}

static bool near(double value, double expected)
{
    return fabs(value - expected) <= 1e-9 * fabs(expected);
}

IN_CHILD(alone)
{
    (void)seen;
    net_start(net, 3, 0, 0, 1, 5e7);
    net_start(net, 3, 1, 2, 3, 0);
    net_start(net, 3, 2, 4, 4, 1e9);
    net_start(net, 3, 3, 9, 10, 1e8);
}

static void test_a_lone_flow_takes_latency_and_size_over_bandwidth(void)
{
    struct seen seen = watch(alone_child);
    CU_ASSERT(near(seen.dates[0], 3 + LOCAL_S + 0.5));
    CU_ASSERT(near(seen.dates[1], 3 + LOCAL_S));
    CU_ASSERT(seen.dates[2] == 3 && !seen.failed[2]);
    CU_ASSERT(near(seen.dates[3], 3 + 1));
}

IN_CHILD(pair)
{
    (void)seen;
    net_start(net, 0, 0, 0, 1, 1e8);
    net_start(net, 0, 1, 2, 1, 2e8);
    /* Against the stream: links are full duplex. */
    net_start(net, 0, 2, 1, 0, 1e8);
}

static void test_two_flows_share_a_link_and_opposite_ones_do_not(void)
{
    struct seen seen = watch(pair_child);
    CU_ASSERT(near(seen.dates[0], LOCAL_S + 2));
    CU_ASSERT(near(seen.dates[1], LOCAL_S + 3));
    CU_ASSERT(near(seen.dates[2], LOCAL_S + 1));
}

/* Three leave node 0 at 1/3; the fourth has what one of them leaves of node
 * 1's link, 2/3. */
IN_CHILD(max_min)
{
    (void)seen;
    net_start(net, 0, 0, 0, 1, 1e9 / 3);
    net_start(net, 0, 1, 0, 2, 1e9 / 3);
    net_start(net, 0, 2, 0, 3, 1e9 / 3);
    net_start(net, 0, 3, 4, 1, 2e9 / 3);
}

static void test_shares_are_max_min_fair(void)
{
    struct seen seen = watch(max_min_child);
    for (int i = 0; i < 4; i++)
        CU_ASSERT(near(seen.dates[i], LOCAL_S + 10));
}

IN_CHILD(wan)
{
    net_start(net, 0, 0, 0, 5, 4e7);
    net_start(net, 0, 1, 1, 6, 4e7);
    net_start(net, 10, 2, 0, 8, 3e7);
    seen->values[0] = net_latency_s(net, 0, 8);
    seen->values[1] = net_bytes_per_s(net, 0, 8);
    seen->values[2] = net_latency_s(net, 0, 9);
    seen->values[3] = net_bytes_per_s(net, 0, 9);
    seen->values[4] = net_latency_s(net, 8, 8);
    seen->values[5] = net_bytes_per_s(net, 8, 8);
    seen->values[6] = net_latency_s(net, 8, 2);
    seen->values[7] = net_bytes_per_s(net, 5, 6);
}

static void test_the_wan_is_the_bottleneck_by_the_shortest_way(void)
{
    struct seen seen = watch(wan_child);
    CU_ASSERT(near(seen.dates[0], LOCAL_S + 10e-3 + 2));
    CU_ASSERT(near(seen.dates[1], LOCAL_S + 10e-3 + 2));
    CU_ASSERT(near(seen.dates[2], 10 + LOCAL_S + 15e-3 + 1));
    CU_ASSERT(near(seen.values[0], LOCAL_S + 15e-3));
    CU_ASSERT(near(seen.values[1], 3e7));
    CU_ASSERT(seen.values[2] == INFINITY && seen.values[3] == 0);
    CU_ASSERT(seen.values[4] == 0 && seen.values[5] == INFINITY);
    CU_ASSERT(near(seen.values[6], LOCAL_S + 15e-3));
    CU_ASSERT(near(seen.values[7], 1e8));
}

/* Two pairs of nodes of e: 60 MB/s each of the backbone's 120. */
IN_CHILD(backbone)
{
    (void)seen;
    net_start(net, 0, 0, 11, 12, 6e7);
    net_start(net, 0, 1, 13, 14, 6e7);
}

static void test_a_backbone_is_shared_by_all_that_crosses_the_switch(void)
{
    struct seen seen = watch(backbone_child);
    CU_ASSERT(near(seen.dates[0], LOCAL_S + 5e-5 + 1));
    CU_ASSERT(near(seen.dates[1], LOCAL_S + 5e-5 + 1));
}

IN_CHILD(cancel)
{
    net_start(net, 0, 0, 0, 1, 1e8);
    net_start(net, 0, 1, 2, 1, 1e9);
    run_until(net, 1, seen);
    net_cancel(net, 1, 1);
    run_until(net, 5, seen);
    /* Its number is free again. */
    net_start(net, 5, 1, 0, 1, 1e8);
}

static void test_a_cancelled_flow_gives_its_share_back(void)
{
    struct seen seen = watch(cancel_child);
    double left = 1e8 - 5e7 * (1 - LOCAL_S);
    CU_ASSERT(near(seen.dates[0], 1 + left / 1e8));
    CU_ASSERT(near(seen.dates[1], 5 + LOCAL_S + 1));
    CU_ASSERT(seen.order_count == 2);
}

IN_CHILD(failure)
{
    net_start(net, 0, 0, 0, 1, 1e9);
    net_start(net, 0, 1, 2, 0, 1e9);
    net_start(net, 0, 2, 3, 1, 1e8);
    run_until(net, 1, seen);
    net_switch(net, 1, 0, false);
    net_start(net, 1, 3, 2, 0, 1);
    net_start(net, 1, 4, 0, 2, 1);
    run_until(net, 10, seen);
    net_switch(net, 10, 0, true);
    net_start(net, 10, 5, 0, 1, 1e8);
    net_start(net, 10, 6, 9, 0, 1); /* There is no way from d. */
}

static void test_the_flows_of_a_node_that_is_off_fail(void)
{
    struct seen seen = watch(failure_child);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT(seen.failed[i] == (i != 2));
        if (i != 2)
            CU_ASSERT(seen.dates[i] == 1);
    }
    double left = 1e8 - 5e7 * (1 - LOCAL_S);
    CU_ASSERT(near(seen.dates[2], 1 + left / 1e8));
    CU_ASSERT(!seen.failed[5] && near(seen.dates[5], 10 + LOCAL_S + 1));
    CU_ASSERT(seen.failed[6] && seen.dates[6] == 10);
}

/* Between a and b nothing gets through from 1 s to 10 s. */
IN_CHILD(closed)
{
    net_start(net, 0, 0, 0, 5, 1e9);
    net_start(net, 0, 1, 5, 0, 1e9);
    net_start(net, 0, 2, 0, 1, 3e8);
    net_start(net, 0, 3, 5, 8, 6e7);
    run_until(net, 1, seen);
    net_close(net, 1, 1, 0, true);
    net_start(net, 1, 4, 1, 6, 1);
    run_until(net, 10, seen);
    net_close(net, 10, 0, 1, false);
    net_start(net, 10, 5, 1, 6, 4e7);
}

static void test_between_closed_clusters_flows_fail(void)
{
    struct seen seen = watch(closed_child);
    CU_ASSERT(seen.failed[0] && seen.dates[0] == 1);
    CU_ASSERT(seen.failed[1] && seen.dates[1] == 1);
    CU_ASSERT(!seen.failed[2]); /* Inside a. */
    CU_ASSERT(!seen.failed[3] && near(seen.dates[3], LOCAL_S + 5e-3 + 2));
    CU_ASSERT(seen.failed[4] && seen.dates[4] == 1);
    CU_ASSERT(!seen.failed[5] && near(seen.dates[5], 10 + LOCAL_S + 10e-3 + 1));
}

/* Traffic of a and c goes through b, not over their own link; d and e have no
 * way to anybody. */
IN_CHILD(crossing)
{
    bool ab[25], ac[25];
    net_crossing(net, 1, 0, ab);
    net_crossing(net, 0, 2, ac);
    for (int i = 0; i < 25; i++) {
        bool expected = i == 1 || i == 5 || i == 2 || i == 10;
        seen->values[0] += ab[i] != expected;
        seen->values[1] += ac[i];
    }
}

static void test_a_link_is_crossed_by_what_takes_it_for_the_best_way(void)
{
    struct seen seen = watch(crossing_child);
    CU_ASSERT(seen.values[0] == 0);
    CU_ASSERT(seen.values[1] == 0);
}

IN_CHILD(order)
{
    (void)seen;
    net_start(net, 0, 5, 0, 1, 1e8);
    net_start(net, 0, 2, 2, 3, 1e8);
    net_start(net, 0, 7, 5, 6, 1e8);
    net_start(net, 0, 0, 13, 13, 0);
}

static void test_equal_dates_come_by_flow(void)
{
    struct seen seen = watch(order_child);
    static const uint32_t expected[] = {0, 2, 5, 7};
    CU_ASSERT(seen.order_count == 4);
    CU_ASSERT(memcmp(seen.order, expected, sizeof expected) == 0);
}

/* After a long silence, dates have fewer digits to spare. */
IN_CHILD(late)
{
    (void)seen;
    net_start(net, 0, 0, 0, 1, 1);
    net_start(net, 3e7, 1, 0, 1, 1e8);
    net_start(net, 3e7 + 1.0 / 3, 2, 2, 1, 1e8);
}

static void test_dates_are_exact_after_a_year(void)
{
    struct seen seen = watch(late_child);
    CU_ASSERT(near(seen.dates[0], LOCAL_S + 1e-8));
    CU_ASSERT(fabs(seen.dates[1] - 3e7 - (LOCAL_S + 5.0 / 3)) < 1e-7);
    CU_ASSERT(fabs(seen.dates[2] - 3e7 - (LOCAL_S + 2)) < 1e-7);
}

/* 20 bytes more are 0.2 us more. */
IN_CHILD(close_ends)
{
    (void)seen;
    net_start(net, 0, 0, 0, 1, 1e8);
    net_start(net, 0, 1, 2, 3, 1e8 + 20);
}

static void test_ends_are_told_apart_that_are_near(void)
{
    struct seen seen = watch(close_ends_child);
    CU_ASSERT(near(seen.dates[0], LOCAL_S + 1));
    CU_ASSERT(near(seen.dates[1], LOCAL_S + 1 + 2e-7));
}

/* Each end is more than twice as late as the one before: the clock leaps to
 * dates that it cannot reach by one addition without rounding. */
static const uint32_t FAR_PAIRS[5][2] = {{0, 1},
                                         {2, 3},
                                         {5, 6},
                                         {11, 12},
                                         {9, 10}};

IN_CHILD(far_ends)
{
    double size = 1e12 * (1 + seen->values[0] / 7);
    for (uint32_t i = 0; i < 5; i++, size *= 3.3)
        net_start(net, 1e-3, i, FAR_PAIRS[i][0], FAR_PAIRS[i][1], size);
}

static void test_no_end_is_missed_by_a_leap(void)
{
    struct seen *seen = child_seen_new(sizeof *seen);
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    for (int trial = 0; trial < 20; trial++) {
        *seen = (struct seen){.values = {trial}};
        CU_ASSERT_FATAL(child_run(far_ends_child, seen));
        CU_ASSERT(seen->order_count == 5);
        double size = 1e12 * (1 + trial / 7.0);
        for (int i = 0; i < 5; i++, size *= 3.3)
            CU_ASSERT(fabs(seen->dates[i] - size / 1e8) <=
                      2e-3 + 1e-9 * seen->dates[i]);
    }
    munmap(seen, sizeof *seen);
}

static void lv08_child(void *data)
{
    struct seen *seen = data;
    struct scenario scenario;
    struct net *net = open_net(NETWORK_LV08, &scenario);
    net_start(net, 0, 0, 0, 1, 1e8);
    seen->values[0] = net_latency_s(net, 0, 1);
    seen->values[1] = net_bytes_per_s(net, 0, 1);
    run_until(net, INFINITY, seen);
    net_destroy(net);
}

static void test_lv08_scales_latency_and_bandwidth(void)
{
    struct seen seen = watch(lv08_child);
    CU_ASSERT(near(seen.dates[0], 13.01 * LOCAL_S + 1 / 0.97));
    CU_ASSERT(near(seen.values[0], 13.01 * LOCAL_S));
    CU_ASSERT(near(seen.values[1], 0.97e8));
}

static void second_child(void *data)
{
    struct seen *seen = data;
    struct scenario scenario;
    struct net *net = open_net(NETWORK_CM02, &scenario);
    seen->values[0] = net_latency_s(net, 0, 1);
    struct net *another;
    struct complaint complaint;
    seen->values[1] = net_create(&scenario, &another, &complaint) < 0;
    net_destroy(net);
}

static void test_a_second_net_in_a_program_is_refused(void)
{
    CU_ASSERT(watch(second_child).values[1] == 1);
}

SUITE_MAIN("flows",
           {"a lone flow takes the latency and its size over the bandwidth",
            test_a_lone_flow_takes_latency_and_size_over_bandwidth},
           {"two flows share a link, and opposite ones do not",
            test_two_flows_share_a_link_and_opposite_ones_do_not},
           {"shares are max-min fair", test_shares_are_max_min_fair},
           {"the wan is the bottleneck, by the way of least latency",
            test_the_wan_is_the_bottleneck_by_the_shortest_way},
           {"a backbone is shared by all that crosses the switch",
            test_a_backbone_is_shared_by_all_that_crosses_the_switch},
           {"a cancelled flow gives its share back",
            test_a_cancelled_flow_gives_its_share_back},
           {"the flows of a node that is off fail",
            test_the_flows_of_a_node_that_is_off_fail},
           {"between closed clusters flows fail",
            test_between_closed_clusters_flows_fail},
           {"a link is crossed by what takes it for the best way",
            test_a_link_is_crossed_by_what_takes_it_for_the_best_way},
           {"equal dates come by flow", test_equal_dates_come_by_flow},
           {"dates are exact after a year", test_dates_are_exact_after_a_year},
           {"ends are told apart that are near",
            test_ends_are_told_apart_that_are_near},
           {"no end is missed by a leap", test_no_end_is_missed_by_a_leap},
           {"LV08 scales latency and bandwidth",
            test_lv08_scales_latency_and_bandwidth},
           {"a second net in a program is refused",
            test_a_second_net_in_a_program_is_refused})
