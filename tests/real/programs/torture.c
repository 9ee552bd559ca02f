/* torture.c - a program that is moved about while it does what programs do that
 * are hard to move. It knows nothing of moving.
 *
 * torture TRIAL [LENGTH [ARGUMENT]]: about LENGTH tenths of a second (20). */
#include "torture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trial
{
    const char *name;
    torture_trial *run;
};

/* clang-format off */
static const struct trial TRIALS[] = {
    {"heap", torture_heap},           /* ARGUMENT: MiB */
    {"stack", torture_stack},         /* ARGUMENT: MiB */
    {"mmaps", torture_mmaps},         /* ARGUMENT: how many */
    {"code", torture_code},           /* modifies itself */
    {"vectors", torture_vectors},     /* AVX-512 */
    {"rounding", torture_rounding},   /* control words of x87 and SSE */
    {"shared", torture_shared},       /* shared writable memory */
    {"read", torture_read},           /* these four: lines of stdin */
    {"poll", torture_poll},
    {"select", torture_select},
    {"epoll", torture_epoll},
    {"blocked", torture_blocked},     /* each call that waits for another */
    {"nanosleep", torture_nanosleep},
    {"clock_nanosleep", torture_clock_nanosleep},
    {"wait", torture_wait},
    {"itimers", torture_itimers},
    {"clocks", torture_clocks},
    {"signals", torture_signals},     /* ordered, none lost */
    {"stacks", torture_stacks},       /* handlers on a stack of their own */
    {"masked", torture_masked},       /* pending, taken by sigtimedwait */
    {"storm", torture_storm},         /* as fast as it can be told */
    {"files", torture_files},         /* ARGUMENT: how many are open */
    {"messages", torture_messages},   /* descriptors in messages */
    {"locks", torture_locks},
    {"identity", torture_identity},
    {"fork", torture_fork},
    {"execute", torture_execute},     /* itself, over and over */
    {"spawn", torture_spawn},
    {"threads", torture_threads},
};
/* clang-format on */

uint64_t torture_work(uint64_t state)
{
    for (int i = 0; i < 95 * 1000 * 1000; i++)
        state = torture_next(state);
    return state;
}

int torture_right(const char *what, uint64_t value)
{
    printf("%s: %016" PRIx64 "\n", what, value);
    return EXIT_RIGHT;
}

int torture_wrong(const char *what, long expected, long got)
{
    printf("%s: %ld expected, got %ld\n", what, expected, got);
    return EXIT_WRONG;
}

int main(int count, char **arguments)
{
    for (size_t i = 0; i < sizeof TRIALS / sizeof *TRIALS; i++) {
        if (count < 2 || strcmp(arguments[1], TRIALS[i].name) != 0)
            continue;
        long length = 2 < count ? strtol(arguments[2], NULL, 10) : 20;
        long argument = 3 < count ? strtol(arguments[3], NULL, 10) : 0;
        int status = TRIALS[i].run(length, argument);
        return fflush(stdout) == 0 ? status : EXIT_WRONG;
    }
    fprintf(stderr, "usage: torture TRIAL [LENGTH [ARGUMENT]]\n");
    for (size_t i = 0; i < sizeof TRIALS / sizeof *TRIALS; i++)
        fprintf(stderr, "  %s\n", TRIALS[i].name);
    return EXIT_USAGE;
}
