/* balance_linger - guests stay where the owner is back, for a while.
 *
 * Paper: K. D. Ryu, J. K. Hollingsworth, "Linger Longer: Fine-Grain Cycle
 * Stealing for Networks of Workstations", SC 1998.
 *
 * Rule:       When processes of the owner run at a node, its guests linger
 * there with what is left of the CPU. A guest leaves when that has lasted t >=
 * (1 - l) / (h - l) x cost, h: utilisation by the owner here, l: at the target;
 * cost = fixed_us
 *             + memory / bandwidth. For the time that it will last is taken to
 *             be as long as it has lasted.
 *
 * From paper: All of this. That guests get only what is left is for the host
 *             (guest-weight), not for a policy.
 * Ours:       l is the utilisation in the word of the target, guests there
 *             included. The target is the one with the least l. One guest for
 *             each sample, the largest first as it suffers the longest.
 *
 * Example:    h = 0.6, l = 0.1, cost 1 s: it leaves after 0.9 / 0.5 = 1.8 s.
 *             With h = 0.2: 9 s, so an owner who only types keeps his guests.
 */
#include "balance/moving.h"

struct params
{
    uint64_t fixed_us;
};

struct state
{
    usec_t busy_since_us; /* 0: the owner is not here. */
};

static const struct policy_param params[] = {
    {"fixed_us", offsetof(struct params, fixed_us), 0, 60000000, 300000,
     "that any migration costs, whatever its size"},
    {0},
};

/* Share of the CPU that processes with their home here take, x 1000. */
static uint64_t owner_milli(const struct policy_ctx *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->proc_count; i++)
        if (c->procs[i].home == c->self->id &&
            c->procs[i].state == PROC_RUNNING)
            sum += c->procs[i].cpu_milli;
    uint64_t cores = (uint64_t)c->self->core_count * c->self->speed_milli;
    uint64_t share = sum * 1000 / cores;
    return share < 1000 ? share : 1000;
}

static const struct peer_info *idlest(const struct policy_ctx *c,
                                      const struct proc_info *proc)
{
    const struct peer_info *best = NULL;
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        if ((!best ||
             peer->word.utilisation_milli < best->word.utilisation_milli) &&
            peer->reserved_milli == 0 && !obstacle(c, proc, peer))
            best = peer;
    }
    return best;
}

/* Move it if it has lingered long enough. */
static void linger(const struct policy_ctx *c,
                   const struct proc_info *proc,
                   const struct peer_info *peer,
                   uint64_t owner)
{
    const struct params *p = c->params;
    const struct state *s = c->state;
    uint64_t there = peer->word.utilisation_milli;
    if (owner <= there)
        return;
    uint64_t wait_us = moving_cost_us(c, proc, peer, p->fixed_us) /
                       (owner - there) * (1000 - there);
    usec_t since_us = s->busy_since_us > proc->arrived_us ? s->busy_since_us
                                                          : proc->arrived_us;
    usec_t lingered_us = c->now_us - since_us;
    if (lingered_us < wait_us)
        policy_stay(c, proc->id, peer->word.id, "it lingers %llu ms yet",
                    (unsigned long long)((wait_us - lingered_us) / 1000));
    else
        policy_move(c, proc->id, peer->word.id,
                    "it lingered %llu ms, the owner takes %llu of 1000",
                    (unsigned long long)(lingered_us / 1000),
                    (unsigned long long)owner);
}

static void sampled(const struct policy_ctx *c)
{
    struct state *s = c->state;
    uint64_t owner = owner_milli(c);
    if (owner == 0)
        s->busy_since_us = 0;
    else if (s->busy_since_us == 0)
        s->busy_since_us = c->now_us;
    const struct proc_info *largest = NULL;
    for (size_t i = 0; i < c->proc_count && owner > 0; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc->home != c->self->id && proc->state == PROC_RUNNING &&
            !proc_obstacle(c, proc) &&
            (!largest || proc->mem_bytes > largest->mem_bytes))
            largest = proc;
    }
    const struct peer_info *peer = largest ? idlest(c, largest) : NULL;
    if (peer)
        linger(c, largest, peer, owner);
}

const struct policy policy_balance_linger = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_linger",
    .summary = "guests linger beside the owner until leaving pays",
    .source = "Ryu and Hollingsworth 1998",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .sampled = sampled,
};
