/* test_words.c - words of owners and users, one node at a time. */
#include "tests/suite.h"
#include "trio.h"

/* It thaws whatever is frozen, at each sample. */
static void thaw_all(const struct policy_ctx *c)
{
    for (size_t i = 0; i < c->proc_count; i++)
        if (c->procs[i].state == PROC_FROZEN)
            policy_thaw(c, c->procs[i].id, "always");
}

static const struct policy warm = {
    .abi = POLICY_ABI,
    .name = "balance_warm",
    .summary = "thaws all",
    .source = "test",
    .sampled = thaw_all,
};
static const struct node_policy list[] = {{.policy = &warm}};

static struct trio *make(void)
{
    return trio_create(list, 1, true);
}

static void send_guest(struct trio *trio, node_id home, proc_id proc)
{
    trio_submit(trio, home, proc);
    trio_move(trio, home, proc, 2);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[proc][1]);
}

/* What the sample says of the memory of all processes. */
static void sample(struct trio *trio, node_id id, uint64_t mem_bytes)
{
    size_t count;
    struct proc_info procs[TRIO_PROCS_MAX];
    const struct proc_info *now = node_procs(trio_node(trio, id), &count);
    for (size_t i = 0; i < count; i++) {
        procs[i] = now[i];
        procs[i].mem_bytes = mem_bytes;
    }
    trio_step(trio, id,
              (struct event){.kind = EVENT_SAMPLED,
                             .self = &trio->self,
                             .procs = procs,
                             .proc_count = count});
}

static void no_policy_thaws_what_a_user_froze(void)
{
    struct trio *trio = make();
    trio_submit(trio, 1, 1);
    trio_step(trio, 1, (struct event){.kind = EVENT_FREEZE, .proc = 1});
    CU_ASSERT_EQUAL(trio_last(trio, 1, ACTION_FREEZE)->freeze_by,
                    FREEZE_BY_USER);
    sample(trio, 1, 10 * TRIO_MIB);
    CU_ASSERT_FALSE(trio->runs[1][0]);
    CU_ASSERT_STRING_EQUAL(trio_last(trio, 1, ACTION_DENIED)->why,
                           "balance_warm: its user froze it");
    trio_destroy(trio);
}

static void no_policy_thaws_what_the_owner_froze(void)
{
    struct trio *trio = make();
    send_guest(trio, 1, 1);
    trio_step(
        trio, 2,
        (struct event){
            .kind = EVENT_STATE, .state = NODE_DRAINING, .then = THEN_FREEZE});
    CU_ASSERT_EQUAL(trio_last(trio, 2, ACTION_FREEZE)->freeze_by,
                    FREEZE_BY_OWNER);
    sample(trio, 2, 10 * TRIO_MIB);
    CU_ASSERT_FALSE(trio->runs[1][1]);
    CU_ASSERT_STRING_EQUAL(trio_last(trio, 2, ACTION_DENIED)->why,
                           "balance_warm: the owner froze it");
    trio_destroy(trio);
}

/* A host that measures what is resident says 0 of a frozen one. */
static void what_is_frozen_keeps_the_size_of_its_image(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    trio_submit(trio, 1, 1);
    trio_step(trio, 1, (struct event){.kind = EVENT_FREEZE, .proc = 1});
    sample(trio, 1, 0);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->mem_bytes, 10 * TRIO_MIB);
    trio_step(trio, 1, (struct event){.kind = EVENT_THAW, .proc = 1});
    CU_ASSERT(trio->runs[1][0]);
    CU_ASSERT_EQUAL(trio_last(trio, 1, ACTION_THAW)->result.copied_bytes,
                    10 * TRIO_MIB);
    trio_destroy(trio);
}

/* Its image left before its place heard of the change. */
static void what_comes_home_is_as_its_user_last_said(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    trio_move(trio, 2, 1, 1);
    while (trio->frame_next < trio->frame_count)
        trio_give(trio, &trio->frames[trio->frame_next++]);
    struct proc_info wish = {.id = 1, .class_number = 3, .priority = 4};
    trio_step(
        trio, 1,
        (struct event){.kind = EVENT_CHANGED, .procs = &wish, .proc_count = 1});
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][0]);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->class_number, 3);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->priority, 4);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->width, 1);
    trio_destroy(trio);
}

