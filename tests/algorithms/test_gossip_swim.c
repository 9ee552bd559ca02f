/* test_gossip_swim.c - who is silent is found, who lives is not buried. */
#include <math.h>
#include "../suite.h"
#include "algorithms/gossip/members.h"
#include "stand.h"

enum { A = 1, B, C };
#define SECONDS(n) ((usec_t)((n)*STAND_SECOND_US))

static struct stand *make(size_t node_count, uint64_t suspicion)
{
    struct stand *s = stand_create(node_count);
    stand_add(s, "gossip_swim");
    stand_set(s, 0, "suspicion", suspicion);
    s->config.board_max = (uint32_t)node_count;
    s->config.board_age_us = USEC_NEVER;
    return s;
}

static bool holds_for_gone(struct stand *s, node_id who, node_id whom)
{
    const struct node *node = stand_node(s, who);
    for (size_t i = 0; i < node_peer_count(node); i++)
        if (node_peer(node, i)->word.id == whom)
            return node_peer(node, i)->word.state == NODE_GONE;
    return false;
}

static size_t mourners(struct stand *s, node_id whom)
{
    size_t count = 0;
    for (node_id id = 1; id <= s->node_count; id++)
        count += id != whom && holds_for_gone(s, id, whom);
    return count;
}

/* Step by step until somebody holds node 1 for gone; the instant. */
static usec_t found_us(struct stand *s, usec_t step_us, usec_t most_us)
{
    usec_t begin_us = stand_time_us(s);
    while (mourners(s, 1) == 0 && stand_time_us(s) - begin_us < most_us)
        stand_run_until(s, stand_time_us(s) + step_us);
    return stand_time_us(s);
}

static void the_example(void)
{
    struct stand *s = make(3, 4);
    stand_set(s, 0, "in_step", 1);
    stand_start(s);
    stand_run_until(s, SECONDS(10) - 1);
    stand_silence(s, A, true);
    /* Others ping it at 10, 11, ...: whole seconds; to suspect takes one more
     * and 4 x 1 x 1 of suspicion. */
    usec_t found = found_us(s, 1, SECONDS(20));
    CU_ASSERT_EQUAL((found - SECONDS(15)) % SECONDS(1), 0);
    CU_ASSERT(found >= SECONDS(15));
    CU_ASSERT(found <= SECONDS(20));
    /* The suspicion is known to both by then or with the next ping. */
    stand_run_until(s, found + SECONDS(1));
    CU_ASSERT_EQUAL(mourners(s, A), 2);
    stand_destroy(s);
}

static void who_hangs_shortly_refutes(void)
{
    struct stand *s = make(8, 4);
    stand_start(s);
    stand_run_until(s, SECONDS(20));
    for (usec_t round = 0; round < 20; round++) {
        stand_silence(s, A, true);
        stand_run_until(s, stand_time_us(s) + SECONDS(3));
        stand_silence(s, A, false);
        stand_run_until(s, stand_time_us(s) + SECONDS(7));
        CU_ASSERT_EQUAL(mourners(s, A), 0);
    }
    /* Without suspicion it is buried at least once. */
    struct stand *hasty = make(8, 0);
    stand_start(hasty);
    stand_run_until(hasty, SECONDS(20));
    stand_silence(hasty, A, true);
    stand_run_until(hasty, SECONDS(30));
    CU_ASSERT(mourners(hasty, A) > 0);
    stand_destroy(hasty);
    stand_destroy(s);
}

static void all_hear_of_a_death_and_of_a_return(void)
{
    struct stand *s = make(32, 1);
    stand_start(s);
    stand_run_until(s, SECONDS(40));
    stand_silence(s, A, true);
    usec_t found = found_us(s, SECONDS(1) / 10, SECONDS(60));
    /* An epidemic by pings and answers grows faster than by e a period:
     * ln 32 = 3.5 periods to half of them, as many to the rest. */
    stand_run_until(s, found + SECONDS(8));
    CU_ASSERT_EQUAL(mourners(s, A), 31);
    stand_silence(s, A, false);
    stand_run_until(s, stand_time_us(s) + SECONDS(10));
    CU_ASSERT_EQUAL(mourners(s, A), 0);
    stand_destroy(s);
}

