/* torture_calls.c - calls whose effects stay at home. */
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static int limit_files(long count)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return -errno;
    limit.rlim_cur = (rlim_t)count + 64;
    return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

/* Open all the time, each with an offset of its own. */
int torture_files(long length, long argument)
{
    long count = argument ? argument : 4096;
    int *files = calloc((size_t)count, sizeof *files);
    uint64_t state = 1;
    if (limit_files(count))
        return EXIT_SKIPPED;
    for (long i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "file%ld", i);
        files[i] = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (files[i] < 0)
            return torture_wrong("open", i, -errno);
        dprintf(files[i], "%ld %0*d\n", i, (int)(i % 100) + 1, 0);
    }
    for (long round = 0; round < length; round++) {
        state = torture_work(state);
        for (long i = round; i < count; i += 61)
            dprintf(files[i], "round %ld\n", round);
    }
    for (long i = 0; i < count; i++) {
        off_t at = lseek(files[i], 0, SEEK_CUR);
        char number[16] = {0};
        if (pread(files[i], number, 8, 0) <= 0 || strtol(number, NULL, 10) != i)
            return torture_wrong("pread", i, strtol(number, NULL, 10));
        state = torture_next(state ^ (uint64_t)at);
        close(files[i]);
        char name[32];
        snprintf(name, sizeof name, "file%ld", i);
        if (i % 64 && unlink(name))
            return torture_wrong("unlink", i, -errno);
    }
    return torture_right("files", state);
}

static int send_descriptor(int socket, int descriptor, long round)
{
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec parts[2] = {{&round, sizeof round}, {"parts", 5}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    return (int)sendmsg(socket, &message, 0);
}

static int take_descriptor(int socket, long *ret_round)
{
    char control[CMSG_SPACE(sizeof(int))] = {0}, text[8] = {0};
    struct iovec parts[2] = {{ret_round, sizeof *ret_round},
                             {text, sizeof text}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) !=
            (int)sizeof *ret_round + 5 ||
        memcmp(text, "parts", 5) != 0 || !CMSG_FIRSTHDR(&message))
        return -1;
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

/* A pipe's end travels through a socket, and what is written there comes out.
 */
int torture_messages(long length, long argument)
{
    (void)argument;
    int sockets[2], pipes[2];
    uint64_t state = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) ||
        pipe(pipes))
        return torture_wrong("socketpair", 0, -errno);
    for (long round = 0; round < length; round++) {
        long got = -1, read_back = -1;
        if (send_descriptor(sockets[0], pipes[1], round) < 0)
            return torture_wrong("sendmsg", 0, -errno);
        state = torture_work(state);
        int end = take_descriptor(sockets[1], &got);
        if (end < 0 || got != round)
            return torture_wrong("recvmsg", round, got);
        if (write(end, &round, sizeof round) != sizeof round ||
            read(pipes[0], &read_back, sizeof read_back) != sizeof read_back)
            return torture_wrong("pipe", round, -errno);
        if (read_back != round || close(end))
            return torture_wrong("pipe", round, read_back);
    }
    return torture_right("messages", state);
}

