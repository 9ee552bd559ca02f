/* commands.h - the commands of vencejo-node. Each gets its own arguments, its
 * name first, and returns an exit code. */
#ifndef REAL_DAEMON_COMMAND_COMMANDS_H
#define REAL_DAEMON_COMMAND_COMMANDS_H

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>

int command_run(int argc, char **argv);
int command_nodes(int argc, char **argv);
int command_ps(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_events(int argc, char **argv);
int command_mark(int argc, char **argv);
int command_ctl(int argc, char **argv);

/* --socket, --json and --timeout, which all have that ask a daemon. */
struct ask_options
{
    const char *socket;
    bool json;
    double patience_s;
};
extern const struct argp ask_argp;
struct ask_options ask_options_default(void);

/* Ask; what went wrong is printed, as is the answer as JSON if that was wanted.
 * The exit code; *ret_answer is to be shown, and freed, unless it is NULL. */
int ask(const struct ask_options *o, json_t *request, json_t **ret_answer);

/* The same for what has no answer but yes. */
int ask_and_end(const struct ask_options *o, json_t *request);

/* keys.c: without a daemon. */
int ctl_keys(int argc, char **argv);
int ctl_roster(int argc, char **argv);

#endif /* REAL_DAEMON_COMMAND_COMMANDS_H */
