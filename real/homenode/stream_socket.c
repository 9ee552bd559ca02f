/* stream_socket.c - see stream_socket.h. */
#include "stream_socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum {
    PARTS_MAX = 8,
    SHORT_BYTES = 1024, /* Copied together: cheaper than several parts. */
    FIRST_RECEIVE_MS = 64,
    RECEIVE_MS_MAX = 512,
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int set_time(int socket, int option, uint64_t us)
{
    struct timeval time = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
    return setsockopt(socket, SOL_SOCKET, option, &time, sizeof time) ? -errno
                                                                      : 0;
}

/* One recv(2): bytes, or -EAGAIN when its time is over, or what broke. */
static ssize_t receive(struct stream_socket *s,
                       void *to,
                       size_t room,
                       int flags)
{
    ssize_t got = recv(s->socket, to, room, flags);
    if (got > 0)
        return got;
    if (got == 0)
        return -ENODATA;
    return errno == EINTR ? -EAGAIN : -errno;
}

static int fill(struct stream_socket *s, int flags)
{
    assert(s->at == s->end);
    ssize_t got = receive(s, s->ahead, STREAM_SOCKET_AHEAD_BYTES, flags);
    if (got < 0)
        return (int)got;
    s->at = 0;
    s->end = (size_t)got;
    return 0;
}

static size_t take_held(struct stream_socket *s, void *to, size_t count)
{
    size_t held = s->end - s->at;
    if (count > held)
        count = held;
    memcpy(to, s->ahead + s->at, count);
    s->at += count;
    return count;
}

/* Some of the bytes, at least one; what is large goes where it belongs. */
static ssize_t read_some(struct stream_socket *s, void *to, size_t count)
{
    if (s->at == s->end && count >= STREAM_SOCKET_AHEAD_BYTES / 2) {
        size_t most = count < STREAM_SOCKET_AHEAD_BYTES
                          ? count
                          : STREAM_SOCKET_AHEAD_BYTES;
        return receive(s, to, most, MSG_WAITALL);
    }
    int error = s->at == s->end ? fill(s, 0) : 0;
    return error ? error : (ssize_t)take_held(s, to, count);
}

static int read_all(void *context, void *bytes, size_t count)
{
    struct stream_socket *s = context;
    uint8_t *to = bytes;
    uint64_t since_us = 0; /* Of waiting for this piece; 0: not yet. */
    size_t piece = 0;
    if (s->error)
        return s->error;
    while (count > 0) {
        ssize_t got = read_some(s, to, count);
        if (got == -EAGAIN) {
            uint64_t now = now_us();
            since_us = since_us ? since_us : now;
            if (now - since_us >= s->patience_us)
                return -ETIMEDOUT;
            continue;
        }
        if (got < 0)
            return (int)got;
        to += got;
        count -= (size_t)got;
        piece += (size_t)got;
        if (piece >= STREAM_SOCKET_AHEAD_BYTES) {
            piece = 0;
            since_us = 0;
        }
    }
    return 0;
}

static int send_all(struct stream_socket *s, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;
    while (count > 0) {
        ssize_t put = send(s->socket, from, count, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        from += put;
        count -= (size_t)put;
    }
    return 0;
}

/* All parts one behind the other, if they are short; 0: they are not. */
static size_t join(const struct iovec *parts,
                   size_t count,
                   uint8_t ret[SHORT_BYTES])
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].iov_len > SHORT_BYTES - bytes)
            return 0;
        if (parts[i].iov_len > 0)
            memcpy(ret + bytes, parts[i].iov_base, parts[i].iov_len);
        bytes += parts[i].iov_len;
    }
    return bytes;
}

