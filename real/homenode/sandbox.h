/* sandbox.h - what a guest can reach on its host: its CPU, its memory, and the
 * one who answers its calls.
 *
 * Namespaces of its own (user, mount, pid, net, ipc, uts, time), an empty root,
 * no descriptor, no capability, no new privileges, a filter that lets pass what
 * calls.h calls local and hands all else to the guardian, a cgroup with limits.
 */
#ifndef REAL_HOMENODE_SANDBOX_H
#define REAL_HOMENODE_SANDBOX_H

#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "tracee.h"

struct sandbox_limits
{
    uint64_t memory_bytes; /* 0: none, and so for the others. */
    uint32_t cpu_milli;    /* Of one core. */
    uint32_t pid_count;
    int fault_device;   /* By which the body makes itself a watcher of its
                           pages (postcopy.h): 0, none. */
    const char *cgroup; /* Folder, below which it makes one of its own, see
                           cgroup.h; NULL: without a cgroup, said by
                           sandbox_missing(). */
};

/* Each is a bit of what this machine or this user cannot give. */
enum sandbox_part {
    SANDBOX_NAMESPACES,
    SANDBOX_ROOT,
    SANDBOX_FILTER,
    SANDBOX_CGROUP,
    SANDBOX_TIME, /* Clocks that go on as they were at home. */
    SANDBOX_PARTS
};

struct sandbox
{
    uint32_t missing; /* Bits 1 << enum sandbox_part. */
    int listener;     /* Of the filter, owned; -1 before sandbox_filter(). */
    int watcher;      /* Of the body's pages, owned; -1: none. */
    pid_t first;      /* Process 1 of the namespace; 0: there is none. */
    struct cgroup cgroup;
};

/* For a guardian that is root, before it hears its peer: be this user, without
 * any right, whom the folder of cgroups is given to (NULL: none). A user of
 * its own for each guest keeps those apart that might get out. */
int sandbox_become(uid_t uid, gid_t gid, const char *cgroup);

/* A body as body_create() makes it, but in namespaces, without descriptors but
 * the ones it says with, stopped. Clocks: what is to be added to those of the
 * host. What this machine cannot give is in missing; the caller decides.
 *
 * Works for any user whom the kernel lets make user namespaces; inside there is
 * one user, the caller's own, or nobody if the caller is root. */
int sandbox_create(struct sandbox *ret,
                   struct tracee *ret_body,
                   const struct sandbox_limits *limits,
                   int64_t monotonic_offset_ns,
                   int64_t boot_offset_ns);

/* Give the stopped body its filter, whose listener is then the sandbox's and
 * the tracee's. The area is mapped. From here on the tracer works in the body
 * as before: while tracee_run() and its like run, they let pass what the filter
 * tells, which is the tracer's own; nobody must be waiting for an answer on the
 * listener then. */
int sandbox_filter(struct sandbox *s, struct tracee *body);

/* Kill what is in it, wait for its end, remove the cgroup. */
void sandbox_destroy(struct sandbox *s, struct tracee *body);

/* One clause for people. */
const char *sandbox_missing(enum sandbox_part part);

#endif /* REAL_HOMENODE_SANDBOX_H */
