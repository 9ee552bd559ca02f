/* memory.c - see memory.h. */
#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "dirty.h"

/* User space of x86-64 with four levels of page tables. */
#define ADDRESS_END UINT64_C(0x7ffffffff000)

/* Pages on their way into one record. */
struct batch
{
    const struct tracee *tracee;
    const struct stream *stream;
    struct run runs[MEMORY_RUNS_MAX];
    size_t run_count;
    size_t bytes;
    uint64_t sent_bytes;
    uint8_t pages[MEMORY_BATCH_BYTES];
};

/* What could be read of the runs; a mapping may be longer than its file. */
static int read_run(const struct batch *b, struct run *run, size_t at)
{
    struct iovec here = {(void *)(uintptr_t)(b->pages + at),
                         (size_t)run->bytes};
    struct iovec there = {(void *)(uintptr_t)run->start, (size_t)run->bytes};
    ssize_t got = process_vm_readv(b->tracee->pid, &here, 1, &there, 1, 0);
    if (got < 0 && errno != EFAULT)
        return -errno;
    run->bytes =
        got < 0 ? 0 : (uint64_t)got / TRACEE_PAGE_BYTES * TRACEE_PAGE_BYTES;
    return 0;
}

static int flush(struct batch *b)
{
    uint64_t count = b->run_count;
    struct iovec parts[RECORD_PARTS_MAX] = {
        {&count, sizeof count},
        {b->runs, b->run_count * sizeof b->runs[0]},
        {b->pages, b->bytes},
    };
    if (count == 0)
        return 0;
    b->sent_bytes += b->bytes;
    b->run_count = 0;
    b->bytes = 0;
    return stream_put(b->stream, RECORD_PAGES, parts, RECORD_PARTS_MAX);
}

static int add_run(struct batch *b, struct run run)
{
    int error = 0;
    while (run.bytes > 0 && !error) {
        uint64_t room = MEMORY_BATCH_BYTES - b->bytes;
        struct run some = {run.start, run.bytes < room ? run.bytes : room};
        uint64_t asked = some.bytes;
        error = read_run(b, &some, b->bytes);
        if (error || some.bytes == 0)
            return error;
        b->runs[b->run_count++] = some;
        b->bytes += (size_t)some.bytes;
        run.start += some.bytes;
        run.bytes = some.bytes < asked ? 0 : run.bytes - some.bytes;
        if (b->run_count == MEMORY_RUNS_MAX || b->bytes == MEMORY_BATCH_BYTES)
            error = flush(b);
    }
    return error;
}

static int put_present(struct batch *b,
                       const struct dirty *dirty,
                       const struct map *map)
{
    struct run runs[MEMORY_RUNS_MAX];
    int error = 0;
    for (uint64_t at = map->start; at < map->end && !error;) {
        size_t count = 0;
        uint64_t next = map->end;
        error = dirty_present(dirty, at, map->end, runs, MEMORY_RUNS_MAX,
                              &count, &next);
        for (size_t i = 0; i < count && !error; i++)
            error = add_run(b, runs[i]);
        if (!error && next <= at)
            error = -EIO;
        at = next;
    }
    return error;
}

static int put_map(struct batch *b,
                   const struct dirty *dirty,
                   const struct map *map)
{
    if (map->kind == MAP_ANONYMOUS_PRIVATE)
        return put_present(b, dirty, map);
    if (map->protection == 0)
        return 0; /* It reserves addresses. */
    return add_run(b, (struct run){map->start, map->end - map->start});
}

static int put_maps(const struct maps *maps, const struct stream *stream)
{
    struct memory_map *list = calloc(maps->count + 1, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < maps->count; i++)
        list[i] = (struct memory_map){maps->maps[i].start, maps->maps[i].end,
                                      maps->maps[i].protection,
                                      maps->maps[i].grows_down};
    struct iovec part = {list, maps->count * sizeof *list};
    int error = maps->count > MEMORY_MAPS_MAX
                    ? -E2BIG
                    : stream_put(stream, RECORD_MAPS, &part, 1);
    free(list);
    return error;
}

