/* test_records.c - an owner tells one node, and all nodes of all clusters come
 * to hold it: in time, through loss, partitions and joins.
 *
 * Bounds. A rumour told by push reaches n nodes in about log2 n + ln n rounds
 * (Pittel, On spreading a rumor, SIAM J. Appl. Math. 47, 1987), here of one way
 * over the WAN. With m tells of each node a share s = e^(-m (1 - s)) hears
 * nothing (Demers et al., PODC 1987); m = 4 (1 - loss). For who did not hear,
 * each gossip period brings a frame of its own to somebody who knows (then
 * VERSIONS, the question and RECORD must come through as well: four frames) and
 * as a Poisson number of mean 1 the frames of others, each for three. So a
 * period fails with
 *     f = (1 - (1 - loss)^4) e^-((1 - loss)^3),
 * and the chance that one of n waits longer than k periods is below n f^k.
 * Bounds are for a chance of 10^-6.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algorithms/node/map.h"
#include "algorithms/node/wire.h"
#include "inner.h"
#include "tests/suite.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

enum {
    PARTS_MAX = 16,
    FIRST_STEP = 10000, /* Between the first nodes of clusters. */
    WARM_S = 20,
    POLL_US = 10000,
    PERIOD_US = CLUSTER_SECOND_US, /* Of gossip_window. */
};

struct grid
{
    struct cluster_list list;
    struct cluster_part parts[PARTS_MAX];
    struct cluster_setup setup;
    struct cluster *cluster;
};

static node_id node_of(size_t part, uint32_t index)
{
    return (node_id)((part + 1) * FIRST_STEP + index);
}

static cluster_id id_of(size_t part)
{
    return (cluster_id)(part + 1);
}

/* Not run yet. */
static void prepare(struct grid *grid,
                    const char *policies,
                    size_t part_count,
                    uint32_t node_count,
                    uint32_t loss_milli)
{
    cluster_list_init(&grid->list, policies);
    for (size_t part = 0; part < part_count; part++)
        grid->parts[part] = (struct cluster_part){.id = id_of(part),
                                                  .first = node_of(part, 0),
                                                  .node_count = node_count,
                                                  .core_count = 1,
                                                  .speed_milli = 1000,
                                                  .mem_bytes = 64 * MIB};
    grid->setup = cluster_setup_default();
    grid->setup.parts = grid->parts;
    grid->setup.part_count = part_count;
    grid->setup.loss_milli = loss_milli;
    grid->setup.owners_speak = true;
    grid->setup.config.policies = grid->list.policies;
    grid->setup.config.policy_count = grid->list.count;
    grid->cluster = cluster_create(&grid->setup);
}

static void finish(struct grid *grid)
{
    CU_ASSERT_PTR_NULL(cluster_broken(grid->cluster));
    if (cluster_broken(grid->cluster))
        printf("\n  %s\n", cluster_broken(grid->cluster));
    cluster_destroy(grid->cluster);
}

/* The owner of that part changes its mind and tells that node. */
static void say(struct grid *grid, size_t part, uint32_t version, node_id node)
{
    struct cluster_record record = cluster_record_of(grid->cluster, part);
    record.version = version;
    record.others.cap = 7;
    CU_ASSERT_TRUE(cluster_owner_says(grid->cluster, node, &record));
}

/* Nodes that are up and hold that version. */
static size_t holders(const struct grid *grid, size_t part, uint32_t version)
{
    size_t count = 0;
    for (size_t i = 0; i < grid->cluster->machine_count; i++) {
        const struct machine *machine = &grid->cluster->machines[i];
        count += machine->up && cluster_version(grid->cluster, machine->id,
                                                id_of(part)) == version;
    }
    return count;
}

/* How long until so many hold it; USEC_NEVER if longer than bound_us. */
static usec_t wait_for(struct grid *grid,
                       size_t part,
                       uint32_t version,
                       size_t count,
                       usec_t bound_us)
{
    usec_t began_us = cluster_now(grid->cluster);
    while (holders(grid, part, version) < count) {
        if (began_us + bound_us < cluster_now(grid->cluster) ||
            cluster_broken(grid->cluster))
            return USEC_NEVER;
        cluster_run_for(grid->cluster, POLL_US);
    }
    return cluster_now(grid->cluster) - began_us;
}

static usec_t rumour_us(const struct grid *grid, double nodes)
{
    double rounds = ceil(log2(nodes) + log(nodes));
    return (usec_t)rounds *
           (grid->setup.wan_latency_us + grid->setup.jitter_us);
}

static usec_t gossip_us(double nodes, double loss)
{
    double through = 1 - loss;
    double fails = (1 - pow(through, 4)) * exp(-pow(through, 3));
    double periods = fails > 0 ? ceil(log(nodes * 1e6) / -log(fails)) : 1;
    /* A period more for a phase, and one for who is compared with already. */
    return (usec_t)(periods + 2) * PERIOD_US;
}

