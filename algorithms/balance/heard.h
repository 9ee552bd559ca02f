/* heard.h - three lists of other nodes, by what they last said they are, the
 * one heard of last at the head: what balance_symmetric remembers.
 *
 * It holds HEARD_MAX nodes. Who is not in it counts as a receiver, so when it
 * is full the receiver heard of longest ago makes room; without one, whoever
 * was heard of longest ago.
 */
#ifndef ALGORITHMS_BALANCE_HEARD_H
#define ALGORITHMS_BALANCE_HEARD_H

#include "../policy.h"

enum { HEARD_MAX = 64 };

enum heard_kind { HEARD_RECEIVER, HEARD_OK, HEARD_SENDER, HEARD_KINDS };

struct heard_node
{
    node_id node;
    uint32_t kind; /* enum heard_kind */
    uint64_t when; /* The larger, the nearer to the head. */
};

struct heard
{
    struct heard_node nodes[HEARD_MAX];
    size_t count;
    uint64_t last; /* The largest when. */
};

/* To the head of that list, out of the others. */
void heard_put(struct heard *heard, node_id node, enum heard_kind kind);

bool heard_has(const struct heard *heard, node_id node);

/* The next of that list from its head or tail that is none of `passed`;
 * NODE_NONE at its end. */
node_id heard_next(const struct heard *heard,
                   enum heard_kind kind,
                   bool from_head,
                   const node_id *passed,
                   size_t passed_count);

#endif /* ALGORITHMS_BALANCE_HEARD_H */
