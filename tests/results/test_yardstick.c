#include "results/yardstick.h"

#include <gsl/gsl_rng.h>
#include <math.h>

#include "results/bound.h"
#include "tests/suite.h"

/* A of 4 comes at 0, B of 1 at 1; one core of speed 1. The shorter goes first:
 * A works 0 .. 1 and 2 .. 5, B 1 .. 2. Mean busy times: A (1 x 0.5 + 3 x 3.5) /
 * 4 = 2.75, B 1.5. Slowdowns at least (2.75 + 2) / 4 = 1.1875 and (1.5 + 0.5 -
 * 1) / 1 = 1; A ends at 5 in truth, at 1.25 times its work. */
static void the_shorter_goes_first_for_the_mean_slowdown(void)
{
    struct arrival arrivals[] = {{0, 4}, {1, 1}};
    CU_ASSERT_DOUBLE_EQUAL(bound_slowdown(arrivals, 2, 1, 1), (1.1875 + 1) / 2,
                           1e-12);
    /* On 64 cores nobody waits, and nobody is faster than on one. */
    struct arrival wide[] = {{0, 4}, {1, 1}};
    CU_ASSERT_DOUBLE_EQUAL(bound_slowdown(wide, 2, 64, 1), 1, 1e-12);
    struct arrival fast[] = {{0, 4}};
    CU_ASSERT_DOUBLE_EQUAL(bound_slowdown(fast, 1, 64, 2), 0.5, 1e-12);
}

/* Two of 1 at 0 on one core: deadlines x and x, and both are done at 2. A of 4
 * at 0 and B of 1 at 3: B by 3 + x, A by 4 x. With x = 1.25 A may wait for B:
 * B ends at 4, A at 5 = 4 x 1.25. Less is not to be had, for 5 s of work end at
 * 5 and B by 3 + x. */
static void the_earliest_deadline_decides_the_largest_slowdown(void)
{
    struct arrival twins[] = {{0, 1}, {0, 1}};
    CU_ASSERT_DOUBLE_EQUAL(bound_stretch(twins, 2, 1, 1, 0), 2, 3e-4);
    struct arrival late[] = {{0, 4}, {3, 1}};
    double bound = bound_stretch(late, 2, 1, 1, 0);
    CU_ASSERT(bound <= 1.25 + 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bound, 1.25, 2e-4);
    /* Two cores of speed 2: both run at once, at half their work. */
    CU_ASSERT_DOUBLE_EQUAL(bound_stretch(late, 2, 4, 2, 0), 0.5, 1e-9);
}

/* Horvath, Lam and Sethi: works 6, 3, 3 on speeds 2, 1, 1. The largest: 6 / 2 =
 * 3; two: 9 / 3 = 3; all: 12 / 4 = 3. With 8: 4, 11 / 3, 14 / 4. */
static void the_largest_take_the_fastest_cores(void)
{
    struct core_group groups[] = {{2, 1}, {1, 2}};
    struct arrival even[] = {{0, 6}, {0, 3}, {0, 3}};
    CU_ASSERT_DOUBLE_EQUAL(bound_makespan_us(even, 3, groups, 2), 3, 1e-12);
    struct arrival one[] = {{0, 8}, {0, 3}, {0, 3}};
    CU_ASSERT_DOUBLE_EQUAL(bound_makespan_us(one, 3, groups, 2), 4, 1e-12);
    /* 7 + 7 on the two fastest: 14 / 3 > 7 / 2 and 15 / 4. */
    struct arrival two[] = {{0, 7}, {0, 7}, {0, 1}};
    CU_ASSERT_DOUBLE_EQUAL(bound_makespan_us(two, 3, groups, 2), 14.0 / 3,
                           1e-12);
    /* What comes at 10 cannot end before 10 + 6 / 2, counted from 2 on. */
    struct arrival late[] = {{2, 1}, {10, 6}};
    CU_ASSERT_DOUBLE_EQUAL(bound_makespan_us(late, 2, groups, 2), 11, 1e-12);
    /* More cores than are looked at one by one. */
    struct core_group many[] = {{1, 4000}};
    static struct arrival batch[8000];
    for (size_t index = 0; index < 8000; index++)
        batch[index] = (struct arrival){0, 3};
    CU_ASSERT_DOUBLE_EQUAL(bound_makespan_us(batch, 8000, many, 1), 6, 1e-9);
}

/* Three of 2 s and 6 bytes, where there are 9: no two at once, so 2, 4, 6 if
 * memory decides alone; in the fluid bound 36 byte s go through 9: 4/3, 8/3, 4,
 * the first not before 2. */
