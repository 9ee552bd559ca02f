/* main.c - vencejo-sim: its commands. */
#include <argp.h>
#include <string.h>

#include "../cli/terminal.h"
#include "../cli/version.h"
#include "../scenarios/quantity.h"
#include "commands.h"

static const struct command
{
    const char *name;
    char *full_name; /* As usage messages say it. */
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", "vencejo sim run", command_run,
     "Run a scenario once and print its metrics"},
    {"compare", "vencejo sim compare", command_compare,
     "Compare stacks of policies over seeds"},
    {"check", "vencejo sim check", command_check,
     "Check a scenario and print it resolved"},
    {"replay", "vencejo sim replay", command_replay,
     "Feed a journal to the same policies"},
    {"export", "vencejo sim export", command_export,
     "Write a journal for ViTE, Perfetto or chrome://tracing"},
    {"timeline", "vencejo sim timeline", command_timeline,
     "Draw a journal: who ran where and when"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void print_usage(FILE *out)
{
    fputs("Usage: vencejo sim COMMAND [OPTION...]\n\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs(
        "\n`vencejo sim COMMAND --help` tells more. Example:\n"
        "  vencejo sim compare scenarios/sixteen.yaml --policies place_home "
        "\\\n"
        "      --policies gossip_vector,balance_mosix --seeds 5\n",
        out);
}

static int unknown(const char *name)
{
    const char *names[COMMAND_COUNT + 1];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    names[COMMAND_COUNT] = NULL;
    const char *near = nearest_name(name, names);
    fprintf(stderr, "vencejo-sim: there is no command `%s`", name);
    fprintf(stderr, near ? "; did you mean `%s`?\n" : "\n", near);
    print_usage(stderr);
    return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    terminal_init();
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_BAD_INPUT;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0 ||
        strcmp(name, "-?") == 0) {
        print_usage(stdout);
        return EXIT_RAN;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        version_print(stdout, NULL);
        return EXIT_RAN;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0) {
            argv[1] = commands[i].full_name;
            return commands[i].run(argc - 1, argv + 1);
        }
    return unknown(name);
}
