/* test_map.c - records of owners: as bytes, merged, and seen from both sides.
 */
#include <string.h>

#include "algorithms/node/event.h"
#include "algorithms/node/questions.h"
#include "tests/suite.h"

static const struct cluster_record lab = {
    .id = 7,
    .version = 3,
    .first = 100,
    .node_count = 9,
    .state = CLUSTER_ISOLATED,
    .then = THEN_FREEZE,
    .within_us = 60000000,
    .others = {.priority = 50, .take = true},
    .rule_count = 2,
    .rules = {{.partner = 2, .priority = 45, .cap = 8, .go = true},
              {.partner = 9, .priority = 1, .take = true, .expand = true}},
};

static struct cluster_record plain(cluster_id id,
                                   uint32_t version,
                                   node_id first,
                                   uint32_t node_count)
{
    return (struct cluster_record){.id = id,
                                   .version = version,
                                   .first = first,
                                   .node_count = node_count,
                                   .others = {.go = true, .take = true}};
}

static bool read_back(const struct writer *w, struct cluster_record *ret_record)
{
    struct reader r = {.at = w->bytes, .left = w->count};
    return get_record(&r, ret_record) && r.left == 0;
}

/* The bytes of the lab by hand, from the layout in map.h. */
static void a_record_has_the_bytes_that_map_h_says(void)
{
    static const uint8_t expected[] = {
        7, 0,    3,    0, 0, 0, 100, 0, 0,  0, 9, 0, 0, 0, 1, 1, /* .. then */
        0, 0x87, 0x93, 3, 0, 0, 0,   0, 50, 0, 0, 0, 2, 2,       /* .. count */
        2, 0,    45,   0, 8, 0, 1,   9, 0,  1, 0, 0, 0, 6,
    };
    struct writer w = {.count = 0};
    put_record(&w, &lab);
    CU_ASSERT_EQUAL_FATAL(w.count, sizeof expected);
    CU_ASSERT_EQUAL(memcmp(w.bytes, expected, sizeof expected), 0);
    struct cluster_record back;
    CU_ASSERT_FATAL(read_back(&w, &back));
    struct writer again = {.count = 0};
    put_record(&again, &back);
    CU_ASSERT_EQUAL(again.count, w.count);
    CU_ASSERT_EQUAL(memcmp(again.bytes, w.bytes, w.count), 0);
    CU_ASSERT_EQUAL(back.within_us, lab.within_us);
    CU_ASSERT_EQUAL(back.rules[0].cap, 8);
    CU_ASSERT(back.rules[1].expand && !back.rules[1].go);
}

static void the_largest_record_fits_its_bound(void)
{
    struct cluster_record large = plain(1, 1, 0, 1);
    large.rule_count = CLUSTER_RULES_MAX;
    for (size_t i = 0; i < CLUSTER_RULES_MAX; i++)
        large.rules[i].partner = (cluster_id)(i + 2);
    struct writer w = {.count = 0};
    put_record(&w, &large);
    CU_ASSERT_EQUAL(w.count, RECORD_WIRE_BYTES_MAX);
    struct cluster_record back;
    CU_ASSERT(read_back(&w, &back));
}

static void nothing_shorter_is_a_record(void)
{
    struct writer w = {.count = 0};
    put_record(&w, &lab);
    for (size_t i = 0; i < w.count; i++) {
        struct reader r = {.at = w.bytes, .left = i};
        struct cluster_record back = {.id = 99};
        CU_ASSERT_FALSE(get_record(&r, &back));
        CU_ASSERT(r.bad);
        CU_ASSERT_EQUAL(back.id, 99);
    }
}

/* One byte of the lab is another: at, the byte, and whether it can be. */
static void what_no_owner_writes_is_refused(void)
{
    static const struct
    {
        size_t at;
        uint8_t byte;
        bool possible;
    } cases[] = {
        {0, 0, false},   /* No id. */
        {2, 0, false},   /* No version. */
        {10, 0, false},  /* No node. */
        {14, 2, false},  /* A state that is none. */
        {15, 3, false},  /* Neither wait, freeze nor kill. */
        {28, 8, false},  /* A right that is none. */
        {29, 65, false}, /* Too many rules. */
        {30, 9, false},  /* The same partner twice. */
        {30, 10, false}, /* Partners descend. */
        {30, 0, false},  /* A partner without an id. */
        {43, 8, false},  /* As 28, of a rule. */
        {15, 2, true},   {28, 7, true}, {30, 8, true}, {2, 255, true},
    };
    struct writer w = {.count = 0};
    put_record(&w, &lab);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct writer bent = w;
        bent.bytes[cases[i].at] = cases[i].byte;
        struct cluster_record back;
        CU_ASSERT_EQUAL(read_back(&bent, &back), cases[i].possible);
    }
}

