/* maps.h - the mappings of a process, as /proc/PID/maps has them. */
#ifndef REAL_HOMENODE_MAPS_H
#define REAL_HOMENODE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum map_kind {
    MAP_ANONYMOUS_PRIVATE, /* Heap, stack, anonymous memory. */
    MAP_FILE_PRIVATE,      /* Of a file; what was written is its own. */
    MAP_SHARED_READ_ONLY,  /* Shared, but it cannot write there. */
    MAP_SHARED_WRITABLE,   /* Holds a process where it is. */
    MAP_DEVICE,            /* Of a device or of io_uring: likewise. */
    MAP_KINDS
};

struct map
{
    uint64_t start;
    uint64_t end;        /* Behind the last byte. */
    uint64_t file_start; /* Offset in the file. */
    uint64_t inode;      /* Of the file; 0: it has none. */
    uint8_t protection;  /* PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
    uint8_t kind;        /* enum map_kind */
    bool grows_down;     /* The stack. */
    bool fresh;   /* dirty.h, memory.h: made anew since the look before. */
    bool watched; /* dirty.h */
};

struct maps
{
    struct map *maps; /* By ascending start; owned. */
    size_t count;
    uint64_t vvar_start; /* From [vvar] on, to the end of [vdso]; these are */
    uint64_t vdso_start; /* not among maps. 0 if there are none. */
    uint64_t vdso_end;
};

/* 0 or negative errno; -ESRCH if there is no such process. */
int maps_read(struct maps *ret_maps, pid_t pid);
void maps_finish(struct maps *maps);

/* Take what lies in [start, end) out, cutting maps where needed. */
int maps_cut(struct maps *maps, uint64_t start, uint64_t end);

/* An address at which so many bytes are free in both, away from where programs
 * and kernels put things; 0 if there is none. b may be NULL. */
uint64_t maps_hole(const struct maps *a, const struct maps *b, uint64_t bytes);

#endif /* REAL_HOMENODE_MAPS_H */
