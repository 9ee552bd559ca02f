/* calls_home.c - home's half of a call: is it one, where does its memory lie,
 * what did it write. A host may be hostile: call_wrong() lets nothing pass
 * whose every byte does not follow from the row and the arguments, and the
 * pointers are made by call_place() alone.
 */
#include "calls_shape.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

_Static_assert(sizeof(struct msghdr) == CALL_HEADER_BYTES, "64 bit");
_Static_assert(sizeof(struct mmsghdr) == CALL_HEADERS_BYTES, "64 bit");

struct pair
{
    uint64_t mask;
    uint64_t bytes;
};

/* Going through the areas of a request. */
struct view
{
    const struct wire_asked *asked;
    const struct call *call;
    size_t next;         /* Area, */
    const uint8_t *data; /* whose data these are. */
};

/* The next area, if it is that one. */
static const struct wire_area *take(struct view *v,
                                    unsigned argument,
                                    enum wire_part part,
                                    size_t index,
                                    const uint8_t **ret_data)
{
    const struct wire_area *area = &v->asked->areas[v->next];
    if (v->next == v->asked->request.area_count || area->argument != argument ||
        area->part != part || area->index != index)
        return NULL;
    *ret_data = v->data;
    v->next++;
    v->data += wire_filled(area->in_bytes);
    return area;
}

static bool is_in(const struct wire_area *area, uint64_t bytes)
{
    return area->in_bytes == bytes && area->out_bytes == 0;
}

static bool is_out(const struct wire_area *area, uint64_t bytes)
{
    return area->in_bytes == 0 && area->out_bytes == bytes;
}

/* One string, or those of execve one behind the other. */
static bool is_text(const struct wire_area *area,
                    const uint8_t *data,
                    bool many)
{
    if (area->out_bytes > 0)
        return false;
    if (many)
        return area->in_bytes == 0 || data[area->in_bytes - 1] == 0;
    return area->in_bytes > 0 &&
           memchr(data, 0, area->in_bytes) == data + area->in_bytes - 1;
}

/* The int that an argument points to; 0 if it points to nothing. */
static int32_t pointed_by(const struct wire_asked *asked, unsigned argument)
{
    const uint8_t *data = asked->data;
    for (size_t i = 0; i < asked->request.area_count; i++) {
        const struct wire_area *area = &asked->areas[i];
        int32_t value;
        if (area->argument == argument && area->in_bytes >= sizeof value) {
            memcpy(&value, data, sizeof value);
            return value;
        }
        data += wire_filled(area->in_bytes);
    }
    return 0;
}

static const char *wrong_vector(struct view *v, unsigned argument, bool out)
{
    const uint8_t *data;
    const struct wire_area *area = take(v, argument, PART_DATA, 0, &data);
    if (!area || v->asked->request.arguments[2] != 1)
        return "a vector is not one";
    if (out ? area->in_bytes != 0 : area->out_bytes != 0)
        return "a vector goes the wrong way";
    return NULL;
}

static const char *wrong_message(struct view *v,
                                 unsigned argument,
                                 size_t index,
                                 bool out,
                                 uint32_t header_bytes)
{
    const uint8_t *data;
    const struct wire_area *area = take(v, argument, PART_HEADER, index, &data);
    if (!area || !is_out(area, header_bytes))
        return "a message has no header";
    area = take(v, argument, PART_NAME, index, &data);
    if (area &&
        (out ? area->in_bytes != 0 || area->out_bytes > CALL_NAME_BYTES
             : area->out_bytes != 0 || area->in_bytes > CALL_NAME_BYTES))
        return "the name of a message is wrong";
    area = take(v, argument, PART_DATA, index, &data);
    if (!area || (out ? area->in_bytes != 0 : area->out_bytes != 0))
        return "the data of a message are wrong";
    area = take(v, argument, PART_CONTROL, index, &data);
    if (area &&
        (out ? area->in_bytes != 0 || area->out_bytes > CALL_CONTROL_BYTES
             : area->out_bytes != 0 || area->in_bytes > CALL_CONTROL_BYTES))
        return "the control data of a message are wrong";
    return NULL;
}

