/* What a workload becomes: dates, homes, and what is refused. */
#include <sys/resource.h>

#include "story.h"
#include "traces/pages.h"

#define LAB "vencejo: 1\nclusters: {lab: {nodes: 3}}\n"
#define TRACE LAB "workload: {trace: {file: %s, "

/* Two bursts and a lone job: date in s, CPU time in ms, user. */
static const char bursts[] =
    "submit,cpu,user\n0,0.011,1\n0.5,0.012,2\n1,0.013,3\n1.25,0.014,1\n"
    "40,0.015,2\n40.1,0.016,3\n40.1,0.017,1\n41,0.018,2\n90,0.019,3\n";
enum { JOBS = 9 };
static const uint64_t span_us = 90000000 + 90000000 / (JOBS - 1);

static const char chain[] = "submit,cpu,after,think\n0,1,,\n5,1,1,2\n9,1,2,2\n";

/* Run a scenario whose text names the file where %s stands, with this content.
 * The caller frees it. */
static struct story *story_of(const char *content,
                              const char *ending,
                              const char *text,
                              uint64_t seed)
{
    char path[] = "/tmp/vencejo-arrivals-XXXXXX.csv";
    char whole[1024];
    memcpy(path + sizeof path - sizeof ".csv", ending, sizeof ".csv");
    int file = mkstemps(path, sizeof ".csv" - 1);
    CU_ASSERT_FATAL(file >= 0);
    FILE *out = fdopen(file, "w");
    fputs(content, out);
    fclose(out);
    char *place = strstr(text, "%s");
    CU_ASSERT_PTR_NOT_NULL_FATAL(place);
    snprintf(whole, sizeof whole, "%.*s%s%s", (int)(place - text), text, path,
             place + 2);
    struct story *s = story(whole, seed);
    unlink(path);
    return s;
}

/* Records of the submissions by the job, from 0. */
static void submits_of(const struct story *s, const struct record **ret_jobs)
{
    CU_ASSERT_EQUAL_FATAL(story_count(s, RECORD_SUBMIT), JOBS);
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == RECORD_SUBMIT)
            ret_jobs[s->records[i].values[SUBMIT_JOB] - 1] = &s->records[i];
}

/* The offset that was added to all dates of `base`, which has this span. */
static uint64_t offset_between(const struct story *base,
                               const struct story *turned,
                               uint64_t base_span_us)
{
    const struct record *was[JOBS] = {0}, *is[JOBS] = {0};
    submits_of(base, was);
    submits_of(turned, is);
    uint64_t offset_us =
        (is[0]->at_us + base_span_us - was[0]->at_us) % base_span_us;
    for (size_t i = 0; i < JOBS; i++) {
        CU_ASSERT_EQUAL(is[i]->at_us,
                        (was[i]->at_us + offset_us) % base_span_us);
        CU_ASSERT_EQUAL(is[i]->node, was[i]->node);
        CU_ASSERT_EQUAL(is[i]->values[SUBMIT_USER],
                        was[i]->values[SUBMIT_USER]);
        CU_ASSERT_EQUAL(is[i]->values[SUBMIT_WORK_US],
                        was[i]->values[SUBMIT_WORK_US]);
    }
    return offset_us;
}

static void rotated_by_seed(void)
{
    enum { SEEDS = 4 };
    uint64_t offsets_us[SEEDS];
    struct story *base = story_of(bursts, ".csv", TRACE "home: user}}\n", 1);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct story *s = story_of(bursts, ".csv",
                                   TRACE "home: user, rotate: true}}\n", seed);
        offsets_us[seed] = offset_between(base, s, span_us);
        CU_ASSERT_NOT_EQUAL(offsets_us[seed], 0);
        for (uint64_t i = 0; i < seed; i++)
            CU_ASSERT_NOT_EQUAL(offsets_us[i], offsets_us[seed]);
        free(s);
    }
    free(base);
}

static void rotated_alike_for_every_stack(void)
{
    struct story *nobody =
        story_of(bursts, ".csv", TRACE "rotate: true}}\n", 5);
    struct story *all = story_of(bursts, ".csv",
                                 TRACE
                                 "rotate: true}}\npolicies: "
                                 "[gossip_window, balance_lifetime]\n",
                                 5);
    CU_ASSERT_EQUAL(offset_between(nobody, all, span_us), 0);
    free(nobody);
    free(all);
}

