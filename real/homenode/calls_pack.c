/* calls_pack.c - the guest's half of a call, on its way home: what of the
 * caller's memory goes along. See calls.h.
 */
#include "calls_memory.h"
#include "calls_shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum {
    PAGE_BYTES = 4096,
    POINTERS = 64, /* Of execve, read at a time. */
};

struct packing
{
    struct call_packed *packed;
    const struct call_memory *memory;
    const struct call *call;
    size_t in_bytes;
    size_t out_bytes;
};

/* A new area; *ret_data is where its bytes go. -ENOTSUP: no room. */
static int add(struct packing *w,
               const struct wire_area *area,
               uint8_t **ret_data)
{
    struct call_packed *p = w->packed;
    size_t in_bytes = wire_filled(area->in_bytes);
    size_t out_bytes = wire_filled(area->out_bytes);
    if (p->request.area_count == WIRE_AREAS_MAX ||
        in_bytes > WIRE_DATA_BYTES - w->in_bytes ||
        out_bytes > WIRE_DATA_BYTES - w->out_bytes)
        return -ENOTSUP;
    p->areas[p->request.area_count++] = *area;
    uint8_t *data = p->data + w->in_bytes;
    memset(data + area->in_bytes, 0, in_bytes - area->in_bytes);
    w->in_bytes += in_bytes;
    w->out_bytes += out_bytes;
    if (ret_data)
        *ret_data = data;
    return 0;
}

/* A new area whose bytes lie at one address of the caller. */
static int add_from(struct packing *w,
                    const struct wire_area *area,
                    uint64_t address)
{
    uint8_t *data;
    int error = add(w, area, &data);
    if (!error && area->in_bytes > 0)
        error =
            w->memory->read(w->memory->context, address, data, area->in_bytes);
    return error;
}

/* A string with its 0, which may lie at the end of the last page that there is.
 * Returns its bytes; -ENOTSUP: more than `room`. */
static int64_t read_string(const struct call_memory *memory,
                           uint64_t address,
                           uint8_t *to,
                           size_t room)
{
    size_t bytes = 0;
    while (bytes < room) {
        size_t piece = PAGE_BYTES - (address + bytes) % PAGE_BYTES;
        if (piece > room - bytes)
            piece = room - bytes;
        int error =
            memory->read(memory->context, address + bytes, to + bytes, piece);
        if (error)
            return error;
        const uint8_t *end = memchr(to + bytes, 0, piece);
        if (end)
            return end - to + 1;
        bytes += piece;
    }
    return -ENOTSUP;
}

/* Files that tell of the memory and the CPU time of who asks: at home that
 * would be a process that does nothing but calls. */
static bool tells_of_caller(const char *path, int32_t pid)
{
    static const char *const names[] = {
        "auxv",  "clear_refs", "cmdline", "environ", "map_files",    "maps",
        "mem",   "numa_maps",  "pagemap", "smaps",   "smaps_rollup", "stat",
        "statm", "status",     "syscall", "stack",
    };
    if (strncmp(path, "/proc/", 6) != 0)
        return false;
    const char *who = path + 6;
    char *after;
    long number = strtol(who, &after, 10);
    if (strncmp(who, "self/", 5) == 0)
        after += 4;
    else if (strncmp(who, "thread-self/", 12) == 0)
        after += 11;
    else if (after == who || (pid != 0 && number != pid))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (*after == '/' && strncmp(after + 1, names[i], length) == 0 &&
            (after[1 + length] == 0 || after[1 + length] == '/'))
            return true;
    }
    return false;
}

static bool opens(const struct call *call)
{
    return call->number == SYS_open || call->number == SYS_openat ||
           call->number == SYS_openat2;
}

static int pack_string(struct packing *w, unsigned index)
{
    uint8_t *to = w->packed->data + w->in_bytes;
    if (WIRE_DATA_BYTES - w->in_bytes < CALL_STRING_BYTES)
        return -ENOTSUP;
    int64_t bytes = read_string(w->memory, w->packed->arguments[index], to,
                                CALL_STRING_BYTES);
    if (bytes < 0)
        return (int)bytes;
    if (opens(w->call) && tells_of_caller((const char *)to, w->packed->pid))
        return -ENOTSUP;
    const struct wire_area area = {.argument = (uint8_t)index,
                                   .in_bytes = (uint32_t)bytes};
    return add(w, &area, NULL);
}

