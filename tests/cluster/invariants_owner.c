/* invariants_owner.c - what owners may count on after every step, by name. */
#include <inttypes.h>

#include "inner.h"

static const struct cluster_info *entry_of(const struct cluster_info *map,
                                           size_t count,
                                           cluster_id id)
{
    for (size_t i = 0; i < count; i++)
        if (map[i].id == id)
            return &map[i];
    return NULL;
}

static bool stays(const struct proc_info *proc)
{
    return proc->state != PROC_LEAVING && !proc->must_leave;
}

static bool is_grid_guest(const struct cluster *cluster,
                          const struct machine *machine,
                          const struct proc_info *proc)
{
    return proc->home_cluster != cluster->parts[machine->part].id;
}

/* Who is here to stay is within the limit and the caps of his cluster. */
static void check_caps(struct cluster *cluster, const struct machine *machine)
{
    size_t count;
    const struct proc_info *procs = node_procs(machine->node, &count);
    size_t map_count;
    const struct cluster_info *map = machine_map(cluster, machine, &map_count);
    size_t guests = 0;
    for (size_t i = 0; i < count; i++) {
        if (!stays(&procs[i]) || !is_grid_guest(cluster, machine, &procs[i]))
            continue;
        guests++;
        const struct cluster_info *home =
            entry_of(map, map_count, procs[i].home_cluster);
        size_t same = 0;
        for (size_t k = 0; k < count; k++)
            same += stays(&procs[k]) &&
                    procs[k].home_cluster == procs[i].home_cluster;
        if (home && home->cap > 0 && home->cap < same)
            invariant_broken(cluster, "caps kept",
                             "node %u keeps %zu guests of cluster %u, of %u",
                             machine->id, same, home->id, home->cap);
    }
    if (machine->grid_guest_limit < guests)
        invariant_broken(cluster, "caps kept",
                         "node %u keeps %zu grid guests, of %u", machine->id,
                         guests, machine->grid_guest_limit);
}

/* With owner_first: while its own want all cores, no guest stays. */
static void check_local_first(struct cluster *cluster,
                              const struct machine *machine)
{
    size_t count;
    const struct proc_info *procs = node_procs(machine->node, &count);
    size_t own = 0;
    size_t guests = 0;
    for (size_t i = 0; i < count; i++) {
        bool guest = is_grid_guest(cluster, machine, &procs[i]);
        own += !guest && procs[i].state == PROC_RUNNING;
        guests += guest && stays(&procs[i]);
    }
    if (cluster->setup.config.owner_first && guests > 0 &&
        machine->core_count <= own)
        invariant_broken(cluster, "local first",
                         "node %u keeps %zu guests while %zu of its own want "
                         "its %u cores",
                         machine->id, guests, own, machine->core_count);
}

static void check_freeze_space(struct cluster *cluster,
                               const struct machine *machine)
{
    uint64_t frozen = machine_frozen_bytes(machine);
    if (machine->freeze_bytes < frozen)
        invariant_broken(cluster, "freeze space kept",
                         "node %u has %" PRIu64 " bytes frozen, of %" PRIu64,
                         machine->id, frozen, machine->freeze_bytes);
}

/* Its map says isolated: every guest must leave, and when the deadline that it
 * heard is over, none runs that could have been frozen or should be dead. */
static void check_isolated(struct cluster *cluster,
                           const struct machine *machine)
{
    size_t count;
    const struct proc_info *procs = node_procs(machine->node, &count);
    size_t map_count;
    const struct cluster_info *map = machine_map(cluster, machine, &map_count);
    bool over = machine->isolate_us <= machine_clock(machine, cluster->now_us);
    for (size_t i = 0; map[0].isolated && i < count; i++) {
        if (!is_grid_guest(cluster, machine, &procs[i]))
            continue;
        const struct copy *copy = machine_copy(machine, procs[i].id);
        bool runs =
            over && procs[i].state == PROC_RUNNING && copy && !copy->killed;
        bool spared =
            runs && (machine->isolate_then == THEN_KILL ||
                     (machine->isolate_then == THEN_FREEZE &&
                      procs[i].mem_bytes <=
                          node_self(machine->node)->freeze_free_bytes));
        if (!procs[i].must_leave || spared)
            invariant_broken(cluster, "guests gone when isolated",
                             "guest %#" PRIx64 " goes on on node %u",
                             procs[i].id, machine->id);
    }
}

void invariant_owner(struct cluster *cluster, const struct machine *machine)
{
    check_caps(cluster, machine);
    check_local_first(cluster, machine);
    check_freeze_space(cluster, machine);
    check_isolated(cluster, machine);
}
