/* owners_words.c - a wish in words, for the journal. */
#include <stdarg.h>
#include <stdio.h>

#include "../scenarios/quantity.h"
#include "owners.h"
#include "run.h"

enum { WORDS_BYTES = 256 };

struct words
{
    char text[WORDS_BYTES];
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *w,
                                                      const char *format,
                                                      ...)
{
    va_list rest;
    va_start(rest, format);
    int count =
        vsnprintf(w->text + w->count, sizeof w->text - w->count, format, rest);
    va_end(rest);
    assert(0 <= count);
    assert((size_t)count < sizeof w->text - w->count);
    w->count += (size_t)count;
}

static const char *cluster_name(const struct world *world, uint32_t index)
{
    return world->scenario->clusters[index].name;
}

static void say_deadline(struct words *w, const struct scenario_event *event)
{
    static const char *const thens[] = {
        [THEN_WAIT] = "wait", [THEN_FREEZE] = "freeze", [THEN_KILL] = "kill"};
    char span[QUANTITY_TEXT_BYTES];
    if (event->deadline_us == USEC_NEVER)
        return;
    quantity_print_exact(QUANTITY_DURATION, event->deadline_us, span);
    say(w, " within %s, then %s", span, thens[event->then]);
}

static void say_limit(struct words *w, uint32_t number)
{
    if (number < UINT16_MAX)
        say(w, "at most %u guests of other clusters on each node", number);
    else
        say(w, "any number of guests of other clusters");
}

static void say_rule(const struct world *world,
                     struct words *w,
                     const struct scenario_event *event)
{
    const struct cluster_rule *rule = &event->rule;
    say(w, "of %s:",
        rule->partner == 0 ? "all others"
                           : cluster_name(world, rule->partner - 1u));
    if (event->rule_given & RULE_GIVEN_PRIORITY)
        say(w, " priority %u", rule->priority);
    if (event->rule_given & RULE_GIVEN_GO)
        say(w, rule->go ? " may go there" : " may not go there");
    if (event->rule_given & RULE_GIVEN_TAKE)
        say(w, rule->take ? " takes theirs" : " takes none of theirs");
    if (event->rule_given & RULE_GIVEN_EXPAND)
        say(w, rule->expand ? " theirs may go on" : " theirs may not go on");
    if (event->rule_given & RULE_GIVEN_CAP && rule->cap > 0)
        say(w, " at most %u on each node", rule->cap);
    else if (event->rule_given & RULE_GIVEN_CAP)
        say(w, " any number on each node");
}

static void say_cluster(const struct world *world,
                        struct words *w,
                        const struct scenario_event *event)
{
    const char *name = cluster_name(world, event->cluster);
    switch (event->wish) {
        case WISH_ISOLATE:
            say(w, "isolate %s", name);
            say_deadline(w, event);
            break;
        case WISH_REJOIN:
            say(w, "rejoin %s", name);
            if (event->has_number)
                say(w, " with ");
            if (event->has_number)
                say_limit(w, event->number);
            break;
        case WISH_PARTNER:
            say(w, "%s thinks ", name);
            say_rule(world, w, event);
            break;
        case WISH_GROW:
            say(w, "%s grows by %u nodes", name, event->number);
            break;
        default:
            assert(false);
    }
}

static void say_node(const struct world *world,
                     struct words *w,
                     const struct scenario_event *event)
{
    static const char *const phrases[WISH_COUNT] = {
        [WISH_BLOCK] = "block: let no guest in",
        [WISH_UNBLOCK] = "unblock: let guests in",
        [WISH_EXPEL] = "expel all guests",
        [WISH_BRING] = "bring its processes home",
        [WISH_LEAVE] = "leave: expel, bring, then go down",
        [WISH_RETURN] = "return: come up again",
        [WISH_STAY] = "stay: nothing leaves by itself",
        [WISH_NOSTAY] = "nostay",
        [WISH_LSTAY] = "lstay: its own do not leave by themselves",
        [WISH_NOLSTAY] = "nolstay",
        [WISH_RESERVE] = "reserve it for ",
        [WISH_UNRESERVE] = "unreserve",
        [WISH_GUESTS] = "guests: ",
    };
    say(w, "%s", phrases[event->wish]);
    switch (event->wish) {
        case WISH_EXPEL:
        case WISH_LEAVE:
            say_deadline(w, event);
            break;
        case WISH_RESERVE:
            if (event->group.user != USER_ANY)
                say(w, "user %u of ", event->group.user);
            say(w, "%s", cluster_name(world, event->group.cluster - 1u));
            break;
        case WISH_GUESTS:
            say_limit(w, event->number);
            break;
        default:
            break;
    }
}

static void say_job(struct words *w,
                    uint32_t job,
                    const struct scenario_event *event)
{
    static const char *const verbs[WISH_COUNT] = {
        [WISH_MOVE] = "move",     [WISH_FREEZE] = "freeze",
        [WISH_THAW] = "thaw",     [WISH_LOCK] = "lock",
        [WISH_UNLOCK] = "unlock", [WISH_ADVANCE] = "advance",
        [WISH_RETARD] = "retard", [WISH_PRIORITY] = "give",
        [WISH_HOLD] = "hold",     [WISH_RELEASE] = "release",
    };
    say(w, "%s job %u", verbs[event->wish], job);
    if (event->wish == WISH_PRIORITY)
        say(w, " priority %u", event->number);
    if (event->wish != WISH_MOVE)
        return;
    if (event->target_home)
        say(w, " home");
    else if (event->target == NODE_NONE)
        say(w, " out of where it is");
    else
        say(w, " to node %u", event->target);
}

static void write_down(struct world *world,
                       node_id node,
                       enum wish wish,
                       const struct words *words)
{
    struct record r = record_now(world, RECORD_OWNER, node);
    r.values[OWNER_CLUSTER] = world->machines[node].cluster + 1u;
    r.values[OWNER_WISH] = wish;
    r.why = words->text;
    world_record(world, &r);
}

void owners_record(struct world *world,
                   node_id node,
                   const struct scenario_event *event)
{
    struct words words = {.count = 0};
    switch (event->wish) {
        case WISH_ISOLATE:
        case WISH_REJOIN:
        case WISH_PARTNER:
        case WISH_GROW:
            say_cluster(world, &words, event);
            break;
        default:
            say_node(world, &words, event);
            break;
    }
    write_down(world, node, event->wish, &words);
}

void owners_record_job(struct world *world,
                       node_id home,
                       uint32_t job,
                       const struct scenario_event *event)
{
    struct words words = {.count = 0};
    say_job(&words, job, event);
    write_down(world, home, event->wish, &words);
}
