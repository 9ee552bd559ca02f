/* hostile.h - what hostile.c and its tests agree on: a page at a fixed address,
 * which the test reads and writes from outside, whatever the program may call.
 */
#ifndef TESTS_REAL_HOSTILE_H
#define TESTS_REAL_HOSTILE_H

#include <stdint.h>

#define HOSTILE_PAGE UINT64_C(0x200000000000)

/* What it tries in `attempts`; the result of each is a value of the page. */
enum hostile_attempt {
    ATTEMPT_OPEN_PASSWD,
    ATTEMPT_OPEN_CANARY,
    ATTEMPT_CREATE_FILE,
    ATTEMPT_UNLINK_CANARY,
    ATTEMPT_LIST_ROOT,
    ATTEMPT_KILL_CANARY,
    ATTEMPT_QUEUE_SIGNAL,
    ATTEMPT_KILL_PARENT,
    ATTEMPT_SOCKET_INET,
    ATTEMPT_SOCKET_UNIX,
    ATTEMPT_TRACE_CANARY,
    ATTEMPT_READ_CANARY,
    ATTEMPT_WRITE_GUARDIAN,
    ATTEMPT_MOUNT,
    ATTEMPT_SETNS,
    ATTEMPT_UNSHARE,
    ATTEMPT_HOSTNAME,
    ATTEMPT_MEMFD,
    ATTEMPT_USERFAULT,
    ATTEMPT_URING,
    ATTEMPT_BPF,
    ATTEMPT_PERF,
    ATTEMPT_KEYRING,
    ATTEMPT_HANDLE,
    ATTEMPT_UNDUMPABLE,
    ATTEMPT_OWN_FILTER,
    ATTEMPT_ROOT,
    ATTEMPT_FORK,
    ATTEMPT_COUNT
};

enum { HOSTILE_UNTRIED = 1 << 20, HOSTILE_TRIES = 12 };

struct hostile_page
{
    volatile uint64_t go;   /* The test sets it, and it begins. */
    volatile uint64_t done; /* It has set it: it did all. */
    volatile int64_t step;  /* What it is at: a number, a megabyte. */
    volatile uint64_t turns;
    volatile int64_t values[ATTEMPT_COUNT];
};

#endif /* TESTS_REAL_HOSTILE_H */
