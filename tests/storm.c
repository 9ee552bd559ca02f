/* storm.c - a seed makes a scenario with everything that can break, as YAML;
 * the simulator runs it twice, checking the invariants of its nodes at every
 * step. All that breaks is mended, so every process must come to an end long
 * before the run does: ended, or lost by something that explains it. Where
 * nodes crash for ever one may begin again from a checkpoint, or from nothing,
 * as long as the run lasts: it must then have done so in the second half of it.
 *
 *   storm SEED_FIRST|fresh SEED_COUNT     run so many
 *   storm --print SEED                    the scenario of one
 *
 * Exit 0: all held. 1: one did not; the command that repeats it is printed. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run.h"

enum {
    TEXT_BYTES = 8192,
    CLUSTERS_MAX = 4,
    NODES_MAX = 6,
    PROCS_MAX = 60,
    TROUBLE_S = 400, /* Faults of the list are over by then. */
    UNTIL_H = 48,
    EXIT_BROKEN = 1,
    EXIT_USAGE = 2,
};

struct storm
{
    uint64_t seed;
    uint64_t random;
    char text[TEXT_BYTES];
    size_t length;
    uint32_t cluster_count;
    uint32_t node_count;
    uint32_t proc_count;
    bool crashes; /* What may explain that a process is lost. */
    bool parts;
    bool silence;
    bool saves;
    bool postcopy;
};

/* ---- Making a scenario. -------------------------------------------------- */

static uint64_t draw(struct storm *s, uint64_t below)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % below;
}

static bool chance(struct storm *s, uint64_t percent)
{
    return draw(s, 100) < percent;
}

__attribute__((format(printf, 2, 3))) static void put(struct storm *s,
                                                      const char *format,
                                                      ...)
{
    va_list rest;
    va_start(rest, format);
    s->length += (size_t)vsnprintf(s->text + s->length, TEXT_BYTES - s->length,
                                   format, rest);
    va_end(rest);
    if (s->length >= TEXT_BYTES)
        abort();
}

static void make_platform(struct storm *s)
{
    s->cluster_count = 1 + (uint32_t)draw(s, CLUSTERS_MAX);
    put(s, "clusters:\n");
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        uint32_t nodes = 1 + (uint32_t)draw(s, NODES_MAX);
        put(s,
            "  c%u: {nodes: %u, cores: %u, speed: %s, memory: 4 GiB, swap: 4 "
            "GiB}\n",
            i, nodes, 1 + (uint32_t)draw(s, 2), chance(s, 50) ? "1.0" : "1.5");
        s->node_count += nodes;
    }
    if (s->cluster_count > 1)
        put(s, "wan:\n");
    for (uint32_t i = 1; i < s->cluster_count; i++)
        put(s,
            "  - {between: [c%u, c%u], bandwidth: %u Mbps, latency: %u ms}\n",
            (uint32_t)draw(s, i), i, 10 + (uint32_t)draw(s, 990),
            1 + (uint32_t)draw(s, 50));
}

static void make_load(struct storm *s)
{
    static const char *const modes[] = {"stop", "precopy", "postcopy"};
    uint64_t mode = draw(s, 3);
    s->postcopy = mode == 2;
    s->proc_count = 1 + (uint32_t)draw(s, PROCS_MAX);
    put(s, "migration: {mode: %s, fixed: %u ms}\nprocess: {calls: %u /s}\n",
        modes[mode], (uint32_t)draw(s, 500), (uint32_t)draw(s, 100));
    put(s,
        "workload:\n  poisson: {rate: %u /min, count: %u, cpu: {exponential: "
        "%u s}, memory: %u MiB, home: %s}\n",
        6 + (uint32_t)draw(s, 30), s->proc_count, 20 + (uint32_t)draw(s, 150),
        1 + (uint32_t)draw(s, 60), chance(s, 50) ? "random" : "0");
}

