/* test_contract.c - what every registered policy owes, whatever it decides. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "algorithms/node/explain.h"
#include "rig.h"
#include "tests/cluster.h"
#include "tests/suite.h"

#define FOR_EACH_POLICY(policy)                                        \
    for (const struct policy *const *each = policies, *policy = *each; \
         (policy = *each) != NULL; each++)

enum { LATE_US = 60 * CLUSTER_SECOND_US, TEXT_BYTES = 64 * 1024 };

/* CUnit names the line; this names the policy. */
static void expect(const struct policy *policy, bool holds, const char *what)
{
    if (!holds)
        printf("\n  %s: %s\n", policy->name, what);
    CU_ASSERT_TRUE(holds);
}

static bool in_family(const char *name, const char *family)
{
    return strncmp(name, family, strlen(family)) == 0;
}

/* ---- What it says of itself. --------------------------------------------- */

static void describes_itself(void)
{
    FOR_EACH_POLICY(policy)
    {
        expect(policy, policy->abi == POLICY_ABI, "another ABI");
        expect(policy, policy->version > 0, "no version");
        expect(policy, policy->summary && policy->summary[0], "no summary");
        expect(policy, policy->source && policy->source[0], "no source");
        bool decides = policy->start || policy->sampled || policy->wake ||
                       policy->changed || policy->receive || policy->place ||
                       policy->arrived || policy->moved || policy->admit;
        expect(policy, decides, "no handler");
        expect(policy, policy_find(policy->name) == policy,
               "not found by its name");
    }
}

static void is_named_after_its_file(void)
{
    const char *source = getenv("SOURCE");
    CU_ASSERT_PTR_NOT_NULL_FATAL(source);
    FOR_EACH_POLICY(policy)
    {
        char path[512];
        snprintf(path, sizeof path, "%s/algorithms/%s.c", source, policy->name);
        expect(policy, access(path, R_OK) == 0, "no file of that name");
    }
}

static void has_parameters_within_range(void)
{
    FOR_EACH_POLICY(policy)
    {
        const struct policy_param *param = policy->params;
        for (; param && param->name; param++) {
            expect(policy, param->min <= param->fallback, param->name);
            expect(policy, param->fallback <= param->max, param->name);
            expect(policy,
                   param->offset + sizeof(uint64_t) <= policy->params_size,
                   param->name);
            expect(policy, param->offset % sizeof(uint64_t) == 0, param->name);
            expect(policy, param->help && param->help[0], param->name);
            expect(policy, policy_param_find(policy, param->name) == param,
                   param->name);
        }
    }
}

static void accepts_its_defaults(void)
{
    FOR_EACH_POLICY(policy)
    {
        uint64_t params[64];
        CU_ASSERT_TRUE_FATAL(policy->params_size <= sizeof params);
        policy_params_default(policy, params);
        const char *what = policy->check ? policy->check(params) : NULL;
        expect(policy, what == NULL, what ? what : "");
    }
}

/* ---- What it does. ------------------------------------------------------- */

static void mark_pinned(struct proc_info *proc)
{
    proc->pinned = true;
}

static void mark_locked(struct proc_info *proc)
{
    proc->locked = true;
}

/* Crowded, among idle peers, one of whom nobody knows. */
static void crowd(struct rig *rig)
{
    rig->self.load_milli = 9000;
    rig->self.utilisation_milli = 1000;
    rig->self.mem_free_bytes = 8 * RIG_MIB;
    for (node_id id = RIG_FIRST; id < RIG_FIRST + RIG_COUNT; id++) {
        struct node_info peer = rig_idle_peer(id);
        if (id != RIG_SELF)
            node_believe(rig->node, &peer, rig->now_us);
    }
    struct node_info stranger = rig_idle_peer(4711);
    node_believe(rig->node, &stranger, rig->now_us);
}

