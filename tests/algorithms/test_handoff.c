/* test_handoff.c - one owner, whatever is lost, doubled or late. The truth is
 * kept by trio.h, which checks after every action that nothing runs twice. */
#include "algorithms/node/handoff.h"
#include "tests/suite.h"
#include "trio.h"

static const usec_t long_us = 200 * 1000000;

/* Process 1 of home 1 runs on node 2. */
static struct trio *away_on_two(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    return trio;
}

static void moves_to_another_node(void)
{
    struct trio *trio = away_on_two();
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 2);
    CU_ASSERT_PTR_NULL(trio_proc(trio, 1, 1));
    const struct proc_info *proc = trio_proc(trio, 2, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(proc);
    CU_ASSERT_EQUAL(proc->came_from, 1);
    CU_ASSERT_EQUAL(proc->move_count, 1);
    CU_ASSERT_EQUAL(proc->state, PROC_RUNNING);
    const struct action *moved = trio_last(trio, 1, ACTION_MOVED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(moved);
    CU_ASSERT_EQUAL(moved->result.outcome, MOVE_DONE);
    /* Until its image was whole, and one frame, the claim, until the verdict.
     */
    CU_ASSERT_EQUAL(moved->result.frozen_us, 7 + 100);
    CU_ASSERT_EQUAL(moved->result.copied_bytes, 9);
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->guest_count, 1);
    trio_destroy(trio);
}

static void goes_on_and_comes_home(void)
{
    struct trio *trio = away_on_two();
    trio_move(trio, 2, 1, 3);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 3);
    trio_step(trio, 1, (struct event){.kind = EVENT_RECALL, .proc = 1});
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][0]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), NODE_NONE);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->move_count, 3);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->submitted_us, 1000 * TRIO_SECOND_US);
    trio_destroy(trio);
}

static void its_home_hears_of_its_end_once(void)
{
    struct trio *trio = away_on_two();
    trio->twice = true;
    trio_end(trio, 2, 1);
    trio_settle(trio, long_us);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_ENDED, 1), 1);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), NODE_NONE);
    CU_ASSERT_EQUAL(node_deadline(trio_node(trio, 2)), USEC_NEVER);
    trio_destroy(trio);
}

/* A journey 1 -> 2 -> 3 -> home -> 2, then its end. */
static void journey(struct trio *trio)
{
    trio_submit(trio, 1, 1);
    static const node_id stops[] = {2, 3, 1, 2};
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        for (node_id at = 1; at <= TRIO_NODES; at++)
            if (trio->runs[1][at - 1] && at != stops[i]) {
                trio_move(trio, at, 1, stops[i]);
                trio_settle(trio, 60 * TRIO_SECOND_US);
                CU_ASSERT_EQUAL(trio_run_count(trio, 1), 1);
                break;
            }
    for (node_id at = 1; at <= TRIO_NODES; at++)
        if (trio->runs[1][at - 1]) {
            CU_ASSERT_EQUAL(trio_place(trio, 1, 1), at == 1 ? NODE_NONE : at);
            CU_ASSERT_PTR_NOT_NULL(trio_proc(trio, at, 1));
            trio_end(trio, at, 1);
            break;
        }
    trio_settle(trio, 60 * TRIO_SECOND_US);
    for (node_id id = 1; id <= TRIO_NODES; id++) {
        CU_ASSERT_PTR_NULL(trio_proc(trio, id, 1));
        CU_ASSERT_EQUAL(node_deadline(trio_node(trio, id)), USEC_NEVER);
        CU_ASSERT_EQUAL(node_self(trio_node(trio, id))->guest_count, 0);
        CU_ASSERT_EQUAL(node_self(trio_node(trio, id))->load_milli, 0);
        CU_ASSERT_EQUAL(node_self(trio_node(trio, id))->mem_free_bytes,
                        512 * TRIO_MIB);
    }
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), NODE_NONE);
}

