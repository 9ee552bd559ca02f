/* node.c - the block of a node, and one event in. */
#include "node.h"

#include <assert.h>
#include <string.h>

#include "emit.h"
#include "flood.h"
#include "handlers.h"
#include "handoff.h"
#include "membership.h"
#include "owner.h"
#include "peers.h"
#include "procs.h"
#include "registry.h"
#include "spread.h"
#include "user.h"

enum { BLOCK_ALIGN = 16 };

struct node_config node_config_default(void)
{
    return (struct node_config){
        .board_max = 128,
        .proc_max = 16,
        .away_max = 16,
        .board_age_us = 60000000,
        .offer_timeout_us = 500000,
        .retry_us = 500000,
        .room_us = 5000000,
        .word_us = 10000000,
        .leave_within_us = 60000000,
        .lost_after_us = USEC_NEVER,
        .home_lost_after_us = USEC_NEVER,
        .reserve = true,
    };
}

static size_t reserve(size_t *end, size_t bytes)
{
    size_t offset = *end;
    *end = (offset + bytes + BLOCK_ALIGN - 1) / BLOCK_ALIGN * BLOCK_ALIGN;
    return offset;
}

static size_t policy_state_bytes(const struct node_policy *row)
{
    const struct policy *policy = row->policy;
    return policy->state_size +
           (policy->state_more ? policy->state_more(row->params) : 0);
}

/* Fill the offsets of a node with this configuration. */
static void lay_out(struct node *node, const struct node_config *config)
{
    size_t end = 0;
    reserve(&end, sizeof *node);
    for (size_t i = 0; i < config->policy_count; i++) {
        struct slot *slot = &node->slots[i];
        slot->state_bytes = policy_state_bytes(&config->policies[i]);
        slot->state_offset = reserve(&end, slot->state_bytes);
    }
    node->procs_offset =
        reserve(&end, config->proc_max * sizeof(struct proc_info));
    node->tracks_offset =
        reserve(&end, config->proc_max * sizeof(struct track));
    node->whys_offset = reserve(&end, config->proc_max * sizeof(struct why));
    node->coming_offset =
        reserve(&end, config->proc_max * sizeof(struct coming));
    node->ended_offset = reserve(&end, config->proc_max * sizeof(struct ended));
    node->away_offset = reserve(&end, config->away_max * sizeof(struct away));
    node->board_keys_offset =
        reserve(&end, config->board_max * sizeof(struct peer_key));
    node->board_entries_offset =
        reserve(&end, config->board_max * sizeof(struct peer_info));
    node->bytes = end;
}

static void check_config(const struct node_config *config)
{
    assert(config->board_max > 0);
    assert(config->proc_max > 0);
    assert(config->away_max > 0);
    assert(config->policy_count <= NODE_POLICIES_MAX);
    assert(config->room_us >= 3);
    assert(config->retry_us > 0);
    assert(config->word_us > 0);
    assert(config->lost_after_us > 0);
    assert(config->home_lost_after_us > 0);
    assert(config->flood_burst == 0 || config->flood_per_s_milli > 0);
    for (size_t i = 0; i < config->policy_count; i++) {
        const struct policy *policy = config->policies[i].policy;
        assert(policy->abi == POLICY_ABI);
        assert(!policy->check || !policy->check(config->policies[i].params));
    }
}

size_t node_bytes(const struct node_config *config)
{
    struct node node;
    check_config(config);
    lay_out(&node, config);
    return node.bytes;
}

struct node *node_init(void *block, const struct node_config *config)
{
    assert((uintptr_t)block % BLOCK_ALIGN == 0);
    struct node *node = block;
    check_config(config);
    memset(node, 0, sizeof *node);
    lay_out(node, config);
    /* The arrays begin empty: their counts are 0 and their pages untouched. */
    for (size_t i = 0; i < config->policy_count; i++) {
        struct slot *slot = &node->slots[i];
        const char *name = config->policies[i].policy->name;
        slot->rng = rng_stream(config->seed, config->id, name);
        slot->wake_us = USEC_NEVER;
        slot->hash = policy_hash(name);
        memset(state_at(node, slot->state_offset), 0, slot->state_bytes);
    }
    node->config = *config;
    peers_init(node);
    node->timer_us = USEC_NEVER;
    node->word_us = USEC_NEVER;
    node->spread.rng = rng_stream(config->seed, config->id, "spread");
    return node;
}

