/* guest.h - the host's side of one process that is away from its home: receives
 * its body into a sandbox, runs it, asks home for its calls, sends it on.
 *
 * The guardian, who calls this, is the body's tracer: a process of its own for
 * each guest, without rights it does not need. It believes nothing that comes
 * on the stream. All functions are for one thread, which blocks SIGCHLD.
 */
#ifndef REAL_HOMENODE_GUEST_H
#define REAL_HOMENODE_GUEST_H

#include "../../traces/complaint.h"
#include "link.h"
#include "overseer.h"
#include "sandbox.h"
#include "transfer.h"

enum guest_event {
    GUEST_WOKEN,   /* The caller's descriptor has something to read. */
    GUEST_ENDED,   /* Exited, died or executed another program, at home. */
    GUEST_LEFT,    /* Went home, or on to another host. */
    GUEST_ABORTED, /* It never ran here, or is not the body any more. */
    GUEST_MOVE,    /* Home wants it elsewhere: guest_onward() or _stay(). */
    GUEST_CUT,     /* The stream broke: wait for another, guest_resume(). */
    GUEST_LOST,    /* The lease is over: the body was killed. */
};

struct guest_options
{
    struct sandbox_limits limits;
    uint32_t parts_needed; /* Bits of enum sandbox_part: without one of them a
                              body is refused. */
    struct transfer_limits transfer; /* For the way home or on. */
    uint64_t lease_us;               /* 0: LINK_LEASE_US */
    int fault_device; /* postcopy.h, for bodies whose pages come behind: 0,
                         none, and they are refused. */
    bool pinned;      /* The guardian runs on the core of its body. */
    const struct overseer *overseer; /* NULL: none. */
};

struct guest;

/* Receive a body over the stream of its home; image: the stream on which the
 * other host sends it, if home says BODY_ELSEWHERE, else NULL. It runs when
 * this returns 0. */
int guest_create(struct guest **ret,
                 const struct stream *home,
                 const struct stream *image,
                 const struct guest_options *options,
                 struct complaint *ret_complaint);

/* Kills the body if there still is one. */
void guest_destroy(struct guest *g);

/* Run until something is for the caller. wake: a descriptor, or -1. */
int guest_serve(struct guest *g, int wake, enum guest_event *ret_event);

/* After GUEST_MOVE: send the body over this stream to the guest_create() of the
 * next host; or say that it cannot be, and go on. */
int guest_onward(struct guest *g,
                 const struct stream *to,
                 struct complaint *ret_complaint);
int guest_stay(struct guest *g, int error);

/* After GUEST_CUT, within the lease. */
int guest_resume(struct guest *g, const struct stream *stream);

/* Stop it or let it go on. Meanwhile home hears of us, signals wait, and it may
 * be sent home or on, where it runs. */
int guest_freeze(struct guest *g, bool frozen);

/* Kill it, as a signal does: home hears of it. */
void guest_kill(struct guest *g);

/* Its body, on this machine; 0: it has none any more. */
pid_t guest_body(const struct guest *g);

void guest_usage_of(struct guest *g, struct wire_usage *ret);

#endif /* REAL_HOMENODE_GUEST_H */
