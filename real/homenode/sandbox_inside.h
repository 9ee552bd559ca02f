/* sandbox_inside.h - the half of sandbox_create() that runs in new namespaces.
 * Only for sandbox.c.
 */
#ifndef REAL_HOMENODE_SANDBOX_INSIDE_H
#define REAL_HOMENODE_SANDBOX_INSIDE_H

#include "sandbox.h"

enum {
    SANDBOX_NOBODY = 65534,
    SANDBOX_WATCHER = 1, /* Its descriptor in the body, for a moment. */
};

/* What the helper says at its end. */
struct sandbox_report
{
    int error;
    uint32_t missing;
    pid_t first;
    pid_t body;
};

/* What the helper and its children know. */
struct sandbox_plan
{
    const struct sandbox_limits *limits;
    int64_t monotonic_offset_ns;
    int64_t boot_offset_ns;
    bool apart;  /* In namespaces. */
    int go[2];   /* Guardian to helper: it may begin. */
    int said[2]; /* Helper to guardian: one byte, then the report. */
    int body_says[2];
};

static inline uint32_t sandbox_bit(enum sandbox_part part)
{
    return 1U << part;
}

/* clone3(2) as fork(2) with these flags. */
pid_t sandbox_clone(uint64_t flags);

/* Into a file that is there: 0 or a negative errno. */
int sandbox_write_text(const char *path, const char *text);

/* What the helper does. */
_Noreturn void sandbox_help(struct sandbox_plan *plan);

#endif /* REAL_HOMENODE_SANDBOX_INSIDE_H */
