/* maps.c - what the owners say of their clusters, and what each node's host
 * holds of it.
 *
 * Nodes spread records by themselves (algorithms/node/spread.h); here their
 * hosts merge what they hear. Hosts are many and versions few, so all that hold
 * the same share it: one set of records, and for each cluster one map as its
 * nodes see it, until the last of them holds another.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* Constant, but for what is drawn when it is first needed. */
struct map_version
{
    struct map_version *next; /* Of all that are in use. */
    uint32_t digest;
    uint32_t user_count; /* Hosts that hold it, and maps for its links. */
    struct cluster_record *records; /* By cluster, which is by first node. */
    struct cluster_info **views;    /* By cluster that sees; NULL: not yet. */
};

struct maps
{
    struct cluster_record *said; /* By cluster: its owner's last word. */
    struct map_version *versions;
    struct map_version *first;     /* Its views have the links of all others. */
    struct map_version **held;     /* By node. */
    struct cluster_record *merged; /* Scratch: with what was heard. */
    bool merging;                  /* It is in use. */
    bool given; /* Somebody may speak: so nodes have the records. */
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

static int make_version(const struct world *world,
                        const struct cluster_record *records,
                        struct map_version **ret_version)
{
    size_t count = world->scenario->cluster_count;
    struct map_version *version = calloc(1, sizeof *version);
    if (!version)
        return -ENOMEM;
    version->records = calloc(count + 1, sizeof *version->records);
    version->views = calloc(count + 1, sizeof *version->views);
    if (!version->records || !version->views) {
        free(version->records);
        free(version->views);
        free(version);
        return -ENOMEM;
    }
    memcpy(version->records, records, count * sizeof *records);
    version->digest = map_digest(records, count);
    version->next = world->maps->versions;
    world->maps->versions = version;
    *ret_version = version;
    return 0;
}

static void free_version(const struct world *world, struct map_version *version)
{
    for (size_t i = 0; i < world->scenario->cluster_count; i++)
        free(version->views[i]);
    free(version->views);
    free(version->records);
    free(version);
}

static void leave_version(struct world *world, struct map_version *version)
{
    assert(version->user_count > 0);
    if (--version->user_count > 0)
        return;
    struct map_version **at = &world->maps->versions;
    while (*at != version)
        at = &(*at)->next;
    *at = version->next;
    free_version(world, version);
}

static int draw_view(struct world *world,
                     struct map_version *version,
                     uint32_t cluster)
{
    size_t count = world->scenario->cluster_count;
    struct cluster_info *view = calloc(count, sizeof *view);
    if (!view)
        return -ENOMEM;
    version->views[cluster] = view;
    const struct cluster_info *links = world->maps->first->views[cluster];
    if (version != world->maps->first)
        memcpy(view, links, count * sizeof *view);
    map_view(version->records, count, version->records[cluster].id, view);
    if (version == world->maps->first && world->routed)
        fill_routes(world, cluster, view);
    return 0;
}

/* Of one owner the same version is the same record. */
static bool is_equal(const struct map_version *version,
                     const struct cluster_record *records,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (version->records[i].version != records[i].version)
            return false;
    return true;
}

/* The version with these records, new or not. */
static struct map_version *version_of(struct world *world,
                                      const struct cluster_record *records)
{
    size_t count = world->scenario->cluster_count;
    uint32_t digest = map_digest(records, count);
    struct map_version *version = world->maps->versions;
    while (version &&
           (version->digest != digest || !is_equal(version, records, count)))
        version = version->next;
    if (version)
        return version;
    int error = make_version(world, records, &version);
    assert(error == 0);
    return version;
}

int maps_create(struct world *world)
{
    const struct scenario *s = world->scenario;
    const struct scenario_grid *grid = &s->grid;
    struct maps *maps = calloc(1, sizeof *maps);
    if (!maps)
        return -ENOMEM;
    world->maps = maps;
    maps->given =
        grid->partner_count + grid->event_count + grid->random_count > 0;
    maps->said = calloc(s->cluster_count + 1, sizeof *maps->said);
    maps->merged = calloc(s->cluster_count + 1, sizeof *maps->merged);
    maps->held = calloc(s->node_count + 1u, sizeof(struct map_version *));
    if (!maps->said || !maps->merged || !maps->held)
        return -ENOMEM;
    for (uint32_t i = 0; i < s->cluster_count; i++)
        fill_record(s, i, &maps->said[i]);
    int error = make_version(world, maps->said, &maps->first);
    if (error)
        return error;
    maps->first->user_count = 1 + s->node_count;
    for (node_id i = 0; i < s->node_count; i++)
        maps->held[i] = maps->first;
    for (uint32_t i = 0; i < s->cluster_count && !error; i++)
        error = draw_view(world, maps->first, i);
    return error;
}

void maps_destroy(struct world *world)
{
    struct maps *maps = world->maps;
    if (!maps)
        return;
    while (maps->versions) {
        struct map_version *version = maps->versions;
        maps->versions = version->next;
        free_version(world, version);
    }
    free(maps->said);
    free(maps->merged);
    free(maps->held);
    free(maps);
    world->maps = NULL;
}

struct cluster_record maps_record(const struct world *world, uint32_t cluster)
{
    return world->maps->said[cluster];
}

void maps_show(struct world *world, node_id node, struct event *event)
{
    const struct maps *maps = world->maps;
    struct map_version *version = maps->held[node];
    uint32_t cluster = world->machines[node].cluster;
    if (!version->views[cluster]) {
        int error = draw_view(world, version, cluster);
        assert(error == 0);
    }
    event->map = version->views[cluster];
    event->map_count = world->scenario->cluster_count;
    if (maps->given) {
        event->records = version->records;
        event->record_count = event->map_count;
    }
}

static void merge(struct world *world,
                  node_id node,
                  const struct cluster_record *record)
{
    struct maps *maps = world->maps;
    size_t count = world->scenario->cluster_count;
    if (!maps->merging)
        memcpy(maps->merged, maps->held[node]->records,
               count * sizeof *maps->merged);
    bool changed;
    maps->merging = true;
    size_t merged_count = map_merge(maps->merged, count, record, &changed);
    assert(merged_count == count); /* Every cluster is on it from the start. */
}

/* What was merged is what its host holds now. The version before it, which the
 * caller leaves when the node has read the new one. */
static struct map_version *hold_merged(struct world *world, node_id node)
{
    struct maps *maps = world->maps;
    struct map_version *before = maps->held[node];
    maps->merging = false;
    maps->held[node] = version_of(world, maps->merged);
    maps->held[node]->user_count++;
    return before;
}

void maps_hear(struct world *world, node_id node, const struct action *action)
{
    struct reader r = {.at = action->bytes, .left = action->byte_count};
    struct cluster_record record;
    bool whole = get_record(&r, &record);
    assert(whole);
    merge(world, node, &record);
}

void maps_tell(struct world *world, node_id node)
{
    if (!world->maps->merging)
        return;
    struct map_version *before = hold_merged(world, node);
    if (before != world->maps->held[node])
        adapter_map(world, node);
    leave_version(world, before);
}

void maps_install(struct world *world, node_id node)
{
    const struct maps *maps = world->maps;
    uint32_t cluster = world->machines[node].cluster;
    const struct cluster_record *record = &maps->held[node]->records[cluster];
    if (node - record->first < record->node_count)
        return;
    merge(world, node, &maps->said[cluster]);
    leave_version(world, hold_merged(world, node));
}

void maps_owner_says(struct world *world,
                     node_id node,
                     const struct cluster_record *record)
{
    assert(record->version > world->maps->said[record->id - 1u].version);
    assert(!machine_is_down(world, node));
    world->maps->said[record->id - 1u] = *record;
    merge(world, node, record);
    maps_tell(world, node);
}

const struct cluster_record *maps_own_record(const struct world *world,
                                             node_id node)
{
    uint32_t cluster = world->machines[node].cluster;
    return &world->maps->held[node]->records[cluster];
}

const struct cluster_info *maps_held(const struct world *world, node_id node)
{
    return world->maps->held[node]->views[world->machines[node].cluster];
}

uint32_t maps_version(const struct world *world, node_id node, uint32_t cluster)
{
    return world->maps->held[node]->records[cluster].version;
}

uint32_t maps_count(const struct world *world)
{
    uint32_t count = 0;
    for (const struct map_version *v = world->maps->versions; v; v = v->next)
        count++;
    return count;
}
