#include "regret.h"

#include <math.h>
#include <string.h>

enum {
    COLUMNS_MAX = 100,
    LABEL_COLUMNS = 7,
    GAP_COLUMNS = 2,
    CELL_BYTES = 48,
};

/* What a cell shows; the sign of the half width has two bytes and one column.
 */
struct cell
{
    char text[CELL_BYTES];
    int columns;
};

static struct cell cell_of(struct estimate estimate, const char *format)
{
    struct cell cell = {.text = "-", .columns = 1};
    if (isnan(estimate.mean))
        return cell;
    cell.columns = snprintf(cell.text, CELL_BYTES, format, estimate.mean);
    if (!isnan(estimate.ci95)) {
        size_t used = (size_t)cell.columns;
        int more = snprintf(cell.text + used, CELL_BYTES - used, " \u00b1%.2g",
                            estimate.ci95);
        cell.columns += more - 1;
    }
    return cell;
}

static struct cell bound_cell(const struct comparison *c, size_t yardstick)
{
    return cell_of(comparison_bound(c, (enum yardstick_number)yardstick),
                   "%.4g");
}

static struct cell regret_cell(const struct comparison *c,
                               size_t stack,
                               size_t yardstick)
{
    return cell_of(
        comparison_regret(c, stack, (enum yardstick_number)yardstick), "%.4g");
}

static void make_title(size_t yardstick, struct cell *ret_cell)
{
    const char *unit = metrics[yardsticks[yardstick].metric].unit;
    bool plain = strcmp(unit, "1") == 0;
    ret_cell->columns =
        snprintf(ret_cell->text, CELL_BYTES, plain ? "%s" : "%s (%s)",
                 yardsticks[yardstick].title, unit);
}

static int width_of(const struct comparison *c, size_t yardstick)
{
    struct cell title;
    make_title(yardstick, &title);
    int width = (int)fmax(title.columns, bound_cell(c, yardstick).columns);
    for (size_t stack = 0; stack < c->stack_count; stack++)
        width = (int)fmax(width, regret_cell(c, stack, yardstick).columns);
    return GAP_COLUMNS + width;
}

static void print_cell(const struct cell *cell, int width, FILE *out)
{
    fprintf(out, "%*s%s", width - cell->columns, "", cell->text);
}

/* The yardsticks shown[first .. next - 1]. */
static void print_block(const struct comparison *c,
                        const size_t *shown,
                        size_t first,
                        size_t next,
                        FILE *out)
{
    fprintf(out, "\n%-*s", LABEL_COLUMNS, "regret");
    for (size_t index = first; index < next; index++) {
        struct cell title;
        make_title(shown[index], &title);
        print_cell(&title, width_of(c, shown[index]), out);
    }
    fprintf(out, "\n%-*s", LABEL_COLUMNS, "bound");
    for (size_t index = first; index < next; index++) {
        struct cell bound = bound_cell(c, shown[index]);
        print_cell(&bound, width_of(c, shown[index]), out);
    }
    fputc('\n', out);
    for (size_t stack = 0; stack < c->stack_count; stack++) {
        char label[COMPARISON_LABEL_BYTES];
        comparison_label(stack, label);
        fprintf(out, "%-*s", LABEL_COLUMNS, label);
        for (size_t index = first; index < next; index++) {
            struct cell regret = regret_cell(c, stack, shown[index]);
            print_cell(&regret, width_of(c, shown[index]), out);
        }
        fputc('\n', out);
    }
}

void regret_print(const struct comparison *c, FILE *out)
{
    size_t shown[YARDSTICK_COUNT];
    size_t count = 0;
    for (size_t yardstick = 0; yardstick < YARDSTICK_COUNT; yardstick++)
        if (!isnan(comparison_bound(c, (enum yardstick_number)yardstick).mean))
            shown[count++] = yardstick;
    for (size_t first = 0, next; first < count; first = next) {
        int used = LABEL_COLUMNS;
        for (next = first; next < count; next++) {
            used += width_of(c, shown[next]);
            if (first < next && COLUMNS_MAX < used)
                break;
        }
        print_block(c, shown, first, next, out);
    }
}
