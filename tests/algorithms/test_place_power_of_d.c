/* test_place_power_of_d.c - the fewer of the d that were asked. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1 };

static struct stand *make(size_t nodes, uint64_t d, uint64_t seed)
{
    struct stand *s = stand_create(nodes);
    size_t place = stand_add(s, "place_power_of_d");
    stand_set(s, place, "d", d);
    s->config.seed = seed;
    stand_start(s);
    for (node_id id = HOME; id <= nodes; id++)
        stand_tell(s, id);
    return s;
}

/* Processes on the fullest node, after 32 on 64. */
static size_t fullest(uint64_t d, uint64_t seed)
{
    enum { MANY = 64 };
    struct stand *s = make(MANY, d, seed);
    size_t most = 0;
    for (size_t i = 0; i < MANY / 2; i++)
        stand_submit(s, HOME, STAND_MIB);
    for (node_id id = HOME; id <= MANY; id++)
        if (stand_running(s, id) > most)
            most = stand_running(s, id);
    stand_destroy(s);
    return most;
}

static void two_choices_are_flatter_than_one(void)
{
    size_t one = 0;
    size_t two = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        one += fullest(1, seed);
        two += fullest(2, seed);
    }
    /* 32 balls in 64 bins: the fullest has 2.72 (deviation 0.66) by one choice
     * and 1.95 (0.26) by the emptier of two, in 20,000 throws of each by
     * another program. So 50 have 136 (4.6) and 97 (1.8). */
    CU_ASSERT(one > 136 - 19);
    CU_ASSERT(one < 136 + 19);
    CU_ASSERT(two > 97 - 8);
    CU_ASSERT(two < 97 + 8);
}

static void the_fuller_of_two_has_it_if_drawn_twice(void)
{
    int uneven = 0;
    int fuller = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct stand *s = make(2, 2, seed);
        while (stand_running(s, 2) == 0)
            stand_submit(s, HOME, STAND_MIB);
        size_t there = stand_running(s, 2);
        size_t here = stand_running(s, HOME);
        stand_submit(s, HOME, STAND_MIB);
        bool went_there = stand_running(s, 2) > there;
        uneven += here != there;
        fuller += here != there && went_there == (there > here);
        stand_destroy(s);
    }
    CU_ASSERT(uneven > 100);
    /* A quarter; four deviations of a binomial with 400 at most: 35. */
    CU_ASSERT(4 * fuller > uneven - 4 * 35);
    CU_ASSERT(4 * fuller < uneven + 4 * 35);
    CU_ASSERT(fuller > 0);
}

static void who_is_silent_drops_out(void)
{
    struct stand *s = make(64, 4, 5);
    struct proc_info proc = stand_proc(s, HOME, STAND_MIB);
    stand_offer(s, proc);
    CU_ASSERT(s->frame_count > 0);
    s->frame_count = 0; /* What it asks is lost. */
    CU_ASSERT_EQUAL(stand_proc_at(s, HOME, proc.id)->state, PROC_WAITING);
    stand_run_until(s, 199999);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 0);
    stand_run_until(s, 200000);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 1);
    stand_destroy(s);
}

SUITE_MAIN("place_power_of_d",
           {"two choices are flatter than one",
            two_choices_are_flatter_than_one},
           {"the fuller of two has it only if it is drawn twice",
            the_fuller_of_two_has_it_if_drawn_twice},
           {"who is silent drops out", who_is_silent_drops_out})
