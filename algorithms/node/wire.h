/* wire.h - bytes of frames: little-endian, every field by itself, everything
 * that comes in is checked.
 *
 *   0  u8  FRAME_MAGIC; changes with this page
 *   1  u8  enum frame_kind
 *   2  64  the sender's own word: put_word() with age 0
 *  66  u32 map_digest() of the records that the sender was given; 0: none
 *  70      body
 */
#ifndef ALGORITHMS_NODE_WIRE_H
#define ALGORITHMS_NODE_WIRE_H

#include "node.h"

enum {
    FRAME_MAGIC = 0x58,
    FRAME_HEAD_BYTES = 2 + NODE_WORD_WIRE_BYTES + 4,
    POLICY_HEAD_BYTES = 8, /* policy_hash(name), version of its messages. */
    PROC_WIRE_BYTES = 114,
    REFUSAL_BYTES_MAX = 95, /* Text of a REFUSE. */
};

/* Bodies; p e is u64 process, u32 epoch. handoff.h says what they mean, and
 * spread.h what the last three do. */
enum frame_kind {
    FRAME_POLICY = 1,    /* u32 hash, u32 version, the policy's own bytes. */
    FRAME_OFFER,         /* p e, u8 1 if it is a first start, put_proc(). */
    FRAME_ACCEPT,        /* p e */
    FRAME_REFUSE,        /* p e, text to the end of the frame. */
    FRAME_STILL,         /* p e */
    FRAME_CLAIM,         /* p e */
    FRAME_VERDICT,       /* p e, u32 place. */
    FRAME_ASK,           /* p e */
    FRAME_KEEP,          /* p e */
    FRAME_ENDED,         /* p e */
    FRAME_ENDED_HEARD,   /* p e */
    FRAME_WORD,          /* p e, as many as the frame has. */
    FRAME_QUERY,         /* p e */
    FRAME_HAVE_NOT,      /* p e */
    FRAME_RECALL,        /* p e */
    FRAME_WORD_ASK,      /* As WORD, and WORD_HEARD is asked for. */
    FRAME_WORD_HEARD,    /* Nothing. */
    FRAME_CHANGED,       /* p e, u32 change, u64 memory, u64 CPU, u32 job, u32
                          * width, u32 rank, u16 class, u16 priority, u8 locked 1,
                          * held 2. */
    FRAME_CHANGED_HEARD, /* p, u32 change. */
    FRAME_RECORD,        /* put_record(), as many as the frame has. */
    FRAME_VERSIONS, /* 32 bytes of marks, u16 id u32 version, as many as the
                     * frame has. */
    FRAME_DIGESTS,  /* 256 u32. */
    FRAME_KINDS
};

/* A frame taken apart; body points into the bytes. */
struct frame
{
    enum frame_kind kind;
    struct node_word sender;
    usec_t age_us;
    uint32_t digest; /* Of the sender's map; 0: it compares none. */
    struct reader body;
};

/* Write the head, FRAME_HEAD_BYTES. */
void frame_head(uint8_t *bytes,
                enum frame_kind kind,
                const struct node_info *sender,
                uint32_t digest);

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

/* What its user declares, as in CHANGED. get is false, and r->bad, if no user
 * can declare it. */
void put_declared(struct writer *w, const struct declared *declared);
bool get_declared(struct reader *r, struct declared *ret_declared);

void wire_u32(uint8_t *at, uint32_t value);

#endif /* ALGORITHMS_NODE_WIRE_H */
