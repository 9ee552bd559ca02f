/* test_grid.c - partners, events, faults, freezing: read as written, printed so
 * that they read back as the same. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parsed.h"

#define GRID(keys)                                                        \
    "vencejo: 1\n"                                                        \
    "clusters: {lab: {nodes: 4, later: 2}, campus: {nodes: 8}, attic: "   \
    "{nodes: 1}}\n"                                                       \
    "wan: [{between: [lab, campus], bandwidth: 1 Gbps, latency: 1 ms}]\n" \
    "workload: {batch: {count: 6, cpu: 1 s, group: 7}}\n" keys
enum { LAB, CAMPUS, ATTIC };

static struct scenario_event event(const char *keys)
{
    char text[2000];
    snprintf(text, sizeof text, GRID("events: [{at: 2 s, %s}]\n"), keys);
    struct scenario *s = parse(text);
    CU_ASSERT_EQUAL_FATAL(s->grid.event_count, 1);
    struct scenario_event e = s->grid.events[0];
    CU_ASSERT_EQUAL(e.at_us, 2000000);
    scenario_destroy(s);
    return e;
}

/* The example of the issue that asked for it. */
static void as_asked_for(void)
{
    struct scenario *s = parse(
        GRID("partners:                       # per cluster: what its owner "
             "allows\n"
             "  lab: {campus: {priority: 45, go: yes, take: no, cap: 8}}\n"
             "events:\n"
             "  - {at: 7200 s, rejoin: lab}\n"
             "  - {at: 3600 s, isolate: lab, deadline: 60 s, then: freeze}\n"
             "faults: {node_mtbf: 30 d, repair: 10 min, loss: 0.01}\n"
             "freeze: {classes: [{class: 1, red: 6, blue: 4, slice: 10 "
             "min}], space: 4 GiB}\n"
             "checkpoint: {every: 30 min, keep: 2}\n"));
    const struct scenario_grid *g = &s->grid;
    CU_ASSERT_EQUAL_FATAL(g->partner_count, 1);
    CU_ASSERT_EQUAL(g->partners[0].owner, LAB);
    const struct cluster_rule *rule = &g->partners[0].rule;
    CU_ASSERT_EQUAL(rule->partner, CAMPUS + 1);
    CU_ASSERT_EQUAL(rule->priority, 45);
    CU_ASSERT_EQUAL(rule->cap, 8);
    CU_ASSERT_TRUE(rule->go);
    CU_ASSERT_FALSE(rule->take);
    CU_ASSERT_TRUE(rule->expand);
    CU_ASSERT_EQUAL_FATAL(g->event_count, 2);
    const struct scenario_event *e = g->events; /* By date. */
    CU_ASSERT_EQUAL(e[0].wish, WISH_ISOLATE);
    CU_ASSERT_EQUAL(e[0].at_us, 3600000000);
    CU_ASSERT_EQUAL(e[0].every_us, 0);
    CU_ASSERT_EQUAL(e[0].cluster, LAB);
    CU_ASSERT_EQUAL(e[0].nodes.first, 0);
    CU_ASSERT_EQUAL(e[0].nodes.last, 3);
    CU_ASSERT_EQUAL(e[0].deadline_us, 60000000);
    CU_ASSERT_EQUAL(e[0].then, THEN_FREEZE);
    CU_ASSERT_EQUAL(e[1].wish, WISH_REJOIN);
    CU_ASSERT_EQUAL(e[1].deadline_us, USEC_NEVER);
    CU_ASSERT_FALSE(e[1].has_number);
    CU_ASSERT_EQUAL(g->faults.node_mtbf_s, 30 * 86400.0);
    CU_ASSERT_EQUAL(g->faults.repair_s, 600);
    CU_ASSERT_EQUAL(g->faults.loss, 0.01);
    CU_ASSERT_EQUAL(g->freeze.space_bytes, 4ull << 30);
    CU_ASSERT_EQUAL(g->checkpoint.every_us, 1800000000);
    CU_ASSERT_EQUAL(g->checkpoint.keep, 2);
    scenario_destroy(s);
}

static void nothing_said(void)
{
    struct scenario *s = parse(GRID("partners: {lab: {others: {}}}\n"));
    const struct scenario_grid *g = &s->grid;
    const struct scenario_faults *f = &g->faults;
    const struct cluster_rule *rule = &g->partners[0].rule;
    CU_ASSERT_EQUAL(rule->partner, 0);
    CU_ASSERT_EQUAL(rule->priority, 50);
    CU_ASSERT_TRUE(rule->go && rule->take && rule->expand);
    CU_ASSERT_EQUAL(rule->cap, 0);
    CU_ASSERT_TRUE(isinf(f->node_mtbf_s));
    CU_ASSERT_TRUE(f->homes);
    CU_ASSERT_EQUAL(f->loss, 0);
    CU_ASSERT_EQUAL(f->drift_ppm, 0);
    CU_ASSERT_EQUAL(f->lost_after_us, USEC_NEVER);
    CU_ASSERT_EQUAL(f->home_lost_after_us, USEC_NEVER);
    CU_ASSERT_EQUAL(f->count, 0);
    CU_ASSERT_EQUAL(g->event_count, 0);
    CU_ASSERT_EQUAL(g->freeze.class_count, 0);
    CU_ASSERT_EQUAL(g->freeze.flood_burst, 0);
    CU_ASSERT_EQUAL(g->checkpoint.every_us, 0);
    CU_ASSERT_EQUAL(g->checkpoint.on, CHECKPOINT_HOME);
    CU_ASSERT_FALSE(g->checkpoint.after_home);
    CU_ASSERT_FALSE(s->clusters[LAB].owner_first);
    CU_ASSERT_EQUAL(s->clusters[CAMPUS].later_count, 0);
    CU_ASSERT_EQUAL(s->loads[0].home_cluster, UINT32_MAX);
    scenario_destroy(s);
}

