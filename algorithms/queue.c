/* queue.c - see queue.h. */
#include "queue.h"

#include <string.h>

enum {
    MESSAGE_WISH = 1, /* Home to manager: what it wants started. */
    MESSAGE_HEARD,    /* Manager to home: it listens. */
    MESSAGE_POLL,     /* Manager to a node: say what you have. */
    MESSAGE_REPORT,   /* Node to manager: its places and users. */
    MESSAGE_STARTED,  /* Node to manager: this one runs here, or never will. */
    MESSAGE_GRANT,    /* Manager to home: start it. */
    PLACES_MAX = 256,
    GRANTS_MAX = 64,
    USERS_MAX = 64,
    SAID_MAX = 24, /* Wishes in one message. */
    WISH_BYTES = 42,
    SAID_LEAST = 8, /* With less, more is said before the refresh is due. */
    WORD_USERS_MAX = 80, /* Users in one report. */
    POLLS_MAX = 16,      /* In one go. */
    STARTS_MAX = 24,     /* In one handler. */
    SILENCES_MAX = 3,
    PROBE_ROUNDS = 4, /* Between two questions for an earlier manager. */
    PROBES_MAX = 4,
    FORGET_REFRESHES = 3,
    PACE_US = 5000,
    POLL_PACE_US = 50000,
    RESENDS_MAX = 3,
    WORDS_MAX = 15, /* Of other nodes in a grant. */
    PLACES_PER_NODE_MAX = 65535,
    SUBSCRIBED_US = 10000000,
    FRESH_US = 3000000,
    GRANT_US = 3000000,
};

/* No padding: the host hashes it. */
struct place
{
    usec_t told_us;
    uint64_t room_bytes;
    uint64_t total_bytes;
    node_id node;
    uint32_t free_count;
    uint32_t promised_count; /* Since it was told. */
    uint32_t running_count;
    uint32_t zero_count; /* Of priority 0. */
    uint32_t round;      /* In which its users were counted. */
};

struct grant
{
    proc_id proc;
    usec_t granted_us;
    node_id home;
    uint32_t user;
    uint32_t job;
    uint32_t place_count;
    uint32_t priority;
    uint32_t resent_count;
};

struct state
{
    usec_t due_us; /* Of the alarm; 0: none. */
    usec_t refreshed_us;
    usec_t polled_us;
    usec_t rounded_us;
    usec_t subscribed_us; /* Until then the boss hears of each sample. */
    node_id boss;
    uint32_t manager; /* Index in the own cluster. */
    uint32_t silent_count;
    uint32_t round;
    uint32_t poll_next;
    uint32_t poll_left;  /* Of the own cluster, in this turn. */
    uint32_t said_count; /* Wishes said and not granted. */
    uint32_t waits;      /* At the last refresh something waited here, */
    uint32_t more;       /* and not all of it was said. */
    uint32_t hurry;      /* Refresh before it is due. */
    uint32_t probe;      /* Refreshes with another manager than the first. */
    uint32_t unused;
    uint32_t ran_count; /* At the last sample. */
    uint32_t gang_user; /* Of gang_job more are to be started. */
    uint32_t gang_job;
    uint32_t wish_count;
    uint32_t place_count;
    uint32_t grant_count;
    uint32_t user_count;
    uint32_t start_count; /* In this handler. */
    struct place places[PLACES_MAX];
    struct grant grants[GRANTS_MAX];
    struct queue_user users[USERS_MAX];
    struct queue_wish wishes[];
};

size_t queue_state_bytes(const void *params)
{
    const struct queue_params *p = params;
    return sizeof(struct state) + p->wishes_max * sizeof(struct queue_wish);
}

bool queue_is_before(const struct queue_wish *a, const struct queue_wish *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->since_us != b->since_us)
        return a->since_us < b->since_us;
    return a->proc < b->proc;
}

static void wake_by(const struct policy_ctx *c, usec_t when_us)
{
    struct state *s = c->state;
    if (s->due_us > c->now_us && s->due_us <= when_us)
        return;
    s->due_us = when_us;
    policy_wake_at(c, when_us);
}

/* ---- Places. ------------------------------------------------------------- */

