/* fault_list.c - list: of faults: one thing that breaks in each entry. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

static const char *const kinds[] = {
    [FAULT_CRASH] = "crash",         [FAULT_CUT] = "cut",
    [FAULT_PARTITION] = "partition", [FAULT_SLOW] = "slow",
    [FAULT_LOSS] = "loss",           NULL,
};
enum { KIND_COUNT = FAULT_LOSS + 1 };

/* ---- What breaks. -------------------------------------------------------- */

static int fault_nodes_read(struct key_reader *r,
                            const struct item *item,
                            void *object)
{
    struct scenario_fault *fault = object;
    uint32_t cluster;
    return nodes_read(r, item, kinds[fault->kind], &fault->nodes, &cluster);
}

static void fault_nodes_print(struct key_printer *p, const void *object)
{
    const struct scenario_fault *fault = object;
    nodes_print(p, &fault->nodes);
}

static int cut_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_fault *fault = object;
    const struct scenario *s = r->scenario;
    int error = switch_pair_read(r, item, "cut", &fault->a, &fault->b);
    if (error)
        return error;
    for (size_t i = 0; i < s->wan_count; i++) {
        const struct scenario_wan *wan = &s->wans[i];
        if ((wan->a == fault->a && wan->b == fault->b) ||
            (wan->a == fault->b && wan->b == fault->a))
            return 0;
    }
    return key_refuse(r, &item->at,
                      "cut: %s and %s have no link of their own, name two "
                      "clusters that wan: joins",
                      scenario_cluster_key(&s->clusters[fault->a]),
                      scenario_cluster_key(&s->clusters[fault->b]));
}

static void cut_print(struct key_printer *p, const void *object)
{
    const struct scenario_fault *fault = object;
    fprintf(p->out, "[%s, %s]",
            scenario_cluster_key(&p->scenario->clusters[fault->a]),
            scenario_cluster_key(&p->scenario->clusters[fault->b]));
}

/* One side of a partition; sides hold UINT32_MAX where none is known yet. */
static int side_read(struct key_reader *r,
                     const struct item *item,
                     uint32_t side,
                     uint32_t *sides)
{
    int error = item_expect(r, item, ITEM_SEQUENCE, "a side of partition");
    if (!error && item->count == 0)
        return key_refuse(r, &item->at,
                          "partition: a side without clusters, remove it");
    for (size_t i = 0; i < item->count && !error; i++) {
        const struct item *name = &item->items[i];
        uint32_t first = 0, count = 0;
        error = item_expect(r, name, ITEM_SCALAR, "partition");
        if (!error)
            error = clusters_named(r, &name->at, name->text, &first, &count);
        for (uint32_t k = first; !error && k < first + count; k++) {
            if (sides[k] != UINT32_MAX)
                return key_refuse(r, &name->at,
                                  "partition: %s is on a side already, remove "
                                  "one",
                                  r->scenario->clusters[k].name);
            sides[k] = side;
        }
    }
    return error;
}

static int partition_read(struct key_reader *r,
                          const struct item *item,
                          void *object)
{
    struct scenario_fault *fault = object;
    const struct scenario *s = r->scenario;
    int error = item_expect(r, item, ITEM_SEQUENCE, "partition");
    if (!error && item->count < 2)
        return key_refuse(r, &item->at,
                          "partition: %zu sides, write at least two: [[a, b], "
                          "[c]]",
                          item->count);
    if (error)
        return error;
    fault->sides = malloc((s->cluster_count + 1) * sizeof *fault->sides);
    if (!fault->sides)
        return key_refuse_memory(r);
    for (size_t i = 0; i < s->cluster_count; i++)
        fault->sides[i] = UINT32_MAX;
    for (size_t i = 0; i < item->count && !error; i++)
        error = side_read(r, &item->items[i], (uint32_t)i, fault->sides);
    for (size_t i = 0; i < s->cluster_count && !error; i++)
        if (fault->sides[i] == UINT32_MAX)
            return key_refuse(r, &item->at,
                              "partition: %s is on no side, add it to one",
                              s->clusters[i].name);
    return error;
}

/* The clusters of a side; all of one key by that. */
static void side_print(struct key_printer *p,
                       const uint32_t *sides,
                       uint32_t side)
{
    const struct scenario *s = p->scenario;
    const char *between = "";
    for (uint32_t i = 0; i < s->cluster_count; i++) {
        const struct scenario_cluster *c = &s->clusters[i];
        uint32_t alike = 1;
        if (sides[i] != side)
            continue;
        while (c->alike_index == 0 && alike < c->alike_count &&
               sides[i + alike] == side)
            alike++;
        bool all = c->alike_index == 0 && alike == c->alike_count;
        fprintf(p->out, "%s%s", between, all ? c->key : c->name);
        between = ", ";
        i += all ? alike - 1 : 0;
    }
}

static void partition_print(struct key_printer *p, const void *object)
{
    const struct scenario_fault *fault = object;
    const struct scenario *s = p->scenario;
    uint32_t side_count = 0;
    for (size_t i = 0; i < s->cluster_count; i++)
        if (side_count <= fault->sides[i])
            side_count = fault->sides[i] + 1;
    for (uint32_t side = 0; side < side_count; side++) {
        fputs(side == 0 ? "[[" : ", [", p->out);
        side_print(p, fault->sides, side);
        fputc(']', p->out);
    }
    fputc(']', p->out);
}

