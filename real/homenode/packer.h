/* packer.h - compresses what a stream carries when that makes it faster: as
 * long as the link takes longer for the bytes saved than zstd for saving them.
 * Both are measured all the time, on the bytes at hand.
 */
#ifndef REAL_HOMENODE_PACKER_H
#define REAL_HOMENODE_PACKER_H

#include <stddef.h>
#include <stdint.h>

struct packer;

/* rate_bytes_per_s: the link is not faster than that; 0: unknown. */
int packer_create(struct packer **ret, uint64_t rate_bytes_per_s);
void packer_destroy(struct packer *p);

/* The bytes as one frame, which is the packer's until the next call; 0: send
 * them as they are. */
size_t packer_pack(struct packer *p,
                   const void *bytes,
                   size_t count,
                   const void **ret_frame);

/* The link took so long for so many bytes. */
void packer_learn(struct packer *p, size_t bytes, uint64_t us);

#endif /* REAL_HOMENODE_PACKER_H */