/* NODE_NONE is nobody: the last node is the one before. */
static void a_range_ends_before_the_last_id(void)
{
    for (uint32_t extra = 0; extra <= 1; extra++) {
        struct cluster_record edge = plain(1, 1, NODE_NONE - 5, 5 + extra);
        struct writer w = {.count = 0};
        put_record(&w, &edge);
        struct cluster_record back;
        CU_ASSERT_EQUAL(read_back(&w, &back), extra == 0);
    }
}

static void a_rule_is_the_named_one_or_that_of_the_others(void)
{
    CU_ASSERT_PTR_EQUAL(record_rule(&lab, 2), &lab.rules[0]);
    CU_ASSERT_PTR_EQUAL(record_rule(&lab, 9), &lab.rules[1]);
    CU_ASSERT_PTR_EQUAL(record_rule(&lab, 1), &lab.others);
    CU_ASSERT_PTR_EQUAL(record_rule(&lab, 5), &lab.others);
    CU_ASSERT_PTR_EQUAL(record_rule(&lab, 10), &lab.others);
}

/* Of two owners' changes each node has heard one: the sums of their versions
 * are equal, their maps are not. */
static void a_digest_tells_which_version_is_whose(void)
{
    struct cluster_record a[] = {plain(1, 2, 0, 4), plain(2, 1, 10, 4)};
    struct cluster_record b[] = {plain(1, 1, 0, 4), plain(2, 2, 10, 4)};
    CU_ASSERT_NOT_EQUAL(map_digest(a, 2), map_digest(b, 2));
    CU_ASSERT_NOT_EQUAL(map_digest(a, 1), map_digest(a, 2));
    struct cluster_record c[] = {plain(2, 1, 0, 9), plain(1, 2, 10, 9)};
    CU_ASSERT_EQUAL(map_digest(a, 2), map_digest(c, 2));
    CU_ASSERT_NOT_EQUAL(map_digest(a, 0), 0);
}

enum { MERGED_MAX = 8 };

static size_t merge(struct cluster_record *records,
                    size_t count,
                    struct cluster_record record,
                    bool expected)
{
    bool changed = !expected;
    CU_ASSERT_EQUAL(map_wants(records, count, &record), expected);
    struct cluster_record before[MERGED_MAX];
    memcpy(before, records, sizeof before);
    size_t now = map_merge(records, count, &record, &changed);
    CU_ASSERT_EQUAL(changed, expected);
    CU_ASSERT_EQUAL(memcmp(before, records, sizeof before) != 0, expected);
    for (size_t i = 1; i < now; i++)
        CU_ASSERT(records[i - 1].first + records[i - 1].node_count <=
                  records[i].first);
    return now;
}

static void the_higher_version_wins_in_whatever_order(void)
{
    struct cluster_record records[MERGED_MAX] = {{0}};
    size_t count = merge(records, 0, plain(2, 1, 100, 10), true);
    count = merge(records, count, plain(3, 4, 200, 10), true);
    count = merge(records, count, plain(1, 1, 0, 10), true);
    count = merge(records, count, plain(9, 1, 150, 50), true);
    CU_ASSERT_EQUAL(count, 4);
    count = merge(records, count, plain(3, 3, 200, 10), false);
    count = merge(records, count, plain(3, 4, 200, 12), false);
    count = merge(records, count, plain(3, 5, 200, 12), true);
    count = merge(records, count, plain(2, 7, 100, 50), true);
    CU_ASSERT_EQUAL(count, 4);
    CU_ASSERT_EQUAL(records[1].version, 7);
    CU_ASSERT_EQUAL(records[3].node_count, 12);
}

