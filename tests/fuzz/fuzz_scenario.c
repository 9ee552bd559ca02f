/* fuzz_scenario.c - any bytes: refused with a place, or printed and read back
 * as the same. A list of policies for the command line is tried as well. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../scenarios/scenario.h"
#include "harness.h"

static struct scenario *parse(const char *text, size_t count)
{
    struct scenario *scenario = NULL;
    struct complaint complaint;
    int error = scenario_parse(text, count, "fuzz.yaml", NULL, 0, &scenario,
                               &complaint);
    assert((error == 0) == (scenario != NULL));
    if (error)
        assert(*complaint.text);
    return scenario;
}

static void check_same(const struct scenario *first)
{
    char *once;
    char *twice;
    int error = scenario_print(first, &once);
    assert(error == 0);
    struct scenario *second = parse(once, strlen(once));
    assert(second);
    error = scenario_print(second, &twice);
    assert(error == 0);
    assert(strcmp(once, twice) == 0);
    free(once);
    free(twice);
    scenario_destroy(second);
}

/* The first line as a list of policies. */
static void try_policies(const uint8_t *bytes, size_t count)
{
    static const char base[] =
        "vencejo: 1\nclusters: {a: {nodes: 1}}\n"
        "workload: {batch: {count: 1, cpu: 1 s}}\n";
    struct complaint complaint;
    struct scenario *scenario = parse(base, sizeof base - 1);
    char *text = strndup((const char *)bytes, count);
    assert(scenario);
    assert(text);
    text[strcspn(text, "\n")] = '\0';
    if (scenario_set_policies(scenario, text, &complaint) == 0)
        check_same(scenario);
    free(text);
    scenario_destroy(scenario);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct scenario *scenario = parse((const char *)bytes, count);
    if (scenario)
        check_same(scenario);
    scenario_destroy(scenario);
    try_policies(bytes, count);
    return 0;
}
