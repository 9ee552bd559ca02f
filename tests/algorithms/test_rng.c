/* test_rng.c - streams, and numbers below a bound. */
#include "algorithms/node/rng.h"
#include "tests/suite.h"

static uint64_t first_of(uint64_t seed, node_id node, const char *policy)
{
    struct rng rng = rng_stream(seed, node, policy);
    uint64_t high = rng_below(&rng, UINT32_MAX);
    return high << 32 | rng_below(&rng, UINT32_MAX);
}

static void streams_repeat(void)
{
    CU_ASSERT_EQUAL(first_of(7, 3, "gossip_window"),
                    first_of(7, 3, "gossip_window"));
}

static void streams_differ(void)
{
    uint64_t own = first_of(7, 3, "gossip_window");
    CU_ASSERT_NOT_EQUAL(own, first_of(8, 3, "gossip_window"));
    CU_ASSERT_NOT_EQUAL(own, first_of(7, 4, "gossip_window"));
    CU_ASSERT_NOT_EQUAL(own, first_of(7, 3, "gossip_vector"));
    CU_ASSERT_NOT_EQUAL(first_of(1, 2, "a"), first_of(2, 1, "a"));
}

static void zero_below_zero(void)
{
    struct rng rng = rng_stream(1, 1, "a");
    struct rng before = rng;
    CU_ASSERT_EQUAL(rng_below(&rng, 0), 0);
    CU_ASSERT_EQUAL(rng.state, before.state);
    CU_ASSERT_EQUAL(rng_below(&rng, 1), 0);
}

/* Chi-square with 6 degrees of freedom: 22.46 is exceeded once in 1,000. */
static void numbers_are_uniform(void)
{
    enum { SIDES = 7, DRAWS = 700000 };
    uint32_t counts[SIDES] = {0};
    struct rng rng = rng_stream(1, 1, "dice");
    for (int i = 0; i < DRAWS; i++)
        counts[rng_below(&rng, SIDES)]++;
    double chi_square = 0;
    for (int i = 0; i < SIDES; i++) {
        double off = counts[i] - (double)DRAWS / SIDES;
        chi_square += off * off / ((double)DRAWS / SIDES);
    }
    CU_ASSERT(chi_square < 22.46);
}

/* Of 3 x 2^30 equal numbers a plain multiplication would hit some twice as
 * often: those divisible by 3 half of the time instead of a third. */
static void large_bounds_are_fair(void)
{
    enum { DRAWS = 90000 };
    struct rng rng = rng_stream(1, 1, "large");
    uint32_t hits = 0;
    for (int i = 0; i < DRAWS; i++)
        hits += rng_below(&rng, UINT32_C(3) << 30) % 3 == 0;
    double off = hits - DRAWS / 3.0;
    CU_ASSERT(off * off < 16 * DRAWS * (1 / 3.0) * (2 / 3.0));
}

SUITE_MAIN("rng",
           {"a stream repeats itself", streams_repeat},
           {"streams differ by seed, node and policy", streams_differ},
           {"below zero there is only zero, and nothing is drawn",
            zero_below_zero},
           {"a seven-sided die is fair", numbers_are_uniform},
           {"numbers below 3 x 2^30 are fair", large_bounds_are_fair})
