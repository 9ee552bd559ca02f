/* nodes.c - nodes as events and faults name them, and instants. */
#include <math.h>
#include <string.h>

#include "keys.h"

/* The cluster of a node that is there. */
static uint32_t cluster_with(const struct scenario *s, node_id node)
{
    uint32_t cluster = 0;
    while (s->clusters[cluster].first + s->clusters[cluster].node_count <= node)
        cluster++;
    return cluster;
}

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

int node_read(struct key_reader *r,
              const struct item *item,
              const char *name,
              node_id *ret_node)
{
    const struct scenario *s = r->scenario;
    uint64_t node;
    const char *what;
    int error = item_expect(r, item, ITEM_SCALAR, name);
    if (error)
        return error;
    if (s->platform)
        return key_refuse(r, &item->at,
                          "%s: the nodes of a platform are known only when it "
                          "runs, describe them by clusters:",
                          name);
    if (quantity_parse_exact(item->text, QUANTITY_COUNT, &node, &what) != 0)
        return key_refuse(r, &item->at, "%s: '%s' %s", name,
                          item_shown(item->text).text, what);
    if (s->node_count <= node)
        return key_refuse(r, &item->at,
                          "%s: there is no node '%s', nodes are 0 to %u", name,
                          item_shown(item->text).text, s->node_count - 1);
    *ret_node = (node_id)node;
    return 0;
}

static int read_range(struct key_reader *r,
                      const struct item *item,
                      const char *name,
                      struct scenario_nodes *ret_nodes,
                      uint32_t *ret_cluster)
{
    const struct scenario *s = r->scenario;
    struct scenario_nodes nodes = {0};
    if (item->count != 2)
        return key_refuse(r, &item->at,
                          "%s: %zu values, write the first and the last node: "
                          "[from, to]",
                          name, item->count);
    int error = node_read(r, &item->items[0], name, &nodes.first);
    if (!error)
        error = node_read(r, &item->items[1], name, &nodes.last);
    if (error)
        return error;
    if (nodes.last < nodes.first)
        return key_refuse(r, &item->items[1].at,
                          "%s: '%s' is before the first node, swap them", name,
                          item_shown(item->items[1].text).text);
    uint32_t from = cluster_with(s, nodes.first);
    uint32_t to = cluster_with(s, nodes.last);
    if (from != to)
        return key_refuse(
            r, &item->items[1].at,
            "%s: node %u is not of the cluster of node %u, %s, "
            "whose nodes are %u to %u; write an entry for each "
            "cluster",
            name, nodes.last, nodes.first, s->clusters[from].name,
            s->clusters[from].first,
            s->clusters[from].first + s->clusters[from].node_count - 1);
    *ret_nodes = nodes;
    *ret_cluster = from;
    return 0;
}

struct scenario_nodes nodes_of(const struct scenario_cluster *cluster)
{
    return (struct scenario_nodes){cluster->first,
                                   cluster->first + cluster->node_count - 1};
}

int nodes_read(struct key_reader *r,
               const struct item *item,
               const char *name,
               struct scenario_nodes *ret_nodes,
               uint32_t *ret_cluster)
{
    const struct scenario *s = r->scenario;
    node_id node;
    if (item->kind == ITEM_SEQUENCE)
        return read_range(r, item, name, ret_nodes, ret_cluster);
    int error = item_expect(r, item, ITEM_SCALAR, name);
    if (error)
        return error;
    if (is_number(item->text)) {
        error = node_read(r, item, name, &node);
        if (error)
            return error;
        *ret_nodes = (struct scenario_nodes){node, node};
        *ret_cluster = cluster_with(s, node);
        return 0;
    }
    error = cluster_named(r, &item->at, item->text, ret_cluster);
    if (!error)
        *ret_nodes = nodes_of(&s->clusters[*ret_cluster]);
    return error;
}

void nodes_print(struct key_printer *p, const struct scenario_nodes *nodes)
{
    const struct scenario *s = p->scenario;
    const struct scenario_cluster *cluster =
        &s->clusters[cluster_with(s, nodes->first)];
    struct scenario_nodes all = nodes_of(cluster);
    if (all.first == nodes->first && all.last == nodes->last)
        fputs(cluster->name, p->out);
    else if (nodes->first == nodes->last)
        fprintf(p->out, "%u", nodes->first);
    else
        fprintf(p->out, "[%u, %u]", nodes->first, nodes->last);
}

int instant_check(struct key_reader *r, const struct item *at, uint64_t at_us)
{
    double until_s = r->scenario->until_s;
    char text[QUANTITY_TEXT_BYTES];
    if ((double)at_us * 1e-6 <= until_s)
        return 0;
    quantity_print(QUANTITY_DURATION, until_s, text);
    return key_refuse(r, &at->at,
                      "at: '%s' is after until, %s, so it never happens; "
                      "give an earlier instant or a later until",
                      item_shown(at->text).text, text);
}
