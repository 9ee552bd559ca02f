/* mover.c - see mover.h. */
#include "mover.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { ANSWER_S = 5, RETRY_MS = 200 };

int mover_create(struct mover *m,
                 pid_t pid,
                 const char *const *hosts,
                 size_t host_count,
                 const struct deputy_options *options,
                 struct complaint *ret_complaint)
{
    *m = (struct mover){.hosts = hosts,
                        .host_count = host_count,
                        .lease_us = options->lease_us,
                        .place = AT_HOME,
                        .connections = {{.socket = -1}, {.socket = -1}}};
    tally_begin(&m->tally);
    return deputy_create(&m->deputy, pid, options, ret_complaint);
}

void mover_destroy(struct mover *m)
{
    deputy_destroy(m->deputy);
    connection_close(&m->connections[0]);
    connection_close(&m->connections[1]);
    tally_finish(&m->tally);
}

/* Its calls are made while a line is waited for. */
static int serve_until_line(struct mover *m, int socket, char line[LINE_BYTES])
{
    struct epoll_event event = {.events = EPOLLIN};
    struct itimerspec end = {.it_value.tv_sec = ANSWER_S};
    int both = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    int error = -EAGAIN;
    if (both < 0 || timer < 0 || timerfd_settime(timer, 0, &end, NULL) < 0 ||
        epoll_ctl(both, EPOLL_CTL_ADD, socket, &event) < 0 ||
        epoll_ctl(both, EPOLL_CTL_ADD, timer, &event) < 0)
        error = -errno;
    while (error == -EAGAIN) {
        uint64_t rings;
        error = deputy_serve(m->deputy, both, &m->pending_event);
        m->pending = !error && m->pending_event != DEPUTY_WOKEN;
        if (!error)
            error = m->pending ? -ECONNABORTED : line_get(socket, line);
        if (error == -EAGAIN && read(timer, &rings, sizeof rings) > 0)
            error = -ETIMEDOUT;
    }
    if (timer >= 0)
        close(timer);
    if (both >= 0)
        close(both);
    return error;
}

/* Tell its host where it goes next, and be told that the way is open. */
static int announce(struct mover *m,
                    const char *host,
                    const char *token,
                    struct complaint *c)
{
    char line[LINE_BYTES];
    int socket;
    int error = address_connect(m->hosts[m->place], &socket, c);
    if (error)
        return error;
    error = line_put(socket, "vencejo ONWARD %s %s %s", m->token, host, token);
    if (!error)
        error = serve_until_line(m, socket, line);
    close(socket);
    if (error)
        return complain(c, error, m->hosts[m->place], 0, 0,
                        "does not answer: %s", strerror(-error));
    if (strcmp(line, "UNKNOWN") == 0)
        return complain(c, -ESTALE, m->hosts[m->place], 0, 0,
                        "does not know it any more");
    return strcmp(line, "OK") == 0
               ? 0
               : complain(c, -EHOSTUNREACH, m->hosts[m->place], 0, 0,
                          "cannot send it there: %s", line);
}

/* The other connection of the two, to that host. */
static int open_host(struct mover *m,
                     int place,
                     const char *token,
                     struct connection *next,
                     struct complaint *c)
{
    int socket;
    const char *host = m->hosts[place];
    connection_close(next);
    int error = address_connect(host, &socket, c);
    if (error)
        return error;
    error = line_put(socket, "vencejo HOME %s %s", token,
                     m->place == AT_HOME ? "here" : "elsewhere");
    if (error)
        close(socket);
    else
        error = connection_open(next, socket, m->lease_us);
    return error ? complain(c, error, host, 0, 0, "%s", strerror(-error)) : 0;
}

static int go_away(struct mover *m,
                   int place,
                   const char token[TOKEN_BYTES],
                   struct complaint *c)
{
    struct connection *next = &m->connections[1 - m->current];
    struct deputy_cost cost;
    if (deputy_is_coming(m->deputy))
        return complain(c, -EBUSY, NULL, 0, 0, "it is on its way home");
    int error = open_host(m, place, token, next, c);
    if (!error && m->place != AT_HOME)
        error = announce(m, m->hosts[place], token, c);
    if (!error)
        error = deputy_send(m->deputy, &next->stream, &cost, c);
    if (error) {
        connection_close(next);
        if (deputy_has_news(m->deputy))
            m->pending = deputy_serve(m->deputy, -1, &m->pending_event) == 0;
        return error;
    }
    connection_shut(&m->connections[m->current]);
    m->current = 1 - m->current;
    m->place = place;
    memcpy(m->token, token, TOKEN_BYTES);
    tally_move(&m->tally, place, -1, &cost);
    return 0;
}

