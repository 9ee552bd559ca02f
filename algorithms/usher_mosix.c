/* usher_mosix - move processes out of nodes that run out of memory.
 *
 * Paper: A. Barak, A. Braverman, "Memory Ushering in a Scalable Computing
 * Cluster", Microprocessors and Microsystems 22(3-4), 1998.
 *
 * Rule:       When less than the low mark of memory is free, memory overrides
 *             load: with
 *                 need = low + what does not fit - free - what is leaving
 *             the smallest process of at least `need` goes to a node with room
 *             for it; if there is none so large the largest goes, and again
 *             until need is 0. Nothing comes in that would leave less than the
 *             high mark free; others hear of that much less.
 *
 * From paper: The trigger, and that it overrides load balancing. The marks and
 *             the choice of the smallest that repairs are how it is commonly
 *             described; the paper's own thresholds are not known to us.
 * Ours:       The gap between the marks, which keeps balancers from undoing it.
 *             The target is drawn among the best fits: those that would have
 *             left over at most near_milli of our memory more than the tightest
 *             has, so that not everybody goes to the tightest. What its owner
 *             wants out is placed in the same way, before all else, and goes
 *             home if it fits nowhere. One move each pace_us: so each sees what
 *             the one before has reserved. need is reckoned at each sample; in
 *             between, what was sent off is taken from it.
 *
 * Example:    1000 MB, low mark 62, 20 MB free: 42 MB are needed. Of processes
 *             with 30, 50 and 400 MB the second goes; of the first alone, the
 *             first. Targets with 60, 200 and 900 MB of room, near 250 MB: to
 *             the first or the second.
 */
#include "policy.h"

#include <inttypes.h>

struct params
{
    uint64_t low_milli;
    uint64_t high_milli;
    uint64_t near_milli;
    uint64_t pace_us;
};

struct state
{
    uint64_t need_bytes; /* At the last sample, less what was sent off since. */
    usec_t next_us;      /* No move before; an alarm is set for it. */
};

static const struct policy_param params[] = {
    {"low_milli", offsetof(struct params, low_milli), 0, 900, 62,
     "of memory; with less free, processes leave"},
    {"high_milli", offsetof(struct params, high_milli), 0, 900, 125,
     "of memory; with less free, none comes in"},
    {"near_milli", offsetof(struct params, near_milli), 0, 1000, 250,
     "of memory; what a target may have left over more than the tightest"},
    {"pace_us", offsetof(struct params, pace_us), 1000, 10000000, 10000,
     "between two moves out of a node"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->low_milli <= p->high_milli ? NULL
                                         : "low_milli must not pass high_milli";
}

static uint64_t mem_share_bytes(const struct policy_ctx *c, uint64_t milli)
{
    return c->self->mem_total_bytes / 1000 * milli;
}

static bool holds_memory(const struct proc_info *proc)
{
    return proc->state == PROC_RUNNING || proc->state == PROC_LEAVING;
}

static uint64_t need_bytes(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    uint64_t held = 0;
    uint64_t given = c->self->mem_free_bytes;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        held += holds_memory(proc) ? proc->mem_bytes : 0;
        given += proc->state == PROC_LEAVING ? proc->mem_bytes : 0;
    }
    uint64_t total = c->self->mem_total_bytes;
    uint64_t asked =
        mem_share_bytes(c, p->low_milli) + (held > total ? held - total : 0);
    return asked > given ? asked - given : 0;
}

static uint64_t left_over_bytes(const struct proc_info *proc,
                                const struct peer_info *peer)
{
    return peer_room_bytes(peer) - proc_need_bytes(proc);
}

/* A random one of the best fits; NULL if it fits nowhere. */
static const struct peer_info *pick_fit(const struct policy_ctx *c,
                                        const struct proc_info *proc)
{
    const struct params *p = c->params;
    uint64_t tightest = UINT64_MAX;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        const char *no = obstacle(c, proc, peer);
        if (no)
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        else if (left_over_bytes(proc, peer) < tightest)
            tightest = left_over_bytes(proc, peer);
    }
    const struct peer_info *chosen = NULL;
    uint32_t tied = 0;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        if (!obstacle(c, proc, peer) &&
            left_over_bytes(proc, peer) - tightest <=
                mem_share_bytes(c, p->near_milli) &&
            rng_below(c->rng, ++tied) == 0)
            chosen = peer;
    }
    return chosen;
}

/* True if a goes rather than b. */
static bool better_victim(const struct proc_info *a,
                          const struct proc_info *b,
                          uint64_t need)
{
    bool a_repairs = a->mem_bytes >= need;
    bool b_repairs = b->mem_bytes >= need;
    if (a_repairs != b_repairs)
        return a_repairs;
    return a_repairs ? a->mem_bytes < b->mem_bytes
                     : a->mem_bytes > b->mem_bytes;
}

static void sent_off(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct state *s = c->state;
    s->need_bytes -=
        s->need_bytes < proc->mem_bytes ? s->need_bytes : proc->mem_bytes;
}

/* Move one process that its owner wants out. */
static bool clear_one(const struct policy_ctx *c)
{
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (!proc->must_leave || proc_obstacle(c, proc))
            continue;
        const struct peer_info *peer = pick_fit(c, proc);
        if (!peer && proc->home == c->self->id)
            continue;
        policy_move(c, proc->id, peer ? peer->word.id : proc->home,
                    peer ? "the owner wants it out"
                         : "the owner wants it out, it fits at home only");
        sent_off(c, proc);
        return true;
    }
    return false;
}

/* Move one process for want of memory. */
static bool usher_one(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    const struct proc_info *victim = NULL;
    const struct peer_info *target = NULL;
    for (size_t i = 0; i < c->proc_count && s->need_bytes > 0; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc_obstacle(c, proc) || proc->state != PROC_RUNNING ||
            proc->mem_bytes == 0 ||
            (victim && !better_victim(proc, victim, s->need_bytes)))
            continue;
        const struct peer_info *peer = pick_fit(c, proc);
        if (peer) {
            victim = proc;
            target = peer;
        }
    }
    if (!victim)
        return false;
    policy_move(c, victim->id, target->word.id,
                "%" PRIu64 " KiB short, it holds %" PRIu64, s->need_bytes >> 10,
                victim->mem_bytes >> 10);
    sent_off(c, victim);
    return true;
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    if (c->now_us < s->next_us || (!clear_one(c) && !usher_one(c)))
        return;
    s->next_us = c->now_us + p->pace_us;
    policy_wake_at(c, s->next_us);
}

static void sampled(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    policy_keep_back(c, mem_share_bytes(c, p->high_milli));
    s->need_bytes = need_bytes(c);
    wake(c);
}

static const char *admit(const struct policy_ctx *c,
                         node_id sender,
                         const struct proc_info *proc)
{
    const struct params *p = c->params;
    (void)sender;
    return c->self->mem_free_bytes >=
                   proc_need_bytes(proc) + mem_share_bytes(c, p->high_milli)
               ? NULL
               : "it would leave less free memory than the high mark";
}

const struct policy policy_usher_mosix = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "usher_mosix",
    .summary = "move processes out of nodes that run out of memory",
    .source = "Barak and Braverman 1998",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .sampled = sampled,
    .wake = wake,
    .changed = wake,
    .admit = admit,
};
