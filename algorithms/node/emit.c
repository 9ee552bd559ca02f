/* emit.c - see emit.h. */
#include "emit.h"

#include <assert.h>
#include <string.h>

#include "out.h"

enum {
    TIMED_ACTIONS_MAX = 128, /* The rest of the batch is for what follows. */
    TIMED_NOTICES_MAX = 64,
};

void node_silence(struct node *node)
{
    node->silent = true;
}

bool emit_has_room(const struct batch *batch)
{
    return batch->count < TIMED_ACTIONS_MAX &&
           batch->out->notice_count < TIMED_NOTICES_MAX;
}

struct action *emit(struct batch *batch,
                    enum action_kind kind,
                    proc_id proc,
                    node_id peer,
                    const char *why)
{
    assert(batch->count < BATCH_ACTIONS_MAX);
    struct action *action = &batch->actions[batch->count++];
    *action =
        (struct action){.kind = kind, .peer = peer, .proc = proc, .why = why};
    return action;
}

static void remember_why(struct why *last, const char *why)
{
    size_t length = strlen(why);
    if (length > LAST_WHY_BYTES - 1)
        length = LAST_WHY_BYTES - 1;
    memcpy(last->text, why, length);
    last->text[length] = 0;
}

struct action *emit_decision(struct node *node,
                             struct batch *batch,
                             enum action_kind kind,
                             size_t index,
                             node_id peer,
                             const char *why)
{
    if (!node->silent)
        remember_why(&state_whys(node)[index], why);
    return emit(batch, kind, state_procs(node)[index].id, peer, why);
}

static uint8_t *grow(struct batch *batch, size_t count)
{
    assert(count <= BATCH_BYTES_MAX - batch->byte_count);
    uint8_t *at = batch->bytes + batch->byte_count;
    batch->byte_count += count;
    return at;
}

const char *emit_text(const struct node *node,
                      struct batch *batch,
                      const char *speaker,
                      const char *why)
{
    if (node->silent)
        return "";
    size_t name_length = strlen(speaker);
    size_t why_length = strlen(why);
    char *text = (char *)grow(batch, name_length + 2 + why_length + 1);
    memcpy(text, speaker, name_length);
    memcpy(text + name_length, ": ", 2);
    memcpy(text + name_length + 2, why, why_length + 1);
    return text;
}

/* What others hear of this node: what policies publish and keep back counts. */
static struct node_info own_word(const struct node *node)
{
    struct node_info word = node->self;
    uint64_t keep_back_bytes = 0;
    for (size_t i = 0; i < node->config.policy_count; i++) {
        const struct slot *slot = &node->slots[i];
        if (slot->publish_milli > word.load_milli)
            word.load_milli = slot->publish_milli;
        if (slot->keep_back_bytes > keep_back_bytes)
            keep_back_bytes = slot->keep_back_bytes;
    }
    word.mem_free_bytes -= keep_back_bytes < word.mem_free_bytes
                               ? keep_back_bytes
                               : word.mem_free_bytes;
    return word;
}

/* A frame with its head and room for the body. */
static uint8_t *begin_frame(struct node *node,
                            struct batch *batch,
                            node_id target,
                            enum frame_kind kind,
                            size_t body_count)
{
    size_t count = FRAME_HEAD_BYTES + body_count;
    assert(count <= NODE_FRAME_BYTES_MAX);
    uint8_t *at = grow(batch, count);
    struct node_info word = own_word(node);
    frame_head(at, kind, &word, node->map_digest);
    struct action *action = emit(batch, ACTION_SEND, 0, target, "");
    action->bytes = at;
    action->byte_count = (uint32_t)count;
    return at + FRAME_HEAD_BYTES;
}

void emit_frame(struct node *node,
                struct batch *batch,
                node_id target,
                enum frame_kind kind,
                const uint8_t *body,
                size_t count)
{
    uint8_t *at = begin_frame(node, batch, target, kind, count);
    if (count > 0)
        memcpy(at, body, count);
}

void emit_record(struct batch *batch,
                 node_id teller,
                 const struct cluster_record *record)
{
    struct writer w = {.count = 0};
    put_record(&w, record);
    uint8_t *at = grow(batch, w.count);
    memcpy(at, w.bytes, w.count);
    struct action *action = emit(batch, ACTION_RECORD, 0, teller, "");
    action->bytes = at;
    action->byte_count = (uint32_t)w.count;
}

void emit_policy_frame(struct node *node,
                       struct batch *batch,
                       node_id target,
                       size_t slot,
                       const uint8_t *body,
                       size_t count)
{
    uint8_t *at = begin_frame(node, batch, target, FRAME_POLICY,
                              POLICY_HEAD_BYTES + count);
    wire_u32(at, node->slots[slot].hash);
    wire_u32(at + 4, state_policy(node, slot)->version);
    if (count > 0)
        memcpy(at + POLICY_HEAD_BYTES, body, count);
}
