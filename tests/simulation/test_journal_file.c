/* test_journal_file.c - a journal is read back from its file as it was written,
 * whatever its length, and is refused where it is not whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/journal_file.h"
#include "tests/suite.h"

enum { RECORDS = 200000 }; /* Some MB: many pieces of a file. */

static const char scenario_text[] =
    "{vencejo: 1, name: two, seed: 5, clusters: {lab: {nodes: 2, cores: 4, "
    "speed: 1.5}, field: {nodes: 3}}, wan: [{between: [lab, field], bandwidth: "
    "1 Gbps, latency: 1 ms}], workload: {batch: {count: 1, cpu: 1 s, memory: 1 "
    "MiB}}, policies: []}\n";

static struct record record_at(uint64_t index)
{
    struct record record = {.kind = RECORD_MOVED,
                            .at_us = index,
                            .node = (node_id)(index % 5),
                            .peer = 4,
                            .proc = index * 7919,
                            .why = index % 3 ? "" : "a reason of some length"};
    for (size_t value = 0; value < 6; value++)
        record.values[value] = index << value;
    return record;
}

static char folder[] = "journal-file-XXXXXX";

static void write_journal(const char *path)
{
    struct complaint complaint = {.line = 0};
    struct scenario *scenario = NULL;
    struct journal_file *file = NULL;
    CU_ASSERT_EQUAL_FATAL(
        scenario_parse(scenario_text, sizeof scenario_text - 1, "two", NULL, 0,
                       &scenario, &complaint),
        0);
    CU_ASSERT_EQUAL_FATAL(
        journal_file_create(path, scenario, 5, false, &file, &complaint), 0);
    for (uint64_t index = 0; index < RECORDS; index++) {
        struct record record = record_at(index);
        journal_file_write(file, &record);
    }
    CU_ASSERT_EQUAL(journal_file_close(file, &complaint), 0);
    scenario_destroy(scenario);
}

struct seen
{
    uint64_t count;
    bool alike;
    int answer; /* To the record of this number, */
    uint64_t answer_at;
};

static int look(void *who, const struct record *record)
{
    struct seen *seen = who;
    struct record wanted = record_at(seen->count);
    seen->alike =
        seen->alike && record->at_us == wanted.at_us &&
        record->node == wanted.node && record->proc == wanted.proc &&
        memcmp(record->values, wanted.values, sizeof wanted.values) == 0 &&
        strcmp(record->why, wanted.why) == 0;
    seen->count++;
    return seen->count == seen->answer_at ? seen->answer : 0;
}

static int read_back(const char *path,
                     struct seen *seen,
                     struct complaint *complaint)
{
    struct journal_header header;
    *complaint = (struct complaint){.line = 0};
    int error = journal_file_read(path, &header, look, seen, complaint);
    if (!error) {
        CU_ASSERT_EQUAL(header.record_count, RECORDS);
        CU_ASSERT_EQUAL_FATAL(header.grid.count, 2);
        CU_ASSERT_STRING_EQUAL(header.grid.clusters[1].name, "field");
        CU_ASSERT_EQUAL(header.grid.clusters[1].first, 2);
        CU_ASSERT_EQUAL(header.grid.clusters[1].node_count, 3);
        CU_ASSERT_EQUAL(header.grid.clusters[0].core_count, 4);
        CU_ASSERT_EQUAL(header.grid.clusters[0].speed_milli, 1500);
    }
    journal_header_finish(&header);
    return error;
}

static void what_was_written_is_read(const char *name)
{
    char path[64];
    struct complaint complaint;
    struct seen seen = {.alike = true};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_journal(path);
    CU_ASSERT_EQUAL(read_back(path, &seen, &complaint), 0);
    CU_ASSERT_EQUAL(seen.count, RECORDS);
    CU_ASSERT_TRUE(seen.alike);
}

static void plain_text_is_read(void)
{
    what_was_written_is_read("journal.tsv");
}

static void compressed_text_is_read(void)
{
    what_was_written_is_read("journal.tsv.zst");
}

