/* test_opportunity.c - the opportunity cost, and the two that minimise it. */
#include <math.h>
#include "../suite.h"
#include "algorithms/opportunity/cost.h"
#include "stand.h"

static double real(uint64_t cost)
{
    return (double)cost / (double)COST_ONE;
}

static void a_logarithm_has_nine_digits(void)
{
    static const uint64_t numbers[] = {1,  2,    3,      4,      7,
                                       10, 1000, 999983, 1 << 20};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        CU_ASSERT_DOUBLE_EQUAL((double)cost_log2(numbers[i]) / 4294967296.0,
                               log2((double)numbers[i]), 2e-9);
}

static void a_power_is_that_of_the_library(void)
{
    for (uint64_t n = 2; n <= 4096; n *= 2)
        for (uint64_t used = 0; used <= 3000; used += 125) {
            double right = pow((double)n, (double)used / 1000);
            CU_ASSERT_DOUBLE_EQUAL(real(cost_power(cost_log2(n), used, 1000)),
                                   right, right * 2e-4 + 2e-6);
        }
    /* As bytes have them: 3 of 8 GiB, with 10 machines 10^0.375. */
    CU_ASSERT_DOUBLE_EQUAL(
        real(cost_power(cost_log2(10), 3ULL << 30, 8ULL << 30)), 2.3713737,
        1e-4);
}

static void a_power_without_end_is_cut(void)
{
    CU_ASSERT_EQUAL(cost_power(cost_log2(1000000), UINT64_MAX, 1), UINT64_C(1)
                                                                       << 60);
    CU_ASSERT_EQUAL(cost_power(cost_log2(2), 0, UINT64_MAX), COST_ONE);
}

static void l_is_the_power_of_two_above_all_loads(void)
{
    CU_ASSERT_EQUAL(cost_most_milli(0, 0), 1000);
    CU_ASSERT_EQUAL(cost_most_milli(0, 1000), 2000);
    CU_ASSERT_EQUAL(cost_most_milli(1000, 4999), 8000);
    CU_ASSERT_EQUAL(cost_most_milli(8000, 10), 8000);
}

/* The example of place_opportunity_cost: the two cost the same, so that a
 * little less memory or load at one of them decides. */
static node_id example_place(uint64_t used_mib, uint32_t load_milli)
{
    struct stand *s = stand_create(4);
    stand_add(s, "place_opportunity_cost");
    for (node_id id = 1; id <= 4; id++)
        stand_info(s, id)->load_milli = 3999; /* L = 4 */
    for (node_id id = 3; id <= 4; id++)
        stand_info(s, id)->state = NODE_BLOCKED;
    stand_info(s, 1)->load_milli = 0;
    stand_info(s, 1)->mem_total_bytes = 1024 * STAND_MIB;
    stand_info(s, 1)->mem_free_bytes = (1024 - used_mib) * STAND_MIB;
    stand_info(s, 2)->load_milli = load_milli;
    stand_info(s, 2)->mem_total_bytes = 1024 * STAND_MIB;
    stand_info(s, 2)->mem_free_bytes = 1024 * STAND_MIB;
    stand_start(s);
    for (node_id id = 2; id <= 4; id++)
        stand_tell(s, id);
    stand_submit(s, 1, 256 * STAND_MIB);
    node_id at = stand_running(s, 1) ? 1 : stand_running(s, 2) ? 2 : 3;
    stand_destroy(s);
    return at;
}

static void the_example_of_placing(void)
{
    CU_ASSERT_EQUAL(example_place(500, 2000), 1);
    CU_ASSERT_EQUAL(example_place(524, 2000), 2);
    CU_ASSERT_EQUAL(example_place(512, 1950), 2);
    CU_ASSERT_EQUAL(example_place(512, 2050), 1);
}

static void the_example_of_balancing(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_opportunity_cost");
    stand_start(s);
    for (int i = 0; i < 3; i++)
        stand_submit(s, 1, 0);
    for (usec_t second = 1; second <= 10; second++) {
        stand_run_until(s, second * STAND_SECOND_US);
        stand_sample(s, 1);
        stand_sample(s, 2);
        stand_tell(s, 1);
        stand_tell(s, 2);
    }
    CU_ASSERT_EQUAL(stand_running(s, 1), 2);
    CU_ASSERT_EQUAL(stand_running(s, 2), 1);
    size_t moves = 0;
    for (size_t i = 0; i < s->note_count; i++)
        moves += s->notes[i].kind == ACTION_CARRY && !s->notes[i].start;
    CU_ASSERT_EQUAL(moves, 1);
    stand_destroy(s);
}

static void memory_alone_moves_a_process(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_opportunity_cost");
    stand_start(s);
    stand_submit(s, 1, 900 * STAND_MIB);
    stand_submit(s, 1, 100 * STAND_MIB);
    for (usec_t second = 1; second <= 3; second++) {
        stand_run_until(s, second * STAND_SECOND_US);
        stand_sample(s, 2);
        stand_tell(s, 2);
        stand_sample(s, 1);
        stand_tell(s, 1);
    }
    CU_ASSERT_EQUAL(stand_running(s, 1), 1);
    CU_ASSERT_EQUAL(stand_running(s, 2), 1);
    stand_destroy(s);
}

SUITE_MAIN("opportunity",
           {"a logarithm has nine digits", a_logarithm_has_nine_digits},
           {"a power is that of the library", a_power_is_that_of_the_library},
           {"a power without end is cut", a_power_without_end_is_cut},
           {"L is the power of two above all loads",
            l_is_the_power_of_two_above_all_loads},
           {"the example of placing", the_example_of_placing},
           {"the example of balancing", the_example_of_balancing},
           {"memory alone moves a process", memory_alone_moves_a_process})
