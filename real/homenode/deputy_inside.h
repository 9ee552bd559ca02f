/* deputy_inside.h - one deputy, shared by the files deputy*.c and nobody else.
 */
#ifndef REAL_HOMENODE_DEPUTY_INSIDE_H
#define REAL_HOMENODE_DEPUTY_INSIDE_H

#include <sys/epoll.h>

#include "calls.h"
#include "deputy.h"
#include "postcopy.h"
#include "stub.h"

enum {
    SIGNALS_KEPT_MAX = LINK_KEPT_MAX, /* The link has no more on its way. */
    TAIL_BYTES = WIRE_DATA_BYTES + 8 * WIRE_AREAS_MAX,
    NEXT_SLEEP_US = 2000, /* And so long for the next one. */
    LOOK_US = 1000, /* So often for what else there is, if calls come fast. */
    INTERRUPT_AGAIN_US = 1000,
    CALL_SLEEP_US = 5000, /* So long we only wait for a call that is made: more
                             than a tick of the kernel, or each wait sets the
                             processor's timer, which costs 2 us. */
};

/* Signals of this stay: the last that were sent after the body, since those
 * that it has not taken when its image comes home are still to be had; and
 * those that cannot be sent now. */
struct signals
{
    uint8_t sent[SIGNALS_KEPT_MAX]
                [PENDING_SIGNAL_BYTES]; /* A ring, by count. */
    uint64_t sent_count;
    uint64_t last_sequence; /* Of the messages: that of the last. */
    struct pending waiting;
    bool held_back;    /* None is sent: the body is between two hosts. */
    bool stop_is_ours; /* The next SIGSTOP is not from outside. */
};

/* An epoll_wait(2) with a timeout, that was interrupted and is begun again by
 * the body if no handler ran: its end stays. */
struct waiting
{
    bool again;
    int32_t number;
    uint64_t arguments[6];
    uint64_t until_us;
};

/* A body on its way home. */
struct coming
{
    bool is; /* BODY has come, END has not. */
    bool has_image;
    struct receiver receiver;
    uint64_t body_us; /* When BODY came, */
    uint64_t rest_us; /* and the last MAPS: from there on it stands still. */
    uint64_t bytes;
    uint32_t rounds;
};

struct deputy
{
    struct deputy_options options;
    enum deputy_state state;
    struct tracee tracee; /* Seized while away and while it is being sent. */
    struct link *link;    /* NULL at home. */
    struct stub stub;
    struct maps kept;   /* Of the stub: nothing may be received there. */
    struct image image; /* As it left, and as it comes. */
    struct pending image_pending;
    struct image_wait wait; /* In which it came home. */
    struct incoming incoming;
    struct wire_asked asked; /* The call that is being made, without data. */
    uint8_t *tail;           /* Of its reply; TAIL_BYTES. */
    bool in_call;
    bool interrupts; /* It is to return, as if interrupted: asked for again and
                        again, since it may not have begun to wait. */
    struct waiting waiting;
    bool recalled;
    uint64_t epoch;
    struct signals signals;
    struct coming coming;
    bool declines; /* What of an image is still on its way is dropped. */
    uint32_t host_facilities; /* Of the last that said HELLO. */
    struct served served;     /* What the body's host has not yet. */
    bool owes;
    bool keeps_memory;   /* The stub has what is not owed any more. */
    uint64_t stopped_us; /* For the last move. */
    int watch;           /* epoll: children's signals, and what wakes. */
    uint64_t looked_us;  /* When it was looked at last. */
    int children;        /* signalfd */
    int wake;            /* In watch; -1: none. */
    bool cut;
    bool stopped;    /* By job control, not told yet. */
    bool quick;      /* A reply has gone out: the next request may come soon. */
    bool moving;     /* To another host: what is lost is looked into first. */
    bool unsettled;  /* Its host was told to go on with it, and has not said yet
                        that it does: no other move is begun. */
    int abort_error; /* Why its host said ABORT. */
    bool stays;      /* Its host could not send it on. */
    bool pending;    /* Happened while it was being sent on, not told yet: */
    enum deputy_event pending_event;
    uint64_t trimmed_us;
    bool large;                     /* The window has had large calls since. */
    struct wire_usage usage_before; /* Of hosts that it has left. */
    struct deputy_account account;
    struct deputy_cost cost_home;
    struct complaint why;
};

uint64_t deputy_now_us(void);

/* Fill in the complaint, whose file is the process. Returns error. */
int deputy_complain(const struct deputy *d,
                    int error,
                    struct complaint *c,
                    const char *text,
                    ...) __attribute__((format(printf, 4, 5)));

/* A message that is a head alone; one that is lasting. */
int deputy_put(struct link *link, enum record_kind kind);
int deputy_put_abort(struct link *link, int error);

/* GO, with the limits of the process. */
int deputy_put_go(const struct deputy *d, struct link *link);

