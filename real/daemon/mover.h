/* mover.h - carries out what a node decides about real processes: has the
 * deputies of the processes of this home and the guardians of the guests here,
 * each a process of its own (real/homenode), and tells the node what became of
 * them.
 *
 * The engine, a deputy and its guardians, keeps a process from being lost or
 * run twice whatever the daemons do. The ledger (algorithms/node) says where it
 * is to be. Where the two differ, since a daemon began anew or a host died, the
 * engine is right: home fetches the process and submits it again with a higher
 * epoch. docs/mover.md has the order of messages and what fails.
 *
 * One thread; nothing here waits.
 */
#ifndef REAL_DAEMON_MOVER_H
#define REAL_DAEMON_MOVER_H

#include <sys/types.h>

#include "../../algorithms/node/event.h"
#include "../../traces/complaint.h"
#include "../homenode/guest.h"

/* What the mover asks of the daemon around it. */
struct mover_daemon
{
    void *context;
    /* Step the node; now_us is filled in there. Its actions come back by the
     * functions below before this returns. */
    void (*step)(void *context, struct event *event);
    /* Whether the node has that process, in node_procs(). */
    bool (*has)(void *context, proc_id proc);
    /* A number that no process of this node had; 0: there is none. */
    proc_id (*new_proc)(void *context);
    /* One message to the daemon of another node, whose peer calls
     * mover_heard(). Negative errno: it cannot be reached. */
    int (*send)(void *context, node_id to, const uint8_t *bytes, size_t count);
    /* For the log: what became of a process, in words. */
    void (*say)(void *context, proc_id proc, const char *text);
};

struct mover_options
{
    node_id self;
    cluster_id cluster;
    const char *folder;   /* Of the node's state; it exists. */
    const char *socket;   /* For `vencejo run`, where users may connect. */
    const char *listen;   /* ADDR:PORT, for deputies of other nodes. */
    const char *guardian; /* The program vencejo-worker. */
    uint64_t lease_us;
    struct mover_daemon daemon;
};

struct node_mover;

/* Opens the socket and adopts what is left of a mover that was there before. */
int node_mover_create(struct node_mover **ret,
                      const struct mover_options *options,
                      struct complaint *ret_complaint);

/* Deputies and guardians go on, for the next one to adopt. */
void node_mover_destroy(struct node_mover *m);

/* Submit to the node what was adopted; once, when it has been started. */
void node_mover_start(struct node_mover *m);

/* Where deputies of other nodes connect: listen, with its port. */
const char *node_mover_address(const struct node_mover *m);

/* Readable when node_mover_step() has something to do. */
int node_mover_wait_on(const struct node_mover *m);
void node_mover_step(struct node_mover *m);

/* Actions of the node. info: of node_procs(), when CARRY came. */
void node_mover_carry(struct node_mover *m,
                      proc_id proc,
                      uint32_t epoch,
                      node_id target,
                      const struct proc_info *info);
void node_mover_cancel(struct node_mover *m, proc_id proc);
void node_mover_run(struct node_mover *m, proc_id proc);
void node_mover_drop(struct node_mover *m, proc_id proc);
void node_mover_freeze(struct node_mover *m, proc_id proc, bool frozen);
void node_mover_kill(struct node_mover *m, proc_id proc);

/* ACTION_LOST: if the engine has it still, it is fetched. */
void node_mover_lost(struct node_mover *m, proc_id proc);

/* A message of another node's daemon; what is none is ignored. */
void node_mover_heard(struct node_mover *m,
                      node_id from,
                      const uint8_t *bytes,
                      size_t count);

/* Processes that this node has, as far as they are here. */
struct node_mover_process
{
    proc_id proc;
    pid_t pid; /* At home; of a guest, its body on this machine. */
    node_id home;
    bool is_guest;
    bool is_away; /* Of this home, and elsewhere. */
    uint32_t epoch;
    uint32_t user;
    char state[24];
};
/* As many as fit; how many there are. */
size_t node_mover_list(const struct node_mover *m,
                       struct node_mover_process *ret,
                       size_t room);

/* What it was seen to use, of a reference core; 0: it is not here. */
uint64_t node_mover_cpu_us(const struct node_mover *m, proc_id proc);

/* mem_bytes, cpu_milli, cpu_used_us of what runs here, for EVENT_SAMPLED; how
 * many were filled in. */
size_t node_mover_sample(struct node_mover *m,
                         usec_t now_us,
                         uint32_t core_speed_milli,
                         struct proc_info *ret,
                         size_t room);

#endif /* REAL_DAEMON_MOVER_H */
