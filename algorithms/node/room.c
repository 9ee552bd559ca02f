/* room.c - a process comes to this node: room is reserved, the image comes, the
 * home is asked for it (handoff.h). */
#include <assert.h>
#include <string.h>

#include "emit.h"
#include "flood.h"
#include "handlers.h"
#include "handoff.h"
#include "membership.h"
#include "procs.h"
#include "questions.h"
#include "user.h"

ptrdiff_t room_find(const struct node *node, proc_id proc)
{
    for (size_t i = 0; i < node->coming_count; i++)
        if (state_coming(node)[i].proc.id == proc)
            return (ptrdiff_t)i;
    return PROC_ABSENT;
}

static void add_to_sums(struct node *node,
                        const struct coming *coming,
                        bool add)
{
    uint32_t one = add ? 1 : (uint32_t)-1;
    struct sums *sums = &node->sums;
    if (procs_is_guest(node, &coming->proc))
        sums->coming_guest_count += one;
    if (procs_is_grid_guest(node, &coming->proc))
        sums->coming_grid_count += one;
    if (add)
        sums->coming_mem_bytes += coming->need_bytes;
    else
        sums->coming_mem_bytes -= coming->need_bytes;
}

void room_remove(struct node *node, size_t index)
{
    struct coming *coming = state_coming(node);
    add_to_sums(node, &coming[index], false);
    if (index < --node->coming_count)
        coming[index] = coming[node->coming_count];
    self_refresh(node);
}

static usec_t lapse_us(const struct node *node, node_id source)
{
    return after(node->now_us,
                 handoff_patience(node, source, node->config.room_us));
}

/* It comes because it had to leave, or because this home wants it back. */
static bool is_evacuee(const struct node *node, const struct proc_info *proc)
{
    ptrdiff_t at = ledger_find(node, proc->id);
    return proc->must_leave ||
           (at != PROC_ABSENT && state_away(node)[at].recall != 0);
}

static void room_add(struct node *node,
                     node_id source,
                     const struct proc_info *proc,
                     uint32_t epoch,
                     bool start)
{
    assert(node->coming_count < node->config.proc_max);
    struct coming *coming = &state_coming(node)[node->coming_count++];
    *coming = (struct coming){
        .proc = *proc,
        .source = source,
        .epoch = epoch + 1,
        .need_bytes = proc_need_bytes(proc),
        .next_us = lapse_us(node, source),
        .heard_us = node->now_us,
        .start = start,
        .evacuee = is_evacuee(node, proc),
    };
    if (proc->must_leave && procs_is_guest(node, proc))
        flood_take_token(node);
    arm(node, coming->next_us);
    add_to_sums(node, coming, true);
    /* One more grid guest than the limit: it is better than the worst. */
    if (procs_is_grid_guest(node, proc) &&
        node->sums.grid_guest_count + node->sums.coming_grid_count >
            node->sample.grid_guest_limit)
        membership_review(node);
    self_refresh(node);
}

/* NULL if it may come, else why not. */
static const char *admit(struct node *node,
                         struct batch *batch,
                         node_id source,
                         const struct proc_info *proc,
                         uint32_t epoch)
{
    if (procs_find(node, proc->id) != PROC_ABSENT)
        return "it is here already";
    if (handoff_ended(node, proc->id))
        return "it ended here, as its home has yet to hear";
    if (proc->home == node->config.id) {
        ptrdiff_t at = ledger_find(node, proc->id);
        const struct away *away = state_away(node);
        if (at == PROC_ABSENT || away[at].place != source ||
            away[at].epoch != epoch)
            return "its home knows better where it is";
    }
    const char *why = membership_admit(node, proc);
    if (why || proc->home == node->config.id)
        return why;
    return handlers_admit(node, batch, source, proc);
}