/* ---- The keys. ----------------------------------------------------------- */

#define GIVEN(name, condition)                       \
    static bool name(const void *object)             \
    {                                                \
        const struct scenario_fault *fault = object; \
        return condition;                            \
    }
GIVEN(crash_given, fault->kind == FAULT_CRASH)
GIVEN(cut_given, fault->kind == FAULT_CUT)
GIVEN(partition_given, fault->kind == FAULT_PARTITION)
GIVEN(slow_given, fault->kind == FAULT_SLOW)
GIVEN(loss_given, fault->kind == FAULT_LOSS)
#undef GIVEN

#define FIELD(name) offsetof(struct scenario_fault, name)
static const struct key fault_keys[] = {
    {.name = "at",
     .kind = KEY_SPAN,
     .offset = FIELD(at_us),
     .max = GRID_SPAN_MAX_US,
     .required = true},
    {.name = "crash",
     .kind = KEY_OWN,
     .read = fault_nodes_read,
     .print = fault_nodes_print,
     .given = crash_given},
    {.name = "cut",
     .kind = KEY_OWN,
     .read = cut_read,
     .print = cut_print,
     .given = cut_given},
    {.name = "partition",
     .kind = KEY_OWN,
     .read = partition_read,
     .print = partition_print,
     .given = partition_given},
    {.name = "slow",
     .kind = KEY_OWN,
     .read = fault_nodes_read,
     .print = fault_nodes_print,
     .given = slow_given},
    {.name = "factor",
     .kind = KEY_NUMBER,
     .offset = FIELD(share),
     .min = 0.001,
     .max = 1,
     .given = slow_given},
    {.name = "loss",
     .kind = KEY_NUMBER,
     .offset = FIELD(share),
     .max = 1,
     .given = loss_given},
    {.name = "for",
     .kind = KEY_SPAN,
     .offset = FIELD(for_us),
     .min = 1,
     .max = GRID_SPAN_MAX_US,
     .word = "end",
     .word_value = 0x1p64,
     .fallback = "end"},
    {.name = NULL},
};
const struct section fault_section = {.name = "faults.list",
                                      .keys = fault_keys,
                                      .one_line = true};
#undef FIELD

/* ---- Reading. ------------------------------------------------------------ */

static int find_kind(struct key_reader *r,
                     const struct item *item,
                     enum fault_kind *ret_kind)
{
    const struct item *found = NULL;
    for (size_t i = 0; i < item->count; i++)
        for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
            if (strcmp(item->items[i].key, kinds[kind]) != 0)
                continue;
            if (found)
                return key_refuse(r, &item->items[i].key_at,
                                  "both %s and %s in one fault, write another "
                                  "entry",
                                  found->key, item->items[i].key);
            found = &item->items[i];
            *ret_kind = (enum fault_kind)kind;
        }
    if (found)
        return 0;
    return key_refuse(r, item_place(item),
                      "nothing breaks in this fault, add crash, cut, "
                      "partition, slow or loss");
}

static int check_factor(struct key_reader *r,
                        const struct item *item,
                        enum fault_kind kind)
{
    const struct item *factor = item_find(item, "factor");
    if (factor && kind != FAULT_SLOW)
        return key_refuse(r, &factor->key_at,
                          "factor: %s has none, only slow does; remove it",
                          kinds[kind]);
    if (!factor && kind == FAULT_SLOW)
        return key_refuse(r, &item_find(item, "slow")->key_at,
                          "'factor' is missing, slow needs it, add factor: "
                          "0.5");
    return 0;
}

static int read_fault(struct key_reader *r,
                      const struct item *item,
                      struct scenario_fault *fault)
{
    static const char *const no_kind = "a fault";
    int error = item_expect(r, item, ITEM_MAPPING, no_kind);
    for (size_t i = 0; i < item->count && !error; i++)
        if (!key_find(&fault_section, item->items[i].key))
            return section_read(r, &fault_section, item, fault);
    if (!error)
        error = find_kind(r, item, &fault->kind);
    if (!error)
        error = check_factor(r, item, fault->kind);
    if (!error)
        error = section_read(r, &fault_section, item, fault);
    return error ? error
                 : instant_check(r, item_find(item, "at"), fault->at_us);
}

void fault_list_destroy(struct scenario_fault *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i].sides);
    free(list);
}

int fault_list_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_faults *faults = object;
    int error = item_expect(r, item, ITEM_SEQUENCE, "list");
    if (error)
        return error;
    struct scenario_fault *list = reallocarray(
        faults->list, faults->count + item->count + 1, sizeof *list);
    if (!list)
        return key_refuse_memory(r);
    faults->list = list;
    for (size_t i = 0; i < item->count && !error; i++) {
        struct scenario_fault *fault = &list[faults->count++];
        *fault = (struct scenario_fault){0};
        error = read_fault(r, &item->items[i], fault);
    }
    return error ? error
                 : dated_sort(r, faults->list, faults->count,
                              sizeof *faults->list,
                              offsetof(struct scenario_fault, at_us));
}

void fault_list_print(struct key_printer *p, const void *object)
{
    const struct scenario_faults *faults = object;
    bool empty = true;
    p->indent += 2;
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->list[i].from_trace)
            continue;
        empty = false;
        key_print_line(p);
        fputs("- ", p->out);
        section_print_one_line(p, &fault_section, &faults->list[i]);
    }
    if (empty)
        fputs(" []", p->out);
    p->indent -= 2;
}
