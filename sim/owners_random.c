/* owners_random.c - owners who come and go by laws.
 *
 * Each node or cluster has a stream of its own, by seed and its number alone:
 * stacks that are compared with one seed see the same owners.
 */
#include <errno.h>
#include <stdlib.h>

#include "../algorithms/node/rng.h"
#include "owners.h"
#include "run.h"

static size_t count_of(const struct world *world,
                       const struct scenario_random *random)
{
    if (!random->whole_clusters)
        return random->nodes.last - random->nodes.first + 1u;
    return world->machines[random->nodes.last].cluster -
           world->machines[random->nodes.first].cluster + 1u;
}

static void add(struct world *world, size_t which, node_id first, node_id last)
{
    struct owners *owners = world->owners;
    struct rng rng = rng_stream(world->seed, first, "owners");
    owners->turns[owners->turn_count++] = (struct turn){
        .random = &world->scenario->grid.randoms[which],
        .nodes = {first, last},
        .cluster = world->machines[first].cluster,
        .stream = rng_mix(rng.state + which),
    };
}

int turns_create(struct world *world)
{
    const struct scenario *s = world->scenario;
    size_t count = 0;
    for (size_t i = 0; i < s->grid.random_count; i++)
        count += count_of(world, &s->grid.randoms[i]);
    world->owners->turns = calloc(count + 1, sizeof *world->owners->turns);
    if (!world->owners->turns)
        return -ENOMEM;
    for (size_t i = 0; i < s->grid.random_count; i++) {
        const struct scenario_random *random = &s->grid.randoms[i];
        node_id last;
        for (node_id at = random->nodes.first; at <= random->nodes.last;
             at = last + 1) {
            const struct scenario_cluster *c =
                &s->clusters[world->machines[at].cluster];
            last = random->whole_clusters ? c->first + c->node_count - 1 : at;
            add(world, i, at, last);
        }
    }
    return 0;
}

static bool may_open(const struct turn *turn)
{
    enum wish wish = turn->random->wish;
    return wish == WISH_LEAVE || owners_may_open(wish);
}

static void plan(struct world *world, uint32_t index)
{
    const struct turn *turn = &world->owners->turns[index];
    bool undo = turn->count % 2 == 1;
    const struct law *law =
        undo ? &turn->random->lasting : &turn->random->after;
    uint64_t wait_us = law_draw(law, rng_mix(turn->stream + turn->count));
    world->plan_count += may_open(turn);
    heap_push(&world->heap, world->now + (double)wait_us * 1e-6, HAPPENS_TURN,
              turn->nodes.first, index);
}

void turns_start(struct world *world)
{
    for (uint32_t i = 0; i < world->owners->turn_count; i++)
        plan(world, i);
}

static void act(struct world *world, const struct turn *turn, enum wish wish)
{
    struct scenario_event event = {.at_us = world_us(world),
                                   .wish = wish,
                                   .cluster = turn->cluster,
                                   .nodes = turn->nodes,
                                   .target = NODE_NONE,
                                   .deadline_us = turn->random->deadline_us,
                                   .then = turn->random->then};
    owners_act(world, &event);
}

static void undo(struct world *world, const struct turn *turn)
{
    switch (turn->random->wish) {
        case WISH_ISOLATE:
            act(world, turn, WISH_REJOIN);
            break;
        case WISH_LEAVE:
            act(world, turn, WISH_RETURN);
            break;
        default:
            act(world, turn, WISH_UNBLOCK);
            break;
    }
}

void turns_next(struct world *world, uint32_t index)
{
    struct turn *turn = &world->owners->turns[index];
    world->plan_count -= may_open(turn);
    if (turn->count++ % 2 == 1) {
        undo(world, turn);
    } else {
        if (turn->random->wish == WISH_EXPEL)
            act(world, turn, WISH_BLOCK);
        act(world, turn, turn->random->wish);
    }
    plan(world, index);
}
