/* members.c - see members.h. */
#include "members.h"

static struct member *find(struct members *members, node_id node)
{
    for (uint32_t i = 0; i < members->count; i++)
        if (members->all[i].last.node == node)
            return &members->all[i];
    return NULL;
}

const struct member *members_find(const struct members *members, node_id node)
{
    for (uint32_t i = 0; i < members->count; i++)
        if (members->all[i].last.node == node)
            return &members->all[i];
    return NULL;
}

static bool is_news(struct update old, struct update new)
{
    if (new.incarnation != old.incarnation)
        return new.incarnation > old.incarnation;
    return new.kind > old.kind;
}

/* A free entry, or the one that can be spared best; NULL if none can. */
static struct member *make_room(struct members *members)
{
    if (members->count < MEMBERS_MAX)
        return &members->all[members->count++];
    struct member *spared = NULL;
    for (uint32_t i = 0; i < MEMBERS_MAX; i++) {
        struct member *member = &members->all[i];
        if (member->last.kind != MEMBER_SUSPECT &&
            (!spared || member->told > spared->told))
            spared = member;
    }
    return spared;
}

struct member *members_apply(struct members *members, struct update update)
{
    static const struct update unknown = {.kind = MEMBER_ALIVE};
    struct member *member = find(members, update.node);
    if (!is_news(member ? member->last : unknown, update))
        return NULL;
    if (!member)
        member = make_room(members);
    if (member)
        *member = (struct member){.last = update, .until_us = USEC_NEVER};
    return member;
}

/* The least told that was told less than told_max times and is not taken. */
static struct member *pick(struct members *members,
                           uint32_t told_max,
                           const bool *taken)
{
    struct member *least = NULL;
    for (uint32_t i = 0; i < members->count; i++) {
        struct member *member = &members->all[i];
        if (!taken[i] && member->told < told_max &&
            (!least || member->told < least->told))
            least = member;
    }
    return least;
}

static void put_update(struct writer *w, struct member *member)
{
    member->told += member->told < UINT32_MAX;
    put_u32(w, member->last.node);
    put_u32(w, member->last.incarnation);
    put_u8(w, (uint8_t)member->last.kind);
}

void members_put(struct members *members,
                 struct writer *w,
                 uint32_t told_max,
                 node_id about)
{
    bool taken[MEMBERS_MAX] = {false};
    struct member *chosen[UPDATES_MAX];
    size_t count = 0;
    struct member *first = find(members, about);
    if (first && first->last.kind == MEMBER_ALIVE)
        first = NULL;
    while (first || (count < UPDATES_MAX &&
                     (first = pick(members, told_max, taken)) != NULL)) {
        taken[first - members->all] = true;
        chosen[count++] = first;
        first = NULL;
    }
    put_u8(w, (uint8_t)count);
    for (size_t i = 0; i < count; i++)
        put_update(w, chosen[i]);
}

size_t members_get(struct reader *r, struct update *ret_updates)
{
    size_t count = get_u8(r);
    if (count > UPDATES_MAX)
        r->bad = true;
    for (size_t i = 0; i < count && !r->bad; i++) {
        ret_updates[i].node = get_u32(r);
        ret_updates[i].incarnation = get_u32(r);
        uint8_t kind = get_u8(r);
        r->bad = r->bad || kind >= MEMBER_KINDS;
        ret_updates[i].kind = (enum member_kind)kind;
    }
    return r->bad ? 0 : count;
}
