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

static bool send_one(struct deputy *d, const struct signal_kept *kept)
{
    struct wire_signal message = {0};
    struct iovec part = {&message, sizeof message};
    struct signals *s = &d->signals;
    memcpy(message.info, kept->info, sizeof message.info);
    if (link_put(d->link, RECORD_SIGNAL, &part, 1, true) == -ENOBUFS)
        return false;
    s->last_sequence = message.head.sequence;
    s->sent[s->sent_count++ % SIGNALS_KEPT_MAX] = *kept;
    return true;
}

void deputy_send_signals(struct deputy *d)
{
    struct signals *s = &d->signals;
    size_t sent = 0;
    if (s->held_back || s->waiting_count == 0)
        return;
    while (sent < s->waiting_count && send_one(d, &s->waiting[sent]))
        sent++;
    s->waiting_count -= sent;
    memmove(s->waiting, s->waiting + sent,
            s->waiting_count * sizeof s->waiting[0]);
}

/* More than can wait: as with the kernel's own queue, the newest is lost. */
static void keep(struct deputy *d, const siginfo_t *info)
{
    struct signals *s = &d->signals;
    if (s->waiting_count < SIGNALS_KEPT_MAX)
        memcpy(s->waiting[s->waiting_count++].info, info, sizeof *info);
    deputy_send_signals(d);
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

void deputy_add_signals(struct deputy *d, uint64_t taken, struct image *image)
{
    struct signals *s = &d->signals;
    uint64_t first =
        s->sent_count > SIGNALS_KEPT_MAX ? s->sent_count - SIGNALS_KEPT_MAX : 0;
    for (uint64_t i = taken > first ? taken : first; i < s->sent_count; i++)
        if (image->pending_count < IMAGE_PENDING_MAX)
            memcpy(image->pending[image->pending_count++],
                   s->sent[i % SIGNALS_KEPT_MAX].info, IMAGE_SIGNAL_BYTES);
    for (size_t i = 0; i < s->waiting_count; i++)
        if (image->pending_count < IMAGE_PENDING_MAX)
            memcpy(image->pending[image->pending_count++], s->waiting[i].info,
                   IMAGE_SIGNAL_BYTES);
}

/* The place of one like it, not yet found; -1. */
static int find(const struct image *image,
                const uint8_t info[IMAGE_SIGNAL_BYTES],
                uint64_t found)
{
    for (uint32_t i = 0; i < image->pending_count; i++)
        if (!(found >> i & 1) &&
            memcmp(image->pending[i], info, IMAGE_SIGNAL_BYTES) == 0)
            return (int)i;
    return -1;
}

/* The process takes them itself, as many as there are. */
static int take_some(struct deputy *d, uint64_t *found, bool *ret_more)
{
    enum { SOME = 32 };
    struct
    {
        uint64_t all;
        struct timespec none;
        uint8_t infos[SOME][IMAGE_SIGNAL_BYTES];
    } room = {.all = UINT64_MAX};
    struct tracee_call calls[SOME];
    uint64_t at = tracee_room(&d->tracee);
    for (size_t i = 0; i < SOME; i++)
        calls[i] = (struct tracee_call){
            SYS_rt_sigtimedwait,
            {at,
             at + offsetof(__typeof__(room), infos) + i * IMAGE_SIGNAL_BYTES,
             at + offsetof(__typeof__(room), none), sizeof room.all, 0, 0},
            0};
    int error = tracee_write(&d->tracee, at, &room, sizeof room);
    if (!error)
        error = tracee_run(&d->tracee, calls, SOME);
    if (!error)
        error = tracee_read(&d->tracee, at, &room, sizeof room);
    *ret_more = !error;
    for (size_t i = 0; i < SOME && *ret_more; i++) {
        *ret_more = calls[i].result > 0;
        if (!*ret_more)
            break;
        int place = find(&d->image, room.infos[i], *found);
        siginfo_t info;
        memcpy(&info, room.infos[i], sizeof info);
        if (place >= 0)
            *found |= UINT64_C(1) << place;
        else
            keep(d, &info);
    }
    return error;
}

_Static_assert(IMAGE_PENDING_MAX <= 64, "one bit for each");

int deputy_take_pending(struct deputy *d)
{
    uint64_t found = 0;
    bool more = d->image.pending_count > 0;
    int error = 0;
    while (more && !error)
        error = take_some(d, &found, &more);
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
int deputy_stop(struct deputy *d, const uint8_t info[IMAGE_SIGNAL_BYTES])
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
