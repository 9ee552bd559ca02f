/* test_gossip_vector.c - the interleaving of Barak and Shiloh, and its ages. */
#include "../suite.h"
#include "stand.h"

enum { PERIOD_US = STAND_SECOND_US, WARM_UP_PERIODS = 60, PERIODS = 200 };

/* The policy's state is an array of these. */
struct entry
{
    usec_t measured_us;
    struct node_word word;
    uint32_t reserved;
};

static const struct entry *vector_of(struct stand *s, node_id id)
{
    size_t bytes;
    return node_policy_state(stand_node(s, id), 0, &bytes);
}

static struct stand *create(size_t node_count, uint64_t size)
{
    struct stand *s = stand_create(node_count);
    size_t place = stand_add(s, "gossip_vector");
    stand_set(s, place, "size", size);
    stand_set(s, place, "period_us", PERIOD_US);
    return s;
}

static void the_state_is_the_vector(void)
{
    size_t bytes;
    struct stand *s = create(2, 8);
    stand_start(s);
    node_policy_state(stand_node(s, 1), 0, &bytes);
    CU_ASSERT_EQUAL(bytes, 8 * sizeof(struct entry));
    stand_destroy(s);
}

/* Else the hash of a node would depend on what lay in memory before. */
static void no_byte_of_the_state_is_left_to_chance(void)
{
    enum { GAP = offsetof(struct node_info, flags) + 1 };
    struct stand *s = create(4, 8);
    for (size_t i = 0; i < 4; i++)
        memset((char *)&s->infos[i] + GAP, 0xff,
               offsetof(struct node_info, mem_total_bytes) - GAP);
    stand_start(s);
    stand_run_until(s, 10 * PERIOD_US);
    for (node_id id = 1; id <= 4; id++)
        for (size_t i = 0; i < 8; i++) {
            CU_ASSERT_EQUAL(vector_of(s, id)[i].word.reserved, 0);
            CU_ASSERT_EQUAL(vector_of(s, id)[i].reserved, 0);
        }
    CU_ASSERT_EQUAL(
        sizeof(struct entry),
        sizeof(usec_t) + sizeof(struct node_word) + sizeof(uint32_t));
    stand_destroy(s);
}

static void two_vectors_are_interleaved(void)
{
    /* Two nodes of ids 1 and 2: 1 hears 2 and shifts. After k messages from 2
     * its vector holds 2 at every place that a shift from place 1 reaches. */
    struct stand *s = create(2, 8);
    stand_start(s);
    node_id before[8];
    node_id half[4];
    stand_run_until(s, 3 * PERIOD_US);
    for (int rounds = 0; rounds < 20; rounds++) {
        const struct entry *own = vector_of(s, 1);
        const struct entry *other = vector_of(s, 2);
        for (size_t i = 0; i < 8; i++)
            before[i] = own[i].word.id;
        for (size_t i = 0; i < 4; i++)
            half[i] = i == 0 ? 2 : other[i].word.id;
        /* Ring only node 2. */
        s->now_us = node_deadline(stand_node(s, 2));
        stand_step(s, 2, (struct event){.kind = EVENT_ALARM});
        stand_settle(s);
        own = vector_of(s, 1);
        for (size_t i = 0; i < 4; i++) {
            CU_ASSERT_EQUAL(own[2 * i + 1].word.id, half[i]);
            if (i > 0)
                CU_ASSERT_EQUAL(own[2 * i].word.id, before[i]);
        }
    }
    stand_destroy(s);
}

static void every_entry_reaches_the_board(void)
{
    struct stand *s = create(16, 16);
    stand_start(s);
    stand_run_until(s, 40 * PERIOD_US);
    for (node_id id = 1; id <= 16; id++) {
        size_t count = node_peer_count(stand_node(s, id));
        const struct entry *vector = vector_of(s, id);
        for (size_t i = 1; i < 16; i++) {
            bool found = vector[i].word.id == id;
            for (size_t k = 0; k < count; k++)
                found |= node_peer(stand_node(s, id), k)->word.id ==
                             vector[i].word.id &&
                         node_peer(stand_node(s, id), k)->measured_us >=
                             vector[i].measured_us;
            CU_ASSERT_TRUE(found);
        }
    }
    stand_destroy(s);
}

