/* world.h - the state of one simulated run, shared by the files of sim/.
 *
 * Deciding is done by the nodes (algorithms/node); everything here is doing:
 *   run.c         the loop: what happens next
 *   adapter.c     happenings -> events of a node, its actions -> the world
 *   process.c     life of a process: submitted, running, stopped, gone
 *   memory.c      resident memory, thrashing, swap
 *   mover.c       carrying an image: stop-and-copy, pre-copy, post-copy
 *   freezer.c     memory to freeze space and back
 *   forwarding.c  what system calls cost a process that is away
 *   arrivals.c    workload of the scenario -> processes
 *   measure.c     what samples and metrics see
 *
 * Dates are double seconds since the start; nodes and journal see them rounded
 * down to microseconds (world_us()).
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <assert.h>
#include <stdalign.h>

#include "../algorithms/node/journal.h"
#include "../algorithms/node/node.h"
#include "../scenarios/scenario.h"
#include "cpu.h"
#include "heap.h"
#include "net.h"

#define PROCESS_NONE UINT32_MAX

enum happening_kind {
    HAPPENS_FRAME,  /* node: receiver; what: index of the frame. */
    HAPPENS_SUBMIT, /* what: process; only those that wait for another job. */
    HAPPENS_MOVER,  /* what: process, whose mover waited until now. */
    HAPPENS_NO_CARRYING, /* what: process, which cannot be carried now. */
    HAPPENS_REFUSAL,     /* what: process; memory and swap are full for it. */
    HAPPENS_SHORTAGE,    /* node: more is resident than memory and swap. */
    HAPPENS_WRITTEN,     /* what: process, in freeze space now. */
    HAPPENS_READING,     /* what: process and turn: the disk has come to it, */
    HAPPENS_READ,        /* and has read it back. */
};

enum process_phase {
    PROCESS_COMING,  /* Not submitted yet. */
    PROCESS_WAITING, /* Submitted; it has not run. */
    PROCESS_RUNNING,
    PROCESS_STOPPED,  /* For a migration. */
    PROCESS_FREEZING, /* Its memory is being written to freeze space; */
    PROCESS_FROZEN,   /* is there; */
    PROCESS_THAWING,  /* is being read back. */
    PROCESS_GONE,     /* Ended, killed or lost. */
};

enum mover_phase {
    MOVER_IDLE,
    MOVER_ROUND,   /* A round of pages is under way, the process runs. */
    MOVER_LAST,    /* Stopped; the last pages are under way. */
    MOVER_FIXED,   /* Stopped; the fixed time passes. */
    MOVER_ARRIVED, /* The image is whole at the target: the nodes decide. */
    MOVER_PULL,    /* post-copy: it runs at the target, pages follow. */
};

/* What only a process needs that was to leave its home or was frozen. */
struct mover
{
    uint8_t phase; /* enum mover_phase. */
    bool start;    /* A first start elsewhere: there is nothing to copy yet. */
    uint16_t round;
    node_id source;
    node_id target;
    uint32_t epoch;
    double due; /* FIXED: when it is over. */
    double round_began;
    double round_bytes;
    double copied_bytes;
    double stopped_at;      /* Date; NAN while it runs. */
    double left_s;          /* Work left when it was stopped to go. */
    double inflation;       /* CPU time for each second of work, here. */
    double home_tax;        /* Cores that it takes from its home now. */
    node_id refused_target; /* The carrying that cannot be, until the node */
    uint32_t refused_epoch; /* has heard it. */
    bool frozen;            /* Its node wants it frozen. */
    uint32_t thaw_turn;     /* Counts the thaws. */
    struct mover *next;     /* Of all movers of the world. */
};

/* One cache line: a run waits for memory more than for anything else. */
struct process
{
    node_id home;
    node_id place; /* Where it is: runs, waits or is stopped. */
    uint32_t job;  /* Index of its job. */
    uint32_t next; /* Others at the same place, in a ring. */
    uint32_t previous;
    uint8_t phase;    /* enum process_phase. */
    bool pulling;     /* post-copy: pages are still coming. */
    uint64_t work_us; /* CPU time, of a reference core. */
    uint64_t mem_bytes;
    double left_s;       /* Work left, when it is not in the CPU model. */
    double call_bytes;   /* For one system call. */
    struct mover *mover; /* NULL until it is to leave its home or freezes. */
};
static_assert(sizeof(struct process) <= 64, "a process is a cache line");

struct job_state
{
    double submit; /* Date; INFINITY while it waits for another job. */
    double think_s;
    uint32_t first; /* Its processes: first .. first + count - 1. */
    uint32_t count;
    uint32_t left; /* Not gone yet. */
    uint32_t user;
    uint32_t program;
    uint16_t class_number;
    uint32_t after;       /* Job that it waits for; JOB_NONE. */
    uint32_t first_after; /* Jobs that wait for this one; JOB_NONE ends. */
    uint32_t next_after;
};

