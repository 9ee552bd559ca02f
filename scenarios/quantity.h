/* quantity.h - numbers with units: 300 s, 50 us, 512 MiB, 1 Gbps, 70 %.
 *
 * SI prefixes are powers of 1000, IEC ones (KiB, MiB) of 1024; bits and bytes
 * are told apart (b, B, bps, Bps). A space before the unit is optional.
 */
#ifndef SCENARIOS_QUANTITY_H
#define SCENARIOS_QUANTITY_H

#include <stdint.h>

enum { QUANTITY_TEXT_BYTES = 64, QUANTITY_NAME_BYTES = 64 };

enum quantity_kind {
    QUANTITY_COUNT,     /* A whole number. */
    QUANTITY_NUMBER,    /* A decimal without unit; 70 % is 0.7. */
    QUANTITY_DURATION,  /* us ms s min h d -> seconds. */
    QUANTITY_BYTES,     /* B kB MB GB TB KiB MiB GiB TiB -> bytes. */
    QUANTITY_RATE,      /* bps kbps Mbps Gbps, B/s ... MiB/s -> bytes per s. */
    QUANTITY_BANDWIDTH, /* The same, printed in bits, as vendors count. */
    QUANTITY_FREQUENCY  /* 2 /s, 0.5 /s, 30 /min, 10 /h -> per second. */
};

/* Read text whole. 0, or -EINVAL (-ERANGE if too large) and a literal that says
 * what is wrong and what would be right; the value is untouched then. */
int quantity_parse(const char *text,
                   enum quantity_kind kind,
                   double *ret_value,
                   const char **ret_what);

/* The same without rounding, as a whole number of counts, thousandths, us,
 * bytes or bytes per second; finer than that is an error. Not for frequencies.
 */
int quantity_parse_exact(const char *text,
                         enum quantity_kind kind,
                         uint64_t *ret_value,
                         const char **ret_what);

/* For a policy's parameter: by the end of its name (_us, _bytes, _bytes_per_s,
 * _milli) a duration, bytes, a rate or a decimal; else a whole number. Exact
 * integers; -ERANGE outside 0 .. UINT64_MAX. */
int quantity_param(const char *param_name,
                   const char *text,
                   uint64_t *ret_value,
                   const char **ret_what);

/* The name as scenarios write it, without that end, into 64 bytes. */
void quantity_param_name(const char *param_name, char *ret_name);

/* Write a value so that reading it gives exactly the same, into 64 bytes. */
void quantity_param_print(const char *param_name,
                          uint64_t value,
                          char *ret_text);
void quantity_print(enum quantity_kind kind, double value, char *ret_text);
void quantity_print_exact(enum quantity_kind kind,
                          uint64_t value,
                          char *ret_text);

/* Which of the names is nearest to text by edit distance, if near enough to be
 * meant; NULL if none is. names ends with NULL. */
const char *nearest_name(const char *text, const char *const *names);

#endif /* SCENARIOS_QUANTITY_H */
