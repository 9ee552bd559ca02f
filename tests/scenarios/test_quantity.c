/* test_quantity.c - numbers with units, exactly. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "scenarios/quantity.h"
#include "tests/suite.h"

static double parse(const char *text, enum quantity_kind kind)
{
    double value = NAN;
    const char *what = "";
    if (quantity_parse(text, kind, &value, &what) != 0)
        printf("\n'%s' %s\n", text, what);
    return value;
}

static void units(void)
{
    /* Compared with literals: what the decimal number says, rounded once. */
    CU_ASSERT_EQUAL(parse("300 s", QUANTITY_DURATION), 300.0);
    CU_ASSERT_EQUAL(parse("50 us", QUANTITY_DURATION), 50e-6);
    CU_ASSERT_EQUAL(parse("0.1 s", QUANTITY_DURATION), 0.1);
    CU_ASSERT_EQUAL(parse("7ms", QUANTITY_DURATION), 7e-3);
    CU_ASSERT_EQUAL(parse("2 min", QUANTITY_DURATION), 120.0);
    CU_ASSERT_EQUAL(parse("1.5 h", QUANTITY_DURATION), 5400.0);
    CU_ASSERT_EQUAL(parse("1 d", QUANTITY_DURATION), 86400.0);
    CU_ASSERT_EQUAL(parse("512 MiB", QUANTITY_BYTES), 536870912.0);
    CU_ASSERT_EQUAL(parse("1 MB", QUANTITY_BYTES), 1e6);
    CU_ASSERT_EQUAL(parse("2 TiB", QUANTITY_BYTES), 2199023255552.0);
    CU_ASSERT_EQUAL(parse("1 Gbps", QUANTITY_RATE), 125e6);
    CU_ASSERT_EQUAL(parse("1 bps", QUANTITY_RATE), 0.125);
    CU_ASSERT_EQUAL(parse("1 MBps", QUANTITY_RATE), 1e6);
    CU_ASSERT_EQUAL(parse("1 MiB/s", QUANTITY_RATE), 1048576.0);
    CU_ASSERT_EQUAL(parse("30 /min", QUANTITY_FREQUENCY), 0.5);
    CU_ASSERT_EQUAL(parse("2 /s", QUANTITY_FREQUENCY), 2.0);
    CU_ASSERT_EQUAL(parse("70 %", QUANTITY_NUMBER), 0.7);
    CU_ASSERT_EQUAL(parse("0.7", QUANTITY_NUMBER), 0.7);
    CU_ASSERT_EQUAL(parse("1e-3", QUANTITY_NUMBER), 1e-3);
    CU_ASSERT_EQUAL(parse("16", QUANTITY_COUNT), 16.0);
}

