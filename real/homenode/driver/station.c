/* station.c - see station.h. */
#include "station.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pass.h"

static int watch(const struct station *s, int file)
{
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(s->wait_on, EPOLL_CTL_ADD, file, &event) < 0 ? -errno : 0;
}

int station_begin(struct station *s, int listener)
{
    *s = (struct station){.listener = listener, .connection = -1};
    s->wait_on = epoll_create1(EPOLL_CLOEXEC);
    int error = s->wait_on < 0 ? -errno : watch(s, listener);
    if (error && s->wait_on >= 0)
        close(s->wait_on);
    return error;
}

static void leave(struct station *s)
{
    if (s->connection >= 0)
        close(s->connection);
    s->connection = -1;
}

void station_end(struct station *s)
{
    leave(s);
    if (s->wait_on >= 0)
        close(s->wait_on);
    s->wait_on = -1;
}

static void put(const struct station *s, const char *line)
{
    if (s->connection >= 0)
        pass_put(s->connection, -1, line);
}

void station_stands(struct station *s, const char *text, ...)
{
    va_list list;
    va_start(list, text);
    vsnprintf(s->status, sizeof s->status, text, list);
    va_end(list);
    put(s, s->status);
}

void station_say(const struct station *s, const char *text, ...)
{
    char line[LINE_BYTES];
    va_list list;
    va_start(list, text);
    vsnprintf(line, sizeof line, text, list);
    va_end(list);
    put(s, line);
}

/* The last that connects is the daemon. */
static void meet(struct station *s)
{
    int next = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (next < 0)
        return;
    leave(s);
    s->connection = next;
    if (watch(s, next) < 0)
        leave(s);
    else if (s->status[0])
        put(s, s->status);
}

int station_next(struct station *s, int *ret_descriptor, char ret[LINE_BYTES])
{
    int error = -EAGAIN;
    if (s->connection >= 0)
        error = pass_get(s->connection, ret_descriptor, ret);
    if (error && error != -EAGAIN)
        leave(s);
    if (!error)
        return 0;
    meet(s);
    error = s->connection < 0 ? -EAGAIN
                              : pass_get(s->connection, ret_descriptor, ret);
    return error ? -EAGAIN : 0;
}
