/* control.h - the local socket: requests of users and scripts, one JSON object
 * a line, and one line for each answer (docs/daemon.md).
 *
 * Who asks is what the kernel says of him. Nobody can make the daemon wait,
 * grow or stop: lines, connections, requests in a second and bytes that nobody
 * reads are limited, and who exceeds a limit is told and cut off.
 */
#ifndef REAL_DAEMON_CONTROL_H
#define REAL_DAEMON_CONTROL_H

#include <jansson.h>
#include <uv.h>

#include "../../traces/complaint.h"
#include "workload.h"

enum {
    CONTROL_VERSION = 1,
    CONTROL_LINE_BYTES_MAX = 16384,
    CONTROL_CALLERS_MAX = 64,
    CONTROL_BURST = 64, /* Requests at once, */
    CONTROL_PER_S = 32, /* and as many more each second. */
    CONTROL_UNREAD_BYTES_MAX = 4 << 20,
};

struct control;

/* The answer, a new reference; never NULL. request is an object of our version.
 */
typedef json_t *control_answer_t(void *user,
                                 const struct workload_caller *caller,
                                 const json_t *request);

/* Listens; all may connect, since each request is judged by who asks. A socket
 * that nobody listens at any more is replaced. -EADDRINUSE: another daemon
 * listens there. said may be NULL. */
int control_create(struct control **ret,
                   uv_loop_t *loop,
                   const char *path,
                   control_answer_t *answer,
                   void *user,
                   struct complaint *c);

/* Callers are cut off, the socket's file removed. It is gone when the loop has
 * run. NULL: nothing. */
void control_destroy(struct control *control);

/* What is refused or failed, as an answer. outcome: "refused", "failed",
 * "bad". */
json_t *control_no(const char *outcome,
                   const char *why,
                   const char *what_to_try);

/* One line, without its end, to its answer: as it comes from a caller. For
 * fuzzers. */
json_t *control_judge(const char *line,
                      size_t line_bytes,
                      const struct workload_caller *caller,
                      control_answer_t *answer,
                      void *user);

#endif /* REAL_DAEMON_CONTROL_H */
