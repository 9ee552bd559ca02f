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

double heap_date(const struct heap *heap)
{
    return heap->count == 0 ? INFINITY : heap->items[0].date;
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
    *alarms = (struct alarms){0};
    size_t items_room = 0;
    alarms->items = room_for(NULL, &items_room, room, sizeof *alarms->items);
    alarms->places =
        room_for(NULL, &alarms->room, room, sizeof *alarms->places);
    for (size_t i = 0; i < alarms->room; i++)
        alarms->places[i] = UINT32_MAX;
}

void alarms_finish(struct alarms *alarms)
{
    free(alarms->items);
    free(alarms->places);
    *alarms = (struct alarms){0};
}

/* Equal dates by ascending index. Without branches, which would be guessed
 * wrong every second time. */
static bool rings_first(struct alarm a, struct alarm b)
{
    return (a.date < b.date) | ((a.date == b.date) & (a.index < b.index));
}

static void put(struct alarms *alarms, struct alarm alarm, size_t place)
{
    alarms->items[place] = alarm;
    alarms->places[alarm.index] = (uint32_t)place;
}

static void rise(struct alarms *alarms, struct alarm alarm, size_t place)
{
    while (0 < place) {
        size_t parent = (place - 1) / CHILD_COUNT;
        if (!rings_first(alarm, alarms->items[parent]))
            break;
        put(alarms, alarms->items[parent], place);
        place = parent;
    }
    put(alarms, alarm, place);
}

static void sink(struct alarms *alarms, struct alarm alarm, size_t place)
{
    const struct alarm *items = alarms->items;
    for (;;) {
        size_t child = place * CHILD_COUNT + 1;
        if (alarms->count <= child)
            break;
        size_t end = child + CHILD_COUNT;
        if (alarms->count < end)
            end = alarms->count;
        size_t best = child;
        for (child++; child < end; child++)
            best = rings_first(items[child], items[best]) ? child : best;
        if (!rings_first(items[best], alarm))
            break;
        put(alarms, items[best], place);
        place = best;
    }
    put(alarms, alarm, place);
}

static void drop(struct alarms *alarms, size_t place)
{
    alarms->places[alarms->items[place].index] = UINT32_MAX;
    struct alarm last = alarms->items[--alarms->count];
    if (place == alarms->count)
        return;
    if (0 < place &&
        rings_first(last, alarms->items[(place - 1) / CHILD_COUNT]))
        rise(alarms, last, place);
    else
        sink(alarms, last, place);
}

void alarms_set(struct alarms *alarms, uint32_t index, double date)
{
    assert(index < alarms->room);
    assert(!isnan(date));
    struct alarm alarm = {.date = date, .index = index};
    size_t place = alarms->places[index];
    if (place == UINT32_MAX) {
        if (date < INFINITY)
            rise(alarms, alarm, alarms->count++);
    } else if (date == INFINITY) {
        drop(alarms, place);
    } else if (date < alarms->items[place].date) {
        rise(alarms, alarm, place);
    } else {
        sink(alarms, alarm, place);
    }
}

double alarms_date(const struct alarms *alarms)
{
    return alarms->count == 0 ? INFINITY : alarms->items[0].date;
}

uint32_t alarms_index(const struct alarms *alarms)
{
    assert(0 < alarms->count);
    return alarms->items[0].index;
}

double alarms_date_of(const struct alarms *alarms, uint32_t index)
{
    assert(index < alarms->room);
    size_t place = alarms->places[index];
    return place == UINT32_MAX ? INFINITY : alarms->items[place].date;
}
