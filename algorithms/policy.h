/* policy.h - what a migration policy is.
 *
 * The only header a policy author reads. A policy is one file beside this one:
 * some handlers, and one const struct at the bottom. Adding it changes nothing
 * else in the tree.
 *
 * One instance runs on each node. It is handed const snapshots, keeps a little
 * state of its own, and answers with actions. It has no clock, no socket, no
 * allocator, no log and no randomness but what a handler is given. So the same
 * object code runs in the test cluster, in SimGrid and in the Linux daemon, and
 * the same events with the same seed give the same actions.
 *
 * Three things a node knows of the world, and their owners:
 *   the map    who could be there: clusters, rights, links. Configuration.
 *   the board  who is believed there: bounded, aged, the youngest word wins.
 *   the procs  what runs, waits or is frozen here. Measured.
 *
 * Words. A process has a home node: where its user started it. A guest is a
 * process whose home is another node; a grid guest's home is in another
 * cluster. Load is the number of runnable processes, averaged over the last
 * sample period. Speed 1.00 is one core of the reference machine; CPU time is
 * counted in seconds of that core.
 *
 * Ownership: all that a handler can reach belongs to the host and is valid
 * until the handler returns. What an action is given is copied at once.
 * Units are in the names: _us microseconds, _bytes, _milli thousandths.
 * Handlers cannot fail. A bad parameter is refused before the run. A broken
 * invariant is an assert, in every build; passing a limit below is one.
 */
#ifndef ALGORITHMS_POLICY_H
#define ALGORITHMS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t usec_t;     /* An instant of this node's clock, or a span. */
typedef uint32_t node_id;    /* Sparse; a cluster holds one range of them. */
typedef uint64_t proc_id;    /* Unique in the grid; survives a migration. */
typedef uint16_t cluster_id; /* Unique in the grid. */

#ifdef __GNUC__ /* What is loaded at run time finds these functions. */
#pragma GCC visibility push(default)
#endif

#define USEC_NEVER UINT64_MAX
#define NODE_NONE UINT32_MAX
#define POLICY_WHY(text, rest) __attribute__((format(printf, text, rest)))

enum {
    POLICY_ABI = 3,
    NODE_WORD_WIRE_BYTES = 64,       /* One entry of put_word(). */
    POLICY_MESSAGE_BYTES_MAX = 1152, /* 18 entries; one datagram with the
                                      * node's own word and the frame. */
    POLICY_ACTIONS_MAX = 64,         /* From one handler. */
    POLICY_TEXT_BYTES_MAX = 160,     /* One line of explanation. */
};

enum node_state {
    NODE_UP,       /* Takes guests within its limits. */
    NODE_BLOCKED,  /* Its owner lets no more guests in. */
    NODE_DRAINING, /* As blocked, and the guests inside must leave. */
    NODE_GONE,     /* It left or is held for dead; its next own word revives. */
};

/* Owner's wishes that others may know; bits of node_info.flags. */
enum node_flag {
    NODE_STAY = 1,       /* Nothing leaves by itself. */
    NODE_LOCAL_STAY = 2, /* What has its home here does not leave by itself. */
    NODE_RESERVED = 4,   /* It is kept for some: ask only for processes of its
                          * own cluster, of which it may refuse some too; or, */
    NODE_LENT = 8,       /* with this, only for those of other clusters. */
};

/* What a node says of itself; gossip carries it. A process on its way here
 * already counts in load and memory, one on its way out no longer in load. */
