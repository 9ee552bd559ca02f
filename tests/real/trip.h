/* trip.h - a system call of this process that goes through both halves of
 * calls.h: its memory packed, sent, checked, laid out in a window between two
 * pages that nobody may touch, the call made there, its results brought back.
 */
#ifndef TESTS_REAL_TRIP_H
#define TESTS_REAL_TRIP_H

#include "real/homenode/calls.h"

enum { TRIP_WINDOW_BYTES = 4 * 1024 * 1024 };

struct trip
{
    uint8_t *window; /* TRIP_WINDOW_BYTES, the pages around it are nobody's. */
    struct call_packed packed;
    struct wire_asked asked;
    struct incoming request; /* The records, as a stream would bring them. */
    struct incoming reply;
    const char *wrong; /* What call_wrong() said of the last one. */
    bool again;        /* Ask for the rest, as of a regular file. */
};

void trip_init(struct trip *t);
void trip_finish(struct trip *t);

/* This process's own memory; -EFAULT where it has none. */
extern const struct call_memory trip_memory;

/* The call, by way of the window; what the caller would get: a result or a
 * negative errno. -ENOTSUP: it would go home. Fails the test if home would not
 * have it or a record is damaged. */
int64_t trip_call(struct trip *t, int64_t number, const uint64_t arguments[6]);

#define TRIP_NUMBER(x) ((uint64_t)(uintptr_t)(x))
#define TRIP(t, number, ...) \
    trip_call(t, number, (const uint64_t[6]){__VA_ARGS__})

/* Only as far as a request that home has taken apart, for tests that change it:
 * the result of call_pack(). */
int trip_ask(struct trip *t, int64_t number, const uint64_t arguments[6]);

/* Lay out what trip_ask() left as far up in the window as it goes, so that a
 * byte too far is in the page behind it. NULL: it does not fit. */
uint8_t *trip_place(struct trip *t, uint64_t ret_arguments[6]);

/* A file that is gone when it is closed, with these bytes. */
int trip_file(const void *bytes, size_t count);

/* A folder that the test removes. */
void trip_folder(char folder[64]);

#endif /* TESTS_REAL_TRIP_H */
