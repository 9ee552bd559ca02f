/* test_balance_receiver.c - who has little asks, who has more sends. */
#include "../suite.h"
#include "stand.h"

enum { A = 1, B, C };

static size_t moves(const struct stand *s, node_id from, node_id to)
{
    size_t count = 0;
    for (size_t i = 0; i < s->note_count; i++)
        count += s->notes[i].kind == ACTION_CARRY && !s->notes[i].start &&
                 s->notes[i].node == from && s->notes[i].peer == to;
    return count;
}

static struct stand *example(uint64_t threshold)
{
    struct stand *s = stand_create(3);
    size_t place = stand_add(s, "balance_receiver");
    stand_set(s, place, "threshold", threshold);
    stand_start(s);
    stand_submit(s, B, STAND_MIB);
    for (int i = 0; i < 3; i++)
        stand_submit(s, C, STAND_MIB);
    for (node_id id = A; id <= C; id++)
        stand_tell(s, id);
    return s;
}

static void the_example(void)
{
    struct stand *s = example(1);
    stand_run_until(s, 5 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(stand_running(s, A), 1);
    CU_ASSERT_EQUAL(stand_running(s, B), 1);
    CU_ASSERT_EQUAL(stand_running(s, C), 2);
    CU_ASSERT_EQUAL(moves(s, C, A), 1);
    CU_ASSERT_EQUAL(moves(s, B, A), 0);
    stand_destroy(s);
}

static void the_one_that_used_most_goes(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_receiver");
    stand_start(s);
    proc_id old = stand_submit(s, B, STAND_MIB);
    stand_sample(s, B);
    stand_submit(s, B, STAND_MIB);
    stand_sample(s, B);
    stand_tell(s, A);
    stand_run_until(s, 5 * STAND_SECOND_US);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, A, old));
    stand_destroy(s);
}

static void nobody_asks_at_the_threshold(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_receiver");
    stand_start(s);
    stand_submit(s, A, STAND_MIB);
    stand_submit(s, B, STAND_MIB);
    size_t before = s->sent_count;
    stand_run_until(s, 5 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(s->sent_count, before);
    stand_destroy(s);
}

static void a_higher_threshold_asks_for_more(void)
{
    struct stand *s = stand_create(2);
    size_t place = stand_add(s, "balance_receiver");
    stand_set(s, place, "threshold", 3);
    stand_start(s);
    for (int i = 0; i < 9; i++)
        stand_submit(s, B, STAND_MIB);
    stand_tell(s, A);
    stand_run_until(s, 10 * STAND_SECOND_US);
    CU_ASSERT_EQUAL(stand_running(s, A), 3);
    CU_ASSERT_EQUAL(stand_running(s, B), 6);
    stand_destroy(s);
}

SUITE_MAIN("balance_receiver",
           {"the example", the_example},
           {"the one that used most goes", the_one_that_used_most_goes},
           {"nobody asks at the threshold", nobody_asks_at_the_threshold},
           {"a higher threshold asks for more",
            a_higher_threshold_asks_for_more})
