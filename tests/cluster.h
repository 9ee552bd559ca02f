/* cluster.h - the third host: a virtual cluster for tests.
 *
 * It has its own clock and does to its nodes what the world does: frames come
 * late, in another order, twice or never; machines crash and return; clocks
 * start anywhere and drift; images break on the way. All of it comes from a
 * seed, so a run repeats to the byte.
 *
 * Order of events. What happens is ordered by instant, then by enum happening,
 * then by node id, then by the order in which it was caused. Calls of this
 * header act at once, at the instant that cluster_run_until() has reached.
 *
 * After every step of a node the invariants are checked by name; the first one
 * that is broken stops the cluster and is told by cluster_broken().
 */
#ifndef TESTS_CLUSTER_H
#define TESTS_CLUSTER_H

#include "algorithms/node/node.h"

enum {
    CLUSTER_SECOND_US = 1000000,
    CLUSTER_RETURN_US = 10 * CLUSTER_SECOND_US, /* Back sooner: a return. */
    CLUSTER_POLICIES_MAX = NODE_POLICIES_MAX,
};

/* One cluster of the map: nodes of one owner, alike until
 * cluster_machine_set(). */
struct cluster_part
{
    cluster_id id;
    node_id first;
    uint32_t node_count;
    uint16_t core_count;
    uint32_t speed_milli;
    uint64_t mem_bytes;
    uint64_t freeze_bytes;     /* Freeze space of each node. */
    uint16_t grid_guest_limit; /* 0: none. */
};

struct cluster_setup
{
    uint64_t seed;
    const struct cluster_part *parts; /* By ascending first. */
    size_t part_count;
    struct node_config config; /* Of every node; id and seed are filled in. */
    usec_t latency_us;         /* Within a cluster, one way; */
    usec_t wan_latency_us;     /* between clusters. */
    usec_t jitter_us;          /* Added to both: 0 .. jitter_us - 1. */
    uint32_t loss_milli;       /* Of frames. */
    uint32_t doubling_milli;   /* Of frames. */
    uint32_t straggler_milli;  /* Of frames: they take up to straggler_us */
    usec_t straggler_us;       /* longer, so that many overtake them. */
    uint32_t drift_max_ppm;    /* Clocks run up to so much fast or slow. */
    uint64_t carry_bytes_per_s;
    usec_t carry_fixed_us;   /* Of each carrying; the last half of it frozen. */
    uint32_t frame_to_lose;  /* Countdown faults: the n-th frame is lost, */
    uint32_t carry_to_break; /* the n-th carrying breaks, */
    uint32_t carry_to_doubt; /* or its image is lost and nobody knows. */
    bool true_clocks;        /* No other origins; for readable stories. */
    bool owners_speak;       /* Nodes are given records, and maps are made from
                              * these; no part leaves or returns otherwise. */
};

/* Frames without loss, 200 us in a cluster and 2 ms between, 100 MB/s. */
struct cluster_setup cluster_setup_default(void);

/* A process to come. */
struct cluster_job
{
    node_id home;
    usec_t work_us; /* Of one reference core. */
    uint64_t mem_bytes;
    bool pinned;
    bool locked;
    uint32_t user;
    uint32_t job;
};

/* A list of policies with their parameters, at their defaults until set. */
enum { CLUSTER_PARAMS_MAX = 32 };
struct cluster_list
{
    struct node_policy policies[CLUSTER_POLICIES_MAX];
    uint64_t params[CLUSTER_POLICIES_MAX][CLUSTER_PARAMS_MAX];
    size_t count;
};

/* Names separated by blanks; each must exist. list is not moved afterwards. */
void cluster_list_init(struct cluster_list *list, const char *names);
void cluster_list_set(struct cluster_list *list,
                      const char *policy,
                      const char *param,
                      uint64_t value);

struct cluster;

struct cluster *cluster_create(const struct cluster_setup *setup);
void cluster_destroy(struct cluster *cluster);

/* Run what happens up to and at that instant of the cluster's clock, or until
 * an invariant breaks. */
void cluster_run_until(struct cluster *cluster, usec_t at_us);
void cluster_run_for(struct cluster *cluster, usec_t span_us);
usec_t cluster_now(const struct cluster *cluster);

/* Name of the broken invariant and what broke it; NULL while all hold. */
const char *cluster_broken(const struct cluster *cluster);

/* ---- What users, owners and bad luck do. --------------------------------- */

proc_id cluster_submit(struct cluster *cluster, const struct cluster_job *job);
void cluster_move(struct cluster *cluster, proc_id proc, node_id target);
void cluster_recall(struct cluster *cluster, proc_id proc);
void cluster_state(struct cluster *cluster, node_id node, enum node_state to);
void cluster_dead(struct cluster *cluster, node_id at, node_id dead);

/* All that an owner can say of a node. */
struct cluster_word
{
    enum node_state state;
    enum leave_then then;
    usec_t within_us;
    const struct reservation *reservation; /* NULL: for everybody. */
};
void cluster_say(struct cluster *cluster,
                 node_id node,
                 const struct cluster_word *word);

/* If owners_speak: the owner takes his cluster out of the grid, or back in. He
 * tells each of his nodes; the others hear it from these. */
void cluster_isolate(struct cluster *cluster,
                     cluster_id id,
                     usec_t within_us,
                     enum leave_then then);
