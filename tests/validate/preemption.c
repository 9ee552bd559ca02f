/* preemption.c - what it is worth to move processes that run, beside starting
 * them well.
 *
 * Paper: M. Harchol-Balter, A. B. Downey, "Exploiting Process Lifetime
 * Distributions for Dynamic Load Balancing", ACM TOCS 15(3), 1997: mean delay
 * is 35 to 50 % less. Their traces are not to be had, so this is the synthetic
 * workload of literature 1f: six nodes, Poisson arrivals, P(L > t) = 0.06/t for
 * t > 1 s and 0.06 t^-0.75 below, at most 600 s; 0.3 s and 2 MB/s to migrate,
 * 0.3 s to start elsewhere. Who is not preemptive knows whether a process will
 * run for 0.5 s and starts those where the fewest are.
 *
 * Four Poisson streams are one whose law is their mixture; so what is short can
 * be bound to its home for the non-preemptive rival.
 */
#include <math.h>
#include <stdio.h>

#include "rows.h"

static const double mean_s = 0.5533; /* Integral of P(L > t). */

/* Both policies, seed by seed: first all of the one, then of the other. */
enum { QUESTIONS = 2 * ROW_SEEDS };

static void ask(double load, bool preemptive, struct row_question *question)
{
    double rate_per_s = 6 * load / mean_s;
    double middle = 0.06 * pow(0.5, -0.75);
    snprintf(
        question->text, sizeof question->text,
        "vencejo: 1\nname: preemption\ninformation: perfect\nclusters:\n"
        "  lab: {nodes: 6, memory: 1 GiB, link: {bandwidth: 16 Mbps, "
        "latency: 50 us}}\nprocess: {calls: 0 /s}\nmigration: {mode: "
        "stop, fixed: 300 ms, start-fixed: 300 ms, start-bytes: 1 B}\n"
        "workload:\n"
        "  - poisson: {rate: %.9g /s, span: 2 h, native: %s, %s, cpu: "
        "{pareto: {min: 23489 us, max: 500 ms, index: 0.75}}}\n"
        "  - poisson: {rate: %.9g /s, span: 2 h, %s, cpu: {pareto: {min: "
        "500 ms, max: 1 s, index: 0.75}}}\n"
        "  - poisson: {rate: %.9g /s, span: 2 h, %s, cpu: {pareto: {min: "
        "1 s, max: 600 s, index: 1}}}\n"
        "  - poisson: {rate: %.9g /s, span: 2 h, %s, cpu: 600 s}\n"
        "policies: [%s]\n",
        rate_per_s * (1 - middle), preemptive ? "no" : "yes",
        "memory: {uniform: [300 kB, 2300 kB]}", rate_per_s * (middle - 0.06),
        "memory: {uniform: [300 kB, 2300 kB]}", rate_per_s * (0.06 - 0.0001),
        "memory: {uniform: [300 kB, 2300 kB]}", rate_per_s * 0.0001,
        "memory: {uniform: [300 kB, 2300 kB]}",
        preemptive ? "place_home, balance_lifetime" : "place_least_loaded");
    question->metric = "mean_slowdown";
}

/* Percent by which the preemptive one has less of slowdown - 1 at the load
 * row->number. */
double preemption_gain(const struct row *row, const char **ret_why)
{
    struct row_question questions[QUESTIONS];
    double values[QUESTIONS];
    for (size_t i = 0; i < QUESTIONS; i++) {
        ask(row->number, i >= ROW_SEEDS, &questions[i]);
        questions[i].seed = i % ROW_SEEDS + 1;
    }
    if (!row_ask(questions, QUESTIONS, values, ret_why))
        return NAN;
    double delays[2] = {0, 0};
    for (size_t i = 0; i < QUESTIONS; i++)
        delays[i / ROW_SEEDS] += values[i] - 1;
    return 100 * (1 - delays[1] / delays[0]);
}
