/* invariants.c - what must hold after every step of a node, by name.
 *
 * Looks at the node that was stepped and at its machine alone, so a run that
 * checks costs about twice as much, whatever the platform.
 */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

/* What a node knew when it was last stepped. */
struct isolation
{
    uint32_t version; /* Of its owner's word; 0: none yet. */
    uint32_t boot_count;
    double since;
};

void world_check(struct world *world)
{
    world->isolations =
        calloc(world->machine_count + 1u, sizeof *world->isolations);
    assert(world->isolations);
}

__attribute__((format(printf, 5, 6))) static void broken(struct world *world,
                                                         const char *name,
                                                         node_id node,
                                                         proc_id proc,
                                                         const char *what,
                                                         ...)
{
    struct breach *breach = &world->breach;
    if (breach->name)
        return;
    va_list rest;
    va_start(rest, what);
    vsnprintf(breach->what, sizeof breach->what, what, rest);
    va_end(rest);
    breach->name = name;
    breach->at_us = world_us(world);
    breach->node = node;
    breach->proc = proc;
}

/* What one step is checked with. */
struct step
{
    struct world *world;
    node_id node;
    const struct node_info *self;
    const struct cluster_info *map; /* As the node holds it. */
    const struct proc_info *procs;
    size_t proc_count;
};

static bool is_grid_guest(const struct step *s, const struct proc_info *proc)
{
    return proc->home_cluster != s->map->id;
}

static bool may_stay(const struct step *s, const struct proc_info *proc)
{
    return is_grid_guest(s, proc) && !proc->must_leave &&
           proc->state != PROC_LEAVING;
}

/* What a node holds and does not give away is nowhere else. */
static void check_one_owner(const struct step *s, const struct proc_info *proc)
{
    uint32_t index = process_at(s->world, s->node, proc->id);
    if (proc->state == PROC_LEAVING)
        return;
    if (index == PROCESS_NONE) {
        broken(s->world, "one owner", s->node, proc->id,
               "the node holds it, and no life of it is there");
        return;
    }
    const struct process *p = &s->world->processes[index];
    if (p->phase >= PROCESS_VANISHED)
        broken(s->world, "one owner", s->node, proc->id,
               "the node holds it, and no copy of it is left");
    else if (p->place != s->node)
        broken(s->world, "one owner", s->node, proc->id,
               "the node holds it, and it is on node %u", p->place);
}

static bool holds(const struct step *s, proc_id proc)
{
    size_t low = 0, high = s->proc_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->procs[middle].id < proc)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->proc_count && s->procs[low].id == proc;
}

/* Nobody would ever hear of the end of a process that its node has forgotten.
 */
static void check_no_loss(const struct step *s)
{
    const struct world *world = s->world;
    uint32_t first = world->machines[s->node].process_list;
    for (uint32_t at = first; at != PROCESS_NONE;) {
        const struct process *p = &world->processes[at];
        bool active = (p->phase == PROCESS_RUNNING ||
                       p->phase == PROCESS_SAVING || process_is_frozen(p)) &&
                      mover_phase(p) != MOVER_ARRIVED;
        if (active && !holds(s, process_id(world, at)))
            broken(s->world, "no loss", s->node, process_id(world, at),
                   "it is there, and the node does not know it");
        at = p->next == first ? PROCESS_NONE : p->next;
    }
}

/* What is at home never makes way for others, but if its user wants that. */
static void check_home(const struct step *s, const struct proc_info *proc)
{
    const struct process *p =
        &s->world->processes[process_find(s->world, proc->id)];
    bool sent_out = s->world->jobs[p->job].sent_out;
    if (proc->home == s->node && proc->must_leave && !sent_out)
        broken(s->world, "local first", s->node, proc->id,
               "it is to leave its own home");
}

/* owner-first: while its own want all cores no guest may stay. */
static void check_owner_first(const struct step *s)
{
    uint32_t cluster = s->world->machines[s->node].cluster;
    const struct scenario_cluster *c = &s->world->scenario->clusters[cluster];
    uint32_t own = 0;
    if (!c->owner_first)
        return;
    for (size_t i = 0; i < s->proc_count; i++)
        own += !is_grid_guest(s, &s->procs[i]) &&
               s->procs[i].state == PROC_RUNNING;
    for (size_t i = 0; own >= c->core_count && i < s->proc_count; i++)
        if (may_stay(s, &s->procs[i]))
            broken(s->world, "local first", s->node, s->procs[i].id,
                   "%u processes of its own want all cores, and this guest "
                   "may stay",
                   own);
}

static const struct cluster_info *cluster_in(const struct step *s,
                                             cluster_id id)
{
    for (size_t i = 0; i < s->world->scenario->cluster_count; i++)
        if (s->map[i].id == id)
            return &s->map[i];
    return NULL;
}

