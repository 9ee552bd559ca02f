/* timed.h - a policy whose handlers are timed where they are called: each call
 * is made several times from the same state, so that the caches are warm and
 * the least of the times is the handler's own.
 */
#ifndef BENCH_TIMED_H
#define BENCH_TIMED_H

#include "../algorithms/policy.h"

enum timed_handler {
    TIMED_START,
    TIMED_SAMPLED,
    TIMED_WAKE,
    TIMED_CHANGED,
    TIMED_RECEIVE,
    TIMED_PLACE,
    TIMED_ARRIVED,
    TIMED_MOVED,
    TIMED_ADMIT,
    TIMED_HANDLERS
};

enum {
    TIMED_PARAMS_MAX = 32,
    TIMED_REPEATS = 4, /* Of a call that is timed. */
};

struct timed_cost
{
    uint64_t calls;
    uint64_t timed;  /* Of calls. */
    double ns;       /* Of those timed, in all. */
    uint64_t listed; /* Entries on the board then, in all; */
    uint64_t procs;  /* processes at the node. */
};

struct timed
{
    const struct policy *original;
    struct policy policy;              /* What a node is given, */
    uint64_t params[TIMED_PARAMS_MAX]; /* with these: it finds us by them. */
    uint64_t stride; /* One call of so many is timed, drawn at random: calls */
    uint64_t random; /* have rhythms. */
    bool off;        /* Calls go straight through and are not counted. */
    struct timed_cost costs[TIMED_HANDLERS];
    uint64_t messages; /* Sent by the policy, */
    uint64_t bytes;    /* with their heads. */
    bool received;     /* It had a message since this was set to false, */
    size_t learned;    /* in which so many words were. */
    double clock_ns;   /* Of looking at the clock; taken off. */
    void *state;       /* Room for one. */
};

/* Handlers in words, "sampled". */
const char *timed_name(enum timed_handler handler);

/* The policy with its defaults. */
struct timed *timed_create(const struct policy *original);
void timed_destroy(struct timed *timed);

/* True for one of `stride`. */
bool timed_draw(struct timed *timed);

/* Forget what was counted, but of start(), which is called once. */
void timed_clear(struct timed *timed);

/* Mean of those timed; 0 if there were none. */
double timed_ns(const struct timed *timed, enum timed_handler handler);

/* Monotonic. */
double timed_now_ns(void);

#endif /* BENCH_TIMED_H */
