/* stream_socket.h - a stream on a socket, quick for short messages.
 *
 * It reads ahead, so that a record costs one read(2) and often none, sends a
 * record with one sendmsg(2), and waits in recv(2), without poll(2). No call
 * waits for ever: whoever sends half a record and stops breaks the stream.
 */
#ifndef REAL_HOMENODE_STREAM_SOCKET_H
#define REAL_HOMENODE_STREAM_SOCKET_H

#include <sys/types.h>

#include "stream.h"

enum { STREAM_SOCKET_AHEAD_BYTES = 64 * 1024 };

struct stream_socket
{
    int socket; /* The caller's. */
    uint64_t patience_us;
    uint32_t receive_ms; /* As SO_RCVTIMEO stands. */
    uint8_t *ahead;
    size_t at; /* Held: from here */
    size_t end;
    int error; /* Of the last look, for the next read. */
};

/* On a connected stream socket, which is made blocking. patience_us: so long
 * read() and write() wait for each STREAM_SOCKET_AHEAD_BYTES. -ENOMEM, or why
 * the socket could not be set. */
int stream_socket_init(struct stream_socket *s,
                       int socket,
                       uint64_t patience_us);

/* What was read ahead is gone with it. */
void stream_socket_finish(struct stream_socket *s);

struct stream stream_socket_of(struct stream_socket *s);

/* Some bytes, at least one, as many as have come: how many. -EAGAIN: none came
 * for about so long; -ENODATA at the end, or what broke. For who builds a
 * stream upon it. */
ssize_t stream_socket_take(struct stream_socket *s,
                           void *to,
                           size_t room,
                           uint64_t wait_us);

/* For TCP: send at once; notice within silence_us that the other is gone. */
int stream_socket_keep_alive(int socket, uint64_t silence_us);

#endif /* REAL_HOMENODE_STREAM_SOCKET_H */
