/* rows.h - the claims that are validated. */
#ifndef TESTS_VALIDATE_ROWS_H
#define TESTS_VALIDATE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct row
{
    const char *claim;
    const char *source;
    double expected;
    double low;
    double high;
    /* The value, or why (a literal) there is none. */
    double (*measure)(const struct row *row, const char **ret_why);
    /* What the measuring function needs. */
    const char *policies; /* As the command line writes a list. */
    const char *law;      /* YAML of a law. */
    const char *metric;
    double number;
    double other;
};

extern const struct row rows[];
size_t row_count(void);

#endif /* TESTS_VALIDATE_ROWS_H */