static const char *wrong_messages(struct view *v, unsigned argument, bool out)
{
    const struct wire_area *areas = v->asked->areas;
    size_t count = 0;
    const char *why = NULL;
    while (!why && v->next < v->asked->request.area_count &&
           areas[v->next].argument == argument)
        why = wrong_message(v, argument, count++, out, CALL_HEADERS_BYTES);
    if (!why && v->asked->request.arguments[2] != count)
        why = "there are not so many messages";
    return why;
}

/* An area that is as large as the row and the arguments say. */
static const char *wrong_memory(const struct call_argument *argument,
                                const struct wire_asked *asked,
                                const struct wire_area *area)
{
    int32_t pointed = 0;
    if (argument->counted == COUNT_POINTED)
        pointed = pointed_by(asked, argument->count);
    if (pointed < 0)
        return "a length is negative";
    uint64_t bytes = call_bytes(argument, asked->request.arguments, pointed);
    bool right = false;
    switch (argument->shape) {
        case SHAPE_IN:
        case SHAPE_WRITE:
            right = is_in(area, bytes);
            break;
        case SHAPE_OUT:
        case SHAPE_READ:
            right = is_out(area, bytes);
            break;
        default:
            right = area->in_bytes == bytes && area->out_bytes == bytes;
            break;
    }
    return right ? NULL : "memory is not as large as the call says";
}

static const char *wrong_whole(struct view *v,
                               unsigned index,
                               const struct call_argument *argument)
{
    const uint8_t *data;
    const struct wire_area *area = take(v, index, PART_WHOLE, 0, &data);
    if (!area)
        return NULL;
    switch (argument->shape) {
        case SHAPE_PATH:
        case SHAPE_STRING:
            return is_text(area, data, false) ? NULL : "a string has no end";
        case SHAPE_STRINGS:
            return is_text(area, data, true) ? NULL : "strings have no end";
        case SHAPE_MASK_PAIR:
            return is_in(area, sizeof(uint64_t)) ? NULL : "a mask is not one";
        case SHAPE_EVENT:
            return is_in(area, CALL_EVENT_BYTES) && call_event_plain(data)
                       ? NULL
                       : "an event is not plain";
        default:
            return wrong_memory(argument, v->asked, area);
    }
}

static const char *wrong_argument(struct view *v, unsigned index)
{
    const struct wire_asked *asked = v->asked;
    struct call_argument argument;
    if (!call_argument_of(v->call, asked->request.arguments, index, &argument))
        return "its command may not be asked for";
    if (argument.shape == SHAPE_VALUE)
        return NULL;
    if (asked->request.arguments[index] != 0)
        return "a pointer is not an area";
    switch (argument.shape) {
        case SHAPE_NONE:
            return NULL;
        case SHAPE_VECTOR:
        case SHAPE_VECTOR_READ:
            return wrong_vector(v, index, argument.shape == SHAPE_VECTOR_READ);
        case SHAPE_MESSAGE:
            return wrong_message(v, index, 0, false, 0);
        case SHAPE_MESSAGE_READ:
            return wrong_message(v, index, 0, true, CALL_HEADER_BYTES);
        case SHAPE_MESSAGES:
        case SHAPE_MESSAGES_READ:
            return wrong_messages(v, index,
                                  argument.shape == SHAPE_MESSAGES_READ);
        default:
            return wrong_whole(v, index, &argument);
    }
}

const char *call_wrong(const struct wire_asked *asked)
{
    struct view v = {.asked = asked,
                     .call = call_of(asked->request.number),
                     .data = asked->data};
    if (!v.call || !call_forwarded(v.call))
        return "the call may not be asked for";
    for (unsigned i = 0; i < 6; i++) {
        const char *why = wrong_argument(&v, i);
        if (why)
            return why;
    }
    return v.next == asked->request.area_count
               ? NULL
               : "there is memory that the call does not name";
}