static void check_cap(const struct step *s, size_t index)
{
    const struct proc_info *proc = &s->procs[index];
    const struct cluster_info *home = cluster_in(s, proc->home_cluster);
    size_t count = 0;
    if (!may_stay(s, proc) || !home || home->cap == 0)
        return;
    for (size_t i = 0; i <= index; i++)
        count +=
            s->procs[i].home_cluster == home->id && may_stay(s, &s->procs[i]);
    if (count > home->cap)
        broken(s->world, "caps kept", s->node, proc->id,
               "%zu guests of cluster %u may stay, its cap is %u", count,
               home->id, home->cap);
}

static void check_limit(const struct step *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->proc_count; i++) {
        count += may_stay(s, &s->procs[i]);
        if (may_stay(s, &s->procs[i]) && count > s->self->grid_guest_limit)
            broken(s->world, "caps kept", s->node, s->procs[i].id,
                   "%zu guests of other clusters may stay, the limit is %u",
                   count, s->self->grid_guest_limit);
    }
}

/* Since when the node knows that its cluster is isolated, by that word. */
static double isolated_since(const struct step *s,
                             const struct cluster_record *record)
{
    struct isolation *known = &s->world->isolations[s->node];
    uint32_t boot_count = s->world->machines[s->node].boot_count;
    if (known->version != record->version || known->boot_count != boot_count)
        *known = (struct isolation){record->version, boot_count, s->world->now};
    return known->since;
}

/* Out of the grid: whoever is still inside has to leave, and when the deadline
 * is over what was to happen has happened, but to who is on the way out. */
static void check_isolation(const struct step *s, const struct proc_info *proc)
{
    const struct cluster_record *record = maps_own_record(s->world, s->node);
    if (!s->map->isolated || !is_grid_guest(s, proc))
        return;
    double since = isolated_since(s, record);
    bool over = record->within_us != USEC_NEVER &&
                s->world->now > since + (double)record->within_us * 1e-6 + 2e-6;
    bool could = record->then == THEN_KILL ||
                 (record->then == THEN_FREEZE &&
                  proc->mem_bytes <= s->self->freeze_free_bytes);
    if (may_stay(s, proc))
        broken(s->world, "guests gone when isolated", s->node, proc->id,
               "its cluster is isolated, and this guest may stay");
    else if (over && could && proc->state == PROC_RUNNING)
        broken(s->world, "guests gone when isolated", s->node, proc->id,
               "the deadline is over, and this guest runs");
}

static void check_freeze_space(const struct step *s)
{
    uint64_t used = s->world->machines[s->node].frozen_bytes;
    uint64_t space = s->world->scenario->grid.freeze.space_bytes;
    if (used > space)
        broken(s->world, "freeze space kept", s->node, 0,
               "%" PRIu64 " bytes are frozen, there is room for %" PRIu64, used,
               space);
}

void invariants_step(struct world *world, node_id node)
{
    const struct node *n = world->machines[node].node;
    struct step s = {.world = world,
                     .node = node,
                     .self = node_self(n),
                     .map = maps_held(world, node)};
    s.procs = node_procs(n, &s.proc_count);
    for (size_t i = 0; i < s.proc_count; i++) {
        check_one_owner(&s, &s.procs[i]);
        check_home(&s, &s.procs[i]);
        check_isolation(&s, &s.procs[i]);
        check_cap(&s, i);
    }
    check_no_loss(&s);
    check_limit(&s);
    check_owner_first(&s);
    check_freeze_space(&s);
}

/* ---- Losses. ------------------------------------------------------------- */

static bool is_apart(const struct world *world, node_id node)
{
    return maps_record(world, world->machines[node].cluster).state ==
           CLUSTER_ISOLATED;
}

void invariants_lost(struct world *world, uint32_t index)
{
    const struct process *p = &world->processes[index];
    const struct scenario_faults *faults = &world->scenario->grid.faults;
    bool fell = world->machines[p->home].fall_count > 0 ||
                world->machines[p->place].fall_count > 0;
    bool by_silence = faults->lost_after_us != USEC_NEVER ||
                      faults->home_lost_after_us != USEC_NEVER;
    if (fell || by_silence)
        return;
    bool apart = is_apart(world, p->home) || is_apart(world, p->place);
    broken(world, apart ? "no loss by disconnect" : "no loss", p->place,
           process_id(world, index),
           "it is lost, though neither its home nor its machine went down");
}

/* What the target has already, and will run when it hears so, is not here. */
static bool is_given_away(const struct process *p)
{
    return mover_phase(p) == MOVER_ARRIVED && p->mover->source_dropped;
}

void invariants_leaves(struct world *world, node_id node)
{
    const struct machine *m = &world->machines[node];
    for (uint32_t at = m->process_list; at != PROCESS_NONE;) {
        const struct process *p = &world->processes[at];
        if (!is_given_away(p))
            broken(world, "no loss by disconnect", node, process_id(world, at),
                   "its owner takes the node out, and it is there");
        at = p->next == m->process_list ? PROCESS_NONE : p->next;
    }
    if (m->pulled_count > 0)
        broken(world, "no loss by disconnect", node, 0,
               "its owner takes the node out, and others need pages of it");
}
