/* test_faults.c - the n-th frame is lost, the n-th carrying breaks, for every
 * n until none is left; and what must hold when nothing breaks. */
#include <string.h>

#include "tests/cluster.h"
#include "tests/suite.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

static struct cluster *create(struct cluster_list *list,
                              const char *names,
                              uint32_t node_count,
                              const struct cluster_setup *faults)
{
    struct cluster_part part = {.id = 1,
                                .first = 40,
                                .node_count = node_count,
                                .core_count = 1,
                                .speed_milli = 1000,
                                .mem_bytes = 512 * MIB};
    struct cluster_setup setup = *faults;
    cluster_list_init(list, names);
    setup.parts = &part;
    setup.part_count = 1;
    setup.config.policies = list->policies;
    setup.config.policy_count = list->count;
    return cluster_create(&setup);
}

/* Home 40; to 41, to 42, home again, away once more, where it ends. */
static struct cluster *travel(struct cluster_list *list,
                              const struct cluster_setup *faults)
{
    struct cluster_setup setup = *faults;
    setup.config.word_us = SECONDS(1); /* Words and queries too. */
    struct cluster *cluster = create(list, "place_home", 3, &setup);
    cluster_run_until(cluster, SECONDS(1));
    struct cluster_job job = {
        .home = 40, .work_us = SECONDS(40), .mem_bytes = 5 * MIB};
    proc_id proc = cluster_submit(cluster, &job);
    static const node_id targets[] = {41, 42, 40, 42};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        cluster_move(cluster, proc, targets[i]);
        cluster_run_for(cluster, SECONDS(8));
    }
    cluster_run_for(cluster, SECONDS(90));
    return cluster;
}

static bool fares_well(struct cluster *cluster, const char *what, uint32_t n)
{
    const char *wrong = cluster_broken(cluster);
    if (!wrong)
        wrong = cluster_unsettled(cluster);
    if (!wrong && cluster_counts(cluster).told_ended != 1)
        wrong = "it did not end, or its home does not know";
    if (wrong)
        printf("\n  %s %u: %s\n%s", what, n, wrong, cluster_journal(cluster));
    return !wrong;
}

static void any_one_frame_may_be_lost(void)
{
    struct cluster_list list;
    struct cluster_setup setup = cluster_setup_default();
    struct cluster *cluster = travel(&list, &setup);
    CU_ASSERT_TRUE(fares_well(cluster, "no fault", 0));
    CU_ASSERT_EQUAL(cluster_counts(cluster).moves, 4);
    uint64_t frames = cluster_counts(cluster).frames;
    cluster_destroy(cluster);
    CU_ASSERT_TRUE(40 <= frames && frames < 500);
    for (uint32_t n = 1; n <= frames; n++) {
        setup.frame_to_lose = n;
        cluster = travel(&list, &setup);
        CU_ASSERT_TRUE_FATAL(fares_well(cluster, "lost frame", n));
        CU_ASSERT_EQUAL(cluster_counts(cluster).lost_frames, 1);
        cluster_destroy(cluster);
    }
}

static void any_one_carrying_may_break(void)
{
    struct cluster_list list;
    for (uint32_t n = 1; n <= 4; n++) {
        struct cluster_setup setup = cluster_setup_default();
        setup.carry_to_break = n;
        struct cluster *cluster = travel(&list, &setup);
        CU_ASSERT_TRUE_FATAL(fares_well(cluster, "broken carrying", n));
        CU_ASSERT_EQUAL(cluster_counts(cluster).broken_carries, 1);
        CU_ASSERT_TRUE(strstr(cluster_journal(cluster), "failed") != NULL);
        cluster_destroy(cluster);
    }
}

/* The image never arrives and its source does not know: KEEP brings it back. */
static void any_one_carrying_may_stay_in_doubt(void)
{
    struct cluster_list list;
    for (uint32_t n = 1; n <= 4; n++) {
        struct cluster_setup setup = cluster_setup_default();
        setup.carry_to_doubt = n;
        struct cluster *cluster = travel(&list, &setup);
        CU_ASSERT_TRUE_FATAL(fares_well(cluster, "carrying in doubt", n));
        CU_ASSERT_TRUE(strstr(cluster_journal(cluster), "failed") != NULL);
        cluster_destroy(cluster);
    }
}

