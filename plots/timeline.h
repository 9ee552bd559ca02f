/* timeline.h - what a timeline keeps of a run, and where it is drawn; shared by
 * timeline.c, which listens, timeline_layout.c, which gives everything a place,
 * timeline_boxes.c, and timeline_draw.c, which writes the script. */
#ifndef PLOTS_TIMELINE_H
#define PLOTS_TIMELINE_H

#include <stdio.h>

#include "figure.h"
#include "plot.h"

/* What a node or cluster was in for a while. */
enum timeline_kind {
    TIMELINE_RUNNING,
    TIMELINE_FROZEN,
    TIMELINE_DOWN,
    TIMELINE_ISOLATED
};

struct timeline_spell
{
    uint64_t from_us;
    uint64_t to_us;
    node_id node;     /* ISOLATED: none. */
    uint32_t lane;    /* RUNNING, FROZEN. */
    uint32_t cluster; /* Of the home; ISOLATED: which. */
    enum timeline_kind kind;
};

struct timeline_move
{
    uint64_t left_us;
    uint64_t came_us; /* UINT64_MAX: nowhere. */
    node_id from;
    node_id to;
    uint32_t from_lane;
    uint32_t to_lane;
    bool start; /* It had not run. */
};

enum { TIMELINE_TEXT_BYTES = 32 };

/* A wish of an owner, or a fault. */
struct timeline_mark
{
    uint64_t at_us;
    size_t cluster; /* SIZE_MAX: all of the grid. */
    node_id node;   /* NODE_NONE: all of the cluster. */
    char text[TIMELINE_TEXT_BYTES];
};

/* By the size of the grid and of what happened in it. */
enum timeline_look {
    TIMELINE_PROCESSES, /* A row for each node, a stripe for each process. */
    TIMELINE_NODES,     /* A thin row for each node. */
    TIMELINE_CLUSTERS   /* A lane for each cluster. */
};

struct timeline
{
    const struct grid *grid;
    struct history_run run;
    struct timeline_spell *spells;
    size_t spell_count;
    size_t spell_room;
    struct timeline_move *moves; /* By number. */
    size_t move_count;
    size_t move_room;
    struct timeline_mark *marks;
    size_t mark_count;
    size_t mark_room;
    uint32_t *lane_counts; /* By node: the most at once, at least 1. */
    uint64_t end_us;

    /* Of the layout; heights in pixels from the top of the plot. */
    enum timeline_look look;
    double row_height;
    double *tops; /* By cluster, and the end of the last. */
    double height;
    double unit_us; /* Of the axis. */
    const char *unit;
};

/* Looks, rows and the axis. */
void timeline_lay_out(struct timeline *timeline);

/* What is left free below a row or lane of this height. */
double timeline_gap(double height);

/* Where a node has its row; a lane of it. */
double timeline_top(const struct timeline *timeline, node_id node);
void timeline_lane(const struct timeline *timeline,
                   node_id node,
                   uint32_t lane,
                   double *ret_top,
                   double *ret_bottom);

/* The colours that tell homes apart: a class for each cluster or, where there
 * are too many, one for own and one for guests. */
size_t timeline_class_count(const struct timeline *timeline);
size_t timeline_class(const struct timeline *timeline,
                      size_t cluster,
                      size_t home);
uint32_t timeline_colour(const struct timeline *timeline, size_t class);
uint32_t timeline_pale(uint32_t colour);

/* Time is cut into so many pieces where a process has no stripe of its own. */
enum { TIMELINE_BINS = 500 };

/* Lanes of clusters that are lower, in pixels, are rows of one colour. */
enum { TIMELINE_LANE_MIN = 8 };

/* Boxes of what ran where, as the look wants them: put is called for each, with
 * times in us and heights. */
struct timeline_box
{
    enum timeline_kind kind;
    double from_us;
    double to_us;
    double top;
    double bottom;
    uint32_t colour;
};
void timeline_boxes(const struct timeline *timeline,
                    void (*put)(void *who, const struct timeline_box *box),
                    void *who);

/* The script and the data behind its head. */
void timeline_write(const struct timeline *timeline, struct figure *figure);

#endif /* PLOTS_TIMELINE_H */
