/* guest_special.c - calls for which the guest does more than to ask home. */
#include "guest_inside.h"

#include <errno.h>
#include <linux/prctl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)
enum { US_PER_S = 1000000, NS_PER_US = 1000, KIB_OF_PAGE = 4 };

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* ---- Who it is. ---------------------------------------------------------- */

static const int16_t identities[GUEST_IDENTITIES] = {
    SYS_getpid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid};

static int identity_of(int64_t number)
{
    for (int i = 0; i < GUEST_IDENTITIES; i++)
        if (identities[i] == number)
            return i;
    return -1;
}

static int learned(struct guest *g, int64_t result)
{
    int which = identity_of(g->call.number);
    if (result >= 0) {
        g->identities[which] = result;
        g->identity_known[which] = true;
    }
    return guest_answer(g, result);
}

static int identity(struct guest *g)
{
    int which = identity_of(g->call.number);
    if (which < 0)
        return guest_forward(g);
    if (g->identity_known[which])
        return guest_answer(g, g->identities[which]);
    int error = guest_ask(g, g->call.number, g->call.arguments, &g->body_memory,
                          learned);
    return error == -ENOTSUP ? guest_go_home_for(g) : error;
}

/* ---- Time that it has used: at home and here. ---------------------------- */

/* Add so much to a struct timeval or timespec, whose parts are of that unit. */
static void add_time(int64_t at[2], uint64_t ns, uint64_t ns_per_unit)
{
    uint64_t units_per_s = NS_PER_S / ns_per_unit;
    uint64_t sum = (uint64_t)at[1] + ns / ns_per_unit;
    at[0] += (int64_t)(sum / units_per_s);
    at[1] = (int64_t)(sum % units_per_s);
}

static int clock_told(struct guest *g, int64_t result)
{
    int64_t value[2];
    if (result != 0)
        return guest_answer(g, result);
    memcpy(value, g->scratch, sizeof value);
    add_time(value, guest_cpu_away_ns(g), 1);
    return guest_answer(
        g, g->body_memory.write(g, g->call.arguments[1], value, sizeof value));
}

static int usage_told(struct guest *g, int64_t result)
{
    struct rusage usage;
    struct wire_usage used;
    if (result != 0)
        return guest_answer(g, result);
    memcpy(&usage, g->scratch, sizeof usage);
    guest_usage_away(g, &used);
    int64_t times[2][2] = {{usage.ru_utime.tv_sec, usage.ru_utime.tv_usec},
                           {usage.ru_stime.tv_sec, usage.ru_stime.tv_usec}};
    add_time(times[0], used.user_us * NS_PER_US, NS_PER_US);
    add_time(times[1], used.system_us * NS_PER_US, NS_PER_US);
    usage.ru_utime = (struct timeval){times[0][0], times[0][1]};
    usage.ru_stime = (struct timeval){times[1][0], times[1][1]};
    usage.ru_minflt += (long)used.minor_faults;
    long kib = (long)(used.resident_bytes / 1024);
    if (usage.ru_maxrss < kib)
        usage.ru_maxrss = kib;
    return guest_answer(
        g, g->body_memory.write(g, g->call.arguments[1], &usage, sizeof usage));
}

static int times_told(struct guest *g, int64_t result)
{
    struct tms times;
    struct wire_usage used;
    uint64_t us_per_tick = US_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    if (result < 0 || g->call.arguments[0] == 0)
        return guest_answer(g, result);
    memcpy(&times, g->scratch, sizeof times);
    guest_usage_away(g, &used);
    times.tms_utime += (clock_t)(used.user_us / us_per_tick);
    times.tms_stime += (clock_t)(used.system_us / us_per_tick);
    int error =
        g->body_memory.write(g, g->call.arguments[0], &times, sizeof times);
    return guest_answer(g, error ? error : result);
}

/* The call as it is, but what it writes comes here first. */
static int ask_here(struct guest *g,
                    int output,
                    int (*then)(struct guest *g, int64_t result))
{
    uint64_t arguments[6];
    memcpy(arguments, g->call.arguments, sizeof arguments);
    if (arguments[output] != 0)
        arguments[output] = (uint64_t)(uintptr_t)g->scratch;
    int error = guest_ask(g, g->call.number, arguments, &g->own_memory, then);
    if (error == -ENOTSUP)
        return guest_go_home_for(g);
    return guest_is_result(error) ? guest_answer(g, error) : error;
}

static int clock_of(struct guest *g)
{
    uint64_t clock = g->call.arguments[0];
    bool own = (int)clock == CLOCK_PROCESS_CPUTIME_ID ||
               (int)clock == CLOCK_THREAD_CPUTIME_ID;
    if (own && g->call.number == SYS_clock_gettime)
        return ask_here(g, 1, clock_told);
    return guest_forward(g);
}

static int usage(struct guest *g)
{
    if (g->call.number == SYS_times)
        return ask_here(g, 0, times_told);
    int who = (int)g->call.arguments[0];
    if (g->call.number == SYS_getrusage &&
        (who == RUSAGE_SELF || who == RUSAGE_THREAD))
        return ask_here(g, 1, usage_told);
    return guest_forward(g);
}

static int timer(struct guest *g)
{
    bool real = (int)g->call.arguments[0] == ITIMER_REAL;
    return real ? guest_forward(g) : guest_let_pass(g);
}

