/* test_scenario.c - what a scenario says arrives, and comes back as it was. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parsed.h"

#define SMALL(workload) \
    "vencejo: 1\nclusters: {lab: {nodes: 4}}\nworkload: " workload "\n"

static char *print(const struct scenario *scenario)
{
    char *text = NULL;
    CU_ASSERT_EQUAL_FATAL(scenario_print(scenario, &text), 0);
    return text;
}

static void example(void)
{
    struct scenario *s = parse(
        "vencejo: 1\nname: sixteen\nseed: 7\nclusters:\n"
        "  lab: {nodes: 16, cores: 1, speed: 1.0, memory: 512 MiB, swap: 1 "
        "GiB, link: {bandwidth: 1 Gbps, latency: 50 us}}\n"
        "wan: []                        # links between clusters\n"
        "migration: {mode: precopy, fixed: 50 ms}\nworkload:\n"
        "  batch: {count: 36, cpu: 300 s, memory: 20 MiB}        # all\n"
        "policies:\n  - gossip_vector: {size: 16, period: 1 s}\n"
        "  - balance_mosix\n");
    CU_ASSERT_STRING_EQUAL(s->name, "sixteen");
    CU_ASSERT_EQUAL(s->seed, 7);
    CU_ASSERT_EQUAL_FATAL(s->cluster_count, 1);
    CU_ASSERT_EQUAL(s->node_count, 16);
    const struct scenario_cluster *lab = &s->clusters[0];
    CU_ASSERT_STRING_EQUAL(lab->name, "lab");
    CU_ASSERT_EQUAL(lab->node_count, 16);
    CU_ASSERT_EQUAL(lab->core_count, 1);
    CU_ASSERT_EQUAL(lab->speed_milli, 1000);
    CU_ASSERT_EQUAL(lab->mem_bytes, 512u << 20);
    CU_ASSERT_EQUAL(lab->swap_bytes, 1u << 30);
    CU_ASSERT_EQUAL(lab->link.bytes_per_s, 125e6);
    CU_ASSERT_EQUAL(lab->link.latency_s, 50e-6);
    CU_ASSERT_FALSE(lab->has_backbone);
    CU_ASSERT_EQUAL(s->migration.mode, MOVE_PRECOPY);
    CU_ASSERT_EQUAL(s->migration.fixed_s, 0.05);
    CU_ASSERT_EQUAL_FATAL(s->load_count, 1);
    const struct scenario_load *batch = &s->loads[0];
    CU_ASSERT_EQUAL(batch->kind, LOAD_BATCH);
    CU_ASSERT_EQUAL(batch->count, 36);
    CU_ASSERT_EQUAL(batch->at_us, 0);
    CU_ASSERT_EQUAL(batch->home.rule, HOME_ROUND_ROBIN);
    CU_ASSERT_EQUAL(batch->cpu.kind, LAW_FIXED);
    CU_ASSERT_EQUAL(batch->cpu.a, 300e6);
    CU_ASSERT_EQUAL(batch->mem.a, 20 << 20);
    CU_ASSERT_EQUAL_FATAL(s->policy_count, 2);
    CU_ASSERT_STRING_EQUAL(s->policies[0].policy->name, "gossip_vector");
    CU_ASSERT_EQUAL(param(&s->policies[0], "size"), 16);
    CU_ASSERT_EQUAL(param(&s->policies[0], "period_us"), 1000000);
    CU_ASSERT_STRING_EQUAL(s->policies[1].policy->name, "balance_mosix");
    scenario_destroy(s);
}

static void defaults(void)
{
    struct scenario *s = parse(SMALL("{batch: {count: 1, cpu: 1 s}}"));
    CU_ASSERT_EQUAL(s->engine, ENGINE_VENCEJO);
    CU_ASSERT_EQUAL(s->network, NETWORK_CM02);
    CU_ASSERT_EQUAL(s->information, INFORMATION_GOSSIP);
    CU_ASSERT_TRUE(isinf(s->until_s));
    CU_ASSERT_EQUAL(s->sample_us, 1000000);
    CU_ASSERT_EQUAL(s->board_max, 128);
    CU_ASSERT_EQUAL(s->memory.model, THRASH_FACTOR);
    CU_ASSERT_EQUAL(s->memory.factor, 10);
    CU_ASSERT_EQUAL(s->memory.when_full, SWAP_FULL_KILL);
    CU_ASSERT_EQUAL(s->policy_count, 0);
    CU_ASSERT_EQUAL(s->wan_count, 0);
    /* What the workload does not say, the process does. */
    CU_ASSERT_EQUAL(s->loads[0].mem.kind, LAW_FIXED);
    CU_ASSERT_EQUAL(s->loads[0].mem.a, (double)s->process.mem_bytes);
    scenario_destroy(s);
}

