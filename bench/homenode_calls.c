/* homenode_calls.c - what it costs a process to be away: a call that is made at
 * home beside TCP there and back and beside the bare kernel calls of one; in
 * TLS; with home and host on a processor each; calls that do not go home; reads
 * and writes beside the same bytes over TCP; what is computed; memory. All in
 * turn, medians of the turns.
 *
 * Usage: bench_homenode_calls [--long]
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "away.h"
#include "measure.h"

enum {
    TURNS = 9,
    CALLS = 2000,
    PING_BYTES = 64,
    SIZES = 3,
    COMPUTE_TURNS = 5,
    COMPUTE_TURNS_LONG = 10,
    CALL_BYTES = 256, /* Of a request and its answer, besides the data. */
};

static const size_t sizes[SIZES] = {4 << 10, 64 << 10, 1 << 20};

/* One figure, as it comes in each turn. */
struct row
{
    double values[TURNS];
};

static double middle(const struct row *row)
{
    double values[TURNS];
    memcpy(values, row->values, sizeof values);
    return median(values, TURNS);
}

static void begin(struct away *a, bool tls, int home, int host)
{
    const struct away_options options = {.memory_bytes = 1 << 20,
                                         .mode = TRANSFER_STOP,
                                         .tls = tls,
                                         .home_processor = home,
                                         .host_processor = host};
    away_begin(a, &options);
}

static void go(struct away *a)
{
    struct deputy_cost cost;
    away_go(a, &cost);
}

/* ---- Calls, all of it on one processor. ---------------------------------- */

struct one_processor
{
    struct exchange ping;
    struct away plain;
    struct away tls;
    struct away home; /* Does not move. */
    struct row ping_us, bare_us, null_us, tls_us, null_home_us;
    struct row identity_us, local_us, local_home_us, clock_us, clock_home_us;
};

static void take_turn(struct one_processor *o, int turn)
{
    o->ping_us.values[turn] = exchange_us(&o->ping, CALLS);
    o->null_us.values[turn] = away_order(&o->plain, ORDER_NULL, 0, CALLS);
    o->bare_us.values[turn] = bare_call_us();
    o->tls_us.values[turn] = away_order(&o->tls, ORDER_NULL, 0, CALLS);
    o->null_home_us.values[turn] = away_order(&o->home, ORDER_NULL, 0, CALLS);
    o->identity_us.values[turn] =
        away_order(&o->plain, ORDER_IDENTITY, 0, CALLS);
    o->local_us.values[turn] = away_order(&o->plain, ORDER_LOCAL, 0, CALLS);
    o->local_home_us.values[turn] = away_order(&o->home, ORDER_LOCAL, 0, CALLS);
    o->clock_us.values[turn] = away_order(&o->plain, ORDER_CLOCK, 0, CALLS);
    o->clock_home_us.values[turn] = away_order(&o->home, ORDER_CLOCK, 0, CALLS);
}

