/* handoff.c - frames and timers of the handoff: who speaks, to which part. */
#include "handoff.h"

#include <string.h>

#include "emit.h"
#include "owner.h"
#include "peers.h"
#include "procs.h"
#include "questions.h"
#include "user.h"

enum { WORD_ENTRY_BYTES = 12 };

void handoff_send(struct node *node,
                  struct batch *batch,
                  node_id target,
                  enum frame_kind kind,
                  proc_id proc,
                  uint32_t epoch)
{
    if (target == node->config.id) {
        out_notice(batch->out, NOTICE_MESSAGE)->message =
            (struct message){.kind = (uint8_t)kind,
                             .from = target,
                             .proc = proc,
                             .epoch = epoch};
        return;
    }
    struct writer body = {.count = 0};
    put_u64(&body, proc);
    put_u32(&body, epoch);
    emit_frame(node, batch, target, kind, body.bytes, body.count);
}

void handoff_verdict(struct node *node,
                     struct batch *batch,
                     node_id target,
                     const struct message *verdict)
{
    if (target == node->config.id) {
        out_notice(batch->out, NOTICE_MESSAGE)->message = *verdict;
        return;
    }
    struct writer body = {.count = 0};
    put_u64(&body, verdict->proc);
    put_u32(&body, verdict->epoch);
    put_u32(&body, verdict->place);
    emit_frame(node, batch, target, FRAME_VERDICT, body.bytes, body.count);
}

usec_t handoff_patience(const struct node *node, node_id peer, usec_t span_us)
{
    const struct cluster_info *cluster =
        map_cluster(node->map, node->map_count, peer);
    if (!cluster || peer == node->config.id)
        return span_us;
    return after(after(span_us, cluster->latency_us), cluster->latency_us);
}

static ptrdiff_t ended_find(const struct node *node, proc_id proc)
{
    for (size_t i = 0; i < node->ended_count; i++)
        if (state_ended(node)[i].proc == proc)
            return (ptrdiff_t)i;
    return PROC_ABSENT;
}

bool handoff_ended(const struct node *node, proc_id proc)
{
    return ended_find(node, proc) != PROC_ABSENT;
}

static void ended_heard(struct node *node, const struct message *message)
{
    ptrdiff_t at = ended_find(node, message->proc);
    struct ended *ended = state_ended(node);
    if (at != PROC_ABSENT && ended[at].home == message->from &&
        ended[at].epoch == message->epoch)
        ended[at] = ended[--node->ended_count];
}

/* Only the home of a process is believed. */
static void verdict(struct node *node,
                    struct batch *batch,
                    const struct message *message)
{
    ptrdiff_t at = room_find(node, message->proc);
    if (at != PROC_ABSENT &&
        state_coming(node)[at].proc.home == message->from) {
        room_verdict(node, batch, (size_t)at, message);
        return;
    }
    at = procs_find(node, message->proc);
    if (at != PROC_ABSENT && state_procs(node)[at].home == message->from) {
        source_verdict(node, batch, (size_t)at, message);
        return;
    }
    /* It ended while a KEEP of this node won: say so for the new epoch. */
    at = ended_find(node, message->proc);
    struct ended *ended = state_ended(node);
    if (at == PROC_ABSENT || ended[at].home != message->from ||
        message->place != node->config.id || message->epoch <= ended[at].epoch)
        return;
    ended[at].epoch = message->epoch;
    handoff_send(node, batch, message->from, FRAME_ENDED, message->proc,
                 message->epoch);
}

