/* event.h - what a host tells a node, and what a node asks of its host.
 *
 * The whole interface between deciding and doing. A host (the simulator, the
 * daemon, the test cluster) turns what happens into events, steps the node,
 * and carries out the actions in order. Hosts carry bytes and run processes;
 * who owns a process is decided by the nodes alone (handoff.h).
 */
#ifndef ALGORITHMS_NODE_EVENT_H
#define ALGORITHMS_NODE_EVENT_H

#include "map.h"

enum event_kind {
    EVENT_START,   /* self, map: first, and once. */
    EVENT_SAMPLED, /* self, procs: the sample period is over. Of a process only
                    * the measured fields are read (procs.c lists them). */
    EVENT_ALARM,   /* node_deadline() has come. */
    EVENT_FRAME,   /* peer, bytes: a datagram came. */
    EVENT_SUBMIT,  /* procs[0], epoch: wants to start; its home is here. The
                    * host holds it before its first instruction until RUN. The
                    * epoch is 0, or, of one that begins again from a
                    * checkpoint, above every epoch that it ever had: then old
                    * copies lose to it wherever they are. It is none of
                    * node_procs() then, what the host has of it here it has
                    * thrown away, and it throws away images that come from
                    * before. */
    EVENT_IMAGE,   /* procs[0], epoch, peer: the whole image of a process came
                    * from peer; it does not run. */
    EVENT_CARRIED, /* proc, epoch, done, frozen_us, copied_bytes: the carrying
                    * that CARRY asked for is over. done: the image is whole at
                    * the target and the process is stopped here. Else it was
                    * given up, nothing whole is there, and it runs here, or
                    * is frozen if it was. */
    EVENT_ENDED,   /* proc: it exited here. */
    EVENT_CHANGED, /* procs[0]: its user changed class, priority, declared
                    * memory or CPU, locked, held, rank, width or job. Told to
                    * its home, which tells the node that has it, or here. */
    EVENT_MOVE,    /* proc or job, peer: somebody with the right asks for a
                    * move of what is here; peer NODE_NONE: out of here,
                    * wherever: it must leave until it left. */
    EVENT_RECALL,  /* proc or job: its home, this node, wants it back; both 0:
                    * all that are away. */
    EVENT_MAP,     /* map, records: they changed. */
    EVENT_STATE,   /* state, flags, then, within_us, reservation: the owner's
                    * word on this node; it replaces the one before (owner.h).
                    */
    EVENT_FREEZE,  /* proc or job: its user stops it. This is its home; what is
                    * away comes back first. */
    EVENT_THAW,    /* proc or job: its user lets it run again, if he stopped it
                    * or wanted to. */
    EVENT_DEAD,    /* peer, not this node: the owner declares it dead. What it
                    * held of this home is lost, and stays lost if it comes
                    * back. */
    EVENT_KINDS
};

/* What happens to guests that are still inside when the owner's deadline has
 * come. */
enum leave_then {
    THEN_WAIT,   /* They go on, and leave when there is a place. */
    THEN_FREEZE, /* They are frozen here as far as there is freeze space, and
                  * thawed when the node or its cluster opens again. */
    THEN_KILL,   /* They are ended: the owner's choice, never the default. */
};

/* A node kept for a group. Its own processes are never turned away by it. */
struct reservation
{
    cluster_id cluster; /* Only processes of this cluster; 0: nobody's. */
    uint32_t user;      /* Of these, only this user's; USER_ANY: all. */
};
#define USER_ANY UINT32_MAX

struct event
{
    enum event_kind kind;
    usec_t now_us; /* Never less than in the event before. */
    node_id peer;
    proc_id proc;
    uint32_t epoch;
    uint8_t state; /* enum node_state. */
    uint8_t flags; /* enum node_flag; NODE_RESERVED follows reservation. */
    uint8_t then;  /* enum leave_then. */
    bool done;
    uint32_t job;  /* MOVE, RECALL, FREEZE, THAW: of one user's; proc is 0. */
    uint32_t user; /* Owner of that job. */
    usec_t within_us; /* STATE: until then happens; USEC_NEVER: never. */
    const struct reservation *reservation; /* STATE; NULL: for everybody. */
    usec_t frozen_us;
    uint64_t copied_bytes;
    const struct node_info *self;
    const struct proc_info *procs;
    size_t proc_count;
    const uint8_t *bytes;
    size_t byte_count;
    const struct cluster_info *map; /* Kept by pointer until the next MAP: the
                                     * host owns it and shares it. */
    size_t map_count;
    const struct cluster_record *records; /* START, MAP: as map, what it was
                                           * made from; kept like it, and the
                                           * old ones are still read in the step
                                           * that brings new ones. NULL: it
                                           * never changes by word of others. */
    size_t record_count;
};

enum action_kind {
    /* To be carried out. */
    ACTION_SEND,   /* bytes to peer: one datagram. */
    ACTION_CARRY,  /* proc, epoch, peer: carry its image there; then CARRIED
                    * here and, if done, IMAGE there with this epoch. A frozen
                    * one is carried as it is, from freeze space. */
    ACTION_CANCEL, /* proc: give its carrying up at once; no CARRIED comes. If
                    * it was stopped for it, RUN or DROP follows. */
    ACTION_RUN,    /* proc: start it, or let it run again, here. */
    ACTION_DROP,   /* proc: this node's copy is void. It must not run again
                    * here, and its end here is not its end. */
    ACTION_FREEZE, /* proc: stop it and put its memory into freeze space. With
                    * an epoch: its image came; it arrives frozen, without RUN.
                    */
    ACTION_THAW,   /* proc: bring it back and let it run. */
    ACTION_KILL,   /* proc: the owner ends it; then ENDED, as of any end. */
    ACTION_RECORD, /* bytes, peer: the record of a cluster that peer told and
                    * that the map wants. When the batch is done, merge all of
                    * its records (map.h) and tell EVENT_MAP. */
    ACTION_ENDED,  /* proc: its home, this node, learns that it ended away. */
    ACTION_LOST,   /* proc: its home, this node, has lost it with peer. */
    /* For the journal only. */
    ACTION_ASKED,   /* proc, peer: a move or start was asked for. */
    ACTION_REFUSED, /* proc, peer: the target said no. */
    ACTION_HELD,    /* proc: it waits in the queue. */
    ACTION_MOVED,   /* proc, peer, epoch, result: it runs there now. */
    ACTION_FAILED,  /* proc, peer, result: the move failed; it is here. */
    ACTION_DENIED,  /* proc, peer: an action of a policy broke a rule. */
    ACTION_KINDS
};

/* Who froze a process; a policy thaws only what a policy froze. */
enum freeze_by { FREEZE_BY_POLICY, FREEZE_BY_USER, FREEZE_BY_OWNER };

/* One action. Texts and bytes lie in the batch. */
struct action
{
    enum action_kind kind;
    node_id peer;
    proc_id proc;
    uint32_t epoch;
    uint32_t byte_count;  /* SEND, RECORD. */
    const uint8_t *bytes; /* SEND, RECORD. */
    const char *why;      /* Never NULL; "policy: reason" or the core's own. */
    struct move_result result; /* MOVED, FAILED. */
    uint8_t freeze_by;         /* FREEZE: enum freeze_by; of FREEZE and THAW,
                                * result.copied_bytes is the memory of it. */
    bool start; /* ASKED, CARRY, MOVED, FAILED: a first start, not a move. */
};

#endif /* ALGORITHMS_NODE_EVENT_H */
