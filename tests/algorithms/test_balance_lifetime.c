/* test_balance_lifetime.c - age(p) >= cost(p) / (n - m). */
#include "../suite.h"
#include "stand.h"

enum { MB = 1000 * 1000 };

static proc_id submit_aged(struct stand *s, usec_t age_us)
{
    struct proc_info proc = {
        .id = (1ULL << 32) + ++s->last_proc,
        .home = 1,
        .home_cluster = 1,
        .came_from = NODE_NONE,
        .sibling_node = NODE_NONE,
        .class_number = 1,
        .width = 1,
        .cpu_milli = 1000,
        .mem_bytes = 10 * MB,
        .cpu_used_us = age_us,
        .submitted_us = s->now_us,
        .arrived_us = s->now_us,
    };
    stand_step(
        s, 1,
        (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
    return proc.id;
}

/* Three processes of these ages come to node 1, and only the third knows that
 * node 2 exists, with this load. Node 1 has core_count cores. */
static struct stand *example(const usec_t *ages_us,
                             uint32_t load_milli,
                             uint16_t core_count)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_lifetime");
    stand_info(s, 1)->core_count = core_count;
    stand_info(s, 2)->core_count = core_count;
    stand_info(s, 2)->load_milli = load_milli;
    stand_start(s);
    submit_aged(s, ages_us[0]);
    submit_aged(s, ages_us[1]);
    stand_tell(s, 2);
    submit_aged(s, ages_us[2]);
    return s;
}

static void the_largest_ratio_goes(void)
{
    static const usec_t ages_us[] = {500000, 6000000, 100000};
    struct stand *s = example(ages_us, 0, 1);
    CU_ASSERT_EQUAL_FATAL(stand_count(s, ACTION_ASKED), 1);
    const struct stand_note *asked = stand_find(s, ACTION_ASKED, 0);
    CU_ASSERT_EQUAL(asked->proc, (1ULL << 32) + 2);
    CU_ASSERT_EQUAL(asked->peer, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(asked->why, " 30000/1000 "));
    stand_destroy(s);
}

static void a_smaller_gap_gives_a_smaller_ratio(void)
{
    static const usec_t ages_us[] = {500000, 6000000, 100000};
    struct stand *s = example(ages_us, 1000, 1);
    CU_ASSERT_EQUAL_FATAL(stand_count(s, ACTION_ASKED), 1);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(stand_find(s, ACTION_ASKED, 0)->why, " 15000/1000 "));
    stand_destroy(s);
}

static void the_least_age_is_the_cost_over_the_gap(void)
{
    /* 0.4 s over 3 - 1. */
    static const usec_t enough_us[] = {200000, 0, 0};
    static const usec_t too_young_us[] = {199000, 0, 0};
    struct stand *s = example(enough_us, 0, 1);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 1);
    stand_destroy(s);
    s = example(too_young_us, 0, 1);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 0);
    stand_destroy(s);
}

static void nothing_moves_where_it_would_be_no_better(void)
{
    /* n = 3; m = 3, 3.5 and 10 with the process there. */
    static const usec_t ages_us[] = {6000000, 600000000, 0};
    static const uint32_t loads_milli[] = {2000, 2500, 9000};
    for (size_t i = 0; i < 3; i++) {
        struct stand *s = example(ages_us, loads_milli[i], 1);
        CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 0);
        stand_destroy(s);
    }
}

static void who_has_a_core_to_itself_stays(void)
{
    static const usec_t ages_us[] = {6000000, 600000000, 0};
    struct stand *s = example(ages_us, 0, 4);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 0);
    stand_destroy(s);
}

static void only_an_arrival_decides(void)
{
    static const usec_t ages_us[] = {0, 0, 0};
    struct stand *s = example(ages_us, 0, 1);
    stand_run_until(s, 600 * STAND_SECOND_US);
    for (int i = 0; i < 20; i++)
        stand_second(s, true);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 0);
    submit_aged(s, 0);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 1);
    stand_destroy(s);
}

SUITE_MAIN("balance_lifetime",
           {"the largest ratio goes", the_largest_ratio_goes},
           {"a smaller gap gives a smaller ratio",
            a_smaller_gap_gives_a_smaller_ratio},
           {"the least age is the cost over the gap",
            the_least_age_is_the_cost_over_the_gap},
           {"nothing moves where it would be no better",
            nothing_moves_where_it_would_be_no_better},
           {"who has a core to itself stays", who_has_a_core_to_itself_stays},
           {"only an arrival decides", only_an_arrival_decides})
