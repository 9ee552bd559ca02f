/* capacity.c - what a platform could do at the most, for the bounds. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "../results/bound.h"
#include "run.h"

static int by_speed(const void *left, const void *right)
{
    const struct core_group *a = left;
    const struct core_group *b = right;
    return (a->speed < b->speed) - (a->speed > b->speed);
}

struct core_group *platform_core_groups(const struct scenario *scenario)
{
    size_t count = scenario->cluster_count;
    struct core_group *groups = calloc(count + 1, sizeof *groups);
    assert(groups);
    for (size_t i = 0; i < count; i++) {
        const struct scenario_cluster *c = &scenario->clusters[i];
        groups[i].speed = c->speed_milli / 1000.0;
        groups[i].count = (uint64_t)c->node_count * c->core_count;
    }
    qsort(groups, count, sizeof *groups, by_speed);
    return groups;
}

/* The most that bytes resident x memory_factor() can be. Beyond the memory the
 * factor is constant, or the product has no maximum inside: it goes one way
 * (linear), or rises till the disk is busy and is then convex (paging, one busy
 * core). So it is largest at an end. Swap holds the rest; what passes it is
 * killed or refused. */
static double proceeding_bytes(const struct scenario_memory *memory,
                               const struct scenario_cluster *c)
{
    double most = (double)c->mem_bytes;
    uint64_t all_bytes = c->mem_bytes + c->swap_bytes;
    most = fmax(most, (double)all_bytes *
                          memory_factor(memory, c->mem_bytes, all_bytes, 1));
    if (memory->model == THRASH_PAGING &&
        memory->page_bytes_per_s < memory->touch_bytes_per_s) {
        double share = memory->page_bytes_per_s / memory->touch_bytes_per_s;
        most = fmax(
            most, fmin((double)all_bytes, (double)c->mem_bytes / (1 - share)));
    }
    return most;
}

double platform_memory_speed(const struct scenario *scenario)
{
    double sum = 0;
    for (size_t i = 0; i < scenario->cluster_count; i++) {
        const struct scenario_cluster *c = &scenario->clusters[i];
        sum += (double)c->node_count * c->speed_milli / 1000.0 *
               proceeding_bytes(&scenario->memory, c);
    }
    return sum;
}
