/* test_gossip_window.c - windows of the board, and the ages that they give. */
#include "../suite.h"
#include "ages.h"

static struct stand *create(size_t node_count)
{
    struct stand *s = stand_create(node_count);
    stand_add(s, "gossip_window");
    stand_set(s, 0, "period_us", AGES_PERIOD_US);
    stand_set(s, 0, "any_every", 1);
    s->config.board_max = (uint32_t)node_count;
    s->config.board_age_us = USEC_NEVER;
    return s;
}

/* Node 1 knows 2, 3, 4 for 1, 2 and 6 s and speaks; how many entries go out. */
static size_t entries_sent(uint64_t window_us, uint64_t youngest)
{
    static const uint64_t ages_s[] = {1, 2, 6};
    struct stand *s = create(5);
    stand_set(s, 0, "period_us", 60 * AGES_PERIOD_US);
    stand_set(s, 0, "window_us", window_us);
    stand_set(s, 0, "youngest", youngest);
    stand_start(s);
    usec_t speaks_us = node_deadline(stand_node(s, 1));
    for (size_t i = 0; i < 3; i++) {
        node_id id = (node_id)(2 + i);
        node_believe(stand_node(s, 1), stand_info(s, id),
                     speaks_us - ages_s[i] * STAND_SECOND_US);
    }
    s->now_us = speaks_us;
    stand_step(s, 1, (struct event){.kind = EVENT_ALARM});
    size_t bytes = s->sent_bytes;
    CU_ASSERT_EQUAL(s->sent_count, 1);
    stand_destroy(s);
    /* The frame and the own word of a node that knows nobody. */
    struct stand *lone = create(5);
    stand_start(lone);
    lone->now_us = node_deadline(stand_node(lone, 1));
    stand_step(lone, 1, (struct event){.kind = EVENT_ALARM});
    size_t empty_bytes = lone->sent_bytes;
    stand_destroy(lone);
    return (bytes - empty_bytes) / NODE_WORD_WIRE_BYTES;
}

static void the_window_is_what_the_example_says(void)
{
    CU_ASSERT_EQUAL(entries_sent(5 * STAND_SECOND_US, 0), 2);
    CU_ASSERT_EQUAL(entries_sent(5 * STAND_SECOND_US, 2), 1);
    CU_ASSERT_EQUAL(entries_sent(5 * STAND_SECOND_US, 4), 3);
    CU_ASSERT_EQUAL(entries_sent(0, 0), 0);
}

static void the_gone_are_targets_only_when_any_node_is(void)
{
    enum { ANY_EVERY = 5 };
    size_t to_gone = 0;
    struct stand *s = create(3);
    stand_set(s, 0, "any_every", ANY_EVERY);
    stand_set(s, 0, "inactive_us", 3600ULL * STAND_SECOND_US);
    stand_start(s);
    for (usec_t round = 0; round < 1000; round++) {
        s->now_us = node_deadline(stand_node(s, 1));
        stand_info(s, 3)->state = NODE_GONE;
        node_believe(stand_node(s, 1), stand_info(s, 3), s->now_us);
        node_believe(stand_node(s, 1), stand_info(s, 2), s->now_us);
        stand_step(s, 1, (struct event){.kind = EVENT_ALARM});
        CU_ASSERT_EQUAL_FATAL(s->frame_count, 1);
        to_gone += s->frames[s->frame_first].target == 3;
        s->frame_first = 0;
        s->frame_count = 0;
    }
    /* 200 draws of 2 nodes: mean 100, deviation 7. */
    CU_ASSERT(to_gone >= 70);
    CU_ASSERT(to_gone <= 130);
    stand_destroy(s);
}

static void the_silent_are_targets_only_when_any_node_is(void)
{
    size_t to_silent = 0;
    struct stand *s = create(3);
    stand_set(s, 0, "any_every", 1000);
    stand_set(s, 0, "inactive_us", 30 * STAND_SECOND_US);
    stand_start(s);
    node_believe(stand_node(s, 1), stand_info(s, 3), s->now_us);
    s->now_us += 40 * STAND_SECOND_US;
    for (usec_t round = 0; round < 900; round++) {
        node_believe(stand_node(s, 1), stand_info(s, 2), s->now_us);
        stand_step(s, 1, (struct event){.kind = EVENT_ALARM});
        CU_ASSERT_EQUAL_FATAL(s->frame_count, 1);
        to_silent += s->frames[s->frame_first].target == 3;
        s->frame_first = 0;
        s->frame_count = 0;
        s->now_us = node_deadline(stand_node(s, 1));
    }
    CU_ASSERT(to_silent <= 1);
    stand_destroy(s);
}

static void a_large_window_goes_in_several_messages_to_one_target(void)
{
    struct stand *s = create(64);
    stand_set(s, 0, "youngest", 40);
    stand_start(s);
    s->now_us += AGES_PERIOD_US;
    for (node_id id = 2; id <= 64; id++)
        node_believe(stand_node(s, 1), stand_info(s, id), s->now_us);
    stand_step(s, 1, (struct event){.kind = EVENT_ALARM});
    /* 39 entries of others: 18, 18 and 3. */
    CU_ASSERT_EQUAL(s->frame_count, 3);
    CU_ASSERT_EQUAL(s->frames[0].target, s->frames[1].target);
    CU_ASSERT_EQUAL(s->frames[0].target, s->frames[2].target);
    node_id target = s->frames[0].target;
    stand_settle(s);
    size_t count = node_peer_count(stand_node(s, target));
    /* 39 less itself if it is one of them, and the sender. */
    CU_ASSERT(count >= 39);
    stand_destroy(s);
}

static struct stand *of_youngest(size_t node_count, uint64_t youngest)
{
    struct stand *s = create(node_count);
    stand_set(s, 0, "youngest", youngest);
    return s;
}

static struct stand *of_window(size_t node_count, uint64_t periods)
{
    struct stand *s = create(node_count);
    stand_set(s, 0, "window_us", periods * AGES_PERIOD_US);
    return s;
}

/* The expected ages are from an independent program of the same model. */
static void ages_of_a_fixed_window_are_those_of_the_model(void)
{
    ages_expect(of_youngest(64, 8), 9.5, 38);
    ages_expect(of_youngest(64, 16), 6.15, 19.2);
    ages_expect(of_youngest(64, 32), 4.72, 10.7);
}

static void ages_of_a_whole_board_are_those_of_the_model(void)
{
    ages_expect(of_window(64, 600), 4.22, 6.42);
}

static void ages_of_a_window_by_age_are_those_of_the_model(void)
{
    ages_expect(of_window(256, 5), 6.39, 16.3);
}

SUITE_MAIN("gossip_window",
           {"the window is what the example says",
            the_window_is_what_the_example_says},
           {"the gone are targets only when any node is",
            the_gone_are_targets_only_when_any_node_is},
           {"the silent are targets only when any node is",
            the_silent_are_targets_only_when_any_node_is},
           {"a large window goes in several messages to one target",
            a_large_window_goes_in_several_messages_to_one_target},
           {"ages of a fixed window are those of the model",
            ages_of_a_fixed_window_are_those_of_the_model},
           {"ages of a whole board are those of the model",
            ages_of_a_whole_board_are_those_of_the_model},
           {"ages of a window by age are those of the model",
            ages_of_a_window_by_age_are_those_of_the_model})
