/* image_wait.c - calls that a stop interrupted, and what is left of a sleep.
 * See image_inside.h.
 *
 * What is left of a sleep is known to the kernel, and to who made it if he
 * asked: then it is begun for that in the other process, whose kernel then
 * knows it.
 *
 * Limit: a relative nanosleep(2) whose caller asked for no rest begins anew in
 * another process, and so does a poll(2), the first time that they are moved; a
 * host knows when what it is asked for began.
 */
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>

#include "image_inside.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define SLEEP_S_MAX INT64_C(1000000000)

static bool can_restart(int32_t number)
{
    return number == SYS_nanosleep || number == SYS_clock_nanosleep ||
           number == SYS_poll || number == SYS_futex;
}

/* The call that restart_syscall(2) goes on with, by the code before it: all
 * libraries load its number there, a few instructions before at most; but for
 * syscall(3), of which nobody knows. -1: who knows. */
static int64_t restarted_call(const struct tracee *t, uint64_t rip)
{
    enum { LOAD_EAX = 0xb8, LOAD_BYTES = 5, SYSCALL_BYTES = 2, BEFORE = 32 };
    uint8_t code[BEFORE];
    int32_t number;
    if (tracee_read(t, rip - SYSCALL_BYTES - BEFORE, code, sizeof code))
        return -1;
    for (int at = BEFORE - LOAD_BYTES; at >= 0; at--) {
        memcpy(&number, code + at + 1, sizeof number);
        if (code[at] == LOAD_EAX && can_restart(number))
            return number;
    }
    return -1;
}

/* What the kernel would do with the call that the stop interrupted. One that it
 * restarts by what it keeps of it begins again, for its rest: rest_ns. */
uint64_t image_rewind(const struct tracee *t,
                      struct user_regs_struct *registers)
{
    uint64_t interrupted = 0;
    tracee_restart_call(registers);
    int64_t error = -(int64_t)registers->rax;
    int64_t number = (int64_t)registers->orig_rax;
    bool in_call = number >= 0;
    if (number == SYS_restart_syscall && error == RESTART_BLOCK)
        number = restarted_call(t, registers->rip);
    if (in_call && number < 0) {
        registers->rax = (unsigned long long)-EINTR;
    } else if (in_call &&
               (error == RESTART_SYS || error == RESTART_NO_INTERRUPT ||
                error == RESTART_NO_HANDLER || error == RESTART_BLOCK)) {
        interrupted = (uint64_t)error;
        registers->rax = (unsigned long long)number;
        registers->rip -= 2;
    }
    registers->orig_rax = (unsigned long long)-1;
    return interrupted;
}

static bool is_interrupted_wait(const struct user_regs_struct *registers)
{
    return (int64_t)registers->orig_rax >= 0 &&
           (int64_t)registers->rax == -RESTART_BLOCK;
}

/* Where the call, that the registers are rewound to, has its struct timespec;
 * NULL if it is no sleep. clock_nanosleep(2) of a CPU's time is none. */
static unsigned long long *time_of_sleep(struct user_regs_struct *registers)
{
    if (registers->rax == SYS_nanosleep)
        return &registers->rdi;
    if (registers->rax == SYS_clock_nanosleep &&
        (int)registers->rdi != CLOCK_PROCESS_CPUTIME_ID &&
        (int)registers->rdi >= 0)
        return &registers->rdx;
    return NULL;
}

/* The kernel has written it where the caller wanted it, if it did. */
int64_t image_rest_of_sleep(const struct tracee *t,
                            const struct user_regs_struct *rewound)
{
    struct timespec rest;
    uint64_t at = rewound->rax == SYS_nanosleep         ? rewound->rsi
                  : rewound->rax == SYS_clock_nanosleep ? rewound->r10
                                                        : 0;
    if (at == 0 || tracee_read(t, at, &rest, sizeof rest) != 0 ||
        rest.tv_sec < 0 || rest.tv_sec > SLEEP_S_MAX)
        return -1;
    int64_t ns = rest.tv_sec * NS_PER_S + rest.tv_nsec;
    return ns > 0 ? ns : 1;
}

/* Registers of a process that is at the end of an interrupted call: its kernel
 * begins it again, or ends it with EINTR if a handler runs first. */
int image_set_registers(const struct tracee *t, const struct image *image)
{
    struct user_regs_struct set = image->registers;
    uint64_t how = image->interrupted;
    if (how == 0)
        return tracee_set_registers(t, &set);
    if (how == RESTART_BLOCK && !t->in_wait)
        how = RESTART_NO_HANDLER;
    set.orig_rax = set.rax;
    set.rax = -how;
    set.rip += 2;
    return ptrace(PTRACE_SETREGS, t->pid, NULL, &set) < 0 ? -errno : 0;
}

/* Begin it in this process for its rest, so that its kernel keeps that. */
static int begin_again(struct tracee *t, const struct user_regs_struct *start)
{
    struct user_regs_struct before;
    struct user_regs_struct after;
    int error = tracee_registers(t, &before);
    if (!error)
        error = tracee_begin_call(t, start, &after);
    if (error)
        return error;
    /* Else it ended at once; then it ends at once when it begins again. */
    t->in_wait = is_interrupted_wait(&after);
    return tracee_set_registers(t, &before);
}

static struct image_wait wait_of(const struct image *image)
{
    const struct user_regs_struct *r = &image->registers;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct image_wait){
        .call = {r->rax, r->rip, r->rdi, r->rsi, r->rdx, r->r10},
        .until_ns = now.tv_sec * NS_PER_S + now.tv_nsec,
    };
}

void image_wait_note(struct image_wait *ret, const struct image *put)
{
    *ret = wait_of(put);
    ret->until_ns = put->rest_ns > 0 ? ret->until_ns + put->rest_ns : 0;
}

void image_wait_use(const struct image_wait *wait, struct image *taken)
{
    struct image_wait now = wait_of(taken);
    if (taken->rest_ns == -1 && wait->until_ns > now.until_ns &&
        memcmp(wait->call, now.call, sizeof now.call) == 0)
        taken->rest_ns = wait->until_ns - now.until_ns;
}

int image_put_sleep(struct tracee *t, const struct image *image)
{
    struct user_regs_struct start = image->registers;
    unsigned long long *time = time_of_sleep(&start);
    struct timespec rest = {image->rest_ns / NS_PER_S,
                            image->rest_ns % NS_PER_S};
    if (image->rest_ns <= 0 || !time)
        return 0;
    *time = tracee_room(t);
    int error = tracee_write(t, tracee_room(t), &rest, sizeof rest);
    return error ? error : begin_again(t, &start);
}

int image_put_poll(struct tracee *t, const struct image *image)
{
    struct user_regs_struct start = image->registers;
    if (image->rest_ns <= 0 || start.rax != SYS_poll ||
        image->rest_ns / NS_PER_MS >= INT32_MAX)
        return 0;
    start.rdx = (unsigned long long)(image->rest_ns / NS_PER_MS + 1);
    return begin_again(t, &start);
}