/* Where the areas lie in the window, and behind each what is made for it. */
struct layout
{
    size_t at[WIRE_AREAS_MAX];
    size_t from[WIRE_AREAS_MAX]; /* Its data in the request. */
    size_t bytes;
};

static size_t room_of(const struct wire_area *area)
{
    return area->in_bytes > area->out_bytes ? area->in_bytes : area->out_bytes;
}

static size_t string_count(const uint8_t *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += text[i] == 0;
    return count;
}

/* Bytes of what call_place() makes for an area. */
static size_t built_bytes(const struct wire_asked *asked,
                          const struct wire_area *area,
                          uint8_t shape,
                          const uint8_t *data)
{
    switch (shape) {
        case SHAPE_VECTOR:
        case SHAPE_VECTOR_READ:
            return sizeof(struct iovec);
        case SHAPE_STRINGS:
            return (string_count(data, area->in_bytes) + 1) * sizeof(uint64_t);
        case SHAPE_MASK_PAIR:
            return sizeof(struct pair);
        case SHAPE_MESSAGE:
        case SHAPE_MESSAGE_READ:
            return area->part == PART_HEADER ? CALL_BUILT_BYTES : 0;
        case SHAPE_MESSAGES:
        case SHAPE_MESSAGES_READ:
            return area->part == PART_HEADER && area->index == 0
                       ? asked->request.arguments[2] * CALL_BUILT_BYTES
                       : 0;
        default:
            return 0;
    }
}

static void lay_out(const struct wire_asked *asked,
                    const struct call *call,
                    struct layout *ret)
{
    size_t from = 0;
    ret->bytes = 0;
    for (size_t i = 0; i < asked->request.area_count; i++) {
        const struct wire_area *area = &asked->areas[i];
        ret->at[i] = ret->bytes;
        ret->from[i] = from;
        ret->bytes += wire_filled(room_of(area)) +
                      wire_filled(built_bytes(
                          asked, area, call->arguments[area->argument].shape,
                          asked->data + from));
        from += wire_filled(area->in_bytes);
    }
}

/* A window as both sides see it. */
struct window
{
    uint8_t *here;
    uint64_t there;
};

static void *pointer_there(const struct window *w, size_t at)
{
    return (void *)(uintptr_t)(w->there + at);
}

static void build_strings(const struct window *w, size_t at, size_t bytes)
{
    uint8_t *pointers = w->here + at + wire_filled(bytes);
    uint64_t string = w->there + at;
    for (size_t i = 0; i < bytes; i++) {
        if (i == 0 || w->here[at + i - 1] == 0) {
            string = w->there + at + i;
            memcpy(pointers, &string, sizeof string);
            pointers += sizeof string;
        }
    }
    memset(pointers, 0, sizeof string);
}

/* One area of a message: its part of struct mmsghdr; the first `count` of them
 * are followed by as many vectors, all at `base`. */
static void build_message(const struct window *w,
                          const struct wire_area *area,
                          size_t at,
                          size_t base,
                          size_t count)
{
    size_t header_at = base + area->index * CALL_HEADERS_BYTES;
    size_t vector_at =
        base + count * CALL_HEADERS_BYTES + area->index * sizeof(struct iovec);
    struct mmsghdr header;
    struct iovec vector = {pointer_there(w, at), room_of(area)};
    memcpy(&header, w->here + header_at, sizeof header);
    switch (area->part) {
        case PART_HEADER:
            memset(&header, 0, sizeof header);
            break;
        case PART_NAME:
            header.msg_hdr.msg_name = vector.iov_base;
            header.msg_hdr.msg_namelen = (socklen_t)vector.iov_len;
            break;
        case PART_DATA:
            header.msg_hdr.msg_iov = pointer_there(w, vector_at);
            header.msg_hdr.msg_iovlen = 1;
            memcpy(w->here + vector_at, &vector, sizeof vector);
            break;
        default:
            header.msg_hdr.msg_control = vector.iov_base;
            header.msg_hdr.msg_controllen = vector.iov_len;
            break;
    }
    memcpy(w->here + header_at, &header, sizeof header);
}