static struct place own_place(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    const struct state *s = c->state;
    const struct node_info *self = c->self;
    struct place place = {.told_us = c->now_us,
                          .node = self->id,
                          .room_bytes = self->mem_free_bytes,
                          .total_bytes = self->mem_total_bytes,
                          .round = s->round - 1};
    uint64_t guests = 0;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        bool runs = proc->state == PROC_RUNNING;
        place.running_count += runs;
        place.zero_count += runs && proc->priority == 0;
        guests += proc->home != self->id;
    }
    uint64_t coming =
        self->guest_count > guests ? self->guest_count - guests : 0;
    uint64_t ran = place.running_count + coming;
    uint64_t explained = 1000 * (ran > s->ran_count ? ran : s->ran_count);
    uint64_t other =
        self->load_milli > explained ? self->load_milli - explained : 0;
    uint64_t used = ran + other / 1000;
    uint64_t all = self->core_count * p->per_core_milli / 1000;
    all = all > 0 ? all : 1;
    place.free_count = all > used ? (uint32_t)(all - used) : 0;
    return place;
}

static struct place *find_place(struct state *s, node_id node)
{
    for (uint32_t i = 0; i < s->place_count; i++)
        if (s->places[i].node == node)
            return &s->places[i];
    return NULL;
}

/* A full table forgets who was told longest ago. */
static struct place *enter_place(const struct policy_ctx *c,
                                 const struct place *told)
{
    struct state *s = c->state;
    struct place *place = find_place(s, told->node);
    uint32_t round = place ? place->round : s->round - 1;
    if (!place && s->place_count < PLACES_MAX) {
        place = &s->places[s->place_count++];
    } else if (!place) {
        place = &s->places[0];
        for (uint32_t i = 1; i < s->place_count; i++)
            if (s->places[i].told_us < place->told_us)
                place = &s->places[i];
    }
    *place = *told;
    place->round = round;
    return place;
}

static bool counts(const struct policy_ctx *c, const struct place *place)
{
    const struct cluster_info *cluster = cluster_of(c, place->node);
    return c->now_us - place->told_us <= FRESH_US && cluster &&
           (cluster == &c->clusters[0] ||
            (cluster->send && !cluster->isolated));
}

struct sum
{
    uint64_t free_count;
    uint64_t granted_count;
    uint64_t running_count;
    uint64_t zero_count; /* Granted ones too. */
    uint64_t total_bytes_max;
};

static struct sum add_up(const struct policy_ctx *c)
{
    const struct state *s = c->state;
    struct sum sum = {0};
    for (uint32_t i = 0; i < s->place_count; i++) {
        const struct place *place = &s->places[i];
        if (!counts(c, place))
            continue;
        sum.free_count += place->free_count;
        sum.running_count += place->running_count;
        sum.zero_count += place->zero_count;
        if (place->total_bytes > sum.total_bytes_max)
            sum.total_bytes_max = place->total_bytes;
    }
    for (uint32_t i = 0; i < s->grant_count; i++) {
        sum.granted_count += s->grants[i].place_count;
        sum.zero_count += s->grants[i].priority == 0;
    }
    return sum;
}

/* The place with most room for it that is not promised; NULL if none. */
static struct place *pick_place(const struct policy_ctx *c, uint64_t need_bytes)
{
    struct state *s = c->state;
    struct place *best = NULL;
    uint32_t best_left = 0;
    for (uint32_t i = 0; i < s->place_count; i++) {
        struct place *place = &s->places[i];
        uint32_t left = place->free_count > place->promised_count
                            ? place->free_count - place->promised_count
                            : 0;
        if (left > best_left && place->room_bytes >= need_bytes &&
            counts(c, place)) {
            best = place;
            best_left = left;
        }
    }
    return best;
}

/* ---- Users. -------------------------------------------------------------- */

static struct queue_user *find_user(struct state *s,
                                    node_id home,
                                    uint32_t user)
{
    for (uint32_t i = 0; i < s->user_count; i++)
        if (s->users[i].home == home && s->users[i].user == user)
            return &s->users[i];
    return NULL;
}

/* A full table forgets who used least. */
static struct queue_user *enter_user(const struct policy_ctx *c,
                                     node_id home,
                                     uint32_t number)
{
    struct state *s = c->state;
    struct queue_user *user = find_user(s, home, number);
    if (user)
        return user;
    if (s->user_count < USERS_MAX) {
        user = &s->users[s->user_count++];
    } else {
        user = &s->users[0];
        for (uint32_t i = 1; i < s->user_count; i++)
            if (s->users[i].usage_us < user->usage_us)
                user = &s->users[i];
    }
    *user = (struct queue_user){
        .home = home, .user = number, .decayed_us = c->now_us};
    return user;
}

