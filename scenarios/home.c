/* home.c - home: and home-rule: of a load: where its processes are started. */
#include <string.h>

#include "keys.h"

static const char *const home_rules[] = {"round-robin", "random", "user",
                                         "partition", NULL};

static bool rule_named(const char *text, enum home_rule *ret_rule)
{
    for (unsigned i = 0; home_rules[i]; i++)
        if (strcmp(text, home_rules[i]) == 0) {
            *ret_rule = (enum home_rule)i;
            return true;
        }
    return false;
}

static int node_home_read(struct key_reader *r,
                          const struct item *item,
                          struct scenario_load *load)
{
    const struct scenario *s = r->scenario;
    uint64_t node;
    const char *what;
    if (quantity_parse_exact(item->text, QUANTITY_COUNT, &node, &what) != 0)
        return key_refuse_unknown(
            r, &item->at, "home", item->text,
            " (no rule, no cluster and no number of a node)", home_rules);
    uint64_t count = s->platform ? SCENARIO_NODES_MAX : s->node_count;
    if (count <= node)
        return key_refuse(
            r, &item->at, "home: there is no node '%s', nodes are 0 to %llu",
            item_shown(item->text).text, (unsigned long long)count - 1);
    for (size_t i = 0; i < s->cluster_count; i++) {
        const struct scenario_cluster *c = &s->clusters[i];
        uint32_t index = (uint32_t)node - c->first;
        if (index < c->node_count && c->node_count - c->later_count <= index)
            return key_refuse(r, &item->at,
                              "home: node %u is one that %s has later, name "
                              "one that is there from the start",
                              (unsigned)node, c->name);
    }
    load->home = (struct scenario_home){HOME_NODE, (node_id)node};
    return 0;
}

int home_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_load *load = object;
    enum home_rule rule;
    uint32_t first, count;
    int error = item_expect(r, item, ITEM_SCALAR, "home");
    if (error)
        return error;
    if (rule_named(item->text, &rule)) {
        load->home = (struct scenario_home){.rule = rule};
        return 0;
    }
    if (!clusters_find(r->scenario, item->text, &first, &count))
        return node_home_read(r, item, load);
    error = cluster_named(r, &item->at, item->text, &load->home_cluster);
    if (error)
        return error;
    load->home.rule = load->kind == LOAD_BATCH ? HOME_ROUND_ROBIN : HOME_RANDOM;
    return 0;
}

void home_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    if (load->home_cluster != UINT32_MAX)
        fputs(p->scenario->clusters[load->home_cluster].name, p->out);
    else if (load->home.rule == HOME_NODE)
        fprintf(p->out, "%u", load->home.node);
    else
        fputs(home_rules[load->home.rule], p->out);
}

int home_rule_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_load *load = object;
    int error = item_expect(r, item, ITEM_SCALAR, "home-rule");
    if (error)
        return error;
    if (load->home_cluster == UINT32_MAX)
        return key_refuse(r, &item->key_at,
                          "home-rule: home is no cluster, write the rule as "
                          "home: %s",
                          item_shown(item->text).text);
    if (!rule_named(item->text, &load->home.rule))
        return key_refuse_unknown(r, &item->at, "home-rule", item->text, "",
                                  home_rules);
    return 0;
}

void home_rule_print(struct key_printer *p, const void *object)
{
    const struct scenario_load *load = object;
    fputs(home_rules[load->home.rule], p->out);
}

bool home_rule_given(const void *object)
{
    const struct scenario_load *load = object;
    return load->home_cluster != UINT32_MAX;
}

int home_check(struct key_reader *r,
               const struct item *item,
               const struct scenario_load *load)
{
    const struct item *home =
        item_find(item, home_rule_given(load) ? "home-rule" : "home");
    if (load->home.rule == HOME_PARTITION && load->kind != LOAD_TRACE)
        return key_refuse(r, &home->at,
                          "%s: only a trace has partitions, use round-robin, "
                          "random or the number of a node",
                          home->key);
    if (load->home.rule == HOME_USER && load->kind == LOAD_BATCH)
        return key_refuse(r, &home->at,
                          "%s: a batch has no users, use round-robin, random "
                          "or the number of a node",
                          home->key);
    return 0;
}
