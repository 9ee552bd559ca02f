/* memory.h - the memory of a process as records; receive.c reads them.
 *
 * RECORD_MAPS: struct memory_map, by ascending start: all that there is.
 * RECORD_PAGES: u64 count, that many struct run, then their bytes. With
 * MEMORY_PACKED in count, the bytes are one frame of zstd.
 * RECORD_DROPPED: u64 count, that many struct run: all zero again.
 * RECORD_OWED: u64 count, that many struct run: pages that come later, whatever
 * came of them before; ascending, over all such records.
 *
 * Pages that no record names are zero.
 */
#ifndef REAL_HOMENODE_MEMORY_H
#define REAL_HOMENODE_MEMORY_H

#include "maps.h"
#include "runs.h"
#include "stream.h"

enum {
    MEMORY_RUNS_MAX = 512,
    MEMORY_BATCH_BYTES = 1024 * 1024, /* Of pages in one record. */
    MEMORY_MAPS_MAX = RECORD_BYTES_MAX / 24,
    MEMORY_OWED_RUNS = 64 * 1024,       /* In one record, */
    MEMORY_OWED_RUNS_MAX = 1024 * 1024, /* and in all. */
};

#define MEMORY_PACKED (UINT64_C(1) << 63)

/* User space of x86-64 with four levels of page tables. */
#define MEMORY_END UINT64_C(0x7ffffffff000)

enum memory_flag {
    MEMORY_GROWS_DOWN = 1 << 0,
    MEMORY_FRESH = 1 << 1, /* What was there before is not any more. */
};

struct memory_map
{
    uint64_t start;
    uint64_t end;
    uint32_t protection;
    uint32_t flags; /* enum memory_flag */
};

/* -E2BIG: more mappings than MEMORY_MAPS_MAX. */
int memory_put_maps(const struct maps *maps, const struct stream *stream);

/* Pages of one process on their way into records. */
struct memory_writer;

struct memory_count
{
    uint64_t page_bytes;   /* Of pages in records. */
    uint64_t stream_bytes; /* The bodies of these records. */
    uint64_t packed_bytes; /* Of pages that were sent compressed. */
    uint64_t zero_bytes;   /* Of pages that were all zeros, and not sent. */
    uint64_t write_us;     /* In the stream. */
};

struct memory_options
{
    bool compress;             /* Where that is faster: packer.h. */
    uint64_t rate_bytes_per_s; /* The link is not faster; 0: unknown. */
    /* After each record, of so many bytes; not 0 ends the writer with that. */
    int (*after)(void *context, uint64_t bytes);
    void *context;
};

/* The stream is the caller's. */
int memory_writer_create(struct memory_writer **ret,
                         pid_t pid,
                         const struct stream *stream,
                         const struct memory_options *options);
void memory_writer_destroy(struct memory_writer *w);

/* These pages as they are now, whatever their protection; those that cannot be
 * read, as behind the end of a file or where nothing is mapped any more, are as
 * if they were zero. held: the other side may have something there, which must
 * become zero then. */
int memory_writer_add(struct memory_writer *w, struct run run, bool held);

/* Zero at the other side. */
int memory_writer_drop(struct memory_writer *w, struct run run);

/* What has been added goes out. */
int memory_writer_flush(struct memory_writer *w);

/* Pages of a process, whatever their protection, through process_vm_readv(2)
 * and its /proc/PID/mem, which is file: of the run, shortened to what there is
 * before a page that cannot be read. 0 or a negative errno. */
int memory_read(pid_t pid, int file, struct run *run, uint8_t *to);
bool memory_is_zero(const uint8_t *page);

void memory_writer_count(const struct memory_writer *w,
                         struct memory_count *ret);

#endif /* REAL_HOMENODE_MEMORY_H */
