/* journal_read.c - a journal back from its file, line after line. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "../traces/file.h"
#include "journal_file.h"

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

static int read_grid_figure(const char *key,
                            bool is_number,
                            uint64_t number,
                            struct journal_header *header,
                            const char **ret_what)
{
    bool is_rate = strcmp(key, "flood-per-s-milli") == 0;
    if (is_rate || strcmp(key, "flood-burst") == 0) {
        *ret_what = "a figure of floods is a whole number from 1 to 4294967295";
        if (!is_number || number < 1 || number > UINT32_MAX)
            return -EINVAL;
        *(is_rate ? &header->flood_per_s_milli : &header->flood_burst) =
            (uint32_t)number;
    } else if (strcmp(key, "owner-first") == 0) {
        *ret_what = "a cluster has a number from 1 to 65535";
        if (!is_number || number < 1 || number > UINT16_MAX)
            return -EINVAL;
        header->owner_first[number / 8] |= (uint8_t)(1u << number % 8);
    }
    return 0;
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
    } else if (strcmp(key, "lost-after-us") == 0 ||
               strcmp(key, "home-lost-after-us") == 0) {
        *ret_what = "a silence is a whole number of microseconds above 0";
        if (key[0] == 'l')
            header->lost_after_us = number;
        else
            header->home_lost_after_us = number;
        return is_number && number > 0 ? 0 : -EINVAL;
    }
    return read_grid_figure(key, is_number, number, header, ret_what);
}

/* "FIRST NODES CORES SPEED NAME". */
static int read_cluster(const char *value,
                        struct journal_header *header,
                        const char **ret_what)
{
    struct grid_cluster cluster = {.name = ""};
    int used = 0;
    *ret_what =
        "a cluster behind the first record; its line belongs before: the "
        "journal is damaged: copy or make it again";
    if (header->record_count > 0)
        return -EINVAL;
    *ret_what =
        "a cluster is its first node, nodes, cores, speed in thousandths and "
        "name, with single spaces, in ascending order of nodes";
    int count =
        sscanf(value, "%" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32 " %n",
               &cluster.first, &cluster.node_count, &cluster.core_count,
               &cluster.speed_milli, &used);
    if (count != 4 || value[used] == '\0' || cluster.node_count == 0 ||
        cluster.core_count == 0 || cluster.node_count > SCENARIO_NODES_MAX ||
        cluster.first > SCENARIO_NODES_MAX - cluster.node_count ||
        cluster.first < grid_node_end(&header->grid))
        return -EINVAL;
    snprintf(cluster.name, sizeof cluster.name, "%s", value + used);
    size_t bytes = (header->grid.count + 1) * sizeof cluster;
    struct grid_cluster *clusters = realloc(header->clusters, bytes);
    if (!clusters) {
        *ret_what = "there is not enough memory for its clusters";
        return -ENOMEM;
    }
    clusters[header->grid.count++] = cluster;
    header->clusters = clusters;
    header->grid.clusters = clusters;
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
    else if (strcmp(key, "cluster") == 0)
        return read_cluster(value, header, ret_what);
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

/* On its way through a journal. */
struct reading
{
    const char *name; /* For complaints. */
    struct journal_header *header;
    int (*take)(void *who, const struct record *record);
    void *who;
    struct complaint *complaint;
};

static int take_line(struct reading *reading, char *line, size_t length)
{
    struct journal_header *header = reading->header;
    static const char magic[] = "# vencejo-journal\t";
    if (header->line_count == 0 && strncmp(line, magic, sizeof magic - 1) != 0)
        return complain(reading->complaint, -EINVAL, reading->name, 1, 1,
                        "this is no journal: it does not begin with "
                        "`# vencejo-journal`; give a file that `vencejo sim "
                        "run --journal` wrote");
    const char *what = NULL;
    size_t column;
    header->line_count++;
    int error = read_line(line, length, header, reading->take, reading->who,
                          &column, &what);
    if (error && what)
        complain(reading->complaint, error, reading->name, header->line_count,
                 column, "%s", what);
    return error;
}

/* Every whole line of the text; what is behind the last is left over. */
static int take_lines(struct reading *reading,
                      char *text,
                      size_t text_bytes,
                      size_t *ret_used)
{
    size_t used = 0;
    int error = 0;
    while (!error && used < text_bytes) {
        char *newline = memchr(text + used, '\n', text_bytes - used);
        if (!newline)
            break;
        *newline = 0;
        error =
            take_line(reading, text + used, (size_t)(newline - text) - used);
        used = (size_t)(newline - text) + 1;
    }
    *ret_used = used;
    return error;
}

/* Behind the last whole line. */
static int check_end(struct reading *reading, size_t left_over)
{
    size_t line_count = reading->header->line_count;
    if (line_count == 0) /* Not one line of a journal. */
        return take_line(reading, (char[]){""}, 0);
    if (left_over > 0)
        return complain(reading->complaint, -EINVAL, reading->name,
                        line_count + 1, 0,
                        "the last line has no end: the file is "
                        "truncated; copy or make it again");
    if (!reading->header->has_end)
        return complain(reading->complaint, -EINVAL, reading->name, line_count,
                        0,
                        "the file ends here without the line `# end`: it is "
                        "truncated, or its run was killed; copy or make it "
                        "again");
    return 0;
}

int journal_text_read(char *text,
                      size_t text_bytes,
                      const char *name,
                      struct journal_header *ret_header,
                      int (*take)(void *who, const struct record *record),
                      void *who,
                      struct complaint *ret_complaint)
{
    struct reading reading = {name, ret_header, take, who, ret_complaint};
    size_t used;
    *ret_header = (struct journal_header){0};
    int error = take_lines(&reading, text, text_bytes, &used);
    return error ? error : check_end(&reading, text_bytes - used);
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

void journal_header_finish(struct journal_header *header)
{
    free(header->clusters);
    *header = (struct journal_header){0};
}

/* ---- From a file, a piece at a time. ------------------------------------- */

enum { PIECE_BYTES = 1 << 17 };

/* Bytes of a file, uncompressed if it is compressed. */
struct source
{
    int fd;
    ZSTD_DStream *stream; /* NULL: plain. */
    bool begun;
    bool inside; /* A frame that is not whole yet. */
    ZSTD_inBuffer packed;
    char piece[PIECE_BYTES];
};

static ssize_t read_some(int fd, char *bytes, size_t room)
{
    ssize_t got;
    do
        got = read(fd, bytes, room);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* What stands at its begin says whether it is compressed. */
static ssize_t begin_source(struct source *source)
{
    static const uint8_t magic[] = {0x28, 0xB5, 0x2F, 0xFD};
    size_t count = 0;
    ssize_t got = 1;
    while (got > 0 && count < sizeof magic) {
        got = read_some(source->fd, source->piece + count, PIECE_BYTES - count);
        count += got > 0 ? (size_t)got : 0;
    }
    source->begun = true;
    source->packed = (ZSTD_inBuffer){source->piece, count, 0};
    if (got >= 0 && count >= sizeof magic &&
        memcmp(source->piece, magic, sizeof magic) == 0)
        source->stream = ZSTD_createDStream();
    return got < 0 ? got : 0;
}

/* At least one byte, 0 at the end, or a negative errno: -ENODATA if the
 * compressed data ends too early, -EBADMSG if it is damaged. */
static ssize_t fill(struct source *source, char *bytes, size_t room)
{
    ssize_t error = source->begun ? 0 : begin_source(source);
    if (error < 0)
        return error;
    for (;;) {
        ZSTD_inBuffer *packed = &source->packed;
        if (packed->pos == packed->size) {
            ssize_t got = read_some(source->fd, source->piece, PIECE_BYTES);
            if (got <= 0)
                return got == 0 && source->inside ? -ENODATA : got;
            *packed = (ZSTD_inBuffer){source->piece, (size_t)got, 0};
        }
        size_t count = packed->size - packed->pos;
        if (!source->stream) {
            count = count < room ? count : room;
            memcpy(bytes, source->piece + packed->pos, count);
            packed->pos += count;
            return (ssize_t)count;
        }
        ZSTD_outBuffer out = {bytes, room, 0};
        size_t left = ZSTD_decompressStream(source->stream, &out, packed);
        if (ZSTD_isError(left))
            return -EBADMSG;
        source->inside = left != 0;
        if (out.pos > 0)
            return (ssize_t)out.pos;
    }
}

static int complain_of_source(const struct reading *reading, ssize_t error)
{
    const char *why =
        error == -ENODATA
            ? "the compressed data ends too early: the file is truncated; "
              "copy or make it again"
        : error == -EBADMSG
            ? "the compressed data is damaged; copy or make it again"
        : error == -ENOENT ? "no such file; look at its name and folder"
                           : strerror((int)-error);
    return complain(reading->complaint, (int)error, reading->name, 0, 0, "%s",
                    why);
}

/* The text holds a line and more; what is left of it moves to the front. */
static int read_pieces(struct reading *reading,
                       struct source *source,
                       char *text,
                       size_t room)
{
    size_t count = 0;
    for (;;) {
        if (count == room)
            return complain(reading->complaint, -EINVAL, reading->name,
                            reading->header->line_count + 1, 0,
                            "no line of a journal is as long as this; is it "
                            "one?");
        ssize_t got = fill(source, text + count, room - count);
        if (got < 0)
            return complain_of_source(reading, got);
        if (got == 0)
            return check_end(reading, count);
        size_t used;
        count += (size_t)got;
        int error = take_lines(reading, text, count, &used);
        if (error)
            return error;
        count -= used;
        memmove(text, text + used, count);
    }
}

int journal_file_read(const char *path,
                      struct journal_header *ret_header,
                      int (*take)(void *who, const struct record *record),
                      void *who,
                      struct complaint *ret_complaint)
{
    struct reading reading = {path, ret_header, take, who, ret_complaint};
    *ret_header = (struct journal_header){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return complain_of_source(&reading, -errno);
    size_t room = RECORD_LINE_BYTES_MAX + PIECE_BYTES;
    struct source *source = calloc(1, sizeof *source);
    char *text = malloc(room);
    int error = -ENOMEM;
    if (source && text) {
        source->fd = fd;
        error = read_pieces(&reading, source, text, room);
        ZSTD_freeDStream(source->stream);
    }
    free(text);
    free(source);
    close(fd);
    return error;
}
