/* test_maps.c - owners tell one node; hosts merge what their nodes hear, and
 * share what they hold. */
#include "../../algorithms/node/map.h"
#include "stage.h"

enum { CLUSTERS = 10, CLUSTER_NODES = 40, NODES = CLUSTERS * CLUSTER_NODES };

/* What a child tells of its world. */
struct seen
{
    uint32_t version_counts[3]; /* At first, spreading (the most), at last. */
    uint32_t holders;           /* After the rumour; */
    uint32_t all;               /* with gossip, after the time given. */
    double last_s;              /* Date at which the last of all held it. */
    uint64_t frames;
    bool links_kept;
    bool rights_changed;
    uint64_t latency_us;
};

static void ignore(void *sink, const struct record *record)
{
    (void)sink;
    (void)record;
}

/* A grid of clusters c0 .. c9, of which c0 ranks c1's guests at 45 and takes
 * none of c2. */
static void write_text(const char *policies, char *text, size_t bytes)
{
    FILE *out = fmemopen(text, bytes, "w");
    if (!out)
        abort();
    fprintf(out, "vencejo: 1\nname: maps\nseed: 1\nclusters:\n");
    for (int i = 0; i < CLUSTERS; i++)
        fprintf(out,
                "  c%d: {nodes: %d, cores: 1, speed: 1.0, memory: 1 GiB, "
                "swap: 1 GiB, link: {bandwidth: 1 Gbps, latency: 100 us}}\n",
                i, CLUSTER_NODES);
    fprintf(out, "wan:\n");
    for (int i = 0; i < CLUSTERS; i++)
        for (int k = i + 1; k < CLUSTERS; k++)
            fprintf(out,
                    "  - {between: [c%d, c%d], bandwidth: 100 Mbps, latency: "
                    "10 ms}\n",
                    i, k);
    fprintf(out,
            "partners: {c0: {c1: {priority: 45, cap: 8}, c2: {take: no}}}\n"
            "workload:\n  poisson: {load: 0.1, count: 1, cpu: {uniform: [1 s, "
            "2 s]}, "
            "memory: {uniform: [1 MiB, 2 MiB]}, home: random}\n"
            "policies: [%s]\n",
            policies);
    fclose(out);
}

static struct seen look_into(const char *policies, stage_fn look)
{
    static const struct record_sink sink = {.take = ignore};
    char text[8192];
    write_text(policies, text, sizeof text);
    struct seen seen = {.holders = 0};
    stage(text, &sink, look, &seen, sizeof seen);
    return seen;
}

/* Until that date; and the most versions that there were at once. */
static void run_until(struct world *world, double until, uint32_t *ret_most)
{
    while (stage_next(world, until))
        if (*ret_most < maps_count(world))
            *ret_most = maps_count(world);
}

static uint32_t holders(const struct world *world,
                        uint32_t cluster,
                        uint32_t version)
{
    uint32_t count = 0;
    for (node_id i = 0; i < world->machine_count; i++)
        count += maps_version(world, i, cluster) == version;
    return count;
}

static void say(struct world *world, uint32_t cluster, node_id node)
{
    struct cluster_record record = maps_record(world, cluster);
    record.version++;
    record.state = CLUSTER_ISOLATED;
    maps_owner_says(world, node, &record);
}

static uint64_t frames(const struct world *world)
{
    uint64_t count = 0;
    for (node_id i = 0; i < world->machine_count; i++)
        count += world->machines[i].frames;
    return count;
}

/* ---- Looks. -------------------------------------------------------------- */

static void look_at_rumour(struct world *world, void *what)
{
    struct seen *seen = what;
    uint32_t most = 0;
    seen->version_counts[0] = maps_count(world);
    run_until(world, 10, &most);
    seen->frames = frames(world);
    say(world, 3, 3 * CLUSTER_NODES);
    run_until(world, 20, &most);
    seen->version_counts[1] = most;
    seen->holders = holders(world, 3, 2);
    seen->frames = frames(world) - seen->frames;
}

/* s = e^(-4 (1 - s)) is 0.0198 (spread.h): of 400 nodes 8 do not hear, give or
 * take 2.8 by a binomial; each of the others sends four frames. Every host
 * holds one of two versions. */
static void a_rumour_spreads_and_two_versions_are_in_memory(void)
{
    struct seen seen = look_into("place_best", look_at_rumour);
    CU_ASSERT_EQUAL(seen.version_counts[0], 1);
    CU_ASSERT_EQUAL(seen.version_counts[1], 2);
    CU_ASSERT_TRUE(380 <= seen.holders && seen.holders < NODES);
    CU_ASSERT_EQUAL(seen.frames, 4 * (uint64_t)seen.holders);
}

