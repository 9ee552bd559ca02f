/* membership.h - the owner's rights over this node: who may come in, who has to
 * leave. They hold whatever policies are loaded. */
#ifndef ALGORITHMS_NODE_MEMBERSHIP_H
#define ALGORITHMS_NODE_MEMBERSHIP_H

#include "node_state.h"

/* A new map: checked, then kept. Who has no right to be here must leave. */
void membership_set_map(struct node *node,
                        const struct cluster_info *map,
                        size_t count);

/* Is it on the map? Of a map without gaps nothing is read. */
bool membership_knows(const struct node *node, node_id id);

/* The owner's word on this node. */
void membership_set_state(struct node *node, uint8_t state, uint8_t flags);

/* A new sample may bring a new limit of guests. */
void membership_set_sample(struct node *node, const struct node_info *sample);

/* The core's part of admitting: NULL, or what forbids it. proc.must_leave: it
 * has to leave where it is. */
const char *membership_admit(const struct node *node,
                             const struct proc_info *proc);

/* Out of here, wherever: until it left. */
void membership_ask_out(struct node *node, size_t index);

/* Mark again who must leave, and why (enum leave_why): guests of a node that
 * drains or is kept for others, guests from other clusters while this one is
 * isolated or wants all cores for itself, who has no right to be here, who is
 * over a cap or the limit (the worst first, then the latest), and who was asked
 * out. If that is somebody new the policies hear of it at the end of the step.
 */
void membership_review(struct node *node);

/* Find the worst priority again. */
void membership_rank(struct node *node);

#endif /* ALGORITHMS_NODE_MEMBERSHIP_H */
