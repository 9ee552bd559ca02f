/* commands.h - the commands of vencejo-sim; each parses its own arguments and
 * returns the exit code. */
#ifndef SIM_COMMANDS_H
#define SIM_COMMANDS_H

#include <argp.h>

#include "../results/metrics.h"
#include "run.h"

int command_run(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_check(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_export(int argc, char **argv);
int command_timeline(int argc, char **argv);

/* ---- What they share (input.c). ------------------------------------------ */

enum { SETTINGS_MAX = 64 };

/* SCENARIO and --set, as every command that runs one takes them. */
struct input
{
    const char *path;
    struct scenario_setting settings[SETTINGS_MAX];
    size_t setting_count;
};

/* The rows of --policy-path and --set, and what an argp parser does with it and
 * with SCENARIO; it gives every key here that it does not know itself. */
#define POLICY_PATH_OPTION                                             \
    {                                                                  \
        "policy-path", 'P', "DIR", 0,                                  \
            "Load the policies of this folder, which `vencejo policy " \
            "build` makes, beside those of the build",                 \
            0                                                          \
    }
#define INPUT_OPTION                                                \
    POLICY_PATH_OPTION,                                             \
    {                                                               \
        "set", 's', "KEY=VALUE", 0,                                 \
            "Change the scenario: a dotted key and a YAML value", 0 \
    }
error_t input_parse(struct input *input,
                    int key,
                    char *value,
                    struct argp_state *state);

/* Loads the policies of a folder; ends the program with a complaint if they
 * cannot be had. */
void policies_load(const char *folder);

/* The one argument of a command. */
error_t path_parse(const char **path,
                   int key,
                   char *value,
                   struct argp_state *state);

/* The scenario and its traces; complains on stderr. 0 or an exit code. */
int input_read(const struct input *input,
               struct scenario **ret_scenario,
               struct workload **ret_traces);

/* What went wrong with a scenario as a whole is said of its file. */
void input_blame(const struct scenario *scenario, struct complaint *complaint);

/* A meter for this platform; options: what does not depend on it. It follows
 * who is where if there is a grid: more than one cluster, a queue, owners,
 * faults or checkpoints. */
struct meter *input_meter(const struct scenario *scenario,
                          struct meter_options options);

/* Draws the journal into a folder, which is there, as timeline.*. The exit
 * code, with a complaint if it is not EXIT_RAN (command_timeline.c). */
int timeline_of_journal(const char *path,
                        const char *folder,
                        struct complaint *complaint);

/* "key=value" pieces of a number: false if text is none or above most. */
bool number_of(const char *text, uint64_t most, uint64_t *ret_number);

#endif /* SIM_COMMANDS_H */