static void make_policies(struct storm *s)
{
    static const char *const stacks[] = {
        "[place_home]",
        "[place_round_robin: {scope: 1}]",
        "[gossip_window, place_best]",
        "[gossip_window, balance_mosix]",
        "[gossip_vector, usher_mosix, balance_mosix]",
        "[gossip_window, balance_threshold]",
        "[gossip_window, queue_fifo, balance_lifetime]",
    };
    put(s, "policies: %s\n", stacks[draw(s, sizeof stacks / sizeof stacks[0])]);
}

static void make_laws(struct storm *s)
{
    put(s, "faults:\n  loss: 0.%02u\n  drift: %u\n", (uint32_t)draw(s, 40),
        chance(s, 50) ? (uint32_t)draw(s, 1000) : 0);
    if (chance(s, 40)) {
        put(s, "  node_mtbf: %u s\n  repair: %u s\n  home-crash: %s\n",
            400 + (uint32_t)draw(s, 2000), 1 + (uint32_t)draw(s, 300),
            chance(s, 70) ? "yes" : "no");
        s->crashes = true;
    }
    if (chance(s, 30))
        put(s, "  lost-after: %u s\n", 30 + (uint32_t)draw(s, 200));
    else if (chance(s, 30))
        put(s, "  home-lost-after: %u s\n", 30 + (uint32_t)draw(s, 200));
    s->silence = strstr(s->text, "lost-after") != NULL;
}

static void put_nodes(struct storm *s)
{
    if (chance(s, 20))
        put(s, "c%u", (uint32_t)draw(s, s->cluster_count));
    else
        put(s, "%u", (uint32_t)draw(s, s->node_count));
}

static void put_link(struct storm *s)
{
    /* The link that was made for that cluster, as the text has it. */
    char end[32];
    uint32_t far = 1 + (uint32_t)draw(s, s->cluster_count - 1);
    snprintf(end, sizeof end, ", c%u], b", far);
    const char *at = strstr(s->text, end);
    while (*at != '[')
        at--;
    put(s, "%.*s", (int)(strchr(at, ']') + 1 - at), at);
}

static void put_sides(struct storm *s)
{
    uint32_t edge = 1 + (uint32_t)draw(s, s->cluster_count - 1);
    put(s, "[[");
    for (uint32_t i = 0; i < s->cluster_count; i++)
        put(s, "%sc%u", i == 0 ? "" : i == edge ? "], [" : ", ", i);
    put(s, "]]");
}

static void make_list(struct storm *s)
{
    uint64_t count = 2 + draw(s, 12);
    put(s, "  list:\n");
    for (uint64_t i = 0; i < count; i++) {
        uint32_t at = (uint32_t)draw(s, TROUBLE_S);
        uint64_t kind = draw(s, s->cluster_count > 1 ? 5 : 3);
        put(s, "    - {at: %u s, for: %u s, ", at,
            1 + (uint32_t)draw(s, TROUBLE_S - at));
        if (kind == 0) {
            put(s, "crash: ");
            put_nodes(s);
            s->crashes = true;
        } else if (kind == 1) {
            put(s, "factor: 0.%u, slow: ", 1 + (uint32_t)draw(s, 9));
            put_nodes(s);
        } else if (kind == 2) {
            put(s, "loss: 0.%02u", (uint32_t)draw(s, 100));
        } else {
            put(s, kind == 3 ? "cut: " : "partition: ");
            kind == 3 ? put_link(s) : put_sides(s);
            s->parts = true;
        }
        put(s, "}\n");
    }
}

static void make(struct storm *s, uint64_t seed)
{
    *s = (struct storm){.seed = seed, .random = seed};
    put(s, "vencejo: 1\nname: storm\nseed: %" PRIu64 "\nuntil: %d h\n", seed,
        UNTIL_H);
    make_platform(s);
    make_laws(s);
    if (chance(s, 80))
        make_list(s);
    s->saves = chance(s, 60);
    if (s->saves)
        put(s,
            "checkpoint: {every: %u s, keep: %u, on: %s, restart-after-home: "
            "%s}\n",
            1 + (uint32_t)draw(s, 60), 1 + (uint32_t)draw(s, 3),
            chance(s, 50) ? "home" : "server", chance(s, 50) ? "yes" : "no");
    make_load(s);
    make_policies(s);
}

