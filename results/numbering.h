/* numbering.h - sparse keys to dense indices, in the order they were added.
 *
 * Ids of processes count upwards in their low half, as they are added: such a
 * key is found where counting from the first key leads. The others are hashed.
 */
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
    uint32_t first;  /* Low half of the first key. */
    uint32_t *slots; /* Of the keys that do not count upwards: indices, in a */
    unsigned slot_bits; /* power of two of slots, at most half full. */
    size_t slots_used;
};

void numbering_finish(struct numbering *numbering);

/* Room for so many keys in all. */
void numbering_expect(struct numbering *numbering, size_t count);

/* The index of key if all keys up to it count upwards by their low halves. */
static inline uint32_t numbering_counted(const struct numbering *numbering,
                                         uint64_t key)
{
    return (uint32_t)key - numbering->first;
}

/* NUMBER_NONE if it was never added. */
uint32_t numbering_find(const struct numbering *numbering, uint64_t key);

/* The index of key, which is count if it was not there; it is then. */
uint32_t numbering_add(struct numbering *numbering, uint64_t key);

#endif /* RESULTS_NUMBERING_H */
