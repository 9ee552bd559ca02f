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

SUITE_MAIN("numbering",
           {"equal low halves are told apart",
            test_equal_low_halves_are_told_apart},
           {"what was never added is not found",
            test_what_was_never_added_is_not_found},
           {"more may come than was expected",
            test_more_may_come_than_was_expected})
