/* command_export.c - vencejo sim export: a journal for other viewers. */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "../cli/terminal.h"
#include "../results/export.h"
#include "../traces/save.h"
#include "commands.h"
#include "journal_history.h"

static const struct format
{
    const char *name;
    struct export *(*create)(const struct grid *grid,
                             const struct history_run *run,
                             FILE *out);
    void (*take)(void *who, const struct history_event *event);
    void (*end)(struct export *export);
} formats[] = {
    {"chrome", chrome_create, chrome_take, chrome_end},
    {"paje", paje_create, paje_take, paje_end},
};
enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

struct options
{
    const char *path;
    const char *out;
    const struct format *format;
};

static const struct format *format_of(const char *name,
                                      struct argp_state *state)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    argp_error(state, "--format takes chrome or paje, not `%s`", name);
    return NULL;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 'f':
            o->format = format_of(value, state);
            return 0;
        case 'o':
            o->out = value;
            return 0;
        case ARGP_KEY_END:
            if (!o->format)
                argp_error(state, "--format is needed: chrome or paje");
            if (!o->out)
                argp_error(state, "--out FILE is needed");
            return 0;
        default:
            return path_parse(&o->path, key, value, state);
    }
}

static const struct argp_option option_table[] = {
    {"format", 'f', "FORMAT", 0,
     "chrome: JSON for Perfetto and chrome://tracing; paje: for ViTE", 0},
    {"out", 'o', "FILE", 0, "Write into FILE", 0},
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "JOURNAL",
    .doc =
        "Write a journal in the format of a viewer: who ran where and when, "
        "moves, freezes, owners' wishes, nodes that were down.\v"
        "Examples:\n"
        "  vencejo sim run scenarios/sixteen.yaml --out out --journal\n"
        "  vencejo sim export out/journal.tsv.zst --format chrome \\\n"
        "      --out out/run.json\n"
        "  vencejo sim export out/journal.tsv.zst --format paje \\\n"
        "      --out out/run.trace"};

struct errand
{
    const struct format *format;
    FILE *out;
    struct history_run run;
    struct export *export;
};

static void begin(void *who, const struct journal_header *header)
{
    struct errand *errand = who;
    errand->run = journal_history_run(header);
    errand->export =
        errand->format->create(&header->grid, &errand->run, errand->out);
}

static void take(void *who, const struct history_event *event)
{
    struct errand *errand = who;
    errand->format->take(errand->export, event);
}

static int complain_of_output(struct complaint *complaint,
                              int error,
                              const char *path)
{
    complain(complaint, error, path, 0, 0,
             "cannot be written: %s; choose another place", strerror(-error));
    return EXIT_FAILED;
}

/* The exit code. */
static int export(const struct options *o, struct complaint *complaint)
{
    struct saving saving;
    struct journal_header header = {.line_count = 0};
    int code = EXIT_RAN;
    int error = save_begin(&saving, o->out);
    if (error)
        return complain_of_output(complaint, error, o->out);
    struct errand errand = {.format = o->format, .out = saving.file};
    const struct journal_listener listener = {begin, take, &errand};
    error = journal_history_read(o->path, &header, &listener, complaint);
    if (error) {
        save_abandon(&saving);
        code = error == -ENOMEM ? EXIT_FAILED : EXIT_BAD_INPUT;
    } else {
        errand.format->end(errand.export);
        error = save_commit(&saving);
        if (error)
            code = complain_of_output(complaint, error, o->out);
    }
    export_destroy(errand.export);
    journal_header_finish(&header);
    return code;
}

int command_export(int argc, char **argv)
{
    struct options o = {.path = NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct complaint complaint = {.line = 0};
    int code = export(&o, &complaint);
    if (code != EXIT_RAN)
        terminal_complain(stderr, &complaint);
    return code;
}
