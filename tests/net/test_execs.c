/* Work that is left of execs, against the closed form of a shared core. */
#include <math.h>

#include "sim/net.h"
#include "tests/net/child.h"
#include "tests/suite.h"

enum { LEFTS = 8, TASKS = 2 };

struct seen
{
    double left[LEFTS];
    double dates[TASKS];
};

static struct net *open_net(struct scenario *s,
                            struct scenario_cluster *cluster)
{
    *cluster = (struct scenario_cluster){
        .name = "a",
        .node_count = 1,
        .core_count = 1,
        .speed_milli = 1000,
        .link = {.bytes_per_s = 1e8},
    };
    *s = (struct scenario){.path = "execs",
                           .network = NETWORK_CM02,
                           .clusters = cluster,
                           .cluster_count = 1,
                           .node_count = 1};
    struct net *net;
    struct complaint complaint;
    if (net_create(s, &net, &complaint) < 0)
        exit(EXIT_FAILURE);
    return net;
}

/* All that happens until a date, which may be INFINITY. */
static void run_until(struct net *net, double until, struct seen *seen)
{
    for (double date; (date = net_next(net)) < until;) {
        net_advance(net, date);
        uint32_t task;
        while (net_exec_pop(net, &task))
            seen->dates[task] = date;
    }
}

static struct seen watch(void (*child)(void *))
{
    struct seen *shared = child_seen_new(sizeof *shared);
    CU_ASSERT_PTR_NOT_NULL_FATAL(shared);
    CU_ASSERT_FATAL(child_run(child, shared));
    struct seen seen = *shared;
    munmap(shared, sizeof *shared);
    return seen;
}

static bool near(double value, double expected)
{
    return fabs(value - expected) <= 1e-9 * fabs(expected);
}

/* Weights 1 and 2 on one core: rates 1/3 and 2/3 until task 1 ends at 6; then
 * task 0 has the core and its last second of work. */
static void share_child(void *data)
{
    struct seen *seen = data;
    struct scenario scenario;
    struct scenario_cluster cluster;
    struct net *net = open_net(&scenario, &cluster);
    net_exec_start(net, 0, 0, 0, 3, 1, 1);
    net_exec_start(net, 0, 1, 0, 4, 2, 1);
    seen->left[0] = net_exec_left(net, 0, 0);
    seen->left[1] = net_exec_left(net, 1.5, 0);
    seen->left[2] = net_exec_left(net, 1.5, 1);
    seen->left[3] = net_exec_left(net, 5.7, 1);
    seen->left[4] = net_exec_left(net, 6, 0);
    seen->left[5] = net_exec_left(net, 6, 1);
    run_until(net, 6.5, seen);
    seen->left[6] = net_exec_left(net, 6.75, 0);
    run_until(net, INFINITY, seen);
    net_destroy(net);
}

static void test_what_is_left_is_the_work_less_the_shares(void)
{
    struct seen seen = watch(share_child);
    CU_ASSERT(near(seen.left[0], 3));
    CU_ASSERT(near(seen.left[1], 2.5));
    CU_ASSERT(near(seen.left[2], 3));
    CU_ASSERT(near(seen.left[3], 0.2));
    CU_ASSERT(near(seen.left[4], 1));
    CU_ASSERT(seen.left[5] == 0);
    CU_ASSERT(near(seen.left[6], 0.25));
    CU_ASSERT(near(seen.dates[0], 7) && near(seen.dates[1], 6));
}

/* Two on one core, one of them for ever: of the other's 3 s one is left at 4.
 * Both go down with the node a half of a second later, and can be asked again
 * and again. */
static void ends_child(void *data)
{
    struct seen *seen = data;
    struct scenario scenario;
    struct scenario_cluster cluster;
    struct net *net = open_net(&scenario, &cluster);
    net_exec_start(net, 0, 0, 0, INFINITY, 1, 1);
    net_exec_start(net, 0, 1, 0, 3, 1, 1);
    seen->left[0] = net_exec_left(net, 4, 0);
    seen->left[1] = net_exec_left(net, 4, 1);
    net_switch(net, 4.5, 0, false);
    seen->left[2] = net_exec_left(net, 4.5, 0);
    seen->left[3] = net_exec_left(net, 4.5, 1);
    seen->left[4] = net_exec_left(net, 9, 1);
    seen->left[5] = net_exec_cancel(net, 9, 1);
    seen->left[6] = net_exec_cancel(net, 9, 0);
    net_destroy(net);
}

static void test_what_is_left_is_what_cancel_returns(void)
{
    struct seen seen = watch(ends_child);
    CU_ASSERT(seen.left[0] == INFINITY && seen.left[2] == INFINITY);
    CU_ASSERT(seen.left[6] == INFINITY);
    CU_ASSERT(near(seen.left[1], 1));
    for (int i = 3; i < 6; i++)
        CU_ASSERT(near(seen.left[i], 0.75));
}

SUITE_MAIN("execs",
           {"what is left is the work less the shares of the core",
            test_what_is_left_is_the_work_less_the_shares},
           {"what is left is what cancel returns",
            test_what_is_left_is_what_cancel_returns})
