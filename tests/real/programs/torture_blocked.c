/* torture_blocked.c - every call that a process can wait in for another one: a
 * child ends each wait. What is waited for is made first, so that the child has
 * it. */
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_NS = 250 * 1000 * 1000, ROOM_BYTES = 65536, MESSAGE_TYPE = 7 };

/* What a wait and the child that ends it both know. */
struct meeting
{
    int ends[2]; /* A pipe, or a pair of sockets. */
    int file;
    int id; /* Of System V. */
    struct sockaddr_in address;
    pid_t waiter;
};

struct kind
{
    const char *name;
    int (*prepare)(struct meeting *m);
    int (*wait)(struct meeting *m); /* 0, or what was wrong. */
    void (*end)(struct meeting *m); /* In the child. */
};

static int prepare_nothing(struct meeting *m)
{
    (void)m;
    return 0;
}

static int prepare_pipe(struct meeting *m)
{
    return pipe2(m->ends, O_CLOEXEC);
}

static int prepare_full_pipe(struct meeting *m)
{
    static const char room[ROOM_BYTES];
    if (pipe2(m->ends, O_CLOEXEC))
        return -1;
    fcntl(m->ends[1], F_SETPIPE_SZ, ROOM_BYTES);
    return write(m->ends[1], room, sizeof room) == sizeof room ? 0 : -1;
}

static int prepare_sockets(struct meeting *m)
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, m->ends);
}

static int prepare_listener(struct meeting *m)
{
    socklen_t bytes = sizeof m->address;
    m->address.sin_family = AF_INET;
    m->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    m->file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return m->file < 0 ||
           bind(m->file, (struct sockaddr *)&m->address, bytes) ||
           getsockname(m->file, (struct sockaddr *)&m->address, &bytes) ||
           listen(m->file, 1);
}

static int prepare_event(struct meeting *m)
{
    m->file = eventfd(0, EFD_CLOEXEC);
    return m->file < 0;
}

static int prepare_inotify(struct meeting *m)
{
    m->file = inotify_init1(IN_CLOEXEC);
    return m->file < 0 || inotify_add_watch(m->file, ".", IN_CREATE) < 0;
}

static int prepare_fifo(struct meeting *m)
{
    (void)m;
    return mkfifo("fifo", 0600);
}

