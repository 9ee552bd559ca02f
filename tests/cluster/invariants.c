/* invariants.c - what must hold after every step, by name. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"

/* Frames of one node in one second: gossip and policies, some for each process
 * that is on its way, and words about guests. */
enum { CHATTER_BASE = 200, CHATTER_PER_PROCESS = 20 };
enum { ROOMS_KEPT_MAX = 2 };

void invariant_broken(struct cluster *cluster,
                      const char *name,
                      const char *what,
                      ...)
{
    if (cluster->broken[0])
        return;
    char text[384];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(text, sizeof text, what, arguments);
    va_end(arguments);
    snprintf(cluster->broken, sizeof cluster->broken,
             "%s: %s, at %" PRIu64 " us", name, text, cluster->now_us);
}

const char *cluster_broken(const struct cluster *cluster)
{
    return cluster->broken[0] ? cluster->broken : NULL;
}

static void count_move(struct cluster *cluster,
                       const struct machine *machine,
                       struct life *life)
{
    if (life->last_place == machine->id)
        return;
    cluster->counts.moves++;
    cluster->counts.last_move_us = cluster->now_us;
    if (life->left == machine->id &&
        cluster->now_us - life->moved_us < CLUSTER_RETURN_US)
        cluster->counts.returns++;
    life->left = life->last_place;
    life->last_place = machine->id;
    life->moved_us = cluster->now_us;
}

/* A guest comes into memory that is free, unless something of the machine's
 * own came after the guest was let in: home is always open. Room that was kept
 * for an offer whose answer got lost is there for the next one, so it may have
 * been let in some room_us before its carrying began. */
static void check_room(struct cluster *cluster,
                       const struct machine *machine,
                       const struct life *life)
{
    const struct copy *copy = machine_copy(machine, life->proc);
    usec_t admitted = copy->asked_us;
    usec_t before = ROOMS_KEPT_MAX * cluster->setup.config.room_us;
    bool own_came = admitted < machine->home_came_us + before;
    uint64_t used = machine_used_bytes(machine);
    if (life->job.home != machine->id && !own_came && machine->mem_bytes < used)
        invariant_broken(cluster, "room kept",
                         "guest %#" PRIx64 " fills node %u to %" PRIu64
                         " of %" PRIu64 " bytes",
                         life->proc, machine->id, used, machine->mem_bytes);
}

void invariant_runs(struct cluster *cluster,
                    const struct machine *machine,
                    struct life *life)
{
    if (life->running_on != NODE_NONE)
        invariant_broken(cluster, "one owner",
                         "process %#" PRIx64 " runs on nodes %u and %u",
                         life->proc, life->running_on, machine->id);
    if (life->ended)
        invariant_broken(cluster, "one owner",
                         "process %#" PRIx64 " ended and runs on node %u",
                         life->proc, machine->id);
    if (life->last_place != machine->id)
        check_room(cluster, machine, life);
    count_move(cluster, machine, life);
    life->running_on = machine->id;
}

/* No crash and nobody's word that a node is dead has cost it: if anything, that
 * a cluster was cut off, left or was isolated. */
static const char no_loss[] = "no loss by disconnect";

void invariant_no_loss(struct cluster *cluster, const struct life *life)
{
    bool somewhere = life->copy_count + life->flying_count > 0;
    if (!somewhere && !life->ended && !life->may_be_lost)
        invariant_broken(cluster, no_loss, "process %#" PRIx64 " is nowhere",
                         life->proc);
}

void invariant_map(struct cluster *cluster,
                   const struct machine *machine,
                   const struct cluster_record *records,
                   size_t count)
{
    for (size_t i = 0; i < machine->record_count; i++) {
        const struct cluster_record *old = &machine->records[i];
        size_t at = map_find(records, count, old->first);
        if (at == count || records[at].id != old->id ||
            records[at].version < old->version)
            invariant_broken(cluster, "map never goes back",
                             "node %u loses version %" PRIu32 " of cluster %u",
                             machine->id, old->version, old->id);
    }
}

