/* Every completion date of sim/cpu.c against SimGrid's execs: random hosts,
 * arrivals, works, weights, bounds, changes of weight, removals and failures of
 * hosts, seed by seed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cpu.h"
#include "sim/net.h"
#include "tests/net/child.h"
#include "tests/suite.h"

enum { HOSTS = 12, TASKS = 600, CHANGES = 120, SEEDS = 40 };

/* Dates from 0 to some thousand seconds, so that hosts have 0 to 10 tasks. */
static const double SPAN_S = 3000;
static const double TOLERANCE = 1e-9;

struct arrival
{
    double date;
    double work;
    double weight;
    double bound;
    uint32_t host;
};

/* What happens to a task that runs then, or to a host. */
struct change
{
    double date;
    enum { CHANGE_WEIGHT, CHANGE_REMOVE, CHANGE_FAIL, CHANGE_RETURN } kind;
    uint32_t which;
    double weight;
};

struct plan
{
    struct scenario_cluster clusters[HOSTS];
    struct arrival arrivals[TASKS];
    struct change changes[CHANGES];
    size_t change_count;
};

/* What became of each task: the date of its end and what was left then. */
struct outcome
{
    double dates[TASKS];
    double left[TASKS];
};

struct seen
{
    uint64_t seed;
    struct outcome ours;
    struct outcome simgrid;
};

/* ---- A random plan ------------------------------------------------------- */

static uint64_t bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double unit(uint64_t *state)
{
    return (double)((bits(state) >> 11) + 1) * 0x1p-53;
}

static double one_of(uint64_t *state, const double *values, size_t count)
{
    return values[bits(state) % count];
}

static int by_date(const void *a, const void *b)
{
    const struct arrival *x = a;
    const struct arrival *y = b;
    return (x->date > y->date) - (x->date < y->date);
}

static int by_change_date(const void *a, const void *b)
{
    const struct change *x = a;
    const struct change *y = b;
    return (x->date > y->date) - (x->date < y->date);
}

static void draw_hosts(struct plan *plan, uint64_t *state)
{
    static const uint32_t cores[] = {1, 1, 2, 4, 8};
    static char names[HOSTS][4] = {"c00", "c01", "c02", "c03", "c04", "c05",
                                   "c06", "c07", "c08", "c09", "c10", "c11"};
    for (uint32_t i = 0; i < HOSTS; i++)
        plan->clusters[i] = (struct scenario_cluster){
            .name = names[i],
            .node_count = 1,
            .core_count = cores[bits(state) % 5],
            .speed_milli = 200 + (uint32_t)(bits(state) % 3000),
            .link = {.bytes_per_s = 125e6, .latency_s = 50e-6}};
}

static void draw_plan(struct plan *plan, uint64_t seed)
{
    static const double weights[] = {1, 1, 1, 2, 0.5, 10, 0.125};
    static const double bounds[] = {1, 1, 1, 0.5, 0.25, 0.9};
    uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
    memset(plan, 0, sizeof *plan);
    draw_hosts(plan, &state);
    for (size_t i = 0; i < TASKS; i++) {
        struct arrival *a = &plan->arrivals[i];
        a->date = unit(&state) * SPAN_S;
        a->work = -60 * log(unit(&state)) + 1e-3;
        a->weight = one_of(&state, weights, 7);
        /* Some of no round number: each is a class of its own. */
        a->bound = bits(&state) % 8 ? one_of(&state, bounds, 6) : unit(&state);
        a->host = (uint32_t)(bits(&state) % HOSTS);
    }
    /* Batches at one date, and works that end at one date. */
    for (size_t i = 0; i < 40; i++)
        plan->arrivals[i].date = 0;
    for (size_t i = 40; i < 60; i++)
        plan->arrivals[i] = plan->arrivals[40];
    qsort(plan->arrivals, TASKS, sizeof plan->arrivals[0], by_date);
    for (size_t i = 0; i + 1 < CHANGES; i++) {
        struct change *c = &plan->changes[plan->change_count++];
        c->date = unit(&state) * SPAN_S;
        c->kind = bits(&state) % 8 == 0   ? CHANGE_FAIL
                  : bits(&state) % 2 == 0 ? CHANGE_WEIGHT
                                          : CHANGE_REMOVE;
        c->weight = one_of(&state, weights, 7);
        c->which = (uint32_t)(bits(&state) % TASKS);
        if (c->kind == CHANGE_FAIL) {
            struct change *back = &plan->changes[plan->change_count++];
            c->which %= HOSTS;
            *back = *c;
            back->kind = CHANGE_RETURN;
            back->date = c->date + unit(&state) * 100;
        }
        if (CHANGES - 1 <= plan->change_count)
            break;
    }
    qsort(plan->changes, plan->change_count, sizeof plan->changes[0],
          by_change_date);
}

/* ---- The same plan through either engine --------------------------------- */

struct run
{
    const struct plan *plan;
    struct outcome *outcome;
    struct cpu *cpu; /* One of the two is NULL. */
    struct net *net;
    uint8_t down[HOSTS]; /* Overlapping failures of each host. */
    bool running[TASKS];
};

static double run_next(struct run *run)
{
    return run->cpu ? cpu_next(run->cpu) : net_next(run->net);
}