static void laws(void)
{
    static const struct
    {
        const char *text;
        struct law law;
    } rows[] = {
        {"2 min", {.kind = LAW_FIXED, .a = 120e6}},
        {"{exponential: 10 s}", {.kind = LAW_EXPONENTIAL, .a = 10e6}},
        {"{uniform: [1 s, 5 s]}", {.kind = LAW_UNIFORM, .a = 1e6, .b = 5e6}},
        {"{pareto: {min: 1 s, max: 600 s, index: 1.0}}",
         {.kind = LAW_BOUNDED_PARETO, .a = 1e6, .b = 600e6, .index = 1}},
        {"{lognormal: {median: 3 s, sigma: 0.5}}",
         {.kind = LAW_LOGNORMAL, .a = 3e6, .index = 0.5}},
        {"{hyperexponential: {short: 1 s, long: 60 s, share: 90 %}}",
         {.kind = LAW_HYPEREXPONENTIAL, .a = 1e6, .b = 60e6, .index = 0.9}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[400];
        snprintf(text, sizeof text, SMALL("{batch: {count: 1, cpu: %s}}"),
                 rows[i].text);
        struct scenario *s = parse(text);
        const struct law *read = &s->loads[0].cpu;
        CU_ASSERT_EQUAL(read->kind, rows[i].law.kind);
        CU_ASSERT_EQUAL(read->a, rows[i].law.a);
        CU_ASSERT_EQUAL(read->b, rows[i].law.b);
        CU_ASSERT_EQUAL(read->index, rows[i].law.index);
        scenario_destroy(s);
    }
}

static void superposed(void)
{
    struct scenario *s = parse(SMALL(
        "\n  - poisson: {rate: 2 /s, span: 1 h, cpu: 1 s, users: 3}\n"
        "  - batch: {count: 5, cpu: 1 s, at: 10 min, home: 3}\n"
        "    trace: {file: /dev/null, home: partition, arrivals: open, "
        "scale-load: 0.7, rotate: true, cut: [10 s, end], count: 99, "
        "parallel: refuse, lenient: true, format: csv, columns: \"submit=a\"}\n"
        "  - poisson: {load: 0.5, count: 7, cpu: 1 s, home: user}\n"));
    CU_ASSERT_EQUAL_FATAL(s->load_count, 4);
    const struct scenario_load *l = s->loads;
    CU_ASSERT_EQUAL(l[0].kind, LOAD_POISSON);
    CU_ASSERT_EQUAL(l[0].rate_per_s, 2);
    CU_ASSERT_EQUAL(l[0].load_share, 0);
    CU_ASSERT_EQUAL(l[0].span_us, 3600000000);
    CU_ASSERT_EQUAL(l[0].count, 0);
    CU_ASSERT_EQUAL(l[0].user_count, 3);
    CU_ASSERT_EQUAL(l[0].home.rule, HOME_RANDOM);
    CU_ASSERT_EQUAL(l[1].kind, LOAD_BATCH);
    CU_ASSERT_EQUAL(l[1].at_us, 600000000);
    CU_ASSERT_EQUAL(l[1].home.rule, HOME_NODE);
    CU_ASSERT_EQUAL(l[1].home.node, 3);
    CU_ASSERT_EQUAL(l[2].kind, LOAD_TRACE);
    CU_ASSERT_STRING_EQUAL(l[2].path, "/dev/null");
    CU_ASSERT_EQUAL(l[2].home.rule, HOME_PARTITION);
    CU_ASSERT_TRUE(l[2].arrivals_given);
    CU_ASSERT_EQUAL(l[2].arrivals, ARRIVALS_OPEN);
    CU_ASSERT_EQUAL(l[2].scale_load, 0.7);
    CU_ASSERT_TRUE(l[2].rotate);
    CU_ASSERT_EQUAL(l[2].options.cut_from_us, 10000000);
    CU_ASSERT_EQUAL(l[2].options.cut_until_us, UINT64_MAX);
    CU_ASSERT_EQUAL(l[2].options.max_count, 99);
    CU_ASSERT_EQUAL(l[2].options.parallel, PARALLEL_REFUSE);
    CU_ASSERT_TRUE(l[2].options.lenient);
    CU_ASSERT_EQUAL(l[2].options.format, FORMAT_CSV);
    CU_ASSERT_STRING_EQUAL(l[2].options.columns, "submit=a");
    CU_ASSERT_EQUAL(l[3].load_share, 0.5);
    CU_ASSERT_EQUAL(l[3].count, 7);
    CU_ASSERT_EQUAL(l[3].home.rule, HOME_USER);
    scenario_destroy(s);
}

static void clusters(void)
{
    struct scenario *s = parse(
        "vencejo: 1\nclusters:\n  a: {nodes: 3}\n  b: {nodes: 5, speed: 0.5, "
        "guests: 2, backbone: {bandwidth: 10 Gbps, latency: 0 s}}\n"
        "wan: [{between: [b, a], bandwidth: 100 Mbps, latency: 5 ms}]\n"
        "workload: {batch: {count: 1, cpu: 1 s, home: 7}}\n");
    CU_ASSERT_EQUAL(s->node_count, 8);
    CU_ASSERT_EQUAL(s->clusters[0].first, 0);
    CU_ASSERT_EQUAL(s->clusters[1].first, 3);
    CU_ASSERT_EQUAL(s->clusters[1].speed_milli, 500);
    CU_ASSERT_EQUAL(s->clusters[1].guest_limit, 2);
    CU_ASSERT_TRUE(s->clusters[1].has_backbone);
    CU_ASSERT_EQUAL(s->clusters[1].backbone.bytes_per_s, 1.25e9);
    CU_ASSERT_EQUAL(s->clusters[1].backbone.latency_s, 0);
    CU_ASSERT_EQUAL_FATAL(s->wan_count, 1);
    CU_ASSERT_EQUAL(s->wans[0].a, 1);
    CU_ASSERT_EQUAL(s->wans[0].b, 0);
    CU_ASSERT_EQUAL(s->wans[0].link.bytes_per_s, 12.5e6);
    CU_ASSERT_EQUAL(s->wans[0].link.latency_s, 5e-3);
    scenario_destroy(s);
}

static void platform(void)
{
    struct scenario *s = parse(
        "vencejo: 1\nplatform: /dev/null\nwan: []\n"
        "workload: {poisson: {load: 0.8, span: 1 h, cpu: 1 s}}\n");
    CU_ASSERT_STRING_EQUAL(s->platform, "/dev/null");
    CU_ASSERT_EQUAL(s->cluster_count, 0);
    CU_ASSERT_EQUAL(s->node_count, 0);
    /* The rate is not known before the platform is. */
    CU_ASSERT_EQUAL(s->loads[0].load_share, 0.8);
    char *text = print(s);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nplatform: /dev/null\n"));
    CU_ASSERT_PTR_NULL(strstr(text, "clusters"));
    scenario_destroy(parse(text));
    free(text);
    scenario_destroy(s);
}

/* Every key that is printed or not by what was given, in one text each. */
static const char *const texts[] = {
    SMALL("{batch: {count: 1, cpu: 1 s}}"),
    "vencejo: 1\nname: \"- odd: \\\"x\\\" # \\\\ é\"\nseed: "
    "18446744073709551615\nengine: simgrid\nnetwork: LV08\ninformation: "
    "perfect\nuntil: 33.3 min\nboard-age: 1 d\nage-every: 7 ms\n"
    "clusters: {a: {nodes: 1, speed: 0.333, memory: 1000 B, swap: 0 B}, "
    "b-2: {nodes: 2, backbone: {latency: 1.23456789 us}}}\n"
    "wan: [{between: [a, b-2], bandwidth: 12.3 bps, latency: 0.1 us}]\n"
    "memory: {model: paging, disk: 1 KiB/s, when-full: refuse}\n"
    "migration: {mode: postcopy, state: 3 B, stall: 33.3 %}\n"
    "process: {calls: 1 /h, io-from-trace: false}\n"
    "workload: {trace: {file: /dev/null, cut: [1 us, 2 h], home: 2}, poisson: "
    "{rate: 0.333 /min, count: 3, cpu: {pareto: {min: 1 us, max: 3 us, index: "
    "1.234567890123}}, memory: {uniform: [1 B, 7 KiB]}}}\n"
    "policies: [gossip_vector: {period: 1500 ms}]\n",
    SMALL("[{batch: {count: 1, cpu: {exponential: 3 s}}}, {batch: {count: 2, "
          "cpu: {lognormal: {median: 9 h, sigma: 1e-9}}}}]"),
    SMALL("{poisson: {load: 70 %, span: 1 h, cpu: {hyperexponential: {short: "
          "1 s, long: 10 s, share: 0.9}}}}") "policies: []\n",
    SMALL("{batch: {count: 1, cpu: 1 s}}") "policies: [place_home]\n",
    SMALL("{trace: {file: /dev/null, arrivals: closed, lenient: true}}"),
    SMALL("{trace: {file: /dev/null, rotate: true}}"),
    SMALL("{batch: {count: 1, cpu: 1 s}}") "name: '007'\n",
    SMALL("{batch: {count: 1, cpu: 1 s}}") "name: 'null'\n",
    SMALL("{batch: {count: 1, cpu: 1 s}}") "name: '[a, {b'\n",
};

static void round_trip(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct scenario *first = parse(texts[i]);
        char *once = print(first);
        struct scenario *second = parse(once);
        char *twice = print(second);
        CU_ASSERT_STRING_EQUAL(once, twice);
        CU_ASSERT_STRING_EQUAL(first->name, second->name);
        CU_ASSERT_EQUAL(first->seed, second->seed);
        CU_ASSERT_EQUAL(first->until_s, second->until_s);
        CU_ASSERT_EQUAL(
            memcmp(&first->memory, &second->memory, sizeof first->memory), 0);
        CU_ASSERT_EQUAL(memcmp(&first->migration, &second->migration,
                               sizeof first->migration),
                        0);
        CU_ASSERT_EQUAL(first->loads[0].cpu.kind, second->loads[0].cpu.kind);
        CU_ASSERT_EQUAL(first->loads[0].cpu.a, second->loads[0].cpu.a);
        CU_ASSERT_EQUAL(first->loads[0].rotate, second->loads[0].rotate);
        CU_ASSERT_EQUAL(first->loads[0].cpu.index, second->loads[0].cpu.index);
        CU_ASSERT_EQUAL(scenario_hash(first), scenario_hash(second));
        free(once);
        free(twice);
        scenario_destroy(first);
        scenario_destroy(second);
    }
}