struct node_info
{
    node_id id;           /* Who speaks. */
    cluster_id cluster;   /* Its owner. */
    uint16_t core_count;  /* At least 1. */
    uint32_t speed_milli; /* Of one core; at least 1; 1000 is the reference. */
    uint32_t load_milli;  /* Runnable processes x 1000, time average over the
                           * sample period; not divided by cores. */
    uint16_t utilisation_milli; /* Busy share of all cores, 0 .. 1000. */
    uint16_t guest_count;       /* Home elsewhere; coming ones too. */
    uint16_t grid_guest_count;  /* Of these, home in another cluster. */
    uint16_t grid_guest_limit;  /* The most grid guests that its owner takes. */
    uint16_t frozen_count;      /* Processes frozen here. */
    uint16_t priority;          /* The worst of its grid guests'; 0 if none. A
                                 * better one may come in and drive it out. */
    uint8_t state;              /* enum node_state. */
    uint8_t flags;              /* enum node_flag. */
    uint16_t reserved;          /* 0; so no byte between the fields is unset. */
    uint64_t mem_total_bytes;   /* Physical. */
    uint64_t mem_free_bytes;    /* Room for a newcomer without paging. */
    uint64_t swap_total_bytes;
    uint64_t swap_free_bytes;
    uint64_t freeze_total_bytes; /* Freeze space: images of frozen processes. */
    uint64_t freeze_free_bytes;
    uint64_t paging_bytes_per_s; /* In and out, for want of memory. */
};

/* The same as others hear it: a node's word. Memory is rounded down to units of
 * 64 KiB, paging to 1 KiB/s. */
struct node_word
{
    node_id id;
    cluster_id cluster;
    uint16_t core_count;
    uint32_t speed_milli;
    uint32_t load_milli;
    uint16_t utilisation_milli;
    uint16_t guest_count;
    uint16_t grid_guest_count;
    uint16_t grid_guest_limit;
    uint16_t frozen_count;
    uint16_t priority;
    uint8_t state;
    uint8_t flags;
    uint16_t reserved;
    uint32_t mem_total_units;
    uint32_t mem_free_units;
    uint32_t swap_total_units;
    uint32_t swap_free_units;
    uint32_t freeze_total_units;
    uint32_t freeze_free_units;
    uint32_t paging_kib_per_s;
};
struct node_word node_word_of(const struct node_info *info);

static inline uint64_t unit_bytes(uint32_t units)
{
    return (uint64_t)units << 16;
}

/* What this node believes of another. */
struct peer_info
{
    struct node_word word; /* Its last. */
    /* What any policy of this node did to it, till a younger word says it. */
    uint32_t reserved_milli;     /* Load of what was sent: 1000 each. */
    usec_t reserved_us;          /* Instant of the last of these. */
    uint64_t reserved_mem_bytes; /* Room of what was sent there. */
    bool refused;                /* It said no. */
    usec_t measured_us;          /* On this node's clock; age = now - this. */
};

/* Where the board holds a peer: what can be asked without looking at it. */
struct peer_key
{
    usec_t measured_us;
    node_id id;
    uint32_t slot; /* Index into policy_ctx.peers. */
};

/* A cluster of the map. The first is this node's own; the others follow by
 * ascending first node. */
struct cluster_info
{
    cluster_id id;         /* As its owner chose it. */
    uint16_t priority;     /* Of its guests here; 0 own; lower is better. */
    uint16_t our_priority; /* Of our guests there, as its owner told us. */
    bool send;             /* Processes of this cluster may go there. */
    bool take;             /* Theirs may come here. */
    bool confine;          /* Their guests here may not go on to others. */
    bool isolated;         /* Its owner has taken it out of the grid. */
    uint16_t cap;          /* Of their guests on each node here; 0: no cap. */
    node_id first;         /* Its nodes are first .. first + node_count - 1; */
    uint32_t node_count;   /* which of them are alive, the board may know. */
    uint64_t before_count; /* Nodes of all clusters before it in the map. */
    usec_t latency_us;     /* One way. */
    uint64_t bytes_per_s;  /* What one migration can hope for. */
};

enum proc_state {
    PROC_WAITING, /* Queued: exists, has not started. */
    PROC_RUNNING, /* Or stopped by its user. */
    PROC_FROZEN,  /* Its memory is an image of mem_bytes in freeze space. */
    PROC_LEAVING, /* A migration is under way. */
};

/* A process that is here now. What a host cannot measure holds its guess, and
 * the journal's header names the guessed fields. */
