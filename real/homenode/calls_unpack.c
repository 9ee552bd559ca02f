/* calls_unpack.c - the guest's half of a call, on its way back: what home sends
 * goes to where the caller wanted it. See calls.h.
 */
#include "calls_memory.h"
#include "calls_shape.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

int call_vectors_read(const struct call_memory *memory,
                      uint64_t address,
                      uint64_t count,
                      struct call_vectors *ret)
{
    ret->count = 0;
    ret->bytes = 0;
    if (count > CALL_VECTORS_MAX)
        return -EINVAL;
    if (count == 0)
        return 0;
    int error = memory->read(memory->context, address, ret->vectors,
                             count * sizeof ret->vectors[0]);
    if (error)
        return error;
    ret->count = count;
    for (size_t i = 0; i < count; i++) {
        if (ret->vectors[i].iov_len > INT64_MAX)
            return -EINVAL;
        ret->bytes += ret->vectors[i].iov_len;
        if (ret->bytes > INT64_MAX)
            ret->bytes = INT64_MAX;
    }
    return 0;
}

/* The next piece that lies together, of at most `bytes`; *index and *skip are
 * where it was found. */
static size_t next_piece(const struct call_vectors *vectors,
                         size_t *index,
                         uint64_t *skip,
                         size_t bytes)
{
    while (*index < vectors->count &&
           vectors->vectors[*index].iov_len <= *skip) {
        *skip -= vectors->vectors[*index].iov_len;
        (*index)++;
    }
    if (*index == vectors->count)
        return 0;
    uint64_t piece = vectors->vectors[*index].iov_len - *skip;
    return piece < bytes ? (size_t)piece : bytes;
}

static uint64_t address_of(const struct call_vectors *vectors,
                           size_t index,
                           uint64_t skip)
{
    return (uint64_t)(uintptr_t)vectors->vectors[index].iov_base + skip;
}

int call_vectors_gather(const struct call_memory *memory,
                        const struct call_vectors *vectors,
                        uint64_t skip,
                        uint8_t *to,
                        size_t bytes)
{
    size_t index = 0;
    int error = 0;
    while (bytes > 0 && !error) {
        size_t piece = next_piece(vectors, &index, &skip, bytes);
        if (piece == 0)
            return -EFAULT;
        error = memory->read(memory->context, address_of(vectors, index, skip),
                             to, piece);
        to += piece;
        skip += piece;
        bytes -= piece;
    }
    return error;
}

int call_vectors_scatter(const struct call_memory *memory,
                         const struct call_vectors *vectors,
                         uint64_t skip,
                         const uint8_t *from,
                         size_t bytes)
{
    size_t index = 0;
    int error = 0;
    while (bytes > 0 && !error) {
        size_t piece = next_piece(vectors, &index, &skip, bytes);
        if (piece == 0)
            return -EFAULT;
        error = memory->write(memory->context, address_of(vectors, index, skip),
                              from, piece);
        from += piece;
        skip += piece;
        bytes -= piece;
    }
    return error;
}

/* What came for one area. */
struct piece
{
    const struct call_packed *packed;
    const struct call_memory *memory;
    const struct wire_area *area;
    uint8_t shape;
    const uint8_t *bytes;
    uint32_t count;
};

static int write_to(const struct piece *piece,
                    uint64_t address,
                    const void *from,
                    size_t bytes)
{
    return piece->memory->write(piece->memory->context, address, from, bytes);
}

static int scatter(const struct piece *piece, uint64_t address, uint64_t count)
{
    struct call_vectors vectors;
    int error = call_vectors_read(piece->memory, address, count, &vectors);
    if (!error)
        error =
            call_vectors_scatter(piece->memory, &vectors, piece->packed->done,
                                 piece->bytes, piece->count);
    return error;
}

static bool receives(uint8_t shape)
{
    return shape == SHAPE_MESSAGE_READ || shape == SHAPE_MESSAGES_READ;
}

