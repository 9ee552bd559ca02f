/* tsv.c - rows of cells between tabs. */
#include "tsv.h"

#include <errno.h>
#include <string.h>

/* As YAML counts: characters of UTF-8. */
static size_t character_count(const char *from, const char *to)
{
    size_t count = 0;
    for (; from < to; from++)
        count += ((unsigned char)*from & 0xc0) != 0x80;
    return count;
}

static int add_cell(struct key_reader *r,
                    const struct tsv *tsv,
                    const char *row,
                    const char *from,
                    const char *to,
                    struct item *ret_row)
{
    while (from < to && *from == ' ')
        from++;
    while (from < to && to[-1] == ' ')
        to--;
    struct item *cell = item_add(ret_row);
    if (!cell)
        return key_refuse_memory(r);
    size_t length = (size_t)(to - from);
    cell->at =
        (struct place){tsv->name, tsv->line, 1 + character_count(row, from)};
    cell->text = strndup(from, length);
    if (!cell->text)
        return key_refuse_memory(r);
    if (length == 0)
        return key_refuse(r, &cell->at,
                          "an empty cell, write something between the tabs");
    if (memchr(from, 0, length) || !text_is_one_line(cell->text))
        return key_refuse(r, &cell->at,
                          "a control character in a cell, leave it out");
    return 0;
}

static int split(struct key_reader *r,
                 const struct tsv *tsv,
                 const char *row,
                 const char *end,
                 struct item *ret_row)
{
    int error = 0;
    for (const char *from = row; from && !error;) {
        const char *tab = memchr(from, '\t', (size_t)(end - from));
        error = add_cell(r, tsv, row, from, tab ? tab : end, ret_row);
        from = tab ? tab + 1 : NULL;
    }
    return error;
}

int tsv_next(struct key_reader *r, struct tsv *tsv, struct item *ret_row)
{
    while (tsv->at < tsv->end) {
        const char *row = tsv->at;
        const char *end = memchr(row, '\n', (size_t)(tsv->end - row));
        tsv->at = end ? end + 1 : tsv->end;
        end = end ? end : tsv->end;
        tsv->line++;
        if (row < end && end[-1] == '\r')
            end--;
        if (row == end || *row == '#')
            continue;
        struct item items = {.kind = ITEM_SEQUENCE,
                             .at = {tsv->name, tsv->line, 1}};
        int error = split(r, tsv, row, end, &items);
        if (error) {
            item_finish(&items);
            return error;
        }
        *ret_row = items;
        return 1;
    }
    return 0;
}

int tsv_seconds(struct key_reader *r,
                const struct item *cell,
                const char *name,
                uint64_t *ret_us)
{
    enum { BYTES_MAX = 64 };
    char text[BYTES_MAX + 2];
    uint64_t us;
    const char *what = "is no number of seconds, write it such as 3600 or 0.5";
    size_t length = strlen(cell->text);
    bool number = length < BYTES_MAX && length > 0 &&
                  cell->text[strspn(cell->text, "0123456789.")] == '\0';
    if (number) {
        snprintf(text, sizeof text, "%ss", cell->text);
        number = quantity_parse_exact(text, QUANTITY_DURATION, &us, &what) == 0;
    }
    if (number && (double)us > GRID_SPAN_MAX_US) {
        what = "is more than 285 years, give less";
        number = false;
    }
    if (!number)
        return key_refuse(r, &cell->at, "%s: '%s' %s", name,
                          item_shown(cell->text).text, what);
    *ret_us = us;
    return 0;
}
