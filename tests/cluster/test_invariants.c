/* test_invariants.c - the invariants see what they are there to see. Each test
 * does to the machines what a faulty node would have them do. */
#include <string.h>

#include "inner.h"
#include "tests/suite.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

static struct cluster *pair(struct cluster_list *list, proc_id *ret_proc)
{
    static const struct cluster_part part = {1, 7, 2, 1, 1000, 64 * MIB, 0, 0};
    struct cluster_setup setup = cluster_setup_default();
    cluster_list_init(list, "place_home");
    setup.parts = &part;
    setup.part_count = 1;
    setup.config.policies = list->policies;
    setup.config.policy_count = list->count;
    struct cluster *cluster = cluster_create(&setup);
    cluster_run_until(cluster, SECONDS(1));
    struct cluster_job job = {
        .home = 7, .work_us = SECONDS(100), .mem_bytes = 40 * MIB};
    *ret_proc = cluster_submit(cluster, &job);
    cluster_run_for(cluster, SECONDS(30));
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    return cluster;
}

static void names(struct cluster *cluster, const char *invariant)
{
    const char *broken = cluster_broken(cluster);
    CU_ASSERT_PTR_NOT_NULL_FATAL(broken);
    CU_ASSERT_EQUAL(strncmp(broken, invariant, strlen(invariant)), 0);
    cluster_destroy(cluster);
}

static struct copy *second_copy(struct cluster *cluster, proc_id proc)
{
    struct copy copy = *machine_copy(machine_find(cluster, 7), proc);
    copy.state = COPY_STOPPED;
    return machine_copy_add(cluster, machine_find(cluster, 8), &copy);
}

static void two_running_copies_are_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    struct copy *copy = second_copy(cluster, proc);
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    machine_copy_state(cluster, machine_find(cluster, 8), copy, COPY_RUNNING);
    names(cluster, "one owner");
}

static void a_process_that_is_nowhere_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    machine_copy_remove(cluster, machine_find(cluster, 7), proc);
    invariant_no_loss(cluster, life_find(cluster, proc));
    names(cluster, "no loss by disconnect");
}

static void a_node_that_lists_what_it_has_not_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    second_copy(cluster, proc);
    machine_copy_remove(cluster, machine_find(cluster, 7), proc);
    invariant_stepped(cluster, machine_find(cluster, 7));
    names(cluster, "one home");
}

static void a_move_to_itself_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    struct action action = {
        .kind = ACTION_CARRY, .peer = 7, .proc = proc, .why = ""};
    invariant_action(cluster, machine_find(cluster, 7), &action);
    names(cluster, "no self move");
}

static void a_guest_without_room_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    machine_copy_state(cluster, machine_find(cluster, 7),
                       machine_copy(machine_find(cluster, 7), proc),
                       COPY_STOPPED);
    struct copy *copy = second_copy(cluster, proc);
    copy->asked_us = cluster_now(cluster);
    copy->mem_bytes = 65 * MIB;
    machine_copy_state(cluster, machine_find(cluster, 8), copy, COPY_RUNNING);
    names(cluster, "room kept");
}

static void a_flood_of_frames_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    struct action action = {.kind = ACTION_SEND,
                            .peer = 8,
                            .bytes = (const uint8_t *)"",
                            .byte_count = 1,
                            .why = ""};
    for (int i = 0; i < 1000; i++)
        network_send(cluster, machine_find(cluster, 7), &action);
    invariant_stepped(cluster, machine_find(cluster, 7));
    names(cluster, "bounded chatter");
}

/* Its host would take version 1 in the place of version 2. */
static void a_map_that_goes_back_is_seen(void)
{
    static const struct cluster_part part = {1, 7, 2, 1, 1000, 64 * MIB, 0, 0};
    struct cluster_list list;
    for (int wanted = 0; wanted <= 1; wanted++) {
        struct cluster_setup setup = cluster_setup_default();
        cluster_list_init(&list, "place_home");
        setup.parts = &part;
        setup.part_count = 1;
        setup.owners_speak = true;
        setup.config.policies = list.policies;
        setup.config.policy_count = list.count;
        struct cluster *cluster = cluster_create(&setup);
        struct cluster_record old = cluster_record_of(cluster, 0);
        struct cluster_record young = old;
        young.version = 2;
        CU_ASSERT_TRUE(cluster_owner_says(cluster, 7, &young));
        cluster_run_until(cluster, SECONDS(1));
        CU_ASSERT_PTR_NULL(cluster_broken(cluster));
        struct writer w = {.count = 0};
        put_record(&w, &old);
        struct action action = {.kind = ACTION_RECORD,
                                .bytes = w.bytes,
                                .byte_count = (uint32_t)w.count};
        if (wanted)
            records_hear(cluster, machine_find(cluster, 7), &action);
        else
            invariant_map(cluster, machine_find(cluster, 7), &old, 1);
        names(cluster, "map never goes back");
    }
}

