/* gossip_two_level - mostly inside the cluster, seldom across.
 *
 * Source: ours, after the way of Amar, Barak, Drezner and Okun 2009; the model
 * is an epidemic on two levels.
 *
 * Rule:       Each period a node sends its board to one random node: with
 * chance abroad_permille / 1000 of another cluster, else of its own.
 *
 * Ours:       All of it. For C clusters of m nodes the share x of nodes of the
 *             own and y of other clusters that know a word of age t obeys
 *                 x' = (1 - x) ((1 - p) x + p y)
 *                 y' = (1 - y) ((1 - p) y + p (x + (C - 2) y) / (C - 1)),
 *             x(0) = 1/m, y(0) = 0; the mean ages are the integrals of 1 - x
 * and 1 - y. For m = 64, C = 4: p = 0.1 makes 4.7 periods inside and 6.8
 *             outside, with a tenth of the messages over the WAN; flat gossip
 *             5.6 for both, with three quarters. Phases are random.
 *
 * Costs:      For each node and period a board of 64 k bytes and 79 for each 17
 *             words, k words in all: 1,374 of 20 nodes.
 *
 * Example:    Of 1,000 messages of a node with abroad_permille 100 about 100 go
 *             to other clusters.
 */
#include "gossip/window.h"

enum { MESSAGE_BOARD = 1 };

struct params
{
    uint64_t period_us;
    uint64_t window_us;
    uint64_t abroad_permille;
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two messages of a node"},
    WINDOW_PARAM(struct params),
    {"abroad_permille", offsetof(struct params, abroad_permille), 0, 1000, 100,
     "chance that a message goes to another cluster"},
    {0},
};

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    policy_wake_at(c, c->now_us + rng_below(c->rng, (uint32_t)p->period_us));
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    bool abroad = rng_below(c->rng, 1000) < p->abroad_permille;
    node_id target = node_pick(c, abroad ? SCOPE_OTHERS : SCOPE_OWN);
    if (target != NODE_NONE)
        window_send(c, target, MESSAGE_BOARD, MESSAGE_BOARD, p->window_us);
    policy_wake_at(c, c->now_us + p->period_us);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    (void)sender;
    (void)get_u8(in);
    policy_learn_all(c, in);
}

const struct policy policy_gossip_two_level = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_two_level",
    .summary = "send the board mostly inside the cluster, seldom across",
    .source = "ours, after Amar, Barak, Drezner and Okun 2009",
    .params_size = sizeof(struct params),
    .params = params,
    .start = start,
    .wake = wake,
    .receive = receive,
};
