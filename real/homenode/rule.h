/* rule.h - what a process may touch that is let go to hosts of other owners.
 *
 * A host has all the rights of the process that it hosts, and it sends back
 * whatever registers and memory it likes. So who is let go abroad is confined
 * first, at home and away, with all that it starts, and for ever: by the kernel
 * (Landlock for paths and ports, seccomp for kinds of sockets), not by whoever
 * looks at its calls. It is opted in by having a rule.
 *
 * A rule is text, a line each; what it does not name is forbidden:
 *     read PATH       files and folders below it
 *     write PATH      also change, make and remove there
 *     execute PATH    also run there
 *     sockets none | unix | any      none, if it is not said
 *     connect PORT    TCP, with sockets any; without one: any port
 *     listen PORT     likewise
 */
#ifndef REAL_HOMENODE_RULE_H
#define REAL_HOMENODE_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "../../traces/complaint.h"

enum { RULE_LINES_MAX = 1024, RULE_PATH_BYTES = 4096 };

enum rule_kind {
    RULE_READ,
    RULE_WRITE,
    RULE_EXECUTE,
    RULE_CONNECT,
    RULE_LISTEN,
    RULE_KINDS
};

enum rule_sockets { SOCKETS_NONE, SOCKETS_UNIX, SOCKETS_ANY };

struct rule_line
{
    enum rule_kind kind;
    char *path;    /* Owned; NULL for ports. */
    uint16_t port; /* 0 for paths. */
};

struct rule
{
    struct rule_line *lines; /* Owned. */
    size_t count;
    enum rule_sockets sockets;
};

/* From a file; -EINVAL with file:line:col if it is not a rule. */
int rule_read(const char *file, struct rule *ret, struct complaint *c);
void rule_finish(struct rule *rule);

/* What this kernel can enforce: 0, or -ENOTSUP with the reason, before anything
 * is started. */
int rule_possible(const struct rule *rule, struct complaint *c);

/* In the process that it is for, single-threaded, before exec(3). -ENOENT: a
 * path that is not there, the number of the line in *ret_failed. */
int rule_enter(const struct rule *rule, size_t *ret_failed);

/* The seccomp filters that it gives to the process, for movable.h. */
uint32_t rule_filter_count(const struct rule *rule);

#endif /* REAL_HOMENODE_RULE_H */