/* ---- Judging a run. ------------------------------------------------------ */

struct process_seen
{
    uint64_t submitted_us;
    uint64_t work_us;
    uint32_t submits;
    uint32_t ends;
    uint64_t restarted_us;
    bool over;
};

struct seen
{
    const struct storm *storm;
    struct process_seen processes[PROCS_MAX + 1]; /* By number, from 1. */
    bool down[CLUSTERS_MAX * NODES_MAX];          /* It ever was. */
    uint64_t hash;
    char wrong[640]; /* Empty: nothing yet. */
};

__attribute__((format(printf, 3, 4))) static void wrong(struct seen *seen,
                                                        const struct record *r,
                                                        const char *format,
                                                        ...)
{
    va_list rest;
    if (seen->wrong[0])
        return;
    int length = snprintf(seen->wrong, sizeof seen->wrong,
                          "%" PRIu64 " us, node %u, process %" PRIu64 ": ",
                          r->at_us, r->node, r->proc);
    va_start(rest, format);
    vsnprintf(seen->wrong + length, sizeof seen->wrong - (size_t)length, format,
              rest);
    va_end(rest);
}

/* Could it come to that? */
static bool explained(const struct seen *seen, const struct record *r)
{
    const struct storm *s = seen->storm;
    node_id home = (node_id)(r->proc >> 32);
    bool fell = seen->down[home] || seen->down[r->node] ||
                (r->kind == RECORD_LOST && r->peer < s->node_count &&
                 seen->down[r->peer]);
    return (s->crashes && fell) || s->silence || (s->parts && s->postcopy);
}

static void judge_process(struct seen *seen, const struct record *r)
{
    struct process_seen *p = &seen->processes[(uint32_t)r->proc];
    const uint64_t *v = r->values;
    switch (r->kind) {
        case RECORD_SUBMIT:
            p->submitted_us = r->at_us;
            p->work_us = v[SUBMIT_WORK_US];
            if (++p->submits > 1)
                wrong(seen, r, "it is submitted twice");
            break;
        case RECORD_ENDED:
            /* The fastest core has a speed of 1.5. */
            if (++p->ends > 1)
                wrong(seen, r, "it ends twice");
            if ((double)(r->at_us - p->submitted_us + 2) <
                (double)p->work_us / 1.5)
                wrong(seen, r, "it ends too early");
            p->over = true;
            break;
        case RECORD_LOST:
        case RECORD_KILLED:
            if (!p->over && !explained(seen, r))
                wrong(seen, r, "it is lost: %s", r->why);
            p->over = true;
            break;
        case RECORD_CHECKPOINT:
            if (!seen->storm->saves || v[CHECKPOINT_DONE_US] > p->work_us)
                wrong(seen, r, "a checkpoint that cannot be");
            break;
        case RECORD_RESTART:
            if (!seen->storm->saves || v[RESTART_LOST_US] > p->work_us ||
                p->over)
                wrong(seen, r, "it cannot begin again");
            p->restarted_us = r->at_us;
            break;
        default:
            break;
    }
}

static void take(void *sink, const struct record *r)
{
    struct seen *seen = sink;
    static char line[RECORD_LINE_BYTES_MAX];
    size_t length = journal_format(r, line);
    for (size_t i = 0; i < length; i++)
        seen->hash = (seen->hash ^ (uint8_t)line[i]) * 1099511628211u;
    if (r->kind == RECORD_DOWN)
        seen->down[r->node] = true;
    if (journal_kinds[r->kind].has_proc && r->proc != 0)
        judge_process(seen, r);
}

