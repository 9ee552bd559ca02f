/* vencejo.c - `vencejo sim run` runs `vencejo-sim run`, as git does.
 *
 * The program is looked for beside this one first, so that a build tree works
 * without being installed, then in PATH. Each program installs alone.
 */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../scenarios/quantity.h"
#include "terminal.h"

struct command
{
    const char *name;
    const char *summary;
};

/* What nearest names are looked for in. A vencejo-NAME that is not here runs
 * all the same. */
static const struct command commands[] = {
    {"sim",
     "run a scenario, compare policies, check a file, replay or export a "
     "journal"},
    {"trace", "look at, convert, record and make workload traces"},
    {"node",
     "ask the daemon of this node: nodes, processes, events; tell it what its "
     "owner wishes"},
    {"policy",
     "list policies, show their parameters, write and build new ones"},
    {"help", "show what a command does: vencejo help COMMAND"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char doc[] =
    "Compare process-migration policies in simulated clusters and grids."
    "\v"
    "Commands:";

static const char examples[] =
    "\n"
    "Examples:\n"
    "  vencejo policy list\n"
    "  vencejo help policy\n";

/* Into PATH_MAX bytes; 0 or a negative errno. */
static int beside_itself(const char *program, char *ret_path)
{
    char self[PATH_MAX];
    ssize_t count = readlink("/proc/self/exe", self, sizeof self - 1);
    if (count < 0)
        return -errno;
    self[count] = '\0';
    char *slash = strrchr(self, '/');
    int folder_bytes = slash ? (int)(slash + 1 - self) : 0;
    int written =
        snprintf(ret_path, PATH_MAX, "%.*s%s", folder_bytes, self, program);
    return written < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Returns only if there is no such program, with what speaks against it. */
static int run(const char *command, char **arguments)
{
    char program[NAME_MAX];
    if (strchr(command, '/') || snprintf(program, sizeof program, "vencejo-%s",
                                         command) >= (int)sizeof program)
        return -ENOENT;
    char path[PATH_MAX];
    arguments[0] = program;
    if (beside_itself(program, path) == 0) {
        execv(path, arguments);
        if (errno != ENOENT)
            return -errno;
    }
    execvp(program, arguments);
    return -errno;
}

static int complain_unknown(const char *command)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    struct complaint complaint = {.file = ""};
    const char *nearest = nearest_name(command, names);
    if (nearest)
        complain(&complaint, -ENOENT, NULL, 0, 0,
                 "no command is called %s; did you mean %s?", command, nearest);
    else
        complain(&complaint, -ENOENT, NULL, 0, 0,
                 "no command is called %s; `vencejo help` lists them", command);
    terminal_complain(stderr, &complaint);
    return EXIT_BAD_INPUT;
}

static int complain_cannot_run(const char *command, int error)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(command, commands[i].name) != 0)
            continue;
        struct complaint complaint = {.file = ""};
        complain(&complaint, error, NULL, 0, 0,
                 "vencejo-%s does not run, %s; it should be beside vencejo or "
                 "in PATH",
                 command, strerror(-error));
        terminal_complain(stderr, &complaint);
        return EXIT_FAILED;
    }
    return complain_unknown(command);
}

/* argp frees what this returns if it is not text. */
static char *help_filter(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)text;
    char *filled = NULL;
    size_t filled_bytes;
    FILE *out = open_memstream(&filled, &filled_bytes);
    if (!out)
        return (char *)text;
    fprintf(out, "%s\n", text);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fputs(examples, out);
    fclose(out);
    return filled;
}

/* Everything from the first word that is no option on is the command's. */
static error_t parse(int key, char *argument, struct argp_state *state)
{
    char ***ret_command = state->input;
    (void)argument;
    switch (key) {
        case ARGP_KEY_ARG:
            *ret_command = state->argv + state->next - 1;
            state->next = state->argc;
            return 0;
        case ARGP_KEY_NO_ARGS:
            argp_state_help(state, stderr,
                            ARGP_HELP_SHORT_USAGE | ARGP_HELP_PRE_DOC |
                                ARGP_HELP_POST_DOC | ARGP_HELP_EXIT_ERR);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .parser = parse,
    .args_doc = "COMMAND [ARGUMENT...]",
    .doc = doc,
    .help_filter = help_filter,
};

/* `help sim run` is `sim run --help`; `help` alone is about vencejo. */
static int run_help(char **words)
{
    if (!words[1] || words[1][0] == '-') {
        argp_help(&argp, stdout, ARGP_HELP_STD_HELP,
                  program_invocation_short_name);
        return EXIT_RAN;
    }
    int count = 0;
    for (char **word = words; *word; word++)
        count++;
    const char *command = words[1];
    for (int i = 1; i < count; i++)
        words[i - 1] = words[i];
    words[count - 1] = (char *)"--help";
    return complain_cannot_run(command, run(command, words));
}

int main(int argc, char **argv)
{
    char **command = NULL;
    terminal_init();
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &command);
    if (strcmp(command[0], "help") == 0)
        return run_help(command);
    const char *name = command[0];
    return complain_cannot_run(name, run(name, command));
}
