/* command_check.c - vencejo sim check: is the file right, and what would run?
 */
#include <errno.h>
#include <stdlib.h>

#include "../cli/terminal.h"
#include "commands.h"

static error_t parse(int key, char *value, struct argp_state *state)
{
    return input_parse(state->input, key, value, state);
}

/* What only shows when platform, machines and arrivals are made. 0 or an exit
 * code. */
static int try_world(struct scenario *scenario, const struct workload *traces)
{
    struct world *world;
    struct complaint complaint = {.line = 0};
    int error =
        world_create(scenario, traces, scenario->seed, &world, &complaint);
    if (!error) {
        world_destroy(world);
        return EXIT_RAN;
    }
    input_blame(scenario, &complaint);
    terminal_complain(stderr, &complaint);
    if (error == -ENOTSUP)
        return EXIT_REFUSED;
    /* The machine's fault, or the scenario's? */
    return error == -ENOMEM || error == -ELIBACC ? EXIT_FAILED : EXIT_BAD_INPUT;
}

int command_check(int argc, char **argv)
{
    static const struct argp_option options[] = {INPUT_OPTION, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "SCENARIO",
        .doc =
            "Check a scenario and its traces and print it resolved: every "
            "default filled in. What a run would refuse before its first "
            "event, this does; what is right but cannot be run is printed all "
            "the same.\v"
            "Example:\n"
            "  vencejo sim check scenarios/sixteen.yaml"};
    struct input input = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &input);
    struct scenario *scenario;
    struct workload *traces;
    int code = input_read(&input, &scenario, &traces);
    if (code)
        return code;
    /* A platform fills in the clusters: it is printed as it was. */
    char *text = NULL;
    code = scenario_print(scenario, &text) ? EXIT_FAILED
                                           : try_world(scenario, traces);
    if (text && (code == EXIT_RAN || code == EXIT_REFUSED))
        fputs(text, stdout);
    free(text);
    run_traces_finish(scenario, traces);
    scenario_destroy(scenario);
    return code;
}