static int prepare_file(struct meeting *m)
{
    m->file = open("held", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return m->file < 0;
}

static int prepare_queue(struct meeting *m)
{
    m->id = msgget(IPC_PRIVATE, 0600);
    return m->id < 0;
}

static int prepare_semaphore(struct meeting *m)
{
    m->id = semget(IPC_PRIVATE, 1, 0600);
    return m->id < 0;
}

static void taken(int signal)
{
    (void)signal;
}

static int prepare_signal(struct meeting *m)
{
    const struct sigaction action = {.sa_handler = taken};
    sigset_t blocked;
    (void)m;
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    return sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* ---- Waits. -------------------------------------------------------------- */

static const struct timespec long_time = {.tv_sec = 30};

static int expect(long got, long expected)
{
    return got == expected ? 0 : got < 0 && errno ? errno : -1;
}

static int wait_ppoll(struct meeting *m)
{
    struct pollfd ready = {.fd = m->ends[0], .events = POLLIN};
    return expect(ppoll(&ready, 1, &long_time, NULL), 1);
}

static int wait_pselect(struct meeting *m)
{
    fd_set in;
    FD_ZERO(&in);
    FD_SET(m->ends[0], &in);
    return expect(pselect(m->ends[0] + 1, &in, NULL, NULL, &long_time, NULL),
                  1);
}

static int wait_epoll_pwait(struct meeting *m)
{
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(set, EPOLL_CTL_ADD, m->ends[0], &event);
    int error = expect(epoll_pwait(set, &event, 1, -1, NULL), 1);
    close(set);
    return error;
}

static int wait_recvmsg(struct meeting *m)
{
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return expect(recvmsg(m->ends[0], &message, 0), 1);
}

static int wait_readv(struct meeting *m)
{
    char byte;
    struct iovec part = {&byte, 1};
    return expect(readv(m->ends[0], &part, 1), 1);
}

static int wait_write(struct meeting *m)
{
    return expect(write(m->ends[1], "12345", 5), 5);
}

static int wait_accept(struct meeting *m)
{
    int socket = accept4(m->file, NULL, NULL, SOCK_CLOEXEC);
    int error = socket < 0 ? errno : 0;
    if (!error)
        close(socket);
    return error;
}

static int wait_read_word(struct meeting *m)
{
    uint64_t word[64];
    return read(m->file, word, sizeof word) >= (long)sizeof *word ? 0 : errno;
}

static int wait_open(struct meeting *m)
{
    (void)m;
    int file = open("fifo", O_RDONLY | O_CLOEXEC);
    int error = file < 0 ? errno : 0;
    if (!error)
        close(file);
    return unlink("fifo") ? errno : error;
}

/* The child has the lock long before this asks for it. */
static void let_child_begin(void)
{
    const struct timespec tenth = {.tv_nsec = WAIT_NS / 4};
    nanosleep(&tenth, NULL);
}

static int wait_setlkw(struct meeting *m)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    let_child_begin();
    return fcntl(m->file, F_SETLKW, &lock) ? errno : 0;
}

static int wait_flock(struct meeting *m)
{
    let_child_begin();
    return flock(m->file, LOCK_EX) ? errno : 0;
}

static int wait_msgrcv(struct meeting *m)
{
    struct
    {
        long type;
        char text[8];
    } message;
    int error = expect(
        msgrcv(m->id, &message, sizeof message.text, MESSAGE_TYPE, 0), 3);
    msgctl(m->id, IPC_RMID, NULL);
    return error;
}

static int wait_semtimedop(struct meeting *m)
{
    struct sembuf take = {.sem_op = -1};
    int error = semtimedop(m->id, &take, 1, &long_time) ? errno : 0;
    semctl(m->id, 0, IPC_RMID);
    return error;
}

static int wait_sigsuspend(struct meeting *m)
{
    sigset_t none;
    (void)m;
    sigemptyset(&none);
    sigsuspend(&none);
    return errno == EINTR ? 0 : errno;
}

static int wait_sigtimedwait(struct meeting *m)
{
    sigset_t set;
    siginfo_t info;
    (void)m;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return expect(sigtimedwait(&set, &info, &long_time), SIGUSR1);
}

/* SIGUSR1 comes while it is blocked, and interrupts nothing. */
static int wait_waitid(struct meeting *m)
{
    siginfo_t info;
    (void)m;
    return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) ? errno : 0;
}

/* Nobody wakes it: the time ends it. */
static int wait_futex(struct meeting *m)
{
    struct timespec until;
    sem_t semaphore;
    (void)m;
    sem_init(&semaphore, 0, 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAIT_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    sem_timedwait(&semaphore, &until);
    return errno == ETIMEDOUT ? 0 : errno;
}

static int wait_poll_time(struct meeting *m)
{
    (void)m;
    return poll(NULL, 0, WAIT_NS / 1000000) ? errno : 0;
}

/* ---- What ends them. ----------------------------------------------------- */

static void end_nothing(struct meeting *m)
{
    (void)m;
}

static void end_byte(struct meeting *m)
{
    if (write(m->ends[1], "x", 1) != 1)
        _exit(EXIT_WRONG);
}

static void end_room(struct meeting *m)
{
    char room[ROOM_BYTES];
    if (read(m->ends[0], room, sizeof room) != sizeof room)
        _exit(EXIT_WRONG);
}

static void end_connect(struct meeting *m)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(s, (struct sockaddr *)&m->address, sizeof m->address))
        _exit(EXIT_WRONG);
}

static void end_word(struct meeting *m)
{
    if (eventfd_write(m->file, 1))
        _exit(EXIT_WRONG);
}

