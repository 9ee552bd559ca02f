/* balance_mosix_classic - move to where the response is estimated the best.
 *
 * Papers: A. Barak, A. Shiloh, "A Distributed Load-balancing Policy for a
 * Multicomputer", Software: Practice and Experience 15(9), 1985; A. Barak, S.
 * Guday, R. Wheeler, "The MOSIX Distributed Operating System", LNCS 672, 1993.
 *
 * Rule:       At each sample, for each process p and node i, the time that a
 *             second of CPU work takes there:
 *                 est(p, i) = n(i) + calls(p) x 2 latency + bytes(p) /
 * bandwidth
 *                             + (i is not here) x cost(p, i) / repay_us.
 *             n(i): load for each reference core with p on it; the middle terms
 *             are 0 where p is at home; cost = fixed_us + memory / bandwidth.
 * The pair with the largest est(p, here) - est(p, i) moves, if that is more
 * than margin_milli.
 *
 * From paper: CPU, communication and migration are weighed as times; who has
 *             just come stays for residency_us; one move a sample.
 * Ours:       The papers' constants are not known to us: repay_us, over which a
 *             migration must pay, and the margin, are parameters. The profile
 * of calls and bytes is what the host measures, undecayed.
 *
 * Example:    3 processes here, none there, speeds 1: 3 against 1 + 0.35 s / 10
 *             s = 1.035 for 0.3 s + 5 MB / (100 MB/s): moves. If it makes 5,000
 *             calls a second over 0.2 ms one way, 2 s are added: it stays.
 */
#include "balance/moving.h"

enum { ONE_PROCESS_MILLI = 1000 };

struct params
{
    uint64_t fixed_us;
    uint64_t repay_us;
    uint64_t margin_milli;
    uint64_t residency_us;
};

struct choice
{
    const struct proc_info *proc;
    const struct peer_info *peer;
    uint64_t here_milli;
    uint64_t there_milli;
};

static const struct policy_param params[] = {
    {"fixed_us", offsetof(struct params, fixed_us), 0, 60000000, 300000,
     "that any migration costs, whatever its size"},
    {"repay_us", offsetof(struct params, repay_us), 1000, 3600000000, 10000000,
     "of CPU work, in which a migration must pay"},
    {"margin_milli", offsetof(struct params, margin_milli), 0, 10000, 300,
     "seconds x 1000 for each second of work that must be gained"},
    {"residency_us", offsetof(struct params, residency_us), 0, 3600000000,
     1000000, "that a process stays after it came"},
    {0},
};

/* What a second of its work waits for home, x 1000, on a host in this cluster;
 * latencies are those from here, as the map has no others. */
static uint64_t talk_milli(const struct proc_info *proc,
                           const struct cluster_info *cluster,
                           node_id host)
{
    if (host == proc->home)
        return 0;
    return (proc->home_calls_per_s * 2 * cluster->latency_us +
            moving_carry_us(proc->home_bytes_per_s, cluster->bytes_per_s)) /
           1000;
}

static void consider(const struct policy_ctx *c,
                     const struct proc_info *proc,
                     const struct peer_info *peer,
                     struct choice *best)
{
    const struct params *p = c->params;
    const struct cluster_info *cluster = cluster_of(c, peer->word.id);
    const char *no = obstacle(c, proc, peer);
    if (no || !cluster) {
        policy_stay(c, proc->id, peer->word.id, "%s", no ? no : "not mapped");
        return;
    }
    uint64_t cost_us = moving_cost_us(c, proc, peer, p->fixed_us);
    uint64_t here = node_load_milli(c->self, 0) +
                    talk_milli(proc, cluster_of(c, c->self->id), c->self->id);
    uint64_t there = peer_load_milli(peer, ONE_PROCESS_MILLI) +
                     talk_milli(proc, cluster, peer->word.id) +
                     cost_us / p->repay_us * 1000 +
                     cost_us % p->repay_us * 1000 / p->repay_us;
    if (here <= there + p->margin_milli)
        policy_stay(c, proc->id, peer->word.id,
                    "a second takes %llu, here %llu", (unsigned long long)there,
                    (unsigned long long)here);
    else if (!best->proc || here - there > best->here_milli - best->there_milli)
        *best = (struct choice){proc, peer, here, there};
}

static void sampled(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct choice best = {0};
    for (size_t k = 0; k < c->proc_count; k++) {
        const struct proc_info *proc = &c->procs[k];
        const char *no = moving_staying(c, proc, p->residency_us);
        if (no)
            policy_stay(c, proc->id, NODE_NONE, "%s", no);
        for (size_t i = 0; !no && i < c->peer_count; i++)
            consider(c, proc, peer_at(c, i), &best);
    }
    if (best.proc)
        policy_move(c, best.proc->id, best.peer->word.id,
                    "a second takes %llu ms here, %llu there",
                    (unsigned long long)best.here_milli,
                    (unsigned long long)best.there_milli);
}

const struct policy policy_balance_mosix_classic = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_mosix_classic",
    .summary = "move to where CPU, calls home and migration take the least",
    .source = "Barak and Shiloh 1985; Barak, Guday and Wheeler 1993",
    .params_size = sizeof(struct params),
    .params = params,
    .sampled = sampled,
};
