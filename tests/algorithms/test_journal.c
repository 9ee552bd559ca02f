/* test_journal.c - what is written is read again, exactly; the rest is refused
 * with its column. */
#include <errno.h>

#include "algorithms/node/journal.h"
#include "tests/suite.h"
#include "trio.h"

static char text[RECORD_LINE_BYTES_MAX];
static uint8_t encoded[RECORD_LINE_BYTES_MAX];

static int parse(const char *line,
                 struct record *ret_record,
                 size_t *ret_column)
{
    const char *what = NULL;
    snprintf(text, sizeof text, "%s", line);
    return journal_parse(text, strlen(text), ret_record, ret_column, &what);
}

static void every_kind_comes_back(void)
{
    const uint8_t bytes[] = {0, 1, 0xfe, 0x7f};
    for (int k = 0; k < RECORD_KINDS; k++) {
        const struct journal_kind *kind = &journal_kinds[k];
        struct record record = {.at_us = UINT64_MAX - 1,
                                .node = 12,
                                .peer = kind->has_peer ? 13 : NODE_NONE,
                                .proc = kind->has_proc ? UINT64_MAX : 0,
                                .kind = (enum record_kind)k,
                                .why = "policy: load 3 here, 1 there"};
        for (size_t i = 0; kind->values[i]; i++)
            record.values[i] = UINT64_MAX - i;
        if (kind->has_bytes) {
            record.bytes = bytes;
            record.byte_count = sizeof bytes;
        }
        size_t length = journal_format(&record, text);
        CU_ASSERT_EQUAL(text[length - 1], '\n');
        struct record back;
        size_t column;
        const char *what;
        CU_ASSERT_EQUAL_FATAL(
            journal_parse(text, length - 1, &back, &column, &what), 0);
        CU_ASSERT_EQUAL(back.at_us, record.at_us);
        CU_ASSERT_EQUAL(back.node, record.node);
        CU_ASSERT_EQUAL(back.peer, record.peer);
        CU_ASSERT_EQUAL(back.proc, record.proc);
        CU_ASSERT_EQUAL(back.kind, record.kind);
        CU_ASSERT_STRING_EQUAL(back.why, record.why);
        for (size_t i = 0; i < RECORD_VALUES_MAX; i++)
            CU_ASSERT_EQUAL(back.values[i], record.values[i]);
        CU_ASSERT_EQUAL_FATAL(back.byte_count, record.byte_count);
        if (kind->has_bytes)
            CU_ASSERT_EQUAL(memcmp(back.bytes, bytes, sizeof bytes), 0);
    }
}

static void a_line_is_as_documented(void)
{
    struct record record = {.at_us = 1500000,
                            .node = 3,
                            .peer = 5,
                            .proc = 42,
                            .kind = RECORD_MOVED,
                            .values = {2, 0, 70000, 500, 4096, 81},
                            .why = ""};
    size_t length = journal_format(&record, text);
    text[length] = 0;
    CU_ASSERT_STRING_EQUAL(
        text, "1500000\t3\tmoved\t42\t5\t2\t0\t70000\t500\t4096\t81\t\n");
}

static void nonsense_is_refused_with_its_column(void)
{
    static const struct
    {
        const char *line;
        size_t column;
    } rows[] = {
        {"", 1},
        {"x\t3\theld\t4\twhy", 1},
        {"1\t-3\theld\t4\twhy", 3},
        {"1\t3\tborn\t4\twhy", 5},
        {"1\t3\theld\t\twhy", 10},
        {"1\t3\theld\t4", 11},
        {"1\t3\theld\t4\twhy\tmore", 16},
        {"1\t3\theld\t18446744073709551616\twhy", 10},
        {"1\t4294967295\theld\t4\twhy", 3},
        {"01\t3\theld\t4\twhy", 1},
        {"1\t3\tevent\t4\t-\t2\t0g\t", 17},
        {"1\t3\tevent\t4\t-\t2\t000\t", 19},
        {"1\t3\theld\t4\ta\nb", 13},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record record;
        size_t column = 0;
        CU_ASSERT_EQUAL(parse(rows[i].line, &record, &column), -EINVAL);
        CU_ASSERT_EQUAL(column, rows[i].column);
    }
    struct record record;
    size_t column;
    CU_ASSERT_EQUAL(parse("1\t3\theld\t4\twhy", &record, &column), 0);
}

