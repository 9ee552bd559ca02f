/* handlers.h - calling the policies, and doing what they ask. */
#ifndef ALGORITHMS_NODE_HANDLERS_H
#define ALGORITHMS_NODE_HANDLERS_H

#include "node_state.h"
#include "out.h"

enum plain_handler { HANDLER_START, HANDLER_SAMPLED, HANDLER_CHANGED };

/* What a handler of that slot is given; the scratch is cleared for it. */
struct policy_ctx handlers_context(const struct node *node,
                                   struct policy_out *out,
                                   size_t slot);

/* Every policy that has it, in order, its actions applied before the next. */
void handlers_call(struct node *node,
                   struct batch *batch,
                   enum plain_handler handler);

/* The policies whose alarm is due, as far as the batch has room. */
void handlers_wake(struct node *node, struct batch *batch);

/* A message for the policy with that hash and version, if it runs here. */
void handlers_receive(struct node *node,
                      struct batch *batch,
                      node_id sender,
                      struct reader *body);

/* Ask for its place, from the policy of that slot on; else it starts here. */
void handlers_place(struct node *node,
                    struct batch *batch,
                    proc_id proc,
                    size_t slot);

/* NULL if every policy lets it come. */
const char *handlers_admit(struct node *node,
                           struct batch *batch,
                           node_id sender,
                           const struct proc_info *proc);

/* Do what follows from what was done, until nothing does; mostly nothing
 * follows at all. */
void handlers_settle_notices(struct node *node, struct batch *batch);
static inline void handlers_settle(struct node *node, struct batch *batch)
{
    if (batch->out->notice_first < batch->out->notice_count)
        handlers_settle_notices(node, batch);
}

/* What an action would break: what obstacle() says, but not of memory at home,
 * nor of what only a board knows. NULL if it is allowed. ordered: by somebody
 * with the right, not by a policy. */
const char *handlers_forbid(const struct node *node,
                            struct policy_out *out,
                            const struct proc_info *proc,
                            node_id target,
                            bool ordered);

#endif /* ALGORITHMS_NODE_HANDLERS_H */