static void any_frame_may_be_lost(void)
{
    size_t frame_count = 1;
    size_t lost = 0;
    for (; lost < frame_count; lost++) {
        struct trio *trio = trio_create(NULL, 0, false);
        trio->lose = (long)lost;
        journey(trio);
        frame_count = trio->frame_count;
        trio_destroy(trio);
    }
    CU_ASSERT(lost > 20); /* Each of the four moves has at least five. */
}

static void every_frame_may_be_doubled(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio->twice = true;
    journey(trio);
    trio_destroy(trio);
}

static void all_old_frames_again_do_nothing(void)
{
    struct trio *trio = away_on_two();
    trio_move(trio, 2, 1, 3);
    trio_deliver(trio);
    trio_move(trio, 3, 1, 1);
    trio_deliver(trio);
    trio_move(trio, 1, 1, 3);
    trio_deliver(trio);
    size_t old = trio->frame_count;
    for (size_t i = old; i-- > 0;)
        trio_give(trio, &trio->frames[i]);
    trio_settle(trio, long_us);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 3);
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->guest_count, 0);
    trio_destroy(trio);
}

static void unanswered_offer_fails(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio_submit(trio, 1, 1);
    trio->lose = 0;
    trio_move(trio, 1, 1, 2);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->state, PROC_LEAVING);
    CU_ASSERT_EQUAL(node_deadline(trio_node(trio, 1)),
                    trio->now_us + trio->config.offer_timeout_us);
    trio_settle(trio, long_us);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_FAILED, 1), 1);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->state, PROC_RUNNING);
    CU_ASSERT(trio->runs[1][0]);
    trio_destroy(trio);
}

static void failed_carrying_leaves_it_here(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->guest_count, 1);
    trio_carry(trio, false);
    CU_ASSERT_EQUAL(trio_last(trio, 1, ACTION_FAILED)->result.outcome,
                    MOVE_FAILED);
    CU_ASSERT(trio->runs[1][0]);
    trio_settle(trio, long_us); /* The room at the target lapses. */
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->guest_count, 0);
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->mem_free_bytes,
                    512 * TRIO_MIB);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][1]);
    trio_destroy(trio);
}

static void room_is_kept_while_it_is_carried(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    usec_t end_us = trio->now_us + 10 * trio->config.room_us;
    while (trio->now_us < end_us) {
        trio->now_us = node_deadline(trio_node(trio, 1));
        trio_step(trio, 1, (struct event){.kind = EVENT_ALARM});
        while (trio->frame_next < trio->frame_count)
            trio_give(trio, &trio->frames[trio->frame_next++]);
        trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
        CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->guest_count, 1);
        CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->load_milli, 1000);
    }
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][1]);
    trio_destroy(trio);
}

static void ends_while_it_is_carried(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_end(trio, 1, 1);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_CANCEL, 1), 1);
    trio->carry_next++;
    trio_settle(trio, long_us);
    CU_ASSERT_EQUAL(trio_run_count(trio, 1), 0);
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 2))->guest_count, 0);
    trio_destroy(trio);
}

/* Carried from 2 to 3, both stopped; nobody has asked the home yet. */
static struct trio *between_two_and_three(void)
{
    struct trio *trio = away_on_two();
    trio_move(trio, 2, 1, 3);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_carry(trio, true);
    CU_ASSERT_EQUAL(trio_run_count(trio, 1), 0);
    return trio;
}

static void source_takes_it_back_by_way_of_the_home(void)
{
    struct trio *trio = between_two_and_three();
    trio->frame_next = trio->frame_count; /* The claim is lost; */
    for (int i = 0; i < 10; i++) {        /* node 3 is cut off. */
        trio->now_us = node_deadline(trio_node(trio, 2));
        trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
        for (; trio->frame_next < trio->frame_count; trio->frame_next++)
            if (trio->frames[trio->frame_next].to != 3)
                trio_give(trio, &trio->frames[trio->frame_next]);
    }
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_FAILED, 1), 1);
    trio_settle(trio, long_us); /* Node 3 is back, claims, and obeys. */
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_count(trio, 3, ACTION_DROP, 1), 1);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 2);
    trio_destroy(trio);
}