static void never_moves_what_or_where_it_may_not(void)
{
    FOR_EACH_POLICY(policy)
    {
        struct rig *rig = rig_create(policy, NULL);
        for (uint32_t i = 0; i < 4; i++) {
            rig_guest(rig, 10 + i, RIG_FIRST, mark_pinned);
            rig_guest(rig, 20 + i, RIG_FIRST + 1, mark_locked);
            rig_guest(rig, 30 + i, RIG_FAR_FIRST, NULL);
        }
        for (uint32_t round = 0; round < 20; round++) {
            crowd(rig);
            rig_submit(rig, 40 + round % 8 + round / 8 * 8);
            rig_run(rig, CLUSTER_SECOND_US);
        }
        expect(policy, !rig->seen.strange, "moved what it may not");
        expect(policy, rig->seen.denials == 0, "asked for the forbidden");
        rig_destroy(rig);
    }
}

static uint64_t hash_of_a_life(const struct policy *policy, uint64_t *ret_seen)
{
    struct rig *rig = rig_create(policy, NULL);
    for (uint32_t round = 0; round < 15; round++) {
        crowd(rig);
        rig_submit(rig, round + 1);
        rig_guest(rig, 100 + round, RIG_FIRST, NULL);
        rig_run(rig, CLUSTER_SECOND_US * 3 / 2);
    }
    uint64_t hash = node_hash(rig->node);
    *ret_seen = rig->seen.hash;
    rig_destroy(rig);
    return hash;
}

static void repeats_itself(void)
{
    FOR_EACH_POLICY(policy)
    {
        uint64_t first;
        uint64_t second;
        uint64_t hash = hash_of_a_life(policy, &first);
        expect(policy, hash == hash_of_a_life(policy, &second),
               "another state from the same events");
        expect(policy, first == second, "other actions from the same events");
    }
}

static struct cluster *cluster_of_one_policy(const struct policy *policy,
                                             uint64_t *params,
                                             struct node_policy *list,
                                             uint32_t node_count)
{
    struct cluster_part part = {.id = 3,
                                .first = 500,
                                .node_count = node_count,
                                .core_count = 1,
                                .speed_milli = 1000,
                                .mem_bytes = 512 * RIG_MIB};
    policy_params_default(policy, params);
    *list = (struct node_policy){.policy = policy, .params = params};
    struct cluster_setup setup = cluster_setup_default();
    setup.parts = &part;
    setup.part_count = 1;
    setup.config.policies = list;
    setup.config.policy_count = 1;
    return cluster_create(&setup);
}

static void does_nothing_when_alone(void)
{
    FOR_EACH_POLICY(policy)
    {
        uint64_t params[64];
        struct node_policy list;
        struct cluster *cluster =
            cluster_of_one_policy(policy, params, &list, 1);
        cluster_run_until(cluster, CLUSTER_SECOND_US);
        for (uint32_t i = 0; i < 3; i++) {
            struct cluster_job job = {.home = 500,
                                      .work_us = 5 * CLUSTER_SECOND_US,
                                      .mem_bytes = 10 * RIG_MIB};
            cluster_submit(cluster, &job);
        }
        cluster_run_until(cluster, LATE_US);
        struct cluster_counts counts = cluster_counts(cluster);
        expect(policy, counts.frames == 0, "sends to nobody");
        expect(policy, counts.moves == 0, "moves to nowhere");
        expect(policy, counts.ended == 3, "a process waits for ever");
        expect(policy, !cluster_broken(cluster), "an invariant broke");
        cluster_destroy(cluster);
    }
}

/* Frames of a node in a second with nothing to do, on average and at most: one
 * or two are MOSIX's gossip. The yardsticks that tell everybody by rule have
 * what their heads say: n - 1 for all, twice that for a collector, whose board
 * is two messages here. Who talks to neighbours alone tells each of the five
 * that a node has here. */
struct chatter
{
    const char *name;
    uint32_t average;
    uint32_t most;
};

static struct chatter chatter_of(const struct policy *policy)
{
    static const struct chatter exceptions[] = {
        {"balance_gradient", 6, 32},
        {"gossip_broadcast", 31, 32},
        {"gossip_central", 4, 64},
    };
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        if (strcmp(policy->name, exceptions[i].name) == 0)
            return exceptions[i];
    return (struct chatter){policy->name, 4, 32};
}