/* A round of reports is over. */
static void turn_round(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
    if (c->now_us - s->rounded_us < p->refresh_us)
        return;
    s->rounded_us = c->now_us;
    s->round++;
    for (uint32_t i = 0; i < s->user_count; i++) {
        s->users[i].running_count = s->users[i].counted;
        s->users[i].counted = 0;
    }
}

uint64_t queue_busy_count(const struct queue_user *user)
{
    uint64_t running = user->running_count > user->counted ? user->running_count
                                                           : user->counted;
    return running + user->granted_count;
}

/* ---- Wishes. ------------------------------------------------------------- */

static struct grant *find_grant(struct state *s, proc_id proc)
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
    struct state *s = c->state;
    return rules->order(c, a, find_user(s, a->home, a->user), b,
                        find_user(s, b->home, b->user));
}

/* A full list keeps those that go first. */
static void enter_wish(const struct policy_ctx *c,
                       const struct queue_rules *rules,
                       const struct queue_wish *new)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
    enter_user(c, new->home, new->user);
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

static void forget_wish(struct state *s, uint32_t at)
{
    s->wishes[at] = s->wishes[--s->wish_count];
}

static void forget_grant(struct state *s, struct grant *grant)
{
    struct queue_user *user = find_user(s, grant->home, grant->user);
    if (user)
        user->granted_count -= user->granted_count < grant->place_count
                                   ? user->granted_count
                                   : grant->place_count;
    *grant = s->grants[--s->grant_count];
}

static void forget_old(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
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

/* ---- The home starts what was granted. ----------------------------------- */

static bool waits(const struct proc_info *proc)
{
    return proc->state == PROC_WAITING && !proc->held;
}

/* Those of one job; what one handler cannot start follows at the pace. */
static bool start_gang(const struct policy_ctx *c, uint32_t user, uint32_t job)
{
    struct state *s = c->state;
    bool started = false;
    s->gang_job = 0;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        if (proc->home != c->self->id || proc->user != user ||
            proc->job != job || !waits(proc))
            continue;
        if (s->start_count == STARTS_MAX) {
            s->gang_user = user;
            s->gang_job = job;
            wake_by(c, c->now_us + PACE_US);
            return true;
        }
        s->start_count++;
        started = true;
        policy_start(c, proc->id, NODE_NONE, "granted with its job %u", job);
    }
    return started;
}

static bool start_one(const struct policy_ctx *c, proc_id id)
{
    struct state *s = c->state;
    const struct proc_info *proc = proc_find(c, id);
    if (!proc || !waits(proc))
        return false;
    if (proc->width > 1 && proc->job != 0)
        return start_gang(c, proc->user, proc->job);
    s->start_count++;
    policy_start(c, id, NODE_NONE, "granted after %u ms",
                 (unsigned)((c->now_us - proc->submitted_us) / 1000));
    return true;
}

/* ---- The manager grants. ------------------------------------------------- */

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

/* One that was granted a while ago and still waits has not heard of it. */
static void hear_wish(const struct policy_ctx *c,
                      const struct queue_rules *rules,
                      const struct queue_wish *wish)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
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
    struct state *s = c->state;
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
    struct queue_user *user = enter_user(c, wish.home, wish.user);
    user->granted_count += wish.width;
    if (place)
        place->promised_count++;
    if (wish.home != c->self->id) {
        s->start_count++;
        send_grant(c, grant, place);
    } else if (!start_one(c, wish.proc)) {
        forget_grant(s, grant);
    }
}

/* Lines Z and N: it starts whatever the load. */
static bool is_free(const struct policy_ctx *c,
                    const struct queue_wish *wish,
                    const struct sum *sum)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
    if (wish->priority == 0 && sum->zero_count < p->first_free)
        return true;
    if (p->user_first == 0 || (p->user_first_up_to_bytes > 0 &&
                               wish->need_bytes > p->user_first_up_to_bytes))
        return false;
    const struct queue_user *user = find_user(s, wish->home, wish->user);
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
        !pick_place(c, wish->need_bytes))
        return "no free place has so much memory";
    return NULL;
}

