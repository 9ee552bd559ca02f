/* load_sweep.c - lines of the stacks over the load. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure.h"
#include "plot.h"
#include "text.h"

/* Pixels, where nothing else is said. */
enum {
    WIDTH = 1000,
    PLOT_LEFT = 70,
    PLOT_RIGHT = 600,
    NAMES_LEFT = 640, /* The lines are named on the right. */
    SAMPLE_WIDTH = 40,
    NAMES_CHARACTERS = 38,
    TOP_HEIGHT = 24,
    BOTTOM_HEIGHT = 88,
    PLOT_HEIGHT_MIN = 330,
    LINE_HEIGHT = 16,
    NAME_GAP = 14,
    LINE_STYLES = 8 /* Of style.c. */
};

/* A scale of ratios, if the largest value is so many times the smallest. */
static const double LOG_RATIO = 8;

struct drawing
{
    const struct comparison *comparisons;
    struct comparison_cell **cells; /* By load. */
    const double *loads;
    size_t load_count;
    FILE *script;
    int height;
};

static const struct estimate *estimate_at(const struct drawing *drawing,
                                          size_t load,
                                          size_t stack)
{
    return &drawing->cells[load][stack * METRIC_COUNT + METRIC_MEAN_SLOWDOWN]
                .estimate;
}

static void write_table(const struct drawing *drawing, FILE *out)
{
    const struct comparison *c = &drawing->comparisons[0];
    fputs("stack\tload\tmean_slowdown\tmean_slowdown_ci95\tpolicies\n", out);
    for (size_t stack = 0; stack < c->stack_count; stack++)
        for (size_t load = 0; load < drawing->load_count; load++) {
            const struct estimate *at = estimate_at(drawing, load, stack);
            char label[COMPARISON_LABEL_BYTES];
            comparison_label(stack, label);
            fprintf(out, "%s\t%.9g\t%.9g\t%.9g\t", label, drawing->loads[load],
                    at->mean, at->ci95);
            text_line(out, c->stacks[stack]);
            fputc('\n', out);
        }
}

static void write_lines(const struct drawing *drawing)
{
    const struct comparison *c = &drawing->comparisons[0];
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        fprintf(drawing->script, "$%s << END_OF_DATA\n", label);
        for (size_t load = 0; load < drawing->load_count; load++) {
            const struct estimate *at = estimate_at(drawing, load, stack);
            fprintf(drawing->script, "%.9g\t%.9g\t%.9g\n", drawing->loads[load],
                    at->mean, at->ci95);
        }
        fputs("END_OF_DATA\n", drawing->script);
    }
}

/* A sample of the line with its point, the letter and the policies. */
static void write_name(const struct drawing *drawing,
                       size_t stack,
                       double y_pixels)
{
    FILE *script = drawing->script;
    const char *policies = drawing->comparisons[0].stacks[stack];
    char label[COMPARISON_LABEL_BYTES];
    comparison_label(stack, label);
    double y = 1 - y_pixels / drawing->height;
    double left = (double)NAMES_LEFT / WIDTH;
    double sample = (double)SAMPLE_WIDTH / WIDTH;
    size_t style = 1 + stack % LINE_STYLES;
    fprintf(script,
            "set arrow from screen %.4f, screen %.4f to screen %.4f, screen "
            "%.4f nohead linestyle %zu\n"
            "set label '' at screen %.4f, screen %.4f point linestyle %zu\n"
            "set label '%s' at screen %.4f, screen %.4f left font ':Bold'\n"
            "set label ",
            left, y, left + sample, y, style, left + sample / 2, y, style,
            label, left + sample * 1.25, y);
    text_policies(script, policies[0] != '\0' ? policies : "(no policies)",
                  NAMES_CHARACTERS);
    fprintf(script, " at screen %.4f, screen %.4f left\n", left + sample * 1.75,
            y);
}

static void write_names(const struct drawing *drawing)
{
    const struct comparison *c = &drawing->comparisons[0];
    double y_pixels = TOP_HEIGHT + LINE_HEIGHT;
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        write_name(drawing, stack, y_pixels);
        y_pixels += NAME_GAP +
                    LINE_HEIGHT * (double)text_policies(NULL, c->stacks[stack],
                                                        NAMES_CHARACTERS);
    }
}

