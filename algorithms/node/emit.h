/* emit.h - writing actions into the batch. */
#ifndef ALGORITHMS_NODE_EMIT_H
#define ALGORITHMS_NODE_EMIT_H

#include "node_state.h"
#include "wire.h"

/* An action with these fields, the others 0. why: a literal, or in the batch.
 */
struct action *emit(struct batch *batch,
                    enum action_kind kind,
                    proc_id proc,
                    node_id peer,
                    const char *why);

/* As emit(), and the text is remembered as the last decision about it. */
struct action *emit_decision(struct node *node,
                             struct batch *batch,
                             enum action_kind kind,
                             size_t index,
                             node_id peer,
                             const char *why);

/* "speaker: why" in the batch; "" if nobody reads reasons. */
const char *emit_text(const struct node *node,
                      struct batch *batch,
                      const char *speaker,
                      const char *why);

void emit_frame(struct node *node,
                struct batch *batch,
                node_id target,
                enum frame_kind kind,
                const uint8_t *body,
                size_t count);
void emit_policy_frame(struct node *node,
                       struct batch *batch,
                       node_id target,
                       size_t slot,
                       const uint8_t *body,
                       size_t count);

/* ACTION_RECORD. */
void emit_record(struct batch *batch,
                 node_id teller,
                 const struct cluster_record *record);

/* True if another timer may go off in this step; else it waits for the next
 * alarm, at the same instant. */
bool emit_has_room(const struct batch *batch);

#endif /* ALGORITHMS_NODE_EMIT_H */
