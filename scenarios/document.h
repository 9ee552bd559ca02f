/* document.h - a YAML text as a tree that knows where everything stands.
 *
 * libyaml reads it, event by event: so even the place of an alias is exact.
 * Refused here: syntax errors, keys given twice, aliases and anchors, tags, a
 * second document, nesting deeper than any scenario needs. What the keys mean
 * is decided by keys.h.
 */
#ifndef SCENARIOS_DOCUMENT_H
#define SCENARIOS_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "../traces/complaint.h"

enum { DOCUMENT_BYTES_MAX = 16 << 20, DOCUMENT_DEPTH_MAX = 12 };

/* Line and column count from 1, columns in characters; 0: not in a text. */
struct place
{
    const char *file; /* Not owned; it outlives the tree. */
    size_t line;
    size_t column;
};

enum item_kind { ITEM_SCALAR, ITEM_MAPPING, ITEM_SEQUENCE };

struct item
{
    enum item_kind kind;
    char *key; /* In a mapping; else NULL. */
    struct place key_at;
    char *text; /* Of a scalar. */
    bool blank; /* A scalar that says nothing: empty, ~ or null. */
    struct place at;
    struct item *items; /* Of the others, in the order written. */
    size_t count;
};

/* 0, or negative errno and a complaint; ret_root is untouched then. */
int document_parse(const char *text,
                   size_t text_bytes,
                   const char *file,
                   struct item *ret_root,
                   struct complaint *ret_complaint);
void item_finish(struct item *item);

/* NULL if the mapping has no such key. */
struct item *item_find(const struct item *mapping, const char *key);

/* Room for one more item, zeroed; NULL if there is no memory. */
struct item *item_add(struct item *parent);

/* What is quoted in messages: at most 40 bytes, printable. */
struct shown
{
    char text[48];
};
struct shown item_shown(const char *text);

#endif /* SCENARIOS_DOCUMENT_H */
