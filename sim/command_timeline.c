/* command_timeline.c - vencejo sim timeline: a journal as a figure. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../cli/terminal.h"
#include "../plots/plot.h"
#include "../traces/save.h"
#include "commands.h"
#include "journal_history.h"

struct options
{
    const char *path;
    const char *out;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
        case 'o':
            o->out = value;
            return 0;
        default:
            return path_parse(&o->path, key, value, state);
    }
}

static const struct argp_option option_table[] = {
    {"out", 'o', "DIR", 0,
     "Write into DIR; the folder of the journal if not "
     "given",
     0},
    {0}};
static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "JOURNAL",
    .doc =
        "Draw a journal: nodes or clusters in rows, processes in the colour of "
        "their home, migrations from row to row, what was frozen, down or "
        "isolated, and the wishes of owners. Writes timeline.svg, .pdf, .png, "
        "the data .tsv and the script .gp.\v"
        "Example:\n"
        "  vencejo sim run scenarios/sixteen.yaml --out out --journal\n"
        "  vencejo sim timeline out/journal.tsv.zst"};

struct errand
{
    struct timeline *timeline;
};

static void begin(void *who, const struct journal_header *header)
{
    struct errand *errand = who;
    const struct history_run run = journal_history_run(header);
    errand->timeline = timeline_create(&header->grid, &run);
}

static void take(void *who, const struct history_event *event)
{
    struct errand *errand = who;
    timeline_take(errand->timeline, event);
}

/* The exit code. */
int timeline_of_journal(const char *path,
                        const char *folder,
                        struct complaint *complaint)
{
    struct journal_header header = {.line_count = 0};
    struct errand errand = {.timeline = NULL};
    const struct journal_listener listener = {begin, take, &errand};
    int code = EXIT_RAN;
    int error = journal_history_read(path, &header, &listener, complaint);
    if (error)
        code = error == -ENOMEM ? EXIT_FAILED : EXIT_BAD_INPUT;
    else if (plot_timeline(errand.timeline, folder, "timeline", complaint))
        code = EXIT_FAILED;
    timeline_destroy(errand.timeline);
    journal_header_finish(&header);
    return code;
}

/* What stands before the last slash. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return strndup(path, slash > path ? (size_t)(slash - path) : 1);
}

int command_timeline(int argc, char **argv)
{
    struct options o = {.path = NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct complaint complaint = {.line = 0};
    int code = EXIT_FAILED;
    int error = o.out ? save_folder(o.out) : 0;
    char *folder = o.out ? strdup(o.out) : folder_of(o.path);
    if (error)
        complain(&complaint, error, o.out, 0, 0, "cannot make this folder: %s",
                 strerror(-error));
    else if (folder)
        code = timeline_of_journal(o.path, folder, &complaint);
    free(folder);
    if (code != EXIT_RAN)
        terminal_complain(stderr, &complaint);
    return code;
}
