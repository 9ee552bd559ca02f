/* usher.c - see usher.h. */
#include "usher.h"

#include <inttypes.h>

#include "../opportunity/cost.h"

enum { ONE_PROCESS_MILLI = 1000 };

const struct policy_param usher_marks_params[] = {
    USHER_PARAMS,
    {0},
};

const char *usher_check(const void *values)
{
    const struct usher_marks *marks = values;
    return marks->low_milli <= marks->high_milli
               ? NULL
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
    const struct usher_marks *marks = c->params;
    uint64_t held = 0;
    uint64_t given = c->self->mem_free_bytes;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        held += holds_memory(proc) ? proc->mem_bytes : 0;
        given += proc->state == PROC_LEAVING ? proc->mem_bytes : 0;
    }
    uint64_t total = c->self->mem_total_bytes;
    uint64_t asked = mem_share_bytes(c, marks->low_milli) +
                     (held > total ? held - total : 0);
    return asked > given ? asked - given : 0;
}

/* ---- Where to. ----------------------------------------------------------- */

/* Of one choice; worked out once. */
struct aim
{
    const struct usher *usher;
    const struct proc_info *proc;
    struct cost_scale scale;
};

/* The least is the best. */
static uint64_t score(const struct aim *aim, const struct peer_info *peer)
{
    uint64_t need = proc_need_bytes(aim->proc);
    switch (aim->usher->target) {
        case USHER_LOOSEST:
            return UINT64_MAX - (peer_room_bytes(peer) - need);
        case USHER_IDLEST:
            return peer_load_milli(peer, ONE_PROCESS_MILLI);
        case USHER_CHEAPEST:
            return cost_to_take(&aim->scale, peer, need);
        default:
            return peer_room_bytes(peer) - need;
    }
}

/* A random one of the best; NULL if it fits nowhere. */
static const struct peer_info *pick_target(const struct policy_ctx *c,
                                           const struct usher *usher,
                                           const struct proc_info *proc)
{
    const struct usher_state *s = c->state;
    struct aim aim = {.usher = usher, .proc = proc};
    if (usher->target == USHER_CHEAPEST)
        aim.scale = cost_scale_of(c, usher->base, s->most_milli);
    uint64_t best = UINT64_MAX;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        const char *no = obstacle(c, proc, peer);
        if (no)
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        else if (score(&aim, peer) < best)
            best = score(&aim, peer);
    }
    uint64_t slack =
        usher->target == USHER_NEAR ? mem_share_bytes(c, usher->near_milli) : 0;
    const struct peer_info *chosen = NULL;
    uint32_t tied = 0;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        if (!obstacle(c, proc, peer) && score(&aim, peer) - best <= slack &&
            rng_below(c->rng, ++tied) == 0)
            chosen = peer;
    }
    return chosen;
}

/* ---- Who. ---------------------------------------------------------------- */

/* True if a goes rather than b. */
static bool better_victim(enum usher_victim rule,
                          const struct proc_info *a,
                          const struct proc_info *b,
                          uint64_t need)
{
    if (rule == USHER_LATEST)
        return a->arrived_us > b->arrived_us;
    if (rule == USHER_REPAIRS) {
        bool a_repairs = a->mem_bytes >= need;
        bool b_repairs = b->mem_bytes >= need;
        if (a_repairs != b_repairs)
            return a_repairs;
        rule = a_repairs ? USHER_SMALLEST : USHER_LARGEST;
    }
    return rule == USHER_SMALLEST ? a->mem_bytes < b->mem_bytes
                                  : a->mem_bytes > b->mem_bytes;
}

static void sent_off(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct usher_state *s = c->state;
    s->need_bytes -=
        s->need_bytes < proc->mem_bytes ? s->need_bytes : proc->mem_bytes;
}

/* Move one process that its owner wants out. */
static bool clear_one(const struct policy_ctx *c, const struct usher *usher)
{
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (!proc->must_leave || proc_obstacle(c, proc))
            continue;
        const struct peer_info *peer = pick_target(c, usher, proc);
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
static bool usher_one(const struct policy_ctx *c, const struct usher *usher)
{
    const struct usher_state *s = c->state;
    const struct usher_marks *marks = c->params;
    enum usher_victim rule = (enum usher_victim)marks->victim;
    const struct proc_info *victim = NULL;
    const struct peer_info *target = NULL;
    for (size_t i = 0; i < c->proc_count && s->need_bytes > 0; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc_obstacle(c, proc) || proc->state != PROC_RUNNING ||
            proc->mem_bytes == 0 ||
            (victim && !better_victim(rule, proc, victim, s->need_bytes)))
            continue;
        const struct peer_info *peer = pick_target(c, usher, proc);
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

/* ---- Handlers. ----------------------------------------------------------- */

void usher_wake(const struct policy_ctx *c, const struct usher *usher)
{
    const struct usher_marks *marks = c->params;
    struct usher_state *s = c->state;
    if (c->now_us < s->next_us ||
        (!clear_one(c, usher) && !usher_one(c, usher)))
        return;
    s->next_us = c->now_us + marks->pace_us;
    policy_wake_at(c, s->next_us);
}

void usher_sampled(const struct policy_ctx *c, const struct usher *usher)
{
    const struct usher_marks *marks = c->params;
    struct usher_state *s = c->state;
    if (usher->target == USHER_CHEAPEST)
        s->most_milli = cost_most_known_milli(c, s->most_milli);
    policy_keep_back(c, mem_share_bytes(c, marks->high_milli));
    s->need_bytes = need_bytes(c);
    usher_wake(c, usher);
}

const char *usher_admit(const struct policy_ctx *c,
                        node_id sender,
                        const struct proc_info *proc)
{
    const struct usher_marks *marks = c->params;
    (void)sender;
    return c->self->mem_free_bytes >=
                   proc_need_bytes(proc) + mem_share_bytes(c, marks->high_milli)
               ? NULL
               : "it would leave less free memory than the high mark";
}
