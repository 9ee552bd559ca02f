/* test_synth.c - made-up arrivals against the theory of their laws. */
#include "../../traces/synth.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "../suite.h"

enum { JOB_COUNT = 20000, SEED_COUNT = 10 };

static struct complaint complaint;

static struct synth base(uint64_t seed)
{
    return (struct synth){
        .count = JOB_COUNT,
        .rate_per_s = 4,
        .cpu = {.kind = LAW_EXPONENTIAL, .a = 2e6},
        .mem = {.kind = LAW_FIXED, .a = 20 << 20},
        .user_count = 5,
        .seed = seed,
    };
}

struct moments
{
    double mean;
    double error; /* Standard error of the mean. */
};

static struct moments moments_of(const double *values, size_t count)
{
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (struct moments){
        .mean = mean,
        .error = sqrt(squares / (double)(count - 1) / (double)count)};
}

static struct moments cpu_moments(const struct workload *w)
{
    static double values[JOB_COUNT];
    for (size_t i = 0; i < w->count; i++)
        values[i] = (double)w->jobs[i].cpu_us;
    return moments_of(values, w->count);
}

/* Within three standard errors for each of ten seeds, and not always on the
 * same side. */
static void check_mean(const struct law *law, double expected)
{
    int above = 0;
    CU_ASSERT_DOUBLE_EQUAL(law_mean(law), expected, expected * 1e-12);
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        struct synth what = base(seed);
        what.cpu = *law;
        struct workload w = {0};
        CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
        CU_ASSERT_EQUAL_FATAL(w.count, JOB_COUNT);
        struct moments cpu = cpu_moments(&w);
        CU_ASSERT(fabs(cpu.mean - expected) <= 3 * cpu.error);
        above += cpu.mean > expected;
        workload_finish(&w);
    }
    CU_ASSERT(0 < above && above < SEED_COUNT);
}

static void means_agree_with_theory(void)
{
    static const uint64_t values[] = {1000000, 2000000, 6000000};
    struct law law = {.kind = LAW_EXPONENTIAL, .a = 2e6};
    check_mean(&law, 2e6);
    law = (struct law){.kind = LAW_UNIFORM, .a = 1e6, .b = 4e6};
    check_mean(&law, 2.5e6);
    law = (struct law){.kind = LAW_LOGNORMAL, .a = 1e6, .index = 0.5};
    check_mean(&law, 1e6 * exp(0.125));
    law = (struct law){
        .kind = LAW_HYPEREXPONENTIAL, .a = 1e6, .b = 9e6, .index = 0.75};
    check_mean(&law, 3e6);
    law =
        (struct law){.kind = LAW_EMPIRICAL, .values = values, .value_count = 3};
    check_mean(&law, 3e6);
}

/* Of index 1 on k .. p: k ln(p/k) / (1 - k/p). Of index 2: 2k / (1 + k/p). */
static void the_bounded_pareto_agrees_with_theory(void)
{
    struct law law = {
        .kind = LAW_BOUNDED_PARETO, .a = 1e5, .b = 1e7, .index = 1};
    check_mean(&law, 1e5 * log(100) / 0.99);
    law.index = 2;
    check_mean(&law, 2e5 / 1.01);
}

/* P(T > t) = ((k/t)^a - (k/p)^a) / (1 - (k/p)^a), binomial error. */
static void the_tail_of_the_bounded_pareto_is_right(void)
{
    struct synth what = base(3);
    what.cpu = (struct law){
        .kind = LAW_BOUNDED_PARETO, .a = 1e5, .b = 1e8, .index = 1.1};
    struct workload w = {0};
    CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
    for (double t = 2e5; t < 1e7; t *= 4) {
        double below = pow(1e-3, 1.1);
        double expected = (pow(1e5 / t, 1.1) - below) / (1 - below);
        double count = 0;
        for (size_t i = 0; i < w.count; i++) {
            CU_ASSERT(100000 <= w.jobs[i].cpu_us &&
                      w.jobs[i].cpu_us <= 100000000);
            count += (double)w.jobs[i].cpu_us > t;
        }
        double error = sqrt(expected * (1 - expected) / JOB_COUNT);
        CU_ASSERT(fabs(count / JOB_COUNT - expected) <= 3 * error);
    }
    workload_finish(&w);
}

/* Gaps of a Poisson process: mean 1 / rate, coefficient of variation 1. */
static void arrivals_are_a_poisson_process(void)
{
    static double gaps[JOB_COUNT];
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        struct synth what = base(seed);
        struct workload w = {0};
        CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
        for (size_t i = 1; i < w.count; i++)
            gaps[i - 1] =
                (double)(w.jobs[i].submit_us - w.jobs[i - 1].submit_us);
        struct moments gap = moments_of(gaps, w.count - 1);
        CU_ASSERT(fabs(gap.mean - 250000) <= 3 * gap.error);
        double cv = gap.error * sqrt((double)(w.count - 1)) / gap.mean;
        /* The variance of a sample's CV of exponentials is 1 / n. */
        CU_ASSERT(fabs(cv - 1) <= 3 / sqrt(JOB_COUNT));
        workload_finish(&w);
    }
}

