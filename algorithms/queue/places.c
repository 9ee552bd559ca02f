/* places.c - the places that nodes have, as the manager knows them. */
#include "inner.h"

/* It runs, though it may be on its way to another node. */
static bool has_begun(const struct proc_info *proc)
{
    return proc->state == PROC_RUNNING ||
           (proc->state == PROC_LEAVING && proc->cpu_used_us > 0);
}

struct place places_own(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    const struct queue_state *s = c->state;
    const struct node_info *self = c->self;
    struct place place = {.told_us = c->now_us,
                          .node = self->id,
                          .room_bytes = self->mem_free_bytes,
                          .total_bytes = self->mem_total_bytes,
                          .round = s->round - 1};
    uint64_t guests = 0;
    uint64_t ran = 0;
    for (size_t i = 0; i < c->proc_count; i++) {
        const struct proc_info *proc = &c->procs[i];
        bool runs = has_begun(proc);
        ran += proc->state == PROC_RUNNING;
        place.running_count += runs;
        place.zero_count += runs && proc->priority == 0;
        guests += proc->home != self->id;
    }
    uint64_t coming =
        self->guest_count > guests ? self->guest_count - guests : 0;
    ran += coming;
    uint64_t explained = 1000 * (ran > s->ran_count ? ran : s->ran_count);
    uint64_t other =
        self->load_milli > explained ? self->load_milli - explained : 0;
    uint64_t used = ran + other / 1000;
    uint64_t all = self->core_count * p->per_core_milli / 1000;
    all = all > 0 ? all : 1;
    place.free_count = all > used ? (uint32_t)(all - used) : 0;
    return place;
}

struct place *places_find(struct queue_state *s, node_id node)
{
    for (uint32_t i = 0; i < s->place_count; i++)
        if (s->places[i].node == node)
            return &s->places[i];
    return NULL;
}

struct place *places_enter(const struct policy_ctx *c, const struct place *told)
{
    struct queue_state *s = c->state;
    struct place *place = places_find(s, told->node);
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

struct sum places_sum(const struct policy_ctx *c)
{
    const struct queue_state *s = c->state;
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

struct place *places_pick(const struct policy_ctx *c, uint64_t need_bytes)
{
    struct queue_state *s = c->state;
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

static void poll_one(const struct policy_ctx *c, node_id node, uint32_t *left)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
    const struct place *place = places_find(s, node);
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
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct node_word *word = &peer_at(c, i)->word;
        const struct cluster_info *cluster = cluster_of(c, word->id);
        if (cluster && cluster != &c->clusters[0] && cluster->send &&
            !cluster->isolated && word->state == NODE_UP)
            poll_one(c, word->id, left);
    }
}

void places_poll(const struct policy_ctx *c)
{
    const struct queue_params *p = c->params;
    struct queue_state *s = c->state;
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
        queue_wake_by(c, c->now_us + POLL_PACE_US);
}
