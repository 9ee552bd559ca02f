/* room.h - growing arrays; for want of memory the program ends here, since no
 * simulation can go on without its events. */
#ifndef SIM_ROOM_H
#define SIM_ROOM_H

#include <stddef.h>

/* Make room for at least `need` items of item_bytes: *room doubles until it is
 * enough. Returns the array, moved if need be; what it held is kept. */
void *room_for(void *items, size_t *room, size_t need, size_t item_bytes);

#endif /* SIM_ROOM_H */
