/* test_settings.c - --set: a key on the command line replaces that of the file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "tests/suite.h"

static const char text[] =
    "vencejo: 1\n"
    "clusters: {lab: {nodes: 4}}\n"
    "workload: {batch: {count: 1, cpu: 1 s}}\n"
    "policies: [place_home, gossip_vector: {size: 16}]\n";

static int parse_with(const char *const *settings,
                      struct scenario **ret_scenario,
                      struct complaint *ret_complaint)
{
    struct scenario_setting list[8];
    size_t count = 0;
    for (; settings[count]; count++)
        list[count].text = settings[count];
    *ret_scenario = NULL;
    return scenario_parse(text, strlen(text), "it.yaml", list, count,
                          ret_scenario, ret_complaint);
}

static struct scenario *parse(const char *const *settings)
{
    struct scenario *s;
    struct complaint complaint;
    if (parse_with(settings, &s, &complaint) != 0)
        printf("\n%s:%zu:%zu: %s\n", complaint.file, complaint.line,
               complaint.column, complaint.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    return s;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void replaces(void)
{
    struct scenario *s = PARSE("clusters.lab.nodes=8", "seed=3", "seed=9");
    CU_ASSERT_EQUAL(s->node_count, 8);
    CU_ASSERT_EQUAL(s->seed, 9);
    scenario_destroy(s);
}

static void makes_what_is_missing(void)
{
    struct scenario *s =
        PARSE("migration.mode=postcopy", "clusters.lab.link.latency=1 ms",
              "clusters.b={nodes: 2}");
    CU_ASSERT_EQUAL(s->migration.mode, MOVE_POSTCOPY);
    CU_ASSERT_EQUAL(s->clusters[0].link.latency_s, 1e-3);
    CU_ASSERT_EQUAL(s->clusters[0].link.bytes_per_s, 125e6);
    CU_ASSERT_EQUAL(s->node_count, 6);
    scenario_destroy(s);
}

static void whole_values(void)
{
    struct scenario *s = PARSE("workload={batch: {count: 2, cpu: 3 s}}",
                               "workload.batch.cpu={exponential: 5 s}");
    CU_ASSERT_EQUAL(s->loads[0].count, 2);
    CU_ASSERT_EQUAL(s->loads[0].cpu.kind, LAW_EXPONENTIAL);
    CU_ASSERT_EQUAL(s->loads[0].cpu.a, 5e6);
    scenario_destroy(s);
}

static void lists(void)
{
    struct scenario *s =
        PARSE("policies.1.gossip_vector.size=8", "policies.0=balance_mosix",
              "policies.2=place_home");
    CU_ASSERT_EQUAL_FATAL(s->policy_count, 3);
    CU_ASSERT_STRING_EQUAL(s->policies[0].policy->name, "balance_mosix");
    CU_ASSERT_STRING_EQUAL(s->policies[1].policy->name, "gossip_vector");
    CU_ASSERT_STRING_EQUAL(s->policies[2].policy->name, "place_home");
    char *list = scenario_policies_text(s);
    CU_ASSERT_PTR_NOT_NULL(strstr(list, "gossip_vector:size=8:"));
    free(list);
    scenario_destroy(s);
}

static void mistakes(void)
{
    static const struct
    {
        const char *setting;
        size_t line; /* Within the value; 0: it is about the key. */
        size_t column;
        const char *message;
    } rows[] = {
        {"clusters.lab.nodes=x", 1, 1, "nodes: 'x' is not a whole number"},
        {"clusters.lab.nodes=0", 1, 1, "give at least 1"},
        {"clusters.lab.nodes=", 0, 0,
         "the value of clusters.lab.nodes is empty"},
        {"name= ", 0, 0, "the value of name is empty"},
        {"clusters.lab={nodes: 4, cores: 0}", 1, 19, "give at least 1"},
        {"clusters.lab={nodes: 4, coers: 1}", 1, 12, "did you mean 'cores'?"},
        {"clusters.lab={nodes: 4", 1, 10, "not YAML"},
        {"clusters.lba.nodes=4", 0, 0,
         "unknown cluster 'lba', did you mean 'lab'?"},
        {"clusters.lab.node=4", 0, 0, "did you mean 'nodes'?"},
        {"migratoin.mode=stop", 0, 0, "did you mean 'migration'?"},
        {"clusters.lab.nodes.x=4", 0, 0, "nothing is under 'x'"},
        {"policies.9=place_home", 0, 0, "no place in that list"},
        {"policies.x=place_home", 0, 0, "no place in that list"},
        {"nodes", 0, 0, "no key and value"},
        {"=4", 0, 0, "no key and value"},
        {"clusters..nodes=4", 0, 0, "an empty key"},
        {"policies.0=place_hom", 1, 1, "did you mean 'place_home'?"},
        {"name=*x", 1, 1, "anchors and aliases"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario *s;
        struct complaint complaint;
        char name[200];
        snprintf(name, sizeof name, "--set %s", rows[i].setting);
        int error = parse_with((const char *const[]){rows[i].setting, NULL}, &s,
                               &complaint);
        CU_ASSERT_EQUAL_FATAL(error, -EINVAL);
        bool good = strcmp(complaint.file, name) == 0 &&
                    complaint.line == rows[i].line &&
                    complaint.column == rows[i].column &&
                    strstr(complaint.text, rows[i].message);
        if (!good)
            printf("\n%s:%zu:%zu: %s\n", complaint.file, complaint.line,
                   complaint.column, complaint.text);
        CU_ASSERT_TRUE(good);
    }
}

SUITE_MAIN("settings",
           {"a setting replaces a value, the last one wins", replaces},
           {"a setting makes what is missing on its way",
            makes_what_is_missing},
           {"a setting may be a whole mapping", whole_values},
           {"entries of a list are set, and added at its end", lists},
           {"a mistake in a setting names the setting", mistakes})