static void nothing_is_sent_while_nothing_changes(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 16, 50);
    cluster_run_until(grid.cluster, SECONDS(60));
    struct cluster_counts counts = cluster_counts(grid.cluster);
    CU_ASSERT_TRUE(counts.frames > 64 * 55);
    CU_ASSERT_EQUAL(counts.spread_frames, 0);
    CU_ASSERT_EQUAL(counts.spread_bytes, 0);
    finish(&grid);
}

/* Without gossip nothing mends what rumours miss. s = e^(-4 (1 - s)) is 0.0198;
 * 1,000 nodes, so 20 +- 4.4 by a binomial; what is drawn early counts more. At
 * a loss of 30 % m = 2.8 and s = 0.0737. */
static void a_rumour_alone_reaches_as_many_as_theory_says(void)
{
    static const struct
    {
        uint32_t loss_milli;
        double residue;
    } rows[] = {{0, 0.0198}, {300, 0.0737}};
    for (size_t i = 0; i < 2; i++) {
        struct grid grid;
        prepare(&grid, "place_home", 10, 100, rows[i].loss_milli);
        cluster_run_until(grid.cluster, SECONDS(1));
        say(&grid, 3, 2, node_of(3, 50));
        cluster_run_for(grid.cluster, rumour_us(&grid, 1000));
        double missed = 1 - (double)holders(&grid, 3, 2) / 1000;
        CU_ASSERT_DOUBLE_EQUAL(missed, rows[i].residue, 0.02);
        CU_ASSERT_TRUE(cluster_counts(grid.cluster).spread_frames <= 4000);
        finish(&grid);
    }
}

static void one_node_is_told_and_all_hold_it_in_time(void)
{
    static const uint32_t losses_milli[] = {0, 50, 300};
    static const struct
    {
        size_t part_count;
        uint32_t node_count;
    } sizes[] = {{2, 8}, {8, 32}, {10, 100}};
    for (size_t k = 0; k < 9; k++) {
        struct grid grid;
        uint32_t loss_milli = losses_milli[k % 3];
        size_t nodes = sizes[k / 3].part_count * sizes[k / 3].node_count;
        prepare(&grid, "gossip_window", sizes[k / 3].part_count,
                sizes[k / 3].node_count, loss_milli);
        cluster_run_until(grid.cluster, SECONDS(WARM_S));
        say(&grid, 1, 2, node_of(1, 3));
        usec_t took_us =
            wait_for(&grid, 1, 2, nodes,
                     rumour_us(&grid, (double)nodes) +
                         gossip_us((double)nodes, (double)loss_milli / 1000));
        CU_ASSERT_NOT_EQUAL(took_us, USEC_NEVER);
        /* The last frames on their way may still set off some. */
        cluster_run_for(grid.cluster, SECONDS(2));
        uint64_t frames = cluster_counts(grid.cluster).spread_frames;
        cluster_run_for(grid.cluster, SECONDS(20));
        CU_ASSERT_EQUAL(cluster_counts(grid.cluster).spread_frames, frames);
        finish(&grid);
    }
}

static void two_owners_at_once_are_both_heard(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 16, 50);
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    say(&grid, 0, 2, node_of(0, 3));
    say(&grid, 3, 2, node_of(3, 9));
    usec_t bound_us = rumour_us(&grid, 64) + gossip_us(64, 0.05);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 0, 2, 64, bound_us), USEC_NEVER);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 3, 2, 64, bound_us), USEC_NEVER);
    finish(&grid);
}

/* Every owner changes all the time: chatter stays bounded (an invariant), and
 * when they stop all hold the last word of each. */
static void many_owners_who_never_rest_are_heard_in_the_end(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 8, 8, 50);
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    uint32_t version = 1;
    for (int i = 0; i < 100; i++) {
        version++;
        for (size_t part = 0; part < 8; part++)
            say(&grid, part, version, node_of(part, (uint32_t)i % 8));
        cluster_run_for(grid.cluster, POLL_US);
    }
    /* Eight records differ, and any one frame of them may be lost. */
    usec_t bound_us = rumour_us(&grid, 64) + gossip_us(64 * 8, 0.05);
    for (size_t part = 0; part < 8; part++)
        CU_ASSERT_NOT_EQUAL(wait_for(&grid, part, version, 64, bound_us),
                            USEC_NEVER);
    finish(&grid);
}

static void cut(struct grid *grid, uint32_t side)
{
    for (size_t part = 0; part < 2; part++)
        for (uint32_t i = 0; i < 16; i++)
            cluster_side(grid->cluster, node_of(part, i), side);
}

