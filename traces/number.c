/* number.c - decimal text to scaled integers, exactly. */
#include "number.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>

enum {
    EXACT_DIGITS_MAX = 18, /* So many always fit an int64_t. */
    EXPONENT_MAX = 1000,
};

static const int64_t power_of_ten[EXACT_DIGITS_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* value * 10^power for any power, rounded; -ERANGE if too large. */
static int scale(int64_t value, int power, int64_t *ret_value)
{
    if (value == 0 || power < -EXACT_DIGITS_MAX) {
        *ret_value = 0;
        return 0;
    }
    if (power < 0) {
        int64_t divisor = power_of_ten[-power];
        int64_t rest = value % divisor;
        *ret_value = value / divisor + (rest >= divisor - rest);
        return 0;
    }
    if (power > EXACT_DIGITS_MAX ||
        __builtin_mul_overflow(value, power_of_ten[power], ret_value))
        return -ERANGE;
    return 0;
}

/* Behind an e: the exponent, clamped to what decides anyway. */
static int read_exponent(const char **at, int *ret_exponent)
{
    const char *p = *at;
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    if (!is_digit(*p))
        return -EINVAL;
    int exponent = 0;
    for (; is_digit(*p); p++)
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (*p - '0');
    *ret_exponent = negative ? -exponent : exponent;
    *at = p;
    return 0;
}

/* At most 18 significant digits are kept, which is far below
 * any rounding that is asked for. */
int number_read_any(const char **at, unsigned digits, int64_t *ret_value)
{
    assert(digits <= NUMBER_DIGITS_MAX);
    const char *p = *at;
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    int64_t value = 0;
    int value_digits = 0;
    int power = (int)digits;
    bool point = false;
    bool any = false;
    for (; is_digit(*p) || (*p == '.' && !point); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        any = true;
        if (value_digits < EXACT_DIGITS_MAX) {
            value = value * 10 + (*p - '0');
            value_digits += value > 0;
            power -= point;
        } else if (!point && power < EXPONENT_MAX) {
            power++;
        }
    }
    if (!any)
        return -EINVAL;
    if (*p == 'e' || *p == 'E') {
        int exponent;
        p++;
        if (read_exponent(&p, &exponent))
            return -EINVAL;
        power += exponent;
    }
    int error = scale(value, power, &value);
    if (error)
        return error;
    *at = p;
    *ret_value = negative ? -value : value;
    return 0;
}
