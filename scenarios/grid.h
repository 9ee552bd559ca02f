/* grid.h - owners, their wishes over time, faults, freezing, checkpoints: the
 * part of a scenario that makes many clusters a grid. docs/scenario.md lists
 * the keys. All instants and spans are those of the simulated clock. */
#ifndef SCENARIOS_GRID_H
#define SCENARIOS_GRID_H

#include "../algorithms/node/event.h"
#include "../traces/synth.h"

/* partners: CLUSTER: {PARTNER | others: {priority, go, take, expand, cap}}.
 * Where nothing is said: priority 50, go, take and expand, no cap. Either may
 * be the clusters of one key with `count`: each of the owners then says it to
 * each of the partners but itself. */
struct scenario_partner
{
    uint32_t owner;           /* Index of the first cluster that says it; */
    uint32_t owner_count;     /* so many do. */
    struct cluster_rule rule; /* partner: index + 1 of the first; 0: others. */
    uint32_t partner_count;   /* So many clusters; 0: others. */
};

/* What an owner or a user does. The key is the verb, its value what it is done
 * to: `{at: 3600 s, isolate: lab, deadline: 60 s, then: freeze}`. */
enum wish {
    WISH_ISOLATE,   /* cluster; deadline, then */
    WISH_REJOIN,    /* cluster; guests: a new limit for each node */
    WISH_BLOCK,     /* nodes */
    WISH_UNBLOCK,   /* nodes */
    WISH_EXPEL,     /* nodes: guests out, then as before; deadline, then */
    WISH_BRING,     /* nodes: the aways of these homes come back */
    WISH_LEAVE,     /* nodes: expel and bring, then down; deadline, then */
    WISH_RETURN,    /* nodes: up again */
    WISH_STAY,      /* nodes */
    WISH_NOSTAY,    /* nodes */
    WISH_LSTAY,     /* nodes */
    WISH_NOLSTAY,   /* nodes */
    WISH_RESERVE,   /* nodes; for: cluster, user */
    WISH_UNRESERVE, /* nodes */
    WISH_GUESTS,    /* nodes; to: limit of grid guests */
    WISH_PARTNER,   /* cluster; of: partner, priority, go, take, expand, cap */
    WISH_GROW,    /* cluster; by: nodes that were planned, but not on the map */
    WISH_MOVE,    /* jobs; to: node, home or out */
    WISH_FREEZE,  /* jobs */
    WISH_THAW,    /* jobs */
    WISH_LOCK,    /* jobs */
    WISH_UNLOCK,  /* jobs */
    WISH_ADVANCE, /* jobs: first of their priority in the queue */
    WISH_RETARD,  /* jobs: last of it */
    WISH_PRIORITY, /* jobs; to: number */
    WISH_HOLD,     /* jobs */
    WISH_RELEASE,  /* jobs */
    WISH_COUNT
};

/* Nodes named by a cluster (all of it), a number, or [from, to]. */
struct scenario_nodes
{
    node_id first;
    node_id last;
};

struct scenario_event
{
    uint64_t at_us;
    uint64_t every_us; /* 0: once. */
    uint64_t times;    /* With every; 0: until the end. */
    enum wish wish;
    uint32_t cluster;            /* Index. */
    struct scenario_nodes nodes; /* Of the cluster, if one is named. */
    uint32_t job_first;          /* Numbers of jobs, from 0, load after load:
                                  * those of the journal less 1. */
    uint32_t job_last;
    uint32_t job_group;   /* Or all of that group of loads; 0: none. */
    node_id target;       /* MOVE; NODE_NONE: out. */
    bool target_home;     /* MOVE: to: home. */
    uint64_t deadline_us; /* From when it is heard; USEC_NEVER. */
    enum leave_then then;
    uint32_t number;          /* GUESTS, PRIORITY, GROW. */
    bool has_number;          /* REJOIN: guests was given. */
    struct reservation group; /* RESERVE. */
    struct cluster_rule rule; /* PARTNER, */
    uint8_t rule_given;       /* of which these, by RULE_GIVEN_*. */
};
enum {
    RULE_GIVEN_PRIORITY = 1,
    RULE_GIVEN_GO = 2,
    RULE_GIVEN_TAKE = 4,
    RULE_GIVEN_EXPAND = 8,
    RULE_GIVEN_CAP = 16,
};

