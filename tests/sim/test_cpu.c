#include "sim/cpu.h"

#include <math.h>

#include "tests/suite.h"

static bool near(double value, double expected)
{
    return fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected));
}

/* Pop the next end and check who and when. */
static void expect_end(struct cpu *cpu, double date, uint32_t task)
{
    CU_ASSERT_FATAL(near(cpu_next(cpu), date));
    uint32_t host;
    CU_ASSERT_FATAL(cpu_pop(cpu, &host) == task);
}

static void test_a_lone_task_takes_work_over_speed(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_host(cpu, 0, 1, 2.5);
    cpu_add(cpu, 4, 0, 0, 10, 1, 1);
    expect_end(cpu, 8, 0);
    CU_ASSERT(cpu_next(cpu) == INFINITY);
    CU_ASSERT(!cpu_running(cpu, 0));
    cpu_destroy(cpu);
}

/* Works 1, 2, 3 on one core from 0: 3 x 1; then 2 x 1 more; then 1 more. */
static void test_a_core_is_shared_evenly(void)
{
    struct cpu *cpu = cpu_create(1);
    for (uint32_t i = 0; i < 3; i++)
        cpu_add(cpu, 0, 0, i, i + 1.0, 1, 1);
    CU_ASSERT(near(cpu_share(cpu, 2), 1.0 / 3));
    expect_end(cpu, 3, 0);
    expect_end(cpu, 5, 1);
    expect_end(cpu, 6, 2);
    cpu_destroy(cpu);
}

/* Three tasks on two cores get 2/3 each; two get a core each. */
static void test_a_task_uses_at_most_one_core(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_host(cpu, 0, 2, 1);
    for (uint32_t i = 0; i < 3; i++)
        cpu_add(cpu, 0, 0, i, 2.0 + 2 * i, 1, 1);
    CU_ASSERT(near(cpu_share(cpu, 0), 2.0 / 3));
    expect_end(cpu, 3, 0);
    CU_ASSERT(near(cpu_share(cpu, 1), 1));
    expect_end(cpu, 5, 1);
    expect_end(cpu, 7, 2);
    cpu_destroy(cpu);
}

static void test_weights_divide_a_core(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_add(cpu, 0, 0, 0, 3, 3, 1);
    cpu_add(cpu, 0, 0, 1, 3, 1, 1);
    CU_ASSERT(near(cpu_share(cpu, 0), 0.75));
    CU_ASSERT(near(cpu_share(cpu, 1), 0.25));
    expect_end(cpu, 4, 0);
    expect_end(cpu, 6, 1);
    cpu_destroy(cpu);
}

/* Two cores; bounds .1 and .3 leave 1.6 for weights 1 and 3: theta .4 would
 * give the last 1.2, so it has its core and the other .6. */
static void test_what_bounds_leave_goes_to_the_others_by_weight(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_host(cpu, 0, 2, 1);
    cpu_add(cpu, 0, 0, 0, INFINITY, 1, 0.1);
    cpu_add(cpu, 0, 0, 1, INFINITY, 5, 0.3);
    cpu_add(cpu, 0, 0, 2, INFINITY, 1, 1);
    cpu_add(cpu, 0, 0, 3, INFINITY, 3, 1);
    CU_ASSERT(near(cpu_share(cpu, 0), 0.1));
    CU_ASSERT(near(cpu_share(cpu, 1), 0.3));
    CU_ASSERT(near(cpu_share(cpu, 2), 0.6));
    CU_ASSERT(near(cpu_share(cpu, 3), 1));
    CU_ASSERT(cpu_next(cpu) == INFINITY);
    cpu_destroy(cpu);
}