static void target_wins_if_it_comes_first(void)
{
    struct trio *trio = between_two_and_three();
    /* The claim reaches the home; both verdicts are lost. */
    trio_give(trio, &trio->frames[trio->frame_next++]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 3);
    trio->frame_next = trio->frame_count;
    trio_settle(trio, long_us);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_MOVED, 1), 1);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_DROP, 1), 1);
    trio_destroy(trio);
}

static void lapsed_room_gives_it_back_at_once(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio->now_us += 2 * trio->config.room_us; /* And no STILL. */
    trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
    trio_carry(trio, true);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_DROP, 1), 1);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][0]);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_FAILED, 1), 1);
    trio_destroy(trio);
}

/* Node 2 crashes and starts anew. */
static void restart(struct trio *trio, node_id id)
{
    struct node_config config = node_config_of(trio_node(trio, id));
    node_init(trio_node(trio, id), &config);
    for (size_t i = 0; i < TRIO_PROCS_MAX; i++)
        trio->runs[i][id - 1] = false;
    trio_step(trio, id,
              (struct event){.kind = EVENT_START,
                             .self = &trio->self,
                             .map = trio->map[id - 1],
                             .map_count = trio->map_count});
}

static void owner_that_crashed_has_lost_it(void)
{
    struct trio *trio = away_on_two();
    restart(trio, 2);
    trio_settle(trio, long_us);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_LOST, 1), 1);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), NODE_NONE);
    trio_destroy(trio);
}

static void home_that_crashed_ends_its_guests(void)
{
    struct trio *trio = away_on_two();
    restart(trio, 1);
    trio_settle(trio, long_us);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_DROP, 1), 1);
    CU_ASSERT_EQUAL(trio_run_count(trio, 1), 0);
    trio_destroy(trio);
}

static void source_may_crash_after_the_image(void)
{
    struct trio *trio = between_two_and_three();
    restart(trio, 2);
    trio_settle(trio, long_us);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_LOST, 1), 0);
    trio_destroy(trio);
}

static void target_may_crash_before_its_claim(void)
{
    struct trio *trio = between_two_and_three();
    trio->frame_next = trio->frame_count;
    restart(trio, 3);
    trio_settle(trio, long_us);
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 2);
    trio_destroy(trio);
}

static void declared_dead_is_lost_for_good(void)
{
    struct trio *trio = away_on_two();
    trio_step(trio, 1, (struct event){.kind = EVENT_DEAD, .peer = 2});
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_LOST, 1), 1);
    trio_settle(trio, long_us); /* Node 2 speaks of it, and must drop it. */
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_DROP, 1), 1);
    CU_ASSERT_EQUAL(trio_run_count(trio, 1), 0);
    trio_destroy(trio);
}

static void guests_of_a_dead_home_are_dropped(void)
{
    struct trio *trio = away_on_two();
    trio_step(trio, 2, (struct event){.kind = EVENT_DEAD, .peer = 1});
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_DROP, 1), 1);
    CU_ASSERT_PTR_NULL(trio_proc(trio, 2, 1));
    trio_destroy(trio);
}

static void many_that_are_dead_take_several_steps(void)
{
    enum { MANY = 1500 };
    struct trio *trio = trio_create(NULL, 0, false);
    struct node_config config = node_config_of(trio_node(trio, 1));
    config.away_max = MANY;
    struct node *larger =
        node_init(aligned_alloc(16, node_bytes(&config)), &config);
    free(trio->nodes[0]);
    trio->nodes[0] = larger;
    restart(trio, 1);
    /* Rows as claims make them; carrying so many would teach nothing. */
    struct away *away = state_away(larger);
    for (proc_id i = 0; i < MANY; i++)
        away[i] = (struct away){.proc = TRIO_PROCS_MAX + i,
                                .place = 2,
                                .last_word_us = trio->now_us,
                                .next_us = USEC_NEVER};
    larger->away_count = MANY;
    trio_step(trio, 1, (struct event){.kind = EVENT_DEAD, .peer = 2});
    CU_ASSERT(trio_count(trio, 1, ACTION_LOST, 0) < MANY);
    trio_settle(trio, 1);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_LOST, 0), MANY);
    CU_ASSERT_EQUAL(node_deadline(larger), USEC_NEVER);
    trio_destroy(trio);
}

