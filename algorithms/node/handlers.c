/* handlers.c - see handlers.h. No handler runs inside another: what an action
 * sets off is queued as a notice, and settled after the handler's own actions.
 */
#include "handlers.h"

#include <assert.h>

#include "apply.h"
#include "emit.h"
#include "handoff.h"
#include "membership.h"
#include "peers.h"
#include "procs.h"
#include "questions.h"

struct policy_ctx handlers_context(const struct node *node,
                                   struct policy_out *out,
                                   size_t slot)
{
    out_clear(out);
    out->silent = node->silent;
    struct slot *own = (struct slot *)(uintptr_t)&node->slots[slot];
    return (struct policy_ctx){
        .state = state_at(node, own->state_offset),
        .params = node->config.policies[slot].params,
        .now_us = node->now_us,
        .self = &node->self,
        .procs = state_procs(node),
        .proc_count = node->proc_count,
        .peers = state_entries(node),
        .peer_keys = state_keys(node),
        .peer_count = node->board_count,
        .peer_speed_max_milli = node->peer_speed_max_milli,
        .peers_present = !node->peer_gone,
        .clusters = node->map,
        .cluster_count = node->map_count,
        .rng = &own->rng,
        .out = out,
    };
}

void handlers_call(struct node *node,
                   struct batch *batch,
                   enum plain_handler handler)
{
    for (size_t i = 0; i < node->config.policy_count; i++) {
        const struct policy *policy = state_policy(node, i);
        void (*call)(const struct policy_ctx *) =
            handler == HANDLER_START     ? policy->start
            : handler == HANDLER_SAMPLED ? policy->sampled
                                         : policy->changed;
        if (!call)
            continue;
        struct policy_ctx c = handlers_context(node, batch->out, i);
        call(&c);
        apply_items(node, batch, i);
        handlers_settle(node, batch);
    }
}

void handlers_wake(struct node *node, struct batch *batch)
{
    for (size_t i = 0; i < node->config.policy_count; i++) {
        if (node->slots[i].wake_us > node->now_us || !emit_has_room(batch))
            continue;
        node->slots[i].wake_us = USEC_NEVER;
        if (!state_policy(node, i)->wake)
            continue;
        struct policy_ctx c = handlers_context(node, batch->out, i);
        state_policy(node, i)->wake(&c);
        apply_items(node, batch, i);
        handlers_settle(node, batch);
    }
}

void handlers_receive(struct node *node,
                      struct batch *batch,
                      node_id sender,
                      struct reader *body)
{
    uint32_t hash = get_u32(body);
    uint32_t version = get_u32(body);
    if (body->bad || body->left > POLICY_MESSAGE_BYTES_MAX ||
        !membership_knows(node, sender))
        return;
    for (size_t i = 0; i < node->config.policy_count; i++) {
        const struct policy *policy = state_policy(node, i);
        if (node->slots[i].hash != hash || policy->version != version ||
            !policy->receive)
            continue;
        struct policy_ctx c = handlers_context(node, batch->out, i);
        policy->receive(&c, sender, body);
        apply_items(node, batch, i);
        return;
    }
}

const char *handlers_admit(struct node *node,
                           struct batch *batch,
                           node_id sender,
                           const struct proc_info *proc)
{
    for (size_t i = 0; i < node->config.policy_count; i++) {
        const struct policy *policy = state_policy(node, i);
        if (!policy->admit)
            continue;
        struct policy_ctx c = handlers_context(node, batch->out, i);
        const char *why = policy->admit(&c, sender, proc);
        assert(batch->out->item_count == 0);
        assert(batch->out->learned_count == 0);
        if (why)
            return why;
    }
    return NULL;
}

/* Index of a process that waits and that no policy holds back. */
static ptrdiff_t find_unplaced(const struct node *node, proc_id proc)
{
    ptrdiff_t at = procs_find(node, proc);
    return at != PROC_ABSENT && state_procs(node)[at].state == PROC_WAITING &&
                   state_tracks(node)[at].hold == HOLD_NONE
               ? at
               : PROC_ABSENT;
}

void handlers_place(struct node *node,
                    struct batch *batch,
                    proc_id proc,
                    size_t slot)
{
    for (; slot < node->config.policy_count; slot++) {
        const struct policy *policy = state_policy(node, slot);
        if (!policy->place)
            continue;
        ptrdiff_t at = find_unplaced(node, proc);
        if (at == PROC_ABSENT)
            return;
        struct policy_ctx c = handlers_context(node, batch->out, slot);
        policy->place(&c, &c.procs[at]);
        batch->out->placing = proc;
        apply_items(node, batch, slot);
        batch->out->placing = 0;
    }
    ptrdiff_t at = find_unplaced(node, proc);
    if (at != PROC_ABSENT)
        source_run(node, batch, (size_t)at, "no policy sent it elsewhere");
}

static void tell_arrived(struct node *node, struct batch *batch, proc_id proc)
{
    for (size_t i = 0; i < node->config.policy_count; i++) {
        const struct policy *policy = state_policy(node, i);
        if (!policy->arrived)
            continue;
        ptrdiff_t at = procs_find(node, proc);
        if (at == PROC_ABSENT)
            return;
        struct policy_ctx c = handlers_context(node, batch->out, i);
        policy->arrived(&c, &c.procs[at]);
        apply_items(node, batch, i);
    }
}

static void tell_moved(struct node *node,
                       struct batch *batch,
                       const struct notice *notice)
{
    size_t slot = notice->slot;
    if (slot < node->config.policy_count && state_policy(node, slot)->moved) {
        struct policy_ctx c = handlers_context(node, batch->out, slot);
        state_policy(node, slot)->moved(&c, &notice->result);
        apply_items(node, batch, slot);
    }
    if (!notice->start)
        return;
    ptrdiff_t at = find_unplaced(node, notice->result.proc);
    if (at == PROC_ABSENT)
        return;
    if (state_procs(node)[at].held)
        state_tracks(node)[at].hold = HOLD_USER; /* Since it was sent off. */
    else
        source_run(node, batch, (size_t)at, "it could not start elsewhere");
}

void handlers_settle_notices(struct node *node, struct batch *batch)
{
    struct policy_out *out = batch->out;
    while (out->notice_first < out->notice_count) {
        const struct notice *notice = &out->notices[out->notice_first++];
        switch (notice->kind) {
            case NOTICE_ARRIVED:
                tell_arrived(node, batch, notice->proc);
                break;
            case NOTICE_MOVED:
                tell_moved(node, batch, notice);
                break;
            case NOTICE_PLACE:
                handlers_place(node, batch, notice->proc, notice->slot);
                break;
            case NOTICE_MESSAGE:
                handoff_message(node, batch, &notice->message);
                break;
        }
    }
}

const char *handlers_forbid(const struct node *node,
                            struct policy_out *out,
                            const struct proc_info *proc,
                            node_id target,
                            bool ordered)
{
    /* Of the context only what questions read. */
    struct policy_ctx c = {.self = &node->self,
                           .clusters = node->map,
                           .cluster_count = node->map_count,
                           .out = out};
    if (target == proc->home)
        return proc_obstacle(&c, proc);
    const struct peer_info *peer = peers_find(node, target);
    if (peer) {
        struct peer_info asked = *peer;
        asked.refused &= !ordered; /* Who insists may ask again. */
        return obstacle(&c, proc, &asked);
    }
    const char *why = proc_obstacle(&c, proc);
    return why ? why : rights_obstacle(&c, proc, target);
}
