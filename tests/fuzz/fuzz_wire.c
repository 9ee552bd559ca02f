/* fuzz_wire.c - no peer can harm a link. The first byte of the input says on
 * which side we are and whether what follows is a stream as it is. Else it is a
 * row of records, u8 kind, u16 length, body, that come with the right checksum;
 * bit 7 of the kind: with a right head too, so that the bodies are reached.
 * Kind 0 is something we do ourselves, by the length.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../real/homenode/link.h"
#include "harness.h"

enum { WRAP_BYTES = 3, RIGHT_HEAD = 0x80, RAW = 2 };

/* What comes, one record at a time, or all as it is. */
struct peer
{
    uint8_t *bytes;
    size_t count;
    size_t at;
    struct link *link;
    enum link_side side;
    bool resuming;  /* Then it waits for nothing. */
    uint64_t given; /* Sequence of the last message that lasts. */
};

static int read_peer(void *context, void *bytes, size_t count)
{
    struct peer *peer = context;
    if (peer->count - peer->at < count)
        return -ENODATA;
    if (count > 0)
        memcpy(bytes, peer->bytes + peer->at, count);
    peer->at += count;
    return 0;
}

static int write_nowhere(void *context, const void *bytes, size_t count)
{
    (void)context;
    (void)bytes;
    (void)count;
    return 0;
}

static int look(void *context, uint64_t wait_us)
{
    struct peer *peer = context;
    (void)wait_us;
    return peer->at < peer->count || peer->resuming ? 0 : -EAGAIN;
}

static int append(void *context, const void *bytes, size_t count)
{
    struct peer *peer = context;
    peer->bytes = realloc(peer->bytes, peer->count + count + 1);
    assert(peer->bytes);
    if (count > 0)
        memcpy(peer->bytes + peer->count, bytes, count);
    peer->count += count;
    return 0;
}

static bool is_light(enum record_kind kind)
{
    return kind == RECORD_HELLO || kind == RECORD_BODY ||
           kind == RECORD_USAGE || kind == RECORD_LEASE ||
           kind == RECORD_RESUME || kind == RECORD_FETCH ||
           kind == RECORD_FETCHED;
}

/* All bytes that it says it has are there, for a sanitizer to see. */
static void take_pages(const struct incoming *incoming,
                       struct wire_fetched *fetched)
{
    if (wire_take_fetched(incoming, fetched) != 0)
        return;
    const uint8_t *at = fetched->pages;
    unsigned sum = 0;
    for (size_t i = 0; i < fetched->fetch.run_count; i++)
        for (uint32_t k = 0;
             k < fetched->runs[i].bytes && !fetched->runs[i].is_zero; k++)
            sum += *at++;
    assert(at == incoming->body + incoming->bytes);
    (void)sum;
}

/* The struct of each kind, as its taker takes it. */
static void take_apart(const struct incoming *incoming)
{
    union {
        struct wire_head head;
        struct wire_hello hello;
        struct wire_body body;
        struct wire_go go;
        struct wire_abort abort;
        struct wire_reply reply;
        struct wire_signal signal;
        struct wire_dead dead;
        struct wire_usage usage;
    } any;
    static struct wire_asked asked;
    static struct wire_fetch_asked fetch;
    static struct wire_fetched fetched;
    static const size_t sizes[RECORD_KINDS] = {
        [RECORD_HELLO] = sizeof any.hello,   [RECORD_BODY] = sizeof any.body,
        [RECORD_READY] = sizeof any.head,    [RECORD_GO] = sizeof any.go,
        [RECORD_RUNNING] = sizeof any.head,  [RECORD_ABORT] = sizeof any.abort,
        [RECORD_SIGNAL] = sizeof any.signal, [RECORD_RECALL] = sizeof any.head,
        [RECORD_MOVE] = sizeof any.head,     [RECORD_GONE] = sizeof any.head,
        [RECORD_DEAD] = sizeof any.dead,     [RECORD_USAGE] = sizeof any.usage,
        [RECORD_WHOLE] = sizeof any.head,
    };
    if (incoming->kind == RECORD_REPLY)
        (void)wire_take_front(incoming, &any.reply, sizeof any.reply);
    else if (incoming->kind == RECORD_REQUEST)
        (void)wire_take_request(incoming, &asked);
    else if (incoming->kind == RECORD_FETCH)
        (void)wire_take_fetch(incoming, &fetch);
    else if (incoming->kind == RECORD_FETCHED)
        take_pages(incoming, &fetched);
    else if (sizes[incoming->kind] > 0)
        (void)wire_take(incoming, &any, sizes[incoming->kind]);
}

