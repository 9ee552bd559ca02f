/* owners_nodes.c - wishes for nodes: what each of them is told. */
#include <assert.h>
#include <math.h>

#include "invariants.h"
#include "owners.h"
#include "run.h"

static struct stance *stance_of(const struct world *world, node_id node)
{
    return &world->owners->stances[node];
}

static bool is_on_its_way_out(const struct stance *stance)
{
    return stance->presence == PRESENCE_EXPELLING ||
           stance->presence == PRESENCE_LEAVING;
}

/* All that its owner has said of it, as the node hears it now. */
static void tell(struct world *world, node_id node)
{
    const struct stance *stance = stance_of(world, node);
    bool out = is_on_its_way_out(stance);
    uint64_t now_us = world_us(world);
    uint64_t within_us = USEC_NEVER;
    if (out && stance->deadline_us != USEC_NEVER)
        within_us =
            stance->deadline_us > now_us ? stance->deadline_us - now_us : 0;
    struct event event = {
        .kind = EVENT_STATE,
        .state = out ? NODE_DRAINING : stance->state,
        .flags = stance->flags,
        .then = stance->then,
        .within_us = within_us,
        .reservation = stance->reserved ? &stance->reservation : NULL,
    };
    adapter_step(world, node, &event);
}

/* The owner watches it empty. */
static void watch(struct world *world, node_id node)
{
    world->watch_count += !world->machines[node].watched;
    world->machines[node].watched = true;
    owners_look(world, node);
}

static void watch_no_more(struct world *world, node_id node)
{
    world->watch_count -= world->machines[node].watched;
    world->machines[node].watched = false;
}

static void drain(struct world *world,
                  node_id node,
                  const struct scenario_event *event,
                  enum presence presence)
{
    struct stance *stance = stance_of(world, node);
    bool has_deadline = event->deadline_us != USEC_NEVER;
    stance->presence = (uint8_t)presence;
    stance->then = (uint8_t)event->then;
    stance->at_once = false;
    stance->leave_count++;
    stance->deadline_us =
        has_deadline ? world_us(world) + event->deadline_us : USEC_NEVER;
    if (has_deadline && presence == PRESENCE_LEAVING)
        heap_push(&world->heap, (double)stance->deadline_us * 1e-6,
                  HAPPENS_DEADLINE, node, stance->leave_count);
    tell(world, node);
}

static void bring(struct world *world, node_id node)
{
    struct event event = {.kind = EVENT_RECALL};
    adapter_step(world, node, &event);
}

static void leave(struct world *world,
                  node_id node,
                  const struct scenario_event *event)
{
    machine_close(world, node);
    drain(world, node, event, PRESENCE_LEAVING);
    bring(world, node);
    watch(world, node);
}

/* What was said of it before holds again. */
static void settle(struct world *world, node_id node)
{
    struct stance *stance = stance_of(world, node);
    stance->presence = PRESENCE_HERE;
    stance->then = THEN_WAIT;
    stance->deadline_us = USEC_NEVER;
    watch_no_more(world, node);
}

static void come_back(struct world *world, node_id node)
{
    enum presence presence = stance_of(world, node)->presence;
    if (presence != PRESENCE_LEFT && presence != PRESENCE_LEAVING)
        return;
    settle(world, node);
    if (presence == PRESENCE_LEFT)
        machine_up(world, node, "its owner brought it back");
    else
        tell(world, node);
    machine_open(world, node);
}

static void limit(struct world *world, node_id node, uint32_t number)
{
    world->machines[node].guest_limit = number;
    /* It is a measured field: it is heard with the next sample. */
}

void owners_limit(struct world *world,
                  struct scenario_nodes nodes,
                  uint32_t number)
{
    for (node_id i = nodes.first; i <= nodes.last; i++)
        limit(world, i, number);
}