static void every_frame_may_be_doubled(void)
{
    struct cluster_list list;
    struct cluster_setup setup = cluster_setup_default();
    setup.doubling_milli = 1000;
    setup.straggler_milli = 300; /* Some of them seconds later. */
    setup.straggler_us = SECONDS(10);
    for (setup.seed = 1; setup.seed <= 300; setup.seed++) {
        struct cluster *cluster = travel(&list, &setup);
        CU_ASSERT_TRUE_FATAL(
            fares_well(cluster, "doubled, seed", (uint32_t)setup.seed));
        cluster_destroy(cluster);
    }
}

static struct cluster *crowd(struct cluster_list *list, uint64_t seed)
{
    struct cluster_setup setup = cluster_setup_default();
    setup.seed = seed;
    setup.loss_milli = 20;
    setup.doubling_milli = 10;
    setup.drift_max_ppm = 100;
    struct cluster *cluster = create(
        list, "gossip_window place_home usher_mosix balance_mosix", 8, &setup);
    cluster_run_until(cluster, SECONDS(10));
    for (uint32_t i = 0; i < 24; i++) {
        struct cluster_job job = {.home = 40 + i % 2,
                                  .work_us = SECONDS(20 + i),
                                  .mem_bytes = (4 + i) * MIB};
        cluster_submit(cluster, &job);
    }
    cluster_run_for(cluster, SECONDS(60));
    return cluster;
}

static void a_run_repeats_to_the_byte(void)
{
    struct cluster_list lists[3];
    struct cluster *first = crowd(&lists[0], 5);
    struct cluster *second = crowd(&lists[1], 5);
    struct cluster *other = crowd(&lists[2], 6);
    CU_ASSERT_PTR_NULL(cluster_broken(first));
    CU_ASSERT_TRUE(cluster_counts(first).moves > 5);
    CU_ASSERT_STRING_EQUAL(cluster_journal(first), cluster_journal(second));
    for (node_id node = 40; node < 48; node++)
        CU_ASSERT_EQUAL(node_hash(cluster_node(first, node)),
                        node_hash(cluster_node(second, node)));
    CU_ASSERT_STRING_NOT_EQUAL(cluster_journal(first), cluster_journal(other));
    cluster_destroy(first);
    cluster_destroy(second);
    cluster_destroy(other);
}

/* Two endless processes at home on each of eight equal nodes. While the filters
 * of the load still climb, at other phases on each node, some may move; a
 * minute later nothing does. */
static void even_load_comes_to_rest(void)
{
    struct cluster_list list;
    struct cluster_setup setup = cluster_setup_default();
    struct cluster *cluster = create(
        &list, "gossip_window place_home usher_mosix balance_mosix", 8, &setup);
    cluster_run_until(cluster, SECONDS(10));
    for (uint32_t i = 0; i < 16; i++) {
        struct cluster_job job = {.home = 40 + i % 8,
                                  .work_us = SECONDS(10000),
                                  .mem_bytes = 20 * MIB};
        cluster_submit(cluster, &job);
    }
    cluster_run_for(cluster, SECONDS(300));
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    CU_ASSERT_TRUE(cluster_counts(cluster).moves <= 8);
    CU_ASSERT_TRUE(cluster_counts(cluster).last_move_us < SECONDS(70));
    cluster_destroy(cluster);
}

/* Twelve processes of one home spread over six nodes, two each, and then rest;
 * few come back to where they just were. */