/* What every event asks for comes first, in one cache line. */
struct machine
{
    alignas(64) struct node *node;
    uint64_t origin_us;    /* Its clock shows this at the start. */
    uint32_t process_list; /* Ring of the processes here; PROCESS_NONE. */
    uint32_t cluster;
    uint64_t resident_bytes;
    uint64_t mem_bytes;  /* Of its cluster's machines. */
    double home_tax;     /* Sum over the away processes of this home. */
    double taken_cores;  /* What the CPU model was last told, */
    double factor;       /* and the share of its speed. */
    double thrash_since; /* Date; NAN while memory suffices. */
    double thrash_s;
    bool node_owned; /* It outgrew its first block: free() it. */
    uint32_t frozen_count;
    uint64_t frozen_bytes;
    double disk_free_at;    /* Date; freeze space. */
    uint32_t running_count; /* Reference engine: what the CPU model counts */
    double counted_at;      /* in the other, and the sums till that date. */
    struct cpu_sums counted;
    double sampled_at; /* Date of the last sample, and the sums then. */
    double sampled_running_s;
    double sampled_busy_s;
    uint64_t frames;
    uint64_t frame_bytes;
    uint64_t wan_frames;
    uint64_t wan_bytes;
};

struct datagram
{
    node_id source;
    node_id target;
    uint32_t byte_count;
    uint32_t next_free;
    uint8_t bytes[NODE_FRAME_BYTES_MAX];
};

/* Takes every record of the run, in order. */
struct record_sink
{
    void (*take)(void *sink, const struct record *record);
    void *sink;
    bool full;      /* Journal level full: events and actions too. */
    bool metrics;   /* For metrics alone: no reasons, */
    bool no_starts; /* and no RUN. */
};

struct world
{
    struct scenario *scenario; /* clusters are filled from a platform XML. */
    uint64_t seed;
    struct record_sink sink;
    double now;
    struct heap heap;
    struct alarms alarms; /* By node: its deadline. */
    struct cpu *cpu;      /* NULL in the reference engine. */
    struct net *net;      /* NULL if nothing is ever sent. */
    struct machine *machines;
    size_t machines_bytes;
    uint32_t machine_count;
    char *node_blocks; /* The first block of every node, node after node. */
    size_t node_blocks_bytes;
    struct process *processes; /* Job after job; index + 1 is in the id. */
    uint32_t process_count;
    size_t process_room;
    struct mover *movers; /* Owned by this, each by itself. */
    struct job_state *jobs;
    uint32_t job_count;
    size_t job_room;
    bool jobs_wait; /* Some for others: then it matters when one is over. */
    uint32_t *due;  /* Open jobs by date of submission. */
    uint32_t due_count;
    uint32_t due_next;
    uint32_t gone_count;    /* Processes that are gone. */
    uint32_t *sample_order; /* Machines by phase of their samples. */
    uint64_t *sample_phase_us;
    uint64_t sample_round;
    uint32_t sample_next;
    uint32_t sample_count;
    double age_next;
    struct node_policy policies[NODE_POLICIES_MAX];
    struct cluster_info **maps; /* By cluster: what its nodes hold. */
    struct datagram *frames;
    uint32_t frame_count;
    uint32_t frame_free;
    struct batch *batch;
    struct policy_out *out;
    struct proc_info *sampled; /* Scratch of one sample. */
    size_t sampled_room;
    uint8_t *encoded;    /* Scratch of one record, level full. */
    uint64_t *ages;      /* Scratch of one board. */
    bool perfect;        /* information: perfect. */
    const char *refusal; /* Why the run cannot go on; NULL. */
};

/* ---- run.c --------------------------------------------------------------- */

usec_t world_us(const struct world *world);
void world_record(struct world *world, const struct record *record);

/* A record of this instant, to be filled and taken. */
struct record record_now(const struct world *world,
                         enum record_kind kind,
                         node_id node);

/* ---- adapter.c ----------------------------------------------------------- */

/* Step a node with an event (its now_us is filled in) and carry out what it
 * asks for. Never called while another step is being carried out. */
void adapter_step(struct world *world, node_id node, struct event *event);
void adapter_start(struct world *world, node_id node);
void adapter_submit(struct world *world, uint32_t process);
void adapter_ended(struct world *world, uint32_t process);
void adapter_carried(struct world *world, uint32_t process, bool done);
void adapter_not_carried(struct world *world, uint32_t process);
void adapter_frame(struct world *world, uint32_t frame);
void adapter_alarm(struct world *world, node_id node);
void adapter_sample(struct world *world, node_id node);

