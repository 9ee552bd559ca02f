/* unpack.c - .gz by zlib and .zst by libzstd, from memory to memory. */
#include "unpack.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "file.h"

enum {
    FIRST_ROOM = 1 << 16,
    ZLIB_WINDOW_BITS = 15,
    ZLIB_GZIP = 16, /* Added to the window bits: gzip's frame. */
    ZLIB_MEMORY_LEVEL = 8,
    ZLIB_LEVEL = 9,
    ZSTD_LEVEL = 19,
};

int bytes_grow(struct bytes *bytes)
{
    if (bytes->count < bytes->room)
        return 0;
    /* One byte above the limit, so that what is longer shows. */
    size_t limit = (size_t)FILE_BYTES_MAX + 1;
    if (bytes->room == limit)
        return -EFBIG;
    size_t room = bytes->room ? bytes->room * 2 : FIRST_ROOM;
    if (room > limit)
        room = limit;
    char *data = realloc(bytes->data, room);
    if (!data)
        return -ENOMEM;
    bytes->data = data;
    bytes->room = room;
    return 0;
}

bool is_gzip(const char *data, size_t count)
{
    return count >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

/* A frame, or a skippable frame before it (RFC 8878, section 3.1). */
bool is_zstd(const char *data, size_t count)
{
    if (count < 4)
        return false;
    return memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ||
           (((unsigned char)data[0] & 0xf0) == 0x50 &&
            memcmp(data + 1, "\x2a\x4d\x18", 3) == 0);
}

int gunzip(const char *data, size_t count, struct bytes *into)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data,
                       .avail_in = (uInt)count};
    if (inflateInit2(&stream, ZLIB_WINDOW_BITS + ZLIB_GZIP) != Z_OK)
        return -ENOMEM;

    int error = 0;
    int state = Z_OK;
    while (!error) {
        /* A file may hold several members, one after the other. */
        if (state == Z_STREAM_END && stream.avail_in == 0)
            break;
        if (state == Z_STREAM_END)
            inflateReset(&stream);
        error = bytes_grow(into);
        if (error)
            break;
        size_t room = into->room - into->count;
        stream.next_out = (Bytef *)into->data + into->count;
        stream.avail_out = (uInt)room;
        state = inflate(&stream, Z_NO_FLUSH);
        into->count += room - stream.avail_out;
        if (state == Z_BUF_ERROR && stream.avail_in == 0)
            error = -ENODATA;
        else if (state != Z_OK && state != Z_STREAM_END)
            error = state == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
    }
    inflateEnd(&stream);
    return error;
}

int unzstd(const char *data, size_t count, struct bytes *into)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context)
        return -ENOMEM;
    int error = 0;
    ZSTD_inBuffer in = {.src = data, .size = count};
    for (;;) {
        error = bytes_grow(into);
        if (error)
            break;
        ZSTD_outBuffer out = {.dst = into->data + into->count,
                              .size = into->room - into->count};
        /* What is left of the frame; 0: it has just ended. */
        size_t left = ZSTD_decompressStream(context, &out, &in);
        into->count += out.pos;
        if (ZSTD_isError(left)) {
            error = -EBADMSG;
            break;
        }
        if (in.pos < in.size || out.pos == out.size)
            continue;
        if (left > 0)
            error = -ENODATA;
        break;
    }
    ZSTD_freeDCtx(context);
    return error;
}

int gzip(const char *data, size_t count, struct bytes *into)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data,
                       .avail_in = (uInt)count};
    /* zlib writes no date and no name by itself: the same bytes each time. */
    if (deflateInit2(&stream, ZLIB_LEVEL, Z_DEFLATED,
                     ZLIB_WINDOW_BITS + ZLIB_GZIP, ZLIB_MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return -ENOMEM;
    int error = 0;
    int state = Z_OK;
    while (!error && state != Z_STREAM_END) {
        error = bytes_grow(into);
        if (error)
            break;
        size_t room = into->room - into->count;
        stream.next_out = (Bytef *)into->data + into->count;
        stream.avail_out = (uInt)room;
        state = deflate(&stream, Z_FINISH);
        into->count += room - stream.avail_out;
    }
    deflateEnd(&stream);
    return error;
}

int zstd(const char *data, size_t count, struct bytes *into)
{
    size_t bound = ZSTD_compressBound(count);
    char *room = realloc(into->data, into->count + bound);
    if (!room)
        return -ENOMEM;
    into->data = room;
    into->room = into->count + bound;
    size_t packed =
        ZSTD_compress(into->data + into->count, bound, data, count, ZSTD_LEVEL);
    /* Given the bound as room it can fail by lack of memory only. */
    if (ZSTD_isError(packed))
        return -ENOMEM;
    into->count += packed;
    return 0;
}