int memory_put(const struct tracee *t,
               const struct maps *maps,
               const struct stream *stream,
               uint64_t *ret_bytes)
{
    struct dirty dirty;
    struct batch *batch = malloc(sizeof *batch);
    if (!batch)
        return -ENOMEM;
    batch->tracee = t;
    batch->stream = stream;
    batch->run_count = 0;
    batch->bytes = 0;
    batch->sent_bytes = 0;
    int error = dirty_open(&dirty, t->pid);
    if (!error) {
        error = put_maps(maps, stream);
        for (size_t i = 0; i < maps->count && !error; i++)
            error = put_map(batch, &dirty, &maps->maps[i]);
        if (!error)
            error = flush(batch);
        dirty_close(&dirty);
    }
    if (!error)
        *ret_bytes = batch->sent_bytes;
    free(batch);
    return error;
}

static bool can_be(const struct memory_map *map, uint64_t after)
{
    return map->start % TRACEE_PAGE_BYTES == 0 &&
           map->end % TRACEE_PAGE_BYTES == 0 && map->start >= after &&
           map->start >= TRACEE_PAGE_BYTES && map->start < map->end &&
           map->end <= ADDRESS_END && map->protection < 8 &&
           map->grows_down < 2;
}

int memory_get_maps(const struct incoming *incoming, struct maps *ret_maps)
{
    size_t count = incoming->bytes / sizeof(struct memory_map);
    uint64_t after = 0;
    if (incoming->bytes % sizeof(struct memory_map) != 0 || count == 0)
        return -EBADMSG;
    struct map *maps = calloc(count, sizeof *maps);
    if (!maps)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct memory_map map;
        memcpy(&map, incoming->body + i * sizeof map, sizeof map);
        if (!can_be(&map, after)) {
            free(maps);
            return -EBADMSG;
        }
        after = map.end;
        maps[i] = (struct map){.start = map.start,
                               .end = map.end,
                               .protection = (uint8_t)map.protection,
                               .grows_down = map.grows_down != 0};
    }
    *ret_maps = (struct maps){.maps = maps, .count = count};
    return 0;
}

/* Every page of the run is in some mapping. */
static bool is_mapped(const struct maps *maps, const struct run *run)
{
    uint64_t at = run->start;
    uint64_t end = run->start + run->bytes;
    size_t low = 0;
    size_t high = maps->count;
    if (run->start % TRACEE_PAGE_BYTES != 0 ||
        run->bytes % TRACEE_PAGE_BYTES != 0 || end <= at)
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (maps->maps[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < maps->count && maps->maps[low].start <= at && at < end; low++)
        at = maps->maps[low].end;
    return at >= end;
}

int memory_get_pages(const struct tracee *t,
                     const struct maps *maps,
                     const struct incoming *incoming)
{
    uint64_t count;
    struct run runs[MEMORY_RUNS_MAX];
    struct iovec there[MEMORY_RUNS_MAX];
    if (incoming->bytes < sizeof count)
        return -EBADMSG;
    memcpy(&count, incoming->body, sizeof count);
    size_t head_bytes = sizeof count + (size_t)count * sizeof runs[0];
    if (count > MEMORY_RUNS_MAX || incoming->bytes < head_bytes)
        return -EBADMSG;
    size_t bytes = incoming->bytes - head_bytes;
    size_t left = bytes;
    memcpy(runs, incoming->body + sizeof count, count * sizeof runs[0]);
    for (size_t i = 0; i < count; i++) {
        if (runs[i].bytes > left || !is_mapped(maps, &runs[i]))
            return -EBADMSG;
        left -= (size_t)runs[i].bytes;
        there[i] = (struct iovec){(void *)(uintptr_t)runs[i].start,
                                  (size_t)runs[i].bytes};
    }
    if (left != 0)
        return -EBADMSG;
    struct iovec here = {incoming->body + head_bytes, bytes};
    ssize_t put = process_vm_writev(t->pid, &here, 1, there, count, 0);
    if (put < 0)
        return -errno;
    return (size_t)put == bytes ? 0 : -EFAULT;
}
