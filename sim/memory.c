/* memory.c - resident memory, thrashing and swap of the machines.
 *
 * When more is resident than there is memory every process of the machine pays
 * (docs/engine.md): by a constant factor as in Amir et al. 2000, section 4; in
 * proportion to the excess; or by what the disk can page.
 */
#include <assert.h>
#include <math.h>

#include "run.h"

/* Forwarded calls never take more of a machine: the tax is an upper bound
 * (forwarding.c), and two machines full of each other's guests must not stand
 * still for it. */
static const double TAX_SHARE_MAX = 0.9;

static const struct scenario_cluster *cluster_at(const struct world *world,
                                                 node_id node)
{
    return &world->scenario->clusters[world->machines[node].cluster];
}

static double excess_share(uint64_t mem_bytes, uint64_t resident_bytes)
{
    if (resident_bytes <= mem_bytes)
        return 0;
    return (double)(resident_bytes - mem_bytes) / (double)resident_bytes;
}

/* Bytes that the running processes touch in a second and that are not in
 * memory: each page is as likely to be out as any other. */
static double paging_demand(const struct scenario_memory *memory,
                            uint64_t mem_bytes,
                            uint64_t resident_bytes,
                            double busy_cores)
{
    return memory->touch_bytes_per_s * busy_cores *
           excess_share(mem_bytes, resident_bytes);
}

double memory_factor(const struct scenario_memory *memory,
                     uint64_t mem_bytes,
                     uint64_t resident_bytes,
                     double busy_cores)
{
    if (resident_bytes <= mem_bytes)
        return 1;
    switch (memory->model) {
        case THRASH_FACTOR:
            return 1 / memory->factor;
        case THRASH_LINEAR: {
            double excess = (double)(resident_bytes - mem_bytes);
            return 1 / (1 + memory->slope * excess / (double)mem_bytes);
        }
        case THRASH_PAGING: {
            double demand =
                paging_demand(memory, mem_bytes, resident_bytes, busy_cores);
            return demand > memory->page_bytes_per_s
                       ? memory->page_bytes_per_s / demand
                       : 1;
        }
    }
    assert(false);
    return 1;
}

double memory_paging_bytes_per_s(const struct scenario_memory *memory,
                                 uint64_t mem_bytes,
                                 uint64_t resident_bytes,
                                 double busy_cores)
{
    return fmin(memory->page_bytes_per_s,
                paging_demand(memory, mem_bytes, resident_bytes, busy_cores));
}

bool memory_fits(const struct world *world, node_id node, uint64_t bytes)
{
    const struct scenario_cluster *c = cluster_at(world, node);
    uint64_t resident = world->machines[node].resident_bytes;
    return resident + bytes <= c->mem_bytes + c->swap_bytes;
}

static void note_thrashing(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    bool thrashes = m->resident_bytes > m->mem_bytes;
    if (thrashes && isnan(m->thrash_since)) {
        m->thrash_since = world->now;
    } else if (!thrashes && !isnan(m->thrash_since)) {
        m->thrash_s += world->now - m->thrash_since;
        m->thrash_since = NAN;
    }
}

void memory_tell_cpu(struct world *world, node_id node)
{
    const struct scenario_cluster *c = cluster_at(world, node);
    struct machine *m = &world->machines[node];
    double factor = 1;
    if (m->resident_bytes > c->mem_bytes) {
        uint32_t count = world->cpu ? cpu_count(world->cpu, node) : 1;
        double busy = fmin(count, c->core_count);
        factor = memory_factor(&world->scenario->memory, c->mem_bytes,
                               m->resident_bytes, busy);
    }
    double taken =
        m->down ? 0 : fmin(m->home_tax, TAX_SHARE_MAX * c->core_count);
    if (taken < 1e-12)
        taken = 0; /* What sums and differences left. */
    if (factor == m->factor && taken == m->taken_cores)
        return;
    m->factor = factor;
    m->taken_cores = taken;
    if (world->cpu)
        cpu_slow(world->cpu, world->now, node, factor, taken);
    else if (factor < 1 || taken > 0)
        world->refusal =
            "engine: simgrid models neither memory pressure nor the cost of "
            "forwarding; use engine: vencejo";
}

