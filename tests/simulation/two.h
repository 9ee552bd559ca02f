/* two.h - stories of two clusters of one node each: a job of 100 MiB at home on
 * node 0 of cluster a; node 1 is cluster b. Nothing that is away calls home. */
#ifndef TESTS_SIMULATION_TWO_H
#define TESTS_SIMULATION_TWO_H

#include <math.h>

#include "scenarios/grid.h"
#include "story.h"

#define HEAD                                                                 \
    "vencejo: 1\nname: two\nseed: 1\nuntil: 300 s\nmigration: {mode: stop, " \
    "fixed: 10 ms}\nprocess: {calls: 0 /s}\n"
#define LINE(a, b) \
    "  - {between: [" a ", " b "], bandwidth: 1 Gbps, latency: 1 ms}\n"
#define TWO                                                            \
    HEAD "clusters:\n  a: {nodes: 1, memory: 1 GiB}\n  b: {nodes: 1, " \
         "memory: 1 GiB}\nwan:\n" LINE("a", "b")
#define ONE_JOB                                                   \
    "workload:\n  batch: {count: 1, cpu: 40 s, memory: 100 MiB, " \
    "home: 0}\n"
#define AT_B ONE_JOB "events:\n  - {at: 1 s, move: 0, to: 1}\n"
#define SPACE "freeze: {space: 1 GB, disk: 50 MiB/s}\n"
#define USHER "policies: [gossip_vector, usher_mosix]\n"
#define BALANCE "policies: [gossip_vector, balance_mosix]\n"

/* Way from node to node: two links of 50 us and the line between. */
#define WAY_S 0.0011
#define IMAGE_S (100.0 * 1048576 / 125e6)
#define CARRY_S (WAY_S + IMAGE_S + 0.01)
#define US 1e-6

/* Datagrams are small, but take bandwidth: less than that for each. */
#define DATAGRAM_S 20e-6

/* How long the job of AT_B stood still: while it was carried, and until node 1
 * had asked its home for it. */
#define STOPPED_S (CARRY_S + 2 * WAY_S)

/* The n-th record of that kind, from 0; fails the test if there is none. */
static inline const struct record *nth(const struct story *s,
                                       enum record_kind kind,
                                       size_t n)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == kind && n-- == 0)
            return &s->records[i];
    CU_FAIL_FATAL("no such record");
    return NULL;
}

static inline double date(const struct story *s,
                          enum record_kind kind,
                          size_t n)
{
    return (double)nth(s, kind, n)->at_us * US;
}

/* Asked for in vain. */
static inline size_t refusals(const struct story *s)
{
    return story_count(s, RECORD_REFUSED) + story_count(s, RECORD_DENIED);
}

/* Number of the process, from 1 in the order of the workload. */
static inline uint32_t number_of(const struct record *record)
{
    return (uint32_t)record->proc;
}

#endif /* TESTS_SIMULATION_TWO_H */