static void a_span_holds_all_that_arrives_in_it(void)
{
    struct synth what = base(1);
    what.count = 0;
    what.span_us = 1000000000;
    struct workload w = {0};
    CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
    CU_ASSERT(fabs((double)w.count - 4000) <= 3 * sqrt(4000));
    CU_ASSERT(w.jobs[w.count - 1].submit_us < what.span_us);
    workload_finish(&w);
}

static void variates_are_rounded_when_drawn(void)
{
    struct synth what = base(1);
    what.cpu = (struct law){.kind = LAW_EXPONENTIAL, .a = 0.5};
    what.mem = (struct law){.kind = LAW_EXPONENTIAL, .a = 5000};
    struct workload w = {0};
    size_t users[6] = {0};
    CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
    for (size_t i = 0; i < w.count; i++) {
        const struct job *job = &w.jobs[i];
        CU_ASSERT(job->cpu_us >= 1);
        CU_ASSERT(job->mem_bytes >= 4096 && job->mem_bytes % 4096 == 0);
        CU_ASSERT_FATAL(1 <= job->user && job->user <= 5);
        users[job->user]++;
    }
    for (size_t user = 1; user <= 5; user++)
        CU_ASSERT(fabs((double)users[user] - JOB_COUNT / 5) <=
                  3 * sqrt(JOB_COUNT * .2 * .8));
    workload_finish(&w);
}

static void the_same_seed_gives_the_same_jobs(void)
{
    struct synth what = base(7);
    struct workload one = {0};
    struct workload two = {0};
    CU_ASSERT_EQUAL_FATAL(synth(&what, &one, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(synth(&what, &two, &complaint), 0);
    CU_ASSERT_EQUAL(memcmp(one.jobs, two.jobs, one.count * sizeof *one.jobs),
                    0);
    workload_finish(&two);
    what.seed = 8;
    CU_ASSERT_EQUAL_FATAL(synth(&what, &two, &complaint), 0);
    CU_ASSERT_NOT_EQUAL(one.jobs[0].cpu_us, two.jobs[0].cpu_us);
    workload_finish(&one);
    workload_finish(&two);
}

static void impossible_laws_are_refused(void)
{
    static const struct law laws[] = {
        {.kind = LAW_FIXED},
        {.kind = LAW_EXPONENTIAL, .a = -1},
        {.kind = LAW_EXPONENTIAL, .a = NAN},
        {.kind = LAW_UNIFORM, .a = 2, .b = 1},
        {.kind = LAW_BOUNDED_PARETO, .a = 1, .b = 1, .index = 1},
        {.kind = LAW_BOUNDED_PARETO, .a = 1, .b = 2},
        {.kind = LAW_LOGNORMAL, .a = 1, .index = -1},
        {.kind = LAW_HYPEREXPONENTIAL, .a = 1, .b = 2, .index = 1.5},
        {.kind = LAW_EMPIRICAL},
    };
    struct workload w = {0};
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        struct synth what = base(1);
        what.cpu = laws[i];
        CU_ASSERT_EQUAL(synth(&what, &w, &complaint), -EINVAL);
        what = base(1);
        what.mem = laws[i];
        CU_ASSERT_EQUAL(synth(&what, &w, &complaint), -EINVAL);
    }
    struct synth what = base(1);
    what.rate_per_s = 0;
    CU_ASSERT_EQUAL(synth(&what, &w, &complaint), -EINVAL);
    what = base(1);
    what.count = 0;
    CU_ASSERT_EQUAL(synth(&what, &w, &complaint), -EINVAL);
    CU_ASSERT_PTR_NULL(w.jobs);
}

SUITE_MAIN("synthetic workloads",
           {"means agree with theory", means_agree_with_theory},
           {"the bounded Pareto agrees with theory",
            the_bounded_pareto_agrees_with_theory},
           {"the tail of the bounded Pareto is right",
            the_tail_of_the_bounded_pareto_is_right},
           {"arrivals are a Poisson process", arrivals_are_a_poisson_process},
           {"a span holds all that arrives in it",
            a_span_holds_all_that_arrives_in_it},
           {"variates are rounded when drawn", variates_are_rounded_when_drawn},
           {"the same seed gives the same jobs",
            the_same_seed_gives_the_same_jobs},
           {"impossible laws are refused", impossible_laws_are_refused})
