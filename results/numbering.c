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

/* The slot that holds key, or the empty one where it belongs. */
static size_t slot_of(const struct numbering *numbering, uint64_t key)
{
    size_t mask = ((size_t)1 << numbering->slot_bits) - 1;
    size_t slot = hashed_slot(numbering, key);
    while (numbering->slots[slot] != NUMBER_NONE &&
           numbering->keys[numbering->slots[slot]] != key)
        slot = (slot + 1) & mask;
    return slot;
}

/* Slots for twice as many keys, with those that are in them now. */
static void make_slots(struct numbering *numbering)
{
    uint32_t *old = numbering->slots;
    size_t old_count = old ? (size_t)1 << numbering->slot_bits : 0;
    numbering->slot_bits = old ? numbering->slot_bits + 1 : SLOT_BITS_MIN;
    size_t slot_count = (size_t)1 << numbering->slot_bits;
    numbering->slots = room_make(slot_count, sizeof *numbering->slots);
    memset(numbering->slots, 0xFF, slot_count * sizeof *numbering->slots);
    for (size_t i = 0; i < old_count; i++)
        if (old[i] != NUMBER_NONE)
            numbering->slots[slot_of(numbering, numbering->keys[old[i]])] =
                old[i];
    free(old);
}

void numbering_expect(struct numbering *numbering, size_t count)
{
    assert(numbering->count == 0);
    assert(count < NUMBER_NONE);
    free(numbering->keys);
    numbering->keys = room_expect(count, sizeof(uint64_t));
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
    uint32_t index = numbering_counted(numbering, key);
    if (index < numbering->count && numbering->keys[index] == key)
        return index;
    return numbering->slots_used > 0 ? numbering->slots[slot_of(numbering, key)]
                                     : NUMBER_NONE;
}

static void enter_hashed(struct numbering *numbering,
                         uint64_t key,
                         uint32_t index)
{
    if (numbering->slots == NULL ||
        (size_t)1 << (numbering->slot_bits - 1) <= numbering->slots_used)
        make_slots(numbering);
    numbering->slots[slot_of(numbering, key)] = index;
    numbering->slots_used++;
}

uint32_t numbering_add(struct numbering *numbering, uint64_t key)
{
    uint32_t known = numbering_find(numbering, key);
    if (known != NUMBER_NONE)
        return known;
    assert(numbering->count < NUMBER_NONE);
    uint32_t index = (uint32_t)numbering->count;
    if (index == 0)
        numbering->first = (uint32_t)key;
    else if (numbering_counted(numbering, key) != index)
        enter_hashed(numbering, key, index);
    numbering->keys = room_grow(numbering->keys, numbering->count,
                                &numbering->room, sizeof(uint64_t));
    numbering->keys[numbering->count++] = key;
    return index;
}
