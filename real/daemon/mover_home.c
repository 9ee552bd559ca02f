/* mover_home.c - processes of this home: their deputies, and all orders to move
 * them. See mover_inside.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mover_inside.h"

/* ---- The ledger follows the engine. -------------------------------------- */

void mover_home_resubmit(struct node_mover *m, struct row *row)
{
    row->resubmit = mover_has(m, row);
    if (row->resubmit)
        return; /* It speaks of a carrying: RUN or DROP comes. */
    row->known = true;
    row->saved.epoch++;
    row->saved.place = m->options.self;
    mover_save(m, row);
    mover_say(m, row, "is at home, and submitted anew");
    struct event event = {.kind = EVENT_SUBMIT,
                          .epoch = row->saved.epoch,
                          .procs = &row->saved.info,
                          .proc_count = 1};
    mover_step_node(m, row, &event);
}

static void submit_first(struct node_mover *m, struct row *row)
{
    struct event event = {
        .kind = EVENT_SUBMIT, .procs = &row->saved.info, .proc_count = 1};
    row->known = true;
    mover_step_node(m, row, &event);
}

/* ---- Orders. ------------------------------------------------------------- */

/* It does not go; who asked hears of it, the node of a process that was told to
 * have been carried by a verdict. */
static void fail(struct node_mover *m, struct row *row, const char *why)
{
    struct order order = row->order;
    if (!order.is)
        return;
    row->order.is = false;
    mover_say(m, row, why);
    if (order.source != m->options.self)
        mover_send_failed(m, order.source, row->saved.proc, order.epoch, why);
    else if (order.carried)
        mover_home_resubmit(m, row);
    else
        mover_step_carried(m, row, order.epoch, false);
}

static void say_coming(struct node_mover *m, struct row *row)
{
    struct mover_message message = {.kind = MOVER_COMING,
                                    .proc = row->saved.proc,
                                    .epoch = row->order.epoch,
                                    .node = row->order.source,
                                    .info = row->order.info};
    message.info.home = m->options.self;
    memcpy(message.token, row->saved.token, sizeof message.token);
    row->order.due_us = mover_now_us() + MOVER_AGAIN_US;
    int error = mover_send(m, row->order.target, &message);
    if (error)
        fail(m, row, strerror(-error));
}

static void announce(struct node_mover *m, struct row *row)
{
    row->order.announced = true;
    row->order.end_us = mover_now_us() + MOVER_ANSWER_US;
    int error = token_make(row->saved.token);
    if (error)
        fail(m, row, strerror(-error));
    else
        say_coming(m, row);
}

void mover_home_carry(struct node_mover *m,
                      struct row *row,
                      const struct order *order)
{
    bool is_home = row->state == ROW_HOME || row->state == ROW_HELD;
    bool from_here = order->source == m->options.self;
    row->order = *order;
    if (from_here != is_home) {
        fail(m, row, "it is not where its move was decided");
        return;
    }
    row->saved.epoch = order->epoch;
    row->saved.info = order->info;
    mover_save(m, row);
    if (order->target == m->options.self)
        mover_tell(row, "home");
    else
        announce(m, row);
}

void mover_home_cancel(struct row *row)
{
    row->order.is = false;
    if (row->state == ROW_SENDING || row->state == ROW_CARRIED)
        mover_tell(row, "cancel");
}

void mover_home_run(struct row *row)
{
    row->resubmit = false;
    if (row->state != ROW_HOME && row->state != ROW_AWAY)
        mover_tell(row, "run");
}

void mover_home_drop(struct node_mover *m, struct row *row)
{
    if (row->state == ROW_HOME_WHOLE) {
        row->order.is = false;
        mover_tell(row, "drop");
    } else if (row->state == ROW_HOME && row->connection >= 0) {
        mover_home_resubmit(m, row);
    }
}

/* ---- What its deputy says. ----------------------------------------------- */

static void came_home(struct node_mover *m, struct row *row)
{
    bool ordered = row->order.is && row->order.target == m->options.self;
    row->order.is = false;
    row->saved.place = m->options.self;
    mover_save(m, row);
    if (!ordered || row->resubmit)
        mover_home_resubmit(m, row);
}

static void is_home(struct node_mover *m, struct row *row)
{
    enum row_state before = row->state;
    row->state = ROW_HOME;
    if (before == ROW_AWAY || before == ROW_HOME_WHOLE)
        came_home(m, row);
    else if (!row->known)
        mover_home_resubmit(m, row);
}

