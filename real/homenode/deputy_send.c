/* deputy_send.c - a process that is at home goes away. See deputy_inside.h.
 *
 * Until GO the process here is whole and only stands still. After GO, without
 * RUNNING, nobody has seen anything of the body that may run there, since no
 * request of it has been answered: the process goes on here, and the next epoch
 * fences what runs there. Only RUNNING, or a request, which says the same,
 * makes the memory here worthless.
 */
#include "deputy_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "hello.h"
#include "movable.h"

enum {
    SETTLE_US = 250 * 1000,
    SETTLE_STEP_US = 1000,
    READY_STEP_US = 100 * 1000,
};

static const char stopped[] = "job control has stopped it, let it go on first";

static const char no_postcopy[] =
    "the host cannot run it without all its pages: it needs /dev/userfaultfd "
    "(Linux 6.1) and the right to open it; move it with --mode precopy or stop";

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int deputy_refused(const struct deputy *d,
                   int error,
                   const struct incoming *incoming,
                   struct complaint *c)
{
    struct wire_abort message;
    if (error == 0 && incoming->kind == RECORD_ABORT &&
        wire_take(incoming, &message, sizeof message) == 0)
        return deputy_complain(d, -ECONNABORTED, c, "the host refused it: %s",
                               strerror(-message.error));
    if (error == 0 || error == -EBADMSG)
        return deputy_complain(d, -EBADMSG, c,
                               "the host sent what no honest one sends");
    if (error == -EAGAIN || error == -ETIMEDOUT)
        return deputy_complain(d, -ETIMEDOUT, c,
                               "the host said nothing for too long");
    return deputy_complain(d, error, c, "the way to the host broke: %s",
                           strerror(-error));
}

int deputy_hear(struct deputy *d, struct link *link, uint64_t wait_us)
{
    enum { STEPS_OF_LEASE = 20 };
    uint64_t step_us = d->options.lease_us / STEPS_OF_LEASE;
    uint64_t end_us = deputy_now_us() + wait_us;
    int error = -EAGAIN;
    if (!d->link)
        return link_get(link, &d->incoming, wait_us, -1, NULL);
    while (error == -EAGAIN && deputy_now_us() < end_us) {
        error = link_get(link, &d->incoming, step_us, -1, NULL);
        link_beat(d->link);
    }
    return error;
}

int deputy_greet(struct deputy *d,
                 const struct stream *to,
                 struct link **ret,
                 struct complaint *ret_complaint)
{
    struct wire_hello ours = {0};
    struct wire_hello theirs;
    struct iovec part = {&ours, sizeof ours};
    struct link *link = NULL;
    int error = hello_make(&ours);
    if (!error)
        error = link_create(&link, to, LINK_AT_HOME);
    if (error)
        return deputy_complain(d, error, ret_complaint, "%s", strerror(-error));
    link_set_lease(link, d->options.lease_us);
    link_set_epoch(link, d->epoch);
    error = link_put(link, RECORD_HELLO, &part, 1, false);
    if (!error)
        error = deputy_hear(d, link, d->options.lease_us);
    if (error || d->incoming.kind != RECORD_HELLO ||
        wire_take(&d->incoming, &theirs, sizeof theirs) != 0) {
        error = deputy_refused(d, error, &d->incoming, ret_complaint);
        link_destroy(link);
        return error;
    }
    const char *wrong = hello_wrong(&theirs);
    if (!wrong)
        wrong = hello_misfit(&ours, &theirs);
    if (wrong) {
        deputy_put_abort(link, -EXDEV);
        link_destroy(link);
        return deputy_complain(d, -EXDEV, ret_complaint,
                               "the host cannot run it: %s", wrong);
    }
    d->host_facilities = theirs.facilities;
    *ret = link;
    return 0;
}

static uint64_t resident_bytes(pid_t pid)
{
    char path[32];
    unsigned long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * TRACEE_PAGE_BYTES;
}