static void uneven_load_spreads_and_comes_to_rest(void)
{
    struct cluster_list list;
    struct cluster_setup setup = cluster_setup_default();
    struct cluster *cluster =
        create(&list, "gossip_window place_home balance_mosix", 6, &setup);
    cluster_run_until(cluster, SECONDS(10));
    uint32_t here[6] = {0};
    proc_id procs[12];
    for (uint32_t i = 0; i < 12; i++) {
        struct cluster_job job = {
            .home = 40, .work_us = SECONDS(10000), .mem_bytes = 20 * MIB};
        procs[i] = cluster_submit(cluster, &job);
    }
    cluster_run_for(cluster, SECONDS(300));
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    struct cluster_counts counts = cluster_counts(cluster);
    CU_ASSERT_TRUE(counts.moves >= 10);
    CU_ASSERT_TRUE(counts.returns * 10 <= counts.moves);
    CU_ASSERT_TRUE(counts.last_move_us < SECONDS(200));
    for (uint32_t i = 0; i < 12; i++)
        here[cluster_place(cluster, procs[i]) - 40]++;
    for (uint32_t i = 0; i < 6; i++)
        CU_ASSERT_TRUE(1 <= here[i] && here[i] <= 3);
    cluster_destroy(cluster);
}

/* Boards of a cluster that was torn apart know all nodes again. */
static void boards_grow_young_after_the_last_fault(void)
{
    struct cluster_list list;
    struct cluster_setup setup = cluster_setup_default();
    struct cluster *cluster = create(&list, "gossip_window", 10, &setup);
    cluster_run_until(cluster, SECONDS(20));
    for (node_id node = 40; node < 45; node++)
        cluster_side(cluster, node, 1);
    cluster_kill(cluster, 47);
    cluster_run_for(cluster, SECONDS(30));
    cluster_heal(cluster);
    cluster_revive(cluster, 47);
    cluster_run_for(cluster, SECONDS(60));
    for (node_id node = 40; node < 50; node++) {
        size_t count = node_peer_count(cluster_node(cluster, node));
        CU_ASSERT_EQUAL(count, 9);
    }
    CU_ASSERT_TRUE(cluster_age_max_us(cluster) < SECONDS(20));
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    cluster_destroy(cluster);
}

/* A guest whose home has left the map must leave node 50, and node 51, which
 * hears of it, says no each time. Gossip brings a younger word of 51 about once
 * a second; only then may it be asked again, though nothing is reserved. */
static void a_refusal_is_remembered_without_reservations(void)
{
    static const struct cluster_part parts[] = {
        {1, 40, 1, 1, 1000, 512 * MIB, 0, 0},
        {2, 50, 2, 1, 1000, 512 * MIB, 0, 0}};
    struct cluster_list list;
    struct cluster_setup setup = cluster_setup_default();
    cluster_list_init(&list, "gossip_vector place_home usher_mosix");
    setup.parts = parts;
    setup.part_count = 2;
    setup.config.policies = list.policies;
    setup.config.policy_count = list.count;
    setup.config.reserve = false;
    struct cluster *cluster = cluster_create(&setup);
    cluster_run_until(cluster, SECONDS(10));
    struct cluster_job job = {
        .home = 40, .work_us = SECONDS(1000), .mem_bytes = 5 * MIB};
    proc_id proc = cluster_submit(cluster, &job);
    cluster_move(cluster, proc, 50);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 50);
    cluster_part_leaves(cluster, 1);
    cluster_run_for(cluster, SECONDS(20));
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    CU_ASSERT_TRUE(cluster_told(cluster, "refused 50 1 51\n"));
    CU_ASSERT_TRUE(cluster_counts(cluster).frames_per_node_second_max < 20);
    cluster_destroy(cluster);
}

SUITE_MAIN("faults",
           {"any one frame may be lost", any_one_frame_may_be_lost},
           {"any one carrying may break", any_one_carrying_may_break},
           {"any one carrying may stay in doubt",
            any_one_carrying_may_stay_in_doubt},
           {"every frame may come twice and be overtaken",
            every_frame_may_be_doubled},
           {"a run repeats to the byte", a_run_repeats_to_the_byte},
           {"quiescence: even load comes to rest", even_load_comes_to_rest},
           {"no ping-pong: uneven load spreads and comes to rest",
            uneven_load_spreads_and_comes_to_rest},
           {"a refusal is remembered where nothing is reserved",
            a_refusal_is_remembered_without_reservations},
           {"convergence: boards grow young after the last fault",
            boards_grow_young_after_the_last_fault})
