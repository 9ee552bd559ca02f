/* membership.c - see membership.h. */
#include "membership.h"

#include <assert.h>

#include "flood.h"
#include "owner.h"
#include "procs.h"
#include "questions.h"

bool membership_knows(const struct node *node, node_id id)
{
    return id - node->known_first < node->known_count ||
           map_cluster(node->map, node->map_count, id);
}

void membership_set_map(struct node *node,
                        const struct cluster_info *map,
                        size_t count)
{
    assert(map_is_sound(map, count, node->config.id));
    node->map = map;
    node->map_count = count;
    node->known_count = map_range(map, count, &node->known_first);
    node->self.cluster = map[0].id;
    membership_review(node);
}

/* What others hear. A node kept for nobody is blocked for all of them. */
static void tell_state(struct node *node)
{
    const struct owner *owner = &node->owner;
    bool closed = owner->reserved && owner->group.cluster == 0;
    uint8_t asked = node->flags & (uint8_t) ~(NODE_RESERVED | NODE_LENT);
    node->self.state =
        closed && node->state == NODE_UP ? NODE_BLOCKED : node->state;
    node->self.flags = asked | owner_flags(node);
}

void membership_set_state(struct node *node, uint8_t state, uint8_t flags)
{
    assert(state <= NODE_GONE);
    node->state = state;
    node->flags = flags;
    tell_state(node);
    membership_review(node);
}

void membership_set_sample(struct node *node, const struct node_info *sample)
{
    assert(sample->core_count > 0);
    assert(sample->speed_milli > 0);
    bool limit_fell = sample->grid_guest_limit < node->sample.grid_guest_limit;
    node->sample = *sample;
    node->self = *sample;
    node->self.id = node->config.id;
    node->self.cluster = node->map[0].id;
    tell_state(node);
    if (limit_fell)
        membership_review(node);
}

static const struct cluster_info *home_of(const struct node *node,
                                          const struct proc_info *proc)
{
    return map_cluster(node->map, node->map_count, proc->home);
}

/* A cluster always takes its own; what is of class 0 is never far from home. */
static bool may_be_here(const struct node *node, const struct proc_info *proc)
{
    const struct cluster_info *home = home_of(node, proc);
    return home &&
           (home == node->map || (home->take && proc->class_number != 0));
}

static uint16_t priority_here(const struct node *node,
                              const struct proc_info *proc)
{
    const struct cluster_info *home = home_of(node, proc);
    return home ? home->priority : UINT16_MAX;
}

/* Guests of that cluster here and on their way. */
static size_t count_of(const struct node *node,
                       const struct cluster_info *cluster)
{
    size_t count = 0;
    for (size_t i = 0; i < node->proc_count; i++)
        count += state_procs(node)[i].home_cluster == cluster->id;
    for (size_t i = 0; i < node->coming_count; i++)
        count += state_coming(node)[i].proc.home_cluster == cluster->id;
    return count;
}

static bool cap_is_reached(const struct node *node,
                           const struct proc_info *proc)
{
    const struct cluster_info *home = home_of(node, proc);
    return home->cap > 0 && count_of(node, home) >= home->cap;
}

const char *membership_admit(const struct node *node,
                             const struct proc_info *proc)
{
    if (node->proc_count + node->coming_count + node->ended_count >=
        node->config.proc_max)
        return "it can hold no more processes";
    if (proc->home == node->config.id)
        return NULL;
    if (node->state != NODE_UP)
        return "its owner takes no guests now";
    if (!home_of(node, proc))
        return "its home is not on the map here";
    bool far = procs_is_grid_guest(node, proc);
    if (far && node->map[0].isolated)
        return "its cluster is isolated";
    if (far && proc->class_number == 0)
        return "class 0 stays in its cluster";
    if (!may_be_here(node, proc))
        return "no right to come here";
    if (!owner_lets(node, proc))
        return "it is kept for others";
    if (far) {
        if (owner_wants_all(node))
            return "its own processes want all cores";
        if (cap_is_reached(node, proc))
            return "the cap of its cluster is reached";
        if (node->self.grid_guest_count >= node->self.grid_guest_limit &&
            node->worst_priority <= priority_here(node, proc))
            return "its guest limit is reached";
    }
    if (node->self.mem_free_bytes < proc_need_bytes(proc))
        return "no memory for it there";
    if (proc->must_leave && !flood_has_token(node))
        return "too many come at once";
    return NULL;
}

static bool stays(const struct node *node, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    return procs_is_grid_guest(node, proc) &&
           state_tracks(node)[index].leave == 0 && proc->state != PROC_LEAVING;
}

