/* mover.c - see mover.h: its rows, its loop, and what the node tells it. */
#include "mover.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../homenode/driver/pass.h"
#include "mover_inside.h"

enum { EVENTS = 32, BACKLOG = 16 };

usec_t mover_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000;
}

/* ---- Rows. --------------------------------------------------------------- */

struct row *mover_add(struct node_mover *m, bool is_guest, proc_id proc)
{
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return NULL;
    row->saved.proc = proc;
    row->saved.is_guest = is_guest;
    row->connection = -1;
    row->state = is_guest ? ROW_EXPECTED : ROW_NEW;
    row->since_us = mover_now_us();
    row->next = m->rows;
    m->rows = row;
    return row;
}

struct row *mover_find(const struct node_mover *m, bool guest, proc_id proc)
{
    struct row *newest = NULL;
    for (struct row *row = m->rows; row; row = row->next)
        if (row->saved.proc == proc && row->saved.is_guest == guest &&
            row->state != ROW_OVER &&
            (!newest || row->saved.epoch > newest->saved.epoch))
            newest = row;
    return newest;
}

struct row *mover_find_token(const struct node_mover *m, const char *token)
{
    for (struct row *row = m->rows; row; row = row->next)
        if (row->saved.is_guest && row->state != ROW_OVER &&
            strcmp(row->saved.token, token) == 0)
            return row;
    return NULL;
}

void mover_tell(const struct row *row, const char *text, ...)
{
    char line[LINE_BYTES];
    va_list list;
    va_start(list, text);
    vsnprintf(line, sizeof line, text, list);
    va_end(list);
    if (row->connection >= 0)
        pass_put(row->connection, -1, line);
}

void mover_say(struct node_mover *m, const struct row *row, const char *text)
{
    m->options.daemon.say(m->options.daemon.context, row->saved.proc, text);
}

void mover_step_node(struct node_mover *m,
                     const struct row *row,
                     struct event *event)
{
    event->proc = row->saved.proc;
    m->options.daemon.step(m->options.daemon.context, event);
}

void mover_step_carried(struct node_mover *m,
                        const struct row *row,
                        uint32_t epoch,
                        bool done)
{
    struct event event = {.kind = EVENT_CARRIED,
                          .epoch = epoch,
                          .done = done,
                          .copied_bytes = done ? row->saved.info.mem_bytes : 0};
    mover_step_node(m, row, &event);
}

bool mover_has(const struct node_mover *m, const struct row *row)
{
    return m->options.daemon.has(m->options.daemon.context, row->saved.proc);
}

/* ---- Other daemons. ------------------------------------------------------ */

static void take_message(struct node_mover *m,
                         node_id from,
                         const struct mover_message *message)
{
    /* FAILED is for whoever has the order of that epoch. */
    if (message->kind != MOVER_COMING)
        mover_home_heard(m, from, message);
    if (message->kind == MOVER_COMING || message->kind == MOVER_FAILED)
        mover_guest_heard(m, from, message);
}

int mover_send(struct node_mover *m,
               node_id to,
               const struct mover_message *message)
{
    uint8_t bytes[MOVER_MESSAGE_BYTES_MAX];
    if (to == m->options.self) {
        take_message(m, to, message);
        return 0;
    }
    size_t count = mover_message_put(message, bytes);
    return m->options.daemon.send(m->options.daemon.context, to, bytes, count);
}

