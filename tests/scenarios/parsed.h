/* parsed.h - scenarios that tests expect to be right. */
#ifndef TESTS_SCENARIOS_PARSED_H
#define TESTS_SCENARIOS_PARSED_H

#include <string.h>

#include "algorithms/node/registry.h"
#include "scenarios/scenario.h"
#include "tests/suite.h"

static inline struct scenario *parse(const char *text)
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

static inline uint64_t param(const struct scenario_policy *entry,
                             const char *name)
{
    const struct policy_param *found = policy_param_find(entry->policy, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    return policy_param_get(found, entry->params);
}

#endif /* TESTS_SCENARIOS_PARSED_H */
