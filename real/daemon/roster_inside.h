/* roster_inside.h - what the files of roster.h share. */
#ifndef REAL_DAEMON_ROSTER_INSIDE_H
#define REAL_DAEMON_ROSTER_INSIDE_H

#include "roster.h"

/* How many bytes its signature signs; all, if it has none. */
size_t roster_signed_bytes(const char *text, size_t text_bytes);

/* -EBADMSG unless that administrator signed it. */
int roster_check(const char *text,
                 size_t text_bytes,
                 const char *name,
                 const unsigned char *administrator,
                 struct complaint *c);

/* What is before the signature. -EINVAL also if it names another administrator.
 */
int roster_read_text(const char *text,
                     size_t text_bytes,
                     const char *name,
                     const unsigned char *administrator,
                     struct roster *ret,
                     struct complaint *c);

#endif /* REAL_DAEMON_ROSTER_INSIDE_H */
