/* explain.c - see explain.h. Handlers are rehearsed on a copy of the node: one
 * code path, so that the answer cannot differ from the deed. */
#include "explain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "handlers.h"
#include "handoff.h"
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

const char *const reason_names[REASON_KINDS] = {
    [REASON_LAST] = "last",     [REASON_STAY] = "stay",
    [REASON_LEAVE] = "leave",   [REASON_MOVE] = "move",
    [REASON_START] = "start",   [REASON_HOLD] = "hold",
    [REASON_FREEZE] = "freeze", [REASON_THAW] = "thaw",
    [REASON_AWAY] = "away",     [REASON_UNKNOWN] = "unknown",
};

/* About the one that is asked for. */
static void say(struct rehearsal *rehearsal,
                enum reason_kind kind,
                proc_id proc,
                node_id target,
                const char *why)
{
    struct reason reason = {.kind = (uint8_t)kind,
                            .by = rehearsal->by,
                            .proc = proc,
                            .target = target};
    snprintf(reason.text, sizeof reason.text, "%s", why);
    rehearsal->tell(rehearsal->sink, &reason);
}

void rehearsal_say(struct rehearsal *rehearsal,
                   enum reason_kind kind,
                   proc_id proc,
                   node_id target,
                   const char *why)
{
    if (proc == rehearsal->about) {
        rehearsal->spoken = true;
        say(rehearsal, kind, proc, target, why);
    } else if (rehearsal->first == 0) {
        rehearsal->first = proc;
    }
}

