/* stream.c - see stream.h. */
#include "stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checksum.h"

static int write_all(void *context, const void *bytes, size_t count)
{
    const int *file = context;
    const uint8_t *at = bytes;
    while (count > 0) {
        ssize_t put = write(*file, at, count);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        at += put;
        count -= (size_t)put;
    }
    return 0;
}

static int read_all(void *context, void *bytes, size_t count)
{
    const int *file = context;
    uint8_t *at = bytes;
    while (count > 0) {
        ssize_t got = read(*file, at, count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return -ENODATA;
        at += got;
        count -= (size_t)got;
    }
    return 0;
}

struct stream stream_of(int *file)
{
    return (struct stream){.context = file,
                           .write = write_all,
                           .read = read_all,
                           .wait_on = *file};
}

static int write_parts(const struct stream *stream,
                       const struct iovec *parts,
                       size_t count)
{
    if (stream->write_parts)
        return stream->write_parts(stream->context, parts, count);
    int error = 0;
    for (size_t i = 0; i < count && !error; i++)
        error =
            stream->write(stream->context, parts[i].iov_base, parts[i].iov_len);
    return error;
}

int stream_put(const struct stream *stream,
               enum record_kind kind,
               const struct iovec *parts,
               size_t part_count)
{
    assert(part_count <= RECORD_PARTS_MAX);
    uint32_t head[3] = {(uint32_t)kind, 0, 0};
    for (size_t i = 0; i < part_count; i++)
        head[1] += (uint32_t)parts[i].iov_len;
    assert(head[1] <= RECORD_BYTES_MAX);
    uint32_t crc = checksum(0, head, 2 * sizeof head[0]);
    for (size_t i = 0; i < part_count; i++)
        crc = checksum(crc, parts[i].iov_base, parts[i].iov_len);
    head[2] = crc;
    struct iovec all[1 + RECORD_PARTS_MAX] = {{head, sizeof head}};
    for (size_t i = 0; i < part_count; i++)
        all[1 + i] = parts[i];
    return write_parts(stream, all, 1 + part_count);
}

static int make_room(struct incoming *incoming, size_t bytes)
{
    if (bytes <= incoming->room)
        return 0;
    uint8_t *grown = realloc(incoming->body, bytes);
    if (!grown)
        return -ENOMEM;
    incoming->body = grown;
    incoming->room = bytes;
    return 0;
}

int stream_get(const struct stream *stream, struct incoming *incoming)
{
    uint32_t head[3];
    int error = stream->read(stream->context, head, sizeof head);
    if (error)
        return error;
    if (head[0] == 0 || head[0] >= RECORD_KINDS || head[1] > RECORD_BYTES_MAX)
        return -EBADMSG;
    error = make_room(incoming, head[1]);
    if (!error && head[1] > 0)
        error = stream->read(stream->context, incoming->body, head[1]);
    if (error)
        return error == -ENODATA ? -EBADMSG : error;
    uint32_t crc = checksum(0, head, 2 * sizeof head[0]);
    if (head[1] > 0)
        crc = checksum(crc, incoming->body, head[1]);
    if (crc != head[2])
        return -EBADMSG;
    incoming->kind = (enum record_kind)head[0];
    incoming->bytes = head[1];
    return 0;
}

void incoming_finish(struct incoming *incoming)
{
    free(incoming->body);
    *incoming = (struct incoming){0};
}