/* The home asks for a silent one. */
static void query(struct node *node,
                  struct batch *batch,
                  const struct message *message)
{
    enum frame_kind kind = FRAME_HAVE_NOT;
    uint32_t epoch = message->epoch;
    ptrdiff_t at;
    if ((at = procs_find(node, message->proc)) != PROC_ABSENT) {
        kind = FRAME_WORD;
        epoch = state_tracks(node)[at].epoch;
    } else if ((at = room_find(node, message->proc)) != PROC_ABSENT &&
               state_coming(node)[at].whole) {
        kind = FRAME_WORD;
        epoch = state_coming(node)[at].epoch;
    } else if ((at = ended_find(node, message->proc)) != PROC_ABSENT) {
        kind = FRAME_ENDED;
        epoch = state_ended(node)[at].epoch;
    }
    handoff_send(node, batch, message->from, kind, message->proc, epoch);
}

static void recalled(struct node *node,
                     struct batch *batch,
                     const struct message *message)
{
    ptrdiff_t at = procs_find(node, message->proc);
    if (at == PROC_ABSENT)
        return;
    const struct proc_info *proc = &state_procs(node)[at];
    if (message->epoch < state_tracks(node)[at].epoch)
        return; /* It was at home since. */
    if (proc->home != message->from || source_bound(node, (size_t)at))
        return; /* The home repeats it. */
    source_offer(node, batch, (size_t)at, proc->home, ASKED_BY_CORE,
                 "its home wants it back");
}

bool handoff_is_silent(const struct node *node, node_id home, usec_t heard_us)
{
    const struct peer_info *peer = peers_find(node, home);
    if (peer && peer->measured_us > heard_us)
        heard_us = peer->measured_us;
    return after(heard_us, node->config.home_lost_after_us) <= node->now_us;
}

/* That home lives. */
static void heard_home(struct node *node, node_id home)
{
    for (size_t i = 0; i < node->proc_count; i++)
        if (state_procs(node)[i].home == home)
            state_tracks(node)[i].heard_us = node->now_us;
}

/* A process that is here, or whose image is. */
struct holding
{
    struct proc_info *proc; /* NULL if it is not here. */
    uint32_t epoch;
    uint32_t *change; /* Number of the last CHANGED heard here. */
};

static struct holding find_holding(const struct node *node, proc_id proc)
{
    ptrdiff_t at = procs_find(node, proc);
    if (at != PROC_ABSENT) {
        struct track *track = &state_tracks(node)[at];
        return (struct holding){&state_procs(node)[at], track->epoch,
                                &track->change};
    }
    at = room_find(node, proc);
    if (at == PROC_ABSENT || !state_coming(node)[at].whole)
        return (struct holding){0};
    struct coming *coming = &state_coming(node)[at];
    return (struct holding){&coming->proc, coming->epoch, &coming->change};
}

/* The home tells what its user changed. */
static void changed(struct node *node,
                    struct batch *batch,
                    node_id from,
                    struct reader *body)
{
    struct declared declared;
    proc_id id = get_u64(body);
    uint32_t epoch = get_u32(body);
    uint32_t change = get_u32(body);
    if (!get_declared(body, &declared) || body->left > 0)
        return;
    struct holding here = find_holding(node, id);
    if (!here.proc || here.proc->home != from)
        return; /* The home repeats it. */
    if (epoch < here.epoch || change < *here.change)
        return; /* It was overtaken. */
    *here.change = change;
    user_declare(here.proc, &declared);
    node->owner.review = true;
    handoff_send(node, batch, from, FRAME_CHANGED_HEARD, id, change);
}

void handoff_message(struct node *node,
                     struct batch *batch,
                     const struct message *message)
{
    switch (message->kind) {
        case FRAME_ACCEPT:
            source_accepted(node, batch, message);
            break;
        case FRAME_STILL:
            room_still(node, message);
            break;
        case FRAME_CLAIM:
            ledger_claim(node, batch, message);
            break;
        case FRAME_VERDICT:
            verdict(node, batch, message);
            break;
        case FRAME_ASK:
            ledger_ask(node, batch, message);
            break;
        case FRAME_KEEP:
            ledger_keep(node, batch, message);
            break;
        case FRAME_ENDED:
            ledger_ended(node, batch, message);
            break;
        case FRAME_ENDED_HEARD:
            ended_heard(node, message);
            break;
        case FRAME_WORD:
        case FRAME_WORD_ASK:
            ledger_word(node, batch, message);
            break;
        case FRAME_QUERY:
            query(node, batch, message);
            break;
        case FRAME_HAVE_NOT:
            ledger_have_not(node, batch, message);
            break;
        case FRAME_RECALL:
            recalled(node, batch, message);
            break;
        case FRAME_CHANGED_HEARD:
            ledger_change_heard(node, message);
            break;
        default:
            break;
    }
}

