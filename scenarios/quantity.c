#include "quantity.h"

#include <assert.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit
{
    const char *name;
    uint64_t scale; /* Of this unit, in the finest step of its measure. */
};

struct measure
{
    const struct unit *units;
    size_t unit_count;
    size_t print_from; /* Units that are printed; an earlier one wins where */
    size_t print_to;   /* two texts are equally long. */
    uint64_t one;      /* Scale of 1.0 of the double value, */
    uint64_t exact;    /* and of 1 of the whole number. */
    const char *no_number;
    const char *no_unit;
    const char *other_unit;
    const char *too_fine;
};

#define KIBI 1024ull
#define MEBI (KIBI * KIBI)
#define GIBI (MEBI * KIBI)
#define TEBI (GIBI * KIBI)
#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const struct unit counts[] = {{"", 1}};
static const struct unit numbers[] = {{"", 1000}, {"%", 10}};
static const struct unit durations[] = {
    {"s", 1000000},    {"ms", 1000},      {"us", 1},
    {"min", 60000000}, {"h", 3600000000}, {"d", 86400000000},
};
static const struct unit sizes[] = {
    {"B", 1},        {"KiB", KIBI},      {"MiB", MEBI},
    {"GiB", GIBI},   {"TiB", TEBI},      {"kB", 1000},
    {"MB", 1000000}, {"GB", 1000000000}, {"TB", 1000000000000},
};
/* In bits, so that 1 bps is a whole number of steps: bits, bytes, and the
 * spelling of bytes that SimGrid uses, which is only read. */
static const struct unit rates[] = {
    {"bps", 1},           {"kbps", 1000},          {"Mbps", 1000000},
    {"Gbps", 1000000000}, {"Tbps", 1000000000000}, {"B/s", 8},
    {"kB/s", 8000},       {"MB/s", 8000000},       {"GB/s", 8000000000},
    {"KiB/s", 8 * KIBI},  {"MiB/s", 8 * MEBI},     {"GiB/s", 8 * GIBI},
    {"Bps", 8},           {"kBps", 8000},          {"MBps", 8000000},
    {"GBps", 8000000000}, {"KiBps", 8 * KIBI},     {"MiBps", 8 * MEBI},
    {"GiBps", 8 * GIBI},
};
enum { BIT_RATES = 5, BYTE_RATES = 7 };
static const struct unit frequencies[] = {
    {"/s", 86400},
    {"/min", 1440},
    {"/h", 24},
    {"/d", 1},
};

#define RATE_WORDS                                                         \
    .units = rates, .unit_count = LENGTH(rates), .one = 8, .exact = 8,     \
    .no_number = "is not a rate, write it such as 1 Gbps or 100 MB/s",     \
    .no_unit = "has no unit, add one such as Mbps (bits) or MB/s (bytes)", \
    .other_unit =                                                          \
        "is not in a unit of rate, use bps, kbps, Mbps, Gbps, B/s, kB/s, " \
        "MB/s, GB/s or MiB/s",                                             \
    .too_fine = "is not a whole number of bytes per second"

static const struct measure measures[] = {
    [QUANTITY_COUNT] =
        {
            .units = counts,
            .unit_count = LENGTH(counts),
            .print_to = LENGTH(counts),
            .one = 1,
            .exact = 1,
            .no_number = "is not a whole number, write it such as 16",
            .other_unit = "is not a whole number, write it without a unit",
            .too_fine = "is not a whole number, leave the fraction out",
        },
    [QUANTITY_NUMBER] =
        {
            .units = numbers,
            .unit_count = LENGTH(numbers),
            .print_to = 1,
            .one = 1000,
            .exact = 1,
            .no_number = "is not a number, write it such as 1.5 or 70 %",
            .other_unit = "has a unit where none belongs, leave it out",
            .too_fine = "is finer than a thousandth, give fewer digits",
        },
    [QUANTITY_DURATION] =
        {
            .units = durations,
            .unit_count = LENGTH(durations),
            .print_to = LENGTH(durations),
            .one = 1000000,
            .exact = 1,
            .no_number = "is not a duration, write it such as 300 s or 50 us",
            .no_unit = "has no unit, add one of us, ms, s, min, h, d",
            .other_unit = "is not in a unit of time, use us, ms, s, min, h or "
                          "d",
            .too_fine = "is finer than a microsecond, give fewer digits",
        },
    [QUANTITY_BYTES] =
        {
            .units = sizes,
            .unit_count = LENGTH(sizes),
            .print_to = LENGTH(sizes),
            .one = 1,
            .exact = 1,
            .no_number = "is not a size, write it such as 512 MiB",
            .no_unit = "has no unit, add one of B, KiB, MiB, GiB, TiB, kB, MB, "
                       "GB, TB",
            .other_unit = "is not in a unit of size, use B, KiB, MiB, GiB, "
                          "TiB, kB, MB, GB or TB",
            .too_fine = "is not a whole number of bytes, give fewer digits",
        },
    [QUANTITY_RATE] = {RATE_WORDS, .print_from = BIT_RATES,
                       .print_to = BIT_RATES + BYTE_RATES},
    [QUANTITY_BANDWIDTH] = {RATE_WORDS, .print_to = BIT_RATES},
    [QUANTITY_FREQUENCY] =
        {
            .units = frequencies,
            .unit_count = LENGTH(frequencies),
            .print_to = LENGTH(frequencies),
            .one = 86400,
            .exact = 1,
            .no_number = "is not a frequency, write it such as 2 /s",
            .no_unit = "has no unit, add one of /s, /min, /h, /d",
            .other_unit = "is not in a unit of frequency, use /s, /min, /h or "
                          "/d",
        },
};

