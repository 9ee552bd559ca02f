/* calls_memory.h - vectors of the caller. Only for calls*.c. */
#ifndef REAL_HOMENODE_CALLS_MEMORY_H
#define REAL_HOMENODE_CALLS_MEMORY_H

#include <sys/uio.h>

#include "calls.h"

enum { CALL_VECTORS_MAX = 1024 }; /* UIO_MAXIOV */

struct call_vectors
{
    size_t count;
    uint64_t bytes; /* All together; INT64_MAX if they are more. */
    struct iovec vectors[CALL_VECTORS_MAX];
};

/* -EINVAL as the kernel has it: too many, or a negative length. */
int call_vectors_read(const struct call_memory *memory,
                      uint64_t address,
                      uint64_t count,
                      struct call_vectors *ret);

/* Bytes from or to where the vectors are, `skip` behind their beginning; those
 * are not more than they have. */
int call_vectors_gather(const struct call_memory *memory,
                        const struct call_vectors *vectors,
                        uint64_t skip,
                        uint8_t *to,
                        size_t bytes);
int call_vectors_scatter(const struct call_memory *memory,
                         const struct call_vectors *vectors,
                         uint64_t skip,
                         const uint8_t *from,
                         size_t bytes);

#endif /* REAL_HOMENODE_CALLS_MEMORY_H */
