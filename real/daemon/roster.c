/* roster.c - see roster.h. */
#include "roster.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "../../scenarios/keys.h"
#include "roster_inside.h"

enum { GENERATION_MAX = 255, HOST_BYTES = 64 };

/* ---- Parts of a value. --------------------------------------------------- */

static int public_key_read(struct key_reader *r,
                           const struct item *item,
                           unsigned char *ret)
{
    int error = item_expect(r, item, ITEM_SCALAR, "a key");
    if (error)
        return error;
    if (public_key_parse(item->text, ret) != 0)
        return key_refuse(r, &item->at,
                          "'%s' is no public key, it has 64 hexadecimal digits",
                          item_shown(item->text).text);
    return 0;
}

/* Numbers only: a roster must not depend on who answers for names today. */
static int address_parse(const char *text, struct member *m)
{
    char host[HOST_BYTES];
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *list;
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    if (length == 0 || length >= sizeof host)
        return -EINVAL;
    memcpy(host, text, length);
    host[length] = '\0';
    bool six = host[0] == '[' && host[length - 1] == ']';
    if (six)
        host[length - 1] = '\0';
    if (getaddrinfo(host + six, colon + 1, &hints, &list) != 0)
        return -EINVAL;
    memcpy(&m->at, list->ai_addr, list->ai_addrlen);
    m->at_bytes = list->ai_addrlen;
    freeaddrinfo(list);
    return 0;
}

static int member_address_read(struct key_reader *r,
                               const struct item *item,
                               void *object)
{
    struct member *m = object;
    int error = item_expect(r, item, ITEM_SCALAR, "address");
    if (error)
        return error;
    if (address_parse(item->text, m) != 0)
        return key_refuse(r, &item->at,
                          "'%s' is no address and port in numbers, write "
                          "\"192.0.2.1:7700\" or \"[2001:db8::1]:7700\"",
                          item_shown(item->text).text);
    m->address = strdup(item->text);
    return m->address ? 0 : key_refuse_memory(r);
}

static int member_key_read(struct key_reader *r,
                           const struct item *item,
                           void *object)
{
    return public_key_read(r, item, ((struct member *)object)->key);
}

static int partner_key_read(struct key_reader *r,
                            const struct item *item,
                            void *object)
{
    return public_key_read(r, item,
                           ((struct roster_partner *)object)->administrator);
}

static int administrator_read(struct key_reader *r,
                              const struct item *item,
                              void *object)
{
    return public_key_read(r, item, ((struct roster *)object)->administrator);
}

/* ---- Sections. ----------------------------------------------------------- */

#define FIELD(name) offsetof(struct member, name)
static const struct key member_keys[] = {
    {.name = "id",
     .kind = KEY_COUNT32,
     .offset = FIELD(id),
     .min = 1,
     .required = true},
    {.name = "name", .kind = KEY_TEXT, .offset = FIELD(name), .required = true},
    {.name = "address",
     .kind = KEY_OWN,
     .read = member_address_read,
     .required = true},
    {.name = "key", .kind = KEY_OWN, .read = member_key_read, .required = true},
    {.name = "generation",
     .kind = KEY_COUNT16,
     .offset = FIELD(generation),
     .max = GENERATION_MAX,
     .fallback = "0"},
    {.name = NULL},
};
static const struct section member_section = {.name = "members",
                                              .keys = member_keys};
#undef FIELD

#define FIELD(name) offsetof(struct roster_cluster, name)
static const struct key own_cluster_keys[] = {
    {.name = "id",
     .kind = KEY_COUNT16,
     .offset = FIELD(id),
     .min = 1,
     .required = true},
    {.name = "name", .kind = KEY_TEXT, .offset = FIELD(name), .required = true},
    {.name = "first",
     .kind = KEY_COUNT32,
     .offset = FIELD(first),
     .min = 1,
     .required = true},
    {.name = "nodes",
     .kind = KEY_COUNT32,
     .offset = FIELD(node_count),
     .min = 1,
     .max = ROSTER_MEMBERS_MAX,
     .required = true},
    {.name = NULL},
};
static const struct section own_cluster_section = {.name = "cluster",
                                                   .keys = own_cluster_keys};
