/* places.h - who is where: guests and the owners beside them.
 *
 * Followed through the records of processes, nodes and owners; a part of the
 * meter. A process is at a node while it is there and neither waits nor is
 * frozen. It is a guest of every node but its home, and a grid guest of the
 * nodes of other clusters.
 */
#ifndef RESULTS_PLACES_H
#define RESULTS_PLACES_H

#include <stdbool.h>

#include "../algorithms/node/journal.h"

__extension__ typedef unsigned __int128 places_sum;

/* A process, by its index in the meter. */
struct stay
{
    uint64_t came_us; /* To the node. */
    uint64_t done_us; /* Work that is credited to where it was done. */
    node_id home;
    node_id node;     /* Where it is, or was last. */
    uint32_t cluster; /* Of its home, by index. */
    uint32_t boot;    /* Of the node, when it came: after a crash it is gone. */
    bool here;
    bool started;
    bool held;      /* It ever waited in a queue, */
    bool was_guest; /* was a grid guest, */
    bool was_in;    /* was in its own cluster, */
    bool met;       /* with a grid guest on the same node. */
};

struct site
{
    uint64_t emptied_us; /* Since when guests are to go; PLACES_NEVER. */
    uint64_t guests_us;  /* Till when it had the last of its grid guests. */
    uint64_t down_us;    /* Since when it is down; PLACES_NEVER. */
    uint32_t guest_count;
    uint32_t grid_guest_count;
    uint32_t boot;
};

/* A cluster. */
struct domain
{
    uint32_t grid_guest_count;
    uint64_t emptied_us;
};

#define PLACES_NEVER UINT64_MAX

struct places
{
    struct site *sites; /* By node; NULL: nothing is followed. */
    uint32_t site_count;
    const node_id *firsts; /* Of the domains; the caller's. */
    struct domain *domains;
    size_t domain_count;
    struct stay *stays;
    size_t stays_room;
    double *waits_s; /* Of those that started, in the order of it. */
    size_t waits_count;
    size_t waits_room;
    uint64_t last_us; /* Date of the last record. */
    uint64_t held_count;
    uint64_t grid_guest_count;
    places_sum foreign_us;
    uint64_t reclaims; /* That were begun, and those that came to their end. */
    uint64_t reclaimed;
    places_sum reclaim_us;
    uint64_t reclaim_max_us;
    uint64_t down_count;
    places_sum down_us;
    double met_slowdown_sum; /* Of owners' processes that met grid guests, */
    uint64_t met_count;
    double alone_slowdown_sum; /* and that met none. */
    uint64_t alone_count;
};

/* The index of the cluster of a node, by their ascending first nodes; that of
 * the last one before it. */
uint32_t places_cluster(const node_id *firsts, size_t count, node_id node);

/* firsts: first node of each cluster, ascending, from node 0; kept. node_count
 * 0: nothing is followed and all else does nothing. */
void places_init(struct places *places,
                 const node_id *firsts,
                 size_t cluster_count,
                 uint32_t node_count);
void places_finish(struct places *places);

bool places_follow(const struct places *places);

/* False if the record names a node or cluster that is not there, or is older
 * than one before it. */
bool places_know(struct places *places, const struct record *record);

/* A process was submitted; it gets the next index. */
void places_submit(struct places *places,
                   const struct record *record,
                   size_t index);

/* A later record of a process that had no outcome before it. */
void places_of_process(struct places *places,
                       const struct record *record,
                       size_t index,
                       uint64_t submit_us);

/* It ended, after it was told by places_of_process(). */
void places_ended(struct places *places, size_t index, double slowdown);

/* OWNER, DOWN, UP. */
void places_of_node(struct places *places, const struct record *record);

/* Till then, what is still down counts. */
places_sum places_down_us(const struct places *places, uint64_t end_us);

#endif /* RESULTS_PLACES_H */
