/* topology.h - who is whose neighbour in a cluster, for the balancers that talk
 * to neighbours alone. Nodes are numbered by ascending id.
 */
#ifndef ALGORITHMS_BALANCE_TOPOLOGY_H
#define ALGORITHMS_BALANCE_TOPOLOGY_H

#include "../policy.h"

/* A hypercube may lack its last corners. */
enum topology { TOPOLOGY_RING, TOPOLOGY_HYPERCUBE };

enum { TOPOLOGY_DEGREE_MAX = 32 };

/* Edges of this node, those to corners that are missing too. */
size_t topology_degree(const struct policy_ctx *c, enum topology topology);

/* At the other end of that edge; NODE_NONE: a corner that is missing. */
node_id topology_neighbour(const struct policy_ctx *c,
                           enum topology topology,
                           size_t edge);

/* The most edges on the shortest way between two nodes. Of a hypercube the
 * dimension: a way that clears the bits first, and then sets others, meets no
 * corner above both ends. */
uint32_t topology_diameter(const struct policy_ctx *c, enum topology topology);

#endif /* ALGORITHMS_BALANCE_TOPOLOGY_H */
