/* link_inside.h - what the parts of a link share: link.c sends, link_kept.c
 * keeps, link_wait.c waits, link_take.c receives, link_resume.c takes up a new
 * stream. Errors are those of link_get().
 */
#ifndef REAL_HOMENODE_LINK_INSIDE_H
#define REAL_HOMENODE_LINK_INSIDE_H

#include "link.h"

/* Beats are so often. */
enum { LINK_BEATS_OF_LEASE = LINK_LEASE_US / LINK_BEAT_US };

/* A message that the other side has not yet seen. */
struct kept
{
    enum record_kind kind;
    uint64_t epoch;
    uint64_t sequence;
    size_t bytes;
    size_t room;
    uint8_t *body;
};

struct link
{
    const struct stream *stream;
    struct stream reading; /* The same, noting why a read failed. */
    int read_error;
    enum link_side side;
    bool broken;
    bool image;        /* Image records may come; */
    bool image_is_old; /* of an epoch before ours: not given. */
    bool taken;        /* LEASE was heard since it was asked for. */
    uint64_t epoch;
    uint64_t sent; /* Sequence of the last lasting message. */
    uint64_t seen; /* Of the other's. */
    uint64_t told; /* What the other knows that we have seen. */
    uint64_t lease_us;
    uint64_t heard_us;
    uint64_t sent_us;
    unsigned held_in_a_row;
    bool also_waits; /* It was ready together with the stream. */
    struct kept kept[LINK_KEPT_MAX]; /* A ring. */
    size_t kept_first;
    size_t kept_count;
    size_t kept_bytes;
    uint8_t *spare; /* The largest body that was kept, to be used again. */
    size_t spare_room;
};

static inline uint64_t link_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t link_now_us(void);

/* Some milliseconds behind it at most, and cheap: for leases and beats. */
uint64_t link_about_now_us(void);

/* Of what is kept, oldest first. */
struct kept *link_kept_at(struct link *link, size_t index);
void link_drop_first(struct link *link);

/* What the other has seen. */
void link_forget(struct link *link, uint64_t seen);

/* As the message after the last. -ENOBUFS, -ENOMEM. */
int link_keep(struct link *link,
              enum record_kind kind,
              const struct iovec *parts,
              size_t part_count);

#define KIND(kind) (1U << RECORD_##kind)
enum {
    /* May get lost, and do nothing that a stale body may not. */
    LIGHT_KINDS = KIND(HELLO) | KIND(USAGE) | KIND(LEASE) | KIND(RESUME),
    /* May get lost, and are asked for again. */
    UNKEPT_KINDS = KIND(BODY) | KIND(FETCH) | KIND(FETCHED),
};

bool link_kind_is(enum record_kind kind, unsigned kinds);

/* It has a number, and is kept. */
bool link_kind_lasts(enum record_kind kind);

/* -EPIPE; -EBADMSG: nothing more goes over this stream. */
int link_break_off(struct link *link);
int link_damaged(struct link *link);

/* What has its head already, nothing but a head, ABORT with -ESTALE. */
int link_send(struct link *link,
              enum record_kind kind,
              const struct iovec *parts,
              size_t part_count);
int link_send_head(struct link *link, enum record_kind kind);
int link_send_stale(struct link *link);

void link_beat_if_due(struct link *link, uint64_t now);
uint64_t link_beat_us(const struct link *link);
uint64_t link_lease_end_us(const struct link *link);

/* One look at the stream: 0 if it has something, -EINTR if what else is waited
 * for came, -EAGAIN if time has passed, perhaps not all of it. */
int link_look(struct link *link,
              uint64_t wait_us,
              int also,
              const sigset_t *wake);

/* Until there is something to read, from now on. */
int link_await(struct link *link,
               uint64_t now,
               uint64_t until_us,
               int also,
               const sigset_t *wake);

/* A record, and a head that may be believed. */
int link_take_record(struct link *link, struct incoming *incoming);
int link_take_head(struct link *link,
                   const struct incoming *incoming,
                   struct wire_head *ret);

/* Begin with a stream. */
void link_use(struct link *link, const struct stream *stream);

#endif /* REAL_HOMENODE_LINK_INSIDE_H */
