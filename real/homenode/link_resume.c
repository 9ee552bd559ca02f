/* link_resume.c - both go on with a new stream. See link_inside.h. */
#include "link_inside.h"

#include <errno.h>
#include <string.h>

enum {
    RESUME_OF_LEASE = 4, /* So much of the lease one new stream may take. */
};

/* The other knows an older epoch: no wonder if what said the new one is among
 * what it has not seen. */
static bool was_told_the_epoch(struct link *link, uint64_t seen)
{
    for (size_t i = 0; i < link->kept_count; i++) {
        const struct kept *kept = link_kept_at(link, i);
        if (kept->sequence > seen && kept->epoch == link->epoch)
            return false;
    }
    return true;
}

static int send_again(struct link *link)
{
    int error = 0;
    for (size_t i = 0; i < link->kept_count && !error; i++) {
        const struct kept *kept = link_kept_at(link, i);
        struct wire_head head = {kept->epoch, kept->sequence, link->seen};
        memcpy(kept->body, &head, sizeof head);
        struct iovec part = {kept->body, kept->bytes};
        error = link_send(link, kept->kind, &part, 1);
    }
    return error;
}

/* The other's RESUME, which nothing may precede. */
static int take_resume(struct link *link, struct wire_head *ret)
{
    uint64_t until =
        link_least(link_now_us() + link->lease_us / RESUME_OF_LEASE,
                   link_lease_end_us(link));
    int error = -EAGAIN;
    for (uint64_t now = link_now_us(); error == -EAGAIN && now < until;
         now = link_now_us())
        error = link_look(link, until - now, -1, NULL);
    if (error)
        return link_break_off(link);
    struct incoming incoming = {0};
    error = link_take_record(link, &incoming);
    if (!error && (incoming.kind != RECORD_RESUME ||
                   incoming.bytes != sizeof(struct wire_head)))
        error = link_damaged(link);
    if (!error)
        error = link_take_head(link, &incoming, ret);
    incoming_finish(&incoming);
    return error;
}

int link_resume(struct link *link, const struct stream *stream)
{
    link_use(link, stream);
    if (link_now_us() >= link_lease_end_us(link)) {
        link->broken = true;
        return -ETIMEDOUT;
    }
    struct wire_head head;
    int error = link_send_head(link, RECORD_RESUME);
    if (!error)
        error = take_resume(link, &head);
    if (error)
        return error;
    if (head.seen + link->kept_count < link->sent)
        return link_damaged(link); /* It forgot what it had seen. */
    if (head.epoch < link->epoch && link->side == LINK_AT_HOST)
        return link_damaged(link);
    if (head.epoch < link->epoch && was_told_the_epoch(link, head.seen)) {
        (void)link_send_stale(link);
        link->broken = true;
        return -ESTALE;
    }
    link_forget(link, head.seen);
    return send_again(link);
}
