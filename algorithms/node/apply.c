/* apply.c - see apply.h. An action that breaks a rule is dropped and written
 * down; a second one on a process that is leaving is only dropped. */
#include "apply.h"

#include <assert.h>

#include "emit.h"
#include "handlers.h"
#include "handoff.h"
#include "membership.h"
#include "owner.h"
#include "peers.h"
#include "procs.h"

static const char *reason(const struct node *node,
                          struct batch *batch,
                          size_t slot,
                          const char *why)
{
    return emit_text(node, batch, state_policy(node, slot)->name, why);
}

static void deny(struct node *node,
                 struct batch *batch,
                 size_t slot,
                 const struct item *item,
                 const char *why)
{
    const char *text = reason(node, batch, slot, why);
    ptrdiff_t at = procs_find(node, item->proc);
    if (at == PROC_ABSENT)
        emit(batch, ACTION_DENIED, item->proc, item->target, text);
    else
        emit_decision(node, batch, ACTION_DENIED, (size_t)at, item->target,
                      text);
}

/* The home must be able to write down where it went. */
static const char *ledger_is_full(const struct node *node,
                                  const struct proc_info *proc)
{
    if (procs_is_guest(node, proc) ||
        node->away_count + node->sums.home_leaving_count <
            node->config.away_max)
        return NULL;
    return "its home can remember no more processes";
}

/* Begin a move or a first start elsewhere; or say what forbids it. */
static const char *begin(struct node *node,
                         struct batch *batch,
                         size_t index,
                         const struct item *item,
                         size_t slot)
{
    const struct proc_info *proc = &state_procs(node)[index];
    const char *why =
        state_tracks(node)[index].killed
            ? "its host ends it"
            : handlers_forbid(node, batch->out, proc, item->target, false);
    if (!why)
        why = ledger_is_full(node, proc);
    if (why)
        return why;
    source_offer(node, batch, index, item->target, (uint8_t)slot,
                 reason(node, batch, slot, item->why));
    return NULL;
}

static const char *move(struct node *node,
                        struct batch *batch,
                        size_t slot,
                        const struct item *item)
{
    ptrdiff_t at = procs_find(node, item->proc);
    if (at == PROC_ABSENT)
        return "it is not here";
    uint8_t state = state_procs(node)[at].state;
    if (state == PROC_LEAVING)
        return NULL;
    if (state == PROC_WAITING)
        return "it has not started";
    return begin(node, batch, (size_t)at, item, slot);
}

static const char *start(struct node *node,
                         struct batch *batch,
                         size_t slot,
                         const struct item *item)
{
    ptrdiff_t at = procs_find(node, item->proc);
    if (at == PROC_ABSENT)
        return "it is not here";
    const struct proc_info *proc = &state_procs(node)[at];
    if (proc->state == PROC_LEAVING)
        return NULL;
    if (proc->state != PROC_WAITING)
        return "it has started already";
    if (proc->held)
        return "its user holds it back";
    struct track *track = &state_tracks(node)[at];
    if (item->target == NODE_NONE) {
        if (item->proc == batch->out->placing)
            return NULL; /* The next policy is asked anyway. */
        track->hold = HOLD_NONE;
        struct notice *notice = out_notice(batch->out, NOTICE_PLACE);
        notice->proc = item->proc;
        notice->slot = slot + 1;
        return NULL;
    }
    if (item->target == node->config.id) {
        source_run(node, batch, (size_t)at,
                   reason(node, batch, slot, item->why));
        return NULL;
    }
    const char *why = begin(node, batch, (size_t)at, item, slot);
    if (!why)
        return NULL;
    deny(node, batch, slot, item, why);
    source_run(node, batch, (size_t)at, "it could not start elsewhere");
    return NULL;
}

static const char *hold(struct node *node,
                        struct batch *batch,
                        size_t slot,
                        const struct item *item)
{
    ptrdiff_t at = procs_find(node, item->proc);
    if (at == PROC_ABSENT)
        return "it is not here";
    if (state_procs(node)[at].state != PROC_WAITING)
        return "it has started already";
    state_tracks(node)[at].hold = HOLD_POLICY;
    emit_decision(node, batch, ACTION_HELD, (size_t)at, NODE_NONE,
                  reason(node, batch, slot, item->why));
    return NULL;
}

