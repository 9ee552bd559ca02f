/* fake_workload.h - processes that are only rows: for tests of the daemon. What
 * one node carries, the other has a moment later. */
#ifndef TESTS_DAEMON_FAKE_WORKLOAD_H
#define TESTS_DAEMON_FAKE_WORKLOAD_H

#include <uv.h>

#include "../../real/daemon/workload.h"

enum { FAKE_PROCS = 32, FAKE_NODES = 4 };

enum fake_state { FAKE_HELD, FAKE_RUNS, FAKE_CARRIED, FAKE_GONE };

struct fake_proc
{
    struct proc_info info;
    enum fake_state state;
    node_id target;
    uint32_t epoch;
};

struct fake_world;

struct fake_workload
{
    struct fake_world *world;
    const struct workload_listener *listener;
    struct fake_proc procs[FAKE_PROCS];
    size_t count;
    size_t ended_away_count;
    size_t lost_count;
    size_t ran_count; /* Starts and arrivals. */
};

/* By node number - 1. */
struct fake_world
{
    struct fake_workload nodes[FAKE_NODES];
};

struct node_workload fake_workload(struct fake_world *world, size_t place);

/* One more process of that node. */
proc_id fake_submit(struct fake_world *world, size_t place);

/* What is under way arrives, or fails if to is down. */
void fake_carry_all(struct fake_world *world);

/* What runs there ends. */
void fake_end_all(struct fake_world *world, size_t place);

size_t fake_running(const struct fake_world *world, size_t place);

#endif /* TESTS_DAEMON_FAKE_WORKLOAD_H */
