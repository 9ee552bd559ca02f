/* deputy_signals.c - what stops a stub: signals for the body, job control, and
 * the deputy itself. See deputy_inside.h.
 *
 * The stub never takes a signal. What comes is sent after the body, which knows
 * what to do with it; SIGSTOP alone, which nobody can refuse, stops both at
 * once, and what the body's default action stops comes back from the host.
 */
#include "deputy_inside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int let_go_on(const struct deputy *d, int signal)
{
    long done = ptrace(PTRACE_CONT, d->tracee.pid, NULL, (long)signal);
    return done < 0 ? -errno : 0;
}

static bool send_one(struct deputy *d, const uint8_t info[PENDING_SIGNAL_BYTES])
{
    struct wire_signal message = {0};
    struct iovec part = {&message, sizeof message};
    struct signals *s = &d->signals;
    memcpy(message.info, info, sizeof message.info);
    if (link_put(d->link, RECORD_SIGNAL, &part, 1, true) == -ENOBUFS)
        return false;
    s->last_sequence = message.head.sequence;
    memcpy(s->sent[s->sent_count++ % SIGNALS_KEPT_MAX], info,
           sizeof s->sent[0]);
    return true;
}

void deputy_send_signals(struct deputy *d)
{
    struct signals *s = &d->signals;
    size_t sent = 0;
    if (s->held_back)
        return;
    while (sent < s->waiting.count && send_one(d, s->waiting.signals[sent]))
        sent++;
    pending_drop(&s->waiting, sent);
}

/* More than can wait: the newest is lost. */
static void keep(struct deputy *d, const siginfo_t *info)
{
    pending_add(&d->signals.waiting, info);
    deputy_send_signals(d);
}

void deputy_forget_signals(struct deputy *d)
{
    struct signals *s = &d->signals;
    pending_finish(&s->waiting);
    s->sent_count = s->last_sequence = 0; /* What sent has is half a MiB. */
    s->held_back = s->stop_is_ours = false;
}

void deputy_take_signals(struct deputy *d)
{
    struct tracee *t = &d->tracee;
    /* The kernel's own SIGTRAP is that of window_told(). */
    for (size_t i = 0; i < t->signal_count; i++)
        if (t->signals[i].si_signo != SIGTRAP || t->signals[i].si_code <= 0)
            keep(d, &t->signals[i]);
    t->signal_count = 0;
}

int deputy_add_signals(const struct deputy *d,
                       uint64_t taken,
                       struct pending *pending)
{
    const struct signals *s = &d->signals;
    uint64_t first =
        s->sent_count > SIGNALS_KEPT_MAX ? s->sent_count - SIGNALS_KEPT_MAX : 0;
    int error = 0;
    for (uint64_t i = taken > first ? taken : first;
         i < s->sent_count && !error; i++)
        error = pending_add(pending, s->sent[i % SIGNALS_KEPT_MAX]);
    return error ? error : pending_append(pending, &s->waiting);
}

/* Of those that the image has from a place on: found, it is not looked for
 * again. */
static bool take_from(struct pending *image, const uint8_t *info)
{
    for (size_t i = 0; i < image->count; i++)
        if (memcmp(image->signals[i], info, PENDING_SIGNAL_BYTES) == 0) {
            struct pending behind = {image->signals + i, image->count - i, 0};
            pending_drop(&behind, 1);
            image->count--;
            return true;
        }
    return false;
}

int deputy_take_pending(struct deputy *d, size_t first)
{
    struct pending *image = &d->image_pending;
    struct pending here = {0};
    int error = 0;
    pending_drop(image, first);
    if (image->count > 0)
        error = image_take_back(&d->tracee, &here);
    for (size_t i = 0; i < here.count; i++)
        if (!take_from(image, here.signals[i])) {
            siginfo_t info;
            memcpy(&info, here.signals[i], sizeof info);
            keep(d, &info);
        }
    pending_finish(&here);
    image->count = 0;
    return error;
}

/* In the middle of a call: it returns to the window's code, not into the call
 * again. */
static int leave_call(const struct deputy *d, bool *ret_told)
{
    struct user_regs_struct r;
    int error = tracee_registers(&d->tracee, &r);
    if (error)
        return error;
    *ret_told = window_told(&d->stub.window, &r);
    return window_interrupted(&d->stub.window, &r)
               ? tracee_set_registers(&d->tracee, &r)
               : 0;
}

static int take_signal(struct deputy *d, int signal)
{
    siginfo_t info;
    bool told;
    if (ptrace(PTRACE_GETSIGINFO, d->tracee.pid, NULL, &info) < 0)
        return -errno;
    int error = leave_call(d, &told);
    if (error)
        return error;
    if (signal == SIGTRAP && told && info.si_code > 0)
        return let_go_on(d, 0);
    if (d->signals.stop_is_ours && info.si_pid == getpid()) {
        d->signals.stop_is_ours = false;
        return let_go_on(d, signal);
    }
    d->interrupts = d->in_call;
    keep(d, &info);
    return let_go_on(d, signal == SIGSTOP ? SIGSTOP : 0);
}

/* Asked for by us, or job control. */
static int take_stop(struct deputy *d, int signal)
{
    bool told;
    int error = leave_call(d, &told);
    if (error)
        return error;
    d->stub.listens = signal != SIGTRAP;
    if (!d->stub.listens)
        return let_go_on(d, 0);
    d->stopped = true;
    return ptrace(PTRACE_LISTEN, d->tracee.pid, NULL, NULL) < 0 ? -errno : 0;
}

int deputy_stops(struct deputy *d)
{
    int status;
    int error = 0;
    while (!error && tracee_take_stop(d->tracee.pid, &status)) {
        int event = status >> 16;
        int signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXEC)
            return 1;
        error = event == 0                   ? take_signal(d, signal)
                : event == PTRACE_EVENT_STOP ? take_stop(d, signal)
                                             : let_go_on(d, 0);
    }
    if ((error == 0 || error == -ESRCH) && tracee_died(d->tracee.pid))
        return -ESRCH;
    return error == -ESRCH ? 0 : error; /* It is dying: a look later tells. */
}

/* The kernel decides as for any process: it does nothing if nobody could wake
 * it (an orphaned process group), and then the body is to go on. */
int deputy_stop(struct deputy *d, const uint8_t info[PENDING_SIGNAL_BYTES])
{
    siginfo_t signal;
    memcpy(&signal, info, sizeof signal);
    int number = signal.si_signo;
    if (number != SIGTSTP && number != SIGTTIN && number != SIGTTOU &&
        number != SIGSTOP)
        return -EBADMSG;
    if (number == SIGSTOP)
        return 0; /* It has stopped itself. */
    int error = deputy_by_default(d, number);
    if (error)
        return error;
    d->signals.stop_is_ours = true;
    return syscall(SYS_tgkill, d->tracee.pid, d->tracee.pid, number) < 0
               ? -errno
               : 0;
}
