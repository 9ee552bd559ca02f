/* history.h - the records of a run as what happened to whom, in order.
 *
 * For figures and for exports to viewers: a process enters a node in a state
 * and leaves it; moves join the two; nodes go down, clusters are isolated. What
 * is told is sound whatever the records were: all that begins comes to an end,
 * at the end of the history if not before, dates never go back, and a process
 * is in one place. Only what is open is held in memory.
 *
 * On a node, those that run or are frozen have a lane each, the lowest that is
 * free, so that they can be drawn beside each other. Those that wait have none:
 * there may be very many.
 */
#ifndef RESULTS_HISTORY_H
#define RESULTS_HISTORY_H

#include "grid.h"

enum history_state { HISTORY_WAITING, HISTORY_RUNNING, HISTORY_FROZEN };

enum history_kind {
    HISTORY_ENTERED,    /* life: it is in this state on this node. */
    HISTORY_LEFT,       /* life: it was, since since_us. */
    HISTORY_DEPARTED,   /* life: it is on its way from life->node, which it
                         * has left; ARRIVED or STRAYED comes later. */
    HISTORY_ARRIVED,    /* life: from there to this node; ENTERED follows. */
    HISTORY_STRAYED,    /* life: it will arrive nowhere. */
    HISTORY_DOWN,       /* node */
    HISTORY_UP,         /* node, since since_us: it was down till now. */
    HISTORY_ISOLATED,   /* cluster */
    HISTORY_REJOINED,   /* cluster, since since_us: it was isolated till now. */
    HISTORY_WISHED,     /* cluster, node or NODE_NONE, wish, why */
    HISTORY_FAULT,      /* node or NODE_NONE, why */
    HISTORY_CHECKPOINT, /* life, node */
    HISTORY_OVER,       /* All that was open has ended: the last event. */
    HISTORY_KINDS
};

/* What was run; the texts are the caller's. */
struct history_run
{
    const char *scenario;
    const char *policies;
    const char *commit;
    uint64_t seed;
};

#define HISTORY_NO_LANE UINT32_MAX

/* A process that is not over. */
struct history_life
{
    proc_id proc;
    node_id home;
    uint64_t user;
    uint64_t job;
    node_id node; /* Where it is, or was last. */
    enum history_state state;
    bool here;          /* False: on its way, or on a node that is down. */
    bool departed;      /* On its way. */
    uint32_t lane;      /* HISTORY_NO_LANE while it waits. */
    uint64_t since_us;  /* When it entered, or departed. */
    uint64_t move;      /* Number of its move, from 1; set by DEPARTED. */
    uint64_t frozen_us; /* Of that move; 0 if its target was first to tell. */
    uint64_t bytes;
};

struct history_event
{
    enum history_kind kind;
    uint64_t at_us;
    uint64_t since_us; /* Of LEFT, UP, REJOINED. */
    const struct history_life *life;
    node_id node;
    uint32_t lane;  /* Of ARRIVED: that which it will have. */
    size_t cluster; /* Index; of the node where there is one; SIZE_MAX: none. */
    uint64_t wish;
    bool last; /* Ended only because the history does. */
    const char *why;
};

struct history;

/* The grid is kept by pointer; take is called for each event. */
struct history *history_create(const struct grid *grid,
                               void (*take)(void *who,
                                            const struct history_event *event),
                               void *who);
void history_destroy(struct history *history);

/* 0, or -EINVAL if the record names a node or cluster that the grid has not. */
int history_add(struct history *history, const struct record *record);

/* All that is open ends now. */
void history_end(struct history *history);

/* Of what was told so far. */
uint64_t history_move_count(const struct history *history);
uint64_t history_at_us(const struct history *history);

/* The verb of a wish; "wish" if it is unknown. */
const char *history_wish_name(uint64_t wish);

/* Is it of a cluster, whichever of its nodes was told? */
bool history_wish_of_cluster(uint64_t wish);

#endif /* RESULTS_HISTORY_H */