/* Of a partition each side hears its own owners; healed, all hear all. */
static void a_partition_keeps_news_apart_until_it_heals(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 16, 50);
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    cut(&grid, 1);
    say(&grid, 0, 2, node_of(0, 3));
    say(&grid, 3, 2, node_of(3, 9));
    usec_t bound_us = rumour_us(&grid, 64) + gossip_us(64, 0.05);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 0, 2, 32, 2 * bound_us), USEC_NEVER);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 3, 2, 32, 2 * bound_us), USEC_NEVER);
    cluster_run_for(grid.cluster, SECONDS(30));
    CU_ASSERT_EQUAL(holders(&grid, 0, 2), 32);
    CU_ASSERT_EQUAL(holders(&grid, 3, 2), 32);
    cut(&grid, 0);
    /* After 30 s of silence gossip finds the other side only by one in five of
     * its periods (any_every), of which half go there. */
    bound_us = SECONDS(60);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 0, 2, 64, bound_us), USEC_NEVER);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 3, 2, 64, bound_us), USEC_NEVER);
    finish(&grid);
}

static size_t boards_with(const struct grid *grid, node_id node)
{
    size_t with = 0;
    for (size_t i = 0; i < grid->cluster->machine_count; i++) {
        const struct machine *machine = &grid->cluster->machines[i];
        size_t count = machine->up ? node_peer_count(machine->node) : 0;
        size_t at = 0;
        while (at < count && node_peer(machine->node, at)->word.id != node)
            at++;
        with += at < count;
    }
    return with;
}

/* Nobody knows of the last cluster; its nodes know of all, and come up. */
static void a_cluster_that_joins_is_heard_by_all(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 8, 50);
    struct cluster_record records[4];
    for (size_t part = 0; part < 4; part++)
        records[part] = cluster_record_of(grid.cluster, part);
    for (size_t part = 0; part < 4; part++)
        for (uint32_t i = 0; i < 8; i++) {
            cluster_records_set(grid.cluster, node_of(part, i), records,
                                part == 3 ? 4 : 3);
            if (part == 3)
                cluster_begin_down(grid.cluster, node_of(part, i));
        }
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    CU_ASSERT_EQUAL(holders(&grid, 3, 1), 0);
    for (uint32_t i = 0; i < 8; i++)
        cluster_revive(grid.cluster, node_of(3, i));
    CU_ASSERT_NOT_EQUAL(
        wait_for(&grid, 3, 1, 32, rumour_us(&grid, 32) + gossip_us(32, 0.05)),
        USEC_NEVER);
    cluster_run_for(grid.cluster, SECONDS(20));
    for (uint32_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(boards_with(&grid, node_of(3, i)), 31);
    finish(&grid);
}

/* Two nodes more at the end of the first cluster's range: its owner tells one
 * of these, which is a stranger to all. */
static void nodes_that_join_a_cluster_are_heard_by_all(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 2, 8, 50);
    struct cluster_record records[2];
    for (size_t part = 0; part < 2; part++)
        records[part] = cluster_record_of(grid.cluster, part);
    struct cluster_record grown = records[0];
    grown.version = 2;
    records[0].node_count = 6;
    for (size_t part = 0; part < 2; part++)
        for (uint32_t i = 0; i < 8; i++)
            if (part == 1 || i < 6)
                cluster_records_set(grid.cluster, node_of(part, i), records, 2);
    records[0] = grown;
    for (uint32_t i = 6; i < 8; i++) {
        cluster_records_set(grid.cluster, node_of(0, i), records, 2);
        cluster_begin_down(grid.cluster, node_of(0, i));
    }
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    for (uint32_t i = 6; i < 8; i++)
        cluster_revive(grid.cluster, node_of(0, i));
    CU_ASSERT_NOT_EQUAL(
        wait_for(&grid, 0, 2, 16, rumour_us(&grid, 16) + gossip_us(16, 0.05)),
        USEC_NEVER);
    cluster_run_for(grid.cluster, SECONDS(20));
    CU_ASSERT_EQUAL(boards_with(&grid, node_of(0, 7)), 15);
    finish(&grid);
}

/* The fifth is told here, the third there, at once; and the second later. */
static void an_old_record_never_wins(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 16, 50);
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    say(&grid, 0, 3, node_of(2, 0));
    say(&grid, 0, 5, node_of(3, 0));
    usec_t bound_us = rumour_us(&grid, 64) + gossip_us(64, 0.05);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 0, 5, 64, bound_us), USEC_NEVER);
    struct cluster_record old = cluster_record_of(grid.cluster, 0);
    old.version = 2;
    CU_ASSERT_FALSE(cluster_owner_says(grid.cluster, node_of(0, 0), &old));
    struct writer body = {.count = 0};
    put_record(&body, &old);
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
    struct node_info word = {
        .id = node_of(1, 1), .core_count = 1, .speed_milli = 1000};
    frame_head(bytes, FRAME_RECORD, &word, 1);
    memcpy(bytes + FRAME_HEAD_BYTES, body.bytes, body.count);
    for (uint32_t i = 0; i < 16; i++)
        cluster_frame(grid.cluster, node_of(0, i), word.id, bytes,
                      FRAME_HEAD_BYTES + body.count);
    cluster_run_for(grid.cluster, SECONDS(5));
    CU_ASSERT_EQUAL(holders(&grid, 0, 5), 64);
    finish(&grid);
}

