/* child.h - the program that is run: begun, signalled, waited for. */
#ifndef REAL_HOMENODE_DRIVER_CHILD_H
#define REAL_HOMENODE_DRIVER_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "../rule.h"

/* Begin it with this signal mask and what else is ours: descriptors, directory,
 * terminal; and with a rule (NULL: none). 0, or the negative errno of execvp(3)
 * or rule_enter(). */
int child_begin(char *const command[],
                const sigset_t *mask,
                const struct rule *rule,
                pid_t *ret_pid);

/* Stop as it does, if it has: a shell that waits for us sees it. */
void child_stop_alike(pid_t pid);

/* Exit status of a shell: the program's or 128 + signal. It has ended. */
int child_status(pid_t pid);

#endif /* REAL_HOMENODE_DRIVER_CHILD_H */