/* Index of the wish that is granted next; wish_count if none is. */
static uint32_t next_wish(const struct policy_ctx *c,
                          const struct queue_rules *rules,
                          const struct sum *sum)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
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

static void grant_all(const struct policy_ctx *c,
                      const struct queue_rules *rules)
{
    struct state *s = c->state;
    if (s->wish_count == 0)
        return;
    struct place own = own_place(c);
    enter_place(c, &own);
    while (s->wish_count > 0 && s->grant_count < GRANTS_MAX &&
           s->start_count < STARTS_MAX) {
        struct sum sum = add_up(c);
        uint32_t at = next_wish(c, rules, &sum);
        if (at == s->wish_count)
            return;
        give(c, at, pick_place(c, s->wishes[at].need_bytes));
    }
    if (s->wish_count > 0)
        wake_by(c, c->now_us + PACE_US);
}

static void poll_one(const struct policy_ctx *c, node_id node, uint32_t *left)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
    const struct place *place = find_place(s, node);
    if (node == c->self->id || *left == 0 ||
        (place && c->now_us - place->told_us < 3 * p->refresh_us / 2 &&
         rng_below(c->rng, 5) > 0))
        return;
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_POLL);
    policy_send(c, node, &w);
    --*left;
}

static void poll_others(const struct policy_ctx *c, uint32_t *left)
{
    for (size_t i = 0; i<c->peer_count && * left> 0; i++) {
        const struct node_word *word = &peer_at(c, i)->word;
        const struct cluster_info *cluster = cluster_of(c, word->id);
        if (cluster && cluster != &c->clusters[0] && cluster->send &&
            !cluster->isolated && word->state == NODE_UP)
            poll_one(c, word->id, left);
    }
}

/* Ask the own cluster in turn, and those of others that the board shows. */
static void poll(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
    const struct cluster_info *own = &c->clusters[0];
    if (s->wish_count == 0 || c->now_us - s->polled_us < POLL_PACE_US ||
        (s->poll_left == 0 && c->now_us - s->polled_us < p->refresh_us))
        return;
    uint32_t left = POLLS_MAX;
    s->polled_us = c->now_us;
    s->boss = c->self->id;
    s->subscribed_us = c->now_us + SUBSCRIBED_US;
    if (s->poll_left == 0) {
        s->poll_left =
            own->node_count < PLACES_MAX ? own->node_count : PLACES_MAX;
        poll_others(c, &left);
    }
    for (; s->poll_left > 0 && left > 0; s->poll_left--) {
        poll_one(c, own->first + s->poll_next % own->node_count, &left);
        s->poll_next = (s->poll_next + 1) % own->node_count;
    }
    if (s->poll_left > 0)
        wake_by(c, c->now_us + POLL_PACE_US);
}

/* ---- Nodes report. ------------------------------------------------------- */

static void put_place(struct writer *w, const struct place *place)
{
    put_u32(w, place->free_count);
    put_u32(w, place->running_count);
    put_u32(w, place->zero_count);
}

struct headcount
{
    node_id home;
    uint32_t user;
    uint32_t running_count;
};

static uint32_t count_users(const struct policy_ctx *c,
                            struct headcount *ret_users)
{
    uint32_t count = 0;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        uint32_t at = 0;
        if (proc->state != PROC_RUNNING)
            continue;
        while (at < count && (ret_users[at].home != proc->home ||
                              ret_users[at].user != proc->user))
            at++;
        if (at == count && count < WORD_USERS_MAX)
            ret_users[count++] = (struct headcount){proc->home, proc->user, 0};
        if (at < count)
            ret_users[at].running_count++;
    }
    return count;
}

static void count_user(const struct policy_ctx *c,
                       const struct queue_rules *rules,
                       const struct headcount *heads)
{
    struct queue_user *user = enter_user(c, heads->home, heads->user);
    user->counted += heads->running_count;
    if (rules->charge)
        rules->charge(c, user, heads->running_count);
}

static void report(const struct policy_ctx *c, bool sample)
{
    const struct state *s = c->state;
    struct headcount users[WORD_USERS_MAX];
    struct writer w = {.count = 0};
    struct place own = own_place(c);
    put_u8(&w, MESSAGE_REPORT);
    put_place(&w, &own);
    uint32_t count = sample ? count_users(c, users) : 0;
    for (uint32_t i = 0; i < count; i++) {
        put_u32(&w, users[i].home);
        put_u32(&w, users[i].user);
        put_u32(&w, users[i].running_count);
    }
    policy_send(c, s->boss, &w);
}