/* The fields that the kernel sets: struct msghdr, and msg_len behind it. */
static int unpack_header(const struct piece *piece,
                         uint64_t address,
                         const struct msghdr *old)
{
    struct mmsghdr header = {0};
    int error = 0;
    memcpy(&header, piece->bytes, piece->count);
    if (receives(piece->shape)) {
        if (old->msg_name)
            error = write_to(
                piece, address + offsetof(struct msghdr, msg_namelen),
                &header.msg_hdr.msg_namelen, sizeof header.msg_hdr.msg_namelen);
        if (!error)
            error = write_to(piece,
                             address + offsetof(struct msghdr, msg_controllen),
                             &header.msg_hdr.msg_controllen,
                             sizeof header.msg_hdr.msg_controllen);
        if (!error)
            error = write_to(
                piece, address + offsetof(struct msghdr, msg_flags),
                &header.msg_hdr.msg_flags, sizeof header.msg_hdr.msg_flags);
    }
    if (!error && piece->count == CALL_HEADERS_BYTES)
        error = write_to(piece, address + offsetof(struct mmsghdr, msg_len),
                         &header.msg_len, sizeof header.msg_len);
    return error;
}

static int unpack_message(const struct piece *piece, uint64_t address)
{
    struct msghdr header;
    address += piece->area->index * (uint64_t)CALL_HEADERS_BYTES;
    int error = piece->memory->read(piece->memory->context, address, &header,
                                    sizeof header);
    if (error)
        return error;
    switch (piece->area->part) {
        case PART_HEADER:
            return unpack_header(piece, address, &header);
        case PART_NAME:
            return write_to(piece, (uintptr_t)header.msg_name, piece->bytes,
                            piece->count);
        case PART_DATA:
            return scatter(piece, (uintptr_t)header.msg_iov, header.msg_iovlen);
        default:
            return write_to(piece, (uintptr_t)header.msg_control, piece->bytes,
                            piece->count);
    }
}

static int unpack_piece(const struct piece *piece)
{
    const struct call_packed *packed = piece->packed;
    uint64_t address = packed->arguments[piece->area->argument];
    switch (piece->shape) {
        case SHAPE_VECTOR_READ:
            return scatter(piece, address, packed->arguments[2]);
        case SHAPE_MESSAGE:
        case SHAPE_MESSAGES:
        case SHAPE_MESSAGE_READ:
        case SHAPE_MESSAGES_READ:
            return unpack_message(piece, address);
        case SHAPE_READ:
            address += packed->done;
            break;
        default:
            break;
    }
    return write_to(piece, address, piece->bytes, piece->count);
}

/* The piece at *at of the tail. False: it does not fit the area. */
static bool take_piece(const struct incoming *reply,
                       size_t *at,
                       struct piece *ret)
{
    uint32_t count;
    if (reply->bytes - *at < sizeof count)
        return false;
    memcpy(&count, reply->body + *at, sizeof count);
    *at += sizeof count;
    if (count > ret->area->out_bytes ||
        ((size_t)count + 3) / 4 * 4 > reply->bytes - *at)
        return false;
    if (ret->area->part == PART_HEADER && count != 0 &&
        count != ret->area->out_bytes)
        return false;
    ret->bytes = reply->body + *at;
    ret->count = count;
    *at += ((size_t)count + 3) / 4 * 4;
    return true;
}

int call_unpack(const struct call_packed *packed,
                const struct incoming *reply,
                const struct call_memory *memory,
                int64_t *ret_result)
{
    const struct call *call = call_of(packed->request.number);
    struct wire_reply head;
    size_t at = sizeof head;
    int fault = 0;
    int error = wire_take_front(reply, &head, sizeof head);
    if (error)
        return error;
    for (size_t i = 0; i < packed->request.area_count; i++) {
        const struct wire_area *area = &packed->areas[i];
        struct piece piece = {.packed = packed,
                              .memory = memory,
                              .area = area,
                              .shape = call->arguments[area->argument].shape};
        if (area->out_bytes == 0)
            continue;
        if (!take_piece(reply, &at, &piece))
            return -EBADMSG;
        if (piece.count > 0 && !fault)
            fault = unpack_piece(&piece);
    }
    if (at != reply->bytes)
        return -EBADMSG;
    *ret_result = fault ? fault : head.result;
    return 0;
}
