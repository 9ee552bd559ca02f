/* fields.h - what SWF and GWF share: a row of fields between blanks, the first
 * sixteen of which mean the same in both, -1 for unknown.
 *
 * Their numbers are read by number_read(): seconds to us, memory to 1/10000
 * KiB, so that bytes are exact.
 */
#ifndef TRACES_FIELDS_H
#define TRACES_FIELDS_H

#include <stdbool.h>

#include "workload.h"

enum {
    FIELD_NUMBER,
    FIELD_SUBMIT,
    FIELD_WAIT,
    FIELD_RUN_TIME,
    FIELD_PROCESSORS,
    FIELD_CPU,
    FIELD_MEMORY,
    FIELD_ASKED_PROCESSORS,
    FIELD_ASKED_TIME,
    FIELD_ASKED_MEMORY,
    FIELD_STATUS,
    FIELD_USER,
    FIELD_GROUP,
    FIELD_PROGRAM,
    FIELD_QUEUE,
    FIELD_PARTITION,
    FIELDS_SHARED,
};

static inline bool fields_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The text ends with a NUL, its lines with a newline: no loop runs past them.
 */
static inline bool fields_is_line_end(char c)
{
    return c == '\n' || c == '\0';
}

static inline const char *fields_skip_blanks(const char *p)
{
    while (fields_is_blank(*p))
        p++;
    return p;
}

/* To what ends the field that p points into. */
static inline const char *fields_skip(const char *p)
{
    while (!fields_is_blank(*p) && !fields_is_line_end(*p))
        p++;
    return p;
}

/* Allocated or else requested processors; 1 if both are unknown. May be more
 * than a job can have. */
int64_t fields_width(const int64_t *values);

/* What the numbers from FIELD_NUMBER to FIELD_ASKED_MEMORY say, of a row that
 * has a number, a date and a possible width. Who it is of is left at 0. */
struct job fields_job(const int64_t *values);

#endif /* TRACES_FIELDS_H */
