/* meter.h - what a meter keeps; shared by meter.c, which takes records in, and
 * reading.c, which makes metrics of them. All of it is integers, but for the
 * slowdowns, so that the order of records is all that a result depends on. */
#ifndef RESULTS_METER_H
#define RESULTS_METER_H

#include "metrics.h"
#include "numbering.h"
#include "places.h"

/* Sums of bytes and of microseconds of all cores of a grid pass 2^64. */
__extension__ typedef unsigned __int128 sum_t;

enum { FREEZE_BY_COUNT = FREEZE_BY_OWNER + 1 };

enum outcome { OUTCOME_NONE, OUTCOME_ENDED, OUTCOME_LOST, OUTCOME_KILLED };

/* What is known of a process, by its index in meter.procs. Kept small: every
 * end looks up a life at random. */
struct life
{
    uint64_t proc; /* Its id, to look up both at once. */
    uint64_t submit_us;
    uint64_t work_us;
    uint64_t end_us;     /* Of whatever outcome. */
    uint32_t user;       /* Index in meter.users. */
    uint32_t cluster;    /* Of its home, by the options. */
    uint32_t move;       /* Index in meter.moves; NUMBER_NONE before one. */
    uint16_t size_class; /* 0 if there are no classes. */
    uint8_t outcome;
    bool useless; /* Its last migration is counted as useless. */
};

/* The last migration of a process, and whether it is frozen. */
struct move
{
    uint64_t frozen_at_us; /* NOT_FROZEN if it is not. */
    uint64_t frozen_by;    /* enum freeze_by. */
    node_id frozen_node;   /* Where it is, or was last. */
    uint64_t ended_us;
    uint64_t taken_us;
    node_id from;
    node_id to;
};

/* Counts over a class of processes, or over all of them. */
struct counts
{
    uint64_t outcomes[OUTCOME_KILLED + 1]; /* NONE: submitted, all of them. */
    uint64_t remote_starts;
    uint64_t migrations;
    uint64_t useless;
    uint64_t ping_pongs;
    uint64_t refusals;
    uint64_t failed_moves;
    sum_t moved_bytes;
    sum_t frozen_us; /* By migrations. */
    uint64_t freezes;
    sum_t in_space_us;
    sum_t in_space_by_us[FREEZE_BY_COUNT];
    uint64_t checkpoints;
    sum_t checkpoint_bytes;
    sum_t checkpoint_us; /* Stopped for them. */
    uint64_t restarts;
    uint64_t killed_by_owner;
    sum_t wasted_us; /* Work of the lost and killed, and between checkpoint
                      * and restart. */
};

/* Sums over the nodes. */
struct node_sums
{
    uint64_t boards; /* Records of boards that had an entry. */
    uint64_t tallies;
    uint64_t board_entries;
    sum_t age_us; /* Over all entries. */
    sum_t p95_age_us;
    sum_t lived_us; /* Time of the nodes till their tally. */
    sum_t frames;
    sum_t frame_bytes;
    sum_t wan_bytes;
    sum_t busy_us;
    sum_t capacity_us;
    sum_t thrash_us;
    sum_t lost_work_us;
};

/* What happened to the grid. */
struct grid_sums
{
    uint64_t wishes;
    uint64_t faults;
    uint64_t known;
    sum_t known_us;
    uint64_t known_max_us;
};

/* For Jain's index: slowdowns of one user or one cluster. */
struct share
{
    double slowdown_sum;
    uint64_t count;
};

/* The processes of a class of size, or all of them. Sums of doubles are taken
 * in order of end. */
struct part
{
    struct counts counts;
    uint64_t first_us; /* The first submission; UINT64_MAX before it. */
    uint64_t last_us;  /* The last end of those that ended. */
    double slowdown_sum;
    double bounded_sum;
    sum_t response_us;
    sum_t work_us;
    double *slowdowns; /* In order of end; counts.outcomes[ENDED] of them. */
    size_t slowdowns_room;
    struct share *users; /* By index in meter.users, as far as one ended. */
    size_t users_count;
    struct share *clusters;
};

#define NOT_FROZEN UINT64_MAX

struct meter
{
    uint64_t bound_us;
    double speed_max;
    double pool_speed;
    double memory_speed;
    struct core_group *core_groups;
    size_t core_group_count;
    uint64_t *class_edges_us;
    size_t class_count;
    node_id *cluster_firsts;
    size_t cluster_count;

    struct numbering procs;
    struct life *lives;
    size_t lives_room;
    uint64_t *mem_bytes; /* By the index of lives: only bounds look at it. */
    size_t mem_bytes_room;
    struct move *moves;
    size_t moves_count;
    size_t moves_room;
    struct numbering users;
    struct part all;
    struct part *classes;
    struct node_sums nodes;
    struct grid_sums grid;
    struct places places;
};

#endif /* RESULTS_METER_H */