/* What it holds, a child at home cannot take, wherever the holder computes. */
int torture_locks(long length, long argument)
{
    (void)argument;
    int file = open("locked", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
    if (file < 0 || fcntl(file, F_SETLK, &lock) || flock(file, LOCK_EX))
        return torture_wrong("lock", 0, -errno);
    uint64_t state = 1;
    for (long round = 0; round < length; round++) {
        state = torture_work(state);
        if (round % 10)
            continue;
        pid_t child = fork();
        if (child == 0) {
            int own = open("locked", O_RDWR);
            struct flock seen = {.l_type = F_WRLCK,
                                 .l_whence = SEEK_SET,
                                 .l_start = 12,
                                 .l_len = 1};
            _exit(!(fcntl(own, F_GETLK, &seen) == 0 && seen.l_type == F_WRLCK &&
                    seen.l_pid == getppid() &&
                    flock(own, LOCK_EX | LOCK_NB) < 0));
        }
        int status = -1;
        waitpid(child, &status, 0);
        if (status)
            return torture_wrong("locked", 0, status);
    }
    return torture_right("locks", state);
}

struct identity
{
    pid_t pid, parent, group, session;
    uid_t uid;
    struct utsname name;
    struct rlimit files;
    char folder[PATH_BYTES];
};

static void identify(struct identity *me)
{
    memset(me, 0, sizeof *me);
    me->pid = getpid();
    me->parent = getppid();
    me->group = getpgrp();
    me->session = getsid(0);
    me->uid = geteuid();
    uname(&me->name);
    getrlimit(RLIMIT_NOFILE, &me->files);
    if (!getcwd(me->folder, sizeof me->folder))
        me->folder[0] = 0;
}

/* It stays who it is. */
int torture_identity(long length, long argument)
{
    (void)argument;
    struct identity first, now;
    uint64_t state = 1;
    identify(&first);
    for (long i = 0; i < length; i++) {
        state = torture_work(state);
        identify(&now);
        if (memcmp(&first, &now, sizeof now) != 0)
            return torture_wrong("identity", first.pid, now.pid);
    }
    printf("%s %s\n", first.name.nodename, first.folder);
    return torture_right("identity", state);
}

int torture_fork(long length, long argument)
{
    (void)argument;
    uint64_t state = 1;
    for (long i = 0; i < length; i++) {
        int pipes[2];
        if (pipe(pipes))
            return torture_wrong("pipe", 0, -errno);
        pid_t child = fork();
        if (child == 0) {
            state = torture_next(state);
            _exit(write(pipes[1], &state, sizeof state) != sizeof state);
        }
        state = torture_work(state);
        uint64_t other = 0;
        int status = -1;
        if (read(pipes[0], &other, sizeof other) != sizeof other ||
            waitpid(child, &status, 0) != child || status)
            return torture_wrong("child", 0, status);
        state ^= other;
        close(pipes[0]);
        close(pipes[1]);
    }
    return torture_right("fork", state);
}

/* The argument counts how often it became itself. */
int torture_execute(long length, long argument)
{
    uint64_t state = torture_work(torture_work((uint64_t)argument));
    if (length <= argument * 2)
        return torture_right("execute", state);
    char self[PATH_BYTES] = {0}, tenths[24], next[24];
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return torture_wrong("readlink", 0, -errno);
    snprintf(tenths, sizeof tenths, "%ld", length);
    snprintf(next, sizeof next, "%ld", argument + 1);
    printf("%ld %016lx\n", argument, (unsigned long)state);
    fflush(stdout);
    execl(self, self, "execute", tenths, next, (char *)NULL);
    return torture_wrong("execl", 0, -errno);
}

/* A program that is there, and one that is not. */
int torture_spawn(long length, long argument)
{
    (void)argument;
    extern char **environ;
    char *const words[] = {"true", NULL};
    uint64_t state = 1;
    for (long i = 0; i < length; i++) {
        pid_t child = -1;
        int status = -1,
            error = posix_spawnp(&child, "true", NULL, NULL, words, environ);
        if (error || waitpid(child, &status, 0) != child || status)
            return torture_wrong("spawn", 0, error ? error : status);
        error = posix_spawnp(&child, "./not there", NULL, NULL, words, environ);
        if (error != ENOENT)
            return torture_wrong("spawn of nothing", ENOENT, error);
        state = torture_work(state);
    }
    return torture_right("spawn", state);
}

static void *compute(void *argument)
{
    uint64_t *state = argument;
    *state = torture_work(*state);
    return NULL;
}

int torture_threads(long length, long argument)
{
    (void)argument;
    uint64_t state = 1;
    for (long i = 0; i < length; i++) {
        pthread_t thread;
        uint64_t other = (uint64_t)i;
        if (pthread_create(&thread, NULL, compute, &other))
            return torture_wrong("pthread_create", 0, -errno);
        state = torture_work(state);
        pthread_join(thread, NULL);
        state ^= other;
    }
    return torture_right("threads", state);
}
