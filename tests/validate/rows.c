/* rows.c - the table, and what its simpler rows measure. */
#include "rows.h"

#include <math.h>
#include <stdio.h>

#include "../../results/statistics.h"

/* ---- Identical processes on identical nodes (literature: MOSIX, 1998). ----
 */

static double batch(const struct row *row, const char **ret_why)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: batch\nseed: 1\nclusters:\n  lab: {nodes: 16, "
             "cores: 1, speed: 1.0, memory: 512 MiB, swap: 1 GiB, link: "
             "{bandwidth: 1 Gbps, latency: 50 us}}\nwan: []\nmigration: {mode: "
             "precopy, fixed: 50 ms}\nworkload:\n  batch: {count: %.0f, cpu: "
             "300 s, memory: 20 MiB}\npolicies: %s\n",
             row->number, row->policies);
    return row_metric(text, (uint64_t)row->other, row->metric, ret_why);
}

/* ---- Processor sharing (M/G/1-PS). ----------------------------------------
 */

/* Mean slowdowns of the seeds; row->number is the load. */
static bool slowdowns(const struct row *row,
                      double *ret_values,
                      const char **ret_why)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: queue\nseed: 1\nclusters:\n  lab: {nodes: 10, "
             "cores: 1, speed: 1.0, memory: 1 TiB, swap: 0 B, link: "
             "{bandwidth: 1 Gbps, latency: 50 us}}\nworkload:\n  poisson: "
             "{load: %g, count: %.0f, cpu: %s, memory: 4 KiB, home: "
             "random}\npolicies: [place_home]\n",
             row->number, row->other, row->law);
    for (uint64_t seed = 1; seed <= ROW_SEEDS; seed++) {
        ret_values[seed - 1] = row_metric(text, seed, "mean_slowdown", ret_why);
        if (*ret_why)
            return false;
    }
    return true;
}

/* Distance from 1 / (1 - rho) in standard errors. */
static double queue_distance(const struct row *row, const char **ret_why)
{
    double values[ROW_SEEDS];
    if (!slowdowns(row, values, ret_why))
        return NAN;
    return row_distance(values, 1 / (1 - row->number));
}

static double queue_half_width(const struct row *row, const char **ret_why)
{
    double values[ROW_SEEDS];
    if (!slowdowns(row, values, ret_why))
        return NAN;
    struct estimate e = estimate_of(values, ROW_SEEDS);
    return e.ci95 / e.mean;
}

/* ---- Age of information. ----------------------------------------------------
 */

/* Of the other nodes, over all boards once they are warm. row->number nodes in
 * each of row->other clusters; 0 of them is one. */
static bool ages(const struct row *row,
                 struct row_sums *sums,
                 const char **ret_why)
{
    static const char *const links[] = {
        "[]",
        "[{between: [lab1, lab2], bandwidth: 1000 Gbps, latency: 0 us}, "
        "{between: [lab1, lab3], bandwidth: 1000 Gbps, latency: 0 us}, "
        "{between: [lab1, lab4], bandwidth: 1000 Gbps, latency: 0 us}]"};
    bool grid = row->other == 4;
    char clusters[1024];
    int used = 0;
    for (int i = 1; i <= (grid ? 4 : 1); i++)
        used += snprintf(clusters + used, sizeof clusters - (size_t)used,
                         "  lab%d: {nodes: %.0f, cores: 1, speed: 1.0, memory: "
                         "1 GiB, swap: 0 B, link: {bandwidth: 1000 Gbps, "
                         "latency: 0 us}}\n",
                         i, row->number);
    char text[2048];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: ages\nseed: 1\nuntil: 240 s\nboard: %.0f\n"
             "board-age: 1000 s\nage-every: 1 s\nclusters:\n%swan: %s\n"
             "workload:\n  batch: {count: 1, cpu: 1000 s, memory: 4 KiB}\n"
             "policies: %s\n",
             row->number * (grid ? 4 : 1), clusters, links[grid],
             row->policies);
    sums->from_us = 60000000;
    return row_run(text, 1, sums, NULL, ret_why);
}

static double age_mean(const struct row *row, const char **ret_why)
{
    struct row_sums sums = {0};
    if (!ages(row, &sums, ret_why))
        return NAN;
    return sums.age_s / sums.boards;
}

