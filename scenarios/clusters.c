/* clusters.c - clusters:, wan:, platform:. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

enum {
    CLUSTERS_MAX = 65535, /* As many as cluster_id tells apart. */
    CORES_MAX = 65535,
    GUESTS_MAX = 65535,
};

/* A link faster or slower than any that was built is a slip of the unit. */
#define BYTES_PER_S_MIN 1.0
#define BYTES_PER_S_MAX 1.25e14
#define LATENCY_S_MAX 60.0

#define FIELD(name) offsetof(struct scenario_link, name)
static const struct key link_keys[] = {
    {.name = "bandwidth",
     .kind = KEY_BANDWIDTH,
     .offset = FIELD(bytes_per_s),
     .min = BYTES_PER_S_MIN,
     .max = BYTES_PER_S_MAX,
     .fallback = "1 Gbps"},
    {.name = "latency",
     .kind = KEY_SECONDS,
     .offset = FIELD(latency_s),
     .max = LATENCY_S_MAX,
     .fallback = "50 us"},
    {.name = NULL},
};
const struct section link_section = {.name = "link",
                                     .keys = link_keys,
                                     .one_line = true};
#undef FIELD

static int backbone_read(struct key_reader *r,
                         const struct item *item,
                         void *object)
{
    struct scenario_cluster *cluster = object;
    cluster->has_backbone = true;
    return section_read(r, &link_section, item, &cluster->backbone);
}

static void backbone_print(struct key_printer *p, const void *object)
{
    const struct scenario_cluster *cluster = object;
    section_print_one_line(p, &link_section, &cluster->backbone);
}

static bool backbone_given(const void *object)
{
    const struct scenario_cluster *cluster = object;
    return cluster->has_backbone;
}

#define FIELD(name) offsetof(struct scenario_cluster, name)
static const struct key cluster_keys[] = {
    {.name = "nodes",
     .kind = KEY_COUNT32,
     .offset = FIELD(node_count),
     .min = 1,
     .max = SCENARIO_NODES_MAX,
     .required = true},
    {.name = "cores",
     .kind = KEY_COUNT32,
     .offset = FIELD(core_count),
     .min = 1,
     .max = CORES_MAX,
     .fallback = "1"},
    {.name = "speed",
     .kind = KEY_MILLI,
     .offset = FIELD(speed_milli),
     .min = 1,
     .max = 1e6,
     .fallback = "1"},
    {.name = "memory",
     .kind = KEY_BYTES,
     .offset = FIELD(mem_bytes),
     .min = 1,
     .max = 0x1p53,
     .fallback = "512 MiB"},
    {.name = "swap",
     .kind = KEY_BYTES,
     .offset = FIELD(swap_bytes),
     .max = 0x1p53,
     .fallback = "1 GiB"},
    {.name = "link",
     .kind = KEY_SECTION,
     .offset = FIELD(link),
     .section = &link_section},
    {.name = "backbone",
     .kind = KEY_OWN,
     .section = &link_section,
     .read = backbone_read,
     .print = backbone_print,
     .given = backbone_given},
    {.name = "guests",
     .kind = KEY_COUNT32,
     .offset = FIELD(guest_limit),
     .max = GUESTS_MAX,
     .word = "any",
     .word_value = GUESTS_MAX,
     .fallback = "any"},
    {.name = "owner-first",
     .kind = KEY_YES_NO,
     .offset = FIELD(owner_first),
     .fallback = "false"},
    {.name = "guest-weight",
     .kind = KEY_MILLI,
     .offset = FIELD(guest_weight_milli),
     .min = 1,
     .max = 1000,
     .fallback = "1"},
    {.name = "later",
     .kind = KEY_COUNT32,
     .offset = FIELD(later_count),
     .max = SCENARIO_NODES_MAX,
     .fallback = "0"},
    {.name = NULL},
};
const struct section cluster_section = {.name = "clusters.NAME",
                                        .keys = cluster_keys};
#undef FIELD

/* ---- clusters: ----------------------------------------------------------- */

