#include "document.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct builder
{
    yaml_parser_t parser;
    yaml_event_t event; /* The one being looked at. */
    const char *text;
    size_t text_bytes;
    const char *file;
    struct complaint *complaint;
};

struct shown item_shown(const char *text)
{
    enum { BYTES_MAX = 40 };
    struct shown s;
    size_t count = strnlen(text, BYTES_MAX + 1);
    bool cut = count > BYTES_MAX;
    if (cut) {
        count = BYTES_MAX - 3;
        while (count > 0 && ((unsigned char)text[count] & 0xc0) == 0x80)
            count--;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)text[i];
        s.text[i] = (char)(c < ' ' || c == 0x7f ? '?' : c);
    }
    memcpy(s.text + count, cut ? "..." : "", cut ? 4 : 1);
    return s;
}

void item_finish(struct item *item)
{
    for (size_t i = 0; i < item->count; i++)
        item_finish(&item->items[i]);
    free(item->items);
    free(item->text);
    free(item->key);
    *item = (struct item){0};
}

struct item *item_find(const struct item *mapping, const char *key)
{
    assert(mapping->kind == ITEM_MAPPING);
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->items[i].key, key) == 0)
            return &mapping->items[i];
    return NULL;
}

struct item *item_add(struct item *parent)
{
    /* Room doubles, at each power of two. */
    if ((parent->count & (parent->count - 1)) == 0) {
        size_t room = parent->count > 0 ? parent->count * 2 : 1;
        struct item *items = reallocarray(parent->items, room, sizeof *items);
        if (!items)
            return NULL;
        parent->items = items;
    }
    struct item *item = &parent->items[parent->count++];
    *item = (struct item){0};
    return item;
}

/* ---- Complaints about the text itself. ----------------------------------- */

static struct place place_of(const struct builder *b, yaml_mark_t mark)
{
    return (struct place){b->file, mark.line + 1, mark.column + 1};
}

static int no_memory(const struct builder *b)
{
    return complain(b->complaint, -ENOMEM, b->file, 0, 0,
                    "no memory left to read it, close other programs");
}

