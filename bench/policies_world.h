/* policies_world.h - nodes of the product, and a world for them that is quick
 * rather than true: steps of 10 ms, the way of a frame and of an image; alarms
 * ring at their instants.
 */
#ifndef BENCH_POLICIES_WORLD_H
#define BENCH_POLICIES_WORLD_H

#include "../algorithms/node/node.h"
#include "timed.h"

enum {
    TICK_US = 10000,
    SECOND_US = 1000000,
    TICKS_A_SECOND = SECOND_US / TICK_US,
    PROCS_MAX = 64,
    AWAYS_MAX = 256,
    POLICIES_MAX = 4,
    SUBMITTED_MAX = 1 << 20,
};

struct frame
{
    node_id source;
    node_id target;
    size_t byte_count;
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
};

struct frames
{
    struct frame *all;
    size_t count;
    size_t room;
};

struct carry
{
    node_id source;
    node_id target;
    uint32_t epoch;
    struct proc_info proc;
};

/* What merging cost: whole steps of frames to the policy. */
struct merging
{
    uint64_t steps;
    uint64_t entries; /* The sender's own word and what it told beside. */
    double ns;
};

struct world
{
    uint32_t node_count; /* Node i has id i + 1. */
    uint64_t random;
    usec_t now_us;
    uint32_t tick;
    struct node **nodes;
    struct node_info *infos;
    struct cluster_info maps[2][2];
    struct node_policy list[POLICIES_MAX];
    struct node_config config;
    uint64_t params[POLICIES_MAX][TIMED_PARAMS_MAX]; /* Of others. */
    struct timed *timed;
    struct batch batch;
    struct frames arriving;
    struct frames sent;
    struct carry *carries;
    size_t carry_count;
    size_t carry_room;
    double *left_us; /* Work, of each process by its number. */
    uint32_t proc_count;
    void *before; /* Room for a node as it was, */
    void *again;  /* and for one to step again. */
    struct batch spare;
    struct merging merging;
    bool measuring;
};

/* Two clusters of half of the nodes each. The policy is timed; it stands behind
 * gossip_window unless it gossips itself. */
struct world *world_create(const struct policy *policy, uint32_t node_count);
void world_destroy(struct world *w);

/* "name=value" sets a parameter of the policy, else it is the name of one that
 * stands behind it. False if there is none such. Before world_start(). */
bool world_option(struct world *w, const char *option);

/* Every node hears EVENT_START. */
void world_start(struct world *w);

/* The next 10 ms. */
void world_tick(struct world *w);

/* Every node is told its map anew. */
void world_tell_maps(struct world *w);

#endif /* BENCH_POLICIES_WORLD_H */
