/* stream.h - bytes that go out or come in, in records with a checksum.
 *
 * The caller hands over how bytes go (a file, a socket, TLS): the engine opens
 * no connection. What is read is never believed: a record has a known kind, a
 * bounded length and a CRC-32 over both and the body, or the stream is damaged.
 *
 *   0  u32 kind
 *   4  u32 bytes of the body
 *   8  u32 CRC-32 (zlib) of the 8 bytes before and the body
 *  12      body
 */
#ifndef REAL_HOMENODE_STREAM_H
#define REAL_HOMENODE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
    RECORD_HEAD_BYTES = 12,
    RECORD_BYTES_MAX = 2 * 1024 * 1024,
    RECORD_PARTS_MAX = 3,
};

enum record_kind {
    RECORD_BEGIN = 1, /* struct begin: whose image, by whom. */
    RECORD_FILES,     /* What is open: files.h. */
    RECORD_MAPS,      /* The mappings: memory.h. */
    RECORD_PAGES,     /* Runs of pages with their bytes: memory.h. */
    RECORD_IMAGE,     /* struct image. */
    RECORD_END,       /* Nothing follows. */
    RECORD_DROPPED,   /* Runs of pages that hold nothing any more: memory.h. */
    RECORD_HELLO,     /* From here on the messages between a home and a host: */
    RECORD_BODY,      /* wire.h says who sends which, and when. */
    RECORD_READY,
    RECORD_GO,
    RECORD_RUNNING,
    RECORD_ABORT,
    RECORD_REQUEST,
    RECORD_REPLY,
    RECORD_SIGNAL,
    RECORD_RECALL,
    RECORD_MOVE,
    RECORD_GONE,
    RECORD_DEAD,
    RECORD_USAGE,
    RECORD_LEASE,
    RECORD_RESUME,
    RECORD_OWED, /* Of an image: memory.h. */
    RECORD_FETCH,
    RECORD_FETCHED,
    RECORD_WHOLE,
    RECORD_PENDING, /* Of an image, before IMAGE: pending.h. */
    RECORD_KINDS
};

/* Both take or give all bytes, or a negative errno; read says -ENODATA if the
 * stream ended before them. */
struct stream
{
    void *context;
    int (*write)(void *context, const void *bytes, size_t count);
    int (*read)(void *context, void *bytes, size_t count);
    int wait_on; /* poll(2) says there when something comes in. */
    bool (*holds)(void *context); /* It has bytes that poll(2) does not see */
                                  /* any more, as TLS does; NULL: never. */
    /* Of several parts at once; NULL: write() takes one after the other. */
    int (*write_parts)(void *context, const struct iovec *parts, size_t count);
    /* Wait until it holds something, or failed, which read() then says, but
     * about so long at most: 0, or -EAGAIN. It saves poll(2); NULL: poll. */
    int (*look)(void *context, uint64_t wait_us);
};

/* A stream on a file descriptor, which it does not own and which must outlive
 * it. */
struct stream stream_of(int *file);

/* The parts of the body, one behind the other. */
int stream_put(const struct stream *stream,
               enum record_kind kind,
               const struct iovec *parts,
               size_t part_count);

/* A record that came in; the buffer grows and is used again. Start with zeros.
 */
struct incoming
{
    enum record_kind kind;
    size_t bytes;
    uint8_t *body;
    size_t room;
};

/* -ENODATA at the end, -EBADMSG if the record is damaged. */
int stream_get(const struct stream *stream, struct incoming *incoming);
void incoming_finish(struct incoming *incoming);

#endif /* REAL_HOMENODE_STREAM_H */
