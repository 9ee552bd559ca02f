/* image_inside.h - what the files of image.h share. */
#ifndef REAL_HOMENODE_IMAGE_INSIDE_H
#define REAL_HOMENODE_IMAGE_INSIDE_H

#include "image.h"

enum {
    RESTART_SYS = 512, /* Of the kernel's own errno.h: never seen by users. */
    RESTART_NO_INTERRUPT = 513,
    RESTART_NO_HANDLER = 514,
    RESTART_BLOCK = 516,
    CODE_SEGMENT_64 = 0x33,
};

/* The calls of a list, and where in the area's room each one writes. */
enum { CALLS = IMAGE_SIGNALS + 8 };

struct image_questions
{
    struct tracee_call calls[CALLS];
    size_t count;
    uint64_t at; /* In the tracee. */
};

/* The next call of the list, with that number and no arguments yet. */
struct tracee_call *image_ask(struct image_questions *q, int64_t number);

/* An address in the room. */
uint64_t image_answer_at(const struct image_questions *q, size_t offset);

/* 0 if all calls succeeded. */
int image_first_failure(const struct image_questions *q);

/* Whether a process may have one for that signal. */
bool image_has_handler(int signal);

/* The registers as the kernel would leave them when it begins the interrupted
 * call again; which of the errors above it was, 0: it was in none. */
uint64_t image_rewind(const struct tracee *t,
                      struct user_regs_struct *registers);

/* Of the sleep that the registers are rewound to, in ns; -1: nobody knows. */
int64_t image_rest_of_sleep(const struct tracee *t,
                            const struct user_regs_struct *rewound);

/* Registers of a process that is at the end of an interrupted call: its kernel
 * begins it again, or ends it with EINTR if a handler runs first. */
int image_set_registers(const struct tracee *t, const struct image *image);

/* A sleep begins in this process for its rest, if that is known. */
int image_put_sleep(struct tracee *t, const struct image *image);

/* Signals that came while it was being stopped, and those that wait in its
 * kernel, of the thread and of the process, which stay there. */
int image_look_at_pending(const struct tracee *t, struct pending *signals);

/* Those that came while it was being stopped wait in its kernel again, before
 * all others. Its area is mapped. */
int image_give_back(struct tracee *t);

#endif /* REAL_HOMENODE_IMAGE_INSIDE_H */