/* ---- Limits: of memory they bind here, all others at home. --------------- */

/* In the order of struct wire_go. */
static const uint8_t bind_here[WIRE_LIMITS] = {RLIMIT_STACK, RLIMIT_DATA,
                                               RLIMIT_AS, RLIMIT_CPU};

static bool binds_here(uint64_t resource)
{
    return memchr(bind_here, (int)resource, WIRE_LIMITS) != NULL &&
           resource <= UINT8_MAX;
}

/* In seconds of this body, of which some were before it was here. */
static uint64_t cpu_limit_here(const struct guest *g, uint64_t most_s)
{
    uint64_t own_s = g->time_base.cpu_ns / NS_PER_S;
    uint64_t used_s =
        (g->home_cpu_us + g->earlier.user_us + g->earlier.system_us) / US_PER_S;
    return (most_s > used_s ? most_s - used_s : 1) + own_s;
}

/* The soft one; the hard one here is the host's. */
static void limit_here(const struct guest *g, uint64_t resource, rlim_t most)
{
    struct rlimit now;
    if (prlimit(g->body.pid, (enum __rlimit_resource)resource, NULL, &now) < 0)
        return;
    if (resource == RLIMIT_CPU && most != RLIM_INFINITY)
        most = cpu_limit_here(g, most);
    now.rlim_cur = most < now.rlim_max ? most : now.rlim_max;
    prlimit(g->body.pid, (enum __rlimit_resource)resource, &now, NULL);
}

void guest_take_limits(struct guest *g, const struct wire_go *go)
{
    g->home_cpu_us = go->home_cpu_us;
    for (int i = 0; i < WIRE_LIMITS; i++)
        limit_here(g, bind_here[i], go->limits[i]);
}

static int limit_told(struct guest *g, int64_t result)
{
    bool prlimit_call = g->call.number == SYS_prlimit64;
    uint64_t resource = g->call.arguments[prlimit_call ? 1 : 0];
    uint64_t new_at = g->call.arguments[prlimit_call ? 2 : 1];
    struct rlimit wanted;
    if (result == 0 && new_at != 0 && binds_here(resource) &&
        g->body_memory.read(g, new_at, &wanted, sizeof wanted) == 0)
        limit_here(g, resource, wanted.rlim_cur);
    return guest_answer(g, result);
}

static int limit(struct guest *g)
{
    bool own = g->call.number != SYS_prlimit64 || g->call.arguments[0] == 0 ||
               g->call.arguments[0] == (uint64_t)g->about.home_pid;
    if (!own || g->call.number == SYS_getrlimit)
        return guest_forward(g);
    int error = guest_ask(g, g->call.number, g->call.arguments, &g->body_memory,
                          limit_told);
    if (error == -ENOTSUP)
        return guest_go_home_for(g);
    return guest_is_result(error) ? guest_answer(g, error) : error;
}

/* ---- prctl. -------------------------------------------------------------- */

static int control(struct guest *g)
{
    switch ((int)g->call.arguments[0]) {
        case PR_GET_NAME:
        case PR_SET_TIMERSLACK:
        case PR_GET_TIMERSLACK:
        case PR_SET_VMA:
        case PR_SET_THP_DISABLE:
        case PR_GET_THP_DISABLE:
            return guest_let_pass(g);
        default:
            return guest_forward(g);
    }
}

static int named(struct guest *g, int64_t result)
{
    return result == 0 ? guest_let_pass(g) : guest_answer(g, result);
}

/* The name is that of both. */
static int name(struct guest *g)
{
    int error =
        guest_ask(g, g->call.number, g->call.arguments, &g->body_memory, named);
    if (error == -ENOTSUP)
        return guest_go_home_for(g);
    return guest_is_result(error) ? guest_answer(g, error) : error;
}

/* ---- Another program; the end. ------------------------------------------- */

/* If it succeeds home says GONE, and there is no result. */
static int execute(struct guest *g)
{
    struct guest_masks masks;
    int error = guest_masks_of(g, &masks);
    if (error)
        return error;
    /* They would be lost with the body. */
    if (masks.pending != 0 || g->arrived.count > 0)
        return guest_go_home_for(g);
    if (g->call.number == SYS_execve) {
        g->call.arguments[3] = masks.ignored;
        g->call.arguments[4] = 0;
    }
    g->call.waits = true; /* The mask is that of the new program. */
    error = guest_put_usage(g);
    return error ? error : guest_forward(g);
}

/* Home says GONE. */
static int end(struct guest *g)
{
    int error = guest_put_usage(g);
    return error ? error : guest_forward(g);
}

int guest_special(struct guest *g, enum call_special special)
{
    switch (special) {
        case SPECIAL_MAP:
            return guest_map_file(g);
        case SPECIAL_EXECUTE:
            return execute(g);
        case SPECIAL_SLEEP:
        case SPECIAL_FUTEX:
            return guest_let_pass(g);
        case SPECIAL_CLOCK:
            return clock_of(g);
        case SPECIAL_USAGE:
            return usage(g);
        case SPECIAL_TIMER:
            return timer(g);
        case SPECIAL_LIMIT:
            return limit(g);
        case SPECIAL_CONTROL:
            return (int)g->call.arguments[0] == PR_SET_NAME ? name(g)
                                                            : control(g);
        case SPECIAL_IDENTITY:
            return identity(g);
        default:
            return end(g);
    }
}
