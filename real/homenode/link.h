/* link.h - the messages of one away process over streams that may break.
 *
 * A link numbers what it sends and keeps what the other has not yet seen; on a
 * new stream both say RESUME and send the rest again, and what comes twice is
 * taken once. So a call is made once at home however often the cable is cut.
 * How long it may be cut is the lease: afterwards home and host each decide
 * alone and alike (deputy.h, guest.h).
 */
#ifndef REAL_HOMENODE_LINK_H
#define REAL_HOMENODE_LINK_H

#include "wire.h"

enum {
    LINK_LEASE_US = 10 * 1000 * 1000, /* Of silence, then it is over. */
    LINK_BEAT_US = 1000 * 1000,       /* LEASE is sent so often. */
    LINK_KEPT_MAX = 256, /* Messages not yet seen by the other side. */
};

struct link;

/* On a stream, which is the caller's and outlives the link or the next
 * link_resume(). */
int link_create(struct link **ret, const struct stream *stream);
void link_destroy(struct link *link);

/* Send a message: the head is filled in, parts[0] begins with it and is written
 * to. lasting: it is kept until seen. -EPIPE: the stream is broken; a lasting
 * one is sent again after link_resume() all the same. -ENOBUFS: LINK_KEPT_MAX.
 */
int link_put(struct link *link,
             enum record_kind kind,
             const struct iovec *parts,
             size_t part_count,
             bool lasting);

/* The next message or image record; LEASE, RESUME, what came already, and what
 * an older epoch says are dealt with here and not given. wait_us: 0 looks only,
 * UINT64_MAX without end. also: another descriptor whose readability ends the
 * wait, -1 none; wake: signals that end it, as for ppoll(2), NULL: none.
 * -EAGAIN: nothing came; -EPIPE: broken; -ETIMEDOUT: the lease is over;
 * -EBADMSG: what came is damaged, the stream must not be used further. */
int link_get(struct link *link,
             struct incoming *incoming,
             uint64_t wait_us,
             int also,
             const sigset_t *wake);

/* Go on with a new stream: 0 when both know what the other has. */
int link_resume(struct link *link, const struct stream *stream);

/* The epoch that messages carry and below which none is heard. */
uint64_t link_epoch(const struct link *link);
void link_set_epoch(struct link *link, uint64_t epoch);

/* The stream, for the records of an image. */
const struct stream *link_stream(const struct link *link);

/* When the other side was last heard, on CLOCK_MONOTONIC. */
uint64_t link_heard_us(const struct link *link);

#endif /* REAL_HOMENODE_LINK_H */
