/* pending.c - see pending.h. */
#include "pending.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(siginfo_t) == PENDING_SIGNAL_BYTES, "a siginfo_t each");

enum { SIGNALS = 64, ROOM_FIRST = 16 };

static int number_of(const uint8_t signal[PENDING_SIGNAL_BYTES])
{
    siginfo_t info;
    memcpy(&info, signal, sizeof info);
    return info.si_signo;
}

static int make_room(struct pending *p, size_t count)
{
    size_t room = p->room > 0 ? p->room : ROOM_FIRST;
    if (count > PENDING_MAX)
        return -ENOBUFS;
    while (room < count)
        room *= 2;
    if (room == p->room)
        return 0;
    void *signals = realloc(p->signals, room * sizeof p->signals[0]);
    if (!signals)
        return -ENOMEM;
    p->signals = signals;
    p->room = room;
    return 0;
}

static int add_all(struct pending *p, const void *signals, size_t count)
{
    int error = count > 0 ? make_room(p, p->count + count) : 0;
    if (error || count == 0)
        return error;
    memcpy(p->signals[p->count], signals, count * sizeof p->signals[0]);
    p->count += count;
    return 0;
}

int pending_add(struct pending *p, const void *info)
{
    return add_all(p, info, 1);
}

int pending_append(struct pending *p, const struct pending *others)
{
    return add_all(p, others->signals, others->count);
}

void pending_drop(struct pending *p, size_t count)
{
    assert(count <= p->count);
    p->count -= count;
    if (count > 0 && p->count > 0)
        memmove(p->signals, p->signals + count,
                p->count * sizeof p->signals[0]);
}

bool pending_has(const struct pending *p, int signal)
{
    for (size_t i = 0; i < p->count; i++)
        if (number_of(p->signals[i]) == signal)
            return true;
    return false;
}

int pending_put(const struct pending *p, const struct stream *stream)
{
    struct iovec part = {p->signals, p->count * sizeof p->signals[0]};
    return p->count > 0 ? stream_put(stream, RECORD_PENDING, &part, 1) : 0;
}

int pending_take(struct pending *p, const struct incoming *incoming)
{
    size_t count = incoming->bytes / PENDING_SIGNAL_BYTES;
    if (count == 0 || incoming->bytes % PENDING_SIGNAL_BYTES != 0)
        return -EBADMSG;
    for (size_t i = 0; i < count; i++) {
        int number = number_of(incoming->body + i * PENDING_SIGNAL_BYTES);
        if (number < 1 || number > SIGNALS)
            return -EBADMSG;
    }
    int error = add_all(p, incoming->body, count);
    return error == -ENOBUFS ? -EBADMSG : error;
}

void pending_finish(struct pending *p)
{
    free(p->signals);
    *p = (struct pending){0};
}
