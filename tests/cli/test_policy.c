/* test_policy.c - `vencejo policy` as a user meets it. The registry says what
 * there is; that it is shown, and in which form, is what is tested. */
#include <jansson.h>
#include <string.h>

#include "../../algorithms/node/registry.h"
#include "../suite.h"
#include "run.h"

enum { COMMAND_BYTES_MAX = 256 };

static struct run result;

static bool says(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static size_t count_of(const char *text, char wanted)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == wanted;
    return count;
}

static size_t policy_count(void)
{
    size_t count = 0;
    while (policies[count])
        count++;
    return count;
}

static size_t param_count(const struct policy *policy)
{
    size_t count = 0;
    while (policy->params && policy->params[count].name)
        count++;
    return count;
}

static void show(const struct policy *policy, const char *rest)
{
    char command[COMMAND_BYTES_MAX];
    snprintf(command, sizeof command, "vencejo policy show %s %s", policy->name,
             rest);
    run(&result, false, command);
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
}

static void a_piped_list_is_tsv_with_one_row_for_each_policy(void)
{
    run(&result, false, "vencejo policy list");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    const char *row = result.out;
    const char *head = "name\tfamily\tversion\tsummary\tsource\n";
    CU_ASSERT_EQUAL(strncmp(row, head, strlen(head)), 0);
    for (size_t i = 0; policies[i]; i++) {
        row = strchr(row, '\n');
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        row++;
        size_t name_length = strlen(policies[i]->name);
        CU_ASSERT_EQUAL(strncmp(row, policies[i]->name, name_length), 0);
        CU_ASSERT_EQUAL(row[name_length], '\t');
    }
    CU_ASSERT_EQUAL(count_of(result.out, '\n'), policy_count() + 1);
    CU_ASSERT_EQUAL(count_of(result.out, '\t'), 4 * (policy_count() + 1));
    CU_ASSERT_FALSE(says(result.out, "\033"));
}

static void on_a_terminal_the_list_is_a_table_that_fits(void)
{
    run(&result, true, "vencejo policy list");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    CU_ASSERT(says(result.out, "POLICY"));
    CU_ASSERT_FALSE(says(result.out, "\t"));
    for (size_t i = 0; policies[i]; i++)
        CU_ASSERT(says(result.out, policies[i]->name));
    size_t width = 0;
    for (const char *at = result.out; *at; at++) {
        width = *at == '\n' || *at == '\r' ? 0 : width + 1;
        CU_ASSERT(width <= 80);
    }
}

static void the_json_list_names_every_policy_with_its_family(void)
{
    run(&result, false, "vencejo policy list --json");
    CU_ASSERT_EQUAL(result.exit_code, 0);
    json_t *all = json_loads(result.out, 0, NULL);
    CU_ASSERT_EQUAL_FATAL(json_array_size(all), policy_count());
    for (size_t i = 0; policies[i]; i++) {
        json_t *one = json_array_get(all, i);
        const char *name = json_string_value(json_object_get(one, "name"));
        const char *family = json_string_value(json_object_get(one, "family"));
        CU_ASSERT_PTR_NOT_NULL_FATAL(name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(family);
        CU_ASSERT_STRING_EQUAL(name, policies[i]->name);
        CU_ASSERT_EQUAL(strncmp(name, family, strlen(family)), 0);
        CU_ASSERT_EQUAL(name[strlen(family)], '_');
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(one, "version")),
                        policies[i]->version);
    }
    json_decref(all);
}

static void show_has_one_row_for_each_parameter(void)
{
    for (size_t i = 0; policies[i]; i++) {
        show(policies[i], "");
        CU_ASSERT_EQUAL(strncmp(result.out, "policy\t", 7), 0);
        CU_ASSERT(says(result.out, policies[i]->source));
        CU_ASSERT_EQUAL(count_of(result.out, '\n'),
                        1 + param_count(policies[i]));
        CU_ASSERT_EQUAL(count_of(result.out, '\t'),
                        5 * (1 + param_count(policies[i])));
    }
}

