/* csv.c - comma-separated values with named columns and units. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "names.h"
#include "number.h"
#include "table.h"

enum key {
    KEY_NUMBER,
    KEY_SUBMIT,
    KEY_START,
    KEY_END,
    KEY_RUNTIME,
    KEY_CPU,
    KEY_MEMORY,
    KEY_READ,
    KEY_WRITE,
    KEY_WIDTH,
    KEY_USER,
    KEY_PROGRAM,
    KEY_PARTITION,
    KEY_AFTER,
    KEY_THINK,
    KEY_COUNT
};

enum kind { KIND_NUMBER, KIND_TIME, KIND_BYTES, KIND_NAME };

static const struct
{
    const char *name;
    enum kind kind;
} keys[KEY_COUNT] = {
    {"number", KIND_NUMBER},  {"submit", KIND_TIME},  {"start", KIND_TIME},
    {"end", KIND_TIME},       {"runtime", KIND_TIME}, {"cpu", KIND_TIME},
    {"memory", KIND_BYTES},   {"read", KIND_BYTES},   {"write", KIND_BYTES},
    {"width", KIND_NUMBER},   {"user", KIND_NAME},    {"program", KIND_NAME},
    {"partition", KIND_NAME}, {"after", KIND_NUMBER}, {"think", KIND_TIME},
};

/* value = text * 10^digits * multiplier / divisor: us or bytes. */
struct unit
{
    const char *name;
    enum kind kind;
    unsigned digits;
    int64_t multiplier;
    int64_t divisor;
};

/* The first of each kind is its default. */
static const struct unit units[] = {
    {"1", KIND_NUMBER, 0, 1, 1},
    {"s", KIND_TIME, 6, 1, 1},
    {"ns", KIND_TIME, 0, 1, 1000},
    {"us", KIND_TIME, 0, 1, 1},
    {"ms", KIND_TIME, 3, 1, 1},
    {"min", KIND_TIME, 6, 60, 1},
    {"h", KIND_TIME, 6, 3600, 1},
    {"d", KIND_TIME, 6, 86400, 1},
    {"B", KIND_BYTES, 0, 1, 1},
    {"kB", KIND_BYTES, 3, 1, 1},
    {"KiB", KIND_BYTES, 4, 1024, 10000},
    {"MB", KIND_BYTES, 6, 1, 1},
    {"MiB", KIND_BYTES, 4, 1 << 20, 10000},
    {"GB", KIND_BYTES, 9, 1, 1},
    {"GiB", KIND_BYTES, 4, 1 << 30, 10000},
    {"number", KIND_NAME, 0, 1, 1},
    {"name", KIND_NAME, 0, 1, 1},
};

enum { UNIT_COUNT = sizeof units / sizeof *units };

struct csv
{
    struct reader *reader;
    struct table table;
    size_t columns[KEY_COUNT]; /* column_count: it is not there. */
    const struct unit *units[KEY_COUNT];
    struct names names[KEY_COUNT];
    uint64_t first_us;
};

static int complain_of_columns(struct csv *csv, const char *text, int length)
{
    return complain(csv->reader->complaint, -EINVAL, csv->reader->name, 0, 0,
                    "columns: '%.*s' is not KEY=COLUMN or KEY=COLUMN:UNIT with "
                    "a key of number submit start end runtime cpu memory read "
                    "write width user program partition after think and a unit "
                    "of that key (s ms min, B KiB MB, name)",
                    length, text);
}

static const struct unit *find_unit(enum kind kind,
                                    const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < UNIT_COUNT; i++)
        if (units[i].kind == kind &&
            (length == 0 || (strlen(units[i].name) == length &&
                             memcmp(units[i].name, name, length) == 0)))
            return &units[i];
    return NULL;
}

