/* number.h - decimal text to scaled integers, exactly. */
#ifndef TRACES_NUMBER_H
#define TRACES_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_DIGITS_MAX = 9 };

static const int64_t number_scales[NUMBER_DIGITS_MAX + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/* As number_read(), for any number; the slower way. */
int number_read_any(const char **at, unsigned digits, int64_t *ret_value);

/* The digits from p on, appended to *value; returns where they stop. More than
 * 19 of them make *value meaningless. */
static inline const char *number_digits(const char *p, uint64_t *value)
{
    for (;; p++) {
        unsigned digit = (unsigned char)*p - (unsigned)'0';
        if (digit > 9)
            return p;
        *value = *value * 10 + digit;
    }
}

/* Read [+-]digits[.digits][e[+-]digits] from *at, as the value times 10^digits,
 * rounded to the nearest integer, halves away from zero. *at is then behind it,
 * where the text goes on with something else or with its NUL. 0; -EINVAL if
 * there is no number; -ERANGE if it does not fit. Nearly all of a trace's
 * millions of numbers are short integers, or have no more decimals than are
 * asked for: those are read inline. */
static inline int number_read(const char **at,
                              unsigned digits,
                              int64_t *ret_value)
{
    uint64_t value = 0;
    const char *first = *at;
    const char *p = number_digits(first, &value);
    size_t whole_count = (size_t)(p - first);
    unsigned decimal_count = 0;
    if (*p == '.') {
        const char *point = p;
        p = number_digits(p + 1, &value);
        decimal_count = (unsigned)(p - point - 1);
    }
    if (whole_count == 0 || whole_count > NUMBER_DIGITS_MAX ||
        decimal_count > digits || *p == 'e' || *p == 'E')
        return number_read_any(at, digits, ret_value);
    *at = p;
    *ret_value = (int64_t)value * number_scales[digits - decimal_count];
    return 0;
}

#endif /* TRACES_NUMBER_H */
