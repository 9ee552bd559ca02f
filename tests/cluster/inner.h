/* inner.h - what the files of the virtual cluster share. */
#ifndef TESTS_CLUSTER_INNER_H
#define TESTS_CLUSTER_INNER_H

#include <stdio.h>

#include "algorithms/node/journal.h"
#include "tests/cluster.h"

/* What can happen, in the order of one instant. */
enum happening {
    HAPPENS_FRAME,   /* A frame comes. */
    HAPPENS_STOP,    /* A process is stopped for the last of its image. */
    HAPPENS_WHOLE,   /* The last byte has left. */
    HAPPENS_IMAGE,   /* The image is whole at its target. */
    HAPPENS_CARRIED, /* Its source knows. */
    HAPPENS_KILL,    /* A process is ended by the owner of its place. */
    HAPPENS_EXIT,    /* A process has done its work. */
    HAPPENS_SAMPLE,
    HAPPENS_ALARM,
};

enum copy_state { COPY_HELD, COPY_RUNNING, COPY_STOPPED, COPY_FROZEN };

/* A process as one machine holds it. Work is counted in microseconds of the
 * reference core times WORK_UNIT, so that shares stay integers. */
enum { WORK_UNIT = 1000000 };
struct copy
{
    proc_id proc;
    enum copy_state state;
    uint64_t work_left;
    uint64_t mem_bytes;
    uint32_t carrying;    /* Number of its carrying; 0 none. */
    uint32_t incarnation; /* Of its life; an old one is void. */
    usec_t asked_us;      /* Images: when its carrying began. */
    uint8_t frozen_by;    /* enum freeze_by */
    bool killed;          /* It is about to be. */
};

/* An image on its way. */
struct image
{
    struct copy copy;
    struct proc_info info; /* As the source knew it. */
    usec_t begun_us;
    usec_t stopped_us;
};

struct item
{
    usec_t at_us;
    enum happening kind;
    node_id node;
    uint64_t sequence;
    uint32_t incarnation; /* Of node; 0: any. */
    node_id peer;
    proc_id proc;
    uint32_t epoch;
    uint32_t number; /* Of a carrying, or of a plan to exit. */
    bool done;
    struct image image;
    uint8_t *bytes; /* Owned by the item. */
    size_t byte_count;
};

struct queue
{
    struct item **items; /* A heap of items owned by it. */
    size_t count;
    size_t room;
    uint64_t sequence;
};

/* The queue owns what bytes points to. */
void queue_push(struct queue *queue, const struct item *item);
/* The earliest; NULL if there is none. */
const struct item *queue_first(const struct queue *queue);
/* The caller frees it with queue_free_item(). */
struct item *queue_pop(struct queue *queue);
void queue_free_item(struct item *item);
void queue_finish(struct queue *queue);

struct machine
{
    node_id id;
    size_t part;
    uint16_t core_count;
    uint32_t speed_milli;
    uint64_t mem_bytes;
    uint64_t freeze_bytes;
    uint16_t grid_guest_limit;
    bool up;
    uint32_t incarnation;
    void *block; /* Memory of node. */
    struct node *node;
    usec_t origin_us;
    int32_t drift_ppm;
    usec_t alarm_us; /* Of the cluster's clock; the one that is set. */
    uint32_t side;
    /* Processor. */
    struct copy *copies;
    size_t copy_count;
    size_t copy_room;
    usec_t advanced_us;
    uint32_t exit_plan;
    uint64_t runnable_us; /* Since the last sample: runnable x time, */
    uint64_t busy_us;     /* cores x time. */
    usec_t sampled_us;
    usec_t home_came_us; /* Last instant that something of its own, or thawed,
                          * took memory. */
    /* The owners' records, if they speak; owned. */
    struct cluster_record *records;
    size_t record_count;
    struct cluster_info *view;     /* What it sees by them. */
    struct cluster_record *merged; /* With what was heard in this batch, or */
    size_t merged_count;           /* NULL. */
    bool begins_down;
    usec_t isolate_us;    /* By its own clock: what its cluster's record says */
    uint8_t isolate_then; /* happens then; USEC_NEVER if nothing does. */
    bool isolated;
    uint32_t isolate_version;
    /* Chatter. */
    usec_t second; /* Number of the second being counted. */
    uint64_t frames_in_second;
};

/* The truth about a process. */
struct life
{
    proc_id proc;
    struct cluster_job job;
    cluster_id home_cluster;
    usec_t submitted_us;
    bool ended;
    bool told_ended;
    bool told_lost;
    bool may_be_lost; /* A crash or an owner's word may have cost it. */
    bool home_crashed;
    bool user_froze; /* And did not thaw it. */
    bool wished;     /* Its home heard this of its user, last: */
    struct proc_info wish;
    uint32_t incarnation;
    uint32_t epoch_max;   /* Of all that a node spoke of. */
    uint32_t stale_count; /* Copies of old incarnations. */
    node_id running_on;
    node_id last_place;
    node_id left;    /* Where it was before last_place, */
    usec_t moved_us; /* until then. */
    uint32_t copy_count;
    uint32_t flying_count;
};

