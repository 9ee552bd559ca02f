/* guest_leave.c - a body goes home or on to another host.
 *
 * It is kept, standing still, until home says that it has it: GONE. What breaks
 * before that leaves it here; ABORT lets it go on here.
 */
#include "guest_inside.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

enum {
    RETRY_FIRST_US = 20000,
    RETRY_LAST_US = 1000000,
    SETTLE_US = 250 * 1000,
    SETTLE_STEP_US = 1000,
};

int guest_may_leave(struct guest *g)
{
    uint64_t now_us = guest_now_us();
    if (now_us < g->retry_at_us ||
        (g->wanted == WANTED_HOME && now_us < g->wished_until_us))
        return 0;
    if (g->wanted == WANTED_HERE || g->phase != PHASE_RUNNING ||
        g->call.asked || g->mapping.is || g->leaving || g->fill)
        return 0; /* It waits for the last page, too. */
    if (g->wanted == WANTED_HOME)
        return guest_send(g, NULL);
    int error = guest_put_usage(g);
    g->event = GUEST_MOVE;
    return error ? error : 1;
}

/* ---- Records. ------------------------------------------------------------ */

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Its clocks: ours, or ours and a difference in its namespace. */
static int put_body(struct guest *g)
{
    struct wire_usage usage;
    struct wire_body message = g->about;
    bool own = (g->sandbox.missing & UINT32_C(1) << SANDBOX_TIME) == 0;
    guest_usage_of(g, &usage);
    message.flags = g->options.transfer.compress ? BODY_ZSTD : 0;
    message.memory_bytes = usage.resident_bytes;
    message.monotonic_ns =
        clock_ns(CLOCK_MONOTONIC) + (own ? g->monotonic_offset_ns : 0);
    message.boot_ns = clock_ns(CLOCK_BOOTTIME) + (own ? g->boot_offset_ns : 0);
    struct iovec part = {&message, sizeof message};
    int error = link_put(g->link, RECORD_BODY, &part, 1, false);
    return error;
}

/* Signals and registers, and how many of home's signals are among them. */
static int put_rest(struct guest *g, const struct stream *stream)
{
    struct wire_usage used;
    guest_usage_away(g, &used);
    struct wire_end last = {.signals_taken = g->signals_in_image,
                            .user_us = used.user_us,
                            .system_us = used.system_us,
                            .minor_faults = used.minor_faults};
    struct iovec image = {&g->image, sizeof g->image};
    struct iovec end = {&last, sizeof last};
    int error = pending_put(&g->image_pending, stream);
    if (!error)
        error = stream_put(stream, RECORD_IMAGE, &image, 1);
    return error ? error : stream_put(stream, RECORD_END, &end, 1);
}

/* ---- Rounds, while it runs and its calls are made. ----------------------- */

/* -EINTR: the rounds are over, since it waits for being home. -ECANCELED: it
 * does not go. */
static int between(void *context)
{
    struct guest *g = context;
    if (guest_step(g, 0, -1) != 0)
        g->has_event = true;
    if (g->has_event || g->abandoned || g->phase != PHASE_RUNNING)
        return -ECANCELED;
    return g->hurries ? -EINTR : 0;
}

/* What the rounds have sent may stand in buffers still, and would be taken
 * while the body stands still. */
static int settle(struct guest *g)
{
    uint64_t end_us = guest_now_us() + SETTLE_US;
    int error = link_ask_taken(g->link);
    while (!error && !link_was_taken(g->link) && guest_now_us() < end_us) {
        if (guest_step(g, SETTLE_STEP_US, -1) != 0)
            g->has_event = true;
        error = between(g);
    }
    return error;
}

/* Until home makes no call for it. One that waits is let go when something of
 * the image comes: a word that nothing was dropped. */
static int await_reply(struct guest *g, const struct stream *stream)
{
    const uint64_t none = 0;
    struct iovec part = {(void *)(uintptr_t)&none, sizeof none};
    int error = 0;
    g->still = true;
    if (g->call.asked && g->to_home)
        error = stream_put(stream, RECORD_DROPPED, &part, 1);
    while (!error && (g->call.asked || g->mapping.is)) {
        if (guest_step(g, UINT64_MAX, -1) != 0)
            g->has_event = true;
        if (g->has_event || g->abandoned || g->phase != PHASE_RUNNING)
            error = -ECANCELED;
    }
    g->still = false;
    return error;
}

