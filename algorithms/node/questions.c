/* questions.c - the questions of policy.h. */
#include "questions.h"

#include "rng.h"

/* Where it would be if all clusters but the own were of one size, which those
 * of large grids often are: 1 .. count - 1, if there are that many. */
static size_t place_guess(const struct cluster_info *map,
                          size_t count,
                          node_id node)
{
    if (count < 2 || node <= map[1].first)
        return 1;
    if (map[count - 1].first <= node)
        return count - 1;
    return 1 + (size_t)((uint64_t)(node - map[1].first) * (count - 2) /
                        (map[count - 1].first - map[1].first));
}

const struct cluster_info *map_cluster(const struct cluster_info *map,
                                       size_t count,
                                       node_id node)
{
    if (count == 0)
        return NULL;
    if (node >= map[0].first && node - map[0].first < map[0].node_count)
        return &map[0];
    size_t low = 1;
    size_t high = count;
    size_t middle = place_guess(map, count, node);
    while (low < high) {
        if (map[middle].first > node)
            high = middle;
        else if (node - map[middle].first < map[middle].node_count)
            return &map[middle];
        else
            low = middle + 1;
        middle = low + (high - low) / 2;
    }
    return NULL;
}

uint32_t map_range(const struct cluster_info *map,
                   size_t count,
                   node_id *ret_first)
{
    const struct cluster_info *own = &map[0];
    *ret_first = own->first;
    if (count == 1)
        return own->node_count;
    const struct cluster_info *last = &map[count - 1];
    node_id first = map[1].first < own->first ? map[1].first : own->first;
    node_id end = last->first < own->first ? own->first + own->node_count
                                           : last->first + last->node_count;
    if (end - first != last->before_count + last->node_count)
        return own->node_count;
    *ret_first = first;
    return end - first;
}

bool map_is_sound(const struct cluster_info *map, size_t count, node_id node)
{
    if (count == 0 || node < map[0].first ||
        node - map[0].first >= map[0].node_count)
        return false;
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        const struct cluster_info *cluster = &map[i];
        if (cluster->before_count != before || cluster->node_count == 0 ||
            cluster->node_count > NODE_NONE - cluster->first)
            return false;
        if (i > 1 && map[i - 1].first + map[i - 1].node_count > cluster->first)
            return false;
        before += cluster->node_count;
    }
    return before <= NODE_NONE;
}

const struct cluster_info *cluster_of(const struct policy_ctx *c, node_id node)
{
    return map_cluster(c->clusters, c->cluster_count, node);
}

const struct peer_info *peer_find(const struct policy_ctx *c, node_id node)
{
    for (size_t i = 0; i < c->peer_count; i++)
        if (c->peer_keys[i].id == node)
            return peer_at(c, i);
    return NULL;
}

const struct proc_info *proc_find(const struct policy_ctx *c, proc_id proc)
{
    size_t low = 0;
    size_t high = c->proc_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->procs[middle].id < proc)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->proc_count && c->procs[low].id == proc ? &c->procs[low]
                                                           : NULL;
}

/* The node at a place of the map, clusters laid end to end. */
static node_id node_at(const struct policy_ctx *c, uint64_t place)
{
    size_t low = 0;
    size_t high = c->cluster_count - 1;
    while (low < high) {
        size_t middle = high - (high - low) / 2;
        if (c->clusters[middle].before_count <= place)
            low = middle;
        else
            high = middle - 1;
    }
    const struct cluster_info *cluster = &c->clusters[low];
    return cluster->first + (node_id)(place - cluster->before_count);
}

node_id node_pick(const struct policy_ctx *c, enum scope scope)
{
    if (c->cluster_count == 0)
        return NODE_NONE;
    const struct cluster_info *own = &c->clusters[0];
    const struct cluster_info *last = &c->clusters[c->cluster_count - 1];
    uint64_t total = last->before_count + last->node_count;
    uint64_t first = scope == SCOPE_OTHERS ? own->node_count : 0;
    uint64_t end = scope == SCOPE_OWN ? own->node_count : total;
    uint64_t self = c->self->id - own->first;
    bool has_self = scope != SCOPE_OTHERS && c->self->id >= own->first &&
                    self < own->node_count;
    if (end - first <= has_self)
        return NODE_NONE;
    /* Node ids are 32 bits wide and ranges are disjoint: the count fits. */
    uint32_t count = (uint32_t)(end - first - has_self);
    uint64_t place = first + rng_below(c->rng, count);
    if (has_self && place >= self)
        place++;
    return node_at(c, place);
}

static uint32_t each_milli(int64_t load_milli, uint64_t speed_milli)
{
    if (load_milli <= 0)
        return 0;
    if ((uint64_t)load_milli > UINT64_MAX / 1000)
        return UINT32_MAX;
    uint64_t milli = (uint64_t)load_milli * 1000 / speed_milli;
    return milli > UINT32_MAX ? UINT32_MAX : (uint32_t)milli;
}

uint32_t node_load_milli(const struct node_info *info, int64_t extra_milli)
{
    return each_milli((int64_t)info->load_milli + extra_milli,
                      (uint64_t)info->core_count * info->speed_milli);
}

