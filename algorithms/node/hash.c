/* hash.c - a number that differs when anything differs that decides. Field by
 * field: padding and pointers must not count. */
#include "node.h"
#include "node_state.h"
#include "rng.h"

static uint64_t add(uint64_t hash, uint64_t value)
{
    return rng_mix(hash * 0x9e3779b97f4a7c15u + value + 1);
}

static uint64_t add_info(uint64_t hash, const struct node_info *info)
{
    const uint64_t fields[] = {
        info->id,
        info->cluster,
        info->core_count,
        info->speed_milli,
        info->load_milli,
        info->utilisation_milli,
        info->guest_count,
        info->grid_guest_count,
        info->grid_guest_limit,
        info->frozen_count,
        info->priority,
        info->state,
        info->flags,
        info->mem_total_bytes,
        info->mem_free_bytes,
        info->swap_total_bytes,
        info->swap_free_bytes,
        info->freeze_total_bytes,
        info->freeze_free_bytes,
        info->paging_bytes_per_s,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash = add(hash, fields[i]);
    return hash;
}

static uint64_t add_word(uint64_t hash, const struct node_word *word)
{
    const uint64_t fields[] = {
        word->id,
        word->cluster,
        word->core_count,
        word->speed_milli,
        word->load_milli,
        word->utilisation_milli,
        word->guest_count,
        word->grid_guest_count,
        word->grid_guest_limit,
        word->frozen_count,
        word->priority,
        word->state,
        word->flags,
        word->mem_total_units,
        word->mem_free_units,
        word->swap_total_units,
        word->swap_free_units,
        word->freeze_total_units,
        word->freeze_free_units,
        word->paging_kib_per_s,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash = add(hash, fields[i]);
    return hash;
}

static uint64_t add_proc(uint64_t hash, const struct proc_info *proc)
{
    const uint64_t fields[] = {
        proc->id,
        proc->home,
        proc->came_from,
        proc->home_cluster,
        proc->class_number,
        proc->priority,
        proc->move_count,
        proc->user,
        proc->job,
        proc->program,
        proc->width,
        proc->queue_rank,
        proc->cpu_milli,
        proc->state,
        proc->pinned,
        proc->locked,
        proc->held,
        proc->must_leave,
        proc->stopped,
        proc->mem_bytes,
        proc->mem_declared_bytes,
        proc->dirty_bytes_per_s,
        proc->home_calls_per_s,
        proc->sibling_node,
        proc->home_bytes_per_s,
        proc->sibling_bytes_per_s,
        proc->cpu_used_us,
        proc->cpu_declared_us,
        proc->submitted_us,
        proc->arrived_us,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash = add(hash, fields[i]);
    return hash;
}

static uint64_t add_peers(uint64_t hash, const struct node *node)
{
    hash = add(hash, node->board_count);
    hash = add(hash, node->peer_speed_max_milli);
    for (size_t i = 0; i < node->board_count; i++) {
        const struct peer_info *peer = state_peer(node, i);
        hash = add_word(hash, &peer->word);
        hash = add(hash, peer->measured_us);
        hash = add(hash, peer->reserved_us);
        hash = add(hash, peer->reserved_mem_bytes);
        hash = add(hash, peer->reserved_milli);
        hash = add(hash, peer->refused);
    }
    return hash;
}

static uint64_t add_track(uint64_t hash, const struct track *track)
{
    const uint64_t fields[] = {
        track->epoch,        track->attempt,      track->target,
        track->phase,        track->asked_by,     track->ask_count,
        track->hold,         track->start,        track->gone,
        track->doomed,       track->worded,       track->began_us,
        track->next_us,      track->leave_us,     track->frozen_us,
        track->carried_us,   track->copied_bytes, track->home_silent,
        track->frozen,       track->flooded,      track->killed,
        track->frozen_by,    track->leave,        track->order,
        track->order_target, track->heard_us,     track->change,
        track->changed,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash = add(hash, fields[i]);
    return hash;
}

static uint64_t add_procs(uint64_t hash, const struct node *node)
{
    hash = add(hash, node->proc_count);
    for (size_t i = 0; i < node->proc_count; i++) {
        hash = add_proc(hash, &state_procs(node)[i]);
        hash = add_track(hash, &state_tracks(node)[i]);
    }
    hash = add(hash, node->coming_count);
    for (size_t i = 0; i < node->coming_count; i++) {
        const struct coming *coming = &state_coming(node)[i];
        hash = add_proc(hash, &coming->proc);
        hash = add(hash, coming->source);
        hash = add(hash, (uint64_t)coming->epoch << 32 | coming->change);
        hash = add(hash, coming->need_bytes);
        hash = add(hash, coming->next_us);
        hash =
            add(hash, (uint64_t)coming->start | (uint64_t)coming->whole << 1 |
                          (uint64_t)coming->doomed << 2 |
                          (uint64_t)coming->evacuee << 3);
        hash = add(hash, coming->heard_us);
    }
    return hash;
}

static uint64_t add_declared(uint64_t hash, const struct declared *declared)
{
    hash = add(hash, declared->mem_bytes);
    hash = add(hash, declared->cpu_us);
    hash = add(hash, (uint64_t)declared->job << 32 | declared->width);
    hash = add(hash, declared->queue_rank);
    return add(hash, (uint64_t)declared->class_number << 32 |
                         (uint64_t)declared->priority << 16 |
                         (uint64_t)declared->locked << 1 | declared->held);
}

static uint64_t add_ledger(uint64_t hash, const struct node *node)
{
    hash = add(hash, node->ended_count);
    for (size_t i = 0; i < node->ended_count; i++) {
        const struct ended *ended = &state_ended(node)[i];
        hash = add(hash, ended->proc);
        hash = add(hash, (uint64_t)ended->home << 32 | ended->epoch);
        hash = add(hash, ended->next_us);
    }
    hash = add(hash, node->away_count);
    for (size_t i = 0; i < node->away_count; i++) {
        const struct away *away = &state_away(node)[i];
        hash = add(hash, away->proc);
        hash = add(hash, (uint64_t)away->place << 32 | away->epoch);
        hash = add(hash, away->last_word_us);
        hash = add(hash, away->submitted_us);
        hash = add(hash, away->next_us);
        hash = add(hash, (uint64_t)away->recall | (uint64_t)away->silent << 8 |
                             (uint64_t)away->doomed << 9 |
                             (uint64_t)away->freeze << 10 |
                             (uint64_t)away->untold << 11 |
                             (uint64_t)away->try_count << 16);
        hash = add(hash, (uint64_t)away->user << 32 | away->change);
        hash = add_declared(hash, &away->declared);
    }
    return hash;
}

static uint64_t add_slots(uint64_t hash, const struct node *node)
{
    for (size_t i = 0; i < node->config.policy_count; i++) {
        const struct slot *slot = &node->slots[i];
        const uint8_t *state = state_at(node, slot->state_offset);
        hash = add(hash, slot->hash);
        hash = add(hash, slot->rng.state);
        hash = add(hash, slot->wake_us);
        hash = add(hash, slot->publish_milli);
        hash = add(hash, slot->keep_back_bytes);
        for (size_t k = 0; k < slot->state_bytes; k++)
            hash = add(hash, state[k]);
    }
    return hash;
}

static uint64_t add_map(uint64_t hash, const struct node *node)
{
    for (size_t i = 0; i < node->map_count; i++) {
        const struct cluster_info *cluster = &node->map[i];
        hash = add(hash, (uint64_t)cluster->id << 32 | cluster->first);
        hash = add(hash, cluster->node_count);
        hash = add(hash,
                   (uint64_t)cluster->priority << 16 | cluster->our_priority);
        hash = add(hash, (uint64_t)cluster->send << 1 | cluster->take |
                             (uint64_t)cluster->confine << 2 |
                             (uint64_t)cluster->isolated << 3 |
                             (uint64_t)cluster->cap << 4);
        hash = add(hash, cluster->latency_us);
        hash = add(hash, cluster->bytes_per_s);
    }
    return hash;
}

static uint64_t add_spread(uint64_t hash, const struct node *node)
{
    const struct spread *spread = &node->spread;
    hash = add(hash, node->map_digest);
    hash = add(hash, spread->rng.state);
    hash = add(hash, spread->span_until_us);
    hash = add(hash, spread->frame_count);
    for (size_t i = 0; i < SPREAD_MEETINGS_MAX; i++) {
        hash = add(hash, spread->meetings[i].peer);
        hash = add(hash, spread->meetings[i].until_us);
    }
    return hash;
}

static uint64_t add_owner(uint64_t hash, const struct node *node)
{
    const struct owner *owner = &node->owner;
    const uint64_t fields[] = {
        node->state,
        node->flags,
        owner->close.at_us,
        owner->close.then,
        owner->isolate.at_us,
        owner->isolate.then,
        owner->isolate_version,
        owner->group.cluster,
        owner->group.user,
        owner->flood_level,
        owner->flood_filled_us,
        owner->isolated,
        owner->reserved,
        owner->own_want_all,
        owner->review,
        owner->leavers,
        owner->ordered,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash = add(hash, fields[i]);
    return hash;
}

uint64_t node_hash(const struct node *node)
{
    uint64_t hash = add(0, node->config.id);
    hash = add(hash, node->now_us);
    hash = add(hash, node->timer_us);
    hash = add(hash, node->word_us);
    hash = add_info(hash, &node->sample);
    hash = add_info(hash, &node->self);
    hash = add_map(hash, node);
    hash = add_spread(hash, node);
    hash = add_owner(hash, node);
    hash = add_slots(hash, node);
    hash = add_peers(hash, node);
    hash = add_procs(hash, node);
    return add_ledger(hash, node);
}
