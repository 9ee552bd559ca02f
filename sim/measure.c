/* measure.c - what a node can measure of itself, and what metrics see. */
#include <math.h>
#include <stdlib.h>

#include "../results/statistics.h"
#include "run.h"

static struct cpu_sums sums_of(const struct world *world, node_id node)
{
    if (world->cpu)
        return cpu_sums(world->cpu, world->now, node);
    const struct machine *m = &world->machines[node];
    const struct scenario_cluster *c = &world->scenario->clusters[m->cluster];
    struct cpu_sums sums = m->counted;
    double passed_s = world->now - m->counted_at;
    sums.running_s += m->running_count * passed_s;
    sums.busy_s += fmin(m->running_count, c->core_count) * passed_s;
    return sums;
}

static double running_now(const struct world *world, node_id node)
{
    return world->cpu ? cpu_count(world->cpu, node)
                      : world->machines[node].running_count;
}

static void fill(const struct world *world,
                 node_id node,
                 double load,
                 double busy_cores,
                 struct node_info *ret_info)
{
    const struct machine *m = &world->machines[node];
    const struct scenario_cluster *c = &world->scenario->clusters[m->cluster];
    uint64_t resident = m->resident_bytes;
    uint64_t space = world->scenario->grid.freeze.space_bytes;
    uint64_t over = resident > c->mem_bytes ? resident - c->mem_bytes : 0;
    *ret_info = (struct node_info){
        .id = node,
        .cluster = (cluster_id)(m->cluster + 1),
        .core_count = (uint16_t)c->core_count,
        .speed_milli = c->speed_milli,
        .load_milli = (uint32_t)lround(load * 1000),
        .utilisation_milli =
            (uint16_t)lround(fmin(1, busy_cores / c->core_count) * 1000),
        .grid_guest_limit = (uint16_t)m->guest_limit,
        .frozen_count = (uint16_t)m->frozen_count,
        .state = NODE_UP,
        .mem_total_bytes = c->mem_bytes,
        .mem_free_bytes = c->mem_bytes - (resident - over),
        .swap_total_bytes = c->swap_bytes,
        .swap_free_bytes = over < c->swap_bytes ? c->swap_bytes - over : 0,
        .freeze_total_bytes = space,
        .freeze_free_bytes =
            m->frozen_bytes < space ? space - m->frozen_bytes : 0,
        .paging_bytes_per_s = (uint64_t)memory_paging_bytes_per_s(
            &world->scenario->memory, c->mem_bytes, resident, busy_cores),
    };
}

/* Load is the time average of runnable processes since the last sample. */
void measure_self(struct world *world, node_id node, struct node_info *ret_info)
{
    struct machine *m = &world->machines[node];
    struct cpu_sums sums = sums_of(world, node);
    double span = world->now - m->sampled_at;
    double load = running_now(world, node);
    double busy = 0;
    if (span > 0) {
        load = (sums.running_s - m->sampled_running_s) / span;
        busy = (sums.busy_s - m->sampled_busy_s) / span;
    }
    m->sampled_at = world->now;
    m->sampled_running_s = sums.running_s;
    m->sampled_busy_s = sums.busy_s;
    fill(world, node, load, busy, ret_info);
}

void measure_instant(struct world *world,
                     node_id node,
                     struct node_info *ret_info)
{
    double load = running_now(world, node);
    const struct scenario_cluster *c =
        &world->scenario->clusters[world->machines[node].cluster];
    fill(world, node, load, fmin(load, c->core_count), ret_info);
}

static int compare_ages(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void measure_board(struct world *world, node_id node)
{
    const struct machine *m = &world->machines[node];
    size_t count = node_peer_count(m->node);
    if (count == 0)
        return;
    usec_t now_us = clock_us(world, node);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        usec_t measured_us = node_peer(m->node, i)->measured_us;
        world->ages[i] = now_us > measured_us ? now_us - measured_us : 0;
        sum += world->ages[i];
    }
    qsort(world->ages, count, sizeof *world->ages, compare_ages);
    struct record r = record_now(world, RECORD_BOARD, node);
    r.values[BOARD_COUNT] = count;
    r.values[BOARD_MEAN_US] = sum / count;
    r.values[BOARD_P95_US] = world->ages[(count * 95 + 99) / 100 - 1];
    r.values[BOARD_MAX_US] = world->ages[count - 1];
    world_record(world, &r);
}

/* On a large platform 64 nodes, evenly spread, stand for all. */
void measure_boards(struct world *world)
{
    enum { BOARDS_MAX = 64 };
    uint32_t step = (world->machine_count + BOARDS_MAX - 1) / BOARDS_MAX;
    for (uint32_t i = 0; i < world->machine_count; i += step)
        if (!machine_is_down(world, i))
            measure_board(world, i);
}

void measure_tallies(struct world *world)
{
    for (node_id i = 0; i < world->machine_count; i++) {
        const struct machine *m = &world->machines[i];
        const struct scenario_cluster *c =
            &world->scenario->clusters[m->cluster];
        struct cpu_sums sums = sums_of(world, i);
        double thrash = m->thrash_s;
        if (!isnan(m->thrash_since))
            thrash += world->now - m->thrash_since;
        double up_s = world->now - m->down_s;
        if (m->down)
            up_s -= world->now - m->down_since;
        struct record r = record_now(world, RECORD_TALLY, i);
        r.values[TALLY_FRAMES] = m->frames;
        r.values[TALLY_BYTES] = m->frame_bytes;
        r.values[TALLY_WAN_FRAMES] = m->wan_frames;
        r.values[TALLY_WAN_BYTES] = m->wan_bytes;
        r.values[TALLY_BUSY_US] = (uint64_t)(sums.busy_s * 1e6);
        r.values[TALLY_CAPACITY_US] = (uint64_t)(up_s * c->core_count * 1e6);
        r.values[TALLY_THRASH_US] = (uint64_t)(thrash * 1e6);
        r.values[TALLY_LOST_WORK_US] = (uint64_t)(sums.lost_work_s * 1e6);
        world_record(world, &r);
    }
}
