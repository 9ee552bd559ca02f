/* table.c - a comparison for people, and for the tools they pipe it into. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "comparison.h"
#include "notes.h"
#include "regret.h"
#include "room.h"

enum {
    COLUMNS_MAX = 100, /* Of the terminal. */
    LABEL_COLUMNS = 7,
    GAP_COLUMNS = 2,
    HEAD_LINES_MAX = 4,
    TEXT_BYTES = 32,
};

static const char BOLD[] = "\033[1m";
static const char GREEN[] = "\033[32m";
static const char RED[] = "\033[31m";
static const char PLAIN[] = "\033[0m";

/* A mean and its interval as they are printed: "14.33" "0.21". */
struct shown
{
    char mean[TEXT_BYTES];
    char ci95[TEXT_BYTES];
    bool significant;
};

/* A column of the table: one metric. */
struct column
{
    size_t metric;
    int decimals;
    int mean_columns;
    int ci95_columns;
    size_t line_count; /* Of its head: the title, broken at spaces; */
    char lines[HEAD_LINES_MAX][TEXT_BYTES]; /* then the unit. */
};

/* Two digits of the half width, or four of the value if that says nothing. */
static double decimals_wanted(double mean, double ci95)
{
    if (0 < ci95)
        return 1 - floor(log10(ci95));
    if (0 < fabs(mean))
        return 3 - floor(log10(fabs(mean)));
    return 0;
}

/* As many for the whole column as its most exact number wants, but no number
 * has more than six digits for it. */
static int decimals_of(const struct comparison *c,
                       const struct comparison_cell *cells,
                       size_t metric)
{
    double wanted = 0;
    double most = 3;
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        const struct comparison_cell *cell =
            &cells[stack * METRIC_COUNT + metric];
        const struct estimate *estimate = &cell->estimate;
        wanted = fmax(wanted, decimals_wanted(estimate->mean, estimate->ci95));
        if (0 < cell->difference.ci95)
            wanted = fmax(wanted, decimals_wanted(cell->difference.mean,
                                                  cell->difference.ci95));
        if (0 < fabs(estimate->mean))
            most = fmin(most, 5 - floor(log10(fabs(estimate->mean))));
    }
    return (int)fmax(0, fmin(wanted, most));
}

static void show_number(double value, int decimals, bool sign, char *ret_text)
{
    if (1e7 <= fabs(value))
        snprintf(ret_text, TEXT_BYTES, sign ? "%+.3e" : "%.3e", value);
    else
        snprintf(ret_text, TEXT_BYTES, sign ? "%+.*f" : "%.*f", decimals,
                 value);
}

static struct shown show(double mean, double ci95, int decimals, bool sign)
{
    struct shown shown = {.mean = "-"};
    if (!isnan(mean))
        show_number(mean, decimals, sign, shown.mean);
    if (!isnan(ci95))
        show_number(ci95, decimals, false, shown.ci95);
    return shown;
}

static struct shown shown_mean(const struct column *column,
                               const struct comparison_cell *cells)
{
    const struct estimate *estimate = &cells[column->metric].estimate;
    return show(estimate->mean, estimate->ci95, column->decimals, false);
}

static struct shown shown_difference(const struct column *column,
                                     const struct comparison_cell *cells)
{
    const struct difference *difference = &cells[column->metric].difference;
    struct shown shown =
        show(difference->mean, difference->ci95, column->decimals, true);
    shown.significant = difference->significant;
    return shown;
}

static void widen(struct column *column, const struct shown *shown)
{
    int mean_columns = (int)strlen(shown->mean);
    int ci95_columns = (int)strlen(shown->ci95);
    if (column->mean_columns < mean_columns)
        column->mean_columns = mean_columns;
    if (column->ci95_columns < ci95_columns)
        column->ci95_columns = ci95_columns;
}

