/* rig.h - one node under test, alone with the events that a test makes. */
#ifndef TESTS_CLUSTER_RIG_H
#define TESTS_CLUSTER_RIG_H

#include "algorithms/node/node.h"
#include "algorithms/node/registry.h"

enum {
    RIG_SELF = 103,
    RIG_FIRST = 100, /* Of its own cluster; */
    RIG_COUNT = 8,
    RIG_FAR_FIRST = 70000, /* of the other. */
    RIG_FAR_COUNT = 5,
    RIG_PROCS_MAX = 32,
    RIG_POLICIES_MAX = 2,
};
#define RIG_MIB (1024ULL * 1024)

/* What the actions of the node amount to. */
struct rig_seen
{
    uint64_t sends;
    uint64_t asks;
    uint64_t denials;
    uint64_t runs;
    uint64_t hash; /* Of every action, byte by byte. */
    bool strange;  /* A move to itself, to nobody, or of what may not move. */
};

struct rig
{
    struct node_policy list[RIG_POLICIES_MAX];
    struct cluster_info map[2];
    struct batch *batch;
    void *block;
    void *scratch;
    struct node *node;
    usec_t now_us;
    struct node_info self;
    struct proc_info procs[RIG_PROCS_MAX]; /* As last measured. */
    struct rig_seen seen;
    uint64_t random;
};

/* A node with this one policy; params NULL: the defaults. Started. */
struct rig *rig_create(const struct policy *policy, const void *params);
void rig_destroy(struct rig *rig);

uint64_t rig_random(struct rig *rig);
void rig_step(struct rig *rig, struct event *event);

/* Time passes; alarms ring when they are due; a sample ends each second. */
void rig_run(struct rig *rig, usec_t span_us);

/* A guest of node home arrives; marks may set more fields of it. */
proc_id rig_guest(struct rig *rig,
                  uint32_t number,
                  node_id home,
                  void (*marks)(struct proc_info *proc));
void rig_submit(struct rig *rig, uint32_t number);

/* An idle, roomy machine of that id speaks now. */
struct node_info rig_idle_peer(node_id id);

/* A frame of the policy under test, from sender. */
void rig_message(struct rig *rig,
                 node_id sender,
                 const uint8_t *bytes,
                 size_t byte_count);

#endif /* TESTS_CLUSTER_RIG_H */
