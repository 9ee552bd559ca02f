/* criu.h - checkpoints by CRIU, for what ours refuses: threads, and trees of
 * processes. An image is a folder, written beside its name and renamed.
 *
 * CRIU is a program of its own, not needed otherwise; `criu check` decides
 * whether it works on this kernel. Descriptors are CRIU's business: terminals
 * are handled as with --shell-job, established TCP connections refused.
 */
#ifndef REAL_HOMENODE_CRIU_H
#define REAL_HOMENODE_CRIU_H

#include <sys/types.h>

#include "../../traces/complaint.h"

/* 0 if `program`, a path or a name of PATH, is there and its check passes;
 * else -ENOTSUP and why. */
int criu_check(const char *program, struct complaint *ret_complaint);

/* Save a process and all its children into a new folder; they go on. -EEXIST
 * if the name is taken. */
int criu_save(const char *program,
              pid_t pid,
              const char *folder,
              struct complaint *ret_complaint);

/* Begin again with the numbers they had, as children of nobody here: the first
 * process is reparented as a daemon's. */
int criu_recover(const char *program,
                 const char *folder,
                 pid_t *ret_pid,
                 struct complaint *ret_complaint);

#endif /* REAL_HOMENODE_CRIU_H */
