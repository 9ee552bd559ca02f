/* gossip_swim - ping one node a period, suspect who is silent, tell by the way.
 *
 * Paper: A. Das, I. Gupta, A. Motivala, "SWIM: Scalable Weakly-consistent
 * Infection-style Process Group Membership Protocol", DSN 2002.
 *
 * Rule:       Each period T a node pings one node drawn at random. Without an
 *             answer in timeout_us, `relays` random nodes are asked to ping it;
 *             without one by the end of the period it is suspected, and after
 *                 S = suspicion x ceil(log10(n + 1)) x T
 *             more it is dead. What is news goes on
 *                 retransmit x ceil(log10(n + 1))
 *             messages, the least told first. A node that hears itself
 *             suspected raises its incarnation and says that it lives
 *             (gossip/members.h: which news beats which).
 *
 * From paper: All of this, and in_turn: nodes are pinged in a random order, so
 *             that each is within 2 n - 1 periods. Without it, of nodes whose
 *             periods begin together, a dead one is first pinged in period
 *                 1 / (1 - (1 - 1/(n - 1))^(n - 1)) -> e / (e - 1) = 1.58
 *             on average, whatever n; a node is news to all after about ln n
 *             periods. Both factors and the logarithm are memberlist's.
 * Ours:       The map says who is a member; dead is who the board says is GONE.
 *             The dead are pinged too, without relays, so that who returns is
 *             found: his first answer raises his incarnation, which beats dead.
 *             Who is suspected or dead is told so first of all. An order is a
 *             walk of the map by a random step. `words` young words of the
 *             board are on every message: to balance load more is needed than
 *             who lives. Answers to relayed pings find their way back by what
 *             is in them.
 *
 * Costs:      A ping and an answer: 2 messages of 96 + 64 w bytes, w words, for
 *             each node and period; 1,216 bytes a second with the defaults.
 *             9 bytes more for each piece of news.
 *
 * Example:    Nodes 1, 2, 3; 2 dies. 1 pings it at 10 s, asks 3 to at 10.5 s,
 *             suspects it at 11 s, and holds it for dead at 11 + 4 x 1 x 1 =
 *             15 s.
 */
#include "gossip/members.h"
#include "ring/ring.h"

enum {
    MESSAGE_PING = 1,
    MESSAGE_ASK = 2, /* Ping the subject for me. */
    MESSAGE_ANSWER = 3,
    HEAD_BYTES = 17,
    RELAYS_MAX = 8,
    WORDS_MAX = (POLICY_MESSAGE_BYTES_MAX - HEAD_BYTES - 1 -
                 UPDATES_MAX * UPDATE_WIRE_BYTES) /
                NODE_WORD_WIRE_BYTES,
};

struct params
{
    uint64_t period_us;
    uint64_t timeout_us;
    uint64_t relays;
    uint64_t suspicion;
    uint64_t retransmit;
    uint64_t words;
    uint64_t in_turn;
    uint64_t in_step;
};

/* All nodes of the map once, by steps that have no factor in common with their
 * count. */
struct walk
{
    uint64_t count;
    uint64_t place;
    uint64_t step;
    uint64_t left;
};

struct state
{
    struct members members; /* Of this node itself: what it told last. */
    struct walk walk;
    usec_t pinged_us;
    usec_t end_us; /* Of this period. */
    uint32_t incarnation;
    uint32_t number; /* Of this ping. */
    node_id subject; /* NODE_NONE: nobody was pinged. */
    bool answered;
    bool relayed;
};

/* What is before the updates. */
struct head
{
    uint8_t kind;
    node_id asker; /* Whom the answer is for. */
    uint32_t number;
    node_id subject;
    uint32_t incarnation; /* Of the sender. */
};

