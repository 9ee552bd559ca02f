/* policy.c - vencejo-policy: which policies there are, and their knobs. */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../scenarios/policy_path.h"
#include "../scenarios/quantity.h"
#include "policy_make.h"
#include "table.h"
#include "terminal.h"

enum { QUANTITY_BYTES_MAX = 64 };

struct request
{
    const char *verb;
    char **names; /* What follows the verb. */
    size_t name_count;
    bool json;
    const char *family; /* new: NULL if the name begins with it. */
    const char *folder; /* new: where it is written. */
};

/* A parameter as scenarios write it. */
struct knob
{
    char name[QUANTITY_BYTES_MAX];
    char fallback[QUANTITY_BYTES_MAX];
    char min[QUANTITY_BYTES_MAX];
    char max[QUANTITY_BYTES_MAX];
    const char *help;
};

static void describe(const struct policy_param *param, struct knob *ret_knob)
{
    quantity_param_name(param->name, ret_knob->name);
    quantity_param_print(param->name, param->fallback, ret_knob->fallback);
    quantity_param_print(param->name, param->min, ret_knob->min);
    quantity_param_print(param->name, param->max, ret_knob->max);
    ret_knob->help = param->help;
}

/* The family is the name up to the first underscore. */
static int family_length(const struct policy *policy)
{
    return (int)strcspn(policy->name, "_");
}

/* ---- JSON ---------------------------------------------------------------- */

static json_t *policy_json(const struct policy *policy)
{
    return json_pack("{s:s, s:s%, s:I, s:s, s:s}", "name", policy->name,
                     "family", policy->name, (size_t)family_length(policy),
                     "version", (json_int_t)policy->version, "summary",
                     policy->summary, "source", policy->source);
}

static json_t *params_json(const struct policy *policy)
{
    json_t *params = json_array();
    const struct policy_param *param = policy->params;
    for (; param && param->name; param++) {
        struct knob knob;
        describe(param, &knob);
        json_array_append_new(
            params, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", knob.name,
                              "default", knob.fallback, "min", knob.min, "max",
                              knob.max, "help", knob.help));
    }
    return params;
}

static int print_json(json_t *value)
{
    int failed = json_dumpf(value, stdout, JSON_INDENT(2));
    json_decref(value);
    putchar('\n');
    return failed ? EXIT_FAILED : EXIT_RAN;
}

/* ---- list ---------------------------------------------------------------- */

static size_t policy_count(void)
{
    size_t count = 0;
    while (policy_path_at(count))
        count++;
    return count;
}

static int list_table(void)
{
    enum { COLUMN_COUNT = 2 };
    size_t row_count = 1 + policy_count();
    const char **cells = calloc(row_count * COLUMN_COUNT, sizeof *cells);
    if (!cells)
        return EXIT_FAILED;
    const char **cell = cells;
    *cell++ = "POLICY";
    *cell++ = "WHAT IT DOES";
    for (size_t i = 0; policy_path_at(i); i++) {
        *cell++ = policy_path_at(i)->name;
        *cell++ = policy_path_at(i)->summary;
    }
    table_print(stdout, terminal_width(stdout), cells, row_count, COLUMN_COUNT);
    free(cells);
    return EXIT_RAN;
}

static int list(const struct request *request)
{
    if (request->json) {
        json_t *all = json_array();
        for (size_t i = 0; policy_path_at(i); i++)
            json_array_append_new(all, policy_json(policy_path_at(i)));
        return print_json(all);
    }
    if (terminal_is_human(stdout))
        return list_table();
    puts("name\tfamily\tversion\tsummary\tsource");
    for (size_t i = 0; policy_path_at(i); i++) {
        const struct policy *policy = policy_path_at(i);
        printf("%s\t%.*s\t%u\t%s\t%s\n", policy->name, family_length(policy),
               policy->name, policy->version, policy->summary, policy->source);
    }
    return EXIT_RAN;
}

