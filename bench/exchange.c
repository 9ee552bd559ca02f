/* exchange.c - see exchange.h. */
#include "exchange.h"

#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_BYTES = 100, REPLY_BYTES = 44, BARE_CALLS = 4000 };

double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(EXIT_FAILURE);
}

void pin(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0)
        die("no such processor");
}

int listen_here(struct sockaddr_in *ret_address)
{
    socklen_t bytes = sizeof *ret_address;
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET};
    ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s, (struct sockaddr *)ret_address, bytes) < 0 ||
        listen(s, 4) < 0 ||
        getsockname(s, (struct sockaddr *)ret_address, &bytes) < 0)
        die("cannot listen");
    return s;
}

static void send_at_once(int s)
{
    const int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int connect_here(const struct sockaddr_in *address)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(s, (const struct sockaddr *)address, sizeof *address) < 0)
        die("cannot connect");
    send_at_once(s);
    return s;
}

static void open_pair(int ends[2])
{
    struct sockaddr_in address;
    int listener = listen_here(&address);
    ends[0] = connect_here(&address);
    ends[1] = accept(listener, NULL, NULL);
    send_at_once(ends[1]);
    close(listener);
}

/* ---- There and back. ----------------------------------------------------- */

static bool put(int s, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t put = send(s, bytes, count, MSG_NOSIGNAL);
        if (put <= 0)
            return false;
        bytes += put;
        count -= (size_t)put;
    }
    return true;
}

static bool get(int s, char *bytes, size_t count)
{
    return recv(s, bytes, count, MSG_WAITALL) == (ssize_t)count;
}

void exchange_begin(struct exchange *e,
                    size_t out_bytes,
                    size_t back_bytes,
                    int processor)
{
    int ends[2];
    open_pair(ends);
    *e = (struct exchange){
        .socket = ends[0], .out_bytes = out_bytes, .back_bytes = back_bytes};
    size_t room = out_bytes > back_bytes ? out_bytes : back_bytes;
    e->bytes = malloc(room);
    if (!e->bytes)
        die("no memory");
    memset(e->bytes, 1, room); /* Pages of its own. */
    e->pid = fork();
    if (e->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pin(processor);
        close(ends[0]);
        while (get(ends[1], e->bytes, out_bytes) &&
               put(ends[1], e->bytes, back_bytes))
            continue;
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
}

void exchange_end(struct exchange *e)
{
    close(e->socket);
    kill(e->pid, SIGKILL);
    waitpid(e->pid, NULL, 0);
    free(e->bytes);
}

double exchange_us(struct exchange *e, size_t count)
{
    double times[TIMES_MAX];
    for (size_t i = 0; i < count; i++) {
        double start = now_us();
        if (!put(e->socket, e->bytes, e->out_bytes) ||
            !get(e->socket, e->bytes, e->back_bytes))
            die("no exchange");
        times[i] = now_us() - start;
    }
    return median(times, count);
}

/* ---- The bare call. ------------------------------------------------------ */

struct shared
{
    _Atomic uint32_t asked;
    _Atomic uint32_t made;
};

static void wait_on(_Atomic uint32_t *word, uint32_t value)
{
    while (atomic_load(word) == value)
        syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static _Noreturn void make_calls(struct shared *shared)
{
    for (uint32_t count = 0;; count++) {
        wait_on(&shared->asked, count);
        getppid();
        atomic_store(&shared->made, count + 1);
        wake(&shared->made);
    }
}

static _Noreturn void be_home(struct shared *shared, int s)
{
    char bytes[REQUEST_BYTES];
    for (uint32_t count = 0; get(s, bytes, sizeof bytes); count++) {
        atomic_store(&shared->asked, count + 1);
        wake(&shared->asked);
        wait_on(&shared->made, count);
        if (!put(s, bytes, REPLY_BYTES))
            break;
    }
    _exit(EXIT_SUCCESS);
}

/* Its filter's listener is the first descriptor that is free. */
static _Noreturn void be_body(int told, int answers)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {sizeof code / sizeof code[0], code};
    static double times[BARE_CALLS];
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    if (write(told, &listener, sizeof listener) != sizeof listener)
        _exit(EXIT_FAILURE);
    for (int i = 0; i < BARE_CALLS; i++) {
        double start = now_us();
        getppid();
        times[i] = now_us() - start;
    }
    double middle = median(times, BARE_CALLS);
    if (write(answers, &middle, sizeof middle) != sizeof middle)
        _exit(EXIT_FAILURE);
    _exit(EXIT_SUCCESS);
}

static void answer(int listener, int s)
{
    char bytes[REQUEST_BYTES] = {0};
    struct seccomp_notif asked = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        die("the filter tells nothing");
    if (!put(s, bytes, sizeof bytes) || !get(s, bytes, REPLY_BYTES))
        die("the bare home is gone");
    struct seccomp_notif_resp response = {.id = asked.id, .val = 1};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

double bare_call_us(void)
{
    int ends[2];
    int told[2];
    int answers[2];
    int listener;
    double result;
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    open_pair(ends);
    if (shared == MAP_FAILED || pipe(told) < 0 || pipe(answers) < 0)
        die("no pipes");
    pid_t stub = fork();
    if (stub == 0)
        make_calls(shared);
    pid_t home = fork();
    if (home == 0)
        be_home(shared, ends[1]);
    pid_t body = fork();
    if (body == 0)
        be_body(told[1], answers[1]);
    if (read(told[0], &listener, sizeof listener) != sizeof listener)
        die("no bare body");
    int process = (int)syscall(SYS_pidfd_open, body, 0);
    int ours = (int)syscall(SYS_pidfd_getfd, process, listener, 0);
    if (ours < 0)
        die("no filter can be had");
    for (int i = 0; i < BARE_CALLS; i++)
        answer(ours, ends[0]);
    if (read(answers[0], &result, sizeof result) != sizeof result)
        die("the bare body is gone");
    const pid_t all[] = {stub, home, body};
    for (size_t i = 0; i < 3; i++) {
        kill(all[i], SIGKILL);
        waitpid(all[i], NULL, 0);
    }
    const int files[] = {ends[0], ends[1],    told[0],    told[1],
                         process, answers[0], answers[1], ours};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        close(files[i]);
    munmap(shared, sizeof *shared);
    return result;
}
