/* deputize.c - see deputize.h. */
#include "deputize.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../homenode/dirty.h"
#include "../homenode/driver/child.h"
#include "../homenode/driver/station.h"

enum { PLACES = 2 };

struct deputized
{
    const struct deputize_options *options;
    struct station station;
    struct overseer overseer;
    struct mover mover;
    char hosts[PLACES][ADDRESS_BYTES]; /* Where it is, and where it goes. */
    const char *names[PLACES];
    int end; /* pidfd */
    int signals;
    int children; /* SIGCHLD, looked at while it is at home only. */
    int wake;     /* epoll of all but children. */
    int gate;
    int verdict; /* On what came home; -EAGAIN. */
    bool sending;
    bool cancelled;
    char go[LINE_BYTES]; /* To be done: "HOST TOKEN"; empty: nothing. */
    bool recall;
    bool is_over;
};

/* ---- What the daemon says. ----------------------------------------------- */

static void begin_program(struct deputized *d)
{
    if (d->gate < 0)
        return;
    (void)!write(d->gate, "", 1);
    close(d->gate);
    d->gate = -1;
}

static bool is_home(const struct deputized *d)
{
    return deputy_state_of(d->mover.deputy) == DEPUTY_HOME;
}

static void stands(struct deputized *d)
{
    station_stands(&d->station, "%s",
                   d->gate >= 0 ? "held"
                   : is_home(d) ? "home"
                                : "away");
}

static void run(struct deputized *d)
{
    d->verdict = 0;
    d->cancelled = d->sending;
    if (d->gate < 0)
        return;
    begin_program(d);
    stands(d);
}

static void stop_or_go_on(struct deputized *d, bool frozen)
{
    d->mover.frozen = frozen;
    kill(d->options->pid, frozen ? SIGSTOP : SIGCONT);
}

static void take_line(struct deputized *d, const char *line)
{
    if (strcmp(line, "run") == 0)
        run(d);
    else if (strcmp(line, "drop") == 0)
        d->verdict = -EPERM;
    else if (strcmp(line, "cancel") == 0)
        d->cancelled = d->sending;
    else if (strcmp(line, "home") == 0)
        d->recall = true;
    else if (strncmp(line, "go ", 3) == 0)
        snprintf(d->go, sizeof d->go, "%s", line + 3);
    else if (strcmp(line, "freeze") == 0 || strcmp(line, "thaw") == 0)
        stop_or_go_on(d, line[0] == 'f');
    else if (strcmp(line, "kill") == 0)
        kill(d->options->pid, SIGKILL);
}

static void take_lines(struct deputized *d)
{
    char line[LINE_BYTES];
    int descriptor;
    while (station_next(&d->station, &descriptor, line) == 0) {
        if (descriptor >= 0)
            close(descriptor);
        take_line(d, line);
    }
}

/* ---- Its overseer. ------------------------------------------------------- */

static void whole(void *context)
{
    struct deputized *d = context;
    d->verdict = -EAGAIN;
    station_stands(&d->station, "whole");
}

static int answer(void *context)
{
    struct deputized *d = context;
    take_lines(d);
    return d->verdict;
}

static void carried(void *context)
{
    struct deputized *d = context;
    station_stands(&d->station, "carried");
}

static bool is_cancelled(void *context)
{
    struct deputized *d = context;
    take_lines(d);
    return d->cancelled;
}

static void oversee(struct deputized *d)
{
    d->overseer = (struct overseer){.context = d,
                                    .wait_on = d->station.wait_on,
                                    .patience_us = d->options->lease_us,
                                    .whole = whole,
                                    .answer = answer,
                                    .carried = carried,
                                    .is_cancelled = is_cancelled};
}

/* ---- What it does. ------------------------------------------------------- */

static void send_it(struct deputized *d)
{
    struct complaint complaint = {0};
    char host[ADDRESS_BYTES];
    char token[TOKEN_BYTES];
    int place = d->mover.place == 0 ? 1 : 0;
    bool good = sscanf(d->go, "%127s %32s", host, token) == 2;
    d->go[0] = 0;
    if (!good)
        return;
    begin_program(d); /* Held, it would be this program that goes. */
    memcpy(d->hosts[place], host, sizeof host);
    d->cancelled = false;
    d->sending = true;
    station_stands(&d->station, "sending");
    int error = mover_go_as(&d->mover, place, token, &complaint);
    d->sending = d->cancelled = false;
    if (error)
        station_say(&d->station, "failed %.200s", complaint.text);
    stands(d);
}

static void fetch(struct deputized *d)
{
    struct complaint complaint = {0};
    d->recall = false;
    if (is_home(d))
        stands(d);
    else if (mover_go(&d->mover, AT_HOME, &complaint) < 0)
        station_say(&d->station, "failed %.200s", complaint.text);
}