static void memory_that_is_held_takes_time(void)
{
    struct memory_arrival three[] = {{5, 2, 12}, {5, 2, 12}, {5, 2, 12}};
    CU_ASSERT_DOUBLE_EQUAL(bound_memory_makespan_us(three, 3, 9), 4, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(bound_memory_response_us(three, 3, 9, 1),
                           (2 + 8.0 / 3 + 4) / 3, 1e-12);
    CU_ASSERT(isnan(bound_memory_makespan_us(three, 0, 9)));
}

static void nothing_has_no_bound(void)
{
    struct core_group group = {1, 1};
    CU_ASSERT(isnan(bound_slowdown(NULL, 0, 1, 1)));
    CU_ASSERT(isnan(bound_stretch(NULL, 0, 1, 1, 0)));
    CU_ASSERT(isnan(bound_makespan_us(NULL, 0, &group, 1)));
}

/* ---- Any schedule of whole slots is no better. --------------------------- */

enum { JOBS = 5, CORES = 3 };

struct instance
{
    double submit[JOBS];
    double work[JOBS];
    double memory[JOBS];
    double speeds[CORES]; /* Descending. */
    double room;          /* Memory of each node of one core. */
};

/* In each slot every core takes any of those that have come and fit into its
 * memory, the last for less than the slot. */
static void run_slots(gsl_rng *rng, const struct instance *i, double *ret_ends)
{
    double left[JOBS];
    size_t done = 0;
    for (size_t job = 0; job < JOBS; job++)
        left[job] = i->work[job];
    for (double now = 0; done < JOBS; now += 0.5) {
        bool taken[JOBS] = {false};
        for (size_t core = 0; core < CORES; core++) {
            size_t job = gsl_rng_uniform_int(rng, JOBS);
            size_t tries = 0;
            while (tries < JOBS &&
                   (taken[job] || left[job] <= 0 || now < i->submit[job])) {
                job = (job + 1) % JOBS;
                tries++;
            }
            if (tries == JOBS || i->room < i->memory[job])
                continue;
            taken[job] = true;
            double time = fmin(0.5, left[job] / i->speeds[core]);
            left[job] -= time * i->speeds[core];
            if (left[job] <= 1e-12) {
                left[job] = 0;
                ret_ends[job] = now + time;
                done++;
            }
        }
    }
}

static void draw(gsl_rng *rng, struct instance *i)
{
    static const double speeds[] = {2, 1.5, 1, 0.5};
    size_t first = gsl_rng_uniform_int(rng, 2);
    for (size_t core = 0; core < CORES; core++)
        i->speeds[core] = speeds[first + core];
    i->room = 4;
    for (size_t job = 0; job < JOBS; job++) {
        i->submit[job] = (double)gsl_rng_uniform_int(rng, 5);
        i->work[job] = 0.25 * (double)(1 + gsl_rng_uniform_int(rng, 16));
        i->memory[job] = (double)(1 + gsl_rng_uniform_int(rng, 4));
    }
}

struct found
{
    double slowdown;
    double stretch;
    double makespan;
    double memory_response;
    double memory_makespan;
};

static struct found bounds_of(const struct instance *i)
{
    struct arrival arrivals[JOBS];
    struct memory_arrival areas[JOBS];
    struct core_group groups[CORES];
    double pool = 0;
    for (size_t core = 0; core < CORES; core++) {
        groups[core] = (struct core_group){i->speeds[core], 1};
        pool += i->speeds[core];
    }
    for (size_t job = 0; job < JOBS; job++) {
        arrivals[job] = (struct arrival){i->submit[job], i->work[job]};
        areas[job] = (struct memory_arrival){i->submit[job], i->work[job],
                                             i->work[job] * i->memory[job]};
    }
    double fastest = i->speeds[0];
    struct found found = {.slowdown =
                              bound_slowdown(arrivals, JOBS, pool, fastest)};
    found.stretch = bound_stretch(arrivals, JOBS, pool, fastest, 0);
    found.makespan = bound_makespan_us(arrivals, JOBS, groups, CORES);
    found.memory_response =
        bound_memory_response_us(areas, JOBS, i->room * pool, fastest);
    found.memory_makespan =
        bound_memory_makespan_us(areas, JOBS, i->room * pool);
    return found;
}

static struct found measured(const struct instance *i, const double *ends)
{
    struct found found = {.slowdown = 0};
    double first = INFINITY;
    double last = 0;
    for (size_t job = 0; job < JOBS; job++) {
        double response = ends[job] - i->submit[job];
        found.slowdown += response / i->work[job] / JOBS;
        found.stretch = fmax(found.stretch, response / i->work[job]);
        found.memory_response += response / JOBS;
        first = fmin(first, i->submit[job]);
        last = fmax(last, ends[job]);
    }
    found.makespan = found.memory_makespan = last - first;
    return found;
}

static void no_schedule_is_below_a_bound(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double closest[5] = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY};
    for (int round = 0; round < 3000; round++) {
        struct instance i;
        double ends[JOBS];
        draw(rng, &i);
        struct found b = bounds_of(&i);
        for (int schedule = 0; schedule < 20; schedule++) {
            run_slots(rng, &i, ends);
            struct found m = measured(&i, ends);
            double ratios[] = {m.slowdown / b.slowdown, m.stretch / b.stretch,
                               m.makespan / b.makespan,
                               m.memory_response / b.memory_response,
                               m.memory_makespan / b.memory_makespan};
            for (size_t index = 0; index < 5; index++) {
                CU_ASSERT(1 - 1e-9 <= ratios[index]);
                closest[index] = fmin(closest[index], ratios[index]);
            }
        }
    }
    /* Bounds of nothing would hold, too. */
    for (size_t index = 0; index < 4; index++)
        CU_ASSERT(closest[index] < 1.3);
    gsl_rng_free(rng);
}

