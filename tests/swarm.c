/* swarm.c - a seed makes a cluster, a list of policies, a load and a row of
 * disasters; the invariants are checked at every step, and after the last
 * disaster everything must settle.
 *
 *   swarm SEED_FIRST|fresh SEED_COUNT [--verbose]
 *
 * Exit 0: all held. 1: one broke; the command that repeats it is printed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "algorithms/node/registry.h"
#include "tests/swarm.h"

enum {
    PART_NODES_MAX = 7,
    TROUBLE_S = 60, /* So long there are faults and submissions; */
    PEACE_S = 240,  /* so long none. */
    POLL_S = 5,
    UNHEARD_S = 25, /* So long a wish may be on its way. */
    AGE_BOUND_S = 70,
    TAIL_LINES = 40,
    OWNERS_EVERY = 2, /* In each second seed owners tell one node. */
    EXIT_BROKEN = 1,
    EXIT_USAGE = 2,
};

/* ---- What the seed makes. ------------------------------------------------ */

static void draw_parts(struct swarm *swarm)
{
    node_id next = (node_id)swarm_draw(swarm, 3000000000);
    swarm->setup.part_count = 1 + swarm_draw(swarm, PARTS_MAX);
    for (size_t i = 0; i < swarm->setup.part_count; i++) {
        /* A statement for each draw: C has no order among initializers. */
        struct cluster_part *part = &swarm->parts[i];
        *part = (struct cluster_part){.first = next,
                                      .core_count = 1,
                                      .speed_milli = 1000,
                                      .mem_bytes = 512 * MIB};
        part->id = (cluster_id)(1 + i * 16000 + swarm_draw(swarm, 16000));
        part->node_count = 1 + (uint32_t)swarm_draw(swarm, PART_NODES_MAX);
        part->freeze_bytes = swarm_draw(swarm, 256) * MIB;
        part->grid_guest_limit = (uint16_t)swarm_draw(swarm, 6);
        next +=
            swarm->parts[i].node_count + (node_id)swarm_draw(swarm, 1000000);
    }
    swarm->setup.parts = swarm->parts;
}

/* Each policy of the build is in the list half of the time, gossip more often;
 * the order is that of the registry, begun anywhere. */
static void draw_policies(struct swarm *swarm)
{
    size_t count = 0;
    while (policies[count])
        count++;
    size_t begin = swarm_draw(swarm, count);
    size_t chosen = 0;
    for (size_t i = 0; i < count && chosen < CLUSTER_POLICIES_MAX; i++) {
        const char *name = policies[(begin + i) % count]->name;
        bool gossip = strncmp(name, "gossip_", 7) == 0;
        if (!swarm_chance(swarm, gossip ? 70 : 40))
            continue;
        if (chosen > 0)
            strcat(swarm->names, " ");
        strcat(swarm->names, name);
        swarm->gossips |= gossip;
        chosen++;
    }
    cluster_list_init(&swarm->list, swarm->names);
}

static void draw_setup(struct swarm *swarm)
{
    swarm->setup = cluster_setup_default();
    draw_parts(swarm);
    draw_policies(swarm);
    struct cluster_setup *setup = &swarm->setup;
    setup->seed = swarm->seed;
    setup->owners_speak = swarm->seed % OWNERS_EVERY == 0;
    setup->loss_milli = (uint32_t)swarm_draw(swarm, 150);
    setup->doubling_milli = (uint32_t)swarm_draw(swarm, 100);
    setup->latency_us = 50 + swarm_draw(swarm, 1000);
    setup->wan_latency_us = 1000 + swarm_draw(swarm, 100000);
    setup->jitter_us = 1 + swarm_draw(swarm, 20000);
    setup->straggler_milli = (uint32_t)swarm_draw(swarm, 200);
    setup->straggler_us = 1 + swarm_draw(swarm, SECONDS(10));
    setup->drift_max_ppm = (uint32_t)swarm_draw(swarm, 200);
    setup->carry_bytes_per_s = (1 + swarm_draw(swarm, 100)) * MIB;
    setup->carry_to_break = (uint32_t)swarm_draw(swarm, 20);
    setup->carry_to_doubt = (uint32_t)swarm_draw(swarm, 20);
    setup->config.policies = swarm->list.policies;
    setup->config.policy_count = swarm->list.count;
    setup->config.board_max = 1 + (uint32_t)swarm_draw(swarm, 128);
    setup->config.reserve = swarm_chance(swarm, 80);
    setup->config.owner_first = swarm_chance(swarm, 30);
    if (swarm_chance(swarm, 30)) {
        setup->config.flood_burst = 1 + (uint32_t)swarm_draw(swarm, 4);
        setup->config.flood_per_s_milli =
            100 + (uint32_t)swarm_draw(swarm, 2000);
    }
    if (swarm_chance(swarm, 20))
        setup->config.home_lost_after_us = SECONDS(30 + swarm_draw(swarm, 60));
    setup->config.proc_max = 1 + (uint32_t)swarm_draw(swarm, 16);
    setup->config.away_max = 1 + (uint32_t)swarm_draw(swarm, 16);
}

static void draw_machines(struct swarm *swarm)
{
    for (size_t i = 0; i < swarm->setup.part_count; i++)
        for (uint32_t k = 0; k < swarm->parts[i].node_count; k++) {
            uint16_t core_count = (uint16_t)(1 + swarm_draw(swarm, 4));
            uint32_t speed_milli = 500 + (uint32_t)swarm_draw(swarm, 2500);
            uint64_t mem_bytes = (64 + swarm_draw(swarm, 1000)) * MIB;
            cluster_machine_set(swarm->cluster, swarm->parts[i].first + k,
                                core_count, speed_milli, mem_bytes);
        }
}

