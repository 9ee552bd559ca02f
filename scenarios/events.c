/* events.c - events: what owners and users do, and when. An event is read and
 * printed by a table made for its verb out of event_section. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "verbs.h"

enum { GUESTS_MAX = 65535, PRIORITY_MAX = 65534 };

const char *const event_thens[] = {
    [THEN_WAIT] = "wait",
    [THEN_FREEZE] = "freeze",
    [THEN_KILL] = "kill",
    NULL,
};

#define FIELD(name) offsetof(struct scenario_event, name)

/* ---- to:, for:, of: ------------------------------------------------------ */

static const struct key to_guests = {.name = "to",
                                     .kind = KEY_COUNT32,
                                     .offset = FIELD(number),
                                     .max = GUESTS_MAX,
                                     .word = "any",
                                     .word_value = GUESTS_MAX};
static const struct key to_priority = {.name = "to",
                                       .kind = KEY_COUNT32,
                                       .offset = FIELD(number),
                                       .max = UINT16_MAX};

static int move_to_read(struct key_reader *r,
                        const struct item *item,
                        struct scenario_event *event)
{
    int error = item_expect(r, item, ITEM_SCALAR, "to");
    if (error)
        return error;
    event->target_home = strcmp(item->text, "home") == 0;
    if (event->target_home || strcmp(item->text, "out") == 0)
        return 0;
    if ('0' <= item->text[0] && item->text[0] <= '9')
        return node_read(r, item, "to", &event->target);
    return key_refuse(r, &item->at,
                      "to: '%s' is no place, write the number of a node, home "
                      "or out",
                      item_shown(item->text).text);
}

static int to_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_event *event = object;
    if (event->wish == WISH_MOVE)
        return move_to_read(r, item, event);
    return key_read(r, event->wish == WISH_GUESTS ? &to_guests : &to_priority,
                    item, event);
}

static void to_print(struct key_printer *p, const void *object)
{
    const struct scenario_event *event = object;
    if (event->wish == WISH_GUESTS && event->number == GUESTS_MAX)
        fputs("any", p->out);
    else if (event->wish != WISH_MOVE)
        fprintf(p->out, "%u", event->number);
    else if (event->target == NODE_NONE)
        fputs(event->target_home ? "home" : "out", p->out);
    else
        fprintf(p->out, "%u", event->target);
}

static int for_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_event *event = object;
    uint32_t cluster;
    int error = cluster_read(r, item, "for", &cluster);
    if (!error)
        event->group.cluster = (cluster_id)(cluster + 1);
    return error;
}

static void for_print(struct key_printer *p, const void *object)
{
    const struct scenario_event *event = object;
    fputs(p->scenario->clusters[event->group.cluster - 1].name, p->out);
}

static int of_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario_event *event = object;
    int error = item_expect(r, item, ITEM_SCALAR, "of");
    return error ? error
                 : partner_named(r, &item->at, item->text, event->cluster,
                                 &event->rule.partner);
}

static void of_print(struct key_printer *p, const void *object)
{
    const struct scenario_event *event = object;
    fputs(partner_name(p->scenario, event->rule.partner), p->out);
}

/* ---- The keys beside the verb. ------------------------------------------- */

