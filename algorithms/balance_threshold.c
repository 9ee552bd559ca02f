/* balance_threshold - a new process looks for a node under the threshold.
 *
 * Paper: D. L. Eager, E. D. Lazowska, J. Zahorjan, "Adaptive Load Sharing in
 * Homogeneous Distributed Systems", IEEE Transactions on Software Engineering
 * 12(5), 1986: the policy Threshold(T, Lp).
 *
 * Rule:       A process that starts where already n >= T processes are looks
 *             for another node: up to Lp nodes are probed, one after the other,
 *             each drawn at random. The first with n < T gets it. If none has,
 *             it stays. A process that was transferred is not transferred again
 *             and no target turns it away for its load.
 *
 * From paper: All of this; T = 2, Lp = 3 are its usual values.
 * Ours:       The paper transfers a process before its first instruction; here
 *             it runs while its probes are out and then migrates, being the
 *             youngest and mostly the smallest. A guest counts where it goes
 *             from the moment it was accepted. T is for each core. A probe
 *             without answer counts as a no after timeout_us, a node that
 *             rights forbid at once. SEARCHES_MAX processes look at a time;
 *             who starts beyond that stays.
 *
 * Example:    T = 2, Lp = 3. A third process starts at A. A probes D (2
 *             processes: no), then B (0 processes: yes), and moves it to B. Had
 *             B and one more had 2, it would have stayed.
 */
#include "balance/moving.h"

enum {
    SEARCHES_MAX = 32,
    MESSAGE_PROBE = 1,  /* The process it is for. */
    MESSAGE_ANSWER = 2, /* The same, and 1 if n < T. */
};

struct params
{
    uint64_t threshold;
    uint64_t probe_limit;
    uint64_t timeout_us;
};

struct search
{
    proc_id proc;
    usec_t until_us;
    node_id asked;
    uint32_t probe_count; /* 0 if there is no search here. */
};

struct state
{
    struct search searches[SEARCHES_MAX];
};

static const struct policy_param params[] = {
    {"threshold", offsetof(struct params, threshold), 1, 1000, 2,
     "T: processes for each core at which a node takes no more"},
    {"probe_limit", offsetof(struct params, probe_limit), 1, 64, 3,
     "Lp: the most nodes that are asked for one process"},
    {"timeout_us", offsetof(struct params, timeout_us), 1000, 60000000, 200000,
     "silence after which a probed node counts as full"},
    {0},
};

static bool full(const struct policy_ctx *c, size_t count)
{
    const struct params *p = c->params;
    return count >= p->threshold * c->self->core_count;
}

/* Probe the next node, or give the search up. */
static void probe(const struct policy_ctx *c,
                  struct search *search,
                  const struct proc_info *proc)
{
    const struct params *p = c->params;
    enum scope scope = proc->class_number == 0 ? SCOPE_OWN : SCOPE_ALL;
    while (search->probe_count < p->probe_limit) {
        search->probe_count++;
        search->asked = node_pick(c, scope);
        const struct cluster_info *cluster =
            search->asked == NODE_NONE ? NULL : cluster_of(c, search->asked);
        if (!cluster || (cluster != &c->clusters[0] && !cluster->send))
            continue;
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_PROBE);
        put_u64(&w, proc->id);
        policy_send(c, search->asked, &w);
        search->until_us = c->now_us + p->timeout_us;
        return;
    }
    policy_stay(c, proc->id, NODE_NONE,
                "no probed node was under the threshold");
    *search = (struct search){0};
}

/* Ring when the first of the open probes is overdue. */
static void set_alarm(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    usec_t first_us = USEC_NEVER;
    for (size_t i = 0; i < SEARCHES_MAX; i++)
        if (s->searches[i].probe_count > 0 &&
            s->searches[i].until_us < first_us)
            first_us = s->searches[i].until_us;
    if (first_us != USEC_NEVER)
        policy_wake_at(c, first_us);
}

static void wake(const struct policy_ctx *c)
{
    struct state *s = c->state;
    for (size_t i = 0; i < SEARCHES_MAX; i++) {
        struct search *search = &s->searches[i];
        if (search->probe_count == 0 || c->now_us < search->until_us)
            continue;
        const struct proc_info *proc = proc_find(c, search->proc);
        if (proc)
            probe(c, search, proc);
        else
            *search = (struct search){0};
    }
    set_alarm(c);
}

static void answer(const struct policy_ctx *c, node_id sender, proc_id proc)
{
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_ANSWER);
    put_u64(&w, proc);
    put_u8(&w, !full(c, moving_process_count(c)));
    policy_send(c, sender, &w);
}

static void answered(const struct policy_ctx *c,
                     node_id sender,
                     const struct proc_info *proc,
                     bool has_room)
{
    struct state *s = c->state;
    const struct peer_info *peer = peer_find(c, sender);
    for (size_t i = 0; i < SEARCHES_MAX; i++) {
        struct search *search = &s->searches[i];
        if (search->probe_count == 0 || search->proc != proc->id ||
            search->asked != sender)
            continue;
        const char *no = !has_room ? "it has the threshold, too"
                         : peer    ? obstacle(c, proc, peer)
                                   : "it is not on the board";
        if (no) {
            policy_stay(c, proc->id, sender, "%s", no);
            probe(c, search, proc);
        } else {
            policy_move(c, proc->id, sender, "under the threshold, probe %u",
                        search->probe_count);
            *search = (struct search){0};
        }
    }
    set_alarm(c);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    uint8_t kind = get_u8(in);
    proc_id id = get_u64(in);
    bool has_room = kind == MESSAGE_ANSWER && get_u8(in) == 1;
    const struct proc_info *proc = proc_find(c, id);
    if (in->bad)
        return;
    if (kind == MESSAGE_PROBE)
        answer(c, sender, id);
    else if (kind == MESSAGE_ANSWER && proc)
        answered(c, sender, proc, has_room);
}

static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct state *s = c->state;
    size_t other_count = moving_process_count(c) - 1;
    const char *no = proc_obstacle(c, proc);
    if (!no && (proc->home != c->self->id || proc->came_from != NODE_NONE))
        no = "it was transferred already";
    if (!no && !full(c, other_count))
        no = "under the threshold here";
    if (no) {
        policy_stay(c, proc->id, NODE_NONE, "%s", no);
        return;
    }
    for (size_t i = 0; i < SEARCHES_MAX; i++) {
        struct search *search = &s->searches[i];
        if (search->probe_count > 0)
            continue;
        search->proc = proc->id;
        probe(c, search, proc);
        set_alarm(c);
        return;
    }
    policy_stay(c, proc->id, NODE_NONE, "too many are looking for a place");
}

const struct policy policy_balance_threshold = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_threshold",
    .summary = "a new process probes random nodes for one under a threshold",
    .source = "Eager, Lazowska and Zahorjan 1986",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .wake = wake,
    .receive = receive,
    .arrived = arrived,
};
