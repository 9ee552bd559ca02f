/* timeline_data.c - what a timeline shows, as blocks of data and as a table. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "timeline_drawing.h"

enum {
    ARC_POINTS = 8,
    ARCS_MAX = 400, /* More are straight lines, and so many at most. */
    LINES_MAX = 1500,
    CLUSTER_LINES_MAX = 250,
};
static const double ARC_WIDTH = 14;

double timeline_time(const struct timeline *timeline, double us)
{
    return us / timeline->unit_us;
}

static double pixels_us(const struct timeline_drawing *drawing, double pixels)
{
    return pixels * fmax(1, (double)drawing->timeline->end_us) /
           (TIMELINE_WIDTH - drawing->left - TIMELINE_RIGHT);
}

static const char *const kind_names[TIMELINE_KINDS] = {
    [TIMELINE_RUNNING] = "running",
    [TIMELINE_FROZEN] = "frozen",
    [TIMELINE_DOWN] = "down",
    [TIMELINE_ISOLATED] = "isolated",
};

static void put_box(void *who, const struct timeline_box *box)
{
    struct timeline_drawing *drawing = who;
    /* What is shorter than a third of a pixel is drawn so wide. */
    double to_us = fmax(box->to_us, box->from_us + pixels_us(drawing, 0.33));
    fprintf(drawing->data, "%s\t%.9g\t%.9g\t%.6g\t%.6g\t%06" PRIX32 "\t\n",
            kind_names[box->kind], box->from_us / 1e6, box->to_us / 1e6,
            box->top, box->bottom, box->colour);
    fprintf(drawing->blocks[box->kind], "%.9g\t%.9g\t%.6g\t%.6g\t%" PRIu32 "\n",
            timeline_time(drawing->timeline, box->from_us),
            timeline_time(drawing->timeline, to_us), box->top, box->bottom,
            box->colour);
}

static void write_boxes(struct timeline_drawing *drawing)
{
    fputs("what\tfrom_s\tto_s\ttop\tbottom\tcolour\ttext\n", drawing->data);
    for (size_t kind = 0; kind < TIMELINE_KINDS; kind++) {
        drawing->blocks[kind] =
            open_memstream(&drawing->texts[kind], &drawing->bytes[kind]);
        assert(drawing->blocks[kind] != NULL);
    }
    timeline_boxes(drawing->timeline, put_box, drawing);
    for (size_t kind = 0; kind < TIMELINE_KINDS; kind++) {
        fclose(drawing->blocks[kind]);
        if (drawing->bytes[kind] > 0)
            fprintf(drawing->script, "$%s << END_OF_DATA\n%sEND_OF_DATA\n",
                    kind_names[kind], drawing->texts[kind]);
        free(drawing->texts[kind]);
    }
}

static double middle_of(const struct timeline *timeline,
                        node_id node,
                        uint32_t lane)
{
    double top, bottom;
    timeline_lane(timeline, node, lane, &top, &bottom);
    return (top + bottom) / 2;
}

static bool is_drawn(const struct timeline_move *move)
{
    return !move->start && move->came_us != UINT64_MAX;
}

/* An arc that bows to the right, or a line, and where it comes to. */
static void write_move(struct timeline_drawing *drawing,
                       const struct timeline_move *move)
{
    const struct timeline *timeline = drawing->timeline;
    double from = middle_of(timeline, move->from, move->from_lane);
    double to = middle_of(timeline, move->to, move->to_lane);
    double left_us = (double)move->left_us, came_us = (double)move->came_us;
    double bow_us = drawing->has_arcs ? pixels_us(drawing, ARC_WIDTH) : 0;
    int point_count = drawing->has_arcs ? ARC_POINTS : 1;
    fprintf(drawing->data, "move\t%.9g\t%.9g\t%.6g\t%.6g\t\t\n", left_us / 1e6,
            came_us / 1e6, from, to);
    for (int point = 0; point <= point_count; point++) {
        double share = (double)point / point_count;
        fprintf(drawing->script, "%.9g\t%.6g\n",
                timeline_time(drawing->timeline,
                              left_us + (came_us - left_us) * share +
                                  bow_us * 4 * share * (1 - share)),
                from + (to - from) * share);
    }
    fputc('\n', drawing->script);
}

/* The points where arcs end. */
static void write_ends(const struct timeline_drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    fputs("$ends << END_OF_DATA\n", drawing->script);
    for (size_t i = 0; i < timeline->move_count; i++) {
        const struct timeline_move *move = &timeline->moves[i];
        if (is_drawn(move))
            fprintf(drawing->script, "%.9g\t%.6g\n",
                    timeline_time(drawing->timeline, (double)move->came_us),
                    middle_of(timeline, move->to, move->to_lane));
    }
    fputs("END_OF_DATA\n", drawing->script);
}

