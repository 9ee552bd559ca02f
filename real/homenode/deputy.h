/* deputy.h - the home's side of one process: sends it away, does its calls
 * while it is away, takes it back.
 *
 * The process keeps its number, parent, descriptors, directory, rights,
 * children and terminal; away, its memory here is a window in which it makes
 * calls that the body asks for. The deputy is its tracer: all functions are for
 * one thread, which blocks SIGCHLD and lets the deputy have it. How the process
 * ends is left for its parent to wait for, who may be the caller.
 * The process is not traced when it is at home.
 */
#ifndef REAL_HOMENODE_DEPUTY_H
#define REAL_HOMENODE_DEPUTY_H

#include "../../traces/complaint.h"
#include "link.h"
#include "overseer.h"
#include "transfer.h"

enum { DEPUTY_CALLS_MAX = 512 };

enum deputy_state { DEPUTY_HOME, DEPUTY_AWAY, DEPUTY_ENDED };

/* How a process that was away came to its end or back, deputy_serve(). */
enum deputy_event {
    DEPUTY_WOKEN, /* The caller's descriptor has something to read, or it was
                     recalled and cannot come: deputy_why(). */
    DEPUTY_CAME_HOME, /* Recalled, or for a call that only home can make. */
    DEPUTY_EXITED,    /* As a process does; its parent sees how. */
    DEPUTY_EXECUTED,  /* It is home, as another program. */
    DEPUTY_STOPPED,   /* By job control, until SIGCONT; recall it, so that its
                         host is free and the lease no matter. */
    DEPUTY_CUT,       /* The stream broke: give another by deputy_resume(). To
                         serve on without one only waits for the lease's end. */
    DEPUTY_LOST, /* The host or the lease is gone, and the only current body
                    with it: the process was killed. */
};

struct deputy_options
{
    struct transfer_limits transfer;
    uint64_t lease_us; /* LINK_LEASE_US */
    uint32_t spin_us;  /* Awake, for a call to be made, where a core is free: 0:
                          asleep at once. */
    uint32_t filter_count; /* Of seccomp, that its rule gave it: rule.h. */
    const struct overseer *overseer; /* NULL: none. */
};

struct deputy_cost
{
    uint64_t freeze_us; /* From the stop until it ran again. */
    uint64_t total_us;
    uint64_t take_us;   /* Of the freeze: registers and the like, */
    uint64_t memory_us; /* the rest of the memory, */
    uint64_t ready_us;  /* waiting for the other side. */
    struct transfer_cost transfer;
};

struct deputy_account
{
    struct wire_usage usage; /* All hosts together. */
    uint64_t moves;
    uint64_t whole_us; /* Of the last move by post-copy: from the stop until
                          all its pages were there. */
    uint64_t calls;    /* Made here for it. */
    uint64_t calls_by_number[DEPUTY_CALLS_MAX];
    int64_t home_call; /* For which it came home last; -1: recalled. */
    uint64_t epoch;
};

struct deputy;

/* For a process that runs here. -ESRCH, -EPERM with the reason. */
int deputy_create(struct deputy **ret,
                  pid_t pid,
                  const struct deputy_options *options,
                  struct complaint *ret_complaint);

/* The process goes on by itself; one that is away is killed. */
void deputy_destroy(struct deputy *d);

/* Away over a stream to a guest_serve(), which must outlive the stay there. On
 * failure it goes on where it was, and the complaint says why. From home, or
 * from another host directly: the image then flows between the hosts, on a
 * stream that the caller of the other host's guest gave (guest_onward()). */
int deputy_send(struct deputy *d,
                const struct stream *to,
                struct deputy_cost *ret_cost,
                struct complaint *ret_complaint);

/* Do its calls until something is for the caller. wake: a descriptor, or -1. */
int deputy_serve(struct deputy *d, int wake, enum deputy_event *ret_event);

/* Something happened in deputy_send() that deputy_serve() tells at once, in
 * whatever state it is by now. */
bool deputy_has_news(const struct deputy *d);

/* Ask it home; deputy_serve() says when it came. */
int deputy_recall(struct deputy *d);

/* It was asked home, or is on its way for a call. */
bool deputy_is_coming(const struct deputy *d);

/* After DEPUTY_CUT, within the lease. */
int deputy_resume(struct deputy *d, const struct stream *stream);

/* Its host has not yet all its pages: deputy_serve() gives them. */
bool deputy_owes(const struct deputy *d);

/* After DEPUTY_CUT: its host says that it has no body of it any more.
 * DEPUTY_LOST. */
int deputy_give_up(struct deputy *d, enum deputy_event *ret_event);

/* What holds it at home now: bits of movable.h. */
int deputy_obstacles(const struct deputy *d, uint32_t *ret_obstacles);

enum deputy_state deputy_state_of(const struct deputy *d);
void deputy_account_of(const struct deputy *d, struct deputy_account *ret);

/* Of the last way home; freeze_us from the last mappings on, since when the
 * host stopped it is not said. */
void deputy_cost_home(const struct deputy *d, struct deputy_cost *ret);

/* Why it is home, or lost: text is empty if nothing is to be said. */
const struct complaint *deputy_why(const struct deputy *d);

pid_t deputy_pid(const struct deputy *d);

#endif /* REAL_HOMENODE_DEPUTY_H */