/* All that the link gives: in order, and of no older epoch. */
static void take_all(struct peer *peer)
{
    struct incoming incoming = {0};
    while (link_get(peer->link, &incoming, 0, -1, NULL) == 0) {
        if (incoming.kind >= RECORD_HELLO && incoming.kind != RECORD_OWED &&
            incoming.kind != RECORD_PENDING) {
            struct wire_head head;
            assert(incoming.bytes >= sizeof head);
            memcpy(&head, incoming.body, sizeof head);
            assert(head.epoch >= link_epoch(peer->link) ||
                   incoming.kind == RECORD_ABORT);
            assert(head.sequence == 0 || head.sequence == peer->given + 1);
            peer->given = head.sequence ? head.sequence : peer->given;
        }
        take_apart(&incoming);
    }
    incoming_finish(&incoming);
}

static void do_ourselves(struct peer *peer,
                         const struct stream *stream,
                         size_t which)
{
    uint8_t message[sizeof(struct wire_request)] = {0};
    struct iovec part = {message, sizeof message};
    bool home = peer->side == LINK_AT_HOME;
    switch (which % 3) {
        case 0:
            (void)link_put(peer->link, home ? RECORD_REPLY : RECORD_REQUEST,
                           &part, 1, true);
            break;
        case 1:
            link_set_epoch(peer->link, link_epoch(peer->link) + 1);
            break;
        default:
            peer->resuming = true;
            (void)link_resume(peer->link, stream);
            peer->resuming = false;
            break;
    }
}

static void put_record(struct peer *peer,
                       enum record_kind kind,
                       bool right,
                       uint8_t *body,
                       size_t length)
{
    struct stream back = {.context = peer, .write = append};
    struct wire_head head = {link_epoch(peer->link), 0, 0};
    if (right && length >= sizeof head) {
        if (!is_light(kind))
            head.sequence = peer->given + 1;
        memcpy(body, &head, sizeof head);
    }
    struct iovec part = {body, length};
    (void)stream_put(&back, kind, &part, 1);
}

static void feed(struct peer *peer,
                 const struct stream *stream,
                 uint8_t *at,
                 size_t left)
{
    while (left >= WRAP_BYTES) {
        unsigned kind = at[0] & ~(unsigned)RIGHT_HEAD;
        bool right = (at[0] & RIGHT_HEAD) != 0;
        size_t length = (size_t)(at[1] | at[2] << 8);
        at += WRAP_BYTES;
        left -= WRAP_BYTES;
        if (kind % RECORD_KINDS == 0) {
            do_ourselves(peer, stream, length);
            continue;
        }
        length = length < left ? length : left;
        put_record(peer, (enum record_kind)(kind % RECORD_KINDS), right, at,
                   length);
        /* What opens a new stream waits for link_resume(). */
        if (kind % RECORD_KINDS != RECORD_RESUME)
            take_all(peer);
        at += length;
        left -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return 0;
    struct peer peer = {.side = bytes[0] & 1 ? LINK_AT_HOST : LINK_AT_HOME};
    struct stream stream = {.context = &peer,
                            .write = write_nowhere,
                            .read = read_peer,
                            .wait_on = -1,
                            .look = look};
    uint8_t *rest = malloc(count);
    assert(rest);
    memcpy(rest, bytes + 1, count - 1);
    if (link_create(&peer.link, &stream, peer.side) != 0)
        abort();
    if (bytes[0] & RAW)
        (void)append(&peer, rest, count - 1);
    else
        feed(&peer, &stream, rest, count - 1);
    take_all(&peer);
    link_destroy(peer.link);
    free(peer.bytes);
    free(rest);
    return 0;
}
