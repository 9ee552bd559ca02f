/* map.h - who could be there, as each owner says it.
 *
 * A cluster's owner writes one record: its nodes, whether it is in the grid,
 * and what it allows to each partner. Nobody else changes that record, and each
 * change has a higher version; of two records of a cluster the higher version
 * wins. A map is one record of each cluster; what a cluster sees of the others
 * (struct cluster_info of policy.h) is computed from it.
 *
 * Nodes spread records themselves (spread.h), so an owner tells any one node.
 *
 * Maps are made and owned by hosts, who may share one among all nodes of a
 * cluster; a node keeps a pointer.
 */
#ifndef ALGORITHMS_NODE_MAP_H
#define ALGORITHMS_NODE_MAP_H

#include "../policy.h"

enum {
    CLUSTER_RULES_MAX = 64,
    RECORD_HEAD_WIRE_BYTES = 30,
    RULE_WIRE_BYTES = 7,
    RECORD_WIRE_BYTES_MAX =
        RECORD_HEAD_WIRE_BYTES + RULE_WIRE_BYTES * CLUSTER_RULES_MAX,
};

enum cluster_state {
    CLUSTER_OPEN,     /* In the grid, by the rules below. */
    CLUSTER_ISOLATED, /* Out of it: all guests leave, all aways come back. */
};

/* What an owner allows to one partner. */
struct cluster_rule
{
    cluster_id partner;
    uint16_t priority; /* Of the partner's guests here; lower is better; 0 is
                        * the owner's own. */
    uint16_t cap;      /* Of its guests on each node here; 0: no cap. */
    bool go;           /* Own processes may go there. */
    bool take;         /* Its processes may come here. */
    bool expand;       /* Its guests here may go on to other clusters. */
};

struct cluster_record
{
    cluster_id id;    /* At least 1. */
    uint32_t version; /* At least 1. */
    node_id first;    /* Its nodes: first .. first + node_count - 1; a range
                       * only ever grows at its end. */
    uint32_t node_count;
    uint8_t state;    /* enum cluster_state. */
    uint8_t then;     /* enum leave_then (event.h); ISOLATED. */
    usec_t within_us; /* ISOLATED: from when a node hears it until then;
                       * USEC_NEVER: never. */
    struct cluster_rule others; /* For every partner that is not named. */
    uint16_t rule_count;
    struct cluster_rule rules[CLUSTER_RULES_MAX]; /* By ascending partner. */
};

/* The rule for that partner: the named one, or `others`. */
const struct cluster_rule *record_rule(const struct cluster_record *record,
                                       cluster_id partner);

/* As bytes, little-endian: u16 id, u32 version, u32 first, u32 node_count,
 * u8 state, u8 then, u64 within_us, the rule for others, u8 rule_count, and
 * each rule with its u16 partner before it. A rule: u16 priority, u16 cap, u8
 * of go 1, take 2, expand 4. get is false, and r->bad, if no owner can have
 * written it: an id, a version or a count of 0, a range beyond the last id,
 * rules that do not ascend or that are too many, what this page does not know.
 */
void put_record(struct writer *w, const struct cluster_record *record);
bool get_record(struct reader *r, struct cluster_record *ret_record);

/* A number that differs where ids or versions differ, but for one case in 2^32;
 * not 0. A mere sum of versions would be the same for two nodes of which each
 * has heard another owner's change. It is the sum of record_digest(), and 1 if
 * that is 0. */
uint32_t record_digest(cluster_id id, uint32_t version);
uint32_t map_digest(const struct cluster_record *records, size_t count);

/* By ascending first node, disjoint, each one possible (get_record()). */
bool records_are_sound(const struct cluster_record *records, size_t count);

/* The first record of a cluster whose first node is not before that one; count
 * if there is none. */
size_t map_find(const struct cluster_record *records,
                size_t count,
                node_id first);

/* True if map_merge() would take it: it is younger than the map's or new there,
 * no node of its elder is missing, none is another cluster's. */
bool map_wants(const struct cluster_record *records,
               size_t count,
               const struct cluster_record *record);

/* Put a younger record in the place of its elder, or add it, so that records
 * stay by ascending first node. There must be room for one more. Returns the
 * new count; or the old one, with nothing changed, if map_wants() it not. */
size_t map_merge(struct cluster_record *records,
                 size_t count,
                 const struct cluster_record *record,
                 bool *ret_changed);

/* What the cluster `own` sees, its own first, then as the records; own must be
 * among them. send is true if its rule says go, theirs says take, and neither
 * is isolated; take likewise. Of itself both are true, whatever it says to
 * others. A cluster always takes its own back: the node knows that by itself.
 * latency_us and bytes_per_s are
 * left as they are: the host fills them. map has room for count. */
void map_view(const struct cluster_record *records,
              size_t count,
              cluster_id own,
              struct cluster_info *map);

#endif /* ALGORITHMS_NODE_MAP_H */
