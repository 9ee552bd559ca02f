#include "heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "room.h"

enum { CHILD_COUNT = 4 };

/* ---- Happenings --------------------------------------------------------- */

static bool earlier(const struct happening *a, const struct happening *b)
{
    return a->date < b->date ||
           (a->date == b->date && a->sequence < b->sequence);
}

void heap_finish(struct heap *heap)
{
    free(heap->items);
    *heap = (struct heap){0};
}

void heap_push(struct heap *heap,
               double date,
               uint32_t kind,
               uint32_t node,
               uint64_t what)
{
    assert(!isnan(date));
    heap->items = room_for(heap->items, &heap->room, heap->count + 1,
                           sizeof *heap->items);
    struct happening new = {.date = date,
                            .sequence = heap->sequence++,
                            .what = what,
                            .kind = kind,
                            .node = node};
    size_t place = heap->count++;
    while (0 < place) {
        size_t parent = (place - 1) / CHILD_COUNT;
        if (!earlier(&new, &heap->items[parent]))
            break;
        heap->items[place] = heap->items[parent];
        place = parent;
    }
    heap->items[place] = new;
}

struct happening heap_pop(struct heap *heap)
{
    assert(0 < heap->count);
    struct happening *items = heap->items;
    struct happening first = items[0];
    struct happening last = items[--heap->count];
    size_t place = 0;
    for (;;) {
        size_t child = place * CHILD_COUNT + 1;
        if (heap->count <= child)
            break;
        size_t end = child + CHILD_COUNT;
        if (heap->count < end)
            end = heap->count;
        size_t best = child;
        for (child++; child < end; child++)
            if (earlier(&items[child], &items[best]))
                best = child;
        if (!earlier(&items[best], &last))
            break;
        items[place] = items[best];
        place = best;
    }
    items[place] = last;
    return first;
}

/* ---- Alarms ------------------------------------------------------------- */

void alarms_init(struct alarms *alarms, size_t room)
{
    size_t leaf_count = 1;
    while (leaf_count < room)
        leaf_count *= 2;
    size_t match_room = 0;
    *alarms = (struct alarms){.leaf_count = leaf_count, .room = room};
    alarms->matches =
        room_for(NULL, &match_room, 2 * leaf_count, sizeof *alarms->matches);
    for (size_t i = 0; i < leaf_count; i++)
        alarms->matches[leaf_count + i] =
            (struct alarm){.date = INFINITY, .index = (uint32_t)i};
    for (size_t i = leaf_count; 1 < i--;)
        alarms->matches[i] = alarms->matches[2 * i];
}

void alarms_finish(struct alarms *alarms)
{
    free(alarms->matches);
    *alarms = (struct alarms){0};
}

/* Dates are not negative, and such numbers are in order as their bits are. So a
 * date and its index make one number, and who wins, which nobody could foresee,
 * is found without a branch. */
__extension__ typedef unsigned __int128 key;

static uint64_t bits_of(double date)
{
    uint64_t bits;
    memcpy(&bits, &date, sizeof bits);
    return bits;
}

static key key_of(struct alarm alarm)
{
    return (key)bits_of(alarm.date) << 64 | alarm.index;
}

/* Of equal dates the lower index. */
static struct alarm winner_of(struct alarm a, struct alarm b)
{
    bool b_wins = key_of(b) < key_of(a);
    uint64_t bits = b_wins ? bits_of(b.date) : bits_of(a.date);
    struct alarm winner = {.index = b_wins ? b.index : a.index};
    memcpy(&winner.date, &bits, sizeof bits);
    return winner;
}

/* The winner so far climbs in registers and meets one sibling on each level. */
void alarms_set(struct alarms *alarms, uint32_t index, double date)
{
    assert(index < alarms->room);
    assert(0 <= date);
    struct alarm *matches = alarms->matches;
    size_t at = alarms->leaf_count + index;
    if (matches[at].date == date)
        return;
    struct alarm best = {.date = date + 0.0, .index = index}; /* Not -0.0. */
    matches[at] = best;
    while (1 < at) {
        best = winner_of(best, matches[at ^ 1]);
        at /= 2;
        /* Another won before and wins now: nothing changes further up. */
        if (matches[at].index != index && best.index != index)
            return;
        matches[at] = best;
    }
}

uint32_t alarms_index(const struct alarms *alarms)
{
    assert(alarms_date(alarms) < INFINITY);
    return alarms->matches[1].index;
}