static void silence_is_asked_about(void)
{
    struct trio *trio = away_on_two();
    trio->now_us += 3 * trio->config.word_us;
    trio_step(trio, 1, (struct event){.kind = EVENT_ALARM});
    size_t count;
    const struct away *away = node_away(trio_node(trio, 1), &count);
    CU_ASSERT(count == 1 && away[0].silent);
    trio_deliver(trio);
    away = node_away(trio_node(trio, 1), &count);
    CU_ASSERT(count == 1 && !away[0].silent);
    trio_destroy(trio);
}

/* Node 1 is woken when it wants to be, and nobody hears it: instants between
 * its next frames of that kind, and of the first one since from_us. */
static void hear_gaps(struct trio *trio,
                      enum frame_kind kind,
                      usec_t from_us,
                      usec_t *ret_gaps_us,
                      size_t gap_count)
{
    for (size_t found = 0; found < gap_count;) {
        size_t sent = trio->frame_count;
        trio->now_us = node_deadline(trio_node(trio, 1));
        CU_ASSERT_FATAL(trio->now_us < USEC_NEVER);
        trio_step(trio, 1, (struct event){.kind = EVENT_ALARM});
        for (; sent < trio->frame_count; sent++)
            if (trio->frames[sent].bytes[1] == kind) {
                ret_gaps_us[found++] = trio->now_us - from_us;
                from_us = trio->now_us;
                break;
            }
    }
    trio->frame_next = trio->frame_count;
}

static void same_gaps(const usec_t *gaps_us,
                      const unsigned *expected_s_10,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(gaps_us[i], expected_s_10[i] * 100000);
}

/* A second there and one back; 0.5 s, doubled up to 16 times. */
static void a_recall_waits_for_the_way_and_ever_longer(void)
{
    static const unsigned expected_s_10[] = {25, 30, 40, 60, 100, 100};
    usec_t gaps_us[6];
    struct trio *trio = away_on_two();
    trio->map[0][0].latency_us = TRIO_SECOND_US;
    struct node *home = trio_node(trio, 1);
    home->config.word_us = long_us; /* No query comes between. */
    trio_step(trio, 1, (struct event){.kind = EVENT_RECALL, .proc = 1});
    hear_gaps(trio, FRAME_RECALL, trio->now_us, gaps_us, 6);
    same_gaps(gaps_us, expected_s_10, 6);
    trio_destroy(trio);
}

/* As before; 10 s, doubled up to 16 times; begun anew when it is heard. */
static void a_query_waits_for_the_way_and_ever_longer(void)
{
    static const unsigned expected_s_10[] = {120, 220, 420, 820, 1620, 1620};
    usec_t gaps_us[6];
    struct trio *trio = away_on_two();
    trio->map[0][0].latency_us = TRIO_SECOND_US;
    trio->now_us += 3 * trio->config.word_us;
    trio_step(trio, 1, (struct event){.kind = EVENT_ALARM});
    trio->frame_next = trio->frame_count;
    hear_gaps(trio, FRAME_QUERY, trio->now_us, gaps_us, 6);
    same_gaps(gaps_us, expected_s_10, 6);
    trio->frame_next--; /* It hears the last one, and answers. */
    trio_deliver(trio);
    trio->now_us += 3 * trio->config.word_us;
    trio_step(trio, 1, (struct event){.kind = EVENT_ALARM});
    hear_gaps(trio, FRAME_QUERY, trio->now_us, gaps_us, 2);
    same_gaps(gaps_us, expected_s_10, 2);
    trio_destroy(trio);
}

