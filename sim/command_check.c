/* command_check.c - vencejo sim check: is the file right, and what would run?
 */
#include <argp.h>
#include <stdlib.h>

#include "../cli/terminal.h"
#include "commands.h"

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct input *input = state->input;
    switch (key) {
        case 's':
            if (!input_set(input, value))
                argp_error(state, "more than %d --set", SETTINGS_MAX);
            return 0;
        case ARGP_KEY_ARG:
            if (input->path)
                return ARGP_ERR_UNKNOWN;
            input->path = value;
            return 0;
        case ARGP_KEY_NO_ARGS:
            argp_usage(state);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

int command_check(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"set", 's', "KEY=VALUE", 0,
         "Change the scenario: a dotted key and a YAML value", 0},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "SCENARIO",
        .doc =
            "Check a scenario and its traces and print it resolved: every "
            "default filled in.\v"
            "Example:\n"
            "  vencejo sim check scenarios/sixteen.yaml"};
    struct input input = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &input);
    struct scenario *scenario;
    struct workload *traces;
    int code = input_read(&input, &scenario, &traces);
    if (code)
        return code;
    char *text;
    if (scenario_print(scenario, &text) == 0) {
        fputs(text, stdout);
        free(text);
    } else {
        code = EXIT_FAILED;
    }
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
    return code;
}
