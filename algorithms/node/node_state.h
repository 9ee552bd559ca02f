/* node_state.h - what a node remembers, for the files of this folder alone.
 *
 * One block: struct node, then the arrays and the policies' states at the
 * offsets that struct node holds. No pointer points into the block.
 */
#ifndef ALGORITHMS_NODE_NODE_STATE_H
#define ALGORITHMS_NODE_NODE_STATE_H

#include "node.h"
#include "rng.h"

enum {
    ASKED_BY_CORE = NODE_POLICIES_MAX, /* In track.asked_by. */
    LAST_WHY_BYTES = 96,
    SPREAD_MEETINGS_MAX = 8,
};
#define SLOT_NONE UINT32_MAX

/* Where a move stands at its source (handoff.h). */
enum phase {
    PHASE_NONE,
    PHASE_OFFERED,  /* Waits for ACCEPT or REFUSE. */
    PHASE_CARRYING, /* The host carries. */
    PHASE_WAITING,  /* Carried and stopped: waits for the verdict. */
    PHASE_KEEPING,  /* Asked in vain: wants it back. */
};

enum hold {
    HOLD_NONE,
    HOLD_USER,   /* proc_info.held: no policy was asked for its place yet. */
    HOLD_POLICY, /* A policy will start it. */
};

/* Why a process must leave; bits of track.leave. */
enum leave_why {
    LEAVE_STATE = 1,        /* The node drains. */
    LEAVE_RESERVED = 2,     /* The node is kept for others. */
    LEAVE_ISOLATED = 4,     /* This cluster is out of the grid. */
    LEAVE_RIGHT = 8,        /* It has no right to be here. */
    LEAVE_CAP = 16,         /* Of its cluster. */
    LEAVE_LIMIT = 32,       /* Of grid guests. */
    LEAVE_OWNER_FIRST = 64, /* Processes of this cluster want all cores. */
    LEAVE_ORDER = 128,      /* Somebody asked it out: until it left. */
};

/* What was asked for and is done as soon as it can be; bits of track.order. */
enum order {
    ORDER_MOVE = 1,   /* To track.order_target. */
    ORDER_FREEZE = 2, /* By its user. */
    ORDER_THAW = 4,   /* Likewise. */
};

/* What the node knows of procs[i] beside what policies see. */
struct track
{
    uint32_t epoch;   /* Of its ownership here. */
    uint32_t attempt; /* Epoch that it will have at the target. */
    uint32_t change;  /* Number of the last CHANGED heard here; 0: none. */
    node_id target;
    uint8_t phase;     /* enum phase */
    uint8_t asked_by;  /* Slot of the policy, or ASKED_BY_CORE. */
    uint8_t ask_count; /* ASK frames sent for this move. */
    uint8_t hold;      /* enum hold */
    bool start;        /* The move is its first start. */
    bool gone;         /* The home gave it away while the host still carries. */
    bool doomed;       /* Its home is dead: drop it. */
    bool worded;       /* In a WORD frame of this round. */
    bool home_silent;  /* Its home was silent for too long: drop it. */
    bool frozen;       /* LEAVING: it was frozen, and is carried as it is. */
    bool flooded;      /* FROZEN: flood control did it; thawed by tokens. */
    bool killed;       /* KILL was asked for: it only ends. */
    bool changed;      /* By its user, since it was offered. */
    uint8_t frozen_by; /* enum freeze_by, while it is frozen. */
    uint8_t leave;     /* enum leave_why */
    uint8_t order;     /* enum order */
    node_id order_target;
    usec_t heard_us; /* Instant that its home was last heard of. */
    usec_t began_us;
    usec_t next_us;    /* Timer of the phase. */
    usec_t leave_us;   /* The core itself sends it home then. */
    usec_t frozen_us;  /* Until the image was whole. */
    usec_t carried_us; /* Instant that it was whole; 0: not yet. */
    uint64_t copied_bytes;
};

/* The last decision about procs[i]: kept apart from its track, which is looked
 * at and moved for every process that comes or goes. */
struct why
{
    char text[LAST_WHY_BYTES];
};

/* Room reserved for a process on its way here; then its image, unclaimed. */
struct coming
{
    struct proc_info proc;
    node_id source;
    uint32_t epoch;  /* It will have here. */
    uint32_t change; /* As in track. */
    uint64_t need_bytes;
    usec_t next_us;  /* Lapses, or is claimed again. */
    usec_t heard_us; /* Instant that its home was last heard of. */
    bool start;
    bool whole;   /* The image is here. */
    bool doomed;  /* Its home is dead. */
    bool evacuee; /* It was told to leave, or recalled: for flood control. */
};

/* A guest that ended here and whose home has not heard it. */
struct ended
{
    proc_id proc;
    node_id home;
    uint32_t epoch;
    usec_t next_us;
};

/* A peer that this node has compared maps with. */
struct meeting
{
    node_id peer;
    usec_t until_us; /* Not again before. */
};

/* What spreading the map has to remember (spread.h). */
struct spread
{
    const struct cluster_record *records; /* The host's; NULL: none. */
    size_t record_count;
    struct rng rng;
    struct meeting meetings[SPREAD_MEETINGS_MAX];
    usec_t span_until_us; /* End of the span whose frames are counted. */
    uint32_t frame_count;
};