#undef FIELD

#define FIELD(name) offsetof(struct roster_partner, name)
static const struct key roster_partner_keys[] = {
    {.name = "cluster",
     .kind = KEY_COUNT16,
     .offset = FIELD(rule.partner),
     .min = 1,
     .required = true},
    {.name = "administrator",
     .kind = KEY_OWN,
     .read = partner_key_read,
     .required = true},
    {.name = "rule",
     .kind = KEY_SECTION,
     .offset = FIELD(rule),
     .section = &partner_section},
    {.name = NULL},
};
static const struct section roster_partner_section = {
    .name = "partners",
    .keys = roster_partner_keys};
#undef FIELD

static int by_id(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    return (left->id > right->id) - (left->id < right->id);
}

static int by_cluster(const void *a, const void *b)
{
    const struct roster_partner *left = a;
    const struct roster_partner *right = b;
    return (left->rule.partner > right->rule.partner) -
           (left->rule.partner < right->rule.partner);
}

/* Room for each item of a list, zeroed. */
static int list_room(struct key_reader *r,
                     const struct item *item,
                     const char *name,
                     size_t count_max,
                     size_t size,
                     void *ret)
{
    int error = item_expect(r, item, ITEM_SEQUENCE, name);
    if (error)
        return error;
    if (item->count > count_max)
        return key_refuse(r, &item->at, "%zu %s, there can be %zu", item->count,
                          name, count_max);
    void *room = calloc(item->count + 1, size);
    memcpy(ret, &room, sizeof room);
    return room ? 0 : key_refuse_memory(r);
}

static int members_read(struct key_reader *r,
                        const struct item *item,
                        void *object)
{
    struct roster *roster = object;
    int error = list_room(r, item, "members", ROSTER_MEMBERS_MAX,
                          sizeof *roster->members, &roster->members);
    if (error)
        return error;
    roster->member_count = item->count;
    for (size_t i = 0; i < item->count && !error; i++)
        error = section_read(r, &member_section, &item->items[i],
                             &roster->members[i]);
    if (!error)
        qsort(roster->members, roster->member_count, sizeof *roster->members,
              by_id);
    return error;
}

static int roster_partners_read(struct key_reader *r,
                                const struct item *item,
                                void *object)
{
    struct roster *roster = object;
    int error = list_room(r, item, "partners", CLUSTER_RULES_MAX,
                          sizeof *roster->partners, &roster->partners);
    if (error)
        return error;
    roster->partner_count = item->count;
    for (size_t i = 0; i < item->count && !error; i++)
        error = section_read(r, &roster_partner_section, &item->items[i],
                             &roster->partners[i]);
    if (!error)
        qsort(roster->partners, roster->partner_count, sizeof *roster->partners,
              by_cluster);
    return error;
}

#define FIELD(name) offsetof(struct roster, name)
static const struct key roster_keys[] = {
    {.name = "version",
     .kind = KEY_COUNT32,
     .offset = FIELD(version),
     .min = 1,
     .required = true},
    {.name = "administrator",
     .kind = KEY_OWN,
     .read = administrator_read,
     .required = true},
    {.name = "cluster",
     .kind = KEY_SECTION,
     .offset = FIELD(cluster),
     .section = &own_cluster_section,
     .required = true},
    {.name = "members",
     .kind = KEY_OWN,
     .read = members_read,
     .required = true},
    {.name = "partners", .kind = KEY_OWN, .read = roster_partners_read},
    {.name = NULL},
};
static const struct section roster_section = {.name = "roster",
                                              .keys = roster_keys};
#undef FIELD

/* ---- The whole. ---------------------------------------------------------- */

static bool alike(const struct member *a, const struct member *b)
{
    return strcmp(a->name, b->name) == 0 ||
           memcmp(a->key, b->key, sizeof a->key) == 0 ||
           strcmp(a->address, b->address) == 0;
}