static void chatters_within_bounds(void)
{
    FOR_EACH_POLICY(policy)
    {
        uint64_t params[64];
        struct node_policy list;
        struct cluster *cluster =
            cluster_of_one_policy(policy, params, &list, 32);
        cluster_run_until(cluster, LATE_US);
        struct cluster_counts counts = cluster_counts(cluster);
        struct chatter limit = chatter_of(policy);
        expect(policy, counts.frames <= limit.average * 32 * 60,
               "chatters on average");
        expect(policy, counts.frames_per_node_second_max <= limit.most,
               "chatters in one second");
        expect(policy, !cluster_broken(cluster), "an invariant broke");
        cluster_destroy(cluster);
    }
}

/* ---- Garbage and extremes. ----------------------------------------------- */

static void survives_any_bytes(void)
{
    FOR_EACH_POLICY(policy)
    {
        struct rig *rig = rig_create(policy, NULL);
        rig_submit(rig, 1);
        rig->self.load_milli = 5000;
        rig_run(rig, CLUSTER_SECOND_US);
        for (uint32_t round = 0; round < 3000; round++) {
            uint8_t bytes[POLICY_MESSAGE_BYTES_MAX - 8];
            size_t count = rig_random(rig) % sizeof bytes;
            count = round % 3 == 0 ? count % 16 : count;
            for (size_t i = 0; i < count; i++)
                bytes[i] = (uint8_t)(rig_random(rig) >> (i % 7));
            rig_message(rig, RIG_FIRST + (node_id)(round % 3), bytes, count);
            if (round % 100 == 0)
                rig_run(rig, CLUSTER_SECOND_US);
        }
        expect(policy, !rig->seen.strange, "moved on garbage");
        expect(policy, rig->seen.denials == 0, "asked for the forbidden");
        rig_destroy(rig);
    }
}

static struct node_info largest_peer(node_id id)
{
    struct node_info info = rig_idle_peer(id);
    info.core_count = UINT16_MAX;
    info.speed_milli = UINT32_MAX;
    info.load_milli = UINT32_MAX;
    info.guest_count = info.grid_guest_count = UINT16_MAX;
    info.grid_guest_limit = info.frozen_count = info.priority = UINT16_MAX;
    info.utilisation_milli = 1000;
    info.mem_total_bytes = info.mem_free_bytes = 1ULL << 63;
    info.swap_total_bytes = info.swap_free_bytes = 1ULL << 63;
    info.freeze_total_bytes = info.freeze_free_bytes = 1ULL << 63;
    info.paging_bytes_per_s = 1ULL << 63;
    return info;
}

static void mark_largest(struct proc_info *proc)
{
    proc->mem_bytes = proc->mem_declared_bytes = 1ULL << 62;
    proc->dirty_bytes_per_s = 1ULL << 63;
    proc->home_bytes_per_s = proc->sibling_bytes_per_s = 1ULL << 63;
    proc->cpu_milli = proc->width = UINT32_MAX;
    proc->cpu_used_us = proc->cpu_declared_us = 1ULL << 63;
    proc->home_calls_per_s = UINT32_MAX;
    proc->move_count = UINT16_MAX;
}

/* Every other peer is the smallest that the wire lets through. */
static void live_among_extremes(struct rig *rig)
{
    for (node_id id = RIG_FIRST; id < RIG_FIRST + RIG_COUNT; id++) {
        struct node_info peer = largest_peer(id);
        if (id % 2 == 0)
            peer = (struct node_info){.id = id,
                                      .cluster = 1,
                                      .core_count = 1,
                                      .speed_milli = 1,
                                      .load_milli = id % 4 ? 0 : UINT32_MAX};
        if (id != RIG_SELF)
            node_believe(rig->node, &peer, rig->now_us);
    }
    rig_run(rig, 2 * CLUSTER_SECOND_US);
}

