/* Thrashing, swap and what forwarding costs, against closed forms. */
#include "story.h"

#define NODE(memory, swap)                                                    \
    "vencejo: 1\nname: memory\nseed: 1\nclusters:\n  lab: {nodes: 1, cores: " \
    "1, speed: 1.0, memory: " memory ", swap: " swap                          \
    ", link: {bandwidth: 1 Gbps, latency: 50 us}}\npolicies: [place_home]\n"

/* 8 processes of 3 s on one core take 24 s, and 240 s when their memory is too
 * much (Amir et al. 2000, the machine model's example). */
static void test_factor(void)
{
    struct story *s = story(
        NODE("800 MiB", "1 GiB") "memory: {model: factor, factor: 10}\n"
        "workload:\n  batch: {count: 8, cpu: 3 s, memory: 100 MiB}\n",
        1);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 24, 1e-5);
    free(s);
    s = story(NODE("799 MiB", "1 GiB") "memory: {model: factor, factor: 10}\n"
              "workload:\n  batch: {count: 8, cpu: 3 s, memory: 100 MiB}\n",
              1);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 240, 1e-5);
    free(s);
}

/* 150 MiB in 100 MiB: share 1 / (1 + 4 x 0.5) = 1/3. */
static void test_linear(void)
{
    struct story *s = story(
        NODE("100 MiB", "1 GiB") "memory: {model: linear, slope: 4}\n"
        "workload:\n  batch: {count: 1, cpu: 10 s, memory: 150 MiB}\n",
        1);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 30, 1e-5);
    free(s);
}

/* A third of the pages is out; one core touches 300 MB/s, so 100 MB/s must be
 * paged and the disk gives 20: a fifth of the speed. */
static void test_paging(void)
{
    struct story *s = story(
        NODE("100 MiB", "1 GiB") "memory: {model: paging, disk: 20 MB/s, "
                                 "touch: 300 MB/s}\nworkload:\n  batch: "
                                 "{count: 1, cpu: 10 s, memory: 150 MiB}\n",
        1);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 50, 1e-4);
    free(s);
}

static void test_full_swap_kills_the_largest(void)
{
    struct story *s = story(
        NODE("100 MiB", "100 MiB") "memory: {when-full: kill}\nworkload:\n  "
                                   "- batch: {count: 1, cpu: 10 s, memory: "
                                   "150 MiB}\n  - batch: {count: 1, cpu: 10 "
                                   "s, memory: 80 MiB, at: 1 s}\n",
        1);
    const struct record *killed = story_find(s, RECORD_KILLED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(killed);
    CU_ASSERT_EQUAL(killed->proc, 1);
    CU_ASSERT_EQUAL(killed->at_us, 1000000);
    /* Ten times slower for a second: the default. */
    CU_ASSERT_EQUAL(killed->values[KILLED_CPU_US], 100000);
    CU_ASSERT_EQUAL(killed->values[KILLED_BY], KILLED_BY_HOST);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 1);
    free(s);
}

static void test_full_swap_refuses_the_newcomer(void)
{
    struct story *s = story(
        NODE("100 MiB", "100 MiB") "memory: {when-full: refuse}\nworkload:\n  "
                                   "- batch: {count: 1, cpu: 10 s, memory: "
                                   "150 MiB}\n  - batch: {count: 1, cpu: 10 "
                                   "s, memory: 80 MiB, at: 1 s}\n",
        1);
    const struct record *killed = story_find(s, RECORD_KILLED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(killed);
    CU_ASSERT_EQUAL(killed->proc, 2);
    free(s);
}

/* One process goes to the other node and makes 100 calls a second of CPU, each
 * 10 ms there and back: for each second of work it waits another. Its host pays
 * 0.1 s of CPU for them, so it has 1.1 s of CPU and 1 s of waiting. */
static void test_forwarding(void)
{
    struct story *s = story(
        "vencejo: 1\nname: calls\nseed: 1\nclusters:\n  lab: {nodes: 2, "
        "cores: 1, speed: 1.0, memory: 1 GiB, swap: 0 B, link: {bandwidth: 1 "
        "Gbps, latency: 2500 us}}\nmigration: {start-fixed: 0 s, start-bytes: "
        "0 B}\nprocess: {calls: 100 /s, call-bytes: 0 B/s}\nforwarding: "
        "{home-cpu: "
        "0 s, host-cpu: 1 ms}\nworkload:\n  batch: {count: 2, cpu: 10 s, "
        "memory: 1 MiB, home: 0}\npolicies: [place_round_robin]\n",
        1);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 21, 0.05);
    free(s);
}

/* Five of 50 MiB come at once to one of 60: 310 MiB in 100. The largest goes
 * first, then three of the others; two fit. */
static void test_newcomers_at_one_date(void)
{
    struct story *s = story(
        NODE("100 MiB", "0 B") "memory: {when-full: kill}\nworkload:\n  - "
                               "batch: {count: 1, cpu: 10 s, memory: 60 "
                               "MiB}\n  - batch: {count: 5, cpu: 10 s, "
                               "memory: 50 MiB, at: 1 s}\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_KILLED), 4);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 2);
    CU_ASSERT_EQUAL(story_find(s, RECORD_KILLED)->proc, 1);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(s), 21, 1e-5);
    free(s);
}