static double age_max(const struct row *row, const char **ret_why)
{
    struct row_sums sums = {0};
    if (!ages(row, &sums, ret_why))
        return NAN;
    return sums.age_max_s / sums.boards;
}

/* ---- Sharing load (Eager, Lazowska and Zahorjan 1986). --------------------
 */

/* Mean response over mean work, exponential; row->number is the load,
 * row->other the nodes. Transfers cost next to nothing, as in the theory: 10 s
 * of work against microseconds of the network. */
static double response(const struct row *row,
                       const char *information,
                       const char **ret_why)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vencejo: 1\nname: sharing\nseed: 1\nsample: 60 s\n"
             "information: %s\nclusters:\n  lab: {nodes: %.0f, cores: 1, "
             "speed: 1.0, memory: 1 TiB, swap: 0 B, link: {bandwidth: 1000 "
             "Gbps, latency: 1 us}}\nprocess: {calls: 0 /s}\nmigration: "
             "{mode: stop, fixed: 0 s, start-fixed: 0 s, start-bytes: 1 "
             "B}\nworkload:\n  poisson: {load: %g, count: 500000, cpu: "
             "{exponential: 10 s}, memory: 4 KiB, home: random}\npolicies: "
             "%s\n",
             information, row->other, row->number, row->policies);
    return row_metric(text, 1, row->metric, ret_why) / 10;
}

static double response_probing(const struct row *row, const char **ret_why)
{
    return response(row, "gossip", ret_why);
}

static double response_knowing(const struct row *row, const char **ret_why)
{
    return response(row, "perfect", ret_why);
}

/* ---- The table.
 * -------------------------------------------------------------- */

#define PERCENT(x, p) (x), (x) * (1 - (p) / 100.0), (x) * (1 + (p) / 100.0)
#define WINDOW(w) "[gossip_window: {youngest: " w ", any_every: 1}]"

#define BATCH(p, expected, low, high, policies, seed)                        \
    {                                                                        \
        "makespan of " #p " x 300 s on 16 nodes, " policies ", seed " #seed, \
            "literature 1a.4", expected, low, high, batch, policies, NULL,   \
            "makespan_s", p, seed                                            \
    }
#define QUEUE(name, law, rho, count)                                      \
    {"mean slowdown of " name "/1-PS at " #rho ", standard errors off",   \
     "1/(1-rho)",                                                         \
     0,                                                                   \
     -3,                                                                  \
     3,                                                                   \
     queue_distance,                                                      \
     NULL,                                                                \
     law,                                                                 \
     NULL,                                                                \
     rho,                                                                 \
     count},                                                              \
    {                                                                     \
        "its 95 % half width, share of the mean", "10 seeds", 0, 0, 0.01, \
            queue_half_width, NULL, law, NULL, rho, count                 \
    }
#define AGES(n, w, mean, max)                                              \
    {"mean age, window of " w " youngest, " #n " nodes",                   \
     "literature 1c.2",                                                    \
     PERCENT(mean, 3),                                                     \
     age_mean,                                                             \
     WINDOW(w),                                                            \
     NULL,                                                                 \
     NULL,                                                                 \
     n,                                                                    \
     0},                                                                   \
    {                                                                      \
        "maximal age, window of " w " youngest, " #n " nodes",             \
            "literature 1c.2", PERCENT(max, 10), age_max, WINDOW(w), NULL, \
            NULL, n, 0                                                     \
    }

#define SHARING(what, source, nodes, rho, expected, low, high, measure,       \
                policies)                                                     \
    {                                                                         \
        "mean response over mean work at " #rho ", " #nodes " nodes, " what,  \
            "literature 1h, " source, expected, low, high, measure, policies, \
            NULL, "mean_response_s", rho, nodes                               \
    }
#define THRESHOLD(t, probes, source, nodes, rho, expected, low, high)       \
    SHARING("Threshold(" #t ", " #probes ")", source, nodes, rho, expected, \
            low, high, response_probing,                                    \
            "[balance_threshold: {threshold: " #t ", probe_limit: " #probes \
            "}]")
/* The mean field has infinitely many nodes. */
#define MEAN_FIELD(t, probes, rho, expected)                                 \
    THRESHOLD(t, probes, "mean field", 1000, rho, expected, (expected)*0.98, \
              (expected)*1.02)
