#include "results/bound.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "tests/suite.h"

enum { JOBS = 4, TIME_MAX = 20, WORK_MAX = 4 };

/* A small instance: whole submit times and works. */
struct instance
{
    int submit[JOBS];
    int work[JOBS];
    int cores;
};

/* States of the search: work left of each job, at a time. */
enum {
    STATES = (WORK_MAX + 1) * (WORK_MAX + 1) * (WORK_MAX + 1) * (WORK_MAX + 1)
};

static int state_of(const int *left)
{
    int state = 0;
    for (int job = 0; job < JOBS; job++)
        state = state * (WORK_MAX + 1) + left[job];
    return state;
}

static void left_of(int state, int *ret_left)
{
    for (int job = JOBS - 1; 0 <= job; job--) {
        ret_left[job] = state % (WORK_MAX + 1);
        state /= WORK_MAX + 1;
    }
}

/* The least sum of ends when this set of jobs runs in the slot at time; -1 if
 * it may not. next: the best from every state of the next time. */
static int run_set(const struct instance *instance,
                   int time,
                   const int *left,
                   int set,
                   const int *next)
{
    int after[JOBS];
    int running = 0;
    int ended_sum = 0;
    memcpy(after, left, sizeof(after));
    for (int job = 0; job < JOBS; job++) {
        if (!(set >> job & 1))
            continue;
        if (time < instance->submit[job] || left[job] == 0)
            return -1;
        running++;
        after[job]--;
        if (after[job] == 0)
            ended_sum += time + 1;
    }
    int rest = next[state_of(after)];
    return running > instance->cores || rest < 0 ? -1 : ended_sum + rest;
}

/* Every schedule of whole slots, backwards in time. */
static double best_mean_response(const struct instance *instance)
{
    static int best[2][STATES];
    for (int state = 0; state < STATES; state++)
        best[TIME_MAX % 2][state] = state == 0 ? 0 : -1;
    for (int time = TIME_MAX - 1; 0 <= time; time--)
        for (int state = 0; state < STATES; state++) {
            int left[JOBS];
            int least = -1;
            left_of(state, left);
            for (int set = 0; set < 1 << JOBS; set++) {
                int sum =
                    run_set(instance, time, left, set, best[(time + 1) % 2]);
                if (0 <= sum && (least < 0 || sum < least))
                    least = sum;
            }
            best[time % 2][state] = least;
        }
    int submit_sum = 0;
    for (int job = 0; job < JOBS; job++)
        submit_sum += instance->submit[job];
    return (double)(best[0][state_of(instance->work)] - submit_sum) / JOBS;
}

static double bound_of(const struct instance *instance)
{
    struct arrival arrivals[JOBS];
    for (int job = 0; job < JOBS; job++)
        arrivals[job] = (struct arrival){.submit_us = instance->submit[job],
                                         .work_us = instance->work[job]};
    return bound_response_us(arrivals, JOBS, instance->cores, 1);
}

static struct instance random_instance(gsl_rng *rng, int cores)
{
    struct instance instance = {.cores = cores};
    for (int job = 0; job < JOBS; job++) {
        instance.submit[job] = (int)gsl_rng_uniform_int(rng, 4);
        instance.work[job] = 1 + (int)gsl_rng_uniform_int(rng, WORK_MAX);
    }
    return instance;
}

/* With whole dates SRPT switches at whole dates only, so slots lose nothing. */
static void one_core_reaches_the_bound(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int round = 0; round < 40; round++) {
        struct instance instance = random_instance(rng, 1);
        CU_ASSERT_DOUBLE_EQUAL(bound_of(&instance),
                               best_mean_response(&instance), 1e-9);
    }
    gsl_rng_free(rng);
}

static void no_schedule_of_two_cores_beats_the_bound(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    int reached = 0;
    for (int round = 0; round < 40; round++) {
        struct instance instance = random_instance(rng, 2);
        double best = best_mean_response(&instance);
        double alone = 0;
        for (int job = 0; job < JOBS; job++)
            alone += (double)instance.work[job] / JOBS;
        double bound = bound_of(&instance);
        CU_ASSERT(bound <= best + 1e-9);
        CU_ASSERT(alone <= bound + 1e-9);
        reached += best - bound < 0.25 * best;
    }
    /* A bound of nothing would hold, too. */
    CU_ASSERT(20 < reached);
    gsl_rng_free(rng);
}

/* A job of 10 that a job of 1 interrupts at 1: ends 2 and 11. */
static void the_shortest_left_goes_first(void)
{
    struct arrival arrivals[] = {{0, 10}, {1, 1}};
    CU_ASSERT_DOUBLE_EQUAL(bound_response_us(arrivals, 2, 1, 1), 6, 1e-12);
    /* At 9 the first has 1 left and goes on: ends 10 and 12. */
    struct arrival late[] = {{0, 10}, {9, 2}};
    CU_ASSERT_DOUBLE_EQUAL(bound_response_us(late, 2, 1, 1), 6.5, 1e-12);
}

