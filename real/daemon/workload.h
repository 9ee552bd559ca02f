/* workload.h - the processes of a node, as the daemon sees them: what it asks
 * of whoever runs and moves them, and what it is told.
 *
 * The daemon decides nothing about a process and moves none: the node core does
 * (algorithms/node/event.h), and each function here is one of its actions or
 * events, with the meaning that event.h gives it. Whoever carries actions out
 * implements struct node_workload; the daemon fills struct workload_listener.
 *
 * All is called from the thread of the loop and returns at once: what takes
 * time is done elsewhere and told later. The listener may be called from inside
 * a function of struct node_workload: the daemon takes it up after the action
 * that is being carried out, and what is pointed to is copied. Actions about a
 * process come in the order in which they were decided. One about a process
 * that is not here any more (its end crossed the decision) is passed over.
 */
#ifndef REAL_DAEMON_WORKLOAD_H
#define REAL_DAEMON_WORKLOAD_H

#include <jansson.h>
#include <sys/types.h>

#include "../../algorithms/node/event.h"
#include "roster.h"
#include "seal.h"

enum { WORKLOAD_MESSAGE_BYTES_MAX = SEAL_PLAIN_BYTES_MAX - 1 };

/* What the daemon is told. */
struct workload_listener
{
    void *user;

    /* A number that no process of this node had before, not even before a
     * restart: home x 2^32 + n. 0: the state folder cannot be written, so
     * nothing may start; the daemon has logged why. */
    proc_id (*new_proc)(void *user);

    /* EVENT_SUBMIT: held before its first instruction until run(). All fields
     * of proc_info but state are the workload's; home, home_cluster and the
     * instants are filled by the daemon. epoch as in event.h: 0, or above all
     * that it ever had. False: refused, for this node has no room for it or
     * stops; nothing follows. */
    bool (*submit)(void *user, const struct proc_info *proc, uint32_t epoch);

    /* EVENT_IMAGE: a whole image came from that node; it does not run until
     * run(), or freeze() with an epoch. proc as the source had it, came_from
     * set. */
    void (*image)(void *user,
                  const struct proc_info *proc,
                  uint32_t epoch,
                  node_id from);

    /* EVENT_CARRIED: one for each carry(), but after cancel() or a kill none.
     */
    void (*carried)(void *user,
                    proc_id proc,
                    uint32_t epoch,
                    bool done,
                    usec_t frozen_us,
                    uint64_t copied_bytes);

    /* EVENT_ENDED: it exited here, and is gone from the next sample on. cpu_us:
     * all that it used anywhere, of a reference core. status as of wait(2). */
    void (*ended)(void *user, proc_id proc, uint64_t cpu_us, int status);

    /* EVENT_MOVE: it has to go there, home, for a call. */
    void (*move)(void *user, proc_id proc, node_id to);

    /* EVENT_CHANGED: what its user says of it; this node is its home. */
    void (*changed)(void *user, const struct proc_info *proc);

    /* Whether the core has it here, in node_procs(). */
    bool (*has)(void *user, proc_id proc);

    /* A message to the workload of another node, WORKLOAD_MESSAGE_BYTES_MAX at
     * most: sealed, and lost, doubled or overtaken as any datagram may be.
     * -ENOENT: no such member; -EMSGSIZE. */
    int (*send)(void *user, node_id to, const uint8_t *bytes, size_t count);

    /* For people. */
    void (*said)(void *user, const char *text);
};

/* Who asks through the local socket, as the kernel says. */
struct workload_caller
{
    uid_t uid;
    gid_t gid;
    pid_t pid;
};

/* What is asked of it. user is handed to each function; members that are not
 * marked may not be NULL. */
struct node_workload
{
    void *user;

    /* First and once, before anything else: from now on the listener may be
     * called. It outlives the workload. Processes and guests of before a
     * restart are told of by submit() and image() with their epochs, or ended.
     */
    void (*start)(void *user, const struct workload_listener *listener);

    /* What is here and has been told of, by ascending id, measured; at most max
     * of them. Returns how many there are: if that is more, it is asked again
     * with more room. Called once in a sample period. */
    size_t (*sample)(void *user,
                     usec_t now_us,
                     struct proc_info *ret,
                     size_t max);

    /* It can take and give processes; else the node says that it is full. */
    bool moves;

    /* Bits of enum workload_guess, of what sample() cannot measure. */
    uint32_t guesses;

    /* Freeze space: images of frozen processes, all and free. */
    void (*freeze_space)(void *user,
                         uint64_t *ret_total_bytes,
                         uint64_t *ret_free_bytes);

    /* The actions of these names. proc is as the core holds it now, and valid
     * until the function returns: of an image that is to be carried, what the
     * target is told of it. start: it has not run yet. */
    void (*carry)(void *user,
                  const struct proc_info *proc,
                  uint32_t epoch,
                  node_id target,
                  bool start);
    void (*cancel)(void *user, proc_id proc);
    void (*run)(void *user, proc_id proc);
    void (*drop)(void *user, proc_id proc);
    void (*freeze)(void *user, proc_id proc, uint32_t epoch);
    void (*thaw)(void *user, proc_id proc);
    void (*kill)(void *user, proc_id proc);

    /* This node is its home: it ended away, or it was lost with that node. */
    void (*ended_away)(void *user, proc_id proc);
    void (*lost)(void *user, proc_id proc, node_id with);

    /* This node gave it away: it runs there now, with that epoch. */
    void (*moved)(void *user, proc_id proc, node_id place, uint32_t epoch);

    /* What the workload of that member has sent. */
    void (*heard)(void *user, node_id from, const uint8_t *bytes, size_t count);

    /* Another roster: keys and addresses of members. The old one is gone when
     * this returns. */
    void (*roster)(void *user, const struct roster *roster);

    /* A request of the local socket whose name the daemon does not know; NULL:
     * there are none. Answers with a new object (docs/daemon.md), or NULL: it
     * does not know it either. May keep *ret_fd, which is -1 or was passed
     * along, by setting it to -1. */
    json_t *(*request)(void *user,
                       const struct workload_caller *caller,
                       const json_t *request,
                       int *ret_fd);

    /* Whose process it is at its home, and its number here; false: not known
     * here. Who may kill it may command it. */
    bool (*whose)(void *user, proc_id proc, uid_t *ret_uid, pid_t *ret_pid);

    /* The number of that process, of its home or here; 0: it is none of ours.
     */
    proc_id (*proc_of)(void *user, pid_t pid);

    /* Stop: tell nothing any more, leave deputies and guardians as they are,
     * who live on without the daemon. */
    void (*stop)(void *user);
};

/* Fields of proc_info that are a guess; the journal's header names them. */
enum workload_guess {
    GUESS_CPU = 1,        /* cpu_milli */
    GUESS_DIRTY = 2,      /* dirty_bytes_per_s */
    GUESS_HOME_CALLS = 4, /* home_calls_per_s */
    GUESS_HOME_BYTES = 8, /* home_bytes_per_s */
    GUESS_SIBLINGS = 16,  /* sibling_node, sibling_bytes_per_s */
    GUESS_MEM = 32,       /* mem_bytes */
};

#endif /* REAL_DAEMON_WORKLOAD_H */