/* Pre-copy if that is wished and can be. Not by soft bits, for which it would
 * have to be stopped in the middle of a call that home makes. */
static int prepare(struct guest *g, struct transfer **ret)
{
    struct transfer_limits limits = g->options.transfer;
    if (g->call.told || g->held)
        limits.mode = TRANSFER_STOP;
    limits.methods = 1U << DIRTY_BY_PROTECTION;
    int error = transfer_create(ret, &g->body, &limits);
    if (error == -ENOTSUP || error == -EMFILE) {
        limits.mode = TRANSFER_STOP;
        error = transfer_create(ret, &g->body, &limits);
    }
    return error;
}

/* ---- Standing still. ----------------------------------------------------- */

/* Signals that it has not been given yet travel with it, before and behind
 * those that wait in its kernel. */
static int take_image(struct guest *g)
{
    struct pending *waiting = &g->image_pending;
    struct pending first = g->arrived;
    struct pending rest = g->arrived;
    first.count = g->arrived_first;
    rest.signals += g->arrived_first;
    rest.count -= g->arrived_first;
    waiting->count = 0;
    int error = pending_append(waiting, &first);
    int take_error = image_take(&g->body, &g->image, waiting);
    if (!error)
        error = take_error;
    return error ? error : pending_append(waiting, &rest);
}

static int stand(struct guest *g)
{
    int error = guest_stop(g, -GUEST_RESTART);
    if (!error)
        error = guest_begin_call(g);
    if (error)
        return error;
    g->phase = PHASE_STANDING;
    g->signals_in_image = g->signal_count;
    error = take_image(g);
    if (!error)
        guest_wait_put(g);
    return error;
}

static int send_over(struct guest *g, const struct stream *stream)
{
    struct transfer *x;
    struct transfer_cost cost;
    int error = prepare(g, &x);
    if (error)
        return error;
    g->leaving = true;
    g->abandoned = g->hurries = g->has_event = false;
    error = transfer_rounds(x, stream, between, g);
    transfer_cost_of(x, &cost);
    if (!error && g->to_home && cost.rounds > 0)
        error = settle(g);
    if (!error || error == -EINTR)
        error = await_reply(g, stream);
    g->leaving = false;
    if (!error)
        error = stand(g);
    if (!error)
        error = transfer_rest(x, stream);
    transfer_destroy(x);
    if (!error)
        error = guest_put_usage(g); /* It was last said before the rounds. */
    return error ? error : put_rest(g, stream);
}

/* ---- What can go wrong. -------------------------------------------------- */

/* The stream failed, and nothing else. */
static bool is_cut(int error)
{
    return error == -EPIPE || error == -ECONNRESET || error == -ETIMEDOUT ||
           error == -ENODATA || error == -ENOTCONN || error == -EAGAIN;
}

static int cut(struct guest *g)
{
    if (g->cut)
        return 0;
    g->cut = true;
    g->event = GUEST_CUT;
    return 1;
}

/* It goes on here; a call that home alone can make tries again. */
static int go_on(struct guest *g)
{
    int error = g->phase == PHASE_STANDING ? guest_back(g) : 0;
    if (!error)
        error = guest_release(g);
    if (!error && g->call.told && !g->call.asked && !g->call.parked &&
        g->wanted == WANTED_HERE)
        error = guest_go_home_for(g);
    return error;
}

/* Other things came of it than that it was sent. */
static int given_up(struct guest *g)
{
    if (g->phase != PHASE_RUNNING)
        return g->has_event ? 1 : 0;
    if (!g->abandoned && g->to_home)
        g->wanted = WANTED_HOME; /* When there is a stream again. */
    int error = go_on(g);
    return error ? error : g->has_event ? 1 : 0;
}

/* It cannot be taken now, with more signals waiting than travel: soon again. */
static int later(struct guest *g)
{
    g->retry_us = g->retry_us == 0 ? RETRY_FIRST_US : 2 * g->retry_us;
    if (g->retry_us > RETRY_LAST_US)
        g->retry_us = RETRY_LAST_US;
    g->retry_at_us = guest_now_us() + g->retry_us;
    g->call.refused = 0;
    int error = g->phase == PHASE_STANDING ? guest_back(g) : 0;
    g->wanted = WANTED_HOME;
    return error;
}

