#include "places.h"

#include "room.h"
#include "wish.h"

void places_init(struct places *places,
                 const node_id *firsts,
                 size_t cluster_count,
                 uint32_t node_count)
{
    *places = (struct places){.site_count = node_count};
    if (node_count == 0)
        return;
    assert(0 < cluster_count && firsts[0] == 0);
    places->firsts = firsts;
    places->domain_count = cluster_count;
    places->domains = room_make(cluster_count, sizeof(struct domain));
    for (size_t i = 0; i < cluster_count; i++)
        places->domains[i] = (struct domain){.emptied_us = PLACES_NEVER};
    places->sites = room_make(node_count, sizeof(struct site));
    for (uint32_t i = 0; i < node_count; i++)
        places->sites[i] =
            (struct site){.emptied_us = PLACES_NEVER, .down_us = PLACES_NEVER};
}

void places_finish(struct places *places)
{
    free(places->sites);
    free(places->domains);
    free(places->stays);
    free(places->waits_s);
}

bool places_follow(const struct places *places)
{
    return places->sites != NULL;
}

bool places_know(struct places *places, const struct record *record)
{
    if (!places_follow(places))
        return true;
    if (record->at_us < places->last_us)
        return false;
    places->last_us = record->at_us;
    if (record->kind == RECORD_OWNER) {
        uint64_t number = record->values[OWNER_CLUSTER];
        return 1 <= number && number <= places->domain_count &&
               (record->node == NODE_NONE || record->node < places->site_count);
    }
    bool at_peer = record->kind == RECORD_MOVED;
    return record->node < places->site_count &&
           (!at_peer || record->peer < places->site_count);
}

