/* test_mistakes.c - what a user is told. */
#include <stdlib.h>

#include "mistakes.h"

#define IN_LAB(keys) HEAD "clusters:\n  lab: {nodes: 4, " keys "}\n" JOBS
#define TWO "clusters: {a: {nodes: 1}, b: {nodes: 1}}\n"
#define IN_BATCH(keys) HEAD LAB "workload: {batch: {" keys "}}\n"
#define IN_POISSON(keys) HEAD LAB "workload: {poisson: {" keys "}}\n"
#define IN_POLICIES(list) HEAD LAB JOBS "policies: " list "\n"

static void text_itself(void)
{
    CHECK(
        {"", "it is empty"}, {"# only a comment\n", "it is empty"},
        {"@just words\n", "the scenario needs keys"},
        {"@[1, 2]\n", "the scenario needs keys"},
        {HEAD "clusters:\n@\tlab: {nodes: 1}\n", "a tab, YAML allows none"},
        {HEAD "clusters: {lab: {nodes: 4}\n@workload: 3\n",
         "not YAML: did not find expected ',' or '}' while parsing a flow "
         "mapping that begins at 2:11"},
        {HEAD LAB "workload:\n  batch: {count: 1, cpu: 1 s\n@",
         "while parsing a flow mapping that begins at 4:10"},
        {HEAD "name: 'open\n@",
         "while scanning a quoted scalar that begins "
         "at 2:7"},
        {HEAD "na@\001me: x\n", "not text"},
        {HEAD "a@\xff\xfe: 1\n", "not text"},
        {HEAD LAB JOBS "@---\nvencejo: 1\n", "a second document begins"},
        {HEAD "name: @&a x\n" LAB JOBS, "anchors and aliases"},
        {HEAD "name: x\nseed: @*a\n" LAB JOBS, "anchors and aliases"},
        {HEAD "name: @!!str x\n" LAB JOBS, "tags (!) are not used"},
        {HEAD "? @[a, b]\n: 3\n", "a key must be a word"},
        {HEAD "name: a\nseed: 3\n@name: b\n" LAB JOBS,
         "'name' is given twice, it stands in line 2 already, remove one"},
        {HEAD "clusters: {lab: {nodes: 1, cores: 2, @nodes: 3}}\n" JOBS,
         "'nodes' is given twice"},
        {HEAD "name: [[[[[[[[[[[[@[[[1]]]]]]]]]]]]]]]\n", "nested too deep"}, );
}

static void version_and_keys(void)
{
    CHECK(
        {"@name: x\n", "'vencejo' is missing"},
        {"vencejo: @2\nwhatever: 3\n",
         "version '2' of the scenario format, "
         "this program reads version 1"},
        {"vencejo: @one\n", "version 'one'"},
        {"@vencejo:\nname: x\n", "vencejo has no value"},
        {HEAD "@nmae: x\n" LAB JOBS,
         "unknown key 'nmae' in the scenario, did you mean 'name'?"},
        {HEAD "@cluster: {lab: {nodes: 1}}\n" JOBS, "did you mean 'clusters'?"},
        {HEAD "@colour: red\n" LAB JOBS, "known here: vencejo, name, seed"},
        {HEAD "engine: @simgird\n" LAB JOBS,
         "unknown engine 'simgird', did you mean 'simgrid'?"},
        {HEAD "network: @tcp\n" LAB JOBS, "known here: CM02, LV08"},
        {HEAD "seed: @-1\n" LAB JOBS,
         "seed: '-1' is negative, give 0 or "
         "more"},
        {HEAD "seed: @18446744073709551616\n" LAB JOBS, "is too large"},
        {HEAD "seed: @1.5\n" LAB JOBS, "leave the fraction out"},
        {HEAD "seed: @[1, 2]\n" LAB JOBS, "seed needs a single value"},
        {HEAD "name: @''\n" LAB JOBS, "name is empty"},
        {HEAD "name: @\"a\\tb\"\n" LAB JOBS, "control character"},
        {HEAD "name: @\"a\\0b\"\n" LAB JOBS, "a NUL character"},
        {HEAD "until: @5\n" LAB JOBS,
         "until: '5' has no unit, add one of us, ms, s, min, h, d, or "
         "'done'"},
        {HEAD "until: @0 s\n" LAB JOBS, "give more than 0"},
        {HEAD "until: @.inf\n" LAB JOBS, "is not a duration"},
        {HEAD "until: @.nan\n" LAB JOBS, "is not a duration"},
        {HEAD "sample: @1 us\n" LAB JOBS,
         "sample: '1 us' is too small, give at least 1 ms"},
        {HEAD "board: @0\n" LAB JOBS, "give at least 1"},
        {HEAD "board: @128 MiB\n" LAB JOBS, "write it without a unit"}, );
}

