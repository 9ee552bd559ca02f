/* source.c - a process leaves this node: offer, carry, wait for the home's
 * word (handoff.h). */
#include <string.h>

#include "emit.h"
#include "handoff.h"
#include "peers.h"
#include "procs.h"
#include "questions.h"

#include <assert.h>

enum { ASKS_MAX = 3 };

static usec_t still_us(const struct node *node)
{
    return after(node->now_us, node->config.room_us / 3);
}

/* An answer of the home may take so long. */
static usec_t home_us(const struct node *node, size_t index)
{
    return after(node->now_us,
                 handoff_patience(node, state_procs(node)[index].home,
                                  node->config.retry_us));
}

static void set_timer(struct node *node, struct track *track, usec_t when_us)
{
    track->next_us = when_us;
    arm(node, when_us);
}

static void send_offer(struct node *node, struct batch *batch, size_t index)
{
    const struct track *track = &state_tracks(node)[index];
    const struct proc_info *proc = &state_procs(node)[index];
    struct writer body = {.count = 0};
    put_u64(&body, proc->id);
    put_u32(&body, track->epoch);
    put_u8(&body, track->start);
    put_proc(&body, proc);
    emit_frame(node, batch, track->target, FRAME_OFFER, body.bytes, body.count);
}

void source_offer(struct node *node,
                  struct batch *batch,
                  size_t index,
                  node_id target,
                  uint8_t asked_by,
                  const char *why)
{
    struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    assert(target != node->config.id);
    assert(track->phase == PHASE_NONE);
    assert(proc->state != PROC_LEAVING);
    assert(proc->state != PROC_FROZEN || asked_by == ASKED_BY_CORE);
    track->phase = PHASE_OFFERED;
    track->attempt = track->epoch + 1;
    track->target = target;
    track->asked_by = asked_by;
    track->ask_count = 0;
    track->hold = HOLD_NONE;
    track->start = proc->state == PROC_WAITING;
    track->gone = false;
    track->changed = false;
    track->frozen = proc->state == PROC_FROZEN;
    track->began_us = node->now_us;
    track->frozen_us = 0;
    track->carried_us = 0;
    track->copied_bytes = 0;
    procs_set_state(node, index, PROC_LEAVING);
    peers_reserve(node, target, proc_need_bytes(proc));
    set_timer(
        node, track,
        after(node->now_us,
              handoff_patience(node, target, node->config.offer_timeout_us)));
    emit_decision(node, batch, ACTION_ASKED, index, target, why)->start =
        track->start;
    send_offer(node, batch, index);
}

void source_run(struct node *node,
                struct batch *batch,
                size_t index,
                const char *why)
{
    struct proc_info *proc = &state_procs(node)[index];
    assert(proc->state == PROC_WAITING);
    proc->arrived_us = node->now_us;
    state_tracks(node)[index].hold = HOLD_NONE;
    procs_set_state(node, index, PROC_RUNNING);
    emit_decision(node, batch, ACTION_RUN, index, NODE_NONE, why)->start = true;
    out_notice(batch->out, NOTICE_ARRIVED)->proc = proc->id;
}

static struct move_result result_of(const struct node *node,
                                    size_t index,
                                    enum move_outcome outcome)
{
    const struct track *track = &state_tracks(node)[index];
    /* Once its image is whole it stands still until the verdict. */
    bool stood = track->carried_us > 0 && !track->start;
    usec_t waited_us = stood ? node->now_us - track->carried_us : 0;
    return (struct move_result){
        .proc = state_procs(node)[index].id,
        .target = track->target,
        .outcome = outcome,
        .total_us = node->now_us - track->began_us,
        .frozen_us = track->frozen_us + waited_us,
        .copied_bytes = track->copied_bytes,
    };
}

/* The policy that asked hears how it ended; a first start that came to nothing
 * starts here after that. */
static void notify_moved(struct batch *batch,
                         const struct track *track,
                         const struct move_result *result)
{
    struct notice *notice = out_notice(batch->out, NOTICE_MOVED);
    notice->slot = track->asked_by;
    notice->start = track->start;
    notice->result = *result;
}

static void release(struct node *node, size_t index, bool refused)
{
    const struct track *track = &state_tracks(node)[index];
    peers_release(node, track->target,
                  proc_need_bytes(&state_procs(node)[index]), track->began_us,
                  refused);
}