static void show_on_a_terminal_says_where_the_policy_comes_from(void)
{
    char command[COMMAND_BYTES_MAX];
    for (size_t i = 0; policies[i]; i++) {
        snprintf(command, sizeof command, "vencejo policy show %s",
                 policies[i]->name);
        run(&result, true, command);
        CU_ASSERT_EQUAL(result.exit_code, 0);
        CU_ASSERT(says(result.out, "Source: "));
        CU_ASSERT(says(result.out, param_count(policies[i]) > 0
                                       ? "DEFAULT"
                                       : "It has no parameters."));
    }
}

/* A parameter's unit is the end of its name in C, and follows the value in a
 * scenario: period_us 1000000 is shown as period 1 s. */
static void show_writes_parameters_as_scenarios_do(void)
{
    size_t unit_count = 0;
    for (size_t i = 0; policies[i]; i++) {
        show(policies[i], "--json");
        json_t *one = json_loads(result.out, 0, NULL);
        json_t *params = json_object_get(one, "parameters");
        CU_ASSERT_EQUAL_FATAL(json_array_size(params),
                              param_count(policies[i]));
        for (size_t p = 0; p < json_array_size(params); p++) {
            json_t *param = json_array_get(params, p);
            const char *key = policies[i]->params[p].name;
            const char *name =
                json_string_value(json_object_get(param, "name"));
            const char *fallback =
                json_string_value(json_object_get(param, "default"));
            CU_ASSERT_PTR_NOT_NULL_FATAL(name);
            CU_ASSERT_PTR_NOT_NULL_FATAL(fallback);
            CU_ASSERT_EQUAL(strncmp(name, key, strlen(name)), 0);
            CU_ASSERT_PTR_NULL(strstr(name, "_us"));
            CU_ASSERT_PTR_NULL(strstr(name, "_bytes"));
            if (!strstr(key, "_us"))
                continue;
            unit_count++;
            CU_ASSERT_EQUAL(fallback[strspn(fallback, "0123456789. ")] == '\0',
                            false);
        }
        json_decref(one);
    }
    CU_ASSERT(unit_count > 0);
}

static void an_unknown_policy_exits_2_with_the_nearest_name(void)
{
    run(&result, false, "vencejo policy show place_hme");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT_STRING_EQUAL(result.out, "");
    CU_ASSERT(says(result.err, "place_hme"));
    CU_ASSERT(says(result.err, "did you mean place_home?"));
    run(&result, false, "vencejo policy show zzzzzzzzzzzzzzz");
    CU_ASSERT_EQUAL(result.exit_code, 2);
    CU_ASSERT(says(result.err, "`vencejo policy list` names them"));
}

static void bad_usage_exits_2_and_says_what_is_meant(void)
{
    const char *commands[] = {
        "vencejo policy",           "vencejo policy lst",
        "vencejo policy --jsn",     "vencejo policy show",
        "vencejo policy show a b",  "vencejo policy list place_home",
        "vencejo policy show --xy",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run(&result, false, commands[i]);
        CU_ASSERT_EQUAL(result.exit_code, 2);
        CU_ASSERT_STRING_EQUAL(result.out, "");
        CU_ASSERT(says(result.err, "`vencejo policy --help'"));
    }
}

static void a_full_disk_is_an_error(void)
{
    run(&result, false, "vencejo policy list >/dev/full");
    CU_ASSERT_EQUAL(result.exit_code, 1);
    CU_ASSERT(says(result.err, "standard output"));
}

SUITE_MAIN("policy",
           {"a piped list is TSV with one row for each policy",
            a_piped_list_is_tsv_with_one_row_for_each_policy},
           {"on a terminal the list is a table that fits",
            on_a_terminal_the_list_is_a_table_that_fits},
           {"the JSON list names every policy with its family",
            the_json_list_names_every_policy_with_its_family},
           {"show has one row for each parameter",
            show_has_one_row_for_each_parameter},
           {"show on a terminal says where the policy comes from",
            show_on_a_terminal_says_where_the_policy_comes_from},
           {"show writes parameters as scenarios do",
            show_writes_parameters_as_scenarios_do},
           {"an unknown policy exits 2 with the nearest name",
            an_unknown_policy_exits_2_with_the_nearest_name},
           {"bad usage exits 2 and says what is meant",
            bad_usage_exits_2_and_says_what_is_meant},
           {"a full disk is an error", a_full_disk_is_an_error})
