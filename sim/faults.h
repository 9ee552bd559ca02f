/* faults.h - what breaks and is mended, as the scenario says.
 *
 *   faults.c        the list: dates, what is broken now
 *   faults_crash.c  machines that crash, by the list and by node_mtbf
 *   faults_way.c    ways between clusters, and frames that are lost
 *
 * Faults are drawn from streams of their own, one for each machine, so that all
 * stacks of a comparison suffer the same; only which frame is lost depends on
 * what is sent. A machine that is broken for several reasons is mended when the
 * last of them is.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "../algorithms/node/rng.h"
#include "world.h"

struct faults
{
    bool *active;      /* By entry of the list. */
    bool **crossing;   /* By entry: of a cut, net_crossing(); else NULL. */
    bool **hit;        /* By entry: of a crash, by its nodes; else NULL. */
    bool *closed;      /* By pair of clusters; NULL: none ever is. */
    uint32_t *broken;  /* By machine: how many reasons it is down for. */
    struct rng *lives; /* By machine: dates of its crashes; NULL: none. */
    struct rng losses;
    double loss; /* Share of frames that is lost now. */
};

/* ---- faults_crash.c ------------------------------------------------------ */

/* True if it breaks the machine, which crash_end() then mends; false if its
 * owner has taken it out: there is nothing to break. */
bool crash_begin(struct world *world, node_id node, const char *why);
void crash_end(struct world *world, node_id node, const char *why);

/* When each machine crashes by node_mtbf. */
void crashes_start(struct world *world);

/* ---- faults_way.c -------------------------------------------------------- */

/* 0, or negative errno. */
int ways_create(struct world *world);

/* A cut or a partition has begun or ended, that entry of the list. */
void ways_changed(struct world *world, const struct scenario_fault *fault);

/* So has a loss. */
void losses_changed(struct world *world);

#endif /* SIM_FAULTS_H */
