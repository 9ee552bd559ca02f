/* receive.c - the receiving side of transfer.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <zstd.h>

#include "body.h"
#include "transfer.h"

/* Calls that the tracee makes together; the first failure stays. */
struct calls
{
    const struct tracee *tracee; /* NULL: nobody makes them. */
    struct tracee_call calls[TRACEE_CALLS_MAX];
    size_t count;
    int error;
};

static void run(struct calls *c)
{
    if (!c->error && c->count > 0 && c->tracee)
        c->error = tracee_run(c->tracee, c->calls, c->count);
    for (size_t i = 0; i < c->count && !c->error && c->tracee; i++)
        if (c->calls[i].result < 0 && c->calls[i].result > -4096)
            c->error = (int)c->calls[i].result;
    c->count = 0;
}

/* Calls on ranges that touch are one, if all else is the same. */
static void call(struct calls *c,
                 int64_t number,
                 uint64_t start,
                 uint64_t end,
                 uint64_t how,
                 uint64_t flags)
{
    struct tracee_call *last = c->count > 0 ? &c->calls[c->count - 1] : NULL;
    if (last && last->number == number && last->arguments[2] == how &&
        last->arguments[3] == flags &&
        last->arguments[0] + last->arguments[1] == start) {
        last->arguments[1] += end - start;
        return;
    }
    if (c->count == TRACEE_CALLS_MAX)
        run(c);
    c->calls[c->count++] = (struct tracee_call){
        number, {start, end - start, how, flags, UINT64_MAX, 0}, 0};
}

int receiver_init(struct receiver *r, struct tracee *t, bool compressed)
{
    *r = (struct receiver){.tracee = t, .compressed = compressed};
    struct maps own = {0};
    int error = t ? maps_read(&own, t->pid) : 0;
    r->maps.vvar_start = own.vvar_start;
    r->maps.vdso_start = own.vdso_start;
    r->maps.vdso_end = own.vdso_end;
    maps_finish(&own);
    return error;
}

void receiver_finish(struct receiver *r)
{
    maps_finish(&r->maps);
    runs_finish(&r->owed);
    free(r->scratch);
    r->scratch = NULL;
}

/* ---- Mappings. ----------------------------------------------------------- */

static bool can_be(const struct memory_map *map, uint64_t after)
{
    return map->start % TRACEE_PAGE_BYTES == 0 &&
           map->end % TRACEE_PAGE_BYTES == 0 && map->start >= after &&
           map->start >= TRACEE_PAGE_BYTES && map->start < map->end &&
           map->end <= MEMORY_END && map->protection < 8 &&
           map->flags <= (MEMORY_GROWS_DOWN | MEMORY_FRESH);
}

static int read_maps(const struct incoming *incoming, struct maps *ret_maps)
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
                               .grows_down = map.flags & MEMORY_GROWS_DOWN,
                               .fresh = map.flags & MEMORY_FRESH};
    }
    *ret_maps = (struct maps){.maps = maps, .count = count};
    return 0;
}

