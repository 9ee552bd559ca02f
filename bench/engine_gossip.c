/* engine_gossip.c - gossip messages per CPU second over sim/heap.c.
 *
 * Usage: engine_gossip [NODES [MESSAGES]]. Every node sends 1 KB to a random
 * other each second; a message arrives after latency and size over bandwidth;
 * both handlers are empty. simgrid_gossip.cpp does the same with comms.
 */
#include <stdlib.h>

#include "../sim/heap.h"
#include "measure.h"

enum { EVENT_SEND, EVENT_ARRIVE };

int main(int argc, char **argv)
{
    uint32_t node_count =
        argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
    uint64_t message_count = argc > 2 ? strtoull(argv[2], NULL, 10) : 4000000;
    const double transfer_s = 100e-6 + 1000 / 125e6;
    uint64_t seed = 1;
    struct heap heap = {0};
    double begun_s = cpu_seconds();
    for (uint32_t i = 0; i < node_count; i++)
        heap_push(&heap, random_unit(&seed), EVENT_SEND, i, 0);
    uint64_t arrived = 0;
    double date = 0;
    while (arrived < message_count) {
        struct happening next = heap_pop(&heap);
        date = next.date;
        if (next.kind == EVENT_ARRIVE) {
            arrived++;
            continue;
        }
        uint32_t target = (uint32_t)(random_bits(&seed) % (node_count - 1));
        target += next.node <= target;
        heap_push(&heap, date + transfer_s, EVENT_ARRIVE, target, next.node);
        heap_push(&heap, date + 1, EVENT_SEND, next.node, 0);
    }
    double spent_s = cpu_seconds() - begun_s;
    heap_finish(&heap);
    print_figure("engine_messages_per_s", (double)arrived / spent_s,
                 "messages per CPU second");
    print_figure("engine_gossip_last_date", date, "simulated seconds");
    return EXIT_SUCCESS;
}
