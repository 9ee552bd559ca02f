/* heard.c - see heard.h. */
#include "heard.h"

/* True if a is forgotten rather than b. */
static bool forgets(const struct heard_node *a, const struct heard_node *b)
{
    bool a_receives = a->kind == HEARD_RECEIVER;
    bool b_receives = b->kind == HEARD_RECEIVER;
    return a_receives != b_receives ? a_receives : a->when < b->when;
}

static struct heard_node *make_room(struct heard *heard)
{
    if (heard->count < HEARD_MAX)
        return &heard->nodes[heard->count++];
    struct heard_node *chosen = &heard->nodes[0];
    for (size_t i = 1; i < heard->count; i++)
        if (forgets(&heard->nodes[i], chosen))
            chosen = &heard->nodes[i];
    return chosen;
}

void heard_put(struct heard *heard, node_id node, enum heard_kind kind)
{
    struct heard_node *entry = NULL;
    for (size_t i = 0; i < heard->count && !entry; i++)
        if (heard->nodes[i].node == node)
            entry = &heard->nodes[i];
    if (!entry)
        entry = make_room(heard);
    *entry = (struct heard_node){node, kind, ++heard->last};
}

bool heard_has(const struct heard *heard, node_id node)
{
    for (size_t i = 0; i < heard->count; i++)
        if (heard->nodes[i].node == node)
            return true;
    return false;
}

static bool is_among(node_id node, const node_id *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i] == node)
            return true;
    return false;
}

node_id heard_next(const struct heard *heard,
                   enum heard_kind kind,
                   bool from_head,
                   const node_id *passed,
                   size_t passed_count)
{
    const struct heard_node *found = NULL;
    for (size_t i = 0; i < heard->count; i++) {
        const struct heard_node *node = &heard->nodes[i];
        if (node->kind == kind && !is_among(node->node, passed, passed_count) &&
            (!found || (node->when > found->when) == from_head))
            found = node;
    }
    return found ? found->node : NODE_NONE;
}
