/* system_events.h - what Linux tells root of all processes: starts, execs and
 * ends by the proc connector, figures at exit by taskstats (netlink). */
#ifndef TRACES_SYSTEM_EVENTS_H
#define TRACES_SYSTEM_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "complaint.h"

enum system_event_kind { SYSTEM_FORK, SYSTEM_EXEC, SYSTEM_EXIT };

struct system_event
{
    enum system_event_kind kind;
    uint64_t at_ns; /* CLOCK_MONOTONIC. */
    pid_t pid;      /* FORK: of the new one. */
    pid_t process;  /* The thread group that it is of. */
    pid_t parent;   /* FORK: the thread group of who forked. */
    int status;     /* EXIT: as from wait(2). */
};

/* Of one thread, at its exit. */
struct system_figures
{
    pid_t pid;
    pid_t process;
    uint32_t uid;
    uint64_t cpu_ns;
    uint64_t wait_ns;
    uint64_t peak_bytes;
    uint64_t read_bytes; /* The kernel rounds these two down to KiB. */
    uint64_t write_bytes;
    uint64_t disk_read_bytes;
    uint64_t disk_write_bytes;
    char name[16];
};

struct system_listener
{
    void (*event)(void *who, const struct system_event *event);
    void (*figures)(void *who, const struct system_figures *figures);
    void *who;
};

struct system_events;

/* buffer_bytes: of each of the two sockets. 0; -EPERM without CAP_NET_ADMIN, or
 * another negative errno, and a complaint. */
int system_events_open(size_t buffer_bytes,
                       const struct system_listener *listener,
                       struct system_events **ret_events,
                       struct complaint *ret_complaint);
void system_events_close(struct system_events *events);

/* To poll for input. */
int system_events_fd(const struct system_events *events);
int system_figures_fd(const struct system_events *events);

/* Everything that has come; false if a socket is broken. A thread's figures
 * come after the event of its start was there to be read, and before that of
 * its exit. Figures: those of a thread may need events that came since. */
bool system_events_read(struct system_events *events);
bool system_figures_read(struct system_events *events);

/* How often a socket overflowed: how much was lost, nobody knows. */
uint64_t system_events_overflows(const struct system_events *events);

#endif /* TRACES_SYSTEM_EVENTS_H */
