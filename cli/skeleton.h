/* skeleton.h - what `vencejo policy new` writes, and policy.h of this build. */
#ifndef CLI_SKELETON_H
#define CLI_SKELETON_H

struct skeleton
{
    const char *name; /* FAMILY.c, FAMILY.yaml, test.sh, policy.h. */
    const char *text; /* @NAME@ stands for the policy's name. */
};

/* Ends with a NULL name. */
extern const struct skeleton skeletons[];

#endif /* CLI_SKELETON_H */
