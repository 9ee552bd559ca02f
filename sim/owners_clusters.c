/* owners_clusters.c - wishes for a whole cluster: a younger version of its
 * record, told to one node. */
#include <assert.h>

#include "owners.h"
#include "run.h"

/* The rule with what was given, and the rest as it was. */
static struct cluster_rule changed(const struct cluster_record *record,
                                   const struct scenario_event *event)
{
    const struct cluster_rule *wish = &event->rule;
    struct cluster_rule rule = wish->partner == 0
                                   ? record->others
                                   : *record_rule(record, wish->partner);
    rule.partner = wish->partner;
    if (event->rule_given & RULE_GIVEN_PRIORITY)
        rule.priority = wish->priority;
    if (event->rule_given & RULE_GIVEN_GO)
        rule.go = wish->go;
    if (event->rule_given & RULE_GIVEN_TAKE)
        rule.take = wish->take;
    if (event->rule_given & RULE_GIVEN_EXPAND)
        rule.expand = wish->expand;
    if (event->rule_given & RULE_GIVEN_CAP)
        rule.cap = wish->cap;
    return rule;
}

static void change(struct cluster_record *record,
                   const struct scenario_event *event)
{
    struct cluster_rule rule;
    record->version++;
    switch (event->wish) {
        case WISH_ISOLATE:
            record->state = CLUSTER_ISOLATED;
            record->then = (uint8_t)event->then;
            record->within_us = event->deadline_us;
            break;
        case WISH_REJOIN:
            record->state = CLUSTER_OPEN;
            record->then = THEN_WAIT;
            record->within_us = USEC_NEVER;
            break;
        case WISH_PARTNER:
            rule = changed(record, event);
            record_put_rule(record, &rule);
            break;
        case WISH_GROW:
            record->node_count += event->number;
            break;
        default:
            assert(false);
    }
}

/* They start with what their owner has just written. */
static void boot_new(struct world *world,
                     const struct cluster_record *record,
                     uint32_t count)
{
    node_id end = record->first + record->node_count;
    for (node_id i = end - count; i < end; i++)
        machine_up(world, i, "its owner added it");
}

void owners_cluster(struct world *world, const struct scenario_event *event)
{
    struct cluster_record record = maps_record(world, event->cluster);
    struct scenario_nodes nodes = {record.first,
                                   record.first + record.node_count - 1};
    node_id terminal = owners_terminal(world, nodes);
    if (terminal == NODE_NONE)
        return;
    change(&record, event);
    owners_record(world, terminal, event);
    maps_owner_says(world, terminal, &record);
    if (event->wish == WISH_REJOIN && event->has_number)
        owners_limit(world, nodes, event->number);
    if (event->wish == WISH_GROW)
        boot_new(world, &record, event->number);
}
