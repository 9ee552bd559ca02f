/* test_spread.c - what nodes tell each other of the map, frame by frame. */
#include "algorithms/node/rng.h"
#include "algorithms/node/spread.h"
#include "land.h"
#include "tests/suite.h"

enum { MANY = 1000 };

static struct cluster_record records[LAND_RECORDS_MAX];

/* Clusters first .. last, all of that version. */
static size_t fill(cluster_id first, cluster_id last, uint32_t version)
{
    size_t count = 0;
    for (cluster_id id = first; id <= last; id++)
        records[count++] = land_record(id, version);
    return count;
}

static void merge(struct land *land,
                  struct land_place *place,
                  cluster_id id,
                  uint32_t version)
{
    struct cluster_record record = land_record(id, version);
    land_merge(land, place, &record, 1);
}

static bool equal(const struct land_place *a, const struct land_place *b)
{
    return map_digest(a->records, a->record_count) ==
           map_digest(b->records, b->record_count);
}

static void pass(struct land *land)
{
    land->now_us += 2 * LAND_SECOND_US;
}

static void equal_maps_cost_nothing(void)
{
    struct land *land = land_create();
    size_t count = fill(1, 20, 3);
    struct land_place *a = land_add(land, land_node(1), records, count);
    struct land_place *b = land_add(land, land_node(2), records, count);
    for (int i = 0; i < 100; i++) {
        land_greet(land, a, b);
        land_greet(land, b, a);
        pass(land);
    }
    CU_ASSERT_EQUAL(land->frame_count, 0);
    land_destroy(land);
}

/* The four tells that follow are the rumour; the frames between the two are
 * those of spread.h. */
static void a_younger_record_passes_either_way(void)
{
    for (int to_old = 0; to_old <= 1; to_old++) {
        struct land *land = land_create();
        size_t count = fill(1, 20, 1);
        struct land_place *old = land_add(land, land_node(1), records, count);
        records[6].version = 2;
        struct land_place *young = land_add(land, land_node(2), records, count);
        if (to_old)
            land_greet(land, young, old);
        else
            land_greet(land, old, young);
        land_deliver(land);
        CU_ASSERT_EQUAL(land_version(old, 7), 2);
        CU_ASSERT_EQUAL(old->heard_count, 1);
        CU_ASSERT_EQUAL(young->heard_count, 0);
        CU_ASSERT_EQUAL(land_count(land, FRAME_VERSIONS, young->id, NODE_NONE),
                        !to_old);
        CU_ASSERT_EQUAL(land_count(land, FRAME_VERSIONS, old->id, young->id),
                        1);
        CU_ASSERT_EQUAL(land_count(land, FRAME_RECORD, young->id, old->id), 1);
        CU_ASSERT_EQUAL(land_count(land, FRAME_RECORD, old->id, NODE_NONE), 4);
        CU_ASSERT_EQUAL(land_count(land, FRAME_DIGESTS, NODE_NONE, NODE_NONE),
                        0);
        land_destroy(land);
    }
}

static void what_each_lacks_passes_both_ways(void)
{
    struct land *land = land_create();
    size_t count = fill(1, 12, 1);
    struct land_place *a = land_add(land, land_node(1), records, count);
    count = fill(10, 30, 2);
    records[2].version = 1; /* Of 12 they agree. */
    struct land_place *b = land_add(land, land_node(30), records, count);
    land_greet(land, a, b);
    land_deliver(land);
    CU_ASSERT(equal(a, b));
    CU_ASSERT_EQUAL(a->record_count, 30);
    CU_ASSERT_EQUAL(land_version(b, 1), 1);
    CU_ASSERT_EQUAL(land_version(b, 9), 1);
    CU_ASSERT_EQUAL(land_version(a, 10), 2);
    CU_ASSERT_EQUAL(land_version(a, 12), 1);
    land_destroy(land);
}

/* 1,096 bytes of digests; few pairs of one bucket (4 of 1,000 on the mean, 20
 * nowhere); one record. Six frames of pairs would be 7 kB. */
