/* balance_opportunity_cost - move what saves the most cost: E-MOSIX.
 *
 * Paper: Amir, Awerbuch, Barak, Borgstrom, Keren, IEEE Transactions on Parallel
 * and Distributed Systems 11(7), 2000 (opportunity/cost.h).
 *
 * Rule:       At each sample, of all processes p here and nodes m,
 *                 saved(p, m) = cost that p causes here - cost it would add at
 * m the pair with the largest is moved, if cost at m < ratio_milli / 1000 x
 * cost here.
 *
 * From paper: The cost, and that victim and target are chosen together and
 *             greedily within MOSIX's own limits on moves: one a second, and a
 *             newcomer stays for residency_us. ratio_milli 500 is the bound
 *             under which its theory allows a move (cost there below half of
 *             what was paid).
 * Ours:       L is doubled by what this node knows. base replaces n if it is
 *             not 0. The cost here is today's, not what was paid when it came.
 *
 * Example:    n = 2, L = 4; 3 equal processes here and none there, no memory in
 *             use: each costs 2^(3/4) - 2^(2/4) = 0.268 here and would add
 *             2^(1/4) - 1 = 0.189 there: one moves. The two left cost 0.225
 *             here and would add 0.225 there: nothing moves any more.
 */
#include "balance/moving.h"
#include "opportunity/cost.h"

struct params
{
    uint64_t base;
    uint64_t ratio_milli;
    uint64_t residency_us;
};

struct state
{
    uint64_t most_milli; /* L */
};

struct choice
{
    const struct proc_info *proc;
    const struct peer_info *peer;
    uint64_t here;
    uint64_t there;
};

static const struct policy_param params[] = {
    {"base", offsetof(struct params, base), 0, 1000000, 0,
     "n of the cost; 0 for the number of nodes"},
    {"ratio_milli", offsetof(struct params, ratio_milli), 1, 1000, 1000,
     "of the cost here that it may cost there, at most"},
    {"residency_us", offsetof(struct params, residency_us), 0, 3600000000,
     1000000, "that a process stays after it came"},
    {0},
};

static void consider(const struct policy_ctx *c,
                     const struct cost_scale *scale,
                     const struct proc_info *proc,
                     struct choice *best)
{
    const struct params *p = c->params;
    uint64_t here = cost_to_keep(scale, c->self, proc->mem_bytes);
    uint64_t limit = here / 1000 * p->ratio_milli;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        const char *no = obstacle(c, proc, peer);
        uint64_t there =
            no ? 0 : cost_to_take(scale, peer, proc_need_bytes(proc));
        if (no)
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        else if (there >= limit)
            policy_stay(c, proc->id, peer->word.id,
                        "it would cost %llu there, %llu here",
                        (unsigned long long)there, (unsigned long long)here);
        else if (!best->proc || here - there > best->here - best->there)
            *best = (struct choice){proc, peer, here, there};
    }
}

static void sampled(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    struct choice best = {0};
    s->most_milli = cost_most_known_milli(c, s->most_milli);
    struct cost_scale scale = cost_scale_of(c, p->base, s->most_milli);
    for (size_t i = 0; i < c->proc_count; i++) {
        const char *no = moving_staying(c, &c->procs[i], p->residency_us);
        if (no)
            policy_stay(c, c->procs[i].id, NODE_NONE, "%s", no);
        else
            consider(c, &scale, &c->procs[i], &best);
    }
    if (best.proc)
        policy_move(c, best.proc->id, best.peer->word.id,
                    "it costs %llu here, would cost %llu there",
                    (unsigned long long)best.here,
                    (unsigned long long)best.there);
}

const struct policy policy_balance_opportunity_cost = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_opportunity_cost",
    .summary = "move what saves the most cost of CPU and memory (E-MOSIX)",
    .source = "Amir, Awerbuch, Barak, Borgstrom and Keren 2000",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .sampled = sampled,
};