/* The largest process that no node refuses. */
static uint64_t admitted_bytes_max(const struct scenario *s)
{
    uint64_t bytes = UINT64_MAX;
    for (uint32_t k = 0; k < s->cluster_count; k++) {
        const struct scenario_cluster *c = &s->clusters[k];
        bool refuses = s->memory.when_full == SWAP_FULL_REFUSE;
        if (refuses && c->mem_bytes + c->swap_bytes < bytes)
            bytes = c->mem_bytes + c->swap_bytes;
    }
    return bytes;
}

/* Does a process of that size slow every node, wherever it runs? */
static bool presses_everywhere(const struct scenario *s, uint64_t bytes)
{
    for (uint32_t k = 0; k < s->cluster_count; k++)
        if (memory_factor(&s->memory, s->clusters[k].mem_bytes, bytes, 1) >= 1)
            return false;
    return true;
}

/* The larger it is the more it presses: so one question is enough. */
bool memory_is_short(const struct world *world)
{
    uint64_t limit_bytes = admitted_bytes_max(world->scenario);
    uint64_t largest_bytes = 0;
    for (uint32_t i = 0; i < world->process_count; i++) {
        const struct process *p = &world->processes[i];
        if (p->mem_bytes > largest_bytes && p->mem_bytes <= limit_bytes &&
            world->jobs[p->job].submit < world->scenario->until_s)
            largest_bytes = p->mem_bytes;
    }
    return presses_everywhere(world->scenario, largest_bytes);
}

void memory_take(struct world *world, node_id node, uint64_t bytes)
{
    world->machines[node].resident_bytes += bytes;
    note_thrashing(world, node);
    memory_refresh(world, node);
}

void memory_give(struct world *world, node_id node, uint64_t bytes)
{
    assert(world->machines[node].resident_bytes >= bytes);
    world->machines[node].resident_bytes -= bytes;
    note_thrashing(world, node);
    memory_refresh(world, node);
}

/* The largest of the processes that hold memory here and are in the hands of
 * this machine alone; PROCESS_NONE if there is none. */
static uint32_t largest(const struct world *world, node_id node)
{
    const struct process *all = world->processes;
    uint32_t first = world->machines[node].process_list;
    uint32_t best = PROCESS_NONE;
    for (uint32_t at = first; at != PROCESS_NONE;) {
        const struct process *p = &all[at];
        bool holds = p->phase >= PROCESS_RUNNING && p->phase <= PROCESS_SAVING;
        bool decided_elsewhere = mover_phase(p) == MOVER_ARRIVED;
        if (holds && !decided_elsewhere &&
            (best == PROCESS_NONE || p->mem_bytes > all[best].mem_bytes))
            best = at;
        at = p->next == first ? PROCESS_NONE : p->next;
    }
    return best;
}

void memory_shortage(struct world *world, node_id node)
{
    while (!memory_fits(world, node, 0)) {
        uint32_t victim = largest(world, node);
        if (victim == PROCESS_NONE)
            return; /* What is left is on its way out. */
        process_over(world, victim, RECORD_KILLED, "out of memory and swap");
        adapter_ended(world, victim);
    }
}

bool memory_admit(struct world *world, uint32_t process)
{
    const struct process *p = &world->processes[process];
    if (memory_fits(world, p->place, p->mem_bytes))
        return true;
    bool refuses = world->scenario->memory.when_full == SWAP_FULL_REFUSE;
    heap_push(&world->heap, world->now,
              refuses ? HAPPENS_REFUSAL : HAPPENS_SHORTAGE, p->place, process);
    return !refuses;
}
