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
 *   ranks.c       what it costs the ranks of a parallel job to be apart
 *   arrivals.c    workload of the scenario -> processes
 *   invariants.h  what must hold at every step
 *   owners.h      owners and users who want something
 *   measure.c     what samples and metrics see
 *   maps.c        what owners say of their clusters, and who heard it
 *   discovery.c   who has heard of a node that came up
 *   machine.c     machines go down and come up again
 *   clocks.c      what the clocks of machines show
 *   faults.h      what breaks and is mended
 *   checkpoints.h processes are saved, and begin again
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
#define QUEUE_RANK_MIDDLE                              \
    (1u << 31) /* Of what nobody advanced or retarded. \
                */

enum happening_kind {
    HAPPENS_FRAME,  /* node: receiver; what: index of the frame. */
    HAPPENS_SUBMIT, /* what: process; only those that wait for another job. */
    HAPPENS_MOVER,  /* what: process, whose mover waited until now. */
    HAPPENS_NO_CARRYING, /* what: process, which cannot be carried now. */
    HAPPENS_NO_PAGES,    /* what: process, to run without its pages. */
    HAPPENS_REFUSAL,     /* what: process; memory and swap are full for it. */
    HAPPENS_SHORTAGE,    /* node: more is resident than memory and swap. */
    HAPPENS_WRITTEN,     /* what: process, in freeze space now. */
    HAPPENS_READING,     /* what: process and turn: the disk has come to it, */
    HAPPENS_READ,        /* and has read it back. */
    HAPPENS_KILL,        /* node: its owner ends it; what: process. */
    HAPPENS_WISH,        /* what: event of the scenario; node: times before. */
    HAPPENS_TURN,        /* what: who acts at random. */
    HAPPENS_ORDER,       /* node: hears; what: event and process. */
    HAPPENS_EMPTY,       /* node: its owner sees that nothing is left there; */
    HAPPENS_DEADLINE,    /* or that the deadline to leave has come; what: of
                          * which leave. */
    HAPPENS_FAULT,       /* what: entry of the list that begins or ends. */
    HAPPENS_CRASH,       /* node, by node_mtbf; */
    HAPPENS_REPAIRED,    /* and is repaired; what: it had been broken. */
    HAPPENS_CHECKPOINT,  /* what: number of the process that may be due. */
    HAPPENS_SAVED,       /* what: number and turn; it is written, */
    HAPPENS_RESTART,     /* and read back. */
};

enum process_phase {
    PROCESS_COMING,  /* Not submitted yet. */
    PROCESS_WAITING, /* Submitted; it has not run. */
    PROCESS_RUNNING,
    PROCESS_STOPPED,  /* For a migration. */
    PROCESS_SAVING,   /* For a checkpoint. */
    PROCESS_FREEZING, /* Its memory is being written to freeze space; */
    PROCESS_FROZEN,   /* is there; */
    PROCESS_THAWING,  /* is being read back. */
    PROCESS_VANISHED, /* No copy is left; its home does not know it yet. */
    PROCESS_GONE,     /* Ended, killed or lost. */
};

enum mover_phase {
    MOVER_IDLE,
    MOVER_DISK,    /* It is frozen; its image is read from freeze space. */
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
    double due; /* DISK, FIXED: when it is over. */
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
    bool source_dropped;    /* ARRIVED: the copy there is void. */
    bool pages_lost;        /* postcopy: its source died before they came. */
    uint32_t thaw_turn;     /* Counts the thaws. */
    uint32_t process;       /* Whose this is. */
    struct mover *next;     /* Of all movers of the world. */
};

