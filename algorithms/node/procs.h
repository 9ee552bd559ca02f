/* procs.h - the processes here, by ascending id, and what they add up to. All
 * that changes the state or the number of processes goes through here. */
#ifndef ALGORITHMS_NODE_PROCS_H
#define ALGORITHMS_NODE_PROCS_H

#include "node_state.h"

enum { PROC_ABSENT = -1 };

/* Index of the process, or PROC_ABSENT. */
ptrdiff_t procs_find(const struct node *node, proc_id proc);

/* Enter it with an empty track; returns its index. There must be room. */
size_t procs_insert(struct node *node, const struct proc_info *proc);

/* The same in two steps, for who writes state_procs(node)[result] in place: the
 * one makes the gap, the other counts what is in it. Nothing comes between. */
size_t procs_open(struct node *node, proc_id proc);
void procs_enter(struct node *node, size_t index);
void procs_remove(struct node *node, size_t index);
void procs_set_state(struct node *node, size_t index, enum proc_state state);

/* Who froze it; flooded: it was flood control. */
void procs_set_frozen_by(struct node *node,
                         size_t index,
                         enum freeze_by by,
                         bool flooded);

/* The sample is over: merge the measured fields, and count anew. */
void procs_sample(struct node *node,
                  const struct proc_info *procs,
                  size_t count);

bool procs_is_guest(const struct node *node, const struct proc_info *proc);
bool procs_is_grid_guest(const struct node *node, const struct proc_info *proc);

/* Compute self from sample, sums and the owner's word. */
void self_refresh(struct node *node);

#endif /* ALGORITHMS_NODE_PROCS_H */
