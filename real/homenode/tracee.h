/* tracee.h - a process that the calling thread has stopped and works on.
 *
 * ptrace(2) belongs to a thread: all calls about one tracee come from the
 * thread that seized it. A tracee is stopped between tracee_stop() and
 * tracee_let_go(); nothing of it is traced before and after, so a process that
 * is not moved pays nothing.
 *
 * System calls are made by the tracee itself, in an area that the tracer maps
 * into it: one page of code that runs a whole list of calls at once, and room
 * for the list and for what the calls read and write. So asking for 62 signal
 * handlers costs two context switches, not 124.
 *
 * x86-64. All operations return 0 or a negative errno; -ESRCH: it has died.
 */
#ifndef REAL_HOMENODE_TRACEE_H
#define REAL_HOMENODE_TRACEE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

enum {
    TRACEE_PAGE_BYTES = 4096,
    TRACEE_CALLS_MAX = 256, /* In one list. */
    TRACEE_ROOM_BYTES = 32 * 1024,
    TRACEE_SIGNALS_MAX = 32, /* That come while it is being stopped. */
};

/* The area: code, the list of calls, room. */
#define TRACEE_AREA_BYTES                                                \
    (TRACEE_PAGE_BYTES + TRACEE_CALLS_MAX * sizeof(struct tracee_call) + \
     TRACEE_ROOM_BYTES)

/* One system call of a list; the code in the area knows this layout. */
struct tracee_call
{
    int64_t number;
    uint64_t arguments[6];
    int64_t result; /* Or a negative errno. */
};

/* Pages that its kernel waits for, and those it asks us about: fill() answers
 * what is found on the descriptor. */
struct tracee_holes
{
    int wait_on;
    int (*fill)(void *context);
    void *context;
};

struct tracee
{
    pid_t pid;
    uint64_t syscall_at; /* A `syscall` instruction of its vDSO; 0: none. */
    uint64_t area_at;    /* 0: no area is mapped. */
    bool stopped;        /* By job control, apart from the tracer. */
    siginfo_t signals[TRACEE_SIGNALS_MAX]; /* Taken back on the way to the */
    size_t signal_count;                   /* stop, to be sent again. */
    bool in_wait;  /* Its kernel knows what is left of the wait that it is in:
                      image.h. */
    bool filtered; /* Its calls are told on the listener, not owned: those that
                      the tracer makes in it are then let pass from there. */
    int listener;
    const struct tracee_holes *holes; /* NULL: none. filtered only. */
};

/* Seize a process that runs or sleeps; it goes on. options are those of
 * PTRACE_SEIZE. -EPERM if it is traced already or is somebody else's. */
int tracee_seize(struct tracee *t, pid_t pid, unsigned long options);

/* Stop it, wherever it is. Signals that came first are kept in signals. */
int tracee_stop(struct tracee *t);

/* Run on from the stop as an untraced process. Its area must be gone. */
int tracee_let_go(struct tracee *t);

/* Stop it for a moment and let it run on, seized as before: signals that come
 * first are given to it, and a system call that the stop interrupted is begun
 * again by the kernel, as after any stop. Signals are blocked between the two;
 * it must not wait for the calling thread, as for an answer to its call. */
struct tracee_pause
{
    struct user_regs_struct registers;
    uint64_t signal_mask;
};
int tracee_pause(struct tracee *t, struct tracee_pause *ret_pause);
int tracee_go_on(struct tracee *t, const struct tracee_pause *pause);

/* A stop of it that nobody has waited for yet, as waitpid(2) tells it. */
bool tracee_take_stop(pid_t pid, int *ret_status);

/* It has died. How is left to be seen by its parent, who may be this process;
 * if it is another, tracee_bury() waits, so that the parent can. */
bool tracee_died(pid_t pid);
void tracee_bury(pid_t pid);

/* General registers. set forgets the system call that it was in: nothing is
 * restarted by the kernel behind the tracer's back. */
int tracee_registers(const struct tracee *t, struct user_regs_struct *ret);
int tracee_set_registers(const struct tracee *t,
                         const struct user_regs_struct *registers);

/* Blocked signals, one bit each from bit 0 for signal 1. */
int tracee_signal_mask(const struct tracee *t, uint64_t *ret_mask);
int tracee_set_signal_mask(const struct tracee *t, uint64_t mask);

/* Map the area, at that address or, with 0, anywhere; unmap it. Signals must be
 * blocked. The registers are as before afterwards. */
int tracee_map_area(struct tracee *t, uint64_t address);
int tracee_unmap_area(struct tracee *t);

/* Where the room of the area is, TRACEE_ROOM_BYTES of it. */
uint64_t tracee_room(const struct tracee *t);

/* Make these calls in order, each whatever became of the one before, and fill
 * in the results. Any count. */
int tracee_run(const struct tracee *t, struct tracee_call *calls, size_t count);

/* Make one call without an area, on the vDSO's own instruction. */
int tracee_run_one(const struct tracee *t, struct tracee_call *call);

/* One instruction on; other stops are passed over. It is the tracee's own code:
 * a system call that the filter tells is not made, but fails with ENOSYS. */
int tracee_step(const struct tracee *t, struct user_regs_struct *registers);

/* Registers of a stop that we made: some calls the kernel ends with EINTR then,
 * though no signal came. They are changed so that it begins them again, unless
 * a handler runs first. True: they are. */
bool tracee_restart_call(struct user_regs_struct *registers);

/* Let it begin the system call of these registers, whose instruction is at rip,
 * and be interrupted as soon as it waits. ret: the registers then. */
int tracee_begin_call(const struct tracee *t,
                      const struct user_regs_struct *registers,
                      struct user_regs_struct *ret);

/* Its memory, whatever the protection. -EFAULT if a part is not mapped. */
int tracee_read(const struct tracee *t, uint64_t from, void *to, size_t bytes);
int tracee_write(const struct tracee *t,
                 uint64_t to,
                 const void *from,
                 size_t bytes);

#endif /* REAL_HOMENODE_TRACEE_H */
