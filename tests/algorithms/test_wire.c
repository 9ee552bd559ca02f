/* test_wire.c - what goes onto the wire comes back, and nonsense does not. */
#include <string.h>

#include "algorithms/node/node.h"
#include "algorithms/node/wire.h"
#include "tests/suite.h"

static const struct node_info sample = {
    .id = 0x01020304,
    .cluster = 5,
    .core_count = 64,
    .speed_milli = 1250,
    .load_milli = 3500,
    .utilisation_milli = 999,
    .guest_count = 12,
    .grid_guest_count = 7,
    .grid_guest_limit = 9,
    .frozen_count = 3,
    .priority = 40,
    .state = NODE_BLOCKED,
    .flags = NODE_LOCAL_STAY,
    .mem_total_bytes = (uint64_t)64 << 30,
    .mem_free_bytes = (uint64_t)3 << 20,
    .swap_total_bytes = (uint64_t)8 << 30,
    .swap_free_bytes = (uint64_t)1 << 30,
    .freeze_total_bytes = (uint64_t)2 << 40,
    .freeze_free_bytes = (uint64_t)1 << 40,
    .paging_bytes_per_s = 5 << 10,
};

/* Write sample with one change, and read it. */
static bool survives(const struct node_info *info)
{
    struct writer w = {.count = 0};
    struct node_word word = node_word_of(info);
    put_word(&w, &word, 0);
    struct reader r = {.at = w.bytes, .left = w.count};
    struct node_word back;
    usec_t age_us;
    bool good = get_word(&r, &back, &age_us);
    CU_ASSERT_EQUAL(good, !r.bad);
    return good;
}

static void node_comes_back(void)
{
    struct writer w = {.count = 0};
    struct node_word word = node_word_of(&sample);
    put_word(&w, &word, 123456789);
    CU_ASSERT_EQUAL(w.count, NODE_WORD_WIRE_BYTES);
    struct reader r = {.at = w.bytes, .left = w.count};
    struct node_word back;
    memset(&back, 0, sizeof back);
    usec_t age_us = 0;
    CU_ASSERT(get_word(&r, &back, &age_us));
    CU_ASSERT_EQUAL(age_us, 123456789);
    CU_ASSERT_EQUAL(back.id, sample.id);
    CU_ASSERT_EQUAL(back.cluster, sample.cluster);
    CU_ASSERT_EQUAL(back.core_count, sample.core_count);
    CU_ASSERT_EQUAL(back.speed_milli, sample.speed_milli);
    CU_ASSERT_EQUAL(back.load_milli, sample.load_milli);
    CU_ASSERT_EQUAL(back.utilisation_milli, sample.utilisation_milli);
    CU_ASSERT_EQUAL(back.guest_count, sample.guest_count);
    CU_ASSERT_EQUAL(back.grid_guest_count, sample.grid_guest_count);
    CU_ASSERT_EQUAL(back.grid_guest_limit, sample.grid_guest_limit);
    CU_ASSERT_EQUAL(back.frozen_count, sample.frozen_count);
    CU_ASSERT_EQUAL(back.priority, sample.priority);
    CU_ASSERT_EQUAL(back.state, sample.state);
    CU_ASSERT_EQUAL(back.flags, sample.flags);
    CU_ASSERT_EQUAL(unit_bytes(back.mem_total_units), sample.mem_total_bytes);
    CU_ASSERT_EQUAL(unit_bytes(back.mem_free_units), sample.mem_free_bytes);
    CU_ASSERT_EQUAL(unit_bytes(back.swap_total_units), sample.swap_total_bytes);
    CU_ASSERT_EQUAL(unit_bytes(back.swap_free_units), sample.swap_free_bytes);
    CU_ASSERT_EQUAL(unit_bytes(back.freeze_total_units),
                    sample.freeze_total_bytes);
    CU_ASSERT_EQUAL(unit_bytes(back.freeze_free_units),
                    sample.freeze_free_bytes);
    CU_ASSERT_EQUAL(back.paging_kib_per_s, 5);
    CU_ASSERT_FALSE(get_word(&r, &back, &age_us));
    CU_ASSERT_FALSE(r.bad);
}

/* Nodes copy these whole: an unset byte would be in blocks and in checks. */
static void a_word_has_no_unset_byte(void)
{
    struct node_word back[2];
    memset(&back[0], 0x00, sizeof back[0]);
    memset(&back[1], 0xff, sizeof back[1]);
    for (size_t i = 0; i < 2; i++) {
        struct writer w = {.count = 0};
        struct node_word word = node_word_of(&sample);
        put_word(&w, &word, 0);
        struct reader r = {.at = w.bytes, .left = w.count};
        usec_t age_us;
        CU_ASSERT(get_word(&r, &back[i], &age_us));
    }
    CU_ASSERT_EQUAL(memcmp(&back[0], &back[1], sizeof back[0]), 0);
    CU_ASSERT_EQUAL(back[0].reserved, 0);
    CU_ASSERT_EQUAL(
        offsetof(struct node_word, mem_total_units),
        offsetof(struct node_word, reserved) + sizeof back[0].reserved);
}

