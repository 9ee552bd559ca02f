/* fuzz_export.c - any journal is exported, or refused with a reason; what was
 * exported is sound JSON and a sound Paje trace. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../results/export.h"
#include "../../sim/journal_file.h"
#include "../results/paje_check.h"
#include "harness.h"

/* Larger ones only take time: a node is a container. */
enum { NODES_MAX = 1000 };

struct one
{
    FILE *out;
    char *text;
    size_t bytes;
    struct export *export;
    struct history *history;
};

struct both
{
    struct journal_header header;
    struct history_run run;
    struct one chrome, paje;
};

static void begin(struct both *both)
{
    both->chrome.out = open_memstream(&both->chrome.text, &both->chrome.bytes);
    both->paje.out = open_memstream(&both->paje.text, &both->paje.bytes);
    both->run =
        (struct history_run){both->header.scenario, both->header.policies,
                             both->header.commit, both->header.seed};
    const struct grid *grid = &both->header.grid;
    both->chrome.export = chrome_create(grid, &both->run, both->chrome.out);
    both->paje.export = paje_create(grid, &both->run, both->paje.out);
    both->chrome.history =
        history_create(grid, chrome_take, both->chrome.export);
    both->paje.history = history_create(grid, paje_take, both->paje.export);
}

static int take(void *who, const struct record *record)
{
    struct both *both = who;
    if (grid_node_end(&both->header.grid) > NODES_MAX)
        return -1;
    if (!both->chrome.history)
        begin(both);
    int error = history_add(both->chrome.history, record);
    assert(history_add(both->paje.history, record) == error);
    return error;
}

/* JSON text is UTF-8, so numbers may pass what jansson holds, nothing else. */
static void check(struct both *both)
{
    struct paje_counts counts;
    size_t line;
    json_error_t error;
    json_t *root = json_loads(both->chrome.text, 0, &error);
    assert(root);
    json_decref(root);
    assert(!paje_check(both->paje.text, &counts, &line));
}

static void finish(struct one *one)
{
    history_destroy(one->history);
    export_destroy(one->export);
    free(one->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct both both = {.run = {.scenario = NULL}};
    struct complaint complaint = {.line = 0};
    char *text = harness_text(bytes, count);
    int error = journal_text_read(text, count, "fuzz", &both.header, take,
                                  &both, &complaint);
    if (both.chrome.history) {
        history_end(both.chrome.history);
        history_end(both.paje.history);
        chrome_end(both.chrome.export);
        paje_end(both.paje.export);
        fclose(both.chrome.out);
        fclose(both.paje.out);
        if (!error)
            check(&both);
    }
    finish(&both.chrome);
    finish(&both.paje);
    journal_header_finish(&both.header);
    free(text);
    return 0;
}
