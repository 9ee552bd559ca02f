/* discovery.c - how long until the others have heard of a node that came up. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/* A node that came up and is not known yet. */
struct sought
{
    node_id node;
    usec_t up_us;         /* Date. */
    uint8_t *heard;       /* A bit for each node; owned. */
    uint32_t heard_count; /* Living nodes that have. */
};

struct discoveries
{
    struct sought *list;
    size_t count;
    size_t room;
    uint32_t *places;   /* By node: index in list + 1; 0: nobody seeks it. */
    usec_t earliest_us; /* No up_us of the list is less. */
    uint32_t board_max;
};

static struct discoveries *make(const struct world *world)
{
    struct discoveries *d = calloc(1, sizeof *d);
    assert(d);
    d->places = calloc(world->machine_count, sizeof *d->places);
    assert(d->places);
    d->board_max = node_config_of(world->machines[0].node).board_max;
    return d;
}

static void forget(struct discoveries *d, size_t index)
{
    struct sought *sought = &d->list[index];
    d->places[sought->node] = 0;
    free(sought->heard);
    if (index < --d->count) {
        *sought = d->list[d->count];
        d->places[sought->node] = (uint32_t)index + 1;
    }
    d->earliest_us = USEC_NEVER;
    for (size_t i = 0; i < d->count; i++)
        if (d->list[i].up_us < d->earliest_us)
            d->earliest_us = d->list[i].up_us;
}

/* Is it known now? */
static void settle(struct world *world, size_t index)
{
    struct discoveries *d = world->discoveries;
    const struct sought *sought = &d->list[index];
    uint32_t others = world->machine_count - world->down_count - 1;
    uint32_t need = others < d->board_max ? others : d->board_max;
    if (sought->heard_count == 0 || sought->heard_count < need)
        return;
    struct record r = record_now(world, RECORD_KNOWN, sought->node);
    r.values[KNOWN_SPAN_US] = r.at_us - sought->up_us;
    world_record(world, &r);
    forget(d, index);
}

void discovery_up(struct world *world, node_id node)
{
    if (!world->discoveries)
        world->discoveries = make(world);
    struct discoveries *d = world->discoveries;
    if (d->count == d->room) {
        d->room = 2 * d->room + 16;
        d->list = reallocarray(d->list, d->room, sizeof *d->list);
        assert(d->list);
    }
    struct sought sought = {.node = node, .up_us = world_us(world)};
    sought.heard = calloc(world->machine_count / 8 + 1, 1);
    assert(sought.heard);
    if (d->count == 0)
        d->earliest_us = sought.up_us; /* The next are not earlier. */
    d->list[d->count++] = sought;
    d->places[node] = (uint32_t)d->count;
}

void discovery_down(struct world *world, node_id node)
{
    struct discoveries *d = world->discoveries;
    if (!d)
        return;
    if (d->places[node] > 0)
        forget(d, d->places[node] - 1u);
    for (size_t i = d->count; i-- > 0;) {
        struct sought *sought = &d->list[i];
        uint8_t bit = (uint8_t)(1 << node % 8);
        sought->heard_count -= (sought->heard[node / 8] & bit) != 0;
        sought->heard[node / 8] &= (uint8_t)~bit;
        settle(world, i); /* Nobody waits for the dead. */
    }
}

void discovery_look(struct world *world, node_id node)
{
    struct discoveries *d = world->discoveries;
    const struct machine *m = &world->machines[node];
    size_t count = node_peer_count(m->node);
    for (size_t i = 0; i < count && d->count > 0; i++) {
        const struct peer_info *peer = node_peer(m->node, i);
        if (peer->measured_us < clock_at(m, d->earliest_us))
            return; /* Youngest first. */
        uint32_t place = d->places[peer->word.id];
        if (place == 0 || peer->word.state == NODE_GONE)
            continue;
        struct sought *sought = &d->list[place - 1];
        uint8_t bit = (uint8_t)(1 << node % 8);
        if (peer->measured_us < clock_at(m, sought->up_us) ||
            (sought->heard[node / 8] & bit))
            continue;
        sought->heard[node / 8] |= bit;
        sought->heard_count++;
        settle(world, place - 1);
    }
}

void discovery_finish(struct world *world)
{
    struct discoveries *d = world->discoveries;
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++)
        free(d->list[i].heard);
    free(d->list);
    free(d->places);
    free(d);
    world->discoveries = NULL;
}