/* 135 ms of work on three cores: a load of 0.001 is a span of 45 s, half of
 * what was recorded. */
static void rotated_and_scaled(void)
{
    static const char scaled[] = TRACE "home: user, scale-load: 0.001}}\n";
    static const char both[] =
        TRACE "home: user, scale-load: 0.001, rotate: true}}\n";
    struct story *plain = story_of(bursts, ".csv", TRACE "home: user}}\n", 1);
    struct story *base = story_of(bursts, ".csv", scaled, 1);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct story *turned = story_of(
            bursts, ".csv", TRACE "home: user, rotate: true}}\n", seed);
        struct story *s = story_of(bursts, ".csv", both, seed);
        double half = (double)offset_between(base, s, span_us / 2);
        double whole = (double)offset_between(plain, turned, span_us);
        CU_ASSERT_DOUBLE_EQUAL(half, whole / 2, 2);
        free(s);
        free(turned);
    }
    free(plain);
    free(base);
}

/* ---- What is refused. ---------------------------------------------------- */

static const char one_of_each[] =
    "submit,cpu,user,partition,number\n0,1,1,1,11\n1,1,,3,12\n2,1,2,,13\n";

static const struct
{
    const char *content;
    const char *text;
    const char *message; /* "" if it must run. */
} rows[] = {
    {chain, TRACE "scale-load: 0.5}}\n",
     "scale-load: jobs of this load wait for the ends of others, so they do "
     "not arrive on the dates that scale-load makes; use arrivals: open"},
    {chain, TRACE "rotate: true}}\n", "use arrivals: open"},
    {chain, TRACE "scale-load: 0.5, rotate: true, arrivals: open}}\n", ""},
    {"submit,cpu\n3,1\n3,1\n", TRACE "rotate: true}}\n",
     "rotate: the trace has no span to turn"},
    {one_of_each, TRACE "home: user}}\n",
     "home: user: job 12 has no user; choose home: round-robin or random"},
    {"submit,cpu,user\n0,1,0\n1,1,7\n", TRACE "home: user}}\n", ""},
    {one_of_each, TRACE "home: partition}}\n",
     "home: partition: job 13 has no partition; choose home: user"},
    {one_of_each,
     "vencejo: 1\nclusters: {lab: {nodes: 2}}\n"
     "workload: {trace: {file: %s, home: partition}}\n",
     "home: partition: job 12 is of partition 3, the platform has 2 nodes, "
     "and partition 1 is the first; choose home: user"},
    {"submit,cpu,width\n0,1,4000000000\n", TRACE "home: random}}\n",
     "workload: 4000000000 processes, a run has room for 100000000; cut the "
     "trace"},
};

static void refused_with_a_reason(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story *s = story_of(rows[i].content, ".csv", rows[i].text, 1);
        bool ran = s->complaint[0] == '\0';
        bool good = rows[i].message[0] == '\0'
                        ? ran
                        : strstr(s->complaint, rows[i].message) != NULL;
        if (!good)
            printf("expected %s\nheard %s\n", rows[i].message, s->complaint);
        CU_ASSERT_TRUE(good);
        free(s);
    }
}

/* Nodes of a platform are only counted when it is loaded. */
static void home_beyond_the_platform(void)
{
    static const char platform[] =
        "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
        "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n"
        "<zone id=\"world\" routing=\"Full\">\n<host id=\"a\" speed=\"1Gf\">"
        "<prop id=\"memory\" value=\"1 GiB\"/><prop id=\"swap\" value=\"1 "
        "GiB\"/></host>\n</zone>\n</platform>\n";
    struct story *s = story_of(platform, ".xml",
                               "vencejo: 1\nplatform: %s\nworkload: {batch: "
                               "{count: 1, cpu: 1 s, home: 7}}\n",
                               1);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        s->complaint,
        "home: there is no node 7, the platform has nodes 0 to 0; name one"));
    free(s);
}

static unsigned long address_space_pages(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fscanf(file, "%lu", &pages), 1);
    fclose(file);
    return pages;
}

/* 90 million processes fit no address space of 2 GiB. A sanitizer has taken
 * terabytes of it: there nothing can be limited. */
