/* guest_inside.h - one guest, shared by the files guest*.c and nobody else.
 *
 * Functions that return an int: 0, go on; 1, there is something for the caller
 * of guest_serve(), in g->event; negative, it cannot go on (guest_fail()).
 */
#ifndef REAL_HOMENODE_GUEST_INSIDE_H
#define REAL_HOMENODE_GUEST_INSIDE_H

#include <sys/types.h>

#include "calls.h"
#include "guest.h"
#include "image.h"
#include "postcopy.h"

enum {
    GUEST_QUICK_US = 2000, /* So long we only wait for the reply to a call. */
    GUEST_IDENTITIES = 6,
    GUEST_RESTART = 513, /* ERESTARTNOINTR: the call has not begun. */
};

enum guest_phase {
    PHASE_COMING,   /* Not yet a body. */
    PHASE_RUNNING,  /* The body runs, or waits for a call. */
    PHASE_STANDING, /* It has been sent; kept until we hear that it is there. */
    PHASE_DEAD,     /* A signal killed it, which home has been told. */
    PHASE_OVER,
};

enum guest_wanted { WANTED_HERE, WANTED_HOME, WANTED_ONWARD };

/* The call that the body makes, if it makes one that is told. */
struct guest_call
{
    bool told;        /* It waits for our answer. */
    bool asked;       /* Home has a REQUEST, whose reply goes to then(). */
    bool interrupted; /* So it was answered, and it has not gone on since. */
    uint64_t id;
    int64_t number;
    uint64_t arguments[6];
    bool waits;
    int (*then)(struct guest *g, int64_t result);
    const struct call_memory *memory;
    struct call_packed packed;
    uint64_t refused; /* So often it could not go home for this one. */
    bool parked;      /* A page of it is missing: again() when one has come. */
    bool held_back;   /* Its REQUEST, while pages are under way. */
    int (*again)(struct guest *g);
    struct incoming reply; /* That came to it. */
    int64_t result;
};

/* The last sleep or poll(2), which may be begun again for its rest. */
struct guest_wait
{
    int64_t number;
    uint64_t arguments[6];
    int64_t until_ns; /* On CLOCK_MONOTONIC. */
    bool restarts;    /* It was interrupted, and comes again unless a handler
                         runs. */
};

/* A file being mapped: the body stands still. */
struct guest_mapping
{
    bool is;
    struct user_regs_struct registers;
    uint64_t at;
    uint64_t bytes;
    uint64_t done;
    uint64_t file_at;
    uint64_t file_bytes;
};

struct guest_time
{
    uint64_t cpu_ns;
    uint64_t user_ticks;
    uint64_t system_ticks;
    uint64_t minor_faults;
    uint64_t major_faults;
    uint64_t resident_pages;
};

struct guest
{
    struct guest_options options;
    enum guest_phase phase;
    enum guest_event event;
    struct link *link;
    bool cut;
    struct incoming incoming;
    struct sandbox sandbox;
    struct tracee body;
    struct image image; /* As it came, and as it leaves. */
    struct wire_body about;
    int64_t monotonic_offset_ns;
    int64_t boot_offset_ns;
    int children;    /* signalfd(2) */
    int status_file; /* /proc/PID/status */

    struct guest_call call;
    struct fill *fill; /* NULL: all its pages are here. */
    struct tracee_holes holes;
    bool wants; /* A page was missing, of a call that is to be parked. */
    struct call_memory body_memory;
    struct call_memory touched_memory; /* The body's, but not written. */
    struct call_memory own_memory;
    uint8_t scratch[256]; /* What the guardian itself asks home. */
    struct guest_wait wait;
    struct guest_mapping mapping;
    uint8_t *piece; /* Of a file. */

    int64_t identities[GUEST_IDENTITIES];
    bool identity_known[GUEST_IDENTITIES];

    struct pending arrived; /* Not yet given to the body; of them, */
    size_t arrived_first;   /* so many are before those in its kernel. */
    struct pending image_pending;
    uint64_t signal_count;     /* That came since it runs here. */
    uint64_t signals_in_image; /* Of these, in it or taken before. */
    siginfo_t continued;       /* The last SIGCONT. */

    bool frozen;
    bool held; /* It is kept in a stop of ptrace(2). */
    enum guest_wanted wanted;
    bool to_home;
    bool leaving;      /* Rounds are under way: */
    bool hurries;      /* they end, since it waits for being home; */
    bool abandoned;    /* or since home keeps it here; */
    bool has_event;    /* or since there is something for the caller. */
    bool still;        /* It is not to run any more, and held if it would. */
    uint64_t retry_us; /* It could not be taken, and is tried again after so */
    uint64_t retry_at_us;     /* long, then. */
    uint64_t wished_until_us; /* It waits for home to ask for it, at most. */
    bool sends_again;         /* Unless GONE comes soon. */

    struct guest_time time_base;
    struct wire_end earlier;      /* What it used at hosts before this one. */
    struct wire_usage told_usage; /* Neither part of it goes back. */
    uint64_t home_cpu_us;
    uint64_t calls_forwarded;
    uint64_t usage_us; /* When USAGE was last sent. */
    int core;          /* On which it was seen last. */
};

uint64_t guest_now_us(void);

/* ---- guest.c ------------------------------------------------------------- */