/* Where the headers of a request's messages lie; its first header is that area.
 */
static size_t headers_at(const struct layout *layout,
                         const struct wire_area *areas,
                         size_t header)
{
    return layout->at[header] + wire_filled(room_of(&areas[header]));
}

static size_t message_count(const struct wire_asked *asked, uint8_t shape)
{
    return shape == SHAPE_MESSAGES || shape == SHAPE_MESSAGES_READ
               ? asked->request.arguments[2]
               : 1;
}

static bool is_message(uint8_t shape)
{
    return shape == SHAPE_MESSAGE || shape == SHAPE_MESSAGE_READ ||
           shape == SHAPE_MESSAGES || shape == SHAPE_MESSAGES_READ;
}

/* What the kernel is to find behind an area; returns the pointer to it. */
static uint64_t build(const struct window *w,
                      const struct wire_area *area,
                      uint8_t shape,
                      size_t at)
{
    size_t built_at = at + wire_filled(room_of(area));
    struct iovec vector = {pointer_there(w, at), room_of(area)};
    struct pair pair = {w->there + at, area->in_bytes};
    switch (shape) {
        case SHAPE_VECTOR:
        case SHAPE_VECTOR_READ:
            memcpy(w->here + built_at, &vector, sizeof vector);
            return w->there + built_at;
        case SHAPE_STRINGS:
            build_strings(w, at, area->in_bytes);
            return w->there + built_at;
        case SHAPE_MASK_PAIR:
            memcpy(w->here + built_at, &pair, sizeof pair);
            return w->there + built_at;
        default:
            return w->there + at;
    }
}

int call_place(const struct wire_asked *asked,
               uint8_t *here,
               uint64_t there,
               size_t window_bytes,
               uint64_t ret_arguments[6])
{
    const struct call *call = call_of(asked->request.number);
    const struct window w = {here, there};
    struct layout layout;
    assert(call);
    lay_out(asked, call, &layout);
    if (layout.bytes > window_bytes)
        return -E2BIG;
    memcpy(ret_arguments, asked->request.arguments,
           sizeof asked->request.arguments);
    size_t base = 0;
    for (size_t i = 0; i < asked->request.area_count; i++) {
        const struct wire_area *area = &asked->areas[i];
        uint8_t shape = call->arguments[area->argument].shape;
        if (area->in_bytes > 0)
            memcpy(here + layout.at[i], asked->data + layout.from[i],
                   area->in_bytes);
        if (!is_message(shape)) {
            ret_arguments[area->argument] =
                build(&w, area, shape, layout.at[i]);
            continue;
        }
        if (area->part == PART_HEADER && area->index == 0) {
            base = headers_at(&layout, asked->areas, i);
            ret_arguments[area->argument] = there + base;
        }
        build_message(&w, area, layout.at[i], base,
                      message_count(asked, shape));
    }
    return 0;
}

static uint32_t least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

/* How much of a part of a message the kernel filled. */
static uint32_t message_bytes(const struct wire_area *area,
                              uint8_t shape,
                              const uint8_t *headers,
                              int64_t result)
{
    struct mmsghdr header;
    bool many = shape == SHAPE_MESSAGES || shape == SHAPE_MESSAGES_READ;
    if (result < 0 || (many && area->index >= result) || area->out_bytes == 0)
        return 0;
    memcpy(&header, headers + area->index * CALL_HEADERS_BYTES, sizeof header);
    switch (area->part) {
        case PART_NAME:
            return least(area->out_bytes, header.msg_hdr.msg_namelen);
        case PART_DATA:
            return least(area->out_bytes,
                         many ? header.msg_len : (uint64_t)result);
        case PART_CONTROL:
            return least(area->out_bytes, header.msg_hdr.msg_controllen);
        default:
            return area->out_bytes;
    }
}