/* ---- deputy.c ------------------------------------------------------------ */

/* It is at home again, or has ended: nothing of the stay remains. */
void deputy_leave(struct deputy *d);

/* One look at the stub and at the link, at most so long, or until what wakes
 * has something. 0 or -EAGAIN: nothing for the caller of deputy_serve()
 * happened; 1: an event. While it is moving, an error is not yet DEPUTY_LOST.
 */
int deputy_step(struct deputy *d,
                uint64_t wait_us,
                enum deputy_event *ret_event);

/* It goes no further: the process is killed, and that is told. */
int deputy_lose(struct deputy *d,
                enum deputy_event *ret_event,
                const char *why);

/* The same, for what link_get() and its like said. */
int deputy_lose_by(struct deputy *d, enum deputy_event *ret_event, int error);

/* Wait for children's signals and this descriptor. */
int deputy_watch(struct deputy *d, int wake);

/* ---- deputy_calls.c ------------------------------------------------------ */

/* A REQUEST came, in d->incoming: begin its call, and end it if it is quick. 0,
 * -EBADMSG: a home-minded host does not ask this. */
int deputy_call(struct deputy *d);

/* Send the reply if the call is made by now. */
int deputy_reply(struct deputy *d);

/* Let the call that it waits in return, as if interrupted; try again, if that
 * is still wanted. */
int deputy_interrupt(struct deputy *d);
int deputy_interrupt_again(struct deputy *d);

/* ---- deputy_end.c -------------------------------------------------------- */

/* execve(): the stub is held; what another program inherits of the body. */
int deputy_before_execute(struct deputy *d);
int deputy_after_execute(struct deputy *d);

/* Let the process take its default action for a signal. */
int deputy_by_default(struct deputy *d, int signal);

/* Die of that signal as the body did. */
int deputy_die(struct deputy *d, int signal);

/* ---- deputy_signals.c ---------------------------------------------------- */

/* Deal with stops of the stub. 0; -ESRCH: it has ended; 1: it runs another
 * program. */
int deputy_stops(struct deputy *d);

/* Signals that were taken while it was being stopped, after the body. */
void deputy_take_signals(struct deputy *d);

/* Send what waits, unless it is held back. */
void deputy_send_signals(struct deputy *d);

/* The body stands still by the default action of this signal: let the process
 * do so, too. */
int deputy_stop(struct deputy *d, const uint8_t info[PENDING_SIGNAL_BYTES]);

/* None is left. */
void deputy_forget_signals(struct deputy *d);

/* Those of the image are with the body and not here any more, of them the first
 * so many are not here as it is; all signals are blocked. Others that have come
 * meanwhile wait to be sent. */
int deputy_take_pending(struct deputy *d, size_t first);

/* What is not in an image that took so many, into its pending ones. */
int deputy_add_signals(const struct deputy *d,
                       uint64_t taken,
                       struct pending *pending);

/* ---- deputy_return.c ----------------------------------------------------- */

/* A record of an image, or the BODY before it, came. 0; 1: it is home; 2: it
 * cannot come. */
int deputy_receive(struct deputy *d);

/* It does not come, now. */
void deputy_forget_coming(struct deputy *d);

/* ---- deputy_pages.c ------------------------------------------------------ */

/* Pages that the body needs at its first instructions. */
int deputy_hot_pages(const struct image *image, struct runs *ret);

/* FETCH, WHOLE came. */
int deputy_fetch(struct deputy *d);
int deputy_whole(struct deputy *d);

/* Throw away what the stub still has of the memory, if nobody reads it any more
 * and it is in no call. */
int deputy_give_back(struct deputy *d);

/* Let the call that it waits in return now. */
int deputy_end_call(struct deputy *d);

/* ---- deputy_onward.c ----------------------------------------------------- */

int deputy_send_onward(struct deputy *d,
                       const struct stream *to,
                       struct deputy_cost *ret_cost,
                       struct complaint *ret_complaint);

/* ---- deputy_send.c ------------------------------------------------------- */

/* What it sends is not to go. */
bool deputy_is_cancelled(const struct deputy *d);

/* What comes on a link other than that to its host, so long at most; its host
 * is told meanwhile that home is there. As link_get(). */
int deputy_hear(struct deputy *d, struct link *link, uint64_t wait_us);

/* A link on which both have said HELLO; NULL and a complaint. */
int deputy_greet(struct deputy *d,
                 const struct stream *to,
                 struct link **ret,
                 struct complaint *ret_complaint);

/* The BODY message. */
int deputy_put_body(struct deputy *d, struct link *link, uint32_t flags);

/* What came instead of what was waited for, as a complaint. */
int deputy_refused(const struct deputy *d,
                   int error,
                   const struct incoming *incoming,
                   struct complaint *ret_complaint);

#endif /* REAL_HOMENODE_DEPUTY_INSIDE_H */
