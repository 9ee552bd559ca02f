/* test_wishes.c - what owners and users want, told by the journal. */
#include <string.h>

#include "tests/cluster.h"
#include "tests/suite.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

enum { LAB = 1, CAMPUS = 2, FAR = 3 };

/* Clusters LAB (nodes 1, 2), CAMPUS (11, 12) and FAR (21, 22): one reference
 * core, 512 MiB and room for two frozen processes of 20 MiB on each node. */
struct grid
{
    struct cluster_part parts[3];
    struct cluster_list list;
    struct cluster_setup setup;
    struct cluster *cluster;
};

static void grid_init(struct grid *grid, const char *names)
{
    for (uint32_t i = 0; i < 3; i++)
        grid->parts[i] = (struct cluster_part){.id = (cluster_id)(LAB + i),
                                               .first = 1 + 10 * i,
                                               .node_count = 2,
                                               .core_count = 1,
                                               .speed_milli = 1000,
                                               .mem_bytes = 512 * MIB,
                                               .freeze_bytes = 45 * MIB};
    cluster_list_init(&grid->list, names);
    grid->setup = cluster_setup_default();
    grid->setup.parts = grid->parts;
    grid->setup.part_count = 3;
    grid->setup.owners_speak = true;
    grid->setup.config.policies = grid->list.policies;
    grid->setup.config.policy_count = grid->list.count;
}

/* Peers know each other after ten seconds of gossip. */
static void grid_start(struct grid *grid)
{
    grid->cluster = cluster_create(&grid->setup);
    cluster_run_until(grid->cluster, SECONDS(10));
}

static void grid_open(struct grid *grid)
{
    grid_init(grid, "gossip_window place_home");
    grid_start(grid);
}

static void run(struct grid *grid, uint64_t span_s)
{
    cluster_run_for(grid->cluster, SECONDS(span_s));
}

static proc_id submit_job(struct grid *grid,
                          node_id home,
                          uint32_t user,
                          uint32_t job)
{
    struct cluster_job long_job = {.home = home,
                                   .work_us = SECONDS(100000),
                                   .mem_bytes = 20 * MIB,
                                   .user = user,
                                   .job = job};
    return cluster_submit(grid->cluster, &long_job);
}

static proc_id submit(struct grid *grid, node_id home)
{
    return submit_job(grid, home, 0, 0);
}

/* From its home to another node, where it runs after two seconds. */
static proc_id guest(struct grid *grid, node_id home, node_id place)
{
    proc_id proc = submit(grid, home);
    cluster_move(grid->cluster, proc, place);
    run(grid, 2);
    CU_ASSERT_EQUAL_FATAL(cluster_place(grid->cluster, proc), place);
    return proc;
}

static void is_at(struct grid *grid, proc_id proc, node_id place)
{
    CU_ASSERT_EQUAL(cluster_place(grid->cluster, proc), place);
}

static void grid_close(struct grid *grid)
{
    const char *broken = cluster_broken(grid->cluster);
    if (broken)
        printf("\n  %s\n%s", broken, cluster_journal(grid->cluster));
    CU_ASSERT_PTR_NULL(broken);
    cluster_destroy(grid->cluster);
}

/* As above, and every process that can live runs. */
static void grid_close_well(struct grid *grid)
{
    const char *unsettled = cluster_unsettled(grid->cluster);
    if (unsettled)
        printf("\n  %s\n%s", unsettled, cluster_journal(grid->cluster));
    CU_ASSERT_PTR_NULL(unsettled);
    grid_close(grid);
}

static void drain(struct grid *grid,
                  node_id node,
                  usec_t within_us,
                  enum leave_then then)
{
    struct cluster_word word = {
        .state = NODE_DRAINING, .then = then, .within_us = within_us};
    cluster_say(grid->cluster, node, &word);
}

/* Home 1 is cut off, so that its guest on node 11 cannot leave. */
static proc_id stuck_guest(struct grid *grid)
{
    grid_open(grid);
    proc_id proc = guest(grid, 1, 11);
    cluster_side(grid->cluster, 1, 1);
    return proc;
}

/* ---- Deadlines of a node. ------------------------------------------------ */

static void after_the_deadline_a_guest_waits(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    drain(&grid, 11, SECONDS(10), THEN_WAIT);
    run(&grid, 100);
    is_at(&grid, proc, 11);
    cluster_heal(grid.cluster);
    run(&grid, 60);
    is_at(&grid, proc, 1);
    grid_close_well(&grid);
}

