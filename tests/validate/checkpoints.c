/* checkpoints.c - crashes and checkpoints: Young 1974, Daly 2006. */
#include <math.h>
#include <stdio.h>

#include "../../results/statistics.h"
#include "rows.h"

/* Share of the time that nodes are up, in standard errors from what a renewal
 * process of mean up M and mean down R gives: M / (M + R). At a finite end T
 * one that starts up has been up M / (M + R) + M R / (T (M + R)^2) of it; T is
 * 10,000 times R, so the difference is a hundredth of a standard error. */
double availability(const struct row *row, const char **ret_why)
{
    const double NODES = 20, UNTIL_S = 600000;
    double values[ROW_SEEDS];
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: availability\nseed: 1\nuntil: %g s\nclusters:"
             "\n  lab: {nodes: %g, cores: 1, speed: 1.0, memory: 1 GiB, swap: "
             "0 B}\nfaults: {node_mtbf: %g s, repair: %g s}\nworkload:\n  "
             "batch: {count: 1, cpu: 10000000 s, memory: 4 KiB, at: %g "
             "s}\npolicies: [place_home]\n",
             UNTIL_S, NODES, row->number, row->other, UNTIL_S);
    for (uint64_t seed = 1; seed <= ROW_SEEDS; seed++) {
        struct row_sums sums = {0};
        if (!row_run(text, seed, &sums, NULL, ret_why))
            return NAN;
        values[seed - 1] = sums.up_s / (NODES * UNTIL_S);
    }
    return row_distance(values, row->number / (row->number + row->other));
}

/* One process on each of so many nodes, which crash; images are safe, written
 * in SAVE_S and read in as long. The work is 10 s more than a whole number of
 * each of the intervals that are tried. */
enum { SAVED_COUNT = 40 };
static const double WORK_S = 3610, SAVE_S = 10, MTBF_S = 500, REPAIR_S = 20;

/* Young 1974: the interval sqrt(2 C M) is about the best. */
#define YOUNG_S 100

static bool saved_responses(double every_s,
                            double *ret_values,
                            const char **ret_why)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: checkpoints\nseed: 1\nclusters:\n  lab: "
             "{nodes: %d, cores: 1, speed: 1.0, memory: 1 GiB, swap: 0 B}\n"
             "faults: {node_mtbf: %g s, repair: %g s}\ncheckpoint: {every: %g "
             "s, disk: 10 MiB/s, on: server, restart-after-home: yes}\n"
             "workload:\n  batch: {count: %d, cpu: %g s, memory: %g "
             "MiB}\npolicies: [place_home]\n",
             SAVED_COUNT, MTBF_S, REPAIR_S, every_s, SAVED_COUNT, WORK_S,
             10 * SAVE_S);
    for (uint64_t seed = 1; seed <= ROW_SEEDS; seed++) {
        ret_values[seed - 1] =
            row_metric(text, seed, "mean_response_s", ret_why);
        if (*ret_why)
            return false;
    }
    return true;
}

/* With failures at rate 1/M, a repair of mean D and a recovery of length R
 * before each further try, itself open to failures, a stretch of length x
 *   E2 = (M + D) (e^((R+x)/M) - 1)                       from a recovery on,
 *   E1 = (1 - e^(-x/M)) (M + D + E2) = e^(R/M) (M + D) (e^(x/M) - 1)
 * from a whole checkpoint on, which is Daly's 2006 complete model. Each stretch
 * is every + C, but the last, which is saved no more; the first begins from
 * nothing, so nothing is read: R = 0. */
static double saved_expected_s(double every_s)
{
    double saves = ceil(WORK_S / every_s) - 1;
    double stretch = expm1((every_s + SAVE_S) / MTBF_S);
    double last = expm1((WORK_S - saves * every_s) / MTBF_S);
    double recovery = exp(SAVE_S / MTBF_S);
    return (MTBF_S + REPAIR_S) *
           (stretch + recovery * ((saves - 1) * stretch + last));
}

double saved_distance(const struct row *row, const char **ret_why)
{
    double values[ROW_SEEDS];
    if (!saved_responses(row->number, values, ret_why))
        return NAN;
    return row_distance(values, saved_expected_s(row->number));
}

/* Mean response at Young's interval, over that at another. */
double saved_ratio(const struct row *row, const char **ret_why)
{
    double best[ROW_SEEDS], other[ROW_SEEDS];
    if (!saved_responses(YOUNG_S, best, ret_why) ||
        !saved_responses(row->number, other, ret_why))
        return NAN;
    return estimate_of(best, ROW_SEEDS).mean /
           estimate_of(other, ROW_SEEDS).mean;
}
