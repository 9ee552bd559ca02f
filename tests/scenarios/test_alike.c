/* test_alike.c - `count`: one key of clusters: that is many clusters. */
#include "mistakes.h"
#include "parsed.h"

#define SITES "clusters: {hub: {nodes: 2}, site: {count: 3, nodes: 4, later: 1}"
#define GRID HEAD SITES ", lab: {nodes: 5}}\n" JOBS

static void one_key_makes_numbered_clusters_in_its_place(void)
{
    static const char *const names[] = {"hub", "site-1", "site-2", "site-3",
                                        "lab"};
    static const node_id firsts[] = {0, 2, 6, 10, 14};
    struct scenario *s = parse(GRID);
    CU_ASSERT_EQUAL_FATAL(s->cluster_count, 5);
    CU_ASSERT_EQUAL(s->node_count, 19);
    for (uint32_t i = 0; i < 5; i++) {
        const struct scenario_cluster *c = &s->clusters[i];
        bool alike = 1 <= i && i <= 3;
        CU_ASSERT_STRING_EQUAL(c->name, names[i]);
        CU_ASSERT_EQUAL(c->first, firsts[i]);
        CU_ASSERT_EQUAL(c->alike_count, alike ? 3 : 0);
        CU_ASSERT_EQUAL(scenario_switch(s, i), alike ? 1 : i);
        CU_ASSERT_STRING_EQUAL(scenario_cluster_key(c),
                               alike ? "site" : names[i]);
        if (alike) {
            CU_ASSERT_EQUAL(c->node_count, 4);
            CU_ASSERT_EQUAL(c->later_count, 1);
        }
    }
    scenario_destroy(s);
}

static void a_count_of_one_is_numbered_too(void)
{
    struct scenario *s =
        parse(HEAD "clusters: {site: {count: 1, nodes: 2}}\n" JOBS
                   "until: 1 h\nevents: [{at: 1 s, isolate: site}]\n");
    CU_ASSERT_EQUAL_FATAL(s->cluster_count, 1);
    CU_ASSERT_STRING_EQUAL(s->clusters[0].name, "site-1");
    CU_ASSERT_EQUAL(s->grid.events[0].cluster, 0);
    scenario_destroy(s);
}

static void names_find_one_of_them_and_keys_all(void)
{
    struct scenario *s = parse(
        GRID
        "until: 1 h\n"
        "wan: [{between: [site, hub], bandwidth: 1 Gbps, latency: 1 ms}]\n"
        "partners: {site: {others: {priority: 60}, site: {cap: 2}}, "
        "site-2: {hub: {take: no}}}\n"
        "events: [{at: 1 s, isolate: site-2}, {at: 2 s, block: site-3}, "
        "{random: {do: leave, clusters: site, after: 1 h, for: 1 s}}]\n"
        "faults: {list: [{at: 1 s, cut: [hub, site]}, "
        "{at: 2 s, partition: [[lab, site-1], [hub, site-2, site-3]]}, "
        "{at: 3 s, partition: [[site], [hub, lab]]}]}\n");
    const struct scenario_grid *g = &s->grid;
    CU_ASSERT_EQUAL(s->wans[0].a, 1);
    CU_ASSERT_EQUAL(s->wans[0].b, 0);
    CU_ASSERT_EQUAL_FATAL(g->partner_count, 3);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(g->partners[i].owner, 1);
        CU_ASSERT_EQUAL(g->partners[i].owner_count, 3);
    }
    CU_ASSERT_EQUAL(g->partners[0].rule.partner, 0);
    CU_ASSERT_EQUAL(g->partners[0].partner_count, 0);
    CU_ASSERT_EQUAL(g->partners[1].rule.partner, 2);
    CU_ASSERT_EQUAL(g->partners[1].partner_count, 3);
    CU_ASSERT_EQUAL(g->partners[2].owner, 2);
    CU_ASSERT_EQUAL(g->partners[2].owner_count, 1);
    CU_ASSERT_EQUAL(g->events[0].cluster, 2);
    CU_ASSERT_EQUAL(g->events[1].nodes.first, 10);
    CU_ASSERT_EQUAL(g->events[1].nodes.last, 13);
    CU_ASSERT_EQUAL(g->randoms[0].nodes.first, 2);
    CU_ASSERT_EQUAL(g->randoms[0].nodes.last, 13);
    CU_ASSERT_EQUAL(g->faults.list[0].a, 0);
    CU_ASSERT_EQUAL(g->faults.list[0].b, 1);
    static const uint32_t sides[2][5] = {{1, 0, 1, 1, 0}, {1, 0, 0, 0, 1}};
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(
            memcmp(g->faults.list[1 + i].sides, sides[i], sizeof sides[i]), 0);
    scenario_destroy(s);
}

