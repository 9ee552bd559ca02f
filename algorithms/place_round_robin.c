/* place_round_robin - hand out the nodes of the map in turn.
 *
 * Source: PVM, the static base line of Barak and La'adan, "The MOSIX Multi-
 * computer Operating System for High Performance Cluster Computing", Future
 * Generation Computer Systems 13(4-5), 1998.
 *
 * Rule:       The k-th process of a home, k = 0, 1, .., starts k nodes further
 *             on the ring of the map, which begins and ends at the home.
 *
 * From PVM:   No load is looked at, and a process stays where it starts.
 * Ours:       Each home has a ring of its own: its cluster by ascending id,
 *             then (scope 1) the other clusters as the map lists them. PVM had
 *             one for each virtual machine. A node is passed over if
 *             processes of this cluster have no right to go there, or if the
 *             board says that it takes no guests; silence does not count.
 *
 * Example:    Home 2 in a cluster of nodes 1 .. 4: its first five processes
 *             start at 2, 3, 4, 1, 2. If node 4 is known to be gone: 2, 3, 1,
 *             2, 3.
 */
#include "ring/ring.h"

struct params
{
    uint64_t scope;
};

struct state
{
    uint64_t turn; /* Places on the ring that were handed out or passed over. */
};

static const struct policy_param params[] = {
    {"scope", offsetof(struct params, scope), 0, 1, 0,
     "0 for the nodes of the own cluster, 1 for those of all clusters"},
    {0},
};

/* Why the node is passed over; NULL if it is not. */
static const char *closed(const struct policy_ctx *c,
                          const struct proc_info *proc,
                          const struct cluster_info *cluster,
                          node_id node)
{
    bool abroad = cluster != &c->clusters[0];
    if (abroad && (!cluster->send || proc->class_number == 0))
        return "no right to go there";
    const struct peer_info *peer = peer_find(c, node);
    return peer && peer->word.state != NODE_UP ? "it takes no guests" : NULL;
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    const char *no = proc_obstacle(c, proc);
    if (no) {
        policy_stay(c, proc->id, NODE_NONE, "%s", no);
        return;
    }
    /* The ring of the whole map is turned so that it begins at home. */
    uint64_t count = ring_count(c, p->scope == 1);
    uint64_t home_place = ring_home(c);
    for (uint64_t tried = 0; tried < count; tried++) {
        const struct cluster_info *cluster;
        uint64_t turn = s->turn++;
        node_id node = ring_node(c, (home_place + turn) % count, &cluster);
        no = node == c->self->id ? NULL : closed(c, proc, cluster, node);
        if (!no) {
            policy_start(c, proc->id, node, "turn %llu of a ring of %llu",
                         (unsigned long long)turn, (unsigned long long)count);
            return;
        }
        policy_stay(c, proc->id, node, "%s", no);
    }
}

const struct policy policy_place_round_robin = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_round_robin",
    .summary = "start on the nodes of the map in turn, whatever their load",
    .source = "PVM, as compared in Barak and La'adan 1998",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .place = place,
};
