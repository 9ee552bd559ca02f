/* test_balance_classics.c - estimated responses, the home model, lingering. */
#include "../suite.h"
#include "stand.h"

enum { A = 1, B, C };

/* A process of one CPU that calls home so often. */
static proc_id submit(struct stand *s,
                      node_id home,
                      uint64_t mem_bytes,
                      uint32_t calls_per_s)
{
    struct proc_info proc = stand_proc(s, home, mem_bytes);
    proc.home_calls_per_s = calls_per_s;
    stand_offer(s, proc);
    stand_settle(s);
    return proc.id;
}

static void second(struct stand *s, usec_t number)
{
    stand_run_until(s, number * STAND_SECOND_US);
    for (node_id id = A; id < A + s->node_count; id++)
        stand_sample(s, id);
    for (node_id id = A; id < A + s->node_count; id++)
        stand_tell(s, id);
}

/* How many of three leave A for the idle B in ten seconds. */
static size_t classic_leave(uint32_t calls_per_s, uint64_t mem_bytes)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_mosix_classic");
    stand_start(s);
    for (int i = 0; i < 3; i++)
        submit(s, A, mem_bytes, calls_per_s);
    for (usec_t i = 1; i <= 10; i++)
        second(s, i);
    size_t count = stand_running(s, B);
    stand_destroy(s);
    return count;
}

static void classic_weighs_calls_and_memory(void)
{
    /* The map of a stand has 0.1 ms one way, 100 MB/s; 1 GiB for each node. */
    CU_ASSERT_EQUAL(classic_leave(0, 5 * STAND_MIB), 1);
    /* 3 against 1.035 + 1.9 s for 9,500 calls: 0.065 is below the margin. */
    CU_ASSERT_EQUAL(classic_leave(9500, 5 * STAND_MIB), 0);
    /* 3 against 1.035 + 1.6 s: 0.365 is above it. */
    CU_ASSERT_EQUAL(classic_leave(8000, 5 * STAND_MIB), 1);
}

static struct stand *home_example(uint64_t processes)
{
    struct stand *s = stand_create(2);
    stand_add(s, "balance_home_model");
    stand_start(s);
    for (uint64_t i = 0; i < processes; i++)
        submit(s, A, STAND_MIB, 0);
    return s;
}

static void home_keeps_what_it_can_bear(void)
{
    /* Lambda stays 1 with one process, and 1 > 0.75: but away costs 1.1 > 1, so
     * Lambda doubles and home bears it. */
    struct stand *s = home_example(1);
    for (usec_t i = 1; i <= 10; i++)
        second(s, i);
    CU_ASSERT_EQUAL(stand_running(s, A), 1);
    stand_destroy(s);
}

static void home_sends_the_overflow_and_takes_it_back(void)
{
    struct stand *s = home_example(6);
    for (usec_t i = 1; i <= 30; i++)
        second(s, i);
    size_t away = stand_running(s, B);
    CU_ASSERT(away >= 1);
    CU_ASSERT(stand_running(s, A) >= away);
    /* What is at home ends: the guests come back. */
    size_t count;
    proc_id own[STAND_PROCS_MAX];
    const struct proc_info *procs = node_procs(stand_node(s, A), &count);
    for (size_t i = 0; i < count; i++)
        own[i] = procs[i].id;
    for (size_t i = 0; i < count; i++)
        stand_step(s, A, (struct event){.kind = EVENT_ENDED, .proc = own[i]});
    for (usec_t i = 31; i <= 60; i++)
        second(s, i);
    CU_ASSERT(stand_running(s, A) >= 1);
    stand_destroy(s);
}

/* A guest of 100 MB at B, whose owner starts something that takes so much; the
 * second, from then on, at which the guest leaves for C; 0: never. */
static usec_t lingers_s(uint32_t owner_milli, uint16_t there_milli)
{
    struct stand *s = stand_create(3);
    usec_t left = 0;
    stand_add(s, "place_round_robin");
    stand_add(s, "balance_linger");
    stand_info(s, A)->utilisation_milli = 1000;
    stand_info(s, C)->utilisation_milli = there_milli;
    stand_start(s);
    submit(s, A, STAND_MIB, 0);
    proc_id guest = submit(s, A, 100 * 1000 * 1000, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stand_proc_at(s, B, guest));
    stand_tell(s, A);
    stand_tell(s, C);
    struct proc_info owner = stand_proc(s, B, STAND_MIB);
    owner.locked = true;
    owner.cpu_milli = owner_milli;
    stand_offer(s, owner);
    stand_settle(s);
    for (usec_t i = 1; i <= 20 && left == 0; i++) {
        stand_run_until(s, i * STAND_SECOND_US);
        stand_sample(s, B);
        stand_run_until(s, i * STAND_SECOND_US + 500000);
        left = stand_proc_at(s, B, guest) &&
                       stand_proc_at(s, B, guest)->state == PROC_RUNNING
                   ? 0
                   : i;
        stand_tell(s, C);
    }
    stand_destroy(s);
    return left;
}

static void the_example_of_lingering(void)
{
    /* Cost 0.3 s + 100 MB / (100 MB/s) = 1.3 s; the owner is seen at the first
     * sample. 1.3 x 0.9 / 0.5 = 2.34 s are over at the fourth; with h = 0.2 the
     * 11.7 s at the thirteenth. */
    CU_ASSERT_EQUAL(lingers_s(600, 100), 4);
    CU_ASSERT_EQUAL(lingers_s(200, 100), 13);
    CU_ASSERT_EQUAL(lingers_s(100, 100), 0);
}

SUITE_MAIN("balance_classics",
           {"classic MOSIX weighs calls and memory",
            classic_weighs_calls_and_memory},
           {"home keeps what it can bear", home_keeps_what_it_can_bear},
           {"home sends the overflow and takes it back",
            home_sends_the_overflow_and_takes_it_back},
           {"the example of lingering", the_example_of_lingering})
