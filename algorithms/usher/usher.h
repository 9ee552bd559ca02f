/* usher.h - moving processes out of nodes that run out of memory: what all
 * usher_ policies do alike, with the rules by which they differ.
 *
 * When less than the low mark of memory is free, with
 *     need = low + what does not fit - free - what is leaving,
 * a victim goes to a target with room for it, and again until need is 0.
 * Nothing comes in that would leave less than the high mark free; others hear
 * of that much less. The gap between the marks is the hysteresis: what came in
 * cannot be what drives somebody out, unless something here grew by high - low.
 * What its owner wants out is placed in the same way, before all else, and goes
 * home if it fits nowhere. One move each pace_us: so each sees what the one
 * before has reserved. need is reckoned at each sample; in between, what was
 * sent off is taken from it.
 */
#ifndef ALGORITHMS_USHER_USHER_H
#define ALGORITHMS_USHER_USHER_H

#include "../policy.h"

/* Who goes, of those that have a place to go to. */
enum usher_victim {
    USHER_REPAIRS,  /* The smallest of at least need; if there is none, the
                     * largest. */
    USHER_LARGEST,  /* The fewest moves. */
    USHER_SMALLEST, /* The cheapest move. */
    USHER_LATEST,   /* The last that came here. */
};

/* Where it goes, of those with room for it; one of equals at random. */
enum usher_target {
    USHER_NEAR,     /* Leaves at most near_milli of our memory more than the
                     * tightest would. */
    USHER_TIGHTEST, /* Leaves the least: best fit. */
    USHER_LOOSEST,  /* Leaves the most: worst fit. */
    USHER_IDLEST,   /* Has the least load. */
    USHER_CHEAPEST, /* Adds the least cost (opportunity/cost.h). */
};

/* The first of every usher's parameters. */
struct usher_marks
{
    uint64_t low_milli;
    uint64_t high_milli;
    uint64_t pace_us;
    uint64_t victim; /* enum usher_victim */
};

/* Rows of the table of parameters; struct params begins with `marks`. */
/* clang-format off */
#define USHER_PARAMS                                                            \
    {"low_milli", offsetof(struct usher_marks, low_milli), 0, 900, 62,          \
     "of memory; with less free, processes leave"},                             \
    {"high_milli", offsetof(struct usher_marks, high_milli), 0, 900, 125,       \
     "of memory; with less free, none comes in"},                               \
    {"pace_us", offsetof(struct usher_marks, pace_us), 1000, 10000000, 10000,   \
     "between two moves out of a node"},                                        \
    {"victim", offsetof(struct usher_marks, victim), USHER_REPAIRS,             \
     USHER_LATEST, USHER_REPAIRS,                                               \
     "0 the smallest that repairs, 1 the largest, 2 the smallest, 3 the latest"}
/* clang-format on */

/* The table of an usher that has no parameters but these. */
extern const struct policy_param usher_marks_params[];

/* The whole state of an usher. */
struct usher_state
{
    uint64_t need_bytes; /* At the last sample, less what was sent off since. */
    usec_t next_us;      /* No move before; an alarm is set for it. */
    uint64_t most_milli; /* USHER_CHEAPEST: the highest load seen, doubled. */
};

/* By which it differs; the marks are in its parameters. */
struct usher
{
    enum usher_target target;
    uint64_t near_milli; /* USHER_NEAR */
    uint64_t base;       /* USHER_CHEAPEST; 0: the number of nodes. */
};

/* The handlers. */
void usher_sampled(const struct policy_ctx *c, const struct usher *usher);
void usher_wake(const struct policy_ctx *c, const struct usher *usher);
const char *usher_check(const void *marks);
const char *usher_admit(const struct policy_ctx *c,
                        node_id sender,
                        const struct proc_info *proc);

#endif /* ALGORITHMS_USHER_USHER_H */
