/* comparison.c - bars of the stacks of one comparison. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure.h"
#include "plot.h"
#include "text.h"

/* Pixels, where nothing else is said. */
enum {
    WIDTH = 1000,
    NAMES_WIDTH = 300, /* Names stand on the left. */
    NAMES_CHARACTERS = 38,
    GAP_WIDTH = 26, /* Between panels. */
    TOP_HEIGHT = 36,
    BOTTOM_HEIGHT = 82,
    ROW_HEIGHT_MIN = 34,
    LINE_HEIGHT = 16,
    BAR_HEIGHT = 24,
    PANEL_COUNT = 3,
    PANEL_COLUMNS = 3 /* Of the data. */
};

static const size_t panels[PANEL_COUNT] = {
    METRIC_MEAN_SLOWDOWN, METRIC_P95_SLOWDOWN, METRIC_MEAN_RESPONSE};

static const char functions[] =
    "colour(row, differs) = row == 0 ? first_colour : differs < 0 ? "
    "lower_colour : 0 < differs ? higher_colour : same_colour\n"
    "shown(x) = sprintf(x < 10 ? '%.2f' : x < 100 ? '%.1f' : '%.0f', x)\n"
    "end_of(mean, ci95) = ci95 == ci95 ? mean + ci95 : mean\n";

struct drawing
{
    const struct comparison *comparison;
    const struct comparison_cell *cells;
    FILE *script;
    struct estimate bound;
    double bar;  /* Half of its width, in rows. */
    double rows; /* What the y axis spans; with room for the bound's name. */
    int row_height;
    int height;
};

/* -1 lower than the first stack, 1 higher, 0 not significantly different. */
static int differs(const struct comparison_cell *cell)
{
    if (!cell->difference.significant)
        return 0;
    return cell->difference.mean < 0 ? -1 : 1;
}

/* The names are last, for they are the only text. */
static void write_data(const struct comparison *c,
                       const struct comparison_cell *cells,
                       FILE *out)
{
    fputs("stack", out);
    for (size_t panel = 0; panel < PANEL_COUNT; panel++) {
        const char *name = metrics[panels[panel]].name;
        fprintf(out, "\t%s\t%s_ci95\t%s_differs", name, name, name);
    }
    fputs("\tpolicies\n", out);
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        fputs(label, out);
        for (size_t panel = 0; panel < PANEL_COUNT; panel++) {
            const struct comparison_cell *cell =
                &cells[stack * METRIC_COUNT + panels[panel]];
            fprintf(out, "\t%.9g\t%.9g\t%d", cell->estimate.mean,
                    cell->estimate.ci95, differs(cell));
        }
        fputc('\t', out);
        text_line(out, c->stacks[stack]);
        fputc('\n', out);
    }
}

static void write_names(const struct drawing *drawing)
{
    const struct comparison *c = drawing->comparison;
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        const char *policies = c->stacks[stack];
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        if (policies[0] == '\0')
            policies = "(no policies)";
        fprintf(drawing->script,
                "set label '%s' at screen 0.010, first %zu left font ':Bold'\n"
                "set label ",
                label, stack);
        size_t line_count =
            text_policies(drawing->script, policies, NAMES_CHARACTERS);
        fprintf(drawing->script,
                " at screen 0.034, first %zu left offset 0, character %g\n",
                stack, 0.5 * (double)(line_count - 1));
    }
}

static const char *explanation(const struct drawing *drawing)
{
    return drawing->comparison->seed_count > 1
               ? "Colour and *: differs from A (paired t, Holm over the "
                 "stacks, "
                 "5 %); blue is lower, orange higher, pale neither."
               : "One seed gives no intervals.";
}

static void write_bound(const struct drawing *drawing, double x_max)
{
    double bound_s = drawing->bound.mean;
    bool left = bound_s < x_max / 2;
    fprintf(drawing->script,
            "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead front "
            "linewidth 1.2 dashtype (6,4) linecolor rgb '#202020'\n"
            "set label 'clairvoyant bound '.shown(%.9g) at %.9g, first %g "
            "%s offset character %s, 0 font ',8'\n",
            bound_s, bound_s, bound_s, bound_s,
            (double)drawing->comparison->stack_count - 0.25,
            left ? "left" : "right", left ? "0.6" : "-0.6");
}

/* Room for the bars, their intervals and the numbers behind them. */
static double x_max_of(const struct drawing *drawing, size_t metric)
{
    double x_max = metric == METRIC_MEAN_RESPONSE && drawing->bound.count > 0
                       ? drawing->bound.mean
                       : 0;
    for (size_t stack = 0; stack < drawing->comparison->stack_count; stack++) {
        const struct estimate *estimate =
            &drawing->cells[stack * METRIC_COUNT + metric].estimate;
        x_max = fmax(x_max, estimate->mean);
        x_max = fmax(x_max, estimate->mean + estimate->ci95);
    }
    return 0 < x_max ? 1.38 * x_max : 1;
}