/* The room that the same offer already has; an older one makes place. */
static bool has_room(struct node *node,
                     node_id source,
                     proc_id proc,
                     uint32_t epoch,
                     const char **ret_why)
{
    *ret_why = NULL;
    ptrdiff_t at = room_find(node, proc);
    if (at == PROC_ABSENT)
        return false;
    struct coming *coming = &state_coming(node)[at];
    if (coming->whole) {
        *ret_why = "its image is here already";
        return false;
    }
    if (coming->source == source && coming->epoch == epoch + 1) {
        coming->next_us = lapse_us(node, coming->source);
        return true;
    }
    if (coming->epoch > epoch + 1) {
        *ret_why = "it was offered later by another node";
        return false;
    }
    room_remove(node, (size_t)at);
    return false;
}

static void refuse(struct node *node,
                   struct batch *batch,
                   node_id source,
                   proc_id proc,
                   uint32_t epoch,
                   const char *why)
{
    struct writer body = {.count = 0};
    put_u64(&body, proc);
    put_u32(&body, epoch);
    for (size_t i = 0; why[i] && i < REFUSAL_BYTES_MAX; i++)
        put_u8(&body, (uint8_t)why[i]);
    emit_frame(node, batch, source, FRAME_REFUSE, body.bytes, body.count);
}

void room_offered(struct node *node,
                  struct batch *batch,
                  node_id source,
                  struct reader *body)
{
    proc_id id = get_u64(body);
    uint32_t epoch = get_u32(body);
    uint8_t start = get_u8(body);
    struct proc_info proc;
    if (!get_proc(body, &proc) || body->left > 0 || proc.id != id ||
        start > 1 || epoch == UINT32_MAX)
        return;
    const struct cluster_info *cluster =
        map_cluster(node->map, node->map_count, proc.home);
    if (cluster)
        proc.home_cluster = cluster->id;
    const char *why;
    bool has = has_room(node, source, id, epoch, &why);
    if (!has && !why)
        why = admit(node, batch, source, &proc, epoch);
    if (why) {
        refuse(node, batch, source, id, epoch, why);
        return;
    }
    if (!has)
        room_add(node, source, &proc, epoch, start);
    handoff_send(node, batch, source, FRAME_ACCEPT, id, epoch);
}

void room_still(struct node *node, const struct message *message)
{
    ptrdiff_t at = room_find(node, message->proc);
    if (at == PROC_ABSENT)
        return;
    struct coming *coming = &state_coming(node)[at];
    if (!coming->whole && coming->source == message->from &&
        coming->epoch == message->epoch)
        coming->next_us = lapse_us(node, coming->source);
}

static void claim(struct node *node, struct batch *batch, struct coming *coming)
{
    coming->next_us =
        after(node->now_us,
              handoff_patience(node, coming->proc.home, node->config.retry_us));
    arm(node, coming->next_us);
    handoff_send(node, batch, coming->proc.home, FRAME_CLAIM, coming->proc.id,
                 coming->epoch);
}

void room_image(struct node *node,
                struct batch *batch,
                const struct event *event)
{
    const struct proc_info *image = &event->procs[0];
    assert(procs_find(node, image->id) == PROC_ABSENT);
    ptrdiff_t at = room_find(node, image->id);
    struct coming *coming = at == PROC_ABSENT ? NULL : &state_coming(node)[at];
    if (!coming || coming->source != event->peer ||
        coming->epoch != event->epoch || coming->whole) {
        /* The room lapsed: the source takes it back by way of the home. */
        emit(batch, ACTION_DROP, image->id, event->peer,
             "its room here has lapsed");
        refuse(node, batch, event->peer, image->id, event->epoch,
               "the room there has lapsed");
        return;
    }
    node_id home = coming->proc.home;
    cluster_id home_cluster = coming->proc.home_cluster;
    coming->proc = *image;
    coming->proc.home = home;
    coming->proc.home_cluster = home_cluster;
    coming->heard_us = node->now_us;
    coming->whole = true;
    claim(node, batch, coming);
}

/* Words to the homes of guests begin with the first of these. */
static void arm_words(struct node *node)
{
    usec_t word_us = after(node->now_us, node->config.word_us);
    if (word_us < node->word_us)
        node->word_us = word_us;
    arm(node, node->word_us);
}

