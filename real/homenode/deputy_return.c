/* deputy_return.c - a body comes home. See deputy_inside.h.
 *
 * While it comes, the host keeps it, so whatever goes wrong here it is still
 * there: what has been received is thrown away and the stub goes on. Only when
 * all is in its place does the process go on here; GONE then tells the host,
 * and where that gets lost the host's lease does.
 */
#include "deputy_inside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "body.h"

enum { ANSWER_STEP_US = 100 * 1000 };

void deputy_forget_coming(struct deputy *d)
{
    struct coming *c = &d->coming;
    if (!c->is)
        return;
    receiver_finish(&c->receiver);
    *c = (struct coming){0};
    if (stub_hold(&d->stub, &d->tracee) == 0) {
        deputy_take_signals(d);
        stub_empty(&d->stub, &d->tracee, &d->kept);
        stub_go_on(&d->stub, &d->tracee);
    }
}

/* It stays where it is: this image cannot be had. 2: the caller is told. */
static int decline(struct deputy *d, int error)
{
    deputy_complain(d, error, &d->why, "it cannot come home: %s",
                    strerror(-error));
    deputy_forget_coming(d);
    d->declines = d->incoming.kind != RECORD_END;
    d->recalled = false;
    d->unsettled = true;
    int put_error = deputy_put_abort(d->link, error);
    return put_error == -EPIPE ? -EPIPE : 2;
}

/* They are there already, as a part of the stack. */
static int has_strings(struct deputy *d)
{
    const struct maps *strings = &d->stub.strings;
    struct maps *maps = &d->coming.receiver.maps;
    if (strings->count == 0)
        return 0;
    maps->maps = calloc(1, sizeof maps->maps[0]);
    if (!maps->maps)
        return -ENOMEM;
    maps->maps[0] = strings->maps[0];
    maps->count = 1;
    return 0;
}

static int begin(struct deputy *d)
{
    struct coming *c = &d->coming;
    struct wire_body body;
    int error = wire_take(&d->incoming, &body, sizeof body);
    if (!error && d->owes)
        error = -EBADMSG; /* It has not all that it says it sends. */
    if (!error && d->keeps_memory)
        error = deputy_end_call(d);
    if (!error)
        error = deputy_give_back(d);
    if (error)
        return error;
    deputy_forget_coming(d); /* One begun before, on a stream that broke. */
    d->declines = false;
    d->image_pending.count = 0;
    error =
        receiver_init(&c->receiver, &d->tracee, (body.flags & BODY_ZSTD) != 0);
    if (error)
        return error;
    c->is = true;
    c->body_us = deputy_now_us();
    c->receiver.kept = &d->kept;
    return has_strings(d);
}

/* The stub is needed for memory now: a call that it waits in returns before. */
int deputy_end_call(struct deputy *d)
{
    int error = deputy_interrupt(d);
    while (!error && d->in_call) {
        if (!window_wait(&d->stub.window, 0, CALL_SLEEP_US))
            error = deputy_stops(d);
        if (!error)
            error = deputy_reply(d);
        if (!error)
            error = deputy_interrupt_again(d);
    }
    return error;
}

/* While it is laid out all of it is writable and there is a window beside it,
 * which must not count against the limits that it was within. */
static const enum __rlimit_resource lifted[] = {RLIMIT_DATA, RLIMIT_AS};
enum { LIFTED = sizeof lifted / sizeof lifted[0] };

static void lift_limits(pid_t pid, struct rlimit ret_before[LIFTED])
{
    for (int i = 0; i < LIFTED; i++) {
        struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
        if (prlimit(pid, lifted[i], &most, &ret_before[i]) == 0 ||
            prlimit(pid, lifted[i], NULL, &ret_before[i]) < 0)
            continue;
        most.rlim_cur = most.rlim_max = ret_before[i].rlim_max;
        prlimit(pid, lifted[i], &most, NULL);
    }
}

static int take_maps(struct deputy *d)
{
    struct rlimit before[LIFTED];
    pid_t pid = d->tracee.pid;
    lift_limits(pid, before);
    int error = receiver_take(&d->coming.receiver, &d->incoming);
    for (int i = 0; i < LIFTED; i++)
        if (prlimit(pid, lifted[i], &before[i], NULL) < 0 && !error)
            error = -errno;
    return error;
}

static int take_memory(struct deputy *d)
{
    struct coming *c = &d->coming;
    c->bytes += d->incoming.bytes;
    if (d->incoming.kind == RECORD_MAPS) {
        c->rest_us = deputy_now_us();
        c->rounds++;
    }
    int error = deputy_end_call(d);
    if (!error)
        error = stub_hold(&d->stub, &d->tracee);
    if (error)
        return error;
    deputy_take_signals(d);
    return d->incoming.kind == RECORD_MAPS
               ? take_maps(d)
               : receiver_take(&c->receiver, &d->incoming);
}

