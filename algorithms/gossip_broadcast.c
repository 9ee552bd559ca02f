/* gossip_broadcast - tell everybody, each period.
 *
 * Source: the load daemons of PVM-era systems; DISTED and GLOBAL of S. Zhou, "A
 * Trace-Driven Simulation Study of Dynamic Load Balancing", IEEE Transactions
 * on Software Engineering 14(9), 1988.
 *
 * Rule:       Each period a node sends its word to every other node.
 *
 * From paper: All to all: n - 1 messages of each node and period. With period 1
 *             the mean age is 1/2 and no word is older than 1.
 * Ours:       Phases are random. There is no network broadcast in the model, so
 *             n - 1 messages are sent, spread evenly over the period: scope 0
 * to the own cluster, 1 to all.
 *
 * Costs:      For each node and period 78 (n - 1) bytes: 1,482 of 20 nodes.
 *
 * Example:    Three nodes, period 1 s: six messages a second.
 */
#include "ring/ring.h"

struct params
{
    uint64_t period_us;
    uint64_t scope;
};

struct state
{
    usec_t round_us; /* When this round began. */
    uint64_t turn;   /* Nodes that were told in it. */
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two words of a node"},
    {"scope", offsetof(struct params, scope), 0, 1, 1,
     "0 for the nodes of the own cluster, 1 for those of all clusters"},
    {0},
};

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->round_us = c->now_us + rng_below(c->rng, (uint32_t)p->period_us);
    policy_wake_at(c, s->round_us);
}

/* Tell the next of the ring that begins behind this node. */
static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    const struct writer w = {.count = 0};
    uint64_t count = ring_count(c, p->scope == 1);
    uint64_t home = ring_home(c);
    s->turn++;
    if (s->turn < count)
        policy_send(c, ring_node(c, (home + s->turn) % count, NULL), &w);
    if (s->turn + 1 >= count) {
        s->turn = 0;
        s->round_us += p->period_us;
    }
    usec_t due_us =
        s->round_us + (count > 1 ? p->period_us * s->turn / (count - 1) : 0);
    policy_wake_at(c, due_us > c->now_us ? due_us : c->now_us + 1);
}

/* The frame's own word is all there is; the node has read it. */
static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    (void)c;
    (void)sender;
    (void)in;
}

const struct policy policy_gossip_broadcast = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_broadcast",
    .summary = "send the own word to every node each period",
    .source = "Zhou 1988",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .start = start,
    .wake = wake,
    .receive = receive,
};
