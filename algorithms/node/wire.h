/* wire.h - bytes of frames: little-endian, every field by itself, everything
 * that comes in is checked.
 *
 *   0  u8  FRAME_MAGIC; changes with this page
 *   1  u8  enum frame_kind
 *   2  64  the sender's own word: put_word() with age 0
 *  66  u32 reserved, 0; ignored by readers
 *  70      body
 */
#ifndef ALGORITHMS_NODE_WIRE_H
#define ALGORITHMS_NODE_WIRE_H

#include "../policy.h"

enum {
    FRAME_MAGIC = 0x56,
    FRAME_HEAD_BYTES = 2 + NODE_WORD_WIRE_BYTES + 4,
    POLICY_HEAD_BYTES = 8, /* policy_hash(name), version of its messages. */
    PROC_WIRE_BYTES = 114,
    REFUSAL_BYTES_MAX = 95, /* Text of a REFUSE. */
};

/* Bodies; p e is u64 process, u32 epoch. handoff.h says what they mean. */
enum frame_kind {
    FRAME_POLICY = 1,  /* u32 hash, u32 version, the policy's own bytes. */
    FRAME_OFFER,       /* p e, u8 1 if it is a first start, put_proc(). */
    FRAME_ACCEPT,      /* p e */
    FRAME_REFUSE,      /* p e, text to the end of the frame. */
    FRAME_STILL,       /* p e */
    FRAME_CLAIM,       /* p e */
    FRAME_VERDICT,     /* p e, u32 place. */
    FRAME_ASK,         /* p e */
    FRAME_KEEP,        /* p e */
    FRAME_ENDED,       /* p e */
    FRAME_ENDED_HEARD, /* p e */
    FRAME_WORD,        /* p e, as many as the frame has. */
    FRAME_QUERY,       /* p e */
    FRAME_HAVE_NOT,    /* p e */
    FRAME_RECALL,      /* p e */
    FRAME_KINDS
};

/* A frame taken apart; body points into the bytes. */
struct frame
{
    enum frame_kind kind;
    struct node_word sender;
    usec_t age_us;
    struct reader body;
};

/* Write the head, FRAME_HEAD_BYTES. */
void frame_head(uint8_t *bytes, enum frame_kind kind, const struct node_info *);

/* False if the bytes are no frame of this version. */
bool frame_read(const uint8_t *bytes, size_t count, struct frame *ret_frame);

/* What was heard of a node, and when that was measured, on this node's clock.
 */
struct learned
{
    usec_t measured_us;
    struct node_word word;
};

/* Entries of put_word() up to the end of the message, at most max; how many. 0
 * and r->bad if one of them is bad. */
size_t get_words(struct reader *r,
                 usec_t now_us,
                 struct learned *ret_words,
                 size_t max);

/* A process on its way. Its instants stay behind: clocks differ. */
void put_proc(struct writer *w, const struct proc_info *proc);

/* False, and r->bad, if no process can look so. */
bool get_proc(struct reader *r, struct proc_info *ret_proc);

void wire_u32(uint8_t *at, uint32_t value);

#endif /* ALGORITHMS_NODE_WIRE_H */
