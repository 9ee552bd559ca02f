/* queue.c - the handlers of the live queue. */
#include "inner.h"

size_t queue_state_bytes(const void *params)
{
    const struct queue_params *p = params;
    return sizeof(struct queue_state) +
           p->wishes_max * sizeof(struct queue_wish);
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

void queue_wake_by(const struct policy_ctx *c, usec_t when_us)
{
    struct queue_state *s = c->state;
    if (s->due_us > c->now_us && s->due_us <= when_us)
        return;
    s->due_us = when_us;
    policy_wake_at(c, when_us);
}

void queue_arrived(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct queue_state *s = c->state;
    if (c->now_us >= s->subscribed_us)
        return;
    if (s->boss != c->self->id)
        report_started(c, s->boss, proc->id, proc);
    else
        manager_settle(c, proc->id, proc->home, proc->user, proc->job, true);
}

void queue_sampled(const struct policy_ctx *c, const struct queue_rules *rules)
{
    struct queue_state *s = c->state;
    struct headcount users[WORD_USERS_MAX];
    if (c->now_us < s->subscribed_us && s->boss != c->self->id) {
        report_send(c, true);
    } else if (c->now_us < s->subscribed_us) {
        uint32_t count = users_here(c, users);
        for (uint32_t i = 0; i < count; i++)
            users_count(c, rules, &users[i]);
    }
    s->ran_count = 0;
    for (size_t i = 0; i < c->proc_count; i++)
        s->ran_count += c->procs[i].state == PROC_RUNNING;
    s->start_count = 0;
    manager_grant_all(c, rules);
}

void queue_wake(const struct policy_ctx *c, const struct queue_rules *rules)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    s->due_us = 0;
    s->start_count = 0;
    if (s->gang_job != 0)
        home_start_gang(c, s->gang_user, s->gang_job);
    users_turn_round(c);
    manager_forget_old(c);
    if (s->hurry || c->now_us - s->refreshed_us >= p->refresh_us)
        home_refresh(c, rules);
    places_poll(c);
    manager_grant_all(c, rules);
    if (s->waits || s->wish_count > 0 || s->grant_count > 0) {
        usec_t next_us = s->refreshed_us + p->refresh_us;
        queue_wake_by(
            c, next_us > c->now_us ? next_us : c->now_us + p->refresh_us);
    }
}

void queue_place(const struct policy_ctx *c, const struct proc_info *proc)
{
    struct queue_state *s = c->state;
    policy_hold(c, proc->id, "queued");
    s->waits = 1;
    if (s->more)
        return; /* What goes first is said already, or at the next refresh. */
    s->hurry = 1;
    queue_wake_by(c, c->now_us + PACE_US);
}

void queue_receive(const struct policy_ctx *c,
                   const struct queue_rules *rules,
                   node_id sender,
                   struct reader *in)
{
    struct queue_state *s = c->state;
    bool ours = cluster_of(c, sender) == &c->clusters[0];
    s->start_count = 0;
    switch (get_u8(in)) {
        case MESSAGE_WISH:
            if (ours)
                manager_hear_wishes(c, rules, sender, in);
            break;
        case MESSAGE_HEARD:
            if (ours)
                home_hear_manager(c, sender);
            break;
        case MESSAGE_POLL:
            s->boss = sender;
            s->subscribed_us = c->now_us + SUBSCRIBED_US;
            report_send(c, false);
            break;
        case MESSAGE_REPORT:
            report_hear(c, rules, sender, in);
            manager_grant_all(c, rules);
            break;
        case MESSAGE_STARTED:
            manager_hear_started(c, rules, sender, in);
            break;
        case MESSAGE_GRANT:
            if (ours)
                home_hear_grant(c, sender, in);
            break;
    }
}
