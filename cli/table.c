/* table.c - rows and columns for people. libsmartcols would do, but breaks
 * lines within words. */
#include "table.h"

#include <assert.h>
#include <string.h>

/* A last column narrower than this is left to the terminal to break. */
enum { GAP = 2, FOLDED_WIDTH_MIN = 20 };

static int column_width(const char *const *cells,
                        size_t row_count,
                        size_t column_count,
                        size_t column)
{
    size_t width = 0;
    for (size_t row = 0; row < row_count; row++) {
        size_t length = strlen(cells[row * column_count + column]);
        width = length > width ? length : width;
    }
    return (int)width;
}

/* How much of text stands on a line of so many columns: up to the last space
 * that fits, or the whole word if none does. */
static int folded_length(const char *text, int width)
{
    int length = (int)strlen(text);
    if (length <= width)
        return length;
    int end = width;
    while (end > 0 && text[end] != ' ')
        end--;
    return end > 0 ? end : (int)strcspn(text, " ");
}

static void print_folded(FILE *out, const char *text, int indent, int width)
{
    for (;;) {
        int length = folded_length(text, width);
        fprintf(out, "%.*s\n", length, text);
        text += length;
        text += strspn(text, " ");
        if (!*text)
            return;
        fprintf(out, "%*s", indent, "");
    }
}

void table_print(FILE *out,
                 int width,
                 const char *const *cells,
                 size_t row_count,
                 size_t column_count)
{
    assert(column_count > 0);
    size_t last = column_count - 1;
    int indent = 0;
    for (size_t column = 0; column < last; column++)
        indent += column_width(cells, row_count, column_count, column) + GAP;
    int folded_width = width - indent;
    if (folded_width < FOLDED_WIDTH_MIN)
        folded_width = FOLDED_WIDTH_MIN;

    for (size_t row = 0; row < row_count; row++) {
        const char *const *cell = cells + row * column_count;
        for (size_t column = 0; column < last; column++) {
            int wide = column_width(cells, row_count, column_count, column);
            fprintf(out, "%-*s", wide + GAP, cell[column]);
        }
        print_folded(out, cell[last], indent, folded_width);
    }
}
