/* swf.c - the Standard Workload Format of Feitelson's archive, version 2.2.
 *
 * Eighteen numbers a row, -1 for unknown. Decimals are accepted. Negative
 * numbers are all taken as unknown.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "formats.h"
#include "number.h"

enum { FIELD_PRECEDING = FIELDS_SHARED, FIELD_THINK, FIELD_COUNT };

/* A row that is one burst of a job that a summary row counts whole. */
enum { STATUS_BURST_FIRST = 2, STATUS_BURST_LAST = 4 };

static const struct
{
    const char *name;
    unsigned digits;
} fields[FIELD_COUNT] = {
    {"job number", 0},
    {"submit time", 6},
    {"wait time", 6},
    {"run time", 6},
    {"allocated processors", 0},
    {"average CPU time", 6},
    {"used memory", 4},
    {"requested processors", 0},
    {"requested time", 6},
    {"requested memory", 4},
    {"status", 0},
    {"user", 0},
    {"group", 0},
    {"executable", 0},
    {"queue", 0},
    {"partition", 0},
    {"preceding job", 0},
    {"think time", 6},
};

struct line
{
    const char *text;
    const char *rest; /* What is not read yet. */
    size_t number;
    int64_t values[FIELD_COUNT];
};

static struct place at_text(const struct line *line, const char *at)
{
    return (struct place){line->number, (size_t)(at - line->text) + 1};
}

/* Asked for only when something is wrong with a row that was read, so it is
 * looked for then. */
static struct place at_field(const struct line *line, int field)
{
    const char *p = fields_skip_blanks(line->text);
    for (int i = 0; i < field; i++)
        p = fields_skip_blanks(fields_skip(p));
    return at_text(line, p);
}

/* What is wrong with a field, which begins where the line ends if it is not
 * there. */
static int complain_of_field(struct reader *reader,
                             const struct line *line,
                             int field,
                             int error)
{
    struct place place = at_field(line, field);
    int number = field + 1;
    if (fields_is_line_end(line->text[place.column - 1]))
        return reader_bad(reader, place,
                          "the line ends after %d of 18 fields; it is cut "
                          "off, or this is not SWF",
                          number - 1);
    if (error == -ERANGE)
        return reader_bad(reader, place,
                          "field %d (%s) is too large; it does not fit 64 "
                          "bits",
                          number, fields[field].name);
    return reader_bad(reader, place,
                      "field %d (%s) is not a number; SWF has eighteen "
                      "numbers a line, -1 for unknown",
                      number, fields[field].name);
}

/* Most fields of most traces are a plain -1 and a blank, for which nothing need
 * be looked for. */
static bool is_unknown(const char *p)
{
    return p[0] == '-' && p[1] == '1' && (p[2] == ' ' || p[2] == '\n');
}

/* Eighteen numbers; ret_is_row is false if a bad line was left out. */
static int read_fields(struct reader *reader,
                       struct line *line,
                       bool *ret_is_row)
{
    const char *p = line->text;
    *ret_is_row = false;
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (is_unknown(p)) {
            line->values[field] = -1;
            p += p[2] == ' ' ? 3 : 2;
            continue;
        }
        p = fields_skip_blanks(p);
        int error = number_read(&p, fields[field].digits, &line->values[field]);
        if (error || !(fields_is_blank(*p) || fields_is_line_end(*p)))
            return complain_of_field(reader, line, field, error);
        p += *p == ' ';
    }
    line->rest = p = fields_skip_blanks(p);
    /* Some archives append columns of their own, which lenient reading leaves
     * unread. */
    if (!fields_is_line_end(*p) && !reader->options->lenient)
        return reader_bad(reader, at_text(line, p),
                          "there is text after the eighteenth field; read it "
                          "leniently if the columns after it do not matter");
    *ret_is_row = true;
    return 0;
}

static bool is_id(int64_t value)
{
    return 0 <= value && value <= UINT32_MAX;
}

static uint32_t id_of(int64_t value)
{
    return is_id(value) ? (uint32_t)value : 0;
}

static bool never_ran(const int64_t *values)
{
    int64_t status = values[FIELD_STATUS];
    return values[FIELD_RUN_TIME] <= 0 ||
           (status >= STATUS_BURST_FIRST && status <= STATUS_BURST_LAST);
}

static void add_sidecar(const struct sidecar *sidecar,
                        size_t row,
                        struct job *job)
{
    if (!sidecar)
        return;
    job->read_bytes = sidecar->rows[row].read_bytes;
    job->write_bytes = sidecar->rows[row].write_bytes;
}

