/* hello.h - what this machine says of itself, and whether another will do. */
#ifndef REAL_HOMENODE_HELLO_H
#define REAL_HOMENODE_HELLO_H

#include "wire.h"

/* All but the head. 0 or a negative errno. */
int hello_make(struct wire_hello *ret);

/* NULL if what the other side sent is a HELLO that we can talk to; else what is
 * wrong with it, a literal. */
const char *hello_wrong(const struct wire_hello *hello);

/* NULL if a process of this home can run at this host; else why not, a literal.
 */
const char *hello_misfit(const struct wire_hello *home,
                         const struct wire_hello *host);

#endif /* REAL_HOMENODE_HELLO_H */