int mover_send_failed(struct node_mover *m,
                      node_id to,
                      proc_id proc,
                      uint32_t epoch,
                      const char *why)
{
    struct mover_message message = {
        .kind = MOVER_FAILED, .proc = proc, .epoch = epoch};
    snprintf(message.text, sizeof message.text, "%.*s", MOVER_TEXT_BYTES - 1,
             why);
    for (char *c = message.text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return mover_send(m, to, &message);
}

void node_mover_heard(struct node_mover *m,
                      node_id from,
                      const uint8_t *bytes,
                      size_t count)
{
    struct mover_message message;
    if (from != m->options.self &&
        mover_message_get(bytes, count, &message) == 0)
        take_message(m, from, &message);
}

/* ---- Actions. ------------------------------------------------------------ */

void node_mover_carry(struct node_mover *m,
                      proc_id proc,
                      uint32_t epoch,
                      node_id target,
                      const struct proc_info *info)
{
    struct row *home = mover_find(m, false, proc);
    struct row *guest = mover_find(m, true, proc);
    struct order order = {.is = true,
                          .epoch = epoch,
                          .source = m->options.self,
                          .target = target,
                          .info = *info};
    struct row none = {.saved = {.proc = proc}};
    if (home)
        mover_home_carry(m, home, &order);
    else if (guest)
        mover_guest_carry(m, guest, &order);
    else
        mover_step_carried(m, &none, epoch, false);
}

void node_mover_cancel(struct node_mover *m, proc_id proc)
{
    struct row *home = mover_find(m, false, proc);
    struct row *guest = mover_find(m, true, proc);
    if (home)
        mover_home_cancel(home);
    else if (guest)
        mover_guest_cancel(m, guest);
}

/* It ended while the node did not have it, in the middle of a move. */
static void step_ended(struct node_mover *m, proc_id proc)
{
    const struct row none = {.saved = {.proc = proc}};
    struct event event = {.kind = EVENT_ENDED};
    mover_step_node(m, &none, &event);
}

void node_mover_run(struct node_mover *m, proc_id proc)
{
    struct row *home = mover_find(m, false, proc);
    struct row *guest = mover_find(m, true, proc);
    if (home)
        mover_home_run(home);
    else if (guest && guest->state == ROW_WHOLE)
        mover_tell(guest, "run");
    else if (!guest)
        step_ended(m, proc);
}

void node_mover_drop(struct node_mover *m, proc_id proc)
{
    struct row *home = mover_find(m, false, proc);
    struct row *guest = mover_find(m, true, proc);
    if (home)
        mover_home_drop(m, home);
    else if (guest)
        mover_guest_drop(m, guest);
}

static struct row *here(struct node_mover *m, proc_id proc)
{
    struct row *home = mover_find(m, false, proc);
    return home ? home : mover_find(m, true, proc);
}

void node_mover_freeze(struct node_mover *m, proc_id proc, bool frozen)
{
    struct row *row = here(m, proc);
    if (!row)
        return;
    /* One that arrives frozen is taken, and stands still then. */
    if (frozen && (row->state == ROW_WHOLE || row->state == ROW_HOME_WHOLE))
        mover_tell(row, "run");
    mover_tell(row, frozen ? "freeze" : "thaw");
}

void node_mover_kill(struct node_mover *m, proc_id proc)
{
    struct row *row = here(m, proc);
    if (row)
        mover_tell(row, "kill");
}

void node_mover_lost(struct node_mover *m, proc_id proc)
{
    struct row *row = mover_find(m, false, proc);
    if (row && row->state == ROW_AWAY)
        mover_tell(row, "home");
}

/* ---- The loop. ----------------------------------------------------------- */

int mover_watch(struct node_mover *m, int file, void *what, uint32_t extra)
{
    struct epoll_event event = {.events = EPOLLIN | extra, .data.ptr = what};
    return epoll_ctl(m->wait_on, EPOLL_CTL_ADD, file, &event) < 0 ? -errno : 0;
}

void mover_unwatch(const struct node_mover *m, int *file)
{
    if (*file < 0)
        return;
    epoll_ctl(m->wait_on, EPOLL_CTL_DEL, *file, NULL);
    close(*file);
    *file = -1;
}

static void gone(struct node_mover *m, struct row *row)
{
    mover_unwatch(m, &row->connection);
    if (row->saved.is_guest)
        mover_guest_gone(m, row);
    else
        mover_home_gone(m, row);
    row->state = ROW_OVER;
    mover_forget(m, row);
}

static void hear_row(struct node_mover *m, struct row *row)
{
    char line[LINE_BYTES];
    int descriptor;
    int error = 0;
    while (row->connection >= 0 &&
           (error = pass_get(row->connection, &descriptor, line)) == 0) {
        if (descriptor >= 0)
            close(descriptor);
        if (row->saved.is_guest)
            mover_guest_line(m, row, line);
        else
            mover_home_line(m, row, line);
    }
    if (row->connection >= 0 && error != -EAGAIN)
        gone(m, row);
}

static bool needs_ticks(const struct node_mover *m)
{
    for (const struct row *row = m->rows; row; row = row->next)
        if (row->order.is || row->state == ROW_EXPECTED ||
            row->state == ROW_OVER || row->resubmit)
            return true;
    return mover_has_callers(m);
}

static void set_timer(struct node_mover *m)
{
    bool ticks = needs_ticks(m);
    long ns = ticks ? MOVER_TICK_MS * 1000000L : 0;
    struct itimerspec when = {{0, ns}, {0, ns}};
    if (ticks != m->ticks && timerfd_settime(m->timer, 0, &when, NULL) == 0)
        m->ticks = ticks;
}

static void tick(struct node_mover *m)
{
    uint64_t rings;
    usec_t now_us = mover_now_us();
    if (read(m->timer, &rings, sizeof rings) != sizeof rings)
        return;
    for (struct row *row = m->rows; row; row = row->next)
        if (row->saved.is_guest)
            mover_guest_tick(m, row, now_us);
        else
            mover_home_tick(m, row, now_us);
    mover_sweep_callers(m, now_us);
}

/* Those whose worker, if it is our child, has been waited for. */
static void bury(struct node_mover *m)
{
    struct row **at = &m->rows;
    while (*at) {
        struct row *row = *at;
        if (row->worker > 0 && waitpid(row->worker, NULL, WNOHANG) != 0)
            row->worker = 0;
        if (row->state != ROW_OVER || row->worker > 0) {
            at = &row->next;
            continue;
        }
        *at = row->next;
        free(row);
    }
}

static bool is_caller(const struct node_mover *m, const void *what)
{
    uintptr_t at = (uintptr_t)what;
    return at >= (uintptr_t)&m->callers[0] &&
           at < (uintptr_t)&m->callers[MOVER_CALLERS_MAX];
}

void node_mover_step(struct node_mover *m)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(m->wait_on, events, EVENTS, 0);
    for (int i = 0; i < count; i++) {
        void *what = events[i].data.ptr;
        if (what == &m->local)
            mover_accept_local(m);
        else if (what == &m->listener)
            mover_accept(m);
        else if (what == &m->timer)
            tick(m);
        else if (is_caller(m, what))
            mover_hear_caller(m, what);
        else
            hear_row(m, what);
    }
    bury(m);
    set_timer(m);
}