static void tell_carried(const struct guest *g)
{
    const struct overseer *o = g->options.overseer;
    if (o && g->phase == PHASE_STANDING)
        o->carried(o->context);
}

static int send_home(struct guest *g)
{
    int error = guest_put_usage(g);
    if (!error)
        error = put_body(g);
    if (!error)
        error = send_over(g, link_stream(g->link));
    if (error == -ECANCELED)
        return given_up(g);
    if (is_cut(error)) {
        g->wanted = WANTED_HOME;
        return cut(g);
    }
    if (!error)
        g->retry_us = 0;
    if (!error)
        tell_carried(g);
    if (!error || error == -ESRCH || error == -EBADMSG)
        return error;
    return later(g);
}

/* ---- Onward; home must hear of us meanwhile. ----------------------------- */

struct beating
{
    struct guest *g;
    const struct stream *stream;
};

static int write_beating(void *context, const void *bytes, size_t count)
{
    const struct beating *b = context;
    link_beat(b->g->link);
    return b->stream->write(b->stream->context, bytes, count);
}

static int write_parts_beating(void *context,
                               const struct iovec *parts,
                               size_t count)
{
    const struct beating *b = context;
    link_beat(b->g->link);
    return b->stream->write_parts(b->stream->context, parts, count);
}

static int send_onward(struct guest *g, const struct stream *onward)
{
    struct beating beating = {g, onward};
    struct stream stream = *onward;
    stream.context = &beating;
    stream.write = write_beating;
    if (onward->write_parts)
        stream.write_parts = write_parts_beating;
    return send_over(g, &stream);
}

int guest_wish_home(struct guest *g)
{
    const struct overseer *o = g->options.overseer;
    if (!o || g->leaving)
        return guest_send(g, NULL);
    g->wanted = WANTED_HOME;
    g->wished_until_us = guest_now_us() + o->patience_us;
    o->wish_home(o->context);
    return 0;
}

int guest_send(struct guest *g, const struct stream *onward)
{
    assert(g->phase == PHASE_RUNNING);
    g->to_home = !onward;
    if (g->leaving) {
        g->hurries = true;
        return 0;
    }
    if (onward)
        return send_onward(g, onward);
    if (!g->cut && !g->fill && guest_now_us() >= g->retry_at_us)
        return send_home(g);
    g->wanted = WANTED_HOME;
    return 0;
}

int guest_send_again(struct guest *g)
{
    struct transfer *x;
    struct transfer_limits limits = g->options.transfer;
    limits.mode = TRANSFER_STOP;
    if (g->phase != PHASE_STANDING || !g->to_home)
        return 0;
    int error = transfer_create(&x, &g->body, &limits);
    if (error)
        return error;
    error = put_body(g);
    if (!error)
        error = transfer_rest(x, link_stream(g->link));
    transfer_destroy(x);
    if (!error)
        error = put_rest(g, link_stream(g->link));
    if (!error)
        tell_carried(g);
    return is_cut(error) ? cut(g) : error;
}

int guest_back(struct guest *g)
{
    int error = image_undo(&g->body, &g->image);
    g->phase = PHASE_RUNNING;
    g->wanted = WANTED_HERE;
    if (!error && g->arrived.count > 0 &&
        ptrace(PTRACE_INTERRUPT, g->body.pid, NULL, NULL) < 0)
        error = -errno;
    return error ? error : guest_continue(g, 0);
}

/* ---- To another host. ---------------------------------------------------- */

int guest_onward(struct guest *g,
                 const struct stream *to,
                 struct complaint *ret_complaint)
{
    if (g->phase != PHASE_RUNNING || g->wanted != WANTED_ONWARD)
        return -EINVAL;
    int error = guest_send(g, to);
    if (!error) {
        tell_carried(g);
        return 0;
    }
    complain(ret_complaint, error, "guest", 0, 0,
             "it was not sent to the next host: %s", strerror(-error));
    if (g->phase == PHASE_RUNNING || g->phase == PHASE_STANDING) {
        if (error != -ECANCELED)
            guest_put_abort(g, error);
        g->wanted = WANTED_HERE;
        int back = go_on(g);
        if (back < 0)
            guest_fail(g, back);
    }
    return error;
}

int guest_stay(struct guest *g, int error)
{
    if (g->wanted != WANTED_ONWARD)
        return 0; /* Home knows already. */
    g->wanted = WANTED_HERE;
    return guest_put_abort(g, error);
}
