/* fuzz_fault_trace.c - any bytes as a trace of faults: refused with a place, or
 * crashes of nodes that are there, by date, none while its node is down. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../scenarios/keys.h"
#include "harness.h"

enum { NODES = 4 };
static const char base[] =
    "vencejo: 1\nclusters: {lab: {nodes: 4}}\n"
    "workload: {batch: {count: 1, cpu: 1 s}}\n";

static void check(const struct scenario_faults *faults)
{
    uint64_t up_us[NODES] = {0};
    uint64_t last_us = 0;
    for (size_t i = 0; i < faults->count; i++) {
        const struct scenario_fault *fault = &faults->list[i];
        assert(fault->kind == FAULT_CRASH);
        assert(fault->nodes.first < NODES);
        assert(fault->nodes.first == fault->nodes.last);
        assert(fault->for_us > 0);
        assert(last_us <= fault->at_us);
        assert(up_us[fault->nodes.first] <= fault->at_us);
        last_us = fault->at_us;
        up_us[fault->nodes.first] = fault->at_us + fault->for_us;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct complaint complaint = {.line = 0};
    struct scenario *scenario = NULL;
    int error = scenario_parse(base, strlen(base), "fuzz.yaml", NULL, 0,
                               &scenario, &complaint);
    assert(error == 0);
    struct key_reader r = {
        .scenario = scenario, .folder = "", .complaint = &complaint};
    error = fault_trace_parse(&r, (const char *)bytes, count, "fuzz.tsv",
                              &scenario->grid.faults);
    assert((error != 0) == (complaint.line > 0));
    if (!error)
        check(&scenario->grid.faults);
    scenario_destroy(scenario);
    return 0;
}