static void no_cluster_takes_the_nodes_of_another_or_loses_its_own(void)
{
    struct cluster_record records[MERGED_MAX] = {{0}};
    size_t count = merge(records, 0, plain(1, 1, 100, 10), true);
    count = merge(records, count, plain(2, 1, 200, 10), true);
    merge(records, count, plain(3, 1, 100, 10), false);  /* The same range. */
    merge(records, count, plain(3, 1, 109, 1), false);   /* The last of 1. */
    merge(records, count, plain(3, 1, 50, 51), false);   /* Up to 100. */
    merge(records, count, plain(3, 1, 110, 91), false);  /* Up to 200. */
    merge(records, count, plain(1, 2, 100, 101), false); /* Grows into 2. */
    merge(records, count, plain(1, 2, 100, 9), false);   /* Shrinks. */
    merge(records, count, plain(1, 2, 99, 11), false);   /* Begins before, */
    merge(records, count, plain(1, 2, 101, 9), false);   /* or after. */
    merge(records, count, plain(1, 2, 300, 9), false);   /* Elsewhere. */
    CU_ASSERT_EQUAL(count, 2);
    count = merge(records, count, plain(3, 1, 110, 90), true);
    count = merge(records, count, plain(4, 1, 99, 1), true);
    CU_ASSERT_EQUAL(count, 4);
}

/* Every combination of what two owners say: own go, own take, own state, their
 * go, their take, their state. The rules are those of map.h. */
static void rights_need_both_sides(void)
{
    for (unsigned bits = 0; bits < 64; bits++) {
        struct cluster_record records[] = {plain(1, 1, 0, 4),
                                           plain(2, 1, 10, 4)};
        records[0].others.go = bits & 1;
        records[0].others.take = bits & 2;
        records[0].state = bits & 4 ? CLUSTER_ISOLATED : CLUSTER_OPEN;
        records[1].others.go = bits & 8;
        records[1].others.take = bits & 16;
        records[1].state = bits & 32 ? CLUSTER_ISOLATED : CLUSTER_OPEN;
        struct cluster_info ours[2] = {{0}};
        struct cluster_info theirs[2] = {{0}};
        map_view(records, 2, 1, ours);
        map_view(records, 2, 2, theirs);
        bool open = !(bits & 4) && !(bits & 32);
        CU_ASSERT_EQUAL(ours[1].send, open && (bits & 1) && (bits & 16));
        CU_ASSERT_EQUAL(ours[1].take, open && (bits & 2) && (bits & 8));
        CU_ASSERT_EQUAL(theirs[1].take, ours[1].send);
        CU_ASSERT_EQUAL(theirs[1].send, ours[1].take);
        CU_ASSERT_EQUAL(ours[0].isolated, (bits & 4) != 0);
        CU_ASSERT_EQUAL(ours[1].isolated, (bits & 32) != 0);
        CU_ASSERT(ours[0].send && ours[0].take);
        CU_ASSERT(map_is_sound(ours, 2, 0) && map_is_sound(theirs, 2, 10));
    }
}

static void a_view_has_its_own_cluster_first_and_keeps_the_links(void)
{
    struct cluster_record records[] = {plain(5, 1, 0, 4), plain(7, 1, 10, 2),
                                       plain(2, 1, 20, 8)};
    records[1].rule_count = 1;
    records[1].rules[0] = (struct cluster_rule){
        .partner = 2, .priority = 45, .cap = 8, .expand = true};
    records[2].others.priority = 30;
    struct cluster_info map[3] = {{.latency_us = 200, .bytes_per_s = 1},
                                  {.latency_us = 300, .bytes_per_s = 2},
                                  {.latency_us = 400, .bytes_per_s = 3}};
    map_view(records, 3, 7, map);
    static const cluster_id ids[] = {7, 5, 2};
    static const uint64_t befores[] = {0, 2, 6};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(map[i].id, ids[i]);
        CU_ASSERT_EQUAL(map[i].before_count, befores[i]);
        CU_ASSERT_EQUAL(map[i].latency_us, 200 + 100 * i);
        CU_ASSERT_EQUAL(map[i].bytes_per_s, i + 1);
    }
    CU_ASSERT_EQUAL(map[0].priority, 0);
    CU_ASSERT_EQUAL(map[2].priority, 45);
    CU_ASSERT_EQUAL(map[2].our_priority, 30);
    CU_ASSERT_EQUAL(map[2].cap, 8);
    CU_ASSERT_FALSE(map[2].confine);
    CU_ASSERT_TRUE(map[1].confine);
    CU_ASSERT_EQUAL(map[1].cap, 0);
    CU_ASSERT(map_is_sound(map, 3, 10));
}

