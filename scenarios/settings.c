/* settings.c - --set clusters.lab.nodes=8: change the tree before it is
 * checked.
 *
 * Keys are mapping keys and indices of lists, joined by dots. What is missing
 * on the way is made, except below clusters: a wrong name would silently be
 * one more cluster. An index just behind a list adds to it.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

/* The setting being applied. */
struct change
{
    struct key_reader *reader;
    const char *name;   /* As complaints call it: --set KEY=VALUE. */
    struct place place; /* Of its keys: somewhere in it. */
};

static struct item *add_key(const struct change *c,
                            struct item *mapping,
                            const char *key)
{
    struct item *child = item_add(mapping);
    char *copy = strdup(key);
    if (!child || !copy) {
        free(copy);
        return NULL;
    }
    child->key = copy;
    child->key_at = c->place;
    child->at = c->place;
    child->kind = ITEM_MAPPING;
    return child;
}

static int refuse_cluster(const struct change *c,
                          const struct item *clusters,
                          const char *key)
{
    const char **names = calloc(clusters->count + 1, sizeof *names);
    if (!names)
        return key_refuse_memory(c->reader);
    for (size_t i = 0; i < clusters->count; i++)
        names[i] = clusters->items[i].key;
    int error =
        key_refuse_unknown(c->reader, &c->place, "cluster", key, "", names);
    free(names);
    return error;
}

static int step_into_list(const struct change *c,
                          struct item *list,
                          const char *key,
                          struct item **ret_child)
{
    uint64_t index;
    const char *what;
    if (quantity_parse_exact(key, QUANTITY_COUNT, &index, &what) != 0 ||
        list->count < index)
        return key_refuse(c->reader, &c->place,
                          "'%s' is no place in that list, give 0 to %zu",
                          item_shown(key).text, list->count);
    if (index == list->count) {
        struct item *child = item_add(list);
        if (!child)
            return key_refuse_memory(c->reader);
        child->kind = ITEM_MAPPING;
        child->at = c->place;
    }
    *ret_child = &list->items[index];
    return 0;
}

/* From a mapping or list to what is under that key. last: it may be new. */
static int step(const struct change *c,
                struct item *at,
                const char *key,
                bool last,
                struct item **ret_child)
{
    if (at->kind == ITEM_SEQUENCE)
        return step_into_list(c, at, key, ret_child);
    if (at->kind == ITEM_SCALAR && !at->blank)
        return key_refuse(c->reader, &c->place,
                          "nothing is under '%s', the value there is '%s'", key,
                          item_shown(at->text).text);
    at->kind = ITEM_MAPPING;
    struct item *child = item_find(at, key);
    if (!child && !last && at->key && strcmp(at->key, "clusters") == 0)
        return refuse_cluster(c, at, key);
    if (!child)
        child = add_key(c, at, key);
    if (!child)
        return key_refuse_memory(c->reader);
    *ret_child = child;
    return 0;
}

/* Put the value there; it keeps its key. */
static void replace(struct item *old, struct item *value)
{
    char *key = old->key;
    value->key_at = old->key_at;
    old->key = NULL;
    item_finish(old);
    *old = *value;
    old->key = key;
}

static int apply(const struct change *c, struct item *root, char *path)
{
    char *value = strchr(path, '=');
    if (!value || value == path)
        return key_refuse(c->reader, &c->place,
                          "no key and value, write it such as --set seed=7");
    *value++ = '\0';
    if (!value[strspn(value, " \t\n")])
        return key_refuse(c->reader, &c->place,
                          "the value of %s is empty, write one behind the =; "
                          "'' is the empty text",
                          item_shown(path).text);
    struct item *at = root;
    int error = 0;
    for (char *rest = path, *key; !error && (key = strsep(&rest, "."));)
        error = *key ? step(c, at, key, !rest, &at)
                     : key_refuse(c->reader, &c->place,
                                  "an empty key, write keys joined by single "
                                  "dots");
    struct item item = {0};
    if (!error)
        error = document_parse(value, strlen(value), c->name, &item,
                               c->reader->complaint);
    if (!error)
        replace(at, &item);
    return error;
}

int settings_apply(struct key_reader *r,
                   struct item *root,
                   const struct scenario_setting *settings,
                   size_t setting_count,
                   char **names)
{
    int error = 0;
    for (size_t i = 0; i < setting_count && !error; i++) {
        char *path = strdup(settings[i].text);
        if (!path || asprintf(&names[i], "--set %s", settings[i].text) < 0) {
            names[i] = NULL;
            free(path);
            return key_refuse_memory(r);
        }
        const struct change change = {r, names[i], {names[i], 0, 0}};
        error = apply(&change, root, path);
        free(path);
    }
    return error;
}
