/* figures.h - what /proc says of a process that is stopped at its end. */
#ifndef TRACES_FIGURES_H
#define TRACES_FIGURES_H

#include "recording.h"

/* Add what one of its threads has used, and take over what is counted for all
 * of them together. Once for each thread. 0 or negative errno. */
int figures_read(struct life *life, pid_t thread);

/* Its user, from the environment of the program that it has just begun; kept as
 * it is if that says nothing. */
void figures_read_user(struct life *life);

/* Of a process or thread that is there: its process, and its parent's. 0 or
 * negative errno. */
int figures_read_parent(pid_t thread, pid_t *ret_pid, pid_t *ret_parent_pid);

#endif /* TRACES_FIGURES_H */
