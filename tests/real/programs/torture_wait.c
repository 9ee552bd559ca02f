/* torture_wait.c - waits that a move interrupts and nobody must notice. */
#include "torture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TENTH_NS = 100 * 1000 * 1000, LATE_NS = 1500 * 1000 * 1000 };

/* ARGUMENT: so many times as late may it be, where many processes run. */
static int64_t late_ns(long argument)
{
    return (argument ? argument : 1) * (int64_t)LATE_NS;
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Until its end, `ready` telling when there is something: 1, else what it got.
 */
static int read_all(const char *what, int (*ready)(void))
{
    char bytes[512];
    uint64_t sum = 0;
    long count = 0;
    for (;;) {
        int got = ready ? ready() : 1;
        if (got != 1)
            return torture_wrong(what, 1, got < 0 ? -errno : got);
        ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n < 0)
            return torture_wrong("read", 0, -errno);
        if (n == 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            sum = torture_next(sum ^ (unsigned char)bytes[i]);
        count += n;
    }
    printf("%ld bytes\n", count);
    return torture_right(what, sum);
}

static int ready_poll(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 30000);
}

static int ready_select(void)
{
    fd_set in;
    FD_ZERO(&in);
    FD_SET(STDIN_FILENO, &in);
    struct timeval most = {.tv_sec = 30};
    return select(STDIN_FILENO + 1, &in, NULL, NULL, &most);
}

static int ready_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(set, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    int got = epoll_wait(set, &event, 1, 30000);
    close(set);
    return got;
}

int torture_read(long length, long argument)
{
    (void)length, (void)argument;
    return read_all("read", NULL);
}

int torture_poll(long length, long argument)
{
    (void)length, (void)argument;
    return read_all("poll", ready_poll);
}

int torture_select(long length, long argument)
{
    (void)length, (void)argument;
    return read_all("select", ready_select);
}

int torture_epoll(long length, long argument)
{
    (void)length, (void)argument;
    return read_all("epoll", ready_epoll);
}

/* Sleeps of half a second: no shorter, not interrupted, not much longer. */
int torture_nanosleep(long length, long argument)
{
    for (long i = 0; i < length; i += 5) {
        int64_t begun = now_ns(CLOCK_MONOTONIC);
        struct timespec half = {.tv_nsec = 5 * TENTH_NS}, rest = {0};
        if (nanosleep(&half, &rest))
            return torture_wrong("nanosleep", 0, -errno);
        int64_t slept = now_ns(CLOCK_MONOTONIC) - begun;
        if (slept < 5 * TENTH_NS ||
            5 * (int64_t)TENTH_NS + late_ns(argument) < slept)
            return torture_wrong("slept", 5 * TENTH_NS, slept);
    }
    return torture_right("nanosleep", (uint64_t)length);
}

/* To a date of each clock, and by a timer descriptor. */
int torture_clock_nanosleep(long length, long argument)
{
    const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME,
                                CLOCK_BOOTTIME};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    for (long i = 0; i < length; i += 5) {
        clockid_t clock = clocks[i / 5 % 3];
        int64_t until = now_ns(clock) + 3 * (int64_t)TENTH_NS;
        struct timespec date = {until / 1000000000, until % 1000000000};
        int error = clock_nanosleep(clock, TIMER_ABSTIME, &date, NULL);
        int64_t late = now_ns(clock) - until;
        if (error || late < 0 || late_ns(argument) < late)
            return torture_wrong("late", 0, error ? error : late);
        struct itimerspec in = {.it_value = {.tv_nsec = 2 * TENTH_NS}};
        uint64_t expired = 0;
        timerfd_settime(timer, 0, &in, NULL);
        if (read(timer, &expired, sizeof expired) != sizeof expired ||
            expired != 1)
            return torture_wrong("timer", 1, (long)expired);
    }
    return torture_right("clock_nanosleep", (uint64_t)length);
}

/* Children that live for half a second each. */
int torture_wait(long length, long argument)
{
    (void)argument;
    for (long i = 0; i < length; i += 5) {
        pid_t child = fork();
        if (child == 0) {
            struct timespec half = {.tv_nsec = 5 * TENTH_NS};
            nanosleep(&half, NULL);
            _exit((int)(i % 100) + 3);
        }
        int status = 0;
        pid_t got = i % 2 ? waitpid(child, &status, 0) : wait(&status);
        if (got != child)
            return torture_wrong("wait", child, got < 0 ? -errno : got);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != i % 100 + 3)
            return torture_wrong("status", i % 100 + 3, status);
    }
    return torture_right("wait", (uint64_t)length);
}

/* Handlers have no argument. */
static volatile sig_atomic_t ticks_real, ticks_virtual, ticks_profile;

static void tick(int signal)
{
    if (signal == SIGALRM)
        ticks_real++;
    else if (signal == SIGVTALRM)
        ticks_virtual++;
    else
        ticks_profile++;
}

/* Each ticks every 20 ms of its own time, which the kernel counts in ticks of
 * its clock; what a move costs it may miss. */
int torture_itimers(long length, long argument)
{
    (void)argument;
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGVTALRM, &action, NULL);
    sigaction(SIGPROF, &action, NULL);
    const struct itimerval every = {.it_interval = {.tv_usec = 20000},
                                    .it_value = {.tv_usec = 20000}};
    int64_t begun = now_ns(CLOCK_MONOTONIC);
    setitimer(ITIMER_REAL, &every, NULL);
    setitimer(ITIMER_VIRTUAL, &every, NULL);
    setitimer(ITIMER_PROF, &every, NULL);
    uint64_t state = 1;
    for (long i = 0; i < length; i++)
        state = torture_work(state);
    struct itimerval left;
    if (getitimer(ITIMER_REAL, &left) || left.it_interval.tv_usec != 20000)
        return torture_wrong("getitimer", 20000, left.it_interval.tv_usec);
    const struct itimerval none = {0};
    setitimer(ITIMER_REAL, &none, NULL);
    setitimer(ITIMER_VIRTUAL, &none, NULL);
    setitimer(ITIMER_PROF, &none, NULL);
    long real = (now_ns(CLOCK_MONOTONIC) - begun) / 20000000;
    if (ticks_real < real / 20 || real + 2 < ticks_real)
        return torture_wrong("real", real, ticks_real);
    if (ticks_virtual < real / 20 || real * 5 / 4 + 5 < ticks_virtual)
        return torture_wrong("virtual", real, ticks_virtual);
    if (ticks_profile < real / 20 || real * 5 / 4 + 5 < ticks_profile)
        return torture_wrong("profile", real, ticks_profile);
    return torture_right("itimers", state);
}

/* None of them ever goes back. The time of the processor may: back home, the
 * kernel does not know what was used away; it is never more than passed. */
int torture_clocks(long length, long argument)
{
    (void)argument;
    const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC,
                                CLOCK_BOOTTIME};
    int64_t last[3] = {0}, first_cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    int64_t begun = now_ns(CLOCK_MONOTONIC);
    uint64_t state = 1;
    for (long i = 0; i < length * 1000; i++) {
        for (int k = 0; k < 95000; k++)
            state = torture_next(state);
        for (size_t c = 0; c < 3; c++) {
            int64_t now = now_ns(clocks[c]);
            if (now < last[c])
                return torture_wrong("back", (long)c, now - last[c]);
            last[c] = now;
        }
    }
    int64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - first_cpu;
    int64_t wall = now_ns(CLOCK_MONOTONIC) - begun;
    if (wall * 11 / 10 + TENTH_NS < cpu)
        return torture_wrong("cpu", wall, cpu);
    return torture_right("clocks", state);
}
