/* balance_gradient - processes flow down towards nodes that have nothing to do.
 *
 * Paper: F. C. H. Lin, R. M. Keller, "The Gradient Model Load Balancing
 * Method", IEEE Transactions on Software Engineering 13(1), 1987.
 *
 * Rule:       With n processes a node is light if n < low, heavy if n > high.
 *             Its proximity is
 *                 w = 0                              if it is light,
 *                     min(w_max, 1 + least w(j))     else,
 *             j its neighbours, w_max = diameter + 1: the distance from the
 *             nearest light node, as far as is known. Every period a heavy node
 *             with a neighbour of w < w_max sends one process to the neighbour
 *             with the least. Who sees its own w change tells its neighbours.
 *
 * From paper: All of this: load goes over edges alone, and w_max everywhere
 *             says that nobody wants any.
 * Ours:       What moves is a process that runs, so each edge on its way costs
 *             a migration; the one that came last goes on, the traveller rather
 *             than another. Marks are for each core. w is told in each period
 *             as well, as messages are lost; of equal neighbours the first edge
 *             is taken. Neighbours are those of a hypercube of the cluster, or
 *             of a ring, where the diameter is n/2.
 *
 * Costs:      One message of 82 bytes for each edge and period, and for each
 *             edge and change.
 *
 * Example:    A ring of 5 nodes A .. E, so w_max = 3, with 3 1 0 1 1 processes,
 *             low = high = 1: C is light. w is 2 1 0 1 2: A is heavy and sends
 *             one to B (w 1) rather than to E (w 2). B has 2 then and sends
 *             that one to C: 2 1 1 1 1. Nobody is light any more: w rises to 3
 *             everywhere, and A keeps its two.
 */
#include "balance/moving.h"
#include "balance/topology.h"

struct params
{
    uint64_t period_us;
    uint64_t low;
    uint64_t high;
    uint64_t topology;
};

struct state
{
    uint32_t heard[TOPOLOGY_DEGREE_MAX]; /* By edge: w + 1; 0: nothing yet. */
    uint32_t told;                       /* What this node said last. */
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 10000, 60000000, 1000000,
     "between two looks at its own load"},
    {"low", offsetof(struct params, low), 1, 1000, 1,
     "processes for each core; with fewer, a node is light"},
    {"high", offsetof(struct params, high), 1, 1000, 1,
     "the same; with more, it is heavy"},
    {"topology", offsetof(struct params, topology), TOPOLOGY_RING,
     TOPOLOGY_HYPERCUBE, TOPOLOGY_HYPERCUBE,
     "of the nodes of a cluster: 0 a ring, 1 a hypercube"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->low <= p->high ? NULL : "low must not pass high";
}

static uint32_t proximity_max(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    return topology_diameter(c, (enum topology)p->topology) + 1;
}

/* The edge to the neighbour with the least w, and that w; w_max if there is
 * none. */
static size_t steepest(const struct policy_ctx *c, uint32_t *ret_least)
{
    const struct params *p = c->params;
    const struct state *s = c->state;
    size_t chosen = 0;
    *ret_least = proximity_max(c);
    for (size_t edge = 0; edge < topology_degree(c, p->topology); edge++)
        if (s->heard[edge] > 0 && s->heard[edge] - 1 < *ret_least) {
            *ret_least = s->heard[edge] - 1;
            chosen = edge;
        }
    return chosen;
}

static uint32_t own_proximity(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    uint32_t least;
    steepest(c, &least);
    uint32_t most = proximity_max(c);
    if (c->self->state == NODE_UP &&
        moving_process_count(c) < p->low * c->self->core_count)
        return 0;
    return least + 1 < most ? least + 1 : most;
}

static void tell(const struct policy_ctx *c, uint32_t proximity)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->told = proximity;
    for (size_t edge = 0; edge < topology_degree(c, p->topology); edge++) {
        node_id node = topology_neighbour(c, p->topology, edge);
        struct writer w = {.count = 0};
        put_u32(&w, proximity);
        if (node != NODE_NONE)
            policy_send(c, node, &w);
    }
}

/* The last that came and may go there; NULL if none may. */
static const struct proc_info *last_come(const struct policy_ctx *c,
                                         const struct peer_info *peer)
{
    const struct proc_info *found = NULL;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc->state == PROC_RUNNING && !obstacle(c, proc, peer) &&
            (!found || proc->arrived_us >= found->arrived_us))
            found = proc;
    }
    return found;
}

static void flow(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    uint32_t least;
    size_t edge = steepest(c, &least);
    if (moving_process_count(c) <= p->high * c->self->core_count ||
        least >= proximity_max(c))
        return;
    node_id node = topology_neighbour(c, p->topology, edge);
    const struct peer_info *peer =
        node == NODE_NONE ? NULL : peer_find(c, node);
    const struct proc_info *proc = peer ? last_come(c, peer) : NULL;
    if (proc)
        policy_move(c, proc->id, node, "a light node is %u edges away",
                    least + 1);
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    policy_wake_at(c,
                   c->now_us + 1 + rng_below(c->rng, (uint32_t)p->period_us));
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    flow(c);
    tell(c, own_proximity(c));
    policy_wake_at(c, c->now_us + p->period_us);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    uint32_t proximity = get_u32(in);
    if (in->bad || proximity > proximity_max(c))
        return;
    for (size_t edge = 0; edge < topology_degree(c, p->topology); edge++)
        if (topology_neighbour(c, p->topology, edge) == sender)
            s->heard[edge] = proximity + 1;
    if (own_proximity(c) != s->told)
        tell(c, own_proximity(c));
}

const struct policy policy_balance_gradient = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_gradient",
    .summary = "processes flow over edges towards the nearest light node",
    .source = "Lin and Keller 1987",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .start = start,
    .wake = wake,
    .receive = receive,
};
