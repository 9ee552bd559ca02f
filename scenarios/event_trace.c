/* event_trace.c - {trace: FILE} of events: lines
 * "seconds<TAB>verb<TAB>what[<TAB>key=value...]". Each becomes the mapping that
 * an entry of the list would be, so both have the same rules. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../traces/file.h"
#include "tsv.h"
#include "verbs.h"

/* From a cell to where the cell is. */
static void shift(struct item *item, const struct place *cell)
{
    item->at.line = item->key_at.line = cell->line;
    item->at.column += cell->column - 1;
    item->key_at.column += cell->column - 1;
    for (size_t i = 0; i < item->count; i++)
        shift(&item->items[i], cell);
}

/* A value as YAML writes it, under a key of the event. */
static int add_value(struct key_reader *r,
                     const char *key,
                     const struct place *key_at,
                     const char *text,
                     const struct place *at,
                     struct item *event)
{
    if (item_find(event, key))
        return key_refuse(r, key_at, "'%s' is given twice, remove one",
                          item_shown(key).text);
    struct item *value = item_add(event);
    if (!value)
        return key_refuse_memory(r);
    int error =
        document_parse(text, strlen(text), at->file, value, r->complaint);
    if (error) {
        r->complaint->line = at->line;
        r->complaint->column =
            at->column +
            (r->complaint->column > 0 ? r->complaint->column - 1 : 0);
        return error;
    }
    shift(value, at);
    value->key_at = *key_at;
    value->key = strdup(key);
    return value->key ? 0 : key_refuse_memory(r);
}

/* One cell "key=value". */
static int add_key(struct key_reader *r,
                   const struct item *cell,
                   struct item *event)
{
    char *equals = strchr(cell->text, '=');
    if (!equals || equals == cell->text || !equals[1])
        return key_refuse(r, &cell->at,
                          "'%s' is no key and value, write it such as "
                          "deadline=60 s",
                          item_shown(cell->text).text);
    struct place at = cell->at;
    for (const char *c = cell->text; c <= equals; c++)
        at.column += ((unsigned char)*c & 0xc0) != 0x80;
    *equals = '\0';
    return add_value(r, cell->text, &cell->at, equals + 1, &at, event);
}

static int add_cells(struct key_reader *r,
                     const struct item *row,
                     struct item *event)
{
    uint64_t at_us = 0;
    enum wish wish;
    enum wish found = WISH_COUNT;
    char date[QUANTITY_TEXT_BYTES];
    if (row->count < 3)
        return key_refuse(r, &row->at,
                          "%zu cells, write the seconds, the verb and what it "
                          "is done to, with tabs between",
                          row->count);
    const struct item *cells = row->items;
    int error = tsv_seconds(r, &cells[0], "at", &at_us);
    if (!error)
        error = verb_named(r, &cells[1], &wish);
    if (error)
        return error;
    quantity_print_exact(QUANTITY_DURATION, at_us, date);
    error = add_value(r, "at", &cells[0].at, date, &cells[0].at, event);
    if (!error)
        error = add_value(r, cells[1].text, &cells[1].at, cells[2].text,
                          &cells[2].at, event);
    for (size_t i = 3; i < row->count && !error; i++)
        error = add_key(r, &cells[i], event);
    if (!error)
        error = verb_find(r, event, &found);
    if (!error && found != wish)
        return key_refuse(r, &item_find(event, verbs[found].name)->key_at,
                          "both %s and %s in one line, write another one",
                          verbs[wish].name, verbs[found].name);
    return error;
}

static int add_row(struct key_reader *r,
                   const struct item *row,
                   struct event_budget *budget)
{
    struct item event = {.kind = ITEM_MAPPING, .at = row->at};
    int error = add_cells(r, row, &event);
    if (!error)
        error = event_add(r, &event, budget);
    item_finish(&event);
    return error;
}

int event_trace_parse(struct key_reader *r,
                      const char *text,
                      size_t text_bytes,
                      const char *name,
                      struct event_budget *budget)
{
    struct tsv tsv = {.at = text, .end = text + text_bytes, .name = name};
    struct item row;
    int more;
    int error = 0;
    while (!error && (more = tsv_next(r, &tsv, &row)) != 0) {
        error = more < 0 ? more : add_row(r, &row, budget);
        if (more > 0)
            item_finish(&row);
    }
    return error;
}

int event_trace_add(struct key_reader *r,
                    const struct item *item,
                    struct event_budget *budget)
{
    char *path = NULL;
    char *written = NULL;
    struct file_text text;
    int error = named_file_read(r, item, "trace", &path, &written);
    if (!error)
        error = file_open(path, &text, r->complaint);
    if (!error) {
        error = event_trace_parse(r, text.start, text.byte_count, path, budget);
        file_close(&text);
    }
    free(path);
    free(written);
    return error;
}