static void nobody_is_faster_than_on_the_fastest_core(void)
{
    struct arrival alone[] = {{5, 10}};
    CU_ASSERT_DOUBLE_EQUAL(bound_response_us(alone, 1, 64, 2), 5, 1e-12);
    struct arrival idle[] = {{0, 10}, {100, 20}};
    CU_ASSERT_DOUBLE_EQUAL(bound_response_us(idle, 2, 64, 2), 7.5, 1e-12);
}

/* 36 processes of 300 s on 16 cores: SRPT ends the k-th at 300 k / 16, but
 * none before 300: 16 x 300 + sum of 18.75 k for k = 17 .. 36. */
static void the_larger_of_both_counts_end_by_end(void)
{
    struct arrival batch[36];
    for (size_t index = 0; index < 36; index++)
        batch[index] = (struct arrival){0, 300};
    CU_ASSERT_DOUBLE_EQUAL(bound_response_us(batch, 36, 16, 1),
                           (16 * 300 + 18.75 * 530) / 36, 1e-9);
}

static void order_and_origin_do_not_matter(void)
{
    struct arrival arrivals[] = {{0, 3}, {1, 2}, {1.5, 7}, {4, 1}};
    struct arrival moved[4];
    for (size_t index = 0; index < 4; index++)
        moved[index] = (struct arrival){arrivals[3 - index].submit_us + 1e12,
                                        arrivals[3 - index].work_us};
    CU_ASSERT_DOUBLE_EQUAL(bound_response_us(arrivals, 4, 2, 1),
                           bound_response_us(moved, 4, 2, 1), 1e-9);
}

static void nothing_has_no_bound(void)
{
    CU_ASSERT(isnan(bound_response_us(NULL, 0, 1, 1)));
}

/* Schrage and Miller, Operations Research 14(4), 1966: mean response of SRPT
 * with Poisson arrivals; here work is exponential with mean 1. */
static double work_below(double size)
{
    return 1 - (1 + size) * exp(-size);
}

static double residence(double size, void *load)
{
    return 1 / (1 - *(double *)load * work_below(size));
}

static double response_density(double size, void *load)
{
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(200);
    gsl_function of_size = {residence, load};
    double stay;
    double error;
    gsl_integration_qag(&of_size, 0, size, 1e-9, 1e-8, 200, 2, space, &stay,
                        &error);
    gsl_integration_workspace_free(space);
    double rate = *(double *)load;
    double squares = 2 - (size * size + 2 * size + 2) * exp(-size);
    double left = 1 - rate * work_below(size);
    double wait =
        rate * (squares + size * size * exp(-size)) / (2 * left * left);
    return (wait + stay) * exp(-size);
}

static void poisson_arrivals_give_schrage_and_millers_mean(void)
{
    enum { ARRIVALS = 400000 };
    double load = 0.7;
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(200);
    gsl_function density = {response_density, &load};
    double expected;
    double error;
    gsl_integration_qag(&density, 0, 40, 1e-7, 1e-6, 200, 2, space, &expected,
                        &error);
    gsl_integration_workspace_free(space);

    struct arrival *arrivals = malloc(ARRIVALS * sizeof(*arrivals));
    CU_ASSERT_PTR_NOT_NULL_FATAL(arrivals);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double date = 0;
    for (size_t index = 0; index < ARRIVALS; index++) {
        date += gsl_ran_exponential(rng, 1 / load);
        arrivals[index] = (struct arrival){date, gsl_ran_exponential(rng, 1)};
    }
    gsl_rng_free(rng);
    double measured = bound_response_us(arrivals, ARRIVALS, 1, 1);
    free(arrivals);
    CU_ASSERT_DOUBLE_EQUAL(measured / expected, 1, 0.015);
    /* Processor sharing would give 1 / (1 - load). */
    CU_ASSERT(expected < 0.75 / (1 - load));
}

SUITE_MAIN("bound",
           {"One core reaches the bound", one_core_reaches_the_bound},
           {"No schedule of two cores beats the bound",
            no_schedule_of_two_cores_beats_the_bound},
           {"The shortest left goes first", the_shortest_left_goes_first},
           {"Nobody is faster than on the fastest core",
            nobody_is_faster_than_on_the_fastest_core},
           {"The larger of both counts, end by end",
            the_larger_of_both_counts_end_by_end},
           {"Order and origin do not matter", order_and_origin_do_not_matter},
           {"Nothing has no bound", nothing_has_no_bound},
           {"Poisson arrivals give Schrage and Miller's mean",
            poisson_arrivals_give_schrage_and_millers_mean})
