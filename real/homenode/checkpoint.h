/* checkpoint.h - a running process as a file, and the file as a process.
 *
 * The file is a stream of records (stream.h): BEGIN, FILES, PENDING if
 * signals wait, IMAGE, MAPS, PAGES as many as there are, END. It is written
 * beside its name, synced and renamed: a name is a whole checkpoint or the one
 * before.
 */
#ifndef REAL_HOMENODE_CHECKPOINT_H
#define REAL_HOMENODE_CHECKPOINT_H

#include <stdint.h>
#include <sys/types.h>

#include "../../traces/complaint.h"
#include "files.h"

enum { CHECKPOINT_VERSION = 2 };

struct checkpoint_cost
{
    uint64_t freeze_us; /* For which the process stood still. */
    uint64_t bytes;     /* Of its memory, that were written. */
};

/* Save a process of this user, which goes on afterwards. What stops it is said
 * by the complaint, whose file is the process: -EPERM if it cannot be saved
 * now, for reasons of movable.h or because of what it has open. given names
 * what recovery will be given instead. */
int checkpoint_save(pid_t pid,
                    const char *path,
                    const struct file_given *given,
                    size_t given_count,
                    struct checkpoint_cost *ret_cost,
                    struct complaint *ret_complaint);

/* Begin again where it was saved, as a child of the caller; nothing of it has
 * run if this fails. same_pid: with the number it had, which must be free.
 * -EBADMSG: the file is damaged; the complaint says how. */
int checkpoint_recover(const char *path,
                       const struct file_given *given,
                       size_t given_count,
                       bool same_pid,
                       pid_t *ret_pid,
                       struct complaint *ret_complaint);

#endif /* REAL_HOMENODE_CHECKPOINT_H */
