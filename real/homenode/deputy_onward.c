/* deputy_onward.c - a process that is away goes to another host, directly. See
 * deputy_inside.h.
 *
 * Its host serves it until it sends the image, so its calls are made here
 * meanwhile. Signals wait: those before MOVE are in the image, those behind it
 * are for whichever host has the body in the end.
 */
#include "deputy_inside.h"

#include <errno.h>
#include <string.h>

struct onward
{
    struct deputy *d;
    struct link *next;
    struct complaint *complaint;
};

/* Something on the next host's stream, or silence for too long: 0 READY came,
 * -EAGAIN not yet. */
static int look_at_next(struct onward *o)
{
    struct deputy *d = o->d;
    int error = link_get(o->next, &d->incoming, 0, -1, NULL);
    if (error == -EAGAIN || (!error && d->incoming.kind == RECORD_READY))
        return error;
    return deputy_refused(d, error, &d->incoming, o->complaint);
}

/* Its host is not heard any more, but the next one may have all of it: only if
 * not is the event told. */
static int ask_next(struct onward *o, int step, enum deputy_event event)
{
    struct deputy *d = o->d;
    int error = deputy_hear(d, o->next, d->options.lease_us);
    if (!error && d->incoming.kind == RECORD_READY)
        return 0;
    if (step < 0)
        deputy_lose_by(d, &event, step);
    d->pending = true;
    d->pending_event = event;
    return deputy_refused(d, error, &d->incoming, o->complaint);
}

/* Something came of its stay at the old host. */
static int take_step(struct onward *o, int step, enum deputy_event event)
{
    struct deputy *d = o->d;
    if (step < 0 || event == DEPUTY_CUT)
        return ask_next(o, step, event);
    d->pending = true;
    d->pending_event = event;
    return deputy_complain(d, -ECONNABORTED, o->complaint,
                           "it did not stay at its host meanwhile");
}

/* Serve it until the next host has its image. */
static int await_ready(struct onward *o)
{
    enum { STEP_US = 100 * 1000 };
    struct deputy *d = o->d;
    int error = deputy_watch(d, link_stream(o->next)->wait_on);
    while (!error) {
        enum deputy_event event = DEPUTY_WOKEN;
        int step = deputy_step(d, STEP_US, &event);
        if ((step < 0 && step != -EAGAIN) ||
            (step > 0 && event != DEPUTY_WOKEN))
            return take_step(o, step, event);
        if (deputy_is_cancelled(d))
            return deputy_complain(d, -ECANCELED, o->complaint,
                                   "it was not to go");
        if (d->stays)
            return deputy_complain(d, -ECONNABORTED, o->complaint,
                                   "its host could not send it to the other");
        error = look_at_next(o);
        if (error != -EAGAIN)
            return error;
        error = 0;
    }
    return error;
}

/* 0: it runs there. */
static int go(struct onward *o)
{
    struct deputy *d = o->d;
    d->epoch++;
    link_set_epoch(o->next, d->epoch);
    int error = deputy_put_go(d, o->next);
    if (!error)
        error = deputy_hear(d, o->next, d->options.lease_us);
    if (!error && (d->incoming.kind == RECORD_RUNNING ||
                   d->incoming.kind == RECORD_REQUEST))
        return 0;
    deputy_refused(d, error, &d->incoming, o->complaint);
    /* What runs there is fenced, what stands here goes on. */
    d->epoch++;
    link_set_epoch(o->next, d->epoch);
    link_set_epoch(d->link, d->epoch);
    deputy_put_go(d, d->link);
    d->unsettled = true;
    return error ? error : -EBADMSG;
}

static void change_hosts(struct onward *o)
{
    struct deputy *d = o->d;
    d->cut = false;
    deputy_put(d->link, RECORD_GONE);
    link_destroy(d->link);
    d->link = o->next;
    d->usage_before = d->account.usage;
    d->signals.sent_count = 0;
    d->signals.last_sequence = 0;
    d->signals.held_back = false;
    d->account.moves++;
    d->why = (struct complaint){0};
}

int deputy_send_onward(struct deputy *d,
                       const struct stream *to,
                       struct deputy_cost *cost,
                       struct complaint *c)
{
    struct onward o = {.d = d, .complaint = c};
    uint64_t start_us = deputy_now_us();
    if (deputy_is_coming(d))
        return deputy_complain(d, -EBUSY, c, "it is on its way home");
    if (d->owes)
        return deputy_complain(d, -EBUSY, c,
                               "its host has not yet all its pages, try later");
    if (d->unsettled)
        return deputy_complain(d, -EBUSY, c,
                               "its host has not yet taken it back, try later");
    int error = deputy_greet(d, to, &o.next, c);
    if (error)
        return error;
    error = deputy_put_body(d, o.next, BODY_ELSEWHERE);
    if (error)
        deputy_refused(d, error, &d->incoming, c);
    d->signals.held_back = true;
    d->moving = true;
    d->stays = false;
    uint64_t move_us = deputy_now_us();
    if (!error)
        error = deputy_put(d->link, RECORD_MOVE);
    if (!error)
        error = deputy_interrupt(d);
    if (!error)
        error = await_ready(&o);
    deputy_watch(d, -1);
    d->moving = false;
    bool went = !error;
    if (!error)
        error = go(&o);
    if (error) {
        d->signals.held_back = false;
        deputy_put_abort(o.next, -ECANCELED);
        link_destroy(o.next);
        if (!went && d->state == DEPUTY_AWAY && !d->stays) {
            deputy_put_abort(d->link, -ECANCELED);
            d->unsettled = true;
        }
        return error;
    }
    cost->total_us = deputy_now_us() - start_us;
    if (d->options.transfer.mode == TRANSFER_STOP)
        cost->freeze_us = deputy_now_us() - move_us;
    change_hosts(&o);
    if (d->incoming.kind == RECORD_REQUEST)
        error = deputy_call(d);
    return error == -EPIPE ? 0 : error;
}
