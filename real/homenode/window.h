/* window.h - memory that a deputy shares with a process whose body is away, in
 * which that process makes the body's calls: the process waits for one, makes
 * it, and says what came of it, over and over.
 *
 * The code that does so is a page of its own, to be executed and not written;
 * the window can be written and not executed. Code, window and the area of
 * tracee.h lie side by side at an address that is free in both bodies.
 */
#ifndef REAL_HOMENODE_WINDOW_H
#define REAL_HOMENODE_WINDOW_H

#include "maps.h"
#include "tracee.h"
#include "wire.h"

enum {
    WINDOW_CONTROL_BYTES = TRACEE_PAGE_BYTES,
    WINDOW_ROOM_BYTES = 3 * WIRE_DATA_BYTES, /* In, out, and what is built. */
    WINDOW_BYTES = WINDOW_CONTROL_BYTES + WINDOW_ROOM_BYTES,
};

struct window
{
    uint8_t *bytes; /* Here; NULL: there is none. */
    uint64_t at;    /* Code in the process; the window one page behind it. */
};

/* Where code and window end. */
uint64_t window_end(const struct window *w);

/* Room for what calls read and write, here and in the process. */
uint8_t *window_room(const struct window *w);
uint64_t window_room_at(const struct window *w);

/* Make it in a stopped process whose area is mapped, and move the area to it.
 * maps: what else is mapped there. Nothing runs yet. -EMFILE: the process has
 * not one descriptor left. */
int window_create(struct window *w, struct tracee *t, const struct maps *maps);

/* Take it out of the stopped process, but for the area. The process may be gone
 * already: then t is NULL. */
int window_destroy(struct window *w, const struct tracee *t);

/* Registers of a process that waits for its first call. */
void window_enter(const struct window *w, struct user_regs_struct *registers);

/* Begin a call: signals in mask are blocked while it is made. Then wait until
 * it is made: spinning at first, asleep for the rest. False: it is not made yet
 * and the process will stop with a SIGTRAP, window_told(), when it is. */
void window_begin(const struct window *w,
                  int64_t number,
                  const uint64_t arguments[6],
                  uint64_t mask);
bool window_wait(const struct window *w, uint32_t spin_us, uint32_t sleep_us);

/* It is made; what came of it. */
bool window_done(const struct window *w, int64_t *ret_result);

/* The process stopped to say that its call is made. */
bool window_told(const struct window *w, const struct user_regs_struct *r);

/* The process stopped in its call: it shall not make it again by itself but say
 * how it was interrupted. True if it is so and the registers are to be set. */
bool window_interrupted(const struct window *w,
                        const struct user_regs_struct *r);

/* Memory of large calls goes back to the kernel. */
void window_trim(const struct window *w);

#endif /* REAL_HOMENODE_WINDOW_H */
