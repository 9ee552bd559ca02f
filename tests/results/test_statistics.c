#include "results/statistics.h"

#include <math.h>

#include "tests/suite.h"

/* Hours of sleep gained by two drugs, ten patients: Student, Biometrika 6(1),
 * 1908. The paired test on them is in many textbooks: t = 4.0621 with 9 degrees
 * of freedom, p = 0.002833, the 95 % interval is 0.7001 .. 2.4599. */
static const double drug_one[] = {0.7, -1.6, -0.2, -1.2, -0.1,
                                  3.4, 3.7,  0.8,  0.0,  2.0};
static const double drug_two[] = {1.9, 0.8, 1.1, 0.1, -0.1,
                                  4.4, 5.5, 1.6, 4.6, 3.4};
enum { PATIENTS = 10 };

static void interval_uses_students_t(void)
{
    /* t(0.975) of 1, 4, 9 and 30 degrees of freedom, from any table. */
    static const struct
    {
        size_t count;
        double t;
    } rows[] = {{2, 12.706}, {5, 2.776}, {10, 2.262}, {31, 2.042}};
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        double values[31];
        double square_sum = 0;
        size_t count = rows[row].count;
        double middle = (double)(count - 1) / 2;
        for (size_t index = 0; index < count; index++) {
            values[index] = (double)index;
            square_sum += pow((double)index - middle, 2);
        }
        struct estimate estimate = estimate_of(values, count);
        double error = sqrt(square_sum / (double)(count - 1) / (double)count);
        CU_ASSERT_DOUBLE_EQUAL(estimate.mean, middle, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(estimate.ci95 / error, rows[row].t, 5e-4);
        CU_ASSERT_EQUAL(estimate.count, count);
    }
}

static void few_values_give_no_interval(void)
{
    double one = 7;
    struct estimate estimate = estimate_of(&one, 1);
    CU_ASSERT_EQUAL(estimate.mean, 7);
    CU_ASSERT(isnan(estimate.ci95));
    estimate = estimate_of(NULL, 0);
    CU_ASSERT(isnan(estimate.mean));
    CU_ASSERT(isnan(estimate.ci95));
    CU_ASSERT_EQUAL(estimate.count, 0);
}

static void failed_runs_are_left_out(void)
{
    double values[] = {1, NAN, 3};
    struct estimate estimate = estimate_of(values, 3);
    CU_ASSERT_EQUAL(estimate.mean, 2);
    CU_ASSERT_EQUAL(estimate.count, 2);
    CU_ASSERT_DOUBLE_EQUAL(estimate.ci95, 12.706, 1e-3);
}

