/* test_place_memory_fit.c - tightest and loosest. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1, A, B, C, NODES = 4, BEST = 0, WORST = 1 };

static struct stand *example(uint64_t fit)
{
    static const uint64_t free_mib[] = {0, 200, 350, 900, 250};
    struct stand *s = stand_create(NODES);
    size_t place = stand_add(s, "place_memory_fit");
    stand_set(s, place, "fit", fit);
    for (node_id id = HOME; id <= C; id++)
        stand_info(s, id)->mem_free_bytes = free_mib[id] * STAND_MIB;
    stand_start(s);
    for (node_id id = A; id <= C; id++)
        stand_tell(s, id);
    return s;
}

static void best_fit_takes_the_tightest(void)
{
    struct stand *s = example(BEST);
    stand_submit(s, HOME, 300 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, A), 1);
    /* A has 50 left: the next fits B only, for C has 250. */
    stand_submit(s, HOME, 300 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, B), 1);
    stand_submit(s, HOME, 240 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, C), 1);
    stand_destroy(s);
}

static void worst_fit_takes_the_loosest(void)
{
    struct stand *s = example(WORST);
    stand_submit(s, HOME, 300 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, B), 1);
    /* 600 left there are still the most. */
    stand_submit(s, HOME, 100 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, B), 2);
    stand_destroy(s);
}

static void what_fits_nowhere_starts_at_home(void)
{
    struct stand *s = example(BEST);
    stand_submit(s, HOME, 1000 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 1);
    stand_destroy(s);
}

static void among_equals_the_least_loaded(void)
{
    for (uint64_t fit = BEST; fit <= WORST; fit++) {
        struct stand *s = stand_create(3);
        size_t place = stand_add(s, "place_memory_fit");
        stand_set(s, place, "fit", fit);
        stand_info(s, 1)->load_milli = 3000;
        stand_info(s, 2)->load_milli = 2000;
        stand_info(s, 3)->load_milli = 1000;
        stand_start(s);
        stand_tell(s, 2);
        stand_tell(s, 3);
        stand_submit(s, 1, STAND_MIB);
        CU_ASSERT_EQUAL(stand_running(s, 3), 1);
        stand_destroy(s);
    }
}

SUITE_MAIN("place_memory_fit",
           {"best fit takes the tightest", best_fit_takes_the_tightest},
           {"worst fit takes the loosest", worst_fit_takes_the_loosest},
           {"what fits nowhere starts at home",
            what_fits_nowhere_starts_at_home},
           {"among equals the least loaded", among_equals_the_least_loaded})
