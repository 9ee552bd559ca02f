/* guest_signals.c - signals of a body: they come from home with all that
 * siginfo_t says, and are given to it by itself, since the kernel lets nobody
 * else say who sent them. What happens then, handler or death or restart of a
 * call, is the kernel's own doing.
 *
 * Job control: the kernel does not stop a process by SIGTSTP and its like whose
 * group has no parent in its session, as here; so SIGSTOP is given instead
 * where the default action would stop it, and home is told, which stops for its
 * parent to see.
 */
#include "guest_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/seccomp.h>

enum { REAL_TIME_FIRST = 32 }; /* As the kernel counts. */

static uint64_t bit(int signal)
{
    return UINT64_C(1) << (signal - 1);
}

/* It may die at any moment, which is seen as such. */
static int ptrace_done(long result)
{
    return result == -1 && errno != ESRCH ? -errno : 0;
}

static int interrupt(const struct guest *g)
{
    return ptrace_done(ptrace(PTRACE_INTERRUPT, g->body.pid, NULL, NULL));
}

int guest_masks_of(const struct guest *g, struct guest_masks *ret)
{
    char text[4096];
    static const char *const names[] = {
        "\nSigPnd:", "\nShdPnd:", "\nSigBlk:", "\nSigIgn:", "\nSigCgt:"};
    uint64_t values[5] = {0};
    ssize_t bytes = pread(g->status_file, text, sizeof text - 1, 0);
    if (bytes <= 0)
        return bytes < 0 ? -errno : -ESRCH;
    text[bytes] = 0;
    const char *at = text;
    for (int i = 0; i < 5; i++) {
        at = strstr(at, names[i]);
        if (!at)
            return -EPROTO;
        at += strlen(names[i]);
        values[i] = strtoull(at, NULL, 16);
    }
    *ret = (struct guest_masks){values[0] | values[1], values[2], values[3],
                                values[4]};
    return 0;
}

/* ---- Going on and standing still. ---------------------------------------- */

int guest_continue(struct guest *g, int signal)
{
    if (signal == 0 && (g->still || g->frozen)) {
        g->held = true;
        return 0;
    }
    return ptrace_done(ptrace(PTRACE_CONT, g->body.pid, NULL,
                              (unsigned long)(unsigned)signal));
}

/* Signals that came while it was held are given in the next stop. */
int guest_release(struct guest *g)
{
    if (!g->held || g->still || g->frozen)
        return 0;
    g->held = false;
    int error = g->arrived.count > 0 ? interrupt(g) : 0;
    return error ? error : guest_continue(g, 0);
}

int guest_stop(struct guest *g, int64_t result)
{
    if (g->held) {
        g->held = false;
        int error = interrupt(g); /* It goes on into the next stop. */
        if (!error)
            error = ptrace_done(ptrace(PTRACE_CONT, g->body.pid, NULL, 0UL));
        if (error)
            return error;
    }
    if (g->call.told) {
        int error = interrupt(g);
        if (!error)
            error = guest_answer(g, result);
        if (error)
            return error;
    }
    return tracee_stop(&g->body);
}

/* ---- From home. ---------------------------------------------------------- */

static int keep(struct guest *g, const siginfo_t *info)
{
    /* A standard signal is there or not; the others queue. */
    if (info->si_signo < REAL_TIME_FIRST &&
        pending_has(&g->arrived, info->si_signo))
        return 0;
    int error = pending_add(&g->arrived, info);
    if (error)
        return error == -ENOBUFS ? 0 : error; /* The newest is lost. */
    bool later =
        g->phase != PHASE_RUNNING || g->call.told || g->mapping.is || g->held;
    return later ? 0 : interrupt(g);
}

int guest_arrived(struct guest *g)
{
    struct wire_signal message;
    siginfo_t info;
    if (wire_take(&g->incoming, &message, sizeof message) != 0)
        return -EBADMSG;
    memcpy(&info, message.info, sizeof info);
    if (info.si_signo < 1 || info.si_signo > IMAGE_SIGNALS)
        return -EBADMSG;
    g->signal_count++;
    /* One that crossed the body on its way is home's to give, unless it stays.
     */
    bool sending = info.si_signo == SIGKILL ||
                   (g->phase == PHASE_RUNNING &&
                    (info.si_signo == SIGCONT || info.si_signo == SIGSTOP));
    if (!sending)
        return keep(g, &info);
    if (info.si_signo == SIGCONT)
        g->continued = info;
    /* Of these it is the sending that does something. */
    return kill(g->body.pid, info.si_signo) < 0 && errno != ESRCH ? -errno : 0;
}

int guest_take_back(struct guest *g)
{
    struct tracee *t = &g->body;
    struct pending all = {0};
    int error = 0;
    for (size_t i = 0; i < t->signal_count && !error; i++)
        error = pending_add(&all, &t->signals[i]);
    if (!error)
        error = pending_append(&all, &g->arrived);
    if (error) {
        pending_finish(&all);
        return error;
    }
    pending_finish(&g->arrived);
    g->arrived = all;
    g->arrived_first += t->signal_count;
    t->signal_count = 0;
    return 0;
}