int deputy_put_body(struct deputy *d, struct link *link, uint32_t flags)
{
    struct stat process = {0};
    char path[32];
    snprintf(path, sizeof path, "/proc/%d", d->tracee.pid);
    if (stat(path, &process) < 0)
        return -errno;
    struct wire_body body = {
        .home_pid = d->tracee.pid,
        .flags = flags,
        .memory_bytes = d->state == DEPUTY_AWAY
                            ? d->account.usage.resident_bytes
                            : resident_bytes(d->tracee.pid),
        .monotonic_ns = (int64_t)clock_ns(CLOCK_MONOTONIC),
        .boot_ns = (int64_t)clock_ns(CLOCK_BOOTTIME),
        .uid = (int32_t)process.st_uid,
        .gid = (int32_t)process.st_gid,
    };
    struct iovec part = {&body, sizeof body};
    return link_put(link, RECORD_BODY, &part, 1, false);
}

static uint64_t cpu_us(pid_t pid)
{
    struct timespec used = {0};
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &used);
    return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

int deputy_put_go(const struct deputy *d, struct link *link)
{
    static const enum __rlimit_resource which[WIRE_LIMITS] = {
        RLIMIT_STACK, RLIMIT_DATA, RLIMIT_AS, RLIMIT_CPU};
    struct wire_go go = {.home_cpu_us = cpu_us(d->tracee.pid)};
    struct iovec part = {&go, sizeof go};
    for (int i = 0; i < WIRE_LIMITS; i++) {
        struct rlimit limit;
        if (prlimit(d->tracee.pid, which[i], NULL, &limit) < 0)
            return -errno;
        go.limits[i] = limit.rlim_cur;
    }
    return link_put(link, RECORD_GO, &part, 1, true);
}

/* ---- The steps. ---------------------------------------------------------- */

/* What sending needs, apart from the deputy. */
struct sending
{
    struct deputy *d;
    struct link *link;
    struct transfer *transfer;
    struct deputy_cost *cost;
    struct complaint *complaint;
    bool stopped; /* It stands still, */
    bool taken;   /* and image_take() was tried. */
    uint64_t stopped_us;
    uint64_t ready_us;
};

static bool is_stopped(pid_t pid)
{
    char path[32];
    char text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t bytes = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[bytes] = 0;
    const char *rest = strrchr(text, ')');
    return rest && strncmp(rest, ") T", 3) == 0;
}

int deputy_obstacles(const struct deputy *d, uint32_t *ret_obstacles)
{
    struct maps maps;
    int error = maps_read(&maps, d->tracee.pid);
    if (error)
        return error;
    error = movable_obstacles(d->tracee.pid, &maps, d->options.filter_count,
                              ret_obstacles);
    maps_finish(&maps);
    return error;
}

/* Apart from those obstacles. */
static int check_obstacles(const struct deputy *d,
                           uint32_t apart,
                           struct complaint *c)
{
    uint32_t obstacles;
    int error = deputy_obstacles(d, &obstacles);
    if (error)
        return deputy_complain(d, error, c, "it cannot be looked at: %s",
                               strerror(-error));
    for (int i = 0; i < OBSTACLE_KINDS; i++)
        if (obstacles & ~apart & (UINT32_C(1) << i))
            return deputy_complain(d, -EPERM, c, "%s",
                                   movable_text((enum obstacle)i));
    return 0;
}

static int check_movable(const struct deputy *d, struct complaint *c)
{
    return is_stopped(d->tracee.pid)
               ? deputy_complain(d, -EPERM, c, "%s", stopped)
               : check_obstacles(d, 0, c);
}

/* While the rounds go on it runs and is traced: it takes its signals. */
static int pass_signals(struct deputy *d)
{
    int status;
    int error = 0;
    while (!error && tracee_take_stop(d->tracee.pid, &status)) {
        long done = status >> 16 == 0 ? ptrace(PTRACE_CONT, d->tracee.pid, NULL,
                                               (long)WSTOPSIG(status))
                    : WSTOPSIG(status) == SIGTRAP
                        ? ptrace(PTRACE_CONT, d->tracee.pid, NULL, 0UL)
                        : ptrace(PTRACE_LISTEN, d->tracee.pid, NULL, NULL);
        error = done < 0 ? -errno : 0;
    }
    return tracee_died(d->tracee.pid) ? -ESRCH : error == -ESRCH ? 0 : error;
}