/* The first map that ends behind the address. */
static size_t find(const struct maps *maps, uint64_t address)
{
    size_t low = 0;
    size_t high = maps->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (maps->maps[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool touches(const struct maps *maps, uint64_t start, uint64_t end)
{
    size_t i = find(maps, start);
    return i < maps->count && maps->maps[i].start < end;
}

static bool is_kept(const struct maps *kept, const struct maps *wanted)
{
    if (!kept)
        return false;
    bool holds = touches(wanted, kept->vvar_start, kept->vdso_end);
    for (size_t i = 0; i < kept->count && !holds; i++)
        holds = touches(wanted, kept->maps[i].start, kept->maps[i].end);
    return holds;
}

/* The area goes where the wanted mappings are not, and the vDSO of a body. */
static int make_way(struct receiver *r, const struct maps *wanted)
{
    struct tracee *t = r->tracee;
    struct maps *own = &r->maps;
    if (is_kept(r->kept, wanted))
        return -EADDRINUSE;
    bool area = touches(wanted, t->area_at, t->area_at + TRACEE_AREA_BYTES);
    bool vdso = touches(wanted, own->vvar_start, own->vdso_end);
    if (!area && (!vdso || r->kept))
        return 0;
    struct maps now;
    int error = 0;
    if (!r->kept)
        error = body_make_way(t, wanted);
    if (!error)
        error = maps_read(&now, t->pid);
    if (error)
        return error;
    if (r->kept) {
        uint64_t hole = maps_hole(&now, wanted, TRACEE_AREA_BYTES);
        error = hole == 0 ? -EADDRNOTAVAIL : tracee_unmap_area(t);
        if (!error)
            error = tracee_map_area(t, hole);
    }
    own->vvar_start = now.vvar_start;
    own->vdso_start = now.vdso_start;
    own->vdso_end = now.vdso_end;
    maps_finish(&now);
    return error;
}

/* mmap or munmap what of the map is not among the others. */
static void call_outside(struct calls *c,
                         int64_t number,
                         const struct map *map,
                         const struct maps *others)
{
    uint64_t flags = number == SYS_munmap
                         ? 0
                         : MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED |
                               MAP_NORESERVE |
                               (map->grows_down ? MAP_GROWSDOWN : 0);
    uint64_t how = number == SYS_munmap ? 0 : PROT_READ | PROT_WRITE;
    uint64_t at = map->start;
    for (size_t i = find(others, at); at < map->end; i++) {
        bool last = i == others->count || others->maps[i].start >= map->end;
        uint64_t end = last ? map->end : others->maps[i].start;
        if (end > at)
            call(c, number, at, end, how, flags);
        at = last ? map->end : others->maps[i].end;
    }
}

static int take_maps(struct receiver *r, const struct incoming *incoming)
{
    const struct maps none = {0};
    struct maps wanted;
    struct calls calls = {.tracee = r->tracee};
    int error = read_maps(incoming, &wanted);
    if (error)
        return error;
    error = r->tracee ? make_way(r, &wanted) : 0;
    if (error) {
        free(wanted.maps);
        return error;
    }
    for (size_t i = 0; i < r->maps.count; i++)
        call_outside(&calls, SYS_munmap, &r->maps.maps[i], &wanted);
    for (size_t i = 0; i < wanted.count; i++)
        call_outside(&calls, SYS_mmap, &wanted.maps[i],
                     wanted.maps[i].fresh ? &none : &r->maps);
    run(&calls);
    r->owed.count = 0; /* Of mappings that may be no more. */
    free(r->maps.maps);
    r->maps.maps = wanted.maps;
    r->maps.count = wanted.count;
    return calls.error;
}

/* ---- Pages. -------------------------------------------------------------- */

/* Every page of the run is in some mapping. */
static bool is_mapped(const struct maps *maps, const struct run *run)
{
    uint64_t at = run->start;
    uint64_t end = run->start + run->bytes;
    if (run->start % TRACEE_PAGE_BYTES != 0 ||
        run->bytes % TRACEE_PAGE_BYTES != 0 || end <= at)
        return false;
    for (size_t i = find(maps, at);
         i < maps->count && maps->maps[i].start <= at && at < end; i++)
        at = maps->maps[i].end;
    return at >= end;
}

/* The runs at the front of a record, all among the mappings. */
static int read_runs(const struct receiver *r,
                     const struct incoming *incoming,
                     struct run *ret_runs,
                     size_t *ret_count,
                     bool *ret_packed)
{
    uint64_t count;
    if (incoming->bytes < sizeof count)
        return -EBADMSG;
    memcpy(&count, incoming->body, sizeof count);
    *ret_packed = (count & MEMORY_PACKED) != 0;
    count &= ~MEMORY_PACKED;
    if (count > MEMORY_RUNS_MAX ||
        incoming->bytes < sizeof count + count * sizeof *ret_runs)
        return -EBADMSG;
    memcpy(ret_runs, incoming->body + sizeof count, count * sizeof *ret_runs);
    for (size_t i = 0; i < count; i++)
        if (!is_mapped(&r->maps, &ret_runs[i]))
            return -EBADMSG;
    *ret_count = (size_t)count;
    return 0;
}

/* The pages of a record: as they came, or unpacked. */
static int unpack(struct receiver *r,
                  const uint8_t *frame,
                  size_t frame_bytes,
                  const uint8_t **ret_pages,
                  size_t *ret_bytes)
{
    if (!r->compressed)
        return -EBADMSG;
    if (!r->scratch)
        r->scratch = malloc(MEMORY_BATCH_BYTES);
    if (!r->scratch)
        return -ENOMEM;
    size_t bytes =
        ZSTD_decompress(r->scratch, MEMORY_BATCH_BYTES, frame, frame_bytes);
    if (ZSTD_isError(bytes))
        return -EBADMSG;
    *ret_pages = r->scratch;
    *ret_bytes = bytes;
    return 0;
}

static int take_pages(struct receiver *r, const struct incoming *incoming)
{
    struct run runs[MEMORY_RUNS_MAX];
    struct iovec there[MEMORY_RUNS_MAX];
    size_t count;
    bool packed;
    int error = read_runs(r, incoming, runs, &count, &packed);
    if (error)
        return error;
    size_t head_bytes = sizeof(uint64_t) + count * sizeof runs[0];
    const uint8_t *pages = incoming->body + head_bytes;
    size_t bytes = incoming->bytes - head_bytes;
    if (packed)
        error = unpack(r, pages, bytes, &pages, &bytes);
    if (error)
        return error;
    size_t left = bytes;
    for (size_t i = 0; i < count; i++) {
        if (runs[i].bytes > left)
            return -EBADMSG;
        left -= (size_t)runs[i].bytes;
        there[i] = (struct iovec){(void *)(uintptr_t)runs[i].start,
                                  (size_t)runs[i].bytes};
    }
    if (left != 0)
        return -EBADMSG;
    if (!r->tracee || count == 0)
        return 0;
    struct iovec here = {(void *)(uintptr_t)pages, bytes};
    ssize_t put = process_vm_writev(r->tracee->pid, &here, 1, there, count, 0);
    if (put < 0)
        return -errno;
    return (size_t)put == bytes ? 0 : -EFAULT;
}

static int take_dropped(struct receiver *r, const struct incoming *incoming)
{
    struct run runs[MEMORY_RUNS_MAX];
    struct calls calls = {.tracee = r->tracee};
    size_t count;
    bool packed;
    int error = read_runs(r, incoming, runs, &count, &packed);
    if (error)
        return error;
    if (packed || incoming->bytes != sizeof(uint64_t) + count * sizeof runs[0])
        return -EBADMSG;
    for (size_t i = 0; i < count; i++)
        call(&calls, SYS_madvise, runs[i].start, runs[i].start + runs[i].bytes,
             MADV_DONTNEED, 0);
    run(&calls);
    return calls.error;
}

/* ---- What comes later. --------------------------------------------------- */

static int take_owed(struct receiver *r, const struct incoming *incoming)
{
    uint64_t count;
    if (incoming->bytes < sizeof count)
        return -EBADMSG;
    memcpy(&count, incoming->body, sizeof count);
    if (count > MEMORY_OWED_RUNS ||
        r->owed.count + count > MEMORY_OWED_RUNS_MAX ||
        incoming->bytes != sizeof count + count * sizeof(struct run))
        return -EBADMSG;
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        struct run run;
        memcpy(&run, incoming->body + sizeof count + i * sizeof run,
               sizeof run);
        const struct run *last =
            r->owed.count > 0 ? &r->owed.runs[r->owed.count - 1] : NULL;
        bool ascends = !last || run.start >= last->start + last->bytes;
        error = ascends && is_mapped(&r->maps, &run) ? runs_add(&r->owed, run)
                                                     : -EBADMSG;
    }
    return error;
}

int receiver_empty_owed(struct receiver *r)
{
    struct calls calls = {.tracee = r->tracee};
    for (size_t i = 0; i < r->owed.count; i++)
        call(&calls, SYS_madvise, r->owed.runs[i].start,
             r->owed.runs[i].start + r->owed.runs[i].bytes, MADV_DONTNEED, 0);
    run(&calls);
    return calls.error;
}

int receiver_take(struct receiver *r, const struct incoming *incoming)
{
    switch (incoming->kind) {
        case RECORD_MAPS:
            return take_maps(r, incoming);
        case RECORD_PAGES:
            return take_pages(r, incoming);
        case RECORD_DROPPED:
            return take_dropped(r, incoming);
        case RECORD_OWED:
            return take_owed(r, incoming);
        default:
            return -EBADMSG;
    }
}
