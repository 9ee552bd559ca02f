/* tsv.h - a table of cells between tabs, whose places are known.
 *
 * Lines that are empty or begin with # are passed over. There are no quotes.
 */
#ifndef SCENARIOS_TSV_H
#define SCENARIOS_TSV_H

#include "keys.h"

struct tsv
{
    const char *at;
    const char *end;
    const char *name; /* Of the file. */
    size_t line;      /* Of the row that was read last, from 1. */
};

/* The next row, a sequence of scalars: 1, or 0 at the end, or negative errno
 * and a complaint. The caller finishes the row. */
int tsv_next(struct key_reader *r, struct tsv *tsv, struct item *ret_row);

/* A decimal number of seconds, exactly, as microseconds. */
int tsv_seconds(struct key_reader *r,
                const struct item *cell,
                const char *name,
                uint64_t *ret_us);

#endif /* SCENARIOS_TSV_H */