bool deputy_is_cancelled(const struct deputy *d)
{
    const struct overseer *o = d->options.overseer;
    return o && o->is_cancelled(o->context);
}

static int between(void *context)
{
    struct sending *s = context;
    int error = pass_signals(s->d);
    if (!error && deputy_is_cancelled(s->d))
        error = -ECANCELED;
    if (error)
        return error;
    error = link_get(s->link, &s->d->incoming, 0, -1, NULL);
    return error == -EAGAIN ? 0 : error ? error : -ECONNABORTED;
}

/* What the rounds have sent may stand in buffers still, and would be taken
 * while the process stands still. A host that is slower has to be waited for
 * either way. */
static int settle(struct sending *s)
{
    uint64_t end_us = deputy_now_us() + SETTLE_US;
    int error = link_ask_taken(s->link);
    while (!error && !link_was_taken(s->link) && deputy_now_us() < end_us) {
        error = pass_signals(s->d);
        if (!error)
            error =
                link_get(s->link, &s->d->incoming, SETTLE_STEP_US, -1, NULL);
        error = error == -EAGAIN ? 0 : error ? error : -ECONNABORTED;
    }
    return error;
}

static int do_rounds(struct sending *s)
{
    struct deputy *d = s->d;
    int error = transfer_create(&s->transfer, &d->tracee, &d->options.transfer);
    if (error == -ENOTSUP)
        return deputy_complain(d, error, s->complaint,
                               "this kernel cannot tell which pages were "
                               "written, move it with --mode stop or postcopy");
    if (!error && transfer_has_rounds(d->options.transfer.mode)) {
        error = transfer_rounds(s->transfer, link_stream(s->link), between, s);
        if (!error)
            error = settle(s);
    }
    if (error == -ESRCH)
        return deputy_complain(d, error, s->complaint, "it ended meanwhile");
    if (error == -ECANCELED)
        return deputy_complain(d, error, s->complaint, "it was not to go");
    return error ? deputy_refused(d, error, &d->incoming, s->complaint) : 0;
}

static int put_image(const struct deputy *d, struct link *link)
{
    struct image out = d->image;
    out.timers[ITIMER_REAL] = (struct image_timer){0};
    const struct wire_usage *used = &d->account.usage;
    struct wire_end end = {.user_us = used->user_us,
                           .system_us = used->system_us,
                           .minor_faults = used->minor_faults};
    struct iovec part = {&out, sizeof out};
    struct iovec last = {&end, sizeof end};
    int error = pending_put(&d->image_pending, link_stream(link));
    if (!error)
        error = stream_put(link_stream(link), RECORD_IMAGE, &part, 1);
    return error ? error : stream_put(link_stream(link), RECORD_END, &last, 1);
}

/* What remains of its memory, or a list of it. */
static int put_rest(struct sending *s)
{
    struct deputy *d = s->d;
    const struct stream *stream = link_stream(s->link);
    struct runs hot = {0};
    struct runs owed = {0};
    if (!transfer_may_owe(d->options.transfer.mode))
        return transfer_rest(s->transfer, stream);
    int error = deputy_hot_pages(&d->image, &hot);
    if (!error)
        error = transfer_rest_owed(s->transfer, stream, &hot, &owed);
    if (!error && owed.count > 0) {
        error = served_begin(&d->served, d->tracee.pid, &owed);
        d->owes = d->keeps_memory = !error;
        d->stopped_us = s->stopped_us;
    }
    runs_finish(&hot);
    runs_finish(&owed);
    return error;
}

