/* deputy.c - the life of a deputy, and its loop. See deputy.h. */
#include "deputy_inside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIM_US = 1000 * 1000, /* Large calls are over for so long. */
};

uint64_t deputy_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int deputy_complain(const struct deputy *d,
                    int error,
                    struct complaint *c,
                    const char *text,
                    ...)
{
    char process[32];
    char filled[sizeof c->text];
    va_list list;
    va_start(list, text);
    vsnprintf(filled, sizeof filled, text, list);
    va_end(list);
    snprintf(process, sizeof process, "process %d", d->tracee.pid);
    return complain(c, error, process, 0, 0, "%s", filled);
}

int deputy_put(struct link *link, enum record_kind kind)
{
    struct wire_head head;
    struct iovec part = {&head, sizeof head};
    return link_put(link, kind, &part, 1, true);
}

int deputy_put_abort(struct link *link, int error)
{
    struct wire_abort message = {.error = error};
    struct iovec part = {&message, sizeof message};
    return link_put(link, RECORD_ABORT, &part, 1, true);
}

/* ---- Life. --------------------------------------------------------------- */

static int open_watch(struct deputy *d)
{
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    d->children = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    d->watch = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (d->children < 0 || d->watch < 0 ||
        epoll_ctl(d->watch, EPOLL_CTL_ADD, d->children, &event) < 0)
        return -errno;
    return 0;
}

int deputy_create(struct deputy **ret,
                  pid_t pid,
                  const struct deputy_options *options,
                  struct complaint *ret_complaint)
{
    struct deputy *d = calloc(1, sizeof *d);
    if (!d)
        return complain(ret_complaint, -ENOMEM, NULL, 0, 0, "no memory");
    d->options = *options;
    if (d->options.lease_us == 0)
        d->options.lease_us = LINK_LEASE_US;
    d->tracee.pid = pid;
    d->watch = d->children = -1;
    d->account.home_call = -1;
    d->wake = -1;
    d->tail = malloc(TAIL_BYTES);
    int error = d->tail ? open_watch(d) : -ENOMEM;
    if (error)
        deputy_complain(d, error, ret_complaint, "it cannot be watched: %s",
                        strerror(-error));
    else if (kill(pid, 0) < 0)
        error = deputy_complain(d, -errno, ret_complaint,
                                "there is none that may be moved: %s",
                                strerror(errno));
    if (error) {
        deputy_destroy(d);
        return error;
    }
    *ret = d;
    return 0;
}

void deputy_leave(struct deputy *d)
{
    deputy_forget_coming(d);
    link_destroy(d->link);
    d->link = NULL;
    if (d->stub.window.bytes)
        window_destroy(&d->stub.window, NULL);
    maps_finish(&d->stub.strings);
    maps_finish(&d->kept);
    served_end(&d->served);
    d->owes = d->keeps_memory = false;
    d->stub = (struct stub){0};
    d->tracee = (struct tracee){.pid = d->tracee.pid};
    deputy_forget_signals(d);
    d->in_call = d->interrupts = d->recalled = d->cut = d->unsettled = false;
    d->declines = false;
}

/* The process dies with what it has here. */
static void kill_stub(struct deputy *d)
{
    int status;
    kill(d->tracee.pid, SIGKILL);
    while (!tracee_died(d->tracee.pid)) {
        struct pollfd children = {.fd = d->children, .events = POLLIN};
        tracee_take_stop(d->tracee.pid, &status);
        poll(&children, 1, 10);
    }
    tracee_bury(d->tracee.pid);
    d->state = DEPUTY_ENDED;
}

void deputy_destroy(struct deputy *d)
{
    if (!d)
        return;
    if (d->state == DEPUTY_AWAY) {
        if (!d->cut)
            deputy_put(d->link, RECORD_GONE);
        kill_stub(d);
    }
    deputy_leave(d);
    incoming_finish(&d->incoming);
    pending_finish(&d->image_pending);
    free(d->tail);
    if (d->watch >= 0)
        close(d->watch);
    if (d->children >= 0)
        close(d->children);
    free(d);
}

