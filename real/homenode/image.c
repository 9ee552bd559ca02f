/* image.c - see image.h.
 *
 * Taking. Signals are blocked first, so that no handler runs while the process
 * lends itself to the tracer. A system call that the stop interrupted is begun
 * again, as the kernel would have: its instruction is two bytes back. Code of
 * the vDSO is left by single steps, since it reads pages that are another
 * kernel's elsewhere. A restartable sequence is aborted, as the kernel does
 * when a thread loses its processor, and its registration is taken back before
 * anything of it is unmapped.
 *
 * What is left of a sleep is known to the kernel, and to who made it if he
 * asked: then it is begun for that in the other process, whose kernel then
 * knows it.
 *
 * Limit: a relative nanosleep(2) whose caller asked for no rest begins anew in
 * another process, and so does a poll(2), the first time that they are moved; a
 * host knows when what it is asked for began.
 */
#include "image.h"

#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "maps.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define SLEEP_S_MAX INT64_C(1000000000)

enum {
    RESTART_SYS = 512, /* Of the kernel's own errno.h: never seen by users. */
    RESTART_NO_INTERRUPT = 513,
    RESTART_NO_HANDLER = 514,
    RESTART_BLOCK = 516,
    CODE_SEGMENT_64 = 0x33,
    VDSO_STEPS_MAX = 10000,
    RSEQ_UNREGISTER = 1,
};

#define ALL_SIGNALS UINT64_MAX

_Static_assert(sizeof(struct image) == 23600, "a stream carries no padding");

/* ---- Calls that were interrupted. ---------------------------------------- */

/* The call that restart_syscall(2) goes on with, by the code before it: all
 * libraries load its number there. -1: who knows. */
static int64_t restarted_call(const struct tracee *t, uint64_t rip)
{
    enum { LOAD_EAX = 0xb8, LOAD_BYTES = 5, SYSCALL_BYTES = 2 };
    uint8_t code[LOAD_BYTES];
    int32_t number;
    if (tracee_read(t, rip - SYSCALL_BYTES - LOAD_BYTES, code, sizeof code) ||
        code[0] != LOAD_EAX)
        return -1;
    memcpy(&number, code + 1, sizeof number);
    bool can_be = number == SYS_nanosleep || number == SYS_clock_nanosleep ||
                  number == SYS_poll || number == SYS_futex;
    return can_be ? number : -1;
}

/* What the kernel would do with the call that the stop interrupted. One that it
 * restarts by what it keeps of it begins again, for its rest: rest_ns. */