static void run_end_tasks(struct run *run, double date)
{
    uint32_t task;
    if (run->cpu) {
        uint32_t host;
        task = cpu_pop(run->cpu, &host);
        run->running[task] = false;
        run->outcome->dates[task] = date;
        return;
    }
    net_advance(run->net, date);
    while (net_exec_pop(run->net, &task)) {
        run->running[task] = false;
        run->outcome->dates[task] = date;
    }
}

static void run_start(struct run *run, double now, uint32_t task)
{
    const struct arrival *a = &run->plan->arrivals[task];
    if (run->down[a->host]) {
        run->outcome->dates[task] = -1;
        return;
    }
    run->running[task] = true;
    if (run->cpu)
        cpu_add(run->cpu, now, a->host, task, a->work, a->weight, a->bound);
    else
        net_exec_start(run->net, now, task, a->host, a->work, a->weight,
                       a->bound);
}

static void run_remove(struct run *run, double now, uint32_t task)
{
    run->running[task] = false;
    run->outcome->dates[task] = now;
    run->outcome->left[task] = run->cpu ? cpu_remove(run->cpu, now, task)
                                        : net_exec_cancel(run->net, now, task);
}

static void run_fail(struct run *run, double now, uint32_t host)
{
    if (run->down[host]++)
        return;
    if (run->net)
        net_switch(run->net, now, host, false);
    for (uint32_t i = 0; i < TASKS; i++)
        if (run->running[i] && run->plan->arrivals[i].host == host)
            run_remove(run, now, i);
}

static void run_change(struct run *run, const struct change *c)
{
    switch (c->kind) {
        case CHANGE_FAIL:
            run_fail(run, c->date, c->which);
            break;
        case CHANGE_RETURN:
            if (--run->down[c->which] == 0 && run->net)
                net_switch(run->net, c->date, c->which, true);
            break;
        case CHANGE_REMOVE:
            if (run->running[c->which])
                run_remove(run, c->date, c->which);
            break;
        case CHANGE_WEIGHT:
            if (!run->running[c->which])
                break;
            if (run->cpu)
                cpu_change(run->cpu, c->date, c->which, c->weight,
                           run->plan->arrivals[c->which].bound);
            else
                net_exec_weight(run->net, c->date, c->which, c->weight);
            break;
    }
}

static void run_all(struct run *run)
{
    const struct plan *plan = run->plan;
    size_t arrival = 0;
    size_t change = 0;
    for (;;) {
        double starts =
            arrival < TASKS ? plan->arrivals[arrival].date : INFINITY;
        double changes =
            change < plan->change_count ? plan->changes[change].date : INFINITY;
        double ends = run_next(run);
        if (ends == INFINITY && starts == INFINITY && changes == INFINITY)
            return;
        if (ends <= starts && ends <= changes)
            run_end_tasks(run, ends);
        else if (starts <= changes)
            run_start(run, starts, (uint32_t)arrival++);
        else
            run_change(run, &plan->changes[change++]);
    }
}

static void both_engines(void *data)
{
    struct seen *seen = data;
    struct plan plan;
    draw_plan(&plan, seen->seed);
    struct run ours = {
        .plan = &plan, .outcome = &seen->ours, .cpu = cpu_create(HOSTS)};
    for (uint32_t i = 0; i < HOSTS; i++)
        cpu_host(ours.cpu, i, plan.clusters[i].core_count,
                 plan.clusters[i].speed_milli * 1e-3);
    run_all(&ours);
    cpu_destroy(ours.cpu);

    struct scenario scenario = {.engine = ENGINE_SIMGRID,
                                .path = "equivalence",
                                .clusters = plan.clusters,
                                .cluster_count = HOSTS,
                                .node_count = HOSTS};
    struct complaint complaint;
    struct run simgrid = {.plan = &plan, .outcome = &seen->simgrid};
    if (net_create(&scenario, &simgrid.net, &complaint) < 0)
        exit(EXIT_FAILURE);
    run_all(&simgrid);
    net_destroy(simgrid.net);
}

/* ---- The comparison ------------------------------------------------------ */

static double apart(double a, double b)
{
    return fabs(a - b) / fmax(fabs(a), 1e-3);
}

static void test_every_completion_date_is_simgrid_s(void)
{
    struct seen *seen = child_seen_new(sizeof *seen);
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    double worst_date = 0;
    double worst_left = 0;
    size_t ended = 0;
    size_t removed = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        memset(seen, 0, sizeof *seen);
        seen->seed = seed;
        CU_ASSERT_FATAL(child_run(both_engines, seen));
        for (size_t i = 0; i < TASKS; i++) {
            ended += seen->ours.left[i] == 0 && 0 < seen->ours.dates[i];
            removed += 0 < seen->ours.left[i];
            worst_date = fmax(
                worst_date, apart(seen->ours.dates[i], seen->simgrid.dates[i]));
            worst_left = fmax(worst_left,
                              apart(seen->ours.left[i], seen->simgrid.left[i]));
        }
    }
    munmap(seen, sizeof *seen);
    printf(
        "%zu ends, %zu removals; largest relative difference of dates %.2g, "
        "of work left %.2g ",
        ended, removed, worst_date, worst_left);
    CU_ASSERT(SEEDS * TASKS / 2 < ended);
    CU_ASSERT(SEEDS < removed);
    CU_ASSERT(worst_date <= TOLERANCE);
    CU_ASSERT(worst_left <= 1e-6);
}

SUITE_MAIN("equivalence",
           {"every completion date of random tasks, weights, bounds, removals "
            "and host failures is SimGrid's to 1e-9",
            test_every_completion_date_is_simgrid_s})
