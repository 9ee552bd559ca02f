/* round.h - one round of a transfer: what of the memory has changed since the
 * one before, as records. It remembers what the other side has.
 */
#ifndef REAL_HOMENODE_ROUND_H
#define REAL_HOMENODE_ROUND_H

#include "dirty.h"
#include "memory.h"

/* Start with zeros. */
struct rounds
{
    struct maps maps;  /* Of the last round. */
    struct runs held;  /* Pages that the other side has and that are its own,
                          no file's. */
    struct runs owed;  /* What the last round could not look at. */
    struct runs *late; /* NULL, or pages that would be sent are added here
                          instead. */
};

void rounds_finish(struct rounds *r);

/* The next one. last: the process stands still. -ESRCH: it ended. */
int rounds_put(struct rounds *r,
               struct dirty *dirty,
               struct tracee *t,
               struct memory_writer *w,
               const struct stream *stream,
               bool last);

#endif /* REAL_HOMENODE_ROUND_H */