static void do_orders(struct deputized *d)
{
    if (!d->is_over && d->go[0])
        send_it(d);
    if (!d->is_over && d->recall)
        fetch(d);
}

static void take_all(struct deputized *d)
{
    struct signalfd_siginfo info;
    struct pollfd end = {.fd = d->end, .events = POLLIN};
    while (read(d->signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
            kill(d->options->pid, (int)info.ssi_signo);
    take_lines(d);
    if (is_home(d) && poll(&end, 1, 0) > 0)
        d->is_over = true;
}

static void take_event(struct deputized *d, enum deputy_event event)
{
    switch (event) {
        case DEPUTY_CAME_HOME:
        case DEPUTY_EXECUTED:
            stands(d);
            break;
        case DEPUTY_WOKEN:
            /* It was to come, and cannot. */
            if (deputy_why(d->mover.deputy)->text[0] &&
                strcmp(d->station.status, "whole") == 0)
                stands(d);
            break;
        case DEPUTY_STOPPED:
            d->recall = true;
            break;
        case DEPUTY_EXITED:
            d->is_over = true;
            break;
        case DEPUTY_LOST:
            station_stands(&d->station, "over %.200s",
                           deputy_why(d->mover.deputy)->text);
            d->is_over = true;
            break;
        default:
            break;
    }
}

static void step_at_home(struct deputized *d)
{
    struct signalfd_siginfo info;
    struct pollfd files[] = {{.fd = d->wake, .events = POLLIN},
                             {.fd = d->children, .events = POLLIN}};
    poll(files, 2, -1);
    while (read(d->children, &info, sizeof info) == sizeof info)
        continue;
    if (d->options->is_child && !d->mover.frozen)
        child_stop_alike(d->options->pid);
    take_all(d);
}

static void step(struct deputized *d)
{
    enum deputy_event event;
    enum deputy_state state = deputy_state_of(d->mover.deputy);
    if (state == DEPUTY_AWAY || d->mover.pending) {
        if (mover_serve(&d->mover, d->wake, &event) < 0)
            d->is_over = true;
        else
            take_event(d, event);
        take_all(d);
    } else if (state == DEPUTY_HOME) {
        step_at_home(d);
    } else {
        d->is_over = true;
    }
    do_orders(d);
}

/* ---- Beginning and end. -------------------------------------------------- */

static int watch(const struct deputized *d, int file)
{
    struct epoll_event event = {.events = EPOLLIN};
    return file < 0 || epoll_ctl(d->wake, EPOLL_CTL_ADD, file, &event) < 0
               ? -errno
               : 0;
}

static int open_all(struct deputized *d)
{
    sigset_t ours;
    sigset_t child;
    const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP};
    sigemptyset(&ours);
    sigemptyset(&child);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&ours, numbers[i]);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ours, NULL);
    signal(SIGPIPE, SIG_IGN);
    d->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    d->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    d->end = (int)syscall(SYS_pidfd_open, d->options->pid, 0);
    d->wake = epoll_create1(EPOLL_CLOEXEC);
    if (d->wake < 0 || d->children < 0)
        return -errno;
    int error = watch(d, d->signals);
    if (!error)
        error = watch(d, d->end);
    if (!error)
        error = station_begin(&d->station, d->options->listener);
    return error ? error : watch(d, d->station.wait_on);
}

static void close_all(struct deputized *d)
{
    const int files[] = {d->signals, d->children, d->end, d->wake, d->gate};
    station_end(&d->station);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (files[i] >= 0)
            close(files[i]);
}

int deputize(const struct deputize_options *options, struct complaint *ret)
{
    struct deputized d = {.options = options,
                          .station = {.connection = -1, .wait_on = -1},
                          .end = -1,
                          .signals = -1,
                          .children = -1,
                          .wake = -1,
                          .gate = options->gate,
                          .verdict = -EAGAIN};
    for (int i = 0; i < PLACES; i++)
        d.names[i] = d.hosts[i];
    int error = open_all(&d);
    if (error) {
        close_all(&d);
        return complain(ret, error, NULL, 0, 0, "process %d: %s", options->pid,
                        strerror(-error));
    }
    oversee(&d);
    struct deputy_options deputy = {
        .transfer = transfer_limits_usual(dirty_methods() ? TRANSFER_PRECOPY
                                                          : TRANSFER_STOP),
        .lease_us = options->lease_us,
        .overseer = &d.overseer};
    error = mover_create(&d.mover, options->pid, d.names, PLACES, &deputy, ret);
    if (!error) {
        stands(&d);
        while (!d.is_over)
            step(&d);
        if (strncmp(d.station.status, "over", 4) != 0)
            station_stands(&d.station, "over");
        mover_destroy(&d.mover);
    }
    close_all(&d);
    return error;
}
