/* faults.c - the list of faults: their dates, and what is broken now. */
#include "faults.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

static bool breaks_anything(const struct scenario_faults *f)
{
    return f->count > 0 || isfinite(f->node_mtbf_s) || f->loss > 0;
}

/* Could processes wait for ever for what is never mended? */
static bool may_strand(const struct scenario_fault *fault)
{
    bool parts = fault->kind == FAULT_CRASH || fault->kind == FAULT_CUT ||
                 fault->kind == FAULT_PARTITION ||
                 (fault->kind == FAULT_LOSS && fault->share >= 1);
    return parts && fault->for_us == USEC_NEVER;
}

static int check(const struct scenario *s, struct complaint *ret_complaint)
{
    const struct scenario_faults *f = &s->grid.faults;
    for (size_t i = 0; i < f->count; i++) {
        if (may_strand(&f->list[i]) && !isfinite(s->until_s))
            return complain(ret_complaint, -EINVAL, s->path, 0, 0,
                            "faults: what breaks at %g s is never mended, and "
                            "processes may wait for it for ever; say how long "
                            "by for, or end the run by until",
                            (double)f->list[i].at_us * 1e-6);
    }
    return f->loss >= 1 && !isfinite(s->until_s)
               ? complain(ret_complaint, -EINVAL, s->path, 0, 0,
                          "faults: loss: all frames are lost, and processes "
                          "may wait for them for ever; lose fewer, or end the "
                          "run by until")
               : 0;
}

int faults_create(struct world *world, struct complaint *ret_complaint)
{
    const struct scenario_faults *f = &world->scenario->grid.faults;
    int error = check(world->scenario, ret_complaint);
    if (error || !breaks_anything(f))
        return error;
    struct faults *faults = calloc(1, sizeof *faults);
    world->faults = faults;
    if (!faults)
        return -ENOMEM;
    faults->active = calloc(f->count + 1, sizeof *faults->active);
    faults->crossing = calloc(f->count + 1, sizeof *faults->crossing);
    faults->hit = calloc(f->count + 1, sizeof *faults->hit);
    faults->broken = calloc(world->machine_count + 1u, sizeof *faults->broken);
    faults->losses = rng_stream(world->seed, 0, "losses");
    faults->loss = f->loss;
    if (!faults->active || !faults->crossing || !faults->hit || !faults->broken)
        return -ENOMEM;
    for (size_t i = 0; i < f->count; i++) {
        if (f->list[i].kind != FAULT_CRASH)
            continue;
        struct scenario_nodes nodes = f->list[i].nodes;
        faults->hit[i] = calloc(nodes.last - nodes.first + 1u, sizeof(bool));
        if (!faults->hit[i])
            return -ENOMEM;
    }
    return ways_create(world);
}

void faults_destroy(struct world *world)
{
    struct faults *faults = world->faults;
    if (!faults)
        return;
    for (size_t i = 0; i < world->scenario->grid.faults.count; i++) {
        if (faults->crossing)
            free(faults->crossing[i]);
        if (faults->hit)
            free(faults->hit[i]);
    }
    free(faults->active);
    free(faults->crossing);
    free(faults->hit);
    free(faults->closed);
    free(faults->broken);
    free(faults->lives);
    free(faults);
}

void faults_start(struct world *world)
{
    const struct scenario_faults *f = &world->scenario->grid.faults;
    if (!world->faults)
        return;
    for (size_t i = 0; i < f->count; i++) {
        world->plan_count++;
        heap_push(&world->heap, (double)f->list[i].at_us * 1e-6, HAPPENS_FAULT,
                  0, i);
    }
    crashes_start(world);
}

/* Of those that are slow for several reasons the factors multiply. */
static void slow_changed(struct world *world,
                         const struct scenario_fault *fault)
{
    const struct scenario_faults *f = &world->scenario->grid.faults;
    for (node_id i = fault->nodes.first; i <= fault->nodes.last; i++) {
        const struct machine *m = &world->machines[i];
        double factor = 1;
        for (size_t k = 0; k < f->count; k++)
            if (world->faults->active[k] && f->list[k].kind == FAULT_SLOW &&
                f->list[k].nodes.first <= i && i <= f->list[k].nodes.last)
                factor *= f->list[k].share;
        double speed = world->scenario->clusters[m->cluster].speed_milli * 1e-3;
        cpu_speed(world->cpu, world->now, i, speed * factor);
        struct record r = record_now(world, RECORD_FAULT, i);
        char why[64];
        snprintf(why, sizeof why, "slow: %g of its speed", factor);
        r.why = factor < 1 ? why : "slow: it has its speed again";
        world_record(world, &r);
    }
}

static void crash_changed(struct world *world,
                          const struct scenario_fault *fault)
{
    size_t index = (size_t)(fault - world->scenario->grid.faults.list);
    bool *hit = world->faults->hit[index];
    for (node_id i = fault->nodes.first; i <= fault->nodes.last; i++, hit++)
        if (world->faults->active[index])
            *hit = crash_begin(world, i, "it crashed, as the scenario says");
        else if (*hit)
            crash_end(world, i, "it is repaired");
}

static void changed(struct world *world, const struct scenario_fault *fault)
{
    switch (fault->kind) {
        case FAULT_CRASH:
            crash_changed(world, fault);
            break;
        case FAULT_CUT:
        case FAULT_PARTITION:
            ways_changed(world, fault);
            break;
        case FAULT_SLOW:
            slow_changed(world, fault);
            break;
        case FAULT_LOSS:
            losses_changed(world);
            break;
    }
}

void faults_fault(struct world *world, size_t index)
{
    const struct scenario_fault *fault =
        &world->scenario->grid.faults.list[index];
    world->plan_count--;
    world->faults->active[index] = !world->faults->active[index];
    if (world->faults->active[index] && fault->for_us != USEC_NEVER) {
        world->plan_count++;
        heap_push(&world->heap, (double)(fault->at_us + fault->for_us) * 1e-6,
                  HAPPENS_FAULT, 0, index);
    }
    changed(world, fault);
}
