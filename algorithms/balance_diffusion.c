/* balance_diffusion - load flows to less loaded neighbours.
 *
 * Paper: G. Cybenko, "Dynamic Load Balancing for Distributed Memory
 * Multiprocessors", Journal of Parallel and Distributed Computing 7(2), 1989.
 *
 * Rule:       Every period, over each edge from i to a neighbour j with less
 *             load, a (l(i) - l(j)) flows to j; a = 1 / (degree + 1). On a
 *             hypercube of dimension d that is the best a, 1 / (d + 1): the
 *             distance from balance shrinks by (d - 1) / (d + 1) a period. On a
 *             ring of n it shrinks by (1 + 2 cos(2 pi / n)) / 3.
 *
 * From paper: The rule and both a; it converges for any a < 1 / degree, and
 *             with a = 1 / degree on either an even ring or a hypercube never.
 *             share_milli is another a, in_step makes the rounds of nodes that
 *             began together one, as in the paper; else phases are random.
 * Ours:       Load is whole processes: what an edge owes is added up and paid
 *             by whole ones, and nothing flows between neighbours that differ
 *             by one process, for it would flow back; at most MOVES_MAX at a
 *             time. A neighbour is asked for its load each period, and its
 *             answer is compared with the load here when it was asked: one
 *             round trip. Neighbours are those of the own cluster: a ring of
 *             ascending ids, or a hypercube, whose missing corners are left
 *             out. Load is for each core.
 *
 * Example:    A ring of 4, loads 8 0 0 0, a = 1/3. First period: 8/3 flow to
 *             each of both neighbours: two processes and 2/3 owed. In the limit
 *             neighbours differ by at most one.
 */
#include "balance/moving.h"
#include "balance/topology.h"

enum {
    MESSAGE_ASK = 1,
    MESSAGE_ANSWER = 2,
    MOVES_MAX = POLICY_ACTIONS_MAX - 1, /* Of one answer. */
};

struct params
{
    uint64_t period_us;
    uint64_t topology;
    uint64_t share_milli;
    uint64_t in_step;
};

struct state
{
    int64_t round_milli; /* Load here when neighbours were asked. */
    int64_t owed_milli[TOPOLOGY_DEGREE_MAX]; /* By edge: processes x 1000 not
                                                yet sent. */
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 10000, 60000000, 1000000,
     "between two rounds of a node"},
    {"topology", offsetof(struct params, topology), TOPOLOGY_RING,
     TOPOLOGY_HYPERCUBE, TOPOLOGY_RING,
     "of the nodes of a cluster: 0 a ring, 1 a hypercube"},
    {"share_milli", offsetof(struct params, share_milli), 0, 1000, 0,
     "a: of a difference, what flows; 0 for 1 / (degree + 1)"},
    {"in_step", offsetof(struct params, in_step), 0, 1, 0,
     "1 for rounds that begin when the node does, not at random"},
    {0},
};

/* Processes x 1000 for each core. */
static int64_t own_milli(const struct policy_ctx *c)
{
    return (int64_t)moving_process_count(c) * 1000 / c->self->core_count;
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    policy_wake_at(
        c, c->now_us + (p->in_step == 1
                            ? p->period_us
                            : 1 + rng_below(c->rng, (uint32_t)p->period_us)));
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->round_milli = own_milli(c);
    for (size_t edge = 0; edge < topology_degree(c, p->topology); edge++) {
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_ASK);
        node_id node = topology_neighbour(c, p->topology, edge);
        if (node != NODE_NONE)
            policy_send(c, node, &w);
    }
    policy_wake_at(c, c->now_us + p->period_us);
}

/* Send what the edge owes, as far as it can go there. */
static void pay(const struct policy_ctx *c,
                int64_t *owed_milli,
                const struct peer_info *peer,
                int64_t difference_milli)
{
    size_t moves = 0;
    for (size_t i = 0;
         i < c->proc_count && *owed_milli >= 1000 && moves < MOVES_MAX; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc->state != PROC_RUNNING || obstacle(c, proc, peer))
            continue;
        policy_move(c, proc->id, peer->word.id, "%lld more here than there",
                    (long long)difference_milli);
        *owed_milli -= 1000;
        moves++;
    }
}

/* The flow of one period over an edge. */
static void flow(const struct policy_ctx *c,
                 size_t edge,
                 node_id node,
                 int64_t there_milli)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    int64_t difference_milli = s->round_milli - there_milli;
    const struct peer_info *peer = peer_find(c, node);
    if (!peer || difference_milli * c->self->core_count < 2000) {
        s->owed_milli[edge] = 0;
        return;
    }
    int64_t flow_milli = difference_milli * c->self->core_count;
    s->owed_milli[edge] +=
        p->share_milli > 0
            ? flow_milli * (int64_t)p->share_milli / 1000
            : flow_milli / (int64_t)(topology_degree(c, p->topology) + 1);
    pay(c, &s->owed_milli[edge], peer, difference_milli);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    const struct params *p = c->params;
    uint8_t kind = get_u8(in);
    int64_t there_milli = kind == MESSAGE_ANSWER ? get_u32(in) : 0;
    if (in->bad)
        return;
    for (size_t edge = 0; edge < topology_degree(c, p->topology); edge++) {
        if (topology_neighbour(c, p->topology, edge) != sender)
            continue;
        if (kind == MESSAGE_ANSWER) {
            flow(c, edge, sender, there_milli);
        } else if (kind == MESSAGE_ASK) {
            struct writer w = {.count = 0};
            put_u8(&w, MESSAGE_ANSWER);
            put_u32(&w, (uint32_t)own_milli(c));
            policy_send(c, sender, &w);
        }
        return;
    }
}

const struct policy policy_balance_diffusion = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_diffusion",
    .summary = "load flows to less loaded neighbours of a ring or hypercube",
    .source = "Cybenko 1989",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .start = start,
    .wake = wake,
    .receive = receive,
};
