/* pool.h - many runs at once, each in a process of its own.
 *
 * SimGrid's engine is one for each program, and a run that crashes must not
 * take the others along. Results come back by index, so that they do not depend
 * on how many ran at once. However the program ends, its runs end with it.
 */
#ifndef SIM_POOL_H
#define SIM_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool
{
    size_t count;        /* Of pieces of work. */
    size_t at_once;      /* At least 1. */
    size_t result_bytes; /* Of one result; at most 4096, a pipe's atom. */

    /* Runs in a child; fills the result. */
    void (*work)(void *who, size_t index, void *ret_result);
    /* In the parent, for a child that left no result; why is a sentence. */
    void (*died)(void *who, size_t index, const char *why, void *ret_result);
    void (*progress)(void *who, size_t done); /* May be NULL. */
    void *who;
};

/* results: count x result_bytes. 0, or a negative errno if no child could be
 * started; those under way are waited for. */
int pool_run(const struct pool *pool, void *ret_results);

#endif /* SIM_POOL_H */
