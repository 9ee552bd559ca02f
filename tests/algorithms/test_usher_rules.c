/* test_usher_rules.c - the rules by which ushers differ, and that balancing
 * does not undo what they did. */
#include "../suite.h"
#include "stand.h"

enum { FULL = 1, A, B, C, NODES = 4 };
#define MB 1000000ULL

/* Sample a node with so much free, whatever its processes hold. */
static void sample_with(struct stand *s, node_id id, uint64_t free_bytes)
{
    size_t count;
    struct proc_info procs[STAND_PROCS_MAX];
    const struct proc_info *seen = node_procs(stand_node(s, id), &count);
    memcpy(procs, seen, count * sizeof *procs);
    stand_info(s, id)->mem_free_bytes = free_bytes;
    stand_step(s, id,
               (struct event){.kind = EVENT_SAMPLED,
                              .self = stand_info(s, id),
                              .procs = procs,
                              .proc_count = count});
}

/* The worked example of all ushers: 1000 MB of which 20 are free, processes of
 * 30, 50, 400 and 51 MB, which came in this order; A, B and C have 60,
 * 200 and 900 MB of room, and C has 2 processes. Its first decision. */
static struct stand_note decide(const char *policy,
                                const char *param,
                                uint64_t value)
{
    static const uint64_t mems_mb[] = {30, 50, 400, 51};
    static const uint64_t rooms_mb[] = {0, 60, 200, 900};
    struct stand *s = stand_create(NODES);
    size_t place = stand_add(s, policy);
    if (param)
        stand_set(s, place, param, value);
    for (node_id id = FULL; id <= C; id++)
        stand_info(s, id)->mem_total_bytes = 1000 * MB;
    stand_start(s);
    for (size_t i = 0; i < sizeof mems_mb / sizeof mems_mb[0]; i++) {
        s->now_us++;
        stand_submit(s, FULL, mems_mb[i] * MB);
    }
    stand_info(s, C)->load_milli = 2000;
    for (node_id id = A; id <= C; id++) {
        stand_info(s, id)->mem_free_bytes = rooms_mb[id - 1] * MB;
        stand_tell(s, id);
    }
    sample_with(s, FULL, 20 * MB);
    const struct stand_note *asked = stand_find(s, ACTION_ASKED, 0);
    struct stand_note first = asked ? *asked : (struct stand_note){0};
    stand_destroy(s);
    return first;
}

static void targets_are_as_the_examples_say(void)
{
    CU_ASSERT_EQUAL(decide("usher_best_fit", NULL, 0).peer, A);
    CU_ASSERT_EQUAL(decide("usher_worst_fit", NULL, 0).peer, C);
    CU_ASSERT_EQUAL(decide("usher_opportunity_cost", NULL, 0).peer, B);
    CU_ASSERT_EQUAL(decide("usher_mosix", "target", 1).peer, A);
    CU_ASSERT_EQUAL(decide("usher_mosix", "target", 2).peer, C);
    CU_ASSERT_EQUAL(decide("usher_mosix", "target", 4).peer, B);
    /* A and B are idle. */
    CU_ASSERT(decide("usher_mosix", "target", 3).peer != C);
}

static uint64_t number(struct stand_note note)
{
    return note.proc & UINT32_MAX;
}

static void victims_are_as_the_rules_say(void)
{
    static const char *const ushers[] = {"usher_mosix", "usher_worst_fit",
                                         "usher_best_fit",
                                         "usher_opportunity_cost"};
    for (size_t i = 0; i < sizeof ushers / sizeof ushers[0]; i++) {
        /* 62 - 20 = 42 MB are needed. */
        CU_ASSERT_EQUAL(number(decide(ushers[i], NULL, 0)), 2);
        CU_ASSERT_EQUAL(number(decide(ushers[i], "victim", 1)), 3);
        CU_ASSERT_EQUAL(number(decide(ushers[i], "victim", 2)), 1);
        CU_ASSERT_EQUAL(number(decide(ushers[i], "victim", 3)), 4);
    }
}

