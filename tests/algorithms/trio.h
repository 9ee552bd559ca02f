/* trio.h - three nodes, stepped by hand or until quiet, and the truth about
 * where processes run. Frames wait in a queue, where a test may lose, double or
 * reorder them; carrying is done when the test says so.
 */
#ifndef TESTS_ALGORITHMS_TRIO_H
#define TESTS_ALGORITHMS_TRIO_H

#include <CUnit/CUnit.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/node/node.h"

enum {
    TRIO_NODES = 3, /* Ids 1, 2 and 3: one cluster, or one cluster each. */
    TRIO_FRAMES_MAX = 4096,
    TRIO_NOTES_MAX = 4096,
    TRIO_CARRIES_MAX = 64,
    TRIO_PROCS_MAX = 32, /* Ids 1 .. 31. */
    TRIO_NEVER = -1,
};
#define TRIO_MIB ((uint64_t)1 << 20)
#define TRIO_SECOND_US ((usec_t)1000000)

struct trio_frame
{
    node_id from;
    node_id to;
    size_t count;
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
};

struct trio_note
{
    node_id node;
    struct action action;
    char why[256];
};

struct trio_carry
{
    node_id from;
    node_id to;
    uint32_t epoch;
    struct proc_info proc;
};

struct trio
{
    struct node *nodes[TRIO_NODES];
    struct node_config config;
    struct cluster_info map[TRIO_NODES][TRIO_NODES];
    size_t map_count;
    struct node_info self;
    struct batch *batch;
    usec_t now_us;
    struct trio_frame frames[TRIO_FRAMES_MAX];
    size_t frame_count; /* Sent so far; */
    size_t frame_next;  /* of these delivered. */
    long lose;          /* The number of the frame that is lost. */
    bool twice;         /* Every frame comes twice, the second one late. */
    struct trio_carry carries[TRIO_CARRIES_MAX];
    size_t carry_count;
    size_t carry_next;
    struct trio_note notes[TRIO_NOTES_MAX];
    size_t note_count;
    bool runs[TRIO_PROCS_MAX][TRIO_NODES]; /* By process, by node. */
};

static inline struct node *trio_node(struct trio *trio, node_id id)
{
    return trio->nodes[id - 1];
}

static inline size_t trio_run_count(const struct trio *trio, proc_id proc)
{
    size_t count = 0;
    for (size_t i = 0; i < TRIO_NODES; i++)
        count += trio->runs[proc][i];
    return count;
}

static inline void trio_take(struct trio *trio,
                             node_id id,
                             const struct action *action)
{
    assert(trio->note_count < TRIO_NOTES_MAX);
    struct trio_note *note = &trio->notes[trio->note_count++];
    note->node = id;
    note->action = *action;
    snprintf(note->why, sizeof note->why, "%s", action->why);
    note->action.why = note->why;
    if (action->kind == ACTION_SEND) {
        assert(trio->frame_count < TRIO_FRAMES_MAX);
        struct trio_frame *frame = &trio->frames[trio->frame_count++];
        frame->from = id;
        frame->to = action->peer;
        frame->count = action->byte_count;
        memcpy(frame->bytes, action->bytes, action->byte_count);
    }
    if (action->kind == ACTION_CARRY) {
        assert(trio->carry_count < TRIO_CARRIES_MAX);
        size_t count;
        const struct proc_info *procs = node_procs(trio_node(trio, id), &count);
        for (size_t i = 0; i < count; i++)
            if (procs[i].id == action->proc)
                trio->carries[trio->carry_count++] = (struct trio_carry){
                    id, action->peer, action->epoch, procs[i]};
    }
    if (action->kind == ACTION_RUN || action->kind == ACTION_THAW)
        trio->runs[action->proc][id - 1] = true;
    if (action->kind == ACTION_DROP || action->kind == ACTION_FREEZE)
        trio->runs[action->proc][id - 1] = false;
    if (action->proc < TRIO_PROCS_MAX)
        CU_ASSERT(trio_run_count(trio, action->proc) <= 1);
}