struct cluster
{
    struct cluster_setup setup;
    struct cluster_part *parts;
    bool *part_away;
    struct cluster_info **maps; /* By part. */
    size_t *map_counts;
    struct machine *machines; /* By ascending id. */
    size_t machine_count;
    struct life *lives; /* By the low half of the id, from 1. */
    size_t life_count;
    size_t life_room;
    struct queue queue;
    struct batch *batch;
    struct proc_info *sample;
    size_t sample_room;
    usec_t now_us;
    bool started;
    uint64_t random;
    uint32_t carry_number;
    uint32_t frame_number;
    struct cluster_counts counts;
    FILE *journal;
    char *journal_text;
    size_t journal_bytes;
    char *line;
    char broken[512];
    char unsettled[256];
};

uint64_t cluster_random(struct cluster *cluster);
uint64_t cluster_random_below(struct cluster *cluster, uint64_t below);

struct machine *machine_find(const struct cluster *cluster, node_id node);
struct life *life_find(const struct cluster *cluster, proc_id proc);

/* As it is submitted at its home. */
struct proc_info life_newborn(const struct cluster *cluster,
                              const struct machine *home,
                              const struct life *life);

/* Instants of a machine's own clock and of the cluster's. */
usec_t machine_clock(const struct machine *machine, usec_t now_us);
usec_t machine_instant(const struct machine *machine, usec_t clock_us);

/* Processor and memory of one machine: machine.c. */
struct copy *machine_copy(const struct machine *machine, proc_id proc);
struct copy *machine_copy_add(struct cluster *cluster,
                              struct machine *machine,
                              const struct copy *copy);
void machine_copy_remove(struct cluster *cluster,
                         struct machine *machine,
                         proc_id proc);
void machine_copy_state(struct cluster *cluster,
                        struct machine *machine,
                        struct copy *copy,
                        enum copy_state state);
void machine_advance(struct cluster *cluster, struct machine *machine);
void machine_plan_exit(struct cluster *cluster, struct machine *machine);
uint64_t machine_used_bytes(const struct machine *machine);
uint64_t machine_frozen_bytes(const struct machine *machine);
bool machine_holds_stale(const struct cluster *cluster, const struct copy *);
void machine_measure(struct cluster *cluster,
                     struct machine *machine,
                     struct node_info *ret_self,
                     size_t *ret_count);
void machine_measure_proc(const struct cluster *cluster,
                          const struct copy *copy,
                          struct proc_info *proc);

/* A new node starts on it, with a clock of its own: cluster.c. */
void machine_boot(struct cluster *cluster, struct machine *machine);

/* One event into a node, its actions carried out: cluster.c. */
void cluster_step(struct cluster *cluster,
                  struct machine *machine,
                  struct event *event);

/* Frames: network.c. */
void network_send(struct cluster *cluster,
                  struct machine *from,
                  const struct action *action);
bool network_open(const struct cluster *cluster,
                  const struct machine *from,
                  const struct machine *to);
usec_t network_delay_us(struct cluster *cluster,
                        const struct machine *from,
                        const struct machine *to);

/* Ends a process here; killed: by the owner of this place. */
void cluster_exit(struct cluster *cluster,
                  struct machine *machine,
                  proc_id proc,
                  bool killed);

/* Images: mover.c. */
void mover_begin(struct cluster *cluster,
                 struct machine *from,
                 const struct action *action);
void mover_stop(struct cluster *cluster, const struct item *item);
void mover_whole(struct cluster *cluster, const struct item *item);
void mover_image(struct cluster *cluster, const struct item *item);
void mover_carried(struct cluster *cluster, const struct item *item);

/* Clusters and rights: map.c. Tells every node that is up, once started. */
void map_draw(struct cluster *cluster);
void map_finish(struct cluster *cluster);

/* Records of owners: records.c. Nothing, unless owners speak. */
void records_draw(struct cluster *cluster);
void records_finish(struct cluster *cluster);
void records_merge(struct machine *machine,
                   const struct cluster_record *record);
/* Of an action of its node. */
void records_hear(struct cluster *cluster,
                  struct machine *machine,
                  const struct action *action);
/* What was merged takes its place, and its node hears it. */
void records_tell(struct cluster *cluster, struct machine *machine);
/* It hears its own cluster's record now: a deadline may begin. */
void records_heard(struct cluster *cluster, struct machine *machine);

/* Invariants, by name: invariants.c. */
void invariant_broken(struct cluster *cluster,
                      const char *name,
                      const char *what,
                      ...) __attribute__((format(printf, 3, 4)));
void invariant_runs(struct cluster *cluster,
                    const struct machine *machine,
                    struct life *life);
void invariant_action(struct cluster *cluster,
                      const struct machine *machine,
                      const struct action *action);
/* The map that its node has; its own cluster first. */
const struct cluster_info *machine_map(const struct cluster *cluster,
                                       const struct machine *machine,
                                       size_t *ret_count);
/* What owners may count on: invariants_owner.c. */
void invariant_owner(struct cluster *cluster, const struct machine *machine);
void invariant_stepped(struct cluster *cluster, const struct machine *machine);
void invariant_no_loss(struct cluster *cluster, const struct life *life);
/* Before these records take the place of its own. */
void invariant_map(struct cluster *cluster,
                   const struct machine *machine,
                   const struct cluster_record *records,
                   size_t count);

/* The journal: story.c. */
void story_action(struct cluster *cluster,
                  const struct machine *machine,
                  const struct action *action);
void story_record(struct cluster *cluster, const struct record *record);

#endif /* TESTS_CLUSTER_INNER_H */
