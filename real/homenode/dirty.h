/* dirty.h - which pages of a running process were written since the last look.
 *
 * By write protection: userfaultfd(2) with WP_ASYNC, and PAGEMAP_SCAN (Linux
 * 6.7), which reads and protects page by page while the process runs. By soft
 * bits: those of /proc/PID/clear_refs, where the kernel has them and lets see
 * frames (pagemap.h); all are read and cleared in one moment in which the
 * process stands still.
 *
 * Limit: mappings that are watched do not merge with new ones, so a process
 * cannot mremap(2) over the seam of two that it made one behind the other, as
 * otherwise it sometimes can.
 */
#ifndef REAL_HOMENODE_DIRTY_H
#define REAL_HOMENODE_DIRTY_H

#include "maps.h"
#include "pagemap.h"
#include "tracee.h"

enum dirty_method {
    DIRTY_NONE, /* Nothing is watched: every look finds everything. */
    DIRTY_BY_PROTECTION,
    DIRTY_BY_SOFT_BITS,
    DIRTY_METHODS
};

struct dirty
{
    struct pagemap pagemap;
    enum dirty_method method;
    int watcher;         /* The process's userfaultfd; -1: none. */
    bool turned;         /* There was a look. */
    struct runs changed; /* By soft bits: what the last turn found. */
    size_t given;        /* So many of these were given. */
};

/* Bits 1 << enum dirty_method of what this kernel can do for this user. */
unsigned dirty_methods(void);

/* Nothing is watched yet. 0 or negative errno. */
int dirty_open(struct dirty *ret, pid_t pid);

/* Nothing is watched any more. */
void dirty_close(struct dirty *d);

/* Watch a process that is seized and runs: it is stopped for a moment. -ENOTSUP
 * if the kernel cannot; -EMFILE if the process may not open a descriptor, which
 * write protection needs for that moment. */
int dirty_watch(struct dirty *d, struct tracee *t, enum dirty_method method);

/* Begin a round: the mappings as they are now, which the caller finishes, but
 * the tracer's area. Says of each whether it is fresh, made anew since the turn
 * before or never watched, so that all of it counts; and, unless last, whether
 * it is watched from now on. last: the process stands still, nothing is watched
 * further. -ESRCH: it ended. */
int dirty_turn(struct dirty *d,
               struct tracee *t,
               bool last,
               struct maps *ret_maps);

/* Add the pages of a map that are the process's own and not a file's. */
int dirty_own(const struct dirty *d, const struct map *map, struct runs *runs);

/* Add the pages of a part of one map that count in this round; each is given
 * once, parts in ascending order. Unless last they are watched anew from here
 * on. -EPERM: the mapping has been replaced since the turn, which the next one
 * will say. */
int dirty_changed(struct dirty *d,
                  const struct map *map,
                  uint64_t from,
                  uint64_t to,
                  bool last,
                  struct runs *runs);

/* About so many bytes would count if there was a turn now. */
int dirty_left(const struct dirty *d,
               const struct maps *maps,
               uint64_t *ret_bytes);

#endif /* REAL_HOMENODE_DIRTY_H */
