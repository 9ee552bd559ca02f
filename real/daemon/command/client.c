/* client.c - see client.h. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../control.h"

enum { ANSWER_BYTES_MAX = 64 << 20 };

json_t *client_request(const char *name)
{
    return json_pack("{s:i,s:s}", "vencejo", CONTROL_VERSION, "do", name);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int reach(const char *path, struct complaint *c)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path)
        return complain(c, -ENAMETOOLONG, path, 0, 0,
                        "is too long for a socket");
    memcpy(at.sun_path, path, strlen(path));
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0 && connect(s, (struct sockaddr *)&at, sizeof at) == 0)
        return s;
    int error = -errno;
    if (s >= 0)
        close(s);
    return complain(c, error, path, 0, 0,
                    "no daemon answers there: %s; start vencejod, or name "
                    "its socket by --socket",
                    strerror(-error));
}

static int put(int s, json_t *request)
{
    char *text = json_dumps(request, JSON_COMPACT);
    if (!text)
        return -ENOMEM;
    size_t length = strlen(text), done = 0;
    int error = 0;
    text[length++] = '\n';
    while (done < length && !error) {
        ssize_t count = send(s, text + done, length - done, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR)
            error = -errno;
        done += count > 0 ? (size_t)count : 0;
    }
    free(text);
    return error;
}

/* One line. */
static int get(int s, uint64_t until_ms, FILE *into)
{
    char piece[4096];
    size_t total = 0;
    for (;;) {
        uint64_t at_ms = now_ms();
        struct pollfd p = {.fd = s, .events = POLLIN};
        if (at_ms >= until_ms)
            return -ETIMEDOUT;
        if (poll(&p, 1, (int)(until_ms - at_ms)) <= 0)
            continue;
        ssize_t count = recv(s, piece, sizeof piece, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? -errno : -ECONNRESET;
        total += (size_t)count;
        if (total > ANSWER_BYTES_MAX)
            return -EFBIG;
        fwrite(piece, 1, (size_t)count, into);
        if (piece[count - 1] == '\n')
            return 0;
    }
}

static int exchange(int s,
                    json_t *request,
                    uint64_t patience_ms,
                    json_t **ret_answer)
{
    char *text = NULL;
    size_t bytes;
    FILE *into = open_memstream(&text, &bytes);
    if (!into)
        return -ENOMEM;
    int error = put(s, request);
    if (!error)
        error = get(s, now_ms() + patience_ms, into);
    if (fclose(into) != 0 && !error)
        error = -ENOMEM;
    if (!error) {
        *ret_answer = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
        error = json_is_object(*ret_answer) ? 0 : -EPROTO;
        if (error)
            json_decref(*ret_answer);
    }
    free(text);
    return error;
}

int client_ask(const char *socket_path,
               json_t *request,
               uint64_t patience_ms,
               json_t **ret_answer,
               struct complaint *c)
{
    int s = reach(socket_path, c);
    if (s < 0) {
        json_decref(request);
        return s;
    }
    int error = exchange(s, request, patience_ms, ret_answer);
    close(s);
    json_decref(request);
    return error ? complain(c, error, socket_path, 0, 0,
                            "the daemon did not answer: %s; see its log",
                            strerror(-error))
                 : 0;
}