static void test_removal_returns_the_work_left(void)
{
    struct cpu *cpu = cpu_create(2);
    cpu_add(cpu, 0, 0, 0, 10, 1, 1);
    cpu_add(cpu, 0, 0, 1, 10, 1, 1);
    cpu_add(cpu, 0, 0, 2, INFINITY, 1, 1);
    CU_ASSERT(near(cpu_left(cpu, 6, 1), 8));
    double left = cpu_remove(cpu, 6, 0);
    CU_ASSERT(near(left, 8));
    CU_ASSERT(cpu_remove(cpu, 6, 2) == INFINITY);
    CU_ASSERT(cpu_count(cpu, 0) == 1);
    /* It goes on elsewhere, as after a migration. */
    cpu_add(cpu, 7, 1, 0, left, 1, 1);
    expect_end(cpu, 14, 1);
    expect_end(cpu, 15, 0);
    cpu_destroy(cpu);
}

static void test_a_change_of_weight_or_bound_counts_from_now(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_add(cpu, 0, 0, 0, 10, 1, 1);
    cpu_add(cpu, 0, 0, 1, 10, 1, 1);
    cpu_change(cpu, 4, 0, 3, 1);
    CU_ASSERT(near(cpu_share(cpu, 0), 0.75));
    cpu_change(cpu, 8, 0, 1, 0.2);
    CU_ASSERT(near(cpu_share(cpu, 0), 0.2));
    CU_ASSERT(near(cpu_share(cpu, 1), 0.8));
    /* 10 - 2 - 3 = 5 left of 0, and 10 - 2 - 1 = 7 of 1. */
    expect_end(cpu, 8 + 7 / 0.8, 1);
    expect_end(cpu, 8 + 5 / 0.2, 0);
    cpu_destroy(cpu);
}

/* Factor .1 from 5 to 25, then half a core goes to the system. */
static void test_a_slow_host_and_taken_cores_delay(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_add(cpu, 0, 0, 0, 10, 1, 1);
    cpu_slow(cpu, 5, 0, 0.1, 0);
    CU_ASSERT(near(cpu_share(cpu, 0), 0.1));
    cpu_slow(cpu, 25, 0, 1, 0.5);
    CU_ASSERT(near(cpu_share(cpu, 0), 0.5));
    expect_end(cpu, 31, 0);
    struct cpu_sums sums = cpu_sums(cpu, 33, 0);
    CU_ASSERT(near(sums.running_s, 31));
    CU_ASSERT(near(sums.busy_s, 25 + 6 * 1 + 2 * 0.5));
    CU_ASSERT(near(sums.lost_work_s, 20 * 0.9));
    cpu_destroy(cpu);
}

static void test_nothing_ends_while_all_cores_are_taken(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_add(cpu, 0, 0, 0, 1, 1, 1);
    cpu_slow(cpu, 0.5, 0, 1, 1);
    CU_ASSERT(cpu_next(cpu) == INFINITY);
    cpu_slow(cpu, 9, 0, 0, 0);
    CU_ASSERT(cpu_next(cpu) == INFINITY);
    cpu_slow(cpu, 10, 0, 1, 0);
    expect_end(cpu, 10.5, 0);
    cpu_destroy(cpu);
}

/* Whatever the order of arrival. */
static void test_equal_ends_come_by_host_then_by_task(void)
{
    struct cpu *cpu = cpu_create(3);
    for (uint32_t i = 0; i < 12; i++) {
        uint32_t task = (i * 7) % 12;
        cpu_add(cpu, 0, task % 3, task, 2, 1, 0.25);
    }
    for (uint32_t host = 0; host < 3; host++)
        for (uint32_t i = 0; i < 4; i++) {
            CU_ASSERT(near(cpu_next(cpu), 8));
            uint32_t where;
            CU_ASSERT(cpu_pop(cpu, &where) == host + 3 * i);
            CU_ASSERT(where == host);
        }
    cpu_destroy(cpu);
}

