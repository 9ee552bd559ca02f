/* ring.c - see ring.h. */
#include "ring.h"

uint64_t ring_count(const struct policy_ctx *c, bool all)
{
    const struct cluster_info *last =
        &c->clusters[all ? c->cluster_count - 1 : 0];
    return last->before_count + last->node_count;
}

node_id ring_node(const struct policy_ctx *c,
                  uint64_t place,
                  const struct cluster_info **ret_cluster)
{
    const struct cluster_info *cluster = c->clusters;
    while (place >= cluster->before_count + cluster->node_count)
        cluster++;
    if (ret_cluster)
        *ret_cluster = cluster;
    return cluster->first + (node_id)(place - cluster->before_count);
}

uint64_t ring_home(const struct policy_ctx *c)
{
    return c->self->id - c->clusters[0].first;
}
