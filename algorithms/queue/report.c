/* report.c - a node tells the manager what runs there. */
#include "inner.h"

static void put_place(struct writer *w, const struct place *place)
{
    put_u32(w, place->free_count);
    put_u32(w, place->running_count);
    put_u32(w, place->zero_count);
}

void report_send(const struct policy_ctx *c, bool sample)
{
    const struct queue_state *s = c->state;
    struct headcount users[WORD_USERS_MAX];
    struct writer w = {.count = 0};
    struct place own = places_own(c);
    put_u8(&w, MESSAGE_REPORT);
    put_place(&w, &own);
    uint32_t count = sample ? users_here(c, users) : 0;
    for (uint32_t i = 0; i < count; i++) {
        put_u32(&w, users[i].home);
        put_u32(&w, users[i].user);
        put_u32(&w, users[i].running_count);
    }
    policy_send(c, s->boss, &w);
}

void report_started(const struct policy_ctx *c,
                    node_id boss,
                    proc_id id,
                    const struct proc_info *proc)
{
    struct writer w = {.count = 0};
    struct place own = places_own(c);
    put_u8(&w, MESSAGE_STARTED);
    put_place(&w, &own);
    put_u64(&w, id);
    put_u32(&w, proc ? proc->home : c->self->id);
    put_u32(&w, proc ? proc->user : 0);
    put_u32(&w, proc ? proc->job : 0);
    put_u8(&w, proc != NULL);
    policy_send(c, boss, &w);
}

void report_hear_place(const struct policy_ctx *c,
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
    places_enter(c, &place);
}

void report_hear(const struct policy_ctx *c,
                 const struct queue_rules *rules,
                 node_id sender,
                 struct reader *in)
{
    struct queue_state *s = c->state;
    report_hear_place(c, sender, in);
    struct place *place = places_find(s, sender);
    if (in->bad || !place || place->round == s->round)
        return;
    while (in->left > 0) {
        struct headcount heads = {.home = get_u32(in)};
        heads.user = get_u32(in);
        heads.running_count = get_u32(in) % PLACES_PER_NODE_MAX;
        if (in->bad)
            return;
        place->round = s->round;
        users_count(c, rules, &heads);
    }
}
