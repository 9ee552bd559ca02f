/* partners.c - partners: what each owner allows to the other clusters. */
#include <stdlib.h>
#include <string.h>

#include "keys.h"

enum { PRIORITY_MAX = 65534 }; /* Above it a node is free (MOSIX). */

#define FIELD(name) offsetof(struct cluster_rule, name)
static const struct key partner_keys[] = {
    {.name = "priority",
     .kind = KEY_COUNT16,
     .offset = FIELD(priority),
     .min = 1,
     .max = PRIORITY_MAX,
     .fallback = "50"},
    {.name = "go", .kind = KEY_YES_NO, .offset = FIELD(go), .fallback = "true"},
    {.name = "take",
     .kind = KEY_YES_NO,
     .offset = FIELD(take),
     .fallback = "true"},
    {.name = "expand",
     .kind = KEY_YES_NO,
     .offset = FIELD(expand),
     .fallback = "true"},
    {.name = "cap",
     .kind = KEY_COUNT16,
     .offset = FIELD(cap),
     .min = 1,
     .word = "none",
     .fallback = "none"},
    {.name = NULL},
};
const struct section partner_section = {.name = "partners.CLUSTER.PARTNER",
                                        .keys = partner_keys,
                                        .one_line = true};
#undef FIELD

int partner_named(struct key_reader *r,
                  const struct place *at,
                  const char *name,
                  uint32_t owner,
                  cluster_id *ret_partner)
{
    uint32_t cluster;
    if (strcmp(name, "others") == 0) {
        *ret_partner = 0;
        return 0;
    }
    int error = cluster_named(r, at, name, &cluster);
    if (!error && cluster == owner)
        return key_refuse(r, at,
                          "'%s' is no partner of its own, its owner always "
                          "allows all to it, name another cluster or others",
                          item_shown(name).text);
    if (!error)
        *ret_partner = (cluster_id)(cluster + 1);
    return error;
}

const char *partner_name(const struct scenario *scenario, cluster_id partner)
{
    return partner == 0 ? "others" : scenario->clusters[partner - 1].name;
}

int partner_refuse_more(struct key_reader *r, const struct place *at)
{
    return key_refuse(r, at,
                      "more than %d partners of one cluster, an owner names no "
                      "more, use others for the rest",
                      CLUSTER_RULES_MAX);
}

static int read_owner(struct key_reader *r, const struct item *item)
{
    struct scenario_grid *grid = &r->scenario->grid;
    uint32_t owner;
    size_t named_count = 0;
    int error = cluster_named(r, &item->key_at, item->key, &owner);
    if (!error)
        error = item_expect(r, item, ITEM_MAPPING, item->key);
    if (error || item->count == 0)
        return error;
    struct scenario_partner *partners = reallocarray(
        grid->partners, grid->partner_count + item->count, sizeof *partners);
    if (!partners)
        return key_refuse_memory(r);
    grid->partners = partners;
    for (size_t i = 0; i < item->count && !error; i++) {
        const struct item *rule = &item->items[i];
        struct scenario_partner *partner = &partners[grid->partner_count++];
        *partner = (struct scenario_partner){.owner = owner};
        error = partner_named(r, &rule->key_at, rule->key, owner,
                              &partner->rule.partner);
        named_count += !error && partner->rule.partner != 0;
        if (!error && CLUSTER_RULES_MAX < named_count)
            error = partner_refuse_more(r, &rule->key_at);
        if (!error)
            error = section_read(r, &partner_section, rule, &partner->rule);
    }
    return error;
}

int partners_read(struct key_reader *r, const struct item *item, void *object)
{
    (void)object;
    int error = item_expect(r, item, ITEM_MAPPING, "partners");
    for (size_t i = 0; !error && i < item->count; i++)
        error = read_owner(r, &item->items[i]);
    return error;
}

void partners_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    const struct scenario_grid *grid = &s->grid;
    if (grid->partner_count == 0)
        fputs(" {}", p->out);
    p->indent += 2;
    for (size_t i = 0; i < grid->partner_count; i++) {
        const struct scenario_partner *partner = &grid->partners[i];
        if (i == 0 || partner[-1].owner != partner->owner) {
            key_print_line(p);
            fprintf(p->out, "%s:", s->clusters[partner->owner].name);
        }
        p->indent += 2;
        key_print_line(p);
        fprintf(p->out, "%s: ", partner_name(s, partner->rule.partner));
        section_print_one_line(p, &partner_section, &partner->rule);
        p->indent -= 2;
    }
    p->indent -= 2;
}
