/* image_put.c - puts an image into a process, or back into its own. See
 * image.h.
 */
#include <assert.h>
#include <elf.h>
#include <errno.h>
#include <linux/prctl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "image_inside.h"

static void ask_for_rseq(struct image_questions *q, const struct image *image)
{
    if (image->rseq_at == 0)
        return;
    struct tracee_call *call = image_ask(q, SYS_rseq);
    call->arguments[0] = image->rseq_at;
    call->arguments[1] = image->rseq_bytes;
    call->arguments[3] = image->rseq_signature;
}

int image_ready(struct tracee *t, const struct image *image)
{
    int error = t->area_at != 0 ? tracee_unmap_area(t) : 0;
    if (!error)
        error = image_set_registers(t, image);
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
    struct image_questions q = {0};
    t->in_wait = image->interrupted == RESTART_BLOCK; /* Still. */
    if (t->area_at == 0)
        return undo_little(t, image);
    ask_for_rseq(&q, image);
    int error = tracee_run(t, q.calls, q.count);
    if (!error && t->signal_count > 0)
        error = image_give_back(t);
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

static void give_memory(struct image_questions *q,
                        const struct image *image,
                        struct givens *givens)
{
    memcpy(&givens->addresses, &image->addresses, sizeof image->addresses);
    memcpy(givens->auxv, image->auxv, sizeof givens->auxv);
    memcpy(givens->name, image->name, sizeof givens->name);
    uint64_t auxv_at = image_answer_at(q, offsetof(struct givens, auxv));
    memcpy(&givens->addresses.auxv, &auxv_at, sizeof auxv_at);
    givens->addresses.auxv_size = image->auxv_bytes;
    givens->addresses.exe_fd = UINT32_MAX;
    struct tracee_call *call = image_ask(q, SYS_prctl);
    call->arguments[0] = PR_SET_MM;
    call->arguments[1] = PR_SET_MM_MAP;
    call->arguments[2] = image_answer_at(q, offsetof(struct givens, addresses));
    call->arguments[3] = sizeof givens->addresses;
    call = image_ask(q, SYS_prctl);
    call->arguments[0] = PR_SET_NAME;
    call->arguments[1] = image_answer_at(q, offsetof(struct givens, name));
    call = image_ask(q, SYS_personality);
    call->arguments[0] = image->personality;
}

static void give_signals(struct image_questions *q,
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
        if (!image_has_handler(signal))
            continue;
        call = image_ask(q, SYS_rt_sigaction);
        call->arguments[0] = (uint64_t)signal;
        call->arguments[1] = image_answer_at(
            q, offsetof(struct givens, handlers) +
                   (size_t)(signal - 1) * sizeof(struct image_handler));
        call->arguments[3] = sizeof(uint64_t);
    }
    call = image_ask(q, SYS_sigaltstack);
    call->arguments[0] =
        image_answer_at(q, offsetof(struct givens, alternate_stack));
    for (uint64_t which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        call = image_ask(q, SYS_setitimer);
        call->arguments[0] = which;
        call->arguments[1] =
            image_answer_at(q, offsetof(struct givens, timers) +
                                   which * sizeof(struct image_timer));
    }
}

static void give_thread(struct image_questions *q, const struct image *image)
{
    if (image->robust_list_at != 0) {
        struct tracee_call *call = image_ask(q, SYS_set_robust_list);
        call->arguments[0] = image->robust_list_at;
        call->arguments[1] = image->robust_list_bytes;
    }
    image_ask(q, SYS_set_tid_address)->arguments[0] = image->clear_tid_at;
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

int image_put(struct tracee *t,
              const struct image *image,
              const struct pending *pending)
{
    struct image_questions q = {.at = tracee_room(t)};
    struct givens givens = {0};
    size_t sent;
    give_memory(&q, image, &givens);
    give_signals(&q, image, &givens);
    give_thread(&q, image);
    int error = tracee_write(t, q.at, &givens, sizeof givens);
    if (!error)
        error = tracee_run(t, q.calls, q.count);
    if (!error)
        error = image_first_failure(&q);
    if (!error)
        error = image_send_signals(t, pending, &sent);
    if (!error)
        error = put_xstate(t, image);
    return error ? error : image_put_sleep(t, image);
}
