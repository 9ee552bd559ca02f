#include "journal_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "../cli/version.h"
#include "../traces/save.h"

struct journal_file
{
    struct saving saving;
    ZSTD_CStream *stream; /* NULL: plain text. */
    void *packed;         /* ZSTD_CStreamOutSize() large. */
    char *line;           /* RECORD_LINE_BYTES_MAX large. */
    uint64_t record_count;
};

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

static void put_figure(struct journal_file *file,
                       const char *key,
                       uint64_t figure)
{
    int length = snprintf(file->line, RECORD_LINE_BYTES_MAX,
                          "# %s\t%" PRIu64 "\n", key, figure);
    put(file, file->line, (size_t)length, ZSTD_e_continue);
}

/* What only some scenarios have. */
static void put_grid(struct journal_file *file, const struct scenario *scenario)
{
    const struct scenario_grid *grid = &scenario->grid;
    if (grid->faults.lost_after_us != USEC_NEVER)
        put_figure(file, "lost-after-us", grid->faults.lost_after_us);
    if (grid->faults.home_lost_after_us != USEC_NEVER)
        put_figure(file, "home-lost-after-us", grid->faults.home_lost_after_us);
    if (grid->freeze.flood_burst > 0) {
        put_figure(file, "flood-burst", grid->freeze.flood_burst);
        put_figure(file, "flood-per-s-milli",
                   (uint64_t)llround(grid->freeze.flood_per_s * 1000));
    }
    for (size_t i = 0; i < scenario->cluster_count; i++)
        if (scenario->clusters[i].owner_first)
            put_figure(file, "owner-first", i + 1);
}

/* In the order of their nodes. */
static void put_clusters(struct journal_file *file,
                         const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->cluster_count; i++) {
        const struct scenario_cluster *c = &scenario->clusters[i];
        int length = snprintf(
            file->line, RECORD_LINE_BYTES_MAX,
            "# cluster\t%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %s\n",
            c->first, c->node_count, c->core_count, c->speed_milli, c->name);
        put(file, file->line, (size_t)length, ZSTD_e_continue);
    }
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
    put_grid(file, scenario);
    put_clusters(file, scenario);
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