static void one_difference_in_a_thousand_is_found_by_two_small_frames(void)
{
    struct land *land = land_create();
    size_t count = fill(1, MANY, 1);
    struct land_place *old = land_add(land, land_node(1), records, count);
    records[499].version = 9;
    struct land_place *young = land_add(land, land_node(2), records, count);
    land_greet(land, old, young);
    land_deliver(land);
    CU_ASSERT(equal(old, young));
    CU_ASSERT_EQUAL(land_count(land, FRAME_DIGESTS, young->id, old->id), 1);
    CU_ASSERT_EQUAL(land_count(land, FRAME_VERSIONS, old->id, young->id), 1);
    CU_ASSERT_EQUAL(land_count(land, FRAME_VERSIONS, young->id, NODE_NONE), 0);
    CU_ASSERT_EQUAL(land_count(land, FRAME_RECORD, young->id, old->id), 1);
    for (size_t i = 0; i < land->frame_count; i++)
        if (land->frames[i].bytes[1] == FRAME_VERSIONS)
            CU_ASSERT(land->frames[i].count <= FRAME_HEAD_BYTES + 32 + 20 * 6);
    land_destroy(land);
}

/* A frame holds 38 records without rules: 1152 / 30; four of these for each
 * comparison make 1,000 in seven. Where versions differ, pairs that do not may
 * stand in the same buckets and take room. */
static void a_map_of_a_thousand_comes_in_a_few_comparisons(void)
{
    for (int lacks = 0; lacks <= 1; lacks++) {
        struct land *land = land_create();
        size_t count = fill(1, lacks ? 1 : MANY, 1);
        struct land_place *old = land_add(land, land_node(1), records, count);
        count = fill(1, MANY, 2);
        struct land_place *young = land_add(land, land_node(2), records, count);
        int comparisons = 0;
        for (; comparisons < 20 && !equal(old, young); comparisons++) {
            pass(land);
            land_greet(land, old, young);
            land_deliver(land);
        }
        CU_ASSERT(equal(old, young));
        CU_ASSERT(7 <= comparisons && comparisons <= (lacks ? 7 : 14));
        CU_ASSERT_EQUAL(old->heard_count, MANY);
        land_destroy(land);
    }
}

/* All ids fall into one of the 256 buckets, 250 of them, and a frame holds 186
 * pairs: 60 of the records are not there, and 60 others younger. */
static void a_bucket_too_large_for_a_frame_is_compared_too(void)
{
    enum { IDS = 250, MISSING = 60, YOUNGER = 60, TRIES_MAX = 40 };
    struct land *land = land_create();
    size_t count = 0;
    for (cluster_id id = 1; count < IDS; id++)
        if (rng_mix(id) % 256 == rng_mix(1) % 256)
            records[count++] = land_record(id, 1);
    struct land_place *old =
        land_add(land, records[0].first, records, IDS - MISSING);
    for (size_t i = 1; i <= YOUNGER; i++)
        records[i].version = 2;
    struct land_place *young =
        land_add(land, records[IDS - 1].first, records, IDS);
    int tries = 0;
    for (; tries < TRIES_MAX && !equal(old, young); tries++) {
        pass(land);
        if (tries % 2)
            land_greet(land, young, old);
        else
            land_greet(land, old, young);
        land_deliver(land);
    }
    CU_ASSERT(equal(old, young));
    CU_ASSERT_EQUAL(old->record_count, IDS);
    land_destroy(land);
}

/* retry_us is 0.5 s and the way there and back 2 ms. */
static void one_peer_is_compared_with_once_in_a_while(void)
{
    struct land *land = land_create();
    size_t count = fill(1, 20, 1);
    struct land_place *a = land_add(land, land_node(1), records, count);
    count = fill(1, 20, 2);
    struct land_place *b = land_add(land, land_node(2), records, count);
    static const usec_t waits_us[] = {0, 100, 501899, 1, 502000};
    static const size_t expected[] = {1, 1, 1, 2, 3};
    for (size_t i = 0; i < 5; i++) {
        land->now_us += waits_us[i];
        land_greet(land, a, b); /* What b answers is lost. */
        CU_ASSERT_EQUAL(land_count(land, FRAME_VERSIONS, b->id, a->id),
                        expected[i]);
    }
    land_destroy(land);
}

