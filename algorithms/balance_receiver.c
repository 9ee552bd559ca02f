/* balance_receiver - a node with little to do asks others for work.
 *
 * Paper: D. L. Eager, E. D. Lazowska, J. Zahorjan, "A Comparison of Receiver-
 * Initiated and Sender-Initiated Adaptive Load Sharing", Performance Evaluation
 * 6(1), 1986: the policy Receiver(T, Lp).
 *
 * Rule:       When a node has fewer than T processes it probes up to Lp nodes,
 *             one after the other, each drawn at random. The first that would
 *             have at least T left without it sends one, which moves while it
 *             runs.
 *
 * From paper: All of this; T = 1 and Lp = 3 are its usual values. It beats
 *             threshold probing at high load and loses at low load, as its
 *             probes find nobody.
 * Ours:       The paper looks when a process ends; a policy hears nothing then,
 *             so it looks every look_us; after a search in vain it waits
 *             `backoff` times as long as before, up to look_max_us, so that an
 *             idle cluster is quiet: with a large one it searches once for each
 *             end, as in the paper. T is for each core. The process that has
 *             used the most CPU time goes, since it will use the most more
 *             (Harchol-Balter and Downey 1997). A silent node counts as a no
 *             after timeout_us, a node that rights forbid at once.
 *
 * Example:    T = 1, Lp = 3; A has none, B 1, C 3. A probes B: without it B
 *             would have 0: no. It probes C, which has 2 left: C sends its
 *             oldest.
 */
#include "balance/moving.h"

enum {
    MESSAGE_ASK = 1, /* Nothing: send me one. */
    MESSAGE_NO = 2,
};

struct params
{
    uint64_t threshold;
    uint64_t probe_limit;
    uint64_t look_us;
    uint64_t look_max_us;
    uint64_t backoff;
    uint64_t timeout_us;
};

struct state
{
    usec_t until_us;      /* Of the open probe; 0 if there is none. */
    node_id asked;        /* Whom. */
    uint32_t probe_count; /* Of this search. */
    usec_t pause_us;      /* Until the next look. */
};

static const struct policy_param params[] = {
    {"threshold", offsetof(struct params, threshold), 1, 1000, 1,
     "T: processes for each core; with fewer, a node asks"},
    {"probe_limit", offsetof(struct params, probe_limit), 1, 64, 3,
     "Lp: the most nodes that are asked in a row"},
    {"look_us", offsetof(struct params, look_us), 1000, 60000000, 200000,
     "between two looks at its own processes, the first time"},
    {"look_max_us", offsetof(struct params, look_max_us), 1000, 60000000,
     2000000, "to which that grows while nobody has anything"},
    {"backoff", offsetof(struct params, backoff), 1, 1000, 2,
     "by which it grows after each search in vain"},
    {"timeout_us", offsetof(struct params, timeout_us), 1000, 60000000, 200000,
     "silence after which a probed node counts as a no"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->look_us <= p->look_max_us ? NULL
                                        : "look_us must not pass look_max_us";
}

static bool wants(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    return c->self->state == NODE_UP &&
           moving_process_count(c) < p->threshold * c->self->core_count;
}

/* The probe is overdue then, or the next look is due. */
static void set_alarm(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    if (s->until_us != 0) {
        policy_wake_at(c, s->until_us);
        return;
    }
    usec_t longer_us = p->backoff * s->pause_us;
    bool in_vain = s->probe_count > 0 && wants(c);
    s->pause_us = !in_vain                     ? p->look_us
                  : longer_us < p->look_max_us ? longer_us
                                               : p->look_max_us;
    policy_wake_at(c, c->now_us + s->pause_us);
}

/* Ask the next node, or give up until the next look. */
static void probe(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->until_us = 0;
    while (wants(c) && s->probe_count < p->probe_limit && s->until_us == 0) {
        s->probe_count++;
        s->asked = node_pick(c, SCOPE_ALL);
        if (!moving_may_come_from(c, s->asked))
            continue;
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_ASK);
        policy_send(c, s->asked, &w);
        s->until_us = c->now_us + p->timeout_us;
    }
    set_alarm(c);
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->pause_us = p->look_us;
    policy_wake_at(c, c->now_us + 1 + rng_below(c->rng, (uint32_t)p->look_us));
}

static void wake(const struct policy_ctx *c)
{
    struct state *s = c->state;
    if (s->until_us == 0)
        s->probe_count = 0;
    probe(c);
}

static void asked(const struct policy_ctx *c, node_id sender)
{
    const struct params *p = c->params;
    const struct peer_info *peer = peer_find(c, sender);
    size_t count = moving_process_count(c);
    const struct proc_info *proc =
        peer && count > p->threshold * c->self->core_count
            ? moving_oldest(c, peer)
            : NULL;
    if (proc) {
        policy_move(c, proc->id, sender, "it asked, %zu are here", count);
        return;
    }
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_NO);
    policy_send(c, sender, &w);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    const struct state *s = c->state;
    uint8_t kind = get_u8(in);
    if (in->bad)
        return;
    if (kind == MESSAGE_ASK)
        asked(c, sender);
    else if (kind == MESSAGE_NO && s->until_us != 0 && s->asked == sender)
        probe(c);
}

/* What was asked for has come; there may be more, and it will end. */
static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->pause_us = p->look_us;
    if (s->until_us != 0 && proc->came_from == s->asked)
        s->until_us = 0;
    if (s->until_us == 0)
        policy_wake_at(c, c->now_us + p->look_us);
}

const struct policy policy_balance_receiver = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_receiver",
    .summary = "a node with little to do probes random nodes for work",
    .source = "Eager, Lazowska and Zahorjan 1986 (Performance Evaluation)",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .start = start,
    .wake = wake,
    .receive = receive,
    .arrived = arrived,
};
