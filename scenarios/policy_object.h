/* policy_object.h - looks at a shared object before any of it is run. */
#ifndef SCENARIOS_POLICY_OBJECT_H
#define SCENARIOS_POLICY_OBJECT_H

#include "../traces/complaint.h"

/* What a policy may call, apart from the functions of policy.h: the pure part
 * of the C library, as for the policies of the tree. Ends with NULL. */
extern const char *const policy_object_pure[];

/* The functions of policy.h; written by the build. Ends with NULL. */
extern const char *const policy_object_api[];

/* 0; or -ENOEXEC or other negative errno and a complaint: it is no shared
 * object of this machine, it calls what a policy may not, it holds data that
 * can change or code that runs when it is loaded, or needs other libraries. */
int policy_object_check(const char *path, struct complaint *ret_complaint);

#endif /* SCENARIOS_POLICY_OBJECT_H */
