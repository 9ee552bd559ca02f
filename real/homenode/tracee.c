/* tracee.c - see tracee.h. */
#include "tracee.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maps.h"

enum { SYSCALL_BYTES = 2 };

/* Runs r13 calls from r12 on. */
__asm__(
    ".pushsection .rodata\n"
    ".globl tracee_code, tracee_code_end\n"
    "tracee_code:\n"
    "1:  test %r13, %r13\n"
    "    jz 2f\n"
    "    mov (%r12), %rax\n"
    "    mov 8(%r12), %rdi\n"
    "    mov 16(%r12), %rsi\n"
    "    mov 24(%r12), %rdx\n"
    "    mov 32(%r12), %r10\n"
    "    mov 40(%r12), %r8\n"
    "    mov 48(%r12), %r9\n"
    "    syscall\n"
    "    mov %rax, 56(%r12)\n"
    "    add $64, %r12\n"
    "    dec %r13\n"
    "    jmp 1b\n"
    "2:  int3\n"
    "tracee_code_end:\n"
    ".popsection\n");
extern const char tracee_code[];
extern const char tracee_code_end[];

_Static_assert(sizeof(struct tracee_call) == 64, "the code steps by 64");

static int ptrace_error(long result)
{
    return result == -1 ? -errno : 0;
}

/* Its next stop, as waitpid(2) would tell it. That it died is left for whoever
 * is its parent, who may be this process. */
static int wait_for_stop(pid_t pid, int *ret_status)
{
    siginfo_t info;
    for (;;) {
        int look = WEXITED | WSTOPPED | WNOWAIT | __WALL;
        if (waitid(P_PID, (id_t)pid, &info, look) < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
            return -ESRCH;
        if (tracee_take_stop(pid, ret_status))
            return 0;
    }
}

bool tracee_take_stop(pid_t pid, int *ret_status)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG | __WALL) < 0 ||
        info.si_pid == 0)
        return false;
    *ret_status = info.si_status << 8 | 0x7f;
    return true;
}

/* Stops of a tracee are told whether they are asked for or not. */
bool tracee_died(pid_t pid)
{
    siginfo_t info = {0};
    int look = WEXITED | WNOHANG | WNOWAIT | __WALL;
    if (waitid(P_PID, (id_t)pid, &info, look) < 0)
        return errno == ECHILD;
    return info.si_pid == pid && info.si_code != CLD_TRAPPED &&
           info.si_code != CLD_STOPPED;
}

