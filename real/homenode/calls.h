/* calls.h - the system calls of x86-64 and what becomes of each when a process
 * is away. One row a call, calls.c; what has no row goes home first and is made
 * there, so a call nobody thought of is slow and never wrong.
 */
#ifndef REAL_HOMENODE_CALLS_H
#define REAL_HOMENODE_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

enum call_class {
    CALL_LOCAL,     /* The host's kernel makes it; the filter lets it pass. */
    CALL_FORWARDED, /* Made at home, with the memory that it names. */
    CALL_SPECIAL,   /* The guest does more: enum call_special. */
    CALL_GO_HOME,   /* The process goes home and makes it there. */
    CALL_REFUSED,   /* Goes home and stays: what it does binds it there. */
    CALL_CLASSES
};

/* What a guest does for a call of CALL_SPECIAL. */
enum call_special {
    SPECIAL_NONE,
    SPECIAL_MAP,      /* mmap: anonymous by the filter, a private one of a file
                         from home's bytes, else goes home. */
    SPECIAL_EXIT,     /* exit, exit_group. */
    SPECIAL_EXECUTE,  /* execve: made at home; the body ends if it succeeds. */
    SPECIAL_SLEEP,    /* nanosleep and its like: local, with its deadline. */
    SPECIAL_CLOCK,    /* clock_gettime of a CPU time: home's and the body's. */
    SPECIAL_USAGE,    /* getrusage, times: likewise. */
    SPECIAL_TIMER,    /* setitimer: REAL at home, the others local. */
    SPECIAL_LIMIT,    /* prlimit: at home and here. */
    SPECIAL_CONTROL,  /* prctl: by its first argument. */
    SPECIAL_IDENTITY, /* getpid and its like: answered from what is known. */
    SPECIAL_FUTEX,    /* Local, while it is the process's own. */
    SPECIAL_KINDS
};

/* The shape of one argument: a value, or memory of so many bytes. */
enum call_shape {
    SHAPE_NONE, /* There is no such argument. */
    SHAPE_VALUE,
    SHAPE_STRING, /* In, to its 0. */
    SHAPE_IN,     /* In. */
    SHAPE_OUT,    /* Out, if the call succeeds. */
    SHAPE_BOTH,   /* In, and out. */
    SHAPE_READ,   /* Out, as many bytes as the result says. */
    SHAPE_VECTOR, /* struct iovec: in, what they point to in or out. */
    SHAPE_VECTOR_READ,
    SHAPE_MESSAGE, /* struct msghdr, with names, vectors, control. */
    SHAPE_MESSAGE_READ,
    SHAPE_STRINGS,   /* Of execve: pointers up to NULL, each to a string. */
    SHAPE_COMMAND,   /* ioctl and fcntl: by the number of the command. */
    SHAPE_SETS,      /* fd_set of select: by its first argument. */
    SHAPE_MASK_PAIR, /* Of pselect6: pointer and size of a signal mask. */
    SHAPE_KINDS
};

/* Memory has bytes, or bytes x argument `count`, or as many as the u32 that
 * argument `count` points to says. */
enum call_count { COUNT_FIXED, COUNT_ARGUMENT, COUNT_POINTED };
struct call_argument
{
    uint8_t shape;   /* enum call_shape */
    uint8_t counted; /* enum call_count */
    uint8_t count;   /* Which argument. */
    uint16_t bytes;
};

struct call
{
    const char *name;
    int16_t number;
    uint8_t call_class; /* enum call_class */
    uint8_t special;    /* enum call_special */
    bool waits; /* May block for long, so a signal or recall interrupts it. */
    struct call_argument arguments[6];
};

/* The row of a call; NULL: it has none, and goes home. */
const struct call *call_of(int64_t number);

/* All rows, by number. */
const struct call *calls_all(size_t *ret_count);

/* The memory of the caller, wherever it is. Both: 0, or -EFAULT. */
struct call_memory
{
    void *context;
    int (*read)(void *context, uint64_t from, void *to, size_t bytes);
    int (*write)(void *context, uint64_t to, const void *from, size_t bytes);
};

/* A request on its way, the caller's addresses with it. */
struct call_packed
{
    struct wire_request request; /* Head and mask are for the caller to set. */
    struct wire_area areas[WIRE_AREAS_MAX];
    uint64_t addresses[WIRE_AREAS_MAX]; /* Where they lie at the caller. */
    size_t data_bytes;
    uint8_t *data; /* WIRE_DATA_BYTES; the caller's of call_pack(). */
};

/* The parts of a call that home needs. A read or write of more than fits is cut
 * to what fits if the call may be short, as on pipes and sockets; the guest
 * asks again for the rest of one that may not (regular files). 0: packed;
 * -EFAULT: is the call's own result; -ENOTSUP: it cannot be forwarded (unknown
 * command, too much memory): go home. */
int call_pack(int64_t number,
              const uint64_t arguments[6],
              const struct call_memory *memory,
              struct call_packed *ret);

/* What came back, into the caller's memory. *ret_result is what the call
 * returns. -EBADMSG if home's reply does not fit the request. */
int call_unpack(const struct call_packed *packed,
                const struct incoming *reply,
                const struct call_memory *memory,
                int64_t *ret_result);

/* Home: may an away process ask this? Looks at the call's class and at every
 * area against the row: nothing may be read or written but what the call itself
 * names. NULL: yes; else why not, a literal. */
const char *call_wrong(const struct wire_asked *asked);

/* Home: lay the areas out in a window whose bytes are at `here`, and which the
 * process that makes the call sees at `there`; ret_arguments are what the call
 * is made with. -E2BIG: window_bytes are too few. */
int call_place(const struct wire_asked *asked,
               uint8_t *here,
               uint64_t there,
               size_t window_bytes,
               uint64_t ret_arguments[6]);

/* Home: the tail of the reply from the window. Returns its bytes; room is at
 * least WIRE_DATA_BYTES + 8 for each area. */
size_t call_collect(const struct wire_asked *asked,
                    const uint8_t *here,
                    int64_t result,
                    uint8_t *ret_tail,
                    size_t room);

/* One sentence why a process is at home because of this call; a literal. */
const char *call_why_home(int64_t number);

#endif /* REAL_HOMENODE_CALLS_H */
