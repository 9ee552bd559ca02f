/* pass.h - descriptors from one process to another, each with a line. */
#ifndef REAL_HOMENODE_DRIVER_PASS_H
#define REAL_HOMENODE_DRIVER_PASS_H

#include "connection.h"

/* Over a SOCK_SEQPACKET pair. The descriptor stays open here, too; -1: none
 * goes with the line. */
int pass_put(int pair, int descriptor, const char *line);

/* ret_descriptor: -1 if none came. -ENODATA: the other end is closed; -EAGAIN:
 * nothing there yet; -EBADMSG: no line. */
int pass_get(int pair, int *ret_descriptor, char ret_line[LINE_BYTES]);

/* The same, waiting for it so long. -ETIMEDOUT. */
int pass_await(int pair,
               int *ret_descriptor,
               char ret_line[LINE_BYTES],
               int milliseconds);

#endif /* REAL_HOMENODE_DRIVER_PASS_H */
