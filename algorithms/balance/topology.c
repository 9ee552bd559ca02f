/* topology.c - see topology.h. */
#include "topology.h"

size_t topology_degree(const struct policy_ctx *c, enum topology topology)
{
    uint32_t count = c->clusters[0].node_count;
    if (topology == TOPOLOGY_RING)
        return count > 2 ? 2 : count - 1;
    size_t dimension = 0;
    while ((UINT32_C(1) << dimension) < count &&
           dimension < TOPOLOGY_DEGREE_MAX - 1)
        dimension++;
    return dimension;
}

node_id topology_neighbour(const struct policy_ctx *c,
                           enum topology topology,
                           size_t edge)
{
    const struct cluster_info *own = &c->clusters[0];
    uint32_t place = c->self->id - own->first;
    uint32_t other =
        topology == TOPOLOGY_HYPERCUBE ? place ^ (UINT32_C(1) << edge)
        : edge == 0                    ? (place + 1) % own->node_count
                    : (place + own->node_count - 1) % own->node_count;
    return other < own->node_count ? own->first + other : NODE_NONE;
}

uint32_t topology_diameter(const struct policy_ctx *c, enum topology topology)
{
    return topology == TOPOLOGY_RING ? c->clusters[0].node_count / 2
                                     : (uint32_t)topology_degree(c, topology);
}
