/* complaint.h - what is wrong with an input, where, and what to try.
 *
 * Every parser of the project fills this; mains print it as
 * `file:line:col: what, why, what to try`.
 */
#ifndef TRACES_COMPLAINT_H
#define TRACES_COMPLAINT_H

#include <stddef.h>

struct complaint
{
    char file[256]; /* As the user named it. */
    size_t line;    /* From 1; 0: the whole file. */
    size_t column;  /* From 1; 0: the whole line. */
    char text[512]; /* what, why, what to try. */
};

/* Fill it; file may be NULL to leave it as it is. Returns error, so that a
 * parser ends with `return complain(...)`. */
int complain(struct complaint *c,
             int error,
             const char *file,
             size_t line,
             size_t column,
             const char *text,
             ...) __attribute__((format(printf, 6, 7)));

#endif /* TRACES_COMPLAINT_H */