static void drive_out_worst(struct node *node)
{
    const struct proc_info *procs = state_procs(node);
    ptrdiff_t worst = PROC_ABSENT;
    for (size_t i = 0; i < node->proc_count; i++) {
        if (!stays(node, i))
            continue;
        if (worst != PROC_ABSENT) {
            uint16_t priority = priority_here(node, &procs[i]);
            uint16_t bad = priority_here(node, &procs[worst]);
            if (priority < bad ||
                (priority == bad &&
                 procs[i].arrived_us < procs[worst].arrived_us))
                continue;
        }
        worst = (ptrdiff_t)i;
    }
    assert(worst != PROC_ABSENT);
    state_tracks(node)[worst].leave |= LEAVE_LIMIT;
}

/* As many of its cluster as may be here came before it. */
static bool is_over_cap(const struct node *node, size_t index)
{
    const struct proc_info *procs = state_procs(node);
    const struct cluster_info *home = home_of(node, &procs[index]);
    if (!home || home->cap == 0 || !procs_is_grid_guest(node, &procs[index]))
        return false;
    size_t before = 0;
    for (size_t i = 0; i < node->proc_count; i++)
        before +=
            procs[i].home_cluster == home->id &&
            (procs[i].arrived_us < procs[index].arrived_us ||
             (procs[i].arrived_us == procs[index].arrived_us && i < index));
    return before >= home->cap;
}

/* All but the limit, which is about who else is here; it is asked again of one
 * that leaves when that has failed. */
static uint8_t why_leave(const struct node *node, size_t index)
{
    const struct proc_info *proc = &state_procs(node)[index];
    uint8_t was = state_tracks(node)[index].leave;
    uint8_t why = was & LEAVE_ORDER;
    if (!procs_is_guest(node, proc))
        return why;
    if (proc->state == PROC_LEAVING)
        why |= was & LEAVE_LIMIT;
    bool far = procs_is_grid_guest(node, proc);
    if (node->state >= NODE_DRAINING)
        why |= LEAVE_STATE;
    if (!owner_lets(node, proc))
        why |= LEAVE_RESERVED;
    if (far && node->map[0].isolated)
        why |= LEAVE_ISOLATED;
    if (far && node->owner.own_want_all)
        why |= LEAVE_OWNER_FIRST;
    if (!may_be_here(node, proc))
        why |= LEAVE_RIGHT;
    if (is_over_cap(node, index))
        why |= LEAVE_CAP;
    return why;
}

/* Who was marked anew has some time; nobody sends a process from its home. */
static void set_leave_time(struct node *node, size_t index, bool was_marked)
{
    const struct proc_info *proc = &state_procs(node)[index];
    struct track *track = &state_tracks(node)[index];
    node->owner.leavers |= proc->must_leave && !was_marked;
    if (!proc->must_leave || !procs_is_guest(node, proc)) {
        track->leave_us = USEC_NEVER;
    } else if (track->leave_us == USEC_NEVER) {
        track->leave_us = after(node->now_us, node->config.leave_within_us);
        arm(node, track->leave_us);
    }
}

/* As track.leave says. */
static void mark(struct node *node, size_t index)
{
    struct proc_info *proc = &state_procs(node)[index];
    bool was_marked = proc->must_leave;
    proc->must_leave = state_tracks(node)[index].leave != 0;
    set_leave_time(node, index, was_marked);
}

void membership_ask_out(struct node *node, size_t index)
{
    state_tracks(node)[index].leave |= LEAVE_ORDER;
    mark(node, index);
    membership_rank(node);
    self_refresh(node);
}

void membership_review(struct node *node)
{
    size_t stay_count = 0;
    for (size_t i = 0; i < node->proc_count; i++) {
        state_tracks(node)[i].leave = why_leave(node, i);
        stay_count += stays(node, i);
    }
    size_t coming_count = node->sums.coming_grid_count;
    for (; stay_count > 0 &&
           stay_count + coming_count > node->sample.grid_guest_limit;
         stay_count--)
        drive_out_worst(node);
    for (size_t i = 0; i < node->proc_count; i++)
        mark(node, i);
    membership_rank(node);
    self_refresh(node);
}

void membership_rank(struct node *node)
{
    node->worst_priority = 0;
    if (node->sums.grid_guest_count == 0)
        return;
    const struct proc_info *procs = state_procs(node);
    for (size_t i = 0; i < node->proc_count; i++) {
        if (!stays(node, i))
            continue;
        uint16_t priority = priority_here(node, &procs[i]);
        if (priority > node->worst_priority)
            node->worst_priority = priority;
    }
}
