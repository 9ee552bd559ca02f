/* map.c - who could be there: one map for each cluster, its own first. */
#include <assert.h>
#include <stdlib.h>

#include "inner.h"

enum { PRIORITY_OF_OTHERS = 10 };

static struct cluster_info entry(const struct cluster *cluster,
                                 size_t of,
                                 size_t part)
{
    const struct cluster_part *p = &cluster->parts[part];
    bool own = of == part;
    return (struct cluster_info){
        .id = p->id,
        .priority = own ? 0 : (uint16_t)(PRIORITY_OF_OTHERS + part),
        .our_priority = own ? 0 : (uint16_t)(PRIORITY_OF_OTHERS + of),
        .send = true,
        .take = true,
        .first = p->first,
        .node_count = p->node_count,
        .latency_us =
            own ? cluster->setup.latency_us : cluster->setup.wan_latency_us,
        .bytes_per_s = cluster->setup.carry_bytes_per_s,
    };
}

static void draw(struct cluster *cluster, size_t of)
{
    struct cluster_info *map = calloc(cluster->setup.part_count, sizeof *map);
    assert(map);
    size_t count = 0;
    map[count++] = entry(cluster, of, of);
    for (size_t part = 0; part < cluster->setup.part_count; part++)
        if (part != of && !cluster->part_away[part] && !cluster->part_away[of])
            map[count++] = entry(cluster, of, part);
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        map[i].before_count = before;
        before += map[i].node_count;
    }
    cluster->maps[of] = map;
    cluster->map_counts[of] = count;
}

/* Nodes keep the old map by pointer until they have the new one. */
void map_draw(struct cluster *cluster)
{
    size_t parts = cluster->setup.part_count;
    struct cluster_info **old = calloc(parts, sizeof *old);
    assert(old);
    for (size_t part = 0; part < parts; part++) {
        old[part] = cluster->maps[part];
        draw(cluster, part);
    }
    for (size_t i = 0; i < cluster->machine_count; i++) {
        struct machine *machine = &cluster->machines[i];
        struct event event = {.kind = EVENT_MAP,
                              .map = cluster->maps[machine->part],
                              .map_count = cluster->map_counts[machine->part]};
        if (machine->up)
            cluster_step(cluster, machine, &event);
    }
    for (size_t part = 0; part < parts; part++)
        free(old[part]);
    free(old);
}

const struct cluster_info *machine_map(const struct cluster *cluster,
                                       const struct machine *machine,
                                       size_t *ret_count)
{
    if (machine->records) {
        *ret_count = machine->record_count;
        return machine->view;
    }
    *ret_count = cluster->map_counts[machine->part];
    return cluster->maps[machine->part];
}

void map_finish(struct cluster *cluster)
{
    for (size_t part = 0; part < cluster->setup.part_count; part++)
        free(cluster->maps[part]);
    free(cluster->maps);
    free(cluster->map_counts);
}