static void change(struct trio *trio, node_id home, uint16_t priority)
{
    struct proc_info wish = {.id = 1, .class_number = 1, .priority = priority};
    trio_step(
        trio, home,
        (struct event){.kind = EVENT_CHANGED, .procs = &wish, .proc_count = 1});
}

/* Frames only; what is to be carried waits. */
static void deliver_frames(struct trio *trio)
{
    while (trio->frame_next < trio->frame_count)
        trio_give(trio, &trio->frames[trio->frame_next++]);
}

/* Its home believes that the place has heard the second one. */
static void an_overtaken_change_is_void(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    change(trio, 1, 4);
    const struct trio_frame *slow = &trio->frames[trio->frame_next++];
    change(trio, 1, 5);
    trio_deliver(trio);
    trio_give(trio, slow);
    trio_deliver(trio);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->priority, 5);
    trio_destroy(trio);
}

/* A change of a stay before this one. */
static void a_change_of_a_stay_before_is_void(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    change(trio, 1, 4);
    const struct trio_frame *slow = &trio->frames[trio->frame_next];
    trio_deliver(trio);
    trio_move(trio, 2, 1, 1);
    trio_deliver(trio);
    change(trio, 1, 5);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->priority, 5);
    trio_give(trio, slow);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->priority, 5);
    trio_destroy(trio);
}

/* That a place heard it once does not mean that it has heard it now. */
static void an_answer_of_a_stay_before_is_void(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    change(trio, 1, 4);
    trio_give(trio, &trio->frames[trio->frame_next++]);
    const struct trio_frame *slow = &trio->frames[trio->frame_next];
    trio_deliver(trio);
    trio_move(trio, 2, 1, 3);
    trio_deliver(trio);
    trio_move(trio, 3, 1, 2);
    while (trio_place(trio, 1, 1) != 2) {
        deliver_frames(trio);
        if (trio->carry_next < trio->carry_count)
            trio_carry(trio, true);
    }
    trio_step(trio, 1, (struct event){.kind = EVENT_ALARM});
    size_t count;
    const struct away *away = node_away(trio_node(trio, 1), &count);
    CU_ASSERT(away->untold);
    trio_give(trio, slow);
    CU_ASSERT(away->untold);
    trio_deliver(trio);
    trio_settle(trio, 2 * TRIO_SECOND_US);
    CU_ASSERT_FALSE(away->untold);
    trio_destroy(trio);
}

/* The image left with the wish of before. */
static void a_change_while_it_leaves_home_follows_it(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    deliver_frames(trio);
    CU_ASSERT_EQUAL_FATAL(trio->carry_count, 1);
    change(trio, 1, 4);
    trio_deliver(trio);
    trio_settle(trio, 2 * TRIO_SECOND_US);
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->priority, 4);
    trio_destroy(trio);
}

/* The home gave it away, but has not heard yet that the carrying is over. */
static void a_change_after_it_was_claimed_follows_it(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    deliver_frames(trio);
    CU_ASSERT_EQUAL_FATAL(trio->carry_count, 1);
    const struct trio_carry *carry = &trio->carries[trio->carry_next++];
    trio->runs[1][0] = false; /* It was stopped for the last of its image. */
    trio_step(trio, 2,
              (struct event){.kind = EVENT_IMAGE,
                             .peer = 1,
                             .epoch = carry->epoch,
                             .procs = &carry->proc,
                             .proc_count = 1});
    deliver_frames(trio);
    CU_ASSERT(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), 2);
    CU_ASSERT_PTR_NOT_NULL(trio_proc(trio, 1, 1));
    change(trio, 1, 4);
    trio_step(trio, 1,
              (struct event){.kind = EVENT_CARRIED,
                             .proc = 1,
                             .epoch = carry->epoch,
                             .done = true});
    trio_settle(trio, 2 * TRIO_SECOND_US);
    CU_ASSERT_EQUAL(trio_proc(trio, 2, 1)->priority, 4);
    trio_destroy(trio);
}

/* It was at home since. */
static void a_recall_of_a_stay_before_is_void(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    trio_step(trio, 1, (struct event){.kind = EVENT_RECALL, .proc = 1});
    const struct trio_frame *slow = &trio->frames[trio->frame_next];
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][0]);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][1]);
    trio_give(trio, slow);
    trio_deliver(trio);
    CU_ASSERT(trio->runs[1][1]);
    trio_destroy(trio);
}