static void machines(void)
{
    CHECK(
        {"@vencejo: 1\n" JOBS, "neither clusters nor platform, add one"},
        {HEAD "clusters: @{}\n" JOBS, "0 clusters, give 1 to"},
        {HEAD "@clusters:\n" JOBS, "clusters has no value"},
        {HEAD "clusters: @lab\n" JOBS, "clusters needs keys"},
        {HEAD "clusters: {@3lab: {nodes: 1}}\n" JOBS,
         "'3lab' is no name for a cluster"},
        {HEAD "clusters: {@a.b: {nodes: 1}}\n" JOBS, "'a.b' is no name"},
        {HEAD "clusters: {@lab: {cores: 2}}\n" JOBS,
         "'nodes' is missing, clusters.NAME needs it, add nodes: 16"},
        {HEAD "clusters: {lab: {nodes: @0}}\n" JOBS,
         "nodes: '0' is too small, give at least 1"},
        {HEAD "clusters: {lab: {nodes: @-3}}\n" JOBS, "is negative"},
        {HEAD "clusters: {lab: {nodes: @two}}\n" JOBS,
         "nodes: 'two' is not a whole number, write it such as 16"},
        {HEAD "clusters: {lab: {nodes: @1000001}}\n" JOBS,
         "too large, give at most 1000000"},
        {HEAD "clusters: {a: {nodes: 600000}, b: {nodes: @600000}}\n" JOBS,
         "more than 1000000 nodes in all"},
        {IN_LAB("@core: 2"),
         "unknown key 'core' in clusters.NAME, did you mean 'cores'?"},
        {IN_LAB("cores: @0"), "cores: '0' is too small"},
        {IN_LAB("cores: @65536"), "give at most 65535"},
        {IN_LAB("speed: @0"), "give at least 0.001"},
        {IN_LAB("speed: @1.0005"), "finer than a thousandth"},
        {IN_LAB("speed: @3 GHz"), "has a unit where none belongs"},
        {IN_LAB("speed: @nan"), "is not a number"},
        {IN_LAB("memory: @512"),
         "memory: '512' has no unit, add one of B, KiB, MiB"},
        {IN_LAB("memory: @512 mb"), "is not in a unit of size, use B, KiB"},
        {IN_LAB("memory: @0.3 B"), "is not a whole number of bytes"},
        {IN_LAB("memory: @10 s"), "is not in a unit of size"},
        {IN_LAB("memory: @1e30 MiB"), "is too large"},
        {IN_LAB("@swap: "), "swap has no value"},
        {IN_LAB("@swap: ~"), "swap has no value"},
        {IN_LAB("link: @fast"), "link needs keys"},
        {IN_LAB("link: {@bandwith: 1 Gbps}"), "did you mean 'bandwidth'?"},
        {IN_LAB("link: {bandwidth: @0 Mbps}"), "give at least 8 bps"},
        {IN_LAB("link: {bandwidth: @1 Gb}"), "is not in a unit of rate"},
        {IN_LAB("link: {latency: @1e999 s}"), "is too large"},
        {IN_LAB("link: {latency: @2 min}"), "give at most 60 s"},
        {IN_LAB("guests: @many"), "write it such as 16, or 'any'"},
        {IN_LAB("owner-first: @maybe"), "known here: false, true, no, yes"},
        {IN_LAB("later: @4"), "4 of 4 nodes, at least one must be there"},
        {HEAD "clusters: {@others: {nodes: 1}}\n" JOBS,
         "'others' is no name for a cluster"},
        {HEAD TWO "wan: @{}\n" JOBS, "wan needs a list"},
        {HEAD TWO "wan:\n  - @{between: [a, b], bandwidth: 1 Gbps}\n" JOBS,
         "'latency' is missing, wan needs it, add latency: 5 ms"},
        {HEAD TWO "wan: [{between: [a, @c], bandwidth: 1 Gbps, latency: 1 "
                  "ms}]\n" JOBS,
         "unknown cluster 'c', known here: a, b"},
        {HEAD TWO "wan: [{between: [a, @a], bandwidth: 1 Gbps, latency: 1 "
                  "ms}]\n" JOBS,
         "'a' twice"},
        {HEAD TWO
         "wan: [{between: @[a], bandwidth: 1 Gbps, latency: 1 ms}]\n" JOBS,
         "1 clusters, a link joins two"},
        {HEAD TWO
         "wan:\n  - {between: [a, b], bandwidth: 1 Gbps, latency: 1 ms}\n"
         "  - {between: @[b, a], bandwidth: 1 Gbps, latency: 1 ms}\n" JOBS,
         "between: b and a are linked already, remove one"},
        {HEAD "platform: @gone.xml\n" JOBS,
         "platform: gone.xml does not exist"},
        {HEAD LAB "@platform: /dev/null\n" JOBS, "both clusters and platform"},
        {HEAD "platform: /dev/null\n@wan: [3]\n" JOBS, "wan and platform"}, );
}