/* The parent, from the fourth field of proc(5)'s stat. */
static pid_t parent_of(pid_t pid)
{
    char path[32];
    char text[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t bytes = read(file, text, sizeof text - 1);
    close(file);
    text[bytes > 0 ? bytes : 0] = 0;
    const char *rest = strrchr(text, ')');
    return rest && sscanf(rest, ") %*c %d", &parent) == 1 ? parent : 0;
}

void tracee_bury(pid_t pid)
{
    if (parent_of(pid) == getpid())
        return;
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
        continue;
}

static int event_of(int status)
{
    return status >> 16;
}

int tracee_seize(struct tracee *t, pid_t pid, unsigned long options)
{
    int error = ptrace_error(ptrace(PTRACE_SEIZE, pid, NULL, options));
    if (error)
        return error;
    *t = (struct tracee){.pid = pid};
    return 0;
}

/* It was about to be given a signal: keep that, give none. */
static int take_signal(struct tracee *t)
{
    if (t->signal_count == TRACEE_SIGNALS_MAX)
        return -EAGAIN;
    siginfo_t *info = &t->signals[t->signal_count];
    int error = ptrace_error(ptrace(PTRACE_GETSIGINFO, t->pid, NULL, info));
    if (error)
        return error;
    t->signal_count++;
    return ptrace_error(ptrace(PTRACE_CONT, t->pid, NULL, 0UL));
}

/* A `syscall` of the vDSO: its fallbacks have some in every build. */
static int find_syscall(struct tracee *t)
{
    uint8_t code[4 * TRACEE_PAGE_BYTES];
    struct maps maps;
    int error = maps_read(&maps, t->pid);
    if (error)
        return error;
    uint64_t from = maps.vdso_start;
    size_t bytes = (size_t)(maps.vdso_end - maps.vdso_start);
    maps_finish(&maps);
    if (bytes > sizeof code)
        bytes = sizeof code;
    error = bytes == 0 ? -ENOTSUP : tracee_read(t, from, code, bytes);
    if (error)
        return error;
    const uint8_t *found = memmem(code, bytes, "\x0f\x05", SYSCALL_BYTES);
    if (!found)
        return -ENOTSUP;
    t->syscall_at = from + (uint64_t)(found - code);
    return 0;
}

/* Some calls that wait say that a signal interrupted them when only we did:
 * they are to be begun again, unless a handler runs after all. */
static int begin_again(const struct tracee *t)
{
    enum { RESTART_NO_HANDLER = 514 }; /* The kernel's own. */
    static const unsigned long long calls[] = {SYS_epoll_wait, SYS_epoll_pwait,
                                               SYS_epoll_pwait2, SYS_semop,
                                               SYS_semtimedop};
    struct user_regs_struct r;
    bool does = false;
    int error = tracee_registers(t, &r);
    for (size_t i = 0; !error && i < sizeof calls / sizeof calls[0]; i++)
        does = does || r.orig_rax == calls[i];
    if (error || !does || (int64_t)r.rax != -EINTR)
        return error;
    r.rax = (unsigned long long)-RESTART_NO_HANDLER;
    return ptrace_error(ptrace(PTRACE_SETREGS, t->pid, NULL, &r));
}

int tracee_stop(struct tracee *t)
{
    int status = 0;
    int error = ptrace_error(ptrace(PTRACE_INTERRUPT, t->pid, NULL, NULL));
    while (!error) {
        error = wait_for_stop(t->pid, &status);
        if (error || event_of(status) == PTRACE_EVENT_STOP)
            break;
        error = event_of(status) == 0
                    ? take_signal(t)
                    : ptrace_error(ptrace(PTRACE_CONT, t->pid, NULL, 0UL));
    }
    if (error)
        return error;
    t->stopped = WSTOPSIG(status) != SIGTRAP;
    error = t->signal_count == 0 ? begin_again(t) : 0;
    return error ? error : find_syscall(t);
}

int tracee_let_go(struct tracee *t)
{
    assert(t->area_at == 0);
    /* The kernel stops it again if it is stopped by job control, and only it
     * knows whether SIGCONT came meanwhile. */
    return ptrace_error(ptrace(PTRACE_DETACH, t->pid, NULL, NULL));
}

/* Its next PTRACE_EVENT_STOP; all else goes its way. */
static int wait_for_pause(struct tracee *t)
{
    int status = 0;
    for (;;) {
        int error = wait_for_stop(t->pid, &status);
        if (error)
            return error;
        if (event_of(status) == PTRACE_EVENT_STOP)
            break;
        unsigned long signal =
            event_of(status) == 0 ? (unsigned long)WSTOPSIG(status) : 0;
        error = ptrace_error(ptrace(PTRACE_CONT, t->pid, NULL, signal));
        if (error)
            return error;
    }
    t->stopped = WSTOPSIG(status) != SIGTRAP;
    return 0;
}

bool tracee_restart_call(struct user_regs_struct *registers)
{
    /* signal(7): "never restarted", by stops neither. */
    static const int16_t never[] = {SYS_epoll_wait,   SYS_epoll_pwait,
                                    SYS_epoll_pwait2, SYS_semop,
                                    SYS_semtimedop,   SYS_msgrcv,
                                    SYS_msgsnd,       SYS_rt_sigtimedwait,
                                    SYS_io_getevents, SYS_io_pgetevents};
    enum { RESTART_NO_HANDLER = 514 }; /* Of the kernel's errno.h. */
    if ((int64_t)registers->rax != -EINTR)
        return false;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if ((int64_t)registers->orig_rax == never[i]) {
            registers->rax = (unsigned long long)-RESTART_NO_HANDLER;
            return true;
        }
    return false;
}

int tracee_pause(struct tracee *t, struct tracee_pause *ret_pause)
{
    int error = ptrace_error(ptrace(PTRACE_INTERRUPT, t->pid, NULL, NULL));
    if (!error)
        error = wait_for_pause(t);
    if (!error && t->syscall_at == 0)
        error = find_syscall(t);
    if (!error)
        error = begin_again(t);
    if (!error)
        error = tracee_registers(t, &ret_pause->registers);
    if (!error) {
        tracee_restart_call(&ret_pause->registers);
        error = tracee_signal_mask(t, &ret_pause->signal_mask);
    }
    if (!error)
        error = tracee_set_signal_mask(t, UINT64_MAX);
    return error;
}

int tracee_go_on(struct tracee *t, const struct tracee_pause *pause)
{
    /* orig_rax among them: it is still in its call. */
    int error =
        ptrace_error(ptrace(PTRACE_SETREGS, t->pid, NULL, &pause->registers));
    if (!error)
        error = tracee_set_signal_mask(t, pause->signal_mask);
    if (!error)
        error = ptrace_error(ptrace(PTRACE_CONT, t->pid, NULL, 0UL));
    if (!error && t->stopped)
        error = kill(t->pid, SIGSTOP) < 0 ? -errno : 0;
    return error;
}

int tracee_registers(const struct tracee *t, struct user_regs_struct *ret)
{
    return ptrace_error(ptrace(PTRACE_GETREGS, t->pid, NULL, ret));
}

int tracee_set_registers(const struct tracee *t,
                         const struct user_regs_struct *registers)
{
    struct user_regs_struct set = *registers;
    set.orig_rax = (unsigned long long)-1;
    return ptrace_error(ptrace(PTRACE_SETREGS, t->pid, NULL, &set));
}

int tracee_signal_mask(const struct tracee *t, uint64_t *ret_mask)
{
    return ptrace_error(
        ptrace(PTRACE_GETSIGMASK, t->pid, sizeof *ret_mask, ret_mask));
}

int tracee_set_signal_mask(const struct tracee *t, uint64_t mask)
{
    return ptrace_error(ptrace(PTRACE_SETSIGMASK, t->pid, sizeof mask, &mask));
}

int tracee_read(const struct tracee *t, uint64_t from, void *to, size_t bytes)
{
    struct iovec here = {to, bytes};
    struct iovec there = {(void *)(uintptr_t)from, bytes};
    ssize_t got = process_vm_readv(t->pid, &here, 1, &there, 1, 0);
    if (got < 0)
        return -errno;
    return (size_t)got == bytes ? 0 : -EFAULT;
}

/* Through /proc: process_vm_writev() would heed the protection. */
int tracee_write(const struct tracee *t,
                 uint64_t to,
                 const void *from,
                 size_t bytes)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/mem", t->pid);
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return -errno;
    ssize_t put = pwrite(file, from, bytes, (off_t)to);
    int error = put < 0 ? -errno : (size_t)put == bytes ? 0 : -EFAULT;
    close(file);
    return error;
}