/* What another node writes goes to terminals and journals. */
static void read_text(struct reader *body, char *text, size_t room)
{
    size_t count = body->left < room - 1 ? body->left : room - 1;
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = get_u8(body);
        text[i] = (char)(' ' <= byte && byte <= '~' ? byte : '?');
    }
    text[count] = 0;
}

void handoff_frame(struct node *node,
                   struct batch *batch,
                   node_id from,
                   struct frame *frame)
{
    struct reader *body = &frame->body;
    bool words = frame->kind == FRAME_WORD || frame->kind == FRAME_WORD_ASK;
    if (frame->kind == FRAME_OFFER) {
        room_offered(node, batch, from, body);
        return;
    }
    if (frame->kind == FRAME_CHANGED) {
        changed(node, batch, from, body);
        return;
    }
    if (frame->kind == FRAME_WORD_HEARD) {
        heard_home(node, from);
        return;
    }
    if (frame->kind == FRAME_WORD_ASK)
        emit_frame(node, batch, from, FRAME_WORD_HEARD, NULL, 0);
    do {
        struct message message = {.kind = (uint8_t)frame->kind, .from = from};
        message.proc = get_u64(body);
        message.epoch = get_u32(body);
        if (frame->kind == FRAME_VERDICT)
            message.place = get_u32(body);
        if (body->bad)
            return;
        if (frame->kind == FRAME_REFUSE) {
            char text[REFUSAL_BYTES_MAX + 1];
            read_text(body, text, sizeof text);
            source_refused(node, batch, &message, text);
            return;
        }
        handoff_message(node, batch, &message);
    } while (words && body->left > 0 && emit_has_room(batch));
}

/* One frame to the home of procs[first], with all its guests that fit. */
static void send_word(struct node *node, struct batch *batch, size_t first)
{
    const struct proc_info *procs = state_procs(node);
    struct track *tracks = state_tracks(node);
    struct writer body = {.count = 0};
    for (size_t i = first; i < node->proc_count; i++) {
        if (procs[i].home != procs[first].home || tracks[i].worded)
            continue;
        if (body.count + WORD_ENTRY_BYTES > sizeof body.bytes)
            break;
        put_u64(&body, procs[i].id);
        put_u32(&body, tracks[i].epoch);
        tracks[i].worded = true;
    }
    bool asks = node->config.home_lost_after_us != USEC_NEVER;
    emit_frame(node, batch, procs[first].home,
               asks ? FRAME_WORD_ASK : FRAME_WORD, body.bytes, body.count);
}

/* Tell the homes of the guests that they are here. */
static void send_words(struct node *node, struct batch *batch)
{
    const struct proc_info *procs = state_procs(node);
    struct track *tracks = state_tracks(node);
    for (size_t i = 0; i < node->proc_count; i++) {
        if (!procs_is_guest(node, &procs[i]) || tracks[i].worded)
            continue;
        if (handoff_is_silent(node, procs[i].home, tracks[i].heard_us))
            tracks[i].home_silent = true; /* Its timer drops it. */
        if (!emit_has_room(batch))
            return; /* The round goes on with the next alarm. */
        send_word(node, batch, i);
    }
    for (size_t i = 0; i < node->proc_count; i++)
        tracks[i].worded = false;
    node->word_us = node->sums.guest_count > 0
                        ? after(node->now_us, node->config.word_us)
                        : USEC_NEVER;
}

