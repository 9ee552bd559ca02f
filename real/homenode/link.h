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

#include <signal.h>

#include "wire.h"

enum {
    LINK_LEASE_US = 10 * 1000 * 1000, /* Of silence, then it is over. */
    LINK_BEAT_US = 1000 * 1000,       /* LEASE is sent so often. */
    LINK_KEPT_MAX = 4096, /* Messages not yet seen by the other side, */
    LINK_KEPT_BYTES_MAX = 16 * 1024 * 1024, /* and what they may have. */
};

/* Who we are. The epoch is home's to say: at a host a HELLO or GO sets it, at
 * home nobody but the caller. Each hears only what the other may say. */
enum link_side { LINK_AT_HOME, LINK_AT_HOST };

struct link;

/* On a stream, which is the caller's and outlives the link or the next
 * link_resume(). */
int link_create(struct link **ret,
                const struct stream *stream,
                enum link_side side);
void link_destroy(struct link *link);

/* Of silence; beats are a tenth of it apart. LINK_LEASE_US if never said. */
void link_set_lease(struct link *link, uint64_t lease_us);

/* Send a message: the head is filled in, parts[0] begins with it and is written
 * to. lasting: it is kept until seen; of every kind but HELLO, BODY, USAGE,
 * LEASE, FETCH and FETCHED, and of ABORT as the caller likes. -EPIPE: the
 * stream is broken; a lasting one is sent again after link_resume() all the
 * same. -ENOBUFS: too much is kept, nothing was done. */
int link_put(struct link *link,
             enum record_kind kind,
             const struct iovec *parts,
             size_t part_count,
             bool lasting);

/* The next message or image record; LEASE, what came already, and what an older
 * epoch says are dealt with here and not given. ABORT is given of any epoch;
 * image records only behind a BODY that was given. wait_us: 0 looks only,
 * UINT64_MAX without end. also: another descriptor whose readability ends the
 * wait, -1 none; wake: the signal mask of the wait, as of ppoll(2): what it
 * lets through ends it. With neither it waits in read(2) where the stream can:
 * the quick way to an answer that comes soon.
 * -EAGAIN: nothing came; -EPIPE: broken; -ETIMEDOUT: the lease is over;
 * -EBADMSG: what came is damaged, the stream must not be used further.
 * It sends the beats, so it is to be called more often than they are due. */
int link_get(struct link *link,
             struct incoming *incoming,
             uint64_t wait_us,
             int also,
             const sigset_t *wake);

/* The beat, if it is due: for who is busy with another stream for long. */
void link_beat(struct link *link);

/* Amid an image that we send: ask the other side whether it has taken all of it
 * up to here, so that nothing of it stands in buffers between the two. It is
 * true when link_get() has heard the answer, or a beat. */
int link_ask_taken(struct link *link);
bool link_was_taken(const struct link *link);

/* Go on with a new stream: 0 when both know what the other has. -EPIPE: this
 * one broke too or is silent, try another; -ETIMEDOUT: too late; -ESTALE: the
 * other is not the body any more, and was told so; -EBADMSG. An image that was
 * under way is lost with its BODY: who wants it asks again. */
int link_resume(struct link *link, const struct stream *stream);

/* The epoch that messages carry and below which none is heard: its sender is
 * told ABORT with -ESTALE. */
uint64_t link_epoch(const struct link *link);
void link_set_epoch(struct link *link, uint64_t epoch);

/* The stream, for the records of an image. */
const struct stream *link_stream(const struct link *link);

/* When the other side was last heard, on CLOCK_MONOTONIC. */
uint64_t link_heard_us(const struct link *link);

#endif /* REAL_HOMENODE_LINK_H */
