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

/* Lay its memory out: these mappings, all to be written, nothing else but the
 * area, and the vDSO where the image has it. -EXDEV: the image comes from a
 * kernel with another vDSO. */
int body_lay_out(struct tracee *t,
                 const struct maps *maps,
                 const struct image *image);

/* Give the mappings their protections. */
int body_protect(const struct tracee *t, const struct maps *maps);

/* Kill it and wait for its end. */
void body_kill(struct tracee *t);

#endif /* REAL_HOMENODE_BODY_H */