void invariant_action(struct cluster *cluster,
                      const struct machine *machine,
                      const struct action *action)
{
    bool journal_only = ACTION_ASKED <= action->kind;
    bool moves = action->kind == ACTION_SEND || action->kind == ACTION_CARRY ||
                 action->kind == ACTION_MOVED;
    if (moves && action->peer == machine->id)
        invariant_broken(cluster, "no self move",
                         "node %u sends or moves to itself", machine->id);
    if (moves && !machine_find(cluster, action->peer))
        invariant_broken(cluster, "no self move",
                         "node %u sends or moves to node %u, which is not",
                         machine->id, action->peer);
    if (action->kind == ACTION_SEND || action->kind == ACTION_RECORD ||
        journal_only)
        return;
    const struct life *life = life_find(cluster, action->proc);
    if (!life) {
        invariant_broken(cluster, "one home",
                         "node %u speaks of process %#" PRIx64
                         ", which nobody submitted",
                         machine->id, action->proc);
        return;
    }
    if (action->kind == ACTION_ENDED && !life->ended)
        invariant_broken(cluster, no_loss,
                         "node %u takes process %#" PRIx64 " for ended",
                         machine->id, life->proc);
    if (action->kind == ACTION_LOST && !life->may_be_lost)
        invariant_broken(cluster, no_loss,
                         "node %u takes process %#" PRIx64 " for lost",
                         machine->id, life->proc);
}

static void check_procs(struct cluster *cluster, const struct machine *machine)
{
    size_t count;
    const struct proc_info *procs = node_procs(machine->node, &count);
    for (size_t i = 0; i < count; i++) {
        const struct life *life = life_find(cluster, procs[i].id);
        if (!life || procs[i].home != life->job.home ||
            procs[i].home_cluster != life->home_cluster)
            invariant_broken(cluster, "one home",
                             "node %u has another home for process %#" PRIx64,
                             machine->id, procs[i].id);
        if (i > 0 && procs[i].id <= procs[i - 1].id)
            invariant_broken(cluster, "one home",
                             "node %u lists process %#" PRIx64 " twice",
                             machine->id, procs[i].id);
        if (!machine_copy(machine, procs[i].id))
            invariant_broken(cluster, "one home",
                             "node %u lists process %#" PRIx64
                             ", which it has not",
                             machine->id, procs[i].id);
    }
    for (size_t i = 0; i < machine->copy_count; i++) {
        const struct copy *copy = &machine->copies[i];
        size_t at = 0;
        while (at < count && procs[at].id != copy->proc)
            at++;
        if (at == count && copy->state == COPY_RUNNING && copy->work_left > 0 &&
            !copy->killed)
            invariant_broken(cluster, "one home",
                             "node %u runs process %#" PRIx64
                             ", which it does not list",
                             machine->id, copy->proc);
    }
}

/* A process away is in its home's ledger and not at home. */
static void check_ledger(struct cluster *cluster, const struct machine *machine)
{
    size_t count;
    const struct away *away = node_away(machine->node, &count);
    for (size_t i = 0; i < count; i++) {
        const struct life *life = life_find(cluster, away[i].proc);
        if (!life || life->job.home != machine->id)
            invariant_broken(cluster, "one home",
                             "node %u keeps the ledger of process %#" PRIx64
                             ", whose home it is not",
                             machine->id, away[i].proc);
        else if (life->running_on == machine->id)
            invariant_broken(cluster, "one home",
                             "process %#" PRIx64 " is away and at home on %u",
                             life->proc, machine->id);
    }
}

static void check_chatter(struct cluster *cluster,
                          const struct machine *machine)
{
    size_t count;
    node_away(machine->node, &count);
    uint64_t most =
        CHATTER_BASE + CHATTER_PER_PROCESS * (count + machine->copy_count);
    if (most < machine->frames_in_second)
        invariant_broken(cluster, "bounded chatter",
                         "node %u sent %" PRIu64 " frames in one second",
                         machine->id, machine->frames_in_second);
}

void invariant_stepped(struct cluster *cluster, const struct machine *machine)
{
    check_procs(cluster, machine);
    check_ledger(cluster, machine);
    check_chatter(cluster, machine);
    invariant_owner(cluster, machine);
}

/* ---- After the last fault. ----------------------------------------------- */

static bool cluster_has_freezer(const struct cluster *cluster)
{
    const struct node_config *config = &cluster->setup.config;
    for (size_t i = 0; i < config->policy_count; i++)
        if (strncmp(config->policies[i].policy->name, "freeze_", 7) == 0)
            return true;
    return false;
}