static void is_away(struct node_mover *m, struct row *row)
{
    row->state = ROW_AWAY;
    if (row->order.is && row->order.target != m->options.self) {
        row->saved.place = row->order.target;
        mover_save(m, row);
        row->order.is = false;
    }
    if (!row->known) { /* Its ledger is lost: it has to come home. */
        row->known = true;
        mover_say(m, row, "is away without a ledger, and fetched");
        mover_tell(row, "home");
    }
}

static void is_carried(struct node_mover *m, struct row *row)
{
    row->state = ROW_CARRIED;
    if (!row->order.is || row->order.source != m->options.self)
        return;
    row->order.carried = true;
    mover_step_carried(m, row, row->order.epoch, true);
}

static void is_whole(struct node_mover *m, struct row *row)
{
    struct order order = row->order;
    row->state = ROW_HOME_WHOLE;
    if (!order.is || order.target != m->options.self || mover_has(m, row)) {
        row->resubmit = true;
        mover_tell(row, "run");
        return;
    }
    struct event event = {.kind = EVENT_IMAGE,
                          .epoch = order.epoch,
                          .peer = order.source,
                          .procs = &order.info,
                          .proc_count = 1};
    mover_step_node(m, row, &event);
}

void mover_home_line(struct node_mover *m, struct row *row, const char *line)
{
    if (strcmp(line, "held") == 0) {
        row->state = ROW_HELD;
        if (!row->known)
            submit_first(m, row);
    } else if (strcmp(line, "home") == 0) {
        is_home(m, row);
    } else if (strcmp(line, "sending") == 0) {
        row->state = ROW_SENDING;
    } else if (strcmp(line, "carried") == 0) {
        is_carried(m, row);
    } else if (strcmp(line, "away") == 0) {
        is_away(m, row);
    } else if (strcmp(line, "whole") == 0) {
        is_whole(m, row);
    } else if (strncmp(line, "failed ", 7) == 0) {
        fail(m, row, line + 7);
    } else if (strncmp(line, "over ", 5) == 0) {
        mover_say(m, row, line + 5);
    }
}

/* The deputy has ended, and the process with it. */
void mover_home_gone(struct node_mover *m, struct row *row)
{
    struct event event = {.kind = EVENT_ENDED};
    mover_say(m, row, "has ended");
    if (mover_has(m, row))
        mover_step_node(m, row, &event);
}

/* ---- What other daemons say. --------------------------------------------- */

static void take_order(struct node_mover *m,
                       struct row *row,
                       node_id from,
                       const struct mover_message *message)
{
    struct order order = {.is = true,
                          .epoch = message->epoch,
                          .source = from,
                          .target = message->node,
                          .info = message->info};
    if (row->order.is && row->order.epoch == message->epoch)
        return; /* Said again. */
    if (row->saved.place != from || message->epoch <= row->saved.epoch)
        mover_send_failed(m, from, message->proc, message->epoch,
                          "home knows better where it is");
    else
        mover_home_carry(m, row, &order);
}

void mover_home_heard(struct node_mover *m,
                      node_id from,
                      const struct mover_message *message)
{
    struct row *row = mover_find(m, false, message->proc);
    if (!row) {
        if (message->kind == MOVER_ORDER)
            mover_send_failed(m, from, message->proc, message->epoch,
                              "its home does not know it");
        return;
    }
    const struct order *order = &row->order;
    bool of_order = order->is && order->epoch == message->epoch;
    switch (message->kind) {
        case MOVER_ORDER:
            take_order(m, row, from, message);
            break;
        case MOVER_COME:
            if (of_order && order->announced && from == order->target &&
                strcmp(message->token, row->saved.token) == 0) {
                row->order.announced = false;
                mover_tell(row, "go %s %s", message->text, message->token);
            }
            break;
        case MOVER_FAILED:
            if (of_order && order->announced && from == order->target)
                fail(m, row, message->text);
            break;
        case MOVER_CANCEL:
            if (of_order && from == order->source)
                mover_home_cancel(row);
            break;
        case MOVER_STRAY:
            if (row->saved.place == from && row->state == ROW_AWAY)
                mover_tell(row, "home");
            break;
        default:
            break;
    }
}

void mover_home_tick(struct node_mover *m, struct row *row, usec_t now_us)
{
    bool waits = row->order.is && row->order.announced;
    if (waits && now_us >= row->order.end_us)
        fail(m, row, "the target's daemon did not answer");
    else if (waits && now_us >= row->order.due_us)
        say_coming(m, row);
    if (row->resubmit && row->state == ROW_HOME && !mover_has(m, row))
        mover_home_resubmit(m, row);
}
