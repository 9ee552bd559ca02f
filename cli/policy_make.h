/* policy_make.h - policies outside the tree: their skeletons and how they are
 * built. Exit codes; what went wrong is said on stderr. */
#ifndef CLI_POLICY_MAKE_H
#define CLI_POLICY_MAKE_H

/* Write FOLDER/NAME.c, its test and its scenario, none of which may be there,
 * and build NAME.so. family: NULL if the name begins with it. */
int policy_new(const char *folder, const char *name, const char *family);

/* Compile FILE.c by the C compiler, $CC or cc, into FILE.so, and look whether
 * --policy-path would load it; what would not be is not left. */
int policy_build(const char *file);

/* policy.h of this build, to stdout. */
int policy_header(void);

#endif /* CLI_POLICY_MAKE_H */
