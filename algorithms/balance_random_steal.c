/* balance_random_steal - an idle node steals from a random one.
 *
 * Paper: R. D. Blumofe, C. E. Leiserson, "Scheduling Multithreaded Computations
 * by Work Stealing", Journal of the ACM 46(5), 1999.
 *
 * Rule:       A node with a core that has nothing to do asks one node, drawn at
 *             random, and again until it has something. A victim that has more
 *             than it has cores gives the one that came first.
 *
 * From paper: The thief acts, the victim is uniformly random, one at a time,
 * and the oldest of the victim's goes. Ours:       Threads of one computation
 * there, processes that have begun here: what is stolen migrates. Between two
 * attempts a thief waits pause_us, doubled up to pause_max_us while nobody has
 * anything, so that an idle cluster is quiet; in the paper it never rests.
 *
 * Example:    A has none and asks B, which has 1 on its one core: nothing.
 * After 10 ms it asks C, which has 3: the one that came first goes to A.
 */
#include "balance/moving.h"

struct params
{
    uint64_t pause_us;
    uint64_t pause_max_us;
};

struct state
{
    usec_t pause_us; /* Until the next attempt. */
};

static const struct policy_param params[] = {
    {"pause_us", offsetof(struct params, pause_us), 1000, 60000000, 10000,
     "between two attempts of an idle node, the first time"},
    {"pause_max_us", offsetof(struct params, pause_max_us), 1000, 60000000,
     1280000, "to which that is doubled"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->pause_us <= p->pause_max_us
               ? NULL
               : "pause_us must not pass pause_max_us";
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->pause_us = p->pause_us;
    policy_wake_at(c, c->now_us + 1 + rng_below(c->rng, (uint32_t)p->pause_us));
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    bool idle = c->self->state == NODE_UP &&
                moving_process_count(c) < c->self->core_count;
    node_id victim = idle ? node_pick(c, SCOPE_ALL) : NODE_NONE;
    if (moving_may_come_from(c, victim))
        policy_send(c, victim, &(struct writer){.count = 0});
    s->pause_us = !idle                               ? p->pause_us
                  : s->pause_us * 2 < p->pause_max_us ? s->pause_us * 2
                                                      : p->pause_max_us;
    policy_wake_at(c, c->now_us + s->pause_us);
}

/* The one that came first of those that may go there; NULL if none may. */
static const struct proc_info *first_come(const struct policy_ctx *c,
                                          const struct peer_info *peer)
{
    const struct proc_info *found = NULL;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc->state == PROC_RUNNING && !obstacle(c, proc, peer) &&
            (!found || proc->arrived_us < found->arrived_us))
            found = proc;
    }
    return found;
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    (void)in;
    const struct peer_info *peer = peer_find(c, sender);
    size_t count = moving_process_count(c);
    if (!peer || count <= c->self->core_count)
        return;
    const struct proc_info *proc = first_come(c, peer);
    if (proc)
        policy_move(c, proc->id, sender, "stolen, %zu were here", count);
}

static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    (void)proc;
    s->pause_us = p->pause_us;
}

const struct policy policy_balance_random_steal = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_random_steal",
    .summary = "an idle node steals a process from a random one",
    .source = "Blumofe and Leiserson 1999",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .start = start,
    .wake = wake,
    .receive = receive,
    .arrived = arrived,
};
