#include "journal_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "../cli/version.h"
#include "../traces/file.h"
#include "../traces/save.h"

struct journal_file
{
    struct saving saving;
    ZSTD_CStream *stream; /* NULL: plain text. */
    void *packed;         /* ZSTD_CStreamOutSize() large. */
    char *line;           /* RECORD_LINE_BYTES_MAX large. */
    uint64_t record_count;
};

/* ---- Writing. ------------------------------------------------------------ */

/* Errors of the stream are found by save_commit(). */
static void put(struct journal_file *file,
                const void *bytes,
                size_t count,
                ZSTD_EndDirective end)
{
    if (!file->stream) {
        fwrite(bytes, 1, count, file->saving.file);
        return;
    }
    ZSTD_inBuffer in = {bytes, count, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {file->packed, ZSTD_CStreamOutSize(), 0};
        left = ZSTD_compressStream2(file->stream, &out, &in, end);
        fwrite(file->packed, 1, out.pos, file->saving.file);
    } while (in.pos < in.size || (end == ZSTD_e_end && left > 0));
}

static void put_header(struct journal_file *file,
                       const struct scenario *scenario,
                       uint64_t seed,
                       bool full)
{
    char *policies = scenario_policies_text(scenario);
    char *text = NULL;
    int length = asprintf(
        &text,
        "# vencejo-journal\t%d\n# commit\t%s\n# host\tsim\n# level\t%s\n"
        "# scenario\t%s\n# scenario-hash\t%016" PRIx64 "\n# seed\t%" PRIu64
        "\n# policies\t%s\n# board\t%" PRIu32 "\n# board-age-us\t%" PRIu64
        "\n# guessed\tdirty_bytes_per_s home_calls_per_s home_bytes_per_s "
        "mem_declared_bytes\n",
        JOURNAL_VERSION, VENCEJO_COMMIT, full ? "full" : "decisions",
        scenario->name, scenario_hash(scenario), seed, policies ? policies : "",
        scenario->board_max, scenario->board_age_us);
    if (length > 0)
        put(file, text, (size_t)length, ZSTD_e_continue);
    free(text);
    free(policies);
}

static void release(struct journal_file *file)
{
    ZSTD_freeCStream(file->stream);
    free(file->packed);
    free(file->line);
    free(file);
}

int journal_file_create(const char *path,
                        const struct scenario *scenario,
                        uint64_t seed,
                        bool full,
                        struct journal_file **ret_file,
                        struct complaint *ret_complaint)
{
    struct journal_file *file = calloc(1, sizeof *file);
    if (!file)
        return -ENOMEM;
    int error = save_begin(&file->saving, path);
    if (error) {
        free(file);
        return complain(ret_complaint, error, path, 0, 0,
                        "cannot write the journal: %s; choose another folder",
                        strerror(-error));
    }
    file->line = malloc(RECORD_LINE_BYTES_MAX);
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".zst") == 0) {
        file->stream = ZSTD_createCStream();
        file->packed = malloc(ZSTD_CStreamOutSize());
    }
    if (!file->line || (file->stream && !file->packed)) {
        journal_file_abandon(file);
        return -ENOMEM;
    }
    put_header(file, scenario, seed, full);
    *ret_file = file;
    return 0;
}

void journal_file_write(struct journal_file *file, const struct record *record)
{
    size_t length = journal_format(record, file->line);
    put(file, file->line, length, ZSTD_e_continue);
    file->record_count++;
}

int journal_file_close(struct journal_file *file,
                       struct complaint *ret_complaint)
{
    int length = snprintf(file->line, RECORD_LINE_BYTES_MAX,
                          "# end\t%" PRIu64 "\n", file->record_count);
    put(file, file->line, (size_t)length, ZSTD_e_end);
    char *path = strdup(file->saving.path);
    int error = save_commit(&file->saving);
    if (error)
        complain(ret_complaint, error, path, 0, 0,
                 "the journal could not be written whole: %s; make room and "
                 "run again",
                 strerror(-error));
    free(path);
    release(file);
    return error;
}

void journal_file_abandon(struct journal_file *file)
{
    if (!file)
        return;
    save_abandon(&file->saving);
    release(file);
}

/* ---- Reading. ------------------------------------------------------------ */

static void copy_text(char *ret_text, size_t room, const char *value)
{
    snprintf(ret_text, room, "%s", value);
}

static bool whole_number(const char *value, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (value[0] < '0' || '9' < value[0] || *end || errno)
        return false;
    *ret_number = number;
    return true;
}

/* What decides how a journal is replayed. */
static int read_figure(const char *key,
                       const char *value,
                       struct journal_header *header,
                       const char **ret_what)
{
    uint64_t number = 0;
    bool is_number = whole_number(value, &number);
    if (strcmp(key, "level") == 0) {
        header->has_level = true;
        header->full = strcmp(value, "full") == 0;
        *ret_what = "a level is `decisions` or `full`";
        return header->full || strcmp(value, "decisions") == 0 ? 0 : -EINVAL;
    }
    if (strcmp(key, "seed") == 0) {
        *ret_what = "a seed is a whole number";
        header->has_seed = is_number;
        header->seed = number;
        return is_number ? 0 : -EINVAL;
    }
    if (strcmp(key, "board") == 0) {
        *ret_what = "a board has 1 to 1000000 entries";
        if (!is_number || number < 1 || number > JOURNAL_BOARD_MAX)
            return -EINVAL;
        header->board_max = number;
    } else if (strcmp(key, "board-age-us") == 0) {
        *ret_what = "an age of the board is a whole number of microseconds";
        header->has_board_age = is_number;
        header->board_age_us = number;
        return is_number ? 0 : -EINVAL;
    }
    return 0;
}

