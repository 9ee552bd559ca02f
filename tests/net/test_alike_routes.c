/* Clusters of one key with `count`, which are one zone: their routes by hand.
 *
 *   site-1 (nodes 0, 1)  \
 *   site-2 (nodes 2, 3)  - switch -- 1 ms, 30 MB/s -- hub (nodes 6, 7)
 *   site-3 (nodes 4, 5)  /
 *
 * Each node has 100 MB/s and 0.1 ms to its switch; sites have backbones of 80
 * MB/s and 0.05 ms, the hub has none.
 */
#include <math.h>

#include "sim/net.h"
#include "tests/net/child.h"
#include "tests/suite.h"

enum { SITES = 3, CLUSTERS = SITES + 1, FLOWS = 4 };

struct seen
{
    double latency_s[4]; /* Within, between, to the hub and back. */
    double bytes_per_s[4];
    double dates[FLOWS];
    bool failed[FLOWS];
    bool crossing[CLUSTERS * CLUSTERS];
};

static void fill(struct scenario_cluster *clusters, bool backbones)
{
    static char *const names[] = {"site-1", "site-2", "site-3", "hub"};
    for (uint32_t i = 0; i < CLUSTERS; i++)
        clusters[i] = (struct scenario_cluster){
            .name = names[i],
            .node_count = 2,
            .first = 2 * i,
            .core_count = 1,
            .speed_milli = 1000,
            .link = {.bytes_per_s = 1e8, .latency_s = 1e-4},
        };
    for (uint32_t i = 0; i < SITES; i++) {
        clusters[i].key = "site";
        clusters[i].alike_count = SITES;
        clusters[i].alike_index = i;
        clusters[i].has_backbone = backbones;
        clusters[i].backbone =
            (struct scenario_link){.bytes_per_s = 8e7, .latency_s = 5e-5};
    }
}

static void run(struct net *net, struct seen *seen)
{
    for (double date; (date = net_next(net)) < INFINITY;) {
        net_advance(net, date);
        uint32_t flow;
        bool failed;
        while (net_pop(net, &flow, &failed)) {
            seen->dates[flow] = date;
            seen->failed[flow] = failed;
        }
    }
}

static void look(struct seen *seen,
                 bool backbones,
                 void (*play)(struct net *net, struct seen *seen))
{
    struct scenario_cluster clusters[CLUSTERS];
    struct scenario_wan wan = {
        .a = 0, .b = SITES, .link = {.bytes_per_s = 3e7, .latency_s = 1e-3}};
    struct scenario s = {.path = "alike",
                         .clusters = clusters,
                         .cluster_count = CLUSTERS,
                         .node_count = 2 * CLUSTERS,
                         .wans = &wan,
                         .wan_count = 1};
    struct net *net;
    struct complaint complaint;
    fill(clusters, backbones);
    if (net_create(&s, &net, &complaint) < 0)
        exit(EXIT_FAILURE);
    play(net, seen);
    run(net, seen);
    net_destroy(net);
}

#define CHILD(name, backbones)           \
    static void name##_child(void *seen) \
    {                                    \
        look(seen, backbones, name);     \
    }

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

static void ask(struct net *net, struct seen *seen)
{
    /* Between first: what is within must not be taken from it, nor back. */
    static const uint32_t pairs[4][2] = {{4, 5}, {3, 4}, {5, 6}, {7, 0}};
    for (int i = 3; i >= 0; i--) {
        seen->latency_s[i] = net_latency_s(net, pairs[i][0], pairs[i][1]);
        seen->bytes_per_s[i] = net_bytes_per_s(net, pairs[i][0], pairs[i][1]);
    }
    net_crossing(net, 0, SITES, seen->crossing);
}
CHILD(ask, true)

static void ask_plain(struct net *net, struct seen *seen)
{
    ask(net, seen);
}
CHILD(ask_plain, false)

