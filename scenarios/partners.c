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

int partners_named(struct key_reader *r,
                   const struct place *at,
                   const char *name,
                   const struct scenario_partner *owners,
                   cluster_id *ret_partner,
                   uint32_t *ret_count)
{
    uint32_t first;
    if (strcmp(name, "others") == 0) {
        *ret_partner = 0;
        *ret_count = 0;
        return 0;
    }
    int error = clusters_named(r, at, name, &first, ret_count);
    if (!error && *ret_count == 1 && owners->owner_count == 1 &&
        first == owners->owner)
        return key_refuse(r, at,
                          "'%s' is no partner of its own, its owner always "
                          "allows all to it, name another cluster or others",
                          item_shown(name).text);
    if (!error)
        *ret_partner = (cluster_id)(first + 1);
    return error;
}

int partner_named(struct key_reader *r,
                  const struct place *at,
                  const char *name,
                  uint32_t owner,
                  cluster_id *ret_partner)
{
    const struct scenario_partner one = {.owner = owner, .owner_count = 1};
    uint32_t count;
    int error = partners_named(r, at, name, &one, ret_partner, &count);
    if (!error && count > 1)
        return key_refuse(r, at,
                          "'%s' is %u clusters, name one of them or others",
                          item_shown(name).text, count);
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

/* How many partners any one of these owners has named, at most: what is said
 * twice, by a name and by its key, counts twice. */
static size_t named_count(const struct scenario_grid *grid,
                          const struct scenario_partner *owners)
{
    size_t most = 0;
    for (uint32_t k = 0; k < owners->owner_count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < grid->partner_count; i++)
            if (partner_is_of(&grid->partners[i], owners->owner + k))
                count += grid->partners[i].partner_count;
        most = most < count ? count : most;
    }
    return most;
}

static int read_rule(struct key_reader *r,
                     const struct item *item,
                     struct scenario_partner *partner)
{
    struct scenario_grid *grid = &r->scenario->grid;
    int error = partners_named(r, &item->key_at, item->key, partner,
                               &partner->rule.partner, &partner->partner_count);
    if (!error)
        error = section_read(r, &partner_section, item, &partner->rule);
    if (error)
        return error;
    grid->partners[grid->partner_count++] = *partner;
    return named_count(grid, partner) <= CLUSTER_RULES_MAX
               ? 0
               : partner_refuse_more(r, &item->key_at);
}

static int read_owner(struct key_reader *r, const struct item *item)
{
    struct scenario_grid *grid = &r->scenario->grid;
    struct scenario_partner owners = {0};
    int error = clusters_named(r, &item->key_at, item->key, &owners.owner,
                               &owners.owner_count);
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
        struct scenario_partner partner = owners;
        error = read_rule(r, &item->items[i], &partner);
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

/* What so many clusters are called together. */
static const char *group_name(const struct scenario *s,
                              uint32_t first,
                              uint32_t count)
{
    const struct scenario_cluster *cluster = &s->clusters[first];
    return count > 1 ? scenario_cluster_key(cluster) : cluster->name;
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
        if (i == 0 || partner[-1].owner != partner->owner ||
            partner[-1].owner_count != partner->owner_count) {
            key_print_line(p);
            fprintf(p->out,
                    "%s:", group_name(s, partner->owner, partner->owner_count));
        }
        p->indent += 2;
        key_print_line(p);
        fprintf(p->out, "%s: ",
                partner->rule.partner == 0
                    ? partner_name(s, 0)
                    : group_name(s, partner->rule.partner - 1u,
                                 partner->partner_count));
        section_print_one_line(p, &partner_section, &partner->rule);
        p->indent -= 2;
    }
    p->indent -= 2;
}