/* Whose code runs: only the tracer's calls are made here. */
enum code { CODE_OF_TRACER, CODE_OF_TRACEE };

/* The filter of a sandbox asks the tracer about calls that the tracer itself
 * has it make: let them pass. The process has one thread, and that is where the
 * tracer put it, so no other call can be meant. */
static int answer_call(int listener, enum code whose)
{
    struct seccomp_notif asked = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        return errno == ENOENT || errno == EINTR ? 0 : -errno;
    struct seccomp_notif_resp answer = {.id = asked.id};
    if (whose == CODE_OF_TRACER)
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        answer.error = -ENOSYS;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0)
        return errno == ENOENT ? 0 : -errno;
    return 0;
}

/* Its next stop, while its calls are answered. children: a signalfd(2). */
static int serve_to_stop(const struct tracee *t,
                         enum code whose,
                         int children,
                         int *ret_status)
{
    for (;;) {
        struct pollfd ready[] = {
            {t->listener, POLLIN, 0},
            {children, POLLIN, 0},
            {t->holes ? t->holes->wait_on : -1, POLLIN, 0}};
        struct signalfd_siginfo info;
        if (tracee_take_stop(t->pid, ret_status))
            return 0;
        if (tracee_died(t->pid))
            return -ESRCH;
        if (poll(ready, 3, -1) < 0 && errno != EINTR)
            return -errno;
        if ((ready[1].revents & POLLIN) &&
            read(children, &info, sizeof info) < 0 && errno != EAGAIN)
            return -errno;
        int error =
            (ready[0].revents & POLLIN) ? answer_call(t->listener, whose) : 0;
        if (!error && (ready[2].revents & POLLIN))
            error = t->holes->fill(t->holes->context);
        if (error)
            return error;
    }
}

