/* test_fit.c - what was drawn from a law is fitted by that law. */
#include "../../traces/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../traces/profile.h"
#include "../suite.h"

static struct complaint complaint;

static struct workload draw(const struct synth *what)
{
    struct workload w = {0};
    CU_ASSERT_EQUAL_FATAL(synth(what, &w, &complaint), 0);
    return w;
}

static struct synth base(uint64_t count, uint64_t seed)
{
    return (struct synth){.count = count,
                          .rate_per_s = 2,
                          .cpu = {.kind = LAW_EXPONENTIAL, .a = 3e6},
                          .mem = {.kind = LAW_FIXED, .a = 4096},
                          .seed = seed};
}

static double *gaps_of(const struct workload *w)
{
    double *gaps_s = calloc(w->count, sizeof *gaps_s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(gaps_s);
    for (size_t i = 0; i + 1 < w->count; i++)
        gaps_s[i] =
            (double)(w->jobs[i + 1].submit_us - w->jobs[i].submit_us) * 1e-6;
    return gaps_s;
}

/* In standard errors. */
static double off(struct fit_value fit, double truth)
{
    CU_ASSERT(fit.error > 0);
    CU_ASSERT(fit.error < 0.5 * fabs(truth));
    return (fit.value - truth) / fit.error;
}

static void near(struct fit_value fit, double truth)
{
    double errors = off(fit, truth);
    CU_ASSERT(fabs(errors) < 4);
    if (!(fabs(errors) < 4))
        printf("\n%g is %g of its errors off %g\n", fit.value, errors, truth);
}

static void poisson_arrivals_are_no_more(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct synth what = base(3000, seed);
        struct workload w = draw(&what);
        double *gaps_s = gaps_of(&w);
        struct fit_poisson poisson;
        struct fit_mmpp mmpp;
        fit_poisson(gaps_s, w.count - 1, &poisson);
        fit_mmpp(gaps_s, w.count - 1, &mmpp);
        near(poisson.rate_per_s, 2);
        /* Three parameters more gain chi-square(3) / 2 by chance: above 6 in
         * one of 140. */
        CU_ASSERT(!mmpp.found ||
                  mmpp.log_likelihood < poisson.log_likelihood + 6);
        free(gaps_s);
        workload_finish(&w);
    }
}

/* The likelihood by hand for one gap t from a state that never changes: r
 * exp(-r t), whatever the other is. Two Poisson gaps of 1 s: rate 1, 2 log(1)
 * - 2. */
static void poisson_is_as_by_hand(void)
{
    const double gaps_s[] = {0.5, 1.5};
    struct fit_poisson poisson;
    fit_poisson(gaps_s, 2, &poisson);
    CU_ASSERT_DOUBLE_EQUAL(poisson.rate_per_s.value, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(poisson.log_likelihood, -2, 1e-12);
}

/* Errors are as large as they say: over many traces their squares average 1. */
static void modulated_arrivals_are_found_within_their_errors(void)
{
    enum { SEEDS = 24 };
    double squares[4] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct synth what = base(3000, seed);
        struct fit_mmpp f;
        what.rate_per_s = 0;
        what.mmpp = (struct mmpp){{0.5, 10}, {40, 10}};
        struct workload w = draw(&what);
        double *gaps_s = gaps_of(&w);
        fit_mmpp(gaps_s, w.count - 1, &f);
        CU_ASSERT_TRUE(f.found);
        near(f.rates_per_s[0], 10);
        near(f.rates_per_s[1], 0.5);
        near(f.stays_s[0], 10);
        near(f.stays_s[1], 40);
        squares[0] += pow(off(f.rates_per_s[0], 10), 2) / SEEDS;
        squares[1] += pow(off(f.rates_per_s[1], 0.5), 2) / SEEDS;
        squares[2] += pow(off(f.stays_s[0], 10), 2) / SEEDS;
        squares[3] += pow(off(f.stays_s[1], 40), 2) / SEEDS;
        free(gaps_s);
        workload_finish(&w);
    }
    /* Chi-square(24) / 24: below 0.36 or above 2.1 in one of 1,000. */
    for (int i = 0; i < 4; i++)
        CU_ASSERT(0.36 < squares[i] && squares[i] < 2.1);
}

static const struct fit_law *best_of(const struct law *law,
                                     struct fit_law fits[FIT_LAWS])
{
    struct synth what = base(4000, 7);
    what.cpu = *law;
    struct workload w = draw(&what);
    size_t count;
    double *values = sorted_work(&w, &count);
    CU_ASSERT_PTR_NOT_NULL_FATAL(values);
    fit_laws(values, count, fits);
    free(values);
    workload_finish(&w);
    CU_ASSERT_EQUAL(fits[0].kind, law->kind);
    /* Kolmogorov: above 1.95 / sqrt(n) in one of 1,000. */
    CU_ASSERT(fits[0].distance < 1.95 / sqrt(4000));
    return &fits[0];
}

