/* ledger.c - this node is the home and decides who owns a process (handoff.h).
 * Of a process that is here the ledger is its own track; of one that is
 * elsewhere, its row in the away list, which ascends by process. */
#include <assert.h>
#include <string.h>

#include "emit.h"
#include "handoff.h"
#include "procs.h"
#include "questions.h"
#include "user.h"

enum { WORDS_UNTIL_SILENT = 3, DOUBLINGS_MAX = 4 };

static size_t lower_bound(const struct node *node, proc_id proc)
{
    const struct away *away = state_away(node);
    size_t low = 0;
    size_t high = node->away_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (away[middle].proc < proc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

ptrdiff_t ledger_find(const struct node *node, proc_id proc)
{
    size_t at = lower_bound(node, proc);
    return at < node->away_count && state_away(node)[at].proc == proc
               ? (ptrdiff_t)at
               : PROC_ABSENT;
}

static usec_t silent_us(const struct node *node)
{
    return after(node->now_us, WORDS_UNTIL_SILENT * node->config.word_us);
}

static struct away *add(struct node *node, proc_id proc)
{
    assert(node->away_count < node->config.away_max);
    size_t at = lower_bound(node, proc);
    struct away *away = state_away(node);
    size_t behind = node->away_count++ - at;
    if (behind > 0)
        memmove(&away[at + 1], &away[at], behind * sizeof *away);
    away[at] = (struct away){.proc = proc};
    return &away[at];
}

static void forget(struct node *node, size_t index)
{
    struct away *away = state_away(node);
    size_t behind = --node->away_count - index;
    if (behind > 0)
        memmove(&away[index], &away[index + 1], behind * sizeof *away);
}

/* Index of the process if it is here and this is its home. */
static ptrdiff_t find_here(const struct node *node, proc_id proc)
{
    ptrdiff_t at = procs_find(node, proc);
    return at != PROC_ABSENT && !procs_is_guest(node, &state_procs(node)[at])
               ? at
               : PROC_ABSENT;
}

/* What the ledger says now. */
static struct message read_ledger(const struct node *node, proc_id proc)
{
    struct message now = {.kind = FRAME_VERDICT,
                          .from = node->config.id,
                          .proc = proc,
                          .place = NODE_NONE};
    ptrdiff_t at = ledger_find(node, proc);
    if (at != PROC_ABSENT) {
        now.place = state_away(node)[at].place;
        now.epoch = state_away(node)[at].epoch;
    } else if ((at = find_here(node, proc)) != PROC_ABSENT) {
        now.place = node->config.id;
        now.epoch = state_tracks(node)[at].epoch;
    }
    return now;
}

static void answer(struct node *node,
                   struct batch *batch,
                   node_id target,
                   proc_id proc)
{
    struct message now = read_ledger(node, proc);
    handoff_verdict(node, batch, target, &now);
}

static void heard_of(struct node *node, struct away *away)
{
    away->last_word_us = node->now_us;
    away->silent = false;
    away->try_count = 0;
    /* The next try may be far away by now. */
    if (away->next_us > silent_us(node)) {
        away->next_us = silent_us(node);
        arm(node, away->next_us);
    }
}

/* ---- What the home wants of a place. ------------------------------------- */

/* Ask at once: with the next alarm, at this instant. */
static void hurry(struct node *node, struct away *away)
{
    away->try_count = 0;
    away->next_us = node->now_us;
    arm(node, away->next_us);
}

static void want(struct node *node, struct away *away, uint8_t why)
{
    if ((away->recall & why) == why && why != RECALL_USER)
        return;
    away->recall |= why;
    hurry(node, away);
}

void ledger_recall(struct node *node, size_t index, uint8_t why)
{
    want(node, &state_away(node)[index], why);
}

void ledger_withdraw(struct node *node, size_t index, uint8_t why)
{
    state_away(node)[index].recall &= (uint8_t)~why;
}

/* What the map says of its place. A cluster off the map is as good as silent:
 * it cannot be asked. */
static uint8_t why_recall(const struct node *node, const struct away *away)
{
    const struct cluster_info *own = &node->map[0];
    const struct cluster_info *there =
        map_cluster(node->map, node->map_count, away->place);
    if (!there || there == own)
        return 0;
    return own->isolated || there->isolated || !there->send ? RECALL_RIGHT : 0;
}

static void review(struct node *node, struct away *away)
{
    uint8_t why = why_recall(node, away);
    away->recall &= (uint8_t)(~RECALL_RIGHT | why);
    if (why != 0)
        want(node, away, why);
}

void ledger_review(struct node *node)
{
    for (size_t i = 0; i < node->away_count; i++)
        review(node, &state_away(node)[i]);
}

/* Every telling has a number of its own, so that no answer of before counts. */
static void tell(struct node *node, struct away *away)
{
    away->change++;
    away->untold = true;
    hurry(node, away);
}

void ledger_change(struct node *node,
                   struct batch *batch,
                   size_t index,
                   const struct declared *declared)
{
    struct away *away = &state_away(node)[index];
    away->declared = *declared;
    tell(node, away);
    handoff_alarm(node, batch);
}

void ledger_change_heard(struct node *node, const struct message *message)
{
    ptrdiff_t at = ledger_find(node, message->proc);
    struct away *away = state_away(node);
    if (at != PROC_ABSENT && away[at].place == message->from &&
        away[at].change == message->epoch)
        away[at].untold = false;
}

void ledger_forget(struct node *node, proc_id proc)
{
    ptrdiff_t at = ledger_find(node, proc);
    if (at != PROC_ABSENT)
        forget(node, (size_t)at);
}

static void send_change(struct node *node,
                        struct batch *batch,
                        const struct away *away)
{
    const struct declared *declared = &away->declared;
    struct writer body = {.count = 0};
    put_u64(&body, away->proc);
    put_u32(&body, away->epoch);
    put_u32(&body, away->change);
    put_declared(&body, declared);
    emit_frame(node, batch, away->place, FRAME_CHANGED, body.bytes, body.count);
}

/* ---- Claims. ------------------------------------------------------------- */

/* It leaves its home: the first row about it. */
static void claim_from_home(struct node *node,
                            struct batch *batch,
                            size_t index,
                            const struct message *message)
{
    const struct track *track = &state_tracks(node)[index];
    if (track->phase < PHASE_CARRYING || track->gone ||
        track->target != message->from || track->attempt != message->epoch ||
        track->epoch + 1 != message->epoch)
        return;
    struct away *away = add(node, message->proc);
    away->place = message->from;
    away->epoch = message->epoch;
    away->submitted_us = state_procs(node)[index].submitted_us;
    away->user = state_procs(node)[index].user;
    away->declared = user_declared(&state_procs(node)[index]);
    away->last_word_us = node->now_us;
    away->next_us = silent_us(node);
    arm(node, away->next_us);
    if (track->order & ORDER_FREEZE) {
        away->freeze = true;
        want(node, away, RECALL_FREEZE);
    }
    if (track->changed)
        tell(node, away);
    review(node, away);
    answer(node, batch, node->config.id, message->proc);
}

/* It goes from one place to another, or comes home. */
static void claim_from_away(struct node *node,
                            struct batch *batch,
                            size_t index,
                            const struct message *message)
{
    struct away *away = &state_away(node)[index];
    if (away->epoch + 1 != message->epoch || away->doomed)
        return;
    node_id source = away->place;
    if (message->from == node->config.id) {
        struct away was = *away;
        ptrdiff_t at = room_find(node, message->proc);
        assert(at != PROC_ABSENT);
        forget(node, index);
        room_take(node, batch, (size_t)at, &was);
    } else {
        away->place = message->from;
        away->epoch = message->epoch;
        heard_of(node, away);
        review(node, away);
        /* It may have left its place before that heard of the change. */
        if (away->change > 0)
            tell(node, away);
    }
    answer(node, batch, source, message->proc);
}

void ledger_claim(struct node *node,
                  struct batch *batch,
                  const struct message *message)
{
    ptrdiff_t at = ledger_find(node, message->proc);
    if (at != PROC_ABSENT)
        claim_from_away(node, batch, (size_t)at, message);
    else if ((at = find_here(node, message->proc)) != PROC_ABSENT)
        claim_from_home(node, batch, (size_t)at, message);
    if (message->from != node->config.id ||
        room_find(node, message->proc) != PROC_ABSENT)
        answer(node, batch, message->from, message->proc);
}

void ledger_ask(struct node *node,
                struct batch *batch,
                const struct message *message)
{
    answer(node, batch, message->from, message->proc);
}

void ledger_keep(struct node *node,
                 struct batch *batch,
                 const struct message *message)
{
    ptrdiff_t at = ledger_find(node, message->proc);
    if (at != PROC_ABSENT) {
        struct away *away = &state_away(node)[at];
        if (away->place == message->from && away->epoch + 1 == message->epoch) {
            away->epoch = message->epoch;
            heard_of(node, away);
        }
    } else if (message->from == node->config.id &&
               (at = find_here(node, message->proc)) != PROC_ABSENT) {
        struct track *track = &state_tracks(node)[at];
        if (track->epoch + 1 == message->epoch)
            track->epoch = message->epoch;
    }
    answer(node, batch, message->from, message->proc);
}

void ledger_ended(struct node *node,
                  struct batch *batch,
                  const struct message *message)
{
    ptrdiff_t at = ledger_find(node, message->proc);
    const struct away *away = state_away(node);
    if (at != PROC_ABSENT && away[at].place == message->from) {
        if (away[at].epoch != message->epoch) {
            answer(node, batch, message->from, message->proc);
            return;
        }
        emit(batch, ACTION_ENDED, message->proc, message->from, "")->epoch =
            message->epoch;
        forget(node, (size_t)at);
    }
    handoff_send(node, batch, message->from, FRAME_ENDED_HEARD, message->proc,
                 message->epoch);
}

void ledger_word(struct node *node,
                 struct batch *batch,
                 const struct message *message)
{
    ptrdiff_t at = ledger_find(node, message->proc);
    struct away *away = state_away(node);
    if (at != PROC_ABSENT && away[at].place == message->from &&
        away[at].epoch == message->epoch)
        heard_of(node, &away[at]);
    else
        answer(node, batch, message->from, message->proc);
}

static void lose(struct node *node,
                 struct batch *batch,
                 size_t index,
                 const char *why)
{
    const struct away *away = &state_away(node)[index];
    emit(batch, ACTION_LOST, away->proc, away->place, why)->epoch = away->epoch;
    forget(node, index);
}

void ledger_have_not(struct node *node,
                     struct batch *batch,
                     const struct message *message)
{
    ptrdiff_t at = ledger_find(node, message->proc);
    const struct away *away = state_away(node);
    if (at != PROC_ABSENT && away[at].place == message->from &&
        away[at].epoch == message->epoch)
        lose(node, batch, (size_t)at, "that node no longer has it");
}

/* The wait for an answer doubles with each try, up to 16 times: a way that is
 * slow or broken is not filled with questions. */
static usec_t next_try_us(const struct node *node, struct away *away)
{
    const struct node_config *config = &node->config;
    bool wants = away->recall != 0 || away->untold;
    usec_t wait_us = wants ? config->retry_us : config->word_us;
    for (size_t i = 0; i < away->try_count; i++)
        wait_us = after(wait_us, wait_us);
    if (away->try_count < DOUBLINGS_MAX)
        away->try_count++;
    return after(node->now_us, handoff_patience(node, away->place, wait_us));
}

void ledger_alarm(struct node *node, struct batch *batch, size_t index)
{
    struct away *away = &state_away(node)[index];
    const struct node_config *config = &node->config;
    usec_t now_us = node->now_us;
    usec_t lost_us = after(away->last_word_us, config->lost_after_us);
    usec_t quiet_us =
        after(away->last_word_us, WORDS_UNTIL_SILENT * config->word_us);
    if (away->doomed || lost_us <= now_us) {
        lose(node, batch, index,
             away->doomed ? "that node is dead" : "that node is silent");
        return;
    }
    if (quiet_us <= now_us) {
        away->silent = true;
        handoff_send(node, batch, away->place, FRAME_QUERY, away->proc,
                     away->epoch);
    }
    if (away->recall != 0)
        handoff_send(node, batch, away->place, FRAME_RECALL, away->proc,
                     away->epoch);
    if (away->untold)
        send_change(node, batch, away);
    usec_t next_us = quiet_us;
    if (away->silent || away->recall != 0 || away->untold) {
        usec_t try_us = next_try_us(node, away);
        next_us = now_us < quiet_us && quiet_us < try_us ? quiet_us : try_us;
    }
    away->next_us = lost_us < next_us ? lost_us : next_us;
    arm(node, away->next_us);
}
