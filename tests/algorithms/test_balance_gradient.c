/* test_balance_gradient.c - processes flow to where nothing is done. */
#include "../suite.h"
#include "stand.h"

enum { RING, HYPERCUBE };
enum { A = 1, B, C, D, E };
#define SECONDS(n) ((usec_t)(n)*STAND_SECOND_US)

/* Nodes with so many processes each; nothing happens before all have them. */
static struct stand *make(uint64_t topology,
                          const size_t *loads,
                          size_t node_count)
{
    struct stand *s = stand_create(node_count);
    stand_set(s, stand_add(s, "balance_gradient"), "topology", topology);
    stand_start(s);
    for (node_id id = A; id < A + node_count; id++)
        for (size_t i = 0; i < loads[id - A]; i++)
            stand_submit(s, id, STAND_MIB);
    for (node_id id = A; id < A + node_count; id++)
        stand_tell(s, id);
    return s;
}

static size_t moves(const struct stand *s, node_id from, node_id to)
{
    size_t count = 0;
    for (size_t i = 0; i < s->note_count; i++)
        count += s->notes[i].kind == ACTION_CARRY && !s->notes[i].start &&
                 s->notes[i].node == from && s->notes[i].peer == to;
    return count;
}

static void the_example(void)
{
    static const size_t loads[] = {3, 1, 0, 1, 1};
    struct stand *s = make(RING, loads, 5);
    stand_run_until(s, SECONDS(20));
    CU_ASSERT_EQUAL(stand_running(s, A), 2);
    for (node_id id = B; id <= E; id++)
        CU_ASSERT_EQUAL(stand_running(s, id), 1);
    CU_ASSERT_EQUAL(moves(s, A, B), 1);
    CU_ASSERT_EQUAL(moves(s, B, C), 1);
    size_t before = s->note_count;
    stand_run_until(s, SECONDS(40));
    CU_ASSERT_EQUAL(s->note_count, before);
    stand_destroy(s);
}

/* On a hypercube of 8 the light corner opposite to the heavy one is 3 edges
 * away: three migrations, and not one more. */
static void across_a_hypercube_it_takes_the_shortest_way(void)
{
    static const size_t loads[] = {2, 1, 1, 1, 1, 1, 1, 0};
    struct stand *s = make(HYPERCUBE, loads, 8);
    stand_run_until(s, SECONDS(20));
    size_t all = 0;
    for (node_id from = 1; from <= 8; from++) {
        CU_ASSERT_EQUAL(stand_running(s, from), 1);
        for (node_id to = 1; to <= 8; to++)
            all += moves(s, from, to);
    }
    CU_ASSERT_EQUAL(all, 3);
    stand_destroy(s);
}

/* One process on each: nobody is light; two on each: nobody wants any. */
static void without_a_light_node_nothing_moves(void)
{
    static const size_t loads[] = {4, 1, 2, 1, 3, 1, 1, 1};
    struct stand *s = make(HYPERCUBE, loads, 8);
    stand_run_until(s, SECONDS(20));
    for (node_id id = 1; id <= 8; id++)
        CU_ASSERT_EQUAL(stand_running(s, id), loads[id - 1]);
    stand_destroy(s);
}

/* 6 nodes are a cube without two corners; all are filled. */
static void a_hypercube_may_lack_corners(void)
{
    static const size_t loads[] = {6, 0, 0, 0, 0, 0};
    struct stand *s = make(HYPERCUBE, loads, 6);
    stand_run_until(s, SECONDS(40));
    for (node_id id = 1; id <= 6; id++)
        CU_ASSERT_EQUAL(stand_running(s, id), 1);
    stand_destroy(s);
}

SUITE_MAIN("balance_gradient",
           {"the example", the_example},
           {"across a hypercube it takes the shortest way",
            across_a_hypercube_it_takes_the_shortest_way},
           {"without a light node nothing moves",
            without_a_light_node_nothing_moves},
           {"a hypercube may lack corners", a_hypercube_may_lack_corners})