/* It comes back with what its host kept, and hears what it missed. */
static void a_node_that_was_down_hears_what_it_missed(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 8, 50);
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    cluster_kill(grid.cluster, node_of(2, 2));
    say(&grid, 0, 2, node_of(0, 0));
    usec_t bound_us = rumour_us(&grid, 32) + gossip_us(32, 0.05);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 0, 2, 31, bound_us), USEC_NEVER);
    cluster_revive(grid.cluster, node_of(2, 2));
    CU_ASSERT_EQUAL(cluster_version(grid.cluster, node_of(2, 2), 1), 1);
    CU_ASSERT_NOT_EQUAL(wait_for(&grid, 0, 2, 32, bound_us), USEC_NEVER);
    finish(&grid);
}

/* Bodies of any bytes; and of records the second, which is younger, with one
 * byte of id, range, state, rights or count changed so that map.h refuses it.
 */
static void hostile_frames_change_nothing(void)
{
    struct grid grid;
    prepare(&grid, "gossip_window", 4, 4, 0);
    cluster_run_until(grid.cluster, SECONDS(WARM_S));
    struct node_info word = {
        .id = node_of(1, 1), .core_count = 1, .speed_milli = 1000};
    uint32_t digest = map_digest(grid.cluster->machines[0].records, 4);
    struct writer whole = {.count = 0};
    for (size_t part = 0; part < 4; part++) {
        struct cluster_record record = cluster_record_of(grid.cluster, part);
        record.version = part == 1 ? 2 : 1;
        put_record(&whole, &record);
    }
    for (uint32_t round = 0; round < 20000; round++) {
        struct writer body = whole;
        uint64_t drawn = cluster_random(grid.cluster);
        if (drawn & 1) { /* Not the fields that may well be otherwise. */
            static const size_t places[] = {0, 1, 6, 7, 8, 9, 14, 15, 28, 29};
            body.bytes[places[(drawn >> 8 & 255) % 10] +
                       RECORD_HEAD_WIRE_BYTES] ^= (uint8_t)(drawn >> 16 | 0x80);
        } else {
            body.count = drawn >> 8 & 1023;
            for (size_t i = 0; i < body.count; i++)
                body.bytes[i] = (uint8_t)cluster_random(grid.cluster);
        }
        static const enum frame_kind kinds[] = {FRAME_RECORD, FRAME_RECORD,
                                                FRAME_VERSIONS, FRAME_DIGESTS};
        uint8_t bytes[NODE_FRAME_BYTES_MAX];
        frame_head(bytes, kinds[drawn >> 32 & 3], &word, (uint32_t)drawn);
        memcpy(bytes + FRAME_HEAD_BYTES, body.bytes, body.count);
        cluster_frame(grid.cluster, node_of(0, drawn >> 40 & 3), word.id, bytes,
                      FRAME_HEAD_BYTES + body.count);
        if (round % 20 == 0)
            cluster_run_for(grid.cluster, 1000);
    }
    cluster_run_for(grid.cluster, SECONDS(5));
    for (size_t i = 0; i < grid.cluster->machine_count; i++)
        CU_ASSERT_EQUAL(map_digest(grid.cluster->machines[i].records,
                                   grid.cluster->machines[i].record_count),
                        digest);
    finish(&grid);
}

SUITE_MAIN("records",
           {"nothing is sent while nothing changes",
            nothing_is_sent_while_nothing_changes},
           {"a rumour alone reaches as many as theory says",
            a_rumour_alone_reaches_as_many_as_theory_says},
           {"one node is told, and all hold it in time",
            one_node_is_told_and_all_hold_it_in_time},
           {"two owners at once are both heard",
            two_owners_at_once_are_both_heard},
           {"many owners who never rest are heard in the end",
            many_owners_who_never_rest_are_heard_in_the_end},
           {"a partition keeps news apart until it heals",
            a_partition_keeps_news_apart_until_it_heals},
           {"a cluster that joins is heard by all",
            a_cluster_that_joins_is_heard_by_all},
           {"nodes that join a cluster are heard by all",
            nodes_that_join_a_cluster_are_heard_by_all},
           {"an old record never wins", an_old_record_never_wins},
           {"a node that was down hears what it missed",
            a_node_that_was_down_hears_what_it_missed},
           {"hostile frames change nothing", hostile_frames_change_nothing})