static void decisions_become_records(void)
{
    struct action action = {
        .kind = ACTION_MOVED,
        .peer = 5,
        .proc = 42,
        .epoch = 2,
        .why = "",
        .result = {.total_us = 7, .frozen_us = 8, .copied_bytes = 9},
        .start = true};
    struct record record;
    CU_ASSERT(journal_of_action(&action, 1, 3, &record));
    CU_ASSERT_EQUAL(record.kind, RECORD_MOVED);
    CU_ASSERT_EQUAL(record.values[MOVED_EPOCH], 2);
    CU_ASSERT_EQUAL(record.values[MOVED_START], 1);
    CU_ASSERT_EQUAL(record.values[MOVED_TOTAL_US], 7);
    CU_ASSERT_EQUAL(record.values[MOVED_FROZEN_US], 8);
    CU_ASSERT_EQUAL(record.values[MOVED_BYTES], 9);
    static const enum action_kind none[] = {
        ACTION_SEND, ACTION_CARRY, ACTION_CANCEL, ACTION_DROP, ACTION_ENDED};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        action.kind = none[i];
        CU_ASSERT_FALSE(journal_of_action(&action, 1, 3, &record));
    }
}

/* ---- Replay: a node fed from the journal alone does the same. ------------ */

static struct trio *played;
static struct node *replayed;
static struct batch *replay_batch;
static size_t replayed_count;

/* Before played steps node 1 with it, a copy does, from text. */
static void step_both(struct event event)
{
    static struct proc_info procs[TRIO_PROCS_MAX];
    static struct cluster_info map[2][TRIO_NODES];
    event.now_us = played->now_us;
    struct record record;
    journal_of_event(&event, 5, 1, encoded, &record);
    size_t length = journal_format(&record, text);
    struct record back;
    size_t column;
    const char *what;
    CU_ASSERT_EQUAL_FATAL(
        journal_parse(text, length - 1, &back, &column, &what), 0);
    struct journal_room room = {
        .procs = procs,
        .procs_max = TRIO_PROCS_MAX,
        .map = map[event.kind == EVENT_MAP],
        .map_max = TRIO_NODES,
    };
    struct event again;
    CU_ASSERT_FATAL(journal_event(&back, &room, &again));
    if (event.kind == EVENT_START) {
        struct node_config config = node_config_of(trio_node(played, 1));
        node_init(trio_node(played, 1), &config);
    }
    trio_step(played, 1, event);
    node_step(replayed, &again, replay_batch);
    CU_ASSERT_EQUAL(node_hash(replayed), node_hash(trio_node(played, 1)));
    CU_ASSERT_EQUAL_FATAL(replay_batch->count, played->batch->count);
    for (size_t i = 0; i < replay_batch->count; i++) {
        struct record first;
        struct record second;
        static char first_text[8192];
        static char second_text[8192];
        journal_of_any_action(&played->batch->actions[i], 5, 1, &first);
        journal_of_any_action(&replay_batch->actions[i], 5, 1, &second);
        first_text[journal_format(&first, first_text)] = 0;
        second_text[journal_format(&second, second_text)] = 0;
        CU_ASSERT_STRING_EQUAL(first_text, second_text);
    }
    replayed_count++;
}

static void give_all_to_one(void)
{
    while (played->frame_next < played->frame_count ||
           played->carry_next < played->carry_count) {
        played->now_us += 100;
        if (played->frame_next < played->frame_count) {
            struct trio_frame *frame = &played->frames[played->frame_next++];
            if (frame->to == 1)
                step_both((struct event){.kind = EVENT_FRAME,
                                         .peer = frame->from,
                                         .bytes = frame->bytes,
                                         .byte_count = frame->count});
            else
                trio_give(played, frame);
            continue;
        }
        struct trio_carry carry = played->carries[played->carry_next++];
        played->runs[carry.proc.id][carry.from - 1] = false;
        struct event carried = {.kind = EVENT_CARRIED,
                                .proc = carry.proc.id,
                                .epoch = carry.epoch,
                                .done = true};
        struct event image = {.kind = EVENT_IMAGE,
                              .peer = carry.from,
                              .epoch = carry.epoch,
                              .procs = &carry.proc,
                              .proc_count = 1};
        if (carry.from == 1)
            step_both(carried);
        else
            trio_step(played, carry.from, carried);
        if (carry.to == 1)
            step_both(image);
        else
            trio_step(played, carry.to, image);
    }
}

