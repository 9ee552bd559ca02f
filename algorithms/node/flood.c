/* flood.c - see flood.h. The bucket's level is counted in thousandths of a
 * token times microseconds: TOKEN of them are a token. */
#include "flood.h"

#include <assert.h>
#include <string.h>

#include "emit.h"
#include "owner.h"
#include "procs.h"
#include "registry.h"

static const uint64_t TOKEN = 1000000000;

static uint64_t full(const struct node *node)
{
    return node->config.flood_burst * TOKEN;
}

void flood_fill(struct node *node)
{
    node->owner.flood_level = full(node);
    node->owner.flood_filled_us = node->now_us;
}

static uint64_t level_now(const struct node *node)
{
    const struct node_config *config = &node->config;
    const struct owner *owner = &node->owner;
    uint64_t missing = full(node) - owner->flood_level;
    usec_t span_us = node->now_us - owner->flood_filled_us;
    return span_us > missing / config->flood_per_s_milli
               ? full(node)
               : owner->flood_level + span_us * config->flood_per_s_milli;
}

bool flood_has_token(const struct node *node)
{
    return node->config.flood_burst == 0 || level_now(node) >= TOKEN;
}

void flood_take_token(struct node *node)
{
    if (node->config.flood_burst == 0)
        return;
    uint64_t level = level_now(node);
    assert(level >= TOKEN);
    node->owner.flood_level = level - TOKEN;
    node->owner.flood_filled_us = node->now_us;
}

/* Does that policy thaw processes of that class? */
static bool is_for_class(const struct node_policy *row, uint16_t class_number)
{
    if (strncmp(row->policy->name, "freeze_", strlen("freeze_")) != 0)
        return false;
    const struct policy_param *param =
        policy_param_find(row->policy, "class_number");
    if (!param)
        return true;
    return policy_param_get(param, row->params) == class_number;
}

static bool is_for_core(const struct node *node, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    if (proc->state != PROC_FROZEN || !state_tracks(node)[index].flooded)
        return false;
    for (size_t i = 0; i < node->config.policy_count; i++)
        if (is_for_class(&node->config.policies[i], proc->class_number))
            return false;
    return true;
}

static ptrdiff_t next_to_thaw(const struct node *node)
{
    const struct proc_info *procs = state_procs(node);
    ptrdiff_t first = PROC_ABSENT;
    for (size_t i = 0; i < node->proc_count; i++)
        if (is_for_core(node, i) &&
            (first == PROC_ABSENT ||
             procs[i].arrived_us < procs[first].arrived_us))
            first = (ptrdiff_t)i;
    return first;
}

usec_t flood_timer(const struct node *node)
{
    if (node->sums.flooded_count == 0 || next_to_thaw(node) == PROC_ABSENT)
        return USEC_NEVER;
    uint64_t level = level_now(node);
    if (level >= TOKEN)
        return node->now_us;
    uint64_t rate = node->config.flood_per_s_milli;
    return after(node->now_us, (TOKEN - level + rate - 1) / rate);
}

void flood_thaw(struct node *node, struct batch *batch)
{
    ptrdiff_t at = next_to_thaw(node);
    while (at != PROC_ABSENT && flood_has_token(node) && emit_has_room(batch)) {
        flood_take_token(node);
        owner_thaw(node, batch, (size_t)at, "flood control lets it run");
        at = next_to_thaw(node);
    }
    if (at != PROC_ABSENT)
        arm(node, flood_timer(node));
}