static int check_name(struct key_reader *r, const struct item *item)
{
    enum { NAME_BYTES_MAX = 40 };
    size_t length = strlen(item->key);
    if (strcmp(item->key, "others") == 0)
        return key_refuse(r, &item->key_at,
                          "'others' is no name for a cluster, partners: means "
                          "every other one by it, choose another");
    bool good =
        isalpha((unsigned char)item->key[0]) && length <= NAME_BYTES_MAX;
    for (size_t i = 0; i < length && good; i++)
        good = isalnum((unsigned char)item->key[i]) || item->key[i] == '_' ||
               item->key[i] == '-';
    return good ? 0
                : key_refuse(r, &item->key_at,
                             "'%s' is no name for a cluster, use a letter and "
                             "then letters, digits, - or _, at most %d",
                             item_shown(item->key).text, NAME_BYTES_MAX);
}

static int read_cluster(struct key_reader *r, const struct item *item)
{
    struct scenario *s = r->scenario;
    struct scenario_cluster *cluster = &s->clusters[s->cluster_count];
    int error = check_name(r, item);
    if (error)
        return error;
    cluster->name = strdup(item->key);
    if (!cluster->name)
        return key_refuse_memory(r);
    s->cluster_count++;
    error = section_read(r, &cluster_section, item, cluster);
    if (error)
        return error;
    if (cluster->node_count > SCENARIO_NODES_MAX - s->node_count)
        return key_refuse(r, &item_find(item, "nodes")->at,
                          "more than %d nodes in all, take fewer",
                          SCENARIO_NODES_MAX);
    if (cluster->node_count <= cluster->later_count)
        return key_refuse(r, &item_find(item, "later")->at,
                          "later: %u of %u nodes, at least one must be there "
                          "from the start",
                          cluster->later_count, cluster->node_count);
    cluster->first = s->node_count;
    s->node_count += cluster->node_count;
    return 0;
}

int clusters_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario *s = object;
    int error = item_expect(r, item, ITEM_MAPPING, "clusters");
    if (error)
        return error;
    if (item->count == 0 || CLUSTERS_MAX < item->count)
        return key_refuse(r, &item->at,
                          "%zu clusters, give 1 to %d, such as {lab: {nodes: "
                          "16}}",
                          item->count, CLUSTERS_MAX);
    s->clusters = calloc(item->count, sizeof *s->clusters);
    if (!s->clusters)
        return key_refuse_memory(r);
    for (size_t i = 0; i < item->count && !error; i++)
        error = read_cluster(r, &item->items[i]);
    return error;
}

void clusters_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    p->indent += 2;
    for (size_t i = 0; i < s->cluster_count; i++) {
        key_print_line(p);
        fprintf(p->out, "%s:", s->clusters[i].name);
        section_print(p, &cluster_section, &s->clusters[i]);
    }
    p->indent -= 2;
}

int platform_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario *s = object;
    return named_file_read(r, item, "platform", &s->platform,
                           &s->platform_written);
}

void platform_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    named_file_print(p, s->platform, s->platform_written);
}

/* ---- wan: ---------------------------------------------------------------- */

