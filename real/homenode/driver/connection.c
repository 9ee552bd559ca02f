/* connection.c - see connection.h. */
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 3000, CLOSE_MS = 100, BACKLOG = 64 };

int token_make(char ret[TOKEN_BYTES])
{
    uint8_t bytes[TOKEN_BYTES / 2];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return -errno;
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

/* ADDR:PORT, [ADDR]:PORT for one with colons. */
static int resolve(const char *address,
                   int flags,
                   struct addrinfo **ret,
                   struct complaint *c)
{
    char host[ADDRESS_BYTES];
    const char *colon = strrchr(address, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    if (!colon || colon == address || strlen(address) >= sizeof host)
        return complain(c, -EINVAL, address, 0, 0,
                        "not an address and a port, write 192.0.2.1:7700");
    size_t bytes = (size_t)(colon - address);
    memcpy(host, address, bytes);
    host[bytes] = 0;
    char *name = host;
    if (host[0] == '[' && host[bytes - 1] == ']') {
        host[bytes - 1] = 0;
        name++;
    }
    int error = getaddrinfo(name, colon + 1, &hints, ret);
    return error
               ? complain(c, -ENOENT, address, 0, 0, "%s", gai_strerror(error))
               : 0;
}

int address_listen(const char *address,
                   int *ret_socket,
                   char ret_name[ADDRESS_BYTES],
                   struct complaint *c)
{
    struct addrinfo *list;
    struct sockaddr_storage bound;
    socklen_t bytes = sizeof bound;
    char host[64];
    char port[16];
    const int on = 1;
    int error = resolve(address, AI_PASSIVE, &list, c);
    if (error)
        return error;
    int s =
        socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(s, list->ai_addr, list->ai_addrlen) < 0 ||
        listen(s, BACKLOG) < 0 ||
        getsockname(s, (struct sockaddr *)&bound, &bytes) < 0)
        error = complain(c, -errno, address, 0, 0, "cannot listen there: %s",
                         strerror(errno));
    freeaddrinfo(list);
    if (!error &&
        getnameinfo((struct sockaddr *)&bound, bytes, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        error = complain(c, -EINVAL, address, 0, 0, "it has no name");
    if (error) {
        if (s >= 0)
            close(s);
        return error;
    }
    snprintf(ret_name, ADDRESS_BYTES, strchr(host, ':') ? "[%s]:%s" : "%s:%s",
             host, port);
    *ret_socket = s;
    return 0;
}

static int finish_connecting(int s)
{
    struct pollfd ready = {.fd = s, .events = POLLOUT};
    int error = 0;
    socklen_t bytes = sizeof error;
    int count = poll(&ready, 1, CONNECT_MS);
    if (count <= 0)
        return count < 0 ? -errno : -ETIMEDOUT;
    if (getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
        return -errno;
    return -error;
}

int address_connect(const char *address, int *ret_socket, struct complaint *c)
{
    struct addrinfo *list;
    int error = resolve(address, 0, &list, c);
    if (error)
        return error;
    int s =
        socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    error = s < 0 ? -errno : 0;
    if (!error && connect(s, list->ai_addr, list->ai_addrlen) < 0)
        error = errno == EINPROGRESS ? finish_connecting(s) : -errno;
    freeaddrinfo(list);
    if (error) {
        if (s >= 0)
            close(s);
        return complain(c, error, address, 0, 0,
                        "cannot be reached: %s, is `homenode serve` running "
                        "there",
                        strerror(-error));
    }
    fcntl(s, F_SETFL, fcntl(s, F_GETFL) & ~O_NONBLOCK);
    *ret_socket = s;
    return 0;
}

int line_put(int socket, const char *text, ...)
{
    char line[LINE_BYTES];
    va_list list;
    va_start(list, text);
    int bytes = vsnprintf(line, sizeof line - 1, text, list);
    va_end(list);
    if (bytes < 0 || (size_t)bytes >= sizeof line - 1)
        return -E2BIG;
    line[bytes++] = '\n';
    ssize_t put = send(socket, line, (size_t)bytes, MSG_NOSIGNAL);
    return put == bytes ? 0 : put < 0 ? -errno : -EPIPE;
}

int line_get(int socket, char ret[LINE_BYTES])
{
    ssize_t seen = recv(socket, ret, LINE_BYTES - 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen == 0)
        return -ENODATA;
    if (seen < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    char *end = memchr(ret, '\n', (size_t)seen);
    if (!end)
        return seen == LINE_BYTES - 1 ? -EBADMSG : -EAGAIN;
    ssize_t bytes = end - ret + 1;
    if (recv(socket, ret, (size_t)bytes, MSG_DONTWAIT) != bytes)
        return -EIO;
    *end = 0;
    return 0;
}

int line_await(int socket, char ret[LINE_BYTES], int milliseconds)
{
    enum { STEP_MS = 5 };
    int error = -EAGAIN;
    /* Half a line makes poll() return at once: be patient with the rest. */
    for (int ms = 0; error == -EAGAIN && ms < milliseconds; ms += STEP_MS) {
        struct pollfd ready = {.fd = socket, .events = POLLIN};
        int count = poll(&ready, 1, STEP_MS);
        if (count > 0)
            error = line_get(socket, ret);
        if (count > 0 && error == -EAGAIN)
            poll(NULL, 0, STEP_MS);
    }
    return error == -EAGAIN ? -ETIMEDOUT : error;
}

int connection_open(struct connection *c, int socket, uint64_t silence_us)
{
    *c = (struct connection){.socket = socket};
    int error = stream_socket_keep_alive(socket, silence_us);
    if (!error)
        error = stream_socket_init(&c->buffered, socket, silence_us);
    if (error) {
        close(socket);
        c->socket = -1;
        return error;
    }
    c->stream = stream_socket_of(&c->buffered);
    return 0;
}

void connection_shut(struct connection *c)
{
    if (c->socket >= 0)
        shutdown(c->socket, SHUT_WR);
}

void connection_close(struct connection *c)
{
    char rest[4096];
    if (c->socket < 0)
        return;
    struct pollfd ready = {.fd = c->socket, .events = POLLIN};
    shutdown(c->socket, SHUT_WR);
    while (poll(&ready, 1, CLOSE_MS) > 0 &&
           recv(c->socket, rest, sizeof rest, MSG_DONTWAIT) > 0)
        continue;
    stream_socket_finish(&c->buffered);
    close(c->socket);
    c->socket = -1;
}
