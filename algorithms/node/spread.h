/* spread.h - records of owners, from node to node.
 *
 * Every frame carries the map_digest() of its sender's records. While all nodes
 * hold the same, nothing is sent. An owner tells any node, and that node's host
 * merges the record and steps EVENT_MAP; from there the news goes two ways:
 *
 *   Rumour. A node whose map has grown younger tells what is new to four nodes,
 *   two of its own cluster and two of others, once. These are the tells of
 *   Demers et al. (Epidemic algorithms for replicated database maintenance,
 *   PODC 1987, section 1.4) with a blind counter: whatever the variant, m tells
 *   of each node leave a share of about e^-m that hears nothing; here 2 %, and
 *   as many more as frames are lost. It takes no timer and no memory.
 *
 *   Anti-entropy (section 1.3 there). Who hears a frame with another digest
 *   than its own compares: at most once with one peer in retry_us and the way
 *   there and back, and with at most SPREAD_MEETINGS_MAX peers at a time.
 *
 * B hears from A. A lists pairs (id, version) in answer to what B lists:
 *
 *   B -> A  VERSIONS  all pairs of B, if they fit one frame; else
 *   B -> A  DIGESTS   the sums of record_digest() of 256 buckets of ids, and
 *   A -> B  VERSIONS  the pairs of A in the buckets that differ, as they fit
 *   then, by who hears VERSIONS:
 *           RECORD    what is younger here, and what the other has not
 *           VERSIONS  the own version (0: none) of what is younger there, which
 *                     asks for it
 *
 * A mark stands for each bucket of which VERSIONS has all pairs: only there is
 * a missing pair a missing record. A frame holds 186 pairs, so the map of
 * a thousand clusters would take six frames for one difference; two frames of
 * digests and few pairs find it, whatever the size. What does not fit waits for
 * the next comparison; as all lists begin anywhere, nothing waits forever.
 * A comparison is at most 1 + 1 + 2 x (1 + ANSWER_FRAMES_MAX) frames, and
 * whatever is asked, a node sends at most SPREAD_FRAMES_MAX of these frames in
 * retry_us. Every frame may be lost: the digests still differ.
 *
 * Whom is believed: anybody; that a record is its owner's word is for the host
 * to check before it merges. But no record, of its own cluster or another,
 * makes a node go back: map_wants() decides, by version. A stranger, a node
 * that the map does not name, may speak here and is answered, so that a cluster
 * that has just joined is heard; it becomes a peer only when the map names it.
 */
#ifndef ALGORITHMS_NODE_SPREAD_H
#define ALGORITHMS_NODE_SPREAD_H

#include "node_state.h"
#include "wire.h"

enum {
    SPREAD_FRAMES_MAX = 16,
    ANSWER_FRAMES_MAX = 4, /* Of RECORD, to one VERSIONS. */
};

/* The records that the map was made from, or NULL. Of those that this node had
 * already, it tells others which are younger now. */
void spread_set_records(struct node *node,
                        struct batch *batch,
                        const struct cluster_record *records,
                        size_t count);

/* A frame of that peer had this digest: begin a comparison, if there is reason
 * and it is time. */
void spread_compare(struct node *node,
                    struct batch *batch,
                    node_id peer,
                    uint32_t digest);

/* A RECORD, VERSIONS or DIGESTS came. */
void spread_frame(struct node *node,
                  struct batch *batch,
                  node_id peer,
                  struct frame *frame);

#endif /* ALGORITHMS_NODE_SPREAD_H */
