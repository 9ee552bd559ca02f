/* verbs.h - what an event may do, as a table: its target and its other keys. */
#ifndef SCENARIOS_VERBS_H
#define SCENARIOS_VERBS_H

#include "keys.h"

enum verb_target { VERB_CLUSTER, VERB_NODES, VERB_JOBS };

/* Keys of an event, in the order of event_section. */
enum event_key {
    EVENT_KEY_AT,
    EVENT_KEY_EVERY,
    EVENT_KEY_TIMES,
    EVENT_KEY_DEADLINE,
    EVENT_KEY_THEN,
    EVENT_KEY_TO,
    EVENT_KEY_GUESTS,
    EVENT_KEY_FOR,
    EVENT_KEY_USER,
    EVENT_KEY_OF,
    EVENT_KEY_PRIORITY,
    EVENT_KEY_GO,
    EVENT_KEY_TAKE,
    EVENT_KEY_EXPAND,
    EVENT_KEY_CAP,
    EVENT_KEY_BY,
    EVENT_KEY_RANDOM, /* These two stand alone. */
    EVENT_KEY_TRACE,
    EVENT_KEY_COUNT
};

struct verb
{
    const char *name;
    enum verb_target target;
    uint32_t takes; /* Bits of event_key, beside at, every and times. */
    uint32_t needs; /* Of these, what it cannot be without. */
};
extern const struct verb verbs[WISH_COUNT];

/* The verb of an event: the key that is one. `guests` and `priority` are keys
 * of other verbs as well. Complains of none and of two. */
int verb_find(struct key_reader *r, const struct item *item, enum wish *ret);

/* The verb that a text says. */
int verb_named(struct key_reader *r, const struct item *item, enum wish *ret);

/* What the verb is done to, as a key of its own; of struct scenario_event. */
struct key verb_key(enum wish wish);

/* The words of enum leave_then; ends with NULL. */
extern const char *const event_thens[];

/* Refuses what cannot happen at a deadline: `leave` that freezes. */
int event_then_check(struct key_reader *r,
                     const struct item *then,
                     enum wish wish,
                     enum leave_then chosen);

/* ---- event_budget.c ------------------------------------------------------ */

/* What owners have given away: nodes that were planned, partners named. */
struct event_budget
{
    uint64_t *grown;       /* By cluster. */
    cluster_id **partners; /* By cluster: CLUSTER_RULES_MAX, 0 ends; or NULL. */
};
int event_budget_init(struct key_reader *r, struct event_budget *budget);
void event_budget_finish(const struct key_reader *r,
                         struct event_budget *budget);

/* Complain of an event that asks for more than there is. */
int event_budget_check(struct key_reader *r,
                       const struct item *item,
                       const struct scenario_event *event,
                       struct event_budget *budget);

/* ---- events.c, event_random.c, event_trace.c: add to those of the scenario.
 */

int event_add(struct key_reader *r,
              const struct item *item,
              struct event_budget *budget);
int event_random_add(struct key_reader *r, const struct item *item);
int event_trace_add(struct key_reader *r,
                    const struct item *item,
                    struct event_budget *budget);

/* The same from memory; for the fuzzer. */
int event_trace_parse(struct key_reader *r,
                      const char *text,
                      size_t text_bytes,
                      const char *name,
                      struct event_budget *budget);

#endif /* SCENARIOS_VERBS_H */