static void look_at_gossip(struct world *world, void *what)
{
    struct seen *seen = what;
    uint32_t most = 0;
    run_until(world, 20, &most);
    seen->version_counts[0] = most;
    say(world, 3, 3 * CLUSTER_NODES);
    say(world, 7, 7 * CLUSTER_NODES + 9);
    while (holders(world, 3, 2) + holders(world, 7, 2) < 2 * NODES &&
           world->now < 60)
        run_until(world, world->now + 0.1, &most);
    seen->last_s = world->now - 20;
    seen->version_counts[1] = most;
    seen->version_counts[2] = maps_count(world);
    seen->all = holders(world, 3, 2);
}

/* Nobody is lost: after its own period's frame (1 s) and one more for who is
 * compared with already, a node that missed the rumour has met somebody. Of two
 * owners' changes there are four versions at the most; the first stays for its
 * links. */
static void with_gossip_all_hear_and_old_versions_are_given_back(void)
{
    struct seen seen = look_into("gossip_window", look_at_gossip);
    CU_ASSERT_EQUAL(seen.all, NODES);
    CU_ASSERT_TRUE(seen.last_s < 5);
    CU_ASSERT_EQUAL(seen.version_counts[0], 1);
    CU_ASSERT_TRUE(3 <= seen.version_counts[1] && seen.version_counts[1] <= 4);
    CU_ASSERT_EQUAL(seen.version_counts[2], 2);
}

static void look_at_crowd(struct world *world, void *what)
{
    struct seen *seen = what;
    uint32_t most = 0;
    run_until(world, 20, &most);
    for (uint32_t cluster = 0; cluster < CLUSTERS; cluster++)
        say(world, cluster, cluster * CLUSTER_NODES);
    run_until(world, 40, &most);
    seen->version_counts[1] = most;
    seen->version_counts[2] = maps_count(world);
    seen->all = NODES;
    for (uint32_t cluster = 0; cluster < CLUSTERS; cluster++)
        if (holders(world, cluster, 2) < seen->all)
            seen->all = holders(world, cluster, 2);
}

/* Of ten changes on their way 1,024 versions could be made: each host may hold
 * one of its own, and all end with the same. */
static void ten_owners_at_once_are_all_heard(void)
{
    struct seen seen = look_into("gossip_window", look_at_crowd);
    CU_ASSERT_EQUAL(seen.all, NODES);
    CU_ASSERT_TRUE(32 < seen.version_counts[1] &&
                   seen.version_counts[1] <= NODES + 1);
    CU_ASSERT_EQUAL(seen.version_counts[2], 2);
}

static const struct cluster_info *entry(struct world *world,
                                        node_id node,
                                        cluster_id id)
{
    struct event event = {.kind = EVENT_MAP};
    maps_show(world, node, &event);
    for (size_t i = 0; i < event.map_count; i++)
        if (event.map[i].id == id)
            return &event.map[i];
    return NULL;
}

static void look_at_views(struct world *world, void *what)
{
    struct seen *seen = what;
    const struct cluster_info *to_c1 = entry(world, 0, 2);
    bool rights = to_c1->priority == 45 && to_c1->cap == 8 && to_c1->send &&
                  to_c1->take && !entry(world, 0, 3)->take &&
                  !entry(world, 2 * CLUSTER_NODES, 1)->send &&
                  entry(world, 0, 4)->priority == 50;
    struct cluster_info before = *to_c1;
    say(world, 1, CLUSTER_NODES);
    run_until(world, 5, &seen->version_counts[1]);
    node_id heard = 0; /* Of c0. */
    while (maps_version(world, heard, 1) != 2)
        heard++;
    const struct cluster_info *after = entry(world, heard, 2);
    seen->rights_changed = rights && !after->send && !after->take &&
                           after->isolated && heard < CLUSTER_NODES;
    seen->links_kept = after->latency_us == before.latency_us &&
                       after->bytes_per_s == before.bytes_per_s;
    seen->latency_us = before.latency_us;
}

/* Two links of 100 us and 10 ms between; what is kept is of SimGrid's routes.
 */
static void a_map_shows_rights_of_its_version_and_the_links_of_all(void)
{
    struct seen seen = look_into("place_best", look_at_views);
    CU_ASSERT_TRUE(seen.rights_changed);
    CU_ASSERT_TRUE(seen.links_kept);
    CU_ASSERT_TRUE(10000 <= seen.latency_us && seen.latency_us < 12000);
}

SUITE_MAIN("maps",
           {"a rumour spreads, and two versions are in memory",
            a_rumour_spreads_and_two_versions_are_in_memory},
           {"with gossip all hear, and old versions are given back",
            with_gossip_all_hear_and_old_versions_are_given_back},
           {"ten owners at once are all heard",
            ten_owners_at_once_are_all_heard},
           {"a map shows the rights of its version and the links of all",
            a_map_shows_rights_of_its_version_and_the_links_of_all})