static const char too_large[] = "is too large, nothing can be that big";
static const char too_many_digits[] =
    "has more digits than can be kept, give fewer";
static const char negative[] = "is negative, give 0 or more";

/* A number as written: digits x 10^exponent, as far as 64 bits hold it. */
struct number
{
    uint64_t digits;
    int exponent;
    bool fits;
    double value;
    const char *end; /* Behind it; NULL if there is no number. */
};

static void add_digit(struct number *n, char c)
{
    uint64_t digit = (uint64_t)(c - '0');
    if (__builtin_mul_overflow(n->digits, 10, &n->digits) ||
        __builtin_add_overflow(n->digits, digit, &n->digits))
        n->fits = false;
}

static const char *read_exponent(const char *at, int *exponent)
{
    const char *digits = at + 1 + (at[1] == '-' || at[1] == '+');
    if (*digits < '0' || '9' < *digits)
        return at;
    char *end;
    long value = strtol(at + 1, &end, 10);
    *exponent += value < -9999 ? -9999 : value > 9999 ? 9999 : (int)value;
    return end;
}

static struct number read_number(const char *text)
{
    struct number n = {.fits = true};
    const char *at = text;
    size_t digit_count = 0;
    for (; '0' <= *at && *at <= '9'; at++, digit_count++)
        add_digit(&n, *at);
    if (*at == '.')
        for (at++; '0' <= *at && *at <= '9'; at++, digit_count++) {
            add_digit(&n, *at);
            n.exponent--;
        }
    if (digit_count == 0)
        return n;
    if (*at == 'e' || *at == 'E')
        at = read_exponent(at, &n.exponent);
    n.value = strtod(text, NULL);
    n.end = at;
    return n;
}

/* The number and its unit; what is wrong, or NULL. */
static const char *read_both(const char *text,
                             const struct measure *measure,
                             struct number *ret_number,
                             const struct unit **ret_unit)
{
    bool minus = *text == '-';
    struct number n = read_number(text + minus);
    if (!n.end)
        return measure->no_number;
    if (minus)
        return negative;
    const char *name = n.end + strspn(n.end, " ");
    for (size_t i = 0; i < measure->unit_count; i++)
        if (strcmp(name, measure->units[i].name) == 0) {
            *ret_number = n;
            *ret_unit = &measure->units[i];
            return NULL;
        }
    return *name ? measure->other_unit : measure->no_unit;
}

int quantity_parse(const char *text,
                   enum quantity_kind kind,
                   double *ret_value,
                   const char **ret_what)
{
    const struct measure *measure = &measures[kind];
    if (kind == QUANTITY_COUNT) {
        uint64_t count;
        int error = quantity_parse_exact(text, kind, &count, ret_what);
        if (!error)
            *ret_value = (double)count;
        return error;
    }
    struct number n;
    const struct unit *unit = NULL;
    *ret_what = read_both(text, measure, &n, &unit);
    if (!unit)
        return -EINVAL;
    /* One rounding: one scale divides the other, so the factor is exact. */
    double value = unit->scale < measure->one
                       ? n.value / ((double)measure->one / (double)unit->scale)
                       : n.value * ((double)unit->scale / (double)measure->one);
    if (!isfinite(value)) {
        *ret_what = too_large;
        return -ERANGE;
    }
    *ret_value = value;
    return 0;
}

/* Divide a x b by a prime; false if it does not go. */
static bool divide(uint64_t *a, uint64_t *b, uint64_t prime)
{
    uint64_t *divided = *a % prime == 0 ? a : b;
    if (*divided % prime != 0)
        return false;
    *divided /= prime;
    return true;
}