/* A policy of the list. */
struct slot
{
    struct rng rng;
    usec_t wake_us;
    uint64_t keep_back_bytes;
    uint32_t publish_milli;
    uint32_t hash; /* policy_hash() of its name. */
    size_t state_offset;
    size_t state_bytes;
};

/* Kept up to date by procs.c and room.c, so that nothing is counted twice. */
struct sums
{
    int64_t load_milli; /* Since the sample: begun less ended and leaving. */
    int64_t mem_bytes;  /* Likewise. */
    int64_t freeze_bytes;
    uint32_t guest_count;
    uint32_t grid_guest_count;
    uint32_t frozen_count;
    uint32_t owner_frozen_count; /* By the owner, and not leaving. */
    uint32_t flooded_count;      /* By flood control. */
    uint32_t own_running_count;  /* Home in this cluster. */
    uint32_t home_count;         /* Processes here whose home is here. */
    uint32_t home_leaving_count;
    uint32_t coming_guest_count;
    uint32_t coming_grid_count;
    uint64_t coming_mem_bytes;
};

/* A deadline of the owner and what happens then (event.h). */
struct deadline
{
    usec_t at_us; /* USEC_NEVER: none. */
    uint8_t then; /* enum leave_then */
};

/* The owner's word, and what is left to do for it (owner.h). */
struct owner
{
    struct deadline close;    /* Of the last STATE. */
    struct deadline isolate;  /* Of this cluster's record. */
    uint32_t isolate_version; /* Of that record. */
    struct reservation group; /* While it is reserved. */
    uint64_t flood_level;     /* Of the bucket; see flood.c. */
    usec_t flood_filled_us;   /* Instant of that level. */
    bool isolated;
    bool reserved;
    bool own_want_all; /* Processes of this cluster want all cores. */
    bool review;       /* Mark anew who must leave, at the end of the step; */
    bool leavers;      /* somebody was marked: tell the policies; */
    bool ordered;      /* some track.order is not 0. */
};

/* What every event asks for comes first, side by side: nodes are many, and most
 * of the time of a simulation is waiting for memory. */
struct node
{
    usec_t now_us;
    usec_t timer_us; /* No timer of the core is due before. */
    size_t proc_count;
    size_t coming_count;
    size_t ended_count;
    size_t away_count;
    size_t procs_offset; /* From the start of the block, as all offsets. */
    size_t tracks_offset;
    const struct cluster_info *map;
    size_t map_count;
    uint8_t state; /* enum node_state: the owner's word. */
    uint8_t flags;
    bool silent;             /* node_silence() */
    uint16_t worst_priority; /* Of the grid guests that may stay. */
    struct owner owner;
    struct sums sums;
    struct node_info self;
    struct node_info sample;
    struct node_config config;
    size_t board_count;
    size_t board_keys_offset;
    size_t board_entries_offset;
    node_id known_first; /* map_range() of it: */
    uint32_t known_count;
    uint32_t map_digest;           /* Of spread.records; 0: none. */
    uint32_t peer_speed_max_milli; /* Of all that was ever on the board. */
    bool peer_gone;                /* One of them was NODE_GONE. */
    usec_t word_us;                /* Next word to the homes of guests. */
    size_t whys_offset;
    size_t coming_offset;
    size_t ended_offset;
    size_t away_offset;
    size_t bytes;
    struct slot slots[NODE_POLICIES_MAX];
    struct spread spread;
};

static inline void *state_at(const struct node *node, size_t offset)
{
    return (char *)(uintptr_t)node + offset;
}

/* The board (peers.c): its keys in order, behind them those of free slots; and
 * the entries by slot. */
static inline struct peer_key *state_keys(const struct node *node)
{
    return state_at(node, node->board_keys_offset);
}

static inline struct peer_info *state_entries(const struct node *node)
{
    return state_at(node, node->board_entries_offset);
}

/* The entry at that place of the order. */
static inline const struct peer_info *state_peer(const struct node *node,
                                                 size_t place)
{
    return &state_entries(node)[state_keys(node)[place].slot];
}

static inline struct proc_info *state_procs(const struct node *node)
{
    return state_at(node, node->procs_offset);
}

static inline struct track *state_tracks(const struct node *node)
{
    return state_at(node, node->tracks_offset);
}

static inline struct why *state_whys(const struct node *node)
{
    return state_at(node, node->whys_offset);
}

static inline struct coming *state_coming(const struct node *node)
{
    return state_at(node, node->coming_offset);
}

static inline struct ended *state_ended(const struct node *node)
{
    return state_at(node, node->ended_offset);
}

static inline struct away *state_away(const struct node *node)
{
    return state_at(node, node->away_offset);
}

static inline const struct policy *state_policy(const struct node *node,
                                                size_t slot)
{
    return node->config.policies[slot].policy;
}

static inline usec_t after(usec_t now_us, usec_t span_us)
{
    return span_us < USEC_NEVER - now_us ? now_us + span_us : USEC_NEVER;
}

/* The core wants to be woken at when_us. */
static inline void arm(struct node *node, usec_t when_us)
{
    if (when_us < node->timer_us)
        node->timer_us = when_us;
}

#endif /* ALGORITHMS_NODE_NODE_STATE_H */
