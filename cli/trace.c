/* trace.c - vencejo-trace: look at, convert, make up and record workloads. */
#include "trace.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scenarios/quantity.h"
#include "terminal.h"

struct command
{
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"info", trace_info}, {"convert", trace_convert}, {"synth", trace_synth},
    {"fit", trace_fit},   {"record", trace_record},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char doc[] =
    "Look at, convert, make up and record workload traces."
    "\v"
    "Commands:\n"
    "  info     what is in a trace: load, tails, ages, a plot\n"
    "  convert  SWF, CSV, GWF or Batsim's JSON to SWF, cut and scaled\n"
    "  synth    made-up arrivals times laws of work and memory\n"
    "  fit      which laws a trace follows, as synth takes them\n"
    "  record   the life of every process that a command starts\n"
    "\n"
    "vencejo trace COMMAND --help says more.\n"
    "\n"
    "Example:\n"
    "  vencejo trace info traces/data/build.swf.zst\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    char ***rest = state->input;
    switch (key) {
        case ARGP_KEY_ARG:
            (void)argument;
            *rest = state->argv + state->next - 1;
            state->next = state->argc; /* The command parses what follows. */
            return 0;
        case ARGP_KEY_NO_ARGS:
            argp_usage(state);
            return 0;
        default:
            return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        names[i] = commands[i].name;
        if (strcmp(argv[0], commands[i].name) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "vencejo trace %s", commands[i].name);
        argv[0] = name;
        return commands[i].run(argc, argv);
    }
    const char *near = nearest_name(argv[0], names);
    fprintf(stderr, "vencejo-trace: no command '%s'%s%s; try --help\n", argv[0],
            near ? ", did you mean " : "", near ? near : "");
    return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse, .args_doc = "COMMAND [...]", .doc = doc};
    /* As usage messages say it. */
    char command[] = "vencejo trace";
    char **rest = NULL;
    terminal_init();
    argv[0] = command;
    error_t error = argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &rest);
    if (error || !rest)
        return EXIT_BAD_INPUT;
    return run(argc - (int)(rest - argv), rest);
}
