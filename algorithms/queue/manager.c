/* manager.c - the manager hears wishes and grants them in order. */
#include "inner.h"

static struct grant *find_grant(struct queue_state *s, proc_id proc)
{
    for (uint32_t i = 0; i < s->grant_count; i++)
        if (s->grants[i].proc == proc)
            return &s->grants[i];
    return NULL;
}

static bool goes_first(const struct policy_ctx *c,
                       const struct queue_rules *rules,
                       const struct queue_wish *a,
                       const struct queue_wish *b)
{
    struct queue_state *s = c->state;
    return rules->order(c, a, users_find(s, a->home, a->user), b,
                        users_find(s, b->home, b->user));
}

/* A full list keeps those that go first. */
static void enter_wish(const struct policy_ctx *c,
                       const struct queue_rules *rules,
                       const struct queue_wish *new)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    users_enter(c, new->home, new->user);
    struct queue_wish *last = NULL;
    for (uint32_t i = 0; i < s->wish_count; i++) {
        struct queue_wish *wish = &s->wishes[i];
        if (wish->proc == new->proc) {
            usec_t since_us = wish->since_us; /* Without this one's delay. */
            *wish = *new;
            wish->since_us = since_us;
            return;
        }
        if (s->wish_count == p->wishes_max &&
            (!last || goes_first(c, rules, last, wish)))
            last = wish;
    }
    if (s->wish_count < p->wishes_max)
        s->wishes[s->wish_count++] = *new;
    else if (goes_first(c, rules, new, last))
        *last = *new;
}

static void forget_wish(struct queue_state *s, uint32_t at)
{
    s->wishes[at] = s->wishes[--s->wish_count];
}

static void forget_grant(struct queue_state *s, struct grant *grant)
{
    struct queue_user *user = users_find(s, grant->home, grant->user);
    if (user)
        user->granted_count -= user->granted_count < grant->place_count
                                   ? user->granted_count
                                   : grant->place_count;
    *grant = s->grants[--s->grant_count];
}

void manager_forget_old(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    for (uint32_t i = s->wish_count; i-- > 0;)
        if (c->now_us - s->wishes[i].heard_us >
            FORGET_REFRESHES * p->refresh_us)
            forget_wish(s, i);
    for (uint32_t i = s->grant_count; i-- > 0;)
        if (c->now_us - s->grants[i].granted_us > GRANT_US)
            forget_grant(s, &s->grants[i]);
    for (uint32_t i = s->place_count; i-- > 0;)
        if (c->now_us - s->places[i].told_us > SUBSCRIBED_US)
            s->places[i] = s->places[--s->place_count];
}

static void send_grant(const struct policy_ctx *c,
                       const struct grant *grant,
                       const struct place *place)
{
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_GRANT);
    put_u64(&w, grant->proc);
    /* Who has the place, and who spoke last: those that have just begun or
     * ended something. So placing policies hear of it in time. */
    const struct peer_info *peer = place ? peer_find(c, place->node) : NULL;
    struct node_word own = node_word_of(c->self);
    if (place && place->node == c->self->id)
        put_word(&w, &own, 0);
    for (size_t i = 0; i <= c->peer_count && i <= WORDS_MAX; i++) {
        const struct peer_info *told = i > 0 ? peer_at(c, i - 1) : peer;
        if (told && (i == 0 || told != peer) && told->word.id != grant->home)
            put_word(&w, &told->word, c->now_us - told->measured_us);
    }
    policy_send(c, grant->home, &w);
}

void manager_hear_wish(const struct policy_ctx *c,
                       const struct queue_rules *rules,
                       const struct queue_wish *wish)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    struct grant *grant = find_grant(s, wish->proc);
    if (!grant) {
        enter_wish(c, rules, wish);
    } else if (grant->resent_count < RESENDS_MAX && wish->home != c->self->id &&
               c->now_us - grant->granted_us >=
                   (grant->resent_count + 1) * p->refresh_us / 2) {
        grant->resent_count++;
        s->start_count++;
        send_grant(c, grant, NULL);
    }
}

static void give(const struct policy_ctx *c, uint32_t at, struct place *place)
{
    struct queue_state *s = c->state;
    const struct queue_wish wish = s->wishes[at];
    forget_wish(s, at);
    struct grant *grant = &s->grants[s->grant_count++];
    *grant = (struct grant){.proc = wish.proc,
                            .granted_us = c->now_us,
                            .home = wish.home,
                            .user = wish.user,
                            .job = wish.job,
                            .place_count = wish.width,
                            .priority = wish.priority};
    struct queue_user *user = users_enter(c, wish.home, wish.user);
    user->granted_count += wish.width;
    if (place)
        place->promised_count++;
    if (wish.home != c->self->id) {
        s->start_count++;
        send_grant(c, grant, place);
    } else if (!home_start(c, wish.proc)) {
        forget_grant(s, grant);
    }
}

/* Lines Z and N: it starts whatever the load. */
static bool is_free(const struct policy_ctx *c,
                    const struct queue_wish *wish,
                    const struct sum *sum)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    if (wish->priority == 0 && sum->zero_count < p->first_free)
        return true;
    if (p->user_first == 0 || (p->user_first_up_to_bytes > 0 &&
                               wish->need_bytes > p->user_first_up_to_bytes))
        return false;
    const struct queue_user *user = users_find(s, wish->home, wish->user);
    return !user || queue_busy_count(user) < p->user_first;
}

