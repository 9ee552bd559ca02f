/* balance_symmetric - who has too much and who has too little look for each
 * other, and remember what they heard.
 *
 * Papers: N. G. Shivaratri, P. Krueger, "Two Adaptive Location Policies for
 * Global Scheduling Algorithms", ICDCS 1990; N. G. Shivaratri, P. Krueger, M.
 * Singhal, "Load Distributing for Locally Distributed Systems", IEEE Computer
 * 25(12), 1992: the stable symmetrically initiated algorithm.
 *
 * Rule:       With n processes a node is a sender if n > upper, a receiver if
 *             n < lower, else OK. It keeps a list of each kind, in which all
 *             others are receivers at first. Who is heard of goes to the head
 *             of the list that fits.
 *               A sender, when a process starts, asks receivers, from the head,
 *             up to Lp; the first that is still one gets the process.
 *               A receiver asks up to Lp: the senders from the head, then the
 *             OK from the tail, then the receivers from the tail. The first
 *             that is a sender sends it a process, which moves while it runs.
 *
 * From paper: All of this. Under high load the lists of receivers are empty, so
 *             senders ask nobody: that makes it stable. lower = upper = 1 is
 *             usual in comparisons.
 * Ours:       The paper looks for senders when a process ends; a policy hears
 *             nothing then, so it looks every look_us, and after a search in
 *             vain twice as long as before, up to look_max_us. Marks are for
 *             each core. A new process runs while it is asked for. Of others
 *             HEARD_MAX are remembered; the rest are receivers in random order,
 *             as all are at first. Who is silent for timeout_us, or may not be
 *             asked, is OK then. The oldest process moves, as it will use the
 *             most more (Harchol-Balter and Downey 1997).
 *
 * Example:    A has no process, B 1, C 3; lower = upper = 1, Lp = 3. A asks B
 *             (OK), then C, a sender: C sends one. B and C have learned
 * that A was a receiver. A second process starts at B: it asks A first, which
 * is OK by now, then C, a sender: nobody. It stays.
 */
#include "balance/heard.h"
#include "balance/moving.h"

enum { PROBES_MAX = 16, DRAWS_MAX = 8 };

enum {
    MESSAGE_HAVE = 1,   /* I have one too many: are you a receiver? */
    MESSAGE_WANT = 2,   /* I am a receiver: send me one. */
    MESSAGE_ANSWER = 3, /* u8 enum heard_kind: what I am now. */
    MESSAGE_SENT = 4,   /* The same; and one is on its way to you. */
};

struct params
{
    uint64_t lower;
    uint64_t upper;
    uint64_t probe_limit;
    uint64_t look_us;
    uint64_t look_max_us;
    uint64_t timeout_us;
};

/* One at a time: of a sender for `proc`, of a receiver if that is 0. */
struct search
{
    usec_t until_us; /* 0 if there is none. */
    proc_id proc;
    uint32_t probe_count;
    node_id probed[PROBES_MAX];
};

struct state
{
    struct heard heard;
    struct search search;
    usec_t look_at_us; /* When a receiver looks next. */
    usec_t pause_us;
};

static const struct policy_param params[] = {
    {"lower", offsetof(struct params, lower), 1, 1000, 1,
     "processes for each core; with fewer, a node is a receiver"},
    {"upper", offsetof(struct params, upper), 1, 1000, 1,
     "the same; with more, it is a sender"},
    {"probe_limit", offsetof(struct params, probe_limit), 1, PROBES_MAX, 3,
     "Lp: the most nodes that are asked in a row"},
    {"look_us", offsetof(struct params, look_us), 1000, 60000000, 200000,
     "between two looks at its own processes, the first time"},
    {"look_max_us", offsetof(struct params, look_max_us), 1000, 60000000,
     2000000, "to which that is doubled while nobody has anything"},
    {"timeout_us", offsetof(struct params, timeout_us), 1000, 60000000, 200000,
     "silence after which a node that was asked counts as OK"},
    {0},
};

static const char *check(const void *values)
{
    const struct params *p = values;
    if (p->lower > p->upper)
        return "lower must not pass upper";
    return p->look_us <= p->look_max_us ? NULL
                                        : "look_us must not pass look_max_us";
}

