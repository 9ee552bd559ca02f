/* memory.c - see memory.h. */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "packer.h"
#include "tracee.h"

enum {
    BATCH_BYTES_MIN = 64 * 1024,
    RECORD_US_MAX = 4000,
};

struct memory_writer
{
    pid_t pid;
    const struct stream *stream;
    struct memory_options options;
    struct memory_count count;
    struct packer *packer; /* NULL: never compress. */
    int file;              /* /proc/PID/mem */
    size_t batch_bytes;    /* Of pages in the next record. */
    struct run runs[MEMORY_RUNS_MAX];
    size_t run_count;
    size_t bytes; /* In pages. */
    struct run dropped[MEMORY_RUNS_MAX];
    size_t dropped_count;
    uint8_t pages[MEMORY_BATCH_BYTES];
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int memory_put_maps(const struct maps *maps, const struct stream *stream)
{
    struct memory_map *list = calloc(maps->count + 1, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *map = &maps->maps[i];
        list[i] = (struct memory_map){
            map->start, map->end, map->protection,
            (map->grows_down ? (uint32_t)MEMORY_GROWS_DOWN : 0) |
                (map->fresh ? (uint32_t)MEMORY_FRESH : 0)};
    }
    struct iovec part = {list, maps->count * sizeof *list};
    int error = maps->count > MEMORY_MAPS_MAX
                    ? -E2BIG
                    : stream_put(stream, RECORD_MAPS, &part, 1);
    free(list);
    return error;
}

int memory_writer_create(struct memory_writer **ret,
                         pid_t pid,
                         const struct stream *stream,
                         const struct memory_options *options)
{
    char path[32];
    struct memory_writer *w = malloc(sizeof *w);
    if (!w)
        return -ENOMEM;
    w->pid = pid;
    w->stream = stream;
    w->options = *options;
    w->count = (struct memory_count){0};
    w->packer = NULL;
    w->batch_bytes = MEMORY_BATCH_BYTES;
    w->run_count = 0;
    w->bytes = 0;
    w->dropped_count = 0;
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    w->file = open(path, O_RDONLY | O_CLOEXEC);
    int error = w->file < 0 ? -errno : 0;
    if (!error && options->compress)
        error = packer_create(&w->packer, options->rate_bytes_per_s);
    if (error)
        memory_writer_destroy(w);
    else
        *ret = w;
    return error == -ENOENT ? -ESRCH : error;
}

void memory_writer_destroy(struct memory_writer *w)
{
    if (w->file >= 0)
        close(w->file);
    packer_destroy(w->packer);
    free(w);
}

void memory_writer_count(const struct memory_writer *w,
                         struct memory_count *ret)
{
    *ret = w->count;
}

/* A record takes the link some milliseconds at most, so that who waits for
 * its end waits no longer. */
static void fit_batch(struct memory_writer *w, uint64_t us)
{
    if (us > RECORD_US_MAX && w->batch_bytes > BATCH_BYTES_MIN)
        w->batch_bytes /= 2;
    else if (us < RECORD_US_MAX / 4 && w->batch_bytes < MEMORY_BATCH_BYTES)
        w->batch_bytes *= 2;
}

static int put(struct memory_writer *w,
               enum record_kind kind,
               const struct iovec *parts,
               size_t part_count)
{
    uint64_t from_us = now_us();
    size_t bytes = 0;
    for (size_t i = 0; i < part_count; i++)
        bytes += parts[i].iov_len;
    int error = stream_put(w->stream, kind, parts, part_count);
    uint64_t us = now_us() - from_us;
    w->count.stream_bytes += bytes;
    w->count.write_us += us;
    if (w->packer)
        packer_learn(w->packer, bytes, us);
    if (!error && w->options.after)
        error = w->options.after(w->options.context, bytes);
    return error;
}

static int flush_pages(struct memory_writer *w)
{
    uint64_t count = w->run_count;
    const void *frame;
    size_t frame_bytes = 0;
    if (count == 0)
        return 0;
    if (w->packer)
        frame_bytes = packer_pack(w->packer, w->pages, w->bytes, &frame);
    struct iovec parts[] = {
        {&count, sizeof count},
        {w->runs, w->run_count * sizeof w->runs[0]},
        {w->pages, w->bytes},
    };
    if (frame_bytes > 0) {
        count |= MEMORY_PACKED;
        parts[2] = (struct iovec){(void *)(uintptr_t)frame, frame_bytes};
        w->count.packed_bytes += w->bytes;
    }
    w->count.page_bytes += w->bytes;
    w->run_count = 0;
    w->bytes = 0;
    uint64_t before_us = w->count.write_us;
    int error = put(w, RECORD_PAGES, parts, sizeof parts / sizeof parts[0]);
    fit_batch(w, w->count.write_us - before_us);
    return error;
}

static int flush_dropped(struct memory_writer *w)
{
    uint64_t count = w->dropped_count;
    struct iovec parts[] = {
        {&count, sizeof count},
        {w->dropped, w->dropped_count * sizeof w->dropped[0]},
    };
    if (count == 0)
        return 0;
    w->dropped_count = 0;
    return put(w, RECORD_DROPPED, parts, sizeof parts / sizeof parts[0]);
}

int memory_writer_flush(struct memory_writer *w)
{
    int error = flush_pages(w);
    return error ? error : flush_dropped(w);
}

/* Longer by a run, if that lies behind the last. */
static bool joins(struct run *runs, size_t count, struct run run)
{
    if (count == 0 ||
        runs[count - 1].start + runs[count - 1].bytes != run.start)
        return false;
    runs[count - 1].bytes += run.bytes;
    return true;
}

int memory_writer_drop(struct memory_writer *w, struct run run)
{
    int error = 0;
    if (joins(w->dropped, w->dropped_count, run))
        return 0;
    if (w->dropped_count == MEMORY_RUNS_MAX)
        error = flush_dropped(w);
    w->dropped[w->dropped_count++] = run;
    return error;
}

/* Every word is or-ed: the compiler makes vectors of it. */
bool memory_is_zero(const uint8_t *page)
{
    enum { STEP = 256 };
    for (size_t at = 0; at < TRACEE_PAGE_BYTES; at += STEP) {
        uint64_t words[STEP / sizeof(uint64_t)];
        uint64_t any = 0;
        memcpy(words, page + at, STEP);
        for (size_t i = 0; i < STEP / sizeof words[0]; i++)
            any |= words[i];
        if (any)
            return false;
    }
    return true;
}

/* A mapping may be longer than its file. What is protected against reading is
 * read all the same through /proc. */
int memory_read(pid_t pid, int file, struct run *run, uint8_t *to)
{
    struct iovec here = {to, (size_t)run->bytes};
    struct iovec there = {(void *)(uintptr_t)run->start, (size_t)run->bytes};
    ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (got < 0 && errno != EFAULT)
        return -errno;
    size_t have = got < 0 ? 0 : (size_t)got;
    have -= have % TRACEE_PAGE_BYTES;
    while (have < run->bytes) {
        got = pread(file, to + have, (size_t)run->bytes - have,
                    (off_t)(run->start + have));
        if (got < TRACEE_PAGE_BYTES)
            break;
        have += (size_t)got - (size_t)got % TRACEE_PAGE_BYTES;
    }
    run->bytes = have;
    return 0;
}

/* The run has been read behind the pages: those that are not zero stay. */
static int take_run(struct memory_writer *w, struct run run, bool held)
{
    const uint8_t *from = w->pages + w->bytes;
    int error = 0;
    for (uint64_t at = 0; at < run.bytes && !error; at += TRACEE_PAGE_BYTES) {
        struct run page = {run.start + at, TRACEE_PAGE_BYTES};
        if (memory_is_zero(from + at)) {
            w->count.zero_bytes += TRACEE_PAGE_BYTES;
            if (held)
                error = memory_writer_drop(w, page);
            continue;
        }
        if (w->pages + w->bytes != from + at)
            memmove(w->pages + w->bytes, from + at, TRACEE_PAGE_BYTES);
        if (!joins(w->runs, w->run_count, page))
            w->runs[w->run_count++] = page;
        w->bytes += TRACEE_PAGE_BYTES;
    }
    return error;
}

/* A run may fall into pieces between pages of zeros: so many at a time as its
 * pieces surely fit. */
static uint64_t room_for(const struct memory_writer *w)
{
    uint64_t pages = 2 * (MEMORY_RUNS_MAX - w->run_count) - 1;
    uint64_t bytes = w->batch_bytes - w->bytes;
    return pages * TRACEE_PAGE_BYTES < bytes ? pages * TRACEE_PAGE_BYTES
                                             : bytes;
}

int memory_writer_add(struct memory_writer *w, struct run run, bool held)
{
    int error = 0;
    while (run.bytes > 0 && !error) {
        uint64_t room = room_for(w);
        struct run some = {run.start, run.bytes < room ? run.bytes : room};
        error = memory_read(w->pid, w->file, &some, w->pages + w->bytes);
        if (!error)
            error = take_run(w, some, held);
        /* A page that cannot be read is nothing; what lies behind it may be. */
        if (!error && some.bytes == 0 && held)
            error = memory_writer_drop(
                w, (struct run){run.start, TRACEE_PAGE_BYTES});
        uint64_t done = some.bytes > 0 ? some.bytes : TRACEE_PAGE_BYTES;
        run.start += done;
        run.bytes -= done;
        if (!error &&
            (w->run_count == MEMORY_RUNS_MAX || w->bytes >= w->batch_bytes))
            error = flush_pages(w);
    }
    return error;
}