/* A grid of clusters with these sizes; a gap of nodes that nobody has before
 * each, if it is not 0. As the cluster `own` sees it. */
struct layout
{
    uint32_t sizes[6];
    uint32_t gaps[6];
    size_t count;
};

static const struct layout layouts[] = {
    {.sizes = {5}, .count = 1},
    {.sizes = {1, 1}, .count = 2},
    {.sizes = {4, 4, 4, 4, 4, 4}, .count = 6},
    {.sizes = {1, 40, 2, 1, 3, 7}, .count = 6},
    {.sizes = {30, 1, 1, 1, 1, 1}, .gaps = {3, 0, 0, 9}, .count = 6},
    {.sizes = {2, 2, 2}, .gaps = {1, 1, 50}, .count = 3},
};

static uint32_t lay_out(const struct layout *layout,
                        size_t own,
                        struct cluster_info *view)
{
    struct cluster_record records[6];
    node_id first = 0;
    for (size_t i = 0; i < layout->count; i++) {
        first += layout->gaps[i];
        records[i] = plain((cluster_id)(i + 1), 1, first, layout->sizes[i]);
        first += layout->sizes[i];
    }
    map_view(records, layout->count, (cluster_id)(own + 1), view);
    return first;
}

/* Against a look at every cluster, for each node that is there and some that
 * are not. */
static void a_node_is_found_in_the_cluster_that_has_it(void)
{
    for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++)
        for (size_t own = 0; own < layouts[k].count; own++) {
            struct cluster_info view[6];
            uint32_t end = lay_out(&layouts[k], own, view);
            for (node_id node = 0; node < end + 5; node++) {
                const struct cluster_info *has = NULL;
                for (size_t i = 0; i < layouts[k].count; i++)
                    if (node - view[i].first < view[i].node_count)
                        has = &view[i];
                CU_ASSERT_PTR_EQUAL(map_cluster(view, layouts[k].count, node),
                                    has);
            }
            CU_ASSERT_PTR_NULL(map_cluster(view, layouts[k].count, NODE_NONE));
        }
}

/* All nodes of the first four layouts; of the others, which have gaps between
 * clusters, those of the own cluster. A gap before the first is none. */
static void a_map_without_gaps_is_one_range(void)
{
    for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++)
        for (size_t own = 0; own < layouts[k].count; own++) {
            struct cluster_info view[6];
            uint32_t end = lay_out(&layouts[k], own, view);
            node_id first = 99;
            uint32_t count = map_range(view, layouts[k].count, &first);
            CU_ASSERT_EQUAL(first, k < 4 ? 0 : view[0].first);
            CU_ASSERT_EQUAL(count, k < 4 ? end : layouts[k].sizes[own]);
        }
    struct cluster_info view[6];
    struct layout shifted = layouts[3];
    shifted.gaps[0] = 1000;
    node_id first;
    lay_out(&shifted, 5, view);
    CU_ASSERT_EQUAL(map_range(view, 6, &first), 54);
    CU_ASSERT_EQUAL(first, 1000);
}

SUITE_MAIN("map",
           {"a record has the bytes that map.h says",
            a_record_has_the_bytes_that_map_h_says},
           {"the largest record fits its bound",
            the_largest_record_fits_its_bound},
           {"nothing shorter is a record", nothing_shorter_is_a_record},
           {"what no owner writes is refused", what_no_owner_writes_is_refused},
           {"a range ends before the last id", a_range_ends_before_the_last_id},
           {"a rule is the named one or that of the others",
            a_rule_is_the_named_one_or_that_of_the_others},
           {"a digest tells which version is whose",
            a_digest_tells_which_version_is_whose},
           {"the higher version wins, in whatever order",
            the_higher_version_wins_in_whatever_order},
           {"no cluster takes the nodes of another, or loses its own",
            no_cluster_takes_the_nodes_of_another_or_loses_its_own},
           {"rights need both sides", rights_need_both_sides},
           {"a view has its own cluster first, and keeps the links",
            a_view_has_its_own_cluster_first_and_keeps_the_links},
           {"a node is found in the cluster that has it",
            a_node_is_found_in_the_cluster_that_has_it},
           {"a map without gaps is one range", a_map_without_gaps_is_one_range})
