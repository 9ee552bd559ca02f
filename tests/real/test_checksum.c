/* test_checksum.c - the fast checksum is zlib's. */
#include "../suite.h"

#include <string.h>
#include <zlib.h>

#include "real/homenode/checksum.h"

enum { BYTES = 4099 };

static void make(uint8_t *bytes)
{
    uint32_t state = 1;
    for (size_t i = 0; i < BYTES; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

/* The check value of the CRC catalogue for CRC-32/ISO-HDLC. */
static void the_known_value(void)
{
    CU_ASSERT_EQUAL(checksum(0, "123456789", 9), 0xcbf43926);
    CU_ASSERT_EQUAL(checksum(7, "", 0), 7);
}

static void any_length_place_and_start(void)
{
    uint8_t bytes[BYTES];
    make(bytes);
    for (size_t count = 0; count < 700; count++)
        for (size_t at = 0; at < 17; at += 4) {
            uint32_t before = (uint32_t)(count * 0x9e3779b1U);
            CU_ASSERT_EQUAL(checksum(before, bytes + at, count),
                            crc32(before, bytes + at, (uInt)count));
        }
    CU_ASSERT_EQUAL(checksum(0, bytes, BYTES), crc32(0, bytes, BYTES));
}

static void pieces_make_the_whole(void)
{
    uint8_t bytes[BYTES];
    make(bytes);
    uint32_t whole = checksum(0, bytes, BYTES);
    for (size_t cut = 0; cut <= BYTES; cut += 31)
        CU_ASSERT_EQUAL(
            checksum(checksum(0, bytes, cut), bytes + cut, BYTES - cut), whole);
}

SUITE_MAIN("checksum",
           {"the known value of the catalogue", the_known_value},
           {"any length, place and start", any_length_place_and_start},
           {"pieces make the whole", pieces_make_the_whole})
