/* test_gossip_rivals.c - the ages that other ways of telling give. */
#include <math.h>
#include "../suite.h"
#include "ages.h"

static struct stand *make(size_t node_count, const char *name)
{
    struct stand *s = stand_create(node_count);
    stand_add(s, name);
    s->config.board_max = (uint32_t)node_count;
    s->config.board_age_us = USEC_NEVER;
    return s;
}

/* The expected ages are from an independent program of the same model. */
static void push_pull_halves_the_age(void)
{
    ages_expect(make(64, "gossip_push_pull"), 2.396, 3.98);
}

/* The model's equation is that of pushing; own words on the questions make it
 * somewhat younger. */
static void pull_is_as_good_as_push(void)
{
    double mean;
    double largest;
    ages_measure(make(64, "gossip_pull"), &mean, &largest);
    CU_ASSERT(mean < log(64));
    CU_ASSERT(mean > log(64) / 2);
}

/* Uniform between 0 and 1 at a random time; phases are random. */
static void a_broadcast_word_is_half_a_period_old(void)
{
    double mean;
    double largest;
    ages_measure(make(64, "gossip_broadcast"), &mean, &largest);
    CU_ASSERT_DOUBLE_EQUAL(mean, 0.5, 0.1);
    CU_ASSERT(largest <= 1);
}

/* The collector knows it for half a period when it sends it on, and half a
 * period later it is asked; its own board is half a period old. */
static void a_central_word_is_a_period_old(void)
{
    double mean;
    double largest;
    ages_measure(make(64, "gossip_central"), &mean, &largest);
    CU_ASSERT(mean > 0.7);
    CU_ASSERT(mean < 1.3);
    CU_ASSERT(largest <= 2);
}

/* In each second of 20 nodes, when all know all: 19 words are two messages. */
static void messages_and_bytes_are_as_said(void)
{
    enum { NODES = 20, OTHERS = 19, SECONDS = 50, WORD = 64, HEAD = 78 };
    enum { BOARD = 2 * (HEAD + 1) + OTHERS * WORD };
    static const struct
    {
        const char *name;
        const char *param; /* Or NULL. */
        uint64_t value;
        size_t messages;
        size_t bytes;
    } rows[] = {
        {"gossip_broadcast", NULL, 0, NODES * OTHERS, NODES * OTHERS * HEAD},
        {"gossip_push_pull", NULL, 0, NODES * 4, NODES * 2 * BOARD},
        {"gossip_pull", NULL, 0, NODES * 3, NODES * (HEAD + 1 + BOARD)},
        {"gossip_two_level", "abroad_permille", 0, NODES * 2, NODES * BOARD},
        {"gossip_central", NULL, 0, OTHERS * 3, OTHERS * (HEAD + 1 + BOARD)},
        {"gossip_vector", "size", 16, NODES, NODES * (HEAD + 1 + 7 * WORD)},
        {"gossip_window", "youngest", 8, NODES, NODES * (HEAD + 7 * WORD)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stand *s = make(NODES, rows[i].name);
        if (rows[i].param)
            stand_set(s, 0, rows[i].param, rows[i].value);
        stand_start(s);
        stand_run_until(s, 100 * STAND_SECOND_US);
        size_t messages = s->sent_count;
        size_t bytes = s->sent_bytes;
        stand_run_until(s, (100 + SECONDS) * STAND_SECOND_US);
        CU_ASSERT_EQUAL(s->sent_count - messages, SECONDS * rows[i].messages);
        CU_ASSERT_EQUAL(s->sent_bytes - bytes, SECONDS * rows[i].bytes);
        stand_destroy(s);
    }
}

static struct stand *make_grid(uint64_t abroad_permille)
{
    struct stand *s = make(256, "gossip_two_level");
    stand_set(s, 0, "abroad_permille", abroad_permille);
    s->cluster_count = 4;
    for (size_t i = 0; i < 4; i++)
        s->cluster_sizes[i] = 64;
    return s;
}

/* Mean age of words of the own and of other clusters at all nodes. */
static void measure_two_levels(struct stand *s, double *inside, double *outside)
{
    double sums[2] = {0};
    double counts[2] = {0};
    stand_start(s);
    for (usec_t period = 1; period <= 200; period++) {
        stand_run_until(s, period * AGES_PERIOD_US);
        for (size_t n = 0; period > 60 && n < s->node_count; n++) {
            size_t count = node_peer_count(s->nodes[n]);
            for (size_t i = 0; i < count; i++) {
                const struct peer_info *peer = node_peer(s->nodes[n], i);
                bool far = stand_cluster(s, peer->word.id) != n / 64;
                sums[far] +=
                    (double)(s->now_us - peer->measured_us) / AGES_PERIOD_US;
                counts[far]++;
            }
        }
    }
    *inside = sums[0] / counts[0];
    *outside = sums[1] / counts[1];
    stand_destroy(s);
}

static void two_levels_trade_age_for_messages_abroad(void)
{
    double inside;
    double outside;
    measure_two_levels(make_grid(100), &inside, &outside);
    CU_ASSERT_DOUBLE_EQUAL(inside, 4.67, 0.05 * 4.67);
    CU_ASSERT_DOUBLE_EQUAL(outside, 6.83, 0.05 * 6.83);
    measure_two_levels(make_grid(500), &inside, &outside);
    CU_ASSERT_DOUBLE_EQUAL(inside, 5.54, 0.05 * 5.54);
    CU_ASSERT_DOUBLE_EQUAL(outside, 5.72, 0.05 * 5.72);
}

SUITE_MAIN("gossip_rivals",
           {"push-pull halves the age", push_pull_halves_the_age},
           {"pull is as good as push", pull_is_as_good_as_push},
           {"a broadcast word is half a period old",
            a_broadcast_word_is_half_a_period_old},
           {"a central word is a period old", a_central_word_is_a_period_old},
           {"messages and bytes are as said", messages_and_bytes_are_as_said},
           {"two levels trade age for messages abroad",
            two_levels_trade_age_for_messages_abroad})
