/* test_place_random.c - each node with the same chance. */
#include "../suite.h"
#include "stand.h"

enum { HOME = 1, NODES = 4, DRAWS = 300 };

static void three_open_nodes_get_a_third_each(void)
{
    size_t counts[NODES + 1] = {0};
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
        struct stand *s = stand_create(NODES);
        stand_add(s, "place_random");
        s->config.seed = seed;
        stand_info(s, 3)->state = NODE_BLOCKED;
        stand_start(s);
        stand_tell(s, 3);
        stand_submit(s, HOME, STAND_MIB);
        for (node_id id = HOME; id <= NODES; id++)
            counts[id] += stand_running(s, id);
        stand_destroy(s);
    }
    CU_ASSERT_EQUAL(counts[3], 0);
    /* Binomial(300, 1/3): mean 100, deviation 8.2; four of them. */
    for (node_id id = HOME; id <= NODES; id++)
        CU_ASSERT(id == 3 || (counts[id] > 67 && counts[id] < 133));
    CU_ASSERT_EQUAL(counts[1] + counts[2] + counts[4], DRAWS);
}

static void who_is_alone_starts_at_home(void)
{
    struct stand *s = stand_create(1);
    stand_add(s, "place_random");
    stand_start(s);
    stand_submit(s, HOME, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, HOME), 1);
    stand_destroy(s);
}

static void load_does_not_matter(void)
{
    size_t away = 0;
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
        struct stand *s = stand_create(2);
        stand_add(s, "place_random");
        s->config.seed = seed;
        stand_info(s, 2)->load_milli = 50000;
        stand_start(s);
        stand_tell(s, 2);
        stand_submit(s, HOME, STAND_MIB);
        away += stand_running(s, 2);
        stand_destroy(s);
    }
    /* Binomial(300, 1/2): mean 150, deviation 8.7. */
    CU_ASSERT(away > 115);
    CU_ASSERT(away < 185);
}

SUITE_MAIN("place_random",
           {"three open nodes get a third each",
            three_open_nodes_get_a_third_each},
           {"who is alone starts at home", who_is_alone_starts_at_home},
           {"load does not matter", load_does_not_matter})