/* False: it is no standing word. */
static bool change_stance(struct stance *stance,
                          const struct scenario_event *event)
{
    switch (event->wish) {
        case WISH_BLOCK:
            stance->state = NODE_BLOCKED;
            return true;
        case WISH_UNBLOCK:
            stance->state = NODE_UP;
            return true;
        case WISH_STAY:
            stance->flags |= NODE_STAY;
            return true;
        case WISH_NOSTAY:
            stance->flags &= (uint8_t)~NODE_STAY;
            return true;
        case WISH_LSTAY:
            stance->flags |= NODE_LOCAL_STAY;
            return true;
        case WISH_NOLSTAY:
            stance->flags &= (uint8_t)~NODE_LOCAL_STAY;
            return true;
        case WISH_RESERVE:
            stance->reserved = true;
            stance->reservation = event->group;
            return true;
        case WISH_UNRESERVE:
            stance->reserved = false;
            return true;
        default:
            return false;
    }
}

static bool is_heard(const struct world *world, node_id node, enum wish wish)
{
    return !machine_is_down(world, node) ||
           (wish == WISH_RETURN &&
            stance_of(world, node)->presence == PRESENCE_LEFT);
}

void owners_node(struct world *world,
                 node_id node,
                 const struct scenario_event *event)
{
    if (!is_heard(world, node, event->wish))
        return;
    owners_record(world, node, event);
    if (change_stance(stance_of(world, node), event)) {
        tell(world, node);
        return;
    }
    switch (event->wish) {
        case WISH_EXPEL: /* Who was to leave stays, and its users come back. */
            machine_open(world, node);
            drain(world, node, event, PRESENCE_EXPELLING);
            watch(world, node);
            break;
        case WISH_BRING:
            bring(world, node);
            break;
        case WISH_LEAVE:
            leave(world, node, event);
            break;
        case WISH_RETURN:
            come_back(world, node);
            break;
        case WISH_GUESTS:
            limit(world, node, event->number);
            break;
        default:
            assert(false);
    }
}

/* ---- It empties. --------------------------------------------------------- */

static bool is_empty(const struct world *world, node_id node)
{
    const struct stance *stance = stance_of(world, node);
    const struct node *n = world->machines[node].node;
    if (node_self(n)->guest_count > 0)
        return false;
    if (stance->presence == PRESENCE_EXPELLING)
        return true;
    if (world->machines[node].pulled_count > 0)
        return false;
    if (stance->at_once)
        return true;
    size_t here, away;
    node_procs(n, &here);
    node_away(n, &away);
    return here == 0 && away == 0 && !checkpoints_reads(world, node);
}

void owners_look(struct world *world, node_id node)
{
    struct machine *m = &world->machines[node];
    if (!m->watched || !is_empty(world, node))
        return;
    watch_no_more(world, node);
    heap_push(&world->heap, world->now, HAPPENS_EMPTY, node, 0);
}

void owners_empty(struct world *world, node_id node)
{
    const struct stance *stance = stance_of(world, node);
    if (machine_is_down(world, node) || !is_on_its_way_out(stance))
        return;
    if (!is_empty(world, node)) {
        watch(world, node);
        return;
    }
    if (stance->presence == PRESENCE_LEAVING) {
        if (world->isolations && !stance->at_once)
            invariants_leaves(world, node);
        stance_of(world, node)->presence = PRESENCE_LEFT;
        machine_down(world, node, "its owner took it out");
    } else {
        settle(world, node);
        tell(world, node);
    }
}

/* The guests are killed by their node at this date; what is its own goes down
 * with it. */
void owners_deadline(struct world *world, node_id node, uint64_t leave_count)
{
    struct stance *stance = stance_of(world, node);
    if (stance->leave_count != leave_count ||
        stance->presence != PRESENCE_LEAVING || stance->then != THEN_KILL ||
        machine_is_down(world, node))
        return;
    stance->at_once = true;
    watch(world, node);
}

/* Its node has forgotten what its owner said. */
void owners_booted(struct world *world, node_id node)
{
    if (!world->owners)
        return;
    const struct stance *stance = stance_of(world, node);
    bool said = stance->state != NODE_UP || stance->flags != 0 ||
                stance->reserved || is_on_its_way_out(stance);
    if (said)
        tell(world, node);
    if (is_on_its_way_out(stance))
        watch(world, node);
}
