/* test_place_least_loaded.c - where the fewest are for each core. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1, A, B, C, NODES = 4 };

static struct stand *example(uint64_t threshold_milli)
{
    struct stand *s = stand_create(NODES);
    size_t place = stand_add(s, "place_least_loaded");
    stand_set(s, place, "threshold_milli", threshold_milli);
    stand_info(s, HOME)->load_milli = 2000;
    stand_info(s, A)->load_milli = 1000;
    stand_info(s, B)->load_milli = 1000;
    stand_info(s, C)->load_milli = 4000;
    stand_info(s, C)->core_count = 8;
    stand_start(s);
    for (node_id id = A; id <= C; id++)
        stand_tell(s, id);
    return s;
}

static void the_example(void)
{
    struct stand *s = example(0);
    for (size_t i = 1; i <= 4; i++) {
        stand_submit(s, HOME, STAND_MIB);
        CU_ASSERT_EQUAL(stand_running(s, C), i);
    }
    /* C has 8 on 8 cores now, as many for each as A and B: any of the three. */
    stand_submit(s, HOME, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 0);
    stand_destroy(s);
}

static void under_the_threshold_it_starts_at_home(void)
{
    struct stand *s = example(2001);
    stand_submit(s, HOME, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 1);
    stand_destroy(s);
}

static void at_the_threshold_it_looks(void)
{
    struct stand *s = example(2000);
    stand_submit(s, HOME, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, C), 1);
    stand_destroy(s);
}

static void among_equals_home_has_it(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "place_least_loaded");
    stand_info(s, 1)->load_milli = 1000;
    stand_info(s, 2)->load_milli = 1000;
    stand_start(s);
    stand_tell(s, 2);
    stand_submit(s, 1, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 1), 1);
    stand_destroy(s);
}

static void speed_does_not_matter(void)
{
    struct stand *s = stand_create(3);
    stand_add(s, "place_least_loaded");
    stand_info(s, 1)->load_milli = 2000;
    stand_info(s, 2)->load_milli = 1000;
    stand_info(s, 2)->speed_milli = 10;
    stand_info(s, 3)->load_milli = 1001;
    stand_info(s, 3)->speed_milli = 8000;
    stand_start(s);
    stand_tell(s, 2);
    stand_tell(s, 3);
    stand_submit(s, 1, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 2), 1);
    stand_destroy(s);
}

SUITE_MAIN("place_least_loaded",
           {"the example", the_example},
           {"under the threshold it starts at home",
            under_the_threshold_it_starts_at_home},
           {"at the threshold it looks", at_the_threshold_it_looks},
           {"among equals home has it", among_equals_home_has_it},
           {"speed does not matter", speed_does_not_matter})
