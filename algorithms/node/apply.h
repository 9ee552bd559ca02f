/* apply.h - what a handler asked for is done, in order. */
#ifndef ALGORITHMS_NODE_APPLY_H
#define ALGORITHMS_NODE_APPLY_H

#include "node_state.h"
#include "out.h"

void apply_items(struct node *node, struct batch *batch, size_t slot);

/* Somebody with the right asks for a move of procs[index]: the same checks as a
 * policy's; but home, one that the owner froze goes as it is. */
void apply_order(struct node *node,
                 struct batch *batch,
                 size_t index,
                 node_id target);

#endif /* ALGORITHMS_NODE_APPLY_H */
