/* test_stories.c - what happens to a process, told by the journal. */
#include <string.h>

#include "tests/cluster.h"
#include "tests/suite.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

/* Nodes 1 .. count of one cluster, one reference core and 512 MiB each. */
static struct cluster *lab(struct cluster_list *list,
                           const char *names,
                           uint32_t count)
{
    struct cluster_part part = {.id = 1,
                                .first = 1,
                                .node_count = count,
                                .core_count = 1,
                                .speed_milli = 1000,
                                .mem_bytes = 512 * MIB};
    cluster_list_init(list, names);
    struct cluster_setup setup = cluster_setup_default();
    setup.parts = &part;
    setup.part_count = 1;
    setup.config.policies = list->policies;
    setup.config.policy_count = list->count;
    return cluster_create(&setup);
}

static proc_id submit(struct cluster *cluster, node_id home, usec_t work_us)
{
    struct cluster_job job = {
        .home = home, .work_us = work_us, .mem_bytes = 20 * MIB};
    return cluster_submit(cluster, &job);
}

static void close_well(struct cluster *cluster)
{
    const char *unsettled = cluster_unsettled(cluster);
    if (unsettled)
        printf("\n  %s\n%s", unsettled, cluster_journal(cluster));
    CU_ASSERT_PTR_NULL(unsettled);
    const char *broken = cluster_broken(cluster);
    if (broken)
        printf("\n  %s\n%s", broken, cluster_journal(cluster));
    CU_ASSERT_PTR_NULL(broken);
    cluster_destroy(cluster);
}

/* Peers know each other after ten seconds of gossip. */
enum { KNOWN_US = 10 * CLUSTER_SECOND_US };

static void goes_where_it_is_idle_and_comes_home(void)
{
    struct cluster_list list;
    struct cluster *cluster =
        lab(&list, "gossip_window place_home balance_mosix", 2);
    cluster_run_until(cluster, KNOWN_US);
    submit(cluster, 1, SECONDS(60));
    submit(cluster, 1, SECONDS(60));
    cluster_run_for(cluster, SECONDS(30));
    proc_id gone = cluster_place(cluster, 1ULL << 32 | 1) == 2
                       ? (1ULL << 32 | 1)
                       : (1ULL << 32 | 2);
    CU_ASSERT_EQUAL(cluster_place(cluster, gone), 2);
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "run 1 1\n"
                                "run 1 2\n"
                                "asked 1 * 2 balance_mosix:\n"
                                "moved 1 * 2\n"));
    cluster_recall(cluster, gone);
    cluster_run_for(cluster, SECONDS(1));
    CU_ASSERT_EQUAL(cluster_place(cluster, gone), 1);
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "moved 1 * 2\n"
                                "asked 2 * 1 its home wants it back\n"
                                "moved 2 * 1\n"));
    close_well(cluster);
}

static void ends_away_and_its_home_learns(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 2);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(5));
    cluster_run_for(cluster, SECONDS(1));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(10));
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "run 1 1\n"
                                "asked 1 1 2\n"
                                "moved 1 1 2\n"
                                "ended 2 1\n"));
    CU_ASSERT_EQUAL(cluster_counts(cluster).told_ended, 1);
    close_well(cluster);
}

/* 20 MiB take 230 ms: at 100 ms the target dies with part of the image. */
static void runs_on_when_its_target_dies(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 3);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(20));
    cluster_run_for(cluster, SECONDS(1));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(1) / 10);
    cluster_kill(cluster, 2);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 1);
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "asked 1 1 2\n"
                                "fault 2 * * killed\n"
                                "failed 1 1 2 the carrying failed\n"));
    close_well(cluster);
}

static void is_lost_with_its_host_and_its_home_learns(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 3);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(100));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(2));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 2);
    cluster_kill(cluster, 2);
    cluster_run_for(cluster, SECONDS(2));
    cluster_revive(cluster, 2);
    cluster_run_for(cluster, SECONDS(60));
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "moved 1 1 2\n"
                                "fault 2 * * killed\n"
                                "fault 2 * * revived\n"
                                "lost 1 1\n"));
    CU_ASSERT_EQUAL(cluster_counts(cluster).lost, 1);
    close_well(cluster);
}

static void dies_with_its_home(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 3);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(100));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(2));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 2);
    cluster_kill(cluster, 1);
    cluster_revive(cluster, 1);
    cluster_run_for(cluster, SECONDS(60));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), NODE_NONE);
    close_well(cluster);
}

/* Source 2 and target 3 are parted from home 1 when the image has just left:
 * neither may run it before the home has spoken. */
