/* timeline_draw.c - the script of a timeline. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "text.h"
#include "timeline_drawing.h"

enum {
    LEFT = 122,         /* Names of clusters, */
    NUMBERS_WIDTH = 28, /* and of nodes. */
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
};

/* ---- What stands beside the rows. ---------------------------------------- */

static void write_name(const struct timeline_drawing *drawing, size_t cluster)
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
                (double)SWATCH_LEFT / TIMELINE_WIDTH, middle - SWATCH / 2.0,
                (double)(SWATCH_LEFT + SWATCH) / TIMELINE_WIDTH,
                middle + SWATCH / 2.0, timeline_colour(timeline, cluster));
    fputs("set label ", drawing->script);
    bool cut = bytes > NAME_BYTES;
    text_quote(drawing->script, name, cut ? NAME_BYTES - 1 : bytes);
    fprintf(drawing->script, "%s at screen %.5f, first %.6g left font ',8'\n",
            cut ? ".'…'" : "", (double)NAME_LEFT / TIMELINE_WIDTH, middle);
}

static void write_rows(const struct timeline_drawing *drawing)
{
    const struct timeline *timeline = drawing->timeline;
    double named = -SWATCH; /* Down to here there is a name. */
    for (size_t i = 0; i < timeline->grid->count; i++) {
        const struct grid_cluster *c = &timeline->grid->clusters[i];
        if (timeline->tops[i] >= named) {
            write_name(drawing, i);
            named = timeline->tops[i] + SWATCH + 2;
        }
        if (i > 0 && !timeline_is_thin(timeline))
            fprintf(drawing->script,
                    "set arrow from screen %.5f, first %.6g to graph 1, first "
                    "%.6g nohead back linewidth 0.5 linecolor rgb '#C8C8C8'\n",
                    (double)SWATCH_LEFT / TIMELINE_WIDTH, timeline->tops[i] - 3,
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
                    node, (drawing->left - 6) / TIMELINE_WIDTH,
                    timeline_top(timeline, node) + timeline->row_height / 2);
    }
}

static double write_item(const struct timeline_drawing *drawing,
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
            left / TIMELINE_WIDTH, y - half, (left + 16) / TIMELINE_WIDTH,
            y + half, style, name, (left + 21) / TIMELINE_WIDTH, y);
    return left + 40 + TIMELINE_CHARACTER * 1.1 * (double)strlen(name);
}

static double write_line_item(const struct timeline_drawing *drawing,
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
            (left + 6) / TIMELINE_WIDTH, y - half, (left + 6) / TIMELINE_WIDTH,
            y + half, style, name, (left + 14) / TIMELINE_WIDTH, y);
    return left + 33 + TIMELINE_CHARACTER * 1.1 * (double)strlen(name);
}

static void write_legend(const struct timeline_drawing *drawing)
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
            return timeline_is_thin(timeline)
                       ? "A row is a cluster, in the colour of most that ran "
                         "in 1/500 of the time; pale: on less than half of "
                         "its cores."
                       : "A lane is a cluster, as high as the processes that "
                         "run there for each core: own below, guests above.";
    }
}

static void write_caption(const struct timeline_drawing *drawing)
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
            how_to_read(drawing->timeline), moves,
            (double)SWATCH_LEFT / TIMELINE_WIDTH, CAPTION_Y / drawing->height);
}

/* ---- The plot. ----------------------------------------------------------- */

static void write_axes(const struct timeline_drawing *drawing)
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
            drawing->left / TIMELINE_WIDTH,
            1 - (double)TIMELINE_RIGHT / TIMELINE_WIDTH,
            1 - TOP / drawing->height, BOTTOM / drawing->height,
            timeline_time(drawing->timeline, fmax(1, (double)timeline->end_us)),
            timeline->height, drawing->has_faults ? -TIMELINE_STRIP : 0,
            timeline->unit);
}

static void write_plot(const struct timeline_drawing *drawing)
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
                drawing->few_moves ? "1" : "0.5",
                drawing->few_moves ? "#20202020" : "#B4202020");
    if (drawing->has_arcs)
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
    struct timeline_drawing drawing = {
        .timeline = timeline,
        .script = figure->script,
        .data = figure->data,
        .left = LEFT,
        .height = TOP + BOTTOM + timeline->height};
    if (timeline->look == TIMELINE_PROCESSES)
        drawing.left += NUMBERS_WIDTH;
    timeline_write_data(&drawing);
    if (drawing.has_faults)
        drawing.height += TIMELINE_STRIP;
    fputc('\n', figure->script);
    figure_draw_begin(figure, TIMELINE_WIDTH, (int)ceil(drawing.height));
    write_axes(&drawing);
    write_rows(&drawing);
    write_legend(&drawing);
    write_caption(&drawing);
    write_plot(&drawing);
    figure_draw_end(figure);
}