static void only_its_home_decides(void)
{
    struct trio *trio = away_on_two();
    struct message lie = {
        .kind = FRAME_VERDICT, .from = 3, .proc = 1, .epoch = 9, .place = 3};
    handoff_message(trio_node(trio, 2), trio->batch, &lie);
    CU_ASSERT_PTR_NOT_NULL(trio_proc(trio, 2, 1));
    trio_destroy(trio);
}

/* The image is claimed before the source hears that it was carried. */
static struct trio *given_away_while_carrying(void)
{
    struct trio *trio = away_on_two();
    trio_move(trio, 2, 1, 3);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    const struct trio_carry *carry = &trio->carries[trio->carry_next++];
    trio->runs[1][1] = false;
    trio_step(trio, 3,
              (struct event){.kind = EVENT_IMAGE,
                             .peer = 2,
                             .epoch = carry->epoch,
                             .procs = &carry->proc,
                             .proc_count = 1});
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_MOVED, 1), 0);
    return trio;
}

static void figures_come_with_carried(void)
{
    struct trio *trio = given_away_while_carrying();
    trio_step(trio, 2,
              (struct event){.kind = EVENT_CARRIED,
                             .proc = 1,
                             .epoch = 2,
                             .done = true,
                             .frozen_us = 7});
    const struct action *moved = trio_last(trio, 2, ACTION_MOVED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(moved);
    CU_ASSERT_EQUAL(moved->result.frozen_us, 7);
    trio_destroy(trio);
}

static void end_of_a_void_copy_is_no_end(void)
{
    struct trio *trio = given_away_while_carrying();
    size_t frames = trio->frame_count;
    trio_step(trio, 2, (struct event){.kind = EVENT_ENDED, .proc = 1});
    CU_ASSERT_EQUAL(trio->frame_count, frames);
    trio_settle(trio, long_us);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_ENDED, 1), 0);
    trio_destroy(trio);
}

static void tell(struct trio *trio,
                 node_id id,
                 enum frame_kind kind,
                 node_id from,
                 uint32_t epoch)
{
    struct message message = {.kind = (uint8_t)kind,
                              .from = from,
                              .proc = 1,
                              .epoch = epoch,
                              .place = from};
    struct batch *batch = trio->batch;
    batch->count = 0;
    batch->byte_count = 0;
    batch->out->notice_first = 0;
    batch->out->notice_count = 0;
    handoff_message(trio_node(trio, id), batch, &message);
    for (size_t i = 0; i < batch->count; i++)
        trio_take(trio, id, &batch->actions[i]);
}

/* 1 -> 2 -> home -> 2: node 2 owned it at epoch 1, and does at epoch 3. */
static void the_home_ignores_other_epochs(void)
{
    struct trio *trio = away_on_two();
    trio_move(trio, 2, 1, 1);
    trio_deliver(trio);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    for (uint32_t epoch = 0; epoch < 6; epoch++) {
        if (epoch == 3)
            continue;
        tell(trio, 1, FRAME_HAVE_NOT, 2, epoch);
        tell(trio, 1, FRAME_ENDED, 2, epoch);
        if (epoch != 4) { /* The next owner's, and this owner's. */
            tell(trio, 1, FRAME_CLAIM, 3, epoch);
            tell(trio, 1, FRAME_KEEP, 2, epoch);
        }
    }
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 2);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_LOST, 1), 0);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_ENDED, 1), 0);
    size_t count;
    CU_ASSERT_EQUAL(node_away(trio_node(trio, 1), &count)->epoch, 3);
    /* The old offer to come home reserves nothing. */
    for (size_t i = 0; i < trio->frame_next; i++)
        if (trio->frames[i].to == 1 && trio->frames[i].bytes[1] == FRAME_OFFER)
            trio_give(trio, &trio->frames[i]);
    CU_ASSERT_EQUAL(node_self(trio_node(trio, 1))->load_milli, 0);
    trio_destroy(trio);
}

static void old_verdict_does_not_drop_an_image(void)
{
    struct trio *trio = between_two_and_three();
    tell(trio, 3, FRAME_VERDICT, 1, 1); /* (home, 1): before the claim. */
    CU_ASSERT_EQUAL(trio_count(trio, 3, ACTION_DROP, 1), 0);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][2]);
    trio_destroy(trio);
}

