/* cgroup_find.h - where the hierarchies of groups are mounted, in version 1 or
 * 2 or both, and where in them the caller is.
 */
#ifndef REAL_HOMENODE_CGROUP_FIND_H
#define REAL_HOMENODE_CGROUP_FIND_H

#include <stdbool.h>

enum { CGROUP_PATH_BYTES = 256 };

struct cgroup_hierarchy
{
    bool unified; /* Version 2. */
    char mounted[CGROUP_PATH_BYTES];
    char root[CGROUP_PATH_BYTES]; /* What of it is mounted there. */
    char own[CGROUP_PATH_BYTES];  /* The caller's group. */
};

/* Of a controller as version 1 calls it, or the one hierarchy of version 2.
 * proc is where proc(5) is mounted. false: it is not mounted, or the caller's
 * group is not known. */
bool cgroup_find(const char *proc,
                 const char *controller,
                 bool unified,
                 struct cgroup_hierarchy *ret);

/* The path of a folder: below the caller's own group, or from the top of the
 * hierarchy if its name begins with /. A caller whom cgroup_give() has put into
 * the folder's `guardians` counts as outside of it. It need not be there.
 * false: the path is too long, or the caller's group is not mounted. */
bool cgroup_place(const struct cgroup_hierarchy *h,
                  const char *folder,
                  char ret[CGROUP_PATH_BYTES]);

/* folder/name; false: too long. */
bool cgroup_join(char ret[CGROUP_PATH_BYTES],
                 const char *folder,
                 const char *name);

#endif /* REAL_HOMENODE_CGROUP_FIND_H */