static void end_file(struct meeting *m)
{
    (void)m;
    if (close(open("seen", O_CREAT | O_WRONLY, 0600)) || unlink("seen"))
        _exit(EXIT_WRONG);
}

static void end_fifo(struct meeting *m)
{
    (void)m;
    if (open("fifo", O_WRONLY) < 0)
        _exit(EXIT_WRONG);
}

static void end_message(struct meeting *m)
{
    const struct
    {
        long type;
        char text[8];
    } message = {MESSAGE_TYPE, "abc"};
    if (msgsnd(m->id, &message, 3, 0))
        _exit(EXIT_WRONG);
}

static void end_semaphore(struct meeting *m)
{
    struct sembuf give = {.sem_op = 1};
    if (semop(m->id, &give, 1))
        _exit(EXIT_WRONG);
}

static void end_signal(struct meeting *m)
{
    kill(m->waiter, SIGUSR1);
}

static const struct kind KINDS[] = {
    {"ppoll", prepare_pipe, wait_ppoll, end_byte},
    {"pselect", prepare_pipe, wait_pselect, end_byte},
    {"epoll_pwait", prepare_pipe, wait_epoll_pwait, end_byte},
    {"readv", prepare_pipe, wait_readv, end_byte},
    {"write", prepare_full_pipe, wait_write, end_room},
    {"recvmsg", prepare_sockets, wait_recvmsg, end_byte},
    {"accept", prepare_listener, wait_accept, end_connect},
    {"eventfd", prepare_event, wait_read_word, end_word},
    {"inotify", prepare_inotify, wait_read_word, end_file},
    {"open", prepare_fifo, wait_open, end_fifo},
    {"setlkw", prepare_file, wait_setlkw, end_nothing},
    {"flock", prepare_file, wait_flock, end_nothing},
    {"msgrcv", prepare_queue, wait_msgrcv, end_message},
    {"semtimedop", prepare_semaphore, wait_semtimedop, end_semaphore},
    {"sigsuspend", prepare_signal, wait_sigsuspend, end_signal},
    {"sigtimedwait", prepare_signal, wait_sigtimedwait, end_signal},
    {"waitid", prepare_nothing, wait_waitid, end_nothing},
    {"sem_timedwait", prepare_nothing, wait_futex, end_nothing},
    {"poll", prepare_nothing, wait_poll_time, end_nothing},
};

/* Both locks from the beginning to its end, whichever is waited for. */
static void child(const struct kind *kind, struct meeting *m)
{
    const struct timespec time = {.tv_nsec = WAIT_NS};
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int own = open("held", O_RDWR | O_CLOEXEC);
    if (own >= 0 && (fcntl(own, F_SETLK, &lock) || flock(own, LOCK_EX)))
        _exit(EXIT_WRONG);
    nanosleep(&time, NULL);
    kind->end(m);
    _exit(EXIT_RIGHT);
}

static int meet(const struct kind *kind)
{
    struct meeting m = {{-1, -1}, -1, -1, {0}, getpid()};
    int status = -1;
    if (kind->prepare(&m))
        return torture_wrong(kind->name, 0, errno);
    pid_t pid = fork();
    if (pid == 0)
        child(kind, &m);
    errno = 0;
    int error = kind->wait(&m);
    if (waitpid(pid, &status, 0) != pid || status || error)
        return torture_wrong(kind->name, 0, error ? error : status);
    close(m.ends[0]);
    close(m.ends[1]);
    close(m.file);
    unlink("held");
    return EXIT_RIGHT;
}

int torture_blocked(long length, long argument)
{
    const size_t count = sizeof KINDS / sizeof KINDS[0];
    (void)argument;
    for (long i = 0; i * 4 < length || i < (long)count; i++) {
        int status = meet(&KINDS[(size_t)i % count]);
        if (status != EXIT_RIGHT)
            return status;
        torture_right(KINDS[(size_t)i % count].name, (uint64_t)i);
    }
    return EXIT_RIGHT;
}
