/* journal_log.c - see journal_log.h. */
#include "journal_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/version.h"

struct journal_log
{
    FILE *file;
    char *line;     /* RECORD_LINE_BYTES_MAX large, */
    uint8_t *bytes; /* as this. */
    uint64_t record_count;
    uint64_t written_bytes;
    uint64_t limit_bytes;
    bool full;
    bool ended; /* At its limit. */
};

/* What only some configurations have. */
static void put_optional(FILE *out,
                         const struct node_config *node,
                         cluster_id cluster)
{
    if (node->lost_after_us != USEC_NEVER)
        fprintf(out, "# lost-after-us\t%" PRIu64 "\n", node->lost_after_us);
    if (node->home_lost_after_us != USEC_NEVER)
        fprintf(out, "# home-lost-after-us\t%" PRIu64 "\n",
                node->home_lost_after_us);
    if (node->owner_first)
        fprintf(out, "# owner-first\t%u\n", cluster);
}

static int put_header(struct journal_log *j,
                      const struct config *config,
                      const struct roster *roster,
                      const struct node_config *node,
                      const struct node_info *self,
                      const char *guessed)
{
    char *policies = config_policies_text(config);
    if (!policies)
        return -ENOMEM;
    fprintf(j->file,
            "# vencejo-journal\t%d\n# commit\t%s\n# host\treal\n"
            "# level\t%s\n# scenario\t%s\n# scenario-hash\t%016x\n"
            "# seed\t%" PRIu64 "\n# policies\t%s\n# board\t%" PRIu32
            "\n# board-age-us\t%" PRIu64 "\n# guessed\t%s\n",
            JOURNAL_VERSION, VENCEJO_COMMIT, j->full ? "full" : "decisions",
            roster->cluster.name, roster->version, node->seed, policies,
            node->board_max, node->board_age_us, guessed);
    free(policies);
    put_optional(j->file, node, roster->cluster.id);
    fprintf(j->file, "# cluster\t%" PRIu32 " %" PRIu32 " %u %" PRIu32 " %s\n",
            roster->cluster.first, roster->cluster.node_count, self->core_count,
            self->speed_milli, roster->cluster.name);
    return fflush(j->file) == 0 ? 0 : -errno;
}

static int keep_before(const char *file)
{
    char *before = NULL;
    if (asprintf(&before, "%s.before", file) < 0)
        return -ENOMEM;
    int error = rename(file, before) == 0 || errno == ENOENT ? 0 : -errno;
    free(before);
    return error;
}

static void release(struct journal_log *j)
{
    if (j->file)
        fclose(j->file);
    free(j->line);
    free(j->bytes);
    free(j);
}

int journal_log_create(struct journal_log **ret,
                       const struct config *config,
                       const struct roster *roster,
                       const struct node_config *node,
                       const struct node_info *self,
                       const char *guessed,
                       struct complaint *c)
{
    struct journal_log *j = calloc(1, sizeof *j);
    if (!j)
        return complain(c, -ENOMEM, NULL, 0, 0, "no memory");
    j->line = malloc(RECORD_LINE_BYTES_MAX);
    j->bytes = malloc(RECORD_LINE_BYTES_MAX);
    j->full = config->journal.level == 1;
    j->limit_bytes = config->journal.limit_bytes;
    int error =
        j->line && j->bytes ? keep_before(config->journal.file) : -ENOMEM;
    if (!error) {
        j->file = fopen(config->journal.file, "we");
        error = j->file ? 0 : -errno;
    }
    if (!error)
        error = put_header(j, config, roster, node, self, guessed);
    if (error) {
        release(j);
        return complain(c, error, config->journal.file, 0, 0,
                        "cannot write the journal: %s; name another file at "
                        "journal: in the configuration",
                        strerror(-error));
    }
    *ret = j;
    return 0;
}

bool journal_log_is_full(const struct journal_log *j)
{
    return j->full;
}

int journal_log_write(struct journal_log *j, const struct record *record)
{
    if (j->ended)
        return 0;
    size_t length = journal_format(record, j->line);
    if (j->written_bytes + length > j->limit_bytes) {
        j->ended = true;
        return -EFBIG;
    }
    j->written_bytes += length;
    j->record_count++;
    return fwrite(j->line, 1, length, j->file) == length ? 0 : -errno;
}

int journal_log_event(struct journal_log *j,
                      const struct event *event,
                      usec_t at_us,
                      node_id node)
{
    struct record record;
    if (j->ended)
        return 0;
    journal_of_event(event, at_us, node, j->bytes, &record);
    return journal_log_write(j, &record);
}

int journal_log_flush(struct journal_log *j)
{
    return fflush(j->file) == 0 ? 0 : -errno;
}

int journal_log_close(struct journal_log *j)
{
    if (!j)
        return 0;
    fprintf(j->file, "# end\t%" PRIu64 "\n", j->record_count);
    int error = ferror(j->file) ? -EIO : 0;
    if (fclose(j->file) != 0 && !error)
        error = -errno;
    j->file = NULL;
    release(j);
    return error;
}