/* ---- show ---------------------------------------------------------------- */

static size_t param_count(const struct policy *policy)
{
    size_t count = 0;
    while (policy->params && policy->params[count].name)
        count++;
    return count;
}

static int params_table(const struct policy *policy)
{
    enum { COLUMN_COUNT = 5 };
    size_t count = param_count(policy);
    struct knob *knobs = calloc(count, sizeof *knobs);
    const char **cells = calloc((count + 1) * COLUMN_COUNT, sizeof *cells);
    int exit_code = EXIT_FAILED;
    if (!knobs || !cells)
        goto out;
    const char **cell = cells;
    *cell++ = "PARAMETER";
    *cell++ = "DEFAULT";
    *cell++ = "FROM";
    *cell++ = "TO";
    *cell++ = "MEANING";
    for (size_t i = 0; i < count; i++) {
        describe(&policy->params[i], &knobs[i]);
        *cell++ = knobs[i].name;
        *cell++ = knobs[i].fallback;
        *cell++ = knobs[i].min;
        *cell++ = knobs[i].max;
        *cell++ = knobs[i].help;
    }
    table_print(stdout, terminal_width(stdout), cells, count + 1, COLUMN_COUNT);
    exit_code = EXIT_RAN;
out:
    free(cells);
    free(knobs);
    return exit_code;
}

static int show_table(const struct policy *policy)
{
    printf("%s (%.*s, version %u)\n  %s\n  Source: %s\n", policy->name,
           family_length(policy), policy->name, policy->version,
           policy->summary, policy->source);
    if (param_count(policy) == 0) {
        puts("  It has no parameters.");
        return EXIT_RAN;
    }
    putchar('\n');
    return params_table(policy);
}

/* The first column says what a row is: a policy, or one of its parameters. */
static void show_rows(const struct policy *policy)
{
    printf("policy\t%s\t%.*s\t%u\t%s\t%s\n", policy->name,
           family_length(policy), policy->name, policy->version,
           policy->summary, policy->source);
    const struct policy_param *param = policy->params;
    for (; param && param->name; param++) {
        struct knob knob;
        describe(param, &knob);
        printf("parameter\t%s\t%s\t%s\t%s\t%s\n", knob.name, knob.fallback,
               knob.min, knob.max, knob.help);
    }
}

static const struct policy *find(const char *name)
{
    const struct policy *policy = policy_path_find(name);
    if (policy)
        return policy;
    size_t count = policy_count();
    const char **names = calloc(count + 1, sizeof *names);
    const char *nearest = NULL;
    for (size_t i = 0; names && i < count; i++)
        names[i] = policy_path_at(i)->name;
    if (names)
        nearest = nearest_name(name, names);
    struct complaint complaint = {.file = ""};
    if (nearest)
        complain(&complaint, -ENOENT, NULL, 0, 0,
                 "no policy is called %s; did you mean %s?", name, nearest);
    else
        complain(&complaint, -ENOENT, NULL, 0, 0,
                 "no policy is called %s; `vencejo policy list` names them",
                 name);
    terminal_complain(stderr, &complaint);
    free(names);
    return NULL;
}

static int show_one(const struct policy *policy, bool json)
{
    if (json) {
        json_t *object = policy_json(policy);
        json_object_set_new(object, "parameters", params_json(policy));
        return print_json(object);
    }
    if (terminal_is_human(stdout))
        return show_table(policy);
    show_rows(policy);
    return EXIT_RAN;
}

static int show(const struct request *request)
{
    const struct policy *policy = find(request->names[0]);
    return policy ? show_one(policy, request->json) : EXIT_BAD_INPUT;
}

/* ---- main ---------------------------------------------------------------- */

