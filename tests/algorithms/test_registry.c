/* test_registry.c - policies by name, and their parameters. */
#include <string.h>

#include "algorithms/node/registry.h"
#include "tests/suite.h"

struct params
{
    uint64_t period_us;
    uint64_t size;
};

static const struct policy_param rows[] = {
    {"period_us", offsetof(struct params, period_us), 1, 9, 5, "a"},
    {"size", offsetof(struct params, size), 1, 99, 16, "b"},
    {0},
};
static const struct policy policy = {.name = "x",
                                     .params_size = sizeof(struct params),
                                     .params = rows};

static void names_ascend_and_are_found(void)
{
    for (size_t i = 0; policies[i]; i++) {
        CU_ASSERT_PTR_EQUAL(policy_find(policies[i]->name), policies[i]);
        CU_ASSERT(i == 0 ||
                  strcmp(policies[i - 1]->name, policies[i]->name) < 0);
    }
    CU_ASSERT_PTR_NULL(policy_find("no_such_policy"));
    CU_ASSERT_PTR_NULL(policy_find(""));
}

static void defaults_and_changes(void)
{
    struct params params = {77, 77};
    policy_params_default(&policy, &params);
    CU_ASSERT_EQUAL(params.period_us, 5);
    CU_ASSERT_EQUAL(params.size, 16);
    const struct policy_param *size = policy_param_find(&policy, "size");
    CU_ASSERT_PTR_NOT_NULL_FATAL(size);
    policy_param_set(size, &params, 42);
    CU_ASSERT_EQUAL(params.size, 42);
    CU_ASSERT_EQUAL(params.period_us, 5);
    CU_ASSERT_EQUAL(policy_param_get(size, &params), 42);
    CU_ASSERT_PTR_NULL(policy_param_find(&policy, "siz"));
}

static void without_parameters(void)
{
    const struct policy bare = {.name = "bare"};
    policy_params_default(&bare, NULL);
    CU_ASSERT_PTR_NULL(policy_param_find(&bare, "size"));
}

/* Test vectors of FNV-1a, 32 bits (Fowler, Noll, Vo; draft-eastlake-fnv). */
static void hash_is_fnv(void)
{
    CU_ASSERT_EQUAL(policy_hash(""), 0x811c9dc5);
    CU_ASSERT_EQUAL(policy_hash("a"), 0xe40c292c);
    CU_ASSERT_EQUAL(policy_hash("foobar"), 0xbf9cf968);
}

static void hashes_differ(void)
{
    for (size_t i = 0; policies[i]; i++)
        for (size_t k = 0; k < i; k++)
            CU_ASSERT_NOT_EQUAL(policy_hash(policies[i]->name),
                                policy_hash(policies[k]->name));
}

SUITE_MAIN("registry",
           {"policies are sorted and found by name",
            names_ascend_and_are_found},
           {"parameters have defaults and can be set", defaults_and_changes},
           {"a policy needs no parameters", without_parameters},
           {"the hash of a name is FNV-1a", hash_is_fnv},
           {"no two policies have the same hash", hashes_differ})
