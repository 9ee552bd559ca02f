/* version.h - which code this program was built from. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include <stdio.h>

struct argp_state;

/* Short hash of the commit, with "-dirty" if tracked files differed from it;
 * "unknown" in a source tree that is neither a checkout nor an archive made by
 * git. Written by each build. */
extern const char VENCEJO_COMMIT[];
extern const char VENCEJO_VERSION[];

/* For argp_program_version_hook: "vencejo-sim 0.1.0 (commit)". */
void version_print(FILE *out, struct argp_state *state);

#endif /* CLI_VERSION_H */
