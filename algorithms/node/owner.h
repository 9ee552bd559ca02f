/* owner.h - what an owner said of this node and of its cluster: deadlines and
 * what happens then, a group the node is kept for. Who comes in and who must
 * leave by it is decided in membership.c; here it is carried out.
 *
 * A deadline is for the guests that must leave by the word that set it: that of
 * STATE for those of a node that drains or is kept for others, that of the own
 * cluster's record for those from other clusters while it is isolated. It
 * begins when the word is heard; the next word replaces it. When it is over,
 *
 *   THEN_WAIT    nothing happens: they leave when there is a place.
 *   THEN_FREEZE  those that run are frozen, in the order in which they came,
 *                each that fits into what freeze space is left; the rest goes
 *                on. A frozen one is thawed here when it need no longer leave
 *                by that word. Until then only its home, or the core, moves it:
 *                it is carried frozen, and runs where it arrives.
 *   THEN_KILL    they are ended.
 *
 * One that is leaving at that instant is left alone: if the move fails, what
 * should have happened happens then.
 */
#ifndef ALGORITHMS_NODE_OWNER_H
#define ALGORITHMS_NODE_OWNER_H

#include "node_state.h"

/* Of EVENT_STATE: then, within_us, reservation. */
void owner_set_state(struct node *node, const struct event *event);

/* Of EVENT_START and EVENT_MAP: is the own cluster isolated, and what says its
 * record? The map is set already. */
void owner_set_map(struct node *node, const struct event *event);

/* Flags of the owner that follow his reservation (enum node_flag). */
uint8_t owner_flags(const struct node *node);

/* True unless the node is kept for others than that process. */
bool owner_lets(const struct node *node, const struct proc_info *proc);

/* True if processes of this cluster want all cores and come first. */
bool owner_wants_all(const struct node *node);

/* The end of each step: mark anew who must leave, if asked for, and do what is
 * due, as far as the batch has room. */
void owner_finish(struct node *node, struct batch *batch);

/* Instant of the next deadline; USEC_NEVER if there is none. */
usec_t owner_timer(const struct node *node);

/* Freeze procs[index], which runs and fits into freeze space; or thaw it. */
void owner_freeze(struct node *node,
                  struct batch *batch,
                  size_t index,
                  enum freeze_by by,
                  const char *why);
void owner_thaw(struct node *node,
                struct batch *batch,
                size_t index,
                const char *why);

#endif /* ALGORITHMS_NODE_OWNER_H */
