/* questions.h - parts of policy.h's questions that the core asks by itself. */
#ifndef ALGORITHMS_NODE_QUESTIONS_H
#define ALGORITHMS_NODE_QUESTIONS_H

#include "../policy.h"

/* NULL if no cluster of the map has it. */
const struct cluster_info *map_cluster(const struct cluster_info *map,
                                       size_t count,
                                       node_id node);

/* Many nodes that are on the map without a look at each: from *ret_first on so
 * many; all of the map if it has no gap, else the own cluster. There is one. */
uint32_t map_range(const struct cluster_info *map,
                   size_t count,
                   node_id *ret_first);

/* True if that node can be in such a map: clusters in order, disjoint, counted,
 * its own first. */
bool map_is_sound(const struct cluster_info *map, size_t count, node_id node);

/* What no wish can overrule: it cannot move. NULL if it can. */
const char *proc_bound(const struct proc_info *proc);

/* As proc_obstacle(), after the first `skip` of all that forbid it. */
const char *proc_obstacle_after(const struct policy_ctx *c,
                                const struct proc_info *proc,
                                size_t skip);

/* Map, rights and class: what is known even of a node not on the board. */
const char *rights_obstacle(const struct policy_ctx *c,
                            const struct proc_info *proc,
                            node_id target);

#endif /* ALGORITHMS_NODE_QUESTIONS_H */
