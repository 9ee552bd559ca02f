/* No run of the simulator is below a bound: platforms of all speeds, with too
 * little memory, all ways to move and models of thrashing, drawn by a seed. */
#include <gsl/gsl_rng.h>
#include <math.h>

#include "results/bound.h"
#include "results/yardstick.h"
#include "story.h"

enum { ROUNDS = 120, TEXT_BYTES = 4096 };

struct outcome
{
    double values[METRIC_COUNT];
    double bounds[YARDSTICK_COUNT];
    double regrets[YARDSTICK_COUNT];
    double allowance[YARDSTICK_COUNT]; /* What rounding dates to us can be. */
    bool memory_decides;
    bool ran;
};

static unsigned long below(gsl_rng *rng, unsigned long limit)
{
    return gsl_rng_uniform_int(rng, limit);
}

static const char *one_of(gsl_rng *rng, const char *const *of, size_t count)
{
    return of[below(rng, count)];
}

#define ONE_OF(rng, ...)                            \
    one_of(rng, (const char *const[]){__VA_ARGS__}, \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void make(gsl_rng *rng, char *ret_text)
{
    size_t used = 0;
#define PUT(...) \
    used += (size_t)snprintf(ret_text + used, TEXT_BYTES - used, __VA_ARGS__)
    PUT("vencejo: 1\nname: bounds\nclusters:\n");
    PUT("  a: {nodes: %lu, cores: %lu, speed: %s, memory: %lu MiB, swap: %lu "
        "MiB}\n",
        1 + below(rng, 5), 1 + below(rng, 8), ONE_OF(rng, "0.5", "1.0", "2.5"),
        128 + below(rng, 512), below(rng, 2) * 4096);
    PUT("  b: {nodes: %lu, cores: 4, speed: %s, memory: %lu MiB, swap: 2 "
        "GiB}\n",
        1 + below(rng, 5), ONE_OF(rng, "1.0", "1.5"), 128 + below(rng, 256));
    PUT("wan:\n  - {between: [a, b], bandwidth: 1 Gbps, latency: 1 ms}\n");
    PUT("memory: %s\n", ONE_OF(rng, "{model: factor, factor: 1.5}",
                               "{model: factor}", "{model: linear, slope: 0.5}",
                               "{model: linear, slope: 4}", "{model: paging}"));
    PUT("migration: {mode: %s}\n", ONE_OF(rng, "stop", "precopy", "postcopy"));
    PUT("workload:\n"
        "  poisson: {rate: %lu /min, count: %lu, cpu: {exponential: %lu s}, "
        "memory: {uniform: [1 MiB, %lu MiB]}, home: random}\n",
        6 + below(rng, 600), 1 + below(rng, 60), 1 + below(rng, 100),
        2 + below(rng, 400));
    if (below(rng, 3) == 0)
        PUT("faults: {node_mtbf: 2000 s, repair: 50 s}\nuntil: 40 h\n");
    PUT("policies: %s\n",
        ONE_OF(rng, "[place_home]", "[place_random]",
               "[gossip_window, place_best, balance_mosix]",
               "[gossip_window, usher_mosix, balance_mosix]",
               "[gossip_window, queue_fifo, balance_lifetime]"));
#undef PUT
}

struct watch
{
    struct meter *meter;
    double inverse_work_sum; /* 1/us, of those that ended; */
    double inverse_work_max;
    uint64_t works_us[64]; /* by the lower half of the id. */
};

static void watch(void *sink, const struct record *record)
{
    struct watch *w = sink;
    uint32_t number = (uint32_t)record->proc % 64;
    meter_add(w->meter, record);
    if (record->kind == RECORD_SUBMIT)
        w->works_us[number] = record->values[SUBMIT_WORK_US];
    if (record->kind != RECORD_ENDED)
        return;
    w->inverse_work_sum += 1 / (double)w->works_us[number];
    w->inverse_work_max =
        fmax(w->inverse_work_max, 1 / (double)w->works_us[number]);
}

/* An end is rounded down by less than a us; submissions are whole. */
static void allow(const struct watch *w, struct outcome *o)
{
    double count = o->values[METRIC_PROCESSES];
    for (size_t index = 0; index < YARDSTICK_COUNT; index++)
        o->allowance[index] = 1e-6;
    o->allowance[YARDSTICK_MEAN_SLOWDOWN] = w->inverse_work_sum / count;
    o->allowance[YARDSTICK_MAX_SLOWDOWN] = w->inverse_work_max;
}

static struct meter *meter_of(const struct scenario *scenario)
{
    struct core_group *groups = platform_core_groups(scenario);
    struct meter *meter = meter_create(&(struct meter_options){
        .bound_us = 10000000,
        .speed_max = platform_speed_max(scenario),
        .pool_speed = platform_cores(scenario),
        .core_groups = groups,
        .core_group_count = scenario->cluster_count,
        .memory_speed = platform_memory_speed(scenario)});
    free(groups);
    return meter;
}

static void run(const char *text, struct outcome *ret_outcome)
{
    struct scenario *scenario;
    struct workload *traces;
    struct world *world;
    struct complaint complaint = {.line = 0};
    struct run_result result;
    struct watch w = {.meter = NULL};
    if (scenario_parse(text, strlen(text), "bounds", NULL, 0, &scenario,
                       &complaint) ||
        run_traces_read(scenario, &traces, &complaint) ||
        world_create(scenario, traces, 1, &world, &complaint)) {
        printf("\n%zu: %s\n%s", complaint.line, complaint.text, text);
        return;
    }
    w.meter = meter_of(scenario);
    struct record_sink sink = {.take = watch, .sink = &w};
    world_run(world, &sink, NULL, &result);
    meter_read(w.meter, ret_outcome->values);
    meter_yardsticks(w.meter, YARDSTICK_OF_SUBMITTED, ret_outcome->bounds);
    meter_regrets(w.meter, ret_outcome->values, ret_outcome->bounds,
                  ret_outcome->regrets);
    allow(&w, ret_outcome);
    ret_outcome->memory_decides =
        ret_outcome->bounds[YARDSTICK_MEMORY_RESPONSE] >
        ret_outcome->bounds[YARDSTICK_MEAN_RESPONSE];
    ret_outcome->ran = !result.refusal;
    meter_destroy(w.meter);
    world_destroy(world);
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
}

/* In a process of its own: SimGrid's engine cannot be made twice. */
static void run_apart(const char *text, struct outcome *ret_outcome)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        run(text, ret_outcome);
        _exit(write(ends[1], ret_outcome, sizeof *ret_outcome) ==
                      sizeof *ret_outcome
                  ? 0
                  : 1);
    }
    close(ends[1]);
    CU_ASSERT_EQUAL(read(ends[0], ret_outcome, sizeof *ret_outcome),
                    (ssize_t)sizeof *ret_outcome);
    close(ends[0]);
    waitpid(pid, NULL, 0);
}

static void no_run_is_below_a_bound(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    static struct outcome o;
    size_t compared = 0;
    size_t memory_decided = 0;
    double closest = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        char text[TEXT_BYTES];
        make(rng, text);
        memset(&o, 0, sizeof o);
        run_apart(text, &o);
        CU_ASSERT_TRUE(o.ran);
        memory_decided += o.memory_decides;
        for (size_t index = 0; index < YARDSTICK_COUNT; index++) {
            double value = o.values[yardsticks[index].metric];
            double regret = o.regrets[index];
            if (isnan(value)) /* Nothing ended. */
                continue;
            compared++;
            if (value + o.allowance[index] < value / regret * (1 - 1e-9))
                printf("\n%s: %g is %g of its bound\n%s",
                       yardsticks[index].name, value, regret, text);
            CU_ASSERT(value / regret * (1 - 1e-9) <=
                      value + o.allowance[index]);
            closest = fmin(closest, regret);
        }
    }
    gsl_rng_free(rng);
    CU_ASSERT(5 * ROUNDS < compared);
    CU_ASSERT(ROUNDS / 20 < memory_decided);
    CU_ASSERT(closest < 1.01);
}

SUITE_MAIN("bounds", {"No run is below a bound", no_run_is_below_a_bound})
