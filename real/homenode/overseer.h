/* overseer.h - who decides which copy of a process runs, if that is not the
 * deputy alone: a node's daemon, that asks the ledger (algorithms/node).
 *
 * Both sides of a stay may have one. A copy that is whole stands still until
 * its overseer has said that it may run; then READY goes home, or the process
 * goes on at home and its host hears GONE. Without an overseer it may at once.
 * The functions return soon. While an answer is waited for, the link is kept
 * alive and what breaks is noticed.
 */
#ifndef REAL_HOMENODE_OVERSEER_H
#define REAL_HOMENODE_OVERSEER_H

#include <stdbool.h>
#include <stdint.h>

struct overseer
{
    void *context;
    int wait_on; /* Has something to read when an answer may have come; -1. */
    uint64_t patience_us; /* For an answer; then it is no. */

    /* A copy that came is whole here. */
    void (*whole)(void *context);
    /* 0: that copy may run; -EAGAIN: there is no answer yet; other: it may
     * not. */
    int (*answer)(void *context);
    /* All of a copy was sent, and the process stands still here. */
    void (*carried)(void *context);
    /* What is being sent is not to go: asked often. */
    bool (*is_cancelled)(void *context);
    /* A guest is in a call that home alone can make. It leaves when home asks
     * for it, or after patience_us. */
    void (*wish_home)(void *context);
    /* Of a guest: what it had carried was not taken, and it goes on here. */
    void (*stays)(void *context);
};

#endif /* REAL_HOMENODE_OVERSEER_H */
