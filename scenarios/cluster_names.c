/* cluster_names.c - clusters by their names: one, all of a key, a switch. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

bool clusters_find(const struct scenario *s,
                   const char *name,
                   uint32_t *ret_first,
                   uint32_t *ret_count)
{
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        const struct scenario_cluster *c = &s->clusters[i];
        bool is_key = c->key && strcmp(c->key, name) == 0;
        if (!is_key && strcmp(c->name, name) != 0)
            continue;
        *ret_first = i;
        *ret_count = is_key ? c->alike_count : 1;
        return true;
    }
    return false;
}

int clusters_named(struct key_reader *r,
                   const struct place *at,
                   const char *name,
                   uint32_t *ret_first,
                   uint32_t *ret_count)
{
    const struct scenario *s = r->scenario;
    if (clusters_find(s, name, ret_first, ret_count))
        return 0;
    if (s->platform)
        return key_refuse(r, at,
                          "unknown cluster '%s', those of a platform are known "
                          "only when it runs, describe them by clusters:",
                          item_shown(name).text);
    size_t count = 0;
    const char **names = calloc(s->cluster_count + 1, sizeof *names);
    if (!names)
        return key_refuse_memory(r);
    for (size_t i = 0; i < s->cluster_count; i++)
        if (s->clusters[i].alike_index == 0)
            names[count++] = scenario_cluster_key(&s->clusters[i]);
    int error = key_refuse_unknown(r, at, "cluster", name, "", names);
    free(names);
    return error;
}

int cluster_named(struct key_reader *r,
                  const struct place *at,
                  const char *name,
                  uint32_t *ret_cluster)
{
    uint32_t count;
    int error = clusters_named(r, at, name, ret_cluster, &count);
    if (!error && count > 1)
        return key_refuse(r, at,
                          "'%s' is %u clusters, name one of them, %s-1 to "
                          "%s-%u",
                          name, count, name, name, count);
    return error;
}

int cluster_read(struct key_reader *r,
                 const struct item *item,
                 const char *name,
                 uint32_t *ret_cluster)
{
    int error = item_expect(r, item, ITEM_SCALAR, name);
    return error ? error : cluster_named(r, &item->at, item->text, ret_cluster);
}

/* The first cluster of a switch. */
static int switch_read(struct key_reader *r,
                       const struct item *item,
                       const char *name,
                       uint32_t *ret_cluster)
{
    uint32_t count;
    int error = item_expect(r, item, ITEM_SCALAR, name);
    if (!error)
        error = clusters_named(r, &item->at, item->text, ret_cluster, &count);
    if (error)
        return error;
    const struct scenario_cluster *c = &r->scenario->clusters[*ret_cluster];
    if (count == 1 && c->alike_count > 1)
        return key_refuse(r, &item->at,
                          "%s: '%s' has no switch of its own, the %u clusters "
                          "of its key share one, write %s",
                          name, c->name, c->alike_count, c->key);
    return 0;
}

int switch_pair_read(struct key_reader *r,
                     const struct item *item,
                     const char *name,
                     uint32_t *ret_a,
                     uint32_t *ret_b)
{
    int error = item_expect(r, item, ITEM_SEQUENCE, name);
    if (error)
        return error;
    if (item->count != 2)
        return key_refuse(r, &item->at,
                          "%s: %zu clusters, a link joins two, write [a, b]",
                          name, item->count);
    error = switch_read(r, &item->items[0], name, ret_a);
    if (!error)
        error = switch_read(r, &item->items[1], name, ret_b);
    if (!error && *ret_a == *ret_b)
        return key_refuse(r, &item->items[1].at,
                          "%s: '%s' twice, a link joins two clusters", name,
                          item_shown(item->items[1].text).text);
    return error;
}