/* ---- One seed. ----------------------------------------------------------- */

/* Gossip brings every owner's last word to every node. */
static bool maps_differ(const struct swarm *swarm)
{
    for (size_t i = 0; i < swarm->setup.part_count; i++)
        for (size_t part = 0; part < swarm->setup.part_count; part++)
            for (uint32_t k = 0; k < swarm->parts[i].node_count; k++)
                if (cluster_version(swarm->cluster, swarm->parts[i].first + k,
                                    swarm->parts[part].id) !=
                    1 + swarm->versions[part])
                    return true;
    return false;
}

/* With processes that move all the time, some moment must be quiet. */
static const char *settle(struct swarm *swarm)
{
    const char *unsettled = NULL;
    uint32_t heard_s = 0;
    for (uint32_t s = 0; s < PEACE_S; s += POLL_S) {
        cluster_run_for(swarm->cluster, SECONDS(POLL_S));
        if (cluster_broken(swarm->cluster))
            return cluster_broken(swarm->cluster);
        const char *unheard = cluster_unheard(swarm->cluster);
        if (!unheard)
            heard_s = s;
        else if (UNHEARD_S < s - heard_s)
            return unheard;
        unsettled = cluster_unsettled(swarm->cluster);
        if (s >= PEACE_S / 2 && !unsettled)
            break;
    }
    usec_t oldest = cluster_age_max_us(swarm->cluster);
    if (!unsettled && SECONDS(AGE_BOUND_S) < oldest)
        unsettled = "convergence: a board is too old";
    if (!unsettled && swarm->setup.owners_speak && swarm->gossips &&
        maps_differ(swarm))
        unsettled = "convergence: a node has not heard an owner";
    return unsettled;
}

static const char *run(struct swarm *swarm)
{
    draw_setup(swarm);
    swarm->cluster = cluster_create(&swarm->setup);
    draw_machines(swarm);
    cluster_run_until(swarm->cluster, SECONDS(1));
    while (cluster_now(swarm->cluster) < SECONDS(TROUBLE_S) &&
           !cluster_broken(swarm->cluster)) {
        swarm_trouble(swarm);
        cluster_run_for(swarm->cluster, swarm_draw(swarm, SECONDS(2)));
    }
    if (cluster_broken(swarm->cluster))
        return cluster_broken(swarm->cluster);
    swarm_make_peace(swarm);
    const char *wrong = NULL;
    if (swarm->setup.owners_speak && swarm_chance(swarm, 50))
        wrong = swarm_isolate_one(swarm);
    return wrong ? wrong : settle(swarm);
}

static void print_tail(const char *journal)
{
    const char *at = journal + strlen(journal);
    for (int lines = 0; journal < at && lines <= TAIL_LINES; at--)
        lines += at[-1] == '\n';
    printf("%s", at > journal ? at + 1 : at);
}

static void print_result(const struct swarm *swarm, const char *wrong)
{
    struct cluster_counts counts = cluster_counts(swarm->cluster);
    printf("seed %" PRIu64 ": %zu clusters, [%s], %" PRIu64
           " processes, %" PRIu64 " ended, %" PRIu64 " lost, %" PRIu64
           " moves, %" PRIu64 " returns, %" PRIu64 " frames, at most %" PRIu64
           " of a node in a second: %s\n",
           swarm->seed, swarm->setup.part_count, swarm->names, counts.submitted,
           counts.ended, counts.lost, counts.moves, counts.returns,
           counts.frames, counts.frames_per_node_second_max,
           wrong ? wrong : "all held");
}

static bool holds(uint64_t seed, bool verbose)
{
    struct swarm *swarm = calloc(1, sizeof *swarm);
    if (!swarm)
        abort();
    swarm->seed = swarm->random = seed;
    const char *wrong = run(swarm);
    if (wrong || verbose)
        print_result(swarm, wrong);
    if (wrong) {
        print_tail(cluster_journal(swarm->cluster));
        printf("seed %" PRIu64 ": %s\n", seed, wrong);
    }
    cluster_destroy(swarm->cluster);
    free(swarm);
    return !wrong;
}

/* In a process of its own: a broken assert of a node ends that alone. */
static bool holds_apart(uint64_t seed, bool verbose)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        bool held = holds(seed, verbose);
        fflush(stdout);
        _exit(held ? EXIT_SUCCESS : EXIT_BROKEN);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    bool held = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
    if (!held)
        printf("repeat: swarm %" PRIu64 " 1 --verbose\n", seed);
    return held;
}

int main(int argc, char **argv)
{
    bool verbose = argc == 4 && strcmp(argv[3], "--verbose") == 0;
    if (argc < 3 || (argc > 3 && !verbose)) {
        fprintf(stderr,
                "usage: swarm SEED_FIRST|fresh SEED_COUNT "
                "[--verbose]\n");
        return EXIT_USAGE;
    }
    uint64_t first = strtoull(argv[1], NULL, 10);
    uint64_t count = strtoull(argv[2], NULL, 10);
    uint32_t fresh = 0;
    if (strcmp(argv[1], "fresh") == 0 &&
        getrandom(&fresh, sizeof fresh, 0) == sizeof fresh)
        first = fresh;
    for (uint64_t seed = first; seed < first + count; seed++)
        if (!holds_apart(seed, verbose))
            return EXIT_BROKEN;
    printf("%" PRIu64 " seeds from %" PRIu64 ": all invariants held\n", count,
           first);
    return EXIT_SUCCESS;
}
