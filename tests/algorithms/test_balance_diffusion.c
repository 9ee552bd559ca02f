/* test_balance_diffusion.c - load flows along edges until it is even. */
#include <math.h>
#include "../suite.h"
#include "stand.h"

enum { RING, HYPERCUBE };

static struct stand *make(size_t nodes, uint64_t topology, size_t load)
{
    struct stand *s = stand_create(nodes);
    size_t place = stand_add(s, "balance_diffusion");
    stand_set(s, place, "topology", topology);
    stand_start(s);
    for (size_t i = 0; i < load; i++)
        stand_submit(s, 1, STAND_MIB);
    for (node_id id = 1; id <= nodes; id++)
        stand_tell(s, id);
    return s;
}

/* The largest difference over an edge of the ring. */
static size_t steepest(struct stand *s, size_t nodes)
{
    size_t most = 0;
    for (node_id id = 1; id <= nodes; id++) {
        size_t here = stand_running(s, id);
        size_t next = stand_running(s, (node_id)(id % nodes + 1));
        size_t gap = here > next ? here - next : next - here;
        most = gap > most ? gap : most;
    }
    return most;
}

static double distance(struct stand *s, size_t nodes, double even)
{
    double sum = 0;
    for (node_id id = 1; id <= nodes; id++) {
        double off = (double)stand_running(s, id) - even;
        sum += off * off;
    }
    return sqrt(sum);
}

static void the_first_round_of_the_example(void)
{
    struct stand *s = make(4, RING, 8);
    stand_run_until(s, STAND_SECOND_US);
    /* Only node 1 has what can flow, once in its first period. */
    CU_ASSERT_EQUAL(stand_running(s, 2), 2);
    CU_ASSERT_EQUAL(stand_running(s, 3), 0);
    CU_ASSERT_EQUAL(stand_running(s, 4), 2);
    stand_destroy(s);
}

static void in_the_limit_neighbours_differ_by_one(void)
{
    struct stand *s = make(8, RING, 40);
    stand_run_until(s, 200 * STAND_SECOND_US);
    CU_ASSERT(steepest(s, 8) <= 1);
    size_t before = s->note_count;
    stand_run_until(s, 300 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(s->note_count, before);
    stand_destroy(s);
}

static void a_hypercube_shrinks_by_its_second_eigenvalue(void)
{
    enum { NODES = 8, PROCS = 56 };
    struct stand *s = make(NODES, HYPERCUBE, PROCS);
    double before = distance(s, NODES, 7);
    for (usec_t round = 1; round <= 4; round++)
        stand_run_until(s, round * STAND_SECOND_US);
    /* (d - 1) / (d + 1) = 1/2 in each of 4 rounds; whole processes and rounds
     * that are not in step cost less than 2 of these 56. */
    CU_ASSERT(distance(s, NODES, 7) < before / 16 + 4);
    stand_run_until(s, 40 * STAND_SECOND_US);
    CU_ASSERT(distance(s, NODES, 7) <= 2.5);
    stand_destroy(s);
}

SUITE_MAIN("balance_diffusion",
           {"the first round of the example", the_first_round_of_the_example},
           {"in the limit neighbours differ by one",
            in_the_limit_neighbours_differ_by_one},
           {"a hypercube shrinks by its second eigenvalue",
            a_hypercube_shrinks_by_its_second_eigenvalue})
