/* keys.c - reading by the tables: values, sections, complaints. */
#include "keys.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct key_storage storages[] = {
    [KEY_COUNT] = {QUANTITY_COUNT, true, sizeof(uint64_t), "16"},
    [KEY_COUNT16] = {QUANTITY_COUNT, true, sizeof(uint16_t), "16"},
    [KEY_COUNT32] = {QUANTITY_COUNT, true, sizeof(uint32_t), "16"},
    [KEY_BYTES] = {QUANTITY_BYTES, true, sizeof(uint64_t), "20 MiB"},
    [KEY_SPAN] = {QUANTITY_DURATION, true, sizeof(uint64_t), "1 s"},
    [KEY_MILLI] = {QUANTITY_NUMBER, true, sizeof(uint32_t), "1.0"},
    [KEY_NUMBER] = {QUANTITY_NUMBER, false, sizeof(double), "0.5"},
    [KEY_SECONDS] = {QUANTITY_DURATION, false, sizeof(double), "5 ms"},
    [KEY_RATE] = {QUANTITY_RATE, false, sizeof(double), "1 MB/s"},
    [KEY_BANDWIDTH] = {QUANTITY_BANDWIDTH, false, sizeof(double), "1 Gbps"},
    [KEY_FREQUENCY] = {QUANTITY_FREQUENCY, false, sizeof(double), "2 /s"},
    [KEY_OF_LAW] = {QUANTITY_COUNT, true, sizeof(double), ""},
    [KEY_OWN] = {QUANTITY_COUNT, false, 0, "..."},
};

const char *const key_yes_no[] = {"false", "true", "no", "yes", NULL};

struct key_storage key_storage(const struct key *key,
                               enum quantity_kind law_unit)
{
    struct key_storage storage = storages[key->kind];
    if (key->kind == KEY_OF_LAW) {
        storage.quantity = law_unit;
        storage.example = law_unit == QUANTITY_BYTES ? "20 MiB" : "10 s";
    }
    return storage;
}

/* ---- Complaints. --------------------------------------------------------- */

int key_refuse(struct key_reader *r,
               const struct place *at,
               const char *text,
               ...)
{
    char line[sizeof r->complaint->text];
    va_list values;
    va_start(values, text);
    vsnprintf(line, sizeof line, text, values);
    va_end(values);
    return complain(r->complaint, -EINVAL, at->file, at->line, at->column, "%s",
                    line);
}

int key_refuse_memory(struct key_reader *r)
{
    return complain(r->complaint, -ENOMEM, NULL, 0, 0,
                    "no memory left to read it, close other programs");
}

const struct place *item_place(const struct item *item)
{
    return item->key ? &item->key_at : &item->at;
}

int key_refuse_unknown(struct key_reader *r,
                       const struct place *at,
                       const char *what,
                       const char *text,
                       const char *where,
                       const char *const *names)
{
    char known[320] = "";
    const char *nearest = nearest_name(text, names);
    if (nearest)
        return key_refuse(r, at, "unknown %s '%s'%s, did you mean '%s'?", what,
                          item_shown(text).text, where, nearest);
    for (size_t i = 0; names[i]; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                 names[i]);
    }
    return key_refuse(r, at, "unknown %s '%s'%s, known here: %s", what,
                      item_shown(text).text, where, *known ? known : "none");
}

int item_expect(struct key_reader *r,
                const struct item *item,
                enum item_kind kind,
                const char *name)
{
    static const char *const wanted[] = {
        [ITEM_SCALAR] = "needs a single value, write it behind the colon",
        [ITEM_MAPPING] = "needs keys, write {key: value, ...}",
        [ITEM_SEQUENCE] =
            "needs a list, write [...] or lines that begin with -",
    };
    if (item->kind == ITEM_SCALAR && item->blank)
        return key_refuse(r, item_place(item),
                          "%s has no value, write one or remove the line",
                          name);
    return item->kind == kind
               ? 0
               : key_refuse(r, &item->at, "%s %s", name, wanted[kind]);
}

/* ---- One value. ---------------------------------------------------------- */

