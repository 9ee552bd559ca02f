/* window.c - see window.h. */
#include "window.h"

void window_send(const struct policy_ctx *c,
                 node_id target,
                 uint8_t first_kind,
                 uint8_t more_kind,
                 uint64_t window_us)
{
    struct writer w = {.count = 0};
    put_u8(&w, first_kind);
    for (size_t i = 0; i < c->peer_count && i < WINDOW_ENTRIES_MAX; i++) {
        const struct peer_info *peer = peer_at(c, i);
        if (c->now_us - peer->measured_us > window_us)
            break;
        if (i > 0 && i % WINDOW_MESSAGE_ENTRIES_MAX == 0) {
            policy_send(c, target, &w);
            w.count = 0;
            put_u8(&w, more_kind);
        }
        put_word(&w, &peer->word, c->now_us - peer->measured_us);
    }
    policy_send(c, target, &w);
}
