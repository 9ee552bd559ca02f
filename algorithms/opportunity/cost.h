/* cost.h - the opportunity cost of a machine, for the policies that minimise
 * it.
 *
 * Paper: Y. Amir, B. Awerbuch, A. Barak, R. S. Borgstrom, A. Keren, "An
 * Opportunity Cost Approach for Job Assignment in a Scalable Computing
 * Cluster", IEEE Transactions on Parallel and Distributed Systems 11(7), 2000.
 *
 *     cost(m) = n^(load(m) / L) + n^(used memory(m) / memory(m))
 *
 * n is the number of machines; load is of processes for each reference core; L
 * is the smallest power of two above the highest load seen so far. In units of
 * 2^-20, by integer arithmetic that is the same everywhere.
 */
#ifndef ALGORITHMS_OPPORTUNITY_COST_H
#define ALGORITHMS_OPPORTUNITY_COST_H

#include "../policy.h"

#define COST_ONE (UINT64_C(1) << 20)

/* n and L. */
struct cost_scale
{
    uint64_t base_log2; /* Of n, in units of 2^-32. */
    uint64_t most_milli;
};

/* base 0: as many as there are nodes on the map where processes may go. */
struct cost_scale cost_scale_of(const struct policy_ctx *c,
                                uint64_t base,
                                uint64_t most_milli);

/* L after this load was seen: doubled until it is larger. most_milli 0: none
 * was seen before. */
uint64_t cost_most_milli(uint64_t most_milli, uint64_t load_milli);

/* L after all loads that this node knows, its own among them. */
uint64_t cost_most_known_milli(const struct policy_ctx *c, uint64_t most_milli);

/* n^(used / most); at most 2^60. most is not 0. */
uint64_t cost_power(uint64_t base_log2, uint64_t used, uint64_t most);

/* The log2 of a number from 1 on, in units of 2^-32. */
uint64_t cost_log2(uint64_t number);

/* Of this node or a peer, if the process came there in addition: after -
 * before. A process of 0 bytes costs its CPU alone. */
uint64_t cost_to_take(const struct cost_scale *scale,
                      const struct peer_info *peer,
                      uint64_t mem_bytes);
uint64_t cost_to_take_here(const struct cost_scale *scale,
                           const struct node_info *self,
                           uint64_t mem_bytes);

/* Of this node, as it is, less what it costs without the process. */
uint64_t cost_to_keep(const struct cost_scale *scale,
                      const struct node_info *self,
                      uint64_t mem_bytes);

#endif /* ALGORITHMS_OPPORTUNITY_COST_H */