/* ---- Events. ------------------------------------------------------------- */

static void of_clusters(void)
{
    struct scenario_event e = event("isolate: campus");
    CU_ASSERT_EQUAL(e.wish, WISH_ISOLATE);
    CU_ASSERT_EQUAL(e.cluster, CAMPUS);
    CU_ASSERT_EQUAL(e.deadline_us, USEC_NEVER);
    CU_ASSERT_EQUAL(e.then, THEN_WAIT);
    e = event("rejoin: lab, guests: 0");
    CU_ASSERT_EQUAL(e.wish, WISH_REJOIN);
    CU_ASSERT_TRUE(e.has_number);
    CU_ASSERT_EQUAL(e.number, 0);
    e = event("partner: lab, of: campus, priority: 7, cap: none");
    CU_ASSERT_EQUAL(e.wish, WISH_PARTNER);
    CU_ASSERT_EQUAL(e.cluster, LAB);
    CU_ASSERT_EQUAL(e.rule.partner, CAMPUS + 1);
    CU_ASSERT_EQUAL(e.rule.priority, 7);
    CU_ASSERT_EQUAL(e.rule.cap, 0);
    CU_ASSERT_EQUAL(e.rule_given, RULE_GIVEN_PRIORITY | RULE_GIVEN_CAP);
    e = event("partner: lab, of: others, go: no, take: no, expand: yes");
    CU_ASSERT_EQUAL(e.rule.partner, 0);
    CU_ASSERT_FALSE(e.rule.go || e.rule.take);
    CU_ASSERT_TRUE(e.rule.expand);
    CU_ASSERT_EQUAL(e.rule_given,
                    RULE_GIVEN_GO | RULE_GIVEN_TAKE | RULE_GIVEN_EXPAND);
    e = event("grow: lab, by: 1, every: 1 min, times: 2");
    CU_ASSERT_EQUAL(e.wish, WISH_GROW);
    CU_ASSERT_EQUAL(e.number, 1);
    CU_ASSERT_EQUAL(e.every_us, 60000000);
    CU_ASSERT_EQUAL(e.times, 2);
}

