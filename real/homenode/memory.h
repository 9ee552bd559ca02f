/* memory.h - the memory of a process as records, and back.
 *
 * RECORD_MAPS: struct memory_map, by ascending start.
 * RECORD_PAGES: u64 count, that many struct run, then their bytes. Pages that
 * no record names are zero.
 */
#ifndef REAL_HOMENODE_MEMORY_H
#define REAL_HOMENODE_MEMORY_H

#include "image.h"
#include "maps.h"
#include "stream.h"

enum {
    MEMORY_RUNS_MAX = 512,
    MEMORY_BATCH_BYTES = 1024 * 1024, /* Of pages in one record. */
    MEMORY_MAPS_MAX = RECORD_BYTES_MAX / 24,
};

struct memory_map
{
    uint64_t start;
    uint64_t end;
    uint32_t protection;
    uint32_t grows_down;
};

/* Write maps and pages of a stopped process. What a mapping of a file holds is
 * written whole, so that nobody needs the file later; what lies behind the end
 * of the file is not. -E2BIG: more mappings than MEMORY_MAPS_MAX. */
int memory_put(const struct tracee *t,
               const struct maps *maps,
               const struct stream *stream,
               uint64_t *ret_bytes);

/* The mappings of a record; the caller finishes them. -EBADMSG if no process
 * can have them. */
int memory_get_maps(const struct incoming *incoming, struct maps *ret_maps);

/* Write the pages of a record into a process whose mappings are there and can
 * be written. -EBADMSG if the record is not whole or names what is not among
 * the mappings. */
int memory_get_pages(const struct tracee *t,
                     const struct maps *maps,
                     const struct incoming *incoming);

#endif /* REAL_HOMENODE_MEMORY_H */