/* Its area is mapped. What its kernel does not take is for the next stop. */
static int send_arrived(struct guest *g)
{
    struct pending *arrived = &g->arrived;
    size_t sent = 0;
    int error = 0;
    if (g->arrived_first > 0) {
        struct pending all = {0};
        struct pending rest = *arrived;
        rest.signals += g->arrived_first;
        rest.count -= g->arrived_first;
        arrived->count = g->arrived_first;
        error = pending_append(&all, arrived);
        if (!error)
            error = image_take_back(&g->body, &all);
        if (!error)
            error = pending_append(&all, &rest);
        pending_finish(arrived);
        *arrived = all;
        g->arrived_first = 0;
    }
    if (!error)
        error = image_send_signals(&g->body, arrived, &sent);
    pending_drop(arrived, sent);
    return error == -EAGAIN ? 0 : error;
}

/* The body stands still; it is as before but for what waits then. */
static int send_to_itself(struct guest *g)
{
    struct user_regs_struct registers;
    uint64_t mask;
    int error = tracee_registers(&g->body, &registers);
    if (!error)
        error = tracee_signal_mask(&g->body, &mask);
    if (!error)
        error = tracee_set_signal_mask(&g->body, UINT64_MAX);
    if (!error)
        error = tracee_map_area(&g->body, 0);
    if (!error)
        error = send_arrived(g);
    if (g->body.area_at != 0) {
        int unmap_error = tracee_unmap_area(&g->body);
        error = error ? error : unmap_error;
    }
    if (!error)
        error = tracee_set_signal_mask(&g->body, mask);
    /* With the call it was in, which the kernel then restarts or not. */
    if (!error && ptrace(PTRACE_SETREGS, g->body.pid, NULL, &registers) < 0)
        error = -errno;
    return error;
}

/* ---- Its stops. ---------------------------------------------------------- */

static bool stops_by_default(const struct guest *g, int signal)
{
    struct guest_masks masks;
    if (signal != SIGTSTP && signal != SIGTTIN && signal != SIGTTOU)
        return false;
    if (guest_masks_of(g, &masks) != 0)
        return false;
    return ((masks.ignored | masks.caught) & bit(signal)) == 0;
}

static int tell_stop(struct guest *g, const siginfo_t *info)
{
    struct wire_signal message = {0};
    memcpy(message.info, info, sizeof message.info);
    struct iovec part = {&message, sizeof message};
    return guest_put(g, RECORD_SIGNAL, &part, 1);
}

/* It is about to be given this one. */
static int signal_stop(struct guest *g, int signal)
{
    siginfo_t info;
    int error = guest_begin_call(g);
    if (error)
        return error == -ESRCH ? 0 : error;
    if (signal == SIGCONT && g->continued.si_signo == SIGCONT) {
        error = ptrace_done(
            ptrace(PTRACE_SETSIGINFO, g->body.pid, NULL, &g->continued));
        g->continued.si_signo = 0;
    } else if (stops_by_default(g, signal) &&
               ptrace(PTRACE_GETSIGINFO, g->body.pid, NULL, &info) == 0) {
        error = tell_stop(g, &info);
        signal = SIGSTOP;
    }
    return error ? error : guest_continue(g, signal);
}

static int event_stop(struct guest *g, int signal)
{
    if (signal != SIGTRAP) /* Of job control: until SIGCONT. */
        return ptrace_done(ptrace(PTRACE_LISTEN, g->body.pid, NULL, NULL));
    struct user_regs_struct registers;
    int error = tracee_registers(&g->body, &registers);
    if (!error && tracee_restart_call(&registers) &&
        ptrace(PTRACE_SETREGS, g->body.pid, NULL, &registers) < 0)
        error = -errno;
    if (!error)
        error = guest_begin_call(g);
    if (!error && g->arrived.count > 0)
        error = send_to_itself(g);
    g->call.interrupted = false;
    return error ? error : guest_continue(g, 0);
}

static int died(struct guest *g)
{
    int status = 0;
    struct wire_dead message = {.signal = SIGKILL};
    int error = guest_put_usage(g); /* Not yet buried: /proc still tells. */
    if (error)
        return error;
    if (waitpid(g->body.pid, &status, __WALL | WNOHANG) == g->body.pid &&
        WIFSIGNALED(status)) {
        message.signal = WTERMSIG(status);
        message.dumped = WCOREDUMP(status) != 0;
    }
    guest_pages_end(g);
    g->body.pid = 0;
    g->call.told = false;
    g->phase = PHASE_DEAD;
    struct iovec part = {&message, sizeof message};
    return guest_put(g, RECORD_DEAD, &part, 1);
}

int guest_stops(struct guest *g)
{
    int status;
    int error = 0;
    if (g->phase != PHASE_RUNNING && g->phase != PHASE_STANDING)
        return 0;
    while (!error && g->phase == PHASE_RUNNING && !g->mapping.is &&
           tracee_take_stop(g->body.pid, &status))
        error = status >> 16 == PTRACE_EVENT_STOP
                    ? event_stop(g, WSTOPSIG(status))
                    : signal_stop(g, WSTOPSIG(status));
    if ((!error || error == -ESRCH) && tracee_died(g->body.pid))
        error = died(g);
    return error;
}
