/* test_profile.c - what a profile says of workloads whose laws are known. */
#include "../../traces/profile.h"

#include <math.h>
#include <string.h>

#include "../../traces/synth.h"
#include "../suite.h"

static struct complaint complaint;

static struct profile profile_of_law(struct law law, uint64_t seed)
{
    struct synth what = {
        .count = 50000,
        .rate_per_s = 10,
        .cpu = law,
        .mem = {.kind = LAW_UNIFORM, .a = 1 << 20, .b = 3 << 20},
        .seed = seed,
    };
    struct workload w = {0};
    struct profile profile = {0};
    CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(profile_of(&w, &profile), 0);
    workload_finish(&w);
    return profile;
}

/* Memoryless: the median of what remains is ln 2 / rate at each age. */
static void age_says_nothing_of_exponential_work(void)
{
    struct profile p =
        profile_of_law((struct law){.kind = LAW_EXPONENTIAL, .a = 1e6}, 1);
    CU_ASSERT(p.age_count >= 3);
    for (size_t i = 0; i < p.age_count; i++) {
        double error = 1 / sqrt((double)p.ages[i].alive_count);
        CU_ASSERT(fabs(p.ages[i].median_remaining_s - M_LN2) <= 3 * error);
        double survival = exp(-p.ages[i].age_s);
        CU_ASSERT(fabs(p.ages[i].survival - survival) <=
                  3 * sqrt(survival * (1 - survival)) * error);
    }
    CU_ASSERT_DOUBLE_EQUAL(p.age_slope, 0, 0.15);
    CU_ASSERT_DOUBLE_EQUAL(p.work_s.cv, 1, 0.02);
}

/* P(T > t) = k/t: half of those of any age live as long again. */
static void pareto_work_lives_as_long_again(void)
{
    struct law law = {
        .kind = LAW_BOUNDED_PARETO, .a = 1e5, .b = 1e15, .index = 1};
    struct profile p = profile_of_law(law, 2);
    for (size_t i = 1; i < p.age_count; i++)
        CU_ASSERT(fabs(p.ages[i].survival - 0.5) <=
                  1.5 / sqrt((double)p.ages[i].alive_count));
    CU_ASSERT_DOUBLE_EQUAL(p.age_slope, 1, 0.1);
}

static void hills_interval_holds_the_index(void)
{
    static const double indices[] = {0.8, 1, 1.5, 2.5};
    for (size_t i = 0; i < 4; i++) {
        struct law law = {.kind = LAW_BOUNDED_PARETO,
                          .a = 1e5,
                          .b = 1e15,
                          .index = indices[i]};
        struct profile p = profile_of_law(law, 3);
        CU_ASSERT_EQUAL(p.work_tail.count, 5000);
        CU_ASSERT(p.work_tail.low < indices[i] &&
                  indices[i] < p.work_tail.high);
        CU_ASSERT_DOUBLE_EQUAL(p.work_tail.high - p.work_tail.low,
                               2 * 1.96 * p.work_tail.index / sqrt(5000), 1e-4);
    }
}

static void load_and_spread_of_a_small_trace_are_exact(void)
{
    static const char text[] =
        "1 0 -1 90 2 30 1024 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
        "2 10 -1 10 1 -1 3072 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n"
        "3 50 -1 30 1 -1 -1 -1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n";
    struct workload_options options = workload_options_default();
    options.format = FORMAT_SWF;
    struct workload w = {0};
    struct profile p;
    CU_ASSERT_EQUAL_FATAL(
        workload_parse(text, strlen(text), "t", &options, &w, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(profile_of(&w, &p), 0);
    CU_ASSERT_EQUAL(p.row_count, 3);
    CU_ASSERT_EQUAL(p.process_count, 4);
    CU_ASSERT_EQUAL(p.parallel_count, 1);
    CU_ASSERT_DOUBLE_EQUAL(p.span_s, 50, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(p.arrivals_per_h, 144, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(p.work_total_s, 100, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(p.load_in_cores, 2, 1e-12);
    CU_ASSERT_EQUAL(p.runtime_s.count, 3);
    CU_ASSERT_DOUBLE_EQUAL(p.runtime_s.quantiles[2], 30, 1e-12);
    CU_ASSERT_EQUAL(p.cpu_s.count, 1);
    CU_ASSERT_EQUAL(p.mem_bytes.count, 2);
    CU_ASSERT_DOUBLE_EQUAL(p.mem_bytes.mean, 2 << 20, 1e-6);
    /* Gaps of 10 and 40 s: mean 25, deviation 15 sqrt 2. */
    CU_ASSERT_DOUBLE_EQUAL(p.gap_cv, 15 * M_SQRT2 / 25, 1e-12);
    CU_ASSERT_EQUAL(p.work_tail.count, 0);
    CU_ASSERT(isnan(p.age_slope));
    workload_finish(&w);
}

SUITE_MAIN("profiles",
           {"age says nothing of exponential work",
            age_says_nothing_of_exponential_work},
           {"Pareto work lives as long again", pareto_work_lives_as_long_again},
           {"Hill's interval holds the index", hills_interval_holds_the_index},
           {"load and spread of a small trace are exact",
            load_and_spread_of_a_small_trace_are_exact})