static void print_calls(const struct one_processor *o)
{
    const struct
    {
        const char *name;
        const struct row *row;
    } rows[] = {
        {"ping_us", &o->ping_us},
        {"bare_call_us", &o->bare_us},
        {"null_call_us", &o->null_us},
        {"null_call_tls_us", &o->tls_us},
        {"null_call_home_us", &o->null_home_us},
        {"identity_call_us", &o->identity_us},
        {"local_call_us", &o->local_us},
        {"local_call_home_us", &o->local_home_us},
        {"clock_us", &o->clock_us},
        {"clock_home_us", &o->clock_home_us},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        print_figure(rows[i].name, middle(rows[i].row), "us");
}

static double kib_of(pid_t pid, const char *file, const char *name)
{
    char path[64];
    char line[128];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    FILE *text = fopen(path, "re");
    while (text && fgets(line, sizeof line, text))
        if (strncmp(line, name, strlen(name)) == 0)
            kib += strtod(line + strlen(name), NULL);
    if (text)
        fclose(text);
    return kib;
}

static double own_kib(pid_t pid)
{
    return kib_of(pid, "smaps_rollup", "Private_Dirty:") +
           kib_of(pid, "smaps_rollup", "Private_Clean:");
}

static void on_one_processor(void)
{
    static struct one_processor o;
    begin(&o.plain, false, 0, 0);
    begin(&o.tls, true, 0, 0);
    begin(&o.home, false, 0, 0);
    exchange_begin(&o.ping, PING_BYTES, PING_BYTES, 0);
    go(&o.plain);
    go(&o.tls);
    print_figure("memory_at_home_kib",
                 kib_of(o.plain.process, "status", "VmRSS:"), "KiB");
    for (int turn = 0; turn < TURNS; turn++)
        take_turn(&o, turn);
    print_calls(&o);
    print_figure("guardian_kib", own_kib(o.plain.guardian), "KiB");
    exchange_end(&o.ping);
    away_end(&o.home);
    away_end(&o.tls);
    away_end(&o.plain);
}

/* ---- Home on one processor, the host on another. ------------------------- */

static void on_two_processors(void)
{
    struct away a;
    struct exchange ping;
    struct row ping_us;
    struct row null_us;
    begin(&a, false, 0, 1);
    exchange_begin(&ping, PING_BYTES, PING_BYTES, 1);
    go(&a);
    for (int turn = 0; turn < TURNS; turn++) {
        ping_us.values[turn] = exchange_us(&ping, CALLS);
        null_us.values[turn] = away_order(&a, ORDER_NULL, 0, CALLS);
    }
    print_figure("ping_two_us", middle(&ping_us), "us");
    print_figure("null_call_two_us", middle(&null_us), "us");
    exchange_end(&ping);
    away_end(&a);
}

/* ---- Reads and writes. --------------------------------------------------- */

static void throughput_of(struct away *a, size_t bytes)
{
    struct exchange read;
    struct exchange write;
    struct row times[4];
    char name[64];
    size_t count = bytes > sizes[1] ? 30 : 500;
    static const char *const names[] = {"read", "read_tcp", "write",
                                        "write_tcp"};
    exchange_begin(&read, CALL_BYTES, bytes, 0);
    exchange_begin(&write, bytes, CALL_BYTES, 0);
    for (int turn = 0; turn < TURNS; turn++) {
        times[0].values[turn] = away_order(a, ORDER_READ, bytes, count);
        times[1].values[turn] = exchange_us(&read, count);
        times[2].values[turn] = away_order(a, ORDER_WRITE, bytes, count);
        times[3].values[turn] = exchange_us(&write, count);
    }
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s_%zu_mb_per_s", names[i], bytes / 1024);
        print_figure(name, (double)bytes / middle(&times[i]), "MB/s");
    }
    exchange_end(&read);
    exchange_end(&write);
}

/* Large calls give their memory back after a second without any. */
static void throughput(void)
{
    struct away a;
    begin(&a, false, 0, 0);
    go(&a);
    for (int i = 0; i < SIZES; i++)
        throughput_of(&a, sizes[i]);
    for (int i = 0; i < 15; i++) {
        usleep(100000);
        away_order(&a, ORDER_LOCAL, 0, 1);
    }
    print_figure("memory_at_home_after_kib",
                 kib_of(a.process, "status", "VmRSS:"), "KiB");
    away_end(&a);
}

/* ---- What is computed. --------------------------------------------------- */

/* Runs of about so many seconds, at home and away in turn. */
static void computing(int turns, double seconds)
{
    struct away away;
    struct away home;
    double ratios[COMPUTE_TURNS_LONG];
    double us;
    begin(&away, false, 0, 0);
    begin(&home, false, 0, 0);
    go(&away);
    us = away_order(&home, ORDER_COMPUTE, 0, 10000000);
    size_t steps = (size_t)(seconds * 1e6 / us);
    for (int i = 0; i < turns; i++) {
        double at_home = away_order(&home, ORDER_COMPUTE, 0, steps);
        ratios[i] = away_order(&away, ORDER_COMPUTE, 0, steps) / at_home;
    }
    print_figure("computing_away_by_home", median(ratios, (size_t)turns), "");
    away_end(&home);
    away_end(&away);
}

int main(int argc, char **argv)
{
    sigset_t children;
    bool is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    pin(0);
    on_one_processor();
    throughput();
    computing(is_long ? COMPUTE_TURNS_LONG : COMPUTE_TURNS, is_long ? 10 : 1);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
        on_two_processors();
    return EXIT_SUCCESS;
}
