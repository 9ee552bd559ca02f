/* place_best - start on one of the least loaded nodes.
 *
 * Source: bestnode of MOSIX2 (mosrun -b): "the best node", at random among
 * those that are nearly as good, so that two homes do not both hit the one.
 *
 * Rule:       load(i) = load for each reference core of i with the process on
 *             it. Start at a uniformly random i with
 *                 load(i) <= min over j of load(j) + near_milli.
 *
 * From MOSIX: The choice by load and speed, and the phantom load: what was just
 *             sent counts at its target until the target says so itself. The
 *             board keeps it (peer_info.reserved_milli), so there is nothing to
 *             do for it here.
 * Ours:       near_milli. Home takes part as any other node. Nodes that an
 *             owner's word or memory forbids do not.
 *
 * Example:    Home has load 1.000; on the board are A 0.000, B 0.040, C 0.200.
 *             With the process: home 2.000, A 1.000, B 1.040, C 1.200. With
 *             near_milli 50 it starts at A or at B, as often at the one as at
 *             the other; with near_milli 0 at A.
 */
#include "policy.h"

enum { ONE_PROCESS_MILLI = 1000 };

struct params
{
    uint64_t near_milli;
};

static const struct policy_param params[] = {
    {"near_milli", offsetof(struct params, near_milli), 0, 10000, 50,
     "load over the least that counts as equally good"},
    {0},
};

static uint32_t least_load_milli(const struct policy_ctx *c,
                                 const struct proc_info *proc)
{
    uint32_t least = node_load_milli(c->self, ONE_PROCESS_MILLI);
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint32_t load = peer_load_milli(peer, ONE_PROCESS_MILLI);
        const char *no = load < least ? obstacle(c, proc, peer) : NULL;
        if (no)
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        else if (load < least)
            least = load;
    }
    return least;
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    uint64_t limit = least_load_milli(c, proc) + p->near_milli;
    uint32_t here = node_load_milli(c->self, ONE_PROCESS_MILLI);
    node_id chosen = c->self->id;
    uint32_t chosen_load = here;
    uint32_t tied = here <= limit;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint32_t load = peer_load_milli(peer, ONE_PROCESS_MILLI);
        if (load > limit) {
            policy_stay(c, proc->id, peer->word.id,
                        "load %u there with it, the least is %u", load,
                        (unsigned)(limit - p->near_milli));
        } else if (!obstacle(c, proc, peer) && rng_below(c->rng, ++tied) == 0) {
            /* The k-th of the tied replaces the chosen with chance 1/k: so
             * each is chosen equally often, in one pass. */
            chosen = peer->word.id;
            chosen_load = load;
        }
    }
    policy_start(c, proc->id, chosen,
                 "load %u there with it, %u here, %u as good", chosen_load,
                 here, tied);
}

const struct policy policy_place_best = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_best",
    .summary = "start on one of the least loaded nodes",
    .source = "MOSIX2 bestnode",
    .params_size = sizeof(struct params),
    .params = params,
    .place = place,
};
