/* test_discovery.c - when a node that came up counts as known. */
#include "stage.h"

enum { NODES = 16, FALLEN = 5 };

struct seen
{
    uint32_t known_count;
    uint64_t span_us;
    uint32_t boards;   /* That had its word then, of nodes that were up. */
    uint32_t up_count; /* Others that were up then. */
    double up_at;
    double known_at;
    struct world *world; /* Of the child. */
};

/* Has that machine a word of the node that it spoke since then? */
static bool has_heard(const struct world *world,
                      node_id at,
                      node_id node,
                      double since)
{
    const struct machine *m = &world->machines[at];
    size_t count = m->down || at == node ? 0 : node_peer_count(m->node);
    for (size_t i = 0; i < count; i++)
        if (node_peer(m->node, i)->word.id == node &&
            node_peer(m->node, i)->measured_us >=
                m->origin_us + (usec_t)(since * 1e6))
            return true;
    return false;
}

static uint32_t count_heard(const struct world *world,
                            node_id node,
                            double since)
{
    uint32_t count = 0;
    for (node_id i = 0; i < NODES; i++)
        count += has_heard(world, i, node, since);
    return count;
}

static void take(void *sink, const struct record *record)
{
    struct seen *seen = sink;
    if (record->kind != RECORD_KNOWN || record->node != 3)
        return;
    seen->known_count++;
    seen->span_us = record->values[KNOWN_SPAN_US];
    seen->known_at = seen->world->now;
    seen->boards = count_heard(seen->world, 3, seen->up_at);
    seen->up_count = seen->world->machine_count - seen->world->down_count - 1;
}

static struct seen play(uint32_t board, const char *policies, stage_fn look)
{
    static struct seen seen;
    char text[1024];
    snprintf(
        text, sizeof text,
        "vencejo: 1\nname: discovery\nseed: 1\nclusters:\n  a: {nodes: %d, "
        "cores: 1, speed: 1.0, memory: 1 GiB, swap: 1 GiB, link: "
        "{bandwidth: 1 Gbps, latency: 100 us}}\nworkload:\n  poisson: "
        "{load: 0.1, count: 1, cpu: {uniform: [1 s, 2 s]}, memory: "
        "{uniform: [1 MiB, 2 MiB]}, home: random}\nboard: %u\n"
        "policies: [%s]\n",
        NODES, board, policies);
    const struct record_sink sink = {.take = take, .sink = &seen};
    memset(&seen, 0, sizeof seen);
    stage(text, &sink, look, &seen, sizeof seen);
    return seen;
}

static void down_and_up(struct world *world, struct seen *seen)
{
    seen->world = world;
    stage_run(world, 20);
    machine_down(world, 3, "test");
    stage_run(world, 60);
    seen->up_at = world->now;
    machine_up(world, 3, "test");
}

static void comes_up(struct world *world, void *what)
{
    down_and_up(world, what);
    stage_run(world, 120);
}

/* By push a rumour reaches 16 nodes in about log2 n + ln n = 6.8 rounds of 1 s,
 * and the first begins within one. At the record's instant the last has just
 * heard. */
static void a_node_is_known_when_all_that_are_up_have_heard_of_it(void)
{
    struct seen seen = play(128, "gossip_window", comes_up);
    CU_ASSERT_EQUAL(seen.known_count, 1);
    CU_ASSERT_EQUAL(seen.boards, NODES - 1);
    CU_ASSERT_DOUBLE_EQUAL((double)seen.span_us * 1e-6,
                           seen.known_at - seen.up_at, 2e-6);
    CU_ASSERT_TRUE(seen.span_us > 1000000 && seen.span_us < 12000000);
}

static void others_fall(struct world *world, void *what)
{
    down_and_up(world, what);
    for (node_id i = 10; i < 10 + FALLEN; i++)
        machine_down(world, i, "test");
    stage_run(world, 120);
}

static void nobody_waits_for_the_dead(void)
{
    struct seen seen = play(128, "gossip_window", others_fall);
    CU_ASSERT_EQUAL(seen.known_count, 1);
    CU_ASSERT_EQUAL(seen.up_count, NODES - 1 - FALLEN);
    CU_ASSERT_EQUAL(seen.boards, NODES - 1 - FALLEN);
}

