/* link_take.c - what comes is believed, dropped, or the end. See link_inside.h.
 */
#include "link_inside.h"

#include <errno.h>
#include <string.h>

enum {
    SEEN_UNTOLD_MAX = 64, /* Then we say what we have seen. */
};

enum {
    IMAGE_KINDS = KIND(MAPS) | KIND(PAGES) | KIND(DROPPED) | KIND(OWED) |
                  KIND(PENDING) | KIND(IMAGE) | KIND(END),
    FROM_BOTH = LIGHT_KINDS | KIND(BODY) | KIND(ABORT),
    FROM_HOME = FROM_BOTH | KIND(GO) | KIND(REPLY) | KIND(SIGNAL) |
                KIND(RECALL) | KIND(MOVE) | KIND(GONE) | KIND(FETCHED),
    FROM_HOST = FROM_BOTH | KIND(READY) | KIND(RUNNING) | KIND(REQUEST) |
                KIND(DEAD) | KIND(SIGNAL) | KIND(FETCH) | KIND(WHOLE),
};

static int read_noted(void *context, void *bytes, size_t count)
{
    struct link *link = context;
    int error = link->stream->read(link->stream->context, bytes, count);
    link->read_error = error;
    return error;
}

/* A record. One that ends before its end is a cut, not a lie. */
int link_take_record(struct link *link, struct incoming *incoming)
{
    link->read_error = 0;
    int error = stream_get(&link->reading, incoming);
    if (error && !link->read_error)
        return error == -ENOMEM ? link_break_off(link) : link_damaged(link);
    if (error)
        return link_break_off(link);
    link->heard_us = link_about_now_us();
    return 0;
}

int link_take_head(struct link *link,
                   const struct incoming *incoming,
                   struct wire_head *ret)
{
    if (incoming->bytes < sizeof *ret)
        return link_damaged(link);
    memcpy(ret, incoming->body, sizeof *ret);
    if (ret->seen > link->sent)
        return link_damaged(link);
    if (link->side == LINK_AT_HOME && ret->epoch > link->epoch)
        return link_damaged(link);
    return 0;
}

/* Here and below: 1 if the record is for the caller, 0 if it is done with. */
static int take_image_record(struct link *link, enum record_kind kind)
{
    if (!link->image)
        return link_damaged(link);
    link->image = kind != RECORD_END;
    return link->image_is_old ? 0 : 1;
}

/* A message of an epoch that is over. */
static int take_old(struct link *link, enum record_kind kind)
{
    /* READY crossed our GO. */
    if (link_kind_is(kind, LIGHT_KINDS | KIND(READY)))
        return 0;
    if (kind == RECORD_ABORT)
        return 1;
    link->image = link->image_is_old = kind == RECORD_BODY;
    (void)link_send_stale(link); /* The next look tells if it failed. */
    return 0;
}

static int take_message(struct link *link, const struct incoming *incoming)
{
    enum record_kind kind = incoming->kind;
    struct wire_head head;
    int error = link_take_head(link, incoming, &head);
    if (error)
        return error;
    link_forget(link, head.seen);
    if (head.sequence == 0 ? link_kind_lasts(kind)
                           : link_kind_is(kind, LIGHT_KINDS | UNKEPT_KINDS))
        return link_damaged(link);
    if (head.sequence > link->seen + 1)
        return link_damaged(link);
    if (head.sequence > 0) {
        if (head.sequence <= link->seen)
            return 0;
        link->seen = head.sequence;
        if (link->seen - link->told >= SEEN_UNTOLD_MAX)
            (void)link_send_head(link, RECORD_LEASE);
    }
    if (head.epoch < link->epoch)
        return take_old(link, kind);
    if (link->side == LINK_AT_HOST &&
        (kind == RECORD_GO || kind == RECORD_HELLO))
        link->epoch = head.epoch;
    if (kind == RECORD_BODY) {
        link->image = true;
        link->image_is_old = false;
    }
    if (kind != RECORD_LEASE)
        return 1;
    link->taken = true;
    if (link->image)
        (void)link_send_head(link, RECORD_LEASE);
    return 0;
}

static int take(struct link *link, struct incoming *incoming)
{
    int error = link_take_record(link, incoming);
    if (error)
        return error;
    if (link_kind_is(incoming->kind, IMAGE_KINDS))
        return take_image_record(link, incoming->kind);
    unsigned may = link->side == LINK_AT_HOME ? FROM_HOST : FROM_HOME;
    if (!link_kind_is(incoming->kind, may & ~KIND(RESUME)))
        return link_damaged(link);
    return take_message(link, incoming);
}

int link_get(struct link *link,
             struct incoming *incoming,
             uint64_t wait_us,
             int also,
             const sigset_t *wake)
{
    uint64_t now = link_now_us();
    uint64_t until = wait_us > UINT64_MAX - now ? UINT64_MAX : now + wait_us;
    for (;; now = link_now_us()) {
        int error = link_await(link, now, until, also, wake);
        if (error)
            return error == -EAGAIN || error == -ETIMEDOUT || error == -EPIPE
                       ? error
                       : link_break_off(link);
        int given = take(link, incoming);
        if (given != 0)
            return given > 0 ? 0 : given;
    }
}

void link_use(struct link *link, const struct stream *stream)
{
    link->stream = stream;
    link->reading = *stream;
    link->reading.context = link;
    link->reading.read = read_noted;
    link->broken = false;
    link->image = false;
    link->also_waits = false;
    link->held_in_a_row = 0;
}
