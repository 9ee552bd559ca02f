/* rows.h - the claims that are validated. */
#ifndef TESTS_VALIDATE_ROWS_H
#define TESTS_VALIDATE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row
{
    const char *claim;
    const char *source;
    double expected;
    double
        low; /* Both infinite: informational, as its paper does not say all */
    double high; /* that it assumed. */
    /* The value, or why (a literal) there is none. */
    double (*measure)(const struct row *row, const char **ret_why);
    /* What the measuring function needs. */
    const char *policies; /* As the command line writes a list. */
    const char *law;      /* YAML of a law. */
    const char *metric;
    double number;
    double other;
};

/* A metric of one run of this scenario; or why (a literal) there is none. */
double row_metric(const char *text,
                  uint64_t seed,
                  const char *metric,
                  const char **ret_why);

/* linger.c */
double linger_gain(const struct row *row, const char **ret_why);
double linger_price(const struct row *row, const char **ret_why);

extern const struct row rows[];
size_t row_count(void);

#endif /* TESTS_VALIDATE_ROWS_H */
