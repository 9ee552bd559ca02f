/* said.h - what a daemon says to people: lines on stderr, which systemd takes
 * for its log, and the last of them for who asks later.
 */
#ifndef REAL_DAEMON_SAID_H
#define REAL_DAEMON_SAID_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../algorithms/policy.h"

enum { SAID_KEPT = 1024, SAID_TEXT_BYTES = 320 };

/* By syslog(3)'s numbers, which systemd understands at a line's start. */
enum said_level { SAID_ERROR = 3, SAID_WARNING = 4, SAID_NOTE = 5 };

struct said_line
{
    usec_t at_us; /* Since 1970. */
    uint64_t number;
    enum said_level level;
    char text[SAID_TEXT_BYTES];
};

struct said
{
    FILE *out;     /* NULL: only kept. */
    bool prefixed; /* With <level>, as systemd reads it. */
    uint64_t count;
    struct said_line lines[SAID_KEPT]; /* number modulo SAID_KEPT. */
};

/* One line; what is no printable character becomes '?'. */
void say(struct said *s, enum said_level level, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, only kept: what happens often. */
void say_quietly(struct said *s, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* REAL_DAEMON_SAID_H */
