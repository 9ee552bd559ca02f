/* clusters.c - clusters:, platform:. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

enum {
    CLUSTERS_MAX = 65535, /* As many as cluster_id tells apart. */
    CORES_MAX = 65535,
    GUESTS_MAX = 65535,
    NAME_BYTES_MAX = 40,
};

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

static bool count_given(const void *object)
{
    const struct scenario_cluster *cluster = object;
    return cluster->alike_count > 0;
}

#define FIELD(name) offsetof(struct scenario_cluster, name)
static const struct key cluster_keys[] = {
    {.name = "count",
     .kind = KEY_COUNT32,
     .offset = FIELD(alike_count),
     .min = 1,
     .max = CLUSTERS_MAX,
     .given = count_given},
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

/* Of one cluster, and of all that are alike, which are that many. */
static int check_cluster(struct key_reader *r,
                         const struct item *item,
                         const struct scenario_cluster *cluster,
                         uint32_t count)
{
    const struct scenario *s = r->scenario;
    if (count > CLUSTERS_MAX - s->cluster_count)
        return key_refuse(r, &item_find(item, "count")->at,
                          "more than %d clusters in all, take fewer",
                          CLUSTERS_MAX);
    if (count > (SCENARIO_NODES_MAX - s->node_count) / cluster->node_count)
        return key_refuse(r, &item_find(item, "nodes")->at,
                          "more than %d nodes in all, take fewer",
                          SCENARIO_NODES_MAX);
    if (cluster->node_count <= cluster->later_count)
        return key_refuse(r, &item_find(item, "later")->at,
                          "later: %u of %u nodes, at least one must be there "
                          "from the start",
                          cluster->later_count, cluster->node_count);
    if (cluster->alike_count > 0 &&
        snprintf(NULL, 0, "%s-%u", item->key, count) > NAME_BYTES_MAX)
        return key_refuse(r, &item->key_at,
                          "'%s-%u' is too long for a name, use at most %d "
                          "letters",
                          item->key, count, NAME_BYTES_MAX);
    return 0;
}

/* The next one of what a key says. */
static int add_cluster(struct key_reader *r,
                       const char *key,
                       const struct scenario_cluster *as,
                       uint32_t index)
{
    struct scenario *s = r->scenario;
    struct scenario_cluster *cluster = &s->clusters[s->cluster_count];
    *cluster = *as;
    cluster->alike_index = index;
    cluster->first = s->node_count;
    if (as->alike_count == 0)
        cluster->name = strdup(key);
    else if (asprintf(&cluster->name, "%s-%u", key, index + 1) < 0)
        cluster->name = NULL;
    if (!cluster->name)
        return key_refuse_memory(r);
    s->cluster_count++;
    s->node_count += cluster->node_count;
    if (as->alike_count == 0)
        return 0;
    cluster->key = strdup(key);
    return cluster->key ? 0 : key_refuse_memory(r);
}

static int read_clusters(struct key_reader *r, const struct item *item)
{
    struct scenario *s = r->scenario;
    struct scenario_cluster cluster = {0};
    int error = check_name(r, item);
    if (!error)
        error = section_read(r, &cluster_section, item, &cluster);
    if (error)
        return error;
    uint32_t count = cluster.alike_count > 0 ? cluster.alike_count : 1;
    error = check_cluster(r, item, &cluster, count);
    if (error)
        return error;
    struct scenario_cluster *clusters = reallocarray(
        s->clusters, s->cluster_count + count, sizeof *s->clusters);
    if (!clusters)
        return key_refuse_memory(r);
    s->clusters = clusters;
    for (uint32_t i = 0; i < count && !error; i++)
        error = add_cluster(r, item->key, &cluster, i);
    return error;
}

/* No key is the name of one of the clusters of another key. */
static int check_keys(struct key_reader *r, const struct item *list)
{
    const struct scenario *s = r->scenario;
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        const struct scenario_cluster *c = &s->clusters[i];
        const struct item *twin =
            c->alike_count > 0 ? item_find(list, c->name) : NULL;
        if (twin)
            return key_refuse(r, &twin->key_at,
                              "'%s' is one of the %u clusters of '%s' already, "
                              "choose another name",
                              c->name, c->alike_count, c->key);
    }
    return 0;
}

int clusters_read(struct key_reader *r, const struct item *item, void *object)
{
    (void)object;
    int error = item_expect(r, item, ITEM_MAPPING, "clusters");
    if (error)
        return error;
    if (item->count == 0 || CLUSTERS_MAX < item->count)
        return key_refuse(r, &item->at,
                          "%zu clusters, give 1 to %d, such as {lab: {nodes: "
                          "16}}",
                          item->count, CLUSTERS_MAX);
    for (size_t i = 0; i < item->count && !error; i++)
        error = read_clusters(r, &item->items[i]);
    return error ? error : check_keys(r, item);
}

void clusters_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    p->indent += 2;
    for (size_t i = 0; i < s->cluster_count; i++) {
        if (s->clusters[i].alike_index > 0)
            continue;
        key_print_line(p);
        fprintf(p->out, "%s:", scenario_cluster_key(&s->clusters[i]));
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