static void copy_array(struct node *node,
                       size_t offset,
                       const struct node *old,
                       size_t old_offset,
                       size_t bytes)
{
    if (bytes > 0)
        memmove(state_at(node, offset), state_at(old, old_offset), bytes);
}

struct node *node_copy(void *block,
                       const struct node_config *config,
                       const struct node *old)
{
    assert((uintptr_t)block % BLOCK_ALIGN == 0);
    assert(config->id == old->config.id);
    assert(config->policies == old->config.policies);
    assert(config->policy_count == old->config.policy_count);
    assert(config->proc_max >= old->config.proc_max);
    assert(config->away_max >= old->config.away_max);
    assert(config->board_max >= old->config.board_max);
    struct node *node = block;
    *node = *old;
    node->config = *config;
    lay_out(node, config);
    for (size_t i = 0; i < config->policy_count; i++)
        copy_array(node, node->slots[i].state_offset, old,
                   old->slots[i].state_offset, old->slots[i].state_bytes);
    copy_array(node, node->procs_offset, old, old->procs_offset,
               old->proc_count * sizeof(struct proc_info));
    copy_array(node, node->tracks_offset, old, old->tracks_offset,
               old->proc_count * sizeof(struct track));
    copy_array(node, node->whys_offset, old, old->whys_offset,
               old->proc_count * sizeof(struct why));
    copy_array(node, node->coming_offset, old, old->coming_offset,
               old->coming_count * sizeof(struct coming));
    copy_array(node, node->ended_offset, old, old->ended_offset,
               old->ended_count * sizeof(struct ended));
    copy_array(node, node->away_offset, old, old->away_offset,
               old->away_count * sizeof(struct away));
    peers_copy(node, old);
    return node;
}

/* Every process of this home might leave in one event, and one more come. */
bool node_crowded(const struct node *node)
{
    return node->proc_count + node->coming_count + node->ended_count + 1 >
               node->config.proc_max ||
           node->away_count + node->sums.home_count + 1 > node->config.away_max;
}

struct node_config node_config_of(const struct node *node)
{
    return node->config;
}

usec_t node_deadline(const struct node *node)
{
    usec_t deadline_us = node->timer_us;
    for (size_t i = 0; i < node->config.policy_count; i++)
        if (node->slots[i].wake_us < deadline_us)
            deadline_us = node->slots[i].wake_us;
    return deadline_us;
}

static bool looks_at_samples(const struct policy *policy)
{
    return policy->sampled || policy->wake || policy->receive ||
           policy->arrived || policy->changed || policy->admit;
}

bool node_wants_samples(const struct node *node)
{
    for (size_t i = 0; i < node->config.policy_count; i++)
        if (looks_at_samples(state_policy(node, i)))
            return true;
    return false;
}

static void on_start(struct node *node,
                     struct batch *batch,
                     const struct event *event)
{
    assert(node->map_count == 0);
    node->self = *event->self;
    node->self.id = node->config.id;
    node->owner.close.at_us = USEC_NEVER;
    node->owner.isolate.at_us = USEC_NEVER;
    flood_fill(node);
    membership_set_map(node, event->map, event->map_count);
    owner_set_map(node, event);
    spread_set_records(node, batch, event->records, event->record_count);
    membership_set_state(node, event->self->state, event->self->flags);
    membership_set_sample(node, event->self);
    self_refresh(node);
    handlers_call(node, batch, HANDLER_START);
}

static void on_sampled(struct node *node,
                       struct batch *batch,
                       const struct event *event)
{
    membership_set_sample(node, event->self);
    procs_sample(node, event->procs, event->proc_count);
    peers_drop_old(node);
    node->owner.leavers = false; /* They see it now. */
    handlers_call(node, batch, HANDLER_SAMPLED);
}

static void on_frame(struct node *node,
                     struct batch *batch,
                     const struct event *event)
{
    struct frame frame;
    if (event->byte_count > NODE_FRAME_BYTES_MAX ||
        !frame_read(event->bytes, event->byte_count, &frame) ||
        frame.sender.id != event->peer || event->peer == node->config.id)
        return;
    peers_hear(node, &frame.sender, node->now_us);
    if (FRAME_RECORD <= frame.kind) {
        spread_frame(node, batch, event->peer, &frame);
        return;
    }
    spread_compare(node, batch, event->peer, frame.digest);
    if (frame.kind == FRAME_POLICY)
        handlers_receive(node, batch, event->peer, &frame.body);
    else
        handoff_frame(node, batch, event->peer, &frame);
}