static enum heard_kind own_kind(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    size_t count = moving_process_count(c);
    if (count > p->upper * c->self->core_count)
        return HEARD_SENDER;
    return count < p->lower * c->self->core_count ? HEARD_RECEIVER : HEARD_OK;
}

/* ---- Whom to ask. -------------------------------------------------------- */

static bool was_probed(const struct search *search, node_id node)
{
    for (size_t i = 0; i < search->probe_count; i++)
        if (search->probed[i] == node)
            return true;
    return false;
}

static node_id next_of(const struct state *s,
                       enum heard_kind kind,
                       bool from_head)
{
    return heard_next(&s->heard, kind, from_head, s->search.probed,
                      s->search.probe_count);
}

/* One of those that are in no list; NODE_NONE if some draws find none. */
static node_id next_unheard(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    for (int i = 0; i < DRAWS_MAX; i++) {
        node_id node = node_pick(c, SCOPE_ALL);
        if (node != NODE_NONE && !heard_has(&s->heard, node) &&
            !was_probed(&s->search, node))
            return node;
    }
    return NODE_NONE;
}

/* At the tail of the receivers are those that were never heard of. */
static node_id next_to_ask(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    node_id node;
    if (s->search.proc != 0) {
        node = next_of(s, HEARD_RECEIVER, true);
        return node != NODE_NONE ? node : next_unheard(c);
    }
    node = next_of(s, HEARD_SENDER, true);
    if (node == NODE_NONE)
        node = next_of(s, HEARD_OK, false);
    if (node == NODE_NONE)
        node = next_unheard(c);
    return node != NODE_NONE ? node : next_of(s, HEARD_RECEIVER, false);
}

/* ---- Searches. ----------------------------------------------------------- */

static bool still_searches(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    const struct search *search = &((const struct state *)c->state)->search;
    if (search->probe_count >= p->probe_limit)
        return false;
    return search->proc != 0
               ? own_kind(c) == HEARD_SENDER && proc_find(c, search->proc)
               : own_kind(c) == HEARD_RECEIVER && c->self->state == NODE_UP;
}

static bool may_ask(const struct policy_ctx *c, node_id node)
{
    const struct state *s = c->state;
    if (s->search.proc == 0)
        return moving_may_come_from(c, node);
    const struct cluster_info *cluster = cluster_of(c, node);
    if (!cluster || cluster == &c->clusters[0])
        return cluster;
    const struct proc_info *proc = proc_find(c, s->search.proc);
    return cluster->send && proc && proc->class_number != 0;
}

static void set_alarm(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    usec_t due_us =
        s->search.until_us != 0 ? s->search.until_us : s->look_at_us;
    policy_wake_at(c, due_us > c->now_us ? due_us : c->now_us + 1);
}

static void end_search(const struct policy_ctx *c, bool found)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    if (s->search.proc == 0) {
        s->pause_us = found || s->search.probe_count == 0 ? p->look_us
                      : 2 * s->pause_us < p->look_max_us  ? 2 * s->pause_us
                                                          : p->look_max_us;
        s->look_at_us = c->now_us + s->pause_us;
    }
    s->search = (struct search){0};
}

/* Ask the next node, or give up. */
static void probe(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    struct search *search = &s->search;
    search->until_us = 0;
    while (search->until_us == 0 && still_searches(c)) {
        node_id node = next_to_ask(c);
        if (node == NODE_NONE)
            break;
        search->probed[search->probe_count++] = node;
        if (!may_ask(c, node)) {
            heard_put(&s->heard, node, HEARD_OK);
            continue;
        }
        struct writer w = {.count = 0};
        put_u8(&w, search->proc != 0 ? MESSAGE_HAVE : MESSAGE_WANT);
        policy_send(c, node, &w);
        search->until_us = c->now_us + p->timeout_us;
    }
    if (search->until_us == 0)
        end_search(c, false);
    set_alarm(c);
}

static node_id last_probed(const struct search *search)
{
    return search->probe_count > 0 ? search->probed[search->probe_count - 1]
                                   : NODE_NONE;
}

/* ---- Handlers. ----------------------------------------------------------- */

static void start(const struct policy_ctx *c)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->pause_us = p->look_us;
    s->look_at_us = c->now_us + 1 + rng_below(c->rng, (uint32_t)p->look_us);
    set_alarm(c);
}

