/* test_balance_random_steal.c - an idle node gets what waits elsewhere. */
#include "../suite.h"
#include "stand.h"

enum { A = 1, B, C };

static void idle_nodes_get_what_came_first(void)
{
    struct stand *s = stand_create(3);
    stand_add(s, "balance_random_steal");
    stand_start(s);
    stand_submit(s, B, STAND_MIB);
    proc_id first = stand_submit(s, C, STAND_MIB);
    for (int i = 0; i < 2; i++) {
        stand_run_until(s, stand_time_us(s) + 1);
        stand_submit(s, C, STAND_MIB);
    }
    for (node_id id = A; id <= C; id++)
        stand_tell(s, id);
    stand_run_until(s, 5 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(stand_running(s, A), 1);
    CU_ASSERT_EQUAL(stand_running(s, B), 1);
    CU_ASSERT_EQUAL(stand_running(s, C), 2);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, A, first));
    stand_destroy(s);
}

static void every_core_steals(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_random_steal");
    stand_info(s, A)->core_count = 4;
    stand_start(s);
    for (int i = 0; i < 9; i++)
        stand_submit(s, B, STAND_MIB);
    stand_tell(s, A);
    stand_run_until(s, 10 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(stand_running(s, A), 4);
    CU_ASSERT_EQUAL(stand_running(s, B), 5);
    stand_destroy(s);
}

/* Attempts of one idle node of two in so many seconds. */
static size_t attempts(usec_t until_us)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_random_steal");
    stand_start(s);
    stand_submit(s, B, STAND_MIB);
    size_t before = s->sent_count;
    stand_run_until(s, until_us);
    size_t count = s->sent_count - before;
    stand_destroy(s);
    return count;
}

static void an_idle_cluster_becomes_quiet(void)
{
    /* At 10 ms at most, then after 20, 40, .. 1280 ms: the 8th within 2.56 s;
     * then one every 1.28 s. */
    CU_ASSERT_EQUAL(attempts(2560000), 8);
    size_t later = attempts(2560000 + 128000000);
    CU_ASSERT(later >= 107);
    CU_ASSERT(later <= 108);
}

SUITE_MAIN("balance_random_steal",
           {"idle nodes get what came first", idle_nodes_get_what_came_first},
           {"every core steals", every_core_steals},
           {"an idle cluster becomes quiet", an_idle_cluster_becomes_quiet})
