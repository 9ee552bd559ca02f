/* test_usher_mosix.c - who goes, where to, and who is not let in. */
#include "../suite.h"
#include "stand.h"

enum { FULL = 1, TIGHT, MIDDLE, LARGE, NODES = 4 };
#define MB 1000000ULL

/* Sample node 1 with 20 MB free. */
static void sample_full(struct stand *s)
{
    size_t count;
    struct proc_info procs[STAND_PROCS_MAX];
    const struct proc_info *seen = node_procs(stand_node(s, FULL), &count);
    memcpy(procs, seen, count * sizeof *procs);
    stand_info(s, FULL)->mem_free_bytes = 20 * MB;
    stand_step(s, FULL,
               (struct event){.kind = EVENT_SAMPLED,
                              .self = stand_info(s, FULL),
                              .procs = procs,
                              .proc_count = count});
}

/* The worked example: node 1 of 1000 MB has 20 MB free and these processes;
 * the others have 60, 200 and 900 MB of room, by what they say. */
static struct stand *example(const uint64_t *mems_mb,
                             size_t count,
                             uint64_t seed)
{
    static const uint64_t rooms_mb[] = {0, 60, 200, 900};
    struct stand *s = stand_create(NODES);
    stand_add(s, "usher_mosix");
    s->config.seed = seed;
    stand_info(s, FULL)->mem_total_bytes = 1000 * MB;
    stand_start(s);
    for (size_t i = 0; i < count; i++)
        stand_submit(s, FULL, mems_mb[i] * MB);
    for (node_id id = TIGHT; id <= LARGE; id++) {
        stand_info(s, id)->mem_free_bytes = rooms_mb[id - 1] * MB;
        stand_tell(s, id);
    }
    sample_full(s);
    return s;
}

static void the_smallest_that_repairs_goes_to_one_of_the_best_fits(void)
{
    static const uint64_t mems_mb[] = {30, 50, 400};
    size_t counts[NODES + 1] = {0};
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct stand *s = example(mems_mb, 3, seed);
        const struct stand_note *asked = stand_find(s, ACTION_ASKED, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(asked);
        CU_ASSERT_EQUAL(asked->proc, (1ULL << 32) + 2);
        counts[asked->peer]++;
        stand_destroy(s);
    }
    /* Binomial(100, 1/2): deviation 5. */
    CU_ASSERT(counts[TIGHT] >= 30);
    CU_ASSERT(counts[MIDDLE] >= 30);
    CU_ASSERT_EQUAL(counts[LARGE], 0);
}

static void if_none_repairs_the_largest_goes(void)
{
    static const uint64_t mems_mb[] = {10, 30, 20};
    struct stand *s = example(mems_mb, 3, 1);
    const struct stand_note *asked = stand_find(s, ACTION_ASKED, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(asked);
    CU_ASSERT_EQUAL(asked->proc, (1ULL << 32) + 2);
    stand_destroy(s);
}

static void what_is_leaving_counts_as_free(void)
{
    static const uint64_t mems_mb[] = {30, 50, 400};
    struct stand *s = example(mems_mb, 3, 1);
    s->carry_us = 5 * STAND_SECOND_US;
    stand_settle(s);
    for (usec_t second = 1; second <= 4; second++) {
        stand_run_until(s, second * STAND_SECOND_US);
        sample_full(s);
    }
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 1);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_MOVED), 0);
    stand_destroy(s);
}

static void a_process_that_fits_nowhere_does_not_block_a_smaller_one(void)
{
    /* 950 MB would repair but fit nowhere; 10 MB does not repair, but fits. */
    static const uint64_t mems_mb[] = {950, 10};
    struct stand *s = example(mems_mb, 2, 1);
    const struct stand_note *asked = stand_find(s, ACTION_ASKED, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(asked);
    CU_ASSERT_EQUAL(asked->proc, (1ULL << 32) + 2);
    stand_destroy(s);
}

static void with_enough_memory_nothing_moves(void)
{
    struct stand *s = stand_create(3);
    stand_add(s, "usher_mosix");
    stand_start(s);
    /* 1024 MiB less 950 are over 62/1000. */
    for (int i = 0; i < 19; i++)
        stand_submit(s, 1, 50 * STAND_MIB);
    for (int i = 0; i < 5; i++)
        stand_second(s, true);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_ASKED), 0);
    stand_destroy(s);
}

static void an_overcommitted_node_sheds_until_it_is_over_the_low_mark(void)
{
    struct stand *s = stand_create(3);
    stand_add(s, "usher_mosix");
    stand_start(s);
    stand_tell(s, 2);
    stand_tell(s, 3);
    /* 1500 MiB in 1024. */
    for (int i = 0; i < 15; i++)
        stand_submit(s, 1, 100 * STAND_MIB);
    for (int i = 0; i < 3; i++)
        stand_second(s, true);
    /* 1024 - 9 x 100 is over 62/1000 of 1024; 1024 - 10 x 100 is not. */
    CU_ASSERT_EQUAL(stand_running(s, 1), 9);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_REFUSED), 0);
    stand_destroy(s);
}

