/* scenario.h - one experiment, as one YAML file says it.
 *
 * scenario_read() checks everything that can be checked without running and
 * fills in every default, so that who holds a scenario never looks for one.
 * docs/scenario.md lists every key; it is checked against the parser's table.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include "../algorithms/node/node.h"
#include "../traces/complaint.h"
#include "../traces/synth.h"
#include "../traces/workload.h"
#include "grid.h"

enum {
    SCENARIO_VERSION = 1,
    SCENARIO_NODES_MAX = 1000000,
    SCENARIO_PROCESSES_MAX = 100000000,
    SCENARIO_GROUP_MAX = 1000000000,
};

struct scenario_link
{
    double bytes_per_s; /* > 0 */
    double latency_s;   /* >= 0 */
};

/* clusters: NAME: {nodes, cores, speed, memory, swap, link, backbone, ...}
 * With `count` one key is many clusters, alike in all but name and nodes, and
 * they stand one after the other. */
struct scenario_cluster
{
    char *name;           /* With count: KEY-1, KEY-2, ... */
    char *key;            /* In clusters:; NULL: it is the name. */
    uint32_t alike_count; /* count: so many have its key; 0: not given. */
    uint32_t alike_index; /* Its place among them, from 0. */
    uint32_t node_count;
    uint32_t core_count;
    uint32_t speed_milli;
    uint64_t mem_bytes;
    uint64_t swap_bytes;
    struct scenario_link link; /* Of each node to the cluster's switch. */
    bool has_backbone;
    struct scenario_link backbone; /* Shared by all that crosses the switch. */
    uint32_t guest_limit; /* guests: grid guests that each node takes. */
    bool owner_first;     /* owner-first: its own processes drive guests out. */
    uint32_t
        guest_weight_milli; /* guest-weight: share of a core that a process
                             * of another cluster gets beside an own one. */
    uint32_t later_count;   /* later: of node_count, the last so many are not on
                             * the map until an event `grow`. */
    node_id first;          /* Computed: nodes are numbered in order. */
};

/* wan: [{between: [a, b], bandwidth, latency}] */
struct scenario_wan
{
    uint32_t a; /* Indices of clusters; of those alike, which have one switch,
                 * the first. */
    uint32_t b;
    struct scenario_link link;
};

enum scenario_engine { ENGINE_VENCEJO, ENGINE_SIMGRID };
enum scenario_network { NETWORK_CM02, NETWORK_LV08 };
enum scenario_information { INFORMATION_GOSSIP, INFORMATION_PERFECT };
enum thrash_model { THRASH_FACTOR, THRASH_LINEAR, THRASH_PAGING };
enum swap_full_rule { SWAP_FULL_KILL, SWAP_FULL_REFUSE };
enum move_mode { MOVE_STOP, MOVE_PRECOPY, MOVE_POSTCOPY };
enum arrivals_rule { ARRIVALS_OPEN, ARRIVALS_CLOSED };
enum home_rule {
    HOME_ROUND_ROBIN,
    HOME_RANDOM,
    HOME_USER,
    HOME_PARTITION,
    HOME_NODE
};

/* memory: what happens when more is resident than there is. */
struct scenario_memory
{
    enum thrash_model model;  /* factor: every process of the node is */
    double factor;            /* so many times slower (10, Amir et al. 2000); */
    double slope;             /* linear: 1 / (1 + slope x excess / memory); */
    double page_bytes_per_s;  /* paging: the disk serves so much, and the  */
    double touch_bytes_per_s; /* node touches so much per busy core. */
    enum swap_full_rule when_full; /* Swap full: kill the newcomer (or the
                                    * largest if it grew), or refuse it. */
};

/* migration: */
struct scenario_migration
{
    enum move_mode mode;
    double fixed_s;           /* Frozen, whatever its size. */
    uint64_t threshold_bytes; /* precopy: stop when so little is left, */
    uint32_t rounds_max;      /* or after so many rounds. */
    uint64_t state_bytes;     /* postcopy: sent before it runs there. */
    double start_fixed_s;     /* Starting elsewhere: fixed cost, */
    uint64_t start_bytes;     /* and what is carried. */
    double stall_share;       /* postcopy: share of time that it waits for
                               * pages while they come, 0 .. 0.99. */
};

/* process: what the workload does not say; printed as assumed. */
struct scenario_process
{
    uint64_t mem_bytes;
    double dirty_bytes_per_s; /* While it runs. */
    double home_calls_per_s;  /* For a second of CPU, when away. */
    double home_bytes_per_s;
    bool io_from_trace; /* Data of calls from the trace's I/O. */
};

/* forwarding: a system call that goes home costs one round trip, its bytes over
 * the route, and CPU at both ends. */
struct scenario_forwarding
{
    double home_cpu_s; /* For one call, of a reference core. */
    double host_cpu_s;
};

#define USER_DRAWN UINT32_MAX

/* What processes of a group have as their number of a job, apart from those of
 * jobs without one. */
static inline uint32_t scenario_group_job(uint32_t group)
{
    return (1u << 31) + group;
}

struct scenario_home
{
    enum home_rule rule;
    node_id node; /* HOME_NODE. */
};

enum traffic_way { TRAFFIC_DIRECT, TRAFFIC_HOME };
enum load_kind { LOAD_BATCH, LOAD_POISSON, LOAD_TRACE };

