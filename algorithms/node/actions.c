/* actions.c - the actions of policy.h: copied into the scratch of the step. */
#include "out.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t policy_out_bytes(void)
{
    return sizeof(struct policy_out);
}

void out_clear(struct policy_out *out)
{
    out->item_count = 0;
    out->learned_count = 0;
    out->text_count = 0;
    out->byte_count = 0;
}

struct notice *out_notice(struct policy_out *out, enum notice_kind kind)
{
    assert(out->notice_count < NOTICES_MAX);
    struct notice *notice = &out->notices[out->notice_count++];
    notice->kind = kind;
    return notice;
}

static struct item *add_item(const struct policy_ctx *c, enum item_kind kind)
{
    assert(c->out->item_count < POLICY_ACTIONS_MAX);
    struct item *item = &c->out->items[c->out->item_count++];
    *item = (struct item){.kind = kind, .target = NODE_NONE, .why = ""};
    return item;
}

/* A reason becomes one field of a journal line. Most are plain words, which
 * need no printf. Returns its length. */
static size_t write_text(char *text, size_t room, const char *why, va_list rest)
{
    size_t length = 0;
    while (why[length] && why[length] != '%')
        length++;
    if (!why[length] && length < room)
        memcpy(text, why, length + 1);
    else
        vsnprintf(text, room, why, rest);
    for (length = 0; text[length]; length++)
        if ((unsigned char)text[length] < ' ')
            text[length] = ' ';
    return length;
}

static void add_why(struct policy_out *out,
                    struct item *item,
                    const char *why,
                    va_list rest)
{
    if (out->silent)
        return;
    char *text = out->texts + out->text_count;
    item->why = text;
    out->text_count += write_text(text, POLICY_TEXT_BYTES_MAX, why, rest) + 1;
}

void policy_send(const struct policy_ctx *c,
                 node_id target,
                 const struct writer *w)
{
    assert(target != c->self->id);
    assert(target != NODE_NONE);
    assert(w->count <= sizeof w->bytes);
    struct item *item = add_item(c, ITEM_SEND);
    uint8_t *at = c->out->bytes + c->out->byte_count;
    memcpy(at, w->bytes, w->count);
    c->out->byte_count += w->count;
    item->target = target;
    item->at = at;
    item->byte_count = w->count;
}

void policy_learn(const struct policy_ctx *c,
                  const struct node_word *word,
                  usec_t age_us)
{
    assert(c->out->learned_count < LEARNS_MAX);
    struct learned *learned = &c->out->learned[c->out->learned_count++];
    learned->word = *word;
    learned->measured_us = age_us < c->now_us ? c->now_us - age_us : 0;
}

bool policy_learn_all(const struct policy_ctx *c, struct reader *in)
{
    struct policy_out *out = c->out;
    out->learned_count +=
        get_words(in, c->now_us, &out->learned[out->learned_count],
                  LEARNS_MAX - out->learned_count);
    assert(in->left == 0);
    return !in->bad;
}

void policy_publish_load(const struct policy_ctx *c, uint32_t load_milli)
{
    add_item(c, ITEM_PUBLISH_LOAD)->value = load_milli;
}

void policy_keep_back(const struct policy_ctx *c, uint64_t mem_bytes)
{
    add_item(c, ITEM_KEEP_BACK)->value = mem_bytes;
}

void policy_wake_at(const struct policy_ctx *c, usec_t when_us)
{
    add_item(c, ITEM_WAKE_AT)->value = when_us;
}

void policy_move(const struct policy_ctx *c,
                 proc_id proc,
                 node_id target,
                 const char *why,
                 ...)
{
    assert(target != c->self->id);
    assert(target != NODE_NONE);
    struct item *item = add_item(c, ITEM_MOVE);
    item->proc = proc;
    item->target = target;
    va_list rest;
    va_start(rest, why);
    add_why(c->out, item, why, rest);
    va_end(rest);
}

void policy_start(const struct policy_ctx *c,
                  proc_id proc,
                  node_id target,
                  const char *why,
                  ...)
{
    struct item *item = add_item(c, ITEM_START);
    item->proc = proc;
    item->target = target;
    va_list rest;
    va_start(rest, why);
    add_why(c->out, item, why, rest);
    va_end(rest);
}

void policy_hold(const struct policy_ctx *c, proc_id proc, const char *why, ...)
{
    struct item *item = add_item(c, ITEM_HOLD);
    item->proc = proc;
    va_list rest;
    va_start(rest, why);
    add_why(c->out, item, why, rest);
    va_end(rest);
}

void policy_freeze(const struct policy_ctx *c,
                   proc_id proc,
                   const char *why,
                   ...)
{
    struct item *item = add_item(c, ITEM_FREEZE);
    item->proc = proc;
    va_list rest;
    va_start(rest, why);
    add_why(c->out, item, why, rest);
    va_end(rest);
}

void policy_thaw(const struct policy_ctx *c, proc_id proc, const char *why, ...)
{
    struct item *item = add_item(c, ITEM_THAW);
    item->proc = proc;
    va_list rest;
    va_start(rest, why);
    add_why(c->out, item, why, rest);
    va_end(rest);
}

void policy_stay(const struct policy_ctx *c,
                 proc_id proc,
                 node_id target,
                 const char *why,
                 ...)
{
    if (!c->explaining)
        return;
    char text[POLICY_TEXT_BYTES_MAX];
    va_list rest;
    va_start(rest, why);
    write_text(text, sizeof text, why, rest);
    va_end(rest);
    rehearsal_say(c->out->rehearsal, REASON_STAY, proc, target, text);
}
