/* timeline_draw.c - the script of a timeline, and its data. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "timeline.h"

/* Pixels. */
enum {
    WIDTH = 1000,
    LEFT = 122,         /* Names of clusters, */
    NUMBERS_WIDTH = 28, /* and of nodes. */
    RIGHT = 16,
    TOP = 14,
    BOTTOM = 128, /* Axis, legend and caption. */
    SWATCH_LEFT = 10,
    SWATCH = 10,
    NAME_LEFT = 26,
    NAME_BYTES = 14,
    NODE_ROW_LABELLED = 9, /* Lower rows bear no number. */
    LEGEND_Y = 62,         /* From the bottom. */
    CAPTION_Y = 40,
    CAPTION_CHARACTERS = 165,
    ARC_POINTS = 8,
    ARCS_MAX = 400, /* More are straight lines, and so many at most. */
    LINES_MAX = 1500,
    CLUSTER_LINES_MAX = 250,
    FAULT_STRIP = 16, /* Above the rows, for the names of faults. */
    KINDS = TIMELINE_ISOLATED + 1,
};
static const double ARC_WIDTH = 14;
static const double MARK_CHARACTER = 5.6;

struct drawing
{
    const struct timeline *timeline;
    FILE *script;
    FILE *data;
    FILE *blocks[KINDS]; /* What the script draws of each kind. */
    char *texts[KINDS];
    size_t bytes[KINDS];
    double left;   /* Of the plot. */
    double height; /* Of the figure. */
    size_t drawn_moves;
    size_t migrations;
    size_t starts;
    bool has_marks;
    bool has_wishes;
    bool has_faults;
};

static double time_of(const struct drawing *drawing, double us)
{
    return us / drawing->timeline->unit_us;
}

static double pixels_us(const struct drawing *drawing, double pixels)
{
    return pixels * fmax(1, (double)drawing->timeline->end_us) /
           (WIDTH - drawing->left - RIGHT);
}

/* ---- Data. --------------------------------------------------------------- */

static const char *const kind_names[KINDS] = {
    [TIMELINE_RUNNING] = "running",
    [TIMELINE_FROZEN] = "frozen",
    [TIMELINE_DOWN] = "down",
    [TIMELINE_ISOLATED] = "isolated",
};

static void put_box(void *who, const struct timeline_box *box)
{
    struct drawing *drawing = who;
    /* What is shorter than a third of a pixel is drawn so wide. */
    double to_us = fmax(box->to_us, box->from_us + pixels_us(drawing, 0.33));
    fprintf(drawing->data, "%s\t%.9g\t%.9g\t%.6g\t%.6g\t%06" PRIX32 "\t\n",
            kind_names[box->kind], box->from_us / 1e6, box->to_us / 1e6,
            box->top, box->bottom, box->colour);
    fprintf(drawing->blocks[box->kind], "%.9g\t%.9g\t%.6g\t%.6g\t%" PRIu32 "\n",
            time_of(drawing, box->from_us), time_of(drawing, to_us), box->top,
            box->bottom, box->colour);
}

