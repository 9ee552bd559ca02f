/* test_balance_threshold.c - Threshold(2, 3) of Eager, Lazowska and Zahorjan.
 */
#include "../suite.h"
#include "stand.h"

enum { A = 1, B, D };

static struct stand *create(size_t node_count)
{
    struct stand *s = stand_create(node_count);
    stand_add(s, "balance_threshold");
    return s;
}

static void submit(struct stand *s, node_id home, int count)
{
    for (int i = 0; i < count; i++)
        stand_submit(s, home, STAND_MIB);
}

static void under_the_threshold_nobody_is_asked(void)
{
    struct stand *s = create(3);
    stand_start(s);
    submit(s, A, 2);
    CU_ASSERT_EQUAL(stand_running(s, A), 2);
    CU_ASSERT_EQUAL(s->sent_count, 0);
    stand_destroy(s);
}

static void the_third_process_goes_to_a_node_under_the_threshold(void)
{
    struct stand *s = create(2);
    stand_start(s);
    submit(s, A, 2);
    proc_id third = stand_submit(s, A, STAND_MIB);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, B, third));
    stand_destroy(s);
}

static void after_three_probes_of_full_nodes_it_stays(void)
{
    struct stand *s = create(2);
    stand_start(s);
    submit(s, B, 2);
    submit(s, A, 2);
    size_t sent_before = s->sent_count;
    submit(s, A, 1);
    CU_ASSERT_EQUAL(stand_running(s, A), 3);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 0);
    /* Three probes, three answers. */
    CU_ASSERT_EQUAL(s->sent_count - sent_before, 6);
    stand_destroy(s);
}

/* One idle node of two is missed by three draws with chance 1/8. */
static void three_draws_find_one_node_of_two_seven_times_in_eight(void)
{
    enum { DRAWS = 400 };
    size_t found = 0;
    for (uint64_t seed = 1; seed <= DRAWS; seed++) {
        struct stand *s = create(3);
        s->config.seed = seed;
        stand_start(s);
        submit(s, D, 2);
        submit(s, A, 3);
        CU_ASSERT_EQUAL(stand_running(s, D), 2);
        found += stand_running(s, B);
        stand_destroy(s);
    }
    /* Binomial(400, 7/8): mean 350, deviation 6.6. */
    CU_ASSERT(found >= 325);
    CU_ASSERT(found <= 375);
}

static void a_silent_node_counts_as_full_after_the_timeout(void)
{
    struct stand *s = create(2);
    stand_set(s, 0, "timeout_us", 200000);
    stand_start(s);
    submit(s, A, 2);
    struct proc_info proc = *node_procs(stand_node(s, A), &(size_t){0});
    proc.id += 100;
    stand_step(
        s, A,
        (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
    usec_t probed_us[8] = {stand_time_us(s)};
    size_t probe_count = s->frame_count;
    for (int i = 0; i < 10; i++) {
        s->frame_count = 0; /* Lost. */
        s->now_us += 100000;
        stand_step(s, A, (struct event){.kind = EVENT_ALARM});
        if (s->frame_count > 0)
            probed_us[probe_count++] = stand_time_us(s);
    }
    CU_ASSERT_EQUAL_FATAL(probe_count, 3);
    CU_ASSERT_EQUAL(probed_us[1] - probed_us[0], 200000);
    CU_ASSERT_EQUAL(probed_us[2] - probed_us[1], 200000);
    CU_ASSERT_EQUAL(stand_running(s, A), 3);
    stand_destroy(s);
}

/* By hand to a full node, then back to its home, which is full, too. D is
 * idle, but only a process that starts looks for a place. */
static void who_was_transferred_looks_for_no_place(void)
{
    struct stand *s = create(3);
    stand_start(s);
    submit(s, A, 1);
    proc_id moved = stand_submit(s, A, STAND_MIB);
    submit(s, B, 2);
    for (node_id id = A; id <= D; id++)
        stand_tell(s, id);
    stand_step(s, A,
               (struct event){.kind = EVENT_MOVE, .proc = moved, .peer = B});
    stand_settle(s);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, B, moved));
    submit(s, A, 1);
    stand_step(s, B,
               (struct event){.kind = EVENT_MOVE, .proc = moved, .peer = A});
    stand_settle(s);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, A, moved));
    CU_ASSERT_EQUAL(stand_running(s, A), 3);
    CU_ASSERT_EQUAL(stand_running(s, D), 0);
    stand_destroy(s);
}

/* B has one process, which is the threshold; D is idle. The second process of
 * A is started at B by another policy. */
static void who_was_placed_looks_for_no_place(void)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct stand *s = create(3);
        s->config.seed = seed;
        stand_set(s, 0, "threshold", 1);
        stand_add(s, "place_round_robin");
        stand_start(s);
        submit(s, B, 1);
        submit(s, A, 2);
        CU_ASSERT_EQUAL(stand_running(s, B), 2);
        CU_ASSERT_EQUAL(stand_running(s, D), 0);
        stand_destroy(s);
    }
}

static void the_threshold_is_for_each_core(void)
{
    struct stand *s = create(2);
    stand_info(s, A)->core_count = 4;
    stand_start(s);
    submit(s, A, 8);
    CU_ASSERT_EQUAL(s->sent_count, 0);
    submit(s, A, 1);
    CU_ASSERT_EQUAL(stand_running(s, B), 1);
    stand_destroy(s);
}

static void a_burst_spreads_until_nobody_is_under_the_threshold(void)
{
    struct stand *s = create(8);
    stand_set(s, 0, "probe_limit", 64);
    stand_start(s);
    submit(s, A, 16);
    for (node_id id = 1; id <= 8; id++)
        CU_ASSERT_EQUAL(stand_running(s, id), 2);
    stand_destroy(s);
}

SUITE_MAIN("balance_threshold",
           {"under the threshold nobody is asked",
            under_the_threshold_nobody_is_asked},
           {"the third process goes to a node under the threshold",
            the_third_process_goes_to_a_node_under_the_threshold},
           {"after three probes of full nodes it stays",
            after_three_probes_of_full_nodes_it_stays},
           {"three draws find one node of two seven times in eight",
            three_draws_find_one_node_of_two_seven_times_in_eight},
           {"a silent node counts as full after the timeout",
            a_silent_node_counts_as_full_after_the_timeout},
           {"who was transferred looks for no place",
            who_was_transferred_looks_for_no_place},
           {"who was placed looks for no place",
            who_was_placed_looks_for_no_place},
           {"the threshold is for each core", the_threshold_is_for_each_core},
           {"a burst spreads until nobody is under the threshold",
            a_burst_spreads_until_nobody_is_under_the_threshold})
