/* main.c - vencejo-node: its commands. */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "../../../cli/terminal.h"
#include "../../../cli/version.h"
#include "../../../scenarios/quantity.h"
#include "commands.h"

static const struct command
{
    const char *name;
    char *full_name; /* As usage messages say it. */
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", "vencejo node run", command_run,
     "Run a program that the policies may move"},
    {"nodes", "vencejo node nodes", command_nodes,
     "Show the nodes of the cluster and how they are"},
    {"ps", "vencejo node ps", command_ps,
     "List the processes of this node, here and away"},
    {"explain", "vencejo node explain", command_explain,
     "Say why processes are where they are"},
    {"migrate", "vencejo node migrate", command_migrate,
     "Ask for a move of a process"},
    {"events", "vencejo node events", command_events,
     "List what the daemon said and decided"},
    {"mark", "vencejo node mark", command_mark,
     "Write a line into journal and log"},
    {"ctl", "vencejo node ctl", command_ctl,
     "Say what holds for this node; keys and members"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_usage(FILE *out)
{
    fputs("Usage: vencejo node COMMAND [OPTION...]\n\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs(
        "\n`vencejo node COMMAND --help` tells more. Exit: 0 done, 1 failed, "
        "2 usage,\n3 refused, 4 partly done, 5 no answer in time. Example:\n"
        "  vencejo-node nodes\n",
        out);
}

static int complain_unknown(const char *name)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    struct complaint c = {.file = ""};
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    const char *nearest = nearest_name(name, names);
    complain(&c, -EINVAL, NULL, 0, 0, "no command is called %s; %s%s", name,
             nearest ? "did you mean " : "`vencejo-node --help` lists them",
             nearest ? nearest : "");
    terminal_complain(stderr, &c);
    return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    terminal_init();
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_BAD_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
        print_usage(stdout);
        return EXIT_RAN;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        version_print(stdout, NULL);
        return EXIT_RAN;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, argv[1]) == 0) {
            argv[1] = commands[i].full_name;
            return commands[i].run(argc - 1, argv + 1);
        }
    return complain_unknown(argv[1]);
}
