/* linger.c - what owners pay and guests gain if guests stay while the owner
 * works.
 *
 * Paper: K. D. Ryu, J. K. Hollingsworth, "Linger Longer: Fine-Grain Cycle
 * Stealing for Networks of Workstations", SC 1998. Foreign processes that stay
 * at low priority while the owner is there get 60 % more done than those that
 * are evicted, and slow the owner down by 0.5 %.
 *
 * Its owners' traces are not to be had. Assumed here, by its summary: 64 desks
 * that are in use for 46 % of the time, in which owners need a tenth of the
 * core, by processes of a second; two foreign processes for each desk, which
 * never end. A guest has 1/200 of an owner's weight.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../sim/pool.h"
#include "rows.h"

enum { TEXT_BYTES = 1400 };

enum guests { NO_GUESTS, GUESTS_LINGER, GUESTS_LEAVE, GUESTS_KINDS };

static double figure(enum guests guests,
                     const char *metric,
                     const char **ret_why)
{
    char text[TEXT_BYTES];
    snprintf(
        text, sizeof text,
        "vencejo: 1\nname: linger\nuntil: 3 h\nclusters:\n"
        "  desks: {nodes: 64, memory: 512 MiB, guest-weight: 0.005}\n"
        "  pool: {nodes: 1, speed: 0.001, memory: 64 GiB}\n"
        "wan: [{between: [desks, pool], bandwidth: 1 Gbps, latency: 200 us}]\n"
        "process: {calls: 0 /s}\nworkload:\n"
        "  - poisson: {rate: 2.944 /s, span: 3 h, cpu: {exponential: 1 s}, "
        "memory: 8 MiB, home: desks, class: 0}\n%s"
        "policies: [gossip_window, usher_mosix, balance_mosix]\n%s",
        guests == NO_GUESTS ? ""
                            : "  - batch: {count: 128, cpu: 240 h, memory: 8 "
                              "MiB, home: pool}\n",
        guests == GUESTS_LEAVE
            ? "events: [random: {do: expel, nodes: desks, after: "
              "{exponential: 27 min}, for: {exponential: 23 min}}]\n"
            : "");
    return row_metric(text, 1, metric, ret_why);
}

/* Each in a process of its own, since SimGrid runs one simulation in each. */
struct asked
{
    const char *metric;
    double value;
    bool failed;
};

static void measure(void *who, size_t index, void *ret_result)
{
    const struct asked *question = who;
    struct asked *answer = ret_result;
    const char *why = NULL;
    answer->value = figure((enum guests)index, question->metric, &why);
    answer->failed = why != NULL;
}

static void died(void *who, size_t index, const char *why, void *ret_result)
{
    struct asked *answer = ret_result;
    (void)who;
    (void)index;
    (void)why;
    answer->failed = true;
}

static bool figures(const char *metric,
                    double ret_values[GUESTS_KINDS],
                    const char **ret_why)
{
    struct asked answers[GUESTS_KINDS] = {0};
    struct asked question = {.metric = metric};
    struct pool pool = {.count = GUESTS_KINDS,
                        .at_once = 1,
                        .result_bytes = sizeof answers[0],
                        .work = measure,
                        .died = died,
                        .who = &question};
    bool good = pool_run(&pool, answers) == 0;
    for (size_t i = 0; i < GUESTS_KINDS; i++) {
        good = good && !answers[i].failed;
        ret_values[i] = answers[i].value;
    }
    *ret_why = good ? NULL : "one of its runs failed";
    return good;
}

/* Cores that guests use if they linger, over those if they are evicted. */
double linger_gain(const struct row *row, const char **ret_why)
{
    double busy[GUESTS_KINDS];
    if (!figures(row->metric, busy, ret_why))
        return 0;
    return (busy[GUESTS_LINGER] - busy[NO_GUESTS]) /
           (busy[GUESTS_LEAVE] - busy[NO_GUESTS]);
}

/* Mean slowdown of owners' processes with guests over that without; of those
 * that never end there is none. */
double linger_price(const struct row *row, const char **ret_why)
{
    double slowdowns[GUESTS_KINDS];
    if (!figures(row->metric, slowdowns, ret_why))
        return 0;
    return slowdowns[GUESTS_LINGER] / slowdowns[NO_GUESTS];
}
