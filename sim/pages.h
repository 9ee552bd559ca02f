/* pages.h - zeroed memory for large arrays, in huge pages where the system has
 * them: whoever walks at random through a million small things pays a miss of
 * the translation buffer for each otherwise, and a fault for each 4 KiB. */
#ifndef SIM_PAGES_H
#define SIM_PAGES_H

#include <stddef.h>

/* NULL if there is none. Untouched memory costs nothing. */
void *pages_take(size_t bytes);

/* The same bytes as taken; takes NULL. */
void pages_give(void *pages, size_t bytes);

#endif /* SIM_PAGES_H */