static void hear_place(const struct policy_ctx *c,
                       node_id sender,
                       struct reader *in)
{
    const struct peer_info *peer = peer_find(c, sender);
    struct place place = {.told_us = c->now_us, .node = sender};
    place.free_count = get_u32(in);
    place.running_count = get_u32(in);
    place.zero_count = get_u32(in);
    if (in->bad || !peer)
        return;
    if (peer->word.state != NODE_UP)
        place.free_count = 0;
    place.room_bytes = unit_bytes(peer->word.mem_free_units);
    place.total_bytes = unit_bytes(peer->word.mem_total_units);
    enter_place(c, &place);
}

static void hear_report(const struct policy_ctx *c,
                        const struct queue_rules *rules,
                        node_id sender,
                        struct reader *in)
{
    struct state *s = c->state;
    hear_place(c, sender, in);
    struct place *place = find_place(s, sender);
    if (in->bad || !place || place->round == s->round)
        return;
    while (in->left > 0) {
        struct headcount heads = {.home = get_u32(in)};
        heads.user = get_u32(in);
        heads.running_count = get_u32(in) % PLACES_PER_NODE_MAX;
        if (in->bad)
            return;
        place->round = s->round;
        count_user(c, rules, &heads);
    }
}

/* It runs, or never will: its places are no longer on the way. */
static void settle(const struct policy_ctx *c,
                   proc_id proc,
                   node_id home,
                   uint32_t number,
                   uint32_t job,
                   bool runs)
{
    struct state *s = c->state;
    struct grant *grant = find_grant(s, proc);
    for (uint32_t i = 0; !grant && job != 0 && i < s->grant_count; i++)
        if (s->grants[i].home == home && s->grants[i].user == number &&
            s->grants[i].job == job)
            grant = &s->grants[i];
    if (!grant)
        return;
    struct queue_user *user = find_user(s, grant->home, grant->user);
    if (user && user->granted_count > 0)
        user->granted_count--;
    if (user && runs) {
        user->running_count++;
        user->counted++;
    }
    if (!runs || --grant->place_count == 0)
        forget_grant(s, grant);
}

static void tell_started(const struct policy_ctx *c,
                         node_id boss,
                         proc_id id,
                         const struct proc_info *proc)
{
    struct writer w = {.count = 0};
    struct place own = own_place(c);
    put_u8(&w, MESSAGE_STARTED);
    put_place(&w, &own);
    put_u64(&w, id);
    put_u32(&w, proc ? proc->home : c->self->id);
    put_u32(&w, proc ? proc->user : 0);
    put_u32(&w, proc ? proc->job : 0);
    put_u8(&w, proc != NULL);
    policy_send(c, boss, &w);
}

void queue_arrived(const struct policy_ctx *c,
                   const struct queue_rules *rules,
                   const struct proc_info *proc)
{
    struct state *s = c->state;
    (void)rules;
    if (c->now_us >= s->subscribed_us)
        return;
    if (s->boss != c->self->id)
        tell_started(c, s->boss, proc->id, proc);
    else
        settle(c, proc->id, proc->home, proc->user, proc->job, true);
}

void queue_sampled(const struct policy_ctx *c, const struct queue_rules *rules)
{
    struct state *s = c->state;
    struct headcount users[WORD_USERS_MAX];
    if (c->now_us < s->subscribed_us && s->boss != c->self->id) {
        report(c, true);
    } else if (c->now_us < s->subscribed_us) {
        uint32_t count = count_users(c, users);
        for (uint32_t i = 0; i < count; i++)
            count_user(c, rules, &users[i]);
    }
    s->ran_count = 0;
    for (size_t i = 0; i < c->proc_count; i++)
        s->ran_count += c->procs[i].state == PROC_RUNNING;
    s->start_count = 0;
    grant_all(c, rules);
}

/* ---- The home says what waits. ------------------------------------------- */