/* The pointers of execve, a few at a time, and their strings one behind the
 * other. */
static int pack_strings(struct packing *w, unsigned index)
{
    uint8_t *to = w->packed->data + w->in_bytes;
    size_t room = WIRE_DATA_BYTES - w->in_bytes;
    size_t bytes = 0;
    uint64_t at = w->packed->arguments[index];
    for (;;) {
        uint64_t pointers[POINTERS];
        size_t count = (PAGE_BYTES - at % PAGE_BYTES) / sizeof at;
        count = count == 0 ? 1 : count < POINTERS ? count : POINTERS;
        int error = w->memory->read(w->memory->context, at, pointers,
                                    count * sizeof at);
        for (size_t i = 0; i < count && !error; i++) {
            if (pointers[i] == 0) {
                const struct wire_area area = {.argument = (uint8_t)index,
                                               .in_bytes = (uint32_t)bytes};
                return add(w, &area, NULL);
            }
            int64_t more =
                read_string(w->memory, pointers[i], to + bytes, room - bytes);
            if (more < 0)
                error = (int)more;
            else
                bytes += (size_t)more;
        }
        if (error)
            return error;
        at += count * sizeof at;
    }
}

static int pack_pair(struct packing *w, unsigned index)
{
    uint64_t pair[2];
    int error = w->memory->read(w->memory->context, w->packed->arguments[index],
                                pair, sizeof pair);
    if (error || pair[0] == 0)
        return error;
    if (pair[1] != sizeof(uint64_t))
        return -EINVAL;
    const struct wire_area area = {.argument = (uint8_t)index,
                                   .in_bytes = sizeof(uint64_t)};
    return add_from(w, &area, pair[0]);
}

static int pack_event(struct packing *w, unsigned index)
{
    const struct wire_area area = {.argument = (uint8_t)index,
                                   .in_bytes = CALL_EVENT_BYTES};
    const uint8_t *event = w->packed->data + w->in_bytes;
    int error = add_from(w, &area, w->packed->arguments[index]);
    return error || call_event_plain(event) ? error : -ENOTSUP;
}

/* The data of vectors, without what earlier requests moved, as one area. */
static int pack_vectors(struct packing *w,
                        const struct wire_area *where,
                        uint64_t address,
                        uint64_t count,
                        bool out)
{
    struct call_packed *p = w->packed;
    struct call_vectors vectors;
    struct wire_area area = *where;
    uint8_t *data;
    int error = call_vectors_read(w->memory, address, count, &vectors);
    if (error)
        return error;
    uint64_t left = vectors.bytes > p->done ? vectors.bytes - p->done : 0;
    uint32_t bytes =
        left < CALL_PART_BYTES ? (uint32_t)left : (uint32_t)CALL_PART_BYTES;
    p->part_bytes = bytes;
    p->cut = bytes < left;
    if (out) {
        area.out_bytes = bytes;
        return add(w, &area, NULL);
    }
    area.in_bytes = bytes;
    error = add(w, &area, &data);
    if (!error)
        error = call_vectors_gather(w->memory, &vectors, p->done, data, bytes);
    return error;
}

static int pack_vector(struct packing *w, unsigned index, bool out)
{
    struct call_packed *p = w->packed;
    const struct wire_area area = {.argument = (uint8_t)index,
                                   .part = PART_DATA};
    p->request.arguments[2] = 1;
    return pack_vectors(w, &area, p->arguments[index], p->arguments[2], out);
}

static int pack_name(struct packing *w,
                     struct wire_area area,
                     const struct msghdr *header,
                     bool out)
{
    int32_t bytes = (int32_t)header->msg_namelen;
    if (!header->msg_name)
        return 0;
    if (bytes < 0)
        return -EINVAL;
    if (bytes > CALL_NAME_BYTES)
        bytes = CALL_NAME_BYTES;
    area.part = PART_NAME;
    *(out ? &area.out_bytes : &area.in_bytes) = (uint32_t)bytes;
    return add_from(w, &area, (uintptr_t)header->msg_name);
}

