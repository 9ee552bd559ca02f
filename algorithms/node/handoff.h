/* handoff.h - who owns a process. The one place where that is decided.
 *
 * Every process has one owner, the node that may run it, and an epoch that
 * grows with every decision about it. Its home node arbitrates: it keeps the
 * ledger (place, epoch), and only a change of that ledger makes an owner.
 * Source S wants to give process p of home H, epoch e, to target T. Any of the
 * three may be the same as H; the frames are then taken without a network.
 *
 *   S -> T  OFFER p, e       S: p is LEAVING, its room reserved on S's board
 *   T -> S  ACCEPT | REFUSE  T asks its rules and policies, reserves room
 *   S       ACTION_CARRY e+1 the host carries; STILL p keeps the room alive
 *   host    EVENT_CARRIED at S (p stopped there), EVENT_IMAGE e+1 at T
 *   T -> H  CLAIM p, e+1     repeated every retry_us, and the way there
 *                            and back (node.h), until a verdict
 *   H       ledger (S, e): becomes (T, e+1). Else it stays as it is.
 *   H -> T  VERDICT place, epoch    T: mine at e+1? RUN : DROP
 *   H -> S  VERDICT place, epoch    S: DROP, MOVE_DONE
 *
 * If S hears no verdict within retry_us after CARRIED it asks: ASK p, e+1, and
 * after three of these it wants it back: KEEP p, e+1; H, if the ledger still
 * says (S, e), makes it (S, e+1), so that no later claim can win, and S runs p
 * again. Whoever comes first at H wins; the other hears the verdict and obeys.
 * If the room at T lapsed before the image came, T drops the image and says so
 * (REFUSE p, e+1); S then sends KEEP at once instead of asking first.
 * A frame may be lost, doubled or overtaken: every frame is repeated until
 * answered, names its epoch, and is harmless when stale: a verdict whose epoch
 * is below that of the copy it meets speaks of an ownership that is over and is
 * ignored, and T, which may have given p to S once, must not drop p for it. S
 * after CARRIED heeds no verdict below e+1. A node that holds a copy of p
 * refuses offers of p and throws another image of p away; S gets it back by
 * KEEP. Until a verdict a stopped process waits, at S and at T: better late
 * than twice. A host in doubt whether the image is whole says done, for only
 * KEEP can tell; so S never runs p again because a carrying that may be whole
 * was cancelled.
 *
 * A process that the owner of S froze moves in the same way, to its home or by
 * order; S does not run it if the move fails. That it runs at T needs nothing
 * more: T knows no other state.
 *
 * T tells H when p ends (ENDED, repeated until ENDED_HEARD) and, every word_us,
 * which guests it holds (WORD). H answers a word that disagrees with its ledger
 * with a verdict; a holder that is not the owner drops its copy. A place that
 * answers a QUERY with HAVE_NOT of the ledger's epoch has lost p (it crashed):
 * ACTION_LOST at H. An owner that still waits for its verdict answers WORD; it
 * hears the verdict to its next CLAIM, or, after a KEEP, to that word, which
 * names the epoch below. H forgets p when it ended or was lost; p is then
 * unknown at H, and a claim for an unknown process of its home is answered with
 * place NODE_NONE: drop it.
 *
 * What makes no owner: a T that would drop guests of a silent home asks for an
 * answer to its words (WORD_ASK, WORD_HEARD). H may want p back (RECALL,
 * repeated until p is home or the wish is gone) and tells what its user changed
 * (CHANGED, repeated to the place of the ledger until CHANGED_HEARD, and to
 * every later place anew, since p may have left before). Each telling has a
 * higher number; a place heeds none that is below one that it has heard, nor,
 * like a RECALL, one of an epoch below its own.
 *
 * A process that begins again from a checkpoint is submitted with an epoch
 * above all that it ever had. H is its owner then, whatever its ledger said: no
 * claim of before can follow that epoch, and each old copy meets a verdict that
 * is above its own and is dropped.
 *
 * So a crash of H ends its guests, as in MOSIX2; a crash of the owner loses the
 * process; nothing else does. tests/promela/handoff.pml is this page as a
 * model.
 *
 * Invariants, checked by name in every host: one home, one owner, no loss.
 */
#ifndef ALGORITHMS_NODE_HANDOFF_H
#define ALGORITHMS_NODE_HANDOFF_H

#include "node_state.h"
#include "out.h"
#include "wire.h"

/* ---- handoff.c: frames and timers of all three parts. -------------------- */

/* A frame of the handoff came from that node. */
void handoff_frame(struct node *node,
                   struct batch *batch,
                   node_id from,
                   struct frame *frame);