struct proc_info
{
    proc_id id;              /* The same wherever it runs. */
    node_id home;            /* Where it was started. */
    node_id came_from;       /* Its host before this one; NODE_NONE if none. */
    cluster_id home_cluster; /* Of home. */
    uint16_t class_number;   /* 0 may not leave its cluster. For marks too. */
    uint16_t priority;       /* Of its user, in the queue; lower is better. */
    uint16_t move_count;     /* Migrations so far; stays at 65535. */
    uint32_t user;           /* Number of its user at its home. */
    uint32_t job;            /* Processes of one job have the same; 0 none. */
    uint32_t program;    /* The same number for the same program; 0 unknown. */
    uint32_t width;      /* Processes it will become; at least 1. */
    uint32_t queue_rank; /* Among equal priorities; lower is earlier. */
    uint32_t cpu_milli;  /* Of one reference core; what it would take. */
    uint8_t state;       /* enum proc_state. */
    bool pinned;         /* Its system calls hold it here. */
    bool locked;         /* Its user holds it here. */
    bool held;           /* Its user holds it back in the queue. */
    bool must_leave;     /* The owner wants it out; find it a place. */
    bool stopped;        /* Its user or the owner froze it: policies do not thaw
                          * it. */
    uint64_t mem_bytes;  /* Resident: what a migration carries. */
    uint64_t mem_declared_bytes;  /* What its user says it needs, or 0. */
    uint64_t dirty_bytes_per_s;   /* What pre-copy carries again. */
    uint32_t home_calls_per_s;    /* System calls that go home when away. */
    node_id sibling_node;         /* Where most of the traffic below goes; */
    uint64_t home_bytes_per_s;    /* Data of these calls. */
    uint64_t sibling_bytes_per_s; /* to the other processes of its job. */
    usec_t cpu_used_us;           /* Since it was started. */
    usec_t cpu_declared_us;       /* What its user says it needs, or 0. */
    usec_t submitted_us;          /* Instant it came to its home's queue; known
                                   * at home only, else arrived_us. */
    usec_t arrived_us;            /* Instant it was started or came here. */
};

enum move_outcome {
    MOVE_DONE,    /* It runs there now. */
    MOVE_REFUSED, /* The target said no; nothing was carried. */
    MOVE_FAILED,  /* Lost or broken on the way; it still runs here. */
};

struct move_result
{
    proc_id proc;              /* Gone from procs if MOVE_DONE. */
    node_id target;            /* As in the action. */
    enum move_outcome outcome; /* As above. */
    usec_t total_us;           /* From the action to the outcome. */
    usec_t frozen_us;          /* Of which the process did not run. */
    uint64_t copied_bytes;     /* Over mem_bytes when pages went twice. */
};

struct rng;        /* A stream for this seed, node and policy alone. */
struct policy_out; /* Collects the actions of one handler. */

/* All that a handler knows. */
struct policy_ctx
{
    void *state;        /* Zero at first. No pointers in it: the host may copy,
                         * hash and compare it, and runs copies to explain. */
    const void *params; /* The policy's params struct, filled and checked. */
    usec_t now_us;      /* Monotonic; its origin means nothing. */
    const struct node_info *self;  /* Measured; comings and goings counted. */
    const struct proc_info *procs; /* By ascending id. */
    size_t proc_count;             /* Of procs. */
    const struct peer_info *peers; /* The board, no self; see peer_at(). */
    const struct peer_key *peer_keys;    /* Of peers, youngest first. */
    size_t peer_count;                   /* Of peer_keys. */
    uint32_t peer_speed_max_milli;       /* No core of a peer is faster. */
    const struct cluster_info *clusters; /* The map; [0] is this cluster. */
    size_t cluster_count;                /* Of clusters. */
    bool explaining; /* A rehearsal: actions are shown, not done. */
    struct rng *rng;
    struct policy_out *out;
    bool peers_present; /* No peer is NODE_GONE: their keys are enough. */
};

/* ---- Actions. They take effect after the handler returns, in order. ------ */

/* A message being written or read: little-endian. Writing past the end is a
 * broken invariant; reading past it gives 0 and sets bad for good. */
struct writer
{
    size_t count; /* Start at 0. */
    uint8_t bytes[POLICY_MESSAGE_BYTES_MAX];
};