static void after_the_deadline_a_guest_is_frozen(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    drain(&grid, 11, SECONDS(10), THEN_FREEZE);
    run(&grid, 9);
    is_at(&grid, proc, 11);
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_state(grid.cluster, 11, NODE_UP);
    run(&grid, 1);
    is_at(&grid, proc, 11);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "freeze 11 1 * the owner's deadline is over\n"
                                "thaw 11 1 * it need not leave any more\n"));
    cluster_heal(grid.cluster);
    run(&grid, 30);
    grid_close_well(&grid);
}

static void a_frozen_guest_goes_home_and_runs(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    drain(&grid, 11, SECONDS(10), THEN_FREEZE);
    run(&grid, 20);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_heal(grid.cluster);
    run(&grid, 70);
    is_at(&grid, proc, 1);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "freeze 11 1 * the owner's deadline is over\n"
                                "asked 11 1 1 the owner wants it out\n"
                                "run 1 1 * it came\n"));
    grid_close_well(&grid);
}

static void a_frozen_guest_is_recalled_as_it_is(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    drain(&grid, 11, 0, THEN_FREEZE);
    run(&grid, 1);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_recall(grid.cluster, proc);
    run(&grid, 2);
    is_at(&grid, proc, 1);
    grid_close_well(&grid);
}

/* Its move to a home that is cut off fails; it was frozen and still is. */
static void a_frozen_guest_whose_move_fails_stays_frozen(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    drain(&grid, 11, SECONDS(10), THEN_FREEZE);
    run(&grid, 80);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "freeze 11 1\n"
                                "asked 11 1 1 the owner wants it out\n"
                                "failed 11 1 1 the target did not answer\n"));
    cluster_heal(grid.cluster);
    run(&grid, 60);
    is_at(&grid, proc, 1);
    grid_close_well(&grid);
}

/* Three of 20 MiB, 45 MiB of space: the last that came goes on. */
static void what_does_not_fit_goes_on(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id procs[3];
    for (size_t i = 0; i < 3; i++)
        procs[i] = guest(&grid, 1, 11);
    cluster_side(grid.cluster, 1, 1);
    drain(&grid, 11, SECONDS(5), THEN_FREEZE);
    run(&grid, 10);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, procs[0]));
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, procs[1]));
    is_at(&grid, procs[2], 11);
    cluster_heal(grid.cluster);
    run(&grid, 120);
    for (size_t i = 0; i < 3; i++)
        is_at(&grid, procs[i], 1);
    grid_close_well(&grid);
}

static void after_the_deadline_a_guest_is_killed(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    drain(&grid, 11, SECONDS(10), THEN_KILL);
    run(&grid, 9);
    is_at(&grid, proc, 11);
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_ended(grid.cluster, proc));
    CU_ASSERT_EQUAL(cluster_counts(grid.cluster).killed, 1);
    CU_ASSERT_EQUAL(cluster_counts(grid.cluster).told_ended, 0);
    cluster_heal(grid.cluster);
    run(&grid, 30);
    CU_ASSERT_EQUAL(cluster_counts(grid.cluster).told_ended, 1);
    grid_close_well(&grid);
}

/* The deadline comes while it is carried (230 ms) to where nobody hears of it
 * any more: it is killed when the move has failed, not before. */
static void a_move_that_fails_after_the_deadline(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    cluster_move(grid.cluster, proc, 12);
    cluster_run_for(grid.cluster, SECONDS(1) / 20);
    drain(&grid, 11, SECONDS(1) / 20, THEN_KILL);
    cluster_kill(grid.cluster, 12);
    cluster_run_for(grid.cluster, SECONDS(1) / 10);
    CU_ASSERT_FALSE(cluster_ended(grid.cluster, proc));
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_ended(grid.cluster, proc));
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "failed 11 1 12 the carrying failed\n"
                                "killed 11 1 * the owner ended it\n"));
    grid_close_well(&grid);
}

static void own_processes_outlive_every_deadline(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = submit(&grid, 11);
    drain(&grid, 11, 0, THEN_KILL);
    run(&grid, 5);
    is_at(&grid, proc, 11);
    grid_close_well(&grid);
}

/* ---- Isolation. ---------------------------------------------------------- */

