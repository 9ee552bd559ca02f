/* test_grid.c - partners, events, faults: read as written, printed so that they
 * read back as the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "tests/suite.h"

#define GRID(keys)                                                         \
    "vencejo: 1\n"                                                         \
    "clusters: {lab: {nodes: 4}, campus: {nodes: 8}, attic: {nodes: 1}}\n" \
    "wan: [{between: [lab, campus], bandwidth: 1 Gbps, latency: 1 ms}]\n"  \
    "workload: {batch: {count: 6, cpu: 1 s}}\n" keys
enum { LAB, CAMPUS, ATTIC };

static struct scenario *parse(const char *text)
{
    struct scenario *scenario = NULL;
    struct complaint complaint;
    if (scenario_parse(text, strlen(text), "it.yaml", NULL, 0, &scenario,
                       &complaint) != 0)
        printf("\n%s\n%zu:%zu: %s\n", text, complaint.line, complaint.column,
               complaint.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    return scenario;
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
             "faults: {node_mtbf: 30 d, repair: 10 min, loss: 0.01}\n"));
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
    scenario_destroy(s);
}

static void nothing_said(void)
{
    struct scenario *s = parse(GRID("partners: {lab: {others: {}}}\n"));
    const struct scenario_faults *f = &s->grid.faults;
    const struct cluster_rule *rule = &s->grid.partners[0].rule;
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
    CU_ASSERT_EQUAL(s->grid.event_count, 0);
    scenario_destroy(s);
}

SUITE_MAIN("the grid of a scenario",
           {"the keys work as the issue writes them", as_asked_for},
           {"what is not said allows all and breaks nothing", nothing_said})
