/* sampler.h - what a node measures of itself: the measured fields of its
 * struct node_info.
 *
 * A node is a group of processes with all groups below it, or the whole machine
 * if it has none. Load is the time average of the threads in state R: a limit
 * holds back what it throttles but leaves it R, while the kernel's own averages
 * (loadavg) forget it and are the machine's in every group. So the caller looks
 * 10 to 100 times a second, better at uneven distances, since programs that
 * wake by the clock would always or never be met; and takes once in a sample
 * period. Threads of the calling process are not counted.
 *
 * For the whole machine a look is one read of what the kernel counts: threads
 * that the limit of some group holds back are not in it, since they do not
 * compete with the others just then.
 *
 * CPU limits. A node with the quota of q cores has ceil(q) of them, each of
 * speed core x q / ceil(q): together just what it can get, which is what loads
 * are divided by; a process alone gets at least what its core promises, never
 * less. The quota is read each time, so it may change.
 */
#ifndef REAL_DAEMON_SAMPLER_H
#define REAL_DAEMON_SAMPLER_H

#include "../../algorithms/policy.h"
#include "../../traces/complaint.h"
#include "group.h"
#include "runnable.h"

struct sampler_config
{
    const char *proc;  /* Where proc(5) is mounted; kept by pointer. */
    const char *group; /* As cgroup_place() wants it, "." the caller's own;
                        * NULL: the whole machine. */
    uint32_t core_speed_milli; /* Of a core alone, see speed.h; at least 1. */
};

/* What this kernel does not tell: the field is then 0, a guess for the
 * journal's header to name. */
enum sampler_lack {
    SAMPLER_NO_UTILISATION = 1, /* utilisation_milli */
    SAMPLER_NO_PAGING = 2,      /* paging_bytes_per_s */
    SAMPLER_NO_PAGE_OUTS = 4,   /* Of it what was written is not known: what
                                 * swap grew by stands for it, a lower bound. */
    SAMPLER_NO_MEMORY_PRESSURE = 8,
    SAMPLER_NO_IO_PRESSURE = 16,
};

/* Shares of the sample period in which processes stood still for want of memory
 * or of a disk's answer. Alarms, no loads: under a CPU limit they say little
 * about how much there is to do. */
struct sampler_alarms
{
    uint16_t memory_some_milli; /* Some did; */
    uint16_t memory_full_milli; /* all that wanted to run did. */
    uint16_t io_some_milli;
    uint16_t io_full_milli;
    uint32_t lacks; /* Of enum sampler_lack. */
};

struct sampler
{
    const char *proc;
    bool has_group;
    struct group group;
    struct runnable runnable;
    uint32_t core_speed_milli;
    usec_t looked_us;
    usec_t taken_us;
    uint64_t weighed_us;        /* Sum of threads x time since the last take; */
    uint64_t looked_for_us;     /* of time. */
    struct group_counts counts; /* At the last take. */
};

/* Moving it afterwards would break it. All instants are of a clock that does
 * not jump. */
int sampler_init(struct sampler *s,
                 const struct sampler_config *config,
                 usec_t now_us,
                 struct complaint *c);
void sampler_finish(struct sampler *s);

/* Count the runnable threads; they count for the time since the last look.
 * -ENOENT: the group is gone; or what runnable_count() says. */
int sampler_look(struct sampler *s, usec_t now_us);

/* End a sample period and fill what was measured in it: core_count, speed,
 * load, utilisation, memory, swap, paging; the other fields are left alone.
 * -EAGAIN: no look since the last take, or no time has passed. On an error
 * nothing is touched. */
int sampler_take(struct sampler *s,
                 usec_t now_us,
                 struct node_info *info,
                 struct sampler_alarms *ret_alarms);

/* For people: what is lacking, the lowest bit of lacks; NULL if none is. */
const char *sampler_lack_text(uint32_t lacks);

#endif /* REAL_DAEMON_SAMPLER_H */