static int wait_filtered(const struct tracee *t,
                         enum code whose,
                         int *ret_status)
{
    sigset_t set;
    sigset_t before;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    int children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (children < 0)
        return -errno;
    pthread_sigmask(SIG_BLOCK, &set, &before);
    int error = serve_to_stop(t, whose, children, ret_status);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(children);
    return error;
}

/* The code that it was to run is not there, or not as it was. */
static bool is_fault(int status)
{
    int signal = WSTOPSIG(status);
    return event_of(status) == 0 &&
           (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL);
}

/* Let it run until it traps at that instruction; other stops are passed over:
 * its signals are blocked, so that they are job control's. */
static int run_to_trap(const struct tracee *t,
                       enum __ptrace_request how,
                       enum code whose,
                       const struct user_regs_struct *start,
                       struct user_regs_struct *ret_end)
{
    int status = 0;
    int error = tracee_set_registers(t, start);
    while (!error) {
        error = ptrace_error(ptrace(how, t->pid, NULL, 0UL));
        if (!error)
            error = t->filtered ? wait_filtered(t, whose, &status)
                                : wait_for_stop(t->pid, &status);
        if (!error && WSTOPSIG(status) == SIGTRAP && event_of(status) == 0)
            return tracee_registers(t, ret_end);
        if (!error && is_fault(status))
            error = -EFAULT;
    }
    return error;
}

/* The stop of that kind, others being passed over. */
static int run_to_stop(const struct tracee *t,
                       enum __ptrace_request how,
                       int event)
{
    int status = 0;
    for (;;) {
        int error = ptrace_error(ptrace(how, t->pid, NULL, 0UL));
        if (!error)
            error = wait_for_stop(t->pid, &status);
        if (!error && is_fault(status))
            error = -EFAULT;
        if (error || (WSTOPSIG(status) == SIGTRAP && event_of(status) == event))
            return error;
    }
}

int tracee_begin_call(const struct tracee *t,
                      const struct user_regs_struct *registers,
                      struct user_regs_struct *ret)
{
    int error = tracee_set_registers(t, registers);
    if (!error)
        error = run_to_stop(t, PTRACE_SYSCALL, 0);
    /* It enters the call with the interruption already there. */
    if (!error)
        error = ptrace_error(ptrace(PTRACE_INTERRUPT, t->pid, NULL, NULL));
    if (!error)
        error = run_to_stop(t, PTRACE_CONT, PTRACE_EVENT_STOP);
    return error ? error : tracee_registers(t, ret);
}

int tracee_step(const struct tracee *t, struct user_regs_struct *registers)
{
    struct user_regs_struct start = *registers;
    return run_to_trap(t, PTRACE_SINGLESTEP, CODE_OF_TRACEE, &start, registers);
}

