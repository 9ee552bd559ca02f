/* postcopy_serve.c - home's side of postcopy.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "postcopy.h"

enum { PAGE_BYTES = TRACEE_PAGE_BYTES };

int served_begin(struct served *s, pid_t pid, struct runs *owed)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    *s = (struct served){.file = open(path, O_RDONLY | O_CLOEXEC)};
    if (s->file < 0)
        return -errno;
    s->room = malloc(WIRE_FETCH_BYTES);
    if (!s->room) {
        close(s->file);
        s->file = -1;
        return -ENOMEM;
    }
    s->owed = *owed;
    *owed = (struct runs){0};
    return 0;
}

void served_end(struct served *s)
{
    if (!s->room)
        return;
    close(s->file);
    free(s->room);
    runs_finish(&s->owed);
    *s = (struct served){.file = -1};
}

/* All of it. */
static bool is_owed(const struct runs *owed, struct run run)
{
    size_t low = 0;
    size_t high = owed->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct run *at = &owed->runs[middle];
        if (at->start + at->bytes <= run.start)
            low = middle + 1;
        else
            high = middle;
    }
    const struct run *at = &owed->runs[low];
    return low < owed->count && at->start <= run.start &&
           run.start + run.bytes <= at->start + at->bytes;
}

/* An answer while it is put together. */
struct answer
{
    struct wire_fetch fetch;
    struct wire_fetched_run runs[WIRE_FETCHED_RUNS];
    size_t bytes; /* In the room. */
};

static void add_page(struct answer *a, uint64_t start, bool is_zero)
{
    struct wire_fetched_run *last =
        a->fetch.run_count > 0 ? &a->runs[a->fetch.run_count - 1] : NULL;
    if (last && last->start + last->bytes == start && last->is_zero == is_zero)
        last->bytes += PAGE_BYTES;
    else
        a->runs[a->fetch.run_count++] =
            (struct wire_fetched_run){start, PAGE_BYTES, is_zero};
}

/* Pages that cannot be read, as behind the end of a file, are zero. */
static int add_run(struct served *s,
                   pid_t pid,
                   struct run run,
                   struct answer *a)
{
    while (run.bytes > 0) {
        struct run some = run;
        uint8_t *from = s->room + a->bytes;
        int error = memory_read(pid, s->file, &some, from);
        if (error)
            return error;
        for (uint64_t at = 0; at < some.bytes; at += PAGE_BYTES) {
            bool is_zero = memory_is_zero(from + at);
            uint8_t *to = s->room + a->bytes;
            add_page(a, run.start + at, is_zero);
            if (!is_zero && to != from + at)
                memmove(to, from + at, PAGE_BYTES);
            a->bytes += is_zero ? 0 : PAGE_BYTES;
        }
        if (some.bytes == 0) {
            add_page(a, run.start, true);
            some.bytes = PAGE_BYTES;
        }
        run.start += some.bytes;
        run.bytes -= some.bytes;
    }
    return 0;
}

int served_fetch(struct served *s,
                 pid_t pid,
                 const struct incoming *incoming,
                 struct link *link)
{
    struct wire_fetch_asked asked;
    struct answer a = {.bytes = 0};
    int error = wire_take_fetch(incoming, &asked);
    for (size_t i = 0; !error && i < asked.fetch.run_count; i++)
        error = is_owed(&s->owed, asked.runs[i])
                    ? add_run(s, pid, asked.runs[i], &a)
                    : -EBADMSG;
    if (error)
        return error;
    size_t head_bytes = sizeof a.fetch + a.fetch.run_count * sizeof a.runs[0];
    struct iovec parts[] = {{&a, head_bytes}, {s->room, a.bytes}};
    return link_put(link, RECORD_FETCHED, parts, a.bytes > 0 ? 2 : 1, false);
}
