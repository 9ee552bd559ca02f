/* policy_path.h - policies from shared objects, beside those of the build. */
#ifndef SCENARIOS_POLICY_PATH_H
#define SCENARIOS_POLICY_PATH_H

#include "../algorithms/policy.h"
#include "../traces/complaint.h"

enum { POLICY_PATH_MAX = 256 };

/* The families, NULL at the end: "gossip", "place", ... */
extern const char *const policy_families[];

/* Load every <family>_<name>.so of a folder, by ascending name; each has a
 * struct policy policy_<family>_<name>. All or none: 0, or negative errno and
 * a complaint that names the object and what is wrong with it. They stay as
 * long as the program: what is loaded into a program is of all of it. */
int policy_path_load(const char *folder, struct complaint *ret_complaint);

/* One object, without keeping it: would it be loaded? */
int policy_path_try(const char *path, struct complaint *ret_complaint);

/* Of the build or loaded; NULL if there is none of that name. */
const struct policy *policy_path_find(const char *name);

/* All of them, those of the build first; NULL from there on. */
const struct policy *policy_path_at(size_t index);

#endif /* SCENARIOS_POLICY_PATH_H */
