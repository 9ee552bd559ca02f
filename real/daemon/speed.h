/* speed.h - how fast a core of this machine is: the definition of speed 1.00,
 * and its measuring.
 *
 * 1.00 is a core that does SPEED_REFERENCE_UNITS_PER_S units of speed_work() in
 * a second of its CPU time. A unit is 65,536 steps on one word x and a table of
 * 32,768 words of 64 bits (256 KiB, which is in the second cache):
 *
 *   x ^= table[x >> 49]; x *= 0x9e3779b97f4a7c15; x ^= x >> 29;
 *   table[x >> 20 mod 32768] += x
 *
 * Each step waits for the one before, for a load and a product of integers, as
 * most programs do; nothing in it can be made wide by a compiler or in one
 * processor only. gcc and clang with -O1 to -O3 agree within what two runs of
 * one differ. A core of an Intel Xeon of 2.6 GHz (family 6, model 167, in a
 * shared virtual machine) does 2,700 units, 1.08.
 *
 * The number is kept in a file with the name of the processor, and measured
 * again when that is another. The file: a line `vencejo-speed 1`, then `milli`
 * and `machine`. An administrator who knows better writes his own milli there.
 */
#ifndef REAL_DAEMON_SPEED_H
#define REAL_DAEMON_SPEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../traces/complaint.h"

enum {
    SPEED_REFERENCE_UNITS_PER_S = 2500,
    SPEED_MILLI_MAX = 1000000, /* As in a scenario. */
    SPEED_MACHINE_BYTES = 128,
    SPEED_TABLE_WORDS = 32768,
    SPEED_RUN_UNITS = 20, /* Of one run; 8 ms of the reference core. */
    SPEED_RUNS = 9,       /* Of each core that is measured. */
    SPEED_NOISE_MAX_MILLI = 100,
};

struct speed
{
    uint32_t milli; /* Of one core; from 1 to SPEED_MILLI_MAX. */
    char machine[SPEED_MACHINE_BYTES];
};

/* That many units from a table where word i is i x 0x9e3779b97f4a7c15 and x is
 * 1; returns x. table is overwritten and has SPEED_TABLE_WORDS. */
uint64_t speed_work(uint64_t *table, uint32_t unit_count);

/* From the CPU times of SPEED_RUNS runs, whose order is lost: by their median.
 * -EAGAIN if the half of them around it spans more than SPEED_NOISE_MAX_MILLI
 * of it; *ret_noise_milli says how much in any case. */
int speed_judge(uint64_t run_ns[SPEED_RUNS],
                uint32_t *ret_milli,
                uint32_t *ret_noise_milli);

/* The mean of up to eight of the cores that this thread may use, evenly chosen,
 * since cores of one machine may differ. Takes a second of CPU time, in which
 * the thread is tied to these cores. -EAGAIN: too noisy; -ETIMEDOUT: no CPU
 * time within a minute. */
int speed_measure(uint32_t *ret_milli, struct complaint *c);

/* What the processor is called; proc is where proc(5) is mounted. */
int speed_machine(const char *proc,
                  char ret[SPEED_MACHINE_BYTES],
                  struct complaint *c);

/* -ENOENT, or -EINVAL if it is damaged. */
int speed_read(const char *file, struct speed *ret, struct complaint *c);
int speed_write(const char *file,
                const struct speed *speed,
                struct complaint *c);

/* From the file, or measured and kept there if there is none or it is of
 * another machine. A damaged file is an error. */
int speed_get(const char *file,
              const char *proc,
              struct speed *ret,
              bool *ret_measured,
              struct complaint *c);

/* Cores and speed of a node that may use quota_milli of core_count such cores:
 * sampler.h says why. */
void speed_under_quota(uint32_t core_milli,
                       uint16_t core_count,
                       uint64_t quota_milli,
                       uint16_t *ret_core_count,
                       uint32_t *ret_milli);

#endif /* REAL_DAEMON_SPEED_H */