static void models(void)
{
    CHECK({HEAD LAB "memory: {model: @slow}\n" JOBS,
           "unknown model 'slow', known here: factor, linear, paging"},
          {HEAD LAB "memory: {factor: @0.5}\n" JOBS, "give at least 1"},
          {HEAD LAB "memory: {when-full: @killed}\n" JOBS,
           "did you mean 'kill'?"},
          {HEAD LAB "migration: {mode: @pre-copy}\n" JOBS,
           "did you mean 'precopy'?"},
          {HEAD LAB "migration: {fixed: @50}\n" JOBS, "has no unit"},
          {HEAD LAB "migration: {stall: @100 %}\n" JOBS, "give at most 0.99"},
          {HEAD LAB "migration: {rounds: @0}\n" JOBS, "give at least 1"},
          {HEAD LAB "process: {io-from-trace: @maybe}\n" JOBS,
           "known here: false, true"},
          {HEAD LAB "process: {calls: @5}\n" JOBS,
           "has no unit, add one of /s, /min, /h, /d"},
          {HEAD LAB "forwarding: {@home_cpu: 1 us}\n" JOBS,
           "did you mean 'home-cpu'?"}, );
}

static void workloads(void)
{
    CHECK(
        {"@vencejo: 1\n" LAB, "'workload' is missing"},
        {HEAD LAB "workload: @{}\n", "workload is empty"},
        {HEAD LAB "workload: @[]\n", "workload is empty"},
        {HEAD LAB "workload: {@bach: {count: 1}}\n", "did you mean 'batch'?"},
        {IN_BATCH("cpu: 1 s, count: @0"), "give at least 1"},
        {IN_BATCH("cpu: 1 s, count: @100000001"), "give at most 100000000"},
        {HEAD LAB "workload: {@batch: {count: 1}}\n", "'cpu' is missing"},
        {IN_BATCH("count: 1, cpu: @0 s"), "give at least 1 us"},
        {IN_BATCH("count: 1, cpu: @300"), "has no unit"},
        {IN_BATCH("count: 1, cpu: @{}"),
         "0 laws, name one, such as "
         "{exponential: 10 s}"},
        {IN_BATCH("count: 1, cpu: {@exponental: 1 s}"),
         "unknown law 'exponental', did you mean 'exponential'?"},
        {IN_BATCH("count: 1, cpu: {exponential: @1 MiB}"), "unit of time"},
        {IN_BATCH("count: 1, cpu: {uniform: @[1 s]}"), "[from, to]"},
        {IN_BATCH("count: 1, cpu: {uniform: [5 s, @1 s]}"), "swap them"},
        {IN_BATCH("count: 1, cpu: {@pareto: {min: 1 s, index: 1}}"),
         "'max' is missing, pareto needs it, add max: 10 s"},
        {IN_BATCH("count: 1, cpu: {pareto: {min: 2 s, max: @2 s, index: 1}}"),
         "is not above the lower end"},
        {IN_BATCH("count: 1, cpu: 1 s, memory: {uniform: [1 B, @2 s]}"),
         "unit of size"},
        {IN_BATCH("count: 1, cpu: {hyperexponential: {short: 1 s, long: 9 s, "
                  "share: @2}}"),
         "give at most 1"},
        {IN_BATCH("count: 1, cpu: 1 s, home: @4"),
         "there is no node '4', nodes are 0 to 3"},
        {IN_BATCH("count: 1, cpu: 1 s, home: @roundrobin"),
         "did you mean 'round-robin'?"},
        {IN_BATCH("count: 1, cpu: 1 s, home: @user"), "a batch has no users"},
        {IN_BATCH("count: 1, cpu: 1 s, home: @partition"),
         "only a trace has partitions"},
        {HEAD LAB "workload: {@poisson: {count: 9, cpu: 1 s}}\n",
         "neither rate nor load, add one of the two"},
        {IN_POISSON("rate: 1 /s, @load: 0.5, count: 9, cpu: 1 s"),
         "both rate and load"},
        {IN_POISSON("rate: 1 /s, count: 3, @span: 1 s, cpu: 1 s"),
         "both count and span"},
        {IN_POISSON("rate: @2, count: 3, cpu: 1 s"), "has no unit"},
        {IN_POISSON("rate: @0 /s, count: 3, cpu: 1 s"), "is too small"},
        {IN_POISSON("rate: 1e6 /s, span: @1 d, cpu: 1 s"),
         "about 86400000000 processes would arrive"},
        {IN_POISSON("load: @nan, count: 3, cpu: 1 s"), "is not a number"},
        {HEAD LAB "workload: {@trace: {home: user}}\n", "'file' is missing"},
        {HEAD LAB "workload: {trace: {file: @gone.swf}}\n",
         "file: gone.swf does not exist, paths are relative to the scenario's "
         "folder"},
        {HEAD LAB "workload: {trace: {file: @/}}\n", "is a folder"},
        {HEAD LAB "workload: {trace: {file: /dev/null, cut: [2 s, @1 s]}}\n",
         "is not after the first date"},
        {HEAD LAB "workload: {trace: {file: /dev/null, arrivals: @close}}\n",
         "did you mean 'closed'?"},
        {HEAD LAB "workload: {trace: {file: /dev/null, scale-load: @0}}\n",
         "is too small"},
        {HEAD LAB "workload: {trace: {file: /dev/null, arrivals: closed, "
                  "@scale-load: 0.7}}\n",
         "scale-load: with arrivals: closed jobs do not arrive on the dates "
         "that it makes; use arrivals: open"},
        {HEAD LAB "workload: {trace: {file: /dev/null, @rotate: true, "
                  "arrivals: closed}}\n",
         "use arrivals: open, or leave rotate out"},
        {HEAD LAB "workload: {trace: {file: /dev/null, rotate: @1}}\n",
         "known here: false, true"},
        {HEAD LAB "workload: {trace: {file: /dev/null, count: @0}}\n",
         "give at least 1"}, );
}

