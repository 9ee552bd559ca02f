/* test_process_sample.c - what a process has and would take, by hand. */
#include "../suite.h"

#include <errno.h>

#include "../../real/daemon/process_sample.h"
#include "fake.h"

#define SECOND UINT64_C(1000000)

static void put_process(const struct fake *f, char state, unsigned ticks)
{
    fake_put(f, "proc/7/stat",
             "7 (a (b) c) %c 1 1 1 0 -1 0 0 0 0 0 %u 50 0 0 20 0 2 0 987\n",
             state, ticks);
    fake_put(f, "proc/7/status",
             "Name:\ta\nVmRSS:\t 9000 kB\nRssAnon:\t 300 kB\nRssFile:\t 8600 "
             "kB\nRssShmem:\t 100 kB\nVmSwap:\t 24 kB\n"
             "voluntary_ctxt_switches:\t12\n"
             "nonvoluntary_ctxt_switches:\t99\n");
    fake_put(f, "proc/7/task/7/schedstat", "1000 2000000 3\n");
    fake_put(f, "proc/7/task/8/schedstat", "1000 500000 3\n");
}

/* 300 + 100 + 24 KiB; 150 + 50 ticks of 10 ms; 2 + 0.5 ms. */
static void a_process_has_what_a_migration_carries(void)
{
    struct fake f;
    struct process_sample s;
    fake_begin(&f);
    put_process(&f, 'R', 150);
    CU_ASSERT_EQUAL_FATAL(process_sample(f.proc, 7, 5 * SECOND, &s), 0);
    CU_ASSERT_EQUAL(s.mem_bytes, 424 * 1024);
    CU_ASSERT_EQUAL(s.cpu_us, 2 * SECOND);
    CU_ASSERT_EQUAL(s.wait_us, 2500);
    CU_ASSERT(s.has_wait);
    CU_ASSERT_EQUAL(s.sleep_count, 12);
    CU_ASSERT_EQUAL(s.started_ticks, 987);
    CU_ASSERT_EQUAL(s.thread_count, 2);
    CU_ASSERT_EQUAL(s.state, 'R');
    CU_ASSERT_EQUAL(s.measured_us, 5 * SECOND);
    put_process(&f, 'Z', 150);
    CU_ASSERT_EQUAL(process_sample(f.proc, 7, 5 * SECOND, &s), -ESRCH);
    CU_ASSERT_EQUAL(process_sample(f.proc, 8, 5 * SECOND, &s), -ESRCH);
    fake_put(&f, "proc/7/stat", "7 (a) R 1\n");
    CU_ASSERT_EQUAL(process_sample(f.proc, 7, 5 * SECOND, &s), -EPROTO);
    put_process(&f, 'S', 150);
    fake_put(&f, "proc/7/status", "RssAnon:\tmuch\n");
    CU_ASSERT_EQUAL(process_sample(f.proc, 7, 5 * SECOND, &s), -EPROTO);
    fake_end(&f);
}

/* In two seconds. */
static void demand_is_what_it_would_run_alone(void)
{
    static const struct
    {
        uint64_t run_us;
        uint64_t wait_us;
        bool has_wait;
        uint32_t cores_milli;
    } rows[] = {
        {500000, 0, true, 250},         /* Nobody in its way: a quarter. */
        {500000, 500000, true, 333},    /* 0.5 of the 1.5 s it had. */
        {400000, 1600000, true, 1000},  /* It never slept. */
        {1000000, 5000000, true, 3000}, /* Three such threads. */
        {2000000, 0, true, 1000},       /* All of one core. */
        {3000000, 0, true, 1500},       /* Two threads that sleep a quarter. */
        {500000, 1500000, false, 250},  /* It is not known. */
        {0, 0, true, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct process_sample before = {.measured_us = SECOND,
                                        .cpu_us = 7,
                                        .wait_us = 9,
                                        .has_wait = rows[i].has_wait};
        struct process_sample now = {.measured_us = 3 * SECOND,
                                     .cpu_us = 7 + rows[i].run_us,
                                     .wait_us = 9 + rows[i].wait_us,
                                     .has_wait = rows[i].has_wait};
        CU_ASSERT_EQUAL(process_demand_milli(&before, &now, 1000),
                        rows[i].cores_milli);
        CU_ASSERT_EQUAL(process_demand_milli(&now, &before, 1000), 0);
        now.started_ticks = 1; /* Another process with its number. */
        CU_ASSERT_EQUAL(process_demand_milli(&before, &now, 1000), 0);
    }
}

/* Its wait is not counted yet, but it has not slept either. */
static void who_never_slept_takes_a_core(void)
{
    struct process_sample before = {
        .measured_us = SECOND, .state = 'R', .thread_count = 1};
    struct process_sample now = {.measured_us = 2 * SECOND,
                                 .state = 'R',
                                 .thread_count = 1,
                                 .cpu_us = 100000};
    CU_ASSERT_EQUAL(process_demand_milli(&before, &now, 1500), 1500);
    now.sleep_count = 1;
    CU_ASSERT_EQUAL(process_demand_milli(&before, &now, 1500), 150);
}

SUITE_MAIN("process sample",
           {"a process has what a migration carries",
            a_process_has_what_a_migration_carries},
           {"demand is what it would run alone",
            demand_is_what_it_would_run_alone},
           {"who never slept takes a core", who_never_slept_takes_a_core})
