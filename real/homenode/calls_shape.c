/* calls_shape.c - see calls_shape.h. */
#include "calls_shape.h"

#include <string.h>

bool call_forwarded(const struct call *call)
{
    return call->call_class == CALL_FORWARDED ||
           (call->call_class == CALL_SPECIAL && call->special != SPECIAL_MAP &&
            call->special != SPECIAL_FUTEX);
}

/* The value of a socket's option lies in argument 3, its length in 4. */
static bool option_of(const uint64_t arguments[6],
                      uint8_t shape,
                      struct call_argument *ret)
{
    if (!call_option_plain((int32_t)arguments[1], (int32_t)arguments[2]))
        return false;
    *ret = (struct call_argument){
        .shape = SHAPE_IN, .counted = COUNT_INT, .count = 4, .bytes = 1};
    if (shape == SHAPE_OPTION_READ) {
        ret->shape = SHAPE_BOTH;
        ret->counted = COUNT_POINTED;
    }
    return true;
}

bool call_argument_of(const struct call *call,
                      const uint64_t arguments[6],
                      unsigned index,
                      struct call_argument *ret)
{
    const struct call_argument *row = &call->arguments[index];
    switch (row->shape) {
        case SHAPE_COMMAND:
            return call_command(call, (uint32_t)arguments[row->count], ret);
        case SHAPE_OPTION:
        case SHAPE_OPTION_READ:
            return option_of(arguments, row->shape, ret);
        default:
            *ret = *row;
            return true;
    }
}

/* extra + bytes x count, which does not overflow with a count of 64 bits. */
static uint64_t times(const struct call_argument *argument, uint64_t count)
{
    if (count > UINT32_MAX)
        return UINT64_MAX;
    return argument->extra + argument->bytes * count;
}

static uint64_t not_negative(int32_t count)
{
    return count < 0 ? 0 : (uint64_t)count;
}

uint64_t call_bytes(const struct call_argument *argument,
                    const uint64_t arguments[6],
                    int32_t pointed)
{
    uint64_t count = arguments[argument->count];
    switch (argument->counted) {
        case COUNT_SIZE:
            return times(argument, count);
        case COUNT_UINT:
            return times(argument, (uint32_t)count);
        case COUNT_INT:
            return times(argument, not_negative((int32_t)count));
        case COUNT_BITS:
            return (not_negative((int32_t)count) + 63) / 64 * 8;
        case COUNT_POINTED:
            return times(argument, not_negative(pointed));
        default:
            return argument->bytes;
    }
}

uint64_t call_read_bytes(const struct call_argument *argument, int64_t result)
{
    return result < 0 ? 0 : times(argument, (uint64_t)result);
}

/* sigev_notify, an int at 12: SIGEV_SIGNAL 0, SIGEV_NONE 1, SIGEV_THREAD_ID 4.
 * SIGEV_THREAD hands a pointer to the kernel. */
bool call_event_plain(const uint8_t event[CALL_EVENT_BYTES])
{
    int32_t notify;
    memcpy(&notify, event + 12, sizeof notify);
    return notify == 0 || notify == 1 || notify == 4;
}
