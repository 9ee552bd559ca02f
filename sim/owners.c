/* owners.c - when owners and users act. */
#include "owners.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "run.h"

static bool is_of_jobs(enum wish wish)
{
    return wish >= WISH_MOVE;
}

int owners_create(struct world *world)
{
    const struct scenario_grid *grid = &world->scenario->grid;
    if (grid->event_count + grid->random_count == 0)
        return 0;
    struct owners *owners = calloc(1, sizeof *owners);
    world->owners = owners;
    if (!owners)
        return -ENOMEM;
    owners->rank_low = owners->rank_high = QUEUE_RANK_MIDDLE;
    owners->stances =
        calloc(world->machine_count + 1u, sizeof *owners->stances);
    if (!owners->stances)
        return -ENOMEM;
    for (node_id i = 0; i < world->machine_count; i++)
        owners->stances[i].deadline_us = USEC_NEVER;
    return turns_create(world);
}

void owners_destroy(struct world *world)
{
    if (!world->owners)
        return;
    free(world->owners->stances);
    free(world->owners->turns);
    free(world->owners);
}

static void plan(struct world *world, size_t index, uint32_t times_before)
{
    const struct scenario_event *event = &world->scenario->grid.events[index];
    if (times_before > 0 && event->every_us == 0)
        return;
    if (event->times > 0 && times_before >= event->times)
        return;
    double date =
        (double)(event->at_us + times_before * event->every_us) * 1e-6;
    world->plan_count += owners_may_open(event->wish);
    heap_push(&world->heap, date, HAPPENS_WISH, times_before, index);
}

void owners_start(struct world *world)
{
    const struct scenario *s = world->scenario;
    for (size_t i = 0; i < s->grid.event_count; i++)
        plan(world, i, 0);
    if (world->owners)
        turns_start(world);
}

void owners_wish(struct world *world, size_t index, uint32_t times_before)
{
    const struct scenario_event *event = &world->scenario->grid.events[index];
    world->plan_count -= owners_may_open(event->wish);
    plan(world, index, times_before + 1);
    owners_act(world, event);
}

void owners_turn(struct world *world, uint32_t index)
{
    turns_next(world, index);
}

node_id owners_terminal(const struct world *world, struct scenario_nodes nodes)
{
    for (node_id i = nodes.first; i <= nodes.last; i++)
        if (!machine_is_down(world, i))
            return i;
    return NODE_NONE;
}

void owners_act(struct world *world, const struct scenario_event *event)
{
    switch (event->wish) {
        case WISH_ISOLATE:
        case WISH_REJOIN:
        case WISH_PARTNER:
        case WISH_GROW:
            owners_cluster(world, event);
            return;
        default:
            break;
    }
    if (is_of_jobs(event->wish)) {
        owners_jobs(world, event);
        return;
    }
    for (node_id i = event->nodes.first; i <= event->nodes.last; i++)
        owners_node(world, i, event);
}