static int pack_control(struct packing *w,
                        struct wire_area area,
                        const struct msghdr *header,
                        bool out)
{
    uint64_t bytes = header->msg_controllen;
    if (bytes == 0 || (out && !header->msg_control) || w->packed->done > 0)
        return 0;
    if (!header->msg_control)
        return -EFAULT;
    if (!out && bytes > CALL_CONTROL_BYTES)
        return -ENOTSUP;
    if (bytes > CALL_CONTROL_BYTES)
        bytes = CALL_CONTROL_BYTES;
    area.part = PART_CONTROL;
    *(out ? &area.out_bytes : &area.in_bytes) = (uint32_t)bytes;
    return add_from(w, &area, (uintptr_t)header->msg_control);
}

/* A struct msghdr at an address; header_bytes come back of it. */
static int pack_message(struct packing *w,
                        unsigned index,
                        uint16_t number,
                        uint64_t address,
                        bool out,
                        uint32_t header_bytes)
{
    struct msghdr header;
    struct wire_area area = {.argument = (uint8_t)index,
                             .part = PART_HEADER,
                             .index = number,
                             .out_bytes = header_bytes};
    int error =
        w->memory->read(w->memory->context, address, &header, sizeof header);
    if (!error)
        error = add(w, &area, NULL);
    area.out_bytes = 0;
    if (!error)
        error = pack_name(w, area, &header, out);
    area.part = PART_DATA;
    if (!error && header.msg_iovlen > CALL_VECTORS_MAX)
        error = -EMSGSIZE;
    if (!error)
        error = pack_vectors(w, &area, (uintptr_t)header.msg_iov,
                             header.msg_iovlen, out);
    if (!error)
        error = pack_control(w, area, &header, out);
    return error;
}

/* As many messages as fit: the call may do with fewer. */
static int pack_messages(struct packing *w, unsigned index, bool out)
{
    struct call_packed *p = w->packed;
    uint32_t wanted = (uint32_t)p->arguments[2];
    uint16_t count = 0;
    int error = 0;
    while (count < wanted && !error) {
        struct packing before = *w;
        uint32_t areas = p->request.area_count;
        error = pack_message(
            w, index, count,
            p->arguments[index] + count * (uint64_t)CALL_HEADERS_BYTES, out,
            CALL_HEADERS_BYTES);
        if (!error && p->cut && (!out || count > 0))
            error = -ENOTSUP;
        if (error) {
            *w = before;
            p->request.area_count = areas;
        } else {
            count++;
        }
    }
    p->cut = false;
    p->request.arguments[2] = count;
    return count > 0 ? 0 : error;
}

/* A buffer that may be cut: what earlier requests moved is left out, and no
 * more than fits is asked for. */
static int pack_buffer(struct packing *w,
                       unsigned index,
                       const struct call_argument *argument)
{
    struct call_packed *p = w->packed;
    uint64_t *count = &p->request.arguments[argument->count];
    struct wire_area area = {.argument = (uint8_t)index};
    if (argument->counted == COUNT_SIZE && *count > INT64_MAX)
        return -EFAULT;
    *count -= p->done;
    uint64_t bytes = call_bytes(argument, p->request.arguments, 0);
    p->cut = bytes > CALL_PART_BYTES;
    if (p->cut) {
        *count =
            ((uint64_t)CALL_PART_BYTES - argument->extra) / argument->bytes;
        bytes = call_bytes(argument, p->request.arguments, 0);
    }
    p->part_bytes = (uint32_t)bytes;
    if (argument->shape == SHAPE_READ)
        area.out_bytes = (uint32_t)bytes;
    else
        area.in_bytes = (uint32_t)bytes;
    return add_from(w, &area, p->arguments[index] + p->done);
}

static int pack_memory(struct packing *w,
                       unsigned index,
                       const struct call_argument *argument)
{
    struct call_packed *p = w->packed;
    struct wire_area area = {.argument = (uint8_t)index};
    int32_t pointed = 0;
    int error = 0;
    if (argument->counted == COUNT_POINTED && p->arguments[argument->count])
        error =
            w->memory->read(w->memory->context, p->arguments[argument->count],
                            &pointed, sizeof pointed);
    if (error || pointed < 0)
        return error ? error : -EINVAL;
    uint64_t bytes = call_bytes(argument, p->request.arguments, pointed);
    if (bytes > WIRE_DATA_BYTES)
        return -ENOTSUP;
    if (argument->shape != SHAPE_OUT)
        area.in_bytes = (uint32_t)bytes;
    if (argument->shape != SHAPE_IN)
        area.out_bytes = (uint32_t)bytes;
    return add_from(w, &area, p->arguments[index]);
}

