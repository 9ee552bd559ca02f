#include "grid.h"

size_t grid_cluster_of(const struct grid *grid, node_id node)
{
    size_t low = 0;
    size_t high = grid->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct grid_cluster *cluster = &grid->clusters[middle];
        if (node < cluster->first)
            high = middle;
        else if (cluster->node_count <= node - cluster->first)
            low = middle + 1;
        else
            return middle;
    }
    return SIZE_MAX;
}

uint32_t grid_node_end(const struct grid *grid)
{
    if (grid->count == 0)
        return 0;
    const struct grid_cluster *last = &grid->clusters[grid->count - 1];
    return last->first + last->node_count;
}