/* ---- Hysteresis. --------------------------------------------------------- */

enum { LOCKED_MB = 830, GROWN_MB = 900, MOVER_MB = 50, CYCLES = 10 };

static proc_id locked(struct stand *s, node_id home, uint64_t mem_bytes)
{
    struct proc_info proc = stand_proc(s, home, mem_bytes);
    proc.locked = true;
    stand_offer(s, proc);
    stand_settle(s);
    return proc.id;
}

/* A second; the one that breathes at FULL has so much by its end. */
static void second(struct stand *s, proc_id breather, uint64_t mem_mb)
{
    stand_run_until(s, stand_time_us(s) + STAND_SECOND_US);
    for (node_id id = FULL; id <= A; id++) {
        size_t count;
        struct proc_info procs[STAND_PROCS_MAX];
        const struct proc_info *seen = node_procs(stand_node(s, id), &count);
        uint64_t held = 0;
        memcpy(procs, seen, count * sizeof *procs);
        for (size_t i = 0; i < count; i++) {
            if (procs[i].id == breather)
                procs[i].mem_bytes = mem_mb * MB;
            held += procs[i].mem_bytes;
        }
        stand_info(s, id)->load_milli = (uint32_t)(1000 * count);
        stand_info(s, id)->mem_free_bytes = 1000 * MB - held;
        stand_step(s, id,
                   (struct event){.kind = EVENT_SAMPLED,
                                  .self = stand_info(s, id),
                                  .procs = procs,
                                  .proc_count = count});
        stand_settle(s);
    }
    stand_run_until(s, stand_time_us(s) + STAND_SECOND_US / 2);
}

/* FULL has a locked process that grows from 830 to 900 of 1000 MB and back,
 * each 20 s, and a mover of 50 MB; A has four locked ones that are small. So
 * the balancer at A always wants the mover back at FULL, whose load is 1; and
 * FULL must usher it whenever it would have only 50 MB free. Its moves in ten
 * such cycles. */
static size_t moves_of_the_mover(uint64_t high_milli)
{
    struct stand *s = stand_create(2);
    size_t usher = stand_add(s, "usher_mosix");
    stand_add(s, "balance_mosix");
    stand_add(s, "gossip_window");
    stand_set(s, usher, "high_milli", high_milli);
    for (node_id id = FULL; id <= A; id++)
        stand_info(s, id)->mem_total_bytes = 1000 * MB;
    stand_start(s);
    proc_id breather = locked(s, FULL, LOCKED_MB * MB);
    for (int i = 0; i < 4; i++)
        locked(s, A, MB);
    stand_submit(s, FULL, MOVER_MB * MB);
    for (int i = 0; i < 5; i++)
        second(s, breather, LOCKED_MB);
    s->note_count = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        for (int i = 0; i < 5; i++)
            second(s, breather, GROWN_MB);
        for (int i = 0; i < 10; i++)
            second(s, breather, LOCKED_MB);
    }
    size_t moves = stand_count(s, ACTION_CARRY);
    stand_destroy(s);
    return moves;
}

static void the_gap_keeps_balancing_from_undoing_it(void)
{
    /* Back at FULL it would leave 1000 - 830 - 50 = 120 MB, which is under 125:
     * it goes once. */
    CU_ASSERT_EQUAL(moves_of_the_mover(125), 1);
    /* 120 is over 62: there and back, ten times. */
    CU_ASSERT(moves_of_the_mover(62) >= 2 * CYCLES - 1);
}

SUITE_MAIN("usher_rules",
           {"targets are as the examples say", targets_are_as_the_examples_say},
           {"victims are as the rules say", victims_are_as_the_rules_say},
           {"the gap keeps balancing from undoing it",
            the_gap_keeps_balancing_from_undoing_it})
