/* home.c - a home says what waits, and starts what was granted. */
#include "inner.h"

static bool waits(const struct proc_info *proc)
{
    return proc->state == PROC_WAITING && !proc->held;
}

bool home_start_gang(const struct policy_ctx *c, uint32_t user, uint32_t job)
{
    struct queue_state *s = c->state;
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
            queue_wake_by(c, c->now_us + PACE_US);
            return true;
        }
        s->start_count++;
        started = true;
        policy_start(c, proc->id, NODE_NONE, "granted with its job %u", job);
    }
    return started;
}

bool home_start(const struct policy_ctx *c, proc_id id)
{
    struct queue_state *s = c->state;
    const struct proc_info *proc = proc_find(c, id);
    if (!proc || !waits(proc))
        return false;
    if (proc->width > 1 && proc->job != 0)
        return home_start_gang(c, proc->user, proc->job);
    s->start_count++;
    policy_start(c, id, NODE_NONE, "granted after %u ms",
                 (unsigned)((c->now_us - proc->submitted_us) / 1000));
    return true;
}

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
    struct queue_state *s = c->state;
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
    struct queue_state *s = c->state;
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

void home_refresh(const struct policy_ctx *c, const struct queue_rules *rules)
{
    struct queue_state *s = c->state;
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
            manager_hear_wish(c, rules, &said[i]);
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

void home_hear_grant(const struct policy_ctx *c,
                     node_id sender,
                     struct reader *in)
{
    struct queue_state *s = c->state;
    struct node_word word;
    usec_t age_us;
    proc_id id = get_u64(in);
    if (in->bad)
        return;
    while (get_word(in, &word, &age_us))
        if (word.id != c->self->id)
            policy_learn(c, &word, age_us);
    if (!home_start(c, id))
        report_started(c, sender, id, NULL);
    s->silent_count = 0;
    s->said_count -= s->said_count > 0;
    if (s->more && s->said_count < SAID_LEAST) {
        s->hurry = 1;
        queue_wake_by(c, c->now_us + PACE_US);
    }
}

void home_hear_manager(const struct policy_ctx *c, node_id sender)
{
    struct queue_state *s = c->state;
    uint32_t index = sender - c->clusters[0].first;
    if (index > s->manager)
        return;
    s->manager = index;
    s->silent_count = 0;
}
