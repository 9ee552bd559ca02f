/* unpack.h - .gz and .zst from memory to memory. */
#ifndef TRACES_UNPACK_H
#define TRACES_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that grow; no more than FILE_BYTES_MAX. */
struct bytes
{
    char *data; /* Owned. */
    size_t count;
    size_t room;
};

/* At least one byte of room behind count: 0, -ENOMEM or -EFBIG. */
int bytes_grow(struct bytes *bytes);

bool is_gzip(const char *data, size_t count);
bool is_zstd(const char *data, size_t count);

/* Append all that data holds. 0, -ENOMEM, -EFBIG; -ENODATA if data ends too
 * early, -EBADMSG if it is damaged. */
int gunzip(const char *data, size_t count, struct bytes *into);
int unzstd(const char *data, size_t count, struct bytes *into);

/* Append data, compressed. 0 or -ENOMEM. */
int gzip(const char *data, size_t count, struct bytes *into);
int zstd(const char *data, size_t count, struct bytes *into);

#endif /* TRACES_UNPACK_H */