static void each_home_hears_of_its_own_guests(void)
{
    struct trio *trio = away_on_two();
    trio_submit(trio, 3, 2);
    trio_move(trio, 3, 2, 2);
    trio_deliver(trio);
    size_t before = trio->frame_count;
    trio_settle(trio, long_us);
    size_t word_count[TRIO_NODES + 1] = {0};
    for (size_t i = before; i < trio->frame_count; i++) {
        CU_ASSERT_EQUAL(trio->frames[i].bytes[1], FRAME_WORD);
        CU_ASSERT_EQUAL(trio->frames[i].count, FRAME_HEAD_BYTES + 12);
        word_count[trio->frames[i].to]++;
    }
    CU_ASSERT_EQUAL(word_count[1], 20); /* 200 s, one every 10 s. */
    CU_ASSERT_EQUAL(word_count[3], 20);
    trio_destroy(trio);
}

static void start_away(const struct policy_ctx *c, const struct proc_info *proc)
{
    policy_start(c, proc->id, 2, "elsewhere");
}

static const struct policy starter = {
    .abi = POLICY_ABI,
    .name = "place_elsewhere",
    .summary = "starts on node 2",
    .source = "test",
    .place = start_away,
};

static void first_start_elsewhere_is_no_move(void)
{
    const struct node_policy list = {.policy = &starter};
    struct trio *trio = trio_create(&list, 1, false);
    trio_submit(trio, 1, 1);
    CU_ASSERT_EQUAL(trio_run_count(trio, 1), 0);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->move_count, 0);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->came_from, NODE_NONE);
    CU_ASSERT(trio_last(trio, 1, ACTION_MOVED)->start);
    CU_ASSERT(trio_last(trio, 2, ACTION_RUN)->start);
    trio_destroy(trio);
}

static void refused_start_starts_at_home(void)
{
    const struct node_policy list = {.policy = &starter};
    struct trio *trio = trio_create(&list, 1, false);
    trio_step(trio, 2,
              (struct event){.kind = EVENT_STATE, .state = NODE_BLOCKED});
    trio_submit(trio, 1, 1);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][0]);
    const struct action *refused = trio_last(trio, 1, ACTION_REFUSED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(refused);
    CU_ASSERT_STRING_EQUAL(refused->why,
                           "target: its owner takes no guests now");
    CU_ASSERT(trio_last(trio, 1, ACTION_RUN)->start);
    trio_destroy(trio);
}

/* Every frame arrives latency_us after it was sent. */
static void settle_far(struct trio *trio, usec_t latency_us, usec_t span_us)
{
    static usec_t due_us[TRIO_FRAMES_MAX];
    usec_t end_us = trio->now_us + span_us;
    size_t dated = trio->frame_next;
    for (;;) {
        for (; dated < trio->frame_count; dated++)
            due_us[dated] = trio->now_us + latency_us;
        if (trio->carry_next < trio->carry_count) {
            trio_carry(trio, true);
            continue;
        }
        usec_t next_us = USEC_NEVER;
        node_id first = NODE_NONE;
        if (trio->frame_next < trio->frame_count)
            next_us = due_us[trio->frame_next];
        for (node_id id = 1; id <= TRIO_NODES; id++)
            if (node_deadline(trio_node(trio, id)) < next_us) {
                next_us = node_deadline(trio_node(trio, id));
                first = id;
            }
        if (next_us > end_us)
            break;
        trio->now_us = next_us;
        if (first != NODE_NONE)
            trio_step(trio, first, (struct event){.kind = EVENT_ALARM});
        else
            trio_give(trio, &trio->frames[trio->frame_next++]);
    }
    trio->now_us = end_us;
}

