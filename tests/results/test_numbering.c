/* test_numbering.c - sparse keys to dense indices. */
#include "results/numbering.h"
#include "tests/suite.h"

enum { NODE_COUNT = 300, EACH = 40 };

/* As nodes number their processes: the node above, a count below. */
static uint64_t id_of(uint64_t node, uint64_t count)
{
    return node << 32 | (count + 1);
}

static void check_numbered(struct numbering *numbering)
{
    uint32_t next = 0;
    for (uint64_t count = 0; count < EACH; count++)
        for (uint64_t node = 0; node < NODE_COUNT; node++)
            CU_ASSERT_FATAL(numbering_add(numbering, id_of(node, count)) ==
                            next++);
    next = 0;
    for (uint64_t count = 0; count < EACH; count++)
        for (uint64_t node = 0; node < NODE_COUNT; node++) {
            uint64_t id = id_of(node, count);
            CU_ASSERT_FATAL(numbering_find(numbering, id) == next);
            CU_ASSERT_FATAL(numbering_add(numbering, id) == next++);
        }
    CU_ASSERT(numbering->count == NODE_COUNT * EACH);
}

static void test_equal_low_halves_are_told_apart(void)
{
    struct numbering numbering = {0};
    check_numbered(&numbering);
    numbering_finish(&numbering);
}

static void test_what_was_never_added_is_not_found(void)
{
    struct numbering numbering = {0};
    CU_ASSERT(numbering_find(&numbering, id_of(1, 0)) == NUMBER_NONE);
    check_numbered(&numbering);
    for (uint64_t node = 0; node < NODE_COUNT; node++)
        CU_ASSERT(numbering_find(&numbering, id_of(node, EACH)) == NUMBER_NONE);
    numbering_finish(&numbering);
}

static void test_more_may_come_than_was_expected(void)
{
    static const size_t expected[] = {0, 1, 100, NODE_COUNT * EACH};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct numbering numbering = {0};
        numbering_expect(&numbering, expected[i]);
        CU_ASSERT(numbering_find(&numbering, id_of(0, 0)) == NUMBER_NONE);
        check_numbered(&numbering);
        numbering_finish(&numbering);
    }
}

/* Low halves that mostly count upwards from the first; one that is skipped
 * comes later, when it leads to the index of another. */
static void test_keys_out_of_turn_are_found_too(void)
{
    static const uint64_t lows[] = {10, 11, 13, 12, 14, 40, 16, 15, 17};
    enum { COUNT = sizeof lows / sizeof *lows };
    struct numbering numbering = {0};
    for (uint32_t i = 0; i < COUNT; i++) {
        uint64_t key = (uint64_t)(i % 3) << 32 | lows[i];
        CU_ASSERT(numbering_find(&numbering, key) == NUMBER_NONE);
        CU_ASSERT(numbering_add(&numbering, key) == i);
        CU_ASSERT(numbering_add(&numbering, key) == i);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        uint64_t key = (uint64_t)(i % 3) << 32 | lows[i];
        CU_ASSERT(numbering_find(&numbering, key) == i);
        CU_ASSERT(numbering_find(&numbering, key + ((uint64_t)3 << 32)) ==
                  NUMBER_NONE);
    }
    CU_ASSERT(numbering_find(&numbering, 9) == NUMBER_NONE);
    CU_ASSERT(numbering_find(&numbering, 41) == NUMBER_NONE);
    numbering_finish(&numbering);
}

SUITE_MAIN(
    "numbering",
    {"equal low halves are told apart", test_equal_low_halves_are_told_apart},
    {"what was never added is not found",
     test_what_was_never_added_is_not_found},
    {"keys out of turn are found too", test_keys_out_of_turn_are_found_too},
    {"more may come than was expected", test_more_may_come_than_was_expected})
