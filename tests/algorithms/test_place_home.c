/* test_place_home.c - a process starts where it was submitted. */
#include "../suite.h"
#include "stand.h"

static void it_starts_at_home_whatever_is_idle_elsewhere(void)
{
    struct stand *s = stand_create(4);
    stand_add(s, "place_home");
    stand_start(s);
    stand_info(s, 3)->load_milli = 9000;
    for (int i = 0; i < 9; i++)
        stand_submit(s, 3, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 3), 9);
    CU_ASSERT_EQUAL(s->sent_count, 0);
    stand_destroy(s);
}

static void what_stands_after_it_in_the_list_is_not_asked(void)
{
    struct stand *s = stand_create(4);
    stand_add(s, "place_home");
    stand_add(s, "place_round_robin");
    stand_start(s);
    for (int i = 0; i < 3; i++)
        stand_submit(s, 2, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 2), 3);
    stand_destroy(s);
}

SUITE_MAIN("place_home",
           {"it starts at home, whatever is idle elsewhere",
            it_starts_at_home_whatever_is_idle_elsewhere},
           {"what stands after it in the list is not asked",
            what_stands_after_it_in_the_list_is_not_asked})