static void files_of_traces(void)
{
    unsetenv("VENCEJO_TRACES");
    CHECK({HEAD LAB "workload: {trace: {file: @$VENCEJO_TRACES/jobs/gone.swf}}",
           "file: $VENCEJO_TRACES/jobs/gone.swf needs the variable "
           "VENCEJO_TRACES, which is not set: set it to your folder of traces"},
          {HEAD LAB "workload: {trace: {file: @$HOME/gone.swf}}",
           "file: $HOME/gone.swf does not exist"});
    setenv("VENCEJO_TRACES", "/dev/null", 1);
    CHECK({HEAD LAB "workload: {trace: {file: @$VENCEJO_TRACES/gone.swf}}",
           "file: /dev/null/gone.swf does not exist, paths are relative to the "
           "folder that VENCEJO_TRACES names"}, );
}

static void wishes(void)
{
    CHECK({IN_BATCH("count: 1, cpu: 1 s, @home-rule: random"),
           "home is no cluster, write the rule as home: random"},
          {IN_BATCH("count: 1, cpu: 1 s, home: lab, home-rule: @any"),
           "unknown home-rule 'any', known here: round-robin"},
          {IN_BATCH("count: 1, cpu: 1 s, home: lab, home-rule: @user"),
           "home-rule: a batch has no users"},
          {IN_BATCH("count: 1, cpu: 1 s, home: @lba"),
           "unknown home 'lba' (no rule, no cluster"},
          {HEAD "clusters: {lab: {nodes: 4, later: 2}}\nworkload: {batch: "
                "{count: 1, cpu: 1 s, home: @2}}\n",
           "node 2 is one that lab has later"},
          {IN_BATCH("count: 1, cpu: 1 s, width: @0"), "give at least 1"},
          {IN_BATCH("count: 1, cpu: 1 s, @traffic: 1 MB/s"), "add width"},
          {IN_BATCH("count: 1, cpu: 1 s, width: @65, traffic: 1 MB/s"),
           "at most 64 can send to each other"},
          {IN_BATCH("count: 1, cpu: 1 s, width: 2, @message: 1 KiB"),
           "add traffic or remove message"},
          {IN_BATCH("count: 1, cpu: 1 s, width: 2, @traffic-by: home"),
           "add traffic or remove traffic-by"},
          {IN_BATCH("count: 1, cpu: 1 s, width: 2, traffic: 1 MB/s, "
                    "traffic-by: @switch"),
           "direct"},
          {IN_BATCH("count: 1000, cpu: 1 s, width: @100001"),
           "1000 jobs of 100001 processes"},
          {IN_BATCH("count: 1, cpu: 1 s, priority: @65536"),
           "give at most 65535"},
          {IN_BATCH("count: 1, cpu: 1 s, group: @0"), "give at least 1"},
          {HEAD LAB "@workload: {batch: {count: 1, cpu: 1 s, held: yes}}\n",
           "no event releases them, so the run would never be done"},
          {IN_POISSON("rate: 1 /s, count: 9, cpu: 1 s, user: 3, @users: 4"),
           "all are of user 3 already"}, );
}