uint32_t places_cluster(const node_id *firsts, size_t count, node_id node)
{
    size_t low = 0;
    size_t high = count;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (firsts[middle] <= node)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static uint32_t domain_of(const struct places *places, node_id node)
{
    return places_cluster(places->firsts, places->domain_count, node);
}

/* ---- Emptying a place. --------------------------------------------------- */

static void begin_emptying(struct places *places,
                           uint64_t *emptied_us,
                           uint32_t guest_count,
                           uint64_t at_us)
{
    if (guest_count == 0 || *emptied_us != PLACES_NEVER)
        return;
    *emptied_us = at_us;
    places->reclaims++;
}

static void check_emptied(struct places *places,
                          uint64_t *emptied_us,
                          uint32_t guest_count,
                          uint64_t at_us)
{
    if (guest_count > 0 || *emptied_us == PLACES_NEVER)
        return;
    uint64_t taken_us = at_us - *emptied_us;
    *emptied_us = PLACES_NEVER;
    places->reclaimed++;
    places->reclaim_us += taken_us;
    if (places->reclaim_max_us < taken_us)
        places->reclaim_max_us = taken_us;
}

static void of_owner(struct places *places, const struct record *record)
{
    struct domain *domain = &places->domains[record->values[OWNER_CLUSTER] - 1];
    struct site *site =
        record->node == NODE_NONE ? NULL : &places->sites[record->node];
    switch (record->values[OWNER_WISH]) {
        case WISHED_ISOLATE:
            begin_emptying(places, &domain->emptied_us,
                           domain->grid_guest_count, record->at_us);
            break;
        case WISHED_REJOIN:
            domain->emptied_us = PLACES_NEVER;
            break;
        case WISHED_EXPEL:
        case WISHED_LEAVE:
            if (site != NULL)
                begin_emptying(places, &site->emptied_us, site->guest_count,
                               record->at_us);
            break;
        case WISHED_UNBLOCK:
        case WISHED_RETURN:
            if (site != NULL)
                site->emptied_us = PLACES_NEVER;
            break;
        default: /* Guests may stay. */
            break;
    }
}

/* ---- Coming and going. --------------------------------------------------- */

static bool is_here(const struct places *places, const struct stay *stay)
{
    return stay->here && stay->boot == places->sites[stay->node].boot;
}

static void leave(struct places *places, struct stay *stay, uint64_t at_us)
{
    if (!is_here(places, stay)) {
        stay->here = false;
        return;
    }
    struct site *site = &places->sites[stay->node];
    uint32_t cluster = domain_of(places, stay->node);
    struct domain *domain = &places->domains[cluster];
    stay->here = false;
    if (cluster == stay->cluster) {
        stay->was_in = stay->was_in || stay->came_us < at_us;
        stay->met = stay->met || site->grid_guest_count > 0 ||
                    stay->came_us < site->guests_us;
    } else {
        if (--site->grid_guest_count == 0)
            site->guests_us = at_us;
        domain->grid_guest_count--;
        check_emptied(places, &domain->emptied_us, domain->grid_guest_count,
                      at_us);
    }
    if (stay->node != stay->home) {
        site->guest_count--;
        check_emptied(places, &site->emptied_us, site->guest_count, at_us);
    }
}

static void come(struct places *places,
                 struct stay *stay,
                 node_id node,
                 uint64_t at_us)
{
    if (is_here(places, stay) && stay->node == node)
        return;
    leave(places, stay, at_us);
    struct site *site = &places->sites[node];
    uint32_t cluster = domain_of(places, node);
    stay->here = true;
    stay->node = node;
    stay->boot = site->boot;
    stay->came_us = at_us;
    if (node != stay->home)
        site->guest_count++;
    if (cluster == stay->cluster)
        return;
    site->grid_guest_count++;
    places->domains[cluster].grid_guest_count++;
    places->grid_guest_count += !stay->was_guest;
    stay->was_guest = true;
}

/* All that was there is gone, and no guest is left. */
static void go_down(struct places *places, node_id node, uint64_t at_us)
{
    struct site *site = &places->sites[node];
    struct domain *domain = &places->domains[domain_of(places, node)];
    places->down_count++;
    if (site->down_us == PLACES_NEVER)
        site->down_us = at_us;
    if (site->grid_guest_count > 0)
        site->guests_us = at_us;
    domain->grid_guest_count -= site->grid_guest_count;
    site->guest_count = site->grid_guest_count = 0;
    site->boot++;
    check_emptied(places, &site->emptied_us, 0, at_us);
    check_emptied(places, &domain->emptied_us, domain->grid_guest_count, at_us);
}

void places_of_node(struct places *places, const struct record *record)
{
    if (!places_follow(places))
        return;
    if (record->kind == RECORD_OWNER) {
        of_owner(places, record);
    } else if (record->kind == RECORD_DOWN) {
        go_down(places, record->node, record->at_us);
    } else {
        struct site *site = &places->sites[record->node];
        if (site->down_us != PLACES_NEVER)
            places->down_us += record->at_us - site->down_us;
        site->down_us = PLACES_NEVER;
    }
}

places_sum places_down_us(const struct places *places, uint64_t end_us)
{
    places_sum down_us = places->down_us;
    for (uint32_t i = 0; i < places->site_count; i++)
        if (places->sites[i].down_us < end_us)
            down_us += end_us - places->sites[i].down_us;
    return down_us;
}

/* ---- Processes. ---------------------------------------------------------- */

void places_submit(struct places *places,
                   const struct record *record,
                   size_t index)
{
    if (!places_follow(places))
        return;
    places->stays = room_grow(places->stays, index, &places->stays_room,
                              sizeof(struct stay));
    places->stays[index] = (struct stay){
        .home = record->node,
        .node = record->node,
        .cluster = domain_of(places, record->node),
    };
}

/* Work up to done_us was done at the node, beyond what is credited already. */
static void credit(struct places *places,
                   struct stay *stay,
                   node_id node,
                   uint64_t done_us)
{
    if (done_us <= stay->done_us)
        return;
    if (domain_of(places, node) != stay->cluster)
        places->foreign_us += done_us - stay->done_us;
    stay->done_us = done_us;
}

static void start(struct places *places,
                  struct stay *stay,
                  const struct record *record,
                  uint64_t submit_us)
{
    come(places, stay, record->node, record->at_us);
    if (stay->started)
        return;
    stay->started = true;
    places->waits_s = room_grow(places->waits_s, places->waits_count,
                                &places->waits_room, sizeof(double));
    places->waits_s[places->waits_count++] =
        (double)(record->at_us - submit_us) / 1e6;
}

/* What it lost was done where it was last. */
static void begin_again(struct places *places,
                        struct stay *stay,
                        const struct record *record)
{
    uint64_t done_us = record->values[RESTART_DONE_US];
    credit(places, stay, stay->node, done_us + record->values[RESTART_LOST_US]);
    leave(places, stay, record->at_us);
    stay->done_us = done_us;
    stay->node = record->node;
}

void places_of_process(struct places *places,
                       const struct record *record,
                       size_t index,
                       uint64_t submit_us)
{
    if (!places_follow(places))
        return;
    struct stay *stay = &places->stays[index];
    switch (record->kind) {
        case RECORD_RUN:
            start(places, stay, record, submit_us);
            break;
        case RECORD_HELD:
            places->held_count += !stay->held;
            stay->held = true;
            break;
        case RECORD_MOVED: /* Its target may have told it before. */
            if (record->values[MOVED_START] == 0)
                credit(places, stay, record->node,
                       record->values[MOVED_DONE_US]);
            if (stay->node == record->node)
                leave(places, stay, record->at_us);
            break;
        case RECORD_FREEZE:
            leave(places, stay, record->at_us);
            stay->node = record->node;
            break;
        case RECORD_THAW:
            come(places, stay, record->node, record->at_us);
            break;
        case RECORD_CHECKPOINT: /* It stays where it is. */
            break;
        case RECORD_RESTART:
            begin_again(places, stay, record);
            break;
        case RECORD_ENDED:
        case RECORD_KILLED:
            credit(places, stay, record->node, record->values[ENDED_CPU_US]);
            leave(places, stay, record->at_us);
            break;
        default:
            assert(record->kind == RECORD_LOST);
            credit(places, stay, stay->node, record->values[LOST_CPU_US]);
            leave(places, stay, record->at_us);
            break;
    }
}

void places_ended(struct places *places, size_t index, double slowdown)
{
    if (!places_follow(places))
        return;
    const struct stay *stay = &places->stays[index];
    if (stay->met) {
        places->met_slowdown_sum += slowdown;
        places->met_count++;
    } else if (stay->was_in) {
        places->alone_slowdown_sum += slowdown;
        places->alone_count++;
    }
}
