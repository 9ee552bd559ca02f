/* calls.h - the system calls of x86-64 and what becomes of each when a process
 * is away. One row a call, calls_table.c; what has no row goes home first and
 * is made there, so a call nobody thought of is slow and never wrong.
 *
 * The guest packs the memory that a call names, home checks the request against
 * the row, lays it out in a window, makes the call and collects what it wrote,
 * the guest unpacks that. Structs with pointers in them (iovec, msghdr) are
 * made at home: what a host says never becomes a pointer.
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
    SHAPE_NONE, /* There is no such argument: 0 is sent. */
    SHAPE_VALUE,
    SHAPE_PATH,   /* In, to its 0, of the file system. */
    SHAPE_STRING, /* In, to its 0, another. */
    SHAPE_IN,     /* In. */
    SHAPE_WRITE,  /* In; the call may do with the front of it. */
    SHAPE_OUT,    /* Out, if the call succeeds. */
    SHAPE_BOTH,   /* In, and out whatever the result is. */
    SHAPE_READ,   /* Out, as many as the result says; may be less. */
    SHAPE_VECTOR, /* struct iovec: what they point to, in or out. */
    SHAPE_VECTOR_READ,
    SHAPE_MESSAGE, /* struct msghdr, with name, vectors, control. */
    SHAPE_MESSAGE_READ,
    SHAPE_MESSAGES, /* struct mmsghdr of sendmmsg. */
    SHAPE_MESSAGES_READ,
    SHAPE_STRINGS,   /* Of execve: pointers up to NULL, each to a string. */
    SHAPE_MASK_PAIR, /* Of pselect6: pointer and size of a signal mask. */
    SHAPE_EVENT,     /* struct sigevent, in, without a pointer that is used. */
    SHAPE_OPTION,    /* Of setsockopt: one that has no pointers. */
    SHAPE_OPTION_READ,
    SHAPE_COMMAND, /* By the command in argument `count`: calls_commands.c. */
    SHAPE_KINDS
};

/* How many bytes. For the others, `bytes` each and `extra` in front of all. */
enum call_count {
    COUNT_FIXED, /* Exactly `bytes`. */
    COUNT_SIZE,  /* Argument `count` of them, which has 64 bits; */
    COUNT_INT,   /* an int: none if it is negative, which the kernel refuses; */
    COUNT_UINT,  /* an unsigned int. */
    COUNT_BITS,  /* An int of bits, in longs of 8 bytes. */
    COUNT_POINTED, /* The int that argument `count` points to. */
};

struct call_argument
{
    uint8_t shape;   /* enum call_shape */
    uint8_t counted; /* enum call_count */
    uint8_t count;   /* Which argument. */
    uint8_t extra;
    uint16_t bytes;
};

struct call
{
    const char *name;
    const char *why; /* It has this class, a clause; NULL if it is plain. */
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

/* A call of another class than CALL_LOCAL is local nevertheless if the low 32
 * bits of an argument are so: (argument & mask) == value, for one of its rows.
 */
struct call_local
{
    int16_t number;
    uint8_t argument;
    uint32_t mask;
    uint32_t value;
};
const struct call_local *calls_local(size_t *ret_count);
bool call_is_local(int64_t number, const uint64_t arguments[6]);

/* The memory of the caller, wherever it is. Both: 0, or -EFAULT. */
struct call_memory
{
    void *context;
    int (*read)(void *context, uint64_t from, void *to, size_t bytes);
    int (*write)(void *context, uint64_t to, const void *from, size_t bytes);
};

enum {
    CALL_PART_BYTES = 1024 * 1024, /* Read or written by one request. */
};

/* A request on its way. Start with data, pid, and done 0; nothing else is
 * cleared, so that a call without memory costs nothing. */
struct call_packed
{
    uint8_t *data; /* WIRE_DATA_BYTES, the caller's. */
    int32_t pid;   /* Of the process at home; 0 if not known. */
    uint64_t done; /* Bytes that earlier requests of this call moved. */

    struct wire_request request; /* Head and mask are for the caller to set. */
    struct wire_area areas[WIRE_AREAS_MAX];
    uint64_t arguments[6]; /* As the caller had them. */
    size_t data_bytes;
    bool cut;            /* There is more to be moved than this, */
    uint32_t part_bytes; /* so much. */
};

/* The parts of a call that home needs, and what is sent of it: request, areas,
 * data. 0: packed; -ENOTSUP: it cannot be forwarded (unknown command, a call of
 * another class, too much memory, a file that tells of the caller's memory): go
 * home. Else the call's own result, as -EFAULT. */
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

/* Has this result of a request that was cut to be followed by one for the rest?
 * Then with `done` more by the result; a failure of that one does not count, as
 * something was done. */
enum call_rest {
    REST_NONE,
    REST_ASK,
    REST_IF_REGULAR, /* If the first argument is a regular file: a pipe or
                        socket may give less. */
};
enum call_rest call_rest(const struct call_packed *packed, int64_t result);

/* Home: may an away process ask this? Looks at the call's class and at every
 * area against the row: nothing may be read or written but what the call itself
 * names. NULL: yes; else why not, a literal. */
const char *call_wrong(const struct wire_asked *asked);

/* Home, of what call_wrong() let pass: lay the areas out in a window whose
 * bytes are at `here`, aligned to 16, and which the process that makes the call
 * sees at `there`; ret_arguments are what the call is made with. -E2BIG:
 * window_bytes are too few. */
int call_place(const struct wire_asked *asked,
               uint8_t *here,
               uint64_t there,
               size_t window_bytes,
               uint64_t ret_arguments[6]);

/* Home: the tail of the reply from the window that call_place() filled. Returns
 * its bytes; room is at least WIRE_DATA_BYTES + 8 for each area. */
size_t call_collect(const struct wire_asked *asked,
                    const uint8_t *here,
                    int64_t result,
                    uint8_t *ret_tail,
                    size_t room);

/* Home, for its rules: the path that an argument names; NULL: it names none. Of
 * the record that came in. */
const char *call_path(const struct wire_asked *asked, unsigned argument);

/* One clause why a process is at home because of this call; a literal. */
const char *call_why_home(int64_t number);

#endif /* REAL_HOMENODE_CALLS_H */