static void policy_lists(void)
{
    CHECK({IN_POLICIES("@gossip_vector"), "policies needs a list"},
          {IN_POLICIES("[@gosip_vector]"),
           "unknown policy 'gosip_vector', did you mean 'gossip_vector'?"},
          {IN_POLICIES("[@astrology]"), "known here: balance_"},
          {IN_POLICIES("[@gossip_vector: ]"), "gossip_vector has no value"},
          {IN_POLICIES("[gossip_vector: {@perod: 1 s}]"),
           "unknown parameter 'perod' of gossip_vector, did you mean "
           "'period'?"},
          {IN_POLICIES("[gossip_vector: {@period_us: 1000}]"),
           "did you mean 'period'?"},
          {IN_POLICIES("[gossip_vector: {period: @7}]"),
           "period: '7' has no unit"},
          {IN_POLICIES("[gossip_vector: {period: @0 s}]"),
           "period: '0 s' is too small, give at least"},
          {IN_POLICIES("[gossip_vector: {size: @1000000}]"),
           "size: '1000000' is too large, give at most"},
          {IN_POLICIES("[gossip_vector: {size: @1.5}]"),
           "leave the fraction out"},
          {IN_POLICIES("[place_home, @place_home]"),
           "place_home is in the list twice"},
          {IN_POLICIES("[freeze_marks, @freeze_marks: {slice: 1 s}]"),
           "freeze_marks is in the list twice for class 1"},
          {IN_POLICIES("[@{place_home: {}, gossip_vector: {}}]"),
           "2 policies in one entry"},
          {IN_POLICIES("[a, b, c, d, e, f, g, h, @i]"),
           "more than 8 policies"}, );
}