static void as_many_peers_are_compared_with_as_are_remembered(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(1), records, fill(1, 20, 1));
    struct writer none = {.count = 0};
    for (node_id peer = 20; peer < 120; peer++)
        land_forge(land, peer, a->id, FRAME_STILL, 99, &none);
    CU_ASSERT_EQUAL(land->frame_count, SPREAD_MEETINGS_MAX);
    pass(land);
    land_forge(land, 20, a->id, FRAME_STILL, 99, &none);
    CU_ASSERT_EQUAL(land->frame_count, SPREAD_MEETINGS_MAX + 1);
    land_destroy(land);
}

/* Who asks without end, for everything or by differing digests, costs no more
 * than SPREAD_FRAMES_MAX frames in retry_us. */
static void whoever_asks_a_node_says_little(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(1), records, fill(1, 200, 1));
    struct writer all = {.count = 0};
    for (size_t i = 0; i < 32; i++)
        put_u8(&all, 0xff);
    struct writer digests = {.count = 0};
    for (size_t i = 0; i < 256; i++)
        put_u32(&digests, (uint32_t)i);
    for (int i = 0; i < 1000; i++) {
        land_forge(land, 20, a->id, FRAME_VERSIONS, 99, &all);
        land_forge(land, 20, a->id, FRAME_DIGESTS, 99, &digests);
        land_forge(land, 20, a->id, FRAME_STILL, 99, &digests);
    }
    CU_ASSERT_EQUAL(land->frame_count, SPREAD_FRAMES_MAX);
    pass(land);
    land_forge(land, 20, a->id, FRAME_DIGESTS, 99, &digests);
    CU_ASSERT_EQUAL(land->frame_count, SPREAD_FRAMES_MAX + 1);
    land_destroy(land);
}

static void a_rumour_goes_to_two_of_the_own_and_two_of_others(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    CU_ASSERT_EQUAL(land->frame_count, 0); /* Nothing is new at a start. */
    merge(land, a, 3, 2);
    CU_ASSERT_EQUAL_FATAL(land->frame_count, 4);
    size_t own = 0;
    for (size_t i = 0; i < 4; i++) {
        const struct land_frame *frame = &land->frames[i];
        struct cluster_record record;
        struct reader r = {.at = frame->bytes + FRAME_HEAD_BYTES,
                           .left = frame->count - FRAME_HEAD_BYTES};
        CU_ASSERT_EQUAL(frame->bytes[1], FRAME_RECORD);
        CU_ASSERT_FATAL(get_record(&r, &record));
        CU_ASSERT_EQUAL(r.left, 0);
        CU_ASSERT_EQUAL(record.id, 3);
        CU_ASSERT_EQUAL(record.version, 2);
        CU_ASSERT_NOT_EQUAL(frame->to, a->id);
        own += frame->to / 10 == 3;
    }
    CU_ASSERT_EQUAL(own, 2);
    land_tell(land, a, EVENT_MAP, a->records, a->record_count);
    CU_ASSERT_EQUAL(land->frame_count, 4);
    land_destroy(land);
}

static void who_is_alone_tells_the_others(void)
{
    struct land *land = land_create();
    fill(1, 2, 1);
    records[0].node_count = 1;
    struct land_place *a = land_add(land, land_node(1), records, 2);
    merge(land, a, 2, 2);
    CU_ASSERT_EQUAL(land->frame_count, 4);
    for (size_t i = 0; i < land->frame_count; i++)
        CU_ASSERT_EQUAL(land->frames[i].to / 10, 2);
    land_destroy(land);

    land = land_create();
    a = land_add(land, land_node(1), records, 1);
    struct cluster_record own = land_record(1, 2);
    own.node_count = 1;
    land_merge(land, a, &own, 1);
    CU_ASSERT_EQUAL(land_version(a, 1), 2);
    CU_ASSERT_EQUAL(land->frame_count, 0); /* There is nobody else. */
    land_destroy(land);
}