static void lack_of_memory_is_the_workloads(void)
{
    enum { PAGES_MAX = 1 << 18 };
    if (PAGES_MAX < address_space_pages())
        return;
    struct rlimit was;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_AS, &was), 0);
    struct rlimit less = {.rlim_cur = 2ul << 30, .rlim_max = was.rlim_max};
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_AS, &less), 0);
    struct story *s = story_of("submit,cpu,width\n0,1,90000000\n", ".csv",
                               TRACE "home: random}}\n", 1);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_AS, &was), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        s->complaint, "workload: not enough memory for 90000000 processes"));
    free(s);
}

/* ---- What a seed changes. ------------------------------------------------ */

static const struct
{
    const char *text;
    bool vary;
} workloads[] = {
    {"{trace: {file: /dev/null, format: swf, home: user}}", false},
    {"{trace: {file: /dev/null, format: swf, home: partition}}", false},
    {"{trace: {file: /dev/null, format: swf, home: 2, scale-load: 2}}", false},
    {"{trace: {file: /dev/null, format: swf, home: round-robin}}", false},
    {"{trace: {file: /dev/null, format: swf}}", true},
    {"{trace: {file: /dev/null, format: swf, home: 2, rotate: true}}", true},
    {"{batch: {count: 9, cpu: 1 s}}", false},
    {"{batch: {count: 9, cpu: 1 s, home: random}}", true},
    {"{batch: {count: 9, cpu: {exponential: 1 s}}}", true},
    {"{batch: {count: 9, cpu: 1 s, memory: {uniform: [1 MiB, 2 MiB]}}}", true},
    {"{poisson: {rate: 1 /s, count: 9, cpu: 1 s, home: 1}}", true},
    {"[{batch: {count: 9, cpu: 1 s}}, {batch: {count: 9, cpu: 1 s, home: "
     "random}}]",
     true},
};

static void whether_seeds_differ_is_known(void)
{
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        char text[400];
        struct scenario *s = NULL;
        struct complaint complaint;
        snprintf(text, sizeof text, LAB "workload: %s\n", workloads[i].text);
        CU_ASSERT_EQUAL_FATAL(
            scenario_parse(text, strlen(text), "it", NULL, 0, &s, &complaint),
            0);
        CU_ASSERT_EQUAL(arrivals_vary(s), workloads[i].vary);
        scenario_destroy(s);
    }
}

#define TWO                                                                 \
    "vencejo: 1\nclusters: {a: {nodes: 3, later: 1}, b: {nodes: 4, later: " \
    "2}}\n"