/* Class 0 stays in its cluster, also if it becomes one far from home. */
static void class_zero_comes_home(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    struct proc_info wish = {.id = 1, .class_number = 0};
    trio_step(
        trio, 1,
        (struct event){.kind = EVENT_CHANGED, .procs = &wish, .proc_count = 1});
    trio_deliver(trio);
    CU_ASSERT(trio_proc(trio, 2, 1)->must_leave);
    trio_settle(trio, 100 * TRIO_SECOND_US);
    CU_ASSERT(trio->runs[1][0]);
    trio_destroy(trio);
}

/* The copy of the node freezes at the instant that the first would have. */
static void a_deadline_survives_a_copy(void)
{
    struct trio *trio = make();
    send_guest(trio, 1, 1);
    trio_step(trio, 2,
              (struct event){.kind = EVENT_STATE,
                             .state = NODE_DRAINING,
                             .then = THEN_FREEZE,
                             .within_us = 5 * TRIO_SECOND_US});
    usec_t due_us = trio->now_us + 5 * TRIO_SECOND_US;
    CU_ASSERT(node_deadline(trio_node(trio, 2)) <= due_us);
    struct node_config config = node_config_of(trio_node(trio, 2));
    config.proc_max *= 2;
    struct node *copy = node_copy(aligned_alloc(16, node_bytes(&config)),
                                  &config, trio_node(trio, 2));
    CU_ASSERT_EQUAL(node_hash(copy), node_hash(trio_node(trio, 2)));
    free(trio->nodes[1]);
    trio->nodes[1] = copy;
    trio->now_us = due_us - 1;
    trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
    CU_ASSERT(trio->runs[1][1]);
    trio->now_us = due_us;
    trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
    CU_ASSERT_FALSE(trio->runs[1][1]);
    trio_destroy(trio);
}

/* A second word before the deadline replaces the first. */
static void the_last_word_counts(void)
{
    struct trio *trio = make();
    send_guest(trio, 1, 1);
    struct event word = {.kind = EVENT_STATE,
                         .state = NODE_DRAINING,
                         .then = THEN_KILL,
                         .within_us = 5 * TRIO_SECOND_US};
    trio_step(trio, 2, word);
    trio->now_us += 4 * TRIO_SECOND_US;
    word.then = THEN_FREEZE;
    trio_step(trio, 2, word);
    trio->now_us += 4 * TRIO_SECOND_US;
    trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
    CU_ASSERT(trio->runs[1][1]);
    trio->now_us += 1 * TRIO_SECOND_US;
    trio_step(trio, 2, (struct event){.kind = EVENT_ALARM});
    CU_ASSERT_FALSE(trio->runs[1][1]);
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_KILL, 0), 0);
    trio_destroy(trio);
}

/* More than a batch holds: what is left is done at the same instant. */
static void a_job_larger_than_a_batch(void)
{
    enum { COUNT = 300 };
    struct node_config config = node_config_default();
    config.id = 1;
    config.proc_max = config.away_max = 2 * COUNT;
    struct node *node =
        node_init(aligned_alloc(16, node_bytes(&config)), &config);
    struct batch *batch = malloc(sizeof *batch);
    assert(batch);
    batch->out = malloc(policy_out_bytes());
    struct node_info self = {.core_count = 1,
                             .speed_milli = 1000,
                             .mem_total_bytes = TRIO_MIB,
                             .freeze_total_bytes = COUNT * TRIO_MIB,
                             .freeze_free_bytes = COUNT * TRIO_MIB};
    struct cluster_info map = {.id = 1, .first = 1, .node_count = 1};
    struct event event = {
        .kind = EVENT_START, .self = &self, .map = &map, .map_count = 1};
    node_step(node, &event, batch);
    for (proc_id id = 1; id <= COUNT; id++) {
        struct proc_info proc = {
            .id = id, .user = 3, .job = 4, .mem_bytes = TRIO_MIB};
        node_step(node,
                  &(struct event){
                      .kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1},
                  batch);
    }
    event = (struct event){.kind = EVENT_FREEZE, .user = 3, .job = 4};
    size_t frozen = 0;
    size_t steps = 0;
    do {
        node_step(node, &event, batch);
        for (size_t i = 0; i < batch->count; i++)
            frozen += batch->actions[i].kind == ACTION_FREEZE;
        event = (struct event){.kind = EVENT_ALARM};
        steps++;
    } while (node_deadline(node) == 0 && steps < COUNT);
    CU_ASSERT_EQUAL(frozen, COUNT);
    CU_ASSERT(1 < steps && steps < 10);
    free(batch->out);
    free(batch);
    free(node);
}