/* However the date is rounded. */
static void test_a_batch_of_equals_ends_at_one_date(void)
{
    enum { BATCH = 7, TRIALS = 1000 };
    for (int trial = 1; trial <= TRIALS; trial++) {
        struct cpu *cpu = cpu_create(1);
        cpu_host(cpu, 0, 1, 0.1 * trial);
        for (uint32_t i = 0; i < BATCH; i++)
            cpu_add(cpu, trial / 3.0, 0, i, 0.7 * trial, 1, 1);
        cpu_add(cpu, trial / 3.0, 0, BATCH, 9.1 * trial, 1, 1);
        double date = cpu_next(cpu);
        uint32_t host;
        for (uint32_t i = 0; i < BATCH; i++) {
            CU_ASSERT_FATAL(cpu_next(cpu) == date);
            CU_ASSERT_FATAL(cpu_pop(cpu, &host) == i);
        }
        CU_ASSERT(date < cpu_next(cpu));
        cpu_destroy(cpu);
    }
}

/* A class may have had another host, whose clock was far on. */
static void test_a_class_begins_its_clock_anew(void)
{
    struct cpu *cpu = cpu_create(2);
    cpu_host(cpu, 0, 1, 1e15);
    cpu_add(cpu, 0, 0, 0, 1e18, 1, 1);
    expect_end(cpu, 1000, 0);
    cpu_add(cpu, 1000, 1, 1, 0.5, 1, 1);
    expect_end(cpu, 1000.5, 1);
    cpu_destroy(cpu);
}

/* The plainest processor sharing: every task loses an equal share. */
struct plain
{
    double left[64];
    bool there[64];
    int count;
    double now;
};

static void plain_advance(struct plain *p, double now)
{
    for (int i = 0; i < 64; i++)
        if (p->there[i])
            p->left[i] -= (now - p->now) / p->count;
    p->now = now;
}

static double plain_next(const struct plain *p, int *ret_task)
{
    *ret_task = -1;
    for (int i = 0; i < 64; i++)
        if (p->there[i] && (*ret_task < 0 || p->left[i] < p->left[*ret_task]))
            *ret_task = i;
    return *ret_task < 0 ? INFINITY : p->now + p->left[*ret_task] * p->count;
}

static void test_arrivals_and_removals_go_as_by_plain_sharing(void)
{
    struct cpu *cpu = cpu_create(1);
    struct plain plain = {0};
    uint64_t state = 3;
    double now = 0;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        uint32_t task = (uint32_t)(state >> 58);
        double until = now + (double)((state >> 32) % 1000) / 300;
        int first;
        for (double end; (end = plain_next(&plain, &first)) < until;) {
            CU_ASSERT_FATAL(fabs(cpu_next(cpu) - end) <= 1e-9 * end);
            plain_advance(&plain, end);
            plain.there[first] = false;
            plain.count--;
            uint32_t host;
            CU_ASSERT_FATAL(cpu_pop(cpu, &host) == (uint32_t)first);
        }
        now = until;
        plain_advance(&plain, now);
        if (plain.there[task]) {
            double left = cpu_remove(cpu, now, task);
            CU_ASSERT_FATAL(fabs(left - plain.left[task]) <= 1e-9 * now);
            plain.count--;
        } else {
            plain.left[task] = 1 + (double)((state >> 16) % 40000) / 1000;
            cpu_add(cpu, now, 0, task, plain.left[task], 1, 1);
            plain.count++;
        }
        plain.there[task] = !plain.there[task];
    }
    cpu_destroy(cpu);
}

static void test_equal_ends_of_two_classes_come_by_task(void)
{
    struct cpu *cpu = cpu_create(1);
    cpu_host(cpu, 0, 4, 1);
    cpu_add(cpu, 0, 0, 1, 1, 1, 0.5);
    cpu_add(cpu, 0, 0, 0, 2, 1, 1);
    cpu_add(cpu, 0, 0, 2, 2, 1, 1);
    expect_end(cpu, 2, 0);
    expect_end(cpu, 2, 1);
    expect_end(cpu, 2, 2);
    cpu_destroy(cpu);
}

