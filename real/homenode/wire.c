/* wire.c - see wire.h. */
#include "wire.h"

#include <errno.h>
#include <string.h>

int wire_take(const struct incoming *incoming, void *ret, size_t bytes)
{
    if (incoming->bytes != bytes)
        return -EBADMSG;
    memcpy(ret, incoming->body, bytes);
    return 0;
}

int wire_take_front(const struct incoming *incoming, void *ret, size_t bytes)
{
    if (incoming->bytes < bytes)
        return -EBADMSG;
    memcpy(ret, incoming->body, bytes);
    return 0;
}

/* Where an area stands among those of a call. */
static uint32_t order_of(const struct wire_area *area)
{
    return (uint32_t)area->argument << 24 | (uint32_t)area->index << 8 |
           area->part;
}

static bool well_formed(const struct wire_area *area)
{
    return area->argument < 6 && area->part <= PART_CONTROL &&
           area->unused == 0 && area->in_bytes <= WIRE_DATA_BYTES &&
           area->out_bytes <= WIRE_DATA_BYTES;
}

int wire_take_request(const struct incoming *incoming, struct wire_asked *ret)
{
    int error = wire_take_front(incoming, &ret->request, sizeof ret->request);
    if (error)
        return error;
    size_t left = incoming->bytes - sizeof ret->request;
    size_t count = ret->request.area_count;
    if (count > WIRE_AREAS_MAX || left < count * sizeof ret->areas[0])
        return -EBADMSG;
    const uint8_t *at = incoming->body + sizeof ret->request;
    memcpy(ret->areas, at, count * sizeof ret->areas[0]);
    at += count * sizeof ret->areas[0];
    left -= count * sizeof ret->areas[0];
    size_t in_bytes = 0;
    size_t out_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const struct wire_area *area = &ret->areas[i];
        if (!well_formed(area) ||
            (i > 0 && order_of(area) <= order_of(area - 1)))
            return -EBADMSG;
        in_bytes += wire_filled(area->in_bytes);
        out_bytes += wire_filled(area->out_bytes);
    }
    if (in_bytes != left || in_bytes > WIRE_DATA_BYTES ||
        out_bytes > WIRE_DATA_BYTES)
        return -EBADMSG;
    ret->data = at;
    ret->data_bytes = left;
    return 0;
}

/* ---- Pages that come behind. --------------------------------------------- */

/* The next run of one kind or the other: behind the end of the last. */
static bool follows(uint64_t start, uint64_t bytes, uint64_t *end)
{
    enum { PAGE = TRACEE_PAGE_BYTES };
    bool right = start % PAGE == 0 && bytes % PAGE == 0 && bytes > 0 &&
                 bytes <= WIRE_FETCH_BYTES && start >= *end &&
                 start <= UINT64_MAX - bytes;
    *end = start + bytes;
    return right;
}

int wire_take_fetch(const struct incoming *incoming,
                    struct wire_fetch_asked *ret)
{
    int error = wire_take_front(incoming, &ret->fetch, sizeof ret->fetch);
    if (error)
        return error;
    size_t count = ret->fetch.run_count;
    if (count == 0 || count > WIRE_FETCH_RUNS || ret->fetch.unused != 0 ||
        incoming->bytes != sizeof ret->fetch + count * sizeof ret->runs[0])
        return -EBADMSG;
    memcpy(ret->runs, incoming->body + sizeof ret->fetch,
           count * sizeof ret->runs[0]);
    uint64_t end = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (!follows(ret->runs[i].start, ret->runs[i].bytes, &end))
            return -EBADMSG;
        bytes += ret->runs[i].bytes;
    }
    return bytes <= WIRE_FETCH_BYTES ? 0 : -EBADMSG;
}

int wire_take_fetched(const struct incoming *incoming, struct wire_fetched *ret)
{
    int error = wire_take_front(incoming, &ret->fetch, sizeof ret->fetch);
    if (error)
        return error;
    size_t count = ret->fetch.run_count;
    size_t head_bytes = sizeof ret->fetch + count * sizeof ret->runs[0];
    if (count == 0 || count > WIRE_FETCHED_RUNS || ret->fetch.unused != 0 ||
        incoming->bytes < head_bytes)
        return -EBADMSG;
    memcpy(ret->runs, incoming->body + sizeof ret->fetch,
           count * sizeof ret->runs[0]);
    uint64_t end = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const struct wire_fetched_run *run = &ret->runs[i];
        if (!follows(run->start, run->bytes, &end) || run->is_zero > 1)
            return -EBADMSG;
        bytes += run->is_zero ? 0 : run->bytes;
    }
    ret->pages = incoming->body + head_bytes;
    return incoming->bytes - head_bytes == bytes ? 0 : -EBADMSG;
}
