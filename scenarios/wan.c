/* wan.c - wan: the links between the switches of clusters. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

static int between_read(struct key_reader *r,
                        const struct item *item,
                        void *object)
{
    struct scenario_wan *wan = object;
    return switch_pair_read(r, item, "between", &wan->a, &wan->b);
}

static void between_print(struct key_printer *p, const void *object)
{
    const struct scenario_wan *wan = object;
    fprintf(p->out, "[%s, %s]",
            scenario_cluster_key(&p->scenario->clusters[wan->a]),
            scenario_cluster_key(&p->scenario->clusters[wan->b]));
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
                      scenario_cluster_key(&s->clusters[s->wans[second].a]),
                      scenario_cluster_key(&s->clusters[s->wans[second].b]));
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
