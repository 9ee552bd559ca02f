#include "export.h"

#include <inttypes.h>
#include <string.h>

#include "room.h"

const char *const export_count_names[EXPORT_COUNTS] = {
    [EXPORT_OWN] = "own",
    [EXPORT_GUESTS] = "guests",
    [EXPORT_FROZEN] = "frozen",
    [EXPORT_WAITING] = "waiting",
};

struct export *export_create(const struct grid *grid,
                             const struct history_run *run,
                             FILE *out)
{
    struct export *export = room_make(1, sizeof(*export));
    *export = (struct export){.grid = grid, .run = run, .out = out};
    export->nodes = room_make(grid_node_end(grid), sizeof(struct export_node));
    export->counts = room_make(grid->count, sizeof(*export->counts));
    export->changed = room_make(grid->count, sizeof(bool));
    export->changes = room_make(grid->count, sizeof(size_t));
    return export;
}

void export_destroy(struct export *export)
{
    if (export == NULL)
        return;
    for (uint32_t node = 0; node < grid_node_end(export->grid); node++)
        free(export->nodes[node].lanes);
    free(export->nodes);
    free(export->counts);
    free(export->changed);
    free(export->changes);
    free(export);
}

uint64_t *export_lane(struct export *export, node_id node, uint32_t lane)
{
    struct export_node *n = &export->nodes[node];
    while (n->lane_count <= lane) {
        size_t known = n->lane_count;
        n->lanes = room_grow(n->lanes, known, &n->lane_count, sizeof(uint64_t));
        memset(n->lanes + known, 0, (n->lane_count - known) * sizeof(uint64_t));
    }
    return &n->lanes[lane];
}

static enum export_count count_of(const struct export *export,
                                  const struct history_event *event)
{
    const struct history_life *life = event->life;
    if (life->state == HISTORY_WAITING)
        return EXPORT_WAITING;
    if (life->state == HISTORY_FROZEN)
        return EXPORT_FROZEN;
    return grid_cluster_of(export->grid, life->home) == event->cluster
               ? EXPORT_OWN
               : EXPORT_GUESTS;
}

void export_count(struct export *export, const struct history_event *event)
{
    int change = event->kind == HISTORY_ENTERED ? 1 : -1;
    export->counts[event->cluster][count_of(export, event)] += change;
    if (!export->changed[event->cluster])
        export->changes[export->change_count++] = event->cluster;
    export->changed[event->cluster] = true;
}

void export_name(const struct export *export,
                 const struct history_life *life,
                 char *ret_name)
{
    size_t cluster = grid_cluster_of(export->grid, life->home);
    const char *name = export->grid->clusters[cluster].name;
    if (life->proc >> 32 == life->home)
        snprintf(ret_name, EXPORT_NAME_BYTES, "%s %" PRIu32 ".%" PRIu32, name,
                 life->home, (uint32_t)life->proc);
    else
        snprintf(ret_name, EXPORT_NAME_BYTES, "%s %" PRIu64, name, life->proc);
}