static void routes_cross_what_stands_between(void)
{
    struct seen seen = watch(ask_child);
    /* Link, backbone, link; */
    CU_ASSERT(near(seen.latency_s[0], 2e-4 + 5e-5));
    /* link, backbone, the other's backbone, link; */
    CU_ASSERT(near(seen.latency_s[1], 2e-4 + 1e-4));
    /* link, backbone, wan, link; and back. */
    CU_ASSERT(near(seen.latency_s[2], 2e-4 + 5e-5 + 1e-3));
    CU_ASSERT(near(seen.latency_s[3], 2e-4 + 5e-5 + 1e-3));
    CU_ASSERT(near(seen.bytes_per_s[0], 8e7));
    CU_ASSERT(near(seen.bytes_per_s[1], 8e7));
    CU_ASSERT(near(seen.bytes_per_s[2], 3e7));
    CU_ASSERT(near(seen.bytes_per_s[3], 3e7));
    for (uint32_t a = 0; a < CLUSTERS; a++)
        for (uint32_t b = 0; b < CLUSTERS; b++)
            CU_ASSERT_EQUAL(seen.crossing[a * CLUSTERS + b],
                            a != b && (a == SITES || b == SITES));
}

static void without_backbones_it_is_as_far_to_another_as_inside(void)
{
    struct seen seen = watch(ask_plain_child);
    CU_ASSERT(near(seen.latency_s[0], 2e-4));
    CU_ASSERT(near(seen.latency_s[1], 2e-4));
    CU_ASSERT(near(seen.bytes_per_s[1], 1e8));
    CU_ASSERT(near(seen.latency_s[2], 2e-4 + 1e-3));
}

/* Two from site-1 to site-2 share two backbones, 40 MB/s each; one inside
 * site-3 has its own. */
static void share(struct net *net, struct seen *seen)
{
    (void)seen;
    net_start(net, 0, 0, 0, 2, 4e7);
    net_start(net, 0, 1, 1, 3, 4e7);
    net_start(net, 0, 2, 4, 5, 8e7);
}
CHILD(share, true)

static void a_backbone_is_that_of_its_cluster_alone(void)
{
    struct seen seen = watch(share_child);
    CU_ASSERT(near(seen.dates[0], 3e-4 + 1));
    CU_ASSERT(near(seen.dates[1], 3e-4 + 1));
    CU_ASSERT(near(seen.dates[2], 2.5e-4 + 1));
}

/* All three sites send to each other at once: each link has one flow. */
static void exchange(struct net *net, struct seen *seen)
{
    (void)seen;
    net_start(net, 0, 0, 0, 2, 1e8);
    net_start(net, 0, 1, 3, 4, 1e8);
    net_start(net, 0, 2, 5, 1, 1e8);
}
CHILD(exchange, false)

static void the_switch_that_they_share_never_limits(void)
{
    struct seen seen = watch(exchange_child);
    for (int i = 0; i < 3; i++)
        CU_ASSERT(near(seen.dates[i], 2e-4 + 1));
}

/* Two sites to the hub: one wan link for both, 15 MB/s each. */
static void leave(struct net *net, struct seen *seen)
{
    (void)seen;
    net_start(net, 0, 0, 0, 6, 1.5e7);
    net_start(net, 0, 1, 2, 7, 1.5e7);
}
CHILD(leave, false)

static void a_wan_link_is_shared_by_all_at_the_switch(void)
{
    struct seen seen = watch(leave_child);
    CU_ASSERT(near(seen.dates[0], 1.2e-3 + 1));
    CU_ASSERT(near(seen.dates[1], 1.2e-3 + 1));
}

/* The way between site-1 and site-2 closes, and only that. */
static void close_one(struct net *net, struct seen *seen)
{
    (void)seen;
    net_start(net, 0, 0, 0, 2, 1e8);
    net_start(net, 0, 1, 1, 4, 1e8);
    net_close(net, 0.5, 0, 1, true);
    net_start(net, 0.5, 2, 3, 0, 1);
}
CHILD(close_one, false)

static void ways_between_them_close_one_by_one(void)
{
    struct seen seen = watch(close_one_child);
    CU_ASSERT(seen.failed[0] && seen.failed[2] && !seen.failed[1]);
    CU_ASSERT(near(seen.dates[0], 0.5));
    CU_ASSERT(near(seen.dates[1], 2e-4 + 1));
}

SUITE_MAIN("clusters of one key in SimGrid",
           {"routes cross what stands between",
            routes_cross_what_stands_between},
           {"without backbones it is as far to another as inside",
            without_backbones_it_is_as_far_to_another_as_inside},
           {"a backbone is that of its cluster alone",
            a_backbone_is_that_of_its_cluster_alone},
           {"the switch that they share never limits",
            the_switch_that_they_share_never_limits},
           {"a wan link is shared by all at the switch",
            a_wan_link_is_shared_by_all_at_the_switch},
           {"ways between them close one by one",
            ways_between_them_close_one_by_one})