/* Mean over the vectors of all nodes of their mean and largest age, in
 * periods, sampled once a period after warming up. */
static void measure_ages(size_t node_count,
                         uint64_t size,
                         double *ret_mean,
                         double *ret_max)
{
    struct stand *s = create(node_count, size);
    double mean_sum = 0;
    double max_sum = 0;
    stand_start(s);
    for (usec_t period = 1; period <= WARM_UP_PERIODS + PERIODS; period++) {
        stand_run_until(s, period * PERIOD_US);
        for (size_t n = 0; period > WARM_UP_PERIODS && n < node_count; n++) {
            const struct entry *vector =
                vector_of(s, (node_id)(STAND_FIRST_NODE + n));
            usec_t sum_us = 0;
            usec_t max_us = 0;
            for (size_t i = 1; i < size; i++) {
                usec_t age_us = s->now_us - vector[i].measured_us;
                sum_us += age_us;
                max_us = age_us > max_us ? age_us : max_us;
            }
            mean_sum += (double)sum_us / (double)(size - 1) / PERIOD_US;
            max_sum += (double)max_us / PERIOD_US;
        }
    }
    stand_destroy(s);
    *ret_mean = mean_sum / (double)node_count / PERIODS;
    *ret_max = max_sum / (double)node_count / PERIODS;
}

/* Within 3 % of the expected mean and 10 % of the expected largest age. */
static void expect_ages(size_t node_count,
                        uint64_t size,
                        double mean,
                        double largest)
{
    double measured_mean;
    double measured_max;
    measure_ages(node_count, size, &measured_mean, &measured_max);
    CU_ASSERT_DOUBLE_EQUAL(measured_mean, mean, 0.03 * mean);
    CU_ASSERT_DOUBLE_EQUAL(measured_max, largest, 0.10 * largest);
}

/* The expected ages are from an independent program of the same model. */
static void ages_are_those_of_the_model(void)
{
    expect_ages(64, 8, 2.42, 4.29);
    expect_ages(64, 16, 3.26, 6.30);
    expect_ages(64, 32, 4.16, 8.42);
}

static void ages_do_not_depend_on_the_number_of_nodes(void)
{
    expect_ages(256, 8, 2.44, 4.31);
    expect_ages(256, 16, 3.28, 6.31);
}

static void a_half_of_several_messages_merges_as_one(void)
{
    expect_ages(256, 64, 5.10, 10.61);
}

static void an_odd_size_is_refused(void)
{
    const struct policy *policy = policy_find("gossip_vector");
    uint64_t params[STAND_PARAMS_MAX];
    CU_ASSERT_PTR_NOT_NULL_FATAL(policy);
    policy_params_default(policy, params);
    CU_ASSERT_PTR_NULL(policy->check(params));
    policy_param_set(policy_param_find(policy, "size"), params, 7);
    CU_ASSERT_PTR_NOT_NULL(policy->check(params));
}

SUITE_MAIN("gossip_vector",
           {"the state is the vector", the_state_is_the_vector},
           {"no byte of the state is left to chance",
            no_byte_of_the_state_is_left_to_chance},
           {"two vectors are interleaved", two_vectors_are_interleaved},
           {"every entry reaches the board", every_entry_reaches_the_board},
           {"ages are those of the model", ages_are_those_of_the_model},
           {"ages do not depend on the number of nodes",
            ages_do_not_depend_on_the_number_of_nodes},
           {"a half of several messages merges as one",
            a_half_of_several_messages_merges_as_one},
           {"an odd size is refused", an_odd_size_is_refused})
