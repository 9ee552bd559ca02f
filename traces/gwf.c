/* gwf.c - the Grid Workloads Format of the Grid Workloads Archive (Iosup et
 * al., Future Generation Computer Systems 24(7), 2008).
 *
 * Twenty-nine fields a row, -1 for unknown, comments behind #. The first eleven
 * are those of SWF. Users, programs and sites are names or numbers.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "fields.h"
#include "formats.h"
#include "names.h"
#include "number.h"

enum {
    FIELD_SITE = FIELDS_SHARED,
    FIELD_LAST_SITE,
    FIELD_STRUCTURE,
    FIELD_COUNT = 29,
    NUMBER_COUNT = FIELD_STATUS + 1, /* The first are numbers; the rest text. */
};

static const struct
{
    const char *name;
    unsigned digits;
} numbers[NUMBER_COUNT] = {
    {"JobID", 0},       {"SubmitTime", 6}, {"WaitTime", 6},
    {"RunTime", 6},     {"NProcs", 0},     {"AverageCPUTimeUsed", 6},
    {"Used Memory", 4}, {"ReqNProcs", 0},  {"ReqTime", 6},
    {"ReqMemory", 4},   {"Status", 0},
};

struct field_text
{
    const char *text;
    const char *end;
};

struct row
{
    const char *text;
    size_t line;
    struct field_text fields[FIELD_COUNT];
    int64_t values[NUMBER_COUNT];
};

struct gwf
{
    struct reader *reader;
    uint64_t first_us;
    struct names users;
    struct names programs;
    struct names sites;
};

static struct place at(const struct row *row, const char *text)
{
    return (struct place){row->line, (size_t)(text - row->text) + 1};
}

static struct place at_field(const struct row *row, int field)
{
    return at(row, row->fields[field].text);
}

static bool is_unknown(const struct field_text *field)
{
    return field->end - field->text == 2 && memcmp(field->text, "-1", 2) == 0;
}

static bool is(const struct field_text *field, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(field->end - field->text) == length &&
           strncasecmp(field->text, text, length) == 0;
}

/* ret_is_row is false if a bad line was left out. */
static int split(struct reader *reader, struct row *row, bool *ret_is_row)
{
    const char *p = row->text;
    *ret_is_row = false;
    for (int field = 0; field < FIELD_COUNT; field++) {
        p = fields_skip_blanks(p);
        if (fields_is_line_end(*p))
            return reader_bad(reader, at(row, p),
                              "the line ends after %d of 29 fields; it is cut "
                              "off, or this is not GWF",
                              field);
        row->fields[field].text = p;
        p = fields_skip(p);
        row->fields[field].end = p;
    }
    p = fields_skip_blanks(p);
    if (!fields_is_line_end(*p) && !reader->options->lenient)
        return reader_bad(reader, at(row, p),
                          "there is text after the twenty-ninth field; read it "
                          "leniently if what comes after it does not matter");
    *ret_is_row = true;
    return 0;
}

static int read_numbers(struct reader *reader,
                        struct row *row,
                        bool *ret_is_row)
{
    *ret_is_row = false;
    for (int field = 0; field < NUMBER_COUNT; field++) {
        const char *p = row->fields[field].text;
        int error = number_read(&p, numbers[field].digits, &row->values[field]);
        if (error == -ERANGE)
            return reader_bad(reader, at_field(row, field),
                              "field %d (%s) is too large; it does not fit 64 "
                              "bits",
                              field + 1, numbers[field].name);
        if (error || p != row->fields[field].end)
            return reader_bad(reader, at_field(row, field),
                              "field %d (%s) is not a number; GWF has numbers "
                              "in its first eleven fields, -1 for unknown",
                              field + 1, numbers[field].name);
    }
    *ret_is_row = true;
    return 0;
}

/* 0 where it is unknown. */
static int number_of(struct names *names,
                     const struct field_text *field,
                     uint32_t *ret_number)
{
    *ret_number = 0;
    return is_unknown(field)
               ? 0
               : names_number(names, field->text, field->end, ret_number);
}