/* A host that is always busy does one second of work in a second: after a
 * million ends, what was given less what is left is the date. */
static void test_no_work_is_lost_in_a_long_run(void)
{
    enum { TASKS = 10, ENDS = 1000000 };
    struct cpu *cpu = cpu_create(1);
    uint64_t state = 5;
    double given = 0;
    double date = 0;
    for (uint32_t i = 0; i < TASKS; i++) {
        given += 1 + i;
        cpu_add(cpu, 0, 0, i, 1 + i, 1, 1);
    }
    for (int i = 0; i < ENDS; i++) {
        date = cpu_next(cpu);
        uint32_t host;
        uint32_t task = cpu_pop(cpu, &host);
        state = state * 6364136223846793005 + 1442695040888963407;
        /* Eighths of a second: the sum of what is given is exact. */
        double work = (double)(state >> 58) / 8 + 0.125;
        given += work;
        cpu_add(cpu, date, 0, task, work, 1, 1);
    }
    double left = 0;
    for (uint32_t i = 0; i < TASKS; i++)
        left += cpu_remove(cpu, date, i);
    CU_ASSERT(fabs(given - left - date) <= 1e-12 * date);
    CU_ASSERT(1e6 < date);
    cpu_destroy(cpu);
}

/* Forty tasks at their bound of 1/20 fill two of three cores whatever their
 * weights, which make them forty classes. */
static void test_many_classes_end_as_one_would(void)
{
    enum { TASKS = 40 };
    struct cpu *one = cpu_create(1);
    struct cpu *many = cpu_create(1);
    cpu_host(one, 0, 3, 1);
    cpu_host(many, 0, 3, 1);
    for (uint32_t i = 0; i < TASKS; i++) {
        double work = 1 + (i * 17 % TASKS) * 0.37;
        cpu_add(one, 0, 0, i, work, 1, 0.05);
        cpu_add(many, 0, 0, i, work, 1 + i * 0.01, 0.05);
    }
    for (uint32_t i = 0; i < TASKS; i++) {
        uint32_t host;
        CU_ASSERT(near(cpu_next(one), cpu_next(many)));
        CU_ASSERT(cpu_pop(one, &host) == cpu_pop(many, &host));
    }
    cpu_destroy(one);
    cpu_destroy(many);
}

SUITE_MAIN(
    "cpu",
    {"a lone task takes its work over the speed",
     test_a_lone_task_takes_work_over_speed},
    {"a core is shared evenly", test_a_core_is_shared_evenly},
    {"a task uses at most one core", test_a_task_uses_at_most_one_core},
    {"weights divide a core", test_weights_divide_a_core},
    {"what bounds leave goes to the others by weight",
     test_what_bounds_leave_goes_to_the_others_by_weight},
    {"removal returns the work that is left",
     test_removal_returns_the_work_left},
    {"a change of weight or bound counts from now on",
     test_a_change_of_weight_or_bound_counts_from_now},
    {"a slow host and taken cores delay, and the sums say so",
     test_a_slow_host_and_taken_cores_delay},
    {"nothing ends while all cores are taken",
     test_nothing_ends_while_all_cores_are_taken},
    {"equal ends come by host, then by task",
     test_equal_ends_come_by_host_then_by_task},
    {"equal ends of two classes come by task",
     test_equal_ends_of_two_classes_come_by_task},
    {"a batch of equals ends at one date",
     test_a_batch_of_equals_ends_at_one_date},
    {"a class begins its clock anew", test_a_class_begins_its_clock_anew},
    {"arrivals and removals go as by plain sharing",
     test_arrivals_and_removals_go_as_by_plain_sharing},
    {"no work is lost in a long run", test_no_work_is_lost_in_a_long_run},
    {"many classes end as one would", test_many_classes_end_as_one_would})