/* Mean number of the period in which a dead one is pinged first, over seeds. */
static double periods_to_detect(void)
{
    enum { NODES = 32, RUNS = 400, WARM_UP = 40 };
    double sum = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct stand *s = make(NODES, 0);
        stand_set(s, 0, "in_step", 1);
        s->config.seed = seed;
        stand_start(s);
        for (node_id id = 1; id <= NODES; id++)
            stand_tell(s, id);
        stand_run_until(s, SECONDS(WARM_UP) - 1);
        stand_silence(s, A, true);
        usec_t found = found_us(s, SECONDS(1), SECONDS(80));
        /* Pinged from WARM_UP on, held for dead when that period is over, seen
         * just before the next is. */
        double periods = (double)((found + 1) / SECONDS(1)) - WARM_UP - 1;
        sum += periods;
        stand_destroy(s);
    }
    return sum / RUNS;
}

static void detection_takes_e_over_e_minus_one_periods(void)
{
    double found = 1 - pow(1 - 1 / 31.0, 31);
    /* A geometric variable: deviation sqrt(1 - p) / p = 0.95; of the mean of
     * 400, 0.048. */
    CU_ASSERT_DOUBLE_EQUAL(periods_to_detect(), 1 / found,
                           3 * sqrt(1 - found) / found / 20);
}

/* The longest is bounded by 2 n - 1 for each node, so for the first too. */
static void in_turn_none_is_left_out(void)
{
    enum { NODES = 12, ROUNDS = 200 };
    struct stand *s = make(NODES, 4);
    stand_set(s, 0, "in_turn", 1);
    stand_start(s);
    size_t last[NODES + 1] = {0};
    for (size_t round = 1; round <= ROUNDS; round++) {
        s->now_us = node_deadline(stand_node(s, A));
        stand_step(s, A, (struct event){.kind = EVENT_ALARM});
        /* The first frame of a period is the ping; of a timeout there are
         * several, or one, which is not the subject. */
        if (s->frame_count == 1) {
            node_id target = s->frames[s->frame_first].target;
            CU_ASSERT(round - last[target] <= 3 * (2 * NODES - 1));
            last[target] = round;
        }
        stand_settle(s);
    }
    for (node_id id = 2; id <= NODES; id++)
        CU_ASSERT(ROUNDS - last[id] <= 3 * (2 * NODES - 1));
    stand_destroy(s);
}

static void costs_what_it_says(void)
{
    enum { NODES = 20, PERIODS = 100, WORDS = 8, FRAME = 78 };
    struct stand *s = make(NODES, 4);
    stand_start(s);
    stand_run_until(s, SECONDS(60));
    size_t frames = s->sent_count;
    size_t bytes = s->sent_bytes;
    stand_run_until(s, SECONDS(60 + PERIODS));
    CU_ASSERT_EQUAL(s->sent_count - frames, 2 * NODES * PERIODS);
    CU_ASSERT_EQUAL(s->sent_bytes - bytes,
                    (2 * NODES * PERIODS) * (FRAME + 17 + 1 + 64 * WORDS));
    stand_destroy(s);
}

/* Its cluster leaves the map while it is suspected. */
static void a_suspect_off_the_map_is_given_up(void)
{
    struct stand *s = make(3, 4);
    s->cluster_count = 2;
    s->cluster_sizes[0] = 2;
    s->cluster_sizes[1] = 1;
    stand_start(s);
    stand_silence(s, C, true);
    stand_run_until(s, SECONDS(4));
    for (node_id id = A; id <= B; id++)
        stand_step(s, id,
                   (struct event){
                       .kind = EVENT_MAP, .map = s->maps[0], .map_count = 1});
    stand_run_until(s, SECONDS(20));
    usec_t due_us = node_deadline(stand_node(s, A));
    s->now_us = due_us;
    stand_step(s, A, (struct event){.kind = EVENT_ALARM});
    CU_ASSERT(node_deadline(stand_node(s, A)) >= due_us + SECONDS(1) / 2);
    stand_destroy(s);
}

