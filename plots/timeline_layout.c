/* timeline_layout.c - where everything stands. */
#include <math.h>

#include "../results/colour.h"
#include "timeline.h"

/* Heights in pixels. */
static const double ROWS_HEIGHT = 640; /* Of all rows, where they may choose. */
static const double PROCESS_ROW_MIN = 10;
static const double PROCESS_ROW_MAX = 30;
static const double NODE_ROW_MIN = 1.8;
static const double NODE_ROW_MAX = 9;
static const double CLUSTER_ROW_MIN = 1.2;
static const double CLUSTER_ROW_MAX = 46;
static const double BAND_MIN = 13; /* For the name of a cluster. */
static const double GAP = 6;       /* Between clusters. */

enum { FEW_CLUSTERS = 60 };

/* ---- Rows. --------------------------------------------------------------- */

static double between(double low, double value, double high)
{
    return fmin(fmax(value, low), high);
}

static uint32_t node_count_of(const struct timeline *timeline)
{
    uint32_t count = 0;
    for (size_t i = 0; i < timeline->grid->count; i++)
        count += timeline->grid->clusters[i].node_count;
    return count;
}

static void choose_look(struct timeline *timeline)
{
    uint32_t count = node_count_of(timeline);
    double share = ROWS_HEIGHT / (count > 0 ? count : 1);
    timeline->look = TIMELINE_CLUSTERS;
    timeline->row_height = between(
        CLUSTER_ROW_MIN, 1.4 * ROWS_HEIGHT / (double)timeline->grid->count,
        CLUSTER_ROW_MAX);
    if (count <= TIMELINE_NODES_MAX &&
        timeline->spell_count <= TIMELINE_SPELLS_MAX) {
        timeline->look = TIMELINE_PROCESSES;
        timeline->row_height = between(PROCESS_ROW_MIN, share, PROCESS_ROW_MAX);
    } else if (count <= TIMELINE_ROWS_MAX) {
        timeline->look = TIMELINE_NODES;
        timeline->row_height = between(NODE_ROW_MIN, share, NODE_ROW_MAX);
    }
}

static void choose_unit(struct timeline *timeline)
{
    static const struct
    {
        double most_us; /* So far it goes. */
        double unit_us;
        const char *name;
    } units[] = {{15 * 60e6, 1e6, "s"},
                 {3 * 3600e6, 60e6, "min"},
                 {3 * 86400e6, 3600e6, "h"},
                 {INFINITY, 86400e6, "d"}};
    size_t unit = 0;
    while (units[unit].most_us < (double)timeline->end_us)
        unit++;
    timeline->unit_us = units[unit].unit_us;
    timeline->unit = units[unit].name;
}

void timeline_lay_out(struct timeline *timeline)
{
    const struct grid *grid = timeline->grid;
    bool of_clusters;
    double top = 0;
    choose_look(timeline);
    choose_unit(timeline);
    of_clusters = timeline->look == TIMELINE_CLUSTERS;
    double gap = grid->count <= FEW_CLUSTERS ? GAP : 0;
    for (size_t i = 0; i < grid->count; i++) {
        double rows = of_clusters ? 1 : grid->clusters[i].node_count;
        double height = rows * timeline->row_height;
        timeline->tops[i] = top;
        top += (gap > 0 ? fmax(height, BAND_MIN) : height) + gap;
    }
    timeline->tops[grid->count] = top;
    timeline->height = fmax(top - gap, PROCESS_ROW_MAX);
}

double timeline_top(const struct timeline *timeline, node_id node)
{
    size_t cluster = grid_cluster_of(timeline->grid, node);
    uint32_t row = timeline->look == TIMELINE_CLUSTERS
                       ? 0
                       : node - timeline->grid->clusters[cluster].first;
    return timeline->tops[cluster] + row * timeline->row_height;
}

double timeline_gap(double height)
{
    static const double HIGH_ENOUGH = 5;
    return height < HIGH_ENOUGH ? 0 : 1;
}

void timeline_lane(const struct timeline *timeline,
                   node_id node,
                   uint32_t lane,
                   double *ret_top,
                   double *ret_bottom)
{
    double top = timeline_top(timeline, node);
    double height = timeline->row_height;
    if (timeline->look == TIMELINE_PROCESSES) {
        double inside = height - 2; /* A line between two nodes. */
        height = inside / timeline->lane_counts[node];
        top += 1 + (lane == HISTORY_NO_LANE ? 0 : lane) * height;
    }
    *ret_top = top;
    *ret_bottom = top + height - timeline_gap(height);
}

/* ---- Colours. ------------------------------------------------------------ */

size_t timeline_class_count(const struct timeline *timeline)
{
    size_t count = timeline->grid->count;
    return count <= COLOUR_CLUSTERS ? count : 2;
}

size_t timeline_class(const struct timeline *timeline,
                      size_t cluster,
                      size_t home)
{
    return timeline->grid->count <= COLOUR_CLUSTERS ? home : cluster != home;
}

uint32_t timeline_colour(const struct timeline *timeline, size_t class)
{
    if (timeline->grid->count <= COLOUR_CLUSTERS)
        return colour_of_cluster(class);
    return class == 0 ? 0x56B4E9 : 0xD55E00;
}

uint32_t timeline_pale(uint32_t colour)
{
    uint32_t result = 0;
    for (int bits = 16; bits >= 0; bits -= 8) {
        uint32_t part = colour >> bits & 0xFF;
        result |= ((2 * part + 3 * 255) / 5) << bits;
    }
    return result;
}