/* It stays here. */
static void fail(struct node *node,
                 struct batch *batch,
                 size_t index,
                 enum move_outcome outcome,
                 const char *why)
{
    struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    struct move_result result = result_of(node, index, outcome);
    bool stopped =
        track->phase >= PHASE_WAITING && !track->start && !track->frozen;
    release(node, index, true);
    track->phase = PHASE_NONE;
    track->next_us = USEC_NEVER;
    procs_set_state(node, index,
                    track->start    ? PROC_WAITING
                    : track->frozen ? PROC_FROZEN
                                    : PROC_RUNNING);
    struct action *action = emit_decision(
        node, batch, outcome == MOVE_REFUSED ? ACTION_REFUSED : ACTION_FAILED,
        index, track->target, why);
    action->result = result;
    action->start = track->start;
    if (stopped)
        emit(batch, ACTION_RUN, proc->id, NODE_NONE, why);
    /* Others may have come in its place. */
    node->owner.review |= procs_is_grid_guest(node, proc);
    if (proc->must_leave)
        arm(node, track->leave_us);
    notify_moved(batch, track, &result);
}

/* It is no longer ours, and not because of its move. */
static void drop(struct node *node,
                 struct batch *batch,
                 size_t index,
                 const char *why)
{
    const struct track *track = &state_tracks(node)[index];
    proc_id proc = state_procs(node)[index].id;
    if (track->phase == PHASE_CARRYING)
        emit(batch, ACTION_CANCEL, proc, track->target, why);
    emit(batch, ACTION_DROP, proc, NODE_NONE, why);
    if (track->phase != PHASE_NONE) {
        struct move_result result = result_of(node, index, MOVE_FAILED);
        release(node, index, false);
        notify_moved(batch, track, &result);
    }
    procs_remove(node, index);
}

/* It runs at its target. */
static void succeed(struct node *node, struct batch *batch, size_t index)
{
    const struct track *track = &state_tracks(node)[index];
    struct move_result result = result_of(node, index, MOVE_DONE);
    emit(batch, ACTION_DROP, result.proc, track->target, "it runs there now");
    struct action *action =
        emit(batch, ACTION_MOVED, result.proc, track->target, "");
    action->epoch = track->attempt;
    action->result = result;
    action->start = track->start;
    notify_moved(batch, track, &result);
    procs_remove(node, index);
}

/* procs[ret] if it stands in this phase of a move to the sender. */
static ptrdiff_t find_move(const struct node *node,
                           const struct message *message,
                           enum phase phase)
{
    ptrdiff_t at = procs_find(node, message->proc);
    if (at == PROC_ABSENT)
        return PROC_ABSENT;
    const struct track *track = &state_tracks(node)[at];
    return track->phase == phase && track->target == message->from
               ? at
               : PROC_ABSENT;
}

void source_accepted(struct node *node,
                     struct batch *batch,
                     const struct message *message)
{
    ptrdiff_t at = find_move(node, message, PHASE_OFFERED);
    if (at == PROC_ABSENT || state_tracks(node)[at].epoch != message->epoch)
        return;
    struct track *track = &state_tracks(node)[at];
    track->phase = PHASE_CARRYING;
    set_timer(node, track, still_us(node));
    struct action *action =
        emit(batch, ACTION_CARRY, message->proc, track->target, "");
    action->epoch = track->attempt;
    action->start = track->start;
}

static void keep(struct node *node, struct batch *batch, size_t index)
{
    struct track *track = &state_tracks(node)[index];
    track->phase = PHASE_KEEPING;
    set_timer(node, track, home_us(node, index));
    handoff_send(node, batch, state_procs(node)[index].home, FRAME_KEEP,
                 state_procs(node)[index].id, track->attempt);
}

void source_refused(struct node *node,
                    struct batch *batch,
                    const struct message *message,
                    const char *why)
{
    ptrdiff_t at = find_move(node, message, PHASE_OFFERED);
    if (at != PROC_ABSENT && state_tracks(node)[at].epoch == message->epoch) {
        fail(node, batch, (size_t)at, MOVE_REFUSED,
             emit_text(node, batch, "target", why));
        return;
    }
    /* The target threw the image away: no need to ask for it in vain. */
    at = find_move(node, message, PHASE_WAITING);
    if (at != PROC_ABSENT && state_tracks(node)[at].attempt == message->epoch)
        keep(node, batch, (size_t)at);
}