/* What is printed is read back as the same, and says each thing once. */
static void printed_it_keeps_the_count_and_reads_back(void)
{
    struct scenario *s = parse(
        HEAD
        "clusters: {hub: {nodes: 2}, site: {count: 1000, nodes: 100}}\n" JOBS
        "until: 1 h\n"
        "wan: [{between: [site, hub], bandwidth: 1 Gbps, latency: 1 ms}]\n"
        "partners: {site: {others: {priority: 60}}, site-7: {others: "
        "{take: no}, site-9: {cap: 1}}, hub: {site-3: {go: no}}}\n"
        "events: [{random: {do: leave, clusters: site, after: 1 h, for: 1 "
        "s}}]\n"
        "faults: {list: [{at: 1 s, cut: [site, hub]}, {at: 1 s, "
        "partition: [[site], [hub]]}]}\n");
    char *printed = NULL;
    CU_ASSERT_EQUAL_FATAL(scenario_print(s, &printed), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(printed, "  site:\n    count: 1000\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(printed, "between: [site, hub]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(printed, "cut: [site, hub]"));
    CU_ASSERT_TRUE(strstr(printed, "partition: [[hub], [site]]") ||
                   strstr(printed, "partition: [[site], [hub]]"));
    CU_ASSERT_PTR_NULL(strstr(printed, "site-2"));
    CU_ASSERT_TRUE(strlen(printed) < 4096);
    struct scenario *again = parse(printed);
    char *reprinted = NULL;
    CU_ASSERT_EQUAL_FATAL(scenario_print(again, &reprinted), 0);
    CU_ASSERT_STRING_EQUAL(printed, reprinted);
    CU_ASSERT_EQUAL(again->cluster_count, 1001);
    CU_ASSERT_EQUAL(again->node_count, 100002);
    CU_ASSERT_STRING_EQUAL(again->clusters[1000].name, "site-1000");
    CU_ASSERT_EQUAL(again->grid.partners[0].owner_count, 1000);
    free(printed);
    free(reprinted);
    scenario_destroy(s);
    scenario_destroy(again);
}

static void mistakes_are_told(void)
{
    CHECK(
        {HEAD "clusters: {site: {count: @0, nodes: 1}}\n" JOBS,
         "count: '0' is too small, give at least 1"},
        {HEAD "clusters: {site: {count: @65536, nodes: 1}}\n" JOBS,
         "give at most 65535"},
        {HEAD "clusters: {a: {nodes: 1}, b: {count: @65535, nodes: 1}}\n" JOBS,
         "more than 65535 clusters in all, take fewer"},
        {HEAD "clusters: {site: {count: 1001, nodes: @1000}}\n" JOBS,
         "more than 1000000 nodes in all, take fewer"},
        {HEAD "clusters: {site: {count: 2, nodes: 1, later: @1}}\n" JOBS,
         "later: 1 of 1 nodes"},
        {HEAD "clusters: {@abcdefghijklmnopqrstuvwxyzabcdefghijkl: {count: 10, "
              "nodes: 1}}\n" JOBS,
         "'abcdefghijklmnopqrstuvwxyzabcdefghijkl-10' is too long for a name"},
        {HEAD SITES ", @site-3: {nodes: 1}}\n" JOBS,
         "'site-3' is one of the 3 clusters of 'site' already"},
        {HEAD
         "clusters: {@site-3: {nodes: 1}, site: {count: 3, nodes: 1}}\n" JOBS,
         "'site-3' is one of the 3 clusters of 'site' already"},
        {GRID "wan: [{between: [hub, @site-2], bandwidth: 1 Gbps, latency: 1 "
              "ms}]\n",
         "'site-2' has no switch of its own, the 3 clusters of its key share "
         "one, write site"},
        {GRID "wan: [{between: [site, @site], bandwidth: 1 Gbps, latency: 1 "
              "ms}]\n",
         "'site' twice"},
        {GRID "partners: {site: {@sit: {}}}\n",
         "unknown cluster 'sit', did you mean 'site'?"},
        {GRID "partners: {site-2: {@site-2: {}}}\n",
         "'site-2' is no partner of its own"},
        {HEAD "clusters: {site: {count: 65, nodes: 1}, hub: {nodes: 1}}\n" JOBS
              "partners: {hub: {@site: {}}}\n",
         "more than 64 partners of one cluster"},
        {GRID "until: 1 h\nevents: [{at: 1 s, isolate: @site}]\n",
         "'site' is 3 clusters, name one of them, site-1 to site-3"},
        {GRID "until: 1 h\nevents: [{at: 1 s, block: @site}]\n",
         "'site' is 3 clusters, name one of them"},
        {GRID "until: 1 h\nevents: [{at: 1 s, partner: lab, of: @site, go: "
              "no}]\n",
         "'site' is 3 clusters, name one of them or others"},
        {HEAD SITES "}\nworkload: {batch: {count: 1, cpu: 1 s, home: @site}}\n",
         "'site' is 3 clusters, name one of them"},
        {GRID "faults: {list: [{at: 1 s, partition: [[site, @site-2], [hub, "
              "lab]]}]}\n",
         "partition: site-2 is on a side already"},
        {GRID "faults: {list: [{at: 1 s, cut: @[site, hub]}]}\n",
         "cut: site and hub have no link of their own"}, );
}

SUITE_MAIN("many clusters of one key",
           {"one key makes numbered clusters in its place",
            one_key_makes_numbered_clusters_in_its_place},
           {"a count of one is numbered too", a_count_of_one_is_numbered_too},
           {"names find one of them and keys all",
            names_find_one_of_them_and_keys_all},
           {"printed it keeps the count and reads back",
            printed_it_keeps_the_count_and_reads_back},
           {"mistakes are told at their place", mistakes_are_told})
