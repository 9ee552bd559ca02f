/* cable.c - see cable.h. */
#include "cable.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../real/homenode/wire.h"

uint64_t cable_random(uint64_t *seed) /* splitmix64 */
{
    *seed += 0x9e3779b97f4a7c15;
    uint64_t z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void append(struct cable_way *way, const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return;
    if (way->count + count > way->room) {
        way->room = 2 * (way->count + count);
        way->bytes = realloc(way->bytes, way->room);
        assert(way->bytes);
    }
    memcpy(way->bytes + way->count, bytes, count);
    way->count += count;
}

static bool is_numbered(const uint8_t *record, size_t count)
{
    struct wire_head head;
    uint32_t kind;
    if (count < RECORD_HEAD_BYTES + sizeof head)
        return false;
    memcpy(&kind, record, sizeof kind);
    memcpy(&head, record + RECORD_HEAD_BYTES, sizeof head);
    return kind >= RECORD_HELLO && head.sequence > 0;
}

/* Part of a record that has the fault's byte. */
static void append_faulty(struct cable *cable,
                          struct cable_way *way,
                          const uint8_t *record,
                          size_t count)
{
    size_t good = way->fault_at - way->written;
    switch (way->fault) {
        case CABLE_SOUND:
            break;
        case CABLE_CUT:
        case CABLE_SEVER:
            append(way, record, good);
            cable->cut = true;
            for (int side = 0; side < 2 && way->fault == CABLE_SEVER; side++)
                cable->way[side].count = cable->way[side].at;
            break;
        case CABLE_VANISH:
            append(way, record, good);
            break;
        case CABLE_DAMAGE:
            append(way, record, count);
            way->bytes[way->count - count + good] ^= 0x10;
            break;
        case CABLE_DOUBLE:
            append(way, record, count);
            if (is_numbered(record, count))
                append(way, record, count);
            break;
    }
}

/* One record: stream_put() gives it whole. The write that meets a cut does not
 * notice, as with TCP. */
static int write_record(void *context,
                        const struct iovec *parts,
                        size_t part_count)
{
    struct cable_end *end = context;
    struct cable_way *way = &end->cable->way[end->side];
    if (end->cable->cut)
        return -EPIPE;
    size_t count = 0;
    for (size_t i = 0; i < part_count; i++)
        count += parts[i].iov_len;
    uint8_t *record = malloc(count);
    assert(record);
    uint8_t *to = record;
    for (size_t i = 0; i < part_count; i++) {
        memcpy(to, parts[i].iov_base, parts[i].iov_len);
        to += parts[i].iov_len;
    }
    bool reached =
        way->fault != CABLE_SOUND && way->fault_at < way->written + count;
    if (reached && way->written <= way->fault_at)
        append_faulty(end->cable, way, record, count);
    else if (!reached || way->fault == CABLE_DAMAGE ||
             way->fault == CABLE_DOUBLE)
        append(way, record, count);
    way->written += count;
    free(record);
    return 0;
}

static int write_bytes(void *context, const void *bytes, size_t count)
{
    struct iovec part = {(void *)bytes, count};
    return write_record(context, &part, 1);
}

/* A read that would wait for ever loses its patience. */
static int read_bytes(void *context, void *bytes, size_t count)
{
    struct cable_end *end = context;
    struct cable_way *way = &end->cable->way[!end->side];
    if (way->count - way->at < count)
        return end->cable->cut ? -ENODATA : -ETIMEDOUT;
    if (count == 0)
        return 0;
    memcpy(bytes, way->bytes + way->at, count);
    way->at += count;
    return 0;
}

static int look(void *context, uint64_t wait_us)
{
    struct cable_end *end = context;
    struct cable *cable = end->cable;
    struct cable_way *way = &cable->way[!end->side];
    (void)wait_us;
    if (cable->delays && cable_random(&cable->delays) % 4 == 0)
        return -EAGAIN;
    if (way->count == way->at && !cable->cut && cable->idle)
        cable->idle(cable->context);
    return way->count > way->at || cable->cut ? 0 : -EAGAIN;
}

void cable_init(struct cable *cable)
{
    *cable = (struct cable){0};
    for (int side = 0; side < 2; side++) {
        cable->ends[side].cable = cable;
        cable->ends[side].side = side;
        cable->streams[side] = (struct stream){.context = &cable->ends[side],
                                               .write = write_bytes,
                                               .read = read_bytes,
                                               .wait_on = -1,
                                               .write_parts = write_record,
                                               .look = look};
    }
}

void cable_finish(struct cable *cable)
{
    free(cable->way[0].bytes);
    free(cable->way[1].bytes);
    *cable = (struct cable){0};
}

void cable_fault_at(struct cable *cable,
                    int side,
                    enum cable_fault fault,
                    size_t at)
{
    cable->way[side].fault = fault;
    cable->way[side].fault_at = at;
}
