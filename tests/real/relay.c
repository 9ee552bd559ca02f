/* relay.c - see relay.h. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CABLES_MAX = 32 };

static volatile sig_atomic_t cut_now;

static void on_cut(int signal)
{
    (void)signal;
    cut_now = 1;
}

static int connect_to(const char *name)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)atoi(strrchr(name, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(s, (struct sockaddr *)&address, sizeof address) < 0) {
        close(s);
        return -1;
    }
    return s;
}

/* A connection: who connected, and the host. */
struct pair
{
    int ends[2];
    uint64_t carried; /* To the host. */
};

/* False: it is cut. */
static bool copy(struct pair *pair, size_t from, uint64_t cut_after)
{
    char bytes[65536];
    ssize_t got = recv(pair->ends[from], bytes, sizeof bytes, 0);
    if (got <= 0 ||
        send(pair->ends[1 - from], bytes, (size_t)got, MSG_NOSIGNAL) != got)
        return false;
    if (from == 0)
        pair->carried += (uint64_t)got;
    return cut_after == 0 || pair->carried < cut_after;
}

static void relay_step(int listener,
                       const char *name,
                       uint64_t cut_after,
                       struct pair *pairs,
                       size_t *count)
{
    struct pollfd files[1 + 2 * CABLES_MAX];
    files[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (size_t i = 0; i < 2 * *count; i++)
        files[1 + i] =
            (struct pollfd){.fd = pairs[i / 2].ends[i % 2], .events = POLLIN};
    if (poll(files, 1 + 2 * *count, -1) < 0 && !cut_now)
        return;
    for (size_t i = *count; i-- > 0;) {
        bool whole = !cut_now;
        for (size_t k = 0; whole && k < 2; k++)
            if (files[1 + 2 * i + k].revents)
                whole = copy(&pairs[i], k, cut_after);
        if (whole)
            continue;
        close(pairs[i].ends[0]);
        close(pairs[i].ends[1]);
        --*count;
        memmove(&pairs[i], &pairs[i + 1], (*count - i) * sizeof pairs[0]);
    }
    cut_now = 0;
    if (!(files[0].revents & POLLIN) || *count == CABLES_MAX)
        return;
    struct pair *pair = &pairs[(*count)++];
    *pair = (struct pair){.ends = {accept(listener, NULL, NULL), -1}};
    pair->ends[1] = connect_to(name);
}

pid_t begin_cable(const char *to, char name[NAME_BYTES], uint64_t cut_after)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t bytes = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 16);
    getsockname(listener, (struct sockaddr *)&address, &bytes);
    snprintf(name, NAME_BYTES, "127.0.0.1:%d", ntohs(address.sin_port));
    pid_t pid = fork();
    if (pid == 0) {
        struct pair pairs[CABLES_MAX];
        size_t count = 0;
        struct sigaction action = {.sa_handler = on_cut};
        sigaction(SIGUSR1, &action, NULL);
        alarm(LIMIT_S);
        for (;;)
            relay_step(listener, to, cut_after, pairs, &count);
    }
    close(listener);
    return pid;
}

void end_cable(pid_t cable)
{
    kill(cable, SIGKILL);
    waitpid(cable, NULL, 0);
}
