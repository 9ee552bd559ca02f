/* place_least_loaded - start where the fewest processes are, as far as known.
 *
 * Paper: S. Zhou, "A Trace-Driven Simulation Study of Dynamic Load Balancing",
 * IEEE Transactions on Software Engineering 14(9), 1988: GLOBAL, with the loads
 * that were last exchanged. With perfect knowledge it is join-the-shortest-
 * queue.
 *
 * Rule:       n(i) = (load of i + what was sent there since) / cores of i. If
 *             n(home) >= threshold_milli, start at the i with the least n(i);
 *             among equals home, else one at random.
 *
 * From paper: The threshold, and that the least of all known is taken.
 * Ours:       Speed is not looked at, as in the paper, whose hosts were alike:
 *             place_best does. What was sent and is not yet in the word of its
 *             target counts, which the paper's DISTED and GLOBAL lacked: so
 *             that not everybody goes to the same.
 *
 * Example:    Home has 2 processes; on the board are A 1 and B 1 of one core
 *             and C 4 of eight cores, 0.5 for each: it starts at C. The second
 *             goes there as well (0.625), and so on until C has 8.
 */
#include "policy.h"

struct params
{
    uint64_t threshold_milli;
};

static const struct policy_param params[] = {
    {"threshold_milli", offsetof(struct params, threshold_milli), 0, 1000000, 0,
     "load for each core; at home with less, it starts there"},
    {0},
};

static uint64_t peer_count_milli(const struct peer_info *peer)
{
    return ((uint64_t)peer->word.load_milli + peer->reserved_milli) /
           peer->word.core_count;
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    uint64_t here = c->self->load_milli / c->self->core_count;
    uint64_t least = here;
    node_id chosen = c->self->id;
    uint32_t tied = 0;
    bool looks = here >= p->threshold_milli;
    for (size_t i = 0; looks && i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint64_t there = peer_count_milli(peer);
        if (there > least || there >= here) {
            policy_stay(c, proc->id, peer->word.id, "%llu there, %llu here",
                        (unsigned long long)there, (unsigned long long)here);
            continue;
        }
        const char *no = obstacle(c, proc, peer);
        if (no) {
            policy_stay(c, proc->id, peer->word.id, "%s", no);
            continue;
        }
        tied = there < least ? 1 : tied + 1;
        least = there;
        /* The k-th of the tied with chance 1/k: each equally often. */
        if (rng_below(c->rng, tied) == 0)
            chosen = peer->word.id;
    }
    policy_start(c, proc->id, chosen, "%llu for each core there, %llu here",
                 (unsigned long long)least, (unsigned long long)here);
}

const struct policy policy_place_least_loaded = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_least_loaded",
    .summary = "start where the fewest processes are for each core",
    .source = "Zhou 1988",
    .params_size = sizeof(struct params),
    .params = params,
    .place = place,
};
