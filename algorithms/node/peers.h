/* peers.h - the board: what this node believes of others. Youngest first,
 * bounded, one entry for each node; the youngest word wins. */
#ifndef ALGORITHMS_NODE_PEERS_H
#define ALGORITHMS_NODE_PEERS_H

#include "node_state.h"
#include "out.h"

/* An empty board. */
void peers_init(struct node *node);

/* The board of old, into one that is empty and not smaller. */
void peers_copy(struct node *node, const struct node *old);

/* NULL if it is not on the board. */
struct peer_info *peers_find(const struct node *node, node_id id);

/* Enter the word of one node. */
void peers_hear(struct node *node,
                const struct node_word *word,
                usec_t measured_us);

/* The same for many words, at most LEARNS_MAX, in one pass. */
void peers_learn(struct node *node,
                 const struct learned *learned,
                 size_t count);

/* Before an entry gets this word: what policies may know of all of them. */
static inline void peers_note(struct node *node, const struct node_word *word)
{
    if (word->speed_milli > node->peer_speed_max_milli)
        node->peer_speed_max_milli = word->speed_milli;
    node->peer_gone |= word->state == NODE_GONE;
}

/* Entries older than board_age_us leave; so do nodes that left the map. */
void peers_drop_old(struct node *node);
void peers_drop_strangers(struct node *node);

/* The ledger of what was sent there. began_us is the instant of the reservation
 * that is given back; refused: it said no, or nothing. */
void peers_reserve(struct node *node, node_id target, uint64_t mem_bytes);
void peers_release(struct node *node,
                   node_id target,
                   uint64_t mem_bytes,
                   usec_t began_us,
                   bool refused);

#endif /* ALGORITHMS_NODE_PEERS_H */
