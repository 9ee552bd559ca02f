#include <math.h>
#include <string.h>

#include "results/metrics.h"
#include "tests/suite.h"

enum { PROCESSES = 200, RECORDS = 4 * PROCESSES + 2 };

static struct meter *make(void)
{
    return meter_create(&(struct meter_options){
        .bound_us = 10000000, .speed_max = 1.5, .pool_speed = 7});
}

/* Odd values of every size, in an order that a run could have. */
static struct record record_at(size_t index)
{
    uint64_t proc = index % PROCESSES;
    struct record record = {.at_us = 1000003 * (uint64_t)index,
                            .node = (node_id)(proc % 7),
                            .peer = (node_id)(proc % 5 + 7),
                            .proc = proc % 7 << 32 | (proc + 1),
                            .why = "test: so"};
    if (index < PROCESSES) {
        record.kind = RECORD_SUBMIT;
        record.values[SUBMIT_USER] = proc % 3;
        record.values[SUBMIT_WORK_US] = 1 + proc * proc * 7919;
    } else if (index < 3 * PROCESSES) {
        record.kind = RECORD_MOVED;
        record.values[MOVED_EPOCH] = index / PROCESSES;
        record.values[MOVED_TOTAL_US] = 77777 * proc;
        record.values[MOVED_FROZEN_US] = 333 * proc + 1;
        record.values[MOVED_BYTES] = proc << 40;
    } else if (index < 4 * PROCESSES) {
        record.kind = RECORD_ENDED;
        record.values[ENDED_CPU_US] = 5;
    } else {
        record.kind = index % 2 == 0 ? RECORD_BOARD : RECORD_TALLY;
        for (size_t value = 0; value < RECORD_VALUES_MAX; value++)
            record.values[value] = (uint64_t)1 << (30 + 3 * value);
    }
    return record;
}

/* Writes the record as a line and gives what is read from that to the meter. */
static void add_as_text(struct meter *meter, const struct record *record)
{
    char *line = malloc(RECORD_LINE_BYTES_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    size_t length = journal_format(record, line);
    CU_ASSERT_EQUAL_FATAL(line[length - 1], '\n');
    struct record read;
    size_t column;
    const char *what;
    line[length - 1] = '\0';
    CU_ASSERT_EQUAL_FATAL(
        journal_parse(line, length - 1, &read, &column, &what), 0);
    CU_ASSERT_EQUAL(meter_add(meter, &read), 0);
    free(line);
}

static void a_journal_gives_the_same_bits_as_the_stream(void)
{
    struct meter *streamed = make();
    struct meter *from_text = make();
    for (size_t index = 0; index < RECORDS; index++) {
        struct record record = record_at(index);
        CU_ASSERT_EQUAL(meter_add(streamed, &record), 0);
        add_as_text(from_text, &record);
    }
    double one[METRIC_COUNT];
    double other[METRIC_COUNT];
    meter_read(streamed, one);
    meter_read(from_text, other);
    CU_ASSERT_EQUAL(memcmp(one, other, sizeof(one)), 0);
    CU_ASSERT_EQUAL(one[METRIC_PROCESSES], PROCESSES);
    CU_ASSERT_EQUAL(one[METRIC_MIGRATIONS], 2 * PROCESSES);
    CU_ASSERT_FALSE(isnan(one[METRIC_UTILISATION]));
    CU_ASSERT_EQUAL(meter_bound_response_s(streamed),
                    meter_bound_response_s(from_text));
    meter_destroy(streamed);
    meter_destroy(from_text);
}

SUITE_MAIN("journal reading",
           {"A journal gives the same bits as the stream",
            a_journal_gives_the_same_bits_as_the_stream})
