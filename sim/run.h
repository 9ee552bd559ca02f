/* run.h - one simulated run: scenario + seed in, records out. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "world.h"

/* Called now and then with the share of processes that are gone; NULL: never.
 */
struct run_progress
{
    void (*tell)(void *who, double share);
    void *who;
};

struct run_result
{
    double end_s;    /* Date of the last event. */
    uint64_t events; /* Happenings of all kinds. */
    uint32_t process_count;
    uint32_t gone_count;  /* The others are unfinished at `until`. */
    const char *refusal;  /* Why it stopped early; NULL. */
    struct breach breach; /* An invariant that was broken; no name: none. */
};

/* The traces of the scenario, read once: one workload for each load, in order;
 * those that are no trace are empty. Free with run_traces_finish(). */
int run_traces_read(const struct scenario *scenario,
                    struct workload **ret_traces,
                    struct complaint *ret_complaint);
void run_traces_finish(const struct scenario *scenario,
                       struct workload *traces);

/* Do jobs of this load wait for the ends of others? As the scenario says, or,
 * where it does not, if the trace has dependencies. */
bool arrivals_closed(const struct scenario_load *load,
                     const struct workload *workload);

/* Do arrivals and homes depend on the seed? They do not if all loads are traces
 * as recorded, or batches of fixed laws, none with random homes. */
bool arrivals_vary(const struct scenario *scenario);

/* 0; or -ENOTSUP and a complaint of the first key that the engine of the
 * scenario cannot heed. world_create() asks, too. */
int run_refuse_keys(const struct scenario *scenario,
                    struct complaint *ret_complaint);

/* Everything before the first event: platform, machines, arrivals. A platform
 * XML fills scenario->clusters. At most one world that uses the network for
 * each program: SimGrid's engine cannot be made twice. 0, or negative errno and
 * a complaint. The scenario is kept by pointer; the traces are not. */
int world_create(struct scenario *scenario,
                 const struct workload *traces,
                 uint64_t seed,
                 struct world **ret_world,
                 struct complaint *ret_complaint);
void world_destroy(struct world *world);

/* Check the invariants at every step, and stop at the first that is broken. */
void world_check(struct world *world);

/* Run until every process is gone, or until the scenario's end. Once. */
void world_run(struct world *world,
               const struct record_sink *sink,
               const struct run_progress *progress,
               struct run_result *ret_result);

/* Reference cores (sum of cores x speed), and the speed of the fastest core; of
 * a platform XML only once a world was created. */
double platform_cores(const struct scenario *scenario);
double platform_speed_max(const struct scenario *scenario);

/* For the bounds of results/bound.h, likewise: the cores of each cluster, the
 * fastest first, cluster_count of them, which the caller frees; and how fast
 * work x memory can proceed, in bytes of memory x speed. */
struct core_group;
struct core_group *platform_core_groups(const struct scenario *scenario);
double platform_memory_speed(const struct scenario *scenario);

#endif /* SIM_RUN_H */
