/* checkpoints.h - what is kept of each process, and of which of its lives.
 *
 * A process that begins again gets another entry in world->processes, its next
 * life, under the same number and proc_id; so a copy of the life before that
 * still runs somewhere can go on until its node hears that it is void. Only the
 * files of sim/ that carry out checkpoints include this.
 */
#ifndef SIM_CHECKPOINTS_H
#define SIM_CHECKPOINTS_H

#include "world.h"

/* What becomes of a process that has no life now. */
enum fate {
    FATE_NONE,        /* It lives, or is over with its life. */
    FATE_READ,        /* Its home reads its image. */
    FATE_AWAITS_HOME, /* Its home is down. */
    FATE_PAGES_LOST,  /* Its home has not heard yet that it ended so. */
    FATE_DIED,        /* With its home: what still runs of it is stale. */
};

struct saved
{
    uint32_t current;      /* Entry of its life now. */
    uint32_t turn;         /* What the heap says of an earlier one is void. */
    uint32_t epoch;        /* The highest that any copy of it has had; */
    uint32_t born;         /* with which its life now began. */
    uint32_t next_of_home; /* Number of the next of this home. */
    uint16_t kept;         /* Whole checkpoints. */
    uint8_t fate;          /* enum fate. */
    bool flows;            /* Its image is on its way home. */
    uint64_t done_us;      /* Work done at the last; 0 without. */
    double due;            /* Date of the next; NAN: it has not run. */
    double asked;          /* Date at which that is looked at; INFINITY. */
    double began;          /* Date of the one under way. */
};

/* Of the entries behind the workload's. */
struct life
{
    uint32_t number;
    uint32_t before; /* Entry of the life before. */
};

struct checkpoints
{
    uint32_t workload_count; /* Entries that the workload has made. */
    struct saved *saved;     /* By number of the process, from 0. */
    size_t saved_bytes;
    uint32_t *of_home; /* By machine: the first number of this home. */
    struct life *lives;
    size_t life_room;
};

#endif /* SIM_CHECKPOINTS_H */
