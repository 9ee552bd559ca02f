/* test_alike_owners.c - what the owners of clusters of one key say at first. */
#include "../../algorithms/node/map.h"
#include "stage.h"

enum { SITES = 5, HUB = 0, CLUSTERS = SITES + 1 };

struct seen
{
    struct cluster_record records[CLUSTERS];
    struct cluster_info views[CLUSTERS][CLUSTERS]; /* Of their first nodes. */
};

/* The exact entry stands before the one of all: order must not matter. */
static const char text[] =
    "vencejo: 1\nname: alike\nseed: 1\n"
    "clusters:\n"
    "  hub: {nodes: 1, memory: 1 GiB}\n"
    "  site: {count: 5, nodes: 2, memory: 1 GiB}\n"
    "wan: [{between: [hub, site], bandwidth: 1 Gbps, latency: 10 ms}]\n"
    "partners:\n"
    "  site-2: {others: {priority: 30}, site: {cap: 7}}\n"
    "  site: {others: {priority: 60}, hub: {take: no}, site: {cap: 2}, "
    "site-3: {cap: 3}}\n"
    "workload: {batch: {count: 1, cpu: 1 s}}\n"
    "policies: [gossip_window]\n";

static void look(struct world *world, void *what)
{
    struct seen *seen = what;
    for (uint32_t i = 0; i < CLUSTERS; i++) {
        node_id first = world->scenario->clusters[i].first;
        seen->records[i] = maps_record(world, i);
        memcpy(seen->views[i], maps_held(world, first), sizeof seen->views[i]);
    }
}

static void ignore(void *sink, const struct record *record)
{
    (void)sink;
    (void)record;
}

static const struct seen *see(void)
{
    static const struct record_sink sink = {.take = ignore};
    static struct seen seen;
    stage(text, &sink, look, &seen, sizeof seen);
    return &seen;
}

/* Of a site, by its number, to a partner: 0 is the hub. */
static struct cluster_rule rule(const struct seen *seen, int site, int partner)
{
    return *record_rule(&seen->records[site], (cluster_id)(partner + 1));
}

static void each_has_a_record_of_its_own(void)
{
    const struct seen *seen = see();
    for (uint32_t i = 1; i < CLUSTERS; i++) {
        CU_ASSERT_EQUAL(seen->records[i].id, i + 1);
        CU_ASSERT_EQUAL(seen->records[i].first, 1 + 2 * (i - 1));
        CU_ASSERT_EQUAL(seen->records[i].node_count, 2);
    }
    CU_ASSERT_EQUAL(seen->records[HUB].others.priority, 50);
}

static void what_is_said_by_their_key_each_says(void)
{
    const struct seen *seen = see();
    for (int site = 1; site <= SITES; site++) {
        CU_ASSERT_FALSE(rule(seen, site, HUB).take);
        if (site == 2)
            continue;
        CU_ASSERT_EQUAL(seen->records[site].others.priority, 60);
        for (int other = 1; other <= SITES; other++)
            if (other != site)
                CU_ASSERT_EQUAL(rule(seen, site, other).cap,
                                other == 3 ? 3 : 2);
        /* The hub and the four others; nothing of itself. */
        CU_ASSERT_EQUAL(seen->records[site].rule_count, 5);
    }
}

static void what_is_said_by_its_name_holds_for_one(void)
{
    const struct seen *seen = see();
    CU_ASSERT_EQUAL(seen->records[2].others.priority, 30);
    for (int other = 1; other <= SITES; other++)
        if (other != 2)
            CU_ASSERT_EQUAL(rule(seen, 2, other).cap, 7);
}

/* What a node sees: its own cluster, then all others in order. Link, wan, link
 * make 10.1 ms to the hub; link and link 0.1 ms inside and between. */
static void each_sees_itself_first_and_the_others_at_their_distance(void)
{
    const struct seen *seen = see();
    for (uint32_t own = 1; own < CLUSTERS; own++) {
        const struct cluster_info *view = seen->views[own];
        CU_ASSERT_EQUAL(view[0].id, own + 1);
        CU_ASSERT_EQUAL(view[0].latency_us, 100);
        for (uint32_t i = 1; i < CLUSTERS; i++) {
            uint32_t other = i <= own ? i - 1 : i;
            CU_ASSERT_EQUAL(view[i].id, other + 1);
            CU_ASSERT_EQUAL(view[i].latency_us, other == HUB ? 10100 : 100);
            CU_ASSERT_EQUAL(view[i].bytes_per_s, 125000000);
            CU_ASSERT_EQUAL(view[i].take, other != HUB);
        }
    }
}

SUITE_MAIN("owners of clusters of one key",
           {"each has a record of its own", each_has_a_record_of_its_own},
           {"what is said by their key each says",
            what_is_said_by_their_key_each_says},
           {"what is said by its name holds for one",
            what_is_said_by_its_name_holds_for_one},
           {"each sees itself first, and the others at their distance",
            each_sees_itself_first_and_the_others_at_their_distance})
