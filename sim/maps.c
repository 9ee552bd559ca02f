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

#include "../algorithms/node/rng.h"
#include "run.h"

enum { HEARD_MAX = BATCH_ACTIONS_MAX, BUCKETS_MIN = 16 };

/* Constant, but for what is drawn when it is first needed. */
struct map_version
{
    struct map_version *next; /* In its bucket. */
    uint64_t key;
    uint32_t user_count; /* Hosts that hold it, and maps for its links. */
    struct cluster_record *records; /* By cluster, which is by first node. */
    struct cluster_info **views;    /* By cluster that sees; NULL: not yet. */
};

struct maps
{
    struct cluster_record *said;  /* By cluster: its owner's last word. */
    struct map_version **buckets; /* By key; bucket_count is a power of two. */
    size_t bucket_count;
    uint32_t version_count;
    struct map_version *first;    /* Its views have the links of all others. */
    struct map_version **held;    /* By node. */
    struct cluster_record *heard; /* In the batch that is being carried out. */
    size_t heard_count;
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

/* How exactly it says whom it is for: first of all by its owner's name. */
static int exactness_of(const struct scenario_partner *partner)
{
    return 2 * (partner->owner_count == 1) + (partner->partner_count <= 1);
}

static void put_partner(const struct scenario_partner *partner,
                        uint32_t cluster,
                        struct cluster_record *record)
{
    struct cluster_rule rule = partner->rule;
    if (cluster - partner->owner >= partner->owner_count)
        return;
    if (rule.partner == 0)
        record_put_rule(record, &rule);
    for (uint32_t i = 0; i < partner->partner_count; i++) {
        rule.partner = (cluster_id)(partner->rule.partner + i);
        if (rule.partner != record->id)
            record_put_rule(record, &rule);
    }
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
    /* What is said of one cluster by its name comes last, and so counts. */
    for (int exactness = 0; exactness <= 3; exactness++)
        for (size_t i = 0; i < s->grid.partner_count; i++)
            if (exactness_of(&s->grid.partners[i]) == exactness)
                put_partner(&s->grid.partners[i], cluster, record);
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

/* Of one owner the same version is the same record, so the versions tell two
 * sets of records apart: a sum, as map_digest(), of 64 bits. */
static uint64_t key_of(const struct cluster_record *record)
{
    return rng_mix((uint64_t)record->id << 32 | record->version);
}

static struct map_version **bucket_of(const struct maps *maps, uint64_t key)
{
    return &maps->buckets[key & (maps->bucket_count - 1)];
}

static int grow_buckets(struct maps *maps)
{
    size_t count =
        maps->bucket_count > 0 ? 2 * maps->bucket_count : BUCKETS_MIN;
    struct map_version **old = maps->buckets;
    size_t old_count = maps->bucket_count;
    struct map_version **buckets = calloc(count, sizeof(struct map_version *));
    if (!buckets)
        return -ENOMEM;
    maps->buckets = buckets;
    maps->bucket_count = count;
    for (size_t i = 0; i < old_count; i++)
        for (struct map_version *version = old[i], *next; version;
             version = next) {
            next = version->next;
            version->next = *bucket_of(maps, version->key);
            *bucket_of(maps, version->key) = version;
        }
    free(old);
    return 0;
}

/* A copy of these records. */
static int make_version(const struct world *world,
                        const struct cluster_record *records,
                        struct map_version **ret_version)
{
    struct maps *maps = world->maps;
    size_t count = world->scenario->cluster_count;
    if (maps->version_count == maps->bucket_count && grow_buckets(maps) != 0)
        return -ENOMEM;
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
    *ret_version = version;
    return 0;
}

static void enter_version(struct maps *maps,
                          struct map_version *version,
                          uint64_t key)
{
    version->key = key;
    version->next = *bucket_of(maps, key);
    *bucket_of(maps, key) = version;
    maps->version_count++;
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
    struct map_version **at = bucket_of(world->maps, version->key);
    while (*at != version)
        at = &(*at)->next;
    *at = version->next;
    world->maps->version_count--;
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

/* Of what was heard twice the last counts. */
static bool is_last(const struct maps *maps, size_t index)
{
    for (size_t i = index + 1; i < maps->heard_count; i++)
        if (maps->heard[i].id == maps->heard[index].id)
            return false;
    return true;
}

/* These records with what was heard; mostly another host has been there. */
static struct map_version *merged_version(struct world *world,
                                          const struct map_version *before)
{
    struct maps *maps = world->maps;
    uint64_t key = before->key;
    for (size_t i = 0; i < maps->heard_count; i++)
        if (is_last(maps, i))
            key += key_of(&maps->heard[i]) -
                   key_of(&before->records[maps->heard[i].id - 1u]);
    struct map_version *version = *bucket_of(maps, key);
    while (version && version->key != key)
        version = version->next;
    if (version)
        return version;
    int error = make_version(world, before->records, &version);
    assert(error == 0);
    for (size_t i = 0; i < maps->heard_count; i++)
        version->records[maps->heard[i].id - 1u] = maps->heard[i];
    enter_version(maps, version, key);
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
    maps->heard = calloc(HEARD_MAX, sizeof *maps->heard);
    maps->held = calloc(s->node_count + 1u, sizeof(struct map_version *));
    if (!maps->said || !maps->heard || !maps->held)
        return -ENOMEM;
    uint64_t key = 0;
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        fill_record(s, i, &maps->said[i]);
        key += key_of(&maps->said[i]);
    }
    int error = make_version(world, maps->said, &maps->first);
    if (error)
        return error;
    enter_version(maps, maps->first, key);
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
    for (size_t i = 0; i < maps->bucket_count; i++)
        for (struct map_version *version = maps->buckets[i], *next; version;
             version = next) {
            next = version->next;
            free_version(world, version);
        }
    free(maps->buckets);
    free(maps->said);
    free(maps->heard);
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

/* True if the node's host takes it. Every cluster is on the map from the start,
 * and no owner takes nodes of another: so only its elders count. */
static bool take_heard(struct world *world,
                       node_id node,
                       const struct cluster_record *record)
{
    struct maps *maps = world->maps;
    const struct map_version *held = maps->held[node];
    size_t count = world->scenario->cluster_count;
    if (!map_wants(held->records, count, record))
        return false;
    for (size_t i = 0; i < maps->heard_count; i++)
        if (maps->heard[i].id == record->id &&
            maps->heard[i].version >= record->version)
            return false;
    assert(maps->heard_count < HEARD_MAX);
    maps->heard[maps->heard_count++] = *record;
    return true;
}

/* What was heard is part of what its host holds now. The version before it,
 * which the caller leaves when the node has read the new one. */
static struct map_version *hold_heard(struct world *world, node_id node)
{
    struct maps *maps = world->maps;
    struct map_version *before = maps->held[node];
    maps->held[node] = merged_version(world, before);
    maps->held[node]->user_count++;
    maps->heard_count = 0;
    return before;
}

void maps_hear(struct world *world, node_id node, const struct action *action)
{
    struct reader r = {.at = action->bytes, .left = action->byte_count};
    struct cluster_record record;
    bool whole = get_record(&r, &record);
    assert(whole);
    take_heard(world, node, &record);
}

void maps_tell(struct world *world, node_id node)
{
    if (world->maps->heard_count == 0)
        return;
    struct map_version *before = hold_heard(world, node);
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
    if (take_heard(world, node, &maps->said[cluster]))
        leave_version(world, hold_heard(world, node));
}

void maps_owner_says(struct world *world,
                     node_id node,
                     const struct cluster_record *record)
{
    assert(record->version > world->maps->said[record->id - 1u].version);
    assert(!machine_is_down(world, node));
    world->maps->said[record->id - 1u] = *record;
    bool taken = take_heard(world, node, record);
    assert(taken);
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
    return world->maps->version_count;
}