static void judge_end(struct seen *seen, const struct run_result *result)
{
    struct record r = {.at_us = (usec_t)(result->end_s * 1e6), .why = ""};
    if (result->breach.name)
        wrong(seen, &r, "%s: node %u, process %" PRIu64 ": %s",
              result->breach.name, result->breach.node, result->breach.proc,
              result->breach.what);
    uint32_t restarting = 0;
    for (uint32_t i = 1; i <= seen->storm->proc_count; i++) {
        const struct process_seen *p = &seen->processes[i];
        if (p->over)
            continue;
        if (seen->storm->crashes && p->restarted_us > r.at_us / 2)
            restarting++;
        else
            wrong(seen, &r, "process %u of the workload has no outcome", i);
    }
    if (result->gone_count + restarting != result->process_count)
        wrong(seen, &r, "%u of %u processes never came to an end",
              result->process_count - result->gone_count - restarting,
              result->process_count);
}

/* ---- Running. ------------------------------------------------------------ */

static void run(const struct storm *storm, struct seen *ret_seen)
{
    struct scenario *scenario;
    struct complaint complaint = {.line = 0};
    struct workload *traces;
    struct world *world;
    *ret_seen = (struct seen){.storm = storm};
    if (scenario_parse(storm->text, storm->length, "storm", NULL, 0, &scenario,
                       &complaint) ||
        run_traces_read(scenario, &traces, &complaint) ||
        world_create(scenario, traces, storm->seed, &world, &complaint)) {
        snprintf(ret_seen->wrong, sizeof ret_seen->wrong, "%zu:%zu: %s",
                 complaint.line, complaint.column, complaint.text);
        return;
    }
    struct record_sink sink = {.take = take, .sink = ret_seen};
    struct run_result result;
    world_check(world);
    world_run(world, &sink, NULL, &result);
    judge_end(ret_seen, &result);
    world_destroy(world);
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
}

/* In a process of its own, since SimGrid runs one simulation in a program; it
 * leaves by exit(), so that leaks are seen. False: it died. */
static bool run_apart(const struct storm *storm, struct seen *ret_seen)
{
    int ends[2], status;
    if (pipe(ends) < 0)
        abort();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run(storm, ret_seen);
        bool sent = write(ends[1], ret_seen, sizeof *ret_seen) ==
                    (ssize_t)sizeof *ret_seen;
        exit(sent ? 0 : 1);
    }
    close(ends[1]);
    size_t got = 0;
    for (ssize_t n = 1; n > 0 && got < sizeof *ret_seen;) {
        n = read(ends[0], (char *)ret_seen + got, sizeof *ret_seen - got);
        got += n > 0 ? (size_t)n : 0;
    }
    close(ends[0]);
    waitpid(pid, &status, 0);
    return got == sizeof *ret_seen && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool weather(uint64_t seed)
{
    static struct storm storm;
    static struct seen seen, again;
    make(&storm, seed);
    const char *what = NULL;
    if (!run_apart(&storm, &seen) || !run_apart(&storm, &again))
        what = "the run died, or lost memory";
    else if (seen.wrong[0])
        what = seen.wrong;
    else if (seen.hash != again.hash)
        what = "the same seed gave two journals";
    if (what)
        printf("storm %" PRIu64 " 1: %s\n", seed, what);
    return !what;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr,
                "usage: storm SEED_FIRST|fresh SEED_COUNT\n"
                "       storm --print SEED\n");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--print") == 0) {
        static struct storm storm;
        make(&storm, strtoull(argv[2], NULL, 10));
        fputs(storm.text, stdout);
        return 0;
    }
    uint64_t first = strtoull(argv[1], NULL, 10);
    if (strcmp(argv[1], "fresh") == 0 &&
        getrandom(&first, sizeof(uint32_t), 0) != sizeof(uint32_t))
        return EXIT_BROKEN;
    uint64_t count = strtoull(argv[2], NULL, 10);
    uint64_t broken = 0;
    for (uint64_t i = 0; i < count; i++)
        broken += !weather(first + i);
    printf("%" PRIu64 " storms from seed %" PRIu64 ", %" PRIu64 " broken\n",
           count, first, broken);
    return broken > 0 ? EXIT_BROKEN : 0;
}