/* One look at everything, at most so long; wake: -1 or a descriptor. */
int guest_step(struct guest *g, uint64_t wait_us, int wake);

/* What the link has. */
int guest_hear(struct guest *g, uint64_t wait_us);

/* It is over: nothing is left of the body. Returns 1. */
int guest_end(struct guest *g, enum guest_event event);

/* It cannot go on: home is told, then it is over. Returns 1. */
int guest_fail(struct guest *g, int error);

/* A lasting message of that one part, or a head alone. A cut is noticed later:
 * the link keeps what is lasting. */
int guest_put(struct guest *g,
              enum record_kind kind,
              const struct iovec *parts,
              size_t part_count);
int guest_put_head(struct guest *g, enum record_kind kind);
int guest_put_abort(struct guest *g, int error);

/* ---- guest_pages.c ------------------------------------------------------- */

/* What is owed is not in the body, which stands still and is ready to run. */
int guest_pages_begin(struct guest *g,
                      const struct maps *maps,
                      const struct runs *owed);

/* The body found a hole, or changes its mappings. */
int guest_pages_look(struct guest *g);

/* FETCHED came; the stream is a new one. */
int guest_pages_came(struct guest *g);
int guest_pages_resume(struct guest *g);

/* The body is no more. */
void guest_pages_end(struct guest *g);

/* The guardian may read and write there; if not, wants. */
bool guest_pages_has(struct guest *g, uint64_t from, size_t bytes);

/* The call that is told goes on when a page came. */
int guest_park(struct guest *g);

/* ---- guest_receive.c ----------------------------------------------------- */

int guest_receive(struct guest *g,
                  const struct stream *image,
                  struct complaint *ret_complaint);

/* ---- guest_calls.c ------------------------------------------------------- */

/* The listener has a call. */
int guest_told(struct guest *g);

/* A REPLY came. */
int guest_replied(struct guest *g);

/* Ask home: 0 asked, then() hears the result; -ENOTSUP, or the call's own
 * result, -EFAULT and the like: not asked; other: it cannot go on. */
int guest_ask(struct guest *g,
              int64_t number,
              const uint64_t arguments[6],
              const struct call_memory *memory,
              int (*then)(struct guest *g, int64_t result));
bool guest_is_result(int error);

/* The call returns that to the body, which goes on; the host's kernel makes
 * it; it goes home for it. */
int guest_answer(struct guest *g, int64_t result);
int guest_let_pass(struct guest *g);
int guest_go_home_for(struct guest *g);

/* At a stop: a call that we have not been told yet begins after it. */
int guest_begin_call(struct guest *g);

/* Forward the call as it is. */
int guest_forward(struct guest *g);

/* Its REQUEST, which was held back. */
int guest_send_request(struct guest *g);

/* ---- guest_wait.c -------------------------------------------------------- */

/* The call that is told begins: when will it be over? */
void guest_wait_begin(struct guest *g);

/* It comes again, maybe. */
void guest_wait_restart(struct guest *g);

/* The image came with one; it leaves with one. */
void guest_wait_take(struct guest *g);
void guest_wait_put(struct guest *g);

/* The timeout of the poll(2) that is told, or of what is left of it. */
uint64_t guest_wait_poll_ms(const struct guest *g);

/* ---- guest_special.c, guest_map.c ---------------------------------------- */

int guest_special(struct guest *g, enum call_special special);

/* The body goes by these limits. */
void guest_take_limits(struct guest *g, const struct wire_go *go);
int guest_map_file(struct guest *g);

/* ---- guest_signals.c ----------------------------------------------------- */

/* A SIGNAL came. */
int guest_arrived(struct guest *g);

/* The body stopped or died. */
int guest_stops(struct guest *g);

/* Stop it where it is, for us to work on; its call is answered so first. */
int guest_stop(struct guest *g, int64_t result);

/* What it was about to be given when it was stopped, for the next time. */
int guest_take_back(struct guest *g);

/* Let it run on from a stop. */
int guest_continue(struct guest *g, int signal);

/* If it is held and nothing holds it any more. */
int guest_release(struct guest *g);

/* Its signals, one bit each as tracee_signal_mask(). */
struct guest_masks
{
    uint64_t pending;
    uint64_t blocked;
    uint64_t ignored;
    uint64_t caught;
};
int guest_masks_of(const struct guest *g, struct guest_masks *ret);

/* ---- guest_leave.c ------------------------------------------------------- */

/* If home wants it elsewhere and nothing holds it: begin. */
int guest_may_leave(struct guest *g);

/* Home, for a call: at once, or when its overseer has made home ask for it. */
int guest_wish_home(struct guest *g);

/* To home, or over this stream. */
int guest_send(struct guest *g, const struct stream *onward);

/* On a new stream, what was on its way home, unless it came there. */
int guest_send_again(struct guest *g);

/* Home does not take it: it goes on here. */
int guest_back(struct guest *g);

/* ---- guest_account.c ----------------------------------------------------- */

void guest_account_start(struct guest *g);
void guest_time_of(const struct guest *g, struct guest_time *ret);

/* All of it but what it used at home. */
void guest_usage_away(struct guest *g, struct wire_usage *ret);
uint64_t guest_cpu_away_ns(const struct guest *g);
int guest_put_usage(struct guest *g);

/* Run where it runs. */
void guest_follow(struct guest *g);

#endif /* REAL_HOMENODE_GUEST_INSIDE_H */
