/* map.c - see map.h. */
#include "map.h"

#include <assert.h>
#include <string.h>

#include "event.h"
#include "rng.h"

enum { RULE_GO = 1, RULE_TAKE = 2, RULE_EXPAND = 4, RULE_KNOWN = 7 };

const struct cluster_rule *record_rule(const struct cluster_record *record,
                                       cluster_id partner)
{
    size_t low = 0;
    size_t high = record->rule_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (record->rules[middle].partner < partner)
            low = middle + 1;
        else
            high = middle;
    }
    return low < record->rule_count && record->rules[low].partner == partner
               ? &record->rules[low]
               : &record->others;
}

static void put_rule(struct writer *w, const struct cluster_rule *rule)
{
    put_u16(w, rule->priority);
    put_u16(w, rule->cap);
    put_u8(w,
           (uint8_t)((rule->go ? RULE_GO : 0) | (rule->take ? RULE_TAKE : 0) |
                     (rule->expand ? RULE_EXPAND : 0)));
}

void put_record(struct writer *w, const struct cluster_record *record)
{
    assert(record->rule_count <= CLUSTER_RULES_MAX);
    put_u16(w, record->id);
    put_u32(w, record->version);
    put_u32(w, record->first);
    put_u32(w, record->node_count);
    put_u8(w, record->state);
    put_u8(w, record->then);
    put_u64(w, record->within_us);
    put_rule(w, &record->others);
    put_u8(w, (uint8_t)record->rule_count);
    for (size_t i = 0; i < record->rule_count; i++) {
        put_u16(w, record->rules[i].partner);
        put_rule(w, &record->rules[i]);
    }
}

static struct cluster_rule get_rule(struct reader *r, cluster_id partner)
{
    struct cluster_rule rule = {.partner = partner};
    rule.priority = get_u16(r);
    rule.cap = get_u16(r);
    uint8_t flags = get_u8(r);
    rule.go = flags & RULE_GO;
    rule.take = flags & RULE_TAKE;
    rule.expand = flags & RULE_EXPAND;
    if (flags > RULE_KNOWN)
        r->bad = true;
    return rule;
}

static bool is_possible(const struct cluster_record *record)
{
    return record->id != 0 && record->version != 0 && record->node_count != 0 &&
           record->node_count <= NODE_NONE - record->first &&
           record->state <= CLUSTER_ISOLATED && record->then <= THEN_KILL &&
           record->rule_count <= CLUSTER_RULES_MAX;
}

bool get_record(struct reader *r, struct cluster_record *ret_record)
{
    struct cluster_record record = {.id = get_u16(r)};
    record.version = get_u32(r);
    record.first = get_u32(r);
    record.node_count = get_u32(r);
    record.state = get_u8(r);
    record.then = get_u8(r);
    record.within_us = get_u64(r);
    record.others = get_rule(r, 0);
    record.rule_count = get_u8(r);
    if (r->bad || !is_possible(&record)) {
        r->bad = true;
        return false;
    }
    cluster_id last = 0;
    for (size_t i = 0; i < record.rule_count; i++) {
        cluster_id partner = get_u16(r);
        record.rules[i] = get_rule(r, partner);
        if (partner <= last)
            r->bad = true;
        last = partner;
    }
    if (r->bad)
        return false;
    *ret_record = record;
    return true;
}

uint32_t record_digest(cluster_id id, uint32_t version)
{
    return (uint32_t)rng_mix((uint64_t)id << 32 | version);
}

uint32_t map_digest(const struct cluster_record *records, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += record_digest(records[i].id, records[i].version);
    return sum != 0 ? sum : 1;
}

bool records_are_sound(const struct cluster_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_possible(&records[i]) ||
            (i > 0 && (records[i].first < records[i - 1].first ||
                       records[i].first - records[i - 1].first <
                           records[i - 1].node_count)))
            return false;
    return true;
}

size_t map_find(const struct cluster_record *records,
                size_t count,
                node_id first)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (records[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_cluster(const struct cluster_record *records,
                        size_t count,
                        cluster_id id)
{
    for (size_t i = 0; i < count; i++)
        if (records[i].id == id)
            return true;
    return false;
}

bool map_wants(const struct cluster_record *records,
               size_t count,
               const struct cluster_record *record)
{
    size_t at = map_find(records, count, record->first);
    bool known = at < count && records[at].first == record->first;
    size_t next = at + known;
    if (next < count &&
        record->node_count > records[next].first - record->first)
        return false;
    if (known)
        return records[at].id == record->id &&
               records[at].version < record->version &&
               records[at].node_count <= record->node_count;
    if (at > 0 &&
        records[at - 1].node_count > record->first - records[at - 1].first)
        return false;
    /* Ranges begin where they always began: elsewhere it is no elder. */
    return !has_cluster(records, count, record->id);
}

size_t map_merge(struct cluster_record *records,
                 size_t count,
                 const struct cluster_record *record,
                 bool *ret_changed)
{
    *ret_changed = map_wants(records, count, record);
    if (!*ret_changed)
        return count;
    size_t at = map_find(records, count, record->first);
    if (at == count || records[at].first != record->first) {
        memmove(&records[at + 1], &records[at], (count - at) * sizeof *records);
        count++;
    }
    records[at] = *record;
    return count;
}

/* What `own` sees of another. */
static struct cluster_info see(const struct cluster_record *own,
                               const struct cluster_record *other)
{
    const struct cluster_rule *ours = record_rule(own, other->id);
    const struct cluster_rule *theirs = record_rule(other, own->id);
    bool open = own->state == CLUSTER_OPEN && other->state == CLUSTER_OPEN;
    return (struct cluster_info){
        .priority = ours->priority,
        .our_priority = theirs->priority,
        .send = open && ours->go && theirs->take,
        .take = open && ours->take && theirs->go,
        .confine = !ours->expand,
        .cap = ours->cap,
    };
}

static void fill(struct cluster_info *info,
                 const struct cluster_record *record,
                 struct cluster_info seen,
                 uint64_t *before)
{
    seen.id = record->id;
    seen.isolated = record->state == CLUSTER_ISOLATED;
    seen.first = record->first;
    seen.node_count = record->node_count;
    seen.before_count = *before;
    seen.latency_us = info->latency_us;
    seen.bytes_per_s = info->bytes_per_s;
    *info = seen;
    *before += record->node_count;
}

void map_view(const struct cluster_record *records,
              size_t count,
              cluster_id own,
              struct cluster_info *map)
{
    size_t at = 0;
    while (at < count && records[at].id != own)
        at++;
    assert(at < count);
    uint64_t before = 0;
    fill(&map[0], &records[at],
         (struct cluster_info){.send = true, .take = true}, &before);
    size_t next = 1;
    for (size_t i = 0; i < count; i++)
        if (i != at)
            fill(&map[next++], &records[i], see(&records[at], &records[i]),
                 &before);
}
