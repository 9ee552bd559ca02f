/* numbering.h - sparse keys to dense indices, in the order they were added. */
#ifndef RESULTS_NUMBERING_H
#define RESULTS_NUMBERING_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_NONE UINT32_MAX

/* Zero at first. */
struct numbering
{
    uint64_t *keys; /* By index. */
    size_t count;
    size_t room;
    uint32_t *slots; /* A power of two of them, at most half full. */
    unsigned slot_bits;
};

void numbering_finish(struct numbering *numbering);

/* Room for so many keys in all. */
void numbering_expect(struct numbering *numbering, size_t count);

/* NUMBER_NONE if it was never added. */
uint32_t numbering_find(const struct numbering *numbering, uint64_t key);

/* The index of key, which is count if it was not there; it is then. */
uint32_t numbering_add(struct numbering *numbering, uint64_t key);

#endif /* RESULTS_NUMBERING_H */