/* How much of an area goes back. */
static uint32_t back_bytes(const struct wire_asked *asked,
                           const struct layout *layout,
                           size_t index,
                           const struct call_argument *argument,
                           const uint8_t *here,
                           int64_t result)
{
    const struct wire_area *area = &asked->areas[index];
    if (argument->shape == SHAPE_BOTH)
        return area->out_bytes;
    if (result < 0)
        return 0;
    if (argument->shape == SHAPE_READ)
        return least(area->out_bytes, call_read_bytes(argument, result));
    if (argument->shape == SHAPE_VECTOR_READ)
        return least(area->out_bytes, (uint64_t)result);
    if (argument->counted != COUNT_POINTED)
        return area->out_bytes;
    for (size_t i = 0; i < asked->request.area_count; i++) {
        int32_t length;
        if (asked->areas[i].argument == argument->count &&
            asked->areas[i].out_bytes >= sizeof length) {
            memcpy(&length, here + layout->at[i], sizeof length);
            return least(area->out_bytes, (uint64_t)length);
        }
    }
    return area->out_bytes;
}

static size_t put(uint8_t *tail,
                  size_t at,
                  const uint8_t *bytes,
                  uint32_t count)
{
    static const uint8_t zeros[4] = {0};
    memcpy(tail + at, &count, sizeof count);
    at += sizeof count;
    memcpy(tail + at, bytes, count);
    at += count;
    size_t gap = -at & 3;
    memcpy(tail + at, zeros, gap);
    return at + gap;
}

/* A header goes back without the pointers that were made for it. */
static size_t put_header(uint8_t *tail,
                         size_t at,
                         const uint8_t *from,
                         uint32_t count)
{
    struct mmsghdr header;
    memcpy(&header, from, sizeof header);
    header.msg_hdr.msg_name = NULL;
    header.msg_hdr.msg_iov = NULL;
    header.msg_hdr.msg_control = NULL;
    return put(tail, at, (const uint8_t *)&header, count);
}

size_t call_collect(const struct wire_asked *asked,
                    const uint8_t *here,
                    int64_t result,
                    uint8_t *ret_tail,
                    size_t room)
{
    const struct call *call = call_of(asked->request.number);
    struct layout layout;
    size_t bytes = 0;
    size_t base = 0;
    assert(call);
    assert(room >= WIRE_DATA_BYTES + 8 * (size_t)WIRE_AREAS_MAX);
    lay_out(asked, call, &layout);
    for (size_t i = 0; i < asked->request.area_count; i++) {
        const struct wire_area *area = &asked->areas[i];
        struct call_argument argument;
        uint32_t count = 0;
        if (area->part == PART_HEADER && area->index == 0)
            base = headers_at(&layout, asked->areas, i);
        if (area->out_bytes == 0 ||
            !call_argument_of(call, asked->request.arguments, area->argument,
                              &argument))
            continue;
        if (is_message(argument.shape))
            count = message_bytes(area, argument.shape, here + base, result);
        else
            count = back_bytes(asked, &layout, i, &argument, here, result);
        if (area->part == PART_HEADER)
            bytes = put_header(ret_tail, bytes,
                               here + base + area->index * CALL_HEADERS_BYTES,
                               count);
        else
            bytes = put(ret_tail, bytes, here + layout.at[i], count);
    }
    return bytes;
}

const char *call_path(const struct wire_asked *asked, unsigned argument)
{
    const struct call *call = call_of(asked->request.number);
    const uint8_t *data = asked->data;
    if (!call || call->arguments[argument].shape != SHAPE_PATH)
        return NULL;
    for (size_t i = 0; i < asked->request.area_count; i++) {
        if (asked->areas[i].argument == argument)
            return (const char *)data;
        data += wire_filled(asked->areas[i].in_bytes);
    }
    return NULL;
}
