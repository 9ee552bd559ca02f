/* lines.h - records from lines that a test has written by hand: bars stand for
 * tabs. */
#ifndef TESTS_RESULTS_LINES_H
#define TESTS_RESULTS_LINES_H

#include <stdio.h>
#include <string.h>

#include "algorithms/node/journal.h"
#include "tests/suite.h"

enum { LINE_BYTES = 256 };

/* The record points into the line, LINE_BYTES large. */
static inline struct record record_of(const char *text, char *ret_line)
{
    struct record record;
    size_t column = 0;
    const char *what = "";
    snprintf(ret_line, LINE_BYTES, "%s", text);
    for (char *bar = ret_line; (bar = strchr(bar, '|')) != NULL;)
        *bar = '\t';
    if (journal_parse(ret_line, strlen(ret_line), &record, &column, &what) !=
        0) {
        printf("\n    column %zu of %s: %s", column, text, what);
        CU_FAIL_FATAL("a line of the test is no record");
    }
    return record;
}

#endif /* TESTS_RESULTS_LINES_H */