/* One KEY=COLUMN[:UNIT] of length bytes. */
static int choose_column(struct csv *csv, const char *text, size_t length)
{
    const char *end = text + length;
    const char *equals = memchr(text, '=', length);
    if (!equals)
        return complain_of_columns(csv, text, (int)length);
    int key = 0;
    size_t key_length = (size_t)(equals - text);
    while (key < KEY_COUNT && (strlen(keys[key].name) != key_length ||
                               memcmp(keys[key].name, text, key_length) != 0))
        key++;
    const char *column = equals + 1;
    const char *colon = memrchr(column, ':', (size_t)(end - column));
    const char *column_end = colon ? colon : end;
    const char *unit = colon ? colon + 1 : end;
    if (key == KEY_COUNT)
        return complain_of_columns(csv, text, (int)length);
    csv->units[key] = find_unit(keys[key].kind, unit, (size_t)(end - unit));
    if (!csv->units[key])
        return complain_of_columns(csv, text, (int)length);

    char name[256];
    size_t name_length = (size_t)(column_end - column);
    if (name_length >= sizeof name)
        return complain_of_columns(csv, text, (int)length);
    memcpy(name, column, name_length);
    name[name_length] = '\0';
    csv->columns[key] = table_column(&csv->table, name);
    if (csv->columns[key] == csv->table.column_count)
        return complain(csv->reader->complaint, -EINVAL, csv->reader->name,
                        csv->table.line, 0,
                        "no column '%s', which was named for %s; this line "
                        "says which columns there are",
                        name, keys[key].name);
    return 0;
}

static int choose_columns(struct csv *csv)
{
    for (int key = 0; key < KEY_COUNT; key++) {
        csv->columns[key] = csv->table.column_count;
        csv->units[key] = find_unit(keys[key].kind, "", 0);
    }
    const char *wanted = csv->reader->options->columns;
    for (int key = 0; key < KEY_COUNT && !wanted; key++)
        csv->columns[key] = table_column(&csv->table, keys[key].name);
    while (wanted && *wanted) {
        size_t length = strcspn(wanted, ",");
        int error = choose_column(csv, wanted, length);
        if (error)
            return error;
        wanted += length + (wanted[length] == ',');
    }
    size_t none = csv->table.column_count;
    if (csv->columns[KEY_SUBMIT] == none ||
        (csv->columns[KEY_RUNTIME] == none && csv->columns[KEY_CPU] == none &&
         csv->columns[KEY_END] == none))
        return complain(csv->reader->complaint, -EINVAL, csv->reader->name,
                        csv->table.line, 0,
                        "a workload needs the columns submit and runtime, cpu "
                        "or end; say which they are: "
                        "submit=COLUMN:UNIT,runtime=COLUMN:UNIT");
    return 0;
}

static int number_name(struct csv *csv,
                       enum key key,
                       const struct cell *cell,
                       int64_t *ret_value)
{
    uint32_t number;
    int error = names_number(&csv->names[key], cell->text, cell->end, &number);
    if (!error)
        *ret_value = number;
    return error;
}

static int convert(const struct cell *cell,
                   const struct unit *unit,
                   int64_t *ret_value)
{
    const char *p = cell->text;
    int64_t value;
    int error = number_read(&p, unit->digits, &value);
    if (error)
        return error;
    if (p != cell->end)
        return -EINVAL;
    if (__builtin_mul_overflow(value, unit->multiplier, &value))
        return -ERANGE;
    *ret_value =
        (value + (value < 0 ? -1 : 1) * (unit->divisor / 2)) / unit->divisor;
    return 0;
}

/* The cell of a key: -1 where it is empty or the column is not there. An
 * error is -EINVAL or -ERANGE of the cell, or -ENOMEM. */
static int read_value(struct csv *csv, enum key key, int64_t *ret_value)
{
    *ret_value = -1;
    if (csv->columns[key] == csv->table.column_count)
        return 0;
    const struct cell *cell = &csv->table.cells[csv->columns[key]];
    if (cell->text == cell->end)
        return 0;
    const struct unit *unit = csv->units[key];
    if (unit->kind == KIND_NAME && strcmp(unit->name, "name") == 0)
        return number_name(csv, key, cell, ret_value);
    return convert(cell, unit, ret_value);
}

static uint64_t known(int64_t value)
{
    return value < 0 ? JOB_UNKNOWN : (uint64_t)value;
}

static bool is_id(int64_t value)
{
    return 0 <= value && value <= UINT32_MAX;
}

static uint32_t id_of(int64_t value)
{
    return is_id(value) ? (uint32_t)value : 0;
}

/* Wall-clock run time: its own column, or end - start, or end - submit. */
static int64_t runtime_of(const int64_t *values)
{
    if (values[KEY_RUNTIME] >= 0 || values[KEY_END] < 0)
        return values[KEY_RUNTIME];
    int64_t start =
        values[KEY_START] >= 0 ? values[KEY_START] : values[KEY_SUBMIT];
    return values[KEY_END] - start;
}

