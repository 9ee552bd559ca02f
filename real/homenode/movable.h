/* movable.h - why a process can be neither moved nor saved now, as data. */
#ifndef REAL_HOMENODE_MOVABLE_H
#define REAL_HOMENODE_MOVABLE_H

#include "maps.h"

enum obstacle {
    OBSTACLE_THREADS,       /* It has more than one. */
    OBSTACLE_SHARED_MEMORY, /* It writes where others read. */
    OBSTACLE_DEVICE,        /* It maps a device, or an io_uring. */
    OBSTACLE_TRACED,        /* A debugger has it. */
    OBSTACLE_FILTER,        /* It has a seccomp filter of its own. */
    OBSTACLE_TIMERS,        /* It has timers of timer_create(2). */
    OBSTACLE_KINDS
};

/* Bits 1 << enum obstacle; 0: nothing holds it. maps are those of the process,
 * filter_count the seccomp filters that its starter gave it (rule.h): these
 * hold nobody. 0 or a negative errno, -ESRCH if there is no such process. */
int movable_obstacles(pid_t pid,
                      const struct maps *maps,
                      uint32_t filter_count,
                      uint32_t *ret_obstacles);

/* One sentence each: what holds it and what to do about it. */
const char *movable_text(enum obstacle obstacle);

#endif /* REAL_HOMENODE_MOVABLE_H */
