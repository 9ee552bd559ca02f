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