void cluster_rejoin(struct cluster *cluster, cluster_id id);

/* At home: its user stops it, lets it run again, changes what he declared. */
void cluster_freeze(struct cluster *cluster, proc_id proc);
void cluster_thaw(struct cluster *cluster, proc_id proc);
void cluster_change(struct cluster *cluster,
                    proc_id proc,
                    void (*change)(struct proc_info *proc));

/* The same for a job of that home; moves and recalls too. Job 0 of a recall:
 * all that are away. */
void cluster_job_event(struct cluster *cluster,
                       enum event_kind kind,
                       node_id at,
                       uint32_t user,
                       uint32_t job,
                       node_id target);

/* One that its home has lost, or that died with it, begins again there from its
 * beginning, with a new epoch. False if the home is down or still has it. Old
 * copies may run on until they hear of it. */
bool cluster_restart(struct cluster *cluster, proc_id proc);
void cluster_frame(struct cluster *cluster,
                   node_id at,
                   node_id from,
                   const uint8_t *bytes,
                   size_t byte_count);

/* A node that is down ignores kill, one that is up ignores revive. */
void cluster_kill(struct cluster *cluster, node_id node);
void cluster_revive(struct cluster *cluster, node_id node);

/* Nodes of two sides do not hear each other. All begin on side 0. */
void cluster_side(struct cluster *cluster, node_id node, uint32_t side);
void cluster_heal(struct cluster *cluster);

/* Its cluster leaves the map of all others, and they leave its map. */
void cluster_part_leaves(struct cluster *cluster, cluster_id id);
void cluster_part_returns(struct cluster *cluster, cluster_id id);

/* If owners_speak: every machine begins with version 1 of each part, all its
 * nodes in it, open to all. The owner tells one node, whose host keeps what it
 * hears, up or down. False if that node's map does not want it. */
struct cluster_record cluster_record_of(const struct cluster *cluster,
                                        size_t part);
bool cluster_owner_says(struct cluster *cluster,
                        node_id node,
                        const struct cluster_record *record);

/* While it is down: what it has instead; of its own cluster at least. */
void cluster_records_set(struct cluster *cluster,
                         node_id node,
                         const struct cluster_record *records,
                         size_t count);

/* Before the first run: it is down until cluster_revive(). */
void cluster_begin_down(struct cluster *cluster, node_id node);

/* Before the first run. */
void cluster_machine_set(struct cluster *cluster,
                         node_id node,
                         uint16_t core_count,
                         uint32_t speed_milli,
                         uint64_t mem_bytes);
void cluster_noise_set(struct cluster *cluster,
                       uint32_t loss_milli,
                       uint32_t doubling_milli);

/* ---- What is true. ------------------------------------------------------- */

/* Where it runs; NODE_NONE if nowhere. */
node_id cluster_place(const struct cluster *cluster, proc_id proc);
bool cluster_is_frozen(const struct cluster *cluster, proc_id proc);
/* Guests from other clusters on nodes of that one; and processes of that one on
 * nodes of others. */
size_t cluster_grid_guests(const struct cluster *cluster, cluster_id id);
size_t cluster_aways(const struct cluster *cluster, cluster_id id);
bool cluster_ended(const struct cluster *cluster, proc_id proc);
bool cluster_is_up(const struct cluster *cluster, node_id node);
const struct node *cluster_node(const struct cluster *cluster, node_id node);

/* The version that this machine has of that cluster; 0: none. */
uint32_t cluster_version(const struct cluster *cluster,
                         node_id node,
                         cluster_id id);

struct cluster_counts
{
    uint64_t steps;
    uint64_t frames;
    uint64_t lost_frames;
    uint64_t submitted;
    uint64_t ended;
    uint64_t told_ended; /* Of which the home learned. */
    uint64_t lost;       /* Of which the home learned. */
    uint64_t killed;     /* Of ended: by the owner of their place. */
    uint64_t frozen;     /* FREEZE actions. */
    uint64_t restarts;
    uint64_t moves;
    uint64_t returns; /* Moves back within CLUSTER_RETURN_US. */
    uint64_t broken_carries;
    uint64_t frames_per_node_second_max;
    uint64_t spread_frames; /* Of frames: records, versions, digests; */
    uint64_t spread_bytes;  /* and their bytes. */
    usec_t last_move_us;
};
struct cluster_counts cluster_counts(const struct cluster *cluster);

/* Every process that can live runs at exactly one place, which its home knows;
 * of those that cannot, no copy is left. NULL, or what is not so. */
const char *cluster_unsettled(struct cluster *cluster);

/* Every running process is taken for what its user last said of it. NULL, or
 * which one is not; so it may be for as long as a frame to its place takes. */
const char *cluster_unheard(struct cluster *cluster);

/* Age of the oldest entry on any board, of nodes that are up. */
usec_t cluster_age_max_us(const struct cluster *cluster);

/* ---- The journal, of level `decisions`. ---------------------------------- */

const char *cluster_journal(const struct cluster *cluster);

/* True if the lines of story occur in this order, others between them. A line
 * is "kind node process peer reason"; the tail may be left out, a process is
 * its number (the first that was submitted is 1), "*" is any, and of the reason
 * the beginning is enough. Else the line that is missing is printed. */
bool cluster_told(const struct cluster *cluster, const char *story);

#endif /* TESTS_CLUSTER_H */
