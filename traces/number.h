/* number.h - decimal text to scaled integers, exactly. */
#ifndef TRACES_NUMBER_H
#define TRACES_NUMBER_H

#include <stdint.h>

enum { NUMBER_DIGITS_MAX = 9 };

/* Read [+-]digits[.digits][e[+-]digits] from *at, not beyond end, as the value
 * times 10^digits, rounded to the nearest integer, halves away from zero. *at
 * is then behind it. 0; -EINVAL if there is no number; -ERANGE if it does not
 * fit. */
int number_read(const char **at,
                const char *end,
                unsigned digits,
                int64_t *ret_value);

#endif /* TRACES_NUMBER_H */