static void isolation_empties_both_ways(void)
{
    struct grid grid;
    grid_init(&grid, "gossip_window place_home usher_mosix");
    grid_start(&grid);
    proc_id in = guest(&grid, 1, 11);
    proc_id out = guest(&grid, 11, 2);
    proc_id third = guest(&grid, 21, 12);
    proc_id inside = guest(&grid, 11, 12);
    cluster_isolate(grid.cluster, CAMPUS, USEC_NEVER, THEN_WAIT);
    run(&grid, 30);
    CU_ASSERT_EQUAL(cluster_grid_guests(grid.cluster, CAMPUS), 0);
    CU_ASSERT_EQUAL(cluster_aways(grid.cluster, CAMPUS), 0);
    is_at(&grid, out, 11);
    is_at(&grid, inside, 12);
    CU_ASSERT_NOT_EQUAL(cluster_place(grid.cluster, in), NODE_NONE);
    CU_ASSERT_NOT_EQUAL(cluster_place(grid.cluster, third), NODE_NONE);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "fault 11 * * isolated\n"
                                "asked 2 * 11 its home wants it back\n"));
    /* No guest asked in vain for another node of the isolated cluster. */
    CU_ASSERT_PTR_NULL(strstr(cluster_journal(grid.cluster),
                              "target: its cluster is isolated"));
    grid_close_well(&grid);
}

/* FAR has no room left for its own: one that CAMPUS turns out goes to LAB,
 * though CAMPUS itself may send nothing there. */
static void a_guest_turned_out_may_go_to_a_third_cluster(void)
{
    struct grid grid;
    grid_init(&grid, "gossip_window place_home usher_mosix");
    grid.parts[2].mem_bytes = 30 * MIB;
    grid_start(&grid);
    proc_id proc = guest(&grid, 21, 12);
    submit(&grid, 21);
    submit(&grid, 22);
    run(&grid, 10);
    cluster_isolate(grid.cluster, CAMPUS, USEC_NEVER, THEN_WAIT);
    run(&grid, 10);
    node_id place = cluster_place(grid.cluster, proc);
    CU_ASSERT_TRUE(place == 1 || place == 2);
    grid_close_well(&grid);
}

static void nothing_goes_out_or_in_while_isolated(void)
{
    struct grid grid;
    grid_open(&grid);
    cluster_isolate(grid.cluster, CAMPUS, USEC_NEVER, THEN_WAIT);
    run(&grid, 10);
    proc_id inner = submit(&grid, 11);
    proc_id outer = submit(&grid, 1);
    cluster_move(grid.cluster, inner, 1);
    cluster_move(grid.cluster, outer, 11);
    run(&grid, 5);
    is_at(&grid, inner, 11);
    is_at(&grid, outer, 1);
    cluster_move(grid.cluster, inner, 12); /* Its own cluster is open. */
    run(&grid, 5);
    is_at(&grid, inner, 12);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "denied 11 1 1 its cluster is isolated\n"
                                "denied 1 2 11 that cluster is isolated\n"));
    grid_close_well(&grid);
}

/* Home 1 is cut off: its guest is frozen at the deadline and thawed on rejoin,
 * and no process is lost. */
static void isolated_guests_freeze_until_rejoin(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    cluster_isolate(grid.cluster, CAMPUS, SECONDS(20), THEN_FREEZE);
    run(&grid, 19);
    is_at(&grid, proc, 11);
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_rejoin(grid.cluster, CAMPUS);
    run(&grid, 1);
    is_at(&grid, proc, 11);
    cluster_heal(grid.cluster);
    run(&grid, 60);
    grid_close_well(&grid);
}

/* CAMPUS hears a word of FAR's owner, and the deadline does not begin anew. */
static void anothers_word_changes_no_deadline(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    cluster_isolate(grid.cluster, CAMPUS, SECONDS(20), THEN_FREEZE);
    run(&grid, 10);
    cluster_rejoin(grid.cluster, FAR);
    run(&grid, 9);
    CU_ASSERT_EQUAL(cluster_version(grid.cluster, 11, FAR), 2);
    is_at(&grid, proc, 11);
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_heal(grid.cluster);
    run(&grid, 60);
    grid_close_well(&grid);
}