/* The model of the source may probe the node itself, which is in vain; ours
 * does not, so it is no slower; and no faster than the mean field. */
#define TWENTY(t, probes, rho, expected, mean_field)                   \
    THRESHOLD(t, probes, "which probes itself too", 20, rho, expected, \
              mean_field, expected)

#define SAVED(every)                                                          \
    {                                                                         \
        "response with checkpoints each " #every                              \
        " s, MTBF 500 s, standard "                                           \
        "errors off",                                                         \
            "Daly 2006", 0, -3, 3, saved_distance, NULL, NULL, NULL, every, 0 \
    }

#define GRID_AGE(permille, mean)                                            \
    {                                                                       \
        "mean age, two levels, " #permille                                  \
        "/1000 of messages abroad, 4 x 64 nodes",                           \
            "literature 1c.3, of 63 nodes inside and 192 outside",          \
            PERCENT(mean, 3), age_mean,                                     \
            "[gossip_two_level: {abroad_permille: " #permille "}]", "grid", \
            NULL, 64, 4                                                     \
    }
#define PLAIN_AGE(name, what, policies, n, expected, percent, measure, source) \
    {                                                                          \
        what " age, " name ", " #n " nodes", source,                           \
            PERCENT(expected, percent), measure, "[" policies "]", NULL, NULL, \
            n, 1                                                               \
    }
#define TAIL(i, exponent)                                                   \
    {                                                                       \
        "ln s(" #i                                                          \
        ") / ln s(1), s(i): share of nodes with i or more, at 0.9,"         \
        " 2 choices, 500 nodes",                                            \
            "Mitzenmacher 2001, mean field: 2^i - 1", PERCENT(exponent, 3), \
            choices_tail, "[place_power_of_d: {d: 2}]", NULL, NULL, 0.9, i  \
    }
#define CROSSING(what, policies, rho, expected)                         \
    {                                                                   \
        "mean response over mean work at " #rho ", 200 nodes, " what,   \
            "Eager et al. 1986 (PE), mean field", PERCENT(expected, 3), \
            crossing_response, "[" policies "]", NULL, NULL, rho, 0     \
    }
#define RECEIVER(rho, expected)                           \
    CROSSING("Receiver(1, 3)",                            \
             "balance_receiver: {look: 50 ms, look_max: " \
             "60 s, backoff: 1000}",                      \
             rho, expected)
#define SENDER(rho, expected)                                          \
    CROSSING("Threshold(1, 3)",                                        \
             "balance_threshold: {threshold: 1, probe_limit: 3}", rho, \
             expected)
#define DIFFUSION(name, topology, share, nodes, count, rounds, expected, low, \
                  high)                                                       \
    {                                                                         \
        "what a round leaves of the distance from balance, " name,            \
            "Cybenko 1989", expected, low, high, diffusion_rate,              \
            "[balance_diffusion: {in_step: 1, topology: " #topology           \
            ", share: " #share "}]",                                          \
            rounds, NULL, nodes, count                                        \
    }

#define OPPORTUNITY(what, source, expected, measure, policies, law, load)    \
    {                                                                        \
        what, source, expected, -INFINITY, INFINITY, measure, policies, law, \
            NULL, load, 0                                                    \
    }
/* Of E-PVM's slowdown by load; the three ratios over MOSIX. */
#define OPPORTUNITIES(machines, law, load)                                    \
    OPPORTUNITY("mean slowdown of E-PVM, " machines                           \
                " machines, by load " #load,                                  \
                "Amir et al. 2000; calibrated", 9.795, opportunity_slowdown,  \
                "[place_opportunity_cost]", law, load),                       \
        OPPORTUNITY("mean slowdown of E-PVM over MOSIX, " machines            \
                    " machines",                                              \
                    "Amir et al. 2000", 1.145, opportunity_ratio,             \
                    "[place_opportunity_cost]", law, load),                   \
        OPPORTUNITY("mean slowdown of PVM over MOSIX, " machines " machines", \
                    "Amir et al. 2000", 1.68, opportunity_ratio,              \
                    "[place_round_robin]", law, load),                        \
        OPPORTUNITY("mean slowdown of E-MOSIX over MOSIX, " machines          \
                    " machines",                                              \
                    "Amir et al. 2000", 0.874, opportunity_ratio,             \
                    "[place_home, balance_opportunity_cost]", law, load)

