/* test_lublin.c - made-up arrivals of two states, and the parallel jobs of
 * Lublin and Feitelson, against what their models say. */
#include "../../traces/lublin.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "../suite.h"

static struct complaint complaint;

static struct synth base(uint64_t count, uint64_t seed)
{
    return (struct synth){.count = count,
                          .cpu = {.kind = LAW_FIXED, .a = 1e6},
                          .mem = {.kind = LAW_FIXED, .a = 4096},
                          .user_count = 3,
                          .seed = seed};
}

/* Rates 9 and 1 for 1 s and 3 s: 3 a second. Counts in windows long beside the
 * states have variance / mean = 1 + 2 (r1 - r2)^2 s1^2 s2^2 / ((s1 + s2)^2 (r1
 * s1 + r2 s2)) (Fischer and Meier-Hellstern 1993, section 3): 1 + 2 x 64 x 9 /
 * (16 x 12) = 7. */
static void two_states_have_their_rate_and_their_bursts(void)
{
    enum { WINDOW_S = 200, WINDOWS = 1500 };
    static double counts[WINDOWS];
    struct synth what = base(0, 5);
    struct workload w = {0};
    what.span_us = (uint64_t)WINDOW_S * WINDOWS * 1000000;
    what.mmpp = (struct mmpp){{9, 1}, {1, 3}};
    CU_ASSERT_DOUBLE_EQUAL(mmpp_rate_per_s(&what.mmpp), 3, 1e-12);
    CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.origin, "modulated"));
    for (size_t i = 0; i < w.count; i++)
        counts[w.jobs[i].submit_us / 1000000 / WINDOW_S]++;
    double mean = (double)w.count / WINDOWS;
    double variance = 0;
    for (size_t i = 0; i < WINDOWS; i++)
        variance += (counts[i] - mean) * (counts[i] - mean) / (WINDOWS - 1);
    workload_finish(&w);
    /* Four errors: sqrt(7 / (3 x 200 x 1500)) and sqrt(2 / 1500). */
    CU_ASSERT_DOUBLE_EQUAL(mean / (3 * WINDOW_S), 1, 0.012);
    CU_ASSERT_DOUBLE_EQUAL(variance / mean, 7, 7 * 0.15);
}

static void one_state_may_be_silent(void)
{
    struct synth what = base(1000, 5);
    struct workload w = {0};
    what.mmpp = (struct mmpp){{100, 0}, {1, 99}};
    CU_ASSERT_EQUAL_FATAL(synth(&what, &w, &complaint), 0);
    CU_ASSERT_EQUAL(w.count, 1000);
    workload_finish(&w);
    what.mmpp.stays_s[1] = 0;
    CU_ASSERT_EQUAL(synth(&what, &w, &complaint), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "two rates"));
}

/* The day's gamma has its mode at (8.1737 - 1) x 3.9631 = 28.4 half hours, that
 * is 14 h 13 min, and 30 half hours later, at 4 or 5 h, it is quietest. */
static void the_day_is_busiest_in_the_afternoon(void)
{
    struct lublin model = lublin_default(7);
    double weights[LUBLIN_BUCKETS];
    double sum = 0;
    size_t most = 0;
    size_t least = 0;
    lublin_weights(&model, weights);
    for (size_t i = 0; i < LUBLIN_BUCKETS; i++) {
        sum += weights[i];
        most = weights[i] > weights[most] ? i : most;
        least = weights[i] < weights[least] ? i : least;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum, LUBLIN_BUCKETS, 1e-9);
    CU_ASSERT_EQUAL(most, 27);
    CU_ASSERT(8 <= least && least <= 11);
}

/* Of 1 - 0.244 parallel jobs 0.576 are rounded to powers of two; the others
 * fall on 2^k where 2^u is within a half of it: seldom. exp of gamma(4.2, 0.94)
 * has the mean logarithm 3.948, that of gamma(312, 0.03) 9.36: for one
 * processor 0.7746 x 3.948 + 0.2254 x 9.36 = 5.168. */
static void jobs_are_as_the_model_says(void)
{
    enum { JOBS = 40000 };
    struct lublin model = lublin_default(7);
    struct synth what = base(JOBS, 2);
    struct workload w = {0};
    double serial = 0;
    double powers = 0;
    double log_sum = 0;
    uint32_t widest = 0;
    CU_ASSERT_EQUAL_FATAL(lublin_synth(&model, &what, &w, &complaint), 0);
    for (size_t i = 0; i < w.count; i++) {
        const struct job *job = &w.jobs[i];
        bool power = (job->width & (job->width - 1)) == 0;
        serial += job->width == 1;
        powers += power && job->width > 1;
        if (job->width == 1)
            log_sum += log((double)job->runtime_us * 1e-6);
        widest = job->width > widest ? job->width : widest;
        CU_ASSERT(i == 0 || w.jobs[i - 1].submit_us <= job->submit_us);
        CU_ASSERT(1 <= job->user && job->user <= 3);
    }
    /* Four errors of a share of 40,000, and of the mean of a fourth. */
    CU_ASSERT_DOUBLE_EQUAL(serial / JOBS, 0.244, 0.0086);
    CU_ASSERT(0.576 - 0.01 < powers / JOBS && powers / JOBS < 0.576 + 0.07);
    CU_ASSERT_EQUAL(widest, 128);
    CU_ASSERT_DOUBLE_EQUAL(log_sum / serial, 5.168, 0.12);
    workload_finish(&w);
}

static void the_same_seed_gives_the_same_jobs(void)
{
    struct lublin model = lublin_default(5);
    struct synth what = base(500, 9);
    struct workload one = {0};
    struct workload other = {0};
    CU_ASSERT_EQUAL_FATAL(lublin_synth(&model, &what, &one, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(lublin_synth(&model, &what, &other, &complaint), 0);
    for (size_t i = 0; i < one.count; i++)
        CU_ASSERT(one.jobs[i].submit_us == other.jobs[i].submit_us &&
                  one.jobs[i].runtime_us == other.jobs[i].runtime_us &&
                  one.jobs[i].width == other.jobs[i].width);
    workload_finish(&one);
    workload_finish(&other);
}

static void a_wrong_model_is_refused(void)
{
    struct synth what = base(10, 1);
    struct workload w = {0};
    struct lublin model = lublin_default(7);
    model.pow2 = 0.9;
    CU_ASSERT_EQUAL(lublin_synth(&model, &what, &w, &complaint), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "probabilities"));
    model = lublin_default(7);
    model.a2 = 3000;
    CU_ASSERT_EQUAL(lublin_synth(&model, &what, &w, &complaint), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "above the limit"));
    model = lublin_default(7);
    what.count = 0;
    CU_ASSERT_EQUAL(lublin_synth(&model, &what, &w, &complaint), -EINVAL);
}

SUITE_MAIN("lublin",
           {"Two states have their rate and their bursts",
            two_states_have_their_rate_and_their_bursts},
           {"One state may be silent", one_state_may_be_silent},
           {"The day is busiest in the afternoon",
            the_day_is_busiest_in_the_afternoon},
           {"Jobs are as the model says", jobs_are_as_the_model_says},
           {"The same seed gives the same jobs",
            the_same_seed_gives_the_same_jobs},
           {"A wrong model is refused", a_wrong_model_is_refused})
