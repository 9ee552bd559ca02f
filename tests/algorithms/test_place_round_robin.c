/* test_place_round_robin.c - the nodes of the map in turn. */
#include "../suite.h"
#include "stand.h"

/* Submit at a home and say where it runs. */
static node_id place_of(struct stand *s, node_id home)
{
    proc_id proc = stand_submit(s, home, STAND_MIB);
    for (node_id id = STAND_FIRST_NODE; id < STAND_FIRST_NODE + s->node_count;
         id++)
        if (stand_proc_at(s, id, proc))
            return id;
    return NODE_NONE;
}

static void the_ring_begins_at_home(void)
{
    static const node_id expected[] = {2, 3, 4, 1, 2};
    struct stand *s = stand_create(4);
    stand_add(s, "place_round_robin");
    stand_start(s);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(place_of(s, 2), expected[i]);
    stand_destroy(s);
}

static void a_node_that_is_known_to_be_gone_is_passed_over(void)
{
    static const node_id expected[] = {2, 3, 1, 2, 3};
    struct stand *s = stand_create(4);
    stand_add(s, "place_round_robin");
    stand_start(s);
    stand_info(s, 4)->state = NODE_GONE;
    stand_tell(s, 4);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(place_of(s, 2), expected[i]);
    stand_destroy(s);
}

static void load_is_not_looked_at(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "place_round_robin");
    stand_start(s);
    stand_info(s, 2)->load_milli = 50000;
    stand_tell(s, 2);
    for (int i = 0; i < 6; i++)
        stand_submit(s, 1, STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 1), 3);
    CU_ASSERT_EQUAL(stand_running(s, 2), 3);
    stand_destroy(s);
}

/* Clusters of nodes 1 .. 2, 3 .. 4, 5 .. 6; the home is 4. */
static struct stand *three_clusters(uint64_t scope)
{
    struct stand *s = stand_create(6);
    s->cluster_count = 3;
    s->cluster_sizes[0] = s->cluster_sizes[1] = s->cluster_sizes[2] = 2;
    size_t place = stand_add(s, "place_round_robin");
    stand_set(s, place, "scope", scope);
    stand_start(s);
    return s;
}

static void by_default_it_stays_in_the_own_cluster(void)
{
    static const node_id expected[] = {4, 3, 4, 3};
    struct stand *s = three_clusters(0);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(place_of(s, 4), expected[i]);
    stand_destroy(s);
}

static void scope_1_goes_round_all_clusters(void)
{
    /* The map of home 4 lists 3 4, 1 2, 5 6; the ring begins at 4. */
    static const node_id expected[] = {4, 1, 2, 5, 6, 3, 4};
    struct stand *s = three_clusters(1);
    for (size_t i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(place_of(s, 4), expected[i]);
    stand_destroy(s);
}

static void a_cluster_without_the_right_is_passed_over(void)
{
    static const node_id expected[] = {4, 5, 6, 3, 4};
    struct stand *s = three_clusters(1);
    s->maps[1][1].send = false;
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(place_of(s, 4), expected[i]);
    stand_destroy(s);
}

SUITE_MAIN("place_round_robin",
           {"the ring begins at home", the_ring_begins_at_home},
           {"a node that is known to be gone is passed over",
            a_node_that_is_known_to_be_gone_is_passed_over},
           {"load is not looked at", load_is_not_looked_at},
           {"by default it stays in the own cluster",
            by_default_it_stays_in_the_own_cluster},
           {"scope 1 goes round all clusters", scope_1_goes_round_all_clusters},
           {"a cluster without the right is passed over",
            a_cluster_without_the_right_is_passed_over})
