/* children.h - processes that a moved one begets move as well: each by an
 * `attach` of its own, with the same hosts, that looks after its children in
 * turn and ends when it does.
 *
 * A child is born at home, since its parent comes home for that, and is found
 * among the children that the kernel lists (CONFIG_PROC_CHILDREN). One that
 * lives for less than its options say is left alone.
 */
#ifndef REAL_HOMENODE_DRIVER_CHILDREN_H
#define REAL_HOMENODE_DRIVER_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>

#include "run.h"

struct child_kept
{
    pid_t pid;
    pid_t attach; /* 0: none yet, -1: none can be. */
    uint64_t since_us;
    int end;        /* pidfd */
    bool is_listed; /* At the last look. */
};

struct children
{
    const struct run_options *options;
    uint32_t filter_count;
    struct child_kept *kept;
    size_t count;
    uint64_t due_us; /* Of the next look; 0: none. */
    uint32_t look_ms;
    bool failed; /* Has been said. */
};

/* This kernel lists children. */
bool children_possible(void);

/* From now on, of a process whose options and filters these are. */
void children_begin(struct children *c,
                    const struct run_options *options,
                    uint32_t filter_count);

/* It may be about to have one. */
void children_expect(struct children *c, uint64_t now_us);

/* Now: begin what moves those that are old enough, and plan the next look. */
void children_look(struct children *c, pid_t parent, uint64_t now_us);

/* Wait for what moved those that have ended; the others go on alone. */
void children_finish(struct children *c);

#endif /* REAL_HOMENODE_DRIVER_CHILDREN_H */