/* Every step ends with the invariant: nothing runs twice. */
static inline void trio_step(struct trio *trio, node_id id, struct event event)
{
    event.now_us = trio->now_us;
    node_step(trio_node(trio, id), &event, trio->batch);
    for (size_t i = 0; i < trio->batch->count; i++)
        trio_take(trio, id, &trio->batch->actions[i]);
}

static inline struct trio *trio_create(const struct node_policy *policies,
                                       size_t policy_count,
                                       bool clusters_apart)
{
    struct trio *trio = calloc(1, sizeof *trio);
    assert(trio);
    trio->lose = TRIO_NEVER;
    trio->now_us = 1000 * TRIO_SECOND_US;
    trio->batch = malloc(sizeof *trio->batch);
    assert(trio->batch);
    trio->batch->out = malloc(policy_out_bytes());
    trio->config = node_config_default();
    trio->config.policies = policies;
    trio->config.policy_count = policy_count;
    trio->config.seed = 1;
    trio->self = (struct node_info){.core_count = 1,
                                    .speed_milli = 1000,
                                    .grid_guest_limit = 4,
                                    .mem_total_bytes = 512 * TRIO_MIB,
                                    .mem_free_bytes = 512 * TRIO_MIB,
                                    .freeze_total_bytes = 100 * TRIO_MIB,
                                    .freeze_free_bytes = 100 * TRIO_MIB};
    trio->map_count = clusters_apart ? TRIO_NODES : 1;
    for (node_id id = 1; id <= TRIO_NODES; id++) {
        struct cluster_info *map = trio->map[id - 1];
        map[0] = (struct cluster_info){.id = 1,
                                       .send = true,
                                       .take = true,
                                       .first = 1,
                                       .node_count = TRIO_NODES};
        for (node_id k = 0, at = 1; clusters_apart && k < TRIO_NODES; k++) {
            size_t place = k + 1 == id ? 0 : at++;
            map[place] = (struct cluster_info){.id = (cluster_id)(k + 1),
                                               .priority = (uint16_t)(k + 1),
                                               .our_priority = (uint16_t)id,
                                               .send = true,
                                               .take = true,
                                               .first = k + 1,
                                               .node_count = 1,
                                               .before_count = place};
        }
        struct node_config config = trio->config;
        config.id = id;
        void *block = aligned_alloc(16, node_bytes(&config));
        trio->nodes[id - 1] = node_init(block, &config);
        trio_step(trio, id,
                  (struct event){.kind = EVENT_START,
                                 .self = &trio->self,
                                 .map = map,
                                 .map_count = trio->map_count});
    }
    return trio;
}

static inline void trio_destroy(struct trio *trio)
{
    for (size_t i = 0; i < TRIO_NODES; i++)
        free(trio->nodes[i]);
    free(trio->batch->out);
    free(trio->batch);
    free(trio);
}

static inline void trio_submit(struct trio *trio, node_id home, proc_id proc)
{
    struct proc_info info = {.id = proc,
                             .home = home,
                             .class_number = 1,
                             .width = 1,
                             .mem_bytes = 10 * TRIO_MIB};
    trio_step(
        trio, home,
        (struct event){.kind = EVENT_SUBMIT, .procs = &info, .proc_count = 1});
}

static inline void trio_move(struct trio *trio,
                             node_id from,
                             proc_id proc,
                             node_id to)
{
    trio_step(trio, from,
              (struct event){.kind = EVENT_MOVE, .proc = proc, .peer = to});
}

static inline void trio_end(struct trio *trio, node_id at, proc_id proc)
{
    trio->runs[proc][at - 1] = false;
    trio_step(trio, at, (struct event){.kind = EVENT_ENDED, .proc = proc});
}