static void isolated_guests_are_killed(void)
{
    struct grid grid;
    proc_id proc = stuck_guest(&grid);
    cluster_isolate(grid.cluster, CAMPUS, SECONDS(20), THEN_KILL);
    run(&grid, 21);
    CU_ASSERT_TRUE(cluster_ended(grid.cluster, proc));
    CU_ASSERT_EQUAL(cluster_grid_guests(grid.cluster, CAMPUS), 0);
    cluster_heal(grid.cluster);
    run(&grid, 60);
    grid_close_well(&grid);
}

/* The aways of an isolated home are out of reach: after a rejoin before they
 * could be recalled they stay where they are. */
static void a_rejoin_withdraws_recalls(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 11, 1);
    cluster_side(grid.cluster, 1, 1);
    cluster_isolate(grid.cluster, CAMPUS, USEC_NEVER, THEN_WAIT);
    run(&grid, 20);
    cluster_rejoin(grid.cluster, CAMPUS);
    run(&grid, 1);
    cluster_heal(grid.cluster);
    run(&grid, 60);
    is_at(&grid, proc, 1);
    grid_close_well(&grid);
}

/* The partner alone hears that it is isolated, and its home recalls it. */
static void aways_of_an_isolated_partner_come_back(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    cluster_isolate(grid.cluster, CAMPUS, USEC_NEVER, THEN_WAIT);
    run(&grid, 40); /* Less than leave_within_us. */
    is_at(&grid, proc, 1);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "fault 11 * * isolated\n"
                                "asked 11 1 1 its home wants it back\n"));
    grid_close_well(&grid);
}

/* ---- Reservation, owner first, flood. ------------------------------------ */

static void a_reserved_node_keeps_its_group(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id other = guest(&grid, 1, 11);
    proc_id own = submit(&grid, 11);
    struct reservation group = {.cluster = FAR, .user = USER_ANY};
    struct cluster_word word = {
        .state = NODE_UP, .within_us = USEC_NEVER, .reservation = &group};
    cluster_say(grid.cluster, 11, &word);
    CU_ASSERT_EQUAL(node_self(cluster_node(grid.cluster, 11))->flags,
                    NODE_RESERVED | NODE_LENT);
    proc_id friend = guest(&grid, 21, 11);
    run(&grid, 70);
    is_at(&grid, other, 1);
    is_at(&grid, own, 11);
    is_at(&grid, friend, 11);
    cluster_move(grid.cluster, other, 11);
    cluster_move(grid.cluster, submit(&grid, 12), 11);
    run(&grid, 2);
    is_at(&grid, other, 1);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "denied 12 4 11 it is kept for others\n"
                                "refused 1 1 11 target: it is kept for\n"));
    cluster_state(grid.cluster, 11, NODE_UP);
    run(&grid, 2);
    cluster_move(grid.cluster, other, 11);
    run(&grid, 2);
    is_at(&grid, other, 11);
    grid_close_well(&grid);
}

static void a_node_for_one_user_refuses_another(void)
{
    struct grid grid;
    grid_open(&grid);
    struct reservation group = {.cluster = LAB, .user = 7};
    struct cluster_word word = {
        .state = NODE_UP, .within_us = USEC_NEVER, .reservation = &group};
    cluster_say(grid.cluster, 2, &word);
    run(&grid, 10);
    proc_id his = submit_job(&grid, 1, 7, 0);
    proc_id not_his = submit_job(&grid, 1, 8, 0);
    cluster_move(grid.cluster, his, 2);
    cluster_move(grid.cluster, not_his, 2);
    run(&grid, 2);
    is_at(&grid, his, 2);
    is_at(&grid, not_his, 1);
    CU_ASSERT_TRUE(
        cluster_told(grid.cluster, "refused 1 2 2 target: it is kept for\n"));
    grid_close_well(&grid);
}

static void owners_first(void)
{
    struct grid grid;
    grid_init(&grid, "gossip_window place_home usher_mosix");
    grid.setup.config.owner_first = true;
    grid_start(&grid);
    proc_id proc = guest(&grid, 1, 11);
    submit(&grid, 11); /* One core: its owner wants all of it. */
    CU_ASSERT_TRUE(
        cluster_told(grid.cluster, /* At once. */
                     "asked 11 1 * usher_mosix: the owner wants it\n"));
    run(&grid, 2);
    CU_ASSERT_NOT_EQUAL(cluster_place(grid.cluster, proc), 11);
    CU_ASSERT_NOT_EQUAL(cluster_place(grid.cluster, proc), NODE_NONE);
    proc_id late = submit(&grid, 21);
    cluster_move(grid.cluster, late, 11);
    run(&grid, 2);
    is_at(&grid, late, 21);
    grid_close_well(&grid);
}

