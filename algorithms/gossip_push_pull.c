/* gossip_push_pull - tell a random node all, and hear all from it.
 *
 * Papers: A. Demers et al., "Epidemic Algorithms for Replicated Database
 * Maintenance", PODC 1987; R. Karp, C. Schindelhauer, S. Shenker, B. Voecking,
 * "Randomized Rumor Spreading", FOCS 2000.
 *
 * Rule:       Each period a node sends its board to one random node, which
 *             keeps the younger word on each node and answers with its own.
 *
 * From paper: The exchange both ways; with n nodes and period 1 the mean age is
 *             about ln(n) / 2, half of what telling alone gives, for twice the
 *             messages.
 * Ours:       Phases are random. window_us may leave out old entries. The
 * rumour counters of Karp et al., which end a rumour, have no place here: a
 * word is young again each second.
 *
 * Costs:      For each node and period two boards of 64 k bytes and 79 for each
 *             17 words, k words in each: 2,748 of 20 nodes.
 *
 * Example:    A knows B for 3 s and asks C, which knows B for 1 s and D for 2
 * s: C learns A, A learns C, D and B's younger word.
 */
#include "gossip/window.h"

enum { MESSAGE_PUSH = 1, MESSAGE_BOARD = 2 };

struct params
{
    uint64_t period_us;
    uint64_t window_us;
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two exchanges that a node begins"},
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
    if (target != NODE_NONE)
        window_send(c, target, MESSAGE_PUSH, MESSAGE_BOARD, p->window_us);
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
    if (kind == MESSAGE_PUSH)
        window_send(c, sender, MESSAGE_BOARD, MESSAGE_BOARD, p->window_us);
}

const struct policy policy_gossip_push_pull = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_push_pull",
    .summary = "exchange boards with one random node",
    .source = "Demers et al. 1987; Karp et al. 2000",
    .params_size = sizeof(struct params),
    .params = params,
    .start = start,
    .wake = wake,
    .receive = receive,
};
