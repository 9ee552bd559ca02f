/* input.c - a scenario and its traces, as the commands take them. */
#include <errno.h>
#include <stdlib.h>

#include "../cli/terminal.h"
#include "commands.h"

error_t input_parse(struct input *input,
                    int key,
                    char *value,
                    struct argp_state *state)
{
    switch (key) {
        case 's':
            if (input->setting_count == SETTINGS_MAX)
                argp_error(state, "more than %d --set", SETTINGS_MAX);
            input->settings[input->setting_count++].text = value;
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

int input_read(const struct input *input,
               struct scenario **ret_scenario,
               struct workload **ret_traces)
{
    struct complaint complaint = {.line = 0};
    struct scenario *scenario;
    if (scenario_read(input->path, input->settings, input->setting_count,
                      &scenario, &complaint)) {
        terminal_complain(stderr, &complaint);
        return EXIT_BAD_INPUT;
    }
    if (ret_traces && run_traces_read(scenario, ret_traces, &complaint)) {
        terminal_complain(stderr, &complaint);
        scenario_destroy(scenario);
        return EXIT_BAD_INPUT;
    }
    *ret_scenario = scenario;
    return EXIT_RAN;
}

void input_blame(const struct scenario *scenario, struct complaint *complaint)
{
    if (complaint->file[0])
        return;
    snprintf(complaint->file, sizeof complaint->file, "%s", scenario->path);
}

struct meter_options input_meter_options(const struct scenario *scenario)
{
    return (struct meter_options){
        .bound_us = 10000000,
        .speed_max = platform_speed_max(scenario),
        .pool_speed = platform_cores(scenario),
    };
}

bool number_of(const char *text, uint64_t most, uint64_t *ret_number)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || value > most)
        return false;
    *ret_number = value;
    return true;
}
