/* process_sample.c - see process_sample.h. */
#include "process_sample.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel_text.h"

enum { NS_PER_US = 1000, US_PER_S = 1000000, BYTES_PER_KIB = 1024 };

/* ---- One sample. --------------------------------------------------------- */

/* schedstat: ns on a CPU, ns waiting for one, turns. */
static bool wait_of(const char *folder, const char *name, uint64_t *ret_ns)
{
    char text[128];
    unsigned long long ns;
    if (kernel_read(folder, name, text, sizeof text) <= 0 ||
        sscanf(text, "%*u %llu", &ns) != 1)
        return false;
    *ret_ns = ns;
    return true;
}

/* Threads that end meanwhile are left out; false if none tells. */
static bool wait_of_all(const char *folder, uint64_t *ret_us)
{
    char tasks[KERNEL_PATH_BYTES];
    uint64_t sum = 0;
    bool any = false;
    const struct dirent *entry;
    int length = snprintf(tasks, sizeof tasks, "%s/task", folder);
    DIR *list =
        length > 0 && (size_t)length < sizeof tasks ? opendir(tasks) : NULL;
    while (list && (entry = readdir(list))) {
        char name[NAME_MAX + sizeof "/schedstat"];
        uint64_t ns;
        snprintf(name, sizeof name, "%s/schedstat", entry->d_name);
        if (entry->d_name[0] == '.' || !wait_of(tasks, name, &ns))
            continue;
        any = true;
        sum += ns / NS_PER_US;
    }
    if (list)
        closedir(list);
    *ret_us = sum;
    return any;
}

static bool read_status(const char *folder, struct process_sample *ret)
{
    char text[KERNEL_TEXT_BYTES];
    uint64_t anonymous;
    uint64_t shared;
    uint64_t swapped = 0;
    if (kernel_read(folder, "status", text, sizeof text) <= 0 ||
        !kernel_field(text, "RssAnon", &anonymous) ||
        !kernel_field(text, "RssShmem", &shared) ||
        !kernel_field(text, "voluntary_ctxt_switches", &ret->sleep_count))
        return false;
    kernel_field(text, "VmSwap", &swapped);
    uint64_t sum;
    if (__builtin_add_overflow(anonymous, shared, &sum) ||
        __builtin_add_overflow(sum, swapped, &sum) ||
        __builtin_mul_overflow(sum, (uint64_t)BYTES_PER_KIB, &sum))
        return false;
    ret->mem_bytes = sum;
    return true;
}

int process_sample(const char *proc,
                   pid_t pid,
                   usec_t now_us,
                   struct process_sample *ret)
{
    char folder[KERNEL_PATH_BYTES];
    char text[1024];
    struct kernel_thread thread;
    struct process_sample sample = {.measured_us = now_us};
    int length = snprintf(folder, sizeof folder, "%s/%d", proc, pid);
    if (length < 0 || (size_t)length >= sizeof folder)
        return -ENAMETOOLONG;
    int count = kernel_read(folder, "stat", text, sizeof text);
    if (count == -ENOENT || count == -ESRCH)
        return -ESRCH;
    if (count < 0)
        return count;
    if (!kernel_thread_parse(text, &thread))
        return -EPROTO;
    if (thread.state == 'Z' || thread.state == 'X')
        return -ESRCH;
    sample.started_ticks = thread.started_ticks;
    sample.state = thread.state;
    sample.thread_count = (uint32_t)thread.thread_count;
    sample.cpu_us = (thread.user_ticks + thread.system_ticks) *
                    (US_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
    sample.has_wait = wait_of_all(folder, &sample.wait_us);
    if (!read_status(folder, &sample))
        return access(folder, F_OK) < 0 ? -ESRCH : -EPROTO;
    *ret = sample;
    return 0;
}

/* ---- Two. ---------------------------------------------------------------- */

static bool never_slept(const struct process_sample *before,
                        const struct process_sample *now)
{
    return before->state == 'R' && now->state == 'R' &&
           before->thread_count == 1 && now->thread_count == 1 &&
           before->sleep_count == now->sleep_count;
}

/* In cores. */
static double demand(const struct process_sample *before,
                     const struct process_sample *now)
{
    double elapsed = (double)(now->measured_us - before->measured_us);
    double run = (double)(now->cpu_us - before->cpu_us);
    double wait =
        now->has_wait && before->has_wait && now->wait_us > before->wait_us
            ? (double)(now->wait_us - before->wait_us)
            : 0;
    double threads = ceil((run + wait) / elapsed);
    double rest = elapsed - (threads > 0 ? wait / threads : 0);
    return rest > 0 && run < threads * rest ? run / rest : threads;
}

uint32_t process_demand_milli(const struct process_sample *before,
                              const struct process_sample *now,
                              uint32_t core_speed_milli)
{
    if (now->started_ticks != before->started_ticks ||
        now->measured_us <= before->measured_us || now->cpu_us < before->cpu_us)
        return 0;
    double cores = never_slept(before, now) ? 1 : demand(before, now);
    double milli = cores * core_speed_milli;
    return milli < UINT32_MAX ? (uint32_t)milli : UINT32_MAX;
}