static void of_nodes(void)
{
    static const struct
    {
        const char *verb;
        enum wish wish;
    } rows[] = {
        {"block", WISH_BLOCK},         {"unblock", WISH_UNBLOCK},
        {"expel", WISH_EXPEL},         {"bring", WISH_BRING},
        {"leave", WISH_LEAVE},         {"return", WISH_RETURN},
        {"stay", WISH_STAY},           {"nostay", WISH_NOSTAY},
        {"lstay", WISH_LSTAY},         {"nolstay", WISH_NOLSTAY},
        {"unreserve", WISH_UNRESERVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char keys[80];
        snprintf(keys, sizeof keys, "%s: [5, 7]", rows[i].verb);
        struct scenario_event e = event(keys);
        CU_ASSERT_EQUAL(e.wish, rows[i].wish);
        CU_ASSERT_EQUAL(e.nodes.first, 5);
        CU_ASSERT_EQUAL(e.nodes.last, 7);
        CU_ASSERT_EQUAL(e.cluster, CAMPUS);
    }
    struct scenario_event e = event("leave: 12, deadline: 0 s, then: kill");
    CU_ASSERT_EQUAL(e.nodes.first, 12);
    CU_ASSERT_EQUAL(e.nodes.last, 12);
    CU_ASSERT_EQUAL(e.cluster, ATTIC);
    CU_ASSERT_EQUAL(e.deadline_us, 0);
    CU_ASSERT_EQUAL(e.then, THEN_KILL);
    e = event("reserve: campus, for: lab");
    CU_ASSERT_EQUAL(e.wish, WISH_RESERVE);
    CU_ASSERT_EQUAL(e.nodes.first, 4);
    CU_ASSERT_EQUAL(e.nodes.last, 11);
    CU_ASSERT_EQUAL(e.group.cluster, LAB + 1);
    CU_ASSERT_EQUAL(e.group.user, USER_ANY);
    e = event("reserve: 5, for: lab, user: 0");
    CU_ASSERT_EQUAL(e.group.user, 0);
    e = event("guests: lab, to: any");
    CU_ASSERT_EQUAL(e.wish, WISH_GUESTS);
    CU_ASSERT_EQUAL(e.number, 65535);
}

static void of_jobs(void)
{
    static const struct
    {
        const char *verb;
        enum wish wish;
    } rows[] = {
        {"freeze", WISH_FREEZE},   {"thaw", WISH_THAW},
        {"lock", WISH_LOCK},       {"unlock", WISH_UNLOCK},
        {"advance", WISH_ADVANCE}, {"retard", WISH_RETARD},
        {"hold", WISH_HOLD},       {"release", WISH_RELEASE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char keys[80];
        snprintf(keys, sizeof keys, "%s: [2, 5]", rows[i].verb);
        struct scenario_event e = event(keys);
        CU_ASSERT_EQUAL(e.wish, rows[i].wish);
        CU_ASSERT_EQUAL(e.job_first, 2);
        CU_ASSERT_EQUAL(e.job_last, 5);
        CU_ASSERT_EQUAL(e.job_group, 0);
    }
    struct scenario_event e = event("move: 3, to: 12");
    CU_ASSERT_EQUAL(e.wish, WISH_MOVE);
    CU_ASSERT_EQUAL(e.job_first, 3);
    CU_ASSERT_EQUAL(e.job_last, 3);
    CU_ASSERT_EQUAL(e.target, 12);
    CU_ASSERT_FALSE(e.target_home);
    e = event("move: {group: 7}, to: home");
    CU_ASSERT_EQUAL(e.job_group, 7);
    CU_ASSERT_TRUE(e.target_home);
    CU_ASSERT_EQUAL(e.target, NODE_NONE);
    e = event("move: 0, to: out");
    CU_ASSERT_FALSE(e.target_home);
    CU_ASSERT_EQUAL(e.target, NODE_NONE);
    e = event("priority: 1, to: 0");
    CU_ASSERT_EQUAL(e.wish, WISH_PRIORITY);
    CU_ASSERT_EQUAL(e.number, 0);
}

static void random_owners(void)
{
    struct scenario *s = parse(
        GRID("events:\n- {random: {do: leave, nodes: [5, 6], after: "
             "{exponential: 8 h}, for: {uniform: [1 s, 3 s]}, deadline: 1 min, "
             "then: kill}}\n"
             "- {random: {do: isolate, clusters: [campus, attic], after: 1 h, "
             "for: 2 h}}\n"
             "- {random: {do: block, clusters: lab, after: 1 h, for: 2 h}}\n"
             "- {random: {do: expel, nodes: all, after: 1 h, for: 2 h}}\n"));
    CU_ASSERT_EQUAL_FATAL(s->grid.random_count, 4);
    const struct scenario_random *r = s->grid.randoms;
    CU_ASSERT_EQUAL(r[0].wish, WISH_LEAVE);
    CU_ASSERT_EQUAL(r[0].nodes.first, 5);
    CU_ASSERT_EQUAL(r[0].nodes.last, 6);
    CU_ASSERT_FALSE(r[0].whole_clusters);
    CU_ASSERT_EQUAL(r[0].after.kind, LAW_EXPONENTIAL);
    CU_ASSERT_EQUAL(r[0].after.a, 8 * 3600e6);
    CU_ASSERT_EQUAL(r[0].lasting.kind, LAW_UNIFORM);
    CU_ASSERT_EQUAL(r[0].lasting.b, 3e6);
    CU_ASSERT_EQUAL(r[0].deadline_us, 60000000);
    CU_ASSERT_EQUAL(r[0].then, THEN_KILL);
    CU_ASSERT_EQUAL(r[1].wish, WISH_ISOLATE);
    CU_ASSERT_TRUE(r[1].whole_clusters);
    CU_ASSERT_EQUAL(r[1].nodes.first, 4);
    CU_ASSERT_EQUAL(r[1].nodes.last, 12);
    CU_ASSERT_EQUAL(r[1].deadline_us, USEC_NEVER);
    CU_ASSERT_EQUAL(r[2].wish, WISH_BLOCK);
    CU_ASSERT_EQUAL(r[2].nodes.last, 3);
    CU_ASSERT_EQUAL(r[3].wish, WISH_EXPEL);
    CU_ASSERT_EQUAL(r[3].nodes.first, 0);
    CU_ASSERT_EQUAL(r[3].nodes.last, 12);
    scenario_destroy(s);
}

/* ---- Faults, freezing. --------------------------------------------------- */

static void fault_list(void)
{
    struct scenario *s = parse(
        GRID("faults:\n  drift: 50\n  lost-after: 1 min\n"
             "  home-lost-after: 2 min\n  home-crash: no\n  list:\n"
             "  - {at: 5 s, partition: [[attic, lab], [campus]], for: 1 min}\n"
             "  - {at: 4 s, crash: [5, 6], for: 10 min}\n"
             "  - {at: 3 s, cut: [campus, lab]}\n"
             "  - {at: 2 s, slow: attic, factor: 25 %}\n"
             "  - {at: 1 s, loss: 0.5, for: 2 s}\n"));
    const struct scenario_faults *f = &s->grid.faults;
    CU_ASSERT_EQUAL(f->drift_ppm, 50);
    CU_ASSERT_EQUAL(f->lost_after_us, 60000000);
    CU_ASSERT_EQUAL(f->home_lost_after_us, 120000000);
    CU_ASSERT_FALSE(f->homes);
    CU_ASSERT_EQUAL_FATAL(f->count, 5);
    const struct scenario_fault *l = f->list;
    CU_ASSERT_EQUAL(l[0].kind, FAULT_LOSS);
    CU_ASSERT_EQUAL(l[0].at_us, 1000000);
    CU_ASSERT_EQUAL(l[0].for_us, 2000000);
    CU_ASSERT_EQUAL(l[0].share, 0.5);
    CU_ASSERT_EQUAL(l[1].kind, FAULT_SLOW);
    CU_ASSERT_EQUAL(l[1].nodes.first, 12);
    CU_ASSERT_EQUAL(l[1].share, 0.25);
    CU_ASSERT_EQUAL(l[1].for_us, USEC_NEVER);
    CU_ASSERT_EQUAL(l[2].kind, FAULT_CUT);
    CU_ASSERT_EQUAL(l[2].a, CAMPUS);
    CU_ASSERT_EQUAL(l[2].b, LAB);
    CU_ASSERT_EQUAL(l[3].kind, FAULT_CRASH);
    CU_ASSERT_EQUAL(l[3].nodes.first, 5);
    CU_ASSERT_EQUAL(l[3].nodes.last, 6);
    CU_ASSERT_EQUAL(l[3].for_us, 600000000);
    CU_ASSERT_EQUAL(l[4].kind, FAULT_PARTITION);
    CU_ASSERT_EQUAL(l[4].sides[LAB], 0);
    CU_ASSERT_EQUAL(l[4].sides[ATTIC], 0);
    CU_ASSERT_EQUAL(l[4].sides[CAMPUS], 1);
    scenario_destroy(s);
}

#define CLASSES                                                             \
    "freeze: {classes: [{class: 2, units: load, red: 6.5, blue: 4, "        \
    "auto-home: 0, auto-cluster: 3, min: 2, max: 9, slice: none}, {class: " \
    "1, red: 6, blue: 4}]}\n"

/* The nine numbers of freeze.conf are those of freeze_marks. */
static void classes_are_policies(void)
{
    struct scenario *s = parse(GRID(CLASSES "policies: [place_home]\n"));
    const struct scenario_policy *p = s->policies;
    CU_ASSERT_EQUAL_FATAL(s->policy_count, 3);
    CU_ASSERT_STRING_EQUAL(p[0].policy->name, "place_home");
    CU_ASSERT_STRING_EQUAL(p[1].policy->name, "freeze_marks");
    CU_ASSERT_STRING_EQUAL(p[2].policy->name, "freeze_marks");
    CU_ASSERT_EQUAL(param(&p[1], "class_number"), 2);
    CU_ASSERT_EQUAL(param(&p[1], "units"), 1);
    CU_ASSERT_EQUAL(param(&p[1], "red_milli"), 6500);
    CU_ASSERT_EQUAL(param(&p[1], "blue_milli"), 4000);
    CU_ASSERT_EQUAL(param(&p[1], "auto_home_milli"), 0);
    CU_ASSERT_EQUAL(param(&p[1], "auto_cluster_milli"), 3000);
    CU_ASSERT_EQUAL(param(&p[1], "running_min"), 2);
    CU_ASSERT_EQUAL(param(&p[1], "running_max"), 9);
    CU_ASSERT_EQUAL(param(&p[1], "slice_us"), 0);
    /* None is the most that there can be: never reached. */
    CU_ASSERT_EQUAL(param(&p[2], "class_number"), 1);
    CU_ASSERT_EQUAL(param(&p[2], "auto_home_milli"), 1000000000);
    CU_ASSERT_EQUAL(param(&p[2], "auto_cluster_milli"), 1000000000);
    CU_ASSERT_EQUAL(param(&p[2], "running_max"), 1000000);
    CU_ASSERT_EQUAL(param(&p[2], "slice_us"), 600000000);
    scenario_destroy(s);
}

static void classes_stay_behind_other_policies(void)
{
    struct complaint complaint;
    struct scenario *s = parse(GRID(CLASSES "policies: [place_home]\n"));
    char *all = scenario_policies_text(s);
    CU_ASSERT_EQUAL(scenario_set_policies(s, "place_best", &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(s->policy_count, 3);
    CU_ASSERT_STRING_EQUAL(s->policies[0].policy->name, "place_best");
    CU_ASSERT_EQUAL(param(&s->policies[2], "class_number"), 1);
    /* The text has them too: they are not doubled. */
    CU_ASSERT_EQUAL(scenario_set_policies(s, all, &complaint), 0);
    char *again = scenario_policies_text(s);
    CU_ASSERT_STRING_EQUAL(all, again);
    CU_ASSERT_EQUAL(
        scenario_set_policies(s, "place_best,freeze_marks:red=9", &complaint),
        -EINVAL);
    CU_ASSERT_STRING_EQUAL(complaint.file, "--policies");
    CU_ASSERT_PTR_NOT_NULL(strstr(complaint.text, "has other marks for it"));
    free(again);
    again = scenario_policies_text(s);
    CU_ASSERT_STRING_EQUAL(all, again);
    free(again);
    free(all);
    scenario_destroy(s);
}

/* ---- Traces. ------------------------------------------------------------- */

static char *file_of(const char *content)
{
    char *path = strdup("/tmp/vencejo-grid-XXXXXX");
    int file = mkstemp(path);
    CU_ASSERT_FATAL(file >= 0);
    CU_ASSERT_EQUAL_FATAL(write(file, content, strlen(content)),
                          (ssize_t)strlen(content));
    close(file);
    return path;
}

/* The scenario whose text names that file. */
static int parse_with(const char *keys,
                      const char *path,
                      struct scenario **ret_scenario,
                      struct complaint *ret_complaint)
{
    char text[2000];
    snprintf(text, sizeof text, GRID("until: 2 h\n%s{trace: %s}%s\n"), keys,
             path, strchr(keys, '[') ? "]" : "");
    *ret_scenario = NULL;
    return scenario_parse(text, strlen(text), "it.yaml", NULL, 0, ret_scenario,
                          ret_complaint);
}

static void event_trace(void)
{
    char *path = file_of(
        "# seconds\tverb\twhat\n"
        "7200\trejoin\tlab\tguests=3\r\n"
        "\n"
        "3600.5\tisolate\tlab\tdeadline=60 s\tthen=kill\n"
        "1\tmove\t{group: 7}\tto=home\tevery=1 min\n"
        "0.000001\tblock\t[4, 6]");
    struct scenario *s;
    struct complaint complaint;
    CU_ASSERT_EQUAL_FATAL(
        parse_with("events: [{at: 1 s, stay: 3}, ", path, &s, &complaint), 0);
    CU_ASSERT_EQUAL_FATAL(s->grid.event_count, 5);
    const struct scenario_event *e = s->grid.events;
    CU_ASSERT_EQUAL(e[0].wish, WISH_BLOCK);
    CU_ASSERT_EQUAL(e[0].at_us, 1);
    CU_ASSERT_EQUAL(e[0].nodes.last, 6);
    CU_ASSERT_EQUAL(e[1].wish, WISH_STAY);
    CU_ASSERT_EQUAL(e[2].wish, WISH_MOVE);
    CU_ASSERT_EQUAL(e[2].job_group, 7);
    CU_ASSERT_EQUAL(e[2].every_us, 60000000);
    CU_ASSERT_EQUAL(e[3].wish, WISH_ISOLATE);
    CU_ASSERT_EQUAL(e[3].at_us, 3600500000);
    CU_ASSERT_EQUAL(e[3].deadline_us, 60000000);
    CU_ASSERT_EQUAL(e[3].then, THEN_KILL);
    CU_ASSERT_EQUAL(e[4].number, 3);
    scenario_destroy(s);
    unlink(path);
    free(path);
}

static void fault_trace(void)
{
    char *path = file_of("12\t5\t6\n# later\n3\t7000\t1e9\n");
    struct scenario *s;
    struct complaint complaint;
    CU_ASSERT_EQUAL(parse_with("faults: ", path, &s, &complaint), -EINVAL);
    CU_ASSERT_STRING_EQUAL(complaint.file, path);
    CU_ASSERT_EQUAL(complaint.line, 3);
    CU_ASSERT_EQUAL(complaint.column, 8);
    unlink(path);
    free(path);
    /* The second goes on beyond the end: it is up again only then. */
    path = file_of("12\t5\t6.25\n3\t7000\t100000\n12\t6.25\t7\n3\t1\t2\n");
    CU_ASSERT_EQUAL_FATAL(parse_with("faults: ", path, &s, &complaint), 0);
    const struct scenario_faults *f = &s->grid.faults;
    CU_ASSERT_STRING_EQUAL(f->trace_path, path);
    CU_ASSERT_EQUAL_FATAL(f->count, 4);
    CU_ASSERT_EQUAL(f->list[0].kind, FAULT_CRASH);
    CU_ASSERT_EQUAL(f->list[0].nodes.first, 3);
    CU_ASSERT_EQUAL(f->list[1].nodes.last, 12);
    CU_ASSERT_EQUAL(f->list[1].at_us, 5000000);
    CU_ASSERT_EQUAL(f->list[1].for_us, 1250000);
    CU_ASSERT_EQUAL(f->list[3].at_us, 7000000000);
    CU_ASSERT_EQUAL(f->list[3].for_us, 93000000000);
    scenario_destroy(s);
    unlink(path);
    free(path);
}

struct trace_mistake
{
    const char *content;
    size_t line;
    size_t column;
    const char *message;
};

static void check_trace(const char *keys,
                        const struct trace_mistake *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *path = file_of(rows[i].content);
        struct scenario *s;
        struct complaint complaint = {.line = 99};
        int error = parse_with(keys, path, &s, &complaint);
        bool good = error == -EINVAL && strcmp(complaint.file, path) == 0 &&
                    complaint.line == rows[i].line &&
                    complaint.column == rows[i].column &&
                    strstr(complaint.text, rows[i].message);
        if (!good)
            printf("\n%s\nexpected %zu:%zu: %s\nheard    %s:%zu:%zu: %s\n",
                   rows[i].content, rows[i].line, rows[i].column,
                   rows[i].message, complaint.file, complaint.line,
                   complaint.column, error ? complaint.text : "(nothing)");
        CU_ASSERT_TRUE(good);
        scenario_destroy(s);
        unlink(path);
        free(path);
    }
}

static void event_trace_mistakes(void)
{
    static const struct trace_mistake rows[] = {
        {"1\tblock\n", 1, 1, "2 cells, write the seconds"},
        {"#\n\nx\tblock\tlab\n", 3, 1, "at: 'x' is no number of seconds"},
        {"1 s\tblock\tlab\n", 1, 1, "is no number of seconds"},
        {"0.0000001\tblock\tlab\n", 1, 1, "is finer than a microsecond"},
        {"1e3\tblock\tlab\n", 1, 1, "is no number of seconds"},
        {"9999999999999\tblock\tlab\n", 1, 1, "285 years"},
        {"7201\tblock\tlab\n", 1, 1, "is after until, 2 h"},
        {"1\tblokc\tlab\n", 1, 3,
         "unknown verb 'blokc', did you mean 'block'?"},
        {"1\tblock\tlba\n", 1, 9, "unknown cluster 'lba', did you mean 'lab'?"},
        {"1\tblock\t\n", 1, 9, "an empty cell"},
        {"1\tblock\t[2, 4]\n", 1, 13, "node 4 is not of the cluster of node 2"},
        {"1\tblock\t[2, 4\n", 1, 14, "not YAML"},
        {"1\tblock\t*x\n", 1, 9, "anchors and aliases"},
        {"1\tblock\tlab\tdeadline=3 s\n", 1, 13, "block takes none"},
        {"1\tisolate\tlab\tdeadline\n", 1, 15,
         "'deadline' is no key and value"},
        {"1\tisolate\tlab\tdeadline=3\n", 1, 24, "deadline: '3' has no unit"},
        {"1\tisolate\tlab\tthen=kill\n", 1, 15, "without a deadline"},
        {"1\tisolate\tlab\tat=3 s\n", 1, 15, "given twice"},
        {"1\tguests\t3\trejoin=lab\n", 1, 12,
         "both guests and rejoin in one line"},
        {"1\tblock\tla\001b\n", 1, 9, "a control character"},
        {"0\tgrow\tlab\tby=2\n1\tgrow\tlab\tby=1\n", 2, 15,
         "lab grows by 3 nodes in all"},
    };
    check_trace("events: [", rows, sizeof rows / sizeof *rows);
}

static void fault_trace_mistakes(void)
{
    static const struct trace_mistake rows[] = {
        {"1\t2\n", 1, 1, "2 cells, write the node"},
        {"1\t2\t3\t4\n", 1, 1, "4 cells"},
        {"13\t2\t3\n", 1, 1, "node: there is no node '13'"},
        {"lab\t2\t3\n", 1, 1, "node: 'lab' is not a whole number"},
        {"1\tx\t3\n", 1, 3, "down: 'x' is no number of seconds"},
        {"1\t2\t-3\n", 1, 5, "up: '-3' is no number of seconds"},
        {"1\t2\t2\n", 1, 5, "up: '2' is not after down"},
        {"1\t5\t9\n2\t1\t9\n1\t2\t6\n", 3, 1,
         "node 1 is down at that time by line 1 already"},
        {"\303\251\t2\t3\n", 1, 1, "is not a whole number"},
        {"1\t\303\251\t3\n", 1, 3, "is no number of seconds"},
    };
    check_trace("faults: ", rows, sizeof rows / sizeof *rows);
}

/* ---- There and back. ----------------------------------------------------- */

static void compare_events(const struct scenario_grid *a,
                           const struct scenario_grid *b)
{
    CU_ASSERT_EQUAL_FATAL(a->event_count, b->event_count);
    for (size_t i = 0; i < a->event_count; i++) {
        const struct scenario_event *x = &a->events[i];
        const struct scenario_event *y = &b->events[i];
        CU_ASSERT_EQUAL(x->at_us, y->at_us);
        CU_ASSERT_EQUAL(x->every_us, y->every_us);
        CU_ASSERT_EQUAL(x->times, y->times);
        CU_ASSERT_EQUAL(x->wish, y->wish);
        CU_ASSERT_EQUAL(x->cluster, y->cluster);
        CU_ASSERT_EQUAL(x->nodes.first, y->nodes.first);
        CU_ASSERT_EQUAL(x->nodes.last, y->nodes.last);
        CU_ASSERT_EQUAL(x->job_first, y->job_first);
        CU_ASSERT_EQUAL(x->job_last, y->job_last);
        CU_ASSERT_EQUAL(x->job_group, y->job_group);
        CU_ASSERT_EQUAL(x->target, y->target);
        CU_ASSERT_EQUAL(x->target_home, y->target_home);
        CU_ASSERT_EQUAL(x->deadline_us, y->deadline_us);
        CU_ASSERT_EQUAL(x->then, y->then);
        CU_ASSERT_EQUAL(x->number, y->number);
        CU_ASSERT_EQUAL(x->has_number, y->has_number);
        CU_ASSERT_EQUAL(x->group.cluster, y->group.cluster);
        CU_ASSERT_EQUAL(x->group.user, y->group.user);
        CU_ASSERT_EQUAL(x->rule.partner, y->rule.partner);
        CU_ASSERT_EQUAL(x->rule.priority, y->rule.priority);
        CU_ASSERT_EQUAL(x->rule.cap, y->rule.cap);
        CU_ASSERT_EQUAL(x->rule.go, y->rule.go);
        CU_ASSERT_EQUAL(x->rule.take, y->rule.take);
        CU_ASSERT_EQUAL(x->rule.expand, y->rule.expand);
        CU_ASSERT_EQUAL(x->rule_given, y->rule_given);
    }
    CU_ASSERT_EQUAL_FATAL(a->random_count, b->random_count);
    for (size_t i = 0; i < a->random_count; i++) {
        const struct scenario_random *x = &a->randoms[i];
        const struct scenario_random *y = &b->randoms[i];
        CU_ASSERT_EQUAL(x->wish, y->wish);
        CU_ASSERT_EQUAL(x->nodes.first, y->nodes.first);
        CU_ASSERT_EQUAL(x->nodes.last, y->nodes.last);
        CU_ASSERT_EQUAL(x->whole_clusters, y->whole_clusters);
        CU_ASSERT_EQUAL(x->after.kind, y->after.kind);
        CU_ASSERT_EQUAL(x->after.a, y->after.a);
        CU_ASSERT_EQUAL(x->lasting.kind, y->lasting.kind);
        CU_ASSERT_EQUAL(x->lasting.b, y->lasting.b);
        CU_ASSERT_EQUAL(x->deadline_us, y->deadline_us);
        CU_ASSERT_EQUAL(x->then, y->then);
    }
}

static void compare_faults(const struct scenario *a, const struct scenario *b)
{
    const struct scenario_faults *x = &a->grid.faults;
    const struct scenario_faults *y = &b->grid.faults;
    CU_ASSERT_EQUAL(x->node_mtbf_s, y->node_mtbf_s);
    CU_ASSERT_EQUAL(x->repair_s, y->repair_s);
    CU_ASSERT_EQUAL(x->homes, y->homes);
    CU_ASSERT_EQUAL(x->loss, y->loss);
    CU_ASSERT_EQUAL(x->drift_ppm, y->drift_ppm);
    CU_ASSERT_EQUAL(x->lost_after_us, y->lost_after_us);
    CU_ASSERT_EQUAL(x->home_lost_after_us, y->home_lost_after_us);
    CU_ASSERT_EQUAL_FATAL(x->count, y->count);
    for (size_t i = 0; i < x->count; i++) {
        CU_ASSERT_EQUAL(x->list[i].kind, y->list[i].kind);
        CU_ASSERT_EQUAL(x->list[i].at_us, y->list[i].at_us);
        CU_ASSERT_EQUAL(x->list[i].for_us, y->list[i].for_us);
        CU_ASSERT_EQUAL(x->list[i].nodes.first, y->list[i].nodes.first);
        CU_ASSERT_EQUAL(x->list[i].nodes.last, y->list[i].nodes.last);
        CU_ASSERT_EQUAL(x->list[i].a, y->list[i].a);
        CU_ASSERT_EQUAL(x->list[i].b, y->list[i].b);
        CU_ASSERT_EQUAL(x->list[i].share, y->list[i].share);
        CU_ASSERT_EQUAL(x->list[i].from_trace, y->list[i].from_trace);
        if (x->list[i].kind == FAULT_PARTITION)
            CU_ASSERT_EQUAL(memcmp(x->list[i].sides, y->list[i].sides,
                                   a->cluster_count * sizeof(uint32_t)),
                            0);
    }
}

static void compare_rest(const struct scenario *a, const struct scenario *b)
{
    const struct scenario_grid *x = &a->grid;
    const struct scenario_grid *y = &b->grid;
    CU_ASSERT_EQUAL_FATAL(x->partner_count, y->partner_count);
    for (size_t i = 0; i < x->partner_count; i++) {
        const struct cluster_rule *p = &x->partners[i].rule;
        const struct cluster_rule *q = &y->partners[i].rule;
        CU_ASSERT_EQUAL(x->partners[i].owner, y->partners[i].owner);
        CU_ASSERT_EQUAL(p->partner, q->partner);
        CU_ASSERT_EQUAL(p->priority, q->priority);
        CU_ASSERT_EQUAL(p->cap, q->cap);
        CU_ASSERT_EQUAL(p->go, q->go);
        CU_ASSERT_EQUAL(p->take, q->take);
        CU_ASSERT_EQUAL(p->expand, q->expand);
    }
    CU_ASSERT_EQUAL(x->freeze.space_bytes, y->freeze.space_bytes);
    CU_ASSERT_EQUAL(x->freeze.flood_burst, y->freeze.flood_burst);
    CU_ASSERT_EQUAL(x->freeze.flood_per_s, y->freeze.flood_per_s);
    CU_ASSERT_EQUAL(x->freeze.class_count, y->freeze.class_count);
    CU_ASSERT_EQUAL_FATAL(a->policy_count, b->policy_count);
    for (size_t i = 0; i < a->policy_count; i++) {
        const struct policy *policy = a->policies[i].policy;
        CU_ASSERT_PTR_EQUAL(policy, b->policies[i].policy);
        CU_ASSERT_EQUAL(memcmp(a->policies[i].params, b->policies[i].params,
                               policy->params_size),
                        0);
    }
    CU_ASSERT_EQUAL(x->checkpoint.every_us, y->checkpoint.every_us);
    CU_ASSERT_EQUAL(x->checkpoint.keep, y->checkpoint.keep);
    CU_ASSERT_EQUAL(x->checkpoint.on, y->checkpoint.on);
    CU_ASSERT_EQUAL(x->checkpoint.after_home, y->checkpoint.after_home);
    for (size_t i = 0; i < a->cluster_count; i++) {
        CU_ASSERT_EQUAL(a->clusters[i].owner_first, b->clusters[i].owner_first);
        CU_ASSERT_EQUAL(a->clusters[i].later_count, b->clusters[i].later_count);
    }
    CU_ASSERT_EQUAL_FATAL(a->load_count, b->load_count);
    for (size_t i = 0; i < a->load_count; i++) {
        const struct scenario_load *p = &a->loads[i];
        const struct scenario_load *q = &b->loads[i];
        CU_ASSERT_EQUAL(p->home.rule, q->home.rule);
        CU_ASSERT_EQUAL(p->home_cluster, q->home_cluster);
        CU_ASSERT_EQUAL(p->priority, q->priority);
        CU_ASSERT_EQUAL(p->width, q->width);
        CU_ASSERT_EQUAL(p->traffic_bytes_per_s, q->traffic_bytes_per_s);
        CU_ASSERT_EQUAL(p->message_bytes, q->message_bytes);
        CU_ASSERT_EQUAL(p->traffic_way, q->traffic_way);
        CU_ASSERT_EQUAL(p->group, q->group);
        CU_ASSERT_EQUAL(p->user, q->user);
        CU_ASSERT_EQUAL(p->native, q->native);
        CU_ASSERT_EQUAL(p->held, q->held);
    }
}

/* Every key of the grid, and every verb, in some text. */
static const char *const texts[] = {
    GRID(""),
    GRID("partners: {lab: {others: {take: no}, campus: {priority: 1, expand: "
         "no}}, attic: {lab: {cap: 3}}}\n"),
    GRID("until: 1 d\nevents:\n"
         "- {at: 2 s, isolate: lab, deadline: 1 us, then: wait}\n"
         "- {at: 1 s, rejoin: lab, guests: any}\n- {at: 1 s, block: 3}\n"
         "- {at: 1 s, unblock: [0, 3]}\n- {at: 1 s, expel: [0, 2]}\n"
         "- {at: 1 s, bring: attic}\n- {at: 1 s, leave: 5, deadline: 3 s}\n"
         "- {at: 1 s, return: 5}\n- {at: 1 s, stay: lab, every: 1 h}\n"
         "- {at: 1 s, nostay: lab, every: 1 h, times: 3}\n"
         "- {at: 1 s, lstay: lab}\n- {at: 1 s, nolstay: lab}\n"
         "- {at: 1 s, reserve: 4, for: attic, user: 0}\n"
         "- {at: 1 s, reserve: 4, for: attic}\n- {at: 1 s, unreserve: 4}\n"
         "- {at: 1 s, guests: campus, to: any}\n"
         "- {at: 1 s, guests: campus, to: 0}\n"
         "- {at: 1 s, partner: lab, of: others, take: yes}\n"
         "- {at: 1 s, partner: lab, of: attic, priority: 3, go: no, expand: "
         "no, cap: none}\n"
         "- {at: 1 s, grow: lab, by: 2}\n- {at: 1 s, move: 1, to: out}\n"
         "- {at: 1 s, move: [0, 5], to: home}\n"
         "- {at: 1 s, move: {group: 7}, to: 0}\n- {at: 1 s, freeze: 1}\n"
         "- {at: 1 s, thaw: {group: 7}}\n- {at: 1 s, lock: 1}\n"
         "- {at: 1 s, unlock: 1}\n- {at: 1 s, advance: 2}\n"
         "- {at: 1 s, retard: 2}\n- {at: 1 s, priority: 2, to: 65535}\n"
         "- {at: 1 s, hold: 3}\n- {at: 1 s, release: 3}\n"),
    GRID("events:\n"
         "- {random: {do: isolate, clusters: all, after: {exponential: 1 h}, "
         "for: {uniform: [1 s, 2 s]}, deadline: 1 s, then: freeze}}\n"
         "- {random: {do: block, nodes: all, after: 1 h, for: 1 us}}\n"
         "- {random: {do: expel, nodes: [4, 6], after: 1 h, for: 1 s}}\n"
         "- {random: {do: leave, nodes: attic, after: 1 h, for: 1 s}}\n"
         "- {random: {do: leave, clusters: [campus, attic], after: 1 h, for: "
         "1 s, deadline: 0 s}}\n"),
    GRID("faults: {node_mtbf: 33.3 d, repair: 1 us, home-crash: no, loss: 33.3 "
         "%, drift: 100000, lost-after: 1 ms, home-lost-after: 1 d, list: "
         "[{at: 3 s, partition: [[campus], [attic], [lab]]}, {at: 0 s, "
         "crash: lab, for: 1 us}, {at: 1 s, cut: [campus, lab]}, {at: 1 s, "
         "slow: [4, 5], factor: 0.123456789}, {at: 1 s, loss: 1}]}\n"),
    GRID(CLASSES "policies: [place_home, freeze_marks: {class_number: 9}]\n"),
    GRID("freeze: {flood: {burst: 3}}\ncheckpoint: {on: server, every: 1 h, "
         "restart-after-home: yes}\n"),
    "vencejo: 1\nuntil: 1 s\nclusters: {a: {nodes: 2, owner-first: yes}, user: "
    "{nodes: 3, later: 1}, b: {nodes: 1}}\nworkload: [{batch: {count: 1, "
    "cpu: 1 s, home: b, native: yes, held: yes, width: 3, traffic: 2 MB/s, "
    "message: 3 KiB, traffic-by: home, group: 1, priority: "
    "0, user: 9}}, {poisson: {rate: 1 /s, count: 1, cpu: 1 s, home: a, "
    "home-rule: user, user: 4}}, {poisson: {rate: 1 /s, count: 1, cpu: 1 s, "
    "home: user, users: 4}}, {trace: {file: /dev/null, home: a, home-rule: "
    "partition, priority: 3, group: 2}}]\n",
};

static void check_round_trip(const char *text)
{
    char *once = NULL;
    char *twice = NULL;
    struct scenario *first = parse(text);
    CU_ASSERT_EQUAL_FATAL(scenario_print(first, &once), 0);
    struct scenario *second = parse(once);
    CU_ASSERT_EQUAL_FATAL(scenario_print(second, &twice), 0);
    CU_ASSERT_STRING_EQUAL(once, twice);
    compare_events(&first->grid, &second->grid);
    compare_faults(first, second);
    compare_rest(first, second);
    free(once);
    free(twice);
    scenario_destroy(first);
    scenario_destroy(second);
}

static void round_trip(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_round_trip(texts[i]);
}

static void round_trip_of_traces(void)
{
    char text[2000];
    char *events = file_of("1\tmove\t[1, 2]\tto=out\n0\tblock\tcampus\n");
    char *faults = file_of("3\t5\t6\n4\t5\t6.000001\n3\t1\t2\n");
    snprintf(text, sizeof text,
             GRID("events: [{trace: %s}, {at: 1 s, stay: 1}]\n"
                  "faults: {trace: %s, list: [{at: 5 s, crash: 7}, {at: 0 s, "
                  "crash: 8}]}\n"),
             events, faults);
    check_round_trip(text);
    unlink(events);
    unlink(faults);
    free(events);
    free(faults);
}

/* ---- What the reference engine cannot model. ----------------------------- */

#define SMALL(keys)                                                         \
    "vencejo: 1\nworkload: {batch: {count: 1, cpu: 1 s}}\nwan: [{between: " \
    "[a, b], bandwidth: 1 Gbps, latency: 1 ms}]\n" keys
#define AB "clusters: {a: {nodes: 2}, b: {nodes: 2}}\n"

static void said_by_name(void)
{
    static const struct
    {
        const char *text;
        const char *key; /* "": it models all of it. */
    } rows[] = {
        {SMALL(AB), ""},
        {SMALL("clusters: {a: {nodes: 2, owner-first: yes}, b: {nodes: 2}}\n"),
         ""},
        {SMALL(AB "partners: {a: {b: {}}}\n"), ""},
        {SMALL(AB "events: [{at: 0 s, block: 1}]\n"), "events"},
        {SMALL(AB "events: [random: {do: leave, nodes: 1, after: 1 s, for: 1 "
                  "s}]\n"),
         "events"},
        {SMALL(AB "freeze: {space: 1 B}\n"), "freeze: space"},
        {SMALL(AB "freeze: {flood: {burst: 1}}\n"), ""},
        {SMALL(AB "checkpoint: {every: 1 h}\n"), "checkpoint"},
        {SMALL(AB "faults: {node_mtbf: 1 d, loss: 0.1}\n"), ""},
        {SMALL(AB "faults: {list: [{at: 0 s, cut: [a, b]}]}\n"), ""},
        {SMALL(AB "faults: {list: [{at: 0 s, slow: 1, factor: 0.5}]}\n"),
         "faults: slow"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scenario *s = parse(rows[i].text);
        const char *key = scenario_beyond_simgrid(s);
        CU_ASSERT_STRING_EQUAL(key ? key : "", rows[i].key);
        scenario_destroy(s);
    }
}

SUITE_MAIN(
    "the grid of a scenario",
    {"the keys work as the issue writes them", as_asked_for},
    {"what is not said allows all and breaks nothing", nothing_said},
    {"owners of clusters isolate, rejoin, grow, change partners", of_clusters},
    {"owners of nodes block, expel, leave, reserve, limit", of_nodes},
    {"users move, freeze, lock, order and hold jobs", of_jobs},
    {"owners come and go by laws, by nodes or whole clusters", random_owners},
    {"faults are read with what they break, by date", fault_list},
    {"a class of freeze: is a freeze_marks with its nine numbers",
     classes_are_policies},
    {"classes stay when the other policies are replaced",
     classes_stay_behind_other_policies},
    {"a trace of events is as if they stood in the list", event_trace},
    {"a trace of faults is a crash and a repair for each line", fault_trace},
    {"a mistake in a trace of events has a line and a column",
     event_trace_mistakes},
    {"a mistake in a trace of faults has a line and a column",
     fault_trace_mistakes},
    {"what is printed reads back as the same", round_trip},
    {"traces read back as the same", round_trip_of_traces},
    {"what the reference engine cannot model is said by name", said_by_name})