/* One cache line: a run waits for memory more than for anything else. */
struct process
{
    node_id home;
    node_id place; /* Where it is: runs, waits or is stopped. */
    uint32_t job;  /* Index of its job. */
    uint32_t next; /* Others at the same place, in a ring; or of those that
                    * have vanished, or that wait for their home to come up. */
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

/* Small, for the same reason. */
struct job_state
{
    double submit;  /* Date; INFINITY while it waits for another job. */
    uint32_t first; /* Its processes: first .. first + count - 1. */
    uint32_t count;
    uint32_t user;
    uint32_t program;
    uint32_t load;     /* Of the scenario, whose wishes it has; */
    uint16_t priority; /* but these are its user's, who may change */
    bool locked : 1;   /* his mind. */
    bool held : 1;
    bool sent_out : 1; /* And asked that it leaves where it is, ever. */
    uint32_t queue_rank;
};

/* What only jobs of a workload need in which some wait for others. */
struct job_link
{
    double think_s;
    uint32_t left;        /* Its processes that are not gone yet. */
    uint32_t first_after; /* Jobs that wait for this one; JOB_NONE ends. */
    uint32_t next_after;
};

/* What every event asks for comes first, in one cache line. */
struct machine
{
    alignas(64) struct node *node;
    uint64_t origin_us;    /* Its clock showed this at the start, */
    double drift;          /* and runs by this share fast. */
    uint32_t process_list; /* Ring of the processes here; PROCESS_NONE. */
    uint32_t cluster;
    uint64_t resident_bytes;
    uint64_t mem_bytes;  /* Of its cluster's machines. */
    double home_tax;     /* Sum over the away processes of this home. */
    double taken_cores;  /* What the CPU model was last told, */
    double factor;       /* and the share of its speed. */
    double thrash_since; /* Date; NAN while memory suffices. */
    double thrash_s;
    bool node_owned;      /* It outgrew its first block: free() it. */
    bool down;            /* Ask machine_is_down(). */
    bool closed;          /* Its users can submit nothing now. */
    bool watched;         /* Its owner waits until it is empty. */
    uint32_t guest_limit; /* The most grid guests that its owner takes. */
    uint32_t boot_count;  /* Beyond the first. */
    uint32_t fall_count;  /* How often it went down. */
    uint32_t submit_list; /* Ring of the processes that wait to be submitted. */
    double down_since;    /* Date; NAN while it is up. */
    double down_s;
    uint32_t pulled_count; /* Processes elsewhere whose pages are here. */
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

/* An invariant that is broken (invariants.h). */
struct breach
{
    const char *name; /* NULL: none is. */
    usec_t at_us;
    node_id node;
    proc_id proc; /* 0: it is about none. */
    char what[160];
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
    uint32_t later_count;   /* Machines that are not there at the start. */
    uint32_t down_count;    /* Machines that are down, */
    uint32_t closed_count;  /* and that are closed. */
    uint32_t vanished_list; /* Ring of processes. */
    char *node_blocks; /* The first block of every node, node after node. */
    size_t node_blocks_bytes;
    struct process *processes; /* Job after job; index + 1 is in the id. Behind
                                * them the later lives of those that began again
                                * (checkpoints.h). */
    uint32_t process_count;
    size_t process_room;
    struct mover *movers; /* Owned by this, each by itself. */
    struct job_state *jobs;
    uint32_t job_count;
    size_t job_room;
    struct job_link *links; /* By job; NULL: none waits for another. */
    uint32_t *due;          /* Open jobs by date of submission. */
    uint32_t due_count;
    uint32_t due_next;
    uint32_t gone_count;    /* Processes that are gone; */
    uint32_t waiting_count; /* that wait for their home to come up. */
    uint32_t watch_count;   /* Machines that are watched. */
    uint64_t plan_count;    /* What may bring a home up or open it, and has its
                             * date in the heap. */
    struct owners *owners;  /* NULL if none wants anything. */
    struct faults *faults;  /* NULL if nothing breaks. */
    struct checkpoints *checkpoints; /* NULL if none are taken. */
    uint32_t *sample_order;          /* Machines by phase of their samples. */
    uint64_t *sample_phase_us;
    uint64_t sample_round;
    uint32_t sample_next;
    uint32_t sample_count;
    double age_next;
    struct node_policy policies[NODE_POLICIES_MAX];
    struct maps *maps; /* What owners said, and what nodes hold of it. */
    struct discoveries *discoveries; /* NULL: no node ever came up. */
    struct datagram *frames;
    uint32_t frame_count;
    uint32_t frame_free;
    struct batch *batch;
    struct policy_out *out;
    struct proc_info *sampled; /* Scratch of one sample. */
    size_t sampled_room;
    uint8_t *encoded; /* Scratch of one record, level full. */
    uint64_t *ages;   /* Scratch of one board. */
    struct isolation
        *isolations;      /* By node; NULL: invariants are not checked. */
    struct breach breach; /* The first invariant that is broken. */
    bool perfect;         /* information: perfect. */
    bool ranks_talk;      /* Ranks of some jobs do. */
    bool routed;          /* Frames and images may be sent at all. */
    const char *refusal;  /* Why the run cannot go on; NULL. */
};

/* ---- run.c --------------------------------------------------------------- */

usec_t world_us(const struct world *world);
void world_record(struct world *world, const struct record *record);

/* A record of this instant, to be filled and taken. */
struct record record_now(const struct world *world,
                         enum record_kind kind,
                         node_id node);

/* ---- clocks.c ------------------------------------------------------------ */

/* What the clock of a machine shows at a date, since it last came up; and now.
 * It never goes back. */
usec_t clock_at(const struct machine *machine, usec_t at_us);
usec_t clock_us(const struct world *world, node_id node);

/* The first date, not before now, at which it shows so much. INFINITY of
 * USEC_NEVER. */
double clock_date(const struct world *world, node_id node, usec_t shown_us);

/* Draw the origin and the drift of every machine. */
void clocks_make(struct world *world);

/* A machine comes up again: its clock has another origin. */
void clock_restart(struct world *world, node_id node);

/* ---- adapter.c ----------------------------------------------------------- */

/* Step a node with an event (its now_us is filled in) and carry out what it
 * asks for. Never called while another step is being carried out. */
void adapter_step(struct world *world, node_id node, struct event *event);
void adapter_start(struct world *world, node_id node);
void adapter_map(struct world *world, node_id node);
void adapter_submit(struct world *world, uint32_t process);
void adapter_submit_again(struct world *world,
                          uint32_t process,
                          uint32_t epoch);
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

/* Its number in the workload, which is in its id: of an entry that is a later
 * life, not its index. The entry of its life now; and the one of which a node
 * speaks: that is there, or on its way there; PROCESS_NONE if none is. */
uint32_t process_number(const struct world *world, uint32_t index);
uint32_t process_current(const struct world *world, uint32_t number);
uint32_t process_at(const struct world *world, node_id node, proc_id id);

/* Has its home given this copy up, and begins again, or has? What becomes of it
 * then is of no interest. */
bool process_is_stale(const struct world *world, uint32_t index);

/* No copy is left of a life, and another will follow: it is not over. */
void process_clear(struct world *world, uint32_t index);

/* None will follow, after all. */
void process_forgotten(struct world *world, uint32_t index, const char *why);

/* Put it on the list of another machine. */
void process_settle(struct world *world, uint32_t index, node_id place);

/* It cannot be submitted before its home is up again. */
void process_wait_for_home(struct world *world, uint32_t index);
void process_waits_no_more(struct world *world, uint32_t index);

/* It is over: done (kind ENDED), or killed or lost. Frees what it held and
 * wakes the jobs that waited for it. */
void process_over(struct world *world,
                  uint32_t index,
                  enum record_kind kind,
                  const char *why);
void process_killed_by_owner(struct world *world,
                             uint32_t index,
                             const char *why);

/* No copy of it is left: until its home finds out by the protocol of the nodes
 * and says LOST, it has vanished; killed, if nobody will ever find out. */
void process_vanish(struct world *world, uint32_t index, const char *why);

/* Its home has lost it for good, and the record of that is written. What still
 * runs of it elsewhere is over when that node drops it. */
void process_lost(struct world *world, uint32_t index);

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
void memory_tell_cpu(struct world *world, node_id node);

/* The same where something may have changed. Mostly memory suffices, nothing is
 * forwarded here, and it was so before. */
static inline void memory_refresh(struct world *world, node_id node)
{
    const struct machine *m = &world->machines[node];
    bool at_ease = m->resident_bytes <= m->mem_bytes && m->home_tax == 0;
    if (!at_ease || m->factor != 1 || m->taken_cores != 0)
        memory_tell_cpu(world, node);
}

/* ---- maps.c -------------------------------------------------------------- */

/* 0, or negative errno; world->routed is known. */
int maps_create(struct world *world);
void maps_destroy(struct world *world);

/* What the owner of that cluster said last. */
struct cluster_record maps_record(const struct world *world, uint32_t cluster);

/* The rule for that partner, 0 for others, becomes this one. */
void record_put_rule(struct cluster_record *record,
                     const struct cluster_rule *rule);

/* Before a node starts. Its host holds what it held when it went down; one that
 * is not on that map has besides been given its owner's last word. */
void maps_install(struct world *world, node_id node);

/* What its host holds, into an event of that node: the map, and the records if
 * the scenario has partners or owners' events. Valid until it holds another. */
void maps_show(struct world *world, node_id node, struct event *event);

/* The owner of that record's cluster tells one node, which is up, a version
 * younger than his last. */
void maps_owner_says(struct world *world,
                     node_id node,
                     const struct cluster_record *record);

/* ACTION_RECORD; and when the batch of its step is done, the node hears what
 * came of it, if anything did. */
void maps_hear(struct world *world, node_id node, const struct action *action);
void maps_tell(struct world *world, node_id node);

/* What the node knows of all clusters, and its owner's word on its own. */
const struct cluster_info *maps_held(const struct world *world, node_id node);
const struct cluster_record *maps_own_record(const struct world *world,
                                             node_id node);

/* The version that a node's host holds of a cluster's record; versions of maps
 * that are in memory. */
uint32_t maps_version(const struct world *world,
                      node_id node,
                      uint32_t cluster);
uint32_t maps_count(const struct world *world);

/* ---- owners.c ------------------------------------------------------------ */

/* 0, or negative errno; machines and jobs are made. */
int owners_create(struct world *world);
void owners_destroy(struct world *world);

/* The nodes have started. */
void owners_start(struct world *world);

/* What was planned for this date. */
void owners_wish(struct world *world, size_t index, uint32_t times_before);
void owners_turn(struct world *world, uint32_t index);
void owners_order(struct world *world, node_id node, uint64_t what);
void owners_empty(struct world *world, node_id node);
void owners_deadline(struct world *world, node_id node, uint64_t leave_count);

/* A node that came up hears again what its owner had said of it. */
void owners_booted(struct world *world, node_id node);

/* Something happened at a watched machine: is it empty now? */
void owners_look(struct world *world, node_id node);

/* ---- faults.c ------------------------------------------------------------ */

/* 0, or negative errno and a complaint of a scenario that cannot be run;
 * machines and the net are made. */
int faults_create(struct world *world, struct complaint *ret_complaint);
void faults_destroy(struct world *world);

/* The nodes have started. */
void faults_start(struct world *world);

/* That entry of the list begins, or ends; a machine crashes by node_mtbf; is
 * repaired. */
void faults_fault(struct world *world, size_t index);
void faults_crash(struct world *world, node_id node);
void faults_repaired(struct world *world, node_id node, bool crashed);

/* Is the way between two nodes closed? Is this frame, that is being sent, lost?
 */
bool faults_closed(const struct world *world, node_id source, node_id target);
bool faults_lose(struct world *world, node_id source, node_id target);

/* ---- discovery.c --------------------------------------------------------- */

/* A node is known when so many other nodes that are up have had a word on their
 * boards that it spoke since it came up: all of them if a board has room for
 * these, else as many as a board has entries. Then RECORD_KNOWN is written. */
void discovery_up(struct world *world, node_id node);
void discovery_down(struct world *world, node_id node);

/* After a step of that node, if any node ever came up. */
void discovery_look(struct world *world, node_id node);
void discovery_finish(struct world *world);

/* ---- machine.c ----------------------------------------------------------- */

/* From now on nothing happens there, and frames to it are lost; a record `down`
 * has the reason, kept by the caller until then. What is only copies in the
 * simulator goes at once, what the nodes have to find out they find out by
 * their own protocol (handoff.h):
 *   processes of this home that are here    are killed: nobody knows them now;
 *   guests here                             vanish, and their homes lose them;
 *   carryings from here                     are broken; the target's room
 *                                           lapses;
 *   carryings to here                       are broken: CARRIED, not done, at
 *                                           the living source;
 *   images whole here that wait for a verdict  are void, their source asks;
 *   images from here, whole at the target   live on there, if it had claimed;
 *   processes of this home elsewhere        run on until they hear of it.
 * Jobs of this home that would begin now wait until it is up. */
void machine_down(struct world *world, node_id node, const char *why);

/* A fresh node starts there with an empty board, and a clock whose origin is
 * another; a record `up` has the reason. The machine is down. */
void machine_up(struct world *world, node_id node, const char *why);

/* Its users can submit nothing, or can again: what they wanted to submit
 * meanwhile comes then. A machine that is down submits nothing anyway. */
void machine_close(struct world *world, node_id node);
void machine_open(struct world *world, node_id node);

static inline bool machine_is_down(const struct world *world, node_id node)
{
    return world->down_count > 0 && world->machines[node].down;
}

static inline bool machine_is_closed(const struct world *world, node_id node)
{
    return world->closed_count > 0 && world->machines[node].closed;
}

/* ---- forwarding.c -------------------------------------------------------- */

struct forwarding
{
    double bound;     /* The most of a core that it can use. */
    double inflation; /* CPU time for a second of work. */
    double home_tax;  /* Cores of its home, at the rate it has alone. */
};
struct forwarding forwarding_of(const struct world *world, uint32_t process);

/* ---- ranks.c ------------------------------------------------------------- */

/* Does it belong to a job whose ranks send to each other? The others are asked
 * for those alone. */
bool ranks_talk(const struct world *world, uint32_t process);

/* What it waits for the messages of a second of work. */
double ranks_wait_s(const struct world *world, uint32_t process);

/* It started, is elsewhere or is over: the others send to it otherwise. */
void ranks_changed(struct world *world, uint32_t process);

/* sibling_node and sibling_bytes_per_s. */
void ranks_describe(const struct world *world,
                    uint32_t process,
                    struct proc_info *ret_info);

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

/* It is the target's now, but does not run. */
void mover_arrives(struct world *world, uint32_t process);

/* That node of the carrying has dropped its copy. True if no copy is left. */
bool mover_dropped(struct world *world, uint32_t process, node_id node);

/* A machine went down and takes no part in carryings any more. Processes that
 * are there are still on its list. */
void mover_machine_down(struct world *world, node_id node);

/* Its node lets it run, and its pages are lost: it ends when the step is over.
 * False if that is not so. */
bool mover_misses_pages(struct world *world, uint32_t process);
void mover_no_pages(struct world *world, uint32_t process);

/* The nodes have decided: it runs at the target, or at its source again. False
 * if no image of it waits for that. */
bool mover_decided(struct world *world, uint32_t process, node_id runs_at);

/* What a process needs that moves or freezes; made at its first use. */
struct mover *mover_of(struct world *world, uint32_t process);

/* ---- checkpoints.c ------------------------------------------------------- */

/* 0, or negative errno; there are processes. */
int checkpoints_create(struct world *world);
void checkpoints_destroy(struct world *world);

/* How many entries of world->processes are later lives. */
uint32_t checkpoints_lives(const struct world *world);

/* It runs, or runs again. */
void checkpoints_runs(struct world *world, uint32_t process);

/* What the heap and the net tell. */
void checkpoints_due(struct world *world, uint32_t number);
void checkpoints_flow_ended(struct world *world, uint32_t process, bool failed);
void checkpoints_written(struct world *world, uint64_t turn);
void checkpoints_restart(struct world *world, uint64_t turn);

/* One that is being taken is given up; the process is STOPPED, or runs on. */
void checkpoints_break(struct world *world, uint32_t process);
void checkpoints_interrupt(struct world *world, uint32_t process);

/* A copy of it may have this epoch. */
void checkpoints_epoch(struct world *world, uint32_t process, uint32_t epoch);

/* Is that the epoch of a copy of a life before? */
bool checkpoints_is_past(const struct world *world,
                         uint32_t number,
                         uint32_t epoch);

/* True if it begins again: its home says that it has lost it; it has lost its
 * pages, of which its home hears as of an end; no copy is left, and its home is
 * down. Else nothing is changed. */
bool checkpoints_lost(struct world *world, uint32_t number);
bool checkpoints_pages_lost(struct world *world, uint32_t process);
void checkpoints_heard_of_end(struct world *world, uint32_t number);
bool checkpoints_await_home(struct world *world, uint32_t process);

/* Does it read what is to begin again there? */
bool checkpoints_reads(const struct world *world, node_id home);

/* A home is down, and what was kept on its disk is lost with it; it is up. */
void checkpoints_home_down(struct world *world, node_id home);
void checkpoints_disk_lost(struct world *world, node_id home);
void checkpoints_home_up(struct world *world, node_id home);

/* ---- freezer.c ----------------------------------------------------------- */

/* The disk of a node does one thing after another. The date at which it begins
 * with this, which takes so long. */
double disk_begins(struct world *world, node_id node, double seconds);

/* Its node wants it frozen, wants it back. */
void freezer_freeze(struct world *world, uint32_t process);
void freezer_thaw(struct world *world, uint32_t process);
void freezer_written(struct world *world, uint32_t process);
void freezer_reading(struct world *world, uint64_t turn);
void freezer_read(struct world *world, uint64_t turn);

/* Its image in freeze space is to be carried elsewhere: the date when the disk
 * has read it for that. A thaw is broken off; freezer_thaw() begins it anew. */
double freezer_image_read(struct world *world, uint32_t process);

/* It is elsewhere, or over: the room is given back. */
void freezer_leave(struct world *world, uint32_t process);

static inline bool process_is_frozen(const struct process *p)
{
    return PROCESS_FREEZING <= p->phase && p->phase <= PROCESS_THAWING;
}

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