static int add_row(struct csv *csv, const int64_t *values)
{
    struct reader *reader = csv->reader;
    struct place place = {.line = csv->table.line};
    int64_t runtime = runtime_of(values);
    bool has_work = runtime > 0 || (runtime < 0 && values[KEY_CPU] > 0);
    if (!has_work) {
        reader->workload->skipped_count++;
        return 0;
    }
    if (values[KEY_WIDTH] > UINT32_MAX)
        return reader_bad(reader, place,
                          "%" PRId64
                          " processors are not "
                          "possible",
                          values[KEY_WIDTH]);
    struct job job = {
        .number = (uint64_t)values[KEY_NUMBER],
        .submit_us = (uint64_t)values[KEY_SUBMIT],
        .runtime_us = known(runtime),
        .cpu_us = values[KEY_CPU] > 0 ? (uint64_t)values[KEY_CPU] : JOB_UNKNOWN,
        .mem_bytes =
            values[KEY_MEMORY] > 0 ? (uint64_t)values[KEY_MEMORY] : JOB_UNKNOWN,
        .read_bytes = known(values[KEY_READ]),
        .write_bytes = known(values[KEY_WRITE]),
        .width = values[KEY_WIDTH] > 0 ? (uint32_t)values[KEY_WIDTH] : 1,
        .user = id_of(values[KEY_USER]),
        .has_user = is_id(values[KEY_USER]),
        .program = id_of(values[KEY_PROGRAM]),
        .partition = id_of(values[KEY_PARTITION]),
        .after = JOB_NONE,
    };
    if (values[KEY_AFTER] >= 0 && values[KEY_THINK] > 0)
        job.think_us = (uint64_t)values[KEY_THINK];
    int error = reader_add(reader, &job, place);
    if (!error && values[KEY_AFTER] >= 0)
        error =
            reader_link(reader, job.number, (uint64_t)values[KEY_AFTER], place);
    return error;
}

static int read_row(struct csv *csv, size_t row)
{
    struct reader *reader = csv->reader;
    struct table *table = &csv->table;
    if (table->cell_count != table->column_count)
        return reader_bad(reader, (struct place){.line = table->line},
                          "%zu cells, but %zu columns; the line is cut off, or "
                          "a comma is not within quotes",
                          table->cell_count, table->column_count);
    int64_t values[KEY_COUNT];
    for (int key = 0; key < KEY_COUNT; key++) {
        int error = read_value(csv, (enum key)key, &values[key]);
        if (error == -ENOMEM)
            return complain(reader->complaint, error, reader->name, table->line,
                            0, "no memory left");
        if (!error)
            continue;
        const struct cell *cell = &table->cells[csv->columns[key]];
        return reader_bad(reader, (struct place){table->line, cell->column},
                          error == -ERANGE
                              ? "%s is too large; it does not fit 64 bits"
                              : "%s is not a number; leave a cell empty where "
                                "it is unknown, or give its unit as name",
                          keys[key].name);
    }
    if (values[KEY_SUBMIT] < 0)
        return reader_bad(reader, (struct place){.line = table->line},
                          "submit is unknown; a row without it has no place in "
                          "a trace");
    if (csv->columns[KEY_NUMBER] == table->column_count)
        values[KEY_NUMBER] = (int64_t)row + 1;
    else if (values[KEY_NUMBER] < 0)
        return reader_bad(reader, (struct place){.line = table->line},
                          "number is unknown; leave the whole column out to "
                          "number the rows from 1");
    if ((uint64_t)values[KEY_SUBMIT] < csv->first_us)
        csv->first_us = (uint64_t)values[KEY_SUBMIT];
    return add_row(csv, values);
}

int csv_read(const char *text, size_t text_bytes, struct reader *reader)
{
    struct csv csv = {.reader = reader, .first_us = UINT64_MAX};
    int error = table_open(&csv.table, text, text_bytes, ',');
    if (error)
        return complain(reader->complaint, -EINVAL, reader->name, 0, 0,
                        "no line with the names of columns; CSV begins with "
                        "one");
    error = choose_columns(&csv);
    for (size_t row = 0; !error && table_next(&csv.table); row++)
        error = read_row(&csv, row);
    if (!error)
        error = reader_finish(reader, csv.first_us);
    for (int key = 0; key < KEY_COUNT; key++)
        names_finish(&csv.names[key]);
    table_close(&csv.table);
    return error;
}