static void write_panel(const struct drawing *drawing, size_t panel)
{
    const struct metric *metric = &metrics[panels[panel]];
    FILE *script = drawing->script;
    double x_max = x_max_of(drawing, panels[panel]);
    double width = (double)(WIDTH - NAMES_WIDTH) / PANEL_COUNT;
    double left = NAMES_WIDTH + (double)panel * width;
    size_t mean = 2 + panel * PANEL_COLUMNS;
    bool has_unit = strcmp(metric->unit, "1") != 0;
    fprintf(script,
            "unset label\nunset arrow\n"
            "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
            "set xrange [0:%.9g]\n"
            "set label '%s%s%s%s' at graph 0, graph 1 left offset 0, "
            "character 0.8 font ':Bold'\n",
            left / WIDTH, (left + width - GAP_WIDTH) / WIDTH, x_max,
            metric->title, has_unit ? " (" : "", has_unit ? metric->unit : "",
            has_unit ? ")" : "");
    if (panel == 0) {
        write_names(drawing);
        text_caption(script, drawing->comparison, explanation(drawing),
                     36.0 / drawing->height);
    }
    if (panels[panel] == METRIC_MEAN_RESPONSE && drawing->bound.count > 0)
        write_bound(drawing, x_max);
    fprintf(
        script,
        "plot $data skip 1 using (0):0:(0):%zu:($0 - %.4f):($0 + %.4f):"
        "(colour($0, column(%zu))) with boxxyerror fillstyle solid noborder "
        "linecolor rgb variable, \\\n"
        "    '' skip 1 using %zu:0:%zu with xerrorbars pointtype 7 "
        "pointsize 0 linewidth 1.3 linecolor rgb '#202020', \\\n"
        "    '' skip 1 using (end_of(column(%zu), column(%zu))):0:"
        "(shown(column(%zu)).(column(%zu) == 0 ? '' : ' *')) with labels "
        "left offset character 0.6, 0 font ',9'\n",
        mean, drawing->bar, drawing->bar, mean + 2, mean, mean + 1, mean,
        mean + 1, mean, mean + 2);
}

static void draw(struct drawing *drawing, struct figure *figure)
{
    drawing->script = figure->script;
    write_data(drawing->comparison, drawing->cells, figure->data);
    fputs("$data << END_OF_DATA\n", figure->script);
    write_data(drawing->comparison, drawing->cells, figure->script);
    fprintf(figure->script, "END_OF_DATA\n\n%s\n", functions);
    figure_draw_begin(figure, WIDTH, drawing->height);
    fprintf(figure->script,
            "set multiplot\n"
            "set border 2\nunset ytics\nset grid xtics noytics\n"
            "set xtics autofreq\n"
            "set yrange [%g:-0.6]\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
            drawing->rows - 0.6, 1 - (double)TOP_HEIGHT / drawing->height,
            (double)BOTTOM_HEIGHT / drawing->height);
    for (size_t panel = 0; panel < PANEL_COUNT; panel++)
        write_panel(drawing, panel);
    fputs("unset multiplot\n", figure->script);
    figure_draw_end(figure);
}

static void lay_out(struct drawing *drawing)
{
    const struct comparison *c = drawing->comparison;
    drawing->row_height = ROW_HEIGHT_MIN;
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        size_t line_count =
            text_policies(NULL, c->stacks[stack], NAMES_CHARACTERS);
        int height = LINE_HEIGHT * (int)line_count + LINE_HEIGHT / 2;
        if (drawing->row_height < height)
            drawing->row_height = height;
    }
    drawing->bar = (double)BAR_HEIGHT / 2 / drawing->row_height;
    drawing->bound = comparison_bound(c, YARDSTICK_MEAN_RESPONSE);
    drawing->rows = (double)c->stack_count + 0.2;
    if (drawing->bound.count > 0)
        drawing->rows += 0.4;
    drawing->height = TOP_HEIGHT + BOTTOM_HEIGHT +
                      (int)ceil(drawing->rows * drawing->row_height);
}

int plot_comparison(const struct comparison *comparison,
                    const char *folder,
                    const char *stem,
                    struct complaint *ret_complaint)
{
    struct figure figure;
    int error = figure_begin(&figure, folder, stem, ret_complaint);
    if (error != 0)
        return error;
    struct comparison_cell *cells = comparison_cells(comparison);
    struct drawing drawing = {.comparison = comparison, .cells = cells};
    lay_out(&drawing);
    draw(&drawing, &figure);
    free(cells);
    return figure_finish(&figure, ret_complaint);
}