#define PREEMPTION(load, percent)                                           \
    {                                                                       \
        "percent of slowdown - 1 that moving by age saves beside starting " \
        "elsewhere what is long, load " #load,                              \
            "literature 1f; Harchol-Balter and Downey 1997: 35 to 50",      \
            percent, percent - 5, percent + 5, preemption_gain, NULL, NULL, \
            "mean_slowdown", load, 0                                        \
    }

/* clang-format off */
const struct row rows[] = {
    BATCH(36, 900, 900, 900.001, "[place_home]", 1),
    BATCH(36, 700, 700, 735, "[{gossip_vector: {size: 16, period: 1 s}}, balance_mosix]", 1),
    BATCH(36, 700, 700, 735, "[{gossip_vector: {size: 16, period: 1 s}}, balance_mosix]", 2),
    BATCH(36, 700, 700, 735, "[{gossip_vector: {size: 16, period: 1 s}}, balance_mosix]", 3),
    BATCH(16, 300, 300, 300.001, "[place_home]", 1),
    BATCH(17, 600, 600, 600.001, "[place_home]", 1),
    BATCH(40, 900, 900, 900.001, "[place_home]", 1),
    BATCH(16, 300, 300, 303, "[gossip_vector, balance_mosix]", 1),
    BATCH(24, 450, 450, 472.5, "[gossip_vector, balance_mosix]", 1),
    BATCH(27, 525, 506.3, 551.25, "[gossip_vector, balance_mosix]", 1),
    BATCH(32, 600, 600, 630, "[gossip_vector, balance_mosix]", 1),
    BATCH(40, 750, 750, 787.5, "[gossip_vector, balance_mosix]", 1),
    BATCH(48, 900, 900, 945, "[gossip_vector, balance_mosix]", 1),
    QUEUE("M/M", "{exponential: 1 s}", 0.5, 200000),
    QUEUE("M/M", "{exponential: 1 s}", 0.8, 400000),
    QUEUE("M/G (hyperexponential)", "{hyperexponential: {short: 0.5 s, long: 10 s, share: 0.9}}", 0.5, 300000),
    QUEUE("M/G (bounded Pareto 1.5)", "{pareto: {min: 0.1 s, max: 100 s, index: 1.5}}", 0.7, 400000),
    AGES(64, "8", 9.5, 38),
    AGES(64, "16", 6.15, 19.2),
    AGES(64, "32", 4.72, 10.7),
    AGES(256, "16", 18.3, 98),
    AGES(256, "32", 11.0, 49.6),
    {"mean age, whole board, 16 nodes", "literature 1c.2", PERCENT(2.88, 3),
     age_mean, WINDOW("16"), NULL, NULL, 16, 0},
    {"maximal age, whole board, 16 nodes", "literature 1c.2", PERCENT(4.40, 10),
     age_max, WINDOW("16"), NULL, NULL, 16, 0},
    MEAN_FIELD(2, 3, 0.5, 1.384),
    MEAN_FIELD(2, 3, 0.8, 1.694),
    MEAN_FIELD(2, 3, 0.9, 2.051),
    MEAN_FIELD(1, 3, 0.8, 1.694),
    MEAN_FIELD(1, 5, 0.5, 1.016),
    MEAN_FIELD(2, 1, 0.8, 2.235),
    MEAN_FIELD(2, 5, 0.9, 1.823),
    TWENTY(2, 3, 0.8, 1.806, 1.694),
    TWENTY(2, 3, 0.9, 2.435, 2.051),
    TWENTY(1, 3, 0.8, 1.906, 1.694),
    TWENTY(2, 1, 0.8, 2.375, 2.235),
    SHARING("place_best that knows all, from M/M/20 to JSQ(2)", "M/M/K and JSQ(2)", 20, 0.9, 1.275, 1.275, 2.839, response_knowing, "[place_best: {near: 0}]"),
    {"availability of nodes at MTBF 3,600 s, repair 400 s, standard errors off", "M/(M+R)", 0, -3, 3, availability, NULL, NULL, NULL, 3600, 400},
    {"availability of nodes at MTBF 600 s, repair 60 s, standard errors off", "M/(M+R)", 0, -3, 3, availability, NULL, NULL, NULL, 600, 60},
    SAVED(25),
    SAVED(100),
    SAVED(400),
    {"response with checkpoints each sqrt(2CM) = 100 s, over each 25 s", "Young 1974, Daly 2006", 0.8486, 0.82, 0.88, saved_ratio, NULL, NULL, NULL, 25, 0},
    {"response with checkpoints each sqrt(2CM) = 100 s, over each 400 s", "Young 1974, Daly 2006", 0.7765, 0.74, 0.81, saved_ratio, NULL, NULL, NULL, 400, 0},
    {"cores used by guests that linger at low weight, over those of guests that are evicted", "Ryu and Hollingsworth 1998", 1.6, -INFINITY, INFINITY, linger_gain, NULL, NULL, "utilisation", 0, 0},
    {"slowdown of owners by guests that linger", "Ryu and Hollingsworth 1998", 1.005, -INFINITY, INFINITY, linger_price, NULL, NULL, "mean_slowdown", 0, 0},
    PLAIN_AGE("push-pull", "mean", "gossip_push_pull", 64, 2.38, 3, age_mean, "literature 1c.2"),
    PLAIN_AGE("push-pull", "maximal", "gossip_push_pull", 64, 3.96, 10, age_max, "literature 1c.2"),
    PLAIN_AGE("push-pull", "mean", "gossip_push_pull", 256, 3.25, 3, age_mean, "literature 1c.2"),
    PLAIN_AGE("push-pull", "maximal", "gossip_push_pull", 256, 5.18, 10, age_max, "literature 1c.2"),
    PLAIN_AGE("broadcast", "mean", "gossip_broadcast", 64, 0.5, 3, age_mean, "uniform on 0 .. 1 period"),
    GRID_AGE(500, 5.675),
    GRID_AGE(100, 6.296),
    GRID_AGE(50, 7.060),
    {"period in which a crashed node is pinged first, 64 nodes, 900 crashes", "Das et al. 2002: e/(e-1); 3 standard errors", 1.5820, 1.487, 1.677, detection_periods, NULL, NULL, NULL, 64, 0},
    RECEIVER(0.5, 1.3362),
    RECEIVER(0.9, 1.8966),
    SENDER(0.5, 1.067),
    SENDER(0.9, 2.908),
    TAIL(2, 3),
    TAIL(3, 7),
    TAIL(4, 15),
    DIFFUSION("hypercube of 16, a = 1/5: 3/5", 1, 0, 16, 250, "1 4", 0.6, 0.57, 0.63),
    DIFFUSION("hypercube of 16, a = 0.225, even corners full: 4/5", 1, 0.225, 16, -200, "0 2", 0.8, 0.79, 0.81),
    DIFFUSION("hypercube of 16, a = 1/4 = 1/degree, even corners full: it stays", 1, 0.25, 16, -64, "0 20", 1, 0.999, 1.001),
    DIFFUSION("ring of 8, a = 1/3", 0, 0, 8, 250, "3 8", 0.80474, 0.77, 0.83),
    {"P(T > 2t) given T > t, t >= 1 s, of traces/data/batch.swf.zst", "2^-0.8, as it was drawn; 3 standard errors of 76", 0.5743, 0.404, 0.744, lifetimes_survival, NULL, "traces/data/batch.swf.zst", NULL, 1, 0},
    {"P(T > 2t) given T > t, t >= 1/16 s, of traces/data/build.swf.zst", "Harchol-Balter and Downey 1997: 2^-1.3 to 2^-0.8", 0.5, 0.4061, 0.5743, lifetimes_survival, NULL, "traces/data/build.swf.zst", NULL, 0.0625, 0},
    PREEMPTION(0.27, 57),
    PREEMPTION(0.40, 50),
    PREEMPTION(0.54, 43),
    OPPORTUNITIES("the recalled", "recalled", 1.13),
    OPPORTUNITIES("six equal", "alike", 1.18),
    SHARING("place_best to which all are as good, as M/M/1", "JSQ(1)", 20, 0.5, 2, 1.96, 2.04, response_knowing, "[place_best: {near: 10}]"),
};
/* clang-format on */

size_t row_count(void)
{
    return sizeof rows / sizeof rows[0];
}