static const struct key event_keys[] = {
    [EVENT_KEY_AT] = {.name = "at",
                      .kind = KEY_SPAN,
                      .offset = FIELD(at_us),
                      .max = GRID_SPAN_MAX_US,
                      .required = true},
    [EVENT_KEY_EVERY] = {.name = "every",
                         .kind = KEY_SPAN,
                         .offset = FIELD(every_us),
                         .min = 1000,
                         .max = GRID_SPAN_MAX_US,
                         .word = "once",
                         .fallback = "once"},
    [EVENT_KEY_TIMES] = {.name = "times",
                         .kind = KEY_COUNT,
                         .offset = FIELD(times),
                         .min = 1,
                         .max = SCENARIO_PROCESSES_MAX,
                         .word = "any",
                         .fallback = "any"},
    [EVENT_KEY_DEADLINE] = {.name = "deadline",
                            .kind = KEY_SPAN,
                            .offset = FIELD(deadline_us),
                            .max = GRID_SPAN_MAX_US,
                            .word = "never",
                            .word_value = 0x1p64,
                            .fallback = "never"},
    [EVENT_KEY_THEN] = {.name = "then",
                        .kind = KEY_CHOICE,
                        .offset = FIELD(then),
                        .choices = event_thens,
                        .fallback = "wait"},
    [EVENT_KEY_TO] = {.name = "to",
                      .kind = KEY_OWN,
                      .read = to_read,
                      .print = to_print},
    [EVENT_KEY_GUESTS] = {.name = "guests",
                          .kind = KEY_COUNT32,
                          .offset = FIELD(number),
                          .max = GUESTS_MAX,
                          .word = "any",
                          .word_value = GUESTS_MAX},
    [EVENT_KEY_FOR] = {.name = "for",
                       .kind = KEY_OWN,
                       .read = for_read,
                       .print = for_print},
    [EVENT_KEY_USER] = {.name = "user",
                        .kind = KEY_COUNT32,
                        .offset = FIELD(group.user),
                        .max = UINT32_MAX - 1,
                        .word = "any",
                        .word_value = USER_ANY,
                        .fallback = "any"},
    [EVENT_KEY_OF] = {.name = "of",
                      .kind = KEY_OWN,
                      .read = of_read,
                      .print = of_print},
    [EVENT_KEY_PRIORITY] = {.name = "priority",
                            .kind = KEY_COUNT16,
                            .offset = FIELD(rule.priority),
                            .min = 1,
                            .max = PRIORITY_MAX},
    [EVENT_KEY_GO] = {.name = "go",
                      .kind = KEY_YES_NO,
                      .offset = FIELD(rule.go)},
    [EVENT_KEY_TAKE] = {.name = "take",
                        .kind = KEY_YES_NO,
                        .offset = FIELD(rule.take)},
    [EVENT_KEY_EXPAND] = {.name = "expand",
                          .kind = KEY_YES_NO,
                          .offset = FIELD(rule.expand)},
    [EVENT_KEY_CAP] = {.name = "cap",
                       .kind = KEY_COUNT16,
                       .offset = FIELD(rule.cap),
                       .min = 1,
                       .word = "none"},
    [EVENT_KEY_BY] = {.name = "by",
                      .kind = KEY_COUNT32,
                      .offset = FIELD(number),
                      .min = 1,
                      .max = SCENARIO_NODES_MAX},
    [EVENT_KEY_RANDOM] = {.name = "random",
                          .kind = KEY_SECTION,
                          .section = &event_random_section},
    [EVENT_KEY_TRACE] = {.name = "trace", .kind = KEY_OWN},
    [EVENT_KEY_COUNT] = {.name = NULL},
};
#undef FIELD
const struct section event_section = {.name = "events",
                                      .keys = event_keys,
                                      .one_line = true};

/* The keys of one verb: dates, the verb, and what it takes. */
enum { TABLE_MAX = EVENT_KEY_COUNT + 2 };

static bool is_taken(enum wish wish, size_t key)
{
    return key <= EVENT_KEY_TIMES || verbs[wish].takes >> key & 1;
}

static void make_table(enum wish wish, struct key *ret_keys)
{
    size_t count = 0;
    for (size_t i = 0; i < EVENT_KEY_COUNT; i++) {
        if (i == EVENT_KEY_DEADLINE)
            ret_keys[count++] = verb_key(wish);
        if (is_taken(wish, i))
            ret_keys[count++] = event_keys[i];
    }
    ret_keys[count] = (struct key){.name = NULL};
}

/* ---- Reading one. -------------------------------------------------------- */

/* A key of other verbs is told from one that nobody has. */
static int check_taken(struct key_reader *r,
                       const struct item *item,
                       enum wish wish)
{
    for (size_t i = 0; i < item->count; i++) {
        const struct key *key = key_find(&event_section, item->items[i].key);
        if (!key || is_taken(wish, (size_t)(key - event_keys)) ||
            strcmp(key->name, verbs[wish].name) == 0)
            continue;
        char who[160] = "";
        for (enum wish other = 0; other < WISH_COUNT; other++) {
            size_t used = strlen(who);
            if (is_taken(other, (size_t)(key - event_keys)))
                snprintf(who + used, sizeof who - used, "%s%s",
                         used > 0 ? ", " : "", verbs[other].name);
        }
        return key_refuse(r, &item->items[i].key_at,
                          "%s: %s takes none, only these do: %s; remove it",
                          key->name, verbs[wish].name, who);
    }
    return 0;
}

