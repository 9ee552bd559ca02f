/* control.h - commands to a run over a socket: one line in, an answer out,
 * whose first word is ok or error. */
#ifndef REAL_HOMENODE_DRIVER_CONTROL_H
#define REAL_HOMENODE_DRIVER_CONTROL_H

#include "mover.h"

enum { ANSWER_BYTES = 8192 };

/* The socket at that path; what is there already, and no socket that listens,
 * is in the way. */
int control_listen(const char *path, int *ret_socket, struct complaint *c);

/* The next command; ret_socket is to be answered. -EAGAIN: none. */
int control_take(int listener, int *ret_socket, char ret_line[LINE_BYTES]);
void control_answer(int socket, const char *text);

/* The other side: say a command, print the answer. Exit status. */
int control_ask(const char *path, const char *line);

#endif /* REAL_HOMENODE_DRIVER_CONTROL_H */