static int read_choice(struct key_reader *r,
                       const struct key *key,
                       const struct item *item,
                       const char *const *choices,
                       unsigned *ret_index)
{
    for (unsigned i = 0; choices[i]; i++)
        if (strcmp(item->text, choices[i]) == 0) {
            *ret_index = i;
            return 0;
        }
    return key_refuse_unknown(r, &item->at, key->name, item->text, "", choices);
}

static int refuse_range(struct key_reader *r,
                        const struct key *key,
                        const struct item *item,
                        const struct key_storage *storage,
                        double limit,
                        bool below)
{
    char text[QUANTITY_TEXT_BYTES];
    if (limit <= ABOVE_ZERO)
        return key_refuse(r, &item->at,
                          "%s: '%s' is too small, give more than 0", key->name,
                          item_shown(item->text).text);
    if (storage->exact)
        quantity_print_exact(storage->quantity, (uint64_t)limit, text);
    else
        quantity_print(storage->quantity, limit, text);
    return key_refuse(r, &item->at, "%s: '%s' is too %s, give at %s %s",
                      key->name, item_shown(item->text).text,
                      below ? "small" : "large", below ? "least" : "most",
                      text);
}

static void store(const struct key *key,
                  const struct key_storage *storage,
                  uint64_t whole,
                  double value,
                  void *field)
{
    uint16_t narrowest = (uint16_t)whole;
    uint32_t narrow = (uint32_t)whole;
    double of_law = (double)whole;
    if (!storage->exact)
        memcpy(field, &value, sizeof value);
    else if (key->kind == KEY_OF_LAW)
        memcpy(field, &of_law, sizeof of_law);
    else if (storage->bytes == sizeof narrow)
        memcpy(field, &narrow, sizeof narrow);
    else if (storage->bytes == sizeof narrowest)
        memcpy(field, &narrowest, sizeof narrowest);
    else
        memcpy(field, &whole, sizeof whole);
}

static int read_quantity(struct key_reader *r,
                         const struct key *key,
                         const struct item *item,
                         void *field)
{
    struct key_storage storage = key_storage(key, r->law_unit);
    uint64_t whole = 0;
    double value = 0;
    const char *what;
    if (key->word && strcmp(item->text, key->word) == 0) {
        if (storage.exact)
            whole = key->word_value < 0x1p64 ? (uint64_t)key->word_value
                                             : UINT64_MAX;
        store(key, &storage, whole, key->word_value, field);
        return 0;
    }
    int error =
        storage.exact
            ? quantity_parse_exact(item->text, storage.quantity, &whole, &what)
            : quantity_parse(item->text, storage.quantity, &value, &what);
    if (error && key->word)
        return key_refuse(r, &item->at, "%s: '%s' %s, or '%s'", key->name,
                          item_shown(item->text).text, what, key->word);
    if (error)
        return key_refuse(r, &item->at, "%s: '%s' %s", key->name,
                          item_shown(item->text).text, what);
    double compared = storage.exact ? (double)whole : value;
    /* A law's values are doubles that must count exactly. */
    double max = key->max > 0              ? key->max
                 : storage.bytes == 2      ? (double)UINT16_MAX
                 : storage.bytes == 4      ? (double)UINT32_MAX
                 : key->kind == KEY_OF_LAW ? 1e15
                                           : HUGE_VAL;
    if (compared < key->min)
        return refuse_range(r, key, item, &storage, key->min, true);
    if (compared > max)
        return refuse_range(r, key, item, &storage, max, false);
    store(key, &storage, whole, value, field);
    return 0;
}

/* Others would not be read as they are printed. */
bool text_is_one_line(const char *text)
{
    static const char *const odd[] = {"\u2028",       "\u2029",
                                      "\xef\xbb\xbf", "\xef\xbf\xbe",
                                      "\xef\xbf\xbf", NULL};
    for (size_t i = 0; odd[i]; i++)
        if (strstr(text, odd[i]))
            return false;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at < ' ' || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0))
            return false;
    return true;
}

int key_text_check(struct key_reader *r,
                   const struct item *item,
                   const char *name)
{
    enum { TEXT_BYTES_MAX = 1000 };
    size_t length = strlen(item->text);
    if (!text_is_one_line(item->text))
        return key_refuse(r, &item->at,
                          "%s has a control character in it, leave it out",
                          name);
    if (length == 0 || TEXT_BYTES_MAX < length)
        return key_refuse(r, &item->at, "%s is %s, give 1 to %d bytes", name,
                          length == 0 ? "empty" : "too long", TEXT_BYTES_MAX);
    return 0;
}

