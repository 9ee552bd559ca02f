/* maps.c - what the owners say of their clusters, and how nodes hear of it.
 *
 * The direct form: who is told a new record has told every node of the map
 * after the latency of the way there, with nothing lost and for nothing.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

struct maps
{
    struct cluster_record *records; /* By cluster: its owner's last word. */
    struct cluster_info ***views;   /* By version, then by cluster. Nodes that
                                     * have not heard yet hold older ones. */
    uint32_t view_count;
    uint32_t *held; /* By node: the version that it knows. */
};

static const struct cluster_rule trust = {.priority = 50,
                                          .go = true,
                                          .take = true,
                                          .expand = true};

void record_put_rule(struct cluster_record *record,
                     const struct cluster_rule *rule)
{
    if (rule->partner == 0) {
        record->others = *rule;
        return;
    }
    size_t at = 0;
    while (at < record->rule_count && record->rules[at].partner < rule->partner)
        at++;
    if (at == record->rule_count ||
        record->rules[at].partner != rule->partner) {
        assert(record->rule_count < CLUSTER_RULES_MAX);
        memmove(&record->rules[at + 1], &record->rules[at],
                (record->rule_count - at) * sizeof *record->rules);
        record->rule_count++;
    }
    record->rules[at] = *rule;
}

/* What its owner allows at the start. */
static void fill_record(const struct scenario *s,
                        uint32_t cluster,
                        struct cluster_record *record)
{
    const struct scenario_cluster *c = &s->clusters[cluster];
    *record = (struct cluster_record){
        .id = (cluster_id)(cluster + 1),
        .version = 1,
        .first = c->first,
        .node_count = c->node_count - c->later_count,
        .state = CLUSTER_OPEN,
        .within_us = USEC_NEVER,
        .others = trust,
    };
    for (size_t i = 0; i < s->grid.partner_count; i++)
        if (s->grid.partners[i].owner == cluster)
            record_put_rule(record, &s->grid.partners[i].rule);
}

/* Latency and bandwidth are those of SimGrid's routes between the first nodes;
 * they are asked for only if something is ever sent. */
static void fill_routes(const struct world *world,
                        uint32_t own,
                        struct cluster_info *map)
{
    const struct scenario *s = world->scenario;
    uint32_t here = s->clusters[own].first;
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        uint32_t there = map[i].first;
        if (i == 0 && s->clusters[own].node_count > 1)
            there++;
        if (here == there)
            continue;
        map[i].latency_us =
            (usec_t)(net_latency_s(world->net, here, there) * 1e6);
        map[i].bytes_per_s = (uint64_t)net_bytes_per_s(world->net, here, there);
    }
}

/* The maps as the nodes of every cluster see them now. */
static int add_view(struct world *world)
{
    struct maps *maps = world->maps;
    uint32_t count = (uint32_t)world->scenario->cluster_count;
    struct cluster_info ***views =
        reallocarray(maps->views, maps->view_count + 1u, sizeof *maps->views);
    if (!views)
        return -ENOMEM;
    maps->views = views;
    struct cluster_info **view = calloc(count + 1, sizeof *view);
    if (!view)
        return -ENOMEM;
    views[maps->view_count++] = view;
    for (uint32_t i = 0; i < count; i++) {
        view[i] = calloc(count, sizeof **view);
        if (!view[i])
            return -ENOMEM;
        map_view(maps->records, count, maps->records[i].id, view[i]);
        if (world->routed)
            fill_routes(world, i, view[i]);
    }
    return 0;
}

int maps_create(struct world *world)
{
    const struct scenario *s = world->scenario;
    world->maps = calloc(1, sizeof *world->maps);
    if (!world->maps)
        return -ENOMEM;
    world->maps->records =
        calloc(s->cluster_count + 1, sizeof *world->maps->records);
    world->maps->held = calloc(s->node_count + 1u, sizeof *world->maps->held);
    if (!world->maps->records || !world->maps->held)
        return -ENOMEM;
    for (uint32_t i = 0; i < s->cluster_count; i++)
        fill_record(s, i, &world->maps->records[i]);
    return add_view(world);
}

void maps_destroy(struct world *world)
{
    struct maps *maps = world->maps;
    if (!maps)
        return;
    for (uint32_t v = 0; v < maps->view_count; v++) {
        for (size_t i = 0; i < world->scenario->cluster_count; i++)
            free(maps->views[v][i]);
        free(maps->views[v]);
    }
    free(maps->views);
    free(maps->records);
    free(maps->held);
    free(maps);
    world->maps = NULL;
}

struct cluster_record maps_record(const struct world *world, uint32_t cluster)
{
    return world->maps->records[cluster];
}

const struct cluster_info *maps_at_start(struct world *world, node_id node)
{
    struct maps *maps = world->maps;
    maps->held[node] = maps->view_count - 1;
    return maps->views[maps->held[node]][world->machines[node].cluster];
}

void maps_owner_says(struct world *world,
                     node_id node,
                     const struct cluster_record *record)
{
    struct maps *maps = world->maps;
    assert(record->version > maps->records[record->id - 1u].version);
    maps->records[record->id - 1u] = *record;
    int error = add_view(world);
    assert(error == 0);
    for (size_t i = 0; i < world->scenario->cluster_count; i++) {
        const struct cluster_record *r = &maps->records[i];
        for (node_id k = r->first; k < r->first + r->node_count; k++) {
            double transit = world->routed && k != node
                                 ? net_latency_s(world->net, node, k)
                                 : 0;
            heap_push(&world->heap, world->now + transit, HAPPENS_MAP, k,
                      maps->view_count - 1);
        }
    }
}

void maps_heard(struct world *world, node_id node, uint64_t view)
{
    struct maps *maps = world->maps;
    if (machine_is_down(world, node) || view <= maps->held[node])
        return;
    maps->held[node] = (uint32_t)view;
    adapter_map(world, node, maps->views[view][world->machines[node].cluster]);
}
