/* cgroup.h - a group of processes with limits, in version 1 or 2 or both, as
 * they are mounted.
 *
 * It is a folder guest-PID-NUMBER, PID that of its maker, below the folder that
 * the caller names: below the caller's own group, or from the top of each
 * hierarchy if the name begins with /. In version 2 a group with processes
 * in it cannot have limited ones below, so a caller says a name from the top
 * there. The folder is made if it is not there, and stays; empty groups in it
 * whose makers are gone are removed by the next cgroup_create().
 */
#ifndef REAL_HOMENODE_CGROUP_H
#define REAL_HOMENODE_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup_find.h"

enum cgroup_controller {
    CGROUP_CPU,
    CGROUP_MEMORY,
    CGROUP_PIDS,
    CGROUP_FREEZER,
    CGROUP_CONTROLLERS
};

struct cgroup
{
    /* Of each controller; "": it is not mounted, or not ours to use. Some may
     * be the same. */
    char folders[CGROUP_CONTROLLERS][CGROUP_PATH_BYTES];
    bool unified[CGROUP_CONTROLLERS]; /* Version 2. */
};

/* Give the folder to a user, who can then make groups in it: for a process with
 * rights, before it becomes that user. In version 2 the caller is put into a
 * group `guardians` in that folder, since a user may move processes only within
 * what is his own. -ENOTSUP: there is no hierarchy that we may write to. */
int cgroup_give(const char *folder, uid_t uid, gid_t gid);

/* Remove empty groups in it whose makers are gone: they cannot themselves, once
 * the folder is given to another user. */
void cgroup_sweep(const char *folder);

/* Remove the folder, if nobody is in it any more. */
void cgroup_take_away(const char *folder);

/* With those controllers that this machine and this user have; 0 with at least
 * one. -ENOTSUP: none. */
int cgroup_create(struct cgroup *ret, const char *folder, pid_t number);

bool cgroup_has(const struct cgroup *cgroup, enum cgroup_controller which);

/* Put a process in; its children are born there. Controllers whose group does
 * not take it are given up, and the error is that of the first. */
int cgroup_add(struct cgroup *cgroup, pid_t pid);

/* Limits; -ENOTSUP without the controller. */
int cgroup_limit_memory(const struct cgroup *cgroup, uint64_t bytes);
int cgroup_limit_cpu(const struct cgroup *cgroup, uint32_t milli);
int cgroup_limit_pids(const struct cgroup *cgroup, uint32_t count);

int cgroup_freeze(const struct cgroup *cgroup, bool frozen);

/* Remove it; its processes have ended. */
void cgroup_destroy(struct cgroup *cgroup);

#endif /* REAL_HOMENODE_CGROUP_H */