static void cut_files_are_refused(void)
{
    static const char *const names[] = {"journal.tsv", "journal.tsv.zst"};
    for (size_t i = 0; i < 2; i++)
        for (long cut = 1; cut < 40; cut += 7) {
            char command[256], path[64];
            struct complaint complaint;
            struct seen seen = {.alike = true};
            snprintf(path, sizeof path, "%s/cut", folder);
            snprintf(command, sizeof command, "head -c -%ld %s/%s > %s", cut,
                     folder, names[i], path);
            CU_ASSERT_EQUAL_FATAL(system(command), 0);
            CU_ASSERT_TRUE(read_back(path, &seen, &complaint) < 0);
            CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "truncated"));
            CU_ASSERT_TRUE(seen.alike);
        }
}

static int read_text(const char *text, struct complaint *complaint)
{
    char path[64];
    struct journal_header header;
    struct seen seen = {.alike = true};
    snprintf(path, sizeof path, "%s/text", folder);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
    *complaint = (struct complaint){.line = 0};
    int error = journal_file_read(path, &header, look, &seen, complaint);
    journal_header_finish(&header);
    return error;
}

static void clusters_that_cannot_be_are_refused(void)
{
    static const char *const values[] = {"",
                                         "0 2 1 1000",
                                         "0 0 1 1000 lab",
                                         "0 2 0 1 lab",
                                         "x 2 1 1000 lab",
                                         "999999 2 1 1000 lab",
                                         "0 2 1 1 a\n# cluster\t1 2 1 1 b"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[256];
        struct complaint complaint;
        snprintf(text, sizeof text,
                 "# vencejo-journal\t%d\n# cluster\t%s\n# end\t0\n",
                 JOURNAL_VERSION, values[i]);
        CU_ASSERT_EQUAL(read_text(text, &complaint), -EINVAL);
        CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "a cluster is"));
        CU_ASSERT_TRUE(complaint.line >= 2);
    }
}

/* Whoever reads the records holds the clusters by then. */
static void a_late_cluster_is_refused(void)
{
    char text[256];
    struct complaint complaint;
    snprintf(text, sizeof text,
             "# vencejo-journal\t%d\n# cluster\t0 2 1 1000 lab\n"
             "0\t0\tmoved\t0\t4\t0\t0\t0\t0\t0\t0\t\n"
             "# cluster\t2 2 1 1000 field\n# end\t1\n",
             JOURNAL_VERSION);
    CU_ASSERT_EQUAL(read_text(text, &complaint), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "behind the first record"));
}

static void what_is_no_journal_is_refused(void)
{
    struct complaint complaint;
    CU_ASSERT_EQUAL(read_text("", &complaint), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "this is no journal"));
    CU_ASSERT_EQUAL(read_text("stack\tload\n1\t2\n", &complaint), -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 1);
}

static void a_listener_ends_the_reading(void)
{
    char path[64];
    struct complaint complaint;
    struct seen seen = {.alike = true, .answer = -ECANCELED, .answer_at = 1000};
    snprintf(path, sizeof path, "%s/journal.tsv.zst", folder);
    CU_ASSERT_EQUAL(read_back(path, &seen, &complaint), -ECANCELED);
    CU_ASSERT_EQUAL(seen.count, 1000);
    CU_ASSERT_STRING_EQUAL(complaint.text, "");
}

static void make_folder(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

SUITE_MAIN("journal file",
           {"a folder is made for the files", make_folder},
           {"plain text is read as it was written", plain_text_is_read},
           {"compressed text is read as it was written",
            compressed_text_is_read},
           {"files that were cut are refused", cut_files_are_refused},
           {"clusters that cannot be are refused",
            clusters_that_cannot_be_are_refused},
           {"a late cluster is refused", a_late_cluster_is_refused},
           {"what is no journal is refused", what_is_no_journal_is_refused},
           {"a listener ends the reading", a_listener_ends_the_reading},
           {"the folder is removed", remove_folder})
