/* reader.h - what the readers of all formats share: rows in, a workload out.
 *
 * A reader adds rows as it meets them; reader_finish() orders them, counts
 * dates from the first, ties those that wait to those they wait for, cuts.
 */
#ifndef TRACES_READER_H
#define TRACES_READER_H

#include <stddef.h>

#include "workload.h"

struct place
{
    size_t line;
    size_t column;
};

/* Row `number` waits for row `preceding`, says the line. */
struct link
{
    uint64_t number;
    uint64_t preceding;
    struct place place;
};

struct reader
{
    const char *name; /* Of the file, for complaints. */
    const struct workload_options *options;
    struct workload *workload; /* Being filled; freed by who made it. */
    struct complaint *complaint;
    size_t room;
    struct link *links; /* Owned. */
    size_t link_count;
    size_t link_room;
};

/* A line is bad. Strict: complain, the error is returned. Lenient: count it,
 * keep the first five, 0. */
int reader_bad(struct reader *reader, struct place place, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

/* Room for so many rows more, where the reader can tell. 0 or -ENOMEM. */
int reader_expect(struct reader *reader, size_t count);

/* Add a row that ran, subject to the rule for parallel jobs. Dates may still be
 * counted from any moment. */
int reader_add(struct reader *reader,
               const struct job *job,
               struct place place);
int reader_link(struct reader *reader,
                uint64_t number,
                uint64_t preceding,
                struct place place);

/* first_us: the earliest submission of all rows, run or skipped. */
int reader_finish(struct reader *reader, uint64_t first_us);

#endif /* TRACES_READER_H */
