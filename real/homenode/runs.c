/* runs.c - see runs.h. */
#include "runs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static uint64_t end_of(struct run run)
{
    return run.start + run.bytes;
}

void runs_finish(struct runs *runs)
{
    free(runs->runs);
    *runs = (struct runs){0};
}

int runs_add(struct runs *runs, struct run run)
{
    struct run *last = runs->count > 0 ? &runs->runs[runs->count - 1] : NULL;
    if (last && run.start <= end_of(*last)) {
        if (end_of(run) > end_of(*last))
            last->bytes = end_of(run) - last->start;
        return 0;
    }
    if (runs->count == runs->room) {
        size_t room = runs->room > 0 ? 2 * runs->room : 64;
        struct run *grown = reallocarray(runs->runs, room, sizeof *grown);
        if (!grown)
            return -ENOMEM;
        runs->runs = grown;
        runs->room = room;
    }
    runs->runs[runs->count++] = run;
    return 0;
}

int runs_subtract(struct runs *ret, const struct runs *a, const struct runs *b)
{
    size_t k = 0;
    int error = 0;
    ret->count = 0;
    for (size_t i = 0; i < a->count && !error; i++) {
        uint64_t at = a->runs[i].start;
        uint64_t end = end_of(a->runs[i]);
        while (k < b->count && end_of(b->runs[k]) <= at)
            k++;
        for (size_t j = k; at < end && !error; j++) {
            uint64_t next =
                j < b->count && b->runs[j].start < end ? b->runs[j].start : end;
            if (next > at)
                error = runs_add(ret, (struct run){at, next - at});
            at = next < end ? end_of(b->runs[j]) : end;
        }
    }
    return error;
}

int runs_intersect(struct runs *ret, const struct runs *a, const struct runs *b)
{
    size_t i = 0;
    size_t k = 0;
    int error = 0;
    ret->count = 0;
    while (i < a->count && k < b->count && !error) {
        struct run x = a->runs[i];
        struct run y = b->runs[k];
        uint64_t start = x.start > y.start ? x.start : y.start;
        uint64_t end = end_of(x) < end_of(y) ? end_of(x) : end_of(y);
        if (start < end)
            error = runs_add(ret, (struct run){start, end - start});
        if (end_of(x) < end_of(y))
            i++;
        else
            k++;
    }
    return error;
}

int runs_join(struct runs *ret, const struct runs *a, const struct runs *b)
{
    size_t i = 0;
    size_t k = 0;
    int error = 0;
    ret->count = 0;
    while ((i < a->count || k < b->count) && !error) {
        bool of_a = k == b->count ||
                    (i < a->count && a->runs[i].start <= b->runs[k].start);
        error = runs_add(ret, of_a ? a->runs[i++] : b->runs[k++]);
    }
    return error;
}

uint64_t runs_bytes(const struct runs *runs)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < runs->count; i++)
        bytes += runs->runs[i].bytes;
    return bytes;
}
