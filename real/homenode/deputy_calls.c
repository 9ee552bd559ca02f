/* deputy_calls.c - makes at home the calls that a body asks for. See
 * deputy_inside.h.
 *
 * A request is checked against the table of calls before anything of it is
 * used; all its memory is in the window. The process itself makes the call, so
 * the kernel allows what it allows this process, no more.
 */
#include "deputy_inside.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

enum {
    INTERRUPTED_NO_HANDLER = 514, /* The kernel's own: begin again. */
    LARGE_BYTES = 64 * 1024,
};

/* Some calls that wait (epoll_wait, semop) say that a signal interrupted them
 * when a tracer did, or a signal that the body ignores. To begin them again
 * unless a handler runs is the same for those it interrupted. */
static int64_t result_of(const struct deputy *d, int64_t result)
{
    const struct call *call = call_of(d->asked.request.number);
    return result == -EINTR && call && call->waits ? -INTERRUPTED_NO_HANDLER
                                                   : result;
}

/* The rest of a timeout that has begun before. */
static void keep_timeout(struct deputy *d, uint64_t arguments[6])
{
    enum { TIMEOUT = 3, US_PER_MS = 1000 };
    const struct wire_request *asked = &d->asked.request;
    struct waiting *w = &d->waiting;
    int timeout_ms = (int)asked->arguments[TIMEOUT];
    bool again =
        w->again && w->number == asked->number &&
        memcmp(w->arguments, asked->arguments, sizeof w->arguments) == 0;
    w->again = false;
    w->number = 0;
    if ((asked->number != SYS_epoll_wait && asked->number != SYS_epoll_pwait) ||
        timeout_ms <= 0)
        return;
    uint64_t now = deputy_now_us();
    w->number = asked->number;
    memcpy(w->arguments, asked->arguments, sizeof w->arguments);
    if (!again)
        w->until_us = now + (uint64_t)timeout_ms * US_PER_MS;
    arguments[TIMEOUT] =
        w->until_us > now ? (w->until_us - now + US_PER_MS - 1) / US_PER_MS : 0;
}

int deputy_reply(struct deputy *d)
{
    struct wire_reply reply = {0};
    if (!window_done(&d->stub.window, &reply.result))
        return 0;
    reply.result = result_of(d, reply.result);
    d->waiting.again = reply.result <= -512 && reply.result >= -516 &&
                       d->waiting.number == d->asked.request.number;
    d->in_call = false;
    d->interrupts = false;
    d->quick = true;
    size_t bytes = call_collect(&d->asked, window_room(&d->stub.window),
                                reply.result, d->tail, TAIL_BYTES);
    struct iovec parts[] = {{&reply, sizeof reply}, {d->tail, bytes}};
    int error = link_put(d->link, RECORD_REPLY, parts, bytes > 0 ? 2 : 1, true);
    if (bytes > LARGE_BYTES || d->asked.data_bytes > LARGE_BYTES) {
        d->large = true;
        d->trimmed_us = deputy_now_us();
    }
    return error;
}

static int prepare(struct deputy *d, uint64_t ret_arguments[6])
{
    int error =
        d->in_call ? -EBADMSG : wire_take_request(&d->incoming, &d->asked);
    if (!error && call_wrong(&d->asked))
        error = -EBADMSG;
    if (error)
        return error;
    return call_place(&d->asked, window_room(&d->stub.window),
                      window_room_at(&d->stub.window), WINDOW_ROOM_BYTES,
                      ret_arguments);
}

static void count(struct deputy *d, int64_t number)
{
    d->account.calls++;
    if (number >= 0 && number < DEPUTY_CALLS_MAX)
        d->account.calls_by_number[number]++;
}

/* It crossed what makes its body stop waiting: a signal, or a way elsewhere. */
static bool is_unwelcome(const struct deputy *d)
{
    return d->recalled || d->moving ||
           d->asked.request.head.seen < d->signals.last_sequence;
}

int deputy_call(struct deputy *d)
{
    uint64_t arguments[6];
    int64_t number;
    int error = stub_go_on(&d->stub, &d->tracee);
    if (!error)
        error = prepare(d, arguments);
    if (error == -E2BIG)
        error = -EBADMSG;
    if (error)
        return error;
    number = d->asked.request.number;
    const struct call *call = call_of(number);
    uint64_t mask = call && call->waits ? d->asked.request.signal_mask : 0;
    count(d, number);
    if (call && call->special == SPECIAL_EXECUTE) {
        error = deputy_before_execute(d);
        mask = d->asked.request.signal_mask;
        if (error)
            return error;
    }
    if (number == SYS_exit)
        number = SYS_exit_group; /* It has one thread. */
    keep_timeout(d, arguments);
    d->in_call = true;
    window_begin(&d->stub.window, number, arguments, mask);
    if (!window_wait(&d->stub.window, d->options.spin_us, CALL_SLEEP_US))
        return is_unwelcome(d) ? deputy_interrupt(d) : 0;
    return deputy_reply(d);
}

int deputy_interrupt_again(struct deputy *d)
{
    if (!d->in_call || !d->interrupts || d->stub.held || d->stub.listens)
        return 0;
    return ptrace(PTRACE_INTERRUPT, d->tracee.pid, NULL, NULL) < 0 ? -errno : 0;
}

int deputy_interrupt(struct deputy *d)
{
    if (!d->in_call || d->stub.held)
        return 0;
    d->interrupts = true;
    return deputy_interrupt_again(d);
}
