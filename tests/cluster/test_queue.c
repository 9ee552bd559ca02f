/* test_queue.c - one queue over a cluster whose frames are lost and whose
 * managers die. */
#include <stdio.h>
#include <string.h>

#include "tests/cluster.h"
#include "tests/suite.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

enum { NODES = 16, FIRST = 1 };

static struct cluster *campus(struct cluster_list *list,
                              const char *names,
                              uint32_t node_count,
                              uint32_t loss_milli)
{
    struct cluster_part part = {.id = 1,
                                .first = FIRST,
                                .node_count = node_count,
                                .core_count = 1,
                                .speed_milli = 1000,
                                .mem_bytes = 512 * MIB};
    cluster_list_init(list, names);
    struct cluster_setup setup = cluster_setup_default();
    setup.parts = &part;
    setup.part_count = 1;
    setup.loss_milli = loss_milli;
    setup.config.policies = list->policies;
    setup.config.policy_count = list->count;
    return cluster_create(&setup);
}

static void submit(struct cluster *cluster,
                   node_id home,
                   uint32_t count,
                   usec_t work_us)
{
    for (uint32_t i = 0; i < count; i++) {
        struct cluster_job job = {
            .home = home, .work_us = work_us, .mem_bytes = 5 * MIB};
        cluster_submit(cluster, &job);
    }
}

/* Runs until so many have ended; the instant, or 0 if they never do. */
static usec_t run_to_end(struct cluster *cluster,
                         uint64_t count,
                         usec_t most_us)
{
    usec_t begin_us = cluster_now(cluster);
    while (cluster_now(cluster) < begin_us + most_us &&
           !cluster_broken(cluster)) {
        if (cluster_counts(cluster).ended >= count)
            return cluster_now(cluster) - begin_us;
        cluster_run_for(cluster, SECONDS(1) / 10);
    }
    return 0;
}

static void close_well(struct cluster *cluster)
{
    const char *unsettled = cluster_unsettled(cluster);
    const char *broken = cluster_broken(cluster);
    if (unsettled || broken)
        printf("\n  %s\n", broken ? broken : unsettled);
    CU_ASSERT_PTR_NULL(unsettled);
    CU_ASSERT_PTR_NULL(broken);
    cluster_destroy(cluster);
}

/* 400 of 10 s on 64 cores are 62.5 s of work, 70 s in whole rounds. */
static void uses_the_whole_cluster_without_crowding_it(void)
{
    static const char *const names[] = {
        "gossip_window queue_fifo place_best",
        "gossip_window queue_fair_share place_best",
    };
    for (size_t i = 0; i < 2; i++)
        for (node_id homes = 1; homes <= 64; homes *= 64) {
            struct cluster_list list;
            struct cluster *cluster = campus(&list, names[i], 64, 0);
            cluster_run_until(cluster, SECONDS(10));
            for (node_id k = 0; k < 400; k++)
                submit(cluster, FIRST + k % homes, 1, SECONDS(10));
            usec_t took_us = run_to_end(cluster, 400, SECONDS(300));
            CU_ASSERT(took_us >= SECONDS(625) / 10);
            CU_ASSERT(took_us <= SECONDS(105));
            cluster_run_for(cluster, SECONDS(10));
            close_well(cluster);
        }
}

/* Node 1, the first of the map, manages; then the second; then the first. */
static void survives_its_manager(void)
{
    struct cluster_list list;
    struct cluster *cluster =
        campus(&list, "gossip_window queue_fifo place_best", NODES, 0);
    cluster_run_until(cluster, SECONDS(10));
    submit(cluster, FIRST + 4, 100, SECONDS(5));
    submit(cluster, FIRST + 5, 100, SECONDS(5));
    cluster_run_for(cluster, SECONDS(12));
    uint64_t before = cluster_counts(cluster).ended;
    cluster_kill(cluster, FIRST);
    cluster_run_for(cluster, SECONDS(18));
    CU_ASSERT(cluster_counts(cluster).ended >= before + 2 * (NODES - 1));
    cluster_revive(cluster, FIRST);
    cluster_run_for(cluster, SECONDS(150));
    struct cluster_counts counts = cluster_counts(cluster);
    CU_ASSERT_EQUAL(counts.ended + counts.lost, 200);
    CU_ASSERT(counts.lost <= 3); /* What ran on node 1 when it died. */
    close_well(cluster);
}

static void loses_nothing_when_frames_are_lost(void)
{
    struct cluster_list list;
    struct cluster *cluster = campus(
        &list, "gossip_window queue_fifo place_best balance_mosix", NODES, 50);
    cluster_run_until(cluster, SECONDS(10));
    for (node_id home = FIRST; home < FIRST + NODES; home++)
        submit(cluster, home, 12, SECONDS(5));
    CU_ASSERT(run_to_end(cluster, 12 * NODES, SECONDS(240)) > 0);
    cluster_run_for(cluster, SECONDS(30));
    close_well(cluster);
}

SUITE_MAIN("queue",
           {"it uses the whole cluster without crowding it",
            uses_the_whole_cluster_without_crowding_it},
           {"it survives its manager", survives_its_manager},
           {"it loses nothing when frames are lost",
            loses_nothing_when_frames_are_lost})