static bool home_knows(const struct cluster *cluster, const struct life *life)
{
    const struct machine *home = machine_find(cluster, life->job.home);
    if (life->last_place == home->id)
        return true; /* check_ledger() sees to the rest. */
    size_t count;
    const struct away *away = node_away(home->node, &count);
    for (size_t i = 0; i < count; i++)
        if (away[i].proc == life->proc)
            return away[i].place == life->last_place;
    return false;
}

static bool is_idle(const struct machine *machine)
{
    for (size_t i = 0; i < machine->copy_count; i++)
        if (machine->copies[i].state == COPY_RUNNING)
            return false;
    return true;
}

/* Who stands still may: his user stopped him, or a policy did; or he has not
 * had his turn in the queue of a home that is busy. */
static const char *why_still(const struct cluster *cluster,
                             const struct life *life)
{
    for (size_t i = 0; i < cluster->machine_count; i++) {
        const struct machine *machine = &cluster->machines[i];
        const struct copy *copy =
            machine->up ? machine_copy(machine, life->proc) : NULL;
        if (copy && copy->state == COPY_HELD && !is_idle(machine))
            return NULL;
        if (!copy || copy->state != COPY_FROZEN)
            continue;
        if (machine->id != life->job.home)
            return "is frozen away from home";
        if (copy->frozen_by == FREEZE_BY_USER)
            return life->user_froze ? NULL : "is not thawed for its user";
        return copy->frozen_by == FREEZE_BY_POLICY &&
                       cluster_has_freezer(cluster)
                   ? NULL
                   : "is frozen for good";
    }
    return "does not run";
}

static const char *why_unsettled(const struct cluster *cluster,
                                 const struct life *life)
{
    if (life->stale_count > 0)
        return "began again, and an old copy is left";
    if (life->flying_count > 0)
        return "is on its way";
    if (life->ended)
        return life->copy_count > 0 ? "ended and left a copy"
               : life->told_ended || life->home_crashed || life->told_lost
                   ? NULL
                   : "ended and its home does not know";
    if (life->home_crashed)
        return life->copy_count > 0 ? "outlives its home" : NULL;
    if (life->told_lost)
        return life->copy_count > 0 ? "is lost for its home and still there"
                                    : NULL;
    if (life->copy_count != 1)
        return life->copy_count > 1 ? "has more than one copy" : "is nowhere";
    if (life->running_on == NODE_NONE)
        return why_still(cluster, life);
    return home_knows(cluster, life) ? NULL : "is not where its home thinks";
}

const char *cluster_unsettled(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->life_count; i++) {
        const char *why = why_unsettled(cluster, &cluster->lives[i]);
        if (!why)
            continue;
        snprintf(cluster->unsettled, sizeof cluster->unsettled,
                 "convergence: process %#" PRIx64 " %s", cluster->lives[i].proc,
                 why);
        return cluster->unsettled;
    }
    return NULL;
}

/* The node where it is takes it for what its user last said. */
static bool is_as_wished(const struct cluster *cluster, const struct life *life)
{
    const struct machine *machine = machine_find(cluster, life->running_on);
    size_t count;
    const struct proc_info *procs = node_procs(machine->node, &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == life->proc)
            return procs[i].priority == life->wish.priority &&
                   procs[i].locked == life->wish.locked;
    return true; /* home_knows() sees to the rest. */
}

const char *cluster_unheard(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->life_count; i++) {
        const struct life *life = &cluster->lives[i];
        if (!life->wished || life->running_on == NODE_NONE ||
            life->home_crashed || life->told_lost ||
            is_as_wished(cluster, life))
            continue;
        snprintf(cluster->unsettled, sizeof cluster->unsettled,
                 "wishes heard: process %#" PRIx64
                 " is not as its user wants it",
                 life->proc);
        return cluster->unsettled;
    }
    return NULL;
}

usec_t cluster_age_max_us(const struct cluster *cluster)
{
    usec_t oldest = 0;
    for (size_t i = 0; i < cluster->machine_count; i++) {
        const struct machine *machine = &cluster->machines[i];
        size_t count = machine->up ? node_peer_count(machine->node) : 0;
        if (count == 0)
            continue; /* Youngest first: the last is the oldest. */
        usec_t now = machine_clock(machine, cluster->now_us);
        usec_t age = now - node_peer(machine->node, count - 1)->measured_us;
        oldest = oldest < age ? age : oldest;
    }
    return oldest;
}
