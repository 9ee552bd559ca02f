/* out.h - what one handler asked for, and the work that a step still has to do.
 * Scratch: nothing in it outlives a step, and it is never cleared as a whole.
 */
#ifndef ALGORITHMS_NODE_OUT_H
#define ALGORITHMS_NODE_OUT_H

#include "explain.h"
#include "node.h"
#include "wire.h"

enum {
    LEARNS_MAX = 64,
    NOTICES_MAX = 2 * BATCH_ACTIONS_MAX,
};

enum item_kind {
    ITEM_SEND,
    ITEM_PUBLISH_LOAD,
    ITEM_KEEP_BACK,
    ITEM_WAKE_AT,
    ITEM_MOVE,
    ITEM_START,
    ITEM_HOLD,
    ITEM_FREEZE,
    ITEM_THAW,
};

/* An action of a handler, to be applied after it returns. */
struct item
{
    enum item_kind kind;
    node_id target;
    proc_id proc;
    uint64_t value;    /* Load, bytes or instant. */
    const char *why;   /* In texts. */
    const uint8_t *at; /* Message, in bytes; */
    size_t byte_count; /* its length. */
};

/* A frame of the handoff taken apart, or one that never needs a network. */
struct message
{
    uint8_t kind; /* enum frame_kind */
    node_id from;
    proc_id proc;
    uint32_t epoch;
    node_id place; /* VERDICT. */
};

/* What follows from an action, done after the handler's other actions, in
 * order: so no handler ever runs inside another. */
enum notice_kind {
    NOTICE_ARRIVED, /* proc: tell every policy. */
    NOTICE_MOVED,   /* result: tell the policy that asked. */
    NOTICE_PLACE,   /* proc: ask from slot on. */
    NOTICE_MESSAGE, /* A frame to this node itself. */
};

struct notice
{
    enum notice_kind kind;
    size_t slot;
    proc_id proc;
    bool start;
    struct move_result result;
    struct message message;
};

/* What a rehearsal tells, and to whom. */
struct rehearsal
{
    void (*tell)(void *sink, const struct reason *reason);
    void *sink;
    proc_id about; /* Only reasons about it; */
    proc_id first; /* the first other one that was spoken of. */
    uint8_t by;    /* Who speaks, as in struct reason. */
    bool spoken;   /* It said something about the one asked for. */
};

struct policy_out
{
    size_t item_count;
    size_t learned_count;
    size_t text_count;
    size_t byte_count;
    size_t notice_first;
    size_t notice_count;
    bool silent;     /* Nobody reads reasons. */
    proc_id placing; /* The process that place() is asked about; else 0. */
    struct rehearsal *rehearsal; /* While explaining. */
    struct item items[POLICY_ACTIONS_MAX];
    struct learned learned[LEARNS_MAX];
    struct notice notices[NOTICES_MAX];
    char texts[POLICY_ACTIONS_MAX * POLICY_TEXT_BYTES_MAX];
    uint8_t bytes[POLICY_ACTIONS_MAX * POLICY_MESSAGE_BYTES_MAX];
};

/* Before a handler. */
void out_clear(struct policy_out *out);

/* A notice to fill, at the end of the queue. */
struct notice *out_notice(struct policy_out *out, enum notice_kind kind);

/* A reason, if it is about the process asked for. */
void rehearsal_say(struct rehearsal *rehearsal,
                   enum reason_kind kind,
                   proc_id proc,
                   node_id target,
                   const char *why);

#endif /* ALGORITHMS_NODE_OUT_H */
