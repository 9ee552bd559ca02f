/* numbering.c - open addressing. */
#include "numbering.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "room.h"

enum { SLOT_BITS_MIN = 8 };

/* Multiplicative hashing by the golden ratio (Knuth, The Art of Computer
 * Programming 3, 6.4): ids that count upwards spread evenly. */
static size_t hashed_slot(const struct numbering *numbering, uint64_t key)
{
    key ^= key >> 32;
    return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >>
                    (64 - numbering->slot_bits));
}

/* Does this slot hold the key, or is it free for it? */
static bool suits(const struct numbering *numbering, size_t slot, uint64_t key)
{
    uint32_t index = numbering->slots[slot];
    return index == NUMBER_NONE || numbering->keys[index] == key;
}

/* The slot that holds key, or the empty one where it belongs. Where ids count
 * upwards in their low half each finds its own free, beside those of its time,
 * which are in the cache; the others go where hashing sends them. */
static size_t slot_of(const struct numbering *numbering, uint64_t key)
{
    size_t mask = ((size_t)1 << numbering->slot_bits) - 1;
    size_t slot = (size_t)key & mask;
    if (suits(numbering, slot, key))
        return slot;
    slot = hashed_slot(numbering, key);
    while (!suits(numbering, slot, key))
        slot = (slot + 1) & mask;
    return slot;
}

static void make_slots(struct numbering *numbering, unsigned bits)
{
    free(numbering->slots);
    numbering->slot_bits = bits;
    numbering->slots = room_make((size_t)1 << bits, sizeof(uint32_t));
    memset(numbering->slots, 0xFF, sizeof(uint32_t) << bits);
    for (size_t index = 0; index < numbering->count; index++)
        numbering->slots[slot_of(numbering, numbering->keys[index])] =
            (uint32_t)index;
}

void numbering_expect(struct numbering *numbering, size_t count)
{
    assert(numbering->count == 0);
    assert(count < NUMBER_NONE);
    unsigned bits = SLOT_BITS_MIN;
    while ((size_t)1 << (bits - 1) <= count)
        bits++;
    make_slots(numbering, bits);
    free(numbering->keys);
    numbering->keys = room_make(count, sizeof(uint64_t));
    numbering->room = count;
}

void numbering_finish(struct numbering *numbering)
{
    free(numbering->keys);
    free(numbering->slots);
    *numbering = (struct numbering){0};
}

uint32_t numbering_find(const struct numbering *numbering, uint64_t key)
{
    if (numbering->count == 0)
        return NUMBER_NONE;
    return numbering->slots[slot_of(numbering, key)];
}

uint32_t numbering_add(struct numbering *numbering, uint64_t key)
{
    if (numbering->slots == NULL)
        make_slots(numbering, SLOT_BITS_MIN);
    else if ((size_t)1 << (numbering->slot_bits - 1) <= numbering->count)
        make_slots(numbering, numbering->slot_bits + 1);
    size_t slot = slot_of(numbering, key);
    if (numbering->slots[slot] != NUMBER_NONE)
        return numbering->slots[slot];
    assert(numbering->count < NUMBER_NONE);
    numbering->keys = room_grow(numbering->keys, numbering->count,
                                &numbering->room, sizeof(uint64_t));
    numbering->keys[numbering->count] = key;
    numbering->slots[slot] = (uint32_t)numbering->count;
    return (uint32_t)numbering->count++;
}
