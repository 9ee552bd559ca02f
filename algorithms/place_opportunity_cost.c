/* place_opportunity_cost - start where it adds the least cost: E-PVM.
 *
 * Paper: Amir, Awerbuch, Barak, Borgstrom, Keren, IEEE Transactions on Parallel
 * and Distributed Systems 11(7), 2000 (opportunity/cost.h).
 *
 * Rule:       cost(m) = n^(load(m) / L) + n^(used memory(m) / memory(m)). A
 *             process starts at the m where cost(m) grows the least by it, and
 *             stays there. L is doubled when a load reaches it.
 *
 * From paper: All of this. Neither resource is looked at alone, so nothing has
 *             to say which one matters.
 * Ours:       L is doubled by what this node knows of loads; the paper has one
 *             for the cluster. base replaces n if it is not 0. Of equals home,
 *             then the youngest word. What its owner's word forbids is no
 *             place; memory forbids nothing, it costs.
 *
 * Example:    n = 4, L = 4, machines alike: with loads 0 and 2 and half of the
 *             memory used at the first, the CPU costs 4^(1/4) - 1 = 0.414 there
 *             and 4^(3/4) - 4^(2/4) = 0.828 at the second; memory for a process
 *             of a quarter of it 4^(3/4) - 2 = 0.828 against 4^(1/4) - 1 =
 *             0.414: both 1.243.
 */
#include "opportunity/cost.h"

struct params
{
    uint64_t base;
};

struct state
{
    uint64_t most_milli; /* L */
};

static const struct policy_param params[] = {
    {"base", offsetof(struct params, base), 0, 1000000, 0,
     "n of the cost; 0 for the number of nodes"},
    {0},
};

static bool forbidden(const struct policy_ctx *c,
                      const struct proc_info *proc,
                      const struct peer_info *peer)
{
    const struct cluster_info *cluster = cluster_of(c, peer->word.id);
    return !cluster || peer->word.state != NODE_UP ||
           (cluster != &c->clusters[0] &&
            (!cluster->send || proc->class_number == 0));
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->most_milli = cost_most_known_milli(c, s->most_milli);
    struct cost_scale scale = cost_scale_of(c, p->base, s->most_milli);
    uint64_t need = proc_need_bytes(proc);
    uint64_t here = cost_to_take_here(&scale, c->self, need);
    uint64_t least = here;
    node_id chosen = c->self->id;
    for (size_t i = 0; i < c->peer_count && !proc_obstacle(c, proc); i++) {
        const struct peer_info *peer = peer_at(c, i);
        if (forbidden(c, proc, peer))
            continue;
        uint64_t there = cost_to_take(&scale, peer, need);
        policy_stay(c, proc->id, peer->word.id,
                    "it costs %llu there, %llu here", (unsigned long long)there,
                    (unsigned long long)here);
        if (there < least) {
            least = there;
            chosen = peer->word.id;
        }
    }
    policy_start(c, proc->id, chosen, "it costs %llu there, %llu here",
                 (unsigned long long)least, (unsigned long long)here);
}

const struct policy policy_place_opportunity_cost = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_opportunity_cost",
    .summary = "start where it adds the least cost of CPU and memory (E-PVM)",
    .source = "Amir, Awerbuch, Barak, Borgstrom and Keren 2000",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .place = place,
};
