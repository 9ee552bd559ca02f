/* pending.h - signals that wait for a process, oldest first, each with all that
 * siginfo_t says. Of an image: a record of its own, beside struct image, since
 * there may be none or thousands.
 *
 * At most PENDING_MAX, which is as much as fits into a record: a kernel refuses
 * the sender beyond its own limit (RLIMIT_SIGPENDING), about as many on a
 * machine of 4 GiB.
 */
#ifndef REAL_HOMENODE_PENDING_H
#define REAL_HOMENODE_PENDING_H

#include "stream.h"

enum {
    PENDING_SIGNAL_BYTES = 128, /* siginfo_t */
    PENDING_MAX = RECORD_BYTES_MAX / PENDING_SIGNAL_BYTES,
};

/* Start with zeros. */
struct pending
{
    uint8_t (*signals)[PENDING_SIGNAL_BYTES];
    size_t count;
    size_t room;
};

/* Behind all others. -ENOBUFS: there are PENDING_MAX; -ENOMEM. */
int pending_add(struct pending *p, const void *info);
int pending_append(struct pending *p, const struct pending *others);

/* The first so many are gone. */
void pending_drop(struct pending *p, size_t count);

/* Whether one of that number is among them. */
bool pending_has(const struct pending *p, int signal);

/* The record of them; none is put if there are none. */
int pending_put(const struct pending *p, const struct stream *stream);

/* Of a record that came in, behind those that are there. -EBADMSG: they are
 * not whole, or of no signal that there is. */
int pending_take(struct pending *p, const struct incoming *incoming);

void pending_finish(struct pending *p);

#endif /* REAL_HOMENODE_PENDING_H */