static void nothing_comes_in_below_the_high_mark(void)
{
    /* Node 1 believes old news: that 2 is empty. */
    struct stand *s = stand_create(2);
    stand_add(s, "usher_mosix");
    stand_add(s, "place_round_robin");
    stand_start(s);
    stand_submit(s, 2, 800 * STAND_MIB);
    stand_sample(s, 2);
    stand_submit(s, 1, STAND_MIB);
    /* 1024 - 800 - 100 is under 125/1000 of 1024; the turn is on node 2. */
    proc_id large = stand_submit(s, 1, 100 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_REFUSED), 1);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, 1, large));
    /* A younger word: the refusal is forgotten. */
    s->now_us += STAND_SECOND_US;
    stand_tell(s, 2);
    stand_submit(s, 1, STAND_MIB);
    proc_id small = stand_submit(s, 1, 90 * STAND_MIB);
    CU_ASSERT_PTR_NOT_NULL(stand_proc_at(s, 2, small));
    stand_destroy(s);
}

static void others_hear_of_less_room_by_the_high_mark(void)
{
    struct stand *s = stand_create(2);
    stand_add(s, "gossip_window");
    stand_add(s, "usher_mosix");
    stand_set(s, 1, "high_milli", 500);
    stand_start(s);
    stand_second(s, false);
    stand_second(s, false);
    stand_second(s, false);
    size_t count = node_peer_count(stand_node(s, 2));
    CU_ASSERT_EQUAL_FATAL(count, 1);
    /* 1024 MiB less 500 x (1024 MiB / 1000), on the wire by 64 KiB. */
    CU_ASSERT_DOUBLE_EQUAL(
        (double)unit_bytes(
            node_peer(stand_node(s, 2), 0)->word.mem_free_units) /
            (double)STAND_MIB,
        512, 0.1);
    stand_destroy(s);
}

/* Guests of home 1 on node 2, whose owner wants them out. home_room_bytes is
 * what home says of itself. */
static struct stand *drained(size_t node_count,
                             int guest_count,
                             uint64_t home_room_bytes)
{
    struct stand *s = stand_create(node_count);
    stand_add(s, "usher_mosix");
    stand_add(s, "place_round_robin");
    s->carry_us = STAND_SECOND_US / 2;
    stand_start(s);
    for (int i = 0; i < guest_count * (int)node_count; i++)
        stand_submit(s, 1, 10 * STAND_MIB);
    stand_run_until(s, STAND_SECOND_US);
    CU_ASSERT_EQUAL_FATAL(stand_running(s, 2), (size_t)guest_count);
    stand_info(s, 1)->mem_free_bytes = home_room_bytes;
    for (node_id id = 1; id <= node_count; id++)
        if (id != 2)
            stand_tell(s, id);
    s->note_count = 0;
    stand_step(s, 2,
               (struct event){.kind = EVENT_STATE, .state = NODE_DRAINING});
    stand_sample(s, 2);
    stand_run_until(s, 3 * STAND_SECOND_US);
    return s;
}

static void what_the_owner_wants_out_is_placed(void)
{
    struct stand *s = drained(4, 3, 900 * STAND_MIB);
    CU_ASSERT_EQUAL(stand_running(s, 2), 0);
    size_t total = 0;
    for (node_id id = 1; id <= 4; id++)
        total += stand_running(s, id);
    CU_ASSERT_EQUAL(total, 12);
    stand_destroy(s);
}

static void one_goes_each_pace(void)
{
    struct stand *s = drained(4, 3, 900 * STAND_MIB);
    CU_ASSERT_EQUAL_FATAL(stand_count(s, ACTION_ASKED), 3);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(stand_find(s, ACTION_ASKED, i + 1)->at_us -
                            stand_find(s, ACTION_ASKED, i)->at_us,
                        10000);
    stand_destroy(s);
}

static void what_fits_nowhere_goes_home(void)
{
    struct stand *s = drained(2, 2, 0);
    CU_ASSERT_EQUAL(stand_running(s, 2), 0);
    CU_ASSERT_EQUAL(stand_running(s, 1), 4);
    stand_destroy(s);
}

static void marks_in_the_wrong_order_are_refused(void)
{
    const struct policy *policy = policy_find("usher_mosix");
    uint64_t params[STAND_PARAMS_MAX];
    CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
    policy_params_default(policy, params);
    CU_ASSERT_PTR_NULL(policy->check(params));
    policy_param_set(policy_param_find(policy, "low_milli"), params, 126);
    CU_ASSERT_PTR_NOT_NULL(policy->check(params));
}

SUITE_MAIN(
    "usher_mosix",
    {"the smallest that repairs goes to one of the best fits",
     the_smallest_that_repairs_goes_to_one_of_the_best_fits},
    {"if none repairs, the largest goes", if_none_repairs_the_largest_goes},
    {"what is leaving counts as free", what_is_leaving_counts_as_free},
    {"a process that fits nowhere does not block a smaller one",
     a_process_that_fits_nowhere_does_not_block_a_smaller_one},
    {"with enough memory nothing moves", with_enough_memory_nothing_moves},
    {"an overcommitted node sheds until it is over the low mark",
     an_overcommitted_node_sheds_until_it_is_over_the_low_mark},
    {"nothing comes in below the high mark",
     nothing_comes_in_below_the_high_mark},
    {"others hear of less room by the high mark",
     others_hear_of_less_room_by_the_high_mark},
    {"what the owner wants out is placed", what_the_owner_wants_out_is_placed},
    {"one goes each pace", one_goes_each_pace},
    {"what fits nowhere goes home", what_fits_nowhere_goes_home},
    {"marks in the wrong order are refused",
     marks_in_the_wrong_order_are_refused})
