/* speed_measure.c - see speed.h. */
#include "speed.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    UNIT_STEPS = 65536,
    INDEX_SHIFT = 49, /* The highest 15 bits. */
    STORE_SHIFT = 20,
    MIX_SHIFT = 29,
    WARM_RUNS = 5, /* Until a core has reached its frequency. */
    CORES_MEASURED_MAX = 8,
    PATIENCE_S = 60,
};

#define FACTOR UINT64_C(0x9e3779b97f4a7c15)
#define NS_PER_S UINT64_C(1000000000)

uint64_t speed_work(uint64_t *table, uint32_t unit_count)
{
    uint64_t x = 1;
    for (uint64_t i = 0; i < SPEED_TABLE_WORDS; i++)
        table[i] = i * FACTOR;
    for (uint64_t i = 0; i < (uint64_t)unit_count * UNIT_STEPS; i++) {
        x ^= table[x >> INDEX_SHIFT];
        x *= FACTOR;
        x ^= x >> MIX_SHIFT;
        table[(x >> STORE_SHIFT) % SPEED_TABLE_WORDS] += x;
    }
    return x;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

int speed_judge(uint64_t run_ns[SPEED_RUNS],
                uint32_t *ret_milli,
                uint32_t *ret_noise_milli)
{
    qsort(run_ns, SPEED_RUNS, sizeof *run_ns, by_size);
    uint64_t median = run_ns[SPEED_RUNS / 2];
    if (median == 0)
        return -EAGAIN;
    uint64_t span =
        run_ns[SPEED_RUNS - 1 - SPEED_RUNS / 4] - run_ns[SPEED_RUNS / 4];
    uint64_t noise = span * 1000 / median;
    uint64_t milli = SPEED_RUN_UNITS * NS_PER_S * 1000 /
                     SPEED_REFERENCE_UNITS_PER_S / median;
    *ret_noise_milli = noise < UINT32_MAX ? (uint32_t)noise : UINT32_MAX;
    if (noise > SPEED_NOISE_MAX_MILLI)
        return -EAGAIN;
    *ret_milli = milli < 1                 ? 1
                 : milli < SPEED_MILLI_MAX ? (uint32_t)milli
                                           : SPEED_MILLI_MAX;
    return 0;
}

/* ---- Measuring. ---------------------------------------------------------- */

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int measure_core(uint64_t *table,
                        uint64_t end_ns,
                        uint32_t *ret_milli,
                        struct complaint *c)
{
    uint64_t run_ns[SPEED_RUNS];
    uint32_t noise_milli = 0;
    for (int i = -WARM_RUNS; i < SPEED_RUNS; i++) {
        uint64_t begun = now_ns(CLOCK_THREAD_CPUTIME_ID);
        volatile uint64_t kept = speed_work(table, SPEED_RUN_UNITS);
        (void)kept;
        if (i >= 0)
            run_ns[i] = now_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
        if (now_ns(CLOCK_MONOTONIC) > end_ns)
            return complain(c, -ETIMEDOUT, NULL, 0, 0,
                            "cannot measure the speed of a core: this node got "
                            "too little CPU time for it in %d s; try when it "
                            "is idle, or write the speed into its file",
                            PATIENCE_S);
    }
    int error = speed_judge(run_ns, ret_milli, &noise_milli);
    return error ? complain(c, error, NULL, 0, 0,
                            "cannot measure the speed of a core: the machine "
                            "is too busy, runs of the same work differ by "
                            "%u.%u %%, more than %d %%; try when it is idle, "
                            "or write the speed into its file",
                            noise_milli / 10, noise_milli % 10,
                            SPEED_NOISE_MAX_MILLI / 10)
                 : 0;
}

/* Core number place of those allowed. */
static int tie_to(const cpu_set_t *allowed, int place)
{
    cpu_set_t one;
    size_t core = 0;
    for (int seen = 0; core < CPU_SETSIZE; core++)
        if (CPU_ISSET(core, allowed) && seen++ == place)
            break;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return sched_setaffinity(0, sizeof one, &one) < 0 ? -errno : 0;
}

static int measure_cores(const cpu_set_t *allowed,
                         uint64_t *table,
                         uint32_t *ret_milli,
                         struct complaint *c)
{
    uint64_t end_ns = now_ns(CLOCK_MONOTONIC) + PATIENCE_S * NS_PER_S;
    uint64_t sum = 0;
    int core_count = CPU_COUNT(allowed);
    int count =
        core_count < CORES_MEASURED_MAX ? core_count : CORES_MEASURED_MAX;
    for (int i = 0; i < count; i++) {
        uint32_t milli = 0;
        int error = tie_to(allowed, i * core_count / count);
        if (error)
            return complain(c, error, NULL, 0, 0,
                            "cannot measure the speed of a core: cannot stay "
                            "on one: %s",
                            strerror(-error));
        error = measure_core(table, end_ns, &milli, c);
        if (error)
            return error;
        sum += milli;
    }
    *ret_milli = (uint32_t)(sum / (uint64_t)count);
    return 0;
}

int speed_measure(uint32_t *ret_milli, struct complaint *c)
{
    cpu_set_t allowed;
    int error = sched_getaffinity(0, sizeof allowed, &allowed) < 0 ? -errno : 0;
    uint64_t *table = malloc(SPEED_TABLE_WORDS * sizeof *table);
    if (!error && !table)
        error = -ENOMEM;
    if (error) {
        complain(c, error, NULL, 0, 0, "cannot measure the speed of a core: %s",
                 strerror(-error));
        goto done;
    }
    error = measure_cores(&allowed, table, ret_milli, c);
    sched_setaffinity(0, sizeof allowed, &allowed);
done:
    free(table);
    return error;
}