static int check_needed(struct key_reader *r,
                        const struct item *item,
                        enum wish wish)
{
    static const char *const examples[EVENT_KEY_COUNT] = {
        [EVENT_KEY_TO] = "4",
        [EVENT_KEY_FOR] = "lab",
        [EVENT_KEY_OF] = "others",
        [EVENT_KEY_BY] = "2",
    };
    for (size_t i = 0; i < EVENT_KEY_COUNT; i++)
        if (verbs[wish].needs >> i & 1 && !item_find(item, event_keys[i].name))
            return key_refuse(r, &item_find(item, verbs[wish].name)->key_at,
                              "'%s' is missing, %s needs it, add %s: %s",
                              event_keys[i].name, verbs[wish].name,
                              event_keys[i].name, examples[i]);
    return 0;
}

int event_then_check(struct key_reader *r,
                     const struct item *then,
                     enum wish wish,
                     enum leave_then chosen)
{
    if (wish != WISH_LEAVE || chosen != THEN_FREEZE)
        return 0;
    return key_refuse(r, &then->at,
                      "then: 'freeze', a node that goes down loses what is "
                      "frozen there, write wait or kill");
}

static int check_spans(struct key_reader *r,
                       const struct item *item,
                       const struct scenario_event *event)
{
    const struct item *then = item_find(item, "then");
    const struct item *times = item_find(item, "times");
    if (then && event->deadline_us == USEC_NEVER)
        return key_refuse(r, &then->key_at,
                          "then: without a deadline it never comes to that, "
                          "add deadline: 60 s");
    int error = event_then_check(r, then, event->wish, event->then);
    if (error)
        return error;
    if (times && event->every_us == 0)
        return key_refuse(r, &times->key_at,
                          "times: without every it happens once, add every: "
                          "1 d");
    return instant_check(r, item_find(item, "at"), event->at_us);
}

static const struct
{
    enum event_key key;
    uint8_t given;
} rule_bits[] = {
    {EVENT_KEY_PRIORITY, RULE_GIVEN_PRIORITY},
    {EVENT_KEY_GO, RULE_GIVEN_GO},
    {EVENT_KEY_TAKE, RULE_GIVEN_TAKE},
    {EVENT_KEY_EXPAND, RULE_GIVEN_EXPAND},
    {EVENT_KEY_CAP, RULE_GIVEN_CAP},
};
enum { RULE_BITS = sizeof rule_bits / sizeof *rule_bits };

static int note_given(struct key_reader *r,
                      const struct item *item,
                      struct scenario_event *event)
{
    event->has_number = event->wish == WISH_REJOIN && item_find(item, "guests");
    if (event->wish != WISH_PARTNER)
        return 0;
    for (size_t i = 0; i < RULE_BITS; i++)
        if (item_find(item, event_keys[rule_bits[i].key].name))
            event->rule_given |= rule_bits[i].given;
    return event->rule_given
               ? 0
               : key_refuse(r, &item_find(item, "partner")->key_at,
                            "partner: nothing changes, add priority, go, "
                            "take, expand or cap");
}

static int read_event(struct key_reader *r,
                      const struct item *item,
                      struct scenario_event *ret_event)
{
    struct scenario_event event = {.target = NODE_NONE,
                                   .deadline_us = USEC_NEVER,
                                   .group = {.user = USER_ANY}};
    struct key keys[TABLE_MAX];
    int error = verb_find(r, item, &event.wish);
    if (!error)
        error = check_taken(r, item, event.wish);
    if (!error)
        error = check_needed(r, item, event.wish);
    if (error)
        return error;
    make_table(event.wish, keys);
    const struct section section = {.name = verbs[event.wish].name,
                                    .keys = keys};
    error = section_read(r, &section, item, &event);
    if (!error)
        error = check_spans(r, item, &event);
    if (!error)
        error = note_given(r, item, &event);
    if (!error)
        *ret_event = event;
    return error;
}