/* A burst of one, then one in ten seconds: of three that are recalled two are
 * frozen as they come, and thawed in the order in which they came. */
static void a_flood_arrives_frozen(void)
{
    struct grid grid;
    grid_init(&grid, "gossip_window place_home");
    grid.setup.config.flood_burst = 1;
    grid.setup.config.flood_per_s_milli = 100;
    grid_start(&grid);
    proc_id procs[3];
    for (size_t i = 0; i < 3; i++)
        procs[i] = guest(&grid, 1, 11);
    static const size_t order[] = {1, 2, 0};
    for (size_t i = 0; i < 3; i++) {
        cluster_recall(grid.cluster, procs[order[i]]);
        run(&grid, 1);
    }
    is_at(&grid, procs[1], 1);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, procs[2]));
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, procs[0]));
    run(&grid, 20);
    for (size_t i = 0; i < 3; i++)
        is_at(&grid, procs[i], 1);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "freeze 1 3 * flood\n"
                                "freeze 1 1 * flood\n"
                                "thaw 1 3 * flood control lets it run\n"
                                "thaw 1 1 * flood control lets it run\n"));
    grid_close_well(&grid);
}

/* Elsewhere than at home the second is refused for ten seconds. */
static void a_flood_is_refused_elsewhere(void)
{
    struct grid grid;
    grid_init(&grid, "place_home");
    grid.setup.config.flood_burst = 1;
    grid.setup.config.flood_per_s_milli = 100;
    grid_start(&grid);
    proc_id one = guest(&grid, 1, 11);
    proc_id two = guest(&grid, 1, 11);
    drain(&grid, 11, USEC_NEVER, THEN_WAIT);
    cluster_move(grid.cluster, one, 21);
    run(&grid, 1);
    is_at(&grid, one, 21);
    cluster_move(grid.cluster, two, 21);
    run(&grid, 1);
    is_at(&grid, two, 11);
    CU_ASSERT_TRUE(cluster_told(
        grid.cluster, "refused 11 2 21 target: too many come at once\n"));
    run(&grid, 10);
    cluster_move(grid.cluster, two, 21);
    run(&grid, 1);
    is_at(&grid, two, 21);
    proc_id balanced = submit(&grid, 1); /* It leaves of its own will. */
    cluster_move(grid.cluster, balanced, 21);
    run(&grid, 1);
    is_at(&grid, balanced, 21);
    grid_close_well(&grid);
}

/* What freeze_marks is for, it thaws by its marks, all at once below blue; what
 * it is not for, the core does. */
static void a_freeze_policy_thaws_what_a_flood_froze(void)
{
    for (uint64_t class_number = 1; class_number <= 2; class_number++) {
        struct grid grid;
        grid_init(&grid, "place_home freeze_marks");
        cluster_list_set(&grid.list, "freeze_marks", "class_number",
                         class_number);
        grid.setup.config.flood_burst = 1;
        grid.setup.config.flood_per_s_milli = 100;
        grid_start(&grid);
        guest(&grid, 1, 11);
        guest(&grid, 1, 11);
        cluster_job_event(grid.cluster, EVENT_RECALL, 1, 0, 0, NODE_NONE);
        run(&grid, 20);
        CU_ASSERT_TRUE(cluster_told(
            grid.cluster, class_number == 1
                              ? "freeze 1 * * flood\n"
                                "thaw 1 * * freeze_marks: below blue\n"
                              : "freeze 1 * * flood\n"
                                "thaw 1 * * flood control lets it\n"));
        grid_close_well(&grid);
    }
}

/* Two of its own come home to two cores, the second ten seconds later, thawed
 * by flood control: in that step the guest must leave. Seed 11858 of the swarm.
 */
