/* fuzz_journal.c - any line is read or refused; what was read is written alike,
 * and its event, if it has one, is whole. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../algorithms/node/journal.h"
#include "harness.h"

enum { PROCS_MAX = 64, CLUSTERS_MAX = 64 };

static void check_event(const struct record *record)
{
    static struct proc_info procs[PROCS_MAX];
    static struct cluster_info map[CLUSTERS_MAX];
    static struct cluster_record records[CLUSTERS_MAX];
    static uint8_t encoded[RECORD_LINE_BYTES_MAX];
    struct journal_room room = {.procs = procs,
                                .procs_max = PROCS_MAX,
                                .map = map,
                                .map_max = CLUSTERS_MAX,
                                .records = records,
                                .records_max = CLUSTERS_MAX};
    struct event event;
    if (!journal_event(record, &room, &event))
        return;
    struct record again;
    journal_of_event(&event, record->at_us, record->node, encoded, &again);
    assert(again.byte_count == record->byte_count);
}

static void check_line(const uint8_t *bytes, size_t count)
{
    static char line[RECORD_LINE_BYTES_MAX];
    static char text[RECORD_LINE_BYTES_MAX];
    memcpy(line, bytes, count);
    struct record record;
    size_t column = 0;
    const char *what = NULL;
    if (journal_parse(line, count, &record, &column, &what) != 0) {
        assert(what);
        assert(1 <= column && column <= count + 1);
        return;
    }
    size_t length = journal_format(&record, text);
    assert(length == count + 1);
    assert(memcmp(text, bytes, count) == 0);
    if (record.kind == RECORD_EVENT)
        check_event(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        const uint8_t *newline = memchr(bytes, '\n', count);
        size_t length = newline ? (size_t)(newline - bytes) : count;
        if (length < RECORD_LINE_BYTES_MAX - 1024)
            check_line(bytes, length);
        size_t used = newline ? length + 1 : length;
        bytes += used;
        count -= used;
    }
    return 0;
}
