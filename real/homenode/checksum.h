/* checksum.h - CRC-32 as zlib has it, as fast as memory is read: all pages of a
 * process that moves pass through it twice. */
#ifndef REAL_HOMENODE_CHECKSUM_H
#define REAL_HOMENODE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Of what was before, which begins with 0, and these bytes behind it. */
uint32_t checksum(uint32_t before, const void *bytes, size_t count);

#endif /* REAL_HOMENODE_CHECKSUM_H */