static void aliases_bomb(void)
{
    /* Ten levels of ten: 10^10 items, were it walked. */
    char text[1024] = HEAD "a0: &a0 [x]\n";
    struct scenario *scenario = NULL;
    struct complaint complaint;
    for (int i = 1; i <= 10; i++) {
        char line[160];
        snprintf(line, sizeof line,
                 "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        strcat(text, line);
    }
    CU_ASSERT_EQUAL(scenario_parse(text, strlen(text), "bomb.yaml", NULL, 0,
                                   &scenario, &complaint),
                    -EINVAL);
    CU_ASSERT_EQUAL(complaint.line, 2);
    CU_ASSERT_EQUAL(complaint.column, 5);
}

static void huge_file(void)
{
    enum { BYTES = (16 << 20) + 1 };
    char *text = malloc(BYTES);
    struct scenario *scenario = NULL;
    struct complaint complaint;
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '#', BYTES);
    CU_ASSERT_EQUAL(scenario_parse(text, BYTES, "huge.yaml", NULL, 0, &scenario,
                                   &complaint),
                    -EFBIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "larger than 16 MiB"));
    CU_ASSERT_EQUAL(complaint.line, 0);
    free(text);
}

static void no_file(void)
{
    struct scenario *scenario = NULL;
    struct complaint complaint;
    CU_ASSERT_EQUAL(
        scenario_read("no/such.yaml", NULL, 0, &scenario, &complaint), -ENOENT);
    CU_ASSERT_STRING_EQUAL(complaint.file, "no/such.yaml");
    CU_ASSERT_EQUAL(scenario_read("/", NULL, 0, &scenario, &complaint),
                    -EISDIR);
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "directory"));
}

static void overlong_words(void)
{
    /* A word of a megabyte with an escape for the terminal in it. */
    enum { BYTES = 1 << 20 };
    static const char before[] = HEAD "engine: \"\\e[31m";
    static const char behind[] = "\"\n" LAB JOBS;
    char *text = malloc(BYTES + sizeof before + sizeof behind);
    struct scenario *scenario = NULL;
    struct complaint complaint;
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    strcpy(text, before);
    memset(text + sizeof before - 1, 'x', BYTES);
    strcpy(text + sizeof before - 1 + BYTES, behind);
    CU_ASSERT_EQUAL(scenario_parse(text, strlen(text), "it.yaml", NULL, 0,
                                   &scenario, &complaint),
                    -EINVAL);
    CU_ASSERT_PTR_NULL(strchr(complaint.text, '\033'));
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "xxx...', known here"));
    free(text);
}

SUITE_MAIN("mistakes in a scenario",
           {"a text that is no YAML says where and why", text_itself},
           {"the version and unknown keys are told first", version_and_keys},
           {"impossible machines and links are refused", machines},
           {"models name their choices and ranges", models},
           {"a workload that cannot be is refused", workloads},
           {"files of the folder of traces are looked for there",
            files_of_traces},
           {"homes, widths and wishes of users are checked", wishes},
           {"policies and their parameters are checked", policy_lists},
           {"a bomb of aliases does not go off", aliases_bomb},
           {"a file above 16 MiB is refused", huge_file},
           {"a missing file and a folder are told apart", no_file},
           {"a complaint is bounded and safe to print", overlong_words})
