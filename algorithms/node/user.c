/* user.c - see user.h. */
#include "user.h"

#include "apply.h"
#include "emit.h"
#include "handlers.h"
#include "handoff.h"
#include "membership.h"
#include "owner.h"
#include "procs.h"

struct declared user_declared(const struct proc_info *proc)
{
    return (struct declared){
        .mem_bytes = proc->mem_declared_bytes,
        .cpu_us = proc->cpu_declared_us,
        .job = proc->job,
        .width = proc->width > 0 ? proc->width : 1,
        .queue_rank = proc->queue_rank,
        .class_number = proc->class_number,
        .priority = proc->priority,
        .locked = proc->locked,
        .held = proc->held,
    };
}

void user_declare(struct proc_info *proc, const struct declared *declared)
{
    proc->mem_declared_bytes = declared->mem_bytes;
    proc->cpu_declared_us = declared->cpu_us;
    proc->job = declared->job;
    proc->width = declared->width;
    proc->queue_rank = declared->queue_rank;
    proc->class_number = declared->class_number;
    proc->priority = declared->priority;
    proc->locked = declared->locked;
    proc->held = declared->held;
}

static void deny(struct batch *batch,
                 const struct event *event,
                 const char *why)
{
    emit(batch, ACTION_DENIED, event->proc, event->peer, why);
}

/* Is it the one, or one of the job, that the event names? */
static bool is_named(const struct event *event,
                     proc_id proc,
                     uint32_t user,
                     uint32_t job)
{
    return event->proc != 0
               ? event->proc == proc
               : event->job != 0 && event->job == job && event->user == user;
}

static bool is_named_proc(const struct event *event,
                          const struct proc_info *proc)
{
    return is_named(event, proc->id, proc->user, proc->job);
}

static bool is_named_away(const struct event *event, const struct away *away)
{
    return is_named(event, away->proc, away->user, away->declared.job);
}

/* ---- Moves. -------------------------------------------------------------- */

void user_move(struct node *node,
               struct batch *batch,
               const struct event *event)
{
    bool any = false;
    for (size_t i = 0; i < node->proc_count; i++) {
        struct track *track = &state_tracks(node)[i];
        if (!is_named_proc(event, &state_procs(node)[i]))
            continue;
        any = true;
        if (event->peer == NODE_NONE) {
            membership_ask_out(node, i);
            continue;
        }
        track->order |= ORDER_MOVE;
        track->order_target = event->peer;
        node->owner.ordered = true;
    }
    if (!any)
        deny(batch, event, "it is not here");
    user_carry_out(node, batch);
}

void user_recall(struct node *node,
                 struct batch *batch,
                 const struct event *event)
{
    bool all = event->proc == 0 && event->job == 0;
    bool any = all;
    for (size_t i = 0; i < node->away_count; i++)
        if (all || is_named_away(event, &state_away(node)[i])) {
            ledger_recall(node, i, RECALL_USER);
            any = true;
        }
    if (!any)
        deny(batch, event, "it is not away");
    handoff_alarm(node, batch);
}

/* ---- Freezing. ----------------------------------------------------------- */

void user_freeze(struct node *node,
                 struct batch *batch,
                 const struct event *event)
{
    bool any = false;
    for (size_t i = 0; i < node->proc_count; i++)
        if (is_named_proc(event, &state_procs(node)[i]) &&
            !procs_is_guest(node, &state_procs(node)[i])) {
            state_tracks(node)[i].order |= ORDER_FREEZE;
            node->owner.ordered = any = true;
        }
    for (size_t i = 0; i < node->away_count; i++)
        if (is_named_away(event, &state_away(node)[i])) {
            state_away(node)[i].freeze = any = true;
            ledger_recall(node, i, RECALL_FREEZE);
        }
    if (!any)
        deny(batch, event, "this is not its home");
    user_carry_out(node, batch);
    handoff_alarm(node, batch);
}