static void a_thaw_fills_the_cores(void)
{
    struct grid grid;
    grid_init(&grid, "place_home");
    grid.parts[1].core_count = 2;
    grid.setup.config.owner_first = true;
    grid.setup.config.flood_burst = 1;
    grid.setup.config.flood_per_s_milli = 100;
    grid_start(&grid);
    guest(&grid, 11, 12);
    guest(&grid, 11, 12);
    proc_id proc = guest(&grid, 1, 11);
    cluster_job_event(grid.cluster, EVENT_RECALL, 11, 0, 0, NODE_NONE);
    run(&grid, 5);
    size_t count;
    const struct proc_info *procs =
        node_procs(cluster_node(grid.cluster, 11), &count);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    CU_ASSERT_EQUAL(procs[0].id, proc);
    CU_ASSERT_FALSE(procs[0].must_leave);
    run(&grid, 10);
    CU_ASSERT_PTR_NULL(cluster_broken(grid.cluster)); /* "local first" */
    procs = node_procs(cluster_node(grid.cluster, 11), &count);
    CU_ASSERT_TRUE(procs[0].must_leave);
    grid_close_well(&grid);
}

/* 45 MiB of freeze space hold two of 20 MiB; the fourth runs. */
static void a_flood_runs_where_freeze_space_is_full(void)
{
    struct grid grid;
    grid_init(&grid, "gossip_window place_home");
    grid.setup.config.flood_burst = 1;
    grid.setup.config.flood_per_s_milli = 10;
    grid_start(&grid);
    proc_id procs[4];
    for (size_t i = 0; i < 4; i++)
        procs[i] = guest(&grid, 1, 11);
    cluster_job_event(grid.cluster, EVENT_RECALL, 1, 0, 0, NODE_NONE);
    run(&grid, 5);
    size_t running = 0;
    for (size_t i = 0; i < 4; i++)
        running += cluster_place(grid.cluster, procs[i]) == 1;
    CU_ASSERT_EQUAL(running, 2);
    CU_ASSERT_TRUE(cluster_told(
        grid.cluster, "denied 1 * * flood, but freeze space is full\n"));
    run(&grid, 220);
    grid_close_well(&grid);
}

/* ---- Users. -------------------------------------------------------------- */

static void a_user_freezes_and_thaws_at_home(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = submit(&grid, 1);
    cluster_freeze(grid.cluster, proc);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_move(grid.cluster, proc, 2);
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    cluster_thaw(grid.cluster, proc);
    is_at(&grid, proc, 1);
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "freeze 1 1 * its user stops it\n"
                                "thaw 1 1 * its user lets it run\n"));
    grid_close_well(&grid);
}

/* It runs far below blue, and is not even asked for a thaw. */
static void no_policy_thaws_what_a_user_froze(void)
{
    struct grid grid;
    grid_init(&grid, "place_home freeze_marks");
    grid_start(&grid);
    proc_id proc = submit(&grid, 1);
    submit(&grid, 1);
    cluster_freeze(grid.cluster, proc);
    run(&grid, 10);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    CU_ASSERT_PTR_NULL(strstr(cluster_journal(grid.cluster), "denied"));
    grid_close_well(&grid);
}

static void what_is_away_freezes_when_it_is_home(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    cluster_freeze(grid.cluster, proc);
    run(&grid, 2);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, proc));
    CU_ASSERT_TRUE(cluster_told(grid.cluster,
                                "asked 11 1 1 its home wants it back\n"
                                "freeze 1 1 * its user stops it\n"));
    cluster_thaw(grid.cluster, proc);
    is_at(&grid, proc, 1);
    grid_close_well(&grid);
}

static void a_thaw_in_time_calls_the_recall_off(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    cluster_side(grid.cluster, 11, 1);
    cluster_freeze(grid.cluster, proc);
    run(&grid, 3);
    cluster_thaw(grid.cluster, proc);
    cluster_heal(grid.cluster);
    run(&grid, 60);
    is_at(&grid, proc, 11);
    grid_close_well(&grid);
}

static void no_space_no_freezing(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id procs[3];
    for (size_t i = 0; i < 3; i++) {
        procs[i] = submit_job(&grid, 1, 5, 9);
        run(&grid, 1);
    }
    cluster_job_event(grid.cluster, EVENT_FREEZE, 1, 5, 9, NODE_NONE);
    run(&grid, 1);
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, procs[0]));
    CU_ASSERT_TRUE(cluster_is_frozen(grid.cluster, procs[1]));
    is_at(&grid, procs[2], 1);
    CU_ASSERT_TRUE(
        cluster_told(grid.cluster, "denied 1 3 * freeze space is full\n"));
    cluster_job_event(grid.cluster, EVENT_THAW, 1, 5, 9, NODE_NONE);
    grid_close_well(&grid);
}

