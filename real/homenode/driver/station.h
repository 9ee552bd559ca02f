/* station.h - how a process that moves another hears its node's daemon: at a
 * UNIX socket, where the daemon connects. One that begins anew connects again
 * and is told how things stand; without one all goes on. Each message is a
 * line, to it with a descriptor or without.
 */
#ifndef REAL_HOMENODE_DRIVER_STATION_H
#define REAL_HOMENODE_DRIVER_STATION_H

#include <stdbool.h>

#include "connection.h"

struct station
{
    int listener;            /* SOCK_SEQPACKET; the caller's. */
    int connection;          /* -1: there is no daemon. */
    int wait_on;             /* epoll: a message, or a daemon that connects. */
    char status[LINE_BYTES]; /* What one that connects is told. */
};

/* 0 or negative errno. */
int station_begin(struct station *s, int listener);
void station_end(struct station *s);

/* How things stand from now on; a daemon that is there is told at once. It is
 * said to the next one too. */
void station_stands(struct station *s, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

/* To the daemon that is there alone. */
void station_say(const struct station *s, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

/* The next message; ret_descriptor is the caller's, -1 if none came. -EAGAIN:
 * none is there. */
int station_next(struct station *s, int *ret_descriptor, char ret[LINE_BYTES]);

#endif /* REAL_HOMENODE_DRIVER_STATION_H */
