/* event_budget.c - what all events together may ask of an owner. */
#include <stdlib.h>

#include "verbs.h"

static int check_grow(struct key_reader *r,
                      const struct item *item,
                      const struct scenario_event *event,
                      struct event_budget *budget)
{
    const struct scenario_cluster *c = &r->scenario->clusters[event->cluster];
    uint64_t times = event->every_us == 0 ? 1 : event->times;
    uint64_t *grown = &budget->grown[event->cluster];
    if (times == 0)
        return key_refuse(r, &item_find(item, "every")->key_at,
                          "every: a cluster cannot grow without end, add "
                          "times: 2");
    *grown += times * event->number;
    if (*grown <= c->later_count)
        return 0;
    return key_refuse(r, &item_find(item, "by")->at,
                      "by: %s grows by %llu nodes in all, %u were planned, "
                      "give more as later: of the cluster",
                      c->name, (unsigned long long)*grown, c->later_count);
}

static bool add_partner(cluster_id *list, cluster_id partner)
{
    size_t i = 0;
    while (i < CLUSTER_RULES_MAX && list[i] != 0 && list[i] != partner)
        i++;
    if (i < CLUSTER_RULES_MAX)
        list[i] = partner;
    return i < CLUSTER_RULES_MAX;
}

static int check_partner(struct key_reader *r,
                         const struct item *item,
                         const struct scenario_event *event,
                         struct event_budget *budget)
{
    const struct scenario_grid *grid = &r->scenario->grid;
    cluster_id **list = &budget->partners[event->cluster];
    if (event->rule.partner == 0)
        return 0;
    if (!*list) {
        *list = calloc(CLUSTER_RULES_MAX, sizeof **list);
        if (!*list)
            return key_refuse_memory(r);
        for (size_t i = 0; i < grid->partner_count; i++) {
            const struct scenario_partner *partner = &grid->partners[i];
            for (uint32_t k = 0; k < partner->partner_count; k++)
                if (partner_is_of(partner, event->cluster) &&
                    partner->rule.partner + k != event->cluster + 1u)
                    add_partner(*list, (cluster_id)(partner->rule.partner + k));
        }
    }
    return add_partner(*list, event->rule.partner)
               ? 0
               : partner_refuse_more(r, &item_find(item, "of")->at);
}

int event_budget_check(struct key_reader *r,
                       const struct item *item,
                       const struct scenario_event *event,
                       struct event_budget *budget)
{
    if (event->wish == WISH_GROW)
        return check_grow(r, item, event, budget);
    if (event->wish == WISH_PARTNER)
        return check_partner(r, item, event, budget);
    return 0;
}

int event_budget_init(struct key_reader *r, struct event_budget *budget)
{
    size_t count = r->scenario->cluster_count + 1;
    budget->grown = calloc(count, sizeof *budget->grown);
    budget->partners = calloc(count, sizeof *budget->partners);
    return budget->grown && budget->partners ? 0 : key_refuse_memory(r);
}

void event_budget_finish(const struct key_reader *r,
                         struct event_budget *budget)
{
    for (size_t i = 0; budget->partners && i < r->scenario->cluster_count; i++)
        free(budget->partners[i]);
    free(budget->partners);
    free(budget->grown);
}