/* events: a list of these, of `{random: {...}}` and of `{trace: FILE}`. Random:
 * each of the nodes or clusters, by itself, waits a time by the law `after`,
 * then does `do`, and undoes it after a time by the law `for`, again and again.
 * A trace is a TSV of lines "seconds<TAB>verb<TAB>what[<TAB>key=value...]",
 * resolved into events when it is read. */
struct scenario_random
{
    enum wish wish; /* ISOLATE, BLOCK, EXPEL (with block), LEAVE. */
    struct scenario_nodes nodes;
    bool whole_clusters; /* Clusters, not nodes, do it. */
    struct law after;    /* us */
    struct law lasting;  /* us */
    uint64_t deadline_us;
    enum leave_then then;
};

enum fault_kind {
    FAULT_CRASH,     /* nodes: down at once; repaired after `for` */
    FAULT_CUT,       /* a link between two clusters */
    FAULT_PARTITION, /* groups of clusters that do not hear each other */
    FAULT_SLOW,      /* nodes run at `factor` of their speed */
    FAULT_LOSS,      /* so many frames are lost */
};

/* faults: list: [{at, crash|cut|partition|slow|loss: ..., for: }] */
struct scenario_fault
{
    enum fault_kind kind;
    uint64_t at_us;
    uint64_t for_us; /* USEC_NEVER: until the end. */
    struct scenario_nodes nodes;
    uint32_t a; /* CUT: indices of clusters. */
    uint32_t b;
    uint32_t *sides; /* PARTITION: side of each cluster; owned. */
    double share;    /* SLOW, LOSS. */
    bool from_trace; /* It stands in the trace, not in the list. */
};

struct scenario_faults
{
    double node_mtbf_s; /* node_mtbf: exponential; INFINITY: none. */
    double repair_s;    /* repair: mean of an exponential. */
    bool homes;         /* home-crash: yes; no: nodes that are home to living
                         * processes do not crash by node_mtbf. */
    double loss;        /* loss: of frames, 0 .. 1. */
    uint32_t drift_ppm; /* drift: clocks run up to so much fast or slow. */
    uint64_t lost_after_us; /* lost-after: silence after which a home gives */
    uint64_t
        home_lost_after_us; /* a process up; after which guests are dropped. */
    char *trace_path;       /* trace: TSV "node<TAB>down s<TAB>up s"; NULL. */
    char *trace_written;
    struct scenario_fault *list; /* By at_us; the trace's are among them. */
    size_t count;
};

enum freeze_units { FREEZE_PROCESSES, FREEZE_LOAD };

/* freeze: classes: [{class, units, red, blue, auto-home, auto-cluster, min,
 * max, slice}]: the nine numbers of freeze.conf. Each becomes one freeze_marks
 * in the list of policies, after the others. */
struct scenario_freeze_class
{
    uint16_t class_number;
    enum freeze_units units;
    uint32_t red_milli;
    uint32_t blue_milli;
    int64_t auto_home_milli; /* Arrivals home are frozen above; -1 none. */
    int64_t auto_cluster_milli;
    uint32_t min;
    uint32_t max;      /* UINT32_MAX: none. */
    uint64_t slice_us; /* 0: no turns. */
};

struct scenario_freeze
{
    struct scenario_freeze_class *classes;
    size_t class_count;
    uint64_t space_bytes;    /* space: of each node; 0: nothing can freeze. */
    double disk_bytes_per_s; /* disk: written when frozen, read when thawed. */
    uint32_t flood_burst;    /* flood: {burst, rate}; 0: no limit. */
    double flood_per_s;
};

enum checkpoint_place { CHECKPOINT_HOME, CHECKPOINT_SERVER };

/* checkpoint: {every, keep, disk, on, restart-after-home} */
struct scenario_checkpoint
{
    uint64_t every_us;        /* 0: none are taken. */
    uint32_t keep;            /* The last so many of each process. */
    double disk_bytes_per_s;  /* The process is stopped while it is written, and
                               * while it is read again. */
    enum checkpoint_place on; /* home: lost with its home; server: safe. */
    bool after_home;          /* restart-after-home: guests of a dead home begin
                               * again from their checkpoint when it is up again;
                               * no: they die with it, as in MOSIX. */
};

struct scenario_grid
{
    struct scenario_partner *partners;
    size_t partner_count;
    struct scenario_event *events; /* By at_us. */
    size_t event_count;
    struct scenario_random *randoms;
    size_t random_count;
    struct scenario_faults faults;
    struct scenario_freeze freeze;
    struct scenario_checkpoint checkpoint;
};

#endif /* SCENARIOS_GRID_H */
