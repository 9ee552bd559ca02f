/* link_wait.c - when there is something to read. See link_inside.h. */
#include "link_inside.h"

#include <errno.h>
#include <poll.h>

enum {
    HELD_IN_A_ROW = 64, /* Records taken without a look at what else came. */
};

uint64_t link_lease_end_us(const struct link *link)
{
    return link->heard_us + link->lease_us;
}

/* 0: the stream has something; -EINTR: what else was waited for came; -EAGAIN:
 * time has passed, perhaps not all of it. */
static int poll_both(struct link *link,
                     uint64_t wait_us,
                     int also,
                     const sigset_t *wake)
{
    struct timespec time = {(time_t)(wait_us / 1000000),
                            (long)(wait_us % 1000000) * 1000};
    struct pollfd both[] = {{.fd = link->stream->wait_on, .events = POLLIN},
                            {.fd = also, .events = POLLIN}};
    int ready = ppoll(both, 2, &time, wake);
    if (ready < 0)
        return errno == EINTR && wake ? -EINTR : -EAGAIN;
    if (both[1].revents && (!both[0].revents || link->also_waits)) {
        link->also_waits = false;
        return -EINTR;
    }
    link->also_waits = both[1].revents != 0;
    return both[0].revents ? 0 : -EAGAIN;
}

int link_look(struct link *link,
              uint64_t wait_us,
              int also,
              const sigset_t *wake)
{
    const struct stream *stream = link->stream;
    bool nothing_else = also < 0 && !wake;
    bool held = stream->holds && stream->holds(stream->context);
    if (held && (nothing_else || ++link->held_in_a_row < HELD_IN_A_ROW))
        return 0;
    link->held_in_a_row = 0;
    if (nothing_else && stream->look)
        return stream->look(stream->context, wait_us);
    int error = poll_both(link, held ? 0 : wait_us, also, wake);
    return held && error == -EAGAIN ? 0 : error;
}

int link_await(struct link *link,
               uint64_t now,
               uint64_t until_us,
               int also,
               const sigset_t *wake)
{
    for (;;) {
        link_beat_if_due(link, now);
        if (link->broken)
            return now >= link_lease_end_us(link) ? -ETIMEDOUT : -EPIPE;
        uint64_t next = link_least(
            until_us, link_least(link_beat_us(link), link_lease_end_us(link)));
        int error = link_look(link, next > now ? next - now : 0, also, wake);
        if (error != -EAGAIN)
            return error == -EINTR ? -EAGAIN : error;
        now = link_now_us();
        if (now >= link_lease_end_us(link)) {
            link->broken = true;
            return -ETIMEDOUT;
        }
        if (now >= until_us)
            return -EAGAIN;
    }
}
