/* timeline_drawing.h - a timeline on its way into a script: timeline_data.c
 * writes what is drawn, timeline_draw.c how, and what stands beside it. */
#ifndef PLOTS_TIMELINE_DRAWING_H
#define PLOTS_TIMELINE_DRAWING_H

#include "timeline.h"

enum {
    TIMELINE_WIDTH = 1000, /* Pixels. */
    TIMELINE_RIGHT = 16,
    TIMELINE_STRIP = 16, /* Above the rows, for the names of faults. */
    TIMELINE_KINDS = TIMELINE_ISOLATED + 1
};

/* Of the small letters of names. */
#define TIMELINE_CHARACTER 5.6

struct timeline_drawing
{
    const struct timeline *timeline;
    FILE *script;
    FILE *data;
    FILE *blocks[TIMELINE_KINDS]; /* What the script draws of each kind. */
    char *texts[TIMELINE_KINDS];
    size_t bytes[TIMELINE_KINDS];
    double left;   /* Of the plot. */
    double height; /* Of the figure. */
    size_t drawn_moves;
    size_t migrations;
    size_t starts;
    bool few_moves; /* They can be drawn boldly, */
    bool has_arcs;  /* and as arcs where rows are high enough. */
    bool has_marks;
    bool has_wishes;
    bool has_faults;
};

/* Blocks of data into the script, all of it as a table; what there is of it.
 */
void timeline_write_data(struct timeline_drawing *drawing);

/* Clusters without room for what stands beside them. */
bool timeline_is_thin(const struct timeline *timeline);

/* On the axis. */
double timeline_time(const struct timeline *timeline, double us);

#endif /* PLOTS_TIMELINE_DRAWING_H */
