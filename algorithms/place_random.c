/* place_random - start on a node drawn at random.
 *
 * Source: the policy Random of D. L. Eager, E. D. Lazowska, J. Zahorjan,
 * "Adaptive Load Sharing in Homogeneous Distributed Systems", IEEE Transactions
 * on Software Engineering 12(5), 1986, without its threshold: what any policy
 * that looks at load has to beat.
 *
 * Rule:       Each of the n nodes, home among them, with chance 1/n.
 *
 * From paper: The target is drawn without asking anybody.
 * Ours:       A draw that rights or an owner's word forbid is drawn again,
 * tries times in all; then it starts at home. Silence forbids nothing.
 *
 * Example:    Four nodes, home among them, one of them closed: of 300 processes
 *             about 100 start at each of the other three.
 */
#include "ring/ring.h"

struct params
{
    uint64_t scope;
    uint64_t tries;
};

static const struct policy_param params[] = {
    {"scope", offsetof(struct params, scope), 0, 1, 0,
     "0 for the nodes of the own cluster, 1 for those of all clusters"},
    {"tries", offsetof(struct params, tries), 1, 64, 16,
     "draws for one process, before it starts at home"},
    {0},
};

/* Self with the same chance as each other node. */
static node_id draw(const struct policy_ctx *c, uint64_t count)
{
    const struct params *p = c->params;
    if (rng_below(c->rng, (uint32_t)count) == 0)
        return c->self->id;
    return node_pick(c, p->scope == 0 ? SCOPE_OWN : SCOPE_ALL);
}

/* Why it may not start there; NULL if it may. */
static const char *closed(const struct policy_ctx *c,
                          const struct proc_info *proc,
                          node_id node)
{
    const struct cluster_info *cluster = cluster_of(c, node);
    const struct peer_info *peer = peer_find(c, node);
    if (!cluster || (cluster != &c->clusters[0] &&
                     (!cluster->send || proc->class_number == 0)))
        return "no right to go there";
    return peer && peer->word.state != NODE_UP ? "it takes no guests" : NULL;
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    uint64_t count = ring_count(c, p->scope == 1);
    const char *no = proc_obstacle(c, proc);
    for (uint64_t tried = 0; !no && tried < p->tries; tried++) {
        node_id node = draw(c, count);
        if (node == NODE_NONE)
            break;
        const char *why_not =
            node == c->self->id ? NULL : closed(c, proc, node);
        if (!why_not) {
            policy_start(c, proc->id, node, "draw %llu among %llu nodes",
                         (unsigned long long)(tried + 1),
                         (unsigned long long)count);
            return;
        }
        policy_stay(c, proc->id, node, "%s", why_not);
    }
    policy_start(c, proc->id, c->self->id, "%s",
                 no ? no : "no draw was open to it");
}

const struct policy policy_place_random = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_random",
    .summary = "start on a node drawn at random",
    .source = "Eager, Lazowska and Zahorjan 1986",
    .params_size = sizeof(struct params),
    .params = params,
    .place = place,
};
