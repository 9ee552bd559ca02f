/* fuzz_event_trace.c - any bytes as a trace of events: refused with a place, or
 * printed as entries of the list that read back as the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../scenarios/verbs.h"
#include "harness.h"

static const char base[] =
    "vencejo: 1\nuntil: 1 d\n"
    "clusters: {lab: {nodes: 4, later: 2}, campus: {nodes: 8}}\n"
    "workload: {batch: {count: 6, cpu: 1 s, group: 7}}\n";

static struct scenario *parse(const char *text)
{
    struct scenario *scenario = NULL;
    struct complaint complaint;
    int error = scenario_parse(text, strlen(text), "fuzz.yaml", NULL, 0,
                               &scenario, &complaint);
    assert(error == 0);
    return scenario;
}

static char *print(const struct scenario *scenario)
{
    char *text = NULL;
    int error = scenario_print(scenario, &text);
    assert(error == 0);
    return text;
}

static void check_same(struct scenario *scenario)
{
    struct key_reader r = {.scenario = scenario};
    int error = dated_sort(
        &r, scenario->grid.events, scenario->grid.event_count,
        sizeof *scenario->grid.events, offsetof(struct scenario_event, at_us));
    assert(error == 0);
    char *once = print(scenario);
    struct scenario *second = parse(once);
    char *twice = print(second);
    assert(strcmp(once, twice) == 0);
    free(once);
    free(twice);
    scenario_destroy(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct complaint complaint = {.line = 0};
    struct event_budget budget = {0};
    struct scenario *scenario = parse(base);
    struct key_reader r = {
        .scenario = scenario, .folder = "", .complaint = &complaint};
    int error = event_budget_init(&r, &budget);
    assert(error == 0);
    error =
        event_trace_parse(&r, (const char *)bytes, count, "fuzz.tsv", &budget);
    assert((error != 0) == (complaint.line > 0));
    if (!error)
        check_same(scenario);
    event_budget_finish(&r, &budget);
    scenario_destroy(scenario);
    return 0;
}