uint32_t peer_load_milli(const struct peer_info *peer, int64_t extra_milli)
{
    const struct node_word *word = &peer->word;
    return each_milli(
        (int64_t)word->load_milli + peer->reserved_milli + extra_milli,
        (uint64_t)word->core_count * word->speed_milli);
}

uint64_t peer_room_bytes(const struct peer_info *peer)
{
    uint64_t free_bytes = unit_bytes(peer->word.mem_free_units);
    return free_bytes > peer->reserved_mem_bytes
               ? free_bytes - peer->reserved_mem_bytes
               : 0;
}

uint64_t proc_need_bytes(const struct proc_info *proc)
{
    return proc->mem_declared_bytes > proc->mem_bytes ? proc->mem_declared_bytes
                                                      : proc->mem_bytes;
}

static const char *bound_after(const struct proc_info *proc, size_t *skip)
{
    if (proc->state == PROC_LEAVING && (*skip)-- == 0)
        return "it is leaving already";
    if (proc->state == PROC_FROZEN && (*skip)-- == 0)
        return "it is frozen";
    if (proc->pinned && (*skip)-- == 0)
        return "its system calls hold it here";
    return NULL;
}

const char *proc_bound(const struct proc_info *proc)
{
    size_t skip = 0;
    return bound_after(proc, &skip);
}

const char *proc_obstacle_after(const struct policy_ctx *c,
                                const struct proc_info *proc,
                                size_t skip)
{
    const char *bound = bound_after(proc, &skip);
    if (bound)
        return bound;
    if (proc->locked && skip-- == 0)
        return "its user holds it here";
    if (proc->must_leave)
        return NULL; /* One wish of the owner overrides the other. */
    if ((c->self->flags & NODE_STAY) && skip-- == 0)
        return "the owner lets nothing leave by itself";
    if ((c->self->flags & NODE_LOCAL_STAY) && proc->home == c->self->id &&
        skip == 0)
        return "the owner lets nothing of this home leave by itself";
    return NULL;
}

const char *proc_obstacle(const struct policy_ctx *c,
                          const struct proc_info *proc)
{
    return proc_obstacle_after(c, proc, 0);
}

const char *rights_obstacle(const struct policy_ctx *c,
                            const struct proc_info *proc,
                            node_id target)
{
    const struct cluster_info *cluster = cluster_of(c, target);
    if (!cluster)
        return "it is not on the map";
    if (cluster->id == proc->home_cluster)
        return NULL;
    if (proc->class_number == 0)
        return "class 0 stays in its cluster";
    const struct cluster_info *own = &c->clusters[0];
    if (cluster->isolated && cluster != own)
        return "that cluster is isolated";
    /* Of guests that an isolated cluster turns out, others decide. */
    if (own->isolated && cluster != own && proc->home_cluster == own->id)
        return "its cluster is isolated";
    if (own->isolated && cluster == own)
        return "its guests leave this cluster";
    if (cluster != own && !own->isolated && !cluster->send)
        return "no right to go there";
    const struct cluster_info *home = cluster_of(c, proc->home);
    if (cluster != own && home && home != own && home->confine &&
        !proc->must_leave)
        return "guests of its cluster go no further from here";
    return NULL;
}

/* A node kept for some says whether these are of its own cluster. */
static bool is_kept_from(const struct proc_info *proc,
                         const struct node_word *word)
{
    bool own = proc->home_cluster == word->cluster;
    return (word->flags & NODE_RESERVED) &&
           own == ((word->flags & NODE_LENT) != 0);
}

/* A better guest may drive the worst one out; of processes that are guests
 * here themselves, nobody here knows the priority there. */
static bool limit_is_reached(const struct policy_ctx *c,
                             const struct proc_info *proc,
                             const struct node_word *word)
{
    const struct cluster_info *cluster = cluster_of(c, word->id);
    if (cluster->id == proc->home_cluster ||
        word->grid_guest_count < word->grid_guest_limit)
        return false;
    bool ours = proc->home_cluster == c->clusters[0].id;
    return !ours || word->priority <= cluster->our_priority;
}

const char *obstacle(const struct policy_ctx *c,
                     const struct proc_info *proc,
                     const struct peer_info *peer)
{
    const char *why = proc_obstacle(c, proc);
    if (why)
        return why;
    if (peer->word.state == NODE_GONE)
        return "the node is gone";
    if (peer->word.id == proc->home) {
        if (!cluster_of(c, proc->home))
            return "its home is not on the map";
        return peer_room_bytes(peer) < proc_need_bytes(proc)
                   ? "no memory for it at home"
                   : NULL;
    }
    if (peer->word.state != NODE_UP)
        return "its owner takes no guests now";
    if (peer->refused)
        return "it refused a moment ago";
    why = rights_obstacle(c, proc, peer->word.id);
    if (why)
        return why;
    if (is_kept_from(proc, &peer->word))
        return "it is kept for others";
    if (limit_is_reached(c, proc, &peer->word))
        return "its guest limit is reached";
    return peer_room_bytes(peer) < proc_need_bytes(proc)
               ? "no memory for it there"
               : NULL;
}
