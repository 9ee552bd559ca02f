/* users.c - what the manager knows of the users of the queue. */
#include "inner.h"

struct queue_user *users_find(struct queue_state *s,
                              node_id home,
                              uint32_t user)
{
    for (uint32_t i = 0; i < s->user_count; i++)
        if (s->users[i].home == home && s->users[i].user == user)
            return &s->users[i];
    return NULL;
}

struct queue_user *users_enter(const struct policy_ctx *c,
                               node_id home,
                               uint32_t number)
{
    struct queue_state *s = c->state;
    struct queue_user *user = users_find(s, home, number);
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

void users_turn_round(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
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

uint32_t users_here(const struct policy_ctx *c, struct headcount *ret_users)
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

void users_count(const struct policy_ctx *c,
                 const struct queue_rules *rules,
                 const struct headcount *heads)
{
    struct queue_user *user = users_enter(c, heads->home, heads->user);
    user->counted += heads->running_count;
    if (rules->charge)
        rules->charge(c, user, heads->running_count);
}
