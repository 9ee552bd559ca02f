/* calls_shape.h - what both sides know of the memory of a call: of which shape
 * and how large an argument is. Only for calls*.c. */
#ifndef REAL_HOMENODE_CALLS_SHAPE_H
#define REAL_HOMENODE_CALLS_SHAPE_H

#include "calls.h"

enum {
    CALL_STRING_BYTES = 4096, /* With its 0; PATH_MAX. */
    CALL_NAME_BYTES = 128,    /* struct sockaddr_storage */
    CALL_CONTROL_BYTES = 32 * 1024,
    CALL_EVENT_BYTES = 64,   /* struct sigevent */
    CALL_HEADER_BYTES = 56,  /* struct msghdr */
    CALL_HEADERS_BYTES = 64, /* struct mmsghdr */
};

/* What is made at home of a message: struct mmsghdr, struct iovec. */
enum { CALL_BUILT_BYTES = CALL_HEADERS_BYTES + 16 };

/* May home be asked for it at all? */
bool call_forwarded(const struct call *call);

/* Argument `index` as these arguments make it: commands and options looked up.
 * False: it is not known what memory it has. */
bool call_argument_of(const struct call *call,
                      const uint64_t arguments[6],
                      unsigned index,
                      struct call_argument *ret);

/* Its bytes; pointed: the int that COUNT_POINTED needs. More than any call may
 * have, if it would not fit. */
uint64_t call_bytes(const struct call_argument *argument,
                    const uint64_t arguments[6],
                    int32_t pointed);

/* The same of what a result says: SHAPE_READ. */
uint64_t call_read_bytes(const struct call_argument *argument, int64_t result);

/* Does this struct sigevent have no pointer that the kernel follows? */
bool call_event_plain(const uint8_t event[CALL_EVENT_BYTES]);

/* By calls_commands.c. */
bool call_command(const struct call *call,
                  uint32_t command,
                  struct call_argument *ret);
bool call_option_plain(int32_t level, int32_t option);

#endif /* REAL_HOMENODE_CALLS_SHAPE_H */