static void waits_through_a_partition_for_one_owner(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 3);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(100));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(2));
    cluster_move(cluster, proc, 3);
    cluster_run_for(cluster, SECONDS(1) / 10);
    cluster_side(cluster, 1, 1);
    cluster_run_for(cluster, SECONDS(20));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), NODE_NONE);
    cluster_heal(cluster);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_TRUE(cluster_place(cluster, proc) == 2 ||
                   cluster_place(cluster, proc) == 3);
    close_well(cluster);
}

/* The source is cut off while it carries: what was not whole never is. */
static void stays_when_its_source_is_cut_off(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 3);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(100));
    cluster_run_for(cluster, SECONDS(1));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(1) / 10);
    cluster_side(cluster, 2, 1);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 1);
    cluster_heal(cluster);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 1);
    close_well(cluster);
}

/* usher_mosix finds places for guests that must leave; without it the core
 * sends them home when leave_within_us is over. */
static void drain_moves_all_guests_out(void)
{
    struct cluster_list list;
    struct cluster *cluster =
        lab(&list, "gossip_window place_home usher_mosix", 4);
    cluster_run_until(cluster, KNOWN_US);
    proc_id procs[3];
    for (size_t i = 0; i < 3; i++) {
        procs[i] = submit(cluster, 1, SECONDS(1000));
        cluster_move(cluster, procs[i], 2);
    }
    cluster_run_for(cluster, SECONDS(3));
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(cluster_place(cluster, procs[i]), 2);
    cluster_state(cluster, 2, NODE_DRAINING);
    cluster_run_for(cluster, SECONDS(20));
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_NOT_EQUAL(cluster_place(cluster, procs[i]), 2);
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "fault 2 * * draining\n"
                                "asked 2 * * usher_mosix:\n"
                                "moved 2\n"));
    close_well(cluster);
}

static void the_deadline_sends_the_rest_home(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 4);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(1000));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(3));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 2);
    cluster_state(cluster, 2, NODE_DRAINING);
    usec_t within = node_config_default().leave_within_us;
    cluster_run_for(cluster, within / 2);
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 2);
    cluster_run_for(cluster, within);
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 1);
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "fault 2 * * draining\n"
                                "asked 2 1 1 the owner wants it out\n"
                                "moved 2 1 1\n"));
    close_well(cluster);
}

static void a_blocked_node_lets_nobody_in(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 2);
    cluster_run_until(cluster, KNOWN_US);
    cluster_state(cluster, 2, NODE_BLOCKED);
    proc_id proc = submit(cluster, 1, SECONDS(100));
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_EQUAL(cluster_place(cluster, proc), 1);
    CU_ASSERT_EQUAL(cluster_counts(cluster).moves, 0);
    close_well(cluster);
}

/* Pre-copy takes 230 ms; the process has 100 ms left. */
static void ends_while_it_is_carried(void)
{
    struct cluster_list list;
    struct cluster *cluster = lab(&list, "gossip_window place_home", 2);
    cluster_run_until(cluster, KNOWN_US);
    proc_id proc = submit(cluster, 1, SECONDS(1) / 10);
    cluster_move(cluster, proc, 2);
    cluster_run_for(cluster, SECONDS(10));
    CU_ASSERT_TRUE(cluster_ended(cluster, proc));
    CU_ASSERT_EQUAL(cluster_counts(cluster).moves, 0);
    CU_ASSERT_TRUE(cluster_told(cluster,
                                "asked 1 1 2\n"
                                "ended 1 1\n"));
    close_well(cluster);
}

SUITE_MAIN("stories",
           {"a process goes where it is idle and comes home when recalled",
            goes_where_it_is_idle_and_comes_home},
           {"a process ends away and its home learns it",
            ends_away_and_its_home_learns},
           {"the target dies while carrying: it runs on at its source",
            runs_on_when_its_target_dies},
           {"a host dies with a guest: its home learns that it is lost",
            is_lost_with_its_host_and_its_home_learns},
           {"a home dies: its guests end everywhere", dies_with_its_home},
           {"a partition heals: one owner",
            waits_through_a_partition_for_one_owner},
           {"a target is cut off while carrying: it stays",
            stays_when_its_source_is_cut_off},
           {"drain moves all guests out", drain_moves_all_guests_out},
           {"the deadline sends the rest home",
            the_deadline_sends_the_rest_home},
           {"a blocked node lets nobody in", a_blocked_node_lets_nobody_in},
           {"a process ends while it is carried", ends_while_it_is_carried})