static void homes_in_one_cluster(void)
{
    /* Nodes 0 and 1 are those of a that are there, 3 and 4 those of b; the jobs
     * of the first load have two processes. */
    static const node_id homes[] = {3, 3, 4, 4, 3, 3};
    static const node_id spread[] = {0, 1, 3, 4, 0, 1};
    struct scenario *scenario = NULL;
    struct complaint complaint;
    const char *text = TWO
        "workload: [batch: {count: 3, cpu: 1 s, home: b, width: 2, user: 5},\n"
        "  batch: {count: 6, cpu: 1 s}]\n";
    CU_ASSERT_EQUAL_FATAL(scenario_parse(text, strlen(text), "it", NULL, 0,
                                         &scenario, &complaint),
                          0);
    /* Runs refuse `later` so far: what arrives does not depend on it. */
    struct world world = {
        .scenario = scenario, .seed = 1, .machine_count = scenario->node_count};
    struct workload none[2] = {{0}};
    CU_ASSERT_EQUAL_FATAL(arrivals_make(&world, none, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(world.process_count, 12);
    CU_ASSERT_EQUAL_FATAL(world.job_count, 9);
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(world.processes[i].home, homes[i]);
        CU_ASSERT_EQUAL(world.processes[i].job, i / 2);
        CU_ASSERT_EQUAL(world.jobs[i / 2].user, 5);
        CU_ASSERT_EQUAL(world.processes[6 + i].home, spread[i]);
        CU_ASSERT_EQUAL(world.jobs[3 + i].user, 0);
    }
    pages_give(world.processes, world.process_room * sizeof(struct process));
    pages_give(world.jobs, world.job_room * sizeof(struct job_state));
    free(world.due);
    scenario_destroy(scenario);
}

static void wishes_reach_the_node(void)
{
    struct scenario *scenario = NULL;
    struct complaint complaint;
    struct world *world;
    struct proc_info info;
    const char *text = LAB
        "until: 1 h\nworkload: [batch: {count: 1, cpu: 1 s}, batch: {count: 1, "
        "cpu: 1 s, width: 2, priority: 7, group: 9, native: yes, held: yes, "
        "class: 3}]\n";
    CU_ASSERT_EQUAL_FATAL(scenario_parse(text, strlen(text), "it", NULL, 0,
                                         &scenario, &complaint),
                          0);
    struct workload none[2] = {{0}};
    CU_ASSERT_EQUAL_FATAL(world_create(scenario, none, 1, &world, &complaint),
                          0);
    process_describe(world, 0, &info);
    CU_ASSERT_EQUAL(info.priority, 50); /* MOSIX's. */
    CU_ASSERT_EQUAL(info.width, 1);
    CU_ASSERT_EQUAL(info.class_number, 1);
    CU_ASSERT_EQUAL(info.job, 1);
    CU_ASSERT_FALSE(info.pinned || info.locked || info.held);
    for (uint32_t i = 1; i < 3; i++) {
        process_describe(world, i, &info);
        CU_ASSERT_EQUAL(info.priority, 7);
        CU_ASSERT_EQUAL(info.width, 2);
        CU_ASSERT_EQUAL(info.class_number, 3);
        CU_ASSERT_EQUAL(info.job, scenario_group_job(9));
        CU_ASSERT_TRUE(info.pinned && info.locked && info.held);
    }
    world_destroy(world);
    scenario_destroy(scenario);
}

/* Six on one of three nodes: without `native` some move away. */
static void native_ones_never_move(void)
{
    static const char *const keys[] = {"", ", native: yes"};
    for (size_t i = 0; i < 2; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 LAB
                 "workload: {batch: {count: 6, cpu: 60 s, home: 0%s}}\n"
                 "policies: [gossip_vector, balance_mosix]\n",
                 keys[i]);
        struct story *s = story(text, 1);
        CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 6);
        CU_ASSERT_EQUAL(story_count(s, RECORD_MOVED) > 0, i == 0);
        free(s);
    }
}

static void held_ones_wait(void)
{
    struct story *s =
        story(LAB
              "until: 1 h\nworkload: [batch: {count: 2, cpu: 1 s, held: "
              "yes}, batch: {count: 3, cpu: 1 s}]\n",
              1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_SUBMIT), 5);
    CU_ASSERT_EQUAL(story_count(s, RECORD_HELD), 2);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 3);
    free(s);
}

/* A load of 0.5 on three cores for 1000 s is 1500 s of work: with two processes
 * a job of 1 s each, 750 jobs. 5 standard deviations are 137. */
static void load_counts_every_process(void)
{
    struct story *s = story(LAB
                            "workload: {poisson: {load: 0.5, span: 1000 s, "
                            "cpu: 1 s, width: 2, user: 8}}\n",
                            1);
    size_t count = story_count(s, RECORD_SUBMIT);
    CU_ASSERT_EQUAL(count % 2, 0);
    CU_ASSERT(750 - 137 < count / 2 && count / 2 < 750 + 137);
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].kind == RECORD_SUBMIT)
            CU_ASSERT_EQUAL(s->records[i].values[SUBMIT_USER], 8);
    free(s);
}

SUITE_MAIN(
    "arrivals",
    {"rotate turns all dates by an offset of the seed", rotated_by_seed},
    {"rotate does the same for every stack", rotated_alike_for_every_stack},
    {"rotate begins at the same place at every load", rotated_and_scaled},
    {"what a trace cannot give is refused with a reason",
     refused_with_a_reason},
    {"a home beyond a platform is told as such", home_beyond_the_platform},
    {"too little memory for the workload is told as such",
     lack_of_memory_is_the_workloads},
    {"whether arrivals differ by seed is known", whether_seeds_differ_is_known},
    {"homes are dealt out in the cluster that home names, and to no node that "
     "comes later",
     homes_in_one_cluster},
    {"what the scenario wishes of a process its node hears",
     wishes_reach_the_node},
    {"native processes never move", native_ones_never_move},
    {"held processes wait", held_ones_wait},
    {"load: counts every process of a wide job", load_counts_every_process})