int deputy_lose(struct deputy *d, enum deputy_event *ret_event, const char *why)
{
    deputy_complain(d, -EIO, &d->why, "lost: %s", why);
    kill_stub(d);
    deputy_leave(d);
    *ret_event = DEPUTY_LOST;
    return 1;
}

/* ---- The loop. ----------------------------------------------------------- */

int deputy_watch(struct deputy *d, int wake)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (wake == d->wake)
        return 0;
    if (d->wake >= 0)
        epoll_ctl(d->watch, EPOLL_CTL_DEL, d->wake, NULL);
    d->wake = -1;
    if (wake >= 0 && epoll_ctl(d->watch, EPOLL_CTL_ADD, wake, &event) < 0)
        return -errno;
    d->wake = wake;
    return 0;
}

static bool is_ready(int file)
{
    struct pollfd ready = {.fd = file, .events = POLLIN};
    return file >= 0 && poll(&ready, 1, 0) > 0;
}

/* The process has ended: its parent sees it, the host is told. */
static int ended(struct deputy *d, enum deputy_event *ret_event)
{
    tracee_bury(d->tracee.pid);
    if (!d->cut)
        deputy_put(d->link, RECORD_GONE);
    deputy_leave(d);
    d->state = DEPUTY_ENDED;
    *ret_event = DEPUTY_EXITED;
    return 1;
}

static int executed(struct deputy *d, enum deputy_event *ret_event)
{
    if (!d->cut)
        deputy_put(d->link, RECORD_GONE);
    deputy_after_execute(d);
    d->usage_before = d->account.usage;
    deputy_leave(d);
    d->state = DEPUTY_HOME;
    *ret_event = DEPUTY_EXECUTED;
    return 1;
}

static void add_usage(struct wire_usage *sum, const struct wire_usage *more)
{
    sum->user_us += more->user_us;
    sum->system_us += more->system_us;
    sum->minor_faults += more->minor_faults;
    sum->calls_forwarded += more->calls_forwarded;
    sum->resident_bytes = more->resident_bytes;
}

static int take_usage(struct deputy *d)
{
    struct wire_usage usage;
    int error = wire_take(&d->incoming, &usage, sizeof usage);
    if (error)
        return error;
    d->account.usage = d->usage_before;
    add_usage(&d->account.usage, &usage);
    return 0;
}

/* By default. */
static bool kills(int signal)
{
    return signal >= 1 && signal <= IMAGE_SIGNALS && signal != SIGCHLD &&
           signal != SIGCONT && signal != SIGURG && signal != SIGWINCH &&
           signal != SIGSTOP && signal != SIGTSTP && signal != SIGTTIN &&
           signal != SIGTTOU;
}

static int take_death(struct deputy *d)
{
    struct wire_dead dead;
    int error = wire_take(&d->incoming, &dead, sizeof dead);
    if (!error && !kills(dead.signal))
        error = -EBADMSG;
    return error ? error : deputy_die(d, dead.signal);
}

static int take_stop_of_body(struct deputy *d)
{
    struct wire_signal signal;
    int error = wire_take(&d->incoming, &signal, sizeof signal);
    return error ? error : deputy_stop(d, signal.info);
}

/* It has no body of ours, or could not send it on. */
static int take_abort(struct deputy *d)
{
    struct wire_abort message;
    int error = wire_take(&d->incoming, &message, sizeof message);
    if (error)
        return error;
    d->abort_error = message.error;
    d->stays = message.error != -ESTALE && (d->moving || d->unsettled);
    return d->stays ? 0 : -ECONNABORTED;
}

/* What the host says. 0; 1: it is home; 2: it cannot come home; or a negative
 * errno. */
