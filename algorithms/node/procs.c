/* procs.c - see procs.h. */
#include "procs.h"

#include <assert.h>
#include <string.h>

#include "membership.h"
#include "owner.h"
#include "questions.h"

bool procs_is_guest(const struct node *node, const struct proc_info *proc)
{
    return proc->home != node->config.id;
}

bool procs_is_grid_guest(const struct node *node, const struct proc_info *proc)
{
    return proc->home_cluster != node->map[0].id;
}

static size_t lower_bound(const struct node *node, proc_id proc)
{
    const struct proc_info *procs = state_procs(node);
    size_t low = 0;
    size_t high = node->proc_count;
    /* Mostly the newest is asked for, which has the highest id. */
    if (high > 0 && procs[high - 1].id <= proc)
        return high - (procs[high - 1].id == proc);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (procs[middle].id < proc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

ptrdiff_t procs_find(const struct node *node, proc_id proc)
{
    size_t at = lower_bound(node, proc);
    return at < node->proc_count && state_procs(node)[at].id == proc
               ? (ptrdiff_t)at
               : PROC_ABSENT;
}

/* Whose it is. */
static void count_owner(struct node *node, size_t index, int sign)
{
    const struct proc_info *proc = &state_procs(node)[index];
    struct sums *sums = &node->sums;
    uint32_t one = (uint32_t)sign;
    if (procs_is_guest(node, proc))
        sums->guest_count += one;
    else
        sums->home_count += one;
    if (procs_is_grid_guest(node, proc))
        sums->grid_guest_count += one;
}

static void count_frozen(struct sums *sums, int64_t mem_bytes, uint32_t one)
{
    sums->freeze_bytes += mem_bytes;
    sums->frozen_count += one;
}

/* Does it count as load, does it hold memory? A process under way is still
 * resident but no longer load; one that has not started is neither, and the
 * image of a frozen one stays in freeze space until it is gone. */
static void count_state(struct node *node, size_t index, int sign)
{
    const struct proc_info *proc = &state_procs(node)[index];
    const struct track *track = &state_tracks(node)[index];
    struct sums *sums = &node->sums;
    uint32_t one = (uint32_t)sign;
    int64_t mem_bytes = sign * (int64_t)proc->mem_bytes;
    switch ((enum proc_state)proc->state) {
        case PROC_WAITING:
            break;
        case PROC_RUNNING:
            sums->load_milli += (int64_t)sign * 1000;
            sums->mem_bytes += mem_bytes;
            if (!procs_is_grid_guest(node, proc))
                sums->own_running_count += one;
            break;
        case PROC_LEAVING:
            if (track->frozen)
                count_frozen(sums, mem_bytes, one);
            else if (!track->start)
                sums->mem_bytes += mem_bytes;
            if (!procs_is_guest(node, proc))
                sums->home_leaving_count += one;
            break;
        case PROC_FROZEN:
            count_frozen(sums, mem_bytes, one);
            if (track->frozen_by == FREEZE_BY_OWNER)
                sums->owner_frozen_count += one;
            if (track->flooded)
                sums->flooded_count += one;
            break;
    }
}

/* All from that index on to another, with what is known of them. */
static void move_procs(struct node *node, size_t from, size_t to)
{
    struct proc_info *procs = state_procs(node);
    struct track *tracks = state_tracks(node);
    struct why *whys = state_whys(node);
    size_t count = node->proc_count - from;
    if (count == 0)
        return;
    memmove(&procs[to], &procs[from], count * sizeof *procs);
    memmove(&tracks[to], &tracks[from], count * sizeof *tracks);
    if (!node->silent)
        memmove(&whys[to], &whys[from], count * sizeof *whys);
}

size_t procs_open(struct node *node, proc_id proc)
{
    assert(node->proc_count < node->config.proc_max);
    size_t at = lower_bound(node, proc);
    assert(at == node->proc_count || state_procs(node)[at].id != proc);
    move_procs(node, at, at + 1);
    state_tracks(node)[at] = (struct track){.target = NODE_NONE,
                                            .order_target = NODE_NONE,
                                            .heard_us = node->now_us,
                                            .next_us = USEC_NEVER,
                                            .leave_us = USEC_NEVER};
    if (!node->silent)
        state_whys(node)[at].text[0] = 0;
    return at;
}

void procs_enter(struct node *node, size_t index)
{
    node->proc_count++;
    count_owner(node, index, 1);
    count_state(node, index, 1);
    if (procs_is_grid_guest(node, &state_procs(node)[index]))
        membership_rank(node);
    self_refresh(node);
}

size_t procs_insert(struct node *node, const struct proc_info *proc)
{
    size_t at = procs_open(node, proc->id);
    state_procs(node)[at] = *proc;
    procs_enter(node, at);
    return at;
}

void procs_remove(struct node *node, size_t index)
{
    struct proc_info *procs = state_procs(node);
    bool was_grid_guest = procs_is_grid_guest(node, &procs[index]);
    count_owner(node, index, -1);
    count_state(node, index, -1);
    move_procs(node, index + 1, index);
    node->proc_count--;
    if (was_grid_guest)
        membership_rank(node);
    self_refresh(node);
}

/* Who froze it, as far as policies have to know. */
static void set_stopped(struct node *node, size_t index)
{
    struct proc_info *proc = &state_procs(node)[index];
    proc->stopped = proc->state == PROC_FROZEN &&
                    state_tracks(node)[index].frozen_by != FREEZE_BY_POLICY;
}

void procs_set_state(struct node *node, size_t index, enum proc_state state)
{
    count_state(node, index, -1);
    state_procs(node)[index].state = (uint8_t)state;
    count_state(node, index, 1);
    set_stopped(node, index);
    if (procs_is_grid_guest(node, &state_procs(node)[index]))
        membership_rank(node);
    self_refresh(node);
}

void procs_set_frozen_by(struct node *node,
                         size_t index,
                         enum freeze_by by,
                         bool flooded)
{
    count_state(node, index, -1);
    state_tracks(node)[index].frozen_by = (uint8_t)by;
    state_tracks(node)[index].flooded = flooded;
    count_state(node, index, 1);
    set_stopped(node, index);
}

/* What is frozen keeps the size of its image. */
static void merge_measured(struct proc_info *proc,
                           const struct track *track,
                           const struct proc_info *measured)
{
    bool frozen = proc->state == PROC_FROZEN ||
                  (proc->state == PROC_LEAVING && track->frozen);
    proc->cpu_milli = measured->cpu_milli;
    if (!frozen)
        proc->mem_bytes = measured->mem_bytes;
    proc->dirty_bytes_per_s = measured->dirty_bytes_per_s;
    proc->home_calls_per_s = measured->home_calls_per_s;
    proc->home_bytes_per_s = measured->home_bytes_per_s;
    proc->sibling_node = measured->sibling_node;
    proc->sibling_bytes_per_s = measured->sibling_bytes_per_s;
    proc->cpu_used_us = measured->cpu_used_us;
    proc->pinned = measured->pinned;
}

/* Both lists ascend by id as a rule; an unordered one only costs searches. */
static void merge_all(struct node *node,
                      const struct proc_info *measured,
                      size_t count)
{
    struct proc_info *procs = state_procs(node);
    const struct track *tracks = state_tracks(node);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (at == node->proc_count || procs[at].id != measured[i].id)
            at = lower_bound(node, measured[i].id);
        if (at == node->proc_count || procs[at].id != measured[i].id)
            continue;
        merge_measured(&procs[at], &tracks[at], &measured[i]);
        at++;
    }
}

void procs_sample(struct node *node,
                  const struct proc_info *measured,
                  size_t count)
{
    merge_all(node, measured, count);
    /* The sample saw all that runs; of this only what runs while it leaves is
     * taken off again. */
    node->sums.load_milli = 0;
    node->sums.mem_bytes = 0;
    node->sums.freeze_bytes = 0;
    const struct track *tracks = state_tracks(node);
    for (size_t i = 0; i < node->proc_count; i++)
        if ((tracks[i].phase == PHASE_OFFERED ||
             tracks[i].phase == PHASE_CARRYING) &&
            !tracks[i].start && !tracks[i].frozen)
            node->sums.load_milli -= 1000;
    self_refresh(node);
}

static uint64_t room_left(uint64_t free_bytes,
                          int64_t used_bytes,
                          uint64_t reserved_bytes,
                          uint64_t total_bytes)
{
    uint64_t room = free_bytes;
    if (used_bytes < 0)
        room += (uint64_t)-used_bytes;
    else
        reserved_bytes += (uint64_t)used_bytes;
    room = room > reserved_bytes ? room - reserved_bytes : 0;
    return room < total_bytes ? room : total_bytes;
}

static uint16_t count_u16(uint32_t count)
{
    return count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
}

void self_refresh(struct node *node)
{
    const struct sums *sums = &node->sums;
    struct node_info *self = &node->self;
    const struct node_info *sample = &node->sample;
    int64_t load_milli = (int64_t)sample->load_milli + sums->load_milli +
                         1000 * (int64_t)node->coming_count;
    self->load_milli = load_milli < 0            ? 0
                       : load_milli > UINT32_MAX ? UINT32_MAX
                                                 : (uint32_t)load_milli;
    /* A sample without free memory does not say how much is missing: what ends
     * gives no room until the next one. */
    self->mem_free_bytes =
        sample->mem_free_bytes == 0
            ? 0
            : room_left(sample->mem_free_bytes, sums->mem_bytes,
                        sums->coming_mem_bytes, sample->mem_total_bytes);
    self->freeze_free_bytes =
        room_left(sample->freeze_free_bytes, sums->freeze_bytes, 0,
                  sample->freeze_total_bytes);
    self->guest_count = count_u16(sums->guest_count + sums->coming_guest_count);
    self->grid_guest_count =
        count_u16(sums->grid_guest_count + sums->coming_grid_count);
    self->frozen_count = count_u16(sums->frozen_count);
    self->priority = node->worst_priority;
    bool want_all = owner_wants_all(node);
    if (want_all != node->owner.own_want_all) {
        node->owner.own_want_all = want_all;
        node->owner.review = true;
    }
}