static void hash(void)
{
    struct scenario *a = parse(SMALL("{batch: {count: 1, cpu: 1 s}}"));
    struct scenario *b = parse("# the same, written otherwise\n" SMALL(
        "\n  batch:\n    cpu: 1000 ms\n    count: 1\n    at: 0 s"));
    struct scenario *c = parse(SMALL("{batch: {count: 2, cpu: 1 s}}"));
    CU_ASSERT_EQUAL(scenario_hash(a), scenario_hash(b));
    CU_ASSERT_NOT_EQUAL(scenario_hash(a), scenario_hash(c));
    scenario_destroy(a);
    scenario_destroy(b);
    scenario_destroy(c);
}

/* A folder with a trace, the scenario in one below it. */
static void folders(void)
{
    char folder[] = "/tmp/vencejo-scenario-XXXXXX";
    char path[80];
    char *text;
    struct scenario *s = NULL;
    struct complaint complaint;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t.swf", folder);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof path, "%s/below", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/below/s.yaml", folder);
    FILE *file = fopen(path, "w");
    fputs(SMALL("{trace: {file: ../t.swf}}"), file);
    fclose(file);

    CU_ASSERT_EQUAL_FATAL(scenario_read(path, NULL, 0, &s, &complaint), 0);
    CU_ASSERT_EQUAL(access(s->loads[0].path, R_OK), 0);
    text = print(s);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "file: ../t.swf\n"));
    free(text);
    CU_ASSERT_EQUAL(scenario_print_for(s, folder, &text), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "file: t.swf\n"));
    free(text);
    CU_ASSERT_EQUAL(scenario_print_for(s, "/usr/lib", &text), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "file: ../../tmp/vencejo-scenario-"));
    free(text);
    scenario_destroy(s);

    setenv("VENCEJO_TRACES", folder, 1);
    s = parse(SMALL("{trace: {file: $VENCEJO_TRACES/t.swf}}"));
    CU_ASSERT_EQUAL(access(s->loads[0].path, R_OK), 0);
    CU_ASSERT_EQUAL(scenario_print_for(s, folder, &text), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "file: \"$VENCEJO_TRACES/t.swf\"\n"));
    free(text);
    scenario_destroy(s);

    unlink(path);
    snprintf(path, sizeof path, "%s/below", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/t.swf", folder);
    unlink(path);
    rmdir(folder);
}