/* What came is frozen before it runs: its user wants that, or too many come. */
static bool arrive_frozen(struct node *node,
                          struct batch *batch,
                          size_t index,
                          const struct coming *coming,
                          bool by_user)
{
    const struct proc_info *proc = &state_procs(node)[index];
    bool flood = !by_user && coming->evacuee && !procs_is_guest(node, proc);
    if (flood && flood_has_token(node)) {
        flood_take_token(node);
        return false;
    }
    if (!by_user && !flood)
        return false;
    if (node->self.freeze_free_bytes < proc->mem_bytes) {
        emit_decision(node, batch, ACTION_DENIED, index, NODE_NONE,
                      by_user ? "its user stops it, but freeze space is full"
                              : "flood, but freeze space is full");
        return false;
    }
    procs_set_frozen_by(node, index,
                        by_user ? FREEZE_BY_USER : FREEZE_BY_POLICY, flood);
    procs_set_state(node, index, PROC_FROZEN);
    struct action *action =
        emit_decision(node, batch, ACTION_FREEZE, index, coming->source,
                      by_user ? "its user stops it" : "flood");
    action->epoch = coming->epoch;
    action->freeze_by = state_tracks(node)[index].frozen_by;
    action->result.copied_bytes = coming->proc.mem_bytes;
    return true;
}

void room_take(struct node *node,
               struct batch *batch,
               size_t index,
               const struct away *away)
{
    struct coming coming = state_coming(node)[index];
    struct proc_info *proc = &coming.proc;
    room_remove(node, index);
    proc->state = PROC_RUNNING;
    proc->must_leave = false;
    proc->stopped = false;
    proc->arrived_us = node->now_us;
    proc->submitted_us = away ? away->submitted_us : node->now_us;
    if (away)
        user_declare(proc, &away->declared);
    proc->came_from = coming.start ? NODE_NONE : coming.source;
    if (!coming.start && proc->move_count < UINT16_MAX)
        proc->move_count++;
    size_t at = procs_insert(node, proc);
    state_tracks(node)[at].epoch = coming.epoch;
    state_tracks(node)[at].change = coming.change;
    if (procs_is_guest(node, proc))
        arm_words(node);
    /* The owner may have changed its mind while it was on its way. */
    membership_review(node);
    out_notice(batch->out, NOTICE_ARRIVED)->proc = proc->id;
    if (arrive_frozen(node, batch, at, &coming, away && away->freeze))
        return;
    struct action *action =
        emit_decision(node, batch, ACTION_RUN, at, coming.source,
                      coming.start ? "started from its home" : "it came");
    action->epoch = coming.epoch;
    action->start = coming.start;
}

static void discard(struct node *node,
                    struct batch *batch,
                    size_t index,
                    const char *why)
{
    const struct coming *coming = &state_coming(node)[index];
    if (coming->whole)
        emit(batch, ACTION_DROP, coming->proc.id, coming->source, why);
    room_remove(node, index);
}

void room_forget(struct node *node, proc_id proc)
{
    ptrdiff_t at = room_find(node, proc);
    if (at != PROC_ABSENT)
        room_remove(node, (size_t)at);
}

void room_verdict(struct node *node,
                  struct batch *batch,
                  size_t index,
                  const struct message *message)
{
    const struct coming *coming = &state_coming(node)[index];
    if (!coming->whole)
        return; /* About an ownership before this one. */
    if (message->place == NODE_NONE)
        discard(node, batch, index, "its home does not know it");
    else if (message->epoch < coming->epoch)
        return; /* Said before the home heard the claim. */
    else if (message->place == node->config.id &&
             message->epoch == coming->epoch)
        room_take(node, batch, index, NULL);
    else
        discard(node, batch, index, "its home gave it to another node");
}

void room_alarm(struct node *node, struct batch *batch, size_t index)
{
    struct coming *coming = &state_coming(node)[index];
    if (coming->doomed)
        discard(node, batch, index, "its home is dead");
    else if (coming->whole &&
             handoff_is_silent(node, coming->proc.home, coming->heard_us))
        discard(node, batch, index, "its home is silent");
    else if (coming->whole)
        claim(node, batch, coming);
    else
        room_remove(node, index);
}
