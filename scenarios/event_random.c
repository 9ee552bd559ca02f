/* event_random.c - {random: {...}} of events: owners who come and go by laws.
 */
#include <stdlib.h>
#include <string.h>

#include "verbs.h"

static const enum wish wishes[] = {WISH_ISOLATE, WISH_BLOCK, WISH_EXPEL,
                                   WISH_LEAVE};
static const char *const wish_words[] = {"isolate", "block", "expel", "leave",
                                         NULL};
enum { WISHES = sizeof wishes / sizeof *wishes };

static int do_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_random *random = object;
    unsigned index = 0;
    const struct key key = {
        .name = "do", .kind = KEY_CHOICE, .choices = wish_words};
    int error = key_read(r, &key, item, &index);
    random->wish = wishes[index];
    return error;
}

static void do_print(struct key_printer *p, const void *object)
{
    const struct scenario_random *random = object;
    fputs(verbs[random->wish].name, p->out);
}

/* ---- nodes:, clusters: --------------------------------------------------- */

/* The word for all of them, unless a cluster is called so. */
static bool is_all(const struct scenario *s, const struct item *item)
{
    uint32_t first, count;
    return item->kind == ITEM_SCALAR && strcmp(item->text, "all") == 0 &&
           !clusters_find(s, "all", &first, &count) && s->node_count > 0;
}

static int random_nodes_read(struct key_reader *r,
                             const struct item *item,
                             void *object)
{
    struct scenario_random *random = object;
    const struct scenario *s = r->scenario;
    uint32_t cluster;
    if (!is_all(s, item))
        return nodes_read(r, item, "nodes", &random->nodes, &cluster);
    random->nodes = (struct scenario_nodes){0, s->node_count - 1};
    return 0;
}

static bool is_every_node(const struct scenario *s,
                          const struct scenario_random *random)
{
    return random->nodes.first == 0 && random->nodes.last == s->node_count - 1;
}

static void random_nodes_print(struct key_printer *p, const void *object)
{
    const struct scenario_random *random = object;
    if (is_every_node(p->scenario, random) && p->scenario->cluster_count > 1)
        fputs("all", p->out);
    else
        nodes_print(p, &random->nodes);
}

static int clusters_range_read(struct key_reader *r,
                               const struct item *item,
                               uint32_t *ret_first,
                               uint32_t *ret_last)
{
    if (item->kind != ITEM_SEQUENCE) {
        uint32_t count = 1;
        int error = item_expect(r, item, ITEM_SCALAR, "clusters");
        if (!error)
            error = clusters_named(r, &item->at, item->text, ret_first, &count);
        *ret_last = *ret_first + count - 1;
        return error;
    }
    if (item->count != 2)
        return key_refuse(r, &item->at,
                          "clusters: %zu values, write the first and the last "
                          "one: [from, to]",
                          item->count);
    int error = cluster_read(r, &item->items[0], "clusters", ret_first);
    if (!error)
        error = cluster_read(r, &item->items[1], "clusters", ret_last);
    if (!error && *ret_last < *ret_first)
        return key_refuse(r, &item->items[1].at,
                          "clusters: '%s' stands before the first one in "
                          "clusters:, swap them",
                          item_shown(item->items[1].text).text);
    return error;
}

static int random_clusters_read(struct key_reader *r,
                                const struct item *item,
                                void *object)
{
    struct scenario_random *random = object;
    const struct scenario *s = r->scenario;
    uint32_t first = 0;
    uint32_t last = 0;
    random->whole_clusters = true;
    if (is_all(s, item))
        last = (uint32_t)s->cluster_count - 1;
    else {
        int error = clusters_range_read(r, item, &first, &last);
        if (error)
            return error;
    }
    random->nodes.first = s->clusters[first].first;
    random->nodes.last = nodes_of(&s->clusters[last]).last;
    return 0;
}

static void random_clusters_print(struct key_printer *p, const void *object)
{
    const struct scenario_random *random = object;
    const struct scenario *s = p->scenario;
    const char *first = NULL;
    const char *last = NULL;
    for (size_t i = 0; i < s->cluster_count; i++) {
        struct scenario_nodes nodes = nodes_of(&s->clusters[i]);
        if (nodes.first == random->nodes.first)
            first = s->clusters[i].name;
        if (nodes.last == random->nodes.last)
            last = s->clusters[i].name;
    }
    if (first == last)
        fputs(first, p->out);
    else
        fprintf(p->out, "[%s, %s]", first, last);
}

