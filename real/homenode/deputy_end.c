/* deputy_end.c - how a process that is away ends, or becomes another. See
 * deputy_inside.h. */
#include "deputy_inside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kernel's struct sigaction with SIG_IGN or SIG_DFL. */
static const struct image_handler ignores = {.handler = 1};
static const struct image_handler by_default = {.handler = 0};

static struct tracee_call handle(int signal, uint64_t at)
{
    return (struct tracee_call){
        SYS_rt_sigaction, {(uint64_t)signal, at, 0, sizeof(uint64_t), 0, 0}, 0};
}

/* A new program inherits which signals its predecessor ignored: the host says
 * it, in the argument behind those of execve(2). */
int deputy_before_execute(struct deputy *d)
{
    struct tracee_call calls[IMAGE_SIGNALS];
    struct image_handler both[] = {by_default, ignores};
    uint64_t ignored = d->asked.request.arguments[3];
    size_t count = 0;
    int error = stub_hold(&d->stub, &d->tracee);
    if (error)
        return error;
    deputy_take_signals(d);
    uint64_t at = tracee_room(&d->tracee);
    error = tracee_write(&d->tracee, at, both, sizeof both);
    for (int signal = 1; signal <= IMAGE_SIGNALS; signal++)
        if (signal != SIGKILL && signal != SIGSTOP)
            calls[count++] = handle(
                signal, at + (ignored >> (signal - 1) & 1) * sizeof both[0]);
    if (!error)
        error = tracee_run(&d->tracee, calls, count);
    return error ? error : stub_go_on(&d->stub, &d->tracee);
}

/* The new program has begun, and stands at its first instruction. Signals that
 * the body had not yet taken are its own. */
int deputy_after_execute(struct deputy *d)
{
    struct tracee *t = &d->tracee;
    const struct pending *waiting = &d->signals.waiting;
    int error = ptrace(PTRACE_DETACH, t->pid, NULL, NULL) < 0 ? -errno : 0;
    for (size_t i = 0; i < waiting->count && !error; i++) {
        siginfo_t info;
        memcpy(&info, waiting->signals[i], sizeof info);
        kill(t->pid, info.si_signo);
    }
    return error;
}

int deputy_by_default(struct deputy *d, int signal)
{
    struct tracee *t = &d->tracee;
    int error = stub_hold(&d->stub, t);
    if (error)
        return error;
    deputy_take_signals(d);
    struct tracee_call call = handle(signal, tracee_room(t));
    error = tracee_write(t, tracee_room(t), &by_default, sizeof by_default);
    if (!error)
        error = tracee_run(t, &call, 1);
    return error ? error : stub_go_on(&d->stub, t);
}

/* Its next stop is passed on; all signals but this one are blocked. */
static int pass_stop(struct tracee *t)
{
    int status;
    siginfo_t info;
    if (waitid(P_PID, (id_t)t->pid, &info,
               WEXITED | WSTOPPED | WNOWAIT | __WALL) < 0)
        return errno == EINTR ? 0 : -errno;
    if (tracee_take_stop(t->pid, &status))
        ptrace(PTRACE_CONT, t->pid, NULL,
               (long)(status >> 16 ? 0 : WSTOPSIG(status)));
    return 0;
}

/* Nothing that could be kept of it here is worth a core file. */
int deputy_die(struct deputy *d, int signal)
{
    struct tracee *t = &d->tracee;
    int error = deputy_by_default(d, signal);
    if (!error)
        error = stub_hold(&d->stub, t);
    if (error)
        return error;
    struct tracee_call call = {SYS_prctl, {PR_SET_DUMPABLE, 0, 0, 0, 0, 0}, 0};
    error = tracee_run(t, &call, 1);
    d->stub.mask = ~(UINT64_C(1) << (signal - 1));
    if (!error)
        error = stub_go_on(&d->stub, t);
    if (!error)
        error = syscall(SYS_tgkill, t->pid, t->pid, signal) < 0 ? -errno : 0;
    while (!error && !tracee_died(t->pid))
        error = pass_stop(t);
    return error ? error : -ESRCH;
}
