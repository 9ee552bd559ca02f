/* homenode_move.c - how long a process that moves stands still, out and home,
 * with the whole engine: home, guardian and body over TCP on this machine. On a
 * busy machine the least says more than the median.
 *
 * Usage: bench_homenode_move MEBIBYTES MEBIBYTES_PER_S MODE [TURNS]: the
 * process writes so much of its memory all the while; MODE is stop, precopy,
 * postcopy or hybrid. Medians.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "away.h"
#include "measure.h"

enum { TURNS = 5, TURNS_MAX = 25 };

static enum transfer_mode mode_of(const char *name)
{
    static const char *const names[TRANSFER_MODES] = {"stop", "precopy",
                                                      "postcopy", "hybrid"};
    for (int i = 0; i < TRANSFER_MODES; i++)
        if (strcmp(names[i], name) == 0)
            return (enum transfer_mode)i;
    die("no mode is called so");
}

int main(int argc, char **argv)
{
    double out[TURNS_MAX];
    double take[TURNS_MAX];
    double memory[TURNS_MAX];
    double ready[TURNS_MAX];
    double back[TURNS_MAX];
    double total[TURNS_MAX];
    double whole[TURNS_MAX];
    double rounds[TURNS_MAX];
    double rest[TURNS_MAX];
    struct away a;
    sigset_t children;
    if (argc < 4) {
        fprintf(stderr, "usage: %s MEBIBYTES MEBIBYTES_PER_S MODE [TURNS]\n",
                argv[0]);
        return EXIT_FAILURE;
    }
    int turns = argc > 4 ? atoi(argv[4]) : TURNS;
    if (turns < 1 || turns > TURNS_MAX)
        die("so many turns are not taken");
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    signal(SIGPIPE, SIG_IGN);
    const struct away_options options = {.memory_bytes = (size_t)atol(argv[1])
                                                         << 20,
                                         .mode = mode_of(argv[3]),
                                         .home_processor = -1,
                                         .host_processor = -1};
    away_begin(&a, &options);
    away_order(&a, ORDER_LOCAL, 0, 1); /* Its memory is touched. */
    if (atof(argv[2]) > 0)
        away_order(&a, ORDER_DIRTY, (size_t)atol(argv[2]) << 20, 0);
    for (int i = 0; i < turns; i++) {
        struct deputy_cost cost;
        away_go(&a, &cost);
        out[i] = (double)cost.freeze_us / 1e3;
        take[i] = (double)cost.take_us / 1e3;
        memory[i] = (double)cost.memory_us / 1e3;
        ready[i] = (double)cost.ready_us / 1e3;
        total[i] = (double)cost.total_us / 1e3;
        rounds[i] = cost.transfer.rounds;
        rest[i] = (double)cost.transfer.rest_bytes / (1 << 20);
        whole[i] = away_await_whole(&a, &cost) / 1e3;
        away_come_home(&a, &cost);
        back[i] = (double)cost.freeze_us / 1e3;
    }
    away_end(&a);
    print_figure("freeze_ms", median(out, (size_t)turns), "ms");
    print_figure("freeze_least_ms", out[0], "ms"); /* Sorted by now. */
    print_figure("freeze_take_ms", median(take, (size_t)turns), "ms");
    print_figure("freeze_memory_ms", median(memory, (size_t)turns), "ms");
    print_figure("freeze_ready_ms", median(ready, (size_t)turns), "ms");
    print_figure("freeze_home_ms", median(back, (size_t)turns), "ms");
    print_figure("total_ms", median(total, (size_t)turns), "ms");
    print_figure("whole_ms", median(whole, (size_t)turns), "ms");
    print_figure("rounds", median(rounds, (size_t)turns), "");
    print_figure("rest_mib", median(rest, (size_t)turns), "MiB");
    return EXIT_SUCCESS;
}