static void say_items(const struct policy_out *out, struct rehearsal *rehearsal)
{
    static const enum reason_kind kinds[] = {
        [ITEM_MOVE] = REASON_MOVE, [ITEM_START] = REASON_START,
        [ITEM_HOLD] = REASON_HOLD, [ITEM_FREEZE] = REASON_FREEZE,
        [ITEM_THAW] = REASON_THAW,
    };
    for (size_t i = 0; i < out->item_count; i++)
        if (out->items[i].kind >= ITEM_MOVE)
            rehearsal_say(rehearsal, kinds[out->items[i].kind],
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
    rehearsal->by = (uint8_t)slot;
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
    say(rehearsal, REASON_STAY, rehearsal->about, NODE_NONE, why);
}

/* Why it must leave, each bit of track.leave; who stopped it. */
static void say_owner(const struct node *node,
                      size_t index,
                      struct rehearsal *rehearsal)
{
    static const struct
    {
        enum leave_why bit;
        const char *why;
    } words[] = {
        {LEAVE_STATE, "the node drains"},
        {LEAVE_RESERVED, "the node is kept for others"},
        {LEAVE_ISOLATED, "this cluster is isolated"},
        {LEAVE_RIGHT, "it has no right to be here"},
        {LEAVE_CAP, "its cluster is over its cap"},
        {LEAVE_LIMIT, "there are more guests than the limit"},
        {LEAVE_OWNER_FIRST, "processes of this cluster want all cores"},
        {LEAVE_ORDER, "it was asked out"},
    };
    const struct proc_info *proc = &state_procs(node)[index];
    const struct track *track = &state_tracks(node)[index];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (track->leave & words[i].bit)
            say(rehearsal, REASON_LEAVE, proc->id, NODE_NONE, words[i].why);
    if (proc->stopped)
        say(rehearsal, REASON_STAY, proc->id, NODE_NONE,
            track->frozen_by == FREEZE_BY_USER ? "its user froze it"
                                               : "the owner froze it");
    if (track->flooded)
        say(rehearsal, REASON_STAY, proc->id, NODE_NONE,
            "too many came at once: it is frozen until its turn");
    if (track->killed)
        say(rehearsal, REASON_STAY, proc->id, NODE_NONE, "its host ends it");
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
    rehearsal->by = REASON_BY_CORE;
    say(rehearsal, REASON_LAST, proc->id,
        track->phase == PHASE_NONE ? NODE_NONE : track->target,
        node->silent ? "" : state_whys(node)[index].text);
    struct policy_ctx c = {.self = &node->self};
    const char *why;
    for (size_t i = 0; (why = proc_obstacle_after(&c, proc, i)); i++)
        say(rehearsal, REASON_STAY, proc->id, NODE_NONE, why);
    say_owner(node, index, rehearsal);
    /* No policy speaks of it: the board holds only who is on the map. */
    if (!map_cluster(node->map, node->map_count, proc->home))
        say(rehearsal, REASON_STAY, proc->id, proc->home,
            "its home is not on the map");
    for (size_t i = 0; i < node->config.policy_count; i++)
        rehearse(node, now_us, i, scratch, out, rehearsal);
}

static void explain_absent(const struct node *node,
                           proc_id proc,
                           struct rehearsal *rehearsal)
{
    ptrdiff_t at = ledger_find(node, proc);
    if (at == PROC_ABSENT) {
        say(rehearsal, REASON_UNKNOWN, proc, NODE_NONE, "it is not here");
        return;
    }
    static const struct
    {
        enum recall_why bit;
        const char *why;
    } words[] = {
        {RECALL_USER, "it was asked back"},
        {RECALL_RIGHT, "it has no right to be there"},
        {RECALL_FREEZE, "its user stops it, at home"},
    };
    const struct away *away = &state_away(node)[at];
    say(rehearsal, REASON_AWAY, proc, away->place, "ask the node that has it");
    if (away->silent)
        say(rehearsal, REASON_AWAY, proc, away->place, "that node is silent");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (away->recall & words[i].bit)
            say(rehearsal, REASON_LEAVE, proc, away->place, words[i].why);
}

static void explain(const struct node *node,
                    usec_t now_us,
                    proc_id proc,
                    void *scratch,
                    struct batch *batch,
                    struct rehearsal *rehearsal)
{
    assert(now_us >= node->now_us);
    rehearsal->by = REASON_BY_CORE;
    bool found = false;
    for (size_t i = 0; i < node->proc_count; i++) {
        if (proc != 0 && state_procs(node)[i].id != proc)
            continue;
        found = true;
        explain_proc(node, now_us, i, scratch, batch->out, rehearsal);
    }
    if (proc != 0 && !found)
        explain_absent(node, proc, rehearsal);
}

/* ---- As data. ------------------------------------------------------------ */

struct list
{
    struct reason *reasons;
    size_t max;
    size_t count;
};

static void collect(void *sink, const struct reason *reason)
{
    struct list *list = sink;
    if (list->count < list->max)
        list->reasons[list->count] = *reason;
    list->count++;
}

size_t node_reasons(const struct node *node,
                    usec_t now_us,
                    proc_id proc,
                    void *scratch,
                    struct batch *batch,
                    struct reason *ret_reasons,
                    size_t max)
{
    struct list list = {.reasons = ret_reasons, .max = max};
    struct rehearsal rehearsal = {.tell = collect, .sink = &list};
    explain(node, now_us, proc, scratch, batch, &rehearsal);
    return list.count;
}

/* ---- As text. ------------------------------------------------------------ */

struct page
{
    const struct node *node;
    char *text;
    size_t left;
};

static void print(void *sink, const struct reason *reason)
{
    struct page *page = sink;
    char arrow[16] = "";
    if (reason->target != NODE_NONE)
        snprintf(arrow, sizeof arrow, " -> %u", reason->target);
    int length =
        snprintf(page->text, page->left, "%s: %s %llu%s: %s\n",
                 reason->by == REASON_BY_CORE
                     ? "node"
                     : state_policy(page->node, reason->by)->name,
                 reason_names[reason->kind], (unsigned long long)reason->proc,
                 arrow, reason->text);
    assert(length > 0);
    if ((size_t)length >= page->left) {
        *page->text = 0; /* Whole lines only. */
        page->left = 1;
        return;
    }
    page->text += length;
    page->left -= (size_t)length;
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
    *ret_text = 0;
    struct page page = {.node = node, .text = ret_text, .left = text_bytes};
    struct rehearsal rehearsal = {.tell = print, .sink = &page};
    explain(node, now_us, proc, scratch, batch, &rehearsal);
    return (size_t)(page.text - ret_text);
}
