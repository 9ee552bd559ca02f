/* gossip_window - a bulletin board with age properties.
 *
 * Paper: L. Amar, A. Barak, Z. Drezner, M. Okun, "Randomized Gossip Algorithms
 * for Maintaining a Distributed Bulletin Board with Guaranteed Age Properties",
 * Concurrency and Computation: Practice and Experience 21(15), 2009.
 *
 * Rule:       Each period a node sends a window of its board to one random
 *             node; the receiver keeps the younger word on each node.
 *             A: the window is every entry not older than window_us.
 *             B: it is the `youngest` youngest entries, the own included.
 *             C: targets are drawn among the active nodes of the board; any
 *                node of the map is the target once in any_every periods:
 *                `mindead` of MOSIX2's infod, where any_every is 5; 1 is its
 *                `reg`.
 *
 * From paper: A, B, C. With n nodes, period 1, targets uniform over the map
 *             (any_every 1) and a window of T periods the mean age is about
 *                 T - ln((n - 1 + e^T) / n) + (n - 1) e^(-T),
 *             ln n for a window without limit.
 * Ours:       Phases are random. Inactive is who is GONE, was silent for
 *             inactive_us, or is not on the board. Own word and age 0 are on
 *             every frame. A window that passes one datagram goes in several,
 *             to the same target. Urgent news are not treated apart.
 *
 * Costs:      For each node and period one message of 78 + 64 (w - 1) bytes, w
 *             entries with the own; 78 more for each 18 beyond the first.
 *
 * Example:    The board holds words of age 1, 2, 6 s. With window_us 5 s the
 *             own word and the first two go out; with youngest 2, the own and
 *             the first; with youngest 4, all.
 */
#include "policy.h"

enum {
    MESSAGE_ENTRIES_MAX = POLICY_MESSAGE_BYTES_MAX / NODE_WORD_WIRE_BYTES,
    MESSAGES_MAX = 32, /* In one period, whatever the board holds. */
    WINDOW_ENTRIES_MAX = MESSAGES_MAX * MESSAGE_ENTRIES_MAX,
};

struct params
{
    uint64_t period_us;
    uint64_t window_us;
    uint64_t youngest;
    uint64_t any_every;
    uint64_t inactive_us;
};

struct state
{
    uint64_t round;
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two windows of a node"},
    {"window_us", offsetof(struct params, window_us), 0, 600000000, 5000000,
     "age of the oldest entry that is sent, unless youngest is set"},
    {"youngest", offsetof(struct params, youngest), 0, WINDOW_ENTRIES_MAX, 0,
     "entries that are sent, the own included; 0 to go by window_us"},
    {"any_every", offsetof(struct params, any_every), 1, 1000, 5,
     "periods for each message to any node of the map, active or not"},
    {"inactive_us", offsetof(struct params, inactive_us), 1000, 3600000000,
     30000000, "silence after which a node counts as inactive"},
    {0},
};

/* How many entries of the board, which is sorted by age, were heard of in the
 * last inactive_us. */
static size_t heard_count(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    size_t low = 0;
    size_t high = c->peer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->now_us - c->peer_keys[middle].measured_us <= p->inactive_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_gone(const struct policy_ctx *c, size_t place)
{
    return peer_at(c, place)->word.state == NODE_GONE;
}

/* An active node of the board, each equally likely; NODE_NONE if there is
 * none. */
static node_id pick_active(const struct policy_ctx *c)
{
    size_t heard = heard_count(c);
    size_t gone = 0;
    for (size_t i = 0; !c->peers_present && i < heard; i++)
        gone += is_gone(c, i);
    uint32_t skip = rng_below(c->rng, (uint32_t)(heard - gone));
    for (size_t i = gone > 0 ? 0 : skip; i < heard; i++)
        if (gone == 0 || (!is_gone(c, i) && skip-- == 0))
            return c->peer_keys[i].id;
    return NODE_NONE;
}

/* How many entries of the board, which is sorted by age, are in the window. */
static size_t window_count(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    size_t limit =
        p->youngest > 0 ? (size_t)p->youngest - 1 : WINDOW_ENTRIES_MAX;
    size_t count = 0;
    while (count < c->peer_count && count < limit &&
           (p->youngest > 0 ||
            c->now_us - c->peer_keys[count].measured_us <= p->window_us))
        count++;
    return count;
}

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    uint32_t phase_us = rng_below(c->rng, (uint32_t)p->period_us);
    policy_wake_at(c, c->now_us + phase_us);
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    policy_wake_at(c, c->now_us + p->period_us);
    node_id target =
        s->round++ % p->any_every == 0 ? NODE_NONE : pick_active(c);
    if (target == NODE_NONE)
        target = node_pick(c, SCOPE_ALL);
    if (target == NODE_NONE)
        return;
    /* At least one message: the node adds its own word to it. */
    struct writer w;
    w.count = 0;
    size_t count = window_count(c);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i % MESSAGE_ENTRIES_MAX == 0) {
            policy_send(c, target, &w);
            w.count = 0;
        }
        const struct peer_info *peer = peer_at(c, i);
        put_word(&w, &peer->word, c->now_us - peer->measured_us);
    }
    policy_send(c, target, &w);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    (void)sender;
    policy_learn_all(c, in);
}

const struct policy policy_gossip_window = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_window",
    .summary = "send the young part of the board to one random node",
    .source = "Amar, Barak, Drezner and Okun 2009",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .start = start,
    .wake = wake,
    .receive = receive,
};
