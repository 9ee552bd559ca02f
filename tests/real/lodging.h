/* lodging.h - a program begun here, moved into a sandbox, and run there under a
 * guardian who answers every call with -ENOSYS.
 */
#ifndef TESTS_REAL_LODGING_H
#define TESTS_REAL_LODGING_H

#include <stdbool.h>
#include <stdint.h>

#include "real/homenode/sandbox.h"
#include "tests/real/hostile.h"

enum { LODGING_NUMBERS = 1024 };

struct lodging
{
    struct sandbox sandbox;
    struct tracee body;
    uint32_t told[LODGING_NUMBERS]; /* Of each call. */
    uint32_t told_other;            /* Of numbers beyond. */
    bool passes[LODGING_NUMBERS];   /* The guardian lets these be made. */
    struct hostile_page seen;       /* Last. */
    int64_t moved_ms;               /* When it last changed or asked. */
};

struct lodging_rules
{
    struct sandbox_limits limits;
    int64_t monotonic_offset_ns;
    int64_t boot_offset_ns;
    bool unfiltered; /* To see that the filter is what holds. */
};

/* Begin the program and move it in; it waits for `go` of its page. 0 or a
 * negative errno. */
int lodge(struct lodging *l,
          const struct lodging_rules *rules,
          char *const arguments[]);

/* A page of hostile.h, as it is now; false if the process is gone. */
bool lodging_look(const struct lodging *l, struct hostile_page *ret);
int lodging_go(struct lodging *l);

enum lodging_end {
    LODGING_DONE,  /* It says so. */
    LODGING_DIED,  /* By a signal, given by *ret_signal. */
    LODGING_STUCK, /* It waits, and no signal wakes it. */
    LODGING_LATE,  /* It has run for as long as it may. */
};

enum lodging_end lodging_guard(struct lodging *l, int most_ms, int *ret_signal);

void lodging_end(struct lodging *l);

#endif /* TESTS_REAL_LODGING_H */
