/* place_power_of_d - ask d random nodes, start at the one with the fewest.
 *
 * Paper: M. Mitzenmacher, "The Power of Two Choices in Randomized Load
 * Balancing", IEEE Transactions on Parallel and Distributed Systems 12(10),
 * 2001.
 *
 * Rule:       For each process d nodes are drawn, with replacement, home among
 *             the candidates; it starts where the fewest processes are for each
 *             core, at random among equals.
 *
 * From paper: All of this. Mean response at rate lambda, exponential sizes of
 *             mean 1, many nodes: sum over i >= 1 of lambda^((d^i - d)/(d-1)).
 * Ours:       The d nodes are asked by message, and the process waits for the
 *             answers, wait_us at most: who is silent by then, or may not be
 *             asked, drops out. Nobody left: it starts at home. SEARCHES_MAX
 *             processes wait at a time; who comes beyond that starts at home.
 *             Ask counts what is on its way there (the node counts those).
 *
 * Example:    d = 2; drawn are B, with 3 processes on one core, and C, with 4
 *             on two: it starts at C.
 */
#include "balance/moving.h"
#include "ring/ring.h"

enum {
    SEARCHES_MAX = 32,
    CHOICES_MAX = 16,
    MESSAGE_ASK = 1,    /* The process it is for. */
    MESSAGE_ANSWER = 2, /* The same, and processes x 1000 for each core. */
};

struct params
{
    uint64_t d;
    uint64_t wait_us;
};

struct search
{
    proc_id proc;
    usec_t until_us; /* 0 if there is no search here. */
    uint32_t open;   /* Answers still to come. */
    uint32_t tied;   /* Nodes as good as the chosen one. */
    node_id chosen;  /* NODE_NONE: nobody has answered. */
    uint32_t count_milli;
};

struct state
{
    struct search searches[SEARCHES_MAX];
};

static const struct policy_param params[] = {
    {"d", offsetof(struct params, d), 1, CHOICES_MAX, 2,
     "nodes that are asked for each process"},
    {"wait_us", offsetof(struct params, wait_us), 1000, 60000000, 200000,
     "for an answer; who is silent longer drops out"},
    {0},
};

static uint32_t own_count_milli(const struct policy_ctx *c)
{
    return (uint32_t)moving_process_count(c) * 1000 / c->self->core_count;
}

static void consider(const struct policy_ctx *c,
                     struct search *search,
                     node_id node,
                     uint32_t count_milli)
{
    if (search->chosen != NODE_NONE && count_milli > search->count_milli)
        return;
    bool better =
        search->chosen == NODE_NONE || count_milli < search->count_milli;
    search->tied = better ? 1 : search->tied + 1;
    search->count_milli = count_milli;
    /* The k-th of the tied with chance 1/k: each equally often. */
    if (rng_below(c->rng, search->tied) == 0)
        search->chosen = node;
}

/* All have answered, or time is up. */
static void decide(const struct policy_ctx *c, struct search *search)
{
    bool alone = search->chosen == NODE_NONE;
    policy_start(c, search->proc, alone ? c->self->id : search->chosen,
                 alone ? "nobody it asked has answered"
                       : "%u.%03u processes for each core",
                 search->count_milli / 1000, search->count_milli % 1000);
    *search = (struct search){0};
}

static void set_alarm(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    usec_t first_us = USEC_NEVER;
    for (size_t i = 0; i < SEARCHES_MAX; i++)
        if (s->searches[i].until_us != 0 && s->searches[i].until_us < first_us)
            first_us = s->searches[i].until_us;
    if (first_us != USEC_NEVER)
        policy_wake_at(c, first_us);
}

static bool may_ask(const struct policy_ctx *c,
                    const struct proc_info *proc,
                    node_id node)
{
    const struct cluster_info *cluster = cluster_of(c, node);
    const struct peer_info *peer = peer_find(c, node);
    return cluster && (cluster == &c->clusters[0] || cluster->send) &&
           (!peer || !obstacle(c, proc, peer));
}

/* Draw one; home answers at once. */
static void ask_one(const struct policy_ctx *c,
                    struct search *search,
                    const struct proc_info *proc)
{
    enum scope scope = proc->class_number == 0 ? SCOPE_OWN : SCOPE_ALL;
    uint32_t count = (uint32_t)ring_count(c, scope == SCOPE_ALL);
    node_id node =
        rng_below(c->rng, count) == 0 ? c->self->id : node_pick(c, scope);
    if (node == c->self->id) {
        consider(c, search, node, own_count_milli(c));
    } else if (node != NODE_NONE && may_ask(c, proc, node)) {
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_ASK);
        put_u64(&w, proc->id);
        policy_send(c, node, &w);
        search->open++;
    }
}

static struct search *free_search(struct state *s)
{
    for (size_t i = 0; i < SEARCHES_MAX; i++)
        if (s->searches[i].until_us == 0)
            return &s->searches[i];
    return NULL;
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct search *search = free_search(c->state);
    const char *no = proc_obstacle(c, proc);
    if (!no && !search)
        no = "too many wait for answers";
    if (no) {
        policy_start(c, proc->id, c->self->id, "%s", no);
        return;
    }
    *search = (struct search){.proc = proc->id,
                              .until_us = c->now_us + p->wait_us,
                              .chosen = NODE_NONE};
    for (uint64_t i = 0; i < p->d; i++)
        ask_one(c, search, proc);
    if (search->open == 0) {
        decide(c, search);
        return;
    }
    policy_hold(c, proc->id, "%u nodes are asked", search->open);
    set_alarm(c);
}

static void wake(const struct policy_ctx *c)
{
    struct state *s = c->state;
    for (size_t i = 0; i < SEARCHES_MAX; i++)
        if (s->searches[i].until_us != 0 &&
            s->searches[i].until_us <= c->now_us)
            decide(c, &s->searches[i]);
    set_alarm(c);
}

static void answered(const struct policy_ctx *c,
                     node_id sender,
                     proc_id id,
                     uint32_t count_milli)
{
    struct state *s = c->state;
    const struct proc_info *proc = proc_find(c, id);
    const struct peer_info *peer = peer_find(c, sender);
    for (size_t i = 0; i < SEARCHES_MAX; i++) {
        struct search *search = &s->searches[i];
        if (search->until_us == 0 || search->proc != id)
            continue;
        if (proc && peer && !obstacle(c, proc, peer))
            consider(c, search, sender, count_milli);
        if (--search->open == 0)
            decide(c, search);
        return;
    }
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    uint8_t kind = get_u8(in);
    proc_id id = get_u64(in);
    uint32_t count_milli = kind == MESSAGE_ANSWER ? get_u32(in) : 0;
    if (in->bad)
        return;
    if (kind == MESSAGE_ANSWER) {
        answered(c, sender, id, count_milli);
    } else if (kind == MESSAGE_ASK) {
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_ANSWER);
        put_u64(&w, id);
        put_u32(&w, own_count_milli(c));
        policy_send(c, sender, &w);
    }
}

const struct policy policy_place_power_of_d = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_power_of_d",
    .summary = "ask d random nodes, start at the one with the fewest",
    .source = "Mitzenmacher 2001",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .place = place,
    .wake = wake,
    .receive = receive,
};
