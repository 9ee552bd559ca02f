/* run.c - see run.h. */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "children.h"
#include "command.h"
#include "control.h"
#include "say.h"

enum {
    USAGE = 2,
    REFUSED = 3,
    FIRST_AWAY_MS = 1,
    /* A call made it come home: let it make that call. Longer for one that
     * comes home over and over, up to the last. */
    AGAIN_MS = 10,
    AGAIN_MS_MAX = 1000,
    WORTH = 2, /* So much longer than the way there, a stay was worth it. */
};

struct running
{
    const struct run_options *options;
    struct mover mover;
    struct children begotten;
    struct rule rule; /* Of nothing, if there is none. */
    pid_t pid;
    int signals;  /* For us. */
    int children; /* SIGCHLD, looked at while it is at home only. */
    int end;      /* pidfd */
    int timer;
    int control;
    int wake; /* epoll of all but children. */
    uint64_t every_due_us;
    uint64_t away_due_us; /* 0: not due. */
    uint64_t away_since_us;
    uint64_t way_us; /* That the last way to a host took. */
    uint32_t again_ms;
    int next; /* Of every: place in the round. */
    bool is_over;
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool may_move(const struct running *r)
{
    return r->mover.tally.move_count < r->options->moves_max;
}

/* ---- When. --------------------------------------------------------------- */

static void set_timer(struct running *r)
{
    const uint64_t all[] = {r->every_due_us, r->away_due_us,
                            r->begotten.due_us};
    uint64_t due = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] > 0 && (due == 0 || all[i] < due))
            due = all[i];
    struct itimerspec when = {
        .it_value = {(time_t)(due / 1000000), (long)(due % 1000000) * 1000}};
    timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Away again, after each way home and each refusal. */
static void plan_away(struct running *r)
{
    uint64_t now = now_us();
    if (!r->options->away || !may_move(r) || r->options->host_count == 0)
        return;
    uint64_t way_us = r->way_us > AGAIN_MS * UINT64_C(1000)
                          ? r->way_us
                          : AGAIN_MS * UINT64_C(1000);
    if (r->away_since_us > 0 && now - r->away_since_us > way_us * WORTH)
        r->again_ms = AGAIN_MS;
    r->away_since_us = 0;
    r->away_due_us = now + (uint64_t)r->again_ms * 1000;
    r->again_ms =
        r->again_ms * 2 < AGAIN_MS_MAX ? r->again_ms * 2 : AGAIN_MS_MAX;
    set_timer(r);
}

static void go(struct running *r, int place)
{
    struct complaint complaint = {0};
    uint64_t begun = now_us();
    int error = mover_go(&r->mover, place, &complaint);
    if (!error && place != AT_HOME) {
        r->away_since_us = now_us();
        r->way_us = r->away_since_us - begun;
        children_expect(&r->begotten, r->away_since_us);
    }
    if (error && r->mover.place == AT_HOME)
        plan_away(r);
}

/* Hosts in turn, home, and from the beginning. */
static void go_next(struct running *r)
{
    int round = (int)r->options->host_count + 1;
    int place = r->next < round - 1 ? r->next : AT_HOME;
    r->next = (r->next + 1) % round;
    if (place == r->mover.place) { /* It was brought there otherwise. */
        place = r->next < round - 1 ? r->next : AT_HOME;
        r->next = (r->next + 1) % round;
    }
    go(r, place);
}

static void take_timer(struct running *r)
{
    uint64_t now = now_us();
    if (r->begotten.due_us > 0 && now >= r->begotten.due_us)
        children_look(&r->begotten, r->pid, now);
    if (r->away_due_us > 0 && now >= r->away_due_us) {
        r->away_due_us = 0;
        if (r->mover.place == AT_HOME && may_move(r))
            go(r, 0);
    }
    if (r->every_due_us > 0 && now >= r->every_due_us) {
        r->every_due_us = 0;
        if (may_move(r)) {
            go_next(r);
            r->every_due_us = now_us() + r->options->every_ms * UINT64_C(1000);
        }
    }
    set_timer(r);
}