const char *node_mover_address(const struct node_mover *m)
{
    return m->address;
}

int node_mover_wait_on(const struct node_mover *m)
{
    return m->wait_on;
}

/* ---- Life. --------------------------------------------------------------- */

static int listen_local(struct node_mover *m, struct complaint *c)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s",
                 m->options.socket) >= (int)sizeof address.sun_path)
        return complain(c, -ENAMETOOLONG, m->options.socket, 0, 0,
                        "a socket needs a shorter path");
    m->local =
        socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(address.sun_path); /* Of one that was here before us. */
    if (m->local < 0 ||
        bind(m->local, (struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(address.sun_path, 0666) < 0 || /* Who it is, the kernel says. */
        listen(m->local, BACKLOG) < 0)
        return complain(c, -errno, address.sun_path, 0, 0,
                        "cannot be listened at: %s", strerror(errno));
    return 0;
}

static int open_all(struct node_mover *m, struct complaint *c)
{
    m->wait_on = epoll_create1(EPOLL_CLOEXEC);
    m->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    int error = listen_local(m, c);
    if (!error)
        error = address_listen(m->options.listen, &m->listener, m->address, c);
    if (error)
        return error;
    error = mover_watch(m, m->local, &m->local, 0);
    if (!error)
        error = mover_watch(m, m->listener, &m->listener, 0);
    if (!error)
        error = mover_watch(m, m->timer, &m->timer, 0);
    return error ? complain(c, error, m->folder, 0, 0, "%s", strerror(-error))
                 : 0;
}

int node_mover_create(struct node_mover **ret,
                      const struct mover_options *options,
                      struct complaint *c)
{
    struct node_mover *m = calloc(1, sizeof *m);
    if (!m)
        return complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    m->options = *options;
    m->local = m->listener = m->timer = m->wait_on = -1;
    for (size_t i = 0; i < MOVER_CALLERS_MAX; i++)
        m->callers[i].socket = -1;
    int error = 0;
    if (snprintf(m->folder, sizeof m->folder, "%s", options->folder) >=
            (int)sizeof m->folder ||
        snprintf(m->guardian, sizeof m->guardian, "%s", options->guardian) >=
            (int)sizeof m->guardian)
        error = complain(c, -ENAMETOOLONG, options->folder, 0, 0,
                         "the path is too long");
    if (!error)
        error = open_all(m, c);
    if (!error && (error = mover_adopt(m)) != 0)
        complain(c, error, m->folder, 0, 0, "it cannot be read: %s",
                 strerror(-error));
    if (error)
        node_mover_destroy(m);
    else
        *ret = m;
    return error;
}

void node_mover_start(struct node_mover *m)
{
    m->started = true;
    for (struct row *row = m->rows; row; row = row->next)
        hear_row(m, row);
    set_timer(m);
}

void node_mover_destroy(struct node_mover *m)
{
    if (!m)
        return;
    const int files[] = {m->local, m->listener, m->timer, m->wait_on};
    while (m->rows) {
        struct row *row = m->rows;
        m->rows = row->next;
        if (row->connection >= 0)
            close(row->connection);
        free(row);
    }
    for (size_t i = 0; i < MOVER_CALLERS_MAX; i++)
        if (m->callers[i].socket >= 0)
            close(m->callers[i].socket);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (files[i] >= 0)
            close(files[i]);
    free(m);
}