static int take_message(struct deputy *d)
{
    switch (d->incoming.kind) {
        case RECORD_REQUEST:
            return deputy_call(d);
        case RECORD_FETCH:
            return deputy_fetch(d);
        case RECORD_WHOLE:
            return deputy_whole(d);
        case RECORD_BODY:
        case RECORD_MAPS:
        case RECORD_PAGES:
        case RECORD_DROPPED:
        case RECORD_PENDING:
        case RECORD_IMAGE:
        case RECORD_END:
            return deputy_receive(d);
        case RECORD_SIGNAL:
            return take_stop_of_body(d);
        case RECORD_DEAD:
            return take_death(d);
        case RECORD_USAGE:
            return take_usage(d);
        case RECORD_RUNNING: /* A request has said so already. */
            d->unsettled = false;
            return 0;
        case RECORD_ABORT:
            return take_abort(d);
        default:
            return -EBADMSG;
    }
}

static int came_home(struct deputy *d, enum deputy_event *ret_event)
{
    d->usage_before = d->account.usage;
    deputy_leave(d);
    d->state = DEPUTY_HOME;
    *ret_event = DEPUTY_CAME_HOME;
    return 1;
}

static void trim(struct deputy *d)
{
    if (!d->large || d->in_call || deputy_now_us() < d->trimmed_us + TRIM_US)
        return;
    window_trim(&d->stub.window);
    d->large = false;
}

/* The stream broke. */
static int cut(struct deputy *d, enum deputy_event *ret_event)
{
    d->cut = true;
    deputy_forget_coming(d);
    *ret_event = DEPUTY_CUT;
    return 1;
}

static int take_stops(struct deputy *d, enum deputy_event *ret_event)
{
    struct signalfd_siginfo info[4];
    while (read(d->children, info, sizeof info) > 0)
        continue;
    int stops = deputy_stops(d);
    if (stops == -ESRCH)
        return ended(d, ret_event);
    if (stops == 1)
        return executed(d, ret_event);
    if (stops == 0 && d->in_call)
        stops = deputy_reply(d);
    if (stops == 0)
        stops = deputy_interrupt_again(d);
    if (stops == 0 && d->stopped) {
        d->stopped = false;
        *ret_event = DEPUTY_STOPPED;
        return 1;
    }
    return stops == -EPIPE ? cut(d, ret_event) : stops;
}

/* Without a stream: what the stub does, until the lease is over. */
static int step_cut(struct deputy *d,
                    uint64_t wait_us,
                    enum deputy_event *ret_event)
{
    struct pollfd watch = {.fd = d->watch, .events = POLLIN};
    uint64_t end = link_heard_us(d->link) + d->options.lease_us;
    uint64_t now = deputy_now_us();
    if (now >= end)
        return deputy_lose(d, ret_event, "its host was silent for a lease");
    uint64_t most = end - now < wait_us ? end - now : wait_us;
    poll(&watch, 1, (int)(most / 1000 + 1));
    int error = take_stops(d, ret_event);
    if (error == 0 && is_ready(d->wake)) {
        *ret_event = DEPUTY_WOKEN;
        return 1;
    }
    return error > 0 && *ret_event == DEPUTY_CUT ? 0 : error;
}

/* For what else there is, also while one call comes right after the other. */
static int look_around(struct deputy *d, enum deputy_event *ret_event)
{
    d->looked_us = deputy_now_us();
    int error = take_stops(d, ret_event);
    if (error == 0 && is_ready(d->wake)) {
        *ret_event = DEPUTY_WOKEN;
        return 1;
    }
    return error;
}

static int step_linked(struct deputy *d,
                       uint64_t wait_us,
                       enum deputy_event *ret_event)
{
    int error = -EAGAIN;
    if (d->quick)
        error = link_get(d->link, &d->incoming, NEXT_SLEEP_US, -1, NULL);
    d->quick = false;
    if (error == -EAGAIN)
        error = link_get(d->link, &d->incoming, wait_us, d->watch, NULL);
    if (error == -EAGAIN)
        return look_around(d, ret_event);
    if (error == 0)
        error = take_message(d);
    if (error == 0 && deputy_now_us() - d->looked_us >= LOOK_US)
        return look_around(d, ret_event);
    if (error == -EPIPE)
        return cut(d, ret_event);
    if (error == -ESRCH && tracee_died(d->tracee.pid))
        return ended(d, ret_event);
    if (error == 2) {
        *ret_event = DEPUTY_WOKEN;
        return 1;
    }
    return error == 1 ? came_home(d, ret_event) : error;
}