/* Those that have not heard go down together: the last of them makes it known,
 * and those that had heard and went down do not count. */
static void the_deaf_fall(struct world *world, void *what)
{
    struct seen *seen = what;
    down_and_up(world, seen);
    while (count_heard(world, 3, seen->up_at) < NODES / 2)
        stage_next(world, 120);
    node_id one = 0;
    while (!has_heard(world, one, 3, seen->up_at))
        one++;
    machine_down(world, one, "test");
    for (node_id i = 0; i < NODES; i++)
        if (i != 3 && i != one && !has_heard(world, i, 3, seen->up_at))
            machine_down(world, i, "test");
}

static void the_fall_of_the_last_who_had_not_heard_makes_it_known(void)
{
    struct seen seen = play(128, "gossip_window", the_deaf_fall);
    CU_ASSERT_EQUAL(seen.known_count, 1);
    CU_ASSERT_EQUAL(seen.boards, seen.up_count);
    CU_ASSERT_TRUE(seen.up_count <= NODES / 2);
}

/* While node 5 is sought, of which all but two have heard, node 3 falls for an
 * instant; its words since node 5 came up are on nearly all boards. */
static void falls_for_a_moment(struct world *world, void *what)
{
    struct seen *seen = what;
    seen->world = world;
    stage_run(world, 30);
    machine_down(world, 5, "test");
    stage_run(world, 60);
    machine_up(world, 5, "test");
    while (count_heard(world, 5, 60) < NODES - 3)
        stage_next(world, 120);
    machine_down(world, 3, "test");
    seen->up_at = world->now + 0.01;
    stage_run(world, seen->up_at);
    machine_up(world, 3, "test");
    stage_run(world, 120);
}

static void a_word_from_before_does_not_count(void)
{
    struct seen seen = play(128, "gossip_window", falls_for_a_moment);
    CU_ASSERT_EQUAL(seen.known_count, 1);
    CU_ASSERT_EQUAL(seen.boards, NODES - 1);
}

/* Of 16 nodes a board holds 4. */
static void with_small_boards_as_many_as_a_board_has_entries_are_enough(void)
{
    struct seen small = play(4, "gossip_window", comes_up);
    struct seen large = play(128, "gossip_window", comes_up);
    CU_ASSERT_EQUAL(small.known_count, 1);
    CU_ASSERT_TRUE(small.boards <= 4);
    CU_ASSERT_TRUE(0 < small.span_us && small.span_us < large.span_us);
}

/* When it has spoken and half have heard, who tell the others. */
static void falls_again(struct world *world, void *what)
{
    struct seen *seen = what;
    down_and_up(world, seen);
    while (count_heard(world, 3, seen->up_at) < NODES / 2)
        stage_next(world, 120);
    machine_down(world, 3, "test");
    stage_run(world, 80);
    seen->boards = count_heard(world, 3, seen->up_at);
}

static void one_that_falls_before_is_not_counted(void)
{
    struct seen seen = play(128, "gossip_window", falls_again);
    CU_ASSERT_EQUAL(seen.boards, NODES - 1);
    CU_ASSERT_EQUAL(seen.known_count, 0);
}

static void who_is_never_spoken_of_is_never_known(void)
{
    CU_ASSERT_EQUAL(play(128, "place_best", comes_up).known_count, 0);
}

SUITE_MAIN("discovery",
           {"a node is known when all that are up have heard of it",
            a_node_is_known_when_all_that_are_up_have_heard_of_it},
           {"nobody waits for the dead", nobody_waits_for_the_dead},
           {"the fall of the last who had not heard makes it known",
            the_fall_of_the_last_who_had_not_heard_makes_it_known},
           {"a word from before does not count",
            a_word_from_before_does_not_count},
           {"with small boards as many as a board has entries are enough",
            with_small_boards_as_many_as_a_board_has_entries_are_enough},
           {"one that falls before is not counted",
            one_that_falls_before_is_not_counted},
           {"who is never spoken of is never known",
            who_is_never_spoken_of_is_never_known})
