/* rig.c - one node under test. */
#include "rig.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/node/wire.h"

enum { SECOND_US = 1000000, FNV_PRIME = 16777619 };

uint64_t rig_random(struct rig *rig)
{
    uint64_t z = rig->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    return z ^ (z >> 31);
}

struct node_info rig_idle_peer(node_id id)
{
    bool far = RIG_FAR_FIRST <= id;
    return (struct node_info){
        .id = id,
        .cluster = far ? 2 : 1,
        .core_count = 4,
        .speed_milli = 1000,
        .grid_guest_limit = 100,
        .mem_total_bytes = 4096 * RIG_MIB,
        .mem_free_bytes = 4000 * RIG_MIB,
        .swap_total_bytes = 1024 * RIG_MIB,
        .swap_free_bytes = 1024 * RIG_MIB,
    };
}

static void hash_bytes(struct rig *rig, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rig->seen.hash =
            (rig->seen.hash ^ ((const uint8_t *)bytes)[i]) * FNV_PRIME;
}

static bool on_map(node_id id)
{
    return (RIG_FIRST <= id && id < RIG_FIRST + RIG_COUNT) ||
           (RIG_FAR_FIRST <= id && id < RIG_FAR_FIRST + RIG_FAR_COUNT);
}

static bool may_move(const struct rig *rig, proc_id id)
{
    size_t count;
    const struct proc_info *procs = node_procs(rig->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == id)
            return !procs[i].pinned && !procs[i].locked &&
                   procs[i].state != PROC_FROZEN;
    return false;
}

static void see(struct rig *rig, const struct action *action)
{
    hash_bytes(rig, &action->kind, sizeof action->kind);
    hash_bytes(rig, &action->peer, sizeof action->peer);
    hash_bytes(rig, &action->proc, sizeof action->proc);
    hash_bytes(rig, action->why, strlen(action->why));
    bool strange = action->peer == RIG_SELF || !on_map(action->peer);
    switch (action->kind) {
        case ACTION_SEND:
            rig->seen.sends++;
            rig->seen.strange |= action->peer == RIG_SELF;
            hash_bytes(rig, action->bytes, action->byte_count);
            break;
        case ACTION_ASKED:
            rig->seen.asks++;
            rig->seen.strange |= strange || !may_move(rig, action->proc);
            break;
        case ACTION_DENIED:
            rig->seen.denials++;
            break;
        case ACTION_RUN:
            rig->seen.runs++;
            break;
        default:
            break;
    }
}

void rig_step(struct rig *rig, struct event *event)
{
    event->now_us = rig->now_us;
    node_step(rig->node, event, rig->batch);
    for (size_t i = 0; i < rig->batch->count; i++)
        see(rig, &rig->batch->actions[i]);
}

struct rig *rig_create(const struct policy *policy, const void *params)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert(rig);
    void *own = calloc(1, policy->params_size + 1);
    assert(own);
    if (params)
        memcpy(own, params, policy->params_size);
    else
        policy_params_default(policy, own);
    rig->list[0] = (struct node_policy){.policy = policy, .params = own};
    rig->map[0] = (struct cluster_info){.id = 1,
                                        .send = true,
                                        .take = true,
                                        .first = RIG_FIRST,
                                        .node_count = RIG_COUNT,
                                        .latency_us = 200,
                                        .bytes_per_s = 100000000};
    rig->map[1] = (struct cluster_info){.id = 2,
                                        .priority = 10,
                                        .our_priority = 10,
                                        .send = true,
                                        .take = true,
                                        .first = RIG_FAR_FIRST,
                                        .node_count = RIG_FAR_COUNT,
                                        .before_count = RIG_COUNT,
                                        .latency_us = 2000,
                                        .bytes_per_s = 10000000};
    struct node_config config = node_config_default();
    config.id = RIG_SELF;
    config.seed = 7;
    config.policies = rig->list;
    config.policy_count = 1;
    config.proc_max = RIG_PROCS_MAX;
    config.away_max = RIG_PROCS_MAX;
    size_t bytes = (node_bytes(&config) + 15) / 16 * 16;
    rig->block = aligned_alloc(16, bytes);
    rig->scratch = aligned_alloc(16, bytes);
    rig->batch = malloc(sizeof *rig->batch);
    assert(rig->block && rig->scratch && rig->batch);
    rig->batch->out = malloc(policy_out_bytes());
    assert(rig->batch->out);
    rig->node = node_init(rig->block, &config);
    rig->now_us = 5000000000;
    rig->self = rig_idle_peer(RIG_SELF);
    rig->self.core_count = 1;
    struct event event = {.kind = EVENT_START,
                          .self = &rig->self,
                          .map = rig->map,
                          .map_count = 2};
    rig_step(rig, &event);
    return rig;
}