/* One part of workload:, in the order written; parts are superposed. */
struct scenario_load
{
    enum load_kind kind;
    struct scenario_home home;
    uint32_t home_cluster; /* home: a cluster's name: its nodes, by the rule
                            * home-rule; UINT32_MAX: all nodes. */
    uint32_t class_number; /* class: for freezing; 0 stays in its cluster. */
    uint16_t priority;     /* priority: in the queue. */
    bool native;           /* native: it starts at home and never moves. */
    bool held;             /* held: it waits until an event releases it. */
    uint32_t user;         /* user: all are of this one; USER_DRAWN: by users:.
                            */
    uint32_t width;        /* width: processes of one job, with one number. */
    /* traffic: bytes that each rank sends to the others of its job for a second
     * of CPU, in messages: of so many, by the way traffic-by: */
    double traffic_bytes_per_s;
    uint64_t message_bytes;
    enum traffic_way traffic_way;
    uint32_t group; /* group: its jobs are one to their user; 0: none. */
    /* batch: {count, cpu, memory, at, home, ...} */
    uint64_t at_us;
    /* batch and poisson */
    uint64_t count;   /* Jobs; poisson: 0 if span is given. */
    uint64_t span_us; /* 0 if count is given. */
    struct law cpu;   /* us */
    struct law mem;   /* bytes */
    /* poisson: {rate | load, count | span, cpu, memory, home, users} */
    double rate_per_s; /* 0 if load was given. */
    double load_share; /* Of what the platform's cores give; 0 if rate was
                        * given. Rate of jobs: load_share x cores / (mean CPU
                        * time x width). */
    uint32_t user_count;
    /* trace: {file, home, arrivals, scale-load, rotate, cut, parallel, ...} */
    char *path;         /* As it is to be opened; */
    char *path_written; /* as written: relative to the scenario's folder. */
    char *columns;      /* options.columns points to it. */
    struct workload_options options;
    enum arrivals_rule arrivals; /* Default: closed where the trace has it. */
    bool arrivals_given;
    double scale_load; /* 0: as recorded. */
    bool rotate;       /* Dates are turned, by seed. */
};

/* One line of policies:, checked. */
struct scenario_policy
{
    const struct policy *policy;
    void *params;   /* params_size bytes. */
    bool of_freeze; /* Made of a class of freeze:, not in the list. */
};

struct scenario
{
    char *name;
    char *path; /* Of the file; "-" from memory. */
    uint64_t seed;
    enum scenario_engine engine;
    enum scenario_network network;
    enum scenario_information information;
    double until_s;        /* Stop then at the latest; INFINITY: when done. */
    uint64_t sample_us;    /* Sample period. */
    uint32_t board_max;    /* board: entries. */
    uint64_t board_age_us; /* board-age: */
    uint64_t age_every_us; /* Between two measurements of information age. */
    char *platform; /* SimGrid XML in place of clusters, to be opened; NULL. */
    char *platform_written; /* The same as the scenario writes it. */
    struct scenario_cluster *clusters;
    size_t cluster_count;
    uint32_t node_count; /* Of all clusters; 0 until a platform is loaded. */
    struct scenario_wan *wans;
    size_t wan_count;
    struct scenario_memory memory;
    struct scenario_migration migration;
    struct scenario_process process;
    struct scenario_forwarding forwarding;
    struct scenario_load *loads;
    size_t load_count;
    struct scenario_policy *policies;
    size_t policy_count;
    struct scenario_grid grid;
};

/* A change on top of the file: --set clusters.lab.nodes=8 and the like. Keys
 * are the path of mapping keys and sequence indices, joined by dots; the value
 * is a YAML scalar or flow collection. */
struct scenario_setting
{
    const char *text; /* "key=value" */
};

/* What clusters: calls it, and so do wan: and others that mean its switch. */
static inline const char *scenario_cluster_key(
    const struct scenario_cluster *cluster)
{
    return cluster->key ? cluster->key : cluster->name;
}

/* The first cluster at the switch of that one. */
static inline uint32_t scenario_switch(const struct scenario *scenario,
                                       uint32_t cluster)
{
    return cluster - scenario->clusters[cluster].alike_index;
}

/* The first key that engine: simgrid cannot model, since no exec or flow of
 * SimGrid does it; NULL if there is none. */
const char *scenario_beyond_simgrid(const struct scenario *scenario);

/* 0, or negative errno and a complaint; outputs untouched on failure. */
int scenario_read(const char *path,
                  const struct scenario_setting *settings,
                  size_t setting_count,
                  struct scenario **ret_scenario,
                  struct complaint *ret_complaint);
int scenario_parse(const char *text,
                   size_t text_bytes,
                   const char *name,
                   const struct scenario_setting *settings,
                   size_t setting_count,
                   struct scenario **ret_scenario,
                   struct complaint *ret_complaint);
void scenario_destroy(struct scenario *scenario);

/* Replace the policies by a list as the command line writes it:
 * 'name[:key=value]...,name'. Values are quantities as in the file. The classes
 * of freeze: stay behind the list, which may say the same of them. */
int scenario_set_policies(struct scenario *scenario,
                          const char *text,
                          struct complaint *ret_complaint);

/* The resolved scenario as YAML, every default filled in: reading it again
 * gives the same scenario. The caller frees the text. */
int scenario_print(const struct scenario *scenario, char **ret_text);

/* The same to be kept in a folder: what it names is found from there. */
int scenario_print_for(const struct scenario *scenario,
                       const char *folder,
                       char **ret_text);

/* The list of policies with every parameter, as the command line writes it,
 * those of freeze: among them. The caller frees it. */
char *scenario_policies_text(const struct scenario *scenario);

/* FNV-1a of scenario_print(): what a journal's header names. */
uint64_t scenario_hash(const struct scenario *scenario);

#endif /* SCENARIOS_SCENARIO_H */
