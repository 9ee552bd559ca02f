/* rows.h - the claims that are validated. */
#ifndef TESTS_VALIDATE_ROWS_H
#define TESTS_VALIDATE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../results/metrics.h"

enum { ROW_SEEDS = 10 };

struct row
{
    const char *claim;
    const char *source;
    double expected;
    double
        low; /* Both infinite: informational, as its paper does not say all */
    double high; /* that it assumed. */
    /* The value, or why (a literal) there is none. */
    double (*measure)(const struct row *row, const char **ret_why);
    /* What the measuring function needs. */
    const char *policies; /* As the command line writes a list. */
    const char *law;      /* YAML of a law; or another text. */
    const char *metric;
    double number;
    double other;
};

/* What one run gives. Zero at first, but for what the row sets. */
struct row_sums
{
    struct meter *meter; /* Of row_run() alone. */
    double up_s;         /* Time that machines of one core were up. */
    usec_t from_us;      /* Boards before this are warm-up. */
    double age_s;
    double age_max_s;
    double boards;
    void (*also)(void *sink, const struct record *record); /* Or NULL. */
    void *also_sink;
};

/* Run this scenario; values of all metrics if ret_values is not NULL. False,
 * and why (a literal), if it cannot be. */
bool row_run(const char *text,
             uint64_t seed,
             struct row_sums *sums,
             double *ret_values,
             const char **ret_why);

/* A metric of one run of this scenario; or why (a literal) there is none. */
double row_metric(const char *text,
                  uint64_t seed,
                  const char *metric,
                  const char **ret_why);

/* A run to make, and the metric that is asked of it. */
struct row_question
{
    char text[2048];
    uint64_t seed;
    const char *metric;
};

/* Answers to all, each run in a process of its own: SimGrid, which grids of
 * several clusters need, makes one in each. False, and why, if one failed. */
bool row_ask(const struct row_question *questions,
             size_t count,
             double *ret_values,
             const char **ret_why);

/* Distance of the mean of ROW_SEEDS values from what is expected, in standard
 * errors. */
double row_distance(const double *values, double expected);

/* checkpoints.c */
double availability(const struct row *row, const char **ret_why);
double saved_distance(const struct row *row, const char **ret_why);
double saved_ratio(const struct row *row, const char **ret_why);

/* choices.c, crossing.c, detection.c, diffusion.c, lifetimes.c */
double choices_tail(const struct row *row, const char **ret_why);
double crossing_response(const struct row *row, const char **ret_why);
double detection_periods(const struct row *row, const char **ret_why);
double diffusion_rate(const struct row *row, const char **ret_why);
double lifetimes_survival(const struct row *row, const char **ret_why);

/* opportunity.c */
double opportunity_ratio(const struct row *row, const char **ret_why);
double opportunity_slowdown(const struct row *row, const char **ret_why);

/* preemption.c */
double preemption_gain(const struct row *row, const char **ret_why);

/* linger.c */
double linger_gain(const struct row *row, const char **ret_why);
double linger_price(const struct row *row, const char **ret_why);

extern const struct row rows[];
size_t row_count(void);

#endif /* TESTS_VALIDATE_ROWS_H */
