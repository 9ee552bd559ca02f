/* gossip_central - one collector hears all and tells all.
 *
 * Paper: S. Zhou, "A Trace-Driven Simulation Study of Dynamic Load Balancing",
 * IEEE Transactions on Software Engineering 14(9), 1988: GLOBAL, with its load
 * information centre.
 *
 * Rule:       The node with the least id of a cluster is its collector. Each
 *             period every node sends it its word, and it sends its board to
 *             every node of the cluster.
 *
 * From paper: A centre that collects and distributes; 2 (n - 1) messages a
 *             period and cluster. With period 1 the mean age is 1: half a
 * period until it is sent on, half until the next. Ours:       Phases are
 * random. If the collector is known to be gone, the next id is it. Other
 * clusters are not heard of.
 *
 * Costs:      For each node and period 79 bytes to the collector and 64 (n - 1)
 *             and 79 for each 17 words from it, all of which it sends: of 20
 *             nodes 26,106 bytes.
 *
 * Example:    Nodes 1, 2, 3: 1 collects. If 1 has left, 2 does.
 */
#include "gossip/window.h"

enum { MESSAGE_WORD = 1, MESSAGE_BOARD = 2 };

struct params
{
    uint64_t period_us;
};

struct state
{
    usec_t round_us; /* When this round of the collector began. */
    uint32_t turn;   /* Nodes that were told in it. */
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two words of a node, or two boards of the collector"},
    {0},
};

static node_id collector(const struct policy_ctx *c)
{
    const struct cluster_info *own = &c->clusters[0];
    for (uint32_t i = 0; i < own->node_count; i++) {
        node_id node = own->first + i;
        const struct peer_info *peer =
            node == c->self->id ? NULL : peer_find(c, node);
        if (!peer || peer->word.state != NODE_GONE)
            return node;
    }
    return c->self->id;
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->round_us = c->now_us + rng_below(c->rng, (uint32_t)p->period_us);
    policy_wake_at(c, s->round_us);
}

/* The collector tells the next of the others; true if that was the last. */
static bool tell_next(const struct policy_ctx *c)
{
    const struct cluster_info *own = &c->clusters[0];
    struct state *s = c->state;
    uint32_t home = c->self->id - own->first;
    s->turn++;
    if (s->turn < own->node_count)
        window_send(c, own->first + (home + s->turn) % own->node_count,
                    MESSAGE_BOARD, MESSAGE_BOARD, USEC_NEVER);
    return s->turn + 1 >= own->node_count;
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    uint32_t others = c->clusters[0].node_count - 1;
    node_id centre = collector(c);
    bool over = true;
    if (centre == c->self->id) {
        over = tell_next(c);
    } else {
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_WORD);
        policy_send(c, centre, &w);
    }
    if (over) {
        s->turn = 0;
        s->round_us += p->period_us;
    }
    usec_t due_us =
        s->round_us + (others > 0 ? p->period_us * s->turn / others : 0);
    policy_wake_at(c, due_us > c->now_us ? due_us : c->now_us + 1);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    (void)sender;
    (void)get_u8(in);
    policy_learn_all(c, in);
}

const struct policy policy_gossip_central = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_central",
    .summary = "one collector in a cluster hears all and tells all",
    .source = "Zhou 1988",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .start = start,
    .wake = wake,
    .receive = receive,
};