/* NULL if it can start now; else what it lacks. */
static const char *lack(const struct policy_ctx *c,
                        const struct queue_wish *wish,
                        const struct sum *sum)
{
    const struct queue_params *p = c->params;
    uint64_t busy = sum->running_count + sum->granted_count;
    if (p->max_jobs > 0 && busy > 0 && busy + wish->width > p->max_jobs)
        return "so many run as may at once";
    uint64_t left = sum->free_count > sum->granted_count
                        ? sum->free_count - sum->granted_count
                        : 0;
    uint64_t all = sum->free_count + sum->running_count;
    if (left < (wish->width < all ? wish->width : all) || left == 0)
        return "too few places are free";
    if (wish->need_bytes <= sum->total_bytes_max &&
        !places_pick(c, wish->need_bytes))
        return "no free place has so much memory";
    return NULL;
}

/* Index of the wish that is granted next; wish_count if none is. */
static uint32_t next_wish(const struct policy_ctx *c,
                          const struct queue_rules *rules,
                          const struct sum *sum)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    uint32_t head = s->wish_count;
    uint32_t free_head = s->wish_count;
    for (uint32_t i = 0; i < s->wish_count; i++) {
        const struct queue_wish *wish = &s->wishes[i];
        if (is_free(c, wish, sum) &&
            (free_head == s->wish_count ||
             goes_first(c, rules, wish, &s->wishes[free_head])))
            free_head = i;
        if (p->backfill_small && lack(c, wish, sum))
            continue;
        if (head == s->wish_count ||
            goes_first(c, rules, wish, &s->wishes[head]))
            head = i;
    }
    if (free_head < s->wish_count)
        return free_head;
    if (head == s->wish_count)
        return head;
    const char *why = lack(c, &s->wishes[head], sum);
    if (why)
        policy_stay(c, s->wishes[head].proc, NODE_NONE,
                    "first of %u: it needs %u places, %u are free, %u granted: "
                    "%s",
                    s->wish_count, s->wishes[head].width,
                    (unsigned)sum->free_count, (unsigned)sum->granted_count,
                    why);
    return why ? s->wish_count : head;
}

void manager_grant_all(const struct policy_ctx *c,
                       const struct queue_rules *rules)
{
    struct queue_state *s = c->state;
    if (s->wish_count == 0)
        return;
    struct place own = places_own(c);
    places_enter(c, &own);
    while (s->wish_count > 0 && s->grant_count < GRANTS_MAX &&
           s->start_count < STARTS_MAX) {
        struct sum sum = places_sum(c);
        uint32_t at = next_wish(c, rules, &sum);
        if (at == s->wish_count)
            return;
        give(c, at, places_pick(c, s->wishes[at].need_bytes));
    }
    if (s->wish_count > 0)
        queue_wake_by(c, c->now_us + PACE_US);
}

void manager_hear_wishes(const struct policy_ctx *c,
                         const struct queue_rules *rules,
                         node_id sender,
                         struct reader *in)
{
    while (in->left >= WISH_BYTES) {
        struct queue_wish wish = {.home = sender, .heard_us = c->now_us};
        wish.proc = get_u64(in);
        wish.need_bytes = get_u64(in);
        uint64_t age_us = get_u64(in);
        wish.since_us = age_us < c->now_us ? c->now_us - age_us : 0;
        wish.priority = get_u16(in);
        wish.rank = get_u32(in);
        uint32_t width = get_u32(in);
        wish.width = width == 0                    ? 1
                     : width > PLACES_PER_NODE_MAX ? PLACES_PER_NODE_MAX
                                                   : width;
        wish.user = get_u32(in);
        wish.job = get_u32(in);
        manager_hear_wish(c, rules, &wish);
    }
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_HEARD);
    policy_send(c, sender, &w);
    users_turn_round(c);
    places_poll(c);
    manager_grant_all(c, rules);
    queue_wake_by(c, c->now_us + POLL_PACE_US);
}

void manager_settle(const struct policy_ctx *c,
                    proc_id proc,
                    node_id home,
                    uint32_t number,
                    uint32_t job,
                    bool runs)
{
    struct queue_state *s = c->state;
    struct grant *grant = find_grant(s, proc);
    for (uint32_t i = 0; !grant && job != 0 && i < s->grant_count; i++)
        if (s->grants[i].home == home && s->grants[i].user == number &&
            s->grants[i].job == job)
            grant = &s->grants[i];
    if (!grant)
        return;
    struct queue_user *user = users_find(s, grant->home, grant->user);
    if (user && user->granted_count > 0)
        user->granted_count--;
    if (user && runs) {
        user->running_count++;
        user->counted++;
    }
    if (!runs || --grant->place_count == 0)
        forget_grant(s, grant);
}

void manager_hear_started(const struct policy_ctx *c,
                          const struct queue_rules *rules,
                          node_id sender,
                          struct reader *in)
{
    report_hear_place(c, sender, in);
    proc_id proc = get_u64(in);
    node_id home = get_u32(in);
    uint32_t user = get_u32(in);
    uint32_t job = get_u32(in);
    bool runs = get_u8(in) != 0;
    if (in->bad)
        return;
    manager_settle(c, proc, home, user, job, runs);
    manager_grant_all(c, rules);
}