int quantity_parse_exact(const char *text,
                         enum quantity_kind kind,
                         uint64_t *ret_value,
                         const char **ret_what)
{
    assert(kind != QUANTITY_FREQUENCY);
    const struct measure *measure = &measures[kind];
    struct number n;
    const struct unit *unit = NULL;
    *ret_what = read_both(text, measure, &n, &unit);
    if (!unit)
        return -EINVAL;
    uint64_t digits = n.digits;
    uint64_t scale = unit->scale;
    *ret_what = measure->too_fine;
    for (; n.fits && digits > 0 && n.exponent < 0; n.exponent++)
        if (!divide(&digits, &scale, 2) || !divide(&digits, &scale, 5))
            return -EINVAL;
    for (uint64_t left = measure->exact; n.fits && left > 1; left /= 2)
        if (!divide(&digits, &scale, 2))
            return -EINVAL;
    if (!n.fits && n.exponent < 0 && n.value < (double)UINT64_MAX) {
        *ret_what = too_many_digits;
        return -EINVAL;
    }
    bool fits = n.fits && !__builtin_mul_overflow(digits, scale, &digits);
    for (; fits && digits > 0 && n.exponent > 0; n.exponent--)
        fits = !__builtin_mul_overflow(digits, 10, &digits);
    *ret_what = fits ? NULL : too_large;
    if (!fits)
        return -ERANGE;
    *ret_value = digits;
    return 0;
}

/* ---- Printing. ----------------------------------------------------------- */

/* The shortest text is the best to read; fractions are less, exponents last. */
static size_t cost(const char *text)
{
    return strlen(text) + (strchr(text, '.') ? 2 : 0) +
           (strchr(text, 'e') ? QUANTITY_TEXT_BYTES : 0);
}

static void compete(const char *number, const char *unit, char *best)
{
    char text[QUANTITY_TEXT_BYTES];
    const char *space = *unit ? " " : "";
    int length = snprintf(text, sizeof text, "%s%s%s", number, space, unit);
    assert(0 < length && (size_t)length < sizeof text);
    if (!*best || cost(text) < cost(best))
        memcpy(best, text, (size_t)length + 1);
}

void quantity_print_exact(enum quantity_kind kind,
                          uint64_t value,
                          char *ret_text)
{
    assert(kind != QUANTITY_FREQUENCY);
    const struct measure *measure = &measures[kind];
    ret_text[0] = '\0';
    for (size_t i = measure->print_from; i < measure->print_to; i++) {
        const struct unit *unit = &measure->units[i];
        if (unit->scale % measure->exact != 0)
            continue;
        uint64_t step = unit->scale / measure->exact;
        char number[QUANTITY_TEXT_BYTES];
        int length = snprintf(number, sizeof number, "%llu",
                              (unsigned long long)(value / step));
        uint64_t rest = value % step;
        for (int digit = 0; rest > 0 && digit < 3; digit++) {
            if (digit == 0)
                number[length++] = '.';
            rest *= 10;
            number[length++] = (char)('0' + rest / step);
            rest %= step;
        }
        number[length] = '\0';
        if (rest == 0)
            compete(number, unit->name, ret_text);
    }
    assert(*ret_text);
}

void quantity_print(enum quantity_kind kind, double value, char *ret_text)
{
    const struct measure *measure = &measures[kind];
    assert(value >= 0);
    assert(isfinite(value));
    ret_text[0] = '\0';
    for (size_t i = measure->print_from; i < measure->print_to; i++) {
        const struct unit *unit = &measure->units[i];
        double factor = (double)unit->scale / (double)measure->one;
        for (int precision = 1; precision <= DBL_DECIMAL_DIG; precision++) {
            char number[QUANTITY_TEXT_BYTES];
            char text[QUANTITY_TEXT_BYTES];
            double again;
            const char *what;
            snprintf(number, sizeof number, "%.*g", precision, value / factor);
            snprintf(text, sizeof text, "%s%s", number, unit->name);
            if (quantity_parse(text, kind, &again, &what) == 0 &&
                again == value) {
                compete(number, unit->name, ret_text);
                if (!strchr(number, 'e'))
                    break;
            }
        }
    }
    assert(*ret_text);
}

/* ---- Parameters of policies. --------------------------------------------- */

struct ending
{
    const char *text;
    enum quantity_kind kind;
};

static const struct ending endings[] = {
    {"_bytes_per_s", QUANTITY_RATE},
    {"_bytes", QUANTITY_BYTES},
    {"_us", QUANTITY_DURATION},
    {"_milli", QUANTITY_NUMBER},
    {"", QUANTITY_COUNT},
};

static const struct ending *ending_of(const char *name)
{
    size_t length = strlen(name);
    for (const struct ending *e = endings;; e++) {
        size_t count = strlen(e->text);
        if (count <= length && strcmp(name + length - count, e->text) == 0)
            return e;
    }
}

int quantity_param(const char *param_name,
                   const char *text,
                   uint64_t *ret_value,
                   const char **ret_what)
{
    return quantity_parse_exact(text, ending_of(param_name)->kind, ret_value,
                                ret_what);
}

void quantity_param_name(const char *param_name, char *ret_name)
{
    size_t length = strlen(param_name) - strlen(ending_of(param_name)->text);
    assert(length < QUANTITY_NAME_BYTES);
    memcpy(ret_name, param_name, length);
    ret_name[length] = '\0';
}

void quantity_param_print(const char *param_name,
                          uint64_t value,
                          char *ret_text)
{
    quantity_print_exact(ending_of(param_name)->kind, value, ret_text);
}
