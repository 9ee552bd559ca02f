/* torture.h - what the parts of torture.c share: each trial prints the same
 * bytes wherever it runs and however often it moves, and takes about `length`
 * tenths of a second.
 */
#ifndef TESTS_REAL_PROGRAMS_TORTURE_H
#define TESTS_REAL_PROGRAMS_TORTURE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    EXIT_RIGHT = 0,
    EXIT_WRONG = 1,
    EXIT_USAGE = 2,
    EXIT_SKIPPED = 77 /* This processor or user cannot. */
};

/* About a tenth of a second of computing. */
uint64_t torture_work(uint64_t state);

/* One step of the same; for filling memory. */
static inline uint64_t torture_next(uint64_t state)
{
    return state * UINT64_C(6364136223846793005) +
           UINT64_C(1442695040888963407);
}

/* Prints `what: value` and is EXIT_RIGHT; or what was wrong, EXIT_WRONG. */
int torture_right(const char *what, uint64_t value);
int torture_wrong(const char *what, long expected, long got);

/* Each: length in tenths of a second, then its own argument, 0 if none. */
typedef int torture_trial(long length, long argument);

/* torture_memory.c */
torture_trial torture_heap, torture_stack, torture_mmaps, torture_code,
    torture_vectors, torture_rounding, torture_shared;

/* torture_wait.c */
torture_trial torture_read, torture_poll, torture_select, torture_epoll,
    torture_nanosleep, torture_clock_nanosleep, torture_wait, torture_itimers,
    torture_clocks;

/* torture_blocked.c */
torture_trial torture_blocked;

/* torture_signal.c */
torture_trial torture_signals, torture_stacks, torture_masked, torture_storm;

/* torture_calls.c */
torture_trial torture_files, torture_messages, torture_locks, torture_identity,
    torture_fork, torture_execute, torture_spawn, torture_threads;

#endif /* TESTS_REAL_PROGRAMS_TORTURE_H */