/* Line and column of a byte: libyaml knows no mark where the text is none. */
static struct place place_of_byte(const struct builder *b, size_t offset)
{
    struct place place = {b->file, 1, 1};
    for (size_t i = 0; i < offset && i < b->text_bytes; i++) {
        unsigned char c = (unsigned char)b->text[i];
        if (c == '\n') {
            place.line++;
            place.column = 1;
        } else if ((c & 0xc0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

/* The byte at a place, 0 if there is none. */
static char byte_at(const struct builder *b, yaml_mark_t mark)
{
    const char *at = b->text;
    const char *end = b->text + b->text_bytes;
    for (size_t line = 0; line < mark.line && at; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    size_t left = at ? (size_t)(end - at) : 0;
    for (size_t column = 0; column < mark.column && left > 0; column++)
        do {
            at++;
            left--;
        } while (left > 0 && ((unsigned char)*at & 0xc0) == 0x80);
    return (char)(left > 0 ? *at : '\0');
}

static int refuse_syntax(const struct builder *b)
{
    const yaml_parser_t *parser = &b->parser;
    const char *problem = parser->problem ? parser->problem : "unreadable";
    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(b);
    if (parser->error == YAML_READER_ERROR) {
        struct place at = place_of_byte(b, parser->problem_offset);
        return complain(b->complaint, -EINVAL, at.file, at.line, at.column,
                        "this is not text (%s), a scenario is a YAML text file "
                        "in UTF-8",
                        problem);
    }
    struct place at = place_of(b, parser->problem_mark);
    /* libyaml ends the last line for us: stay in the text. */
    struct place end = place_of_byte(b, b->text_bytes);
    if (end.line < at.line)
        at = end;
    if (byte_at(b, parser->problem_mark) == '\t')
        return complain(b->complaint, -EINVAL, at.file, at.line, at.column,
                        "a tab, YAML allows none here, indent with spaces");
    if (!parser->context)
        return complain(b->complaint, -EINVAL, at.file, at.line, at.column,
                        "not YAML: %s, see the lines before it", problem);
    return complain(b->complaint, -EINVAL, at.file, at.line, at.column,
                    "not YAML: %s %s that begins at %zu:%zu, close or indent "
                    "it properly",
                    problem, parser->context, parser->context_mark.line + 1,
                    parser->context_mark.column + 1);
}

static int refuse(const struct builder *b, const char *why)
{
    struct place at = place_of(b, b->event.start_mark);
    return complain(b->complaint, -EINVAL, at.file, at.line, at.column, "%s",
                    why);
}

/* ---- Events to items. ---------------------------------------------------- */

static int next(struct builder *b)
{
    yaml_event_delete(&b->event);
    return yaml_parser_parse(&b->parser, &b->event) ? 0 : refuse_syntax(b);
}

static const char no_anchors[] =
    "anchors and aliases (&, *) are not used in scenarios, write the value out";
static const char no_tags[] =
    "tags (!) are not used in scenarios, leave it out";

static int fill_scalar(const struct builder *b, struct item *item)
{
    const yaml_char_t *value = b->event.data.scalar.value;
    size_t count = b->event.data.scalar.length;
    bool plain = b->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (b->event.data.scalar.anchor)
        return refuse(b, no_anchors);
    if (b->event.data.scalar.tag)
        return refuse(b, no_tags);
    if (memchr(value, 0, count))
        return refuse(b, "a NUL character, leave it out");
    item->kind = ITEM_SCALAR;
    item->text = strdup((const char *)value);
    if (!item->text)
        return no_memory(b);
    item->blank = plain && (count == 0 || strcmp(item->text, "~") == 0 ||
                            strcmp(item->text, "null") == 0);
    return 0;
}

static int fill(struct builder *b, struct item *item, size_t depth);

static int fill_sequence(struct builder *b, struct item *item, size_t depth)
{
    for (;;) {
        int error = next(b);
        if (error || b->event.type == YAML_SEQUENCE_END_EVENT)
            return error;
        struct item *child = item_add(item);
        if (!child)
            return no_memory(b);
        error = fill(b, child, depth + 1);
        if (error)
            return error;
    }
}

static int by_key(const void *a, const void *b)
{
    const struct item *x = *(const struct item *const *)a;
    const struct item *y = *(const struct item *const *)b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x > y) - (x < y);
}

/* Sorted, since a hostile file may have a million keys. */
static int refuse_twice(const struct builder *b, const struct item *mapping)
{
    const struct item *second = NULL;
    const struct item *first = NULL;
    if (mapping->count < 2)
        return 0;
    const struct item **sorted = calloc(mapping->count, sizeof(*sorted));
    if (!sorted)
        return no_memory(b);
    for (size_t i = 0; i < mapping->count; i++)
        sorted[i] = &mapping->items[i];
    qsort(sorted, mapping->count, sizeof(*sorted), by_key);
    for (size_t i = 1; i < mapping->count; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 &&
            (!second || sorted[i] < second)) {
            first = sorted[i - 1];
            second = sorted[i];
        }
    free(sorted);
    if (!second)
        return 0;
    return complain(b->complaint, -EINVAL, b->file, second->key_at.line,
                    second->key_at.column,
                    "'%s' is given twice, it stands in line %zu already, "
                    "remove one",
                    item_shown(second->key).text, first->key_at.line);
}

static int fill_mapping(struct builder *b, struct item *item, size_t depth)
{
    for (;;) {
        int error = next(b);
        if (error)
            return error;
        if (b->event.type == YAML_MAPPING_END_EVENT)
            return refuse_twice(b, item);
        if (b->event.type != YAML_SCALAR_EVENT)
            return refuse(b, b->event.type == YAML_ALIAS_EVENT
                                 ? no_anchors
                                 : "a key must be a word, put a word before "
                                   "the colon");
        struct item key = {0};
        error = fill_scalar(b, &key);
        if (error)
            return error;
        struct place key_at = place_of(b, b->event.start_mark);
        struct item *child = item_add(item);
        if (!child) {
            item_finish(&key);
            return no_memory(b);
        }
        child->key = key.text;
        child->key_at = key_at;
        error = next(b);
        if (!error)
            error = fill(b, child, depth + 1);
        if (error)
            return error;
    }
}

/* The item that the event at hand begins. */
static int fill(struct builder *b, struct item *item, size_t depth)
{
    item->at = place_of(b, b->event.start_mark);
    if (depth > DOCUMENT_DEPTH_MAX)
        return refuse(b, "nested too deep, no scenario needs that");
    if (b->event.type == YAML_ALIAS_EVENT)
        return refuse(b, no_anchors);
    if (b->event.type == YAML_SCALAR_EVENT)
        return fill_scalar(b, item);
    if (b->event.type == YAML_SEQUENCE_START_EVENT) {
        item->kind = ITEM_SEQUENCE;
        if (b->event.data.sequence_start.anchor)
            return refuse(b, no_anchors);
        if (b->event.data.sequence_start.tag)
            return refuse(b, no_tags);
        return fill_sequence(b, item, depth);
    }
    assert(b->event.type == YAML_MAPPING_START_EVENT);
    item->kind = ITEM_MAPPING;
    if (b->event.data.mapping_start.anchor)
        return refuse(b, no_anchors);
    if (b->event.data.mapping_start.tag)
        return refuse(b, no_tags);
    return fill_mapping(b, item, depth);
}

static int fill_stream(struct builder *b, struct item *root)
{
    int error = next(b); /* Start of the stream. */
    if (!error)
        error = next(b);
    if (error)
        return error;
    if (b->event.type == YAML_STREAM_END_EVENT)
        return complain(b->complaint, -EINVAL, b->file, 0, 0,
                        "it is empty, write at least vencejo: 1, clusters: and "
                        "workload:");
    error = next(b);
    if (!error)
        error = fill(b, root, 0);
    if (!error)
        error = next(b); /* End of the document. */
    if (!error)
        error = next(b);
    if (!error && b->event.type != YAML_STREAM_END_EVENT)
        return refuse(b,
                      "a second document begins, put one scenario in each "
                      "file");
    return error;
}

int document_parse(const char *text,
                   size_t text_bytes,
                   const char *file,
                   struct item *ret_root,
                   struct complaint *ret_complaint)
{
    struct builder b = {.text = text,
                        .text_bytes = text_bytes,
                        .file = file,
                        .complaint = ret_complaint};
    struct item root = {0};
    if (text_bytes > DOCUMENT_BYTES_MAX)
        return complain(ret_complaint, -EFBIG, file, 0, 0,
                        "it is larger than 16 MiB, no scenario is, name a "
                        "trace as workload: {trace: {file: ...}}");
    if (!yaml_parser_initialize(&b.parser))
        return no_memory(&b);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text,
                                 text_bytes);
    int error = fill_stream(&b, &root);
    yaml_event_delete(&b.event);
    yaml_parser_delete(&b.parser);
    if (error)
        item_finish(&root);
    else
        *ret_root = root;
    return error;
}