static void far_nodes_have_time_to_answer(void)
{
    const usec_t latency_us = TRIO_SECOND_US;
    struct trio *trio = trio_create(NULL, 0, true);
    for (size_t i = 0; i < TRIO_NODES; i++)
        for (size_t k = 1; k < TRIO_NODES; k++)
            trio->map[i][k].latency_us = latency_us;
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    CU_ASSERT_EQUAL(
        node_deadline(trio_node(trio, 1)),
        trio->now_us + trio->config.offer_timeout_us + 2 * latency_us);
    settle_far(trio, latency_us, 5 * TRIO_SECOND_US);
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio->frame_count, 4); /* Offer, accept, claim, verdict. */
    trio_move(trio, 2, 1, 3);
    settle_far(trio, latency_us, 5 * TRIO_SECOND_US);
    CU_ASSERT(trio->runs[1][2]);
    CU_ASSERT_EQUAL(trio->frame_count, 9); /* A verdict for both of them. */
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 3);
    trio_end(trio, 3, 1);
    settle_far(trio, latency_us, 5 * TRIO_SECOND_US);
    CU_ASSERT_EQUAL(trio->frame_count, 11); /* Ended, ended heard. */
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_ENDED, 1), 1);
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_FAILED, 1), 0);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_FAILED, 1), 0);
    trio_destroy(trio);
}

static void the_own_cluster_has_a_latency_too(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    for (size_t i = 0; i < TRIO_NODES; i++)
        trio->map[i][0].latency_us = 300;
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    CU_ASSERT_EQUAL(node_deadline(trio_node(trio, 1)),
                    trio->now_us + trio->config.offer_timeout_us + 600);
    trio_destroy(trio);
}

SUITE_MAIN(
    "handoff",
    {"a process moves to another node", moves_to_another_node},
    {"it goes on to a third and comes home", goes_on_and_comes_home},
    {"its home hears of its end once", its_home_hears_of_its_end_once},
    {"any one frame may be lost", any_frame_may_be_lost},
    {"every frame may come twice, late", every_frame_may_be_doubled},
    {"all old frames again do nothing", all_old_frames_again_do_nothing},
    {"an offer without an answer fails", unanswered_offer_fails},
    {"a failed carrying leaves it here", failed_carrying_leaves_it_here},
    {"room is kept while it is carried", room_is_kept_while_it_is_carried},
    {"it may end while it is carried", ends_while_it_is_carried},
    {"the source takes it back by way of the home",
     source_takes_it_back_by_way_of_the_home},
    {"the target wins if it comes first", target_wins_if_it_comes_first},
    {"lapsed room gives it back at once", lapsed_room_gives_it_back_at_once},
    {"an owner that crashed has lost it", owner_that_crashed_has_lost_it},
    {"a home that crashed ends its guests", home_that_crashed_ends_its_guests},
    {"the source may crash once the image is there",
     source_may_crash_after_the_image},
    {"the target may crash before its claim",
     target_may_crash_before_its_claim},
    {"what a dead node held is lost for good", declared_dead_is_lost_for_good},
    {"guests of a dead home are dropped", guests_of_a_dead_home_are_dropped},
    {"1,500 that are lost at once take several steps",
     many_that_are_dead_take_several_steps},
    {"silence is asked about", silence_is_asked_about},
    {"a recall waits for the way, and ever longer",
     a_recall_waits_for_the_way_and_ever_longer},
    {"a query waits for the way, and ever longer",
     a_query_waits_for_the_way_and_ever_longer},
    {"only its home decides about a process", only_its_home_decides},
    {"the figures of a move come with CARRIED", figures_come_with_carried},
    {"the end of a void copy is no end", end_of_a_void_copy_is_no_end},
    {"the home ignores what names another epoch",
     the_home_ignores_other_epochs},
    {"a verdict from before the claim drops nothing",
     old_verdict_does_not_drop_an_image},
    {"each home hears of its own guests", each_home_hears_of_its_own_guests},
    {"a first start elsewhere is no migration",
     first_start_elsewhere_is_no_move},
    {"a refused start starts at home", refused_start_starts_at_home},
    {"far nodes have the time to answer", far_nodes_have_time_to_answer},
    {"the own cluster has a latency too", the_own_cluster_has_a_latency_too})
