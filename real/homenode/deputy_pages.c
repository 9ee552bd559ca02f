/* deputy_pages.c - a body that left without all its pages, which are here. See
 * deputy_inside.h.
 *
 * The process keeps its memory and makes calls beside it, in the window, which
 * changes nothing of it.
 */
#include "deputy_inside.h"

#include <errno.h>
#include <stdlib.h>

bool deputy_owes(const struct deputy *d)
{
    return d->owes;
}

static int by_start(const void *a, const void *b)
{
    const struct run *left = a;
    const struct run *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

int deputy_hot_pages(const struct image *image, struct runs *ret)
{
    enum { STACK_BELOW = 2, STACK_ABOVE = 4 };
    const struct
    {
        uint64_t at;
        uint64_t below;
        uint64_t above;
    } places[] = {
        {image->registers.rip, 0, 1},
        {image->registers.rsp, STACK_BELOW, STACK_ABOVE},
        {image->registers.fs_base, 1, 1},
        {image->rseq_at, 0, 1},
    };
    enum { PLACES = sizeof places / sizeof places[0] };
    struct run runs[PLACES];
    size_t count = 0;
    int error = 0;
    for (size_t i = 0; i < PLACES; i++) {
        uint64_t page = places[i].at / TRACEE_PAGE_BYTES;
        if (page > places[i].below && places[i].at < MEMORY_END)
            runs[count++] = (struct run){
                (page - places[i].below) * TRACEE_PAGE_BYTES,
                (places[i].below + 1 + places[i].above) * TRACEE_PAGE_BYTES};
    }
    qsort(runs, count, sizeof runs[0], by_start);
    for (size_t i = 0; i < count && !error; i++)
        error = runs_add(ret, runs[i]);
    return error;
}

int deputy_fetch(struct deputy *d)
{
    return d->owes
               ? served_fetch(&d->served, d->tracee.pid, &d->incoming, d->link)
               : -EBADMSG;
}

int deputy_give_back(struct deputy *d)
{
    if (!d->keeps_memory || d->owes || d->in_call)
        return 0;
    int error = stub_hold(&d->stub, &d->tracee);
    if (error)
        return error;
    d->keeps_memory = false;
    deputy_take_signals(d);
    error = stub_empty(&d->stub, &d->tracee, &d->kept);
    return error ? error : stub_go_on(&d->stub, &d->tracee);
}

/* A call that it waits in is begun again by the body, so that its memory is not
 * kept for as long as it waits. */
int deputy_whole(struct deputy *d)
{
    if (!d->owes)
        return -EBADMSG;
    d->owes = false;
    served_end(&d->served);
    d->account.whole_us = deputy_now_us() - d->stopped_us;
    return d->in_call ? deputy_interrupt(d) : deputy_give_back(d);
}
