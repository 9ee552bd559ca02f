/* process_sample.h - what a node measures of one process: its memory, its CPU
 * time, and from two samples how much CPU it would take if nobody else were
 * there.
 */
#ifndef REAL_DAEMON_PROCESS_SAMPLE_H
#define REAL_DAEMON_PROCESS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../algorithms/policy.h"

struct process_sample
{
    usec_t measured_us;     /* As the caller said. */
    uint64_t started_ticks; /* With its number: this process and no other. */
    char state;             /* Of its first thread, as ps(1) shows it. */
    uint32_t thread_count;
    uint64_t mem_bytes; /* Its own and shared memory that is no file's, in
                         * swap too: what a migration carries. */
    uint64_t cpu_us;    /* Of this machine's cores; all threads, ended ones too.
                         * To proc_info times the core's speed. */
    uint64_t sleep_count; /* How often its first thread stopped by itself. */
    uint64_t wait_us;     /* The present threads wanted to run and did not. */
    bool has_wait;        /* The kernel counts it. */
};

/* proc is where proc(5) is mounted. -ESRCH: there is no such process, or it has
 * ended and is not buried; -EPROTO: not such texts as proc(5) says. On an error
 * *ret is untouched. */
int process_sample(const char *proc,
                   pid_t pid,
                   usec_t now_us,
                   struct process_sample *ret);

/* proc_info.cpu_milli: with R the CPU time and W the waiting of all threads in
 * the time e between two samples, n = ceil((R + W) / e) threads were at work,
 * and alone they would have taken R / (e - W / n) cores, n at the most. Of
 * reference cores, from the speed of one core here without any limit. Without
 * has_wait it is R / e. The kernel counts a wait when it is over, which under
 * a limit may be late; so a process of one thread that was runnable at both
 * ends and never stopped by itself takes one core. 0 if these are not two
 * samples of one process in their order. */
uint32_t process_demand_milli(const struct process_sample *before,
                              const struct process_sample *now,
                              uint32_t core_speed_milli);

#endif /* REAL_DAEMON_PROCESS_SAMPLE_H */
