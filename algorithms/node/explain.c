/* explain.c - why does this process not move? Handlers are rehearsed on a copy
 * of the node: one code path, so that the answer cannot differ from the deed.
 *
 * Lines: "who: what PROC [-> NODE]: why".
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "handlers.h"
#include "node.h"
#include "procs.h"
#include "questions.h"

enum rehearsed {
    REHEARSE_SAMPLED,
    REHEARSE_WAKE,
    REHEARSE_CHANGED,
    REHEARSE_ARRIVED,
    REHEARSE_PLACE,
    REHEARSED_COUNT
};

static void say(struct rehearsal *rehearsal,
                const char *who,
                const char *what,
                proc_id proc,
                node_id target,
                const char *why)
{
    char arrow[16] = "";
    if (target != NODE_NONE)
        snprintf(arrow, sizeof arrow, " -> %u", target);
    int length =
        snprintf(rehearsal->text, rehearsal->left, "%s: %s %llu%s: %s\n", who,
                 what, (unsigned long long)proc, arrow, why);
    assert(length > 0);
    if ((size_t)length >= rehearsal->left) {
        *rehearsal->text = 0; /* Whole lines only. */
        rehearsal->left = 1;
        return;
    }
    rehearsal->text += length;
    rehearsal->left -= (size_t)length;
}

void rehearsal_say(struct rehearsal *rehearsal,
                   const char *what,
                   proc_id proc,
                   node_id target,
                   const char *why)
{
    if (proc == rehearsal->about) {
        rehearsal->spoken = true;
        say(rehearsal, rehearsal->policy, what, proc, target, why);
    } else if (rehearsal->first == 0) {
        rehearsal->first = proc;
    }
}

static void say_items(const struct policy_out *out, struct rehearsal *rehearsal)
{
    static const char *const names[] = {
        [ITEM_MOVE] = "move",     [ITEM_START] = "start", [ITEM_HOLD] = "hold",
        [ITEM_FREEZE] = "freeze", [ITEM_THAW] = "thaw",
    };
    for (size_t i = 0; i < out->item_count; i++)
        if (out->items[i].kind >= ITEM_MOVE)
            rehearsal_say(rehearsal, names[out->items[i].kind],
                          out->items[i].proc, out->items[i].target,
                          out->items[i].why);
}

static void call(const struct policy *policy,
                 const struct policy_ctx *c,
                 enum rehearsed handler,
                 const struct proc_info *proc)
{
    if (handler == REHEARSE_SAMPLED && policy->sampled)
        policy->sampled(c);
    if (handler == REHEARSE_WAKE && policy->wake)
        policy->wake(c);
    if (handler == REHEARSE_CHANGED && policy->changed)
        policy->changed(c);
    if (handler == REHEARSE_ARRIVED && policy->arrived &&
        proc->state == PROC_RUNNING)
        policy->arrived(c, proc);
    if (handler == REHEARSE_PLACE && policy->place &&
        proc->state == PROC_WAITING)
        policy->place(c, proc);
}

/* All handlers of one policy, each on a fresh copy. */
static void rehearse(const struct node *node,
                     usec_t now_us,
                     size_t slot,
                     void *scratch,
                     struct policy_out *out,
                     struct rehearsal *rehearsal)
{
    rehearsal->policy = state_policy(node, slot)->name;
    rehearsal->spoken = false;
    rehearsal->first = 0;
    out->rehearsal = rehearsal;
    for (int handler = 0; handler < REHEARSED_COUNT; handler++) {
        struct node *copy = node_copy(scratch, &node->config, node);
        copy->now_us = now_us;
        ptrdiff_t at = procs_find(copy, rehearsal->about);
        struct policy_ctx c = handlers_context(copy, out, slot);
        c.explaining = true;
        call(state_policy(copy, slot), &c, (enum rehearsed)handler,
             &c.procs[at]);
        say_items(out, rehearsal);
    }
    out->rehearsal = NULL;
    if (rehearsal->spoken || rehearsal->first == 0)
        return;
    char why[POLICY_TEXT_BYTES_MAX];
    snprintf(why, sizeof why, "it looked at %llu instead",
             (unsigned long long)rehearsal->first);
    say(rehearsal, rehearsal->policy, "stay", rehearsal->about, NODE_NONE, why);
}

static void explain_proc(const struct node *node,
                         usec_t now_us,
                         size_t index,
                         void *scratch,
                         struct policy_out *out,
                         struct rehearsal *rehearsal)
{
    const struct proc_info *proc = &state_procs(node)[index];
    const struct track *track = &state_tracks(node)[index];
    rehearsal->about = proc->id;
    say(rehearsal, "node", "last", proc->id,
        track->phase == PHASE_NONE ? NODE_NONE : track->target,
        node->silent ? "" : state_whys(node)[index].text);
    struct policy_ctx c = {.self = &node->self};
    const char *why = proc_obstacle(&c, proc);
    if (why)
        say(rehearsal, "node", "stay", proc->id, NODE_NONE, why);
    /* No policy speaks of it: the board holds only who is on the map. */
    if (!map_cluster(node->map, node->map_count, proc->home))
        say(rehearsal, "node", "stay", proc->id, proc->home,
            "its home is not on the map");
    for (size_t i = 0; i < node->config.policy_count; i++)
        rehearse(node, now_us, i, scratch, out, rehearsal);
}

static void explain_absent(const struct node *node,
                           proc_id proc,
                           struct rehearsal *rehearsal)
{
    for (size_t i = 0; i < node->away_count; i++) {
        const struct away *away = &state_away(node)[i];
        if (away->proc == proc) {
            say(rehearsal, "node", "away", proc, away->place,
                "ask the node that has it");
            return;
        }
    }
    say(rehearsal, "node", "unknown", proc, NODE_NONE, "it is not here");
}

size_t node_explain(const struct node *node,
                    usec_t now_us,
                    proc_id proc,
                    void *scratch,
                    struct batch *batch,
                    char *ret_text,
                    size_t text_bytes)
{
    assert(text_bytes > 0);
    assert(now_us >= node->now_us);
    struct rehearsal rehearsal = {.text = ret_text, .left = text_bytes};
    *ret_text = 0;
    bool found = false;
    for (size_t i = 0; i < node->proc_count; i++) {
        if (proc != 0 && state_procs(node)[i].id != proc)
            continue;
        found = true;
        explain_proc(node, now_us, i, scratch, batch->out, &rehearsal);
    }
    if (proc != 0 && !found)
        explain_absent(node, proc, &rehearsal);
    return (size_t)(rehearsal.text - ret_text);
}
