/* image_take.c - takes an image. See image.h.
 *
 * Taking. Signals are blocked first, so that no handler runs while the process
 * lends itself to the tracer. A system call that the stop interrupted is begun
 * again, as the kernel would have: its instruction is two bytes back. Code of
 * the vDSO is left by single steps, since it reads pages that are another
 * kernel's elsewhere, or as far as a system call of its own: that is for
 * whoever has the process then to make, and nothing is read behind it. A
 * restartable sequence is aborted, as the kernel does when a thread loses its
 * processor, and its registration is taken back before anything of it is
 * unmapped.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "image_inside.h"
#include "maps.h"

enum { VDSO_STEPS_MAX = 10000, RSEQ_UNREGISTER = 1 };

#define ALL_SIGNALS UINT64_MAX

static bool is_at_call(const struct tracee *t, uint64_t at)
{
    uint8_t code[2];
    return tracee_read(t, at, code, sizeof code) == 0 &&
           memcmp(code, "\x0f\x05", sizeof code) == 0;
}

static int step_out_of_vdso(const struct tracee *t, struct image *image)
{
    struct user_regs_struct *registers = &image->registers;
    int error = 0;
    for (int step = 0;
         !error && registers->rip >= image->vvar_start &&
         registers->rip < image->vdso_end && !is_at_call(t, registers->rip);
         step++) {
        if (step == VDSO_STEPS_MAX)
            return -EAGAIN;
        error = tracee_step(t, registers);
        image->interrupted = 0;
        if (!error)
            image_rewind(t, registers);
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

/* The room of the area, as the questions fill it. */
struct answers
{
    struct image_handler handlers[IMAGE_SIGNALS];
    uint64_t alternate_stack[3];
    struct image_timer timers[3];
    uint64_t clear_tid_at;
};

static void ask_all(struct image_questions *q, const struct image *image)
{
    struct tracee_call *call;
    for (int signal = 1; signal <= IMAGE_SIGNALS; signal++) {
        if (!image_has_handler(signal))
            continue;
        call = image_ask(q, SYS_rt_sigaction);
        call->arguments[0] = (uint64_t)signal;
        call->arguments[2] = image_answer_at(
            q, offsetof(struct answers, handlers) +
                   (size_t)(signal - 1) * sizeof(struct image_handler));
        call->arguments[3] = sizeof(uint64_t);
    }
    call = image_ask(q, SYS_sigaltstack);
    call->arguments[1] =
        image_answer_at(q, offsetof(struct answers, alternate_stack));
    for (uint64_t which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        call = image_ask(q, SYS_getitimer);
        call->arguments[0] = which;
        call->arguments[1] =
            image_answer_at(q, offsetof(struct answers, timers) +
                                   which * sizeof(struct image_timer));
    }
    call = image_ask(q, SYS_prctl);
    call->arguments[0] = PR_GET_TID_ADDRESS;
    call->arguments[1] =
        image_answer_at(q, offsetof(struct answers, clear_tid_at));
    call = image_ask(q, SYS_personality);
    call->arguments[0] = 0xffffffff;
    if (image->rseq_at != 0) {
        call = image_ask(q, SYS_rseq);
        call->arguments[0] = image->rseq_at;
        call->arguments[1] = image->rseq_bytes;
        call->arguments[2] = RSEQ_UNREGISTER;
        call->arguments[3] = image->rseq_signature;
    }
    image_ask(q, SYS_brk); /* The last: its answer is the end of the heap. */
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
    struct image_questions q = {.at = tracee_room(t)};
    struct answers answers = {0};
    ask_all(&q, image);
    int error = tracee_write(t, q.at, &answers, sizeof answers);
    if (!error)
        error = tracee_run(t, q.calls, q.count);
    if (!error)
        error = image_first_failure(&q);
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

int image_take(struct tracee *t,
               struct image *ret_image,
               struct pending *pending)
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
    image->interrupted = image_rewind(t, &image->registers);
    if (image->interrupted == RESTART_BLOCK)
        image->rest_ns = image_rest_of_sleep(t, &image->registers);
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
        error = image_look_at_pending(t, pending);
    return error;
}
