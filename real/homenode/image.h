/* image.h - all of a process but its memory and its descriptors: registers,
 * signals, timers, and what the kernel keeps for its one thread.
 *
 * A struct image has no pointers and no padding: its bytes are what a stream
 * carries, little-endian, as x86-64 has them.
 *
 * Order of taking, and why: image_take.c.
 */
#ifndef REAL_HOMENODE_IMAGE_H
#define REAL_HOMENODE_IMAGE_H

#include "pending.h"
#include "tracee.h"

enum {
    IMAGE_SIGNALS = 64,
    IMAGE_AUXV_BYTES = 512,
    IMAGE_XSTATE_BYTES = 12288, /* AVX-512 and AMX tiles have 11,008. */
    IMAGE_NAME_BYTES = 16,
};

/* The kernel's struct sigaction, as rt_sigaction(2) has it. */
struct image_handler
{
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

/* An interval timer, as setitimer(2) has it. */
struct image_timer
{
    int64_t interval_s;
    int64_t interval_us;
    int64_t value_s;
    int64_t value_us;
};

/* One that repeats stands still from its ring until the signal is taken: what
 * getitimer(2) says then would disarm it. */
void image_timer_repeat(struct image_timer *timer);

/* The addresses of PR_SET_MM_MAP, in its order. */
struct image_addresses
{
    uint64_t start_code;
    uint64_t end_code;
    uint64_t start_data;
    uint64_t end_data;
    uint64_t start_break;
    uint64_t end_break;
    uint64_t start_stack;
    uint64_t start_arguments;
    uint64_t end_arguments;
    uint64_t start_environment;
    uint64_t end_environment;
};

struct image
{
    struct user_regs_struct registers;
    uint64_t signal_mask;
    struct image_handler handlers[IMAGE_SIGNALS]; /* Of signal 1 and so on. */
    uint64_t alternate_stack[3];                  /* stack_t */
    struct image_timer timers[3]; /* ITIMER_REAL, _VIRTUAL, _PROF. */
    uint64_t clear_tid_at;
    uint64_t robust_list_at;
    uint64_t robust_list_bytes;
    uint64_t rseq_at; /* 0: none is registered. */
    uint32_t rseq_bytes;
    uint32_t rseq_signature;
    struct image_addresses addresses;
    uint64_t vvar_start; /* Of [vvar] and [vdso], which hang together; */
    uint64_t vdso_start;
    uint64_t vdso_end;
    uint64_t vdso_digest; /* of the bytes of [vdso]. */
    uint64_t personality;
    uint64_t interrupted; /* The call that its registers begin again was
                             interrupted, and returned minus this: the kernel
                             may have to tell so to the program, as EINTR. */
    int64_t rest_ns; /* Of the sleep or poll(2) that its registers begin again:
                        0: it is in none; -1: nobody knows. */
    char name[IMAGE_NAME_BYTES]; /* comm(5) */
    uint32_t auxv_bytes;
    uint32_t xstate_bytes;
    uint32_t stopped; /* By job control: 1. */
    uint32_t unused;
    uint8_t auxv[IMAGE_AUXV_BYTES];
    uint8_t xstate[IMAGE_XSTATE_BYTES]; /* XSAVE, as NT_X86_XSTATE. */
};

/* Take it from a stopped process, which is left with all signals blocked, the
 * area mapped and no rseq: image_resume() lets it go on as if nothing had been.
 * pending: the signals that wait for it are added, in the order in which its
 * kernel would give them. -ENOTSUP: 32-bit code; -ENOBUFS: more signals wait
 * than travel. */
int image_take(struct tracee *t,
               struct image *ret_image,
               struct pending *pending);

/* Undo what image_take() did to that same process, wherever it failed, and let
 * it go. Signals are then as they were, in their order. */
int image_resume(struct tracee *t, const struct image *image);

/* The same, but it stays stopped and traced, for ptrace(2) to continue. */
int image_undo(struct tracee *t, const struct image *image);

/* Put it into another stopped process, whose memory is that of the image and
 * whose area is mapped: handlers, timers, addresses, extended registers. A
 * sleep goes on for its rest, which image_start() needs no more to be told. */
int image_put(struct tracee *t,
              const struct image *image,
              const struct pending *pending);

/* The same for poll(2), in a process that has the descriptors; the area is
 * mapped. */
int image_put_poll(struct tracee *t, const struct image *image);

/* Then, the area unmapped, let it go on where the image left. */
int image_start(struct tracee *t, const struct image *image);

/* The same, but it stays stopped and traced. */
int image_ready(struct tracee *t, const struct image *image);

/* Let a stopped process, whose area is mapped and whose signals are blocked,
 * send itself these signals, and say how many it has. -EAGAIN: its kernel takes
 * no more. */
int image_send_signals(const struct tracee *t,
                       const struct pending *signals,
                       size_t *ret_sent);

/* Let it take back all that wait in its kernel, behind those of the list. */
int image_take_back(const struct tracee *t, struct pending *signals);

/* 0 if the process has the vDSO of the image, which its code may call or be in
 * the middle of; else -EXDEV: they are of different kernels. */
int image_same_vdso(const struct tracee *t, const struct image *image);

/* Of the bytes of its [vdso]; of the caller itself, too. */
int image_vdso_digest(const struct tracee *t, uint64_t *ret_digest);

/* A sleep or poll(2) that was put, to be known again when the same process is
 * taken in the middle of it, since its kernel does not tell what is left. */
struct image_wait
{
    uint64_t call[6]; /* rax, rip and its arguments; */
    int64_t until_ns; /* on CLOCK_MONOTONIC; 0: there is none. */
};
void image_wait_note(struct image_wait *ret, const struct image *put);
void image_wait_use(const struct image_wait *wait, struct image *taken);

/* NULL if a stream may say this; else what is wrong, a literal. */
const char *image_check(const struct image *image);

#endif /* REAL_HOMENODE_IMAGE_H */
