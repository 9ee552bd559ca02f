/* network.c - frames: late, in another order, twice or never. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "algorithms/node/wire.h"
#include "inner.h"

bool network_open(const struct cluster *cluster,
                  const struct machine *from,
                  const struct machine *to)
{
    (void)cluster;
    return from->side == to->side;
}

usec_t network_delay_us(struct cluster *cluster,
                        const struct machine *from,
                        const struct machine *to)
{
    usec_t base = from->part == to->part ? cluster->setup.latency_us
                                         : cluster->setup.wan_latency_us;
    return base + cluster_random_below(cluster, cluster->setup.jitter_us);
}

static void deliver(struct cluster *cluster,
                    const struct machine *from,
                    const struct machine *to,
                    const struct action *action)
{
    uint8_t *bytes = malloc(action->byte_count);
    assert(bytes);
    memcpy(bytes, action->bytes, action->byte_count);
    usec_t delay_us = network_delay_us(cluster, from, to);
    if (cluster_random_below(cluster, 1000) < cluster->setup.straggler_milli)
        delay_us += cluster_random_below(cluster, cluster->setup.straggler_us);
    struct item item = {.at_us = cluster->now_us + delay_us,
                        .kind = HAPPENS_FRAME,
                        .node = to->id,
                        .peer = from->id,
                        .bytes = bytes,
                        .byte_count = action->byte_count};
    queue_push(&cluster->queue, &item);
}

static void count_chatter(struct cluster *cluster,
                          struct machine *from,
                          const struct action *action)
{
    cluster->counts.frames++;
    if (FRAME_HEAD_BYTES <= action->byte_count &&
        FRAME_RECORD <= action->bytes[1]) {
        cluster->counts.spread_frames++;
        cluster->counts.spread_bytes += action->byte_count;
    }
    usec_t second = cluster->now_us / CLUSTER_SECOND_US;
    if (from->second != second)
        from->frames_in_second = 0;
    from->second = second;
    from->frames_in_second++;
    if (from->frames_in_second > cluster->counts.frames_per_node_second_max)
        cluster->counts.frames_per_node_second_max = from->frames_in_second;
}

void network_send(struct cluster *cluster,
                  struct machine *from,
                  const struct action *action)
{
    count_chatter(cluster, from, action);
    const struct machine *to = machine_find(cluster, action->peer);
    uint64_t drawn = cluster_random_below(cluster, 1000);
    bool lost = ++cluster->frame_number == cluster->setup.frame_to_lose ||
                drawn < cluster->setup.loss_milli;
    if (lost || !to || !network_open(cluster, from, to)) {
        cluster->counts.lost_frames++;
        return;
    }
    deliver(cluster, from, to, action);
    if (cluster_random_below(cluster, 1000) < cluster->setup.doubling_milli)
        deliver(cluster, from, to, action);
}
