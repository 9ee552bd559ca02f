#include "room.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { ROOM_MIN = 4 };

void *room_for(void *items, size_t *room, size_t need, size_t item_bytes)
{
    if (need <= *room)
        return items;
    size_t wanted = *room < ROOM_MIN ? ROOM_MIN : *room;
    while (wanted < need) {
        assert(wanted <= SIZE_MAX / 2);
        wanted *= 2;
    }
    void *moved = reallocarray(items, wanted, item_bytes);
    if (!moved)
        abort();
    *room = wanted;
    return moved;
}