static int read_text(struct key_reader *r,
                     const struct key *key,
                     const struct item *item,
                     char **ret_text)
{
    int error = key_text_check(r, item, key->name);
    if (error)
        return error;
    *ret_text = strdup(item->text);
    return *ret_text ? 0 : key_refuse_memory(r);
}

static int read_scalar(struct key_reader *r,
                       const struct key *key,
                       const struct item *item,
                       void *field)
{
    unsigned index = 0;
    int error = item_expect(r, item, ITEM_SCALAR, key->name);
    if (error)
        return error;
    if (key->kind == KEY_TEXT)
        return read_text(r, key, item, field);
    if (key->kind != KEY_CHOICE && key->kind != KEY_YES_NO)
        return read_quantity(r, key, item, field);
    error = read_choice(r, key, item,
                        key->kind == KEY_CHOICE ? key->choices : key_yes_no,
                        &index);
    if (!error && key->kind == KEY_CHOICE)
        memcpy(field, &index, sizeof index);
    else if (!error)
        *(bool *)field = index % 2 != 0;
    return error;
}

int key_read(struct key_reader *r,
             const struct key *key,
             const struct item *item,
             void *object)
{
    void *field = (char *)object + key->offset;
    if (key->kind == KEY_OWN)
        return key->read(r, item, object);
    if (key->kind == KEY_SECTION)
        return section_read(r, key->section, item, field);
    return read_scalar(r, key, item, field);
}

/* ---- Sections. ----------------------------------------------------------- */

enum { KEYS_MAX = 32 };

const struct key *key_find(const struct section *section, const char *name)
{
    for (const struct key *key = section->keys; key->name; key++)
        if (strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

static int check_keys(struct key_reader *r,
                      const struct section *section,
                      const struct item *item)
{
    const char *names[KEYS_MAX + 1] = {NULL};
    size_t count = 0;
    for (const struct key *key = section->keys; key->name; key++) {
        assert(count < KEYS_MAX);
        names[count++] = key->name;
    }
    char where[64];
    snprintf(where, sizeof where, " in %s", section->name);
    for (size_t i = 0; i < item->count; i++)
        if (!key_find(section, item->items[i].key))
            return key_refuse_unknown(r, &item->items[i].key_at, "key",
                                      item->items[i].key, where, names);
    return 0;
}

/* What holds where the file is silent. */
static void read_fallback(struct key_reader *r,
                          const struct key *key,
                          void *object)
{
    char text[QUANTITY_TEXT_BYTES];
    struct item item = {.text = text};
    assert(strlen(key->fallback) < sizeof text);
    strcpy(text, key->fallback);
    int error = key_read(r, key, &item, object);
    assert(error == 0 || error == -ENOMEM);
}

static int refuse_missing(struct key_reader *r,
                          const struct section *section,
                          const struct key *key,
                          const struct item *item)
{
    assert(item); /* A section that may be left out requires no key. */
    const char *example = key_storage(key, r->law_unit).example;
    return key_refuse(r, item_place(item),
                      "'%s' is missing, %s needs it, add %s:%s%s", key->name,
                      section->name, key->name, example ? " " : "",
                      example ? example : "");
}

int section_read(struct key_reader *r,
                 const struct section *section,
                 const struct item *item,
                 void *object)
{
    int error = item ? item_expect(r, item, ITEM_MAPPING, section->name) : 0;
    if (!error && item)
        error = check_keys(r, section, item);
    for (const struct key *key = section->keys; key->name && !error; key++) {
        const struct item *value = item ? item_find(item, key->name) : NULL;
        if (value)
            error = key_read(r, key, value, object);
        else if (key->required)
            error = refuse_missing(r, section, key, item);
        else if (key->kind == KEY_SECTION)
            error = section_read(r, key->section, NULL,
                                 (char *)object + key->offset);
        else if (key->fallback)
            read_fallback(r, key, object);
    }
    return error;
}