void handoff_message(struct node *node,
                     struct batch *batch,
                     const struct message *message);

/* To that node; to this one without a network. */
void handoff_send(struct node *node,
                  struct batch *batch,
                  node_id target,
                  enum frame_kind kind,
                  proc_id proc,
                  uint32_t epoch);
void handoff_verdict(struct node *node,
                     struct batch *batch,
                     node_id target,
                     const struct message *verdict);

/* That span, and the way to that node and back, as the map has it. */
usec_t handoff_patience(const struct node *node, node_id peer, usec_t span_us);

/* True if it ended here and its home has not heard it. */
bool handoff_ended(const struct node *node, proc_id proc);

/* True if that home is known to have lived at no instant since heard_us, and
 * that is too long ago. */
bool handoff_is_silent(const struct node *node, node_id home, usec_t heard_us);

/* Timers that are due, as far as the batch has room. */
void handoff_alarm(struct node *node, struct batch *batch);

/* The owner declares that node dead. */
void handoff_dead(struct node *node, struct batch *batch, node_id dead);

/* ---- source.c: a process leaves this node. ------------------------------- */

/* What no order can overrule: it cannot move now. NULL if it can; the core
 * carries what the owner froze as it is. */
const char *source_bound(const struct node *node, size_t index);

/* procs[index] is free to move and target is another node. */
void source_offer(struct node *node,
                  struct batch *batch,
                  size_t index,
                  node_id target,
                  uint8_t asked_by,
                  const char *why);
void source_accepted(struct node *node,
                     struct batch *batch,
                     const struct message *message);
void source_refused(struct node *node,
                    struct batch *batch,
                    const struct message *message,
                    const char *why);
void source_carried(struct node *node,
                    struct batch *batch,
                    const struct event *event);
void source_verdict(struct node *node,
                    struct batch *batch,
                    size_t index,
                    const struct message *message);
void source_ended(struct node *node, struct batch *batch, proc_id proc);
void source_alarm(struct node *node, struct batch *batch, size_t index);

/* Start it here, or let one that was waiting in the queue run. */
void source_run(struct node *node,
                struct batch *batch,
                size_t index,
                const char *why);

/* ---- room.c: a process comes to this node. ------------------------------- */

ptrdiff_t room_find(const struct node *node, proc_id proc);
void room_offered(struct node *node,
                  struct batch *batch,
                  node_id source,
                  struct reader *body);
void room_still(struct node *node, const struct message *message);
void room_image(struct node *node,
                struct batch *batch,
                const struct event *event);
void room_verdict(struct node *node,
                  struct batch *batch,
                  size_t index,
                  const struct message *message);
void room_alarm(struct node *node, struct batch *batch, size_t index);

/* It is this node's now. away: what its home, this node, remembered of it;
 * NULL if this is not its home. */
void room_take(struct node *node,
               struct batch *batch,
               size_t index,
               const struct away *away);

/* It begins again here: whatever was on its way is void. */
void room_forget(struct node *node, proc_id proc);
void room_remove(struct node *node, size_t index);

/* ---- ledger.c: this node is the home, and decides. ----------------------- */

ptrdiff_t ledger_find(const struct node *node, proc_id proc);
void ledger_claim(struct node *node,
                  struct batch *batch,
                  const struct message *message);
void ledger_ask(struct node *node,
                struct batch *batch,
                const struct message *message);
void ledger_keep(struct node *node,
                 struct batch *batch,
                 const struct message *message);
void ledger_ended(struct node *node,
                  struct batch *batch,
                  const struct message *message);
void ledger_word(struct node *node,
                 struct batch *batch,
                 const struct message *message);
void ledger_have_not(struct node *node,
                     struct batch *batch,
                     const struct message *message);

/* It begins again here: its row, if it has one, is void. */
void ledger_forget(struct node *node, proc_id proc);

/* Of row index: why it is wanted back (enum recall_why), or no longer. */
void ledger_recall(struct node *node, size_t index, uint8_t why);
void ledger_withdraw(struct node *node, size_t index, uint8_t why);

/* The map changed: what of this home may no longer be where it is? */
void ledger_review(struct node *node);

/* Its user changed what he declared: its place is told until it has heard. */
void ledger_change(struct node *node,
                   struct batch *batch,
                   size_t index,
                   const struct declared *declared);
void ledger_change_heard(struct node *node, const struct message *message);
void ledger_alarm(struct node *node, struct batch *batch, size_t index);

#endif /* ALGORITHMS_NODE_HANDOFF_H */