static void wake(const struct policy_ctx *c)
{
    struct state *s = c->state;
    if (s->search.until_us != 0 && c->now_us < s->search.until_us) {
        set_alarm(c);
        return;
    }
    if (s->search.until_us != 0)
        heard_put(&s->heard, last_probed(&s->search), HEARD_OK);
    probe(c);
}

static enum heard_kind kind_of_count(const struct policy_ctx *c, size_t count)
{
    const struct params *p = c->params;
    return count > p->upper * c->self->core_count ? HEARD_SENDER : HEARD_OK;
}

/* A receiver asks. */
static void wanted(const struct policy_ctx *c, node_id sender)
{
    const struct peer_info *peer = peer_find(c, sender);
    size_t count = moving_process_count(c);
    enum heard_kind kind = own_kind(c);
    const struct proc_info *proc =
        peer && kind == HEARD_SENDER ? moving_oldest(c, peer) : NULL;
    struct writer w = {.count = 0};
    put_u8(&w, proc ? MESSAGE_SENT : MESSAGE_ANSWER);
    put_u8(&w, (uint8_t)(proc ? kind_of_count(c, count - 1) : kind));
    policy_send(c, sender, &w);
    if (proc)
        policy_move(c, proc->id, sender, "it asked, %zu are here", count);
}

/* The one that was asked says what it is. */
static void answered(const struct policy_ctx *c, node_id sender, bool receives)
{
    struct state *s = c->state;
    const struct peer_info *peer = peer_find(c, sender);
    const struct proc_info *proc = proc_find(c, s->search.proc);
    if (!receives || !proc) {
        probe(c);
        return;
    }
    const char *no = peer ? obstacle(c, proc, peer) : "it is not on the board";
    if (no) {
        policy_stay(c, proc->id, sender, "%s", no);
        probe(c);
        return;
    }
    policy_move(c, proc->id, sender, "a receiver, probe %u",
                s->search.probe_count);
    end_search(c, true);
    set_alarm(c);
}

static void receive(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in)
{
    struct state *s = c->state;
    uint8_t message = get_u8(in);
    uint8_t kind = message >= MESSAGE_ANSWER ? get_u8(in) : 0;
    if (in->bad || kind >= HEARD_KINDS || !cluster_of(c, sender))
        return;
    if (message == MESSAGE_HAVE) {
        struct writer w = {.count = 0};
        put_u8(&w, MESSAGE_ANSWER);
        put_u8(&w, (uint8_t)own_kind(c));
        policy_send(c, sender, &w);
        heard_put(&s->heard, sender, HEARD_SENDER);
    } else if (message == MESSAGE_WANT) {
        wanted(c, sender);
        heard_put(&s->heard, sender, HEARD_RECEIVER);
    } else if (message == MESSAGE_ANSWER || message == MESSAGE_SENT) {
        heard_put(&s->heard, sender, (enum heard_kind)kind);
        if (s->search.until_us == 0 || last_probed(&s->search) != sender)
            return;
        if (message == MESSAGE_SENT) {
            end_search(c, true);
            set_alarm(c);
        } else {
            answered(c, sender, s->search.proc != 0 && kind == HEARD_RECEIVER);
        }
    }
}

static void arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    const struct params *p = c->params;
    struct state *s = c->state;
    s->pause_us = p->look_us;
    if (c->now_us + p->look_us < s->look_at_us) {
        s->look_at_us = c->now_us + p->look_us;
        set_alarm(c);
    }
    const char *no = proc_obstacle(c, proc);
    if (!no && (proc->home != c->self->id || proc->came_from != NODE_NONE))
        no = "it was transferred already";
    if (!no && own_kind(c) != HEARD_SENDER)
        no = "this is no sender";
    if (!no && s->search.until_us != 0)
        no = "another search is under way";
    if (no) {
        policy_stay(c, proc->id, NODE_NONE, "%s", no);
        return;
    }
    s->search = (struct search){.proc = proc->id};
    probe(c);
}

const struct policy policy_balance_symmetric = {
    .abi = POLICY_ABI,
    .version = 1,
    .name = "balance_symmetric",
    .summary = "senders and receivers look for each other, and remember",
    .source = "Shivaratri and Krueger 1990",
    .params_size = sizeof(struct params),
    .params = params,
    .state_size = sizeof(struct state),
    .check = check,
    .start = start,
    .wake = wake,
    .receive = receive,
    .arrived = arrived,
};