int tracee_run_one(const struct tracee *t, struct tracee_call *call)
{
    struct user_regs_struct before;
    struct user_regs_struct after;
    int error = tracee_registers(t, &before);
    if (error)
        return error;
    struct user_regs_struct start = before;
    start.rip = t->syscall_at;
    start.rax = (unsigned long long)call->number;
    start.rdi = call->arguments[0];
    start.rsi = call->arguments[1];
    start.rdx = call->arguments[2];
    start.r10 = call->arguments[3];
    start.r8 = call->arguments[4];
    start.r9 = call->arguments[5];
    error = run_to_trap(t, PTRACE_SINGLESTEP, CODE_OF_TRACER, &start, &after);
    if (error)
        return error;
    call->result = (int64_t)after.rax;
    return tracee_set_registers(t, &before);
}

static uint64_t list_at(const struct tracee *t)
{
    return t->area_at + TRACEE_PAGE_BYTES;
}

uint64_t tracee_room(const struct tracee *t)
{
    assert(t->area_at != 0);
    return list_at(t) + TRACEE_CALLS_MAX * sizeof(struct tracee_call);
}

static int run_list(const struct tracee *t,
                    struct tracee_call *calls,
                    size_t count)
{
    struct user_regs_struct before;
    struct user_regs_struct after;
    int error = tracee_registers(t, &before);
    if (!error)
        error = tracee_write(t, list_at(t), calls, count * sizeof *calls);
    if (error)
        return error;
    struct user_regs_struct start = before;
    start.rip = t->area_at;
    start.r12 = list_at(t);
    start.r13 = count;
    error = run_to_trap(t, PTRACE_CONT, CODE_OF_TRACER, &start, &after);
    if (error)
        return error;
    size_t code_bytes = (size_t)(tracee_code_end - tracee_code);
    if (after.rip != t->area_at + code_bytes)
        return -EIO;
    error = tracee_read(t, list_at(t), calls, count * sizeof *calls);
    return error ? error : tracee_set_registers(t, &before);
}

int tracee_run(const struct tracee *t, struct tracee_call *calls, size_t count)
{
    int error = 0;
    assert(t->area_at != 0);
    while (!error && count > 0) {
        size_t some = count < TRACEE_CALLS_MAX ? count : TRACEE_CALLS_MAX;
        error = run_list(t, calls, some);
        calls += some;
        count -= some;
    }
    return error;
}

/* A call that must succeed. */
static int run_well(const struct tracee *t, struct tracee_call *call)
{
    int error = tracee_run_one(t, call);
    if (error)
        return error;
    bool failed = call->result < 0 && call->result > -4096;
    return failed ? (int)call->result : 0;
}

int tracee_map_area(struct tracee *t, uint64_t address)
{
    assert(t->area_at == 0);
    int flags =
        MAP_PRIVATE | MAP_ANONYMOUS | (address ? MAP_FIXED_NOREPLACE : 0);
    struct tracee_call map = {
        SYS_mmap,
        {address, TRACEE_AREA_BYTES, PROT_READ | PROT_WRITE, (uint64_t)flags,
         (uint64_t)-1, 0},
        0};
    int error = run_well(t, &map);
    if (error)
        return error;
    t->area_at = (uint64_t)map.result;
    error = tracee_write(t, t->area_at, tracee_code,
                         (size_t)(tracee_code_end - tracee_code));
    struct tracee_call protect = {
        SYS_mprotect,
        {t->area_at, TRACEE_PAGE_BYTES, PROT_READ | PROT_EXEC, 0, 0, 0},
        0};
    if (!error)
        error = run_well(t, &protect);
    if (error)
        tracee_unmap_area(t);
    return error;
}

int tracee_unmap_area(struct tracee *t)
{
    struct tracee_call unmap = {
        SYS_munmap, {t->area_at, TRACEE_AREA_BYTES, 0, 0, 0, 0}, 0};
    t->area_at = 0;
    return run_well(t, &unmap);
}