static void the_law_that_was_drawn_from_fits_best(void)
{
    struct fit_law fits[FIT_LAWS];
    const struct fit_law *f = best_of(
        &(struct law){.kind = LAW_LOGNORMAL, .a = 2e6, .index = 1.5}, fits);
    near(f->a, 2);
    near(f->index, 1.5);
    f = best_of(
        &(struct law){
            .kind = LAW_BOUNDED_PARETO, .a = 1e6, .b = 600e6, .index = 1.1},
        fits);
    near(f->index, 1.1);
    /* The least of n: 1 s and 1/(1.1 n) of it more in the mean. */
    CU_ASSERT(f->a.value >= 1 && f->a.value < 1.005);
    CU_ASSERT(f->b.value > 60 && f->b.value <= 600);
    f = best_of(
        &(struct law){
            .kind = LAW_HYPEREXPONENTIAL, .a = 1e6, .b = 30e6, .index = 0.8},
        fits);
    near(f->a, 1);
    near(f->b, 30);
    near(f->index, 0.8);
    f = best_of(&(struct law){.kind = LAW_EXPONENTIAL, .a = 3e6}, fits);
    near(f->a, 3);
}

/* Works 1 and e^2: median e, sigma 1, by hand. */
static void a_lognormal_law_is_as_by_hand(void)
{
    const double values[] = {1, M_E * M_E};
    struct fit_law fits[FIT_LAWS];
    fit_laws(values, 2, fits);
    for (size_t i = 0; i < FIT_LAWS; i++) {
        if (!fits[i].found || fits[i].kind != LAW_LOGNORMAL)
            continue;
        CU_ASSERT_DOUBLE_EQUAL(fits[i].a.value, M_E, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(fits[i].index.value, 1, 1e-12);
        /* Two normal densities at 1 sigma, over the values: -log(2 pi) - 1 -
         * 2. */
        CU_ASSERT_DOUBLE_EQUAL(fits[i].log_likelihood, -log(2 * M_PI) - 1 - 2,
                               1e-12);
        return;
    }
    CU_FAIL("no lognormal law");
}

#define NEAR(name) \
    near((struct fit_value){f.model.name, f.errors.name}, truth.name)

static void lublin_and_feitelsons_jobs_have_their_parameters(void)
{
    struct lublin truth = lublin_default(7);
    struct synth what = base(8000, 3);
    struct workload w = {0};
    struct fit_lublin f;
    CU_ASSERT_EQUAL_FATAL(lublin_synth(&truth, &what, &w, &complaint), 0);
    fit_lublin(&w, &f);
    CU_ASSERT_TRUE(f.found);
    CU_ASSERT_EQUAL(f.model.high, 7);
    NEAR(serial);
    NEAR(pow2);
    NEAR(first);
    NEAR(a1);
    NEAR(b1);
    NEAR(a2);
    NEAR(b2);
    NEAR(pa);
    NEAR(pb);
    NEAR(arrival);
    NEAR(arrival_scale);
    NEAR(day);
    NEAR(day_scale);
    workload_finish(&w);
}

static void too_few_jobs_are_no_model(void)
{
    struct synth what = base(40, 1);
    struct workload w = draw(&what);
    struct fit_lublin lublin;
    struct fit_mmpp mmpp;
    double *gaps_s = gaps_of(&w);
    fit_lublin(&w, &lublin);
    fit_mmpp(gaps_s, w.count - 1, &mmpp);
    CU_ASSERT_FALSE(lublin.found);
    CU_ASSERT_FALSE(mmpp.found);
    free(gaps_s);
    workload_finish(&w);
}

SUITE_MAIN("fit",
           {"Poisson arrivals are no more", poisson_arrivals_are_no_more},
           {"Poisson is as by hand", poisson_is_as_by_hand},
           {"Modulated arrivals are found within their errors",
            modulated_arrivals_are_found_within_their_errors},
           {"The law that was drawn from fits best",
            the_law_that_was_drawn_from_fits_best},
           {"A lognormal law is as by hand", a_lognormal_law_is_as_by_hand},
           {"Lublin and Feitelson's jobs have their parameters",
            lublin_and_feitelsons_jobs_have_their_parameters},
           {"Too few jobs are no model", too_few_jobs_are_no_model})