static struct queue_wish wish_of(const struct policy_ctx *c,
                                 const struct proc_info *proc)
{
    return (struct queue_wish){
        .proc = proc->id,
        .need_bytes = proc_need_bytes(proc),
        .since_us = proc->submitted_us,
        .heard_us = c->now_us,
        .home = c->self->id,
        .priority = proc->priority,
        .rank = proc->queue_rank,
        .width = proc->width,
        .user = proc->user,
        .job = proc->width > 1 ? proc->job : 0,
    };
}

/* Best first; at most room of one user; one of each job. */
static uint32_t insert_wish(struct queue_wish *said,
                            uint32_t count,
                            uint32_t room,
                            const struct queue_wish *new)
{
    uint32_t same = 0;
    uint32_t last = count;
    for (uint32_t i = 0; i < count; i++) {
        if (new->job != 0 && said[i].job == new->job &&
            said[i].user == new->user)
            return count;
        if (said[i].user == new->user) {
            same++;
            last = i;
        }
    }
    if (same < room)
        last = count < SAID_MAX ? count : SAID_MAX - 1;
    if (last < count && !queue_is_before(new, &said[last]))
        return count;
    uint32_t at = last;
    for (; at > 0 && queue_is_before(new, &said[at - 1]); at--)
        said[at] = said[at - 1];
    said[at] = *new;
    return last == count ? count + 1 : count;
}

static uint32_t count_waiting_users(const struct policy_ctx *c)
{
    uint32_t users[SAID_MAX];
    uint32_t count = 0;
    for (size_t i = 0; i < c->proc_count && count < SAID_MAX; i++) {
        uint32_t at = 0;
        while (at < count && users[at] != c->procs[i].user)
            at++;
        if (at == count && waits(&c->procs[i]))
            users[count++] = c->procs[i].user;
    }
    return count > 0 ? count : 1;
}

static uint32_t collect(const struct policy_ctx *c,
                        const struct queue_rules *rules,
                        struct queue_wish *said)
{
    struct state *s = c->state;
    uint32_t count = 0;
    uint32_t room = SAID_MAX;
    uint32_t waiting = 0;
    if (rules->share_message)
        room /= count_waiting_users(c);
    for (size_t i = 0; i < c->proc_count; i++) {
        if (!waits(&c->procs[i]))
            continue;
        waiting++;
        struct queue_wish wish = wish_of(c, &c->procs[i]);
        count = insert_wish(said, count, room, &wish);
    }
    s->waits = waiting > 0;
    s->more = waiting > count;
    s->said_count = count;
    return count;
}

static void say(const struct policy_ctx *c,
                node_id manager,
                const struct queue_wish *said,
                uint32_t count)
{
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_WISH);
    for (uint32_t i = 0; i < count; i++) {
        put_u64(&w, said[i].proc);
        put_u64(&w, said[i].need_bytes);
        put_u64(&w, c->now_us - said[i].since_us);
        put_u16(&w, (uint16_t)said[i].priority);
        put_u32(&w, said[i].rank);
        put_u32(&w, said[i].width);
        put_u32(&w, said[i].user);
        put_u32(&w, said[i].job);
    }
    policy_send(c, manager, &w);
}

/* The next of the map, without those that are known to be gone. */
static void elect(const struct policy_ctx *c)
{
    struct state *s = c->state;
    uint32_t count = c->clusters[0].node_count;
    s->silent_count = 0;
    for (uint32_t tries = 0; tries < count && tries < PLACES_MAX; tries++) {
        s->manager = (s->manager + 1) % count;
        const struct peer_info *peer =
            peer_find(c, c->clusters[0].first + s->manager);
        if (!peer || peer->word.state != NODE_GONE)
            return;
    }
}

static void refresh(const struct policy_ctx *c, const struct queue_rules *rules)
{
    struct state *s = c->state;
    struct queue_wish said[SAID_MAX];
    s->hurry = 0;
    s->refreshed_us = c->now_us;
    uint32_t count = collect(c, rules, said);
    if (count == 0)
        return;
    s->manager %= c->clusters[0].node_count;
    if (s->silent_count >= SILENCES_MAX)
        elect(c);
    node_id manager = c->self->state == NODE_UP
                          ? c->clusters[0].first + s->manager
                          : c->self->id;
    if (manager == c->self->id) {
        for (uint32_t i = 0; i < count; i++)
            hear_wish(c, rules, &said[i]);
    } else {
        s->silent_count++;
        say(c, manager, said, count);
    }
    /* An earlier node of the map may be back. */
    if (manager > c->clusters[0].first && ++s->probe % PROBE_ROUNDS == 0 &&
        c->self->state == NODE_UP) {
        uint32_t earlier = s->manager < PROBES_MAX ? s->manager : PROBES_MAX;
        node_id to = c->clusters[0].first +
                     s->probe / PROBE_ROUNDS % (earlier > 0 ? earlier : 1);
        if (to != c->self->id)
            say(c, to, said, count);
    }
}