static void what_is_known_is_not_told_on(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 5));
    struct writer body = {.count = 0};
    struct cluster_record same = land_record(7, 5);
    struct cluster_record old = land_record(3, 4);
    put_record(&body, &same);
    put_record(&body, &old);
    land_forge(land, 20, a->id, FRAME_RECORD, 99, &body);
    CU_ASSERT_EQUAL(a->heard_count, 0);
    CU_ASSERT_EQUAL(land->frame_count, 0);
    land_destroy(land);
}

/* Its own cluster's record comes back to a node that came back without it: from
 * anybody, if it is younger than what the node holds. */
static void a_younger_word_on_the_own_cluster_is_believed(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 5));
    struct writer body = {.count = 0};
    struct cluster_record own = land_record(3, 6);
    put_record(&body, &own);
    land_forge(land, 70, a->id, FRAME_RECORD, 99, &body);
    CU_ASSERT_EQUAL(land_version(a, 3), 6);
    land_destroy(land);
}

/* The middle one of three is broken at each byte where something can be; so the
 * other two are not believed either. */
static void a_frame_with_one_bad_record_teaches_nothing(void)
{
    static const struct
    {
        size_t at;
        size_t width;
        uint8_t byte; /* Of all of them. */
    } faults[] = {{0, 2, 0},  {2, 4, 0},  {10, 4, 0}, {14, 1, 2},
                  {15, 1, 3}, {28, 1, 8}, {29, 1, 65}};
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        struct land *land = land_create();
        struct land_place *a =
            land_add(land, land_node(3), records, fill(1, 20, 1));
        struct writer body = {.count = 0};
        for (cluster_id id = 6; id <= 8; id++) {
            struct cluster_record record = land_record(id, 2);
            put_record(&body, &record);
        }
        memset(body.bytes + RECORD_HEAD_WIRE_BYTES + faults[k].at,
               faults[k].byte, faults[k].width);
        land_forge(land, 20, a->id, FRAME_RECORD, 99, &body);
        CU_ASSERT_EQUAL(a->heard_count, 0);
        land_destroy(land);
    }
}

static void frames_that_are_cut_teach_nothing(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    struct cluster_record record = land_record(6, 2);
    record.rule_count = 2;
    record.rules[0].partner = 1;
    record.rules[1].partner = 2;
    struct writer whole = {.count = 0};
    put_record(&whole, &record);
    for (size_t count = 0; count < whole.count; count++) {
        struct writer cut = whole;
        cut.count = count;
        land_forge(land, 20, a->id, FRAME_RECORD, 99, &cut);
        CU_ASSERT_EQUAL(a->heard_count, 0);
    }
    struct writer more = whole;
    put_u8(&more, 0);
    land_forge(land, 20, a->id, FRAME_RECORD, 99, &more);
    CU_ASSERT_EQUAL(a->heard_count, 0);
    land_forge(land, 20, a->id, FRAME_RECORD, 99, &whole);
    CU_ASSERT_EQUAL(a->heard_count, 1);
    land_destroy(land);
}

/* 32 bytes of marks and whole pairs; 256 digests: no other length. */
static void lists_of_another_length_are_ignored(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    struct writer body = {.count = 0};
    while (body.count < 31)
        put_u8(&body, 0xff);
    land_forge(land, 20, a->id, FRAME_VERSIONS, 99, &body);
    put_u8(&body, 0xff);
    put_u8(&body, 1);
    land_forge(land, 20, a->id, FRAME_VERSIONS, 99, &body);
    land_forge(land, 20, a->id, FRAME_DIGESTS, 99, &body);
    while (body.count < 256 * 4 - 1)
        put_u8(&body, 1);
    land_forge(land, 20, a->id, FRAME_DIGESTS, 99, &body);
    put_u8(&body, 1);
    CU_ASSERT_EQUAL(land->frame_count, 0);
    land_forge(land, 20, a->id, FRAME_DIGESTS, 99, &body);
    CU_ASSERT_EQUAL(land->frame_count, 1);
    land_destroy(land);
}

