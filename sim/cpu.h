/* cpu.h - exact processor sharing on every host, O(log n) for each event.
 *
 * A host has core_count cores of one speed. Its running tasks share them: each
 * gets min(bound, weight x theta) of a core, theta such that all cores are used
 * or every task has its bound (water filling: what SimGrid's max-min gives).
 * A core of speed s does s seconds of reference work in a second, times the
 * host's factor (memory pressure). Tasks of equal weight and bound form a class
 * that shares one virtual clock, so an arrival or an end costs O(log tasks +
 * classes), not O(tasks).
 *
 * Dates are seconds and never go back. Tasks are numbers chosen by the caller,
 * dense from 0, each running on at most one host.
 */
#ifndef SIM_CPU_H
#define SIM_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu;

struct cpu *cpu_create(uint32_t host_count);
void cpu_destroy(struct cpu *cpu);

/* Room for tasks 0 .. task_count - 1, before the first: it grows anyway, but is
 * then copied on the way. */
void cpu_expect(struct cpu *cpu, uint32_t task_count);

/* Before its first task. speed: reference work of one core in a second. */
void cpu_host(struct cpu *cpu,
              uint32_t host,
              uint32_t core_count,
              double speed);

/* From now on a core does so much: a slow node. */
void cpu_speed(struct cpu *cpu, double now, uint32_t host, double speed);

/* From now on a core does speed x factor, and so many cores (a real number, at
 * most all) are taken away from the tasks by the system: forwarded calls. */
void cpu_slow(struct cpu *cpu,
              double now,
              uint32_t host,
              double factor,
              double taken_cores);

/* work: seconds of reference work, > 0 (INFINITY: for ever). weight > 0.
 * 0 < bound <= 1: the most of one core that it can use. */
void cpu_add(struct cpu *cpu,
             double now,
             uint32_t host,
             uint32_t task,
             double work,
             double weight,
             double bound);

/* Takes it off its host; returns the work that is left. */
double cpu_remove(struct cpu *cpu, double now, uint32_t task);

/* Another weight or bound from now on. */
void cpu_change(struct cpu *cpu,
                double now,
                uint32_t task,
                double weight,
                double bound);

bool cpu_running(const struct cpu *cpu, uint32_t task);
double cpu_left(const struct cpu *cpu, double now, uint32_t task);

/* Share of a core, times factor, that the task gets now. */
double cpu_share(const struct cpu *cpu, uint32_t task);

/* The earliest end of any task, INFINITY if there is none; and take it off.
 * Ends at one date come by ascending host, then by ascending task. */
double cpu_next(struct cpu *cpu);
uint32_t cpu_pop(struct cpu *cpu, uint32_t *ret_host);

/* Have the processor fetch what the next event of this host will read: first of
 * all the host itself, which is all that can be asked for without reading it;
 * and what it points to. Changes nothing; memory is slow, and this one is asked
 * before it is needed. */
void cpu_fetch_host(const struct cpu *cpu, uint32_t host);
void cpu_fetch(const struct cpu *cpu, uint32_t host);

/* The host whose end is next, as far as is known yet; any if there is none. */
uint32_t cpu_next_host(const struct cpu *cpu);

/* Since the start: integral of the running tasks, and of the cores used. */
struct cpu_sums
{
    double running_s;
    double busy_s;      /* Cores used by tasks and by the system x time. */
    double lost_work_s; /* Reference work that factor < 1 cost. */
};
struct cpu_sums cpu_sums(const struct cpu *cpu, double now, uint32_t host);
uint32_t cpu_count(const struct cpu *cpu, uint32_t host);

#endif /* SIM_CPU_H */