void source_carried(struct node *node,
                    struct batch *batch,
                    const struct event *event)
{
    ptrdiff_t at = procs_find(node, event->proc);
    if (at == PROC_ABSENT)
        return;
    struct track *track = &state_tracks(node)[at];
    if (track->phase != PHASE_CARRYING || track->attempt != event->epoch)
        return;
    track->frozen_us = event->frozen_us;
    track->copied_bytes = event->copied_bytes;
    if (track->gone) {
        succeed(node, batch, (size_t)at);
    } else if (event->done) {
        /* The target claims it first, and may be farther than the home. */
        track->phase = PHASE_WAITING;
        track->carried_us = node->now_us;
        set_timer(
            node, track,
            handoff_patience(node, track->target, home_us(node, (size_t)at)));
    } else {
        fail(node, batch, (size_t)at, MOVE_FAILED, "the carrying failed");
    }
}

void source_verdict(struct node *node,
                    struct batch *batch,
                    size_t index,
                    const struct message *message)
{
    struct track *track = &state_tracks(node)[index];
    bool stopped = track->phase >= PHASE_WAITING;
    if (message->place == NODE_NONE) {
        drop(node, batch, index, "its home does not know it");
    } else if (message->place == node->config.id) {
        if (!stopped || message->epoch != track->attempt)
            return; /* Nothing new. */
        track->epoch = track->attempt;
        fail(node, batch, index, MOVE_FAILED, "the target never claimed it");
    } else if (message->epoch > track->epoch) {
        if (stopped)
            succeed(node, batch, index);
        else if (track->phase == PHASE_CARRYING)
            track->gone = true; /* CARRIED is on its way, with the figures. */
        else
            drop(node, batch, index, "its home gave it to another node");
    }
}

static void remember_end(struct node *node,
                         struct batch *batch,
                         proc_id proc,
                         node_id home,
                         uint32_t epoch)
{
    assert(node->ended_count < node->config.proc_max);
    struct ended *ended = &state_ended(node)[node->ended_count++];
    *ended = (struct ended){
        .proc = proc,
        .home = home,
        .epoch = epoch,
        .next_us = after(node->now_us,
                         handoff_patience(node, home, node->config.retry_us)),
    };
    arm(node, ended->next_us);
    handoff_send(node, batch, home, FRAME_ENDED, proc, epoch);
}

void source_ended(struct node *node, struct batch *batch, proc_id id)
{
    ptrdiff_t at = procs_find(node, id);
    if (at == PROC_ABSENT)
        return; /* Its copy here was void already. */
    const struct track *track = &state_tracks(node)[at];
    node_id home = state_procs(node)[at].home;
    uint32_t epoch = track->epoch;
    bool ours = !track->gone;
    if (track->phase == PHASE_CARRYING)
        emit(batch, ACTION_CANCEL, id, track->target, "it ended");
    if (track->phase != PHASE_NONE) {
        struct move_result result = result_of(node, (size_t)at, MOVE_FAILED);
        release(node, (size_t)at, false);
        notify_moved(batch, track, &result);
    }
    procs_remove(node, (size_t)at);
    if (ours && home != node->config.id)
        remember_end(node, batch, id, home, epoch);
}

const char *source_bound(const struct node *node, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    const struct track *track = &state_tracks(node)[index];
    if (track->killed)
        return "its host ends it";
    struct proc_info asked = *proc;
    if (proc->state == PROC_FROZEN && track->frozen_by == FREEZE_BY_OWNER)
        asked.state = PROC_RUNNING; /* It is carried as it is. */
    return proc_bound(&asked);
}

/* The policies had their time: home is the last resort. */
static void send_home(struct node *node, struct batch *batch, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    track->leave_us = after(node->now_us, node->config.word_us);
    arm(node, track->leave_us);
    if (!source_bound(node, index))
        source_offer(node, batch, index, proc->home, ASKED_BY_CORE,
                     "the owner wants it out");
}

void source_alarm(struct node *node, struct batch *batch, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    if (track->doomed || track->home_silent) {
        drop(node, batch, index,
             track->doomed ? "its home is dead" : "its home is silent");
        return;
    }
    switch ((enum phase)track->phase) {
        case PHASE_NONE:
            send_home(node, batch, index);
            break;
        case PHASE_OFFERED:
            fail(node, batch, index, MOVE_FAILED, "the target did not answer");
            break;
        case PHASE_CARRYING:
            handoff_send(node, batch, track->target, FRAME_STILL, proc->id,
                         track->attempt);
            set_timer(node, track, still_us(node));
            break;
        case PHASE_WAITING:
            if (track->ask_count < ASKS_MAX) {
                track->ask_count++;
                handoff_send(node, batch, proc->home, FRAME_ASK, proc->id,
                             track->attempt);
                set_timer(node, track, home_us(node, index));
                break;
            }
            keep(node, batch, index);
            break;
        case PHASE_KEEPING:
            keep(node, batch, index);
            break;
    }
}