static void nobody_takes_the_nodes_of_another(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    struct cluster_record thief = land_record(7, 9);
    thief.node_count = 11; /* Into those of 8. */
    struct cluster_record double_id = land_record(4, 9);
    double_id.first = 500;
    struct writer body = {.count = 0};
    put_record(&body, &thief);
    put_record(&body, &double_id);
    land_forge(land, 20, a->id, FRAME_RECORD, 99, &body);
    CU_ASSERT_EQUAL(a->heard_count, 0);
    land_destroy(land);
}

/* Two owners claim the same nodes: they differ for ever, and say little. */
static void a_quarrel_stays_quiet(void)
{
    struct land *land = land_create();
    size_t count = fill(1, 20, 1);
    struct land_place *a = land_add(land, land_node(1), records, count);
    records[9].id = 99;
    struct land_place *b = land_add(land, land_node(2), records, count);
    for (int i = 0; i < 100; i++) {
        land->now_us += 10000; /* A second altogether. */
        land_greet(land, a, b);
        land_greet(land, b, a);
        land_deliver(land);
    }
    CU_ASSERT_FALSE(equal(a, b));
    CU_ASSERT_EQUAL(a->heard_count + b->heard_count, 0);
    /* Two comparisons each way: of VERSIONS, RECORD and the question for what
     * the other has, and what is answered to it. */
    CU_ASSERT_EQUAL(land->frame_count, 4 * 4);
    merge(land, b, 5, 2);
    pass(land);
    land_greet(land, a, b);
    land_deliver(land);
    CU_ASSERT_EQUAL(land_version(a, 5), 2);
    land_destroy(land);
}

static size_t board_count(const struct land_place *place)
{
    return node_peer_count(place->node);
}

/* Cluster 21 has joined: nobody knows its nodes. */
static void a_stranger_is_heard_but_is_no_peer_before_the_map_names_it(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    struct land_place *joined =
        land_add(land, land_node(21), records, fill(1, 21, 1));
    land_greet(land, joined, a);
    CU_ASSERT_EQUAL(board_count(a), 0);
    land_deliver(land);
    CU_ASSERT_EQUAL(land_version(a, 21), 1);
    CU_ASSERT_EQUAL(board_count(a), 0); /* It has not spoken since then. */
    land_greet(land, joined, a);
    CU_ASSERT_EQUAL(board_count(a), 1);
    land_destroy(land);
}

static void a_node_without_records_compares_nothing(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    land_step(
        land, a,
        (struct event){.kind = EVENT_MAP, .map = a->view, .map_count = 20});
    struct writer body = {.count = 0};
    struct cluster_record record = land_record(6, 2);
    put_record(&body, &record);
    land_forge(land, 20, a->id, FRAME_RECORD, 99, &body);
    land_forge(land, 20, a->id, FRAME_STILL, 99, &body);
    while (body.count < 1024)
        put_u8(&body, 1);
    land_forge(land, 20, a->id, FRAME_DIGESTS, 99, &body);
    CU_ASSERT_EQUAL(a->heard_count, 0);
    CU_ASSERT_EQUAL(land->frame_count, 0);
    land_step(land, a,
              (struct event){
                  .kind = EVENT_MOVE, .proc = 1, .peer = 20}); /* Nothing. */
    land_destroy(land);
}

/* A node with a peer that has none: such a host's map never changes. */
static void nothing_is_compared_with_who_has_no_records(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    struct writer none = {.count = 0};
    land_forge(land, 20, a->id, FRAME_STILL, 0, &none);
    CU_ASSERT_EQUAL(land->frame_count, 0);
    land_destroy(land);
}

static void the_head_of_every_frame_has_the_digest(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    merge(land, a, 4, 2);
    CU_ASSERT_FATAL(land->frame_count > 0);
    struct frame frame;
    CU_ASSERT_FATAL(
        frame_read(land->frames[0].bytes, land->frames[0].count, &frame));
    CU_ASSERT_EQUAL(frame.digest, map_digest(a->records, a->record_count));
    CU_ASSERT_EQUAL(land->frames[0].bytes[66],
                    frame.digest & 0xff); /* wire.h */
    land_destroy(land);
}