static const char *freeze(struct node *node,
                          struct batch *batch,
                          size_t slot,
                          const struct item *item)
{
    ptrdiff_t at = procs_find(node, item->proc);
    if (at == PROC_ABSENT)
        return "it is not here";
    const struct proc_info *proc = &state_procs(node)[at];
    if (proc->state == PROC_LEAVING)
        return NULL;
    if (procs_is_guest(node, proc))
        return "only at home can it be frozen";
    if (proc->state != PROC_RUNNING)
        return "it does not run";
    if (node->self.freeze_free_bytes < proc->mem_bytes)
        return "freeze space is full";
    owner_freeze(node, batch, (size_t)at, FREEZE_BY_POLICY,
                 reason(node, batch, slot, item->why));
    return NULL;
}

static const char *thaw(struct node *node,
                        struct batch *batch,
                        size_t slot,
                        const struct item *item)
{
    ptrdiff_t at = procs_find(node, item->proc);
    if (at == PROC_ABSENT)
        return "it is not here";
    const struct proc_info *proc = &state_procs(node)[at];
    if (proc->state != PROC_FROZEN)
        return "it is not frozen";
    static const char *const others[] = {
        [FREEZE_BY_USER] = "its user froze it",
        [FREEZE_BY_OWNER] = "the owner froze it",
    };
    uint8_t by = state_tracks(node)[at].frozen_by;
    if (by != FREEZE_BY_POLICY)
        return others[by];
    owner_thaw(node, batch, (size_t)at, reason(node, batch, slot, item->why));
    return NULL;
}

static void send(struct node *node,
                 struct batch *batch,
                 size_t slot,
                 const struct item *item)
{
    /* A node that has left the map hears nothing more: as if lost. */
    if (membership_knows(node, item->target))
        emit_policy_frame(node, batch, item->target, slot, item->at,
                          item->byte_count);
}

static void apply(struct node *node,
                  struct batch *batch,
                  size_t slot,
                  const struct item *item)
{
    const char *why = NULL;
    switch (item->kind) {
        case ITEM_SEND:
            send(node, batch, slot, item);
            break;
        case ITEM_PUBLISH_LOAD:
            node->slots[slot].publish_milli = (uint32_t)item->value;
            break;
        case ITEM_KEEP_BACK:
            node->slots[slot].keep_back_bytes = item->value;
            break;
        case ITEM_WAKE_AT:
            node->slots[slot].wake_us = item->value;
            break;
        case ITEM_MOVE:
            why = move(node, batch, slot, item);
            break;
        case ITEM_START:
            why = start(node, batch, slot, item);
            break;
        case ITEM_HOLD:
            why = hold(node, batch, slot, item);
            break;
        case ITEM_FREEZE:
            why = freeze(node, batch, slot, item);
            break;
        case ITEM_THAW:
            why = thaw(node, batch, slot, item);
            break;
    }
    if (why)
        deny(node, batch, slot, item, why);
}

void apply_items(struct node *node, struct batch *batch, size_t slot)
{
    struct policy_out *out = batch->out;
    if (out->learned_count > 0)
        peers_learn(node, out->learned, out->learned_count);
    for (size_t i = 0; i < out->item_count; i++)
        apply(node, batch, slot, &out->items[i]);
}

void apply_order(struct node *node,
                 struct batch *batch,
                 size_t index,
                 node_id target)
{
    const struct proc_info *proc = &state_procs(node)[index];
    const char *why = target == node->config.id     ? "it is there already"
                      : proc->state == PROC_WAITING ? "it has not started"
                      : target == proc->home        ? source_bound(node, index)
                                                    : NULL;
    bool as_it_is = target == proc->home && proc->state == PROC_FROZEN;
    if (!why && !as_it_is)
        why = handlers_forbid(node, batch->out, proc, target, true);
    if (!why)
        why = ledger_is_full(node, proc);
    if (why)
        emit_decision(node, batch, ACTION_DENIED, index, target, why);
    else
        source_offer(node, batch, index, target, ASKED_BY_CORE,
                     "it was asked for");
}
