/* node.h - the node that runs policies.
 *
 * A host keeps one node per machine and knows three calls: init, step,
 * deadline. A node has no clock, socket, allocator, log or global. Its memory
 * is one block without pointers into itself, sized by need and owned by the
 * host, so that a host may copy, hash, compare and move it.
 *
 * What the node does before and after the policies: it keeps the board
 * (peers.h), the processes here, who owns a process (handoff.h), the rights of
 * owners (membership.h), and writes every frame (wire.h).
 */
#ifndef ALGORITHMS_NODE_NODE_H
#define ALGORITHMS_NODE_NODE_H

#include "event.h"

enum {
    NODE_POLICIES_MAX = 8,
    NODE_FRAME_BYTES_MAX = 1232, /* 1,280 less what sealing a datagram costs. */
    BATCH_ACTIONS_MAX = 1024,
    BATCH_BYTES_MAX = BATCH_ACTIONS_MAX * 1408, /* A frame and a text each. */
};

/* A policy of the list with its parameters; see registry.h for filling them.
 * params is owned by the host, shared by all its nodes, constant. */
struct node_policy
{
    const struct policy *policy;
    const void *params;
};

/* All times have a default in node_config_default(). To a wait for another
 * node's answer (offer_timeout_us, retry_us, room_us) the way there and back is
 * added: twice the latency_us of its cluster in the map, its own inside. A home
 * that recalls a process, tells its place of a change, or asks for a silent
 * one, waits so after retry_us, or word_us, and twice as long after each try,
 * up to 16 times. */
struct node_config
{
    node_id id;
    uint64_t seed; /* Of the run; the node mixes in id and policy name. */
    const struct node_policy *policies; /* In order; kept by pointer. */
    size_t policy_count;
    uint32_t board_max; /* Entries; at least 1. */
    uint32_t proc_max;  /* Processes here, until node_copy() makes more room. */
    uint32_t away_max;  /* Processes of this home that are elsewhere. */
    usec_t board_age_us;     /* Older entries leave the board. */
    usec_t offer_timeout_us; /* For the answer to an offer. */
    usec_t retry_us;         /* Between repeats of claim, ask, keep and end. */
    usec_t room_us;          /* Reserved room lapses so long after the last
                              * word of the source. */
    usec_t word_us;          /* Between words to the homes of guests. */
    usec_t leave_within_us;  /* must_leave so long: the core sends it home. */
    usec_t lost_after_us;    /* Silence after which a home gives an away
                              * process up; USEC_NEVER: never by silence. */
    usec_t home_lost_after_us; /* Silence of a home after which its guests here
                                * are dropped, looked at every word_us. Any
                                * word of it on the board breaks the silence,
                                * and homes are asked to answer words then.
                                * USEC_NEVER: never by silence. */
    uint32_t flood_burst; /* Evacuees that may arrive at once; 0: any number.
                           * An evacuee was recalled, or had to leave where it
                           * was. What exceeds it arrives frozen at home, and
                           * is refused elsewhere (flood.h). */
    uint32_t flood_per_s_milli; /* How fast the burst fills up again; with a
                                 * burst at least 1. */
    bool owner_first; /* While processes of this cluster want all cores, grid
                       * guests must leave and none are let in. */
    bool reserve;     /* Keep the ledger of what was sent; false only to measure
                       * what it is worth. */
};

struct node;

/* What a step answers: actions in order, valid until the batch is used again.
 * The host owns it (one per thread is enough) and need not clear it. Acting on
 * one batch may step another node, so use another batch for that. */
struct batch
{
    size_t count;
    struct action actions[BATCH_ACTIONS_MAX];
    size_t byte_count;
    uint8_t bytes[BATCH_BYTES_MAX];
    struct policy_out *out; /* Scratch of the running handler;
                             * policy_out_bytes() large, owned by the host. */
};
size_t policy_out_bytes(void);

/* policies NULL, the defaults of all times, board 128, room for 16. */
struct node_config node_config_default(void);

/* Bytes of a node with this configuration. */
size_t node_bytes(const struct node_config *config);