/* ---- The list. ----------------------------------------------------------- */

int event_add(struct key_reader *r,
              const struct item *item,
              struct event_budget *budget)
{
    struct scenario_grid *grid = &r->scenario->grid;
    size_t count = grid->event_count;
    /* Room doubles, at each power of two. */
    if ((count & (count - 1)) == 0) {
        struct scenario_event *events = reallocarray(
            grid->events, count > 0 ? 2 * count : 1, sizeof *events);
        if (!events)
            return key_refuse_memory(r);
        grid->events = events;
    }
    struct scenario_event *event = &grid->events[count];
    int error = read_event(r, item, event);
    if (!error)
        error = event_budget_check(r, item, event, budget);
    grid->event_count += !error;
    return error;
}

static int add_entry(struct key_reader *r,
                     const struct item *item,
                     struct event_budget *budget)
{
    int error = item_expect(r, item, ITEM_MAPPING, "an event");
    if (error)
        return error;
    const struct item *random = item_find(item, "random");
    const struct item *trace = item_find(item, "trace");
    const struct item *alone = random ? random : trace;
    if (alone && item->count > 1)
        return key_refuse(r, &alone->key_at,
                          "%s: it stands alone in its entry, write what else "
                          "happens as another one",
                          alone->key);
    if (random)
        return event_random_add(r, random);
    if (trace)
        return event_trace_add(r, trace, budget);
    return event_add(r, item, budget);
}

int events_read(struct key_reader *r, const struct item *item, void *object)
{
    struct scenario *s = object;
    struct event_budget budget = {0};
    int error = item_expect(r, item, ITEM_SEQUENCE, "events");
    if (!error)
        error = event_budget_init(r, &budget);
    for (size_t i = 0; !error && i < item->count; i++)
        error = add_entry(r, &item->items[i], &budget);
    if (!error)
        error = dated_sort(r, s->grid.events, s->grid.event_count,
                           sizeof *s->grid.events,
                           offsetof(struct scenario_event, at_us));
    event_budget_finish(r, &budget);
    return error;
}

/* ---- Printing. ----------------------------------------------------------- */

static bool is_printed(const struct scenario_event *event, size_t key)
{
    switch ((enum event_key)key) {
        case EVENT_KEY_EVERY:
        case EVENT_KEY_TIMES:
            return event->every_us > 0;
        case EVENT_KEY_DEADLINE:
        case EVENT_KEY_THEN:
            return event->deadline_us != USEC_NEVER;
        case EVENT_KEY_GUESTS:
            return event->has_number;
        default:
            break;
    }
    for (size_t i = 0; i < RULE_BITS; i++)
        if (rule_bits[i].key == key)
            return event->rule_given & rule_bits[i].given;
    return true;
}

static void print_event(struct key_printer *p,
                        const struct scenario_event *event)
{
    struct key keys[TABLE_MAX];
    size_t count = 0;
    for (size_t i = 0; i < EVENT_KEY_COUNT; i++) {
        if (i == EVENT_KEY_DEADLINE)
            keys[count++] = verb_key(event->wish);
        if (is_taken(event->wish, i) && is_printed(event, i))
            keys[count++] = event_keys[i];
    }
    keys[count] = (struct key){.name = NULL};
    const struct section section = {.keys = keys, .one_line = true};
    section_print_one_line(p, &section, event);
}

void events_print(struct key_printer *p, const void *object)
{
    const struct scenario *s = object;
    if (s->grid.event_count == 0 && s->grid.random_count == 0)
        fputs(" []", p->out);
    p->indent += 2;
    for (size_t i = 0; i < s->grid.event_count; i++) {
        key_print_line(p);
        fputs("- ", p->out);
        print_event(p, &s->grid.events[i]);
    }
    for (size_t i = 0; i < s->grid.random_count; i++) {
        key_print_line(p);
        fputs("- {random: ", p->out);
        section_print_one_line(p, &event_random_section, &s->grid.randoms[i]);
        fputc('}', p->out);
    }
    p->indent -= 2;
}
