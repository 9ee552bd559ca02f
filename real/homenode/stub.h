/* stub.h - what stays at home of a process that is away: its number and all
 * that the kernel keeps for it, the vDSO, the window, and the pages of its
 * arguments and environment, from which /proc/PID/cmdline is read.
 */
#ifndef REAL_HOMENODE_STUB_H
#define REAL_HOMENODE_STUB_H

#include "window.h"

struct stub
{
    struct window window;
    struct maps strings; /* One: pages of arguments and environment. */
    struct user_regs_struct registers; /* Of one that is held. */
    uint64_t mask;
    bool held;
    bool listens; /* Stopped by job control, until SIGCONT. */
};

/* While a process still has all its memory, stopped, image_take() done: what a
 * stub needs and could fail. maps: its memory without the area. Then take that
 * back, or go on: throw its memory away, unless its pages are still read, and
 * wait for calls. */
int stub_prepare(struct stub *s,
                 struct tracee *t,
                 const struct maps *maps,
                 const struct image *image);
void stub_cancel(struct stub *s, const struct tracee *t);
int stub_start(struct stub *s,
               struct tracee *t,
               const struct image *image,
               bool keeps_memory);

/* Stop it, signals blocked, to work in it; a call that it waits in is then made
 * with one of the results of an interrupted call. Signals that came are in the
 * tracee. Then let it go on. Both do nothing if it is so already. */
int stub_hold(struct stub *s, struct tracee *t);
int stub_go_on(struct stub *s, const struct tracee *t);

/* Throw away again what it received, all but what a stub has: it is held. */
int stub_empty(const struct stub *s,
               const struct tracee *t,
               const struct maps *maps);

/* The last of it, when the body is back. The area stays. */
int stub_finish(struct stub *s, const struct tracee *t);

#endif /* REAL_HOMENODE_STUB_H */