int mover_go(struct mover *m, int place, struct complaint *c)
{
    char token[TOKEN_BYTES];
    if (token_make(token) < 0)
        return complain(c, -EIO, NULL, 0, 0, "no random numbers");
    return mover_go_as(m, place, token, c);
}

int mover_go_as(struct mover *m,
                int place,
                const char token[TOKEN_BYTES],
                struct complaint *c)
{
    int error = 0;
    if (place == m->place || deputy_state_of(m->deputy) == DEPUTY_ENDED)
        return 0;
    if (place != AT_HOME)
        error = go_away(m, place, token, c);
    else if (deputy_recall(m->deputy) < 0)
        error = complain(c, -EPIPE, NULL, 0, 0, "its host is not heard");
    if (error && deputy_state_of(m->deputy) != DEPUTY_ENDED)
        tally_refusal(&m->tally, c);
    return error;
}

/* ---- A stream that broke. ------------------------------------------------ */

/* -ESTALE: there is nothing to be heard again. */
static int connect_again(struct mover *m)
{
    struct complaint unsaid;
    struct connection *c = &m->connections[m->current];
    char line[LINE_BYTES];
    int socket;
    int error = address_connect(m->hosts[m->place], &socket, &unsaid);
    if (error)
        return error;
    error = line_put(socket, "vencejo RESUME %s", m->token);
    if (!error)
        error = serve_until_line(m, socket, line);
    if (!error && strcmp(line, "OK") != 0)
        error = strcmp(line, "UNKNOWN") == 0 ? -ESTALE : -EBADMSG;
    if (error) {
        close(socket);
        return error;
    }
    connection_close(c);
    error = connection_open(c, socket, m->lease_us);
    return error ? error : deputy_resume(m->deputy, &c->stream);
}

/* Until it is heard again, or the lease is over: the deputy says which. */
static int mend(struct mover *m, enum deputy_event *ret_event)
{
    struct itimerspec soon = {.it_value.tv_nsec = RETRY_MS * 1000000};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    int error = timer < 0 ? -errno : connect_again(m);
    while (error && timer >= 0) {
        if (m->pending) { /* Happened meanwhile. */
            m->pending = false;
            *ret_event = m->pending_event;
            error = 0;
            break;
        }
        if (error == -ESTALE) {
            error = deputy_give_up(m->deputy, ret_event);
            break;
        }
        timerfd_settime(timer, 0, &soon, NULL);
        error = deputy_serve(m->deputy, timer, ret_event);
        if (error || *ret_event != DEPUTY_WOKEN)
            break;
        error = connect_again(m);
    }
    if (timer >= 0)
        close(timer);
    return error;
}

static void came_home(struct mover *m)
{
    struct deputy_account account;
    struct deputy_cost cost;
    deputy_account_of(m->deputy, &account);
    deputy_cost_home(m->deputy, &cost);
    m->place = AT_HOME;
    tally_move(&m->tally, AT_HOME, account.home_call, &cost);
}

int mover_serve(struct mover *m, int wake, enum deputy_event *ret_event)
{
    int error;
    do {
        error = 0;
        *ret_event = m->pending ? m->pending_event : DEPUTY_WOKEN;
        if (!m->pending)
            error = deputy_serve(m->deputy, wake, ret_event);
        m->pending = false;
        if (!error && *ret_event == DEPUTY_CUT)
            error = mend(m, ret_event);
    } while (!error && *ret_event == DEPUTY_CUT);
    if (error)
        return error;
    if (*ret_event == DEPUTY_CAME_HOME)
        came_home(m);
    if (*ret_event == DEPUTY_EXECUTED) {
        m->place = AT_HOME;
        m->tally.came_home[SYS_execve]++;
    }
    if (*ret_event != DEPUTY_WOKEN && *ret_event != DEPUTY_STOPPED)
        connection_shut(&m->connections[m->current]);
    return 0;
}
