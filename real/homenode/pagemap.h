/* pagemap.h - /proc/PID/pagemap: what the pages of a process are.
 *
 * PAGEMAP_SCAN (Linux 6.7) where the kernel has it, else entry by entry.
 * Entries do not say what is the kernel's one page of zeros; who may see the
 * numbers of frames, as root may, knows it by its own such page.
 */
#ifndef REAL_HOMENODE_PAGEMAP_H
#define REAL_HOMENODE_PAGEMAP_H

#include <stdbool.h>
#include <sys/types.h>

#include "runs.h"

struct pagemap
{
    int file; /* Owned. */
    bool has_scan;
    uint64_t zero_frame; /* Without scan; 0: frames are not to be seen. */
};

/* 0 or negative errno. */
int pagemap_open(struct pagemap *ret, pid_t pid);
void pagemap_close(struct pagemap *p);

enum pagemap_which {
    PAGEMAP_ALL = 0,
    PAGEMAP_WRITTEN = 1 << 0,   /* Only pages written since PAGEMAP_PROTECT. */
    PAGEMAP_PROTECT = 1 << 1,   /* Protect those that are found. */
    PAGEMAP_SOFT = 1 << 2,      /* Only pages with the soft-dirty bit. */
    PAGEMAP_FILES = 1 << 3,     /* With _SOFT: those of files too, and those of
                                   new mappings that are nowhere yet. */
    PAGEMAP_IN_MEMORY = 1 << 4, /* Not those in swap. */
};

/* Add the pages in [from, to) that are the process's own: in memory or in swap,
 * no file's, and not the kernel's one page of zeros if that can be told.
 * -EPERM: with _WRITTEN or _PROTECT, a mapping there is not watched. */
int pagemap_find(const struct pagemap *p,
                 uint64_t from,
                 uint64_t to,
                 unsigned which,
                 struct runs *runs);

/* Add the mappings that no userfaultfd watches; has_scan only. */
int pagemap_unwatched(const struct pagemap *p,
                      uint64_t from,
                      uint64_t to,
                      struct runs *runs);

/* This kernel keeps soft-dirty bits, and the page of zeros can be told, which
 * has none when it takes the place of a page that was given back. */
bool pagemap_has_soft_bits(void);

#endif /* REAL_HOMENODE_PAGEMAP_H */
