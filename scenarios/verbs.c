/* verbs.c - the verbs of events, and what they are done to. */
#include "verbs.h"

#include <assert.h>
#include <string.h>

#define BIT(key) (1u << EVENT_KEY_##key)
#define DEADLINE (BIT(DEADLINE) | BIT(THEN))
#define RULE (BIT(PRIORITY) | BIT(GO) | BIT(TAKE) | BIT(EXPAND) | BIT(CAP))

const struct verb verbs[WISH_COUNT] = {
    [WISH_ISOLATE] = {"isolate", VERB_CLUSTER, DEADLINE, 0},
    [WISH_REJOIN] = {"rejoin", VERB_CLUSTER, BIT(GUESTS), 0},
    [WISH_BLOCK] = {"block", VERB_NODES, 0, 0},
    [WISH_UNBLOCK] = {"unblock", VERB_NODES, 0, 0},
    [WISH_EXPEL] = {"expel", VERB_NODES, DEADLINE, 0},
    [WISH_BRING] = {"bring", VERB_NODES, 0, 0},
    [WISH_LEAVE] = {"leave", VERB_NODES, DEADLINE, 0},
    [WISH_RETURN] = {"return", VERB_NODES, 0, 0},
    [WISH_STAY] = {"stay", VERB_NODES, 0, 0},
    [WISH_NOSTAY] = {"nostay", VERB_NODES, 0, 0},
    [WISH_LSTAY] = {"lstay", VERB_NODES, 0, 0},
    [WISH_NOLSTAY] = {"nolstay", VERB_NODES, 0, 0},
    [WISH_RESERVE] = {"reserve", VERB_NODES, BIT(FOR) | BIT(USER), BIT(FOR)},
    [WISH_UNRESERVE] = {"unreserve", VERB_NODES, 0, 0},
    [WISH_GUESTS] = {"guests", VERB_NODES, BIT(TO), BIT(TO)},
    [WISH_PARTNER] = {"partner", VERB_CLUSTER, BIT(OF) | RULE, BIT(OF)},
    [WISH_GROW] = {"grow", VERB_CLUSTER, BIT(BY), BIT(BY)},
    [WISH_MOVE] = {"move", VERB_JOBS, BIT(TO), BIT(TO)},
    [WISH_FREEZE] = {"freeze", VERB_JOBS, 0, 0},
    [WISH_THAW] = {"thaw", VERB_JOBS, 0, 0},
    [WISH_LOCK] = {"lock", VERB_JOBS, 0, 0},
    [WISH_UNLOCK] = {"unlock", VERB_JOBS, 0, 0},
    [WISH_ADVANCE] = {"advance", VERB_JOBS, 0, 0},
    [WISH_RETARD] = {"retard", VERB_JOBS, 0, 0},
    [WISH_PRIORITY] = {"priority", VERB_JOBS, BIT(TO), BIT(TO)},
    [WISH_HOLD] = {"hold", VERB_JOBS, 0, 0},
    [WISH_RELEASE] = {"release", VERB_JOBS, 0, 0},
};

/* ---- Which verb? --------------------------------------------------------- */

static enum wish wish_of(const char *name)
{
    enum wish wish = 0;
    while (wish < WISH_COUNT && strcmp(verbs[wish].name, name) != 0)
        wish++;
    return wish;
}

/* A verb by itself, but a mere key beside another verb. */
static bool is_key_too(enum wish wish)
{
    return wish == WISH_GUESTS || wish == WISH_PRIORITY;
}

static int refuse_two(struct key_reader *r,
                      const struct item *second,
                      const char *first)
{
    return key_refuse(r, &second->key_at,
                      "both %s and %s in one event, each entry does one "
                      "thing, write another one",
                      first, second->key);
}

/* Of an event without a verb: is one of its keys a slip of the pen? */
static int refuse_none(struct key_reader *r, const struct item *item)
{
    const char *names[(size_t)WISH_COUNT + EVENT_KEY_COUNT + 1] = {NULL};
    for (size_t i = 0; i < WISH_COUNT; i++)
        names[i] = verbs[i].name;
    for (size_t i = 0; i < EVENT_KEY_COUNT; i++)
        names[WISH_COUNT + i] = event_section.keys[i].name;
    for (size_t i = 0; i < item->count; i++)
        if (!key_find(&event_section, item->items[i].key))
            return key_refuse_unknown(r, &item->items[i].key_at, "key",
                                      item->items[i].key, " in an event",
                                      names);
    return key_refuse(r, item_place(item),
                      "this event does nothing, add what it does, such as "
                      "isolate: lab");
}

int verb_named(struct key_reader *r, const struct item *item, enum wish *ret)
{
    const char *names[WISH_COUNT + 1] = {NULL};
    for (size_t i = 0; i < WISH_COUNT; i++)
        names[i] = verbs[i].name;
    *ret = wish_of(item->text);
    return *ret < WISH_COUNT ? 0
                             : key_refuse_unknown(r, &item->at, "verb",
                                                  item->text, "", names);
}

