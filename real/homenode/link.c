/* link.c - see link.h. */
#include "link_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t link_now_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t link_about_now_us(void)
{
    return read_clock(CLOCK_MONOTONIC_COARSE);
}

bool link_kind_is(enum record_kind kind, unsigned kinds)
{
    return (kinds >> kind & 1) != 0;
}

bool link_kind_lasts(enum record_kind kind)
{
    return !link_kind_is(kind, LIGHT_KINDS | UNKEPT_KINDS | KIND(ABORT));
}

/* ---- Sending. ------------------------------------------------------------ */

int link_damaged(struct link *link)
{
    link->broken = true;
    return -EBADMSG;
}

int link_break_off(struct link *link)
{
    link->broken = true;
    return -EPIPE;
}

int link_send(struct link *link,
              enum record_kind kind,
              const struct iovec *parts,
              size_t part_count)
{
    if (link->broken)
        return -EPIPE;
    if (stream_put(link->stream, kind, parts, part_count) != 0)
        return link_break_off(link);
    link->sent_us = link_about_now_us();
    link->told = link->seen;
    return 0;
}

static struct wire_head head_of(const struct link *link, uint64_t sequence)
{
    return (struct wire_head){link->epoch, sequence, link->seen};
}

int link_put(struct link *link,
             enum record_kind kind,
             const struct iovec *parts,
             size_t part_count,
             bool lasting)
{
    assert(part_count > 0);
    assert(parts[0].iov_len >= sizeof(struct wire_head));
    assert(kind == RECORD_ABORT || lasting == link_kind_lasts(kind));
    struct wire_head head = head_of(link, lasting ? link->sent + 1 : 0);
    memcpy(parts[0].iov_base, &head, sizeof head);
    if (lasting) {
        int error = link_keep(link, kind, parts, part_count);
        if (error)
            return error;
        link->sent++;
    }
    return link_send(link, kind, parts, part_count);
}

int link_send_head(struct link *link, enum record_kind kind)
{
    struct wire_head head = head_of(link, 0);
    struct iovec part = {&head, sizeof head};
    return link_send(link, kind, &part, 1);
}

int link_send_stale(struct link *link)
{
    struct wire_abort message = {.head = head_of(link, 0), .error = -ESTALE};
    struct iovec part = {&message, sizeof message};
    return link_send(link, RECORD_ABORT, &part, 1);
}

uint64_t link_beat_us(const struct link *link)
{
    return link->sent_us + link->lease_us / LINK_BEATS_OF_LEASE;
}

void link_beat_if_due(struct link *link, uint64_t now)
{
    if (link->broken || now < link_beat_us(link))
        return;
    /* Nothing was sent for so long that what was kept for haste may go. */
    free(link->spare);
    link->spare = NULL;
    link->spare_room = 0;
    (void)link_send_head(link, RECORD_LEASE);
}

int link_ask_taken(struct link *link)
{
    link->taken = false;
    return link_send_head(link, RECORD_LEASE);
}

bool link_was_taken(const struct link *link)
{
    return link->taken;
}

void link_beat(struct link *link)
{
    link_beat_if_due(link, link_now_us());
}

/* ---- The link itself. ---------------------------------------------------- */

int link_create(struct link **ret,
                const struct stream *stream,
                enum link_side side)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link)
        return -ENOMEM;
    link->side = side;
    link->lease_us = LINK_LEASE_US;
    link->heard_us = link->sent_us = link_now_us();
    link_use(link, stream);
    *ret = link;
    return 0;
}

void link_destroy(struct link *link)
{
    if (!link)
        return;
    while (link->kept_count > 0)
        link_drop_first(link);
    free(link->spare);
    free(link);
}

void link_set_lease(struct link *link, uint64_t lease_us)
{
    link->lease_us = lease_us;
}

uint64_t link_epoch(const struct link *link)
{
    return link->epoch;
}

void link_set_epoch(struct link *link, uint64_t epoch)
{
    assert(epoch >= link->epoch);
    link->epoch = epoch;
}

const struct stream *link_stream(const struct link *link)
{
    return link->stream;
}

uint64_t link_heard_us(const struct link *link)
{
    return link->heard_us;
}
