/* group.h - what the kernel says of a group of processes: its limits, and what
 * it has used. In version 1, 2 or both, each controller where it is mounted;
 * and the same of the whole machine, for a node that has no group.
 *
 * A limit of a group above binds too, as far up as is mounted here.
 */
#ifndef REAL_DAEMON_GROUP_H
#define REAL_DAEMON_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "../homenode/cgroup_find.h"
#include "kernel_text.h"

enum group_part {
    GROUP_THREADS,
    GROUP_QUOTA,
    GROUP_CPU_USED,
    GROUP_CORES,
    GROUP_MEMORY,
    GROUP_PRESSURE, /* Version 2 only. */
    GROUP_PARTS
};

struct group_place
{
    bool found;
    bool unified;                   /* Version 2. */
    char folder[CGROUP_PATH_BYTES]; /* Its own; */
    char top[CGROUP_PATH_BYTES];    /* the highest above it. */
};

struct group
{
    struct group_place places[GROUP_PARTS];
};

struct group_memory
{
    uint64_t total_bytes;
    uint64_t free_bytes; /* With what can be given back. */
    uint64_t swap_total_bytes;
    uint64_t swap_free_bytes;
};

/* Since some instant that does not change; what the kernel does not count has
 * has_... false, and is 0. */
struct group_counts
{
    bool has_cpu;
    bool has_paging;
    bool has_page_outs;
    bool has_memory_pressure;
    bool has_io_pressure;
    uint64_t cpu_us;
    uint64_t paged_bytes;   /* Paged in, and out if has_page_outs. */
    uint64_t swapped_bytes; /* Out there now. */
    struct kernel_pressure memory;
    struct kernel_pressure io;
};

/* folder as cgroup_place() wants it; "." is the caller's own group. -ENOENT: no
 * hierarchy has it. */
int group_find(struct group *ret, const char *proc, const char *folder);

/* Thousandths of a core; KERNEL_NO_LIMIT. */
uint64_t group_quota_milli(const struct group *group);

/* That it may use; 0: no limit is known. */
uint64_t group_core_count(const struct group *group);

/* Cut *memory, which is the machine's, down to the limits of the group. */
void group_limit_memory(const struct group *group, struct group_memory *memory);

/* Of it and all groups below. What was paged in is read from swap or, where the
 * kernel tells, was taken from programs that still needed it; a file that is
 * read again after it did not fit into the page cache does not count. */
void group_count(const struct group *group, struct group_counts *ret);

/* The machine. -EPROTO, or why it cannot be read. */
int machine_memory(const char *proc, struct group_memory *ret);
int machine_count(const char *proc,
                  struct group_counts *ret,
                  uint64_t *ret_core_count);

#endif /* REAL_DAEMON_GROUP_H */