static void on_submit(struct node *node,
                      struct batch *batch,
                      const struct event *event)
{
    proc_id id = event->procs[0].id;
    assert(id != 0);
    if (event->epoch > 0) {
        ledger_forget(node, id);
        room_forget(node, id);
    }
    assert(ledger_find(node, id) == PROC_ABSENT);
    size_t at = procs_open(node, id);
    struct proc_info *proc = &state_procs(node)[at];
    *proc = event->procs[0];
    proc->home = node->config.id;
    proc->home_cluster = node->map[0].id;
    proc->came_from = NODE_NONE;
    proc->state = PROC_WAITING;
    proc->must_leave = false;
    proc->stopped = false;
    proc->move_count = 0;
    proc->width = proc->width > 0 ? proc->width : 1;
    proc->submitted_us = node->now_us;
    proc->arrived_us = node->now_us;
    procs_enter(node, at);
    state_tracks(node)[at].epoch = event->epoch;
    if (!proc->held) {
        handlers_place(node, batch, id, 0);
        return;
    }
    state_tracks(node)[at].hold = HOLD_USER;
    emit_decision(node, batch, ACTION_HELD, at, NODE_NONE,
                  "its user holds it back");
}

/* What is known of a dead node is that it is dead. */
static void on_dead(struct node *node, struct batch *batch, node_id dead)
{
    assert(dead != node->config.id);
    const struct peer_info *peer = peers_find(node, dead);
    if (peer) {
        struct node_word word = peer->word;
        word.state = NODE_GONE;
        peers_hear(node, &word, node->now_us);
    }
    handoff_dead(node, batch, dead);
}

static void on_alarm(struct node *node, struct batch *batch)
{
    handoff_alarm(node, batch);
    handlers_settle(node, batch);
    handlers_wake(node, batch);
}

static void dispatch(struct node *node,
                     struct batch *batch,
                     const struct event *event)
{
    switch (event->kind) {
        case EVENT_START:
            on_start(node, batch, event);
            break;
        case EVENT_SAMPLED:
            on_sampled(node, batch, event);
            break;
        case EVENT_ALARM:
            on_alarm(node, batch);
            break;
        case EVENT_FRAME:
            on_frame(node, batch, event);
            break;
        case EVENT_SUBMIT:
            on_submit(node, batch, event);
            break;
        case EVENT_IMAGE:
            room_image(node, batch, event);
            break;
        case EVENT_CARRIED:
            source_carried(node, batch, event);
            break;
        case EVENT_ENDED:
            source_ended(node, batch, event->proc);
            break;
        case EVENT_CHANGED:
            user_changed(node, batch, event);
            break;
        case EVENT_MOVE:
            user_move(node, batch, event);
            break;
        case EVENT_RECALL:
            user_recall(node, batch, event);
            break;
        case EVENT_MAP:
            membership_set_map(node, event->map, event->map_count);
            owner_set_map(node, event);
            ledger_review(node);
            peers_drop_strangers(node);
            spread_set_records(node, batch, event->records,
                               event->record_count);
            node->owner.leavers = false;
            handlers_call(node, batch, HANDLER_CHANGED);
            break;
        case EVENT_STATE:
            owner_set_state(node, event);
            node->owner.leavers = false;
            handlers_call(node, batch, HANDLER_CHANGED);
            break;
        case EVENT_FREEZE:
            user_freeze(node, batch, event);
            break;
        case EVENT_THAW:
            user_thaw(node, batch, event);
            break;
        case EVENT_DEAD:
            on_dead(node, batch, event->peer);
            break;
        case EVENT_KINDS:
            assert(event->kind != EVENT_KINDS);
            break;
    }
}

void node_step(struct node *node,
               const struct event *event,
               struct batch *ret_batch)
{
    assert(event->now_us >= node->now_us);
    assert(ret_batch->out);
    node->now_us = event->now_us;
    ret_batch->count = 0;
    ret_batch->byte_count = 0;
    ret_batch->out->notice_first = 0;
    ret_batch->out->notice_count = 0;
    ret_batch->out->placing = 0;
    dispatch(node, ret_batch, event);
    handlers_settle(node, ret_batch);
    owner_finish(node, ret_batch);
}
