/* invariants.h - what must hold at every step, by name, with
 * --check-invariants:
 *
 *   one owner       what a node holds and does not give away is nowhere else;
 *   no loss         every process is somewhere, ended, or lost by a fault;
 *   no loss by disconnect  nor is one by a cluster that leaves the grid;
 *   guests gone when isolated  then every guest must leave;
 *   caps kept       of the guests that may stay;
 *   freeze space kept  no more is frozen than there is room for;
 *   local first     what is at home never makes way for others.
 *
 * The first that is broken ends the run.
 */
#ifndef SIM_INVARIANTS_H
#define SIM_INVARIANTS_H

#include "world.h"

/* That node was stepped, and what it asked for is done. */
void invariants_step(struct world *world, node_id node);

/* Its owner takes that node out of the grid, and nothing may be lost by it. */
void invariants_leaves(struct world *world, node_id node);

/* The process is gone though it never ended, by the word of its home. */
void invariants_lost(struct world *world, uint32_t process);

#endif /* SIM_INVARIANTS_H */
