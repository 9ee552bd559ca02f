/* body.h - an empty process that is to become the body of another: a child of
 * this one, stopped, whose memory is thrown away and laid out anew.
 */
#ifndef REAL_HOMENODE_BODY_H
#define REAL_HOMENODE_BODY_H

#include "image.h"
#include "maps.h"

/* Fork it; prepare(), in the child and before it is traced, opens what it needs
 * and returns 0 or a negative errno, which is then body_create()'s. It may give
 * another number to the descriptor *say, which must stay open. pid asks
 * for that process number, 0 for any; -EEXIST if it is not free, -EPERM if this
 * process may not choose. The body is killed if the tracer ends. */
int body_create(struct tracee *ret_tracee,
                pid_t pid,
                int (*prepare)(void *context, int *say),
                void *context);

/* The two halves of body_create(), for a child that was made in another way:
 * what it does, and how its tracer takes it, by the other end of the pipe. */
_Noreturn void body_live(int (*prepare)(void *context, int *say),
                         void *context,
                         int say);
int body_take(struct tracee *ret_tracee, pid_t pid, int heard);

/* Throw its memory away, all but its vDSO, and map the area: both lie where
 * programs and kernels put nothing. Signals are blocked, and the kernel will
 * write to nothing of its thread any more. */
int body_empty(struct tracee *t);

/* Put both elsewhere, where these mappings are not. */
int body_make_way(struct tracee *t, const struct maps *maps);

/* Put the vDSO where the image has it. -EXDEV: the image comes from a kernel
 * with another one. */
int body_place_vdso(struct tracee *t, const struct image *image);

/* Give the mappings their protections. */
int body_protect(const struct tracee *t, const struct maps *maps);

/* Kill it and wait for its end. */
void body_kill(struct tracee *t);

#endif /* REAL_HOMENODE_BODY_H */
