/* connection.h - TCP between homes and hosts, and the line that says first what
 * a connection is for:
 *
 *   vencejo HOME token here|elsewhere  a home brings a body; its image comes
 *                                      here, or by an IMAGE of that token
 *   vencejo IMAGE token                the image of a body, from another host
 *   vencejo RESUME token               the stream of that body broke; answered
 *                                      by OK, and the stream follows
 *   vencejo ONWARD token host token    that body is to go to that host next, as
 *                                      the second token; answered by OK or why
 *                                      not
 *
 * A token that is not known, which nobody guesses, is answered by UNKNOWN: its
 * guardian has ended, and the body with it.
 */
#ifndef REAL_HOMENODE_DRIVER_CONNECTION_H
#define REAL_HOMENODE_DRIVER_CONNECTION_H

#include "../../../traces/complaint.h"
#include "../stream_socket.h"

enum {
    TOKEN_BYTES = 33, /* 128 random bits in hexadecimal, and the 0. */
    ADDRESS_BYTES = 128,
    LINE_BYTES = 256,
};

struct connection
{
    int socket; /* -1: closed. */
    struct stream_socket buffered;
    struct stream stream;
};

/* A new token. 0 or negative errno. */
int token_make(char ret[TOKEN_BYTES]);

/* Listen at ADDR:PORT; port 0 takes a free one. ret_name: as it is then. */
int address_listen(const char *address,
                   int *ret_socket,
                   char ret_name[ADDRESS_BYTES],
                   struct complaint *ret_complaint);

/* A connected socket, within 3 s. */
int address_connect(const char *address,
                    int *ret_socket,
                    struct complaint *ret_complaint);

/* Say the line; the newline is added. */
int line_put(int socket, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

/* Its first line, nothing behind it: -EAGAIN if it is not whole yet, -EBADMSG
 * if there is none in LINE_BYTES, -ENODATA at the end. */
int line_get(int socket, char ret[LINE_BYTES]);

/* The same, waiting for it so long. */
int line_await(int socket, char ret[LINE_BYTES], int milliseconds);

/* Make a stream of a connected socket, which is the connection's from then on,
 * also if this fails. silence_us: of the other, before it counts as gone. */
int connection_open(struct connection *c, int socket, uint64_t silence_us);

/* Say that nothing follows; it is closed later. */
void connection_shut(struct connection *c);

/* Say that nothing follows, give the other a moment to hear what was said last,
 * and close. */
void connection_close(struct connection *c);

#endif /* REAL_HOMENODE_DRIVER_CONNECTION_H */