/* ---- process.c ----------------------------------------------------------- */

uint32_t process_find(const struct world *world, proc_id id);
proc_id process_id(const struct world *world, uint32_t index);

/* Into the CPU model of its place, and out of it. */
void process_run(struct world *world, uint32_t index);
void process_stop(struct world *world,
                  uint32_t index,
                  enum process_phase phase);

/* Put it on the list of another machine. */
void process_settle(struct world *world, uint32_t index, node_id place);

/* It is over: done (kind ENDED), or killed or lost. Frees what it held and
 * wakes the jobs that waited for it. */
void process_over(struct world *world,
                  uint32_t index,
                  enum record_kind kind,
                  const char *why);
double process_left_s(const struct world *world, uint32_t index);

/* Work done when so much is left. */
uint64_t process_done_us(const struct process *process, double left_s);

/* The bound and weight that the CPU model should use now have changed. */
void process_changed(struct world *world, uint32_t index);

/* What the node is told of it: identity and measured fields. */
void process_describe(const struct world *world,
                      uint32_t index,
                      struct proc_info *ret_info);

/* The end of the task in the CPU model. */
void process_finished(struct world *world, uint32_t index);

/* ---- memory.c ------------------------------------------------------------ */

bool memory_fits(const struct world *world, node_id node, uint64_t bytes);
void memory_take(struct world *world, node_id node, uint64_t bytes);
void memory_give(struct world *world, node_id node, uint64_t bytes);

/* Share of its speed that a machine has with so much resident. */
double memory_factor(const struct scenario_memory *memory,
                     uint64_t mem_bytes,
                     uint64_t resident_bytes,
                     double busy_cores);
double memory_paging_bytes_per_s(const struct scenario_memory *memory,
                                 uint64_t mem_bytes,
                                 uint64_t resident_bytes,
                                 double busy_cores);

/* Once there are arrivals: is one of them too large for every node, so that the
 * node where it runs must slow down? */
bool memory_is_short(const struct world *world);

/* May a newcomer run, by the rule when-full? If so, what is over memory and
 * swap then is killed at this date. */
bool memory_admit(struct world *world, uint32_t process);

/* The kernel ends the largest processes until what is resident fits. */
void memory_shortage(struct world *world, node_id node);

/* Tell the CPU model the speed and the free cores of a machine. */
void memory_refresh(struct world *world, node_id node);

/* ---- forwarding.c -------------------------------------------------------- */

struct forwarding
{
    double bound;     /* The most of a core that it can use. */
    double inflation; /* CPU time for a second of work. */
    double home_tax;  /* Cores of its home, at the rate it has alone. */
};
struct forwarding forwarding_of(const struct world *world, uint32_t process);

/* ---- mover.c ------------------------------------------------------------- */

static inline enum mover_phase mover_phase(const struct process *p)
{
    return p->mover ? (enum mover_phase)p->mover->phase : MOVER_IDLE;
}

void mover_carry(struct world *world,
                 uint32_t process,
                 const struct action *action);
void mover_cancel(struct world *world, uint32_t process);
void mover_over(struct world *world, uint32_t process);
void mover_flow_ended(struct world *world, uint32_t process, bool failed);
void mover_due(struct world *world, uint32_t process);

/* The nodes have decided: it runs at the target, or at its source again. False
 * if no image of it waits for that. */
bool mover_decided(struct world *world, uint32_t process, node_id runs_at);

/* What a process needs that moves or freezes; made at its first use. */
struct mover *mover_of(struct world *world, uint32_t process);

/* ---- freezer.c ----------------------------------------------------------- */

/* Its node wants it frozen, wants it back. */
void freezer_freeze(struct world *world, uint32_t process);
void freezer_thaw(struct world *world, uint32_t process);
void freezer_written(struct world *world, uint32_t process);
void freezer_reading(struct world *world, uint64_t turn);
void freezer_read(struct world *world, uint64_t turn);

/* ---- arrivals.c ---------------------------------------------------------- */

/* Fills jobs, processes, order, due. 0, or negative errno and a complaint. */
int arrivals_make(struct world *world,
                  const struct workload *traces,
                  struct complaint *ret_complaint);
void arrivals_job_over(struct world *world, uint32_t job);

/* ---- measure.c ----------------------------------------------------------- */

void measure_self(struct world *world,
                  node_id node,
                  struct node_info *ret_info);
void measure_instant(struct world *world,
                     node_id node,
                     struct node_info *ret_info);
void measure_boards(struct world *world);
void measure_tallies(struct world *world);

#endif /* SIM_WORLD_H */
