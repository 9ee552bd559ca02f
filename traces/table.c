/* table.c - rows of named columns. */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* From `at` behind an opening quote to behind the closing one; doubled quotes
 * stand for themselves and stay doubled. */
static const char *end_of_quoted(struct table *table, const char *at)
{
    for (; at < table->end; at++) {
        if (*at == '\n')
            table->next_line++;
        if (*at != '"')
            continue;
        if (at + 1 == table->end || at[1] != '"')
            return at;
        at++;
    }
    return at;
}

/* One cell from *at; *at is then at the separator or the end of the line. */
static struct cell read_cell(struct table *table,
                             const char **at,
                             const char *row)
{
    const char *p = *at;
    struct cell cell = {.column = (size_t)(p - row) + 1};
    if (p < table->end && *p == '"') {
        cell.text = p + 1;
        cell.end = end_of_quoted(table, p + 1);
        p = cell.end;
        while (p < table->end && *p != table->separator && *p != '\n')
            p++;
    } else {
        cell.text = p;
        while (p < table->end && *p != table->separator && *p != '\n')
            p++;
        cell.end = p;
        while (cell.end > cell.text &&
               (cell.end[-1] == ' ' || cell.end[-1] == '\r'))
            cell.end--;
        while (cell.text < cell.end && *cell.text == ' ')
            cell.text++;
    }
    *at = p;
    return cell;
}

/* Split the line at `at`, keeping no more than room cells; how many it has. */
static size_t split(struct table *table, struct cell *cells, size_t room)
{
    const char *row = table->at;
    const char *p = row;
    size_t count = 0;
    for (;;) {
        struct cell cell = read_cell(table, &p, row);
        if (count < room)
            cells[count] = cell;
        count++;
        if (p == table->end || *p == '\n')
            break;
        p++;
    }
    table->next_line++;
    table->at = p < table->end ? p + 1 : p;
    return count;
}

/* To the next line that holds a row; false at the end. */
static bool find_row(struct table *table)
{
    while (table->at < table->end) {
        char c = *table->at;
        if (c != '#' && c != '\n' && c != '\r')
            return true;
        const char *newline =
            memchr(table->at, '\n', (size_t)(table->end - table->at));
        table->at = newline ? newline + 1 : table->end;
        table->next_line++;
    }
    return false;
}

int table_open(struct table *table,
               const char *text,
               size_t text_bytes,
               char separator)
{
    *table = (struct table){.at = text,
                            .end = text + text_bytes,
                            .separator = separator,
                            .next_line = 1};
    if (!find_row(table))
        return -ENODATA;
    struct table ahead = *table;
    size_t count = split(&ahead, NULL, 0);
    table->names = calloc(count, sizeof *table->names);
    table->cells = calloc(count, sizeof *table->cells);
    if (!table->names || !table->cells) {
        table_close(table);
        return -ENOMEM;
    }
    table->line = table->next_line;
    table->column_count = split(table, table->names, count);
    return 0;
}

void table_close(struct table *table)
{
    free(table->names);
    free(table->cells);
    *table = (struct table){0};
}

bool cell_is(const struct cell *cell, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(cell->end - cell->text) == length &&
           memcmp(cell->text, text, length) == 0;
}

size_t table_column(const struct table *table, const char *name)
{
    size_t column = 0;
    while (column < table->column_count &&
           !cell_is(&table->names[column], name))
        column++;
    return column;
}

bool table_next(struct table *table)
{
    if (!find_row(table))
        return false;
    table->line = table->next_line;
    table->cell_count = split(table, table->cells, table->column_count);
    return true;
}