static int take_image(struct deputy *d)
{
    struct image *image = &d->image;
    uint64_t vvar_start = image->vvar_start;
    uint64_t vdso_start = image->vdso_start;
    uint64_t vdso_end = image->vdso_end;
    if (d->incoming.bytes != sizeof *image)
        return -EBADMSG;
    memcpy(image, d->incoming.body, sizeof *image);
    if (image_check(image))
        return -EBADMSG;
    d->coming.has_image = true;
    bool same = image->vvar_start == vvar_start &&
                image->vdso_start == vdso_start && image->vdso_end == vdso_end;
    return same ? 0 : -EBADMSG;
}

/* ITIMER_REAL rang at home all the time. */
static int take_timer(const struct tracee *t, struct image_timer *ret)
{
    uint64_t at = tracee_room(t);
    struct tracee_call ask = {SYS_getitimer, {ITIMER_REAL, at, 0, 0, 0, 0}, 0};
    int error = tracee_run(t, &ask, 1);
    if (!error)
        error = tracee_read(t, at, ret, sizeof *ret);
    image_timer_repeat(ret);
    return error;
}

/* Its last stop in another's hands. */
static int put_back(struct deputy *d)
{
    struct tracee *t = &d->tracee;
    struct image *image = &d->image;
    int error = take_timer(t, &image->timers[ITIMER_REAL]);
    if (!error)
        error = body_protect(t, &d->coming.receiver.maps);
    image_wait_note(&d->wait, image);
    if (!error)
        error = image_put(t, image, &d->image_pending);
    return error ? error : image_put_poll(t, image);
}

static int go_on(struct deputy *d)
{
    struct tracee *t = &d->tracee;
    int error = stub_finish(&d->stub, t);
    if (!error && ptrace(PTRACE_SETOPTIONS, t->pid, NULL, 0UL) < 0)
        error = -errno;
    return error ? error : image_start(t, &d->image);
}

static void account(struct deputy *d)
{
    struct coming *c = &d->coming;
    uint64_t now = deputy_now_us();
    d->cost_home = (struct deputy_cost){
        .freeze_us = now - c->rest_us,
        .total_us = now - c->body_us,
        .transfer = {.sent_bytes = c->bytes, .rounds = c->rounds}};
    d->account.home_call = d->recalled ? -1 : (int64_t)d->image.registers.rax;
    d->account.moves++;
    d->why = (struct complaint){0};
}

/* Whether it may go on here. All of it is here, so its host and the way there
 * may be gone by now. */
static int await_permission(struct deputy *d)
{
    const struct overseer *o = d->options.overseer;
    if (!o)
        return 0;
    uint64_t end_us = deputy_now_us() + o->patience_us;
    o->whole(o->context);
    int answer = o->answer(o->context);
    while (answer == -EAGAIN && deputy_now_us() < end_us) {
        int error =
            link_get(d->link, &d->incoming, ANSWER_STEP_US, o->wait_on, NULL);
        answer = o->answer(o->context);
        if (error == -EPIPE || error == -ETIMEDOUT)
            poll(&(struct pollfd){.fd = o->wait_on, .events = POLLIN}, 1,
                 ANSWER_STEP_US / 1000);
    }
    d->incoming.kind = RECORD_END;
    return answer == -EAGAIN ? -ETIMEDOUT : answer;
}

static int end(struct deputy *d)
{
    struct wire_end end;
    struct coming *c = &d->coming;
    if (d->incoming.bytes != sizeof end || !c->has_image || !d->stub.held)
        return -EBADMSG;
    memcpy(&end, d->incoming.body, sizeof end);
    if (end.signals_taken > d->signals.sent_count)
        return -EBADMSG;
    int error = deputy_add_signals(d, end.signals_taken, &d->image_pending);
    d->image.stopped = d->image.stopped || d->stub.listens;
    if (!error)
        error = await_permission(d);
    if (!error)
        error = put_back(d);
    if (error)
        return decline(d, error);
    error = go_on(d);
    if (error)
        return error;
    account(d);
    receiver_finish(&c->receiver);
    *c = (struct coming){0};
    deputy_put(d->link, RECORD_GONE); /* Or the host's lease tells it. */
    return 1;
}

int deputy_receive(struct deputy *d)
{
    int error = 0;
    if (d->incoming.kind == RECORD_BODY)
        return begin(d);
    if (!d->coming.is) {
        bool declined = d->declines;
        d->declines = declined && d->incoming.kind != RECORD_END;
        return declined ? 0 : -EBADMSG;
    }
    switch (d->incoming.kind) {
        case RECORD_PENDING:
            error = d->image_pending.count > 0
                        ? -EBADMSG
                        : pending_take(&d->image_pending, &d->incoming);
            break;
        case RECORD_IMAGE:
            error = take_image(d);
            break;
        case RECORD_END:
            return end(d);
        default:
            error = take_memory(d);
    }
    return error == -EADDRINUSE || error == -ENOMEM ? decline(d, error) : error;
}