static void a_journal_alone_repeats_a_node(void)
{
    played = trio_create(NULL, 0, true);
    struct node_config config = node_config_of(trio_node(played, 1));
    replayed = node_init(aligned_alloc(16, node_bytes(&config)), &config);
    replay_batch = malloc(sizeof *replay_batch);
    replay_batch->out = malloc(policy_out_bytes());
    struct proc_info proc = {.id = 1,
                             .class_number = 1,
                             .job = 4,
                             .user = 6,
                             .priority = 3,
                             .mem_bytes = 12345678,
                             .cpu_declared_us = 99};
    step_both((struct event){.kind = EVENT_START,
                             .self = &played->self,
                             .map = played->map[0],
                             .map_count = played->map_count});
    step_both(
        (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
    struct node_info self = played->self;
    self.mem_free_bytes = 123456789; /* Not a multiple of 64 KiB. */
    proc.mem_bytes = 22345678;
    step_both((struct event){
        .kind = EVENT_SAMPLED, .self = &self, .procs = &proc, .proc_count = 1});
    step_both((struct event){.kind = EVENT_MOVE, .proc = 1, .peer = 2});
    give_all_to_one();
    CU_ASSERT(played->runs[1][1]);
    step_both((struct event){.kind = EVENT_RECALL, .proc = 1});
    give_all_to_one();
    CU_ASSERT(played->runs[1][0]);
    step_both((struct event){
        .kind = EVENT_STATE, .state = NODE_DRAINING, .flags = 1});
    struct reservation group = {.cluster = 2, .user = 7};
    step_both((struct event){.kind = EVENT_STATE,
                             .then = THEN_FREEZE,
                             .within_us = 5 * TRIO_SECOND_US,
                             .reservation = &group});
    step_both((struct event){.kind = EVENT_FREEZE, .job = 4, .user = 6});
    CU_ASSERT_FALSE(played->runs[1][0]);
    step_both((struct event){.kind = EVENT_THAW, .job = 4, .user = 5});
    CU_ASSERT_FALSE(played->runs[1][0]);
    step_both((struct event){.kind = EVENT_THAW, .job = 4, .user = 6});
    CU_ASSERT(played->runs[1][0]);
    step_both((struct event){
        .kind = EVENT_MAP, .map = played->map[0], .map_count = 2});
    step_both((struct event){.kind = EVENT_DEAD, .peer = 2});
    played->now_us += TRIO_SECOND_US;
    step_both((struct event){.kind = EVENT_ALARM});
    played->runs[1][0] = false;
    step_both((struct event){.kind = EVENT_ENDED, .proc = 1});
    step_both((struct event){
        .kind = EVENT_SAMPLED, .self = &self, .procs = &proc, .proc_count = 0});
    CU_ASSERT_EQUAL(replayed_count, 20);
    free(replay_batch->out);
    free(replay_batch);
    free(replayed);
    trio_destroy(played);
}

static void a_node_does_not_hear_that_it_is_dead(void)
{
    struct event event = {.kind = EVENT_DEAD, .now_us = 5, .peer = 2};
    struct event back;
    struct record record;
    struct journal_room room = {.map = NULL};
    journal_of_event(&event, 5, 1, encoded, &record);
    CU_ASSERT(journal_event(&record, &room, &back));
    record.node = 2;
    CU_ASSERT_FALSE(journal_event(&record, &room, &back));
}

/* Of one event there is one writing: a word that says nothing is left out. */
static void an_empty_word_is_refused(void)
{
    enum { WORD_BYTES = 24, WITHIN_AT = 1, RESERVED_AT = 9, CLUSTER_AT = 10 };
    struct event event = {.kind = EVENT_STATE, .now_us = 5, .within_us = 1};
    struct event back;
    struct record record;
    struct journal_room room = {.map = NULL};
    journal_of_event(&event, 5, 1, encoded, &record);
    uint8_t *word = encoded + record.byte_count - WORD_BYTES;
    CU_ASSERT_EQUAL_FATAL(word[WITHIN_AT], 1);
    CU_ASSERT(journal_event(&record, &room, &back));
    word[CLUSTER_AT] = 7; /* Kept for a cluster, and not kept. */
    CU_ASSERT_FALSE(journal_event(&record, &room, &back));
    word[RESERVED_AT] = 1;
    CU_ASSERT(journal_event(&record, &room, &back));
    word[CLUSTER_AT] = word[RESERVED_AT] = word[WITHIN_AT] = 0;
    CU_ASSERT_FALSE(journal_event(&record, &room, &back));
}

static void broken_events_are_refused(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    struct event event = {.kind = EVENT_START,
                          .now_us = 5,
                          .self = &trio->self,
                          .map = trio->map[0],
                          .map_count = 3};
    struct record record;
    journal_of_event(&event, 5, 1, encoded, &record);
    struct cluster_info map[TRIO_NODES];
    struct journal_room room = {.map = map, .map_max = TRIO_NODES};
    struct event back;
    CU_ASSERT(journal_event(&record, &room, &back));
    size_t whole = record.byte_count;
    for (record.byte_count = 0; record.byte_count < whole; record.byte_count++)
        CU_ASSERT_FALSE(journal_event(&record, &room, &back));
    room.map_max = TRIO_NODES - 1;
    CU_ASSERT_FALSE(journal_event(&record, &room, &back));
    room.map_max = TRIO_NODES;
    record.node = 2; /* Another node has its own cluster first. */
    CU_ASSERT_FALSE(journal_event(&record, &room, &back));
    trio_destroy(trio);
}

static void rights_of_a_map_survive(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    struct cluster_info *map = trio->map[0];
    map[1].cap = 700;
    map[1].confine = true;
    map[2].isolated = true;
    map[2].send = false;
    struct event event = {.kind = EVENT_MAP, .map = map, .map_count = 3};
    struct record record;
    journal_of_event(&event, 5, 1, encoded, &record);
    struct cluster_info read[TRIO_NODES];
    struct journal_room room = {.map = read, .map_max = TRIO_NODES};
    struct event again;
    CU_ASSERT_FATAL(journal_event(&record, &room, &again));
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(read[i].cap, map[i].cap);
        CU_ASSERT_EQUAL(read[i].confine, map[i].confine);
        CU_ASSERT_EQUAL(read[i].isolated, map[i].isolated);
        CU_ASSERT_EQUAL(read[i].send, map[i].send);
        CU_ASSERT_EQUAL(read[i].take, map[i].take);
    }
    trio_destroy(trio);
}

/* Of a START, with a frame's worth of nothing behind it. */
static void records_of_an_event_survive(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    const struct cluster_record records[] = {
        {.id = 1,
         .version = 3,
         .first = 1,
         .node_count = 1,
         .rule_count = 1,
         .rules = {{.partner = 2, .priority = 45, .cap = 8, .go = true}}},
        {.id = 2,
         .version = 1,
         .first = 2,
         .node_count = 9,
         .state = CLUSTER_ISOLATED,
         .then = THEN_KILL,
         .within_us = 7},
    };
    struct event event = {.kind = EVENT_MAP,
                          .map = trio->map[0],
                          .map_count = 3,
                          .records = records,
                          .record_count = 2};
    struct record record;
    journal_of_event(&event, 5, 1, encoded, &record);
    struct cluster_info map[TRIO_NODES];
    struct cluster_record read[2];
    struct journal_room room = {
        .map = map, .map_max = TRIO_NODES, .records = read, .records_max = 2};
    struct event again;
    CU_ASSERT_FATAL(journal_event(&record, &room, &again));
    CU_ASSERT_EQUAL_FATAL(again.record_count, 2);
    CU_ASSERT_EQUAL(again.byte_count, 0);
    for (size_t i = 0; i < 2; i++) {
        struct writer before = {.count = 0};
        struct writer after = {.count = 0};
        put_record(&before, &records[i]);
        put_record(&after, &again.records[i]);
        CU_ASSERT_EQUAL_FATAL(before.count, after.count);
        CU_ASSERT_EQUAL(memcmp(before.bytes, after.bytes, after.count), 0);
    }
    room.records_max = 1;
    CU_ASSERT_FALSE(journal_event(&record, &room, &again));
    room.records_max = 2;
    size_t whole = record.byte_count;
    for (record.byte_count = 0; record.byte_count < whole; record.byte_count++)
        CU_ASSERT_FALSE(journal_event(&record, &room, &again));
    trio_destroy(trio);
}

/* Records that overlap, or are not in order, are no map's. */
static void records_that_are_no_map_are_refused(void)
{
    struct trio *trio = trio_create(NULL, 0, true);
    for (int broken = 0; broken <= 1; broken++) {
        const struct cluster_record records[] = {
            {.id = 1, .version = 1, .first = 5, .node_count = 3},
            {.id = 2, .version = 1, .first = broken ? 7 : 8, .node_count = 9}};
        struct event event = {.kind = EVENT_MAP,
                              .map = trio->map[0],
                              .map_count = 3,
                              .records = records,
                              .record_count = 2};
        struct record record;
        journal_of_event(&event, 5, 1, encoded, &record);
        struct cluster_info map[TRIO_NODES];
        struct cluster_record read[2];
        struct journal_room room = {.map = map,
                                    .map_max = TRIO_NODES,
                                    .records = read,
                                    .records_max = 2};
        struct event again;
        CU_ASSERT_EQUAL(journal_event(&record, &room, &again), !broken);
    }
    trio_destroy(trio);
}

SUITE_MAIN("journal",
           {"records of an event survive", records_of_an_event_survive},
           {"records that are no map are refused",
            records_that_are_no_map_are_refused},
           {"rights of a map survive", rights_of_a_map_survive},
           {"a record of every kind comes back exactly", every_kind_comes_back},
           {"a line is as documented", a_line_is_as_documented},
           {"nonsense is refused, with its column",
            nonsense_is_refused_with_its_column},
           {"decisions become records, and what hosts do does not",
            decisions_become_records},
           {"a journal alone repeats a node", a_journal_alone_repeats_a_node},
           {"a node does not hear that it is dead",
            a_node_does_not_hear_that_it_is_dead},
           {"a word that says nothing is refused", an_empty_word_is_refused},
           {"events that cannot be are refused", broken_events_are_refused})