static const struct policy_param params[] = {
    {"period_us", offsetof(struct params, period_us), 1000, 60000000, 1000000,
     "between two pings of a node"},
    {"timeout_us", offsetof(struct params, timeout_us), 100, 30000000, 500000,
     "silence after which others are asked to ping"},
    {"relays", offsetof(struct params, relays), 0, RELAYS_MAX, 3,
     "nodes that are asked"},
    {"suspicion", offsetof(struct params, suspicion), 0, 100, 4,
     "periods of suspicion for each decimal digit of n; 0 for none"},
    {"retransmit", offsetof(struct params, retransmit), 1, 100, 4,
     "messages that carry a piece of news, for each digit of n"},
    {"words", offsetof(struct params, words), 0, WORDS_MAX, 8,
     "of the board on each message, the youngest"},
    {"in_turn", offsetof(struct params, in_turn), 0, 1, 0,
     "1 to ping all nodes before one is pinged again"},
    {"in_step", offsetof(struct params, in_step), 0, 1, 0,
     "1 for periods that begin when the node does, not at random"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    return p->timeout_us < p->period_us ? NULL
                                        : "timeout_us must be below period_us";
}

/* ceil(log10(n + 1)): the digits of n. */
static uint32_t digit_count(const struct policy_ctx *c)
{
    uint32_t count = 1;
    for (uint64_t n = ring_count(c, true); n >= 10; n /= 10)
        count++;
    return count;
}

/* ---- Messages. ----------------------------------------------------------- */

/* Of the dead the updates tell; of the target its own frames. */
static void put_words(const struct policy_ctx *c,
                      struct writer *w,
                      node_id target)
{
    const struct params *p = c->params;
    uint64_t count = 0;
    for (size_t i = 0; i < c->peer_count && count < p->words; i++) {
        const struct peer_info *peer = peer_at(c, i);
        if (peer->word.state == NODE_GONE || peer->word.id == target)
            continue;
        put_word(w, &peer->word, c->now_us - peer->measured_us);
        count++;
    }
}

static void send(const struct policy_ctx *c, node_id target, struct head head)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    struct writer w = {.count = 0};
    put_u8(&w, head.kind);
    put_u32(&w, head.asker);
    put_u32(&w, head.number);
    put_u32(&w, head.subject);
    put_u32(&w, s->incarnation);
    members_put(&s->members, &w, (uint32_t)p->retransmit * digit_count(c),
                target);
    put_words(c, &w, target);
    policy_send(c, target, &w);
}

static struct head get_head(struct reader *in)
{
    struct head head;
    head.kind = get_u8(in);
    head.asker = get_u32(in);
    head.number = get_u32(in);
    head.subject = get_u32(in);
    head.incarnation = get_u32(in);
    return head;
}

static struct head own_head(const struct policy_ctx *c, uint8_t kind)
{
    const struct state *s = c->state;
    return (struct head){.kind = kind,
                         .asker = c->self->id,
                         .number = s->number,
                         .subject = s->subject};
}

/* ---- News. --------------------------------------------------------------- */

static void bury(const struct policy_ctx *c, node_id node)
{
    const struct peer_info *peer = peer_find(c, node);
    if (!peer || peer->word.state == NODE_GONE)
        return;
    struct node_word word = peer->word;
    word.state = NODE_GONE;
    policy_learn(c, &word, 0);
}

/* It is said that this node does not live. */
static void refute(const struct policy_ctx *c, uint32_t incarnation)
{
    struct state *s = c->state;
    if (incarnation < s->incarnation || incarnation == UINT32_MAX)
        return;
    s->incarnation = incarnation + 1;
    members_apply(&s->members,
                  (struct update){c->self->id, s->incarnation, MEMBER_ALIVE});
}

static void hear(const struct policy_ctx *c, struct update update)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    if (update.node == c->self->id) {
        if (update.kind != MEMBER_ALIVE)
            refute(c, update.incarnation);
        return;
    }
    struct member *news = members_apply(&s->members, update);
    if (news && update.kind == MEMBER_SUSPECT)
        news->until_us =
            c->now_us + p->suspicion * digit_count(c) * p->period_us;
    if (news && update.kind == MEMBER_DEAD)
        bury(c, update.node);
}

static void give_up_suspects(const struct policy_ctx *c)
{
    struct state *s = c->state;
    for (uint32_t i = 0; i < s->members.count; i++) {
        struct update update = s->members.all[i].last;
        if (update.kind != MEMBER_SUSPECT ||
            c->now_us < s->members.all[i].until_us)
            continue;
        update.kind = MEMBER_DEAD;
        hear(c, update);
    }
}

/* ---- Periods. ------------------------------------------------------------ */

static uint64_t common_factor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void begin_walk(const struct policy_ctx *c, struct walk *walk)
{
    walk->count = walk->left = ring_count(c, true);
    walk->place = rng_below(c->rng, (uint32_t)walk->count);
    walk->step = 1 + rng_below(c->rng, (uint32_t)walk->count - 1);
    while (common_factor(walk->step, walk->count) > 1)
        walk->step++;
}