static void refusals(void)
{
    static const struct
    {
        const char *text;
        enum quantity_kind kind;
        int error;
    } rows[] = {
        {"", QUANTITY_COUNT, -EINVAL},
        {" 1", QUANTITY_COUNT, -EINVAL},
        {"1 ", QUANTITY_DURATION, -EINVAL},
        {"1 s ", QUANTITY_DURATION, -EINVAL},
        {"1\ts", QUANTITY_DURATION, -EINVAL},
        {"s", QUANTITY_DURATION, -EINVAL},
        {".", QUANTITY_NUMBER, -EINVAL},
        {"-1", QUANTITY_NUMBER, -EINVAL},
        {"+1", QUANTITY_NUMBER, -EINVAL},
        {"nan", QUANTITY_NUMBER, -EINVAL},
        {"inf", QUANTITY_NUMBER, -EINVAL},
        {"0x10", QUANTITY_COUNT, -EINVAL},
        {"1,5", QUANTITY_NUMBER, -EINVAL},
        {"1_000", QUANTITY_COUNT, -EINVAL},
        {"1e", QUANTITY_NUMBER, -EINVAL},
        {"1e999", QUANTITY_NUMBER, -ERANGE},
        {"1 S", QUANTITY_DURATION, -EINVAL},
        {"1 mb", QUANTITY_BYTES, -EINVAL},
        {"1 Mb", QUANTITY_BYTES, -EINVAL},
        {"1 Gb", QUANTITY_RATE, -EINVAL},
        {"1.5", QUANTITY_COUNT, -EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = 42;
        const char *what = NULL;
        CU_ASSERT_EQUAL(
            quantity_parse(rows[i].text, rows[i].kind, &value, &what),
            rows[i].error);
        CU_ASSERT_EQUAL(value, 42);
        CU_ASSERT_PTR_NOT_NULL(what);
    }
}

static void exact(void)
{
    static const struct
    {
        const char *name;
        const char *text;
        int error;
        uint64_t value;
    } rows[] = {
        {"period_us", "1 s", 0, 1000000},
        {"period_us", "0.000001 s", 0, 1},
        {"period_us", "0.0000001 s", -EINVAL, 0},
        {"period_us", "1.5 us", -EINVAL, 0},
        {"period_us", "2.5 min", 0, 150000000},
        {"period_us", "1", -EINVAL, 0},
        /* 2^64 - 1 us and one more. */
        {"period_us", "18446744073709551615 us", 0, UINT64_MAX},
        {"period_us", "18446744073709551616 us", -ERANGE, 0},
        {"period_us", "18446744073709.551615 s", 0, UINT64_MAX},
        {"period_us", "18446744073709.551616 s", -EINVAL, 0},
        {"room_bytes", "0.5 KiB", 0, 512},
        {"room_bytes", "0.0009765625 KiB", 0, 1},
        {"room_bytes", "1.1 KiB", -EINVAL, 0},
        {"speed_bytes_per_s", "1 Gbps", 0, 125000000},
        {"speed_bytes_per_s", "12 bps", -EINVAL, 0},
        {"speed_bytes_per_s", "16 bps", 0, 2},
        {"factor_milli", "1.3", 0, 1300},
        {"factor_milli", "130 %", 0, 1300},
        {"factor_milli", "1.2345", -EINVAL, 0},
        {"factor_milli", "0.100000000000000000000000000", -EINVAL, 0},
        {"size", "16", 0, 16},
        {"size", "1e3", 0, 1000},
        {"size", "16 s", -EINVAL, 0},
        {"size", "9007199254740993", 0, 9007199254740993},
        {"size", "1e20", -ERANGE, 0},
        {"size", "0e9999", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t value = 0;
        const char *what;
        int error = quantity_param(rows[i].name, rows[i].text, &value, &what);
        if (error != rows[i].error || value != rows[i].value)
            printf("\n%s %s: %d %llu\n", rows[i].name, rows[i].text, error,
                   (unsigned long long)value);
        CU_ASSERT_EQUAL(error, rows[i].error);
        CU_ASSERT_EQUAL(value, rows[i].value);
    }
}

static void names(void)
{
    char name[QUANTITY_NAME_BYTES];
    quantity_param_name("period_us", name);
    CU_ASSERT_STRING_EQUAL(name, "period");
    quantity_param_name("room_bytes", name);
    CU_ASSERT_STRING_EQUAL(name, "room");
    quantity_param_name("speed_bytes_per_s", name);
    CU_ASSERT_STRING_EQUAL(name, "speed");
    quantity_param_name("factor_milli", name);
    CU_ASSERT_STRING_EQUAL(name, "factor");
    quantity_param_name("size", name);
    CU_ASSERT_STRING_EQUAL(name, "size");
}

static void pleasant(void)
{
    static const struct
    {
        enum quantity_kind kind;
        double value;
        const char *text;
    } rows[] = {
        {QUANTITY_DURATION, 300, "300 s"},
        {QUANTITY_DURATION, 0.05, "50 ms"},
        {QUANTITY_DURATION, 50e-6, "50 us"},
        {QUANTITY_DURATION, 1.5, "1.5 s"},
        {QUANTITY_DURATION, 3600, "1 h"},
        {QUANTITY_DURATION, 86400, "1 d"},
        {QUANTITY_DURATION, 0, "0 s"},
        {QUANTITY_BANDWIDTH, 125e6, "1 Gbps"},
        {QUANTITY_BANDWIDTH, 25e6, "200 Mbps"},
        {QUANTITY_RATE, 300e3, "300 kB/s"},
        {QUANTITY_RATE, 125e6, "125 MB/s"},
        {QUANTITY_BYTES, 536870912, "512 MiB"},
        {QUANTITY_BYTES, 1e9, "1 GB"},
        {QUANTITY_NUMBER, 0.7, "0.7"},
        {QUANTITY_NUMBER, 1, "1"},
        {QUANTITY_FREQUENCY, 2, "2 /s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[QUANTITY_TEXT_BYTES];
        quantity_print(rows[i].kind, rows[i].value, text);
        CU_ASSERT_STRING_EQUAL(text, rows[i].text);
    }
    char text[QUANTITY_TEXT_BYTES];
    quantity_param_print("period_us", 1000000, text);
    CU_ASSERT_STRING_EQUAL(text, "1 s");
    quantity_param_print("factor_milli", 1300, text);
    CU_ASSERT_STRING_EQUAL(text, "1.3");
    quantity_param_print("room_bytes", 20 << 20, text);
    CU_ASSERT_STRING_EQUAL(text, "20 MiB");
}

/* xorshift64 (Marsaglia 2003). */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void round_trips(void)
{
    static const char *const params[] = {"a", "a_us", "a_bytes",
                                         "a_bytes_per_s", "a_milli"};
    uint64_t state = 7;
    for (int i = 0; i < 20000; i++) {
        char text[QUANTITY_TEXT_BYTES];
        const char *what;
        uint64_t bits = next(&state) >> (next(&state) % 64);
        enum quantity_kind kind = (enum quantity_kind)(1 + bits % 6);
        double value = ldexp((double)bits, (int)(next(&state) % 200) - 150);
        double again = -1;
        quantity_print(kind, value, text);
        CU_ASSERT_EQUAL(quantity_parse(text, kind, &again, &what), 0);
        CU_ASSERT_EQUAL(again, value);

        uint64_t whole = 1;
        const char *param = params[next(&state) % 5];
        quantity_param_print(param, bits, text);
        CU_ASSERT_EQUAL(quantity_param(param, text, &whole, &what), 0);
        CU_ASSERT_EQUAL(whole, bits);
    }
    char text[QUANTITY_TEXT_BYTES];
    const char *what;
    uint64_t whole = 0;
    quantity_param_print("a_bytes_per_s", UINT64_MAX, text);
    CU_ASSERT_EQUAL(quantity_param("a_bytes_per_s", text, &whole, &what), 0);
    CU_ASSERT_EQUAL(whole, UINT64_MAX);
}

static void nearest(void)
{
    static const char *const known[] = {"bandwidth", "latency", "nodes",
                                        "memory",    "CM02",    NULL};
    CU_ASSERT_STRING_EQUAL(nearest_name("bandwith", known), "bandwidth");
    CU_ASSERT_STRING_EQUAL(nearest_name("latnecy", known), "latency");
    CU_ASSERT_STRING_EQUAL(nearest_name("node", known), "nodes");
    CU_ASSERT_STRING_EQUAL(nearest_name("Nodes", known), "nodes");
    CU_ASSERT_STRING_EQUAL(nearest_name("mem", known), "memory");
    CU_ASSERT_STRING_EQUAL(nearest_name("cm02", known), "CM02");
    CU_ASSERT_PTR_NULL(nearest_name("colour", known));
    CU_ASSERT_PTR_NULL(nearest_name("", known));
    CU_ASSERT_PTR_NULL(nearest_name("x", known));
    char wide[10000];
    memset(wide, 'n', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    CU_ASSERT_PTR_NULL(nearest_name(wide, known));
}

SUITE_MAIN("quantities",
           {"a unit says what the number is worth", units},
           {"what is no quantity is refused and changes nothing", refusals},
           {"parameters are exact whole numbers", exact},
           {"parameters are written without the end of their name", names},
           {"printed quantities are as a person would write them", pleasant},
           {"what is printed reads back exactly", round_trips},
           {"the nearest name is found, a far one is not", nearest})