/* The order of section 4.2, and that the dead return. */
static void news_beat_each_other_as_the_paper_says(void)
{
    static const struct
    {
        struct update old;
        struct update new;
        bool news;
    } rows[] = {
        {{7, 0, MEMBER_ALIVE}, {7, 0, MEMBER_ALIVE}, false},
        {{7, 2, MEMBER_ALIVE}, {7, 2, MEMBER_SUSPECT}, true},
        {{7, 2, MEMBER_ALIVE}, {7, 1, MEMBER_SUSPECT}, false},
        {{7, 2, MEMBER_SUSPECT}, {7, 2, MEMBER_ALIVE}, false},
        {{7, 2, MEMBER_SUSPECT}, {7, 3, MEMBER_ALIVE}, true},
        {{7, 2, MEMBER_SUSPECT}, {7, 2, MEMBER_SUSPECT}, false},
        {{7, 2, MEMBER_SUSPECT}, {7, 3, MEMBER_SUSPECT}, true},
        {{7, 2, MEMBER_SUSPECT}, {7, 2, MEMBER_DEAD}, true},
        {{7, 2, MEMBER_DEAD}, {7, 2, MEMBER_ALIVE}, false},
        {{7, 2, MEMBER_DEAD}, {7, 2, MEMBER_SUSPECT}, false},
        {{7, 2, MEMBER_DEAD}, {7, 3, MEMBER_ALIVE}, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct members members = {0};
        members_apply(&members, rows[i].old);
        CU_ASSERT_EQUAL(members_apply(&members, rows[i].new) != NULL,
                        rows[i].news);
        const struct member *left = members_find(&members, 7);
        struct update last = left ? left->last : (struct update){7, 0, 0};
        CU_ASSERT_EQUAL(last.kind,
                        rows[i].news ? rows[i].new.kind : rows[i].old.kind);
    }
}

static void a_full_table_drops_what_was_told_most_but_no_suspect(void)
{
    struct members members = {0};
    for (node_id id = 1; id <= MEMBERS_MAX; id++)
        members_apply(
            &members,
            (struct update){id, 1, id > 2 ? MEMBER_SUSPECT : MEMBER_DEAD});
    struct writer w = {.count = 0};
    members_put(&members, &w, 1, NODE_NONE); /* The first eight are told. */
    CU_ASSERT_EQUAL(w.count, 1 + UPDATES_MAX * UPDATE_WIRE_BYTES);
    members_put(&members, &w, 1, 2);
    CU_ASSERT_PTR_NOT_NULL(
        members_apply(&members, (struct update){100, 1, MEMBER_SUSPECT}));
    CU_ASSERT_PTR_NULL(members_find(&members, 2));
    CU_ASSERT_PTR_NOT_NULL(
        members_apply(&members, (struct update){101, 1, MEMBER_SUSPECT}));
    CU_ASSERT_PTR_NULL(members_find(&members, 1));
    CU_ASSERT_PTR_NULL(
        members_apply(&members, (struct update){102, 1, MEMBER_SUSPECT}));
}

SUITE_MAIN("gossip_swim",
           {"the example", the_example},
           {"who hangs shortly refutes", who_hangs_shortly_refutes},
           {"all hear of a death and of a return",
            all_hear_of_a_death_and_of_a_return},
           {"detection takes e / (e - 1) periods",
            detection_takes_e_over_e_minus_one_periods},
           {"in turn none is left out", in_turn_none_is_left_out},
           {"it costs what it says", costs_what_it_says},
           {"a suspect off the map is given up",
            a_suspect_off_the_map_is_given_up},
           {"news beat each other as the paper says",
            news_beat_each_other_as_the_paper_says},
           {"a full table drops what was told most, but no suspect",
            a_full_table_drops_what_was_told_most_but_no_suspect})
