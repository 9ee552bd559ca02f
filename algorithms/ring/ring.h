/* ring.h - the nodes of the map in a row: the own cluster by ascending id, then
 * the others as the map lists them. */
#ifndef ALGORITHMS_RING_RING_H
#define ALGORITHMS_RING_RING_H

#include "../policy.h"

/* Nodes of the own cluster, or of all. */
uint64_t ring_count(const struct policy_ctx *c, bool all);

/* The node at a place below ring_count(), and its cluster (NULL: not asked). */
node_id ring_node(const struct policy_ctx *c,
                  uint64_t place,
                  const struct cluster_info **ret_cluster);

/* The place of this node. */
uint64_t ring_home(const struct policy_ctx *c);

#endif /* ALGORITHMS_RING_RING_H */