static void sizes_are_rounded_down(void)
{
    struct node_info info = sample;
    info.mem_free_bytes = 3 * 65536 + 65535;
    info.paging_bytes_per_s = 2047;
    struct node_word word = node_word_of(&info);
    CU_ASSERT_EQUAL(word.mem_free_units, 3);
    CU_ASSERT_EQUAL(unit_bytes(word.mem_free_units), 3 * 65536);
    CU_ASSERT_EQUAL(word.paging_kib_per_s, 1);
}

static void impossible_nodes_are_refused(void)
{
    CU_ASSERT(survives(&sample));
    struct node_info bad = sample;
    bad.core_count = 0;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.speed_milli = 0;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.id = NODE_NONE;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.utilisation_milli = 1001;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.state = NODE_GONE + 1;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.flags = 16;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.grid_guest_count = 13;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.mem_free_bytes = bad.mem_total_bytes + 65536;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.swap_free_bytes = bad.swap_total_bytes + 65536;
    CU_ASSERT_FALSE(survives(&bad));
    bad = sample;
    bad.freeze_free_bytes = bad.freeze_total_bytes + 65536;
    CU_ASSERT_FALSE(survives(&bad));
}

static void half_an_entry_is_bad(void)
{
    struct writer w = {.count = 0};
    struct node_word word = node_word_of(&sample);
    put_word(&w, &word, 0);
    struct reader r = {.at = w.bytes, .left = w.count - 1};
    usec_t age_us;
    CU_ASSERT_FALSE(get_word(&r, &word, &age_us));
    CU_ASSERT(r.bad);
}

static void reader_stays_bad(void)
{
    const uint8_t bytes[] = {1, 2, 3};
    struct reader r = {.at = bytes, .left = sizeof bytes};
    CU_ASSERT_EQUAL(get_u16(&r), 0x0201);
    CU_ASSERT_EQUAL(get_u32(&r), 0);
    CU_ASSERT(r.bad);
    CU_ASSERT_EQUAL(get_u8(&r), 0);
}