struct reader
{
    const uint8_t *at; /* Next byte. */
    size_t left;       /* Bytes from there. */
    bool bad;          /* Ask once, at the end, before anything is believed. */
};

/* Send to this policy's instance on another node. The node adds its own word,
 * so an empty message is already gossip. It may be lost, doubled or overtaken;
 * another version of the policy never gets it. */
void policy_send(const struct policy_ctx *c,
                 node_id target,
                 const struct writer *w);

/* Enter what was heard into the board that every policy of this node sees. An
 * older word never replaces a younger one; a full board drops its oldest. */
void policy_learn(const struct policy_ctx *c,
                  const struct node_word *word,
                  usec_t age_us);

/* The same for every entry of put_word() up to the end of the message; for none
 * of them if one is bad, and false then. */
bool policy_learn_all(const struct policy_ctx *c, struct reader *in);

/* Until this policy says otherwise, let others hear at least this load; and
 * this much memory less than is free. What admit() would refuse is better
 * kept back: then nobody asks. */
void policy_publish_load(const struct policy_ctx *c, uint32_t load_milli);
void policy_keep_back(const struct policy_ctx *c, uint64_t mem_bytes);

/* Ask for a migration. The reason says what was compared; it goes to the
 * journal and the tests read it. The node reserves the room on the board. */
void policy_move(const struct policy_ctx *c,
                 proc_id proc,
                 node_id target,
                 const char *why,
                 ...) POLICY_WHY(4, 5);

/* Answer place(): start it there. NODE_NONE leaves the place to the policies
 * after this one; what none of them places starts at home. */
void policy_start(const struct policy_ctx *c,
                  proc_id proc,
                  node_id target,
                  const char *why,
                  ...) POLICY_WHY(4, 5);

/* Answer place(): it waits until this policy starts it. */
void policy_hold(const struct policy_ctx *c, proc_id proc, const char *why, ...)
    POLICY_WHY(3, 4);

/* Stop a process at home and give its memory back; let it run again. What its
 * user or the owner of the node froze, no policy thaws. */
void policy_freeze(const struct policy_ctx *c,
                   proc_id proc,
                   const char *why,
                   ...) POLICY_WHY(3, 4);
void policy_thaw(const struct policy_ctx *c, proc_id proc, const char *why, ...)
    POLICY_WHY(3, 4);

/* Say why this process does not go to that node, or, with NODE_NONE, why it
 * stays. Costs nothing unless somebody asked. */
void policy_stay(const struct policy_ctx *c,
                 proc_id proc,
                 node_id target,
                 const char *why,
                 ...) POLICY_WHY(4, 5);

/* Call wake() once, at when_us. A policy has one alarm; this replaces it. */
void policy_wake_at(const struct policy_ctx *c, usec_t when_us);

/* ---- Questions. They change nothing but the stream. ---------------------- */

/* What forbids to move this process at all, a literal; NULL if nothing does:
 * it is leaving, frozen, pinned, locked, or its owner wants things to stay. */
const char *proc_obstacle(const struct policy_ctx *c,
                          const struct proc_info *proc);

/* What forbids this process to go there, a literal; NULL if nothing does.
 * proc_obstacle(), rights, class, owner's state, guest limit, memory: all but
 * load. Only memory speaks against home, and that it is not on the map. The
 * node drops an action that breaks it, except a move home: that is always open,
 * and the last resort. */
const char *obstacle(const struct policy_ctx *c,
                     const struct proc_info *proc,
                     const struct peer_info *peer);

/* Load for each reference core, x 1000, if extra_milli more ran there: what
 * compares nodes of any size and speed. A peer's counts what is reserved. */
uint32_t node_load_milli(const struct node_info *info, int64_t extra_milli);
uint32_t peer_load_milli(const struct peer_info *peer, int64_t extra_milli);

/* Room there after what is reserved; 0 if none. */
uint64_t peer_room_bytes(const struct peer_info *peer);

/* Memory it needs where it goes: the larger of resident and declared. */
uint64_t proc_need_bytes(const struct proc_info *proc);

