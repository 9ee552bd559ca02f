/* dirty.h - which pages of a process have something in them.
 *
 * PAGEMAP_SCAN (Linux 6.7) where the kernel has it, else /proc/PID/pagemap
 * entry by entry, which cannot tell a page of zeros from another.
 */
#ifndef REAL_HOMENODE_DIRTY_H
#define REAL_HOMENODE_DIRTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Pages in a row; what a stream carries, so without padding. */
struct run
{
    uint64_t start;
    uint64_t bytes;
};

struct dirty
{
    int file;      /* /proc/PID/pagemap; owned. */
    bool has_scan; /* PAGEMAP_SCAN works. */
};

/* 0 or negative errno. */
int dirty_open(struct dirty *ret_dirty, pid_t pid);
void dirty_close(struct dirty *dirty);

/* The runs in [from, to) that are in memory or in swap and not the kernel's one
 * page of zeros, as many as room has; *ret_next is where to go on, `to` at the
 * end. */
int dirty_present(const struct dirty *dirty,
                  uint64_t from,
                  uint64_t to,
                  struct run *ret_runs,
                  size_t room,
                  size_t *ret_count,
                  uint64_t *ret_next);

#endif /* REAL_HOMENODE_DIRTY_H */
