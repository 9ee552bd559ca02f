/* flood.h - how fast evacuees may arrive.
 *
 * An evacuee is a process that comes because it was recalled or had to leave
 * where it was; a balancing move is none. A bucket holds flood_burst tokens and
 * fills up at flood_per_s_milli; each evacuee takes one, at home when it
 * arrives, elsewhere when its offer is accepted. If there is none, a node that
 * is not its home refuses its offer; at home, which turns nothing away, it
 * arrives frozen, if freeze space suffices, and runs otherwise. That freezing
 * counts as a policy's: a freeze_ policy may thaw it by its own marks. If none
 * of the list is for it, the core thaws in the order of arrival, a token each.
 * A policy whose parameter class_number names another class is not for it.
 */
#ifndef ALGORITHMS_NODE_FLOOD_H
#define ALGORITHMS_NODE_FLOOD_H

#include "node_state.h"

/* A full bucket. */
void flood_fill(struct node *node);

/* True if one more may arrive now; flood_take_token() takes its token. */
bool flood_has_token(const struct node *node);
void flood_take_token(struct node *node);

/* Instant of the next thaw by the core; USEC_NEVER. */
usec_t flood_timer(const struct node *node);

/* Thaw those that the core has to, as there are tokens. */
void flood_thaw(struct node *node, struct batch *batch);

#endif /* ALGORITHMS_NODE_FLOOD_H */