static void numbers_are_little_endian(void)
{
    struct writer w = {.count = 0};
    put_u64(&w, 0x0807060504030201);
    for (uint8_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(w.bytes[i], i + 1);
    struct reader r = {.at = w.bytes, .left = w.count};
    CU_ASSERT_EQUAL(get_u64(&r), 0x0807060504030201);
}

static const struct proc_info process = {
    .id = 77,
    .home = 3,
    .came_from = NODE_NONE,
    .home_cluster = 4,
    .class_number = 2,
    .priority = 50,
    .move_count = 6,
    .user = 1000,
    .job = 12,
    .program = 13,
    .width = 8,
    .queue_rank = 14,
    .cpu_milli = 900,
    .state = PROC_LEAVING,
    .locked = true,
    .must_leave = true,
    .mem_bytes = 123456789,
    .mem_declared_bytes = 223456789,
    .dirty_bytes_per_s = 323456789,
    .home_calls_per_s = 15,
    .sibling_node = 16,
    .home_bytes_per_s = 423456789,
    .sibling_bytes_per_s = 523456789,
    .cpu_used_us = 623456789,
    .cpu_declared_us = 723456789,
};

static void process_comes_back(void)
{
    struct writer w = {.count = 0};
    put_proc(&w, &process);
    CU_ASSERT_EQUAL(w.count, PROC_WIRE_BYTES);
    struct reader r = {.at = w.bytes, .left = w.count};
    struct proc_info back;
    CU_ASSERT_FATAL(get_proc(&r, &back));
    CU_ASSERT_EQUAL(r.left, 0);
    CU_ASSERT_EQUAL(back.id, 77);
    CU_ASSERT_EQUAL(back.home, 3);
    CU_ASSERT_EQUAL(back.came_from, NODE_NONE);
    CU_ASSERT_EQUAL(back.home_cluster, 4);
    CU_ASSERT_EQUAL(back.class_number, 2);
    CU_ASSERT_EQUAL(back.priority, 50);
    CU_ASSERT_EQUAL(back.move_count, 6);
    CU_ASSERT_EQUAL(back.user, 1000);
    CU_ASSERT_EQUAL(back.job, 12);
    CU_ASSERT_EQUAL(back.program, 13);
    CU_ASSERT_EQUAL(back.width, 8);
    CU_ASSERT_EQUAL(back.queue_rank, 14);
    CU_ASSERT_EQUAL(back.cpu_milli, 900);
    CU_ASSERT_EQUAL(back.state, PROC_LEAVING);
    CU_ASSERT_FALSE(back.pinned);
    CU_ASSERT(back.locked);
    CU_ASSERT_FALSE(back.held);
    CU_ASSERT(back.must_leave);
    CU_ASSERT_EQUAL(back.mem_bytes, 123456789);
    CU_ASSERT_EQUAL(back.mem_declared_bytes, 223456789);
    CU_ASSERT_EQUAL(back.dirty_bytes_per_s, 323456789);
    CU_ASSERT_EQUAL(back.home_calls_per_s, 15);
    CU_ASSERT_EQUAL(back.sibling_node, 16);
    CU_ASSERT_EQUAL(back.home_bytes_per_s, 423456789);
    CU_ASSERT_EQUAL(back.sibling_bytes_per_s, 523456789);
    CU_ASSERT_EQUAL(back.cpu_used_us, 623456789);
    CU_ASSERT_EQUAL(back.cpu_declared_us, 723456789);
}

static void impossible_processes_are_refused(void)
{
    const struct proc_info bad[] = {
        {.id = 0, .width = 1},
        {.id = 1, .width = 0},
        {.id = 1, .width = 1, .home = NODE_NONE},
        {.id = 1, .width = 1, .state = PROC_LEAVING + 1},
        {.id = 1, .width = 1, .mem_bytes = UINT64_MAX},
        {.id = 1, .width = 1, .mem_declared_bytes = UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct writer w = {.count = 0};
        put_proc(&w, &bad[i]);
        struct reader r = {.at = w.bytes, .left = w.count};
        struct proc_info back;
        CU_ASSERT_FALSE(get_proc(&r, &back));
    }
}

static void frames_of_other_formats_are_refused(void)
{
    uint8_t bytes[FRAME_HEAD_BYTES];
    struct frame frame;
    frame_head(bytes, FRAME_ASK, &sample, 0x01020304);
    CU_ASSERT(frame_read(bytes, sizeof bytes, &frame));
    CU_ASSERT_EQUAL(frame.kind, FRAME_ASK);
    CU_ASSERT_EQUAL(frame.sender.id, sample.id);
    CU_ASSERT_EQUAL(frame.digest, 0x01020304);
    CU_ASSERT_EQUAL(frame.body.left, 0);
    CU_ASSERT_FALSE(frame_read(bytes, sizeof bytes - 1, &frame));
    bytes[1] = FRAME_KINDS;
    CU_ASSERT_FALSE(frame_read(bytes, sizeof bytes, &frame));
    bytes[1] = FRAME_ASK;
    bytes[0]++;
    CU_ASSERT_FALSE(frame_read(bytes, sizeof bytes, &frame));
}

static void the_largest_message_fits_a_frame(void)
{
    CU_ASSERT(FRAME_HEAD_BYTES + POLICY_HEAD_BYTES + POLICY_MESSAGE_BYTES_MAX <=
              NODE_FRAME_BYTES_MAX);
    CU_ASSERT(POLICY_MESSAGE_BYTES_MAX / NODE_WORD_WIRE_BYTES >= 18);
}

static bool declared_survives(struct declared *declared)
{
    struct writer w = {.count = 0};
    struct declared back;
    put_declared(&w, declared);
    struct reader r = {.at = w.bytes, .left = w.count};
    bool read = get_declared(&r, &back) && r.left == 0;
    *declared = back;
    return read;
}

static void what_a_user_declares_survives(void)
{
    struct declared sent = {.mem_bytes = 5,
                            .cpu_us = 6,
                            .job = 7,
                            .width = 8,
                            .queue_rank = 9,
                            .class_number = 10,
                            .priority = 11,
                            .held = true};
    struct declared back = sent;
    CU_ASSERT(declared_survives(&back));
    CU_ASSERT_EQUAL(back.mem_bytes, sent.mem_bytes);
    CU_ASSERT_EQUAL(back.cpu_us, sent.cpu_us);
    CU_ASSERT_EQUAL(back.job, sent.job);
    CU_ASSERT_EQUAL(back.width, sent.width);
    CU_ASSERT_EQUAL(back.queue_rank, sent.queue_rank);
    CU_ASSERT_EQUAL(back.class_number, sent.class_number);
    CU_ASSERT_EQUAL(back.priority, sent.priority);
    CU_ASSERT_FALSE(back.locked);
    CU_ASSERT(back.held);
    back.width = 0; /* A process becomes at least one. */
    CU_ASSERT_FALSE(declared_survives(&back));
}

SUITE_MAIN(
    "wire",
    {"a node's word comes back as it was sent", node_comes_back},
    {"a word has no unset byte", a_word_has_no_unset_byte},
    {"memory is rounded down to 64 KiB, paging to 1 KiB/s",
     sizes_are_rounded_down},
    {"a word that no node can be in is refused", impossible_nodes_are_refused},
    {"half an entry makes a message bad", half_an_entry_is_bad},
    {"a reader that was bad stays bad", reader_stays_bad},
    {"numbers are little-endian", numbers_are_little_endian},
    {"a process comes back as it was sent", process_comes_back},
    {"a process that cannot be is refused", impossible_processes_are_refused},
    {"a frame of another format is refused",
     frames_of_other_formats_are_refused},
    {"the largest message fits into a frame", the_largest_message_fits_a_frame},
    {"what a user declares survives", what_a_user_declares_survives})
