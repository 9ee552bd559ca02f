/* user.h - what users, or somebody with the right, ask for: moves, recalls,
 * freezing, changed wishes; for one process, or for all of one user's job. What
 * a batch cannot hold is done in the next step, at the same instant.
 *
 * A process is frozen by its user at its home alone, and thawed by nobody else.
 * One that is leaving is frozen if it stays; one that is away is recalled, and
 * frozen when it arrives. Where there is no freeze space the wish is denied and
 * forgotten.
 */
#ifndef ALGORITHMS_NODE_USER_H
#define ALGORITHMS_NODE_USER_H

#include "node_state.h"

void user_move(struct node *node,
               struct batch *batch,
               const struct event *event);
void user_recall(struct node *node,
                 struct batch *batch,
                 const struct event *event);
void user_freeze(struct node *node,
                 struct batch *batch,
                 const struct event *event);
void user_thaw(struct node *node,
               struct batch *batch,
               const struct event *event);
void user_changed(struct node *node,
                  struct batch *batch,
                  const struct event *event);

/* Every track.order that can be done, as far as the batch has room. */
void user_carry_out(struct node *node, struct batch *batch);

/* Fields of a process that its user declares. */
struct declared user_declared(const struct proc_info *proc);
void user_declare(struct proc_info *proc, const struct declared *declared);

#endif /* ALGORITHMS_NODE_USER_H */
