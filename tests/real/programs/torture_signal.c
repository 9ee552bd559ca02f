/* torture_signal.c - signals: none lost, none twice, in order, to the right
 * stack, with what was sent along. */
#include "torture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024, BURST = 200 };

static volatile sig_atomic_t next_expected, first_wrong, usual_count;
static char *own_stack;
static volatile sig_atomic_t off_stack;

static void take_value(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    if (info->si_value.sival_int != next_expected && !first_wrong)
        first_wrong = next_expected + 1;
    next_expected++;
}

static void take_usual(int signal)
{
    (void)signal;
    usual_count++;
}

/* A child queues values as fast as they are taken; it is told by a pipe. */
static _Noreturn void send_bursts(int from, long bursts)
{
    int value = 0;
    char go = 0;
    for (long i = 0; i < bursts && read(from, &go, 1) == 1; i++) {
        for (int k = 0; k < BURST; k++) {
            while (sigqueue(getppid(), SIGRTMIN, (union sigval){value}) &&
                   errno == EAGAIN)
                usleep(1000);
            value++;
            if (k % 10 == 0)
                kill(getppid(), SIGUSR1);
        }
    }
    _exit(0);
}

int torture_signals(long length, long argument)
{
    (void)argument;
    int tell[2];
    struct sigaction value = {.sa_sigaction = take_value,
                              .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigaction usual = {.sa_handler = take_usual, .sa_flags = SA_RESTART};
    sigaction(SIGRTMIN, &value, NULL);
    sigaction(SIGUSR1, &usual, NULL);
    if (pipe(tell))
        return torture_wrong("pipe", 0, -errno);
    pid_t child = fork();
    if (child == 0)
        send_bursts(tell[0], length);
    uint64_t state = 1;
    for (long i = 0; i < length; i++) {
        if (write(tell[1], "g", 1) != 1)
            return torture_wrong("write", 1, -errno);
        state = torture_work(state);
    }
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (status)
        return torture_wrong("status", 0, status);
    if (first_wrong)
        return torture_wrong("order", 0, first_wrong);
    if (next_expected != length * BURST)
        return torture_wrong("signals", length * BURST, next_expected);
    if (!usual_count)
        return torture_wrong("usual signals", 1, 0);
    return torture_right("signals", state);
}

static void take_on_stack(int signal)
{
    (void)signal;
    char here;
    if (&here < own_stack || own_stack + STACK_BYTES <= &here)
        off_stack++;
    usual_count++;
    for (volatile int i = 0; i < 150 * 1000 * 1000; i++)
        ;
}

/* Most of its time is in a handler on a stack of its own, so moves meet it
 * there. */
int torture_stacks(long length, long argument)
{
    (void)argument;
    own_stack = malloc(STACK_BYTES);
    stack_t stack = {.ss_sp = own_stack, .ss_size = STACK_BYTES};
    struct sigaction action = {.sa_handler = take_on_stack,
                               .sa_flags = SA_ONSTACK};
    if (sigaltstack(&stack, NULL) || sigaction(SIGUSR2, &action, NULL))
        return torture_wrong("sigaltstack", 0, -errno);
    uint64_t state = 1;
    for (long i = 0; i < length * 2; i++) {
        raise(SIGUSR2);
        for (int k = 0; k < 1000000; k++)
            state = torture_next(state);
    }
    if (off_stack || usual_count != length * 2)
        return torture_wrong("stacks", length * 2,
                             off_stack ? -off_stack : usual_count);
    return torture_right("stacks", state);
}

/* Blocked signals stay pending over every move, and are taken with their
 * values. */
int torture_masked(long length, long argument)
{
    (void)argument;
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    uint64_t state = 1;
    for (int i = 0; i < length; i++) {
        for (int k = 0; k < 3; k++)
            sigqueue(getpid(), SIGRTMIN + 1, (union sigval){i * 3 + k});
        raise(SIGUSR1);
        state = torture_work(state);
        sigpending(&pending);
        if (!sigismember(&pending, SIGUSR1) ||
            !sigismember(&pending, SIGRTMIN + 1))
            return torture_wrong("pending", 1, 0);
        siginfo_t info;
        struct timespec most = {.tv_sec = 5};
        if (sigtimedwait(&set, &info, &most) != SIGUSR1)
            return torture_wrong("sigtimedwait", SIGUSR1, info.si_signo);
        for (int k = 0; k < 3; k++) {
            if (sigwaitinfo(&set, &info) != SIGRTMIN + 1)
                return torture_wrong("sigwaitinfo", SIGRTMIN + 1, -errno);
            if (info.si_value.sival_int != i * 3 + k || info.si_pid != getpid())
                return torture_wrong("value", i * 3 + k,
                                     info.si_value.sival_int);
        }
    }
    return torture_right("masked", state);
}

/* Two children do nothing but signal it; it counts and works, and is stopped
 * and let go in between. */
int torture_storm(long length, long argument)
{
    (void)argument;
    struct sigaction action = {.sa_handler = take_usual,
                               .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            for (long k = 0; k < length * 500; k++) {
                kill(getppid(), i ? SIGUSR2 : SIGUSR1);
                usleep(100);
                if (i && k % 500 == 250) {
                    kill(getppid(), SIGSTOP);
                    usleep(1000);
                    kill(getppid(), SIGCONT);
                }
            }
            _exit(7);
        }
    }
    uint64_t state = 1;
    for (long i = 0; i < length; i++)
        state = torture_work(state);
    for (int i = 0; i < 2; i++) {
        int status = 0;
        while (waitpid(children[i], &status, 0) < 0)
            if (errno != EINTR)
                return torture_wrong("waitpid", 0, -errno);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
            return torture_wrong("status", 7, status);
    }
    if (usual_count < length)
        return torture_wrong("signals", length, usual_count);
    return torture_right("storm", state);
}
