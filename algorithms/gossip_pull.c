/* gossip_pull - ask a random node for all that it knows.
 *
 * Paper: A. Demers et al., "Epidemic Algorithms for Replicated Database
 * Maintenance", PODC 1987.
 *
 * Rule:       Each period a node asks one random node, which answers with its
 *             board; the asker keeps the younger word on each node.
 *
 * From paper: The exchange one way. Once most know a word, asking finds it
 *             faster than telling would; with n nodes and period 1 the mean age
 *             is about ln(n), as by telling.
 * Ours:       Phases are random. window_us may leave out old entries. The
 *             question carries the asker's own word, as every frame does, which
 *             makes words a little younger than the pure rule.
 *
 * Costs:      For each node and period a question of 79 bytes and an answer of
 *             64 k and 79 for each 17 words, k words in all: 1,453 of 20 nodes.
 *
 * Example:    A asks C, which knows B for 1 s and D for 2 s: A knows B, C and D
 *             now, and C knows A.
 */
#include "gossip/window.h"

enum { MESSAGE_ASK = 1, MESSAGE_ANSWER = 2 };

struct params
{
    uint64_t period_us;
    uint64_t window_us;
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two questions of a node"},
    WINDOW_PARAM(struct params),
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
    node_id target = node_pick(c, SCOPE_ALL);
    if (target != NODE_NONE) {
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_ASK);
        policy_send(c, target, &w);
    }
    policy_wake_at(c, c->now_us + p->period_us);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    const struct params *p = c->params;
    uint8_t kind = get_u8(in);
    if (!policy_learn_all(c, in))
        return;
    if (kind == MESSAGE_ASK)
        window_send(c, sender, MESSAGE_ANSWER, MESSAGE_ANSWER, p->window_us);
}

const struct policy policy_gossip_pull = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_pull",
    .summary = "ask one random node for its board",
    .source = "Demers et al. 1987",
    .params_size = sizeof(struct params),
    .params = params,
    .start = start,
    .wake = wake,
    .receive = receive,
};