/* For whom two members would be one. */
static int check_members(const struct roster *r,
                         const char *name,
                         struct complaint *c)
{
    for (size_t i = 0; i < r->member_count; i++) {
        const struct member *m = &r->members[i];
        if (m->id < r->cluster.first ||
            m->id - r->cluster.first >= r->cluster.node_count)
            return complain(c, -EINVAL, name, 0, 0,
                            "member %u is none of the cluster's nodes, they "
                            "are %u to %llu",
                            m->id, r->cluster.first,
                            (unsigned long long)r->cluster.first +
                                r->cluster.node_count - 1);
        if (i > 0 && m[-1].id == m->id)
            return complain(c, -EINVAL, name, 0, 0,
                            "two members have the number %u", m->id);
        for (size_t k = 0; k < i; k++)
            if (alike(&r->members[k], m))
                return complain(c, -EINVAL, name, 0, 0,
                                "members %u and %u have the same name, key or "
                                "address",
                                r->members[k].id, m->id);
    }
    return 0;
}

static int check(const struct roster *r,
                 const char *name,
                 const unsigned char *administrator,
                 struct complaint *c)
{
    if (memcmp(r->administrator, administrator, PUBLIC_KEY_BYTES) != 0)
        return complain(c, -EINVAL, name, 0, 0,
                        "it names another administrator than who signs it");
    if (r->cluster.node_count > NODE_NONE - r->cluster.first)
        return complain(c, -EINVAL, name, 0, 0,
                        "the last node would have a number above %u",
                        NODE_NONE - 1);
    for (size_t i = 0; i < r->partner_count; i++) {
        if (r->partners[i].rule.partner == r->cluster.id)
            return complain(c, -EINVAL, name, 0, 0,
                            "cluster %u is no partner of itself",
                            r->cluster.id);
        if (i > 0 &&
            r->partners[i].rule.partner == r->partners[i - 1].rule.partner)
            return complain(c, -EINVAL, name, 0, 0, "two rules for partner %u",
                            r->partners[i].rule.partner);
    }
    return check_members(r, name, c);
}

void roster_finish(struct roster *r)
{
    for (size_t i = 0; i < r->member_count; i++) {
        free(r->members[i].name);
        free(r->members[i].address);
    }
    free(r->members);
    free(r->partners);
    free(r->cluster.name);
    *r = (struct roster){0};
}

int roster_read_text(const char *text,
                     size_t text_bytes,
                     const char *name,
                     const unsigned char *administrator,
                     struct roster *ret,
                     struct complaint *c)
{
    struct item root;
    struct roster roster = {0};
    struct key_reader r = {.complaint = c};
    if (text_bytes > ROSTER_BYTES_MAX)
        return complain(c, -EFBIG, name, 0, 0, "more than %d bytes",
                        ROSTER_BYTES_MAX);
    int error = document_parse(text, text_bytes, name, &root, c);
    if (error)
        return error;
    error = section_read(&r, &roster_section, &root, &roster);
    item_finish(&root);
    if (!error)
        error = check(&roster, name, administrator, c);
    if (error)
        roster_finish(&roster);
    else
        *ret = roster;
    return error;
}

int roster_parse(const char *text,
                 size_t text_bytes,
                 const char *name,
                 const unsigned char *administrator,
                 struct roster *ret,
                 struct complaint *c)
{
    int error = roster_check(text, text_bytes, name, administrator, c);
    return error ? error
                 : roster_read_text(text, roster_signed_bytes(text, text_bytes),
                                    name, administrator, ret, c);
}

const struct member *roster_member(const struct roster *r, node_id id)
{
    const struct member key = {.id = id};
    return bsearch(&key, r->members, r->member_count, sizeof key, by_id);
}

const struct member *roster_member_of_key(const struct roster *r,
                                          const unsigned char *key)
{
    for (size_t i = 0; i < r->member_count; i++)
        if (memcmp(r->members[i].key, key, PUBLIC_KEY_BYTES) == 0)
            return &r->members[i];
    return NULL;
}

struct cluster_record roster_record(const struct roster *r)
{
    struct cluster_record record = {.id = r->cluster.id,
                                    .version = r->version,
                                    .first = r->cluster.first,
                                    .node_count = r->cluster.node_count,
                                    .state = CLUSTER_OPEN,
                                    .rule_count = (uint16_t)r->partner_count};
    for (size_t i = 0; i < r->partner_count; i++)
        record.rules[i] = r->partners[i].rule;
    return record;
}
