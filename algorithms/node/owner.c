/* owner.c - see owner.h. */
#include "owner.h"

#include <assert.h>

#include "emit.h"
#include "flood.h"
#include "handlers.h"
#include "membership.h"
#include "procs.h"
#include "user.h"

static const struct deadline no_deadline = {.at_us = USEC_NEVER};

static struct deadline deadline_of(struct node *node,
                                   uint8_t then,
                                   usec_t within_us)
{
    assert(then <= THEN_KILL);
    if (then == THEN_WAIT)
        return no_deadline;
    struct deadline deadline = {.at_us = after(node->now_us, within_us),
                                .then = then};
    arm(node, deadline.at_us);
    return deadline;
}

void owner_set_state(struct node *node, const struct event *event)
{
    struct owner *owner = &node->owner;
    owner->reserved = event->reservation != NULL;
    owner->group =
        owner->reserved ? *event->reservation : (struct reservation){0};
    owner->close = deadline_of(node, event->then, event->within_us);
    membership_set_state(node, event->state, event->flags);
}

static const struct cluster_record *own_record(const struct node *node,
                                               const struct event *event)
{
    for (size_t i = 0; i < event->record_count; i++)
        if (event->records[i].id == node->map[0].id)
            return &event->records[i];
    return NULL;
}

void owner_set_map(struct node *node, const struct event *event)
{
    struct owner *owner = &node->owner;
    const struct cluster_record *record = own_record(node, event);
    uint32_t version = record ? record->version : 0;
    bool again = owner->isolated && version == owner->isolate_version;
    owner->isolated = node->map[0].isolated;
    owner->isolate_version = version;
    if (!owner->isolated)
        owner->isolate = no_deadline;
    else if (!again)
        owner->isolate =
            record ? deadline_of(node, record->then, record->within_us)
                   : no_deadline;
}

uint8_t owner_flags(const struct node *node)
{
    const struct owner *owner = &node->owner;
    if (!owner->reserved)
        return 0;
    bool own = owner->group.cluster == node->map[0].id;
    return NODE_RESERVED | (own || owner->group.cluster == 0 ? 0 : NODE_LENT);
}

bool owner_lets(const struct node *node, const struct proc_info *proc)
{
    const struct owner *owner = &node->owner;
    if (!owner->reserved)
        return true;
    return proc->home_cluster == owner->group.cluster &&
           (owner->group.user == USER_ANY || owner->group.user == proc->user);
}

bool owner_wants_all(const struct node *node)
{
    size_t coming = node->coming_count - node->sums.coming_grid_count;
    return node->config.owner_first && node->sample.core_count > 0 &&
           node->sums.own_running_count + coming >= node->sample.core_count;
}

/* ---- Freezing. ----------------------------------------------------------- */

void owner_freeze(struct node *node,
                  struct batch *batch,
                  size_t index,
                  enum freeze_by by,
                  const char *why)
{
    const struct proc_info *proc = &state_procs(node)[index];
    assert(proc->state == PROC_RUNNING);
    assert(proc->mem_bytes <= node->self.freeze_free_bytes);
    struct track *track = &state_tracks(node)[index];
    track->frozen_by = (uint8_t)by;
    track->flooded = false;
    procs_set_state(node, index, PROC_FROZEN);
    struct action *action =
        emit_decision(node, batch, ACTION_FREEZE, index, NODE_NONE, why);
    action->freeze_by = (uint8_t)by;
    action->result.copied_bytes = state_procs(node)[index].mem_bytes;
}

void owner_thaw(struct node *node,
                struct batch *batch,
                size_t index,
                const char *why)
{
    assert(state_procs(node)[index].state == PROC_FROZEN);
    struct track *track = &state_tracks(node)[index];
    procs_set_state(node, index, PROC_RUNNING);
    struct action *action =
        emit_decision(node, batch, ACTION_THAW, index, NODE_NONE, why);
    action->freeze_by = track->frozen_by;
    action->result.copied_bytes = state_procs(node)[index].mem_bytes;
    track->flooded = false;
}

/* ---- Deadlines. ---------------------------------------------------------- */

static bool is_over(const struct node *node,
                    const struct deadline *deadline,
                    enum leave_then then)
{
    return deadline->at_us <= node->now_us && deadline->then == then;
}