/* ---- What happens. ------------------------------------------------------- */

static void take_signals(struct running *r)
{
    struct signalfd_siginfo info;
    while (read(r->signals, &info, sizeof info) == sizeof info)
        switch (info.ssi_signo) {
            case SIGUSR1:
                if (r->options->host_count > 0)
                    go(r, (r->mover.place + 1) % (int)r->options->host_count);
                break;
            case SIGUSR2:
                go(r, AT_HOME);
                break;
            case SIGTERM:
            case SIGHUP:
                kill(r->pid, (int)info.ssi_signo);
                break;
            default: /* The terminal sends these to it as well. */
                break;
        }
}

static void take_control(struct running *r)
{
    char line[LINE_BYTES];
    int socket;
    while (r->control >= 0 && control_take(r->control, &socket, line) == 0)
        command_do(&r->mover, line, socket);
}

static void take_all(struct running *r)
{
    struct pollfd end = {.fd = r->end, .events = POLLIN};
    uint64_t rings;
    if (read(r->timer, &rings, sizeof rings) == sizeof rings)
        take_timer(r);
    take_signals(r);
    take_control(r);
    tally_cpu(&r->mover.tally, r->pid); /* Its parent may be another. */
    if (r->mover.place == AT_HOME && poll(&end, 1, 0) > 0)
        r->is_over = true;
}

static void take_event(struct running *r, enum deputy_event event)
{
    switch (event) {
        case DEPUTY_CAME_HOME:
        case DEPUTY_EXECUTED:
            children_expect(&r->begotten, now_us());
            plan_away(r);
            set_timer(r);
            break;
        case DEPUTY_STOPPED:
            go(r, AT_HOME);
            break;
        case DEPUTY_EXITED:
            r->is_over = true;
            break;
        case DEPUTY_LOST:
            say_complaint(deputy_why(r->mover.deputy));
            r->is_over = true;
            break;
        default:
            break;
    }
}

static void step_at_home(struct running *r)
{
    struct signalfd_siginfo info;
    struct pollfd files[] = {{.fd = r->wake, .events = POLLIN},
                             {.fd = r->children, .events = POLLIN}};
    poll(files, 2, -1);
    while (read(r->children, &info, sizeof info) == sizeof info)
        continue;
    if (r->options->command && !r->mover.frozen)
        child_stop_alike(r->pid);
    take_all(r);
}

static void step(struct running *r)
{
    enum deputy_event event;
    enum deputy_state state = deputy_state_of(r->mover.deputy);
    if (state == DEPUTY_AWAY || r->mover.pending) {
        if (mover_serve(&r->mover, r->wake, &event) < 0)
            r->is_over = true;
        else
            take_event(r, event);
        take_all(r);
    } else if (state == DEPUTY_HOME) {
        step_at_home(r);
    } else {
        r->is_over = true;
    }
}

/* ---- Beginning and end. -------------------------------------------------- */

static int watch(struct running *r, int file)
{
    struct epoll_event event = {.events = EPOLLIN};
    return file < 0 || epoll_ctl(r->wake, EPOLL_CTL_ADD, file, &event) < 0
               ? -errno
               : 0;
}

static int open_all(struct running *r, sigset_t *ret_before)
{
    sigset_t ours;
    sigset_t child;
    const int numbers[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGHUP,
                           SIGINT,  SIGQUIT, SIGTSTP};
    sigemptyset(&ours);
    sigemptyset(&child);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&ours, numbers[i]);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, ret_before);
    sigprocmask(SIG_BLOCK, &ours, NULL);
    signal(SIGPIPE, SIG_IGN);
    r->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    r->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    r->wake = epoll_create1(EPOLL_CLOEXEC);
    int error = r->wake < 0 || r->children < 0 ? -errno : 0;
    if (!error)
        error = watch(r, r->signals);
    if (!error)
        error = watch(r, r->timer);
    return error;
}