static void a_job_moves_together(void)
{
    struct grid grid;
    grid_open(&grid);
    struct cluster_job pinned = {.home = 1,
                                 .work_us = SECONDS(1000),
                                 .mem_bytes = 20 * MIB,
                                 .user = 5,
                                 .job = 9,
                                 .pinned = true};
    proc_id a = submit_job(&grid, 1, 5, 9);
    proc_id b = submit_job(&grid, 1, 5, 9);
    proc_id other = submit_job(&grid, 1, 6, 9);
    proc_id held = cluster_submit(grid.cluster, &pinned);
    cluster_job_event(grid.cluster, EVENT_MOVE, 1, 5, 9, 2);
    run(&grid, 3);
    is_at(&grid, a, 2);
    is_at(&grid, b, 2);
    is_at(&grid, other, 1);
    is_at(&grid, held, 1);
    CU_ASSERT_TRUE(cluster_told(
        grid.cluster, "denied 1 4 2 its system calls hold it here\n"));
    cluster_job_event(grid.cluster, EVENT_RECALL, 1, 5, 9, NODE_NONE);
    run(&grid, 3);
    is_at(&grid, a, 1);
    is_at(&grid, b, 1);
    grid_close_well(&grid);
}

static void asked_out_once(void)
{
    struct grid grid;
    grid_init(&grid, "gossip_window place_home usher_mosix");
    grid_start(&grid);
    proc_id one = guest(&grid, 1, 11);
    proc_id two = guest(&grid, 1, 11);
    cluster_move(grid.cluster, one, NODE_NONE);
    run(&grid, 3);
    CU_ASSERT_NOT_EQUAL(cluster_place(grid.cluster, one), 11);
    is_at(&grid, two, 11);
    cluster_move(grid.cluster, one, 11); /* It may come again. */
    run(&grid, 3);
    is_at(&grid, one, 11);
    grid_close_well(&grid);
}

static void lock(struct proc_info *proc)
{
    proc->locked = true;
}

/* Home 1 is cut off from place 11 when its user locks it, so it is told late;
 * and what is locked away stays locked at the next place. */
static void a_change_reaches_who_has_it(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    cluster_side(grid.cluster, 1, 1);
    cluster_change(grid.cluster, proc, lock);
    run(&grid, 5);
    size_t count;
    const struct proc_info *procs =
        node_procs(cluster_node(grid.cluster, 11), &count);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_FALSE(procs[0].locked);
    cluster_heal(grid.cluster);
    run(&grid, 20);
    procs = node_procs(cluster_node(grid.cluster, 11), &count);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_TRUE(procs[0].locked);
    cluster_move(grid.cluster, proc, 12);
    run(&grid, 2);
    is_at(&grid, proc, 11);
    cluster_recall(grid.cluster, proc);
    run(&grid, 2);
    procs = node_procs(cluster_node(grid.cluster, 1), &count);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_TRUE(procs[0].locked);
    grid_close_well(&grid);
}

/* ---- Homes that die. ----------------------------------------------------- */

/* The home dies and its guest runs on until the home, up again, has begun the
 * process anew and hears of the old copy. */
static void an_old_copy_loses_to_a_restart(void)
{
    struct grid grid;
    grid_open(&grid);
    proc_id proc = guest(&grid, 1, 11);
    cluster_kill(grid.cluster, 1);
    cluster_revive(grid.cluster, 1);
    CU_ASSERT_TRUE(cluster_restart(grid.cluster, proc));
    run(&grid, 1);
    is_at(&grid, proc, 1);
    CU_ASSERT_EQUAL(cluster_grid_guests(grid.cluster, CAMPUS), 1);
    run(&grid, 15); /* word_us is 10 s. */
    CU_ASSERT_EQUAL(cluster_grid_guests(grid.cluster, CAMPUS), 0);
    is_at(&grid, proc, 1);
    cluster_move(grid.cluster, proc, 11);
    run(&grid, 2);
    is_at(&grid, proc, 11);
    grid_close_well(&grid);
}

static struct grid *silent_grid(struct grid *grid, proc_id *ret_proc)
{
    grid_init(grid, "place_home");
    grid->setup.config.home_lost_after_us = SECONDS(40);
    grid->setup.config.board_max = 1; /* Of two homes one is not on it. */
    grid_start(grid);
    *ret_proc = guest(grid, 1, 11);
    return grid;
}