static node_id next_in_turn(const struct policy_ctx *c)
{
    struct state *s = c->state;
    struct walk *walk = &s->walk;
    node_id node = c->self->id;
    if (ring_count(c, true) < 2)
        return NODE_NONE;
    while (node == c->self->id) {
        if (walk->left == 0 || walk->count != ring_count(c, true))
            begin_walk(c, walk);
        walk->place = (walk->place + walk->step) % walk->count;
        walk->left--;
        node = ring_node(c, walk->place, NULL);
    }
    return node;
}

static void end_period(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    const struct state *s = c->state;
    if (s->subject == NODE_NONE || s->answered)
        return;
    const struct member *member = members_find(&s->members, s->subject);
    hear(c, (struct update){s->subject, member ? member->last.incarnation : 0,
                            p->suspicion > 0 ? MEMBER_SUSPECT : MEMBER_DEAD});
}

static void begin_period(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->end_us += p->period_us;
    if (s->end_us <= c->now_us)
        s->end_us = c->now_us + p->period_us;
    s->pinged_us = c->now_us;
    s->number++;
    s->answered = s->relayed = false;
    s->subject = p->in_turn == 1 ? next_in_turn(c) : node_pick(c, SCOPE_ALL);
    if (s->subject != NODE_NONE)
        send(c, s->subject, own_head(c, MESSAGE_PING));
}

/* The subject is silent: perhaps it is only the way there. */
static void ask_others(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    const struct member *member = members_find(&s->members, s->subject);
    s->relayed = true;
    if (member && member->last.kind == MEMBER_DEAD)
        return;
    for (uint64_t i = 0; i < p->relays; i++) {
        node_id relay = node_pick(c, SCOPE_ALL);
        if (relay != NODE_NONE && relay != s->subject)
            send(c, relay, own_head(c, MESSAGE_ASK));
    }
}

static bool awaits(const struct state *s)
{
    return s->subject != NODE_NONE && !s->answered && !s->relayed;
}

static void set_alarm(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    const struct state *s = c->state;
    usec_t first_us = s->end_us;
    if (awaits(s) && s->pinged_us + p->timeout_us < first_us)
        first_us = s->pinged_us + p->timeout_us;
    for (uint32_t i = 0; i < s->members.count; i++)
        if (s->members.all[i].last.kind == MEMBER_SUSPECT &&
            s->members.all[i].until_us < first_us)
            first_us = s->members.all[i].until_us;
    policy_wake_at(c, first_us > c->now_us ? first_us : c->now_us + 1);
}

/* ---- Handlers. ----------------------------------------------------------- */

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->subject = NODE_NONE;
    s->end_us =
        c->now_us +
        (p->in_step == 1 ? 0 : 1 + rng_below(c->rng, (uint32_t)p->period_us));
    policy_wake_at(c, s->end_us);
}

static void wake(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    give_up_suspects(c);
    if (s->end_us <= c->now_us) {
        end_period(c);
        begin_period(c);
    } else if (awaits(s) && s->pinged_us + p->timeout_us <= c->now_us) {
        ask_others(c);
    }
    set_alarm(c);
}

static void answered(const struct policy_ctx *c,
                     node_id sender,
                     struct head head)
{
    struct state *s = c->state;
    if (head.asker != c->self->id) {
        if (head.asker != sender && cluster_of(c, head.asker))
            send(c, head.asker, head);
    } else if (head.subject == s->subject && head.number == s->number) {
        s->answered = true;
    }
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    struct update updates[UPDATES_MAX];
    struct head head = get_head(in);
    size_t count = members_get(in, updates);
    if (in->bad || !policy_learn_all(c, in))
        return;
    hear(c, (struct update){sender, head.incarnation, MEMBER_ALIVE});
    for (size_t i = 0; i < count; i++)
        if (cluster_of(c, updates[i].node))
            hear(c, updates[i]);
    if (head.kind == MESSAGE_ANSWER) {
        answered(c, sender, head);
    } else if (head.subject == c->self->id) {
        head.kind = MESSAGE_ANSWER;
        send(c, sender, head);
    } else if (head.kind == MESSAGE_ASK && head.subject != sender &&
               cluster_of(c, head.subject)) {
        head.kind = MESSAGE_PING;
        send(c, head.subject, head);
    }
}

const struct policy policy_gossip_swim = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "gossip_swim",
    .summary = "ping one node a period, suspect who is silent",
    .source = "Das, Gupta and Motivala 2002",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .start = start,
    .wake = wake,
    .receive = receive,
};