static void equal_records_elsewhere_give_an_equal_hash(void)
{
    struct land *lands[3];
    struct land_place *places[3];
    for (int i = 0; i < 3; i++) {
        lands[i] = land_create();
        size_t count = fill(1, 20, 1);
        records[19].version = i == 2 ? 2 : 1;
        places[i] = land_add(lands[i], land_node(3), records, count);
    }
    CU_ASSERT_EQUAL(node_hash(places[0]->node), node_hash(places[1]->node));
    CU_ASSERT_NOT_EQUAL(node_hash(places[0]->node), node_hash(places[2]->node));
    struct writer none = {.count = 0};
    land_forge(lands[0], 20, places[0]->id, FRAME_STILL, 99, &none);
    land_forge(lands[1], 20, places[1]->id, FRAME_STILL, 0, &none);
    CU_ASSERT_NOT_EQUAL(node_hash(places[0]->node), node_hash(places[1]->node));
    for (int i = 0; i < 3; i++)
        land_destroy(lands[i]);
}

static void a_copy_of_a_node_goes_on_alike(void)
{
    struct land *land = land_create();
    struct land_place *a =
        land_add(land, land_node(3), records, fill(1, 20, 1));
    struct writer none = {.count = 0};
    land_forge(land, 20, a->id, FRAME_STILL, 99, &none);
    struct node_config config = node_config_of(a->node);
    config.proc_max *= 2;
    void *block = aligned_alloc(16, (node_bytes(&config) + 15) / 16 * 16);
    assert(block);
    a->node = node_copy(block, &config, a->node);
    free(a->block);
    a->block = block;
    land_forge(land, 20, a->id, FRAME_STILL, 99, &none);
    CU_ASSERT_EQUAL(land->frame_count, 1); /* It remembers the comparison. */
    merge(land, a, 4, 2);
    CU_ASSERT_EQUAL(land->frame_count, 5);
    land_destroy(land);
}

SUITE_MAIN(
    "spread",
    {"equal maps cost nothing", equal_maps_cost_nothing},
    {"a younger record passes either way", a_younger_record_passes_either_way},
    {"what each lacks passes both ways", what_each_lacks_passes_both_ways},
    {"one difference in a thousand is found by two small frames",
     one_difference_in_a_thousand_is_found_by_two_small_frames},
    {"a map of a thousand comes in a few comparisons",
     a_map_of_a_thousand_comes_in_a_few_comparisons},
    {"a bucket too large for a frame is compared too",
     a_bucket_too_large_for_a_frame_is_compared_too},
    {"one peer is compared with once in a while",
     one_peer_is_compared_with_once_in_a_while},
    {"as many peers are compared with as are remembered",
     as_many_peers_are_compared_with_as_are_remembered},
    {"whoever asks, a node says little", whoever_asks_a_node_says_little},
    {"a rumour goes to two of the own cluster and two of others",
     a_rumour_goes_to_two_of_the_own_and_two_of_others},
    {"who is alone tells the others", who_is_alone_tells_the_others},
    {"what is known is not told on", what_is_known_is_not_told_on},
    {"a younger word on the own cluster is believed",
     a_younger_word_on_the_own_cluster_is_believed},
    {"a frame with one bad record teaches nothing",
     a_frame_with_one_bad_record_teaches_nothing},
    {"frames that are cut teach nothing", frames_that_are_cut_teach_nothing},
    {"lists of another length are ignored",
     lists_of_another_length_are_ignored},
    {"nobody takes the nodes of another", nobody_takes_the_nodes_of_another},
    {"a quarrel over nodes stays quiet and stops nothing else",
     a_quarrel_stays_quiet},
    {"a stranger is heard, but is no peer before the map names it",
     a_stranger_is_heard_but_is_no_peer_before_the_map_names_it},
    {"a node without records compares nothing",
     a_node_without_records_compares_nothing},
    {"nothing is compared with who has no records",
     nothing_is_compared_with_who_has_no_records},
    {"the head of every frame has the digest",
     the_head_of_every_frame_has_the_digest},
    {"equal records elsewhere give an equal hash",
     equal_records_elsewhere_give_an_equal_hash},
    {"a copy of a node goes on alike", a_copy_of_a_node_goes_on_alike})
