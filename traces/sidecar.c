/* sidecar.c - NAME.tsv beside NAME.swf. */
#include "sidecar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "number.h"
#include "table.h"
#include "workload.h"

enum { FIRST_ROOM = 1024 };

char *sidecar_name(const char *swf_path)
{
    size_t stem;
    char *name;
    if (!file_name_ends(swf_path, ".swf", &stem))
        stem = strlen(swf_path);
    const char *packed =
        swf_path[stem] == '\0' ? "" : swf_path + stem + strlen(".swf");
    if (asprintf(&name, "%.*s.tsv%s", (int)stem, swf_path, packed) < 0)
        return NULL;
    return name;
}

/* The one of NAME.tsv, .tsv.gz, .tsv.zst that is there; NULL if none is. */
static int find(const char *swf_path, char **ret_path)
{
    static const char *const endings[] = {".tsv", ".tsv.zst", ".tsv.gz"};
    size_t stem;
    *ret_path = NULL;
    if (!file_name_ends(swf_path, ".swf", &stem))
        return 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *path;
        if (asprintf(&path, "%.*s%s", (int)stem, swf_path, endings[i]) < 0)
            return -ENOMEM;
        if (access(path, F_OK) == 0) {
            *ret_path = path;
            return 0;
        }
        free(path);
    }
    return 0;
}

static int read_cell_number(const struct cell *cell, int64_t *ret_value)
{
    const char *p = cell->text;
    int error = number_read(&p, 0, ret_value);
    return error || p == cell->end ? error : -EINVAL;
}

static uint64_t known(int64_t value)
{
    return value < 0 ? JOB_UNKNOWN : (uint64_t)value;
}

/* The columns that a workload takes; others are for people. */
enum column { COLUMN_JOB, COLUMN_READ, COLUMN_WRITE, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT] = {"job", "read_bytes",
                                                       "write_bytes"};

static int read_row(const struct table *table,
                    const char *path,
                    const size_t *columns,
                    struct sidecar_row *ret_row,
                    struct complaint *ret_complaint)
{
    if (table->cell_count != table->column_count)
        return complain(ret_complaint, -EINVAL, path, table->line, 0,
                        "%zu cells, but %zu columns; the file is cut off or "
                        "edited",
                        table->cell_count, table->column_count);
    int64_t values[COLUMN_COUNT];
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const struct cell *cell = &table->cells[columns[i]];
        if (read_cell_number(cell, &values[i]))
            return complain(ret_complaint, -EINVAL, path, table->line,
                            cell->column,
                            "%s is not a whole number of 64 bits; -1 says "
                            "unknown",
                            column_names[i]);
    }
    *ret_row = (struct sidecar_row){
        .number = (uint64_t)values[COLUMN_JOB],
        .read_bytes = known(values[COLUMN_READ]),
        .write_bytes = known(values[COLUMN_WRITE]),
    };
    return 0;
}

static int read_rows(struct table *table,
                     struct sidecar *sidecar,
                     struct complaint *ret_complaint)
{
    size_t columns[COLUMN_COUNT];
    for (int i = 0; i < COLUMN_COUNT; i++) {
        columns[i] = table_column(table, column_names[i]);
        if (columns[i] == table->column_count)
            return complain(ret_complaint, -EINVAL, sidecar->path, table->line,
                            0,
                            "no column %s, which a TSV beside an SWF has; move "
                            "it away if it does not belong to it",
                            column_names[i]);
    }
    size_t room = 0;
    while (table_next(table)) {
        if (sidecar->count == room) {
            room = room ? room * 2 : FIRST_ROOM;
            struct sidecar_row *rows =
                reallocarray(sidecar->rows, room, sizeof *rows);
            if (!rows)
                return complain(ret_complaint, -ENOMEM, sidecar->path, 0, 0,
                                "not enough memory for its rows");
            sidecar->rows = rows;
        }
        int error = read_row(table, sidecar->path, columns,
                             &sidecar->rows[sidecar->count], ret_complaint);
        if (error)
            return error;
        sidecar->count++;
    }
    return 0;
}

int sidecar_read(const char *swf_path,
                 struct sidecar *ret_sidecar,
                 struct complaint *ret_complaint)
{
    struct sidecar sidecar = {0};
    int error = find(swf_path, &sidecar.path);
    if (error)
        return complain(ret_complaint, error, swf_path, 0, 0, "no memory left");
    if (!sidecar.path)
        return 0;

    char *text;
    size_t text_bytes;
    error = file_read(sidecar.path, &text, &text_bytes, ret_complaint);
    if (error)
        goto finish;
    struct table table;
    error = table_open(&table, text, text_bytes, '\t');
    if (error)
        complain(ret_complaint, error, sidecar.path, 0, 0,
                 "no line with the names of columns; move it away if it does "
                 "not belong to the SWF beside it");
    else
        error = read_rows(&table, &sidecar, ret_complaint);
    table_close(&table);
    free(text);
finish:
    if (error)
        sidecar_finish(&sidecar);
    else
        *ret_sidecar = sidecar;
    return error;
}

void sidecar_finish(struct sidecar *sidecar)
{
    free(sidecar->path);
    free(sidecar->rows);
    *sidecar = (struct sidecar){0};
}
