/* run.h - a program, or a process that is there, moved about while it runs. */
#ifndef REAL_HOMENODE_DRIVER_RUN_H
#define REAL_HOMENODE_DRIVER_RUN_H

#include "mover.h"

struct run_options
{
    const char *hosts[HOSTS_MAX];
    size_t host_count;
    struct deputy_options deputy;
    bool away;             /* As soon as possible, again after each way home. */
    uint32_t every_ms;     /* On to the next place; 0: never by itself. */
    uint64_t moves_max;    /* So many moves of either kind. */
    bool children;         /* They move as well, */
    uint32_t children_ms;  /* from that age on. */
    bool is_child;         /* Of such a process: it may have ended by now. */
    uint32_t filter_count; /* Of seccomp, if it is. */
    const char *rule;      /* A file (rule.h); NULL: none. */
    const char *report;
    const char *control;
    char **command; /* NULL: process is there. */
    pid_t process;
};

/* Until it ends. Exit status: the program's, 128 + signal, or ours. */
int run(const struct run_options *options);

#endif /* REAL_HOMENODE_DRIVER_RUN_H */