/* Make a node in block, node_bytes() large and aligned to 16; it is
 * overwritten. Nothing runs before EVENT_START. Returns block as a node. */
struct node *node_init(void *block, const struct node_config *config);

/* As node_init, with everything that old holds; config may only grow proc_max,
 * away_max and board_max. old is unchanged and may then be thrown away. */
struct node *node_copy(void *block,
                       const struct node_config *config,
                       const struct node *old);

/* True if one more event could need more room than proc_max or away_max: copy
 * into a larger one before the next step. A host that cannot may go on: offers
 * are then refused for want of room, but SUBMIT into a full node is a bug. */
bool node_crowded(const struct node *node);
struct node_config node_config_of(const struct node *node);

/* One event in, actions out. */
void node_step(struct node *node,
               const struct event *event,
               struct batch *ret_batch);

/* When step must be called with EVENT_ALARM; USEC_NEVER if not at all. Earlier
 * calls are harmless. */
usec_t node_deadline(const struct node *node);

/* False if no policy looks at what is measured, as those that only place at
 * home or in turn: then the host need not sample. */
bool node_wants_samples(const struct node *node);

/* Nobody will read reasons: from now on no action of this node has one, and
 * explain.h knows no last decision. It decides as it would with them. */
void node_silence(struct node *node);

/* It will be stepped soon: bring near what every event asks for. Nothing of the
 * node is looked at, which would be a wait for it. */
void node_fetch_core(const struct node *node);

/* The same with its policies' states and its board, which most events ask for
 * where there is gossip: near is a node that was stepped just now and says how
 * both are laid out. If they are not alike it is of no use. */
void node_fetch(const struct node *node, const struct node *near);

/* ---- Views. Valid until the next step. ----------------------------------- */

const struct node_info *node_self(const struct node *node);

/* The board, youngest first. */
size_t node_peer_count(const struct node *node);
const struct peer_info *node_peer(const struct node *node, size_t place);

const struct proc_info *node_procs(const struct node *node, size_t *ret_count);

/* Why a home wants a process back; bits of away.recall. What the map made it
 * want is withdrawn when the map no longer says so. */
enum recall_why {
    RECALL_USER = 1,   /* Somebody with the right asked for it. */
    RECALL_RIGHT = 2,  /* It may no longer be where it is: one of the clusters
                        * is isolated, or does not want it there any more. */
    RECALL_FREEZE = 4, /* Its user stops it: that is done at home. */
};

/* What its user says of a process, of EVENT_CHANGED: as in proc_info. */
struct declared
{
    uint64_t mem_bytes;
    usec_t cpu_us;
    uint32_t job;
    uint32_t width;
    uint32_t queue_rank;
    uint16_t class_number;
    uint16_t priority;
    bool locked;
    bool held;
};

/* A process of this home that is elsewhere. */
struct away
{
    proc_id proc;
    node_id place;       /* Its owner. */
    uint32_t epoch;      /* Of that ownership. */
    usec_t last_word_us; /* Instant that place last spoke of it. */
    usec_t submitted_us; /* Only its home knows. */
    usec_t next_us;      /* When to ask for it again. */
    struct declared declared;
    uint32_t user;
    uint32_t change;   /* Number of the last CHANGED; 0: its user changed
                        * nothing. */
    uint8_t recall;    /* enum recall_why */
    uint8_t try_count; /* Of frames to its place without an answer. */
    bool untold;       /* Its place has not heard of that change. */
    bool freeze;       /* It is frozen when it comes home. */
    bool silent;       /* No word for three word_us; asked for again. */
    bool doomed;       /* Its place was declared dead. */
};
const struct away *node_away(const struct node *node, size_t *ret_count);

/* The yardstick of perfect information, and tests: enter this into the board
 * as if measured now. */
void node_believe(struct node *node,
                  const struct node_info *info,
                  usec_t now_us);

/* State of the policy at that place of the list, and its size. */
const void *node_policy_state(const struct node *node,
                              size_t place,
                              size_t *ret_bytes);

/* Hash of everything that decides: states, streams, board, processes, ledger.
 */
uint64_t node_hash(const struct node *node);

#endif /* ALGORITHMS_NODE_NODE_H */