/* Short of memory while images are on their way and being decided about. */
static void test_kills_during_handoffs(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct story *s = story(
            "vencejo: 1\nname: kills\nseed: 1\nclusters:\n  a: {nodes: 3, "
            "cores: 1, speed: 1.0, memory: 200 MiB, swap: 100 MiB, link: "
            "{bandwidth: 100 Mbps, latency: 1 ms}}\n  b: {nodes: 3, cores: 1, "
            "speed: 1.0, memory: 200 MiB, swap: 100 MiB, link: {bandwidth: "
            "100 Mbps, latency: 1 ms}}\nwan:\n  - {between: [a, b], "
            "bandwidth: 100 Mbps, latency: 100 ms}\nmigration: {mode: "
            "stop}\nworkload:\n  poisson: {load: 0.8, count: 150, cpu: "
            "{exponential: 10 s}, memory: {uniform: [20 MiB, 120 MiB]}, "
            "home: random}\npolicies: [gossip_vector, balance_lifetime]\n",
            seed);
        size_t over =
            story_count(s, RECORD_ENDED) + story_count(s, RECORD_KILLED);
        CU_ASSERT_EQUAL(over, 150);
        CU_ASSERT_TRUE(story_count(s, RECORD_KILLED) > 0);
        free(s);
    }
}

/* Each machine is home to more guests of the other than it could serve: what
 * forwarding takes is bounded, so that both go on. */
static void test_forwarding_never_stops_a_machine(void)
{
    struct story *s = story(
        "vencejo: 1\nname: tax\nseed: 1\nclusters:\n  lab: {nodes: 2, cores: "
        "1, speed: 1.0, memory: 8 GiB, swap: 0 B, link: {bandwidth: 1 Gbps, "
        "latency: 50 us}}\nprocess: {calls: 1000 /s}\nforwarding: {home-cpu: "
        "1 ms}\nworkload:\n  batch: {count: 40, cpu: 1 s, memory: 1 MiB, "
        "home: round-robin}\npolicies: [place_round_robin]\n",
        1);
    CU_ASSERT_EQUAL(story_count(s, RECORD_ENDED), 40);
    free(s);
}

/* Policies decide alike in the reference engine: they measure the same. */
static void test_reference_measures_too(void)
{
#define MANY                                                                 \
    "vencejo: 1\nname: reference\nseed: 1\nclusters:\n  lab: {nodes: 4, "    \
    "cores: 1, speed: 1.0, memory: 1 GiB, swap: 0 B, link: {bandwidth: 1 "   \
    "Gbps, latency: 50 us}}\nprocess: {calls: 0 /s, call-bytes: 0 "          \
    "B/s}\nworkload:\n  batch: {count: 8, cpu: 60 s, memory: 10 MiB, home: " \
    "0}\npolicies: [gossip_vector, balance_mosix]\n"
    struct story *ours = story(MANY, 1);
    struct story *reference = story(MANY "engine: simgrid\n", 1);
    CU_ASSERT_EQUAL(story_count(reference, RECORD_ENDED), 8);
    CU_ASSERT_EQUAL(story_count(reference, RECORD_MOVED),
                    story_count(ours, RECORD_MOVED));
    CU_ASSERT_TRUE(story_count(ours, RECORD_MOVED) >= 6);
    CU_ASSERT_DOUBLE_EQUAL(story_makespan_s(reference), story_makespan_s(ours),
                           0.01);
    free(ours);
    free(reference);
}

/* Before the run where that is certain: not if a node is large enough, if the
 * process would not be taken, or if it does not come before the end. */
static void test_reference_refuses_what_cannot_fit(void)
{
#define LARGE                                                                \
    "vencejo: 1\nname: large\nseed: 1\nengine: simgrid\npolicies: "          \
    "[place_home]\nworkload:\n  - batch: {count: 1, cpu: 1 s, memory: 1 "    \
    "MiB}\n  - batch: {count: 1, cpu: 1 s, memory: 150 MiB, at: 9 s, home: " \
    "0}\n"
#define SMALL "clusters: {a: {nodes: 1, memory: 100 MiB, swap: "
    static const struct
    {
        const char *text;
        bool refused;
    } rows[] = {
        {LARGE SMALL "1 GiB}}\n", true},
        {LARGE SMALL "1 GiB}}\nuntil: 10 s\n", true},
        {LARGE SMALL "1 GiB}}\nuntil: 9 s\n", false},
        {LARGE SMALL "1 GiB}, b: {nodes: 1, memory: 99 MiB}}\n", true},
        {LARGE SMALL "0 B}}\nmemory: {when-full: kill}\n", true},
        {LARGE SMALL "0 B}}\nmemory: {when-full: refuse}\n", false},
        {LARGE "clusters: {a: {nodes: 1, memory: 150 MiB}}\n", false},
        {LARGE "clusters: {a: {nodes: 1, memory: 150 MiB}, b: {nodes: 1, "
               "memory: 99 MiB}}\n",
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story *s = story(rows[i].text, 1);
        bool refused = strstr(s->complaint, "memory of every node") != NULL;
        CU_ASSERT_EQUAL(refused, rows[i].refused);
        CU_ASSERT_EQUAL(s->complaint[0] != '\0', rows[i].refused);
        if (refused != rows[i].refused || (s->complaint[0] && !refused))
            printf("\n    %s    %s\n", rows[i].text, s->complaint);
        free(s);
    }
}

SUITE_MAIN(
    "memory",
    {"too much resident divides the speed by the factor", test_factor},
    {"the linear model slows in proportion to the excess", test_linear},
    {"the paging model is bound by the disk", test_paging},
    {"when swap is full the largest is killed",
     test_full_swap_kills_the_largest},
    {"when swap is full the newcomer may be refused",
     test_full_swap_refuses_the_newcomer},
    {"newcomers at one date leave no more than fits",
     test_newcomers_at_one_date},
    {"kills during handoffs lose nobody else", test_kills_during_handoffs},
    {"system calls that go home cost waiting and CPU", test_forwarding},
    {"forwarding never stops a machine", test_forwarding_never_stops_a_machine},
    {"the reference engine measures what runs", test_reference_measures_too},
    {"the reference engine refuses what cannot fit",
     test_reference_refuses_what_cannot_fit})
