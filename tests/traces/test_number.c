/* test_number.c - decimal text to scaled integers. */
#include "../../traces/number.h"

#include <errno.h>

#include "../suite.h"

static int read_text(const char *text, unsigned digits, int64_t *ret_value)
{
    const char *at = text;
    int error = number_read(&at, digits, ret_value);
    return error || *at == '\0' ? error : -EBADMSG;
}

static void check(const char *text, unsigned digits, int64_t expected)
{
    int64_t value = 0;
    CU_ASSERT_EQUAL(read_text(text, digits, &value), 0);
    CU_ASSERT_EQUAL(value, expected);
}

static void whole_numbers_are_exact(void)
{
    check("0", 6, 0);
    check("-1", 6, -1000000);
    check("+7", 0, 7);
    check("123456789012345678", 0, 123456789012345678);
    check("1234567890", 6, 1234567890000000);
}

static void decimals_are_exact(void)
{
    check("0.000001", 6, 1);
    check("1.5", 6, 1500000);
    check(".25", 6, 250000);
    check("3.", 6, 3000000);
    check("8205.123456", 6, 8205123456);
    check("-2.75", 2, -275);
}

static void halves_are_rounded_away_from_zero(void)
{
    check("0.5", 0, 1);
    check("0.49999999", 0, 0);
    check("-0.5", 0, -1);
    check("2.0000005", 6, 2000001);
}

static void exponents_are_read(void)
{
    check("1e3", 0, 1000);
    check("1.5E+2", 0, 150);
    check("25e-1", 1, 25);
    check("1e-400", 6, 0);
    check("0e400", 6, 0);
}

static void digits_beyond_the_eighteenth_do_not_matter(void)
{
    check("0.1234567890123456789012345", 6, 123457);
    check("1.000000000000000000000000000000000001", 6, 1000000);
    check("0000000000000000000000000000042", 0, 42);
}

static void what_is_no_number_is_refused(void)
{
    static const char *const texts[] = {"",    "-",     "+",    ".",
                                        "x",   "e5",    "1e",   "1e+",
                                        "--1", "1.2.3", "0x10", "nan"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t value = 77;
        CU_ASSERT_NOT_EQUAL(read_text(texts[i], 6, &value), 0);
    }
}

static void what_does_not_fit_is_refused(void)
{
    int64_t value = 77;
    CU_ASSERT_EQUAL(read_text("9223372036855", 6, &value), -ERANGE);
    CU_ASSERT_EQUAL(read_text("1e19", 0, &value), -ERANGE);
    CU_ASSERT_EQUAL(read_text("99999999999999999999", 0, &value), -ERANGE);
    CU_ASSERT_EQUAL(value, 77);
    check("9223372036854", 6, 9223372036854000000);
}

SUITE_MAIN("numbers",
           {"whole numbers are exact", whole_numbers_are_exact},
           {"decimals are exact", decimals_are_exact},
           {"halves are rounded away from zero",
            halves_are_rounded_away_from_zero},
           {"exponents are read", exponents_are_read},
           {"digits beyond the eighteenth do not matter",
            digits_beyond_the_eighteenth_do_not_matter},
           {"what is no number is refused", what_is_no_number_is_refused},
           {"what does not fit is refused", what_does_not_fit_is_refused})
