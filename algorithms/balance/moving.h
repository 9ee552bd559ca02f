/* moving.h - what the balancers ask in the same way before they move a process.
 */
#ifndef ALGORITHMS_BALANCE_MOVING_H
#define ALGORITHMS_BALANCE_MOVING_H

#include "../policy.h"

/* Those that run here, and the guests on their way here: the node counts them
 * all in guest_count. */
size_t moving_process_count(const struct policy_ctx *c);

/* Why it does not move now, a literal; NULL if it may: proc_obstacle(), it does
 * not run, or it came less than residency_us ago. */
const char *moving_staying(const struct policy_ctx *c,
                           const struct proc_info *proc,
                           usec_t residency_us);

/* True if rights let processes of that node come here. */
bool moving_may_come_from(const struct policy_ctx *c, node_id node);

/* Of those that run and may go there, the one that has used the most CPU time,
 * since it will use the most more (Harchol-Balter and Downey 1997); NULL if
 * there is none. */
const struct proc_info *moving_oldest(const struct policy_ctx *c,
                                      const struct peer_info *peer);

/* What its migration costs: fixed_us + memory / bandwidth of the way there. */
usec_t moving_cost_us(const struct policy_ctx *c,
                      const struct proc_info *proc,
                      const struct peer_info *peer,
                      usec_t fixed_us);

/* So many bytes over a link of that rate; a rate of 0 counts as 1. */
usec_t moving_carry_us(uint64_t bytes, uint64_t bytes_per_s);

#endif /* ALGORITHMS_BALANCE_MOVING_H */
