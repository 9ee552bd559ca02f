/* command_replay.c - vencejo sim replay: what differs, for people and JSON. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../cli/terminal.h"
#include "commands.h"
#include "replay.h"

enum { SHOWN_MAX = 10, DIFFERENCE_BYTES_MAX = 4096 };

struct options
{
    const char *path;
    bool json;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 'P':
            policies_load(value);
            return 0;
        case 'j':
            o->json = true;
            return 0;
        default:
            return path_parse(&o->path, key, value, state);
    }
}

static const struct argp_option option_table[] = {
    {"json", 'j', NULL, 0, "Print JSON", 0},
    POLICY_PATH_OPTION,
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "JOURNAL",
    .doc =
        "Feed the events of a full journal to the same policies and compare "
        "every action. Exit 1 if one differs.\v"
        "Example:\n"
        "  vencejo sim run scenarios/sixteen.yaml --out out \\\n"
        "      --journal=full\n"
        "  vencejo sim replay out/journal.tsv.zst"};

static void show(void *who, const struct replay_difference *difference)
{
    size_t *shown = who;
    char text[DIFFERENCE_BYTES_MAX];
    if ((*shown)++ < SHOWN_MAX)
        fputs(replay_describe(difference, text, sizeof text), stdout);
}

static void report(const struct replay_counts *counts, bool json)
{
    printf(json ? "{\"events\": %" PRIu64 ", \"actions\": %" PRIu64
                  ", \"differences\": %" PRIu64 "}\n"
                : "%" PRIu64 " events, %" PRIu64 " actions, %" PRIu64
                  " differences\n",
           counts->events, counts->actions, counts->differences);
}

int command_replay(int argc, char **argv)
{
    struct options o = {.path = NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    size_t shown = 0;
    const struct replay_listener listener = {show, &shown};
    struct replay_counts counts;
    struct complaint complaint = {.line = 0};
    int error =
        replay_file(o.path, o.json ? NULL : &listener, &counts, &complaint);
    if (error) {
        terminal_complain(stderr, &complaint);
        return error == -ENOTSUP  ? EXIT_REFUSED
               : error == -ENOMEM ? EXIT_FAILED
                                  : EXIT_BAD_INPUT;
    }
    report(&counts, o.json);
    return counts.differences > 0 ? EXIT_FAILED : EXIT_RAN;
}
