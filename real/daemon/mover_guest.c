/* mover_guest.c - guests here and their guardians. See mover_inside.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mover_inside.h"

/* The node does not have it: home is to fetch it. */
static void stray(struct node_mover *m, const struct row *row)
{
    struct mover_message message = {.kind = MOVER_STRAY,
                                    .proc = row->saved.proc,
                                    .epoch = row->saved.epoch};
    mover_say(m, row, "is here without a ledger: home is to fetch it");
    mover_send(m, row->saved.home, &message);
}

/* ---- Orders. ------------------------------------------------------------- */

static void order_home(struct node_mover *m, struct row *row)
{
    struct order *order = &row->order;
    struct mover_message message = {.kind = MOVER_ORDER,
                                    .proc = row->saved.proc,
                                    .epoch = order->epoch,
                                    .node = order->target,
                                    .info = order->info};
    uint32_t epoch = order->epoch;
    order->due_us = mover_now_us() + MOVER_REPEAT_US;
    if (mover_send(m, row->saved.home, &message) < 0 && row->order.is) {
        row->order.is = false;
        mover_step_carried(m, row, epoch, false);
    }
}

void mover_guest_carry(struct node_mover *m,
                       struct row *row,
                       const struct order *order)
{
    row->order = *order;
    order_home(m, row);
}

void mover_guest_cancel(struct node_mover *m, struct row *row)
{
    struct mover_message message = {.kind = MOVER_CANCEL,
                                    .proc = row->saved.proc,
                                    .epoch = row->order.epoch};
    if (!row->order.is)
        return;
    row->order.is = false;
    mover_send(m, row->saved.home, &message);
}

/* What runs is the only one that does (deputy.h): it is fetched, not killed. */
void mover_guest_drop(struct node_mover *m, struct row *row)
{
    if (row->state == ROW_WHOLE)
        mover_tell(row, "drop");
    else if (row->state == ROW_RUNNING)
        stray(m, row);
}

/* ---- What its guardian says. --------------------------------------------- */

static void is_whole(struct node_mover *m, struct row *row)
{
    row->state = ROW_WHOLE;
    if (mover_has(m, row)) {
        mover_tell(row, "drop");
        return;
    }
    struct event event = {.kind = EVENT_IMAGE,
                          .epoch = row->saved.epoch,
                          .peer = row->saved.source,
                          .procs = &row->saved.info,
                          .proc_count = 1};
    mover_step_node(m, row, &event);
}

static void is_running(struct node_mover *m, struct row *row, pid_t body)
{
    row->state = ROW_RUNNING;
    row->body = body;
    row->sample = (struct process_sample){0};
    row->cpu_before_us = row->saved.info.cpu_used_us;
    if (!mover_has(m, row))
        stray(m, row);
}

static void is_standing(struct node_mover *m, struct row *row)
{
    struct order order = row->order;
    row->state = ROW_STANDING;
    row->order.is = false;
    if (order.is)
        mover_step_carried(m, row, order.epoch, true);
}

static void wishes_home(struct node_mover *m, struct row *row)
{
    struct event event = {.kind = EVENT_MOVE, .peer = row->saved.home};
    if (mover_has(m, row))
        mover_step_node(m, row, &event);
    else
        stray(m, row);
}

static void ended(struct node_mover *m, const struct row *row)
{
    struct event event = {.kind = EVENT_ENDED};
    if (mover_has(m, row))
        mover_step_node(m, row, &event);
}

static void is_over(struct node_mover *m, struct row *row, int how)
{
    bool ran = row->state == ROW_RUNNING;
    row->state = ROW_OVER;
    mover_unwatch(m, &row->connection);
    mover_forget(m, row);
    if (how == GUEST_LOST)
        mover_say(m, row, "was killed: its home was silent for a lease");
    if (how == GUEST_ENDED || (how == GUEST_LOST && ran))
        ended(m, row);
}

void mover_guest_line(struct node_mover *m, struct row *row, const char *line)
{
    if (strcmp(line, "coming") == 0)
        row->state = ROW_COMING;
    else if (strcmp(line, "whole") == 0)
        is_whole(m, row);
    else if (strncmp(line, "running ", 8) == 0)
        is_running(m, row, (pid_t)atoi(line + 8));
    else if (strcmp(line, "standing") == 0)
        is_standing(m, row);
    else if (strcmp(line, "wish") == 0)
        wishes_home(m, row);
    else if (strncmp(line, "over ", 5) == 0)
        is_over(m, row, atoi(line + 5));
}

/* Its guardian has ended, and the body with it. */
void mover_guest_gone(struct node_mover *m, struct row *row)
{
    if (row->state == ROW_RUNNING) {
        mover_say(m, row, "was killed with its guardian");
        ended(m, row);
    }
}

/* ---- What other daemons say. --------------------------------------------- */

static struct row *expect(struct node_mover *m,
                          node_id home,
                          const struct mover_message *message)
{
    struct row *row = mover_add(m, true, message->proc);
    if (!row)
        return NULL;
    row->saved.epoch = message->epoch;
    row->saved.home = home;
    row->saved.source = message->node;
    row->saved.info = message->info;
    row->saved.lease_ms = (uint32_t)(m->options.lease_us / 1000);
    memcpy(row->saved.token, message->token, sizeof row->saved.token);
    return row;
}

/* Whoever says it is its home is that by the key of the stream. */
static void take_coming(struct node_mover *m,
                        node_id from,
                        const struct mover_message *message)
{
    struct mover_message answer = {
        .kind = MOVER_COME, .proc = message->proc, .epoch = message->epoch};
    if (message->info.home != from)
        return;
    if (mover_has(m, &(struct row){.saved = {.proc = message->proc}}) ||
        (!mover_find_token(m, message->token) && !expect(m, from, message))) {
        mover_send_failed(m, from, message->proc, message->epoch,
                          "the target cannot take it now");
        return;
    }
    memcpy(answer.token, message->token, sizeof answer.token);
    snprintf(answer.text, sizeof answer.text, "%s", m->address);
    mover_send(m, from, &answer);
}

void mover_guest_heard(struct node_mover *m,
                       node_id from,
                       const struct mover_message *message)
{
    if (message->kind == MOVER_COMING) {
        take_coming(m, from, message);
        return;
    }
    struct row *row = mover_find(m, true, message->proc);
    if (!row || row->saved.home != from || !row->order.is ||
        row->order.epoch != message->epoch)
        return;
    row->order.is = false;
    mover_say(m, row, message->text);
    mover_step_carried(m, row, message->epoch, false);
}

void mover_guest_tick(struct node_mover *m, struct row *row, usec_t now_us)
{
    if (row->state == ROW_EXPECTED && now_us - row->since_us > MOVER_EXPECT_US)
        row->state = ROW_OVER;
    if (row->order.is && now_us >= row->order.due_us)
        order_home(m, row);
}
