/* balance_lifetime - move what is old enough to repay its migration.
 *
 * Paper: M. Harchol-Balter, A. B. Downey, "Exploiting Process Lifetime
 * Distributions for Dynamic Load Balancing", ACM Transactions on Computer
 * Systems 15(3), 1997.
 *
 * Rule:       A process that has used a seconds of CPU time uses, in the
 *             median, a more. To stay costs n a, to go m a + cost. So, when a
 *             process arrives at a node, each p here with
 *                 age(p) >= cost(p) / (n - m),  n > m
 *             may go, and the one with the largest ratio of the two sides does.
 *                 cost(p) = fixed_us + memory(p) / bandwidth
 *             n: processes here, p included; m: there, with p. No other knob.
 *
 * From paper: All of this; the target is the node with the fewest processes.
 * Ours:       n and m are for each core of the reference speed, and m is from
 *             the board. The largest ratio is sought over targets as well as
 *             processes: the same, unless rights, memory or links differ. While
 *             each process has a core to itself, only a faster core attracts.
 *
 * Example:    n = 3, m = 1, cost 0.3 s + 10 MB / (100 MB/s) = 0.4 s: the least
 *             age is 0.4 / 2 = 0.2 s. Of ages 0.1, 0.5, 6 s the third goes, at
 *             30 times the least. With m = 2 its ratio would be 15.
 */
#include "balance/moving.h"

#include <inttypes.h>

enum { ONE_PROCESS_MILLI = 1000 };

struct params
{
    uint64_t fixed_us;
};

static const struct policy_param params[] = {
    {"fixed_us", offsetof(struct params, fixed_us), 0, 60000000, 300000,
     "that any migration costs, whatever its size"},
    {0},
};

/* A process, a target, and what they promise. */
struct choice
{
    const struct proc_info *proc;
    const struct peer_info *peer;
    uint64_t ratio_milli; /* Age over the least age. */
};

static size_t running_count(const struct policy_ctx *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->proc_count; i++)
        count += c->procs[i].state == PROC_RUNNING;
    return count;
}

/* Keep the better of best and this pair, if the pair satisfies the rule. */
static void consider(const struct policy_ctx *c,
                     const struct proc_info *proc,
                     const struct peer_info *peer,
                     uint32_t gap_milli,
                     struct choice *best)
{
    const struct params *p = c->params;
    const char *no = obstacle(c, proc, peer);
    if (no) {
        policy_stay(c, proc->id, peer->word.id, "%s", no);
        return;
    }
    /* Both sides times n - m: what it saves, and what that costs. */
    uint64_t saved_us = proc->cpu_used_us / 1000 * gap_milli;
    uint64_t spent_us = moving_cost_us(c, proc, peer, p->fixed_us);
    uint64_t divisor_us = spent_us > 0 ? spent_us : 1;
    uint64_t ratio_milli = saved_us / divisor_us * 1000 +
                           saved_us % divisor_us * 1000 / divisor_us;
    if (saved_us < spent_us)
        policy_stay(c, proc->id, peer->word.id,
                    "it would save %" PRIu64 " us and cost %" PRIu64, saved_us,
                    spent_us);
    else if (!best->proc || ratio_milli > best->ratio_milli)
        *best = (struct choice){proc, peer, ratio_milli};
}

static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    (void)proc;
    int64_t count_milli = (int64_t)running_count(c) * ONE_PROCESS_MILLI;
    bool crowded =
        count_milli > (int64_t)c->self->core_count * ONE_PROCESS_MILLI;
    uint32_t here = node_load_milli(c->self, count_milli - c->self->load_milli);
    struct choice best = {0};
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        uint32_t there = peer_load_milli(peer, ONE_PROCESS_MILLI);
        bool attracts =
            crowded || peer->word.speed_milli > c->self->speed_milli;
        for (size_t k = 0; attracts && there < here && k < c->proc_count; k++)
            consider(c, &c->procs[k], peer, here - there, &best);
    }
    if (best.proc)
        policy_move(c, best.proc->id, best.peer->word.id,
                    "age %" PRIu64 " us is %" PRIu64
                    "/1000 of the least; load %u here, %u there with it",
                    best.proc->cpu_used_us, best.ratio_milli, here,
                    peer_load_milli(best.peer, ONE_PROCESS_MILLI));
}

const struct policy policy_balance_lifetime = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_lifetime",
    .summary = "on arrival, move what is old enough to repay it",
    .source = "Harchol-Balter and Downey 1997",
    .params_size = sizeof(struct params),
    .params = params,
    .arrived = arrived,
};
