/* explain.h - why does this process not move? As data, or as text.
 *
 * Rehearses, on copies, every handler that needs no message, and gives one
 * reason for each thing that policies and the core say. Of one process: first
 * the last real decision, then what the core says (what holds it here, why it
 * must leave, who froze it), then the policies in the order of the list. Of one
 * that is away, where it is and why it is wanted back; of one that is unknown,
 * that. Changes nothing.
 */
#ifndef ALGORITHMS_NODE_EXPLAIN_H
#define ALGORITHMS_NODE_EXPLAIN_H

#include "node.h"

enum reason_kind {
    REASON_LAST,    /* The last real decision about it; target: of a move. */
    REASON_STAY,    /* It does not go to target; NODE_NONE: it stays. */
    REASON_LEAVE,   /* It must leave; target: it is there, and wanted home. */
    REASON_MOVE,    /* A policy would now move it to target, */
    REASON_START,   /* start it there, */
    REASON_HOLD,    /* let it wait, */
    REASON_FREEZE,  /* freeze it, */
    REASON_THAW,    /* or thaw it. */
    REASON_AWAY,    /* It is on target. */
    REASON_UNKNOWN, /* It is not here, nor away from here. */
    REASON_KINDS
};

/* "last", "stay" and so on. */
extern const char *const reason_names[REASON_KINDS];

enum { REASON_BY_CORE = NODE_POLICIES_MAX };

struct reason
{
    proc_id proc;
    node_id target;
    uint8_t kind; /* enum reason_kind */
    uint8_t by;   /* Place of the policy in the list, or REASON_BY_CORE. */
    char text[POLICY_TEXT_BYTES_MAX];
};

/* proc 0: all that are here. scratch is node_bytes() large. Writes at most max
 * reasons and returns how many there are. */
size_t node_reasons(const struct node *node,
                    usec_t now_us,
                    proc_id proc,
                    void *scratch,
                    struct batch *batch,
                    struct reason *ret_reasons,
                    size_t max);

/* The same as lines "who: what PROC [-> NODE]: why", whole ones only. Returns
 * the bytes written, without the 0 at the end. */
size_t node_explain(const struct node *node,
                    usec_t now_us,
                    proc_id proc,
                    void *scratch,
                    struct batch *batch,
                    char *ret_text,
                    size_t text_bytes);

#endif /* ALGORITHMS_NODE_EXPLAIN_H */