static int pack_argument(struct packing *w,
                         unsigned index,
                         const struct call_argument *argument)
{
    uint64_t value = w->packed->arguments[index];
    switch (argument->shape) {
        case SHAPE_NONE:
        case SHAPE_VALUE:
            return 0;
        case SHAPE_VECTOR:
        case SHAPE_VECTOR_READ:
            return pack_vector(w, index, argument->shape == SHAPE_VECTOR_READ);
        case SHAPE_MESSAGE:
            return pack_message(w, index, 0, value, false, 0);
        case SHAPE_MESSAGE_READ:
            return pack_message(w, index, 0, value, true, CALL_HEADER_BYTES);
        case SHAPE_MESSAGES:
        case SHAPE_MESSAGES_READ:
            return pack_messages(w, index,
                                 argument->shape == SHAPE_MESSAGES_READ);
        default:
            break;
    }
    if (value == 0)
        return 0;
    switch (argument->shape) {
        case SHAPE_PATH:
        case SHAPE_STRING:
            return pack_string(w, index);
        case SHAPE_STRINGS:
            return pack_strings(w, index);
        case SHAPE_MASK_PAIR:
            return pack_pair(w, index);
        case SHAPE_EVENT:
            return pack_event(w, index);
        case SHAPE_READ:
        case SHAPE_WRITE:
            return pack_buffer(w, index, argument);
        default:
            return pack_memory(w, index, argument);
    }
}

/* Calls that would mean something else at home: pages that the kernel goes on
 * reading after the call, the CPU time of the process that is there. */
static bool means_else(int64_t number, const uint64_t arguments[6])
{
    switch (number) {
        case SYS_sendmsg:
            return arguments[2] & MSG_ZEROCOPY;
        case SYS_sendto:
        case SYS_sendmmsg:
            return arguments[3] & MSG_ZEROCOPY;
        case SYS_timer_create:
            return (int32_t)arguments[0] < 0 || arguments[0] == 2 ||
                   arguments[0] == 3;
        default:
            return false;
    }
}

/* The argument that is an offset, further on by what is done; 0: none. */
static unsigned offset_argument(int64_t number)
{
    switch (number) {
        case SYS_pread64:
        case SYS_pwrite64:
        case SYS_preadv:
        case SYS_pwritev:
        case SYS_preadv2:
        case SYS_pwritev2:
            return 3;
        default:
            return 0;
    }
}

int call_pack(int64_t number,
              const uint64_t arguments[6],
              const struct call_memory *memory,
              struct call_packed *ret)
{
    struct packing w = {
        .packed = ret, .memory = memory, .call = call_of(number)};
    struct call_argument shapes[6];
    if (!w.call || !call_forwarded(w.call) || means_else(number, arguments))
        return -ENOTSUP;
    ret->request.number = (int32_t)number;
    ret->request.area_count = 0;
    ret->cut = false;
    ret->part_bytes = 0;
    for (unsigned i = 0; i < 6; i++) {
        if (!call_argument_of(w.call, arguments, i, &shapes[i]))
            return -ENOTSUP;
        ret->arguments[i] = arguments[i];
        ret->request.arguments[i] =
            shapes[i].shape == SHAPE_VALUE ? arguments[i] : 0;
    }
    unsigned offset = offset_argument(number);
    if (offset > 0 && arguments[offset] != UINT64_MAX)
        ret->request.arguments[offset] += ret->done;
    int error = 0;
    for (unsigned i = 0; i < 6 && !error; i++)
        error = pack_argument(&w, i, &shapes[i]);
    ret->data_bytes = w.in_bytes;
    return error;
}

enum call_rest call_rest(const struct call_packed *packed, int64_t result)
{
    if (!packed->cut || result <= 0 || result != packed->part_bytes)
        return REST_NONE;
    switch (packed->request.number) {
        case SYS_read:
        case SYS_readv:
            return REST_IF_REGULAR;
        case SYS_recvfrom:
            return packed->arguments[3] & MSG_WAITALL ? REST_ASK : REST_NONE;
        case SYS_write:
        case SYS_writev:
        case SYS_sendto:
        case SYS_sendmsg:
        case SYS_pread64:
        case SYS_pwrite64:
        case SYS_preadv:
        case SYS_pwritev:
        case SYS_preadv2:
        case SYS_pwritev2:
            return REST_ASK;
        default:
            return REST_NONE;
    }
}