/* True if a deadline that is over wants this done to that process. */
static bool is_due(const struct node *node, size_t index, enum leave_then then)
{
    const struct owner *owner = &node->owner;
    uint8_t leave = state_tracks(node)[index].leave;
    return ((leave & (LEAVE_STATE | LEAVE_RESERVED)) &&
            is_over(node, &owner->close, then)) ||
           ((leave & LEAVE_ISOLATED) && is_over(node, &owner->isolate, then));
}

static void kill_all(struct node *node, struct batch *batch)
{
    for (size_t i = 0; i < node->proc_count; i++) {
        struct track *track = &state_tracks(node)[i];
        uint8_t state = state_procs(node)[i].state;
        if (track->killed || !is_due(node, i, THEN_KILL) ||
            (state != PROC_RUNNING && state != PROC_FROZEN))
            continue;
        if (!emit_has_room(batch)) {
            arm(node, node->now_us);
            return;
        }
        track->killed = true;
        emit_decision(node, batch, ACTION_KILL, i, NODE_NONE,
                      "the owner's deadline is over");
    }
}

/* The first that came of those that are to be frozen and fit. */
static ptrdiff_t next_to_freeze(const struct node *node)
{
    const struct proc_info *procs = state_procs(node);
    ptrdiff_t first = PROC_ABSENT;
    for (size_t i = 0; i < node->proc_count; i++)
        if (procs[i].state == PROC_RUNNING && !state_tracks(node)[i].killed &&
            procs[i].mem_bytes <= node->self.freeze_free_bytes &&
            is_due(node, i, THEN_FREEZE) &&
            (first == PROC_ABSENT ||
             procs[i].arrived_us < procs[first].arrived_us))
            first = (ptrdiff_t)i;
    return first;
}

static void freeze_all(struct node *node, struct batch *batch)
{
    ptrdiff_t at = next_to_freeze(node);
    while (at != PROC_ABSENT && emit_has_room(batch)) {
        owner_freeze(node, batch, (size_t)at, FREEZE_BY_OWNER,
                     "the owner's deadline is over");
        at = next_to_freeze(node);
    }
    if (at != PROC_ABSENT)
        arm(node, node->now_us);
}

static void thaw_all(struct node *node, struct batch *batch)
{
    for (size_t i = 0; i < node->proc_count; i++) {
        const struct track *track = &state_tracks(node)[i];
        if (state_procs(node)[i].state != PROC_FROZEN || track->killed ||
            track->frozen_by != FREEZE_BY_OWNER ||
            is_due(node, i, THEN_FREEZE) || is_due(node, i, THEN_KILL))
            continue;
        if (!emit_has_room(batch)) {
            arm(node, node->now_us);
            return;
        }
        owner_thaw(node, batch, i, "it need not leave any more");
    }
}

static bool any_is_over(const struct node *node, enum leave_then then)
{
    return is_over(node, &node->owner.close, then) ||
           is_over(node, &node->owner.isolate, then);
}

usec_t owner_timer(const struct node *node)
{
    const struct owner *owner = &node->owner;
    usec_t next_us = flood_timer(node);
    if (owner->close.at_us > node->now_us && owner->close.at_us < next_us)
        next_us = owner->close.at_us;
    if (owner->isolate.at_us > node->now_us && owner->isolate.at_us < next_us)
        next_us = owner->isolate.at_us;
    return next_us;
}

static void review(struct node *node)
{
    struct owner *owner = &node->owner;
    if (!owner->review)
        return;
    owner->review = false;
    membership_review(node);
}

void owner_finish(struct node *node, struct batch *batch)
{
    struct owner *owner = &node->owner;
    review(node);
    if (owner->leavers) {
        owner->leavers = false;
        handlers_call(node, batch, HANDLER_CHANGED);
        review(node);
    }
    if (owner->ordered)
        user_carry_out(node, batch);
    if (any_is_over(node, THEN_KILL))
        kill_all(node, batch);
    if (any_is_over(node, THEN_FREEZE))
        freeze_all(node, batch);
    if (node->sums.owner_frozen_count > 0)
        thaw_all(node, batch);
    if (node->sums.flooded_count > 0)
        flood_thaw(node, batch);
    handlers_settle(node, batch);
    review(node);
    if (owner->leavers)
        arm(node, node->now_us); /* The policies hear it in the next step. */
}
