/* moving.c - see moving.h. */
#include "moving.h"

size_t moving_process_count(const struct policy_ctx *c)
{
    size_t count = c->self->guest_count;
    for (size_t i = 0; i < c->proc_count; i++) {
        count += c->procs[i].state == PROC_RUNNING;
        count -= c->procs[i].home != c->self->id;
    }
    return count;
}

const char *moving_staying(const struct policy_ctx *c,
                           const struct proc_info *proc,
                           usec_t residency_us)
{
    const char *no = proc_obstacle(c, proc);
    if (no)
        return no;
    if (proc->state != PROC_RUNNING)
        return "it does not run";
    return c->now_us - proc->arrived_us < residency_us ? "it has just come"
                                                       : NULL;
}

bool moving_may_come_from(const struct policy_ctx *c, node_id node)
{
    const struct cluster_info *cluster = cluster_of(c, node);
    return cluster && (cluster == &c->clusters[0] || cluster->take);
}

const struct proc_info *moving_oldest(const struct policy_ctx *c,
                                      const struct peer_info *peer)
{
    const struct proc_info *found = NULL;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc->state == PROC_RUNNING && !obstacle(c, proc, peer) &&
            (!found || proc->cpu_used_us > found->cpu_used_us))
            found = proc;
    }
    return found;
}

usec_t moving_carry_us(uint64_t bytes, uint64_t bytes_per_s)
{
    uint64_t rate = bytes_per_s > 0 ? bytes_per_s : 1;
    /* Whole seconds first: bytes x 10^6 would overflow at 18 TB. */
    return bytes / rate * 1000000 + bytes % rate * 1000000 / rate;
}

usec_t moving_cost_us(const struct policy_ctx *c,
                      const struct proc_info *proc,
                      const struct peer_info *peer,
                      usec_t fixed_us)
{
    const struct cluster_info *cluster = cluster_of(c, peer->word.id);
    return fixed_us +
           moving_carry_us(proc->mem_bytes, cluster ? cluster->bytes_per_s : 0);
}