static void write_moves(struct timeline_drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    for (size_t i = 0; i < timeline->move_count; i++) {
        drawing->migrations += is_drawn(&timeline->moves[i]);
        drawing->starts += timeline->moves[i].start;
    }
    drawing->few_moves = drawing->migrations <= ARCS_MAX;
    drawing->has_arcs = 0 < drawing->migrations && drawing->few_moves &&
                        timeline->look == TIMELINE_PROCESSES;
    size_t most =
        timeline->look == TIMELINE_CLUSTERS ? CLUSTER_LINES_MAX : LINES_MAX;
    size_t every = (drawing->migrations + most - 1) / most;
    size_t index = 0;
    if (drawing->migrations == 0)
        return;
    fputs("$moves << END_OF_DATA\n", drawing->script);
    for (size_t i = 0; i < timeline->move_count; i++)
        if (is_drawn(&timeline->moves[i]) && index++ % every == 0) {
            write_move(drawing, &timeline->moves[i]);
            drawing->drawn_moves++;
        }
    fputs("END_OF_DATA\n", drawing->script);
    if (drawing->has_arcs)
        write_ends(drawing);
}

/* Clusters without room for what stands beside them. */
bool timeline_is_thin(const struct timeline *timeline)
{
    return timeline->look == TIMELINE_CLUSTERS &&
           timeline->row_height < TIMELINE_LANE_MIN;
}

/* The rows that a mark is of; a fault's name stands above all. */
static void span_of(const struct timeline *timeline,
                    const struct timeline_mark *mark,
                    double *ret_top,
                    double *ret_bottom)
{
    *ret_top = -TIMELINE_STRIP;
    *ret_bottom = timeline->height;
    if (mark->cluster == SIZE_MAX)
        return;
    *ret_top = timeline->tops[mark->cluster];
    *ret_bottom = fmin(timeline->tops[mark->cluster + 1] - 2, timeline->height);
    if (mark->node == NODE_NONE || timeline->look == TIMELINE_CLUSTERS)
        return;
    *ret_top = timeline_top(timeline, mark->node);
    *ret_bottom = *ret_top + timeline->row_height;
}

/* Names that would lie on others, or are of a thin row, are left out. */
static bool has_room(const struct timeline_drawing *drawing,
                     const struct timeline_mark *mark,
                     double from_us,
                     double to_us,
                     double *free_us)
{
    bool thin = mark->node != NODE_NONE &&
                drawing->timeline->look != TIMELINE_PROCESSES;
    size_t rows = drawing->timeline->grid->count;
    double *place = &free_us[mark->cluster == SIZE_MAX ? rows : mark->cluster];
    double top, bottom;
    span_of(drawing->timeline, mark, &top, &bottom);
    if (thin || from_us < *place || bottom - top < 8)
        return false;
    *place = to_us;
    return true;
}

/* Any that are drawn. */
static bool has_marks(const struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->mark_count; i++)
        if (timeline->marks[i].cluster == SIZE_MAX ||
            !timeline_is_thin(timeline))
            return true;
    return false;
}

static void write_marks(struct timeline_drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    double *free_us = calloc(timeline->grid->count + 1, sizeof(double));
    assert(free_us != NULL);
    char *names;
    size_t bytes;
    FILE *text = open_memstream(&names, &bytes);
    assert(text != NULL);
    drawing->has_marks = has_marks(timeline);
    if (drawing->has_marks)
        fputs("$marks << END_OF_DATA\n", drawing->script);
    for (size_t i = 0; i < timeline->mark_count; i++) {
        const struct timeline_mark *mark = &timeline->marks[i];
        bool fault = mark->cluster == SIZE_MAX;
        double at_us = (double)mark->at_us, top, bottom;
        double width_us = pixels_us(
            drawing, TIMELINE_CHARACTER * (double)strlen(mark->text) + 6);
        double from_us = fmin(at_us, (double)timeline->end_us - width_us);
        span_of(timeline, mark, &top, &bottom);
        if (!fault && timeline_is_thin(timeline))
            continue;
        drawing->has_wishes |= !fault;
        drawing->has_faults |= fault;
        fprintf(drawing->data, "%s\t%.9g\t%.9g\t%.6g\t%.6g\t\t",
                fault ? "fault" : "wish", at_us / 1e6, at_us / 1e6, top,
                bottom);
        text_line(drawing->data, mark->text);
        fputc('\n', drawing->data);
        fprintf(drawing->script, "%.9g\t%.6g\t0\t%.6g\t%d\n",
                timeline_time(drawing->timeline, at_us), top, bottom - top,
                fault ? 0xD55E00 : 0x202020);
        if (has_room(drawing, mark, from_us, from_us + width_us, free_us)) {
            fprintf(text, "%.9g\t%.6g\t",
                    timeline_time(drawing->timeline, from_us), top + 6);
            text_line(text, mark->text);
            fputc('\n', text);
        }
    }
    fclose(text);
    if (drawing->has_marks)
        fprintf(drawing->script,
                "END_OF_DATA\n$names << END_OF_DATA\n%sEND_OF_DATA\n", names);
    free(names);
    free(free_us);
}

void timeline_write_data(struct timeline_drawing *drawing)
{
    write_boxes(drawing);
    write_moves(drawing);
    write_marks(drawing);
}
