/* image_pending.c - signals that wait for a process. See image.h.
 *
 * A kernel gives those of the thread before those of the process, and each kind
 * in the order of sending. What a process sends to itself here is of the
 * thread: before all that others send it meanwhile.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>

#include "image_inside.h"

enum { AT_ONCE = 64 }; /* So many fit into the area's room. */
_Static_assert(AT_ONCE *PENDING_SIGNAL_BYTES < TRACEE_ROOM_BYTES, "room");
_Static_assert((int)AT_ONCE <= (int)CALLS, "a call for each");

int image_look_at_pending(const struct tracee *t, struct pending *signals)
{
    int error = 0;
    for (size_t i = 0; i < t->signal_count && !error; i++)
        error = pending_add(signals, &t->signals[i]);
    for (uint32_t shared = 0; shared <= PTRACE_PEEKSIGINFO_SHARED; shared++) {
        struct __ptrace_peeksiginfo_args which = {.flags = shared, .nr = 1};
        siginfo_t info;
        while (!error &&
               ptrace(PTRACE_PEEKSIGINFO, t->pid, &which, &info) > 0) {
            error = pending_add(signals, &info);
            which.off++;
        }
    }
    return error;
}

/* Signals are sent by the process to itself, whose number is another in its own
 * namespace: only so may they say who sent them. siginfo lies in the room. */
static int send_some(const struct tracee *t,
                     uint64_t pid,
                     const uint8_t (*signals)[PENDING_SIGNAL_BYTES],
                     size_t count,
                     size_t *sent)
{
    struct image_questions q = {.at = tracee_room(t)};
    for (size_t i = 0; i < count; i++) {
        siginfo_t info;
        memcpy(&info, signals[i], sizeof info);
        struct tracee_call *call = image_ask(&q, SYS_rt_tgsigqueueinfo);
        call->arguments[0] = pid;
        call->arguments[1] = pid;
        call->arguments[2] = (uint64_t)info.si_signo;
        call->arguments[3] = image_answer_at(&q, i * PENDING_SIGNAL_BYTES);
    }
    int error = tracee_write(t, q.at, signals, count * sizeof signals[0]);
    if (!error)
        error = tracee_run(t, q.calls, q.count);
    if (error)
        return error;
    for (size_t i = 0; i < count; i++, ++*sent)
        if (q.calls[i].result < 0)
            return (int)q.calls[i].result;
    return 0;
}

int image_send_signals(const struct tracee *t,
                       const struct pending *signals,
                       size_t *ret_sent)
{
    struct tracee_call who = {.number = SYS_getpid};
    *ret_sent = 0;
    if (signals->count == 0)
        return 0;
    int error = tracee_run(t, &who, 1);
    while (!error && *ret_sent < signals->count) {
        size_t some = signals->count - *ret_sent;
        if (some > AT_ONCE)
            some = AT_ONCE;
        error =
            send_some(t, (uint64_t)who.result,
                      (const uint8_t(*)[PENDING_SIGNAL_BYTES])signals->signals +
                          *ret_sent,
                      some, ret_sent);
    }
    return error;
}

/* The process takes them itself, as many as there are. */
static int take_some(const struct tracee *t,
                     struct pending *signals,
                     bool *ret_more)
{
    enum { SOME = 32 };
    struct
    {
        uint64_t all;
        struct timespec none;
        uint8_t infos[SOME][PENDING_SIGNAL_BYTES];
    } room = {.all = UINT64_MAX};
    struct tracee_call calls[SOME];
    uint64_t at = tracee_room(t);
    for (size_t i = 0; i < SOME; i++)
        calls[i] = (struct tracee_call){
            SYS_rt_sigtimedwait,
            {at,
             at + offsetof(__typeof__(room), infos) + i * PENDING_SIGNAL_BYTES,
             at + offsetof(__typeof__(room), none), sizeof room.all, 0, 0},
            0};
    int error = tracee_write(t, at, &room, sizeof room);
    if (!error)
        error = tracee_run(t, calls, SOME);
    if (!error)
        error = tracee_read(t, at, &room, sizeof room);
    *ret_more = !error;
    for (size_t i = 0; i < SOME && *ret_more && !error; i++) {
        *ret_more = calls[i].result > 0;
        if (*ret_more)
            error = pending_add(signals, room.infos[i]);
    }
    return error;
}

int image_take_back(const struct tracee *t, struct pending *signals)
{
    bool more = true;
    int error = 0;
    while (more && !error)
        error = take_some(t, signals, &more);
    return error;
}

int image_give_back(struct tracee *t)
{
    struct pending all = {0};
    size_t sent;
    int error = 0;
    for (size_t i = 0; i < t->signal_count && !error; i++)
        error = pending_add(&all, &t->signals[i]);
    if (!error)
        error = image_take_back(t, &all);
    if (!error)
        error = image_send_signals(t, &all, &sent);
    pending_finish(&all);
    t->signal_count = 0;
    return error;
}