/* The mean, a space, the sign, the half width and the mark. */
static int column_width(const struct column *column)
{
    return column->mean_columns + 2 + column->ci95_columns + 1;
}

/* Break the title into lines of the column's width; a longer word widens it. */
static void make_head(struct column *column)
{
    const struct metric *metric = &metrics[column->metric];
    size_t width = (size_t)column_width(column);
    size_t line = 0;
    for (const char *word = metric->title; *word != '\0';) {
        size_t length = strcspn(word, " ");
        size_t used = strlen(column->lines[line]);
        if (0 < used && width < used + 1 + length &&
            line + 2 < HEAD_LINES_MAX) {
            line++;
            used = 0;
        }
        snprintf(column->lines[line] + used, TEXT_BYTES - used, "%s%.*s",
                 0 < used ? " " : "", (int)length, word);
        word += length + strspn(word + length, " ");
    }
    if (strcmp(metric->unit, "1") != 0)
        snprintf(column->lines[++line], TEXT_BYTES, "(%s)", metric->unit);
    column->line_count = line + 1;
    for (size_t index = 0; index < column->line_count; index++) {
        int wanted = (int)strlen(column->lines[index]) - column_width(column);
        if (0 < wanted)
            column->mean_columns += wanted;
    }
}

static size_t make_columns(const struct comparison *c,
                           const struct comparison_cell *cells,
                           struct column *ret_columns)
{
    size_t count = 0;
    for (size_t metric = 0; metric < METRIC_COUNT; metric++) {
        if (!metrics[metric].in_table || !comparison_shows(c, metric))
            continue;
        struct column column = {.metric = metric,
                                .decimals = decimals_of(c, cells, metric)};
        for (size_t stack = 0; stack < c->stack_count; stack++) {
            const struct comparison_cell *own = cells + stack * METRIC_COUNT;
            struct shown mean = shown_mean(&column, own);
            struct shown difference = shown_difference(&column, own);
            widen(&column, &mean);
            if (0 < stack)
                widen(&column, &difference);
        }
        make_head(&column);
        ret_columns[count++] = column;
    }
    return count;
}

static void print_head(const struct column *columns, size_t count, FILE *out)
{
    size_t height = 0;
    for (size_t index = 0; index < count; index++)
        if (height < columns[index].line_count)
            height = columns[index].line_count;
    for (size_t row = 0; row < height; row++) {
        fprintf(out, "%*s", LABEL_COLUMNS, "");
        for (size_t index = 0; index < count; index++) {
            size_t skip = height - columns[index].line_count;
            const char *text =
                row < skip ? "" : columns[index].lines[row - skip];
            fprintf(out, "%*s", GAP_COLUMNS + column_width(&columns[index]),
                    text);
        }
        fputc('\n', out);
    }
}

static void print_shown(const struct column *column,
                        const struct shown *shown,
                        const char *colour,
                        FILE *out)
{
    fprintf(out, "%*s%s%*s ", GAP_COLUMNS, "", colour, column->mean_columns,
            shown->mean);
    if (shown->ci95[0] == '\0')
        fprintf(out, "%*s", column->ci95_columns + 1, "");
    else
        fprintf(out, "\u00b1%-*s", column->ci95_columns, shown->ci95);
    fprintf(out, "%c%s", shown->significant ? '*' : ' ',
            colour[0] != '\0' ? PLAIN : "");
}

static const char *colour_of(const struct comparison_cell *cell,
                             size_t metric,
                             bool colour)
{
    if (!colour || !cell->difference.significant)
        return "";
    return (cell->difference.mean < 0) == metrics[metric].smaller_is_better
               ? GREEN
               : RED;
}