/* The board from the youngest word, 0, to the oldest, peer_count - 1. */
static inline const struct peer_info *peer_at(const struct policy_ctx *c,
                                              size_t place)
{
    return &c->peers[c->peer_keys[place].slot];
}

/* NULL if it is not here, not on the board, not on the map. */
const struct proc_info *proc_find(const struct policy_ctx *c, proc_id proc);
const struct peer_info *peer_find(const struct policy_ctx *c, node_id node);
const struct cluster_info *cluster_of(const struct policy_ctx *c, node_id node);

/* A node of the map but self, each equally likely, alive or not; NODE_NONE if
 * there is none. Never costs more than the logarithm of the clusters. */
enum scope { SCOPE_OWN, SCOPE_OTHERS, SCOPE_ALL };
node_id node_pick(const struct policy_ctx *c, enum scope scope);

/* A number in 0 .. below - 1; 0 if below is 0. */
uint32_t rng_below(struct rng *rng, uint32_t below);

void put_u8(struct writer *w, uint8_t value);
void put_u16(struct writer *w, uint16_t value);
void put_u32(struct writer *w, uint32_t value);
void put_u64(struct writer *w, uint64_t value);
void put_word(struct writer *w, const struct node_word *word, usec_t age_us);
uint8_t get_u8(struct reader *r);
uint16_t get_u16(struct reader *r);
uint32_t get_u32(struct reader *r);
uint64_t get_u64(struct reader *r);

/* False at the end of the message and on a bad entry (then r->bad): an entry
 * that no node can be in, such as one without cores. */
bool get_word(struct reader *r, struct node_word *ret_word, usec_t *ret_age_us);

/* ---- The policy. --------------------------------------------------------- */

/* A knob. Each is a uint64_t field of the policy's params struct, its unit in
 * its name. Scenario text never reaches a policy. */
struct policy_param
{
    const char *name;
    size_t offset; /* offsetof() in the params struct. */
    uint64_t min;
    uint64_t max;
    uint64_t fallback;
    const char *help;
};

/* name, summary, source and one handler are required; the rest may be NULL. */
struct policy
{
    uint32_t abi;        /* POLICY_ABI. */
    uint32_t version;    /* Of its messages; nodes of two versions are deaf. */
    const char *name;    /* The file's name; scenarios spell it so. */
    const char *summary; /* One line, for `policy list`. */
    const char *source;  /* The paper it follows, or "ours". */

    size_t params_size;
    const struct policy_param *params; /* Ends with a NULL name. */
    size_t state_size;
    size_t (*state_more)(const void *params); /* Bytes after state_size. */

    /* NULL if the parameters agree with each other, else a literal that says
     * what does not. */
    const char *(*check)(const void *params);

    void (*start)(const struct policy_ctx *c);   /* First, and once. */
    void (*sampled)(const struct policy_ctx *c); /* Self, procs: measured. */
    void (*wake)(const struct policy_ctx *c);    /* The alarm rang. */
    void (*changed)(const struct policy_ctx *c); /* The map; own state; or
                                                  * somebody must leave now, as
                                                  * sampled() did not see. */

    /* A message came; its sender's own word is on the board already. */
    void (*receive)(const struct policy_ctx *c,
                    node_id sender,
                    struct reader *in);

    /* It wants to start and this is its home. Hold, start or pass it on. */
    void (*place)(const struct policy_ctx *c, const struct proc_info *proc);

    /* It was started here, or came. */
    void (*arrived)(const struct policy_ctx *c, const struct proc_info *proc);

    /* A move or a start that this policy asked for has ended. */
    void (*moved)(const struct policy_ctx *c, const struct move_result *result);

    /* May it come here? NULL is yes, a literal says why not; the sender hears
     * it. The node asks after its own rules, and every policy must agree. It
     * decides nothing else: an action from here is a broken invariant. */
    const char *(*admit)(const struct policy_ctx *c,
                         node_id sender,
                         const struct proc_info *proc);
};

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* ALGORITHMS_POLICY_H */
