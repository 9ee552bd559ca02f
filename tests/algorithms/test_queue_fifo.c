/* test_queue_fifo.c - who starts, in which order, and how many at once. */
#include "../suite.h"
#include "queue_stand.h"

static void who_came_first_starts_first(void)
{
    struct stand *s = queue_stand(1, "queue_fifo");
    queue_submit(s, 5, (struct queue_job){.priority = 50});
    queue_run_all(s);
    queue_expect_order(s, (const uint32_t[]){1, 2, 3, 4, 5}, 5);
    stand_destroy(s);
}

static void priority_comes_before_rank_and_rank_before_age(void)
{
    struct stand *s = queue_stand(1, "queue_fifo");
    queue_submit(s, 2, (struct queue_job){.priority = 50});
    queue_submit(s, 1, (struct queue_job){.priority = 50, .rank = 1});
    queue_submit(s, 1, (struct queue_job){.priority = 50});
    queue_submit(s, 1, (struct queue_job){.priority = 40, .rank = 9});
    queue_run_all(s);
    queue_expect_order(s, (const uint32_t[]){5, 1, 2, 4, 3}, 5);
    stand_destroy(s);
}

/* Advance is a lower rank, retard a higher one, both while it waits. */
static void its_user_may_advance_and_hold_what_waits(void)
{
    struct stand *s = queue_stand(1, "queue_fifo");
    queue_submit(s, 5, (struct queue_job){.priority = 50, .rank = 5});
    queue_seconds(s, 1);
    queue_change(s, 4, (struct queue_job){.priority = 50, .rank = 1});
    queue_change(s, 2,
                 (struct queue_job){.priority = 50, .rank = 5, .held = true});
    queue_seconds(s, 2);
    queue_end(s, 1);
    queue_seconds(s, 2);
    queue_end(s, 4);
    queue_seconds(s, 2);
    queue_expect_order(s, (const uint32_t[]){1, 4, 3}, 3);
    queue_change(s, 2, (struct queue_job){.priority = 50, .rank = 5});
    queue_run_all(s);
    queue_expect_order(s, (const uint32_t[]){1, 4, 3, 2, 5}, 5);
    stand_destroy(s);
}

/* A and B run on two cores; C needs both; D came later. */
static void two_cores(struct stand *s)
{
    queue_submit(s, 2, (struct queue_job){.priority = 50});
    queue_submit(s, 1, (struct queue_job){.priority = 50, .width = 2});
    queue_submit(s, 1, (struct queue_job){.priority = 50});
    queue_seconds(s, 2);
    queue_submit(s, 1, (struct queue_job){.priority = 0});
    queue_seconds(s, 2);
    queue_end(s, 1);
    queue_seconds(s, 3);
    queue_end(s, 2);
    queue_seconds(s, 3);
}

static void nobody_overtakes_a_wide_head(void)
{
    struct stand *s = queue_stand_cores(1, "queue_fifo", 2);
    two_cores(s);
    queue_expect_order(s, (const uint32_t[]){1, 2, 5}, 3);
    queue_end(s, 5);
    queue_seconds(s, 3);
    queue_expect_order(s, (const uint32_t[]){1, 2, 5, 3}, 4);
    stand_destroy(s);
}

static void with_backfill_what_fits_overtakes(void)
{
    struct stand *s = queue_stand_cores(1, "queue_fifo", 2);
    stand_set(s, 0, "backfill_small", 1);
    queue_restart(s);
    two_cores(s);
    queue_expect_order(s, (const uint32_t[]){1, 2, 5, 4}, 4);
    stand_destroy(s);
}

static void the_processes_of_a_wide_job_start_together(void)
{
    struct stand *s = queue_stand_cores(1, "queue_fifo", 4);
    queue_submit(s, 2, (struct queue_job){.priority = 50});
    queue_seconds(s, 2);
    queue_submit(s, 3,
                 (struct queue_job){.priority = 50, .width = 3, .job = 7});
    queue_seconds(s, 3);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 2);
    queue_end(s, 1);
    queue_seconds(s, 3);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 5);
    CU_ASSERT_EQUAL(stand_find(s, ACTION_RUN, 2)->at_us,
                    stand_find(s, ACTION_RUN, 4)->at_us);
    stand_destroy(s);
}

static void the_first_of_each_user_and_of_priority_0_start_at_once(void)
{
    struct stand *s = queue_stand(1, "queue_fifo");
    stand_set(s, 0, "user_first", 2);
    stand_set(s, 0, "user_first_up_to_bytes", 100 * STAND_MIB);
    stand_set(s, 0, "first_free", 1);
    queue_restart(s);
    queue_submit(s, 4, (struct queue_job){.priority = 50, .user = 1});
    queue_submit(s, 4, (struct queue_job){.priority = 50, .user = 2});
    queue_submit(s, 1,
                 (struct queue_job){.priority = 50, .user = 3, .mem_mib = 200});
    queue_seconds(s, 5);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 4); /* Two of each. */
    queue_submit(s, 2, (struct queue_job){.priority = 0, .user = 2});
    queue_seconds(s, 5);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 5);
    stand_destroy(s);
}