static int write_parts(void *context, const struct iovec *parts, size_t count)
{
    struct stream_socket *s = context;
    uint8_t joined[SHORT_BYTES];
    struct iovec rest[PARTS_MAX];
    assert(count <= PARTS_MAX);
    size_t bytes = join(parts, count, joined);
    if (bytes > 0)
        return send_all(s, joined, bytes);
    memcpy(rest, parts, count * sizeof parts[0]);
    struct msghdr message = {.msg_iov = rest, .msg_iovlen = count};
    while (message.msg_iovlen > 0) {
        ssize_t put = sendmsg(s->socket, &message, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        size_t gone = (size_t)put;
        while (message.msg_iovlen > 0 && gone >= message.msg_iov->iov_len) {
            gone -= message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (message.msg_iovlen > 0) {
            message.msg_iov->iov_base =
                (uint8_t *)message.msg_iov->iov_base + gone;
            message.msg_iov->iov_len -= gone;
        }
    }
    return 0;
}

static int write_all(void *context, const void *bytes, size_t count)
{
    return send_all(context, bytes, count);
}

static bool holds(void *context)
{
    const struct stream_socket *s = context;
    return s->at < s->end || s->error;
}

/* SO_RCVTIMEO stays as it is for like times: a power of two, within patience,
 * which read() may need next. */
static void set_receive_time(struct stream_socket *s, uint64_t wait_us)
{
    if (wait_us > s->patience_us)
        wait_us = s->patience_us;
    uint64_t wait_ms = (wait_us + 999) / 1000;
    uint32_t ms = 1;
    while (ms < RECEIVE_MS_MAX && 2 * ms <= wait_ms)
        ms *= 2;
    if (ms != s->receive_ms &&
        set_time(s->socket, SO_RCVTIMEO, (uint64_t)ms * 1000) == 0)
        s->receive_ms = ms;
}

static int look(void *context, uint64_t wait_us)
{
    struct stream_socket *s = context;
    if (holds(s))
        return 0;
    if (wait_us > 0)
        set_receive_time(s, wait_us);
    int error = fill(s, wait_us > 0 ? 0 : MSG_DONTWAIT);
    if (error == -EAGAIN)
        return error;
    s->error = error;
    return 0;
}

ssize_t stream_socket_take(struct stream_socket *s,
                           void *to,
                           size_t room,
                           uint64_t wait_us)
{
    int error = look(s, wait_us);
    if (!error)
        error = s->error;
    return error ? error : (ssize_t)take_held(s, to, room);
}

int stream_socket_init(struct stream_socket *s,
                       int socket,
                       uint64_t patience_us)
{
    int flags = fcntl(socket, F_GETFL);
    if (flags < 0 || fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return -errno;
    int error = set_time(socket, SO_SNDTIMEO, patience_us);
    if (!error)
        error = set_time(socket, SO_RCVTIMEO, FIRST_RECEIVE_MS * 1000);
    if (error)
        return error;
    uint8_t *ahead = malloc(STREAM_SOCKET_AHEAD_BYTES);
    if (!ahead)
        return -ENOMEM;
    *s = (struct stream_socket){.socket = socket,
                                .patience_us = patience_us,
                                .receive_ms = FIRST_RECEIVE_MS,
                                .ahead = ahead};
    return 0;
}

void stream_socket_finish(struct stream_socket *s)
{
    free(s->ahead);
    *s = (struct stream_socket){.socket = -1};
}

struct stream stream_socket_of(struct stream_socket *s)
{
    return (struct stream){.context = s,
                           .write = write_all,
                           .read = read_all,
                           .wait_on = s->socket,
                           .holds = holds,
                           .write_parts = write_parts,
                           .look = look};
}

static int set_number(int socket, int level, int option, uint64_t value)
{
    int number = value < INT32_MAX ? (int)value : INT32_MAX;
    return setsockopt(socket, level, option, &number, sizeof number) ? -errno
                                                                     : 0;
}

int stream_socket_keep_alive(int socket, uint64_t silence_us)
{
    enum { PROBES = 3 };
    uint64_t seconds = silence_us / 1000000 / (PROBES + 1);
    seconds = seconds > 0 ? seconds : 1;
    const struct
    {
        int level;
        int option;
        uint64_t value;
    } all[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, silence_us / 1000},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, seconds},
        {IPPROTO_TCP, TCP_KEEPINTVL, seconds},
        {IPPROTO_TCP, TCP_KEEPCNT, PROBES},
    };
    int error = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0] && !error; i++)
        error = set_number(socket, all[i].level, all[i].option, all[i].value);
    return error;
}
