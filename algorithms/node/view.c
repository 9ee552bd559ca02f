/* view.c - what a host may look at. */
#include "node.h"

#include <assert.h>

#include "node_state.h"
#include "peers.h"

static void fetch(const void *memory, size_t bytes)
{
    enum { LINE_BYTES = 64 };
    for (size_t i = 0; i < bytes; i += LINE_BYTES)
        __builtin_prefetch((const char *)memory + i);
}

void node_fetch(const struct node *node, const struct node *near)
{
    enum { STATES_BYTES_MAX = 1024 };
    size_t states = near->slots[0].state_offset;
    size_t bytes = near->procs_offset - states;
    fetch(node, offsetof(struct node, slots) +
                    near->config.policy_count * sizeof(struct slot));
    fetch(state_at(node, states),
          bytes < STATES_BYTES_MAX ? bytes : STATES_BYTES_MAX);
    fetch(state_at(node, near->board_keys_offset),
          near->board_count * sizeof(struct peer_key));
}

void node_fetch_core(const struct node *node)
{
    fetch(node, offsetof(struct node, board_count));
}

const struct node_info *node_self(const struct node *node)
{
    return &node->self;
}

size_t node_peer_count(const struct node *node)
{
    return node->board_count;
}

const struct peer_info *node_peer(const struct node *node, size_t place)
{
    assert(place < node->board_count);
    return state_peer(node, place);
}

const struct proc_info *node_procs(const struct node *node, size_t *ret_count)
{
    *ret_count = node->proc_count;
    return state_procs(node);
}

const struct away *node_away(const struct node *node, size_t *ret_count)
{
    *ret_count = node->away_count;
    return state_away(node);
}

void node_believe(struct node *node,
                  const struct node_info *info,
                  usec_t now_us)
{
    struct peer_info *peer = peers_find(node, info->id);
    struct node_word word = node_word_of(info);
    if (peer && peer->measured_us == now_us) {
        peers_note(node, &word);
        peer->word = word; /* Of one instant the last word counts. */
        return;
    }
    peers_hear(node, &word, now_us);
}

const void *node_policy_state(const struct node *node,
                              size_t place,
                              size_t *ret_bytes)
{
    assert(place < node->config.policy_count);
    *ret_bytes = node->slots[place].state_bytes;
    return state_at(node, node->slots[place].state_offset);
}