static void no_more_run_than_may_at_once(void)
{
    struct stand *s = queue_stand_cores(1, "queue_fifo", 8);
    stand_set(s, 0, "max_jobs", 3);
    queue_restart(s);
    queue_submit(s, 6, (struct queue_job){.priority = 50});
    queue_seconds(s, 10);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 3);
    stand_destroy(s);
}

/* 800 MiB run; 400 more do not fit into 1024, and who is behind must wait. */
static void memory_is_needed_too(void)
{
    struct stand *s = queue_stand_cores(1, "queue_fifo", 4);
    queue_submit(s, 1, (struct queue_job){.priority = 50, .mem_mib = 800});
    queue_seconds(s, 2);
    queue_submit(s, 1, (struct queue_job){.priority = 50, .mem_mib = 400});
    queue_submit(s, 1, (struct queue_job){.priority = 50, .mem_mib = 10});
    queue_seconds(s, 5);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 1);
    queue_end(s, 1);
    queue_seconds(s, 5);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 3);
    /* What fits nowhere at all waits for nothing. */
    queue_submit(s, 1, (struct queue_job){.priority = 50, .mem_mib = 4000});
    queue_seconds(s, 5);
    CU_ASSERT_EQUAL(stand_count(s, ACTION_RUN), 4);
    stand_destroy(s);
}

/* A home of 30,000 entries, whose manager, node 1, is not there:
 * how often it speaks does not grow with them, and the best goes first. */
static void thirty_thousand_entries_are_a_message_each_second(void)
{
    enum { ENTRIES = 30000, SPAN = 3, SAID_BYTES = 24 * 42 };
    struct stand *s = stand_create(4);
    stand_add(s, "queue_fifo");
    stand_draw_maps(s);
    s->config.id = 2;
    s->config.proc_max = ENTRIES + 2;
    s->config.away_max = ENTRIES + 2;
    size_t bytes = (node_bytes(&s->config) + 15) / 16 * 16;
    void *block = aligned_alloc(16, bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    struct node *node = node_init(block, &s->config);
    struct event event = {.kind = EVENT_START,
                          .now_us = s->now_us,
                          .self = &s->infos[1],
                          .map = s->maps[0],
                          .map_count = 1};
    node_step(node, &event, &s->batch);
    for (uint32_t i = 1; i <= ENTRIES; i++) {
        struct proc_info proc = {.id = (2ULL << 32) + i,
                                 .priority = i == ENTRIES - 7 ? 3 : 50,
                                 .mem_bytes = STAND_MIB};
        event = (struct event){.kind = EVENT_SUBMIT,
                               .now_us = s->now_us + i,
                               .procs = &proc,
                               .proc_count = 1};
        node_step(node, &event, &s->batch);
    }
    size_t sent = 0;
    usec_t end_us = s->now_us + SPAN * (usec_t)STAND_SECOND_US;
    for (usec_t due = node_deadline(node); due <= end_us;
         due = node_deadline(node)) {
        event = (struct event){.kind = EVENT_ALARM, .now_us = due};
        node_step(node, &event, &s->batch);
        for (size_t i = 0; i < s->batch.count; i++) {
            const struct action *action = &s->batch.actions[i];
            if (action->kind != ACTION_SEND)
                continue;
            CU_ASSERT_FATAL(action->byte_count > SAID_BYTES);
            const uint8_t *wish =
                action->bytes + action->byte_count - SAID_BYTES;
            CU_ASSERT_EQUAL(action->peer, 1);
            CU_ASSERT_EQUAL(wish[0] | wish[1] << 8, ENTRIES - 7);
            sent++;
        }
    }
    CU_ASSERT_EQUAL(sent, SPAN);
    free(block);
    stand_destroy(s);
}

SUITE_MAIN("queue_fifo",
           {"who came first starts first", who_came_first_starts_first},
           {"priority comes before rank, rank before age",
            priority_comes_before_rank_and_rank_before_age},
           {"its user may advance and hold what waits",
            its_user_may_advance_and_hold_what_waits},
           {"nobody overtakes a wide head", nobody_overtakes_a_wide_head},
           {"with backfill what fits overtakes",
            with_backfill_what_fits_overtakes},
           {"the processes of a wide job start together",
            the_processes_of_a_wide_job_start_together},
           {"the first of each user and of priority 0 start at once",
            the_first_of_each_user_and_of_priority_0_start_at_once},
           {"no more run than may at once", no_more_run_than_may_at_once},
           {"memory is needed too", memory_is_needed_too},
           {"thirty thousand entries are a message each second",
            thirty_thousand_entries_are_a_message_each_second})