static void extremes(const struct policy *policy, const void *params)
{
    struct rig *rig = rig_create(policy, params);
    live_among_extremes(rig); /* No processes. */
    rig_submit(rig, 1);
    rig_guest(rig, 2, RIG_FIRST, mark_largest);
    live_among_extremes(rig);
    rig->self = largest_peer(RIG_SELF);
    live_among_extremes(rig);
    rig->self.core_count = 1;
    rig->self.speed_milli = 1;
    rig->self.mem_free_bytes = 0;
    live_among_extremes(rig);
    /* The peers fall silent; their words grow old beyond every bound. */
    rig_run(rig, 2 * CLUSTER_SECOND_US);
    rig->now_us += 1ULL << 50;
    rig_run(rig, 2 * CLUSTER_SECOND_US);
    expect(policy, !rig->seen.strange, "moved what or where it may not");
    rig_destroy(rig);
}

static void survives_the_maximum_of_everything(void)
{
    FOR_EACH_POLICY(policy)
    extremes(policy, NULL);
}

/* Smallest and largest of each parameter, the others at their defaults, and
 * all at once, where check() lets them. */
static void survives_its_parameters(void)
{
    FOR_EACH_POLICY(policy)
    {
        const struct policy_param *param = policy->params;
        for (; param && param->name; param++)
            for (int largest = 0; largest <= 1; largest++) {
                uint64_t params[64];
                policy_params_default(policy, params);
                policy_param_set(param, params,
                                 largest ? param->max : param->min);
                if (!policy->check || !policy->check(params))
                    extremes(policy, params);
            }
    }
}

static void starts_what_peers_never_answer(void)
{
    FOR_EACH_POLICY(policy)
    {
        if (!in_family(policy->name, "place_"))
            continue;
        struct rig *rig = rig_create(policy, NULL);
        crowd(rig);
        for (uint32_t i = 0; i < 5; i++)
            rig_submit(rig, i + 1);
        rig_run(rig, 10 * CLUSTER_SECOND_US);
        expect(policy, rig->seen.runs == 5, "a process waits for ever");
        rig_destroy(rig);
    }
}

static void explains_without_a_trace(void)
{
    FOR_EACH_POLICY(policy)
    {
        struct rig *rig = rig_create(policy, NULL);
        crowd(rig);
        rig_submit(rig, 1);
        proc_id guest = rig_guest(rig, 2, RIG_FIRST, NULL);
        rig_run(rig, 3 * CLUSTER_SECOND_US);
        crowd(rig);
        char *text = malloc(TEXT_BYTES);
        uint64_t before = node_hash(rig->node);
        usec_t deadline = node_deadline(rig->node);
        size_t all = node_explain(rig->node, rig->now_us, 0, rig->scratch,
                                  rig->batch, text, TEXT_BYTES);
        expect(policy, all > 0 && text[all] == '\0', "explains nothing");
        node_explain(rig->node, rig->now_us, guest, rig->scratch, rig->batch,
                     text, TEXT_BYTES);
        expect(policy, before == node_hash(rig->node), "another state");
        expect(policy, deadline == node_deadline(rig->node), "another alarm");
        free(text);
        rig_destroy(rig);
    }
}

SUITE_MAIN("contract",
           {"every policy describes itself", describes_itself},
           {"every policy is named after its file", is_named_after_its_file},
           {"every parameter has a default within its range",
            has_parameters_within_range},
           {"check() accepts the defaults", accepts_its_defaults},
           {"the same events give the same actions and state", repeats_itself},
           {"a policy alone in the cluster moves and sends nothing",
            does_nothing_when_alone},
           {"messages per second are bounded", chatters_within_bounds},
           {"a policy never moves what or where it may not",
            never_moves_what_or_where_it_may_not},
           {"any bytes in receive() are harmless", survives_any_bytes},
           {"the maximum of everything is harmless",
            survives_the_maximum_of_everything},
           {"the ends of every parameter's range are harmless",
            survives_its_parameters},
           {"a process starts though no peer ever answers",
            starts_what_peers_never_answer},
           {"explaining changes nothing", explains_without_a_trace})
