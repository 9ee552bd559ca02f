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

#include "rows.h"

enum guests { NO_GUESTS, GUESTS_LINGER, GUESTS_LEAVE, GUESTS_KINDS };

static void write_scenario(enum guests guests, char *ret_text, size_t room)
{
    snprintf(
        ret_text, room,
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
}

static bool figures(const char *metric,
                    double ret_values[GUESTS_KINDS],
                    const char **ret_why)
{
    struct row_question questions[GUESTS_KINDS];
    for (size_t i = 0; i < GUESTS_KINDS; i++) {
        questions[i].seed = 1;
        questions[i].metric = metric;
        write_scenario((enum guests)i, questions[i].text,
                       sizeof questions[i].text);
    }
    return row_ask(questions, GUESTS_KINDS, ret_values, ret_why);
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
