/* requests.h - what users ask of a daemon, and its answers: docs/daemon.md.
 *
 * Everybody may look. Who may kill a process may command it; what is about the
 * node or the cluster is for root and the user of the daemon.
 */
#ifndef REAL_DAEMON_REQUESTS_H
#define REAL_DAEMON_REQUESTS_H

#include "control.h"
#include "daemon.h"

/* A control_answer_t; user is the daemon. */
json_t *requests_answer(void *user,
                        const struct workload_caller *caller,
                        const json_t *request);

#endif /* REAL_DAEMON_REQUESTS_H */
