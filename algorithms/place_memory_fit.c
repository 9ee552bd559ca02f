/* place_memory_fit - start where it fits into memory, tightest or loosest.
 *
 * Source: best fit and worst fit of D. E. Knuth, The Art of Computer
 * Programming 1, section 2.5, over nodes instead of holes; compared for
 * clusters in Barak and Braverman, "Memory Ushering in a Scalable Computing
 * Cluster", Microprocessors and Microsystems 22(3-4), 1998.
 *
 * Rule:       left(i) = memory free at i - what it needs. Among the nodes with
 *             left(i) >= 0: the least left (fit 0), or the most (fit 1); among
 *             equals the least loaded. If it fits nowhere it starts at home.
 *
 * From paper: Both rules. What the process needs is the larger of what it
 *             holds and what its user declared.
 * Ours:       Home takes part. Room is what is free less what was sent there.
 *
 * Example:    It needs 300 MB; home has 200 MB free, A 350, B 900, C 250: best
 *             fit starts it at A, worst fit at B.
 */
#include "policy.h"

enum { FIT_BEST, FIT_WORST, ONE_PROCESS_MILLI = 1000 };

struct params
{
    uint64_t fit;
};

/* The best place so far. */
struct choice
{
    node_id node; /* NODE_NONE: it fits nowhere. */
    uint64_t left_bytes;
    uint32_t load_milli;
};

static const struct policy_param params[] = {
    {"fit", offsetof(struct params, fit), FIT_BEST, FIT_WORST, FIT_BEST,
     "0 for the least memory left over, 1 for the most"},
    {0},
};

static void consider(const struct policy_ctx *c,
                     struct choice *best,
                     struct choice other)
{
    const struct params *p = c->params;
    bool fits_better = p->fit == FIT_BEST ? other.left_bytes < best->left_bytes
                                          : other.left_bytes > best->left_bytes;
    bool as_well = other.left_bytes == best->left_bytes &&
                   other.load_milli < best->load_milli;
    if (best->node == NODE_NONE || fits_better || as_well)
        *best = other;
}

static void place(const struct policy_ctx *c, const struct proc_info *proc)
{
    uint64_t need = proc_need_bytes(proc);
    struct choice best = {.node = NODE_NONE};
    if (c->self->mem_free_bytes >= need)
        consider(c, &best,
                 (struct choice){c->self->id, c->self->mem_free_bytes - need,
                                 node_load_milli(c->self, ONE_PROCESS_MILLI)});
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct peer_info *peer = peer_at(c, i);
        const char *no = obstacle(c, proc, peer);
        if (!no && peer_room_bytes(peer) < need)
            no = "it does not fit there";
        if (no)
            policy_stay(c, proc->id, peer->word.id, "%s", no);
        else
            consider(
                c, &best,
                (struct choice){peer->word.id, peer_room_bytes(peer) - need,
                                peer_load_milli(peer, ONE_PROCESS_MILLI)});
    }
    if (best.node == NODE_NONE)
        policy_start(c, proc->id, c->self->id, "it fits nowhere");
    else
        policy_start(c, proc->id, best.node, "%llu KiB left over",
                     (unsigned long long)(best.left_bytes >> 10));
}

const struct policy policy_place_memory_fit = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "place_memory_fit",
    .summary = "start where it fits into memory, tightest or loosest",
    .source = "best and worst fit; Barak and Braverman 1998",
    .params_size = sizeof(struct params),
    .params = params,
    .place = place,
};