static void thaw(struct node *node,
                 struct batch *batch,
                 size_t index,
                 const struct event *event)
{
    struct track *track = &state_tracks(node)[index];
    bool ordered = track->order & ORDER_FREEZE;
    track->order &= (uint8_t)~ORDER_FREEZE;
    if (state_procs(node)[index].state == PROC_FROZEN &&
        track->frozen_by == FREEZE_BY_USER) {
        track->order |= ORDER_THAW;
        node->owner.ordered = true;
    } else if (!ordered && event->proc != 0) {
        deny(batch, event, "its user did not freeze it");
    }
}

void user_thaw(struct node *node,
               struct batch *batch,
               const struct event *event)
{
    bool any = false;
    for (size_t i = 0; i < node->proc_count; i++)
        if (is_named_proc(event, &state_procs(node)[i]) &&
            !procs_is_guest(node, &state_procs(node)[i])) {
            any = true;
            thaw(node, batch, i, event);
        }
    for (size_t i = 0; i < node->away_count; i++) {
        struct away *away = &state_away(node)[i];
        if (!is_named_away(event, away))
            continue;
        any = true;
        away->freeze = false;
        ledger_withdraw(node, i, RECALL_FREEZE);
    }
    if (!any)
        deny(batch, event, "this is not its home");
    user_carry_out(node, batch);
}

/* NULL if it is frozen now, or will be when it has not left; else why not. */
static const char *freeze(struct node *node, struct batch *batch, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    if (proc->state == PROC_LEAVING)
        return NULL;
    track->order &= (uint8_t)~ORDER_FREEZE;
    if (proc->state == PROC_WAITING)
        return "it has not started";
    if (proc->state == PROC_FROZEN) {
        procs_set_frozen_by(node, index, FREEZE_BY_USER, false);
        return NULL;
    }
    if (node->self.freeze_free_bytes < proc->mem_bytes)
        return "freeze space is full";
    owner_freeze(node, batch, index, FREEZE_BY_USER, "its user stops it");
    return NULL;
}

static void carry_out(struct node *node, struct batch *batch, size_t index)
{
    struct track *track = &state_tracks(node)[index];
    node_id target = track->order_target;
    if (track->order & ORDER_MOVE) {
        track->order &= (uint8_t)~ORDER_MOVE;
        track->order_target = NODE_NONE;
        apply_order(node, batch, index, target);
    }
    if (track->order & ORDER_THAW) {
        track->order &= (uint8_t)~ORDER_THAW;
        if (state_procs(node)[index].state == PROC_FROZEN)
            owner_thaw(node, batch, index, "its user lets it run");
    }
    const char *why =
        track->order & ORDER_FREEZE ? freeze(node, batch, index) : NULL;
    if (why)
        emit_decision(node, batch, ACTION_DENIED, index, NODE_NONE, why);
}

void user_carry_out(struct node *node, struct batch *batch)
{
    bool left = false;
    for (size_t i = 0; i < node->proc_count; i++) {
        const struct track *track = &state_tracks(node)[i];
        if (track->order == 0)
            continue;
        if (emit_has_room(batch))
            carry_out(node, batch, i);
        else
            arm(node, node->now_us);
        left |= track->order != 0;
    }
    node->owner.ordered = left;
}

/* ---- Wishes. ------------------------------------------------------------- */

static void change_here(struct node *node,
                        struct batch *batch,
                        size_t index,
                        const struct declared *declared)
{
    struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    user_declare(proc, declared);
    track->changed = track->phase != PHASE_NONE;
    node->owner.review |= procs_is_grid_guest(node, proc);
    if (track->hold == HOLD_USER && !proc->held) {
        track->hold = HOLD_NONE;
        handlers_place(node, batch, proc->id, 0);
    }
}

void user_changed(struct node *node,
                  struct batch *batch,
                  const struct event *event)
{
    proc_id proc = event->procs[0].id;
    struct declared declared = user_declared(&event->procs[0]);
    /* What was given away may still be here until its carrying is over. */
    ptrdiff_t at = ledger_find(node, proc);
    if (at != PROC_ABSENT)
        ledger_change(node, batch, (size_t)at, &declared);
    else if ((at = procs_find(node, proc)) != PROC_ABSENT)
        change_here(node, batch, (size_t)at, &declared);
    /* Else it ended or left meanwhile; its host has its own copy. */
}
