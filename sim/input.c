/* input.c - a scenario and its traces, as the commands take them. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../cli/terminal.h"
#include "../results/wish.h"
#include "../scenarios/policy_path.h"
#include "commands.h"

error_t path_parse(const char **path,
                   int key,
                   char *value,
                   struct argp_state *state)
{
    if (key == ARGP_KEY_NO_ARGS)
        argp_usage(state);
    if (key != ARGP_KEY_ARG || *path)
        return ARGP_ERR_UNKNOWN;
    *path = value;
    return 0;
}

void policies_load(const char *folder)
{
    struct complaint complaint = {.line = 0};
    if (!policy_path_load(folder, &complaint))
        return;
    terminal_complain(stderr, &complaint);
    exit(EXIT_BAD_INPUT);
}

error_t input_parse(struct input *input,
                    int key,
                    char *value,
                    struct argp_state *state)
{
    switch (key) {
        case 'P':
            policies_load(value);
            return 0;
        case 's':
            if (input->setting_count == SETTINGS_MAX)
                argp_error(state, "more than %d --set", SETTINGS_MAX);
            input->settings[input->setting_count++].text = value;
            return 0;
        default:
            return path_parse(&input->path, key, value, state);
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

static_assert(WISHED_ISOLATE == (int)WISH_ISOLATE &&
                  WISHED_REJOIN == (int)WISH_REJOIN &&
                  WISHED_UNBLOCK == (int)WISH_UNBLOCK &&
                  WISHED_EXPEL == (int)WISH_EXPEL &&
                  WISHED_LEAVE == (int)WISH_LEAVE &&
                  WISHED_RETURN == (int)WISH_RETURN &&
                  WISHED_PARTNER == (int)WISH_PARTNER &&
                  WISHED_GROW == (int)WISH_GROW,
              "a wish has one number");

static bool has_queue(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->policy_count; i++)
        if (strncmp(scenario->policies[i].policy->name, "queue_", 6) == 0)
            return true;
    return false;
}

static bool is_grid(const struct scenario *scenario)
{
    const struct scenario_grid *grid = &scenario->grid;
    return scenario->cluster_count > 1 || has_queue(scenario) ||
           grid->event_count > 0 || grid->random_count > 0 ||
           grid->faults.count > 0 ||
           (0 < grid->faults.node_mtbf_s &&
            isfinite(grid->faults.node_mtbf_s)) ||
           grid->checkpoint.every_us > 0;
}

struct meter *input_meter(const struct scenario *scenario,
                          struct meter_options options)
{
    node_id *firsts = calloc(scenario->cluster_count + 1, sizeof *firsts);
    assert(firsts);
    for (size_t i = 0; i < scenario->cluster_count; i++)
        firsts[i] = scenario->clusters[i].first;
    options.bound_us = 10000000;
    options.speed_max = platform_speed_max(scenario);
    options.pool_speed = platform_cores(scenario);
    struct core_group *groups = platform_core_groups(scenario);
    options.core_groups = groups;
    options.core_group_count = scenario->cluster_count;
    options.memory_speed = platform_memory_speed(scenario);
    options.cluster_firsts = firsts;
    options.cluster_count = scenario->cluster_count;
    options.node_count = is_grid(scenario) ? scenario->node_count : 0;
    struct meter *meter = meter_create(&options);
    free(firsts);
    free(groups);
    return meter;
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