static uint64_t rewind_call(const struct tracee *t,
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
static int64_t rest_of_sleep(const struct tracee *t,
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
static int set_registers(const struct tracee *t, const struct image *image)
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

static int put_sleep(struct tracee *t, const struct image *image)
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

static int step_out_of_vdso(const struct tracee *t, struct image *image)
{
    struct user_regs_struct *registers = &image->registers;
    int error = 0;
    for (int step = 0; !error && registers->rip >= image->vvar_start &&
                       registers->rip < image->vdso_end;
         step++) {
        if (step == VDSO_STEPS_MAX)
            return -EAGAIN;
        error = tracee_step(t, registers);
        image->interrupted = 0;
        if (!error)
            rewind_call(t, registers);
    }
    return error;
}

static uint64_t digest(const uint8_t *bytes, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static int take_vdso(const struct tracee *t, struct image *image)
{
    struct maps maps;
    int error = maps_read(&maps, t->pid);
    if (error)
        return error;
    image->vvar_start = maps.vvar_start;
    image->vdso_start = maps.vdso_start;
    image->vdso_end = maps.vdso_end;
    maps_finish(&maps);
    size_t bytes = (size_t)(image->vdso_end - image->vdso_start);
    uint8_t *code = malloc(bytes > 0 ? bytes : 1);
    if (!code)
        return -ENOMEM;
    error = bytes > 0 ? tracee_read(t, image->vdso_start, code, bytes) : 0;
    image->vdso_digest = error ? 0 : digest(code, bytes);
    free(code);
    return error;
}

int image_vdso_digest(const struct tracee *t, uint64_t *ret_digest)
{
    struct image own = {0};
    int error = take_vdso(t, &own);
    if (!error)
        *ret_digest = own.vdso_digest;
    return error;
}

int image_same_vdso(const struct tracee *t, const struct image *image)
{
    struct image own = {0};
    int error = take_vdso(t, &own);
    if (error)
        return error;
    bool same =
        own.vdso_digest == image->vdso_digest &&
        own.vdso_end - own.vdso_start == image->vdso_end - image->vdso_start &&
        own.vdso_start - own.vvar_start ==
            image->vdso_start - image->vvar_start;
    return same ? 0 : -EXDEV;
}

static int take_xstate(const struct tracee *t, struct image *image)
{
    struct iovec set = {image->xstate, sizeof image->xstate};
    if (ptrace(PTRACE_GETREGSET, t->pid, NT_X86_XSTATE, &set) < 0)
        return -errno;
    image->xstate_bytes = (uint32_t)set.iov_len;
    return set.iov_len == sizeof image->xstate ? -ENOTSUP : 0;
}

/* A critical section begins again at its abort handler. */
static int take_rseq(const struct tracee *t, struct image *image)
{
    struct __ptrace_rseq_configuration found = {0};
    struct
    {
        uint32_t version;
        uint32_t flags;
        uint64_t start;
        uint64_t bytes;
        uint64_t abort_at;
    } section;
    uint64_t section_at = 0;
    enum { SECTION_AT = 8 }; /* rseq_cs in struct rseq. */
    if (ptrace(PTRACE_GET_RSEQ_CONFIGURATION, t->pid, sizeof found, &found) < 0)
        return -errno;
    image->rseq_at = found.rseq_abi_pointer;
    image->rseq_bytes = found.rseq_abi_size;
    image->rseq_signature = found.signature;
    if (image->rseq_at == 0)
        return 0;
    int error = tracee_read(t, image->rseq_at + SECTION_AT, &section_at,
                            sizeof section_at);
    if (error || section_at == 0)
        return error;
    error = tracee_read(t, section_at, &section, sizeof section);
    if (!error && image->registers.rip - section.start < section.bytes) {
        image->registers.rip = section.abort_at;
        image->interrupted = 0;
    }
    return error;
}

/* ---- What only the process itself can ask for. --------------------------- */

static bool has_handler(int signal)
{
    return signal != SIGKILL && signal != SIGSTOP;
}

/* The calls of a list, and where in the area's room each one writes. */
enum { CALLS = IMAGE_SIGNALS + 8 };

struct questions
{
    struct tracee_call calls[CALLS];
    size_t count;
    uint64_t at; /* In the tracee. */
};

static struct tracee_call *ask(struct questions *q, int64_t number)
{
    struct tracee_call *call = &q->calls[q->count++];
    *call = (struct tracee_call){.number = number};
    return call;
}

static uint64_t answer_at(const struct questions *q, size_t offset)
{
    return q->at + offset;
}

/* The room of the area, as the questions fill it. */
struct answers
{
    struct image_handler handlers[IMAGE_SIGNALS];
    uint64_t alternate_stack[3];
    struct image_timer timers[3];
    uint64_t clear_tid_at;
};

static void ask_all(struct questions *q, const struct image *image)
{
    struct tracee_call *call;
    for (int signal = 1; signal <= IMAGE_SIGNALS; signal++) {
        if (!has_handler(signal))
            continue;
        call = ask(q, SYS_rt_sigaction);
        call->arguments[0] = (uint64_t)signal;
        call->arguments[2] = answer_at(
            q, offsetof(struct answers, handlers) +
                   (size_t)(signal - 1) * sizeof(struct image_handler));
        call->arguments[3] = sizeof(uint64_t);
    }
    call = ask(q, SYS_sigaltstack);
    call->arguments[1] =
        answer_at(q, offsetof(struct answers, alternate_stack));
    for (uint64_t which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        call = ask(q, SYS_getitimer);
        call->arguments[0] = which;
        call->arguments[1] =
            answer_at(q, offsetof(struct answers, timers) +
                             which * sizeof(struct image_timer));
    }
    call = ask(q, SYS_prctl);
    call->arguments[0] = PR_GET_TID_ADDRESS;
    call->arguments[1] = answer_at(q, offsetof(struct answers, clear_tid_at));
    call = ask(q, SYS_personality);
    call->arguments[0] = 0xffffffff;
    if (image->rseq_at != 0) {
        call = ask(q, SYS_rseq);
        call->arguments[0] = image->rseq_at;
        call->arguments[1] = image->rseq_bytes;
        call->arguments[2] = RSEQ_UNREGISTER;
        call->arguments[3] = image->rseq_signature;
    }
    ask(q, SYS_brk); /* The last: its answer is the end of the heap. */
}

static int first_failure(const struct questions *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->calls[i].result < 0 && q->calls[i].result > -4096)
            return (int)q->calls[i].result;
    return 0;
}

void image_timer_repeat(struct image_timer *timer)
{
    if (timer->value_s == 0 && timer->value_us == 0) {
        timer->value_s = timer->interval_s;
        timer->value_us = timer->interval_us;
    }
}

static int take_answers(const struct tracee *t, struct image *image)
{
    struct questions q = {.at = tracee_room(t)};
    struct answers answers = {0};
    ask_all(&q, image);
    int error = tracee_write(t, q.at, &answers, sizeof answers);
    if (!error)
        error = tracee_run(t, q.calls, q.count);
    if (!error)
        error = first_failure(&q);
    if (!error)
        error = tracee_read(t, q.at, &answers, sizeof answers);
    if (error)
        return error;
    memcpy(image->handlers, answers.handlers, sizeof image->handlers);
    memcpy(image->alternate_stack, answers.alternate_stack,
           sizeof image->alternate_stack);
    memcpy(image->timers, answers.timers, sizeof image->timers);
    image_timer_repeat(&image->timers[ITIMER_REAL]);
    image->clear_tid_at = answers.clear_tid_at;
    image->addresses.end_break = (uint64_t)q.calls[q.count - 1].result;
    for (size_t i = 0; i < q.count; i++)
        if (q.calls[i].number == SYS_personality)
            image->personality = (uint64_t)q.calls[i].result;
    return 0;
}

/* ---- What /proc and the kernel tell of it. ------------------------------- */

/* Fields of /proc/PID/stat, counted as proc(5) does. */
enum {
    STAT_FIELDS = 52,
    STAT_START_CODE = 26,
    STAT_END_CODE = 27,
    STAT_START_STACK = 28,
    STAT_START_DATA = 45,
    STAT_END_DATA = 46,
    STAT_START_BRK = 47,
    STAT_ARG_START = 48,
    STAT_ARG_END = 49,
    STAT_ENV_START = 50,
    STAT_ENV_END = 51,
};

static int take_addresses(const struct tracee *t, struct image *image)
{
    char path[32];
    char text[2048];
    uint64_t fields[STAT_FIELDS + 1] = {0};
    snprintf(path, sizeof path, "/proc/%d/stat", t->pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    size_t bytes = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[bytes] = 0;
    char *name = strchr(text, '(');
    char *rest = strrchr(text, ')'); /* The name may hold anything. */
    if (!name || !rest)
        return -EPROTO;
    snprintf(image->name, sizeof image->name, "%.*s", (int)(rest - name - 1),
             name + 1);
    char *place;
    char *word = strtok_r(rest + 1, " ", &place);
    for (int i = 3; word && i <= STAT_FIELDS; i++) {
        fields[i] = strtoull(word, NULL, 10);
        word = strtok_r(NULL, " ", &place);
    }
    image->addresses = (struct image_addresses){
        fields[STAT_START_CODE],  fields[STAT_END_CODE],
        fields[STAT_START_DATA],  fields[STAT_END_DATA],
        fields[STAT_START_BRK],   image->addresses.end_break,
        fields[STAT_START_STACK], fields[STAT_ARG_START],
        fields[STAT_ARG_END],     fields[STAT_ENV_START],
        fields[STAT_ENV_END],
    };
    return 0;
}

static int take_auxv(const struct tracee *t, struct image *image)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/auxv", t->pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    ssize_t bytes = read(file, image->auxv, sizeof image->auxv);
    close(file);
    if (bytes < 0)
        return -errno;
    image->auxv_bytes = (uint32_t)bytes;
    return 0;
}

static int take_robust_list(const struct tracee *t, struct image *image)
{
    void *head = NULL;
    size_t bytes = 0;
    if (syscall(SYS_get_robust_list, t->pid, &head, &bytes) < 0)
        return -errno;
    image->robust_list_at = (uint64_t)(uintptr_t)head;
    image->robust_list_bytes = bytes;
    return 0;
}

static int keep_signal(struct image *image, const siginfo_t *info)
{
    if (image->pending_count == IMAGE_PENDING_MAX)
        return -ENOTSUP;
    memcpy(image->pending[image->pending_count++], info, sizeof *info);
    return 0;
}

/* Those that wait in the kernel, of the thread and of the process, and those
 * that came while it was being stopped. */
static int take_pending(const struct tracee *t, struct image *image)
{
    int error = 0;
    for (size_t i = 0; i < t->signal_count && !error; i++)
        error = keep_signal(image, &t->signals[i]);
    for (uint32_t shared = 0; shared <= PTRACE_PEEKSIGINFO_SHARED; shared++) {
        struct __ptrace_peeksiginfo_args which = {.flags = shared, .nr = 1};
        siginfo_t info;
        while (!error &&
               ptrace(PTRACE_PEEKSIGINFO, t->pid, &which, &info) > 0) {
            error = keep_signal(image, &info);
            which.off++;
        }
    }
    return error;
}

int image_take(struct tracee *t, struct image *ret_image)
{
    struct image *image = ret_image;
    *image = (struct image){.stopped = t->stopped};
    int error = tracee_signal_mask(t, &image->signal_mask);
    if (!error)
        error = tracee_set_signal_mask(t, ALL_SIGNALS);
    if (!error)
        error = tracee_registers(t, &image->registers);
    if (!error && image->registers.cs != CODE_SEGMENT_64)
        error = -ENOTSUP;
    if (!error)
        error = take_vdso(t, image);
    if (!error)
        error = take_xstate(t, image);
    image->interrupted = rewind_call(t, &image->registers);
    if (image->interrupted == RESTART_BLOCK)
        image->rest_ns = rest_of_sleep(t, &image->registers);
    if (!error)
        error = step_out_of_vdso(t, image);
    if (!error)
        error = take_rseq(t, image);
    if (!error)
        error = tracee_map_area(t, 0);
    if (!error)
        error = take_answers(t, image);
    if (!error)
        error = take_addresses(t, image);
    if (!error)
        error = take_auxv(t, image);
    if (!error)
        error = take_robust_list(t, image);
    if (!error)
        error = take_pending(t, image);
    return error;
}

/* ---- Putting it back. ---------------------------------------------------- */

static void ask_for_rseq(struct questions *q, const struct image *image)
{
    if (image->rseq_at == 0)
        return;
    struct tracee_call *call = ask(q, SYS_rseq);
    call->arguments[0] = image->rseq_at;
    call->arguments[1] = image->rseq_bytes;
    call->arguments[3] = image->rseq_signature;
}

/* Signals are sent by the process to itself, whose number is another in its own
 * namespace: only so may they say who sent them. siginfo lies in the room. */
int image_send_signals(const struct tracee *t,
                       const uint8_t *signals,
                       size_t count)
{
    struct questions q = {.at = tracee_room(t)};
    struct tracee_call who = {.number = SYS_getpid};
    assert(count <= IMAGE_PENDING_MAX);
    if (count == 0)
        return 0;
    int error = tracee_run(t, &who, 1);
    if (!error)
        error = tracee_write(t, q.at, signals, count * IMAGE_SIGNAL_BYTES);
    for (size_t i = 0; i < count; i++) {
        siginfo_t info;
        memcpy(&info, signals + i * IMAGE_SIGNAL_BYTES, sizeof info);
        struct tracee_call *call = ask(&q, SYS_rt_tgsigqueueinfo);
        call->arguments[0] = (uint64_t)who.result;
        call->arguments[1] = (uint64_t)who.result;
        call->arguments[2] = (uint64_t)info.si_signo;
        call->arguments[3] = answer_at(&q, i * IMAGE_SIGNAL_BYTES);
    }
    return error ? error : tracee_run(t, q.calls, q.count);
}

int image_ready(struct tracee *t, const struct image *image)
{
    int error = t->area_at != 0 ? tracee_unmap_area(t) : 0;
    if (!error)
        error = set_registers(t, image);
    t->in_wait = false;
    if (!error)
        error = tracee_set_signal_mask(t, image->signal_mask);
    t->stopped = image->stopped;
    return error;
}

int image_start(struct tracee *t, const struct image *image)
{
    int error = image_ready(t, image);
    return error ? error : tracee_let_go(t);
}

/* It was not taken so far that it lent itself: signals that came are sent by
 * the tracer, which the kernel does not let say who sent them first. */
static int undo_little(struct tracee *t, const struct image *image)
{
    for (size_t i = 0; i < t->signal_count; i++)
        kill(t->pid, t->signals[i].si_signo);
    return image_ready(t, image);
}

int image_undo(struct tracee *t, const struct image *image)
{
    struct questions q = {0};
    uint8_t came[TRACEE_SIGNALS_MAX][IMAGE_SIGNAL_BYTES];
    t->in_wait = image->interrupted == RESTART_BLOCK; /* Still. */
    if (t->area_at == 0)
        return undo_little(t, image);
    for (size_t i = 0; i < t->signal_count; i++)
        memcpy(came[i], &t->signals[i], sizeof t->signals[i]);
    ask_for_rseq(&q, image);
    int error = tracee_run(t, q.calls, q.count);
    if (!error)
        error = image_send_signals(t, came[0], t->signal_count);
    t->signal_count = 0;
    return error ? error : image_ready(t, image);
}

int image_resume(struct tracee *t, const struct image *image)
{
    int error = image_undo(t, image);
    return error ? error : tracee_let_go(t);
}

/* The room as PR_SET_MM_MAP and its like read it. */
struct givens
{
    struct prctl_mm_map addresses;
    struct image_handler handlers[IMAGE_SIGNALS];
    uint64_t alternate_stack[3];
    struct image_timer timers[3];
    uint8_t auxv[IMAGE_AUXV_BYTES];
    char name[IMAGE_NAME_BYTES];
};

static void give_memory(struct questions *q,
                        const struct image *image,
                        struct givens *givens)
{
    memcpy(&givens->addresses, &image->addresses, sizeof image->addresses);
    memcpy(givens->auxv, image->auxv, sizeof givens->auxv);
    memcpy(givens->name, image->name, sizeof givens->name);
    uint64_t auxv_at = answer_at(q, offsetof(struct givens, auxv));
    memcpy(&givens->addresses.auxv, &auxv_at, sizeof auxv_at);
    givens->addresses.auxv_size = image->auxv_bytes;
    givens->addresses.exe_fd = UINT32_MAX;
    struct tracee_call *call = ask(q, SYS_prctl);
    call->arguments[0] = PR_SET_MM;
    call->arguments[1] = PR_SET_MM_MAP;
    call->arguments[2] = answer_at(q, offsetof(struct givens, addresses));
    call->arguments[3] = sizeof givens->addresses;
    call = ask(q, SYS_prctl);
    call->arguments[0] = PR_SET_NAME;
    call->arguments[1] = answer_at(q, offsetof(struct givens, name));
    call = ask(q, SYS_personality);
    call->arguments[0] = image->personality;
}

static void give_signals(struct questions *q,
                         const struct image *image,
                         struct givens *givens)
{
    struct tracee_call *call;
    memcpy(givens->handlers, image->handlers, sizeof givens->handlers);
    memcpy(givens->alternate_stack, image->alternate_stack,
           sizeof givens->alternate_stack);
    memcpy(givens->timers, image->timers, sizeof givens->timers);
    /* On the stack it is by its own stack pointer, not by this flag. */
    givens->alternate_stack[1] &= ~(uint64_t)SS_ONSTACK;
    for (int signal = 1; signal <= IMAGE_SIGNALS; signal++) {
        if (!has_handler(signal))
            continue;
        call = ask(q, SYS_rt_sigaction);
        call->arguments[0] = (uint64_t)signal;
        call->arguments[1] = answer_at(
            q, offsetof(struct givens, handlers) +
                   (size_t)(signal - 1) * sizeof(struct image_handler));
        call->arguments[3] = sizeof(uint64_t);
    }
    call = ask(q, SYS_sigaltstack);
    call->arguments[0] = answer_at(q, offsetof(struct givens, alternate_stack));
    for (uint64_t which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        call = ask(q, SYS_setitimer);
        call->arguments[0] = which;
        call->arguments[1] =
            answer_at(q, offsetof(struct givens, timers) +
                             which * sizeof(struct image_timer));
    }
}

static void give_thread(struct questions *q, const struct image *image)
{
    if (image->robust_list_at != 0) {
        struct tracee_call *call = ask(q, SYS_set_robust_list);
        call->arguments[0] = image->robust_list_at;
        call->arguments[1] = image->robust_list_bytes;
    }
    ask(q, SYS_set_tid_address)->arguments[0] = image->clear_tid_at;
    ask_for_rseq(q, image);
}

/* The kernel takes as much as it would give; what is more here was not used
 * there. */
static int put_xstate(const struct tracee *t, const struct image *image)
{
    uint8_t states[IMAGE_XSTATE_BYTES];
    struct iovec set = {states, sizeof states};
    if (ptrace(PTRACE_GETREGSET, t->pid, NT_X86_XSTATE, &set) < 0)
        return -errno;
    if (set.iov_len < image->xstate_bytes)
        return -EXDEV;
    memset(states, 0, sizeof states);
    memcpy(states, image->xstate, image->xstate_bytes);
    return ptrace(PTRACE_SETREGSET, t->pid, NT_X86_XSTATE, &set) < 0 ? -errno
                                                                     : 0;
}

int image_put(struct tracee *t, const struct image *image)
{
    struct questions q = {.at = tracee_room(t)};
    struct givens givens = {0};
    give_memory(&q, image, &givens);
    give_signals(&q, image, &givens);
    give_thread(&q, image);
    int error = tracee_write(t, q.at, &givens, sizeof givens);
    if (!error)
        error = tracee_run(t, q.calls, q.count);
    if (!error)
        error = first_failure(&q);
    if (!error)
        error = image_send_signals(t, image->pending[0], image->pending_count);
    if (!error)
        error = put_xstate(t, image);
    return error ? error : put_sleep(t, image);
}

const char *image_check(const struct image *image)
{
    if (image->registers.cs != CODE_SEGMENT_64)
        return "its code segment is not that of 64-bit code";
    if (image->interrupted != 0 && (image->interrupted < RESTART_SYS ||
                                    image->interrupted > RESTART_BLOCK))
        return "its call was interrupted as none can be";
    if (image->rest_ns < -1)
        return "it sleeps for no time that there is";
    if (image->xstate_bytes > IMAGE_XSTATE_BYTES)
        return "its extended registers are larger than any processor's";
    if (image->auxv_bytes > IMAGE_AUXV_BYTES)
        return "its auxiliary vector is too long";
    if (image->pending_count > IMAGE_PENDING_MAX)
        return "it has more pending signals than fit";
    if (!memchr(image->name, 0, sizeof image->name))
        return "its name has no end";
    if (image->vvar_start > image->vdso_start ||
        image->vdso_start > image->vdso_end ||
        image->vdso_end - image->vvar_start > 64 * TRACEE_PAGE_BYTES)
        return "its vDSO lies where none can be";
    return NULL;
}
