/* faults_way.c - ways between clusters that are cut, and frames that are lost.
 *
 * A cut link fails everything whose way crosses it: the routes stay as they
 * are. A partition closes the way between any two clusters on different sides.
 * A frame is lost if its way is closed when it is sent or when it would come; a
 * flow fails at the date of the cut. Inside a cluster nothing is ever cut.
 * Loss is of control frames alone: a flow is TCP and sends again.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "faults.h"
#include "run.h"

static size_t cluster_count(const struct world *world)
{
    return world->scenario->cluster_count;
}

int ways_create(struct world *world)
{
    const struct scenario_faults *f = &world->scenario->grid.faults;
    size_t pairs = cluster_count(world) * cluster_count(world);
    for (size_t i = 0; i < f->count && world->net; i++) {
        const struct scenario_fault *fault = &f->list[i];
        if (fault->kind != FAULT_CUT && fault->kind != FAULT_PARTITION)
            continue;
        if (!world->faults->closed)
            world->faults->closed = calloc(pairs + 1, sizeof(bool));
        if (!world->faults->closed)
            return -ENOMEM;
        if (fault->kind == FAULT_PARTITION)
            continue;
        bool *crossing = calloc(pairs + 1, sizeof *crossing);
        world->faults->crossing[i] = crossing;
        if (!crossing)
            return -ENOMEM;
        net_crossing(world->net, fault->a, fault->b, crossing);
    }
    return 0;
}

static bool closes(const struct world *world, size_t index, size_t a, size_t b)
{
    const struct scenario_fault *fault =
        &world->scenario->grid.faults.list[index];
    if (!world->faults->active[index])
        return false;
    if (fault->kind == FAULT_CUT)
        return world->faults->crossing[index][a * cluster_count(world) + b];
    return fault->kind == FAULT_PARTITION && fault->sides[a] != fault->sides[b];
}

static void update_ways(struct world *world)
{
    size_t count = cluster_count(world);
    bool *closed = world->faults->closed;
    for (uint32_t a = 0; closed && a < count; a++)
        for (uint32_t b = a + 1; b < count; b++) {
            bool is_closed = false;
            for (size_t i = 0; i < world->scenario->grid.faults.count; i++)
                is_closed = is_closed || closes(world, i, a, b);
            if (closed[a * count + b] == is_closed)
                continue;
            closed[a * count + b] = closed[b * count + a] = is_closed;
            net_close(world->net, world->now, a, b, is_closed);
        }
}

void ways_changed(struct world *world, const struct scenario_fault *fault)
{
    const struct scenario *s = world->scenario;
    bool begins = world->faults->active[fault - s->grid.faults.list];
    struct record r = record_now(world, RECORD_FAULT, 0);
    char why[256];
    if (fault->kind == FAULT_CUT) {
        r.node = s->clusters[fault->a].first;
        r.peer = s->clusters[fault->b].first;
        snprintf(why, sizeof why, "cut: %s and %s %s",
                 scenario_cluster_key(&s->clusters[fault->a]),
                 scenario_cluster_key(&s->clusters[fault->b]),
                 begins ? "lose their link" : "have their link again");
    } else {
        r.node = NODE_NONE;
        snprintf(why, sizeof why, "partition: it %s",
                 begins ? "begins" : "heals");
    }
    r.why = why;
    world_record(world, &r);
    update_ways(world);
}

void losses_changed(struct world *world)
{
    const struct scenario_faults *f = &world->scenario->grid.faults;
    double loss = f->loss;
    for (size_t i = 0; i < f->count; i++)
        if (world->faults->active[i] && f->list[i].kind == FAULT_LOSS)
            loss = f->list[i].share; /* Of several, that which began last. */
    world->faults->loss = loss;
    struct record r = record_now(world, RECORD_FAULT, NODE_NONE);
    char why[64];
    snprintf(why, sizeof why, "loss: %g of all frames", loss);
    r.why = why;
    world_record(world, &r);
}

bool faults_closed(const struct world *world, node_id source, node_id target)
{
    if (!world->faults || !world->faults->closed)
        return false;
    size_t a = world->machines[source].cluster;
    size_t b = world->machines[target].cluster;
    return world->faults->closed[a * cluster_count(world) + b];
}

bool faults_lose(struct world *world, node_id source, node_id target)
{
    if (!world->faults)
        return false;
    if (faults_closed(world, source, target))
        return true;
    double loss = world->faults->loss;
    return loss > 0 && rng_below(&world->faults->losses, UINT32_MAX) <
                           loss * (double)UINT32_MAX;
}