/* ---- Of a meter. --------------------------------------------------------- */

static void submit(struct meter *meter,
                   uint64_t at_s,
                   proc_id proc,
                   uint64_t work_s,
                   uint64_t mem_bytes)
{
    struct record record = {.kind = RECORD_SUBMIT,
                            .at_us = at_s * 1000000,
                            .proc = proc,
                            .why = ""};
    record.values[SUBMIT_WORK_US] = work_s * 1000000;
    record.values[SUBMIT_MEM_BYTES] = mem_bytes;
    CU_ASSERT_EQUAL(meter_add(meter, &record), 0);
}

static void over(struct meter *meter,
                 enum record_kind kind,
                 uint64_t at_s,
                 proc_id proc)
{
    struct record record = {
        .kind = kind, .at_us = at_s * 1000000, .proc = proc, .why = ""};
    CU_ASSERT_EQUAL(meter_add(meter, &record), 0);
}

/* Alone on a core of speed 2, so 5 s for 10; ended after 20. The one that was
 * killed would press the other: it is not in the regret. */
static void regrets_are_of_those_that_ended(void)
{
    struct core_group group = {2, 1};
    struct meter *meter =
        meter_create(&(struct meter_options){.bound_us = 10000000,
                                             .speed_max = 2,
                                             .pool_speed = 2,
                                             .core_groups = &group,
                                             .core_group_count = 1,
                                             .memory_speed = 200});
    double values[METRIC_COUNT];
    double bounds[YARDSTICK_COUNT];
    double regrets[YARDSTICK_COUNT];
    submit(meter, 3, 1, 100, 1);
    submit(meter, 4, 2, 10, 80);
    over(meter, RECORD_KILLED, 10, 1);
    over(meter, RECORD_ENDED, 24, 2);
    meter_read(meter, values);
    meter_yardsticks(meter, YARDSTICK_OF_SUBMITTED, bounds);
    meter_regrets(meter, values, bounds, regrets);
    CU_ASSERT_DOUBLE_EQUAL(bounds[YARDSTICK_MAKESPAN], 55, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(regrets[YARDSTICK_MEAN_SLOWDOWN], 4, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(regrets[YARDSTICK_MAX_SLOWDOWN], 4, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(regrets[YARDSTICK_MEAN_RESPONSE], 4, 1e-9);
    /* 21 s since the first submission, 5 s from 4 s on at the least. */
    CU_ASSERT_DOUBLE_EQUAL(regrets[YARDSTICK_MAKESPAN], 21.0 / 6, 1e-9);
    /* 800 byte s through 200: 4 s; alone 5 s. */
    CU_ASSERT_DOUBLE_EQUAL(regrets[YARDSTICK_MEMORY_RESPONSE], 4, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(regrets[YARDSTICK_MEMORY_MAKESPAN], 21.0 / 5, 1e-9);
    meter_destroy(meter);
}

SUITE_MAIN("yardstick",
           {"The shorter goes first for the mean slowdown",
            the_shorter_goes_first_for_the_mean_slowdown},
           {"The earliest deadline decides the largest slowdown",
            the_earliest_deadline_decides_the_largest_slowdown},
           {"The largest take the fastest cores",
            the_largest_take_the_fastest_cores},
           {"Memory that is held takes time", memory_that_is_held_takes_time},
           {"Nothing has no bound", nothing_has_no_bound},
           {"No schedule is below a bound", no_schedule_is_below_a_bound},
           {"Regrets are of those that ended", regrets_are_of_those_that_ended})