static int add_row(struct reader *reader,
                   const struct line *line,
                   const struct sidecar *sidecar,
                   size_t row)
{
    const int64_t *values = line->values;
    int64_t width = fields_width(values);
    if (width > UINT32_MAX)
        return reader_bad(reader, at_field(line, FIELD_PROCESSORS),
                          "%" PRId64 " processors are not possible", width);
    struct job job = fields_job(values);
    job.user = id_of(values[FIELD_USER]);
    job.has_user = is_id(values[FIELD_USER]);
    job.program = id_of(values[FIELD_PROGRAM]);
    job.partition = id_of(values[FIELD_PARTITION]);
    if (values[FIELD_PRECEDING] > 0 && values[FIELD_THINK] > 0)
        job.think_us = (uint64_t)values[FIELD_THINK];
    add_sidecar(sidecar, row, &job);

    struct place place = {.line = line->number};
    if (width > 1)
        place = at_field(line, FIELD_PROCESSORS);
    int error = reader_add(reader, &job, place);
    if (!error && values[FIELD_PRECEDING] > 0)
        error =
            reader_link(reader, job.number, (uint64_t)values[FIELD_PRECEDING],
                        at_field(line, FIELD_PRECEDING));
    return error;
}

/* A wrong pairing of the two files is never repaired, lenient or not. */
static int check_sidecar(const struct reader *reader,
                         const struct sidecar *sidecar,
                         const struct line *line,
                         size_t row)
{
    if (!sidecar)
        return 0;
    if (row >= sidecar->count)
        return complain(reader->complaint, -EINVAL, reader->name, line->number,
                        0,
                        "row %zu has no counterpart: %s has only %zu; the two "
                        "do not belong together: move one of them away",
                        row + 1, sidecar->path, sidecar->count);
    if (sidecar->rows[row].number != (uint64_t)line->values[FIELD_NUMBER])
        return complain(reader->complaint, -EINVAL, reader->name, line->number,
                        at_field(line, FIELD_NUMBER).column,
                        "row %zu is job %" PRId64 ", but job %" PRIu64
                        " in %s; the two do not belong together: move one of "
                        "them away",
                        row + 1, line->values[FIELD_NUMBER],
                        sidecar->rows[row].number, sidecar->path);
    return 0;
}

static int read_line(struct reader *reader,
                     struct line *line,
                     const struct sidecar *sidecar,
                     size_t row,
                     uint64_t *first_us)
{
    bool is_row;
    int error = read_fields(reader, line, &is_row);
    if (error || !is_row)
        return error;
    const int64_t *values = line->values;
    if (values[FIELD_NUMBER] < 0)
        return reader_bad(reader, at_field(line, FIELD_NUMBER),
                          "a job number cannot be negative");
    if (values[FIELD_SUBMIT] < 0)
        return reader_bad(reader, at_field(line, FIELD_SUBMIT),
                          "the submit time is unknown; a row without it has no "
                          "place in a trace");
    error = check_sidecar(reader, sidecar, line, row);
    if (error)
        return error;
    if ((uint64_t)values[FIELD_SUBMIT] < *first_us)
        *first_us = (uint64_t)values[FIELD_SUBMIT];
    if (never_ran(values)) {
        reader->workload->skipped_count++;
        return 0;
    }
    return add_row(reader, line, sidecar, row);
}

/* To have room for all rows at once; a wrong guess costs only copies. */
enum { ROW_BYTES_USUAL = 64 };

int swf_read(const char *text,
             size_t text_bytes,
             const struct sidecar *sidecar,
             struct reader *reader)
{
    int error = reader_expect(reader, text_bytes / ROW_BYTES_USUAL + 1);
    uint64_t first_us = UINT64_MAX;
    size_t row = 0;
    struct line line = {.number = 0};
    for (const char *p = text; *p && !error; p += *p == '\n') {
        line.text = p;
        line.rest = p = fields_skip_blanks(p);
        line.number++;
        if (!fields_is_line_end(*p) && *p != ';')
            error = read_line(reader, &line, sidecar, row++, &first_us);
        p = line.rest;
        if (!fields_is_line_end(*p))
            p = strchrnul(p, '\n');
    }
    if (error)
        return error;
    if (sidecar && row != sidecar->count)
        return complain(reader->complaint, -EINVAL, reader->name, 0, 0,
                        "%zu rows, but %zu in %s; the two do not belong "
                        "together: move one of them away",
                        row, sidecar->count, sidecar->path);
    return reader_finish(reader, first_us);
}