static inline void trio_give(struct trio *trio, const struct trio_frame *frame)
{
    trio_step(trio, frame->to,
              (struct event){.kind = EVENT_FRAME,
                             .peer = frame->from,
                             .bytes = frame->bytes,
                             .byte_count = frame->count});
}

/* The next carrying that was asked for ends so. */
static inline void trio_carry(struct trio *trio, bool done)
{
    assert(trio->carry_next < trio->carry_count);
    const struct trio_carry carry = trio->carries[trio->carry_next++];
    if (done)
        trio->runs[carry.proc.id][carry.from - 1] = false;
    trio_step(trio, carry.from,
              (struct event){.kind = EVENT_CARRIED,
                             .proc = carry.proc.id,
                             .epoch = carry.epoch,
                             .done = done,
                             .frozen_us = 7,
                             .copied_bytes = 9});
    if (done)
        trio_step(trio, carry.to,
                  (struct event){.kind = EVENT_IMAGE,
                                 .peer = carry.from,
                                 .epoch = carry.epoch,
                                 .procs = &carry.proc,
                                 .proc_count = 1});
}

/* Deliver frames, and carry, until nothing is under way. */
static inline void trio_deliver(struct trio *trio)
{
    while (trio->frame_next < trio->frame_count ||
           trio->carry_next < trio->carry_count) {
        trio->now_us += 100;
        if (trio->frame_next == trio->frame_count) {
            trio_carry(trio, true);
            continue;
        }
        size_t at = trio->frame_next++;
        if ((long)at != trio->lose)
            trio_give(trio, &trio->frames[at]);
        if (trio->twice && at >= 3)
            trio_give(trio, &trio->frames[at - 3]);
    }
}

/* The same, with alarms, for so long. */
static inline void trio_settle(struct trio *trio, usec_t span_us)
{
    usec_t end_us = trio->now_us + span_us;
    for (;;) {
        trio_deliver(trio);
        node_id first = 1;
        for (node_id id = 2; id <= TRIO_NODES; id++)
            if (node_deadline(trio_node(trio, id)) <
                node_deadline(trio_node(trio, first)))
                first = id;
        usec_t due_us = node_deadline(trio_node(trio, first));
        if (due_us > end_us)
            break;
        trio->now_us = due_us > trio->now_us ? due_us : trio->now_us;
        trio_step(trio, first, (struct event){.kind = EVENT_ALARM});
    }
    trio->now_us = end_us > trio->now_us ? end_us : trio->now_us;
}

/* How many actions of that kind that node gave about that process; proc 0 any.
 */
static inline size_t trio_count(const struct trio *trio,
                                node_id id,
                                enum action_kind kind,
                                proc_id proc)
{
    size_t count = 0;
    for (size_t i = 0; i < trio->note_count; i++)
        count += trio->notes[i].node == id &&
                 trio->notes[i].action.kind == kind &&
                 (proc == 0 || trio->notes[i].action.proc == proc);
    return count;
}

/* The last such action; NULL if there is none. */
static inline const struct action *trio_last(const struct trio *trio,
                                             node_id id,
                                             enum action_kind kind)
{
    for (size_t i = trio->note_count; i-- > 0;)
        if (trio->notes[i].node == id && trio->notes[i].action.kind == kind)
            return &trio->notes[i].action;
    return NULL;
}

static inline const struct proc_info *trio_proc(struct trio *trio,
                                                node_id id,
                                                proc_id proc)
{
    size_t count;
    const struct proc_info *procs = node_procs(trio_node(trio, id), &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return &procs[i];
    return NULL;
}

/* What the home's ledger says; NODE_NONE if it is not away. */
static inline node_id trio_place(struct trio *trio, node_id home, proc_id proc)
{
    size_t count;
    const struct away *away = node_away(trio_node(trio, home), &count);
    for (size_t i = 0; i < count; i++)
        if (away[i].proc == proc)
            return away[i].place;
    return NODE_NONE;
}

#endif /* TESTS_ALGORITHMS_TRIO_H */
