/* swarm.h - what one seed of the swarm makes, and the trouble it makes. */
#ifndef TESTS_SWARM_H
#define TESTS_SWARM_H

#include "tests/cluster.h"

#define SECONDS(n) ((usec_t)(n)*CLUSTER_SECOND_US)
#define MIB (1024ULL * 1024)

enum {
    PARTS_MAX = 4,
    PROCS_MAX = 60,
    USERS_MAX = 3,
    JOBS_MAX = 4,
};

/* One run. */
struct swarm
{
    uint64_t seed;
    uint64_t random;
    struct cluster_part parts[PARTS_MAX];
    struct cluster_setup setup;
    struct cluster_list list;
    char names[512];
    struct cluster *cluster;
    proc_id procs[PROCS_MAX];
    size_t proc_count;
    bool gossips;
    uint32_t versions[PARTS_MAX]; /* Of each owner's last word. */
};

/* A number below that one, of the seed's stream; true so often. */
uint64_t swarm_draw(struct swarm *swarm, uint64_t below);
bool swarm_chance(struct swarm *swarm, uint64_t percent);

/* Something happens: users, owners, bad luck. */
void swarm_trouble(struct swarm *swarm);

/* All faults are mended, all owners open, all users content. */
void swarm_make_peace(struct swarm *swarm);

/* With owners who speak: one of them takes his cluster out of the grid, where
 * nothing else is wrong. NULL if all guests go and all aways come back. */
const char *swarm_isolate_one(struct swarm *swarm);

#endif /* TESTS_SWARM_H */