/* The last line: without it, a file cut between two lines would look whole. */
static int read_end(const char *value,
                    struct journal_header *header,
                    const char **ret_what)
{
    uint64_t count;
    header->has_end = true;
    *ret_what =
        "the last line counts other records than are here; the file is "
        "damaged: copy or make it again";
    return whole_number(value, &count) && count == header->record_count
               ? 0
               : -EINVAL;
}

/* One header line, "# key<TAB>value". Unknown keys are left to newer readers
 * of the same version. */
static int read_header(char *line,
                       struct journal_header *header,
                       const char **ret_what)
{
    char *tab = strchr(line, '\t');
    if (!tab) {
        *ret_what = "a header line is `# key<TAB>value`";
        return -EINVAL;
    }
    *tab = 0;
    const char *key = line + 2, *value = tab + 1;
    if (strcmp(key, "vencejo-journal") == 0 &&
        strtoul(value, NULL, 10) != JOURNAL_VERSION) {
        *ret_what =
            "this version of the journal format is not known here; "
            "use the program that wrote it";
        return -EINVAL;
    }
    if (strcmp(key, "commit") == 0)
        copy_text(header->commit, sizeof header->commit, value);
    else if (strcmp(key, "scenario") == 0)
        copy_text(header->scenario, sizeof header->scenario, value);
    else if (strcmp(key, "policies") == 0) {
        copy_text(header->policies, sizeof header->policies, value);
        header->policies_line = header->line_count;
    } else if (strcmp(key, "host") == 0)
        copy_text(header->host, sizeof header->host, value);
    else if (strcmp(key, "scenario-hash") == 0)
        header->scenario_hash = strtoull(value, NULL, 16);
    else if (strcmp(key, "end") == 0)
        return read_end(value, header, ret_what);
    else
        return read_figure(key, value, header, ret_what);
    return 0;
}

/* One line without its newline. A negative value of take is returned as it is,
 * with *ret_what NULL: it has made its own complaint. */
static int read_line(char *line,
                     size_t length,
                     struct journal_header *header,
                     int (*take)(void *who, const struct record *record),
                     void *who,
                     size_t *ret_column,
                     const char **ret_what)
{
    struct record record;
    *ret_column = 1;
    if (header->has_end) {
        *ret_what =
            "a line behind the end of the journal; one file holds one "
            "journal: cut the others off";
        return -EINVAL;
    }
    if (line[0] == '#' && line[1] == ' ')
        return read_header(line, header, ret_what);
    int error = journal_parse(line, length, &record, ret_column, ret_what);
    if (error)
        return error;
    header->record_count++;
    *ret_what = NULL;
    return take(who, &record);
}

int journal_text_read(char *text,
                      size_t text_bytes,
                      const char *name,
                      struct journal_header *ret_header,
                      int (*take)(void *who, const struct record *record),
                      void *who,
                      struct complaint *ret_complaint)
{
    static const char magic[] = "# vencejo-journal\t";
    if (text_bytes < sizeof magic - 1 ||
        memcmp(text, magic, sizeof magic - 1) != 0)
        return complain(ret_complaint, -EINVAL, name, 1, 1,
                        "this is no journal: it does not begin with "
                        "`# vencejo-journal`; give a file that `vencejo sim "
                        "run --journal` wrote");
    *ret_header = (struct journal_header){0};
    for (char *at = text, *end = text + text_bytes; at < end;) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line_number = ++ret_header->line_count;
        if (!newline)
            return complain(ret_complaint, -EINVAL, name, line_number, 0,
                            "the last line has no end: the file is "
                            "truncated; copy or make it again");
        *newline = 0;
        const char *what = NULL;
        size_t column;
        int error = read_line(at, (size_t)(newline - at), ret_header, take, who,
                              &column, &what);
        if (error && what)
            complain(ret_complaint, error, name, line_number, column, "%s",
                     what);
        if (error)
            return error;
        at = newline + 1;
    }
    if (!ret_header->has_end)
        return complain(ret_complaint, -EINVAL, name, ret_header->line_count, 0,
                        "the file ends here without the line `# end`: it is "
                        "truncated, or its run was killed; copy or make it "
                        "again");
    return 0;
}

int journal_file_load(const char *path,
                      char **ret_text,
                      size_t *ret_text_bytes,
                      struct complaint *ret_complaint)
{
    int error = file_read(path, ret_text, ret_text_bytes, ret_complaint);
    if (error == -EINVAL) /* It speaks of traces. */
        complain(ret_complaint, error, path, 1, 0,
                 "the file is empty; give a file that `vencejo sim run "
                 "--journal` wrote");
    return error;
}

int journal_file_read(const char *path,
                      struct journal_header *ret_header,
                      int (*take)(void *who, const struct record *record),
                      void *who,
                      struct complaint *ret_complaint)
{
    char *text;
    size_t text_bytes;
    int error = journal_file_load(path, &text, &text_bytes, ret_complaint);
    if (error)
        return error;
    error = journal_text_read(text, text_bytes, path, ret_header, take, who,
                              ret_complaint);
    free(text);
    return error;
}