static void guests_of_a_silent_home_are_dropped(void)
{
    struct grid grid;
    proc_id proc;
    silent_grid(&grid, &proc);
    cluster_kill(grid.cluster, 1);
    run(&grid, 30);
    is_at(&grid, proc, 11);
    run(&grid, 25);
    is_at(&grid, proc, NODE_NONE);
    CU_ASSERT_TRUE(
        cluster_told(grid.cluster, "killed 11 1 * its home is silent\n"));
    grid_close_well(&grid);
}

/* Nobody gossips and nothing moves: its answers to words are all that a home
 * says. */
static void a_home_that_answers_words_is_not_silent(void)
{
    struct grid grid;
    proc_id proc;
    silent_grid(&grid, &proc);
    proc_id other = guest(&grid, 21, 11);
    run(&grid, 600);
    is_at(&grid, proc, 11);
    is_at(&grid, other, 11);
    grid_close_well(&grid);
}

SUITE_MAIN(
    "owners",
    {"after the deadline a guest that cannot leave waits",
     after_the_deadline_a_guest_waits},
    {"after the deadline a guest is frozen, and thawed when the node opens",
     after_the_deadline_a_guest_is_frozen},
    {"a frozen guest goes home as it is and runs there",
     a_frozen_guest_goes_home_and_runs},
    {"a frozen guest is recalled as it is",
     a_frozen_guest_is_recalled_as_it_is},
    {"a frozen guest whose move fails stays frozen",
     a_frozen_guest_whose_move_fails_stays_frozen},
    {"what does not fit into freeze space goes on", what_does_not_fit_goes_on},
    {"after the deadline a guest is killed and its home learns it",
     after_the_deadline_a_guest_is_killed},
    {"a guest is killed when a move fails after the deadline",
     a_move_that_fails_after_the_deadline},
    {"own processes outlive every deadline",
     own_processes_outlive_every_deadline},
    {"an isolated cluster is emptied and its processes come back",
     isolation_empties_both_ways},
    {"a guest turned out may go to a third cluster",
     a_guest_turned_out_may_go_to_a_third_cluster},
    {"nothing goes out or in while isolated",
     nothing_goes_out_or_in_while_isolated},
    {"guests of an isolated cluster freeze until it rejoins",
     isolated_guests_freeze_until_rejoin},
    {"another's word changes no deadline", anothers_word_changes_no_deadline},
    {"guests of an isolated cluster are killed", isolated_guests_are_killed},
    {"a rejoin withdraws recalls", a_rejoin_withdraws_recalls},
    {"a home recalls from a partner that is isolated",
     aways_of_an_isolated_partner_come_back},
    {"a reserved node keeps its group and its own",
     a_reserved_node_keeps_its_group},
    {"a node for one user refuses another",
     a_node_for_one_user_refuses_another},
    {"while owners want all cores guests leave at once", owners_first},
    {"a flood arrives frozen and is thawed by tokens", a_flood_arrives_frozen},
    {"a flood is refused elsewhere than at home", a_flood_is_refused_elsewhere},
    {"a freeze policy thaws what a flood froze, if it is for it",
     a_freeze_policy_thaws_what_a_flood_froze},
    {"guests must leave when a thaw fills the cores", a_thaw_fills_the_cores},
    {"a flood runs where freeze space is full",
     a_flood_runs_where_freeze_space_is_full},
    {"a user freezes and thaws at home", a_user_freezes_and_thaws_at_home},
    {"no policy thaws what a user froze", no_policy_thaws_what_a_user_froze},
    {"what is away is frozen when it is home",
     what_is_away_freezes_when_it_is_home},
    {"a thaw in time calls the recall off",
     a_thaw_in_time_calls_the_recall_off},
    {"without freeze space a user cannot freeze", no_space_no_freezing},
    {"a job moves together", a_job_moves_together},
    {"who was asked out may come again", asked_out_once},
    {"a change reaches the node that has it", a_change_reaches_who_has_it},
    {"an old copy loses to a restart", an_old_copy_loses_to_a_restart},
    {"guests of a silent home are dropped",
     guests_of_a_silent_home_are_dropped},
    {"a home that answers words is not silent",
     a_home_that_answers_words_is_not_silent})