/* Stop it, and send the rest. */
static int do_rest(struct sending *s)
{
    struct deputy *d = s->d;
    s->stopped_us = deputy_now_us();
    int error = tracee_stop(&d->tracee);
    s->stopped = !error;
    /* What it has begun since the first look. */
    if (!error && (error = check_obstacles(d, UINT32_C(1) << OBSTACLE_TRACED,
                                           s->complaint)) != 0)
        return error;
    if (!error) {
        s->taken = true;
        d->image_pending.count = 0;
        error = image_take(&d->tracee, &d->image, &d->image_pending);
        image_wait_use(&d->wait, &d->image);
    }
    if (!error && d->tracee.stopped)
        return deputy_complain(d, -EPERM, s->complaint, "%s", stopped);
    if (error)
        return deputy_complain(d, error, s->complaint,
                               "its registers cannot be taken: %s",
                               strerror(-error));
    s->cost->take_us = deputy_now_us() - s->stopped_us;
    error = put_rest(s);
    if (!error)
        error = put_image(d, s->link);
    transfer_cost_of(s->transfer, &s->cost->transfer);
    transfer_destroy(s->transfer);
    s->transfer = NULL;
    s->ready_us = deputy_now_us();
    s->cost->memory_us = s->ready_us - s->stopped_us - s->cost->take_us;
    return error ? deputy_refused(d, error, &d->incoming, s->complaint) : 0;
}

/* While the host puts it together. */
static int do_stub(struct sending *s)
{
    struct deputy *d = s->d;
    struct tracee *t = &d->tracee;
    struct maps maps;
    int error = maps_read(&maps, t->pid);
    if (!error) {
        error = stub_prepare(&d->stub, t, &maps, &d->image);
        maps_finish(&maps);
    }
    if (error == -EMFILE)
        return deputy_complain(d, error, s->complaint,
                               "it has not one descriptor left, which it needs "
                               "for a moment");
    return error ? deputy_complain(d, error, s->complaint,
                                   "what stays here of it cannot be made: %s",
                                   strerror(-error))
                 : 0;
}

/* As link_get(). The host may have to ask whether it may, which takes its time;
 * here that may be over sooner. */
static int hear_ready(const struct sending *s)
{
    struct deputy *d = s->d;
    const struct overseer *o = d->options.overseer;
    int error = -EAGAIN;
    if (!o)
        return link_get(s->link, &d->incoming, d->options.lease_us, -1, NULL);
    o->carried(o->context);
    while (error == -EAGAIN && !deputy_is_cancelled(d))
        error =
            link_get(s->link, &d->incoming, READY_STEP_US, o->wait_on, NULL);
    return error == -EAGAIN ? -ECANCELED : error;
}

static int do_go(struct sending *s)
{
    struct deputy *d = s->d;
    uint64_t lease_us = d->options.lease_us;
    int error = hear_ready(s);
    if (error == -ECANCELED)
        return deputy_complain(d, error, s->complaint, "it was not to go");
    if (error || d->incoming.kind != RECORD_READY)
        return deputy_refused(d, error, &d->incoming, s->complaint);
    s->cost->ready_us = deputy_now_us() - s->ready_us;
    d->epoch++;
    link_set_epoch(s->link, d->epoch);
    error = deputy_put_go(d, s->link);
    if (!error)
        error = link_get(s->link, &d->incoming, lease_us, -1, NULL);
    bool runs = !error && (d->incoming.kind == RECORD_RUNNING ||
                           d->incoming.kind == RECORD_REQUEST);
    if (runs)
        return 0;
    d->epoch++;
    link_set_epoch(s->link, d->epoch);
    return deputy_refused(d, error, &d->incoming, s->complaint);
}

/* It is away: what is here becomes a stub. Signals that were taken on the way
 * to the stop are in the image. */
static int become_stub(struct sending *s)
{
    struct deputy *d = s->d;
    struct map map = {.start = d->stub.window.at,
                      .end = window_end(&d->stub.window)};
    d->kept.maps = calloc(1, sizeof map);
    if (!d->kept.maps)
        return -ENOMEM;
    d->kept.maps[0] = map;
    d->kept.count = 1;
    d->kept.vvar_start = d->image.vvar_start;
    d->kept.vdso_start = d->image.vdso_start;
    d->kept.vdso_end = d->image.vdso_end;
    size_t taken = d->tracee.signal_count;
    d->tracee.signal_count = 0;
    deputy_forget_signals(d);
    d->link = s->link;
    d->state = DEPUTY_AWAY;
    int error = deputy_take_pending(d, taken);
    return error ? error : stub_start(&d->stub, &d->tracee, &d->image, d->owes);
}