int cluster_named(struct key_reader *r,
                  const struct place *at,
                  const char *name,
                  uint32_t *ret_cluster)
{
    const struct scenario *s = r->scenario;
    for (uint32_t i = 0; i < s->cluster_count; i++)
        if (strcmp(s->clusters[i].name, name) == 0) {
            *ret_cluster = i;
            return 0;
        }
    if (s->platform)
        return key_refuse(r, at,
                          "unknown cluster '%s', those of a platform are known "
                          "only when it runs, describe them by clusters:",
                          item_shown(name).text);
    const char **names = calloc(s->cluster_count + 1, sizeof *names);
    if (!names)
        return key_refuse_memory(r);
    for (size_t i = 0; i < s->cluster_count; i++)
        names[i] = s->clusters[i].name;
    int error = key_refuse_unknown(r, at, "cluster", name, "", names);
    free(names);
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

int cluster_pair_read(struct key_reader *r,
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
    error = cluster_read(r, &item->items[0], name, ret_a);
    if (!error)
        error = cluster_read(r, &item->items[1], name, ret_b);
    if (!error && *ret_a == *ret_b)
        return key_refuse(r, &item->items[1].at,
                          "%s: '%s' twice, a link joins two clusters", name,
                          item_shown(item->items[1].text).text);
    return error;
}

static int between_read(struct key_reader *r,
                        const struct item *item,
                        void *object)
{
    struct scenario_wan *wan = object;
    return cluster_pair_read(r, item, "between", &wan->a, &wan->b);
}

static void between_print(struct key_printer *p, const void *object)
{
    const struct scenario_wan *wan = object;
    fprintf(p->out, "[%s, %s]", p->scenario->clusters[wan->a].name,
            p->scenario->clusters[wan->b].name);
}

#define FIELD(name) offsetof(struct scenario_wan, name)
static const struct key wan_keys[] = {
    {.name = "between",
     .kind = KEY_OWN,
     .read = between_read,
     .print = between_print,
     .required = true},
    {.name = "bandwidth",
     .kind = KEY_BANDWIDTH,
     .offset = FIELD(link.bytes_per_s),
     .min = BYTES_PER_S_MIN,
     .max = BYTES_PER_S_MAX,
     .required = true},
    {.name = "latency",
     .kind = KEY_SECONDS,
     .offset = FIELD(link.latency_s),
     .max = LATENCY_S_MAX,
     .required = true},
    {.name = NULL},
};
const struct section wan_section = {.name = "wan",
                                    .keys = wan_keys,
                                    .one_line = true};
#undef FIELD

struct pair
{
    uint32_t low;
    uint32_t high;
    size_t index;
};

static int by_pair(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Sorted: a mesh of a thousand clusters has half a million links. */
static int refuse_pairs_twice(struct key_reader *r, const struct item *list)
{
    const struct scenario *s = r->scenario;
    size_t second = SIZE_MAX;
    struct pair *pairs = calloc(s->wan_count + 1, sizeof *pairs);
    if (!pairs)
        return key_refuse_memory(r);
    for (size_t i = 0; i < s->wan_count; i++) {
        const struct scenario_wan *wan = &s->wans[i];
        bool ordered = wan->a < wan->b;
        pairs[i] = (struct pair){ordered ? wan->a : wan->b,
                                 ordered ? wan->b : wan->a, i};
    }
    qsort(pairs, s->wan_count, sizeof *pairs, by_pair);
    for (size_t i = 1; i < s->wan_count; i++)
        if (pairs[i - 1].low == pairs[i].low &&
            pairs[i - 1].high == pairs[i].high && pairs[i].index < second)
            second = pairs[i].index;
    free(pairs);
    if (second == SIZE_MAX)
        return 0;
    return key_refuse(r, &item_find(&list->items[second], "between")->at,
                      "between: %s and %s are linked already, remove one",
                      s->clusters[s->wans[second].a].name,
                      s->clusters[s->wans[second].b].name);
}

int wans_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario *s = object;
    int error = item_expect(r, item, ITEM_SEQUENCE, "wan");
    if (error)
        return error;
    if (item->count > 0 && s->platform)
        return key_refuse(r, item_place(item),
                          "wan and platform, the XML has its own links, remove "
                          "one of the two");
    s->wans = calloc(item->count + 1, sizeof *s->wans);
    if (!s->wans)
        return key_refuse_memory(r);
    for (size_t i = 0; i < item->count && !error; i++) {
        error = section_read(r, &wan_section, &item->items[i], &s->wans[i]);
        s->wan_count = i + 1;
    }
    return error ? error : refuse_pairs_twice(r, item);
}

void wans_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    if (s->wan_count == 0)
        fputs(" []", p->out);
    p->indent += 2;
    for (size_t i = 0; i < s->wan_count; i++) {
        key_print_line(p);
        fputs("- ", p->out);
        section_print_one_line(p, &wan_section, &s->wans[i]);
    }
    p->indent -= 2;
}
