/* control.c - see control.h. */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "say.h"

enum { LINE_MS = 1000 };

static int address_of(const char *path, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret->sun_path)
        return -ENAMETOOLONG;
    snprintf(ret->sun_path, sizeof ret->sun_path, "%s", path);
    return 0;
}

int control_listen(const char *path, int *ret_socket, struct complaint *c)
{
    struct sockaddr_un address;
    int error = address_of(path, &address);
    int s =
        error ? -1
              : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177);
    if (!error &&
        (s < 0 || bind(s, (struct sockaddr *)&address, sizeof address) < 0 ||
         listen(s, 8) < 0))
        error = -errno;
    umask(mask);
    if (error) {
        if (s >= 0)
            close(s);
        return complain(c, error, path, 0, 0, "cannot be listened at: %s",
                        strerror(-error));
    }
    *ret_socket = s;
    return 0;
}

int control_take(int listener, int *ret_socket, char ret_line[LINE_BYTES])
{
    int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (s < 0)
        return -EAGAIN;
    if (line_await(s, ret_line, LINE_MS) < 0) {
        close(s);
        return -EAGAIN;
    }
    *ret_socket = s;
    return 0;
}

void control_answer(int socket, const char *text)
{
    (void)!send(socket, text, strlen(text), MSG_NOSIGNAL);
    close(socket);
}

int control_ask(const char *path, const char *line)
{
    struct sockaddr_un address;
    char answer[ANSWER_BYTES];
    size_t bytes = 0;
    int error = address_of(path, &address);
    int s = error ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!error &&
        (s < 0 || connect(s, (struct sockaddr *)&address, sizeof address) < 0))
        error = -errno;
    if (!error)
        error = line_put(s, "%s", line);
    if (error) {
        say("%s: %s", path, strerror(-error));
        return EXIT_FAILURE;
    }
    for (ssize_t got = 1;
         got > 0 && bytes<sizeof answer - 1; bytes += got> 0 ? (size_t)got : 0)
        got = read(s, answer + bytes, sizeof answer - 1 - bytes);
    close(s);
    answer[bytes] = 0;
    fputs(answer, stdout);
    return strncmp(answer, "ok", 2) == 0 ? EXIT_SUCCESS : 3;
}
