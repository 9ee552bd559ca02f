/* policies.c - what a policy costs on nodes of the product: nanoseconds of a
 * call of each of its handlers and of a gossip entry merged, and its messages.
 *
 * Usage: policies POLICY NODES [PARAMETER=VALUE | POLICY BEHIND]... Parameters
 * are as the policy reads them, in its units. Two clusters of NODES / 2
 * machines of one core, at a load of 0.8 of which every second machine gets
 * seven eighths; a world in steps of 10 ms, the way of a frame and of an image.
 * Else the policy runs with its defaults, behind gossip_window unless it
 * gossips itself. 10 s pass before anything is timed, and then 10 s are.
 */
#include <stdlib.h>

#include "../algorithms/node/registry.h"
#include "measure.h"
#include "policies_world.h"

enum {
    WARM_S = 10,
    TIMED_S = 10,
    CALLS_TIMED = 4000, /* Of each handler, about. */
};

/* One of so many calls and frames is timed: as many as the second before had
 * calls of the handler that is called the most. */
static void choose_stride(struct world *w)
{
    uint64_t most = 0;
    for (enum timed_handler i = 0; i < TIMED_HANDLERS; i++)
        if (w->timed->costs[i].calls > most)
            most = w->timed->costs[i].calls;
    w->timed->stride = 1 + most * TIMED_S / CALLS_TIMED;
}

static void print(const struct world *w)
{
    const struct timed *t = w->timed;
    double node_seconds = (double)w->node_count * TIMED_S;
    double spent_ns = 0;
    uint64_t calls = 0;
    double all_ns = 0;
    for (enum timed_handler i = 0; i < TIMED_HANDLERS; i++) {
        const struct timed_cost *cost = &t->costs[i];
        char name[64];
        if (cost->timed == 0)
            continue;
        snprintf(name, sizeof name, "handler_%s_ns", timed_name(i));
        print_figure(name, timed_ns(t, i), "ns");
        snprintf(name, sizeof name, "timed_%s", timed_name(i));
        print_figure(name, (double)cost->timed, "calls timed");
        snprintf(name, sizeof name, "listed_%s", timed_name(i));
        print_figure(name, (double)cost->listed / (double)cost->timed,
                     "entries on the board");
        snprintf(name, sizeof name, "procs_%s", timed_name(i));
        print_figure(name, (double)cost->procs / (double)cost->timed,
                     "processes at the node");
        if (i == TIMED_START)
            continue;
        calls += cost->calls;
        all_ns += (double)cost->calls * timed_ns(t, i);
        spent_ns +=
            i == TIMED_RECEIVE && w->merging.steps
                ? (double)cost->calls * w->merging.ns / (double)w->merging.steps
                : (double)cost->calls * timed_ns(t, i);
    }
    print_figure("call_ns", calls ? all_ns / (double)calls : 0, "ns");
    print_figure("calls_per_node_s", (double)calls / node_seconds, "1/s");
    print_figure("messages_per_node_s", (double)t->messages / node_seconds,
                 "1/s");
    print_figure("bytes_per_node_s", (double)t->bytes / node_seconds, "B/s");
    print_figure("cpu_us_per_node_s", spent_ns / node_seconds / 1000, "us/s");
    if (w->merging.entries == 0)
        return;
    print_figure("merge_entry_ns", w->merging.ns / (double)w->merging.entries,
                 "ns");
    print_figure("merge_entries",
                 (double)w->merging.entries / (double)w->merging.steps,
                 "entries of a message");
}

int main(int argc, char **argv)
{
    const struct policy *policy = argc >= 3 ? policy_find(argv[1]) : NULL;
    unsigned long node_count = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (!policy || node_count < 4 || node_count % 2 || node_count > 1 << 20) {
        fprintf(stderr,
                "Usage: policies POLICY NODES [PARAMETER=VALUE | "
                "POLICY BEHIND]...; NODES is even\n");
        return 2;
    }
    struct world *w = world_create(policy, (uint32_t)node_count);
    for (int i = 3; i < argc; i++)
        if (!world_option(w, argv[i])) {
            fprintf(stderr, "policies: %s: no such policy or parameter\n",
                    argv[i]);
            world_destroy(w);
            return 2;
        }
    world_start(w); /* Each call of start() is timed. */
    w->timed->stride = UINT64_MAX;
    for (uint32_t tick = 0; tick < (WARM_S + TIMED_S) * TICKS_A_SECOND;
         tick++) {
        if (tick == (WARM_S - 1) * TICKS_A_SECOND)
            timed_clear(w->timed);
        if (tick == WARM_S * TICKS_A_SECOND) {
            choose_stride(w);
            timed_clear(w->timed);
            w->measuring = true;
        }
        if (tick == (WARM_S + TIMED_S / 2) * TICKS_A_SECOND)
            world_tell_maps(w);
        world_tick(w);
    }
    print(w);
    world_destroy(w);
    return EXIT_SUCCESS;
}