static void ended_alarm(struct node *node, struct batch *batch, size_t index)
{
    struct ended *ended = &state_ended(node)[index];
    ended->next_us =
        after(node->now_us,
              handoff_patience(node, ended->home, node->config.retry_us));
    handoff_send(node, batch, ended->home, FRAME_ENDED, ended->proc,
                 ended->epoch);
}

static usec_t proc_timer(const struct track *track)
{
    if (track->doomed || track->home_silent)
        return 0;
    return track->phase != PHASE_NONE ? track->next_us : track->leave_us;
}

/* The exact instant of the next timer. */
static usec_t next_timer(const struct node *node)
{
    usec_t next_us = owner_timer(node);
    next_us = node->word_us < next_us ? node->word_us : next_us;
    for (size_t i = 0; i < node->proc_count; i++) {
        usec_t at_us = proc_timer(&state_tracks(node)[i]);
        next_us = at_us < next_us ? at_us : next_us;
    }
    for (size_t i = 0; i < node->coming_count; i++) {
        usec_t at_us = state_coming(node)[i].next_us;
        next_us = at_us < next_us ? at_us : next_us;
    }
    for (size_t i = 0; i < node->ended_count; i++) {
        usec_t at_us = state_ended(node)[i].next_us;
        next_us = at_us < next_us ? at_us : next_us;
    }
    for (size_t i = 0; i < node->away_count; i++) {
        usec_t at_us = state_away(node)[i].next_us;
        next_us = at_us < next_us ? at_us : next_us;
    }
    return next_us;
}

/* Backwards, since what is due may be removed, by the last one or by a move
 * of those behind it. */
void handoff_alarm(struct node *node, struct batch *batch)
{
    usec_t now_us = node->now_us;
    if (node->timer_us > now_us)
        return;
    for (size_t i = node->proc_count; i-- > 0 && emit_has_room(batch);)
        if (proc_timer(&state_tracks(node)[i]) <= now_us)
            source_alarm(node, batch, i);
    for (size_t i = node->coming_count; i-- > 0 && emit_has_room(batch);)
        if (state_coming(node)[i].next_us <= now_us)
            room_alarm(node, batch, i);
    for (size_t i = node->away_count; i-- > 0 && emit_has_room(batch);)
        if (state_away(node)[i].next_us <= now_us)
            ledger_alarm(node, batch, i);
    for (size_t i = node->ended_count; i-- > 0 && emit_has_room(batch);)
        if (state_ended(node)[i].next_us <= now_us)
            ended_alarm(node, batch, i);
    if (node->word_us <= now_us)
        send_words(node, batch);
    node->timer_us = next_timer(node);
}

void handoff_dead(struct node *node, struct batch *batch, node_id dead)
{
    for (size_t i = 0; i < node->proc_count; i++) {
        struct track *track = &state_tracks(node)[i];
        if (state_procs(node)[i].home == dead)
            track->doomed = true;
        else if (track->phase == PHASE_OFFERED && track->target == dead)
            track->next_us = node->now_us;
    }
    for (size_t i = 0; i < node->coming_count; i++) {
        struct coming *coming = &state_coming(node)[i];
        coming->doomed |= coming->proc.home == dead;
        if (coming->doomed || (coming->source == dead && !coming->whole))
            coming->next_us = node->now_us;
    }
    for (size_t i = 0; i < node->away_count; i++) {
        struct away *away = &state_away(node)[i];
        if (away->place == dead) {
            away->doomed = true;
            away->next_us = node->now_us;
        }
    }
    for (size_t i = node->ended_count; i-- > 0;)
        if (state_ended(node)[i].home == dead)
            state_ended(node)[i] = state_ended(node)[--node->ended_count];
    arm(node, node->now_us);
    handoff_alarm(node, batch);
}
