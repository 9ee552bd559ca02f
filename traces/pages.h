/* pages.h - memory for large arrays, in huge pages where the system has them:
 * whoever walks at random through a million small things pays a miss of the
 * translation buffer for each otherwise, and a fault for each 4 KiB. */
#ifndef TRACES_PAGES_H
#define TRACES_PAGES_H

#include <stddef.h>

/* Zeroed; NULL if there is none. Untouched memory costs nothing. */
void *pages_take(size_t bytes);

/* The same bytes as taken; takes NULL. */
void pages_give(void *pages, size_t bytes);

/* What lies in memory of another allocator shall be in huge pages where it
 * fills them. Before it is touched; changes nothing else. */
void pages_advise(const void *memory, size_t bytes);

#endif /* TRACES_PAGES_H */