static void policy_texts(void)
{
    struct complaint complaint;
    struct scenario *s = parse(SMALL("{batch: {count: 1, cpu: 1 s}}"));
    CU_ASSERT_EQUAL(
        scenario_set_policies(s, "gossip_vector:size=8:period=2 s, place_home",
                              &complaint),
        0);
    CU_ASSERT_EQUAL_FATAL(s->policy_count, 2);
    CU_ASSERT_EQUAL(param(&s->policies[0], "size"), 8);
    CU_ASSERT_EQUAL(param(&s->policies[0], "period_us"), 2000000);
    char *text = scenario_policies_text(s);
    CU_ASSERT_STRING_EQUAL(text, "gossip_vector:size=8:period=2s,place_home");
    /* As written it is read back. */
    CU_ASSERT_EQUAL(scenario_set_policies(s, text, &complaint), 0);
    char *again = scenario_policies_text(s);
    CU_ASSERT_STRING_EQUAL(text, again);
    free(again);

    static const struct
    {
        const char *list;
        size_t column;
        const char *message;
    } bad[] = {
        {"gossip_vector,place_hom", 15, "did you mean 'place_home'?"},
        {"gossip_vector:size", 15, "'size' has no value, write key=value"},
        {"gossip_vector:size=", 20, "is not a whole number"},
        {"gossip_vector:siz=8", 15, "did you mean 'size'?"},
        {"gossip_vector:period=1", 22, "has no unit"},
        {"gossip_vector:size=8:size=9", 22, "given twice"},
        {"place_home,place_home", 12, "is in the list twice"},
        {"place_home,", 12, "unknown policy ''"},
        {"a,b,c,d,e,f,g,h,i", 17, "more than 8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(scenario_set_policies(s, bad[i].list, &complaint),
                        -EINVAL);
        CU_ASSERT_STRING_EQUAL(complaint.file, "--policies");
        CU_ASSERT_EQUAL(complaint.column, bad[i].column);
        CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, bad[i].message));
    }
    again = scenario_policies_text(s);
    CU_ASSERT_STRING_EQUAL(text, again);
    free(again);
    free(text);
    CU_ASSERT_EQUAL(scenario_set_policies(s, "", &complaint), 0);
    CU_ASSERT_EQUAL(s->policy_count, 0);
    scenario_destroy(s);
}