static int begin_process(struct running *r, const sigset_t *mask)
{
    const struct run_options *o = r->options;
    r->pid = o->process;
    int error = o->command ? child_begin(o->command, mask,
                                         o->rule ? &r->rule : NULL, &r->pid)
                           : 0;
    if (error) {
        say("%s: %s", o->command[0], strerror(-error));
        return error;
    }
    r->end = (int)syscall(SYS_pidfd_open, r->pid, 0);
    error = watch(r, r->end);
    if (error && !o->is_child)
        say("process %d: %s", r->pid, strerror(-error));
    return error;
}

/* 0, or the exit status: nothing has been started then. */
static int read_rule(struct running *r)
{
    const char *file = r->options->rule;
    struct complaint complaint = {0};
    int error = file ? rule_read(file, &r->rule, &complaint) : 0;
    if (!error && file)
        error = rule_possible(&r->rule, &complaint);
    if (error)
        say_complaint(&complaint);
    return error == -ENOTSUP ? REFUSED : error ? USAGE : 0;
}

static int begin(struct running *r)
{
    const struct run_options *o = r->options;
    struct deputy_options deputy = o->deputy;
    struct complaint complaint = {0};
    sigset_t before;
    int status = read_rule(r);
    if (status)
        return status;
    deputy.filter_count =
        o->rule ? rule_filter_count(&r->rule) : o->filter_count;
    if (o->children && !children_possible()) {
        say("--children: this kernel does not list the children of a process "
            "(CONFIG_PROC_CHILDREN)");
        return REFUSED;
    }
    int error = open_all(r, &before);
    if (error) {
        say("%s", strerror(-error));
        return EXIT_FAILURE;
    }
    if (o->control &&
        (control_listen(o->control, &r->control, &complaint) < 0 ||
         watch(r, r->control) < 0)) {
        say_complaint(&complaint);
        return EXIT_FAILURE;
    }
    error = begin_process(r, &before);
    if (error)
        return error == -ENOENT ? 127 : 126;
    if (mover_create(&r->mover, r->pid, o->hosts, o->host_count, &deputy,
                     &complaint) < 0) {
        if (!o->is_child)
            say_complaint(&complaint);
        return EXIT_FAILURE;
    }
    children_begin(&r->begotten, o, deputy.filter_count);
    children_expect(&r->begotten, now_us());
    r->again_ms = AGAIN_MS;
    if (o->away && o->host_count > 0)
        r->away_due_us = now_us() + FIRST_AWAY_MS * 1000;
    if (o->every_ms > 0 && o->host_count > 0)
        r->every_due_us = now_us() + o->every_ms * UINT64_C(1000);
    set_timer(r);
    return 0;
}

static int end(struct running *r)
{
    const struct run_options *o = r->options;
    struct deputy_account account;
    struct complaint complaint = {0};
    deputy_account_of(r->mover.deputy, &account);
    tally_cpu(&r->mover.tally, r->pid);
    int status = o->command ? child_status(r->pid) : EXIT_SUCCESS;
    children_finish(&r->begotten);
    if (o->report && tally_write(&r->mover.tally, &account, status, o->report,
                                 &complaint) < 0) {
        say_complaint(&complaint);
        status = status == 0 ? EXIT_FAILURE : status;
    }
    return status;
}

int run(const struct run_options *options)
{
    struct running r = {.options = options,
                        .signals = -1,
                        .children = -1,
                        .end = -1,
                        .timer = -1,
                        .control = -1,
                        .wake = -1};
    int status = begin(&r);
    if (status == 0) {
        while (!r.is_over)
            step(&r);
        status = end(&r);
    }
    if (r.mover.deputy)
        mover_destroy(&r.mover);
    rule_finish(&r.rule);
    if (r.control >= 0) {
        close(r.control);
        unlink(options->control);
    }
    return status;
}
