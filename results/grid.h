/* grid.h - the clusters of a grid, as the header of a journal names them. */
#ifndef RESULTS_GRID_H
#define RESULTS_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "../algorithms/node/journal.h"

enum { GRID_NAME_BYTES = 64 };

struct grid_cluster
{
    char name[GRID_NAME_BYTES]; /* Cut, if it is longer. */
    node_id first; /* Its nodes are first .. first + node_count - 1. */
    uint32_t node_count;
    uint32_t core_count; /* Of each node. */
    uint32_t speed_milli;
};

/* All of them, ascending and apart; a node of none is outside the grid. */
struct grid
{
    const struct grid_cluster *clusters;
    size_t count;
};

/* The index of its cluster; SIZE_MAX if it is outside. */
size_t grid_cluster_of(const struct grid *grid, node_id node);

/* One above the highest node. */
uint32_t grid_node_end(const struct grid *grid);

#endif /* RESULTS_GRID_H */