static void paired_t_is_that_of_students_sleep_data(void)
{
    struct difference difference = difference_of(drug_two, drug_one, PATIENTS);
    CU_ASSERT_DOUBLE_EQUAL(difference.mean, 1.58, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(difference.mean - difference.ci95, 0.7001, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(difference.mean + difference.ci95, 2.4599, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(difference.p, 0.002833, 5e-7);
    CU_ASSERT_FALSE(difference.significant);
    difference = difference_of(drug_one, drug_two, PATIENTS);
    CU_ASSERT_DOUBLE_EQUAL(difference.mean, -1.58, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(difference.p, 0.002833, 5e-7);
}

static void only_whole_pairs_are_compared(void)
{
    double these[PATIENTS + 2] = {100, NAN};
    double those[PATIENTS + 2] = {NAN, 100};
    for (size_t index = 0; index < PATIENTS; index++) {
        these[index + 2] = drug_two[index];
        those[index + 2] = drug_one[index];
    }
    struct difference difference = difference_of(these, those, PATIENTS + 2);
    CU_ASSERT_DOUBLE_EQUAL(difference.mean, 1.58, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(difference.p, 0.002833, 5e-7);
}

static void what_never_varies_is_equal_or_certain(void)
{
    double these[] = {0.1, 0.2, 0.3};
    double those[] = {0.1, 0.2, 0.3};
    CU_ASSERT_EQUAL(difference_of(these, those, 3).p, 1);
    double ones[] = {1, 1, 1};
    double twos[] = {2, 2, 2};
    CU_ASSERT_EQUAL(difference_of(twos, ones, 3).p, 0);
    CU_ASSERT(isnan(difference_of(twos, ones, 1).p));
}

/* Holm's procedure stops at the first p that is too large: 0.005 <= 0.05 / 4
 * and 0.01 <= 0.05 / 3, but 0.03 > 0.05 / 2; so 0.04 < 0.05 does not count. */
static void holm_stops_at_the_first_that_fails(void)
{
    struct difference family[] = {{.p = 0.01},
                                  {.p = 0.04, .significant = true},
                                  {.p = 0.03},
                                  {.p = 0.005}};
    holm(family, 4, 0.05);
    CU_ASSERT_TRUE(family[0].significant);
    CU_ASSERT_FALSE(family[1].significant);
    CU_ASSERT_FALSE(family[2].significant);
    CU_ASSERT_TRUE(family[3].significant);
}

/* 0.02 is more than 0.05 / 3, but of the two that are left it is the smaller.
 */
static void holm_grows_milder_with_every_step(void)
{
    struct difference family[] = {{.p = 0.02}, {.p = 0.06}, {.p = 0.01}};
    holm(family, 3, 0.05);
    CU_ASSERT_TRUE(family[0].significant);
    CU_ASSERT_FALSE(family[1].significant);
    CU_ASSERT_TRUE(family[2].significant);
}

static void what_has_no_p_makes_no_family_larger(void)
{
    struct difference family[] = {{.p = NAN}, {.p = 0.03}, {.p = NAN}};
    holm(family, 3, 0.05);
    CU_ASSERT_FALSE(family[0].significant);
    CU_ASSERT_TRUE(family[1].significant);
    CU_ASSERT_FALSE(family[2].significant);
}

/* Hyndman and Fan, The American Statistician 50(4), 1996, definition 7: the
 * value at place (n - 1) share, counted from 0, between its neighbours. */
static void quantiles_are_of_type_seven(void)
{
    double four[] = {3, 1, 4, 2};
    CU_ASSERT_DOUBLE_EQUAL(quantile(four, 4, 0.25), 1.75, 1e-12);
    double ten[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    CU_ASSERT_DOUBLE_EQUAL(quantile(ten, 10, 0.95), 9.55, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(quantile(ten, 10, 0.5), 5.5, 1e-12);
    CU_ASSERT_EQUAL(quantile(ten, 10, 0), 1);
    CU_ASSERT_EQUAL(quantile(ten, 10, 1), 10);
    double one = 5;
    CU_ASSERT_EQUAL(quantile(&one, 1, 0.95), 5);
    CU_ASSERT(isnan(quantile(NULL, 0, 0.5)));
}

static void quantiles_of_many_are_their_places(void)
{
    enum { COUNT = 10001 };
    double *values = malloc(COUNT * sizeof(double));
    CU_ASSERT_PTR_NOT_NULL_FATAL(values);
    for (size_t index = 0; index < COUNT; index++)
        values[index] = (double)(index * 7919 % COUNT);
    CU_ASSERT_EQUAL(quantile(values, COUNT, 0.5), 5000);
    CU_ASSERT_EQUAL(quantile(values, COUNT, 0.95), 9500);
    CU_ASSERT_EQUAL(quantile(values, COUNT, 0.99), 9900);
    CU_ASSERT_EQUAL(quantile(values, COUNT, 1), 10000);
    free(values);
}

/* Places 0, 2.25, 2.25, 4.5, 8.55 and 9 of the numbers 1 to 10. */
static void quantiles_of_several_shares_are_those_of_each(void)
{
    static const double shares[] = {0, 0.25, 0.25, 0.5, 0.95, 1};
    static const double expected[] = {1, 3.25, 3.25, 5.5, 9.55, 10};
    double ten[] = {3, 8, 1, 10, 6, 2, 9, 4, 7, 5};
    double found[6];
    quantiles(ten, 10, shares, 6, found);
    for (size_t i = 0; i < 6; i++)
        CU_ASSERT_DOUBLE_EQUAL(found[i], expected[i], 1e-12);
    quantiles(NULL, 0, shares, 6, found);
    for (size_t i = 0; i < 6; i++)
        CU_ASSERT(isnan(found[i]));
}

static void jain_is_one_for_equals_and_one_nth_for_a_king(void)
{
    double equals[] = {4, 4, 4};
    double king[] = {0, 9, 0, 0};
    double mixed[] = {1, 2, 3}; /* 6 x 6 / (3 x 14). */
    double nothing[] = {0, 0};
    CU_ASSERT_DOUBLE_EQUAL(jain(equals, 3), 1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(jain(king, 4), 0.25, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(jain(mixed, 3), 6.0 / 7, 1e-15);
    CU_ASSERT(isnan(jain(nothing, 2)));
    CU_ASSERT(isnan(jain(NULL, 0)));
}

SUITE_MAIN(
    "statistics",
    {"An interval uses Student's t", interval_uses_students_t},
    {"Few values give no interval", few_values_give_no_interval},
    {"Failed runs are left out", failed_runs_are_left_out},
    {"The paired t is that of Student's sleep data",
     paired_t_is_that_of_students_sleep_data},
    {"Only whole pairs are compared", only_whole_pairs_are_compared},
    {"What never varies is equal or certain",
     what_never_varies_is_equal_or_certain},
    {"Holm stops at the first that fails", holm_stops_at_the_first_that_fails},
    {"Holm grows milder with every step", holm_grows_milder_with_every_step},
    {"What has no p makes no family larger",
     what_has_no_p_makes_no_family_larger},
    {"Quantiles are of type 7", quantiles_are_of_type_seven},
    {"Quantiles of many are their places", quantiles_of_many_are_their_places},
    {"Quantiles of several shares are those of each",
     quantiles_of_several_shares_are_those_of_each},
    {"Jain's index is 1 for equals and 1/n for a king",
     jain_is_one_for_equals_and_one_nth_for_a_king})