static const char *why_lost(int error)
{
    return error == -ETIMEDOUT ? "its host was silent for a lease"
           : error == -EBADMSG ? "its host sent what no honest one sends"
                               : strerror(-error);
}

int deputy_lose_by(struct deputy *d, enum deputy_event *ret_event, int error)
{
    char why[128];
    snprintf(why, sizeof why, "its host gave it up: %s",
             strerror(-d->abort_error));
    return deputy_lose(d, ret_event,
                       error == -ECONNABORTED ? why : why_lost(error));
}

int deputy_step(struct deputy *d,
                uint64_t wait_us,
                enum deputy_event *ret_event)
{
    trim(d);
    deputy_send_signals(d);
    if (d->in_call && d->interrupts && !d->stub.listens &&
        wait_us > INTERRUPT_AGAIN_US)
        wait_us = INTERRUPT_AGAIN_US;
    int error = deputy_give_back(d);
    if (error == -ESRCH && tracee_died(d->tracee.pid))
        return ended(d, ret_event);
    if (!error)
        error = d->cut ? step_cut(d, wait_us, ret_event)
                       : step_linked(d, wait_us, ret_event);
    return error < 0 && error != -EAGAIN && !d->moving
               ? deputy_lose_by(d, ret_event, error)
               : error;
}

int deputy_serve(struct deputy *d, int wake, enum deputy_event *ret_event)
{
    enum { STEP_US = 250 * 1000 };
    if (d->pending) {
        d->pending = false;
        *ret_event = d->pending_event;
        return 0;
    }
    if (d->state != DEPUTY_AWAY)
        return -EINVAL;
    int error = deputy_watch(d, wake);
    while (error == 0 || error == -EAGAIN)
        error = deputy_step(d, STEP_US, ret_event);
    return error > 0 ? 0 : error;
}

bool deputy_has_news(const struct deputy *d)
{
    return d->pending;
}

int deputy_recall(struct deputy *d)
{
    if (d->state != DEPUTY_AWAY)
        return -EINVAL;
    if (d->recalled)
        return 0;
    int error = deputy_put(d->link, RECORD_RECALL);
    if (error && error != -EPIPE)
        return error;
    d->recalled = true;
    d->account.home_call = -1;
    return deputy_interrupt(d);
}

int deputy_resume(struct deputy *d, const struct stream *stream)
{
    if (d->state != DEPUTY_AWAY || !d->cut)
        return -EINVAL;
    int error = link_resume(d->link, stream);
    if (error)
        return error;
    d->cut = false;
    return 0;
}

int deputy_give_up(struct deputy *d, enum deputy_event *ret_event)
{
    if (d->state != DEPUTY_AWAY || !d->cut)
        return -EINVAL;
    deputy_lose(d, ret_event, "its host does not know it any more");
    return 0;
}

bool deputy_is_coming(const struct deputy *d)
{
    return d->recalled || d->coming.is;
}

enum deputy_state deputy_state_of(const struct deputy *d)
{
    return d->state;
}

void deputy_account_of(const struct deputy *d, struct deputy_account *ret)
{
    *ret = d->account;
    ret->epoch = d->epoch;
}

void deputy_cost_home(const struct deputy *d, struct deputy_cost *ret)
{
    *ret = d->cost_home;
}

const struct complaint *deputy_why(const struct deputy *d)
{
    return &d->why;
}

pid_t deputy_pid(const struct deputy *d)
{
    return d->tracee.pid;
}