/* Of the same number at another home's user nothing is known here. */
static void a_job_of_another_user_is_left_alone(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    for (uint32_t user = 1; user <= 2; user++) {
        struct proc_info proc = {.id = user,
                                 .class_number = 1,
                                 .user = user,
                                 .job = 5,
                                 .mem_bytes = TRIO_MIB};
        trio_step(trio, 1,
                  (struct event){
                      .kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
    }
    trio_step(trio, 1,
              (struct event){.kind = EVENT_FREEZE, .user = 2, .job = 5});
    CU_ASSERT(trio->runs[1][0]);
    CU_ASSERT_FALSE(trio->runs[2][0]);
    trio_destroy(trio);
}

/* The host may throw away what it had of it and begin again; the node has
 * forgotten where it was. */
static void a_restart_forgets_where_it_was(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    send_guest(trio, 1, 1);
    trio->runs[1][1] = false; /* The old copy is void. */
    struct proc_info proc = {
        .id = 1, .class_number = 1, .mem_bytes = 10 * TRIO_MIB};
    trio_step(trio, 1,
              (struct event){.kind = EVENT_SUBMIT,
                             .procs = &proc,
                             .proc_count = 1,
                             .epoch = 10});
    CU_ASSERT_EQUAL(trio_place(trio, 1, 1), NODE_NONE);
    CU_ASSERT(trio->runs[1][0]);
    trio_settle(trio, 30 * TRIO_SECOND_US); /* Node 2 sends its word. */
    CU_ASSERT_EQUAL(trio_count(trio, 2, ACTION_DROP, 1), 1);
    CU_ASSERT_PTR_NULL(trio_proc(trio, 2, 1));
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    CU_ASSERT_EQUAL(trio_last(trio, 1, ACTION_MOVED)->epoch, 11);
    CU_ASSERT(trio->runs[1][1]);
    trio_destroy(trio);
}

static void who_is_held_waits(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    struct proc_info held = {.id = 1, .class_number = 1, .held = true};
    trio_step(
        trio, 1,
        (struct event){.kind = EVENT_SUBMIT, .procs = &held, .proc_count = 1});
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->state, PROC_WAITING);
    trio_step(trio, 1, (struct event){.kind = EVENT_FREEZE, .proc = 1});
    CU_ASSERT_STRING_EQUAL(trio_last(trio, 1, ACTION_DENIED)->why,
                           "it has not started");
    held.held = false;
    held.queue_rank = 6;
    trio_step(
        trio, 1,
        (struct event){.kind = EVENT_CHANGED, .procs = &held, .proc_count = 1});
    CU_ASSERT(trio->runs[1][0]);
    CU_ASSERT_EQUAL(trio_proc(trio, 1, 1)->queue_rank, 6);
    trio_destroy(trio);
}

SUITE_MAIN(
    "words",
    {"no policy thaws what a user froze", no_policy_thaws_what_a_user_froze},
    {"no policy thaws what the owner froze",
     no_policy_thaws_what_the_owner_froze},
    {"what is frozen keeps the size of its image",
     what_is_frozen_keeps_the_size_of_its_image},
    {"what comes home is as its user last said",
     what_comes_home_is_as_its_user_last_said},
    {"an overtaken change is void", an_overtaken_change_is_void},
    {"a change of a stay before is void", a_change_of_a_stay_before_is_void},
    {"an answer of a stay before is void", an_answer_of_a_stay_before_is_void},
    {"a change while it leaves home follows it",
     a_change_while_it_leaves_home_follows_it},
    {"a change after it was claimed follows it",
     a_change_after_it_was_claimed_follows_it},
    {"a recall of a stay before is void", a_recall_of_a_stay_before_is_void},
    {"what becomes class 0 far from home comes home", class_zero_comes_home},
    {"a deadline survives a copy", a_deadline_survives_a_copy},
    {"the last word counts", the_last_word_counts},
    {"a job may be larger than a batch", a_job_larger_than_a_batch},
    {"a job of another user is left alone",
     a_job_of_another_user_is_left_alone},
    {"a restart forgets where it was", a_restart_forgets_where_it_was},
    {"who is held waits, and is not frozen", who_is_held_waits})
