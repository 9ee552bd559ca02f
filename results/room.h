/* room.h - arrays that grow. */
#ifndef RESULTS_ROOM_H
#define RESULTS_ROOM_H

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "../traces/pages.h"

/* Memory for count items, all zero. A result without its data is worth nothing,
 * so to run out of memory ends the program. free() it. */
static inline void *room_make(size_t count, size_t item_bytes)
{
    void *items = calloc(count > 0 ? count : 1, item_bytes);
    assert(items != NULL);
    pages_advise(items, count * item_bytes);
    return items;
}

/* The same for items that are written before they are read: what they are now
 * is undefined. */
static inline void *room_expect(size_t count, size_t item_bytes)
{
    void *items = reallocarray(NULL, count > 0 ? count : 1, item_bytes);
    assert(items != NULL);
    pages_advise(items, count * item_bytes);
    return items;
}

/* Room for at least one item more than count; returns where the items are now.
 */
static inline void *room_grow(void *items,
                              size_t count,
                              size_t *room,
                              size_t item_bytes)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 64 : 2 * *room;
    void *moved = reallocarray(items, *room, item_bytes);
    assert(moved != NULL);
    return moved;
}

#endif /* RESULTS_ROOM_H */