static const char doc[] =
    "List the policies of this build, or show one with its parameters as "
    "scenarios write them: a table on a terminal, tab-separated values where "
    "the output is piped. Write a new policy with its test and build it, as "
    "--policy-path loads it; build it again after a change."
    "\v"
    "Examples:\n"
    "  vencejo policy list\n"
    "  vencejo policy show balance_mosix\n"
    "  vencejo policy show gossip_window --json\n"
    "  vencejo policy new place_mine --dir mine\n"
    "  vencejo policy build mine/place_mine.c\n"
    "  vencejo policy list --policy-path mine\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print JSON", 0},
    {"policy-path", 'P', "DIR", 0,
     "Load the policies of this folder, which `build` makes, beside those of "
     "the build",
     0},
    {"family", 'f', "FAMILY", 0,
     "new: gossip, place, balance, usher, freeze or queue (as the name begins)",
     0},
    {"dir", 'd', "DIR", 0, "new: write into this folder (.)", 0},
    {0},
};

static void check(const struct request *request, struct argp_state *state)
{
    if (!request->verb)
        argp_error(state,
                   "say what to do: list, show NAME, new NAME, build FILE.c or "
                   "header");
    else if (strcmp(request->verb, "list") == 0) {
        if (request->name_count > 0)
            argp_error(state, "list takes no name; try: show %s",
                       request->names[0]);
    } else if (strcmp(request->verb, "show") == 0) {
        if (request->name_count != 1)
            argp_error(state, "show takes one name; `list` names them");
    } else if (strcmp(request->verb, "new") == 0) {
        if (request->name_count != 1)
            argp_error(state, "new takes one name, such as place_mine");
    } else if (strcmp(request->verb, "build") == 0) {
        if (request->name_count == 0)
            argp_error(state, "build takes files, such as place_mine.c");
    } else if (strcmp(request->verb, "header") == 0) {
        if (request->name_count > 0)
            argp_error(state, "header takes no name");
    } else {
        argp_error(state, "%s is none of list, show, new, build and header",
                   request->verb);
    }
    if (strcmp(request->verb ? request->verb : "", "new") != 0 &&
        (request->family || request->folder))
        argp_error(state, "--family and --dir are for new");
}

static void load(const char *folder)
{
    struct complaint complaint = {.file = ""};
    if (!policy_path_load(folder, &complaint))
        return;
    terminal_complain(stderr, &complaint);
    exit(EXIT_BAD_INPUT);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
        case 'j':
            request->json = true;
            return 0;
        case 'P':
            load(argument);
            return 0;
        case 'f':
            request->family = argument;
            return 0;
        case 'd':
            request->folder = argument;
            return 0;
        case ARGP_KEY_ARG:
            if (!request->verb)
                request->verb = argument;
            else
                request->names[request->name_count++] = argument;
            return 0;
        case ARGP_KEY_END:
            check(request, state);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "list\nshow NAME\nnew NAME\nbuild FILE.c...\nheader",
    .doc = doc,
};

static int do_verb(const struct request *request)
{
    int exit_code = EXIT_RAN;
    if (strcmp(request->verb, "list") == 0)
        return list(request);
    if (strcmp(request->verb, "show") == 0)
        return show(request);
    if (strcmp(request->verb, "header") == 0)
        return policy_header();
    if (strcmp(request->verb, "new") == 0)
        return policy_new(request->folder ? request->folder : ".",
                          request->names[0], request->family);
    for (size_t i = 0; i < request->name_count && exit_code == EXIT_RAN; i++)
        exit_code = policy_build(request->names[i]);
    return exit_code;
}

int main(int argc, char **argv)
{
    terminal_init();
    struct request request = {.names = calloc((size_t)argc, sizeof(char *))};
    if (!request.names)
        return EXIT_FAILED;
    /* As usage messages say it. */
    char command[] = "vencejo policy";
    argv[0] = command;
    argp_parse(&argp, argc, argv, 0, NULL, &request);
    int exit_code = do_verb(&request);
    free(request.names);
    return exit_code;
}