static void print_stack(const struct comparison_cell *cells,
                        size_t stack,
                        const struct column *columns,
                        size_t count,
                        bool colour,
                        FILE *out)
{
    char label[COMPARISON_LABEL_BYTES];
    comparison_label(stack, label);
    cells += stack * METRIC_COUNT;
    fprintf(out, "%s%-*s%s", colour ? BOLD : "", LABEL_COLUMNS, label,
            colour ? PLAIN : "");
    for (size_t index = 0; index < count; index++) {
        struct shown mean = shown_mean(&columns[index], cells);
        print_shown(&columns[index], &mean, "", out);
    }
    fputc('\n', out);
    if (stack == 0)
        return;
    fprintf(out, "%s - A%*s", label, LABEL_COLUMNS - 4 - (int)strlen(label),
            "");
    for (size_t index = 0; index < count; index++) {
        const struct column *column = &columns[index];
        struct shown difference = shown_difference(column, cells);
        print_shown(column, &difference,
                    colour_of(&cells[column->metric], column->metric, colour),
                    out);
    }
    fputc('\n', out);
}

/* As many columns as fit, then the others below. */
static void print_blocks(const struct comparison *c,
                         const struct comparison_cell *cells,
                         const struct column *columns,
                         size_t count,
                         bool colour,
                         FILE *out)
{
    for (size_t first = 0, next; first < count; first = next) {
        int used = LABEL_COLUMNS;
        for (next = first; next < count; next++) {
            int width = GAP_COLUMNS + column_width(&columns[next]);
            if (first < next && COLUMNS_MAX < used + width)
                break;
            used += width;
        }
        fputc('\n', out);
        print_head(columns + first, next - first, out);
        for (size_t stack = 0; stack < c->stack_count; stack++)
            print_stack(cells, stack, columns + first, next - first, colour,
                        out);
    }
}

static void print_tsv(const struct comparison *c,
                      const struct comparison_cell *cells,
                      FILE *out)
{
    fputs(c->load > 0 ? "load\tstack\tpolicies" : "stack\tpolicies", out);
    for (size_t metric = 0; metric < METRIC_COUNT; metric++) {
        const char *name = metrics[metric].name;
        if (metrics[metric].in_table && comparison_shows(c, metric))
            fprintf(out,
                    "\t%s\t%s_ci95\t%s_difference\t%s_difference_ci95"
                    "\t%s_significant",
                    name, name, name, name, name);
    }
    for (size_t index = 0; index < YARDSTICK_COUNT; index++)
        fprintf(out, "\t%s_regret\t%s_regret_ci95", yardsticks[index].name,
                yardsticks[index].name);
    fputc('\n', out);
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        if (c->load > 0)
            fprintf(out, "%g\t", c->load);
        fprintf(out, "%s\t%s", label, c->stacks[stack]);
        for (size_t metric = 0; metric < METRIC_COUNT; metric++) {
            const struct comparison_cell *cell =
                &cells[stack * METRIC_COUNT + metric];
            if (metrics[metric].in_table && comparison_shows(c, metric))
                fprintf(out, "\t%.12g\t%.12g\t%.12g\t%.12g\t%d",
                        cell->estimate.mean, cell->estimate.ci95,
                        cell->difference.mean, cell->difference.ci95,
                        cell->difference.significant);
        }
        for (size_t index = 0; index < YARDSTICK_COUNT; index++) {
            struct estimate regret =
                comparison_regret(c, stack, (enum yardstick_number)index);
            fprintf(out, "\t%.12g\t%.12g", regret.mean, regret.ci95);
        }
        fputc('\n', out);
    }
}

void comparison_table(const struct comparison *c,
                      enum table_style style,
                      bool colour,
                      FILE *out)
{
    struct comparison_cell *cells = comparison_cells(c);
    if (style == TABLE_TSV) {
        print_tsv(c, cells, out);
    } else {
        struct column columns[METRIC_COUNT];
        size_t count = make_columns(c, cells, columns);
        notes_stacks(c, out);
        print_blocks(c, cells, columns, count, colour, out);
        regret_print(c, out);
        fputc('\n', out);
        notes_below(c, cells, out);
    }
    free(cells);
}
