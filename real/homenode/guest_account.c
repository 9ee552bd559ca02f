/* guest_account.c - what a body has used here. */
#include "guest_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { US_PER_S = 1000000, NS_PER_US = 1000 };

uint64_t guest_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * US_PER_S + (uint64_t)now.tv_nsec / NS_PER_US;
}

/* The clock of another process's CPU time, as clock_getcpuclockid(3) has it. */
static uint64_t cpu_ns(pid_t pid)
{
    struct timespec used = {0};
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &used);
    return (uint64_t)used.tv_sec * US_PER_S * NS_PER_US +
           (uint64_t)used.tv_nsec;
}

/* Fields 10, 12, 14, 15, 24 and 39 of proc(5)'s stat. */
static void read_stat(const struct guest *g, struct guest_time *time, int *core)
{
    char path[32];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", g->body.pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    size_t bytes = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[bytes] = 0;
    const char *rest = strrchr(text, ')');
    if (rest)
        sscanf(rest,
               ") %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %*u %" SCNu64
               " %*u %" SCNu64 " %" SCNu64
               " %*d %*d %*d %*d %*d %*d %*u %*u %" SCNu64
               " %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %d",
               &time->minor_faults, &time->major_faults, &time->user_ticks,
               &time->system_ticks, &time->resident_pages, core);
}

static uint64_t less(uint64_t now, uint64_t base)
{
    return now > base ? now - base : 0;
}

static void read_all(const struct guest *g, struct guest_time *ret)
{
    int core;
    *ret = (struct guest_time){.cpu_ns = cpu_ns(g->body.pid)};
    read_stat(g, ret, &core);
}

void guest_account_start(struct guest *g)
{
    read_all(g, &g->time_base);
    g->usage_us = guest_now_us();
}

void guest_time_of(const struct guest *g, struct guest_time *ret)
{
    struct guest_time now;
    read_all(g, &now);
    *ret = (struct guest_time){
        .cpu_ns = less(now.cpu_ns, g->time_base.cpu_ns),
        .user_ticks = less(now.user_ticks, g->time_base.user_ticks),
        .system_ticks = less(now.system_ticks, g->time_base.system_ticks),
        .minor_faults = less(now.minor_faults, g->time_base.minor_faults),
        .major_faults = less(now.major_faults, g->time_base.major_faults),
        .resident_pages = now.resident_pages,
    };
}

/* The ticks say how much of it was the kernel's, roughly. */
void guest_usage_of(struct guest *g, struct wire_usage *ret)
{
    struct guest_time time = {0};
    struct wire_usage *told = &g->told_usage;
    if (g->body.pid > 0)
        guest_time_of(g, &time);
    uint64_t ticks = time.user_ticks + time.system_ticks;
    uint64_t us = (time.cpu_ns + NS_PER_US - 1) / NS_PER_US;
    uint64_t system_us = ticks > 0 ? us * time.system_ticks / ticks : 0;
    if (us < told->user_us + told->system_us)
        us = told->user_us + told->system_us;
    if (system_us < told->system_us)
        system_us = told->system_us;
    if (us - system_us < told->user_us)
        system_us = us - told->user_us;
    *told = (struct wire_usage){
        .user_us = us - system_us,
        .system_us = system_us,
        .resident_bytes = time.resident_pages * TRACEE_PAGE_BYTES,
        .minor_faults = time.minor_faults,
        .calls_forwarded = g->calls_forwarded,
    };
    *ret = *told;
}

void guest_usage_away(struct guest *g, struct wire_usage *ret)
{
    guest_usage_of(g, ret);
    ret->user_us += g->earlier.user_us;
    ret->system_us += g->earlier.system_us;
    ret->minor_faults += g->earlier.minor_faults;
}

uint64_t guest_cpu_away_ns(const struct guest *g)
{
    struct guest_time time;
    guest_time_of(g, &time);
    return time.cpu_ns +
           (g->earlier.user_us + g->earlier.system_us) * NS_PER_US;
}

int guest_put_usage(struct guest *g)
{
    struct wire_usage usage;
    guest_usage_of(g, &usage);
    struct iovec part = {&usage, sizeof usage};
    g->usage_us = guest_now_us();
    int error = link_put(g->link, RECORD_USAGE, &part, 1, false);
    return error == -EPIPE ? 0 : error;
}

void guest_follow(struct guest *g)
{
    struct guest_time time;
    cpu_set_t set;
    int core = -1;
    if (!g->options.pinned)
        return;
    read_stat(g, &time, &core);
    if (core < 0 || core == g->core)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    if (sched_setaffinity(0, sizeof set, &set) == 0)
        g->core = core;
}