int verb_find(struct key_reader *r, const struct item *item, enum wish *ret)
{
    enum wish found = WISH_COUNT;
    for (size_t i = 0; i < item->count; i++) {
        enum wish wish = wish_of(item->items[i].key);
        if (wish == WISH_COUNT || is_key_too(wish))
            continue;
        if (found != WISH_COUNT)
            return refuse_two(r, &item->items[i], verbs[found].name);
        found = wish;
    }
    for (size_t i = 0; found == WISH_COUNT && i < item->count; i++)
        found = wish_of(item->items[i].key);
    if (found == WISH_COUNT)
        return refuse_none(r, item);
    *ret = found;
    return 0;
}

/* ---- Jobs. --------------------------------------------------------------- */

/* Jobs of all loads, where the scenario alone tells. */
static uint64_t job_count(const struct scenario *s)
{
    uint64_t count = 0;
    for (size_t i = 0; i < s->load_count; i++) {
        if (s->loads[i].count == 0 || s->loads[i].kind == LOAD_TRACE)
            return SCENARIO_PROCESSES_MAX;
        count += s->loads[i].count;
    }
    return count;
}

static int job_read(struct key_reader *r,
                    const struct item *item,
                    const char *name,
                    uint32_t *ret_job)
{
    uint64_t job;
    uint64_t count = job_count(r->scenario);
    const char *what;
    int error = item_expect(r, item, ITEM_SCALAR, name);
    if (error)
        return error;
    if (quantity_parse_exact(item->text, QUANTITY_COUNT, &job, &what) != 0)
        return key_refuse(r, &item->at, "%s: '%s' %s", name,
                          item_shown(item->text).text, what);
    if (count <= job)
        return key_refuse(
            r, &item->at, "%s: there is no job '%s', jobs are 0 to %llu", name,
            item_shown(item->text).text, (unsigned long long)count - 1);
    *ret_job = (uint32_t)job;
    return 0;
}

static const struct key group_keys[] = {
    {.name = "group",
     .kind = KEY_COUNT32,
     .offset = offsetof(struct scenario_event, job_group),
     .min = 1,
     .max = SCENARIO_GROUP_MAX,
     .required = true},
    {.name = NULL},
};
static const struct section group_section = {.name = "a group of jobs",
                                             .keys = group_keys,
                                             .one_line = true};

static int group_read(struct key_reader *r,
                      const struct item *item,
                      struct scenario_event *event)
{
    const struct scenario *s = r->scenario;
    int error = section_read(r, &group_section, item, event);
    if (error)
        return error;
    for (size_t i = 0; i < s->load_count; i++)
        if (s->loads[i].group == event->job_group)
            return 0;
    return key_refuse(r, &item->items[0].at,
                      "group: no load has group: %u, give it to one in "
                      "workload",
                      event->job_group);
}

static int jobs_read(struct key_reader *r,
                     const struct item *item,
                     void *object)
{
    struct scenario_event *event = object;
    const char *name = verbs[event->wish].name;
    if (item->kind == ITEM_MAPPING)
        return group_read(r, item, event);
    if (item->kind == ITEM_SEQUENCE && item->count != 2)
        return key_refuse(r, &item->at,
                          "%s: %zu values, write the first and the last job: "
                          "[from, to]",
                          name, item->count);
    bool range = item->kind == ITEM_SEQUENCE;
    int error =
        job_read(r, range ? &item->items[0] : item, name, &event->job_first);
    event->job_last = event->job_first;
    if (!error && range)
        error = job_read(r, &item->items[1], name, &event->job_last);
    if (!error && event->job_last < event->job_first)
        return key_refuse(r, &item->items[1].at,
                          "%s: '%s' is before the first job, swap them", name,
                          item_shown(item->items[1].text).text);
    return error;
}

static void jobs_print(struct key_printer *p, const void *object)
{
    const struct scenario_event *event = object;
    if (event->job_group > 0)
        section_print_one_line(p, &group_section, event);
    else if (event->job_first == event->job_last)
        fprintf(p->out, "%u", event->job_first);
    else
        fprintf(p->out, "[%u, %u]", event->job_first, event->job_last);
}

/* ---- Clusters and nodes. ------------------------------------------------- */

static int verb_cluster_read(struct key_reader *r,
                             const struct item *item,
                             void *object)
{
    struct scenario_event *event = object;
    int error = cluster_read(r, item, verbs[event->wish].name, &event->cluster);
    if (!error)
        event->nodes = nodes_of(&r->scenario->clusters[event->cluster]);
    return error;
}

static void verb_cluster_print(struct key_printer *p, const void *object)
{
    const struct scenario_event *event = object;
    fputs(p->scenario->clusters[event->cluster].name, p->out);
}

static int verb_nodes_read(struct key_reader *r,
                           const struct item *item,
                           void *object)
{
    struct scenario_event *event = object;
    return nodes_read(r, item, verbs[event->wish].name, &event->nodes,
                      &event->cluster);
}

static void verb_nodes_print(struct key_printer *p, const void *object)
{
    const struct scenario_event *event = object;
    nodes_print(p, &event->nodes);
}

struct key verb_key(enum wish wish)
{
    struct key key = {
        .name = verbs[wish].name, .kind = KEY_OWN, .required = true};
    switch (verbs[wish].target) {
        case VERB_CLUSTER:
            key.read = verb_cluster_read;
            key.print = verb_cluster_print;
            break;
        case VERB_NODES:
            key.read = verb_nodes_read;
            key.print = verb_nodes_print;
            break;
        case VERB_JOBS:
            key.read = jobs_read;
            key.print = jobs_print;
            break;
    }
    return key;
}
