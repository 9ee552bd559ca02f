/* version.c - what --version prints, the same for every program. */
#include "version.h"

#include <argp.h>
#include <errno.h>

void version_print(FILE *out, struct argp_state *state)
{
    (void)state;
    fprintf(out, "%s %s (%s)\n", program_invocation_short_name, VENCEJO_VERSION,
            VENCEJO_COMMIT);
}