static void shipped(void)
{
    static const char *const names[] = {
        "sixteen",        "lisidi-lab",         "two-clusters",
        "student-lab",    "nightly-reboot",     "campus-grid",
        "memory-squeeze", "cluster-disconnect", "slow-and-fast-nodes",
        "queue-storm",    "home-death",         "partition-and-heal",
        "wan-grid",       "flash-crowd"};
    const char *source = getenv("SOURCE");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        struct scenario *s = NULL;
        struct complaint complaint;
        snprintf(path, sizeof path, "%s/scenarios/%s.yaml",
                 source ? source : ".", names[i]);
        int error = scenario_read(path, NULL, 0, &s, &complaint);
        if (error)
            printf("\n%s:%zu:%zu: %s\n", complaint.file, complaint.line,
                   complaint.column, complaint.text);
        CU_ASSERT_EQUAL_FATAL(error, 0);
        CU_ASSERT_STRING_EQUAL(s->name, names[i]);
        scenario_destroy(s);
    }
}

SUITE_MAIN("scenarios",
           {"the first example says what it says", example},
           {"what is not said has its default", defaults},
           {"laws are read with their values", laws},
           {"loads are superposed in the order written", superposed},
           {"nodes are numbered through clusters, links join them", clusters},
           {"a platform stands in place of clusters", platform},
           {"what is printed reads back as the same", round_trip},
           {"the hash is of what it says, not of how", hash},
           {"files are relative to the scenario's folder or that of traces",
            folders},
           {"policies are read from and written as one word", policy_texts},
           {"the shipped scenarios are read without complaint", shipped})