static void write_boxes(struct drawing *drawing)
{
    fputs("what\tfrom_s\tto_s\ttop\tbottom\tcolour\ttext\n", drawing->data);
    for (size_t kind = 0; kind < KINDS; kind++) {
        drawing->blocks[kind] =
            open_memstream(&drawing->texts[kind], &drawing->bytes[kind]);
        assert(drawing->blocks[kind] != NULL);
    }
    timeline_boxes(drawing->timeline, put_box, drawing);
    for (size_t kind = 0; kind < KINDS; kind++) {
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

static bool has_arcs(const struct drawing *drawing)
{
    return drawing->timeline->look == TIMELINE_PROCESSES &&
           drawing->migrations <= ARCS_MAX;
}

/* An arc that bows to the right, or a line, and where it comes to. */
static void write_move(struct drawing *drawing,
                       const struct timeline_move *move,
                       bool arc)
{
    const struct timeline *timeline = drawing->timeline;
    double from = middle_of(timeline, move->from, move->from_lane);
    double to = middle_of(timeline, move->to, move->to_lane);
    double left_us = (double)move->left_us, came_us = (double)move->came_us;
    double bow_us = arc ? pixels_us(drawing, ARC_WIDTH) : 0;
    int point_count = arc ? ARC_POINTS : 1;
    fprintf(drawing->data, "move\t%.9g\t%.9g\t%.6g\t%.6g\t\t\n", left_us / 1e6,
            came_us / 1e6, from, to);
    for (int point = 0; point <= point_count; point++) {
        double share = (double)point / point_count;
        fprintf(drawing->script, "%.9g\t%.6g\n",
                time_of(drawing, left_us + (came_us - left_us) * share +
                                     bow_us * 4 * share * (1 - share)),
                from + (to - from) * share);
    }
    fputc('\n', drawing->script);
}

/* The points where arcs end. */
static void write_ends(const struct drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    fputs("$ends << END_OF_DATA\n", drawing->script);
    for (size_t i = 0; i < timeline->move_count; i++) {
        const struct timeline_move *move = &timeline->moves[i];
        if (is_drawn(move))
            fprintf(drawing->script, "%.9g\t%.6g\n",
                    time_of(drawing, (double)move->came_us),
                    middle_of(timeline, move->to, move->to_lane));
    }
    fputs("END_OF_DATA\n", drawing->script);
}

static void write_moves(struct drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    for (size_t i = 0; i < timeline->move_count; i++) {
        drawing->migrations += is_drawn(&timeline->moves[i]);
        drawing->starts += timeline->moves[i].start;
    }
    bool arcs = has_arcs(drawing);
    size_t most =
        timeline->look == TIMELINE_CLUSTERS ? CLUSTER_LINES_MAX : LINES_MAX;
    size_t every = (drawing->migrations + most - 1) / most;
    size_t index = 0;
    if (drawing->migrations == 0)
        return;
    fputs("$moves << END_OF_DATA\n", drawing->script);
    for (size_t i = 0; i < timeline->move_count; i++)
        if (is_drawn(&timeline->moves[i]) && index++ % every == 0) {
            write_move(drawing, &timeline->moves[i], arcs);
            drawing->drawn_moves++;
        }
    fputs("END_OF_DATA\n", drawing->script);
    if (arcs)
        write_ends(drawing);
}

/* Clusters without room for what stands beside them. */
static bool is_thin(const struct timeline *timeline)
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
    *ret_top = -FAULT_STRIP;
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
static bool has_room(const struct drawing *drawing,
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
        if (timeline->marks[i].cluster == SIZE_MAX || !is_thin(timeline))
            return true;
    return false;
}

static void write_marks(struct drawing *drawing)
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
        double width_us =
            pixels_us(drawing, MARK_CHARACTER * (double)strlen(mark->text) + 6);
        double from_us = fmin(at_us, (double)timeline->end_us - width_us);
        span_of(timeline, mark, &top, &bottom);
        if (!fault && is_thin(timeline))
            continue;
        drawing->has_wishes |= !fault;
        drawing->has_faults |= fault;
        fprintf(drawing->data, "%s\t%.9g\t%.9g\t%.6g\t%.6g\t\t",
                fault ? "fault" : "wish", at_us / 1e6, at_us / 1e6, top,
                bottom);
        text_line(drawing->data, mark->text);
        fputc('\n', drawing->data);
        fprintf(drawing->script, "%.9g\t%.6g\t0\t%.6g\t%d\n",
                time_of(drawing, at_us), top, bottom - top,
                fault ? 0xD55E00 : 0x202020);
        if (has_room(drawing, mark, from_us, from_us + width_us, free_us)) {
            fprintf(text, "%.9g\t%.6g\t", time_of(drawing, from_us), top + 6);
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

/* ---- What stands beside the rows. ---------------------------------------- */

static void write_name(const struct drawing *drawing, size_t cluster)
{
    const struct timeline *timeline = drawing->timeline;
    const char *name = timeline->grid->clusters[cluster].name;
    size_t bytes = strlen(name);
    double top = timeline->tops[cluster];
    double bottom = fmin(timeline->tops[cluster + 1], timeline->height);
    double middle = timeline->look == TIMELINE_PROCESSES
                        ? top + timeline->row_height / 2
                        : (top + bottom) / 2 - 2;
    if (timeline_class_count(timeline) == timeline->grid->count)
        fprintf(drawing->script,
                "set object rectangle from screen %.5f, first %.6g to screen "
                "%.5f, first %.6g fillcolor rgb %" PRIu32
                " fillstyle solid noborder\n",
                (double)SWATCH_LEFT / WIDTH, middle - SWATCH / 2.0,
                (double)(SWATCH_LEFT + SWATCH) / WIDTH, middle + SWATCH / 2.0,
                timeline_colour(timeline, cluster));
    fputs("set label ", drawing->script);
    bool cut = bytes > NAME_BYTES;
    text_quote(drawing->script, name, cut ? NAME_BYTES - 1 : bytes);
    fprintf(drawing->script, "%s at screen %.5f, first %.6g left font ',8'\n",
            cut ? ".'…'" : "", (double)NAME_LEFT / WIDTH, middle);
}

static void write_rows(const struct drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    double named = -SWATCH; /* Down to here there is a name. */
    for (size_t i = 0; i < timeline->grid->count; i++) {
        const struct grid_cluster *c = &timeline->grid->clusters[i];
        if (timeline->tops[i] >= named) {
            write_name(drawing, i);
            named = timeline->tops[i] + SWATCH + 2;
        }
        if (i > 0 && !is_thin(timeline))
            fprintf(drawing->script,
                    "set arrow from screen %.5f, first %.6g to graph 1, first "
                    "%.6g nohead back linewidth 0.5 linecolor rgb '#C8C8C8'\n",
                    (double)SWATCH_LEFT / WIDTH, timeline->tops[i] - 3,
                    timeline->tops[i] - 3);
        for (node_id node = c->first;
             timeline->look == TIMELINE_PROCESSES &&
             timeline->row_height >= NODE_ROW_LABELLED &&
             node - c->first < c->node_count;
             node++)
            fprintf(drawing->script,
                    "set label '%" PRIu32
                    "' at screen %.5f, first %.6g right font ',7' textcolor "
                    "rgb grey\n",
                    node, (drawing->left - 6) / WIDTH,
                    timeline_top(timeline, node) + timeline->row_height / 2);
    }
}

static double write_item(const struct drawing *drawing,
                         double left,
                         const char *style,
                         const char *name)
{
    double y = LEGEND_Y / drawing->height;
    double half = SWATCH / 2.0 / drawing->height;
    fprintf(drawing->script,
            "set object rectangle from screen %.5f, screen %.5f to screen "
            "%.5f, screen %.5f %s\n"
            "set label '%s' at screen %.5f, screen %.5f left font ',8'\n",
            left / WIDTH, y - half, (left + 16) / WIDTH, y + half, style, name,
            (left + 21) / WIDTH, y);
    return left + 40 + MARK_CHARACTER * 1.1 * (double)strlen(name);
}

static double write_line_item(const struct drawing *drawing,
                              double left,
                              const char *style,
                              const char *name)
{
    double y = LEGEND_Y / drawing->height;
    double half = SWATCH / 2.0 / drawing->height;
    fprintf(drawing->script,
            "set arrow from screen %.5f, screen %.5f to screen %.5f, screen "
            "%.5f nohead %s\n"
            "set label '%s' at screen %.5f, screen %.5f left font ',8'\n",
            (left + 6) / WIDTH, y - half, (left + 6) / WIDTH, y + half, style,
            name, (left + 14) / WIDTH, y);
    return left + 33 + MARK_CHARACTER * 1.1 * (double)strlen(name);
}

static void write_legend(const struct drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    double left = SWATCH_LEFT;
    if (timeline_class_count(timeline) != timeline->grid->count) {
        left = write_item(drawing, left,
                          "fillcolor rgb '#56B4E9' fillstyle solid noborder",
                          "own processes");
        left = write_item(drawing, left,
                          "fillcolor rgb '#D55E00' fillstyle solid noborder",
                          "guests");
    }
    if (drawing->bytes[TIMELINE_FROZEN] > 0)
        left = write_item(drawing, left,
                          "fillcolor rgb '#202020' fillstyle pattern 4 border "
                          "linecolor rgb '#808080'",
                          "frozen");
    if (drawing->bytes[TIMELINE_DOWN] > 0)
        left = write_item(drawing, left,
                          "fillcolor rgb '#404040' fillstyle solid noborder",
                          "node down");
    if (drawing->bytes[TIMELINE_ISOLATED] > 0)
        left = write_item(drawing, left,
                          "fillcolor rgb '#DCDCDC' fillstyle solid noborder",
                          "cluster isolated");
    if (drawing->drawn_moves > 0)
        left = write_line_item(
            drawing, left, "linewidth 1 linecolor rgb '#404040'", "migration");
    if (drawing->has_wishes)
        left = write_line_item(
            drawing, left, "linewidth 1.4 dashtype 2 linecolor rgb '#202020'",
            "wish of an owner");
    if (drawing->has_faults)
        write_line_item(drawing, left,
                        "linewidth 1.4 dashtype 2 linecolor rgb '#D55E00'",
                        "fault");
}

/* ---- The caption. -------------------------------------------------------- */

static const char *how_to_read(const struct timeline *timeline)
{
    switch (timeline->look) {
        case TIMELINE_PROCESSES:
            return "A row is a node, each stripe in it a process, in the "
                   "colour of the cluster of its home.";
        case TIMELINE_NODES:
            return "A row is a node, in the colour of the home of most that "
                   "ran in 1/500 of the time; pale: less than half a process.";
        default:
            return is_thin(timeline)
                       ? "A row is a cluster, in the colour of most that ran "
                         "in 1/500 of the time; pale: on less than half of "
                         "its cores."
                       : "A lane is a cluster, as high as the processes that "
                         "run there for each core: own below, guests above.";
    }
}

static void write_caption(const struct drawing *drawing)
{
    const struct history_run *run = &drawing->timeline->run;
    char moves[128] = "";
    if (drawing->drawn_moves < drawing->migrations)
        snprintf(moves, sizeof(moves), " %zu of %zu migrations are drawn.",
                 drawing->drawn_moves, drawing->migrations);
    size_t length = strlen(moves);
    if (drawing->starts > 0)
        snprintf(moves + length, sizeof(moves) - length,
                 " %zu first starts elsewhere are not.", drawing->starts);
    size_t bytes = strlen(run->policies);
    fputs("set label ", drawing->script);
    text_quote(drawing->script, run->scenario, strlen(run->scenario));
    fprintf(drawing->script, ".', seed %" PRIu64 ", commit '.", run->seed);
    text_quote(drawing->script, run->commit, strlen(run->commit));
    fputs(".\"\\n\".", drawing->script);
    text_quote(drawing->script, run->policies,
               bytes < CAPTION_CHARACTERS ? bytes : CAPTION_CHARACTERS);
    fprintf(drawing->script,
            ".\"\\n\".'%s%s' at screen %.5f, screen %.5f left font ',8' "
            "textcolor rgb grey\n",
            how_to_read(drawing->timeline), moves, (double)SWATCH_LEFT / WIDTH,
            CAPTION_Y / drawing->height);
}

/* ---- The plot. ----------------------------------------------------------- */

static void write_axes(const struct drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    fprintf(drawing->script,
            "unset label\nunset arrow\nunset object\n"
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n"
            "set border 1\nunset ytics\nset grid xtics noytics\n"
            "set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins "
            "0.3, 0.3\n"
            "set xrange [0:%.9g]\nset yrange [%.6g:%d]\n"
            "set xlabel 'time (%s)' offset 0, 0.4\n",
            drawing->left / WIDTH, 1 - (double)RIGHT / WIDTH,
            1 - TOP / drawing->height, BOTTOM / drawing->height,
            time_of(drawing, fmax(1, (double)timeline->end_us)),
            timeline->height, drawing->has_faults ? -FAULT_STRIP : 0,
            timeline->unit);
}

static void write_plot(const struct drawing *drawing)
{
    static const char box[] = "using 1:3:1:2:3:4";
    FILE *script = drawing->script;
    const size_t *bytes = drawing->bytes;
    fputs("plot ", script);
    if (bytes[TIMELINE_ISOLATED] > 0)
        fprintf(script,
                "$isolated %s with boxxyerror fillstyle solid noborder "
                "linecolor rgb '#DCDCDC', \\\n    ",
                box);
    if (bytes[TIMELINE_RUNNING] > 0)
        fprintf(script,
                "$running %s:5 with boxxyerror fillstyle solid noborder "
                "linecolor rgb variable, \\\n    ",
                box);
    if (bytes[TIMELINE_FROZEN] > 0)
        fprintf(script,
                "$frozen %s with boxxyerror fillstyle solid noborder linecolor "
                "rgb '#F4F4F4', \\\n    '' %s:5 with boxxyerror fillstyle "
                "pattern 4 noborder linecolor rgb variable, \\\n    ",
                box, box);
    if (bytes[TIMELINE_DOWN] > 0)
        fprintf(script,
                "$down %s with boxxyerror fillstyle solid noborder linecolor "
                "rgb '#404040', \\\n    ",
                box);
    if (drawing->drawn_moves > 0)
        fprintf(script,
                "$moves using 1:2 with lines linewidth %s linecolor rgb "
                "'%s', \\\n    ",
                drawing->migrations <= ARCS_MAX ? "1" : "0.5",
                drawing->migrations <= ARCS_MAX ? "#20202020" : "#B4202020");
    if (drawing->drawn_moves > 0 && has_arcs(drawing))
        fputs(
            "$ends using 1:2 with points pointtype 7 pointsize 0.35 linecolor "
            "rgb '#202020', \\\n    ",
            script);
    if (drawing->has_marks)
        fputs(
            "$marks using 1:2:3:4:5 with vectors nohead linewidth 1.4 "
            "dashtype 2 linecolor rgb variable, \\\n    "
            "$names using 1:2:3 with labels left boxed offset character 0.3, "
            "0 font ',7', \\\n    ",
            script);
    fputs("NaN notitle\n", script);
}

void timeline_write(const struct timeline *timeline, struct figure *figure)
{
    struct drawing drawing = {.timeline = timeline,
                              .script = figure->script,
                              .data = figure->data,
                              .left = LEFT,
                              .height = TOP + BOTTOM + timeline->height};
    if (timeline->look == TIMELINE_PROCESSES)
        drawing.left += NUMBERS_WIDTH;
    write_boxes(&drawing);
    write_moves(&drawing);
    write_marks(&drawing);
    if (drawing.has_faults)
        drawing.height += FAULT_STRIP;
    fputc('\n', figure->script);
    figure_draw_begin(figure, WIDTH, (int)ceil(drawing.height));
    write_axes(&drawing);
    write_rows(&drawing);
    write_legend(&drawing);
    write_caption(&drawing);
    write_plot(&drawing);
    figure_draw_end(figure);
}