static int name_all(struct gwf *gwf, const struct row *row, struct job *job)
{
    const struct field_text *f = row->fields;
    int site = is_unknown(&f[FIELD_SITE]) ? FIELD_PARTITION : FIELD_SITE;
    int error = number_of(&gwf->users, &f[FIELD_USER], &job->user);
    if (!error)
        error = number_of(&gwf->programs, &f[FIELD_PROGRAM], &job->program);
    if (!error)
        error = number_of(&gwf->sites, &f[site], &job->partition);
    job->has_user = job->user > 0;
    if (error)
        return complain(gwf->reader->complaint, error, gwf->reader->name,
                        row->line, 0, "no memory left");
    return 0;
}

static int add_row(struct gwf *gwf, const struct row *row)
{
    struct reader *reader = gwf->reader;
    int64_t width = fields_width(row->values);
    if (width > UINT32_MAX)
        return reader_bad(reader, at_field(row, FIELD_PROCESSORS),
                          "%" PRId64 " processors are not possible", width);
    struct job job = fields_job(row->values);
    int error = name_all(gwf, row, &job);
    return error ? error
                 : reader_add(reader, &job, at_field(row, FIELD_PROCESSORS));
}

/* The tasks of a workflow wait for each other; who for whom, the format leaves
 * to each archive. */
static bool is_modelled(const struct field_text *structure)
{
    return is_unknown(structure) || is(structure, "UNITARY") ||
           is(structure, "BOT");
}

static int read_row(struct gwf *gwf, struct row *row)
{
    struct reader *reader = gwf->reader;
    bool is_row;
    int error = split(reader, row, &is_row);
    if (!error && is_row)
        error = read_numbers(reader, row, &is_row);
    if (error || !is_row)
        return error;
    if (row->values[FIELD_NUMBER] < 0)
        return reader_bad(reader, at_field(row, FIELD_NUMBER),
                          "a JobID cannot be negative");
    if (row->values[FIELD_SUBMIT] < 0)
        return reader_bad(reader, at_field(row, FIELD_SUBMIT),
                          "the SubmitTime is unknown; a row without it has no "
                          "place in a trace");
    const struct field_text *structure = &row->fields[FIELD_STRUCTURE];
    if (!is_modelled(structure))
        return reader_bad(reader, at_field(row, FIELD_STRUCTURE),
                          "JobStructure %.*s is not modelled, for it does not "
                          "say who waits for whom; UNITARY, BOT and -1 are: "
                          "read it leniently to leave such rows out",
                          (int)(structure->end - structure->text > 40
                                    ? 40
                                    : structure->end - structure->text),
                          structure->text);
    if ((uint64_t)row->values[FIELD_SUBMIT] < gwf->first_us)
        gwf->first_us = (uint64_t)row->values[FIELD_SUBMIT];
    if (row->values[FIELD_RUN_TIME] <= 0) {
        reader->workload->skipped_count++;
        return 0;
    }
    return add_row(gwf, row);
}

/* To have room for all rows at once; a wrong guess costs only copies. */
enum { ROW_BYTES_USUAL = 100 };

int gwf_read(const char *text, size_t text_bytes, struct reader *reader)
{
    struct gwf gwf = {.reader = reader, .first_us = UINT64_MAX};
    struct row row = {.line = 0};
    int error = reader_expect(reader, text_bytes / ROW_BYTES_USUAL + 1);
    for (const char *p = text; *p && !error; p += *p == '\n') {
        row.text = p;
        row.line++;
        p = fields_skip_blanks(p);
        if (!fields_is_line_end(*p) && *p != '#')
            error = read_row(&gwf, &row);
        p = strchrnul(p, '\n');
    }
    if (!error)
        error = reader_finish(reader, gwf.first_us);
    names_finish(&gwf.users);
    names_finish(&gwf.programs);
    names_finish(&gwf.sites);
    return error;
}