void queue_wake(const struct policy_ctx *c, const struct queue_rules *rules)
{
    const struct queue_params *p = c->params;
    struct state *s = c->state;
    s->due_us = 0;
    s->start_count = 0;
    if (s->gang_job != 0)
        start_gang(c, s->gang_user, s->gang_job);
    turn_round(c);
    forget_old(c);
    if (s->hurry || c->now_us - s->refreshed_us >= p->refresh_us)
        refresh(c, rules);
    poll(c);
    grant_all(c, rules);
    if (s->waits || s->wish_count > 0 || s->grant_count > 0) {
        usec_t next_us = s->refreshed_us + p->refresh_us;
        wake_by(c, next_us > c->now_us ? next_us : c->now_us + p->refresh_us);
    }
}

void queue_place(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct state *s = c->state;
    policy_hold(c, proc->id, "queued");
    s->waits = 1;
    if (s->more)
        return; /* What goes first is said already, or at the next refresh. */
    s->hurry = 1;
    wake_by(c, c->now_us + PACE_US);
}

/* ---- Messages. ----------------------------------------------------------- */

static void hear_wishes(const struct policy_ctx *c,
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
        hear_wish(c, rules, &wish);
    }
    struct writer w = {.count = 0};
    put_u8(&w, MESSAGE_HEARD);
    policy_send(c, sender, &w);
    turn_round(c);
    poll(c);
    grant_all(c, rules);
    wake_by(c, c->now_us + POLL_PACE_US);
}

static void hear_grant(const struct policy_ctx *c,
                       node_id sender,
                       struct reader *in)
{
    struct state *s = c->state;
    struct node_word word;
    usec_t age_us;
    proc_id id = get_u64(in);
    if (in->bad)
        return;
    while (get_word(in, &word, &age_us))
        if (word.id != c->self->id)
            policy_learn(c, &word, age_us);
    if (!start_one(c, id))
        tell_started(c, sender, id, NULL);
    s->silent_count = 0;
    s->said_count -= s->said_count > 0;
    if (s->more && s->said_count < SAID_LEAST) {
        s->hurry = 1;
        wake_by(c, c->now_us + PACE_US);
    }
}

static void hear_started(const struct policy_ctx *c,
                         const struct queue_rules *rules,
                         node_id sender,
                         struct reader *in)
{
    hear_place(c, sender, in);
    proc_id proc = get_u64(in);
    node_id home = get_u32(in);
    uint32_t user = get_u32(in);
    uint32_t job = get_u32(in);
    bool runs = get_u8(in) != 0;
    if (in->bad)
        return;
    settle(c, proc, home, user, job, runs);
    grant_all(c, rules);
}

static void hear_manager(const struct policy_ctx *c, node_id sender)
{
    struct state *s = c->state;
    uint32_t index = sender - c->clusters[0].first;
    if (index > s->manager)
        return;
    s->manager = index;
    s->silent_count = 0;
}

void queue_receive(const struct policy_ctx *c,
                   const struct queue_rules *rules,
                   node_id sender,
                   struct reader *in)
{
    struct state *s = c->state;
    bool ours = cluster_of(c, sender) == &c->clusters[0];
    s->start_count = 0;
    switch (get_u8(in)) {
        case MESSAGE_WISH:
            if (ours)
                hear_wishes(c, rules, sender, in);
            break;
        case MESSAGE_HEARD:
            if (ours)
                hear_manager(c, sender);
            break;
        case MESSAGE_POLL:
            s->boss = sender;
            s->subscribed_us = c->now_us + SUBSCRIBED_US;
            report(c, false);
            break;
        case MESSAGE_REPORT:
            hear_report(c, rules, sender, in);
            grant_all(c, rules);
            break;
        case MESSAGE_STARTED:
            hear_started(c, rules, sender, in);
            break;
        case MESSAGE_GRANT:
            if (ours)
                hear_grant(c, sender, in);
            break;
    }
}
