/* run.c - run a program as a user does, and keep what it wrote. */
#include "run.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 60, OUT = 0, ERR = 1, STREAM_COUNT = 2 };

struct stream
{
    int read_fd;
    int write_fd;
    char *text; /* RUN_TEXT_BYTES_MAX bytes. */
    size_t count;
};

static void open_stream(struct stream *stream, bool on_terminal)
{
    int fds[2];
    if (on_terminal) {
        struct winsize size = {.ws_row = 24, .ws_col = 80};
        int failed = openpty(&fds[0], &fds[1], NULL, NULL, &size);
        assert(!failed);
    } else {
        int failed = pipe(fds);
        assert(!failed);
    }
    stream->read_fd = fds[0];
    stream->write_fd = fds[1];
}

static void become(const struct stream *streams, const char *command)
{
    const char *bin = getenv("BIN");
    const char *path = getenv("PATH");
    char *extended;
    if (!bin || asprintf(&extended, "%s:%s", bin, path ? path : "") < 0)
        _exit(126);
    setenv("PATH", extended, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    dup2(streams[OUT].write_fd, STDOUT_FILENO);
    dup2(streams[ERR].write_fd, STDERR_FILENO);
    for (int i = 0; i < STREAM_COUNT; i++) {
        close(streams[i].read_fd);
        close(streams[i].write_fd);
    }
    alarm(SECONDS_MAX);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* False at its end. A terminal ends with EIO when its last writer has gone. */
static bool drain(struct stream *stream)
{
    size_t room = RUN_TEXT_BYTES_MAX - 1 - stream->count;
    assert(room > 0);
    ssize_t count = read(stream->read_fd, stream->text + stream->count, room);
    if (count < 0 && errno == EINTR)
        return true;
    if (count <= 0)
        return false;
    stream->count += (size_t)count;
    return true;
}

static void collect(struct stream *streams)
{
    struct pollfd polled[STREAM_COUNT];
    for (int i = 0; i < STREAM_COUNT; i++)
        polled[i] = (struct pollfd){streams[i].read_fd, POLLIN, 0};
    int open_count = STREAM_COUNT;
    while (open_count > 0) {
        poll(polled, STREAM_COUNT, -1);
        for (int i = 0; i < STREAM_COUNT; i++) {
            if (polled[i].fd < 0 || !polled[i].revents)
                continue;
            if (!drain(&streams[i])) {
                polled[i].fd = -1;
                open_count--;
            }
        }
    }
    for (int i = 0; i < STREAM_COUNT; i++) {
        close(streams[i].read_fd);
        streams[i].text[streams[i].count] = '\0';
    }
}

void run(struct run *run, bool on_terminal, const char *command)
{
    struct stream streams[STREAM_COUNT] = {{.text = run->out},
                                           {.text = run->err}};
    open_stream(&streams[OUT], on_terminal);
    open_stream(&streams[ERR], false);
    fflush(NULL);
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0)
        become(streams, command);
    for (int i = 0; i < STREAM_COUNT; i++)
        close(streams[i].write_fd);
    collect(streams);
    int status;
    pid_t ended = waitpid(child, &status, 0);
    assert(ended == child);
    run->exit_code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    assert(run->exit_code != 128 + SIGALRM);
}
