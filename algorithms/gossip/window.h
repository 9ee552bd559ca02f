/* window.h - the young part of the board as messages, for the gossip policies
 * that send it in their own ways. A message is a byte of kind and then words.
 */
#ifndef ALGORITHMS_GOSSIP_WINDOW_H
#define ALGORITHMS_GOSSIP_WINDOW_H

#include "../policy.h"

enum {
    WINDOW_KIND_BYTES = 1,
    WINDOW_MESSAGE_ENTRIES_MAX =
        (POLICY_MESSAGE_BYTES_MAX - WINDOW_KIND_BYTES) / NODE_WORD_WIRE_BYTES,
    WINDOW_MESSAGES_MAX = 32, /* In one go, whatever the board holds. */
    WINDOW_ENTRIES_MAX = WINDOW_MESSAGES_MAX * WINDOW_MESSAGE_ENTRIES_MAX,
};

/* The parameters of a window, for the tables of policies. */
#define WINDOW_PARAM(params)                                               \
    {                                                                      \
        "window_us", offsetof(params, window_us), 0, 600000000, 600000000, \
            "age of the oldest entry that is sent"                         \
    }

/* Send all entries not older than window_us, the youngest first, in as many
 * messages as it takes, but at least one: the node adds its own word to each.
 */
void window_send(const struct policy_ctx *c,
                 node_id target,
                 uint8_t first_kind,
                 uint8_t more_kind,
                 uint64_t window_us);

#endif /* ALGORITHMS_GOSSIP_WINDOW_H */
