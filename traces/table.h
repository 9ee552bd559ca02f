/* table.h - rows of named columns: CSV (RFC 4180) and TSV.
 *
 * Cells point into the text, which must outlive the table. Empty lines and
 * lines that begin with # are passed over.
 */
#ifndef TRACES_TABLE_H
#define TRACES_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct cell
{
    const char *text; /* Without the quotes around it. */
    const char *end;
    size_t column; /* In its line, from 1. */
};

struct table
{
    const char *at;
    const char *end;
    char separator;
    size_t line;      /* Of the row in cells, from 1. */
    size_t next_line; /* Of what is at `at`. */
    struct cell *names;
    size_t column_count;
    struct cell *cells;
    size_t cell_count; /* Of the row; may differ from column_count. */
};

/* Read the first line, the names. 0, -ENODATA if there is none, -ENOMEM. */
int table_open(struct table *table,
               const char *text,
               size_t text_bytes,
               char separator);
void table_close(struct table *table);

/* The column of this name; column_count if there is none. */
size_t table_column(const struct table *table, const char *name);

/* The next row into cells; cells beyond column_count are counted only. false at
 * the end. */
bool table_next(struct table *table);

bool cell_is(const struct cell *cell, const char *text);

#endif /* TRACES_TABLE_H */
