/* test_place_best.c - at random among the nearly best. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1, A, B, C, NODES = 4 };

static struct stand *example(uint64_t near_milli)
{
    struct stand *s = stand_create(NODES);
    size_t place = stand_add(s, "place_best");
    stand_set(s, place, "near_milli", near_milli);
    stand_info(s, HOME)->load_milli = 1000;
    stand_info(s, B)->load_milli = 40;
    stand_info(s, C)->load_milli = 200;
    return s;
}

/* Where one process starts, with this seed and nobody but the board to ask. */
static node_id first_place(uint64_t near_milli, uint64_t seed)
{
    struct stand *s = example(near_milli);
    s->config.seed = seed;
    stand_start(s);
    for (node_id id = A; id <= C; id++)
        stand_tell(s, id);
    stand_submit(s, HOME, STAND_MIB);
    node_id place = HOME;
    for (node_id id = A; id <= C; id++)
        if (stand_running(s, id) > 0)
            place = id;
    stand_destroy(s);
    return place;
}

static void with_a_margin_a_and_b_are_drawn_equally_often(void)
{
    enum { DRAWS = 400 };
    size_t counts[NODES + 1] = {0};
    for (uint64_t seed = 1; seed <= DRAWS; seed++)
        counts[first_place(50, seed)]++;
    CU_ASSERT_EQUAL(counts[HOME], 0);
    CU_ASSERT_EQUAL(counts[C], 0);
    /* Binomial(400, 1/2): mean 200, deviation 10. */
    CU_ASSERT(counts[A] >= 160);
    CU_ASSERT(counts[A] <= 240);
    CU_ASSERT_EQUAL(counts[A] + counts[B], DRAWS);
}

static void without_a_margin_the_best_is_taken(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        CU_ASSERT_EQUAL(first_place(0, seed), A);
}

static void an_idle_home_keeps_it_from_a_slower_node(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "place_best");
    stand_info(s, 2)->speed_milli = 500;
    stand_start(s);
    stand_tell(s, 2);
    stand_submit(s, 1, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 1), 1);
    stand_destroy(s);
}

static void what_was_just_sent_counts_before_its_target_says_so(void)
{
    struct stand *s = stand_create(9);
    size_t place = stand_add(s, "place_best");
    stand_set(s, place, "near_milli", 0);
    stand_start(s);
    for (node_id id = 2; id <= 9; id++)
        stand_tell(s, id);
    /* A burst in one instant: two for each of the nine nodes. */
    for (int i = 0; i < 18; i++)
        stand_submit(s, 1, STAND_MIB);
    for (node_id id = 1; id <= 9; id++)
        CU_ASSERT_EQUAL(stand_running(s, id), 2);
    stand_destroy(s);
}

static void a_node_without_room_is_no_place(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "place_best");
    stand_info(s, 1)->load_milli = 5000;
    stand_info(s, 2)->mem_free_bytes = 10 * STAND_MIB;
    stand_start(s);
    stand_tell(s, 2);
    stand_submit(s, 1, 11 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 1), 1);
    stand_submit(s, 1, 9 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 2), 1);
    stand_destroy(s);
}

static void the_best_of_those_with_room_is_taken(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct stand *s = stand_create(3);
        stand_add(s, "place_best");
        s->config.seed = seed;
        stand_info(s, 1)->load_milli = 5000;
        stand_info(s, 2)->mem_free_bytes = 10 * STAND_MIB;
        stand_info(s, 3)->load_milli = 200;
        stand_start(s);
        stand_tell(s, 2);
        stand_tell(s, 3);
        stand_submit(s, 1, 11 * STAND_MIB);
        CU_ASSERT_EQUAL(stand_running(s, 3), 1);
        stand_destroy(s);
    }
}

SUITE_MAIN("place_best",
           {"with a margin of 50, A and B are drawn equally often",
            with_a_margin_a_and_b_are_drawn_equally_often},
           {"without a margin the best is taken",
            without_a_margin_the_best_is_taken},
           {"an idle home keeps it from a slower node",
            an_idle_home_keeps_it_from_a_slower_node},
           {"what was just sent counts before its target says so",
            what_was_just_sent_counts_before_its_target_says_so},
           {"a node without room is no place", a_node_without_room_is_no_place},
           {"the best of those with room is taken",
            the_best_of_those_with_room_is_taken})