/* Its first request may have come instead of RUNNING. */
static int start_away(struct sending *s)
{
    struct deputy *d = s->d;
    enum deputy_event event;
    int error = become_stub(s);
    if (!error && d->incoming.kind == RECORD_REQUEST)
        error = deputy_call(d);
    if (error == 0 || error == -EPIPE || error == -ESRCH)
        return 0; /* deputy_serve() tells what became of it. */
    deputy_lose(d, &event, strerror(-error));
    *s->complaint = d->why;
    return error;
}

/* It goes on here as if nothing had been. */
static void give_up(struct sending *s)
{
    struct deputy *d = s->d;
    struct tracee *t = &d->tracee;
    deputy_put_abort(s->link, -ECANCELED);
    served_end(&d->served);
    d->owes = d->keeps_memory = false;
    transfer_destroy(s->transfer);
    if (d->stub.window.bytes)
        stub_cancel(&d->stub, t);
    if (s->taken)
        image_resume(t, &d->image);
    else if (s->stopped || tracee_stop(t) == 0) {
        for (size_t i = 0; i < t->signal_count; i++)
            kill(t->pid, t->signals[i].si_signo);
        tracee_let_go(t);
    }
    if (tracee_died(t->pid)) {
        tracee_bury(t->pid);
        d->state = DEPUTY_ENDED;
    }
    *t = (struct tracee){.pid = t->pid};
    link_destroy(s->link);
}

static int send_from_home(struct deputy *d,
                          const struct stream *to,
                          struct deputy_cost *cost,
                          struct complaint *c)
{
    struct sending s = {.d = d, .cost = cost, .complaint = c};
    uint64_t start_us = deputy_now_us();
    bool may_owe = transfer_may_owe(d->options.transfer.mode);
    int error = check_movable(d, c);
    if (!error)
        error = deputy_greet(d, to, &s.link, c);
    if (error)
        return error;
    if (may_owe && !(d->host_facilities & FACILITY_POSTCOPY)) {
        deputy_put_abort(s.link, -EOPNOTSUPP);
        link_destroy(s.link);
        return deputy_complain(d, -EOPNOTSUPP, c, "%s", no_postcopy);
    }
    error = tracee_seize(&d->tracee, d->tracee.pid, 0);
    if (error) {
        link_destroy(s.link);
        return deputy_complain(d, error, c, "it cannot be traced: %s",
                               strerror(-error));
    }
    error = deputy_put_body(d, s.link, may_owe ? BODY_POSTCOPY : 0);
    if (error)
        deputy_refused(d, error, &d->incoming, c);
    if (!error)
        error = do_rounds(&s);
    if (!error)
        error = do_rest(&s);
    if (!error)
        error = do_stub(&s);
    if (!error)
        error = do_go(&s);
    if (error) {
        give_up(&s);
        return error;
    }
    cost->freeze_us = deputy_now_us() - s.stopped_us;
    cost->total_us = deputy_now_us() - start_us;
    d->account.moves++;
    d->why = (struct complaint){0};
    return start_away(&s);
}

int deputy_send(struct deputy *d,
                const struct stream *to,
                struct deputy_cost *ret_cost,
                struct complaint *ret_complaint)
{
    struct deputy_cost cost = {0};
    int error = -EINVAL;
    if (d->state == DEPUTY_HOME)
        error = send_from_home(d, to, &cost, ret_complaint);
    else if (d->state == DEPUTY_AWAY && !d->cut)
        error = deputy_send_onward(d, to, &cost, ret_complaint);
    else
        deputy_complain(d, error, ret_complaint,
                        d->cut ? "its host is not heard" : "it has ended");
    if (!error)
        *ret_cost = cost;
    return error;
}