void rig_destroy(struct rig *rig)
{
    free((void *)(uintptr_t)rig->list[0].params);
    free(rig->batch->out);
    free(rig->batch);
    free(rig->block);
    free(rig->scratch);
    free(rig);
}

static void sample(struct rig *rig)
{
    size_t count;
    const struct proc_info *procs = node_procs(rig->node, &count);
    assert(count <= RIG_PROCS_MAX);
    memcpy(rig->procs, procs, count * sizeof *procs);
    struct event event = {.kind = EVENT_SAMPLED,
                          .self = &rig->self,
                          .procs = rig->procs,
                          .proc_count = count};
    rig_step(rig, &event);
}

void rig_run(struct rig *rig, usec_t span_us)
{
    usec_t end = rig->now_us + span_us;
    usec_t next_sample = rig->now_us + SECOND_US;
    while (rig->now_us < end) {
        usec_t alarm = node_deadline(rig->node);
        usec_t next = alarm < next_sample ? alarm : next_sample;
        if (end < next)
            next = end;
        if (rig->now_us < next)
            rig->now_us = next;
        struct event event = {.kind = EVENT_ALARM};
        if (alarm <= rig->now_us)
            rig_step(rig, &event);
        if (next_sample <= rig->now_us) {
            sample(rig);
            next_sample += SECOND_US;
        }
    }
}

static struct proc_info plain_proc(struct rig *rig,
                                   uint32_t number,
                                   node_id home)
{
    return (struct proc_info){
        .id = (proc_id)home << 32 | number,
        .home = home,
        .came_from = NODE_NONE,
        .home_cluster = RIG_FAR_FIRST <= home ? 2 : 1,
        .class_number = 1,
        .width = 1,
        .cpu_milli = 1000,
        .state = PROC_WAITING,
        .mem_bytes = 16 * RIG_MIB,
        .sibling_node = NODE_NONE,
        .submitted_us = rig->now_us,
        .arrived_us = rig->now_us,
    };
}

void rig_submit(struct rig *rig, uint32_t number)
{
    struct proc_info proc = plain_proc(rig, number, RIG_SELF);
    struct event event = {
        .kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1};
    rig_step(rig, &event);
}

static void hear(struct rig *rig,
                 node_id sender,
                 enum frame_kind kind,
                 const struct writer *body)
{
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
    struct node_info word = rig_idle_peer(sender);
    frame_head(bytes, kind, &word, 0);
    memcpy(bytes + FRAME_HEAD_BYTES, body->bytes, body->count);
    struct event event = {.kind = EVENT_FRAME,
                          .peer = sender,
                          .bytes = bytes,
                          .byte_count = FRAME_HEAD_BYTES + body->count};
    rig_step(rig, &event);
}

/* Offer, image, verdict: all that makes this node its owner. */
proc_id rig_guest(struct rig *rig,
                  uint32_t number,
                  node_id home,
                  void (*marks)(struct proc_info *proc))
{
    struct proc_info proc = plain_proc(rig, number, home);
    proc.state = PROC_LEAVING;
    struct writer offer = {.count = 0};
    put_u64(&offer, proc.id);
    put_u32(&offer, 0);
    put_u8(&offer, 0);
    put_proc(&offer, &proc);
    hear(rig, home, FRAME_OFFER, &offer);
    if (marks)
        marks(&proc);
    struct event image = {.kind = EVENT_IMAGE,
                          .procs = &proc,
                          .proc_count = 1,
                          .epoch = 1,
                          .peer = home};
    rig_step(rig, &image);
    struct writer verdict = {.count = 0};
    put_u64(&verdict, proc.id);
    put_u32(&verdict, 1);
    put_u32(&verdict, RIG_SELF);
    hear(rig, home, FRAME_VERDICT, &verdict);
    return proc.id;
}

void rig_message(struct rig *rig,
                 node_id sender,
                 const uint8_t *bytes,
                 size_t byte_count)
{
    const struct policy *policy = rig->list[0].policy;
    struct writer body = {.count = 0};
    put_u32(&body, policy_hash(policy->name));
    put_u32(&body, policy->version);
    assert(body.count + byte_count <= sizeof body.bytes);
    memcpy(body.bytes + body.count, bytes, byte_count);
    body.count += byte_count;
    hear(rig, sender, FRAME_POLICY, &body);
}