static void write_y_axis(const struct drawing *drawing)
{
    double low = INFINITY;
    double high = 0;
    for (size_t load = 0; load < drawing->load_count; load++)
        for (size_t stack = 0; stack < drawing->comparisons[0].stack_count;
             stack++) {
            const struct estimate *at = estimate_at(drawing, load, stack);
            low = fmin(low, at->mean);
            high = fmax(high, fmax(at->mean, at->mean + at->ci95));
        }
    if (0 < low && LOG_RATIO * low < high)
        fprintf(drawing->script,
                "set logscale y\nset yrange [%.9g:%.9g]\n"
                "set ytics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, "
                "5000, 10000, 100000, 1000000)\n",
                low / 1.2, high * 1.2);
    else
        fprintf(drawing->script, "set yrange [0:%.9g]\n",
                0 < high ? 1.1 * high : 1);
}

static void write_axes(const struct drawing *drawing)
{
    FILE *script = drawing->script;
    write_y_axis(drawing);
    double first = drawing->loads[0];
    double last = drawing->loads[drawing->load_count - 1];
    double margin = first < last ? 0.06 * (last - first) : 0.1;
    fprintf(script,
            "set xrange [%.9g:%.9g]\nset xlabel 'offered load'\n"
            "set ylabel 'mean slowdown'\nset xtics (",
            first - margin, last + margin);
    for (size_t load = 0; load < drawing->load_count; load++)
        fprintf(script, "%s%.9g", load > 0 ? ", " : "", drawing->loads[load]);
    fputs(")\n", script);
}

static void write_plot(const struct drawing *drawing)
{
    size_t stack_count = drawing->comparisons[0].stack_count;
    for (size_t stack = 0; stack < stack_count; stack++) {
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        size_t style = 1 + stack % LINE_STYLES;
        fprintf(drawing->script,
                "%s$%s using 1:2:3 with yerrorbars linestyle %zu dashtype 1 "
                "pointsize 0, \\\n    '' using 1:2 with linespoints linestyle "
                "%zu%s\n",
                stack == 0 ? "plot " : "    ", label, style, style,
                stack + 1 < stack_count ? ", \\" : "");
    }
}

static void draw(struct drawing *drawing, struct figure *figure)
{
    drawing->script = figure->script;
    write_table(drawing, figure->data);
    write_lines(drawing);
    figure_draw_begin(figure, WIDTH, drawing->height);
    fprintf(figure->script,
            "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
            "unset label\nunset arrow\n",
            (double)PLOT_LEFT / WIDTH, (double)PLOT_RIGHT / WIDTH,
            1 - (double)TOP_HEIGHT / drawing->height,
            (double)BOTTOM_HEIGHT / drawing->height);
    write_axes(drawing);
    write_names(drawing);
    text_caption(figure->script, &drawing->comparisons[0], "",
                 18.0 / drawing->height);
    write_plot(drawing);
    figure_draw_end(figure);
}

/* As high as its names need. */
static int height_of(const struct comparison *c)
{
    size_t line_count = 0;
    for (size_t stack = 0; stack < c->stack_count; stack++)
        line_count += text_policies(NULL, c->stacks[stack], NAMES_CHARACTERS);
    int height = LINE_HEIGHT * (int)line_count + NAME_GAP * (int)c->stack_count;
    return TOP_HEIGHT + BOTTOM_HEIGHT +
           (height < PLOT_HEIGHT_MIN ? PLOT_HEIGHT_MIN : height);
}

int plot_load_sweep(const struct comparison *comparisons,
                    const double *loads,
                    size_t load_count,
                    const char *folder,
                    const char *stem,
                    struct complaint *ret_complaint)
{
    assert(0 < load_count);
    struct figure figure;
    int error = figure_begin(&figure, folder, stem, ret_complaint);
    if (error != 0)
        return error;
    struct comparison_cell **cells = calloc(load_count, sizeof(*cells));
    assert(cells != NULL);
    for (size_t load = 0; load < load_count; load++) {
        assert(comparisons[load].stack_count == comparisons[0].stack_count);
        cells[load] = comparison_cells(&comparisons[load]);
    }
    struct drawing drawing = {.comparisons = comparisons,
                              .cells = cells,
                              .loads = loads,
                              .load_count = load_count,
                              .height = height_of(&comparisons[0])};
    draw(&drawing, &figure);
    for (size_t load = 0; load < load_count; load++)
        free(cells[load]);
    free(cells);
    return figure_finish(&figure, ret_complaint);
}