/* Node 7 of one cluster has a process on node 8 of another. */
static struct cluster *two_clusters(struct cluster_list *list)
{
    static const struct cluster_part parts[] = {
        {1, 7, 1, 1, 1000, 64 * MIB, 64 * MIB, 0},
        {2, 8, 1, 1, 1000, 64 * MIB, 64 * MIB, 0}};
    struct cluster_setup setup = cluster_setup_default();
    cluster_list_init(list, "place_home");
    setup.parts = parts;
    setup.part_count = 2;
    setup.owners_speak = true;
    setup.config.policies = list->policies;
    setup.config.policy_count = list->count;
    struct cluster *cluster = cluster_create(&setup);
    cluster_run_until(cluster, SECONDS(1));
    struct cluster_job job = {
        .home = 7, .work_us = SECONDS(100), .mem_bytes = 10 * MIB};
    cluster_move(cluster, cluster_submit(cluster, &job), 8);
    cluster_run_for(cluster, SECONDS(5));
    CU_ASSERT_EQUAL(cluster_grid_guests(cluster, 2), 1);
    invariant_stepped(cluster, machine_find(cluster, 8));
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    return cluster;
}

/* Its host knows another limit. */
static void more_guests_than_the_limit_are_seen(void)
{
    struct cluster_list list;
    struct cluster *cluster = two_clusters(&list);
    machine_find(cluster, 8)->grid_guest_limit = 0;
    invariant_stepped(cluster, machine_find(cluster, 8));
    names(cluster, "caps kept");
}

static void guests_beside_busy_owners_are_seen(void)
{
    struct cluster_list list;
    struct cluster *cluster = two_clusters(&list);
    struct cluster_job job = {
        .home = 8, .work_us = SECONDS(100), .mem_bytes = 10 * MIB};
    cluster_submit(cluster, &job);
    CU_ASSERT_PTR_NULL(cluster_broken(cluster));
    cluster->setup.config.owner_first = true; /* As if nodes were deaf to it. */
    invariant_stepped(cluster, machine_find(cluster, 8));
    names(cluster, "local first");
}

static void too_much_in_freeze_space_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    machine_copy_state(cluster, machine_find(cluster, 7),
                       machine_copy(machine_find(cluster, 7), proc),
                       COPY_FROZEN);
    invariant_stepped(cluster, machine_find(cluster, 7));
    names(cluster, "freeze space kept");
}

/* The host's records say isolated and the node has not been told. */
static void guests_of_an_isolated_cluster_are_seen(void)
{
    struct cluster_list list;
    struct cluster *cluster = two_clusters(&list);
    machine_find(cluster, 8)->view[0].isolated = true;
    invariant_stepped(cluster, machine_find(cluster, 8));
    names(cluster, "guests gone when isolated");
}

static void a_process_that_stands_still_is_unsettled(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    CU_ASSERT_PTR_NULL(cluster_unsettled(cluster));
    machine_copy_state(cluster, machine_find(cluster, 7),
                       machine_copy(machine_find(cluster, 7), proc),
                       COPY_STOPPED);
    CU_ASSERT_PTR_NOT_NULL(cluster_unsettled(cluster));
    cluster_destroy(cluster);
}

static void lock(struct proc_info *proc)
{
    proc->locked = true;
}

static void a_wish_that_nobody_heard_is_seen(void)
{
    struct cluster_list list;
    proc_id proc;
    struct cluster *cluster = pair(&list, &proc);
    CU_ASSERT_PTR_NULL(cluster_unheard(cluster));
    cluster_change(cluster, proc, lock);
    CU_ASSERT_PTR_NULL(cluster_unheard(cluster));
    life_find(cluster, proc)->wish.locked = false;
    CU_ASSERT_PTR_NOT_NULL(cluster_unheard(cluster));
    cluster_destroy(cluster);
}

SUITE_MAIN(
    "invariants",
    {"wishes heard: one that nobody heard is seen",
     a_wish_that_nobody_heard_is_seen},
    {"one owner: two running copies are seen", two_running_copies_are_seen},
    {"no loss by disconnect: a process that is nowhere is seen",
     a_process_that_is_nowhere_is_seen},
    {"one home: a node that lists what it has not is seen",
     a_node_that_lists_what_it_has_not_is_seen},
    {"no self move: a move to itself is seen", a_move_to_itself_is_seen},
    {"room kept: a guest without room is seen", a_guest_without_room_is_seen},
    {"bounded chatter: a flood of frames is seen", a_flood_of_frames_is_seen},
    {"map never goes back: a version that falls is seen",
     a_map_that_goes_back_is_seen},
    {"caps kept: more guests than the limit are seen",
     more_guests_than_the_limit_are_seen},
    {"local first: guests beside busy owners are seen",
     guests_beside_busy_owners_are_seen},
    {"freeze space kept: too much is seen", too_much_in_freeze_space_is_seen},
    {"guests gone when isolated: who stays is seen",
     guests_of_an_isolated_cluster_are_seen},
    {"convergence: a process that stands still is seen",
     a_process_that_stands_still_is_unsettled})