static bool nodes_given(const void *object)
{
    const struct scenario_random *random = object;
    return !random->whole_clusters;
}

static bool clusters_given(const void *object)
{
    return !nodes_given(object);
}

/* ---- after:, for: -------------------------------------------------------- */

static int after_read(struct key_reader *r,
                      const struct item *item,
                      void *object)
{
    struct scenario_random *random = object;
    return law_read(r, item, QUANTITY_DURATION, "after", &random->after);
}

static void after_print(struct key_printer *p, const void *object)
{
    const struct scenario_random *random = object;
    law_print(p, QUANTITY_DURATION, &random->after);
}

static int for_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_random *random = object;
    return law_read(r, item, QUANTITY_DURATION, "for", &random->lasting);
}

static void for_print(struct key_printer *p, const void *object)
{
    const struct scenario_random *random = object;
    law_print(p, QUANTITY_DURATION, &random->lasting);
}

static bool deadline_given(const void *object)
{
    const struct scenario_random *random = object;
    return random->deadline_us != USEC_NEVER;
}

#define FIELD(name) offsetof(struct scenario_random, name)
static const struct key random_keys[] = {
    {.name = "do",
     .kind = KEY_OWN,
     .read = do_read,
     .print = do_print,
     .required = true},
    {.name = "nodes",
     .kind = KEY_OWN,
     .read = random_nodes_read,
     .print = random_nodes_print,
     .given = nodes_given},
    {.name = "clusters",
     .kind = KEY_OWN,
     .read = random_clusters_read,
     .print = random_clusters_print,
     .given = clusters_given},
    {.name = "after",
     .kind = KEY_OWN,
     .section = &law_section,
     .read = after_read,
     .print = after_print,
     .required = true},
    {.name = "for",
     .kind = KEY_OWN,
     .section = &law_section,
     .read = for_read,
     .print = for_print,
     .required = true},
    {.name = "deadline",
     .kind = KEY_SPAN,
     .offset = FIELD(deadline_us),
     .max = GRID_SPAN_MAX_US,
     .word = "never",
     .word_value = 0x1p64,
     .fallback = "never",
     .given = deadline_given},
    {.name = "then",
     .kind = KEY_CHOICE,
     .offset = FIELD(then),
     .choices = event_thens,
     .fallback = "wait",
     .given = deadline_given},
    {.name = NULL},
};
const struct section event_random_section = {.name = "random",
                                             .keys = random_keys,
                                             .one_line = true};
#undef FIELD

static int check(struct key_reader *r,
                 const struct item *item,
                 const struct scenario_random *random)
{
    const struct item *nodes = item_find(item, "nodes");
    const struct item *clusters = item_find(item, "clusters");
    const struct item *deadline = item_find(item, "deadline");
    const struct item *then = item_find(item, "then");
    if (nodes && clusters)
        return key_refuse(r, &clusters->key_at,
                          "random: both nodes and clusters, each by itself "
                          "does it, remove one");
    if (!nodes && !clusters)
        return key_refuse(r, item_place(item),
                          "random: neither nodes nor clusters, add one, such "
                          "as clusters: all");
    if (random->wish == WISH_ISOLATE && nodes)
        return key_refuse(r, &nodes->key_at,
                          "nodes: only a whole cluster isolates itself, write "
                          "clusters");
    if (deadline && random->wish == WISH_BLOCK)
        return key_refuse(r, &deadline->key_at,
                          "deadline: block takes none, nobody must leave; "
                          "remove it");
    if (then && random->deadline_us == USEC_NEVER)
        return key_refuse(r, &then->key_at,
                          "then: without a deadline it never comes to that, "
                          "add deadline: 60 s");
    return event_then_check(r, then, random->wish, random->then);
}

int event_random_add(struct key_reader *r, const struct item *item)
{
    struct scenario_grid *grid = &r->scenario->grid;
    struct scenario_random random = {.deadline_us = USEC_NEVER};
    int error = section_read(r, &event_random_section, item, &random);
    if (!error)
        error = check(r, item, &random);
    if (error)
        return error;
    struct scenario_random *randoms =
        reallocarray(grid->randoms, grid->random_count + 1, sizeof *randoms);
    if (!randoms)
        return key_refuse_memory(r);
    grid->randoms = randoms;
    randoms[grid->random_count++] = random;
    return 0;
}
